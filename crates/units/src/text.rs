//! How a quantity travels in TOML, JSON and JSON Schema: always as text with its unit.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::de::{self, Deserializer, Visitor};

use crate::UnitError;

/// A quantity that is written as text.
pub(crate) trait Text: FromStr<Err = UnitError> {
    /// What is wanted where it stands, with an example.
    const EXPECTED: &'static str;
}

/// Reads a quantity from text; a bare number is refused with a message that names the unit.
pub(crate) fn deserialize<'de, T: Text, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    // Asking for any value lets a bare number reach the visitor; `deserialize_str` has formats refuse it in their words.
    deserializer.deserialize_any(TextVisitor(PhantomData))
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: Text> TextVisitor<T> {
    fn bare<E: de::Error>(number: impl fmt::Display) -> E {
        E::custom(UnitError::NoUnit { expected: T::EXPECTED, found: number.to_string() })
    }
}

impl<T: Text> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        Err(Self::bare(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        Err(Self::bare(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<T, E> {
        Err(Self::bare(number))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<T, E> {
        Err(Self::bare(flag))
    }
}

/// Gives a quantity with `FromStr` and `Display` its serde and JSON Schema forms.
macro_rules! text_form {
    ($name:ident, expected: $expected:literal, about: $about:literal, pattern: $pattern:literal, examples: $examples:expr) => {
        impl crate::text::Text for $name {
            const EXPECTED: &'static str = $expected;
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::text::deserialize(deserializer)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": $about,
                    "pattern": $pattern,
                    "examples": $examples,
                })
            }
        }
    };
}

pub(crate) use text_form;
