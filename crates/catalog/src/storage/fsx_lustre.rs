//! Amazon FSx for Lustre.
//!
//! AWS writes capacities in "TiB" of 1,000 GiB: a file system of "1.2 TiB" holds 1,200 GiB, and one of "4.8 TiB" at 50
//! MB/s per TiB has a baseline of 240 MB/s. Figures per TiB here mean that TiB.

use indexmap::IndexMap;
use ingestsim_units::{Bytes, Frequency, Rate, Share, Span};
use serde::Deserialize;

use crate::{CatalogError, Figure};

/// What AWS calls a TiB of a Lustre file system.
const AWS_TIB: Bytes = Bytes::from_gib(1000);

/// FSx for Lustre.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FsxLustre {
    /// The deployment types by name, such as `scratch-2`.
    deployments: IndexMap<String, Deployment>,
    /// Opening and closing a file.
    pub open_latency: Figure<Span>,
    /// What one client and one server move between them.
    pub pair_rate: Figure<Rate>,
    /// What one client moves.
    pub client_rate: Figure<Rate>,
    /// What one client with EFA moves.
    pub client_rate_efa: Figure<Rate>,
    /// How long a full bucket of network or disk credit lasts at full burst.
    pub burst_duration: Figure<Span>,
    /// File opens, creations and closes per second for each provisioned metadata operation per second.
    pub opens_per_metadata_iops: Figure<u32>,
    /// A file imported from S3 has one stripe for each started chunk of this size.
    pub imported_chunk: Figure<Bytes>,
    /// The size of a storage target of an SSD type.
    pub target_size: Figure<Bytes>,
    /// Creating a file system.
    pub creation: Figure<Span>,
    /// Entries of the linked bucket imported per second at creation.
    pub import_rate: Figure<Frequency>,
    /// Entries per second of a walk through the tree.
    pub walk_rate: Figure<Frequency>,
    /// What restoring a file from S3 takes besides its bytes.
    pub restore_latency: Figure<Span>,
    /// The rate of one file being restored.
    pub restore_rate: Figure<Rate>,
    /// Files being restored at a time.
    pub restore_concurrency: Figure<u32>,
    /// The rate of all restores together.
    pub restore_total: Figure<Rate>,
    /// Failures per week of a scratch file system: this × (servers + 1).
    pub failures_per_server_week: Figure<f64>,
    /// How long clients wait while a persistent file system replaces a server.
    pub server_replacement: Figure<Span>,
}

/// A deployment type. Rates and RAM are per TiB of storage, or of SSD cache where the type has only that.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Deployment {
    /// Network throughput that lasts.
    pub network_baseline_per_tib: Figure<Rate>,
    /// Network throughput while credits last.
    pub network_burst_per_tib: Option<Figure<Rate>>,
    /// Disk throughput that lasts.
    pub disk_baseline_per_tib: Figure<Rate>,
    /// Disk throughput while credits last.
    pub disk_burst_per_tib: Option<Figure<Rate>>,
    /// Disk throughput of writes that lasts, where it is another.
    pub disk_write_baseline_per_tib: Option<Figure<Rate>>,
    /// Disk throughput of writes while credits last, where it is another.
    pub disk_write_burst_per_tib: Option<Figure<Rate>>,
    /// Server memory that caches file data.
    pub ram_per_tib: Figure<Bytes>,
    /// The latency of a data operation.
    pub disk_latency: Figure<Span>,
    /// What a read adds that misses the servers' disks altogether, where that can be.
    pub miss_latency: Option<Figure<Span>>,
    /// Storage per server.
    pub server_size: Figure<Bytes>,
    /// Storage per server where clients use EFA.
    pub server_size_efa: Option<Figure<Bytes>>,
    /// Capacities below the first step, where there are any.
    pub capacity_first: Option<Figure<Vec<Bytes>>>,
    /// Every multiple of this is a capacity too.
    pub capacity_step: Figure<Bytes>,
    /// Metadata operations per second by capacity, in the automatic mode.
    pub metadata_iops: Option<Figure<Vec<MetadataStep>>>,
    /// Opens, creations and closes per second of types without provisioned metadata.
    pub metadata_rate: Option<Figure<Frequency>>,
    /// The SSD read cache that can be had with it.
    pub ssd_cache: Option<SsdCache>,
    /// Whether a failed server's files survive.
    pub replicated: Figure<bool>,
    /// Whether it can be linked to S3.
    pub s3_link: Figure<bool>,
    /// The id of the price of its storage.
    pub price: Figure<String>,
}

