//! Burst credits: a fast rate while saved credit lasts, a slower one after.

use ingestsim_units::{Bytes, Rate, Span};

/// Units of credit in a byte, so that a rate of one byte a second is one unit a nanosecond.
const BYTE: u128 = 1_000_000_000;

/// Credit earned at a baseline rate and spent by what is used, as networks, volumes and file systems with bursts have it.
///
/// Over a time `dt` with usage u the credit changes by `(baseline − u) · dt`, between nothing and the depth. While there
/// is credit the cap on usage is the burst rate, then the baseline. The owner of the link asks for
/// [`time_to_empty`](Self::time_to_empty), schedules that moment, and brings the credit up to date with
/// [`advance`](Self::advance) whenever usage changes.
///
/// ```
/// use ingestsim_des::resource::token_bucket::FluidBucket;
/// use ingestsim_units::{Bytes, Rate, Span};
///
/// let (baseline, burst) = (Rate::per_second(100), Rate::per_second(500));
/// let mut credit = FluidBucket::full(baseline, burst, Bytes::new(1_200));
/// assert_eq!(credit.time_to_empty(burst), Some(Span::from_secs(3)));
/// credit.advance(Span::from_secs(3), burst);
/// assert_eq!(credit.cap(), baseline);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FluidBucket {
    baseline: Rate,
    burst: Rate,
    depth: u128,
    credit: u128,
}

impl FluidBucket {
    /// A bucket whose credit is all there.
    #[must_use]
    pub fn full(baseline: Rate, burst: Rate, depth: Bytes) -> Self {
        let depth = u128::from(depth.get()) * BYTE;
        Self { baseline, burst, depth, credit: depth }
    }

    /// The same bucket with `credit` at the start, or its depth if that is less.
    #[must_use]
    pub fn with_credit(mut self, credit: Bytes) -> Self {
        self.credit = (u128::from(credit.get()) * BYTE).min(self.depth);
        self
    }

    /// Lets `dt` pass in which `usage` flows all the time.
    pub fn advance(&mut self, dt: Span, usage: Rate) {
        let (earned, spent) = (over(self.baseline, dt), over(usage, dt));
        self.credit = (self.credit + earned).saturating_sub(spent).min(self.depth);
    }

    /// How long the credit lasts at `usage`, rounded up; none if it does not run out (within 584 years).
    #[must_use]
    pub fn time_to_empty(&self, usage: Rate) -> Option<Span> {
        let loss = usage.bytes_per_second().checked_sub(self.baseline.bytes_per_second())?;
        if loss == 0 {
            return None;
        }
        u64::try_from(self.credit.div_ceil(u128::from(loss))).ok().map(Span::from_nanos)
    }

    /// The most that may be used now: the burst rate while there is credit, else the baseline.
    #[must_use]
    pub fn cap(&self) -> Rate {
        if self.credit > 0 { self.burst } else { self.baseline }
    }

    /// Whole bytes of credit.
    #[must_use]
    pub fn credit(&self) -> Bytes {
        Bytes::new((self.credit / BYTE) as u64)
    }
}

/// What a rate amounts to over some time, in units of credit.
fn over(rate: Rate, dt: Span) -> u128 {
    u128::from(rate.bytes_per_second()) * u128::from(dt.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIB: u64 = 1 << 20;

    /// 100 MiB/s burst on a baseline of 50, 2.1 TiB of credit: 2.1 · 2^20 / 50 s = 44,040.192 s, a little over 12 hours.
    #[test]
    fn a_burst_lasts_as_long_as_its_credit() {
        let depth = Bytes::new(21 * (MIB << 20) / 10);
        let burst = Rate::per_second(100 * MIB);
        let mut bucket = FluidBucket::full(Rate::per_second(50 * MIB), burst, depth);
        let lasts = bucket.time_to_empty(burst).unwrap();
        assert_eq!(lasts.as_nanos() / 1_000_000, 44_040_191);
        bucket.advance(Span::from_nanos(lasts.as_nanos() - 1), burst);
        assert_eq!(bucket.cap(), burst);
        bucket.advance(Span::from_nanos(1), burst);
        assert_eq!(bucket.cap(), Rate::per_second(50 * MIB));
    }

    /// An idle hour at 50 MiB/s earns 180,000 MiB, which then last 3,600 s at 50 MiB/s above the baseline.
    #[test]
    fn idle_time_earns_credit() {
        let (baseline, burst) = (Rate::per_second(50 * MIB), Rate::per_second(100 * MIB));
        let mut bucket = FluidBucket::full(baseline, burst, Bytes::new(MIB << 20)).with_credit(Bytes::ZERO);
        assert_eq!(bucket.cap(), baseline);
        bucket.advance(Span::from_secs(3_600), Rate::per_second(0));
        assert_eq!(bucket.credit(), Bytes::new(180_000 * MIB));
        assert_eq!(bucket.time_to_empty(burst), Some(Span::from_secs(3_600)));
    }

    #[test]
    fn usage_up_to_the_baseline_lasts_for_ever() {
        let rate = Rate::per_second(10);
        let bucket = FluidBucket::full(rate, Rate::per_second(20), Bytes::new(5));
        assert_eq!(bucket.time_to_empty(rate), None);
        assert_eq!(bucket.time_to_empty(Rate::per_second(9)), None);
    }

    proptest! {
        /// One long step is many short ones while neither end of the bucket is reached.
        #[test]
        fn a_step_may_be_divided(usage in 0..200_u64, parts in prop::collection::vec(0..1_000_000_u64, 1..20)) {
            let start = FluidBucket::full(Rate::per_second(100), Rate::per_second(200), Bytes::new(1_000))
                .with_credit(Bytes::new(500));
            let (mut divided, mut whole) = (start, start);
            for &part in &parts {
                divided.advance(Span::from_nanos(part), Rate::per_second(usage));
            }
            whole.advance(Span::from_nanos(parts.iter().sum()), Rate::per_second(usage));
            prop_assert_eq!(divided, whole);
        }

        /// The moment it runs dry is the first nanosecond without credit.
        #[test]
        fn empty_is_met_to_the_nanosecond(credit in 1..1_000_000_u64, loss in 1..100_000_u64) {
            let usage = Rate::per_second(70 + loss);
            let bucket = FluidBucket::full(Rate::per_second(70), usage, Bytes::new(credit));
            let lasts = bucket.time_to_empty(usage).unwrap();
            let after = |ns| {
                let mut later = bucket;
                later.advance(Span::from_nanos(ns), usage);
                later.cap()
            };
            prop_assert_eq!(after(lasts.as_nanos()), Rate::per_second(70));
            prop_assert_eq!(after(lasts.as_nanos() - 1), usage);
        }
    }
}
