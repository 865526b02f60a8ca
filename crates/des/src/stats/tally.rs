//! Count, mean, spread and extremes of single values.

/// A running summary of values, in constant memory.
///
/// Mean and variance are kept by Welford's recurrence, which does not subtract large squares from each other; two
/// tallies are merged by the rule of Chan, Golub and LeVeque (1979).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tally {
    count: u64,
    mean: f64,
    /// Sum of squared distances from the mean.
    squares: f64,
    min: f64,
    max: f64,
}

impl Default for Tally {
    fn default() -> Self {
        Self::new()
    }
}

impl Tally {
    /// A tally of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { count: 0, mean: 0.0, squares: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY }
    }

    /// Adds one value.
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds all values of `other`.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let (ours, theirs) = (self.count as f64, other.count as f64);
        let apart = other.mean - self.mean;
        self.count += other.count;
        self.mean += apart * theirs / (ours + theirs);
        self.squares += other.squares + apart * apart * ours * theirs / (ours + theirs);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// How many values there were.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The mean; none without values.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The variance as estimated from a sample (divided by count − 1); none with fewer than two values.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / (self.count - 1) as f64)
    }

    /// The root of the [`variance`](Self::variance).
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// The smallest value; none without values.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest value; none without values.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }
}

impl FromIterator<f64> for Tally {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut tally = Self::new();
        for value in values {
            tally.push(value);
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squared distances 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32, over 7.
    #[test]
    fn eight_numbers_by_hand() {
        let tally: Tally = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0].into_iter().collect();
        assert_eq!((tally.count(), tally.mean(), tally.variance()), (8, Some(5.0), Some(32.0 / 7.0)));
        assert_eq!((tally.min(), tally.max()), (Some(2.0), Some(9.0)));
    }

    #[test]
    fn nothing_has_no_mean_and_one_value_no_spread() {
        let mut tally = Tally::new();
        assert_eq!((tally.mean(), tally.min(), tally.max()), (None, None, None));
        tally.push(3.0);
        assert_eq!((tally.mean(), tally.variance()), (Some(3.0), None));
    }

    /// 10^9 + 1, 2, 3: the sum of squares would have lost the variance of 1.
    #[test]
    fn a_large_mean_does_not_hide_the_spread() {
        let tally: Tally = [1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0].into_iter().collect();
        assert_eq!(tally.variance(), Some(1.0));
    }

    proptest! {
        #[test]
        fn parts_merge_into_the_whole(
            values in prop::collection::vec(-1e6..1e6_f64, 0..100),
            cut in 0..100_usize,
        ) {
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut merged: Tally = left.iter().copied().collect();
            merged.merge(&right.iter().copied().collect());
            let whole: Tally = values.iter().copied().collect();
            prop_assert_eq!((merged.count(), merged.min(), merged.max()), (whole.count(), whole.min(), whole.max()));
            let near = |a: Option<f64>, b: Option<f64>, scale: f64| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * scale,
                (a, b) => a == b,
            };
            prop_assert!(near(merged.mean(), whole.mean(), 1e6));
            prop_assert!(near(merged.variance(), whole.variance(), 1e12));
        }
    }
}
