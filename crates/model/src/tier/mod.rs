//! Storage tiers: what a read of each is made of.
//!
//! A tier is described by a [`ReadPath`]: the stages of a read in the order in which it passes them. Opening a file
//! asks the gates for admission, then waits out a latency; a file that is still in S3 is restored; the bytes cross the
//! [`Fabric`] or come from the node's volume. Each module below turns one kind of profile into such a path.

pub mod efs;
pub mod fabric;
pub mod fsx_lustre;
pub mod lazy_restore;
pub mod local_disk;
pub mod nfs;
pub mod parallel_fs;
pub mod request_limit;
pub mod s3;
pub mod volume;

use ingestsim_catalog::{Catalog, Service};
use ingestsim_des::draw::QuantileTable;
use ingestsim_scenario::schema::{cache::Policy, storage::BillStorage};
use ingestsim_units::{Bytes, Frequency, Rate, Span};

use crate::{
    build::{BuildError, NodeFacts, cache_spec},
    cache::CacheSpec,
    cause::Cause,
    checkpoint::WriteSpec,
    cost::{HOURS_PER_MONTH, Item, Meter, Part},
    dataset::Dataset,
    job::Provisioning,
    order::OrderSpec,
};

pub use fabric::{Cap, Credit, Fabric, Origin};
pub use lazy_restore::RestoreSpec;
pub use request_limit::RequestLimitSpec;

/// What a read of a tier is made of.
#[derive(Debug, Clone)]
pub struct ReadPath {
    /// The kind of the tier, as in the scenario.
    pub kind: &'static str,
    /// Admission, in order.
    pub gates: Vec<GateSpec>,
    /// From admission to the first byte, in nanoseconds, for each open.
    pub latency: Option<QuantileTable>,
    /// What opening a file costs that the node's page cache holds.
    pub cached_latency: Option<QuantileTable>,
    /// What the bytes pass.
    pub source: Source,
    /// The memory of the servers, all together.
    pub server_ram: Option<CacheSpec>,
    /// The SSD read cache of the servers, all together.
    pub server_ssd: Option<CacheSpec>,
    /// What a read adds that finds its file in neither.
    pub miss_latency: Span,
    /// Files that are still in S3 when they are first read.
    pub restore: Option<RestoreSpec>,
    /// What S3 rejects requests by.
    pub request_limit: Option<RequestLimitSpec>,
    /// A cache of the client on the node's NVMe.
    pub client_cache: Option<ClientCacheSpec>,
    /// Whether the node's page cache keeps what was read.
    pub page_cached: bool,
    /// Requests that each open sends.
    pub requests: Vec<(RequestKind, u64)>,
    /// Requests of looking a file up, sent also where the client's cache holds its bytes.
    pub lookups: Vec<(RequestKind, u64)>,
}

/// A cache of whole files on the node's NVMe.
#[derive(Debug, Clone)]
pub struct ClientCacheSpec {
    /// Its size and policy.
    pub cache: CacheSpec,
    /// What the NVMe reads at, all readers of the node together.
    pub rate: Rate,
    /// From asking for a cached file to its first byte, in nanoseconds.
    pub latency: QuantileTable,
}

/// Where the bytes come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A volume of the node itself.
    Volume {
        /// What the volume reads at.
        rate: Cap,
        /// What one reader gets at most.
        connection: Option<Rate>,
        /// What was written to it before the loop, out of the same credit.
        copied: Bytes,
    },
    /// A service over the network.
    Fabric(Fabric),
}

/// A place where a read waits to be admitted.
#[derive(Debug, Clone)]
pub struct GateSpec {
    /// What the wait is charged to.
    pub cause: Cause,
    /// Whether each node has one of its own.
    pub per_node: bool,
    /// What it lets through.
    pub rule: GateRule,
    /// What it counts.
    pub counts: Counts,
}

/// What a gate lets through.
#[derive(Debug, Clone, Copy)]
pub enum GateRule {
    /// Servers that together complete so many operations a second, first come first served.
    Servers(Frequency),
    /// A token bucket of operations.
    Bucket {
        /// Tokens a second.
        rate: Frequency,
        /// Tokens in a full bucket, and at the start.
        depth: u64,
    },
}

impl GateRule {
    /// Operations a second that it lets through in the long run.
    #[must_use]
    pub const fn rate(&self) -> Frequency {
        match self {
            Self::Servers(rate) | Self::Bucket { rate, .. } => *rate,
        }
    }

    /// Operations that it lets through at once when it has been idle.
    #[must_use]
    pub const fn depth(&self) -> u64 {
        match self {
            Self::Servers(_) => 1,
            Self::Bucket { depth, .. } => *depth,
        }
    }
}

/// What a gate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// One for each open.
    Opens,
    /// One for each piece of this size.
    Pieces(Bytes),
}

/// Kinds of requests that are counted and paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the kinds are S3's requests and a file system's open")]
pub enum RequestKind {
    Get,
    Head,
    List,
    Put,
    Open,
}

