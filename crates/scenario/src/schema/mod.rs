//! The typed schema of a scenario: one struct per table, kebab-case keys, unknown keys refused.
//!
//! Loader and job defaults stand here, each once and with its reason. The figures of a service (latencies, rates,
//! limits) are optional here: what is left out comes from the catalog, where each figure has its source.

pub mod cache;
pub mod dataset;
pub mod fsx;
pub mod job;
pub mod loader;
pub mod node;
pub mod s3;
pub mod spread;
pub mod storage;
pub mod sweep;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::{dataset::Dataset, job::Job, loader::Loader, storage::Profile, sweep::Sweep};

/// One experiment: a data set, a job that reads it, and the storage profiles it is tried on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scenario {
    /// Names the results folder, so it must be a plain file name.
    pub name: String,
    /// What the scenario is about, in a sentence.
    #[serde(default)]
    pub description: String,
    /// The one number that every random draw depends on.
    #[serde(default = "seed")]
    pub seed: u64,
    /// What is read.
    pub dataset: Dataset,
    /// Who reads it, and for how long.
    pub job: Job,
    /// How it is read: exactly one of `[loader.pytorch]` and `[loader.tf-data]`.
    pub loader: Loader,
    /// The storage profiles by the user's names, in their written order.
    pub storage: IndexMap<String, Profile>,
    /// The grid of `ingestsim sweep`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep>,
    /// Prices in US dollars that replace the catalog's, by the catalog's ids.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub prices: IndexMap<String, f64>,
}

/// A fixed seed, so that a scenario that names none is repeatable too.
const fn seed() -> u64 {
    1
}
