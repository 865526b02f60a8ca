//! `[loader.pytorch]` and `[loader.tf-data]`: how samples are read, decoded and handed over.

use std::fmt;

use ingestsim_units::{Rate, Span};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::cache::SampleCache;

/// The data loader of every rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Loader {
    /// PyTorch's `DataLoader`: worker processes that each prepare whole batches.
    #[serde(rename = "pytorch")]
    PyTorch(PyTorch),
    /// A tf.data pipeline (also right for DALI): samples read in parallel across batches.
    TfData(TfData),
}

impl Loader {
    /// The name of the loader's table.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PyTorch(_) => "pytorch",
            Self::TfData(_) => "tf-data",
        }
    }

    /// What decoding a sample costs.
    #[must_use]
    pub const fn decode(&self) -> &Decode {
        match self {
            Self::PyTorch(loader) => &loader.decode,
            Self::TfData(loader) => &loader.decode,
        }
    }

    /// The in-memory cache of samples, if the loader has one.
    #[must_use]
    pub const fn sample_cache(&self) -> Option<&SampleCache> {
        match self {
            Self::PyTorch(loader) => loader.sample_cache.as_ref(),
            Self::TfData(loader) => loader.sample_cache.as_ref(),
        }
    }
}

/// PyTorch's `DataLoader`, per rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PyTorch {
    /// Worker processes; 0 reads within the training loop.
    #[serde(default = "workers")]
    pub workers: u32,
    /// Batches handed out to each worker ahead of their use.
    #[serde(default = "prefetch_factor")]
    pub prefetch_factor: u32,
    /// Samples that a worker reads at a time.
    #[serde(default = "threads_per_worker")]
    pub threads_per_worker: u32,
    /// Whether the workers live on from one epoch to the next.
    #[serde(default)]
    pub persistent_workers: bool,
    /// How long a rank takes to start one worker; they start in turn.
    #[serde(default = "worker_start")]
    pub worker_start: Span,
    /// What decoding a sample costs.
    #[serde(default)]
    pub decode: Decode,
    /// A cache of samples in memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_cache: Option<SampleCache>,
}

/// A tf.data pipeline, per rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TfData {
    /// Samples read at a time, across batches.
    #[serde(default = "parallel_reads")]
    pub parallel_reads: u32,
    /// Batches read ahead: a number, or `"auto"`.
    #[serde(default)]
    pub prefetch: Prefetch,
    /// Whether samples come out in the order in which they were asked for.
    #[serde(default = "ordered")]
    pub ordered: bool,
    /// What decoding a sample costs.
    #[serde(default)]
    pub decode: Decode,
    /// A cache of samples in memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_cache: Option<SampleCache>,
}

/// The CPU time of decoding one sample: `per-sample` + bytes / `rate`, on one core.
///
/// The default costs nothing, as where the GPU decodes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Decode {
    /// The part that does not depend on the size.
    #[serde(default)]
    pub per_sample: Span,
    /// Encoded bytes per second of one core; left out, bytes cost nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
}

/// How many batches a tf.data pipeline reads ahead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Prefetch {
    /// The pipeline lets the buffer grow.
    #[default]
    Auto,
    /// So many batches.
    Batches(u32),
}

impl Serialize for Prefetch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Batches(batches) => serializer.serialize_u32(*batches),
        }
    }
}

impl<'de> Deserialize<'de> for Prefetch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Prefetch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of batches or \"auto\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Prefetch, E> {
                match text {
                    "auto" => Ok(Prefetch::Auto),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }

            fn visit_i64<E: de::Error>(self, batches: i64) -> Result<Prefetch, E> {
                let found = de::Unexpected::Signed(batches);
                u32::try_from(batches).map(Prefetch::Batches).map_err(|_| E::invalid_value(found, &self))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Prefetch {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Prefetch".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "const": "auto" }, { "type": "integer", "minimum": 1, "maximum": u32::MAX }] })
    }
}

/// PyTorch's own default: no worker, the training loop reads.
const fn workers() -> u32 {
    0
}

/// PyTorch's own default where there are workers.
const fn prefetch_factor() -> u32 {
    2
}

/// A `Dataset` that reads with threads of its own is rare.
const fn threads_per_worker() -> u32 {
    1
}

/// What makes the published MLPerf Storage first batches come out; to be confirmed on the validation rows.
const fn worker_start() -> Span {
    Span::from_millis(20)
}

/// As many as the published SageMaker runs used.
const fn parallel_reads() -> u32 {
    8
}

/// tf.data keeps the order unless it is told otherwise (`deterministic=True`).
const fn ordered() -> bool {
    true
}