impl RequestKind {
    /// Every kind, in order.
    pub const ALL: [Self; 5] = [Self::Get, Self::Head, Self::List, Self::Put, Self::Open];

    /// The name in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::List => "LIST",
            Self::Put => "PUT",
            Self::Open => "open",
        }
    }
}

impl GateSpec {
    /// Operations that a read of `size` bytes counts for.
    #[must_use]
    pub const fn operations(&self, size: u64) -> u64 {
        match self.counts {
            Counts::Opens => 1,
            Counts::Pieces(piece) => {
                let pieces = size.div_ceil(piece.get());
                if pieces == 0 { 1 } else { pieces }
            }
        }
    }
}

/// What may happen to the servers of a tier.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hazard {
    /// Losses of data, per second.
    pub(crate) loss_per_s: f64,
    /// Servers replaced while clients wait, per second, and how long one takes.
    pub(crate) replacement_per_s: f64,
    pub(crate) replacement: Span,
}

/// What a tier's plan is made from.
pub(crate) struct Site<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) service: Service,
    pub(crate) node: &'a NodeFacts,
    pub(crate) dataset: &'a Dataset,
    pub(crate) order: &'a OrderSpec,
    /// The profile's name, for errors.
    pub(crate) profile: &'a str,
    /// Instances of one trial, and of all trials that run at a time.
    pub(crate) instances: u32,
    pub(crate) clients: u32,
    pub(crate) bill_storage: BillStorage,
    pub(crate) bill_idle: Span,
}

/// A tier as the job sees it, with all that comes before the loop and with its lines of the bill.
pub(crate) struct TierPlan {
    pub(crate) path: ReadPath,
    pub(crate) provisioning: Provisioning,
    pub(crate) downloading: Span,
    pub(crate) download_hides_image_pull: bool,
    /// Whether the download has left the data in the page cache.
    pub(crate) fills_page_cache: bool,
    /// How long a program takes that walks over all files.
    pub(crate) walk: Span,
    /// What may happen to its servers.
    pub(crate) hazard: Hazard,
    /// What the tier takes up when checkpoints are written to it.
    pub(crate) write: WriteSpec,
    pub(crate) items: Vec<Item>,
    /// Requests of each trial before its loop.
    pub(crate) requests_before_loop: Vec<(RequestKind, u64)>,
    pub(crate) notes: Vec<String>,
}

impl Site<'_> {
    /// An error at a key of the profile.
    pub(crate) fn error(&self, kind: &str, key: &str, message: impl Into<String>) -> BuildError {
        BuildError::new(format!("storage.{}.{kind}.{key}", self.profile), message)
    }

    /// A line of the bill at a price of the catalog.
    pub(crate) fn item(&self, part: Part, id: &str, meter: Meter) -> Result<Item, BuildError> {
        let price = self.catalog.price(id).map_err(|error| BuildError::new("prices", error.to_string()))?;
        Ok(Item {
            part,
            name: price.what.clone(),
            unit: price.unit.to_string(),
            price_usd: price.usd.dollars(),
            source: format!("{} ({})", price.source, price.date),
            meter,
        })
    }

    /// The lines for capacity that is kept: what the job is billed of it, and what it costs when left behind.
    pub(crate) fn kept(&self, part: Part, id: &str, units: f64) -> Result<Vec<Item>, BuildError> {
        let mut items = Vec::new();
        match self.bill_storage {
            BillStorage::None => {}
            BillStorage::Job => items.push(self.item(part, id, Meter::UnitMonths(units))?),
            BillStorage::Retention(kept) => {
                let months = kept.retention.as_hours_f64() / HOURS_PER_MONTH / f64::from(kept.jobs);
                items.push(self.item(part, id, Meter::FixedMonths { units, months })?);
            }
        }
        if !self.bill_idle.is_zero() {
            let months = self.bill_idle.as_hours_f64() / HOURS_PER_MONTH;
            let mut idle = self.item(part, id, Meter::FixedMonths { units, months })?;
            idle.name.push_str(", left behind after the job");
            items.push(idle);
        }
        Ok(items)
    }

    /// The data set in S3, where it lies whatever reads it.
    pub(crate) fn data_in_s3(&self, id: &str) -> Result<Vec<Item>, BuildError> {
        let gib = self.dataset.bytes_mean() / (1_u64 << 30) as f64;
        let kept = self.kept(Part::Storage, id, gib)?;
        // Data in S3 is there before and after every job: what is left behind idle is the file system.
        Ok(kept.into_iter().filter(|item| !item.name.ends_with("left behind after the job")).collect())
    }
}

/// A cache of whatever the job reads at a time, files or records.
pub(crate) fn cache_of_units(policy: Policy, size: Bytes, site: &Site<'_>) -> CacheSpec {
    let mean = site.dataset.bytes_mean() / site.order.units as f64;
    cache_spec(policy, size, site.order.units, mean, site.order.shuffled)
}
