//! Percentiles of many values in fixed memory.

/// Each power of two is divided into this many buckets of equal width.
const LANES_BITS: u32 = 6;
const BUCKETS: usize = ((64 - LANES_BITS as usize) << LANES_BITS) + (1 << LANES_BITS);

/// Counts of values in buckets whose width grows with the value.
///
/// Values below 128 are exact; above, each power of two has 64 buckets, so a bucket is at most 1/64 of its values wide and
/// its middle, which stands for them, is off by at most 0.8 %. The mean, the smallest and the largest value are exact.
/// Memory: 30 kB, whatever is recorded.
///
/// ```
/// let mut latency = ingestsim_des::stats::Histogram::new();
/// latency.record(20);
/// latency.record(90);
/// assert_eq!(latency.quantile(0.5), Some(20));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    counts: Box<[u64; BUCKETS]>,
    count: u64,
    sum: u128,
    min: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl Histogram {
    /// A histogram of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { counts: Box::new([0; BUCKETS]), count: 0, sum: 0, min: u64::MAX, max: 0 }
    }

    /// Adds one value.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.record_many(value, 1);
    }

    /// Adds the same value `count` times.
    #[inline]
    pub fn record_many(&mut self, value: u64, count: u64) {
        if count == 0 {
            return;
        }
        self.counts[bucket_of(value)] += count;
        self.count += count;
        self.sum += u128::from(value) * u128::from(count);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds all values of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.counts.iter_mut().zip(other.counts.iter()) {
            *ours += theirs;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// How many values there were.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The exact sum of all values.
    #[must_use]
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// The exact mean; none without values.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The smallest value; none without values.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest value; none without values.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The value that a share `p` of the values do not exceed, within 0.8 %; exact for 0 and 1, none without values.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        let rank = ((p * self.count as f64).ceil() as u64).clamp(1, self.count);
        if rank == self.count {
            return Some(self.max);
        }
        let mut seen = 0;
        let bucket = self.counts.iter().position(|&count| {
            seen += count;
            seen >= rank
        });
        bucket.map(|bucket| middle_of(bucket).clamp(self.min, self.max))
    }
}

#[inline]
fn bucket_of(value: u64) -> usize {
    let shift = 63 - LANES_BITS - (value | 1 << LANES_BITS).leading_zeros();
    ((shift as usize) << LANES_BITS) + (value >> shift) as usize
}

fn middle_of(bucket: usize) -> u64 {
    let shift = (bucket >> LANES_BITS).saturating_sub(1);
    let low = ((bucket - (shift << LANES_BITS)) as u64) << shift;
    low + ((1 << shift) - 1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn histogram(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        for &value in values {
            histogram.record(value);
        }
        histogram
    }

    /// Small values have a bucket each; 128 and 129 share one, 254 and 255 share the last of that power of two.
    #[test]
    fn buckets_by_hand() {
        assert_eq!([0, 1, 127, 128, 129, 130].map(bucket_of), [0, 1, 127, 128, 128, 129]);
        assert_eq!([254, 255, 256, 259, 260].map(bucket_of), [191, 191, 192, 192, 193]);
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
        assert_eq!([5, 128, 192].map(middle_of), [5, 128, 257]);
    }

    /// 1 to 100: the 50th is 50, nine tenths do not exceed 90.
    #[test]
    fn percentiles_by_hand() {
        let histogram = histogram(&(1..=100).collect::<Vec<_>>());
        let at = |p| histogram.quantile(p);
        assert_eq!([at(0.0), at(0.5), at(0.9), at(0.901), at(1.0)], [1, 50, 90, 91, 100].map(Some));
        assert_eq!(histogram.mean(), Some(50.5));
    }

    #[test]
    fn nothing_has_no_percentiles() {
        let empty = Histogram::new();
        assert_eq!((empty.quantile(0.5), empty.mean(), empty.min(), empty.max()), (None, None, None, None));
    }

    /// Values whose squares would not fit: the sum is kept in 128 bits.
    #[test]
    fn the_largest_values_are_counted() {
        let mut histogram = Histogram::new();
        histogram.record_many(u64::MAX, 3);
        assert_eq!(histogram.sum(), 3 * u128::from(u64::MAX));
        assert_eq!(histogram.quantile(0.5), Some(u64::MAX));
    }

    proptest! {
        #[test]
        fn the_middle_stands_for_its_bucket_within_one_percent(value: u64) {
            let middle = middle_of(bucket_of(value));
            prop_assert_eq!(bucket_of(middle), bucket_of(value));
            prop_assert!(middle.abs_diff(value) as f64 <= value as f64 / 128.0);
        }

        #[test]
        fn quantiles_are_those_of_the_sorted_values(
            mut values in prop::collection::vec((0..50_u32, any::<u64>()).prop_map(|(shift, v)| v >> shift), 1..300),
            p in 0.0..=1.0_f64,
        ) {
            let found = histogram(&values).quantile(p).unwrap();
            values.sort_unstable();
            let rank = ((p * values.len() as f64).ceil() as usize).clamp(1, values.len());
            let exact = values[rank - 1];
            prop_assert!(found.abs_diff(exact) as f64 <= exact as f64 / 100.0, "{} {}", found, exact);
        }

        #[test]
        fn parts_merge_into_the_whole(values in prop::collection::vec(any::<u64>(), 0..50), cut in 0..50_usize) {
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut merged = histogram(left);
            merged.merge(&histogram(right));
            prop_assert_eq!(merged, histogram(&values));
        }
    }
}
