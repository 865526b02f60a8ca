//! "Any spread": a quantity that is fixed, or differs from draw to draw.

use std::{borrow::Cow, fmt, marker::PhantomData};

use ingestsim_units::{Bytes, Span};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess},
    ser::SerializeMap,
};

/// A quantity that has a distribution.
///
/// Written as a quantity (`"12 ms"`), or as a table with exactly one key: `{ normal = { mean, sd } }`,
/// `{ lognormal = { mean, sd } }` (or mean and cv, mean and sigma, median and p99), `{ table = "x.csv" }`.
#[derive(Debug, Clone, PartialEq)]
pub enum Spread<T> {
    /// Always the same.
    Fixed(T),
    /// Normal, cut at zero.
    Normal(Normal<T>),
    /// Lognormal.
    LogNormal(LogNormal<T>),
    /// As often as was counted: value and count. Read from a CSV file beside the scenario, or written in place.
    Table(Vec<(T, u64)>),
}

/// A normal distribution before it is cut at zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Normal<T> {
    /// Its mean.
    pub mean: T,
    /// Its standard deviation.
    pub sd: T,
}

/// A lognormal distribution, by one of four pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LogNormal<T> {
    /// Mean and standard deviation.
    MeanSd {
        /// The mean.
        mean: T,
        /// The standard deviation.
        sd: T,
    },
    /// Mean and coefficient of variation: sd = cv × mean.
    MeanCv {
        /// The mean.
        mean: T,
        /// The coefficient of variation.
        cv: f64,
    },
    /// Mean and the standard deviation of the logarithm.
    MeanSigma {
        /// The mean.
        mean: T,
        /// The standard deviation of the natural logarithm.
        sigma: f64,
    },
    /// Median and 99th percentile.
    MedianP99 {
        /// The median.
        median: T,
        /// What 99 in 100 draws are below.
        p99: T,
    },
}

/// A quantity that may have a spread.
pub trait Spreadable: Copy + fmt::Display + Serialize + JsonSchema + for<'de> Deserialize<'de> {
    /// What to write where a spread is wanted.
    const EXPECTED: &'static str;
    /// What each row of a table begins with.
    const ROW: &'static str;
    /// The largest value of a draw, 2^54 base units, in words.
    const DRAWN_MAX: &'static str;

    /// The quantity in base units (bytes, nanoseconds).
    fn base(self) -> u64;
}

impl Spreadable for Bytes {
    const EXPECTED: &'static str =
        "a size such as \"500 GB\", or one of { normal = … }, { lognormal = … }, { table = … }";
    const ROW: &'static str = "a size such as \"110 kB\" and a count";
    const DRAWN_MAX: &'static str = "18 PB";

    fn base(self) -> u64 {
        self.get()
    }
}

impl Spreadable for Span {
    const EXPECTED: &'static str =
        "a time such as \"12 ms\", or one of { normal = … }, { lognormal = … }, { table = … }";
    const ROW: &'static str = "a time such as \"12 ms\" and a count";
    const DRAWN_MAX: &'static str = "208 d";

    fn base(self) -> u64 {
        self.as_nanos()
    }
}

/// The keys of a spread's table.
const VARIANTS: &[&str] = &["normal", "lognormal", "table"];

impl<T> From<T> for Spread<T> {
    fn from(value: T) -> Self {
        Self::Fixed(value)
    }
}

impl<T: Spreadable> Spread<T> {
    /// The mean in base units; a normal's before it is cut at zero.
    ///
    /// A lognormal of median m and 99th percentile q has sigma = ln(q / m) / 2.3263 and mean m·exp(sigma² / 2).
    #[must_use]
    pub fn mean_f64(&self) -> f64 {
        match self {
            Self::Fixed(value) => value.base() as f64,
            Self::Normal(normal) => normal.mean.base() as f64,
            Self::LogNormal(
                LogNormal::MeanSd { mean, .. }
                | LogNormal::MeanCv { mean, .. }
                | LogNormal::MeanSigma { mean, .. },
            ) => mean.base() as f64,
            Self::LogNormal(LogNormal::MedianP99 { median, p99 }) => {
                let (median, p99) = (median.base() as f64, p99.base() as f64);
                let sigma = (p99 / median).ln() / NORMAL_P99;
                median * (sigma * sigma / 2.0).exp()
            }
            Self::Table(rows) => {
                let count = rows.iter().map(|(_, count)| *count as f64).sum::<f64>();
                rows.iter().map(|(value, n)| value.base() as f64 * *n as f64).sum::<f64>() / count
            }
        }
    }
}

/// The 99th percentile of the standard normal distribution.
const NORMAL_P99: f64 = 2.326_347_874_040_841;

impl<T: Spreadable> Serialize for Spread<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Fixed(value) = self {
            return value.serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Fixed(_) => {}
            Self::Normal(normal) => map.serialize_entry("normal", normal)?,
            Self::LogNormal(lognormal) => map.serialize_entry("lognormal", lognormal)?,
            Self::Table(rows) => map.serialize_entry("table", &rows.iter().map(Row).collect::<Vec<_>>())?,
        }
        map.end()
    }
}

/// A row as it is written: `["110 kB", 3]`.
struct Row<'a, T>(&'a (T, u64));

impl<T: Spreadable> Serialize for Row<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Spreadable> Deserialize<'de> for Spread<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpreadVisitor(PhantomData))
    }
}

