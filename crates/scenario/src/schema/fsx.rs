//! `[storage.NAME.fsx-lustre]`: Amazon FSx for Lustre.

use std::fmt;

use ingestsim_units::{Bytes, Frequency, Rate, Span};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    spread::Spread,
    storage::{BillStorage, Role},
};

/// Amazon FSx for Lustre. Figures left out come from the catalog, by `deployment`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FsxLustre {
    /// The deployment type.
    pub deployment: Deployment,
    /// The storage capacity, one that the deployment is sold in; "1.2 TiB" is 1,200 GiB, as AWS counts.
    /// Not with "intelligent-tiering", which grows by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Bytes>,
    /// The SSD read cache: true or false on HDD, a size with "intelligent-tiering".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssd_cache: Option<SsdCache>,
    /// How the data gets there. The default is "resident", or "lazy" where `existing = false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<Load>,
    /// Whether the file system is there already; else it is created within the job.
    #[serde(default = "existing")]
    pub existing: bool,
    /// Provisioned metadata operations per second. "persistent-2-…" only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_iops: Option<u64>,
    /// How long a full bucket lasts at full burst.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst_duration: Option<Span>,
    /// Until a file that is restored from S3 begins to arrive. Loads "lazy" and "one-time".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore_latency: Option<Spread<Span>>,
    /// What one file is restored at. Loads "lazy" and "one-time".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore_rate: Option<Rate>,
    /// Files restored at a time. Loads "lazy" and "one-time".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore_concurrency: Option<u32>,
    /// What all files together are restored at. Loads "lazy" and "one-time".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore_total: Option<Rate>,
    /// Entries per second of the metadata import at creation. With `existing = false` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import_rate: Option<Frequency>,
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

impl FsxLustre {
    /// How the data gets there: as stated, else resident on a file system that exists and lazy on one that is created.
    #[must_use]
    pub fn load(&self) -> Load {
        let unstated = if self.existing { Load::Resident } else { Load::Lazy };
        self.load.unwrap_or(unstated)
    }
}

/// The deployment types, with their throughput per TiB where there is a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are those of AWS, and the catalog describes them")]
pub enum Deployment {
    #[serde(rename = "scratch-1")]
    Scratch1,
    #[serde(rename = "scratch-2")]
    Scratch2,
    #[serde(rename = "persistent-1-ssd-50")]
    Persistent1Ssd50,
    #[serde(rename = "persistent-1-ssd-100")]
    Persistent1Ssd100,
    #[serde(rename = "persistent-1-ssd-200")]
    Persistent1Ssd200,
    #[serde(rename = "persistent-1-hdd-12")]
    Persistent1Hdd12,
    #[serde(rename = "persistent-1-hdd-40")]
    Persistent1Hdd40,
    #[serde(rename = "persistent-2-125")]
    Persistent2At125,
    #[serde(rename = "persistent-2-250")]
    Persistent2At250,
    #[serde(rename = "persistent-2-500")]
    Persistent2At500,
    #[serde(rename = "persistent-2-1000")]
    Persistent2At1000,
    #[serde(rename = "intelligent-tiering")]
    IntelligentTiering,
}

impl Deployment {
    /// The name in a scenario and in the catalog.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scratch1 => "scratch-1",
            Self::Scratch2 => "scratch-2",
            Self::Persistent1Ssd50 => "persistent-1-ssd-50",
            Self::Persistent1Ssd100 => "persistent-1-ssd-100",
            Self::Persistent1Ssd200 => "persistent-1-ssd-200",
            Self::Persistent1Hdd12 => "persistent-1-hdd-12",
            Self::Persistent1Hdd40 => "persistent-1-hdd-40",
            Self::Persistent2At125 => "persistent-2-125",
            Self::Persistent2At250 => "persistent-2-250",
            Self::Persistent2At500 => "persistent-2-500",
            Self::Persistent2At1000 => "persistent-2-1000",
            Self::IntelligentTiering => "intelligent-tiering",
        }
    }

    /// Whether it is PERSISTENT_2, the one with provisioned metadata operations.
    #[must_use]
    pub const fn is_persistent_2(self) -> bool {
        use Deployment::{Persistent2At125, Persistent2At250, Persistent2At500, Persistent2At1000};
        matches!(self, Persistent2At125 | Persistent2At250 | Persistent2At500 | Persistent2At1000)
    }

    /// Whether it is on hard disks.
    #[must_use]
    pub const fn is_hdd(self) -> bool {
        matches!(self, Self::Persistent1Hdd12 | Self::Persistent1Hdd40)
    }
}

/// How the data gets onto the file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Load {
    /// It is there already.
    Resident,
    /// A file is restored from S3 when it is first read.
    Lazy,
    /// Everything is restored from S3 before training.
    OneTime,
}

/// The SSD read cache in front of slower storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SsdCache {
    /// Whether an HDD file system has one, of 20 % of its capacity.
    Provided(bool),
    /// The size of Intelligent-Tiering's.
    Size(Bytes),
}

impl Serialize for SsdCache {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Provided(provided) => serializer.serialize_bool(*provided),
            Self::Size(size) => size.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for SsdCache {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = SsdCache;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or a size such as \"20000 GiB\"")
            }

            fn visit_bool<E: de::Error>(self, provided: bool) -> Result<SsdCache, E> {
                Ok(SsdCache::Provided(provided))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<SsdCache, E> {
                let size = text.parse().map(SsdCache::Size);
                size.map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for SsdCache {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SsdCache".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let size = generator.subschema_for::<Bytes>();
        json_schema!({ "anyOf": [{ "type": "boolean" }, size] })
    }
}

/// Most jobs find their file system there, and the study guide's comparison is about one that is.
const fn existing() -> bool {
    true
}
