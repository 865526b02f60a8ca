//! `[storage.NAME.s3]`: Amazon S3, as SageMaker's input modes or as a client library reads it.

use ingestsim_units::{Bytes, Frequency, Rate, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    cache::ClientCache,
    spread::Spread,
    storage::{BillStorage, Role},
};

/// Amazon S3. Figures left out come from the catalog, by `class`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct S3 {
    /// How the objects reach the job.
    #[serde(default)]
    pub mode: Mode,
    /// The storage class.
    #[serde(default)]
    pub class: Class,
    /// Which objects each node gets. With mode "direct" it can only be "full".
    #[serde(default)]
    pub replication: Replication,
    /// Partitioned prefixes that the objects lie under; each has a request rate of its own.
    #[serde(default = "prefixes")]
    pub prefixes: u32,
    /// Requests per second and partitioned prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_rate: Option<Frequency>,
    /// Until the first byte of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_byte_latency: Option<Spread<Span>>,
    /// What one connection carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_rate: Option<Rate>,
    /// The time of listing one page of 1,000 keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_page: Option<Span>,
    /// What one open stream reads ahead at. Modes "fast-file" and "pipe".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_rate: Option<Rate>,
    /// The program that copies the objects. Mode "file".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub downloader: Option<Downloader>,
    /// A cache of the client on the node's NVMe. Modes "fast-file" and "direct".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_cache: Option<ClientCache>,
    /// What the objects are copied to. Mode "file". Left out: NVMe where the instance has it, else gp2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<Volume>,
    /// Entries per second of a program that walks over all files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walk_rate: Option<Frequency>,
    /// Whether the profile is a candidate for the data.
    #[serde(default)]
    pub role: Role,
    /// What of the storage is billed to the job.
    #[serde(default)]
    pub bill_storage: BillStorage,
}

/// How the objects reach the job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Every object is copied to the node's volume before training. The default, as it is SageMaker's.
    #[default]
    File,
    /// Listed first, then streamed from S3 as the files are opened, in every epoch.
    FastFile,
    /// Sequential streams without random access.
    Pipe,
    /// The requests of a client library.
    Direct,
}

impl Mode {
    /// The name in a scenario.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::FastFile => "fast-file",
            Self::Pipe => "pipe",
            Self::Direct => "direct",
        }
    }
}

/// The storage class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// S3 Standard. The default, as it is the service's.
    #[default]
    Standard,
    /// S3 Express One Zone.
    ExpressOneZone,
}

/// Which objects each node gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Replication {
    /// All of them. The default, as it is SageMaker's (`FullyReplicated`).
    #[default]
    Full,
    /// One n-th of them on each of n nodes (`ShardedByS3Key`).
    ShardedByKey,
}

/// The program that copies objects to a volume.
///
/// It takes `fixed`, then serves each object for `per-object` and its bytes at `rate`, both over all its connections
/// together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Downloader {
    /// Objects copied at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// The part that depends on nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Span>,
    /// The time of one object beside its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_object: Option<Span>,
    /// Bytes per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
}

/// What File mode copies to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Volume {
    /// An EBS gp2 volume.
    Gp2(EbsVolume),
    /// An EBS gp3 volume.
    Gp3(EbsVolume),
    /// An EBS io2 volume.
    Io2(EbsVolume),
    /// The node's instance store.
    Nvme,
}

/// An EBS volume. What is left out follows from its type and size, as the catalog says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EbsVolume {
    /// What it holds.
    pub size: Bytes,
    /// Its throughput.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Its operations per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iops: Option<u64>,
}

/// A bucket is one partition until it has been under load for tens of minutes.
const fn prefixes() -> u32 {
    1
}