struct SpreadVisitor<T>(PhantomData<T>);

impl<'de, T: Spreadable> de::Visitor<'de> for SpreadVisitor<T> {
    type Value = Spread<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Spread<T>, E> {
        T::deserialize(de::value::StrDeserializer::new(text)).map(Spread::Fixed)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Spread<T>, A::Error> {
        let Some(variant) = map.next_key::<String>()? else {
            let found = de::Unexpected::Other("an empty table");
            return Err(de::Error::invalid_value(found, &self));
        };
        let spread = match variant.as_str() {
            "normal" => Spread::Normal(map.next_value()?),
            "lognormal" => Spread::LogNormal(map.next_value()?),
            "table" => Spread::Table(map.next_value()?),
            _ => return Err(de::Error::unknown_field(&variant, VARIANTS)),
        };
        // A second key would otherwise be dropped without a word.
        match map.next_key::<String>()? {
            None => Ok(spread),
            Some(second) => {
                let one = VARIANTS.join(", ");
                let message = format_args!("expected exactly one of {one}, found {variant} and {second}");
                Err(de::Error::custom(message))
            }
        }
    }
}

/// The keys of a lognormal's table as they are written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct LogNormalKeys<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    median: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sd: Option<T>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cv: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sigma: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p99: Option<T>,
}

impl<T: Spreadable> Serialize for LogNormal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let empty = LogNormalKeys { mean: None, median: None, sd: None, cv: None, sigma: None, p99: None };
        let keys = match *self {
            Self::MeanSd { mean, sd } => LogNormalKeys { mean: Some(mean), sd: Some(sd), ..empty },
            Self::MeanCv { mean, cv } => LogNormalKeys { mean: Some(mean), cv: Some(cv), ..empty },
            Self::MeanSigma { mean, sigma } => {
                LogNormalKeys { mean: Some(mean), sigma: Some(sigma), ..empty }
            }
            Self::MedianP99 { median, p99 } => {
                LogNormalKeys { median: Some(median), p99: Some(p99), ..empty }
            }
        };
        keys.serialize(serializer)
    }
}

impl<'de, T: Spreadable> Deserialize<'de> for LogNormal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keys = LogNormalKeys::<T>::deserialize(deserializer)?;
        match keys {
            LogNormalKeys {
                mean: Some(mean),
                median: None,
                sd: Some(sd),
                cv: None,
                sigma: None,
                p99: None,
            } => Ok(Self::MeanSd { mean, sd }),
            LogNormalKeys {
                mean: Some(mean),
                median: None,
                sd: None,
                cv: Some(cv),
                sigma: None,
                p99: None,
            } => Ok(Self::MeanCv { mean, cv }),
            LogNormalKeys {
                mean: Some(mean),
                median: None,
                sd: None,
                cv: None,
                sigma: Some(sigma),
                p99: None,
            } => Ok(Self::MeanSigma { mean, sigma }),
            LogNormalKeys {
                mean: None,
                median: Some(median),
                sd: None,
                cv: None,
                sigma: None,
                p99: Some(p99),
            } => Ok(Self::MedianP99 { median, p99 }),
            keys => Err(de::Error::custom(format_args!("expected {PAIRS}, found {}", keys.found()))),
        }
    }
}

/// What a lognormal is stated by.
const PAIRS: &str = "one of the pairs mean and sd, mean and cv, mean and sigma, median and p99";

impl<T> LogNormalKeys<T> {
    /// The keys that are there, for a message.
    fn found(&self) -> String {
        let keys = [
            ("mean", self.mean.is_some()),
            ("median", self.median.is_some()),
            ("sd", self.sd.is_some()),
            ("cv", self.cv.is_some()),
            ("sigma", self.sigma.is_some()),
            ("p99", self.p99.is_some()),
        ];
        let there = keys.iter().filter(|(_, there)| *there).map(|(key, _)| *key).collect::<Vec<_>>();
        if there.is_empty() { "no key".to_owned() } else { there.join(", ") }
    }
}

impl<T: Spreadable> JsonSchema for LogNormal<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("LogNormal{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let quantity = generator.subschema_for::<T>();
        let pair = |first: &str, second: &str, of: &Schema| {
            json_schema!({
                "type": "object",
                "properties": { first: quantity, second: of },
                "required": [first, second],
                "additionalProperties": false,
            })
        };
        let number = json_schema!({ "type": "number", "minimum": 0 });
        json_schema!({ "oneOf": [
            pair("mean", "sd", &quantity),
            pair("mean", "cv", &number),
            pair("mean", "sigma", &number),
            pair("median", "p99", &quantity),
        ] })
    }
}

impl<T: Spreadable> JsonSchema for Spread<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Spread{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let quantity = generator.subschema_for::<T>();
        let normal = generator.subschema_for::<Normal<T>>();
        let lognormal = generator.subschema_for::<LogNormal<T>>();
        let rows = generator.subschema_for::<Vec<(T, u64)>>();
        let one = |key: &str, of: &Schema| {
            json_schema!({
                "type": "object",
                "properties": { key: of },
                "required": [key],
                "additionalProperties": false,
            })
        };
        let table = json_schema!({ "anyOf": [{ "type": "string", "description": "A CSV file of value and count." }, rows] });
        json_schema!({ "oneOf": [
            quantity,
            one("normal", &normal),
            one("lognormal", &lognormal),
            one("table", &table),
        ] })
    }
}