/// Automatic metadata throughput from a capacity on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MetadataStep {
    /// The smallest capacity it holds for.
    pub capacity: Bytes,
    /// Metadata operations per second.
    pub iops: Frequency,
    /// If stated, `iops` are for each whole piece of this size.
    #[serde(default)]
    pub per: Option<Bytes>,
}

/// An SSD read cache before hard disks; rates are per TiB of cache.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SsdCache {
    /// Its size as a share of the storage.
    pub share: Figure<Share>,
    /// Network throughput that lasts.
    pub network_baseline_per_tib: Figure<Rate>,
    /// Network throughput while credits last.
    pub network_burst_per_tib: Figure<Rate>,
    /// Disk throughput.
    pub disk_baseline_per_tib: Figure<Rate>,
    /// The id of the price of the storage with it.
    pub price: Figure<String>,
}

/// A capacity that a deployment type can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Capacity(Bytes);

/// A file system of one deployment type and capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LustreSystem {
    /// Its capacity.
    pub capacity: Bytes,
    /// Storage servers.
    pub servers: u64,
    /// Network throughput that lasts.
    pub network_baseline: Rate,
    /// Network throughput while credits last; the baseline where there is no burst.
    pub network_burst: Rate,
    /// Disk throughput of reads that lasts.
    pub disk_baseline: Rate,
    /// Disk throughput of reads while credits last; the baseline where there is no burst.
    pub disk_burst: Rate,
    /// Disk throughput of writes that lasts.
    pub disk_write_baseline: Rate,
    /// Disk throughput of writes while credits last.
    pub disk_write_burst: Rate,
    /// Server memory that caches file data.
    pub ram: Bytes,
}

impl FsxLustre {
    /// The deployment type `name`, such as `scratch-2`.
    ///
    /// # Errors
    ///
    /// If there is none of that name.
    pub fn deployment(&self, name: &str) -> Result<&Deployment, CatalogError> {
        let found = self.deployments.get(name);
        found.ok_or_else(|| CatalogError::unknown("a deployment type", name, self.deployment_names()))
    }

    /// The names of all deployment types.
    pub fn deployment_names(&self) -> impl Iterator<Item = &str> {
        self.deployments.keys().map(String::as_str)
    }

    /// Opens, creations and closes per second of a file system.
    ///
    /// `metadata_iops` is what the user provisions; without it the automatic mode counts, and types that have no
    /// metadata configuration have a rate of their own.
    #[must_use]
    pub fn metadata_rate(
        &self,
        deployment: &Deployment,
        capacity: Capacity,
        metadata_iops: Option<Frequency>,
    ) -> Option<Frequency> {
        let opens = u64::from(self.opens_per_metadata_iops.value);
        let provisioned = metadata_iops.or_else(|| deployment.metadata_iops_at(capacity));
        let of_type = || deployment.metadata_rate.as_ref().map(|rate| rate.value);
        provisioned.map(|iops| iops.saturating_mul(opens)).or_else(of_type)
    }

    /// Failures per second of a scratch file system with `servers` servers.
    #[must_use]
    pub fn failure_rate(&self, servers: u64) -> f64 {
        const WEEK_S: f64 = 7.0 * 86_400.0;
        self.failures_per_server_week.value * (servers + 1) as f64 / WEEK_S
    }
}

impl Capacity {
    /// The capacity in true bytes.
    #[must_use]
    pub const fn bytes(self) -> Bytes {
        self.0
    }
}

impl Deployment {
    /// The capacity that `size` names: as it is (`"3600 GiB"`), or in AWS's TiB of 1,000 GiB (`"3.6 TiB"`).
    #[must_use]
    pub fn capacity(&self, size: Bytes) -> Option<Capacity> {
        [size, in_aws_tib(size)].into_iter().find(|size| self.has(*size)).map(Capacity)
    }

    /// Whether a file system of this type can have the capacity that `size` names.
    #[must_use]
    pub fn is_valid_capacity(&self, size: Bytes) -> bool {
        self.capacity(size).is_some()
    }

