//! The figures of several replications: their means, and how far the truth may be from them.

use ingestsim_des::stats::Interval;
use ingestsim_model::outcome::Summary;

/// A mean and the half width of its 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Estimate {
    /// The mean over the replications that have a value; none if no replication has one.
    pub mean: Option<f64>,
    /// The half width by Student's t; none with fewer than two values.
    pub ci95: Option<f64>,
}

impl Estimate {
    /// The mean of `values` and its interval; a replication without a value counts for nothing.
    ///
    /// Student's t for the mean of independent, about normal values: half width = t(0.975, n − 1) · s / √n.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let values: Vec<f64> = values.into_iter().flatten().collect();
        if values.is_empty() {
            return Self::default();
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let interval = Interval::of_95(&values);
        Self { mean: Some(mean), ci95: interval.map(|interval| interval.half_width) }
    }
}

/// The estimate of every summary figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures([Estimate; Summary::COUNT]);

impl Figures {
    /// The estimates over the summaries of a profile's replications.
    #[must_use]
    pub fn of(summaries: &[&Summary]) -> Self {
        let values: Vec<_> = summaries.iter().map(|summary| summary.values()).collect();
        Self(std::array::from_fn(|figure| Estimate::of(values.iter().map(|row| row[figure]))))
    }

    /// The estimates that `of` has for each of [`Summary::NAMES`], which it is asked for in their order.
    #[must_use]
    pub fn from_fn(of: impl FnMut(&'static str) -> Estimate) -> Self {
        Self(Summary::NAMES.map(of))
    }

    /// The name of each figure, as in `summary.csv`, and its estimate.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Estimate)> + '_ {
        Summary::NAMES.into_iter().zip(self.0)
    }

    /// The estimate of the figure of this name, if there is such a figure.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Estimate> {
        self.iter().find_map(|(figure, estimate)| (figure == name).then_some(estimate))
    }

    /// The mean of a figure that every run has.
    ///
    /// # Panics
    ///
    /// If no figure has this name: the caller misspelled one of [`Summary::NAMES`].
    #[must_use]
    pub fn mean(&self, name: &str) -> f64 {
        let figure = self.get(name).expect("a figure is asked for by one of its names");
        figure.mean.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1, 2, 3: mean 2, s = 1, t(0.975, 2) = 4.3027, half width 4.3027 / √3 = 2.4841.
    #[test]
    fn three_values_have_the_interval_of_the_tables() {
        let estimate = Estimate::of([Some(1.0), Some(2.0), Some(3.0)]);
        assert_eq!(estimate.mean, Some(2.0));
        assert!((estimate.ci95.unwrap() - 2.4841).abs() < 1e-4, "{estimate:?}");
    }

    #[test]
    fn one_value_has_no_interval_and_none_no_mean() {
        assert_eq!(Estimate::of([Some(7.0)]), Estimate { mean: Some(7.0), ci95: None });
        assert_eq!(Estimate::of([None, None]), Estimate::default());
    }

    #[test]
    fn figures_are_found_by_their_names() {
        let fast = Summary { loop_s: 10.0, ..Summary::default() };
        let slow = Summary { loop_s: 14.0, ..Summary::default() };
        let figures = Figures::of(&[&fast, &slow]);
        assert_eq!(figures.mean("loop_s"), 12.0);
        assert_eq!(figures.get("accelerator_utilisation").unwrap().mean, None);
        assert_eq!(figures.get("loop"), None);
        assert_eq!(figures.iter().count(), Summary::COUNT);
    }
}
