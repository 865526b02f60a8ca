//! `[sweep]`: which scenarios a sweep runs.

use std::fmt;

use indexmap::IndexMap;
use ingestsim_units::Share;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess},
    ser::SerializeMap,
};

/// The most replications there may be: a mean of so many is known to a fiftieth of their standard deviation.
pub const REPLICATIONS_MAX: u32 = 10_000;

/// A grid of scenarios around one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Sweep {
    /// Runs of each point with other luck.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replications: Option<u32>,
    /// Replicates each point until its interval is this narrow, relative to the mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Share>,
    /// The most replications that `precision` may ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_replications: Option<u32>,
    /// Keys that vary together, from lists of equal length: one axis of the grid, its first.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub zip: IndexMap<String, Axis>,
    /// Keys that each vary on their own. The first varies slowest.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub grid: IndexMap<String, Axis>,
}

/// The values of one key.
#[derive(Debug, Clone, PartialEq)]
pub enum Axis {
    /// These values, as they would be written in the scenario.
    List(Vec<toml::Value>),
    /// Values between two, equally far apart on a scale.
    Range(Range),
}

/// Values between two.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// What the distance is equal on.
    pub scale: Scale,
    /// The first value.
    pub from: toml::Value,
    /// The last value.
    pub to: toml::Value,
    /// How many values, both ends counted.
    pub points: u32,
}

/// What the values of a range are equally far apart on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Each value is the one before times a factor.
    Log,
    /// Each value is the one before plus a step.
    Linear,
}

impl Scale {
    /// The key of a range on this scale.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Linear => "linear",
        }
    }
}

impl Serialize for Axis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::List(values) => values.serialize(serializer),
            Self::Range(range) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry(range.scale.key(), &[&range.from, &range.to])?;
                map.serialize_entry("points", &range.points)?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Axis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AxisVisitor)
    }
}

struct AxisVisitor;

impl<'de> de::Visitor<'de> for AxisVisitor {
    type Value = Axis;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a list of values, { log = [from, to], points = n } or { linear = [from, to], points = n }",
        )
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Axis, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Axis::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Axis, A::Error> {
        let keys = RangeKeys::deserialize(de::value::MapAccessDeserializer::new(map))?;
        let (scale, [from, to]) = match (keys.log, keys.linear) {
            (Some(ends), None) => (Scale::Log, ends),
            (None, Some(ends)) => (Scale::Linear, ends),
            (Some(_), Some(_)) => {
                return Err(de::Error::custom("expected one of log and linear, found both"));
            }
            (None, None) => return Err(de::Error::custom("expected one of log and linear, found neither")),
        };
        Ok(Axis::Range(Range { scale, from, to, points: keys.points }))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RangeKeys {
    #[serde(default)]
    log: Option<[toml::Value; 2]>,
    #[serde(default)]
    linear: Option<[toml::Value; 2]>,
    points: u32,
}

impl JsonSchema for Axis {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Axis".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let range = |key: &str| {
            json_schema!({
                "type": "object",
                "properties": {
                    key: { "type": "array", "minItems": 2, "maxItems": 2 },
                    "points": { "type": "integer", "minimum": 1 },
                },
                "required": [key, "points"],
                "additionalProperties": false,
            })
        };
        json_schema!({ "oneOf": [{ "type": "array", "minItems": 1 }, range("log"), range("linear")] })
    }
}