    /// The next smaller and the next larger valid capacity; `size` itself twice if it is valid.
    ///
    /// The smaller one is missing below the smallest.
    #[must_use]
    pub fn nearest_capacities(&self, size: Bytes) -> (Option<Capacity>, Capacity) {
        if let Some(capacity) = self.capacity(size) {
            return (Some(capacity), capacity);
        }
        let step = self.capacity_step.value.get();
        let size = if written_in_tib(size) { in_aws_tib(size) } else { size };
        let below = Bytes::new(size.get() / step * step);
        let above = below.checked_add(Bytes::new(step)).unwrap_or(below);
        let first = || self.first_capacities().iter().copied();
        let smaller = first().filter(|first| *first < size).chain((!below.is_zero()).then_some(below)).max();
        let larger = first().filter(|first| *first > size).chain([above]).min();
        (smaller.map(Capacity), Capacity(larger.unwrap_or(above)))
    }

    fn first_capacities(&self) -> &[Bytes] {
        self.capacity_first.as_ref().map_or(&[], |first| &first.value)
    }

    fn has(&self, size: Bytes) -> bool {
        let multiple = !size.is_zero() && size.get().is_multiple_of(self.capacity_step.value.get());
        multiple || self.first_capacities().contains(&size)
    }

    /// A file system of this type and `capacity`.
    #[must_use]
    pub fn at(&self, capacity: Capacity) -> LustreSystem {
        let capacity = capacity.0;
        let rate = |figure: &Figure<Rate>| per_tib(figure.value, capacity);
        let or = |figure: &Option<Figure<Rate>>, other: Rate| figure.as_ref().map_or(other, rate);
        let network_baseline = rate(&self.network_baseline_per_tib);
        let disk_baseline = rate(&self.disk_baseline_per_tib);
        let disk_burst = or(&self.disk_burst_per_tib, disk_baseline);
        // A type that names a write rate but no write burst does not burst when it writes.
        let write_burst = self.disk_write_baseline_per_tib.as_ref().map_or(disk_burst, rate);
        LustreSystem {
            capacity,
            servers: capacity.div_ceil(self.server_size.value),
            network_baseline,
            network_burst: or(&self.network_burst_per_tib, network_baseline),
            disk_baseline,
            disk_burst,
            disk_write_baseline: or(&self.disk_write_baseline_per_tib, disk_baseline),
            disk_write_burst: or(&self.disk_write_burst_per_tib, write_burst),
            ram: Bytes::new(scaled(self.ram_per_tib.value.get(), capacity)),
        }
    }

    /// Metadata operations per second of the automatic mode at `capacity`, where the type has them.
    #[must_use]
    pub fn metadata_iops_at(&self, capacity: Capacity) -> Option<Frequency> {
        let steps = &self.metadata_iops.as_ref()?.value;
        let step = steps.iter().rfind(|step| step.capacity <= capacity.0).or(steps.first())?;
        let pieces = step.per.map_or(1, |per| capacity.0.get() / per.get());
        Some(step.iops.saturating_mul(pieces))
    }
}

/// `rate` for each of AWS's TiB of `capacity`.
#[must_use]
fn per_tib(rate: Rate, capacity: Bytes) -> Rate {
    Rate::per_second(scaled(rate.bytes_per_second(), capacity))
}

/// `amount` for each of AWS's TiB of `capacity`, rounded to nearest.
fn scaled(amount: u64, capacity: Bytes) -> u64 {
    let tib = u128::from(AWS_TIB.get());
    let product = u128::from(amount) * u128::from(capacity.get());
    u64::try_from((2 * product + tib) / (2 * tib)).unwrap_or(u64::MAX)
}

/// Whether `size` reads like a number of TiB with at most one decimal, and so is meant as AWS's.
fn written_in_tib(size: Bytes) -> bool {
    const TENTH: u128 = (1 << 40) / 10;
    let rest = u128::from(size.get()) % (1 << 40) % TENTH;
    // A tenth of a TiB is no whole number of bytes, so its multiples are off by up to ten.
    rest <= 10 || TENTH - rest <= 10
}

/// `size` read in AWS's TiB: a true TiB becomes 1,000 GiB, to the nearest whole GiB.
fn in_aws_tib(size: Bytes) -> Bytes {
    const TIB: u128 = 1 << 40;
    let gib = (2 * u128::from(size.get()) * 1000 + TIB) / (2 * TIB);
    u64::try_from(gib).ok().and_then(|gib| Bytes::from_gib(1).checked_mul(gib)).unwrap_or(size)
}
