//! What a link counts so that the laws can be checked on it.

use ingestsim_units::{Bytes, Span};

use super::fixed::FRACTION_BITS;

/// Totals over all transfers of a link, up to the moment they were asked for.
///
/// Bytes asked = delivered + abandoned + under way; Little's law joins `transfer_ns` with the ends' own times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Audit {
    /// Sizes of all transfers started.
    pub asked: Bytes,
    /// Sizes of all transfers ended, and what cancelled ones had got.
    pub delivered: Bytes,
    /// What cancelled transfers had not got.
    pub abandoned: Bytes,
    /// Transfers started.
    pub started: u64,
    /// Transfers ended.
    pub ended: u64,
    /// Time with at least one transfer under way.
    pub busy: Span,
    /// Integral over time of the number of transfers under way, in transfer-nanoseconds.
    pub transfer_ns: u128,
}

/// What one constraint carried, and whether it ever carried too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Integral over time of the allocated rate, in 2^-40 bytes. Ends are rounded up to a nanosecond, so it exceeds the
    /// bytes delivered by at most one nanosecond's worth for each end.
    pub carried: u128,
    /// The highest rate ever allocated, in 2^-40 bytes a nanosecond.
    pub peak: u128,
    /// By how much the allocated rate ever exceeded the capacity: always 0, unless a law is broken.
    pub excess: u128,
}

impl Load {
    /// Carried bytes, for reports.
    #[must_use]
    pub fn carried_bytes(&self) -> f64 {
        self.carried as f64 / (1_u64 << FRACTION_BITS) as f64
    }

    /// The highest rate in bytes a second, for reports.
    #[must_use]
    pub fn peak_rate(&self) -> f64 {
        self.peak as f64 * 1e9 / (1_u64 << FRACTION_BITS) as f64
    }

    pub(crate) fn carry(&mut self, used: u128, ns: u64) {
        self.carried += used * u128::from(ns);
    }

    pub(crate) fn observe(&mut self, used: u128, capacity: u64) {
        if used > self.peak {
            self.peak = used;
        }
        if used > u128::from(capacity) {
            self.excess = self.excess.max(used - u128::from(capacity));
        }
    }
}
