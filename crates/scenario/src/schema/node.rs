//! `[job.node]`: figures of the instance that replace the catalog's.

use ingestsim_units::{Bytes, Rate, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cache::PageCache;

/// One node of the job. What is left out is as the catalog has it for `job.instance`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Node {
    /// GPUs, and so ranks, of the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u32>,
    /// Virtual CPUs (hardware threads).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u32>,
    /// Physical cores, which is what decoding is served by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cores: Option<u32>,
    /// RAM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Bytes>,
    /// RAM that the program and the system hold, so that the page cache cannot.
    #[serde(default = "reserved_memory")]
    pub reserved_memory: Bytes,
    /// The network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nic: Option<Nic>,
    /// The link to the EBS volumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ebs: Option<Ebs>,
    /// The instance store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nvme: Option<Nvme>,
    /// US dollars per hour of one instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<f64>,
    /// The kernel's cache of file contents: a table, or `"off"`.
    #[serde(default)]
    pub page_cache: PageCache,
}

/// A node's network link, each way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Nic {
    /// What it sustains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Rate>,
    /// What it reaches while there is credit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<Rate>,
    /// The credit of a full bucket: bytes above the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<Bytes>,
}

/// A node's link to its EBS volumes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ebs {
    /// What it sustains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Rate>,
    /// What it reaches while there is credit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<Rate>,
    /// The credit of a full bucket: bytes above the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<Bytes>,
    /// Operations per second over all volumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iops: Option<u64>,
}

/// A node's instance store, all drives together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Nvme {
    /// What it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Bytes>,
    /// Its read rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Its write rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_rate: Option<Rate>,
    /// Read operations per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iops: Option<u64>,
    /// The latency of one read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Span>,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            gpus: None,
            cpus: None,
            cores: None,
            memory: None,
            reserved_memory: reserved_memory(),
            nic: None,
            ebs: None,
            nvme: None,
            price: None,
            page_cache: PageCache::default(),
        }
    }
}

/// A training program with its framework, CUDA context and pinned buffers, and the system beside it: an assumption.
const fn reserved_memory() -> Bytes {
    Bytes::new(8 << 30)
}
