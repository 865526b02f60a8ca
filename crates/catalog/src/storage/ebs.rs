//! EBS volumes, and what holds for every instance store.

use ingestsim_units::{Bytes, Frequency, Rate, Span};
use serde::Deserialize;

use crate::Figure;

/// The volume types.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ebs {
    /// General purpose, with burst credits.
    pub gp2: Gp2,
    /// General purpose, as provisioned.
    pub gp3: Gp3,
    /// Provisioned operations.
    pub io2: Io2,
    /// The most that counts as one operation: larger reads are split, smaller sequential ones joined.
    pub operation_size: Figure<Bytes>,
}

/// General purpose volumes of the older kind: operations grow with size and burst on credit.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Gp2 {
    /// One operation.
    pub latency: Figure<Span>,
    /// Operations per second earned for each GiB.
    pub iops_per_gib: Figure<Frequency>,
    /// The least that is earned.
    pub iops_min: Figure<Frequency>,
    /// The most that is earned.
    pub iops_max: Figure<Frequency>,
    /// Operations per second while credits last.
    pub burst_iops: Figure<Frequency>,
    /// The bucket in operations, full at creation.
    pub credits: Figure<u64>,
    /// The rate of small volumes.
    pub rate_small: Figure<Rate>,
    /// The rate of larger ones; up to `large_from` only while credits last.
    pub rate: Figure<Rate>,
    /// The largest small volume.
    pub small_to: Figure<Bytes>,
    /// From this size on the rate does not depend on credits.
    pub large_from: Figure<Bytes>,
}

/// General purpose volumes: operations and throughput as provisioned.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Gp3 {
    /// One operation.
    pub latency: Figure<Span>,
    /// Operations per second in the price of the storage.
    pub iops: Figure<Frequency>,
    /// Throughput in the price of the storage.
    pub rate: Figure<Rate>,
    /// The most operations per second.
    pub iops_max: Figure<Frequency>,
    /// The most throughput.
    pub rate_max: Figure<Rate>,
    /// The most operations per second for each GiB.
    pub iops_per_gib: Figure<Frequency>,
    /// The most throughput for each operation per second.
    pub rate_per_iops: Figure<Rate>,
}

/// Volumes with provisioned operations (Block Express).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Io2 {
    /// One operation.
    pub latency: Figure<Span>,
    /// The most operations per second.
    pub iops_max: Figure<Frequency>,
    /// The most throughput.
    pub rate_max: Figure<Rate>,
    /// The most operations per second for each GiB.
    pub iops_per_gib: Figure<Frequency>,
    /// Throughput for each operation per second: an operation moves at most this much.
    pub rate_per_iops: Figure<Rate>,
}

/// What holds for every instance store; sizes and rates stand with the instances.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NvmeStore {
    /// One operation.
    pub latency: Figure<Span>,
}

impl Gp2 {
    /// Operations per second that a volume of `size` earns, which it always has.
    #[must_use]
    pub fn baseline_iops(&self, size: Bytes) -> Frequency {
        let earned = (self.iops_per_gib.value.as_f64() * size.as_gib()).floor();
        let earned = Frequency::from_f64_rounded(earned);
        earned.clamp(self.iops_min.value, self.iops_max.value)
    }

    /// Operations per second of a volume of `size` while it has credits.
    #[must_use]
    pub fn peak_iops(&self, size: Bytes) -> Frequency {
        self.baseline_iops(size).max(self.burst_iops.value)
    }

    /// The throughput of a volume of `size` while it has credits.
    #[must_use]
    pub fn peak_rate(&self, size: Bytes) -> Rate {
        if size <= self.small_to.value { self.rate_small.value } else { self.rate.value }
    }

    /// The throughput of a volume of `size` that has used up its credits.
    #[must_use]
    pub fn lasting_rate(&self, size: Bytes) -> Rate {
        if size < self.large_from.value { self.rate_small.value } else { self.rate.value }
    }
}
