//! Amazon EFS.

use ingestsim_units::{Bytes, Frequency, Rate, Span};
use serde::Deserialize;

use crate::Figure;

/// An EFS file system of any kind.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Efs {
    /// A read operation in General Purpose mode.
    pub read_latency: Figure<Span>,
    /// A write operation in General Purpose mode.
    pub write_latency: Figure<Span>,
    /// A write operation of a One Zone file system.
    pub write_latency_one_zone: Figure<Span>,
    /// A read operation in Max I/O mode.
    pub read_latency_max_io: Figure<Span>,
    /// A write operation in Max I/O mode.
    pub write_latency_max_io: Figure<Span>,
    /// Opening and closing a file: round trips that nothing caches.
    pub open_latency: Figure<Span>,
    /// What one client moves.
    pub client_rate: Figure<Rate>,
    /// What one client moves with Elastic throughput and a current client.
    pub client_rate_elastic: Figure<Rate>,
    /// Regional with Elastic throughput.
    pub elastic: EfsLimits,
    /// Regional with Provisioned throughput: what is provisioned, at most this.
    pub provisioned: EfsLimits,
    /// Regional with Bursting throughput.
    pub bursting: EfsLimits,
    /// One Zone with Elastic or Provisioned throughput.
    pub one_zone: EfsLimits,
    /// One Zone with Bursting throughput.
    pub one_zone_bursting: EfsLimits,
    /// Read operations in Max I/O mode.
    pub max_io_read_iops: Figure<Frequency>,
    /// Write operations in Max I/O mode.
    pub max_io_write_iops: Figure<Frequency>,
    /// How much of a byte read counts against Bursting and Provisioned throughput; a byte written counts whole.
    pub read_metering: Figure<f64>,
    /// The least that a request is metered as.
    pub request_min: Figure<Bytes>,
    /// Bursting: metered bytes per second earned for each GiB stored.
    pub baseline_per_gib: Figure<Rate>,
    /// Bursting: the least that is earned.
    pub baseline_min: Figure<Rate>,
    /// Bursting: the metered peak for each TiB stored.
    pub burst_per_tib: Figure<Rate>,
    /// Bursting: the least metered peak.
    pub burst_min: Figure<Rate>,
    /// Bursting: the bucket of up to 1 TiB stored, full at creation.
    pub bucket_min: Figure<Bytes>,
    /// Bursting: the bucket for each TiB stored, above 1 TiB.
    pub bucket_per_tib: Figure<Bytes>,
}

/// The limits of a file system as a whole.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EfsLimits {
    /// Reading, all clients together.
    pub read_rate: Figure<Rate>,
    /// Writing, all clients together.
    pub write_rate: Figure<Rate>,
    /// Read operations.
    pub read_iops: Figure<Frequency>,
    /// Read operations on data that was not read lately, where they differ.
    pub cold_read_iops: Option<Figure<Frequency>>,
    /// Write operations.
    pub write_iops: Figure<Frequency>,
}

const TIB: u128 = 1 << 40;
const GIB: u128 = 1 << 30;

impl Efs {
    /// Metered bytes per second that a Bursting file system with `stored` bytes earns.
    #[must_use]
    pub fn bursting_baseline(&self, stored: Bytes) -> Rate {
        scaled_rate(self.baseline_per_gib.value, stored, GIB).max(self.baseline_min.value)
    }

    /// The metered peak of a Bursting file system with `stored` bytes while it has credit.
    #[must_use]
    pub fn bursting_peak(&self, stored: Bytes) -> Rate {
        scaled_rate(self.burst_per_tib.value, stored, TIB).max(self.burst_min.value)
    }

    /// The bucket of a Bursting file system with `stored` bytes, in metered bytes.
    #[must_use]
    pub fn bursting_bucket(&self, stored: Bytes) -> Bytes {
        Bytes::new(scaled(self.bucket_per_tib.value.get(), stored, TIB)).max(self.bucket_min.value)
    }
}

fn scaled_rate(rate: Rate, stored: Bytes, per: u128) -> Rate {
    Rate::per_second(scaled(rate.bytes_per_second(), stored, per))
}

/// `amount` for each `per` bytes of `stored`, rounded down.
fn scaled(amount: u64, stored: Bytes, per: u128) -> u64 {
    let whole = u128::from(amount) * u128::from(stored.get()) / per;
    u64::try_from(whole).unwrap_or(u64::MAX)
}
