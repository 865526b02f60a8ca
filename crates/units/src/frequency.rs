//! Rates of events: requests, files or operations per second.

/// A number of operations per second, kept in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Frequency(u64);

impl Frequency {
    /// `count` thousandths of an operation per second.
    #[must_use]
    pub const fn per_thousand_seconds(count: u64) -> Self {
        Self(count)
    }

    /// `count` operations per second.
    #[must_use]
    pub const fn per_second(count: u64) -> Self {
        Self(count * 1000)
    }

    /// Thousandths of an operation per second.
    #[must_use]
    pub const fn milli_hertz(self) -> u64 {
        self.0
    }

    /// Operations per second as a float.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}
