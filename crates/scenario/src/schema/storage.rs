//! `[storage.NAME.KIND]`: a tier as the job sees it.

use std::fmt;

use ingestsim_units::{Bytes, Frequency, Rate, Span};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{fsx::FsxLustre, s3::S3, spread::Spread};

/// One storage profile: exactly one kind, with its keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Amazon S3.
    S3(S3),
    /// Amazon EFS.
    Efs(Efs),
    /// Amazon FSx for Lustre.
    FsxLustre(FsxLustre),
    /// A volume or drive of the node itself.
    LocalDisk(OwnStorage),
    /// A file server.
    Nfs(OwnStorage),
    /// A parallel file system.
    ParallelFs(OwnStorage),
}

impl Profile {
    /// The name of the kind, as in the path of the profile's keys.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::S3(_) => "s3",
            Self::Efs(_) => "efs",
            Self::FsxLustre(_) => "fsx-lustre",
            Self::LocalDisk(_) => "local-disk",
            Self::Nfs(_) => "nfs",
            Self::ParallelFs(_) => "parallel-fs",
        }
    }

    /// Whether the profile is a candidate for the data.
    #[must_use]
    pub const fn role(&self) -> Role {
        match self {
            Self::S3(s3) => s3.role,
            Self::Efs(efs) => efs.role,
            Self::FsxLustre(fsx) => fsx.role,
            Self::LocalDisk(own) | Self::Nfs(own) | Self::ParallelFs(own) => own.role,
        }
    }

    /// What of the storage is billed to the job.
    #[must_use]
    pub const fn bill_storage(&self) -> BillStorage {
        match self {
            Self::S3(s3) => s3.bill_storage,
            Self::Efs(efs) => efs.bill_storage,
            Self::FsxLustre(fsx) => fsx.bill_storage,
            Self::LocalDisk(own) | Self::Nfs(own) | Self::ParallelFs(own) => own.bill_storage,
        }
    }

    /// Entries per second of a program that walks over all files, where the scenario says it.
    #[must_use]
    pub const fn walk_rate(&self) -> Option<Frequency> {
        match self {
            Self::S3(s3) => s3.walk_rate,
            Self::Efs(efs) => efs.walk_rate,
            Self::FsxLustre(fsx) => fsx.walk_rate,
            Self::LocalDisk(own) | Self::Nfs(own) | Self::ParallelFs(own) => own.walk_rate,
        }
    }
}

/// Amazon EFS. Figures left out come from the catalog.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Efs {
    /// What the throughput depends on.
    #[serde(default)]
    pub throughput: Throughput,
    /// What lies on the file system, which bursting throughput and storage cost depend on. Left out: the data set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<Bytes>,
    /// Regional or One Zone.
    #[serde(default)]
    pub zones: Zones,
    /// The performance mode.
    #[serde(default)]
    pub performance: Performance,
    /// The share of a read that is metered. Throughput "bursting" and "provisioned"; 1 before 2021, one third since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_metering: Option<f64>,
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

/// What the throughput of EFS depends on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Throughput {
    /// On what is used, which is paid per byte. The default, as it is the service's.
    #[default]
    Elastic,
    /// On what is stored.
    Bursting,
    /// On what is paid for.
    Provisioned(Rate),
}

/// How many availability zones hold the data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Zones {
    /// Several. The default, as it is the service's.
    #[default]
    Regional,
    /// One, which costs less.
    One,
}

/// The performance mode of EFS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Performance {
    /// General Purpose. The default, as it is the service's.
    #[default]
    General,
    /// Max I/O: more operations, each slower.
    MaxIo,
}

/// Storage with the user's own figures. A latency left out is none, a rate left out is no limit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OwnStorage {
    /// Until the first byte of a read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Spread<Span>>,
    /// The time of opening a file, before its first read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_latency: Option<Spread<Span>>,
    /// What one read carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_rate: Option<Rate>,
    /// What one node carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_rate: Option<Rate>,
    /// What all nodes together read at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// What all nodes together write at. Left out: as `rate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_rate: Option<Rate>,
    /// Read operations per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iops: Option<u64>,
    /// Metadata operations (an open is one) per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_rate: Option<Frequency>,
    /// US dollars per GB-month (2^30 bytes, 730 h) of the data set. Left out: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<f64>,
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

/// What a profile is there for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The data may be read from it. The default: that is what profiles are compared for.
    #[default]
    Candidate,
    /// It only takes checkpoints.
    CheckpointOnly,
}

/// What of the storage is billed to the job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BillStorage {
    /// All of it from submission (or creation) to the job's end. The default: the storage waits for nobody else.
    #[default]
    Job,
    /// Nothing: it is paid for by others.
    None,
    /// This job's share of a longer time.
    Retention(Retention),
}

/// A time of storage that several jobs share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Retention {
    /// How long the data is kept.
    pub retention: Span,
    /// How many jobs use it in that time.
    pub jobs: u32,
}

impl Serialize for BillStorage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Job => serializer.serialize_str("job"),
            Self::None => serializer.serialize_str("none"),
            Self::Retention(retention) => retention.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for BillStorage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = BillStorage;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"job\", \"none\" or { retention = \"30 d\", jobs = 20 }")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<BillStorage, E> {
                match text {
                    "job" => Ok(BillStorage::Job),
                    "none" => Ok(BillStorage::None),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<BillStorage, A::Error> {
                let retention = Retention::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(BillStorage::Retention(retention))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for BillStorage {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BillStorage".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let retention = generator.subschema_for::<Retention>();
        json_schema!({ "anyOf": [{ "enum": ["job", "none"] }, retention] })
    }
}
