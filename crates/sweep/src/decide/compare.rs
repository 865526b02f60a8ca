//! Ways of feeding a job side by side: what each has more or less of than one of them, on the same luck.
//!
//! Replication r of one side and replication r of the other see the same latencies, sizes and orders, so their
//! difference is taken replication by replication: what luck does to both cancels. The interval is Student's t over
//! these differences.

use std::cmp::Ordering;

use ingestsim_model::outcome::Summary;

use crate::{Estimate, ProfileResult, Study};

/// What one side has more of than the other, figure by figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Differences([Estimate; Summary::COUNT]);

/// A study whose profiles are held against one of them.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The sides, all with the same number of replications.
    pub study: Study,
    /// Which of them the others are held against.
    pub against: usize,
    /// What each side has more than that one, in the order of the study: nothing in its own place.
    pub differences: Vec<Differences>,
}

impl Differences {
    /// `side` less `against`, paired by replication. A figure that one of a pair lacks leaves that pair out.
    #[must_use]
    pub fn between(side: &ProfileResult, against: &ProfileResult) -> Self {
        let pairs = side.outcomes.iter().zip(&against.outcomes);
        let pairs: Vec<_> =
            pairs.map(|(one, other)| (one.summary.values(), other.summary.values())).collect();
        let less = |one: Option<f64>, other: Option<f64>| Some(one? - other?);
        Self(std::array::from_fn(|figure| {
            Estimate::of(pairs.iter().map(|(one, other)| less(one[figure], other[figure])))
        }))
    }

    /// The name of each figure, as in `summary.csv`, and the difference.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Estimate)> + '_ {
        Summary::NAMES.into_iter().zip(self.0)
    }

    /// The difference of a figure.
    ///
    /// # Panics
    ///
    /// If no figure has this name: the caller misspelled one of [`Summary::NAMES`].
    #[must_use]
    pub fn of(&self, name: &str) -> Estimate {
        let found = self.iter().find_map(|(figure, estimate)| (figure == name).then_some(estimate));
        found.expect("a figure is asked for by one of its names")
    }
}

impl Comparison {
    /// Holds every profile of `study` against the one at `against`.
    ///
    /// # Panics
    ///
    /// If there is no such profile.
    #[must_use]
    pub fn new(study: Study, against: usize) -> Self {
        let other = &study.profiles[against];
        let differences = study.profiles.iter().map(|side| Differences::between(side, other)).collect();
        Self { study, against, differences }
    }

    /// The profile that the others are held against.
    #[must_use]
    pub fn baseline(&self) -> &ProfileResult {
        &self.study.profiles[self.against]
    }

    /// The differences between two sides, the first less the second.
    #[must_use]
    pub fn between(&self, side: usize, against: usize) -> Differences {
        Differences::between(&self.study.profiles[side], &self.study.profiles[against])
    }
}

/// Which way a difference points; none where its interval holds both ways.
#[must_use]
pub fn direction(difference: Estimate) -> Option<Ordering> {
    let mean = difference.mean?;
    let noise = difference.ci95.unwrap_or(0.0);
    if mean.abs() > noise { mean.partial_cmp(&0.0) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    /// Loops of 100, 110, 120 s against 90, 101, 111: differences 10, 9, 9, mean 9.333, s 0.5774, t(0.975, 2) 4.3027,
    /// half width 4.3027 · 0.5774 / √3 = 1.4342. Taken apart each mean has a half width of some 25 s.
    #[test]
    fn pairs_cancel_the_luck_that_both_share() {
        let [one, other] =
            [&[100.0, 110.0, 120.0], &[90.0, 101.0, 111.0]].map(|loops| fixture::profile("x", loops));
        let difference = Differences::between(&one, &other).of("loop_s");
        assert!((difference.mean.unwrap() - 28.0 / 3.0).abs() < 1e-9);
        assert!((difference.ci95.unwrap() - 1.4342).abs() < 1e-3, "{difference:?}");
        assert!(one.summary.get("loop_s").unwrap().ci95.unwrap() > 24.0);
    }

    #[test]
    fn a_side_differs_from_itself_by_nothing() {
        let comparison = fixture::comparison(&[&[5.0, 7.0], &[6.0, 9.0]]);
        assert_eq!(comparison.differences[0].of("loop_s").mean, Some(0.0));
        assert_eq!(comparison.differences[1].of("loop_s").mean, Some(1.5));
        assert_eq!(comparison.between(0, 1).of("loop_s").mean, Some(-1.5));
    }

    #[test]
    fn a_difference_within_its_interval_points_nowhere() {
        let estimate = |mean, ci95| Estimate { mean: Some(mean), ci95: Some(ci95) };
        assert_eq!(direction(estimate(-2.0, 1.0)), Some(Ordering::Less));
        assert_eq!(direction(estimate(0.9, 1.0)), None);
        assert_eq!(direction(estimate(0.0, 0.0)), None);
        assert_eq!(direction(Estimate { mean: Some(1.0), ci95: None }), Some(Ordering::Greater));
        assert_eq!(direction(Estimate::default()), None);
    }

    /// One batch: no accelerator utilisation, so there is no difference of it either.
    #[test]
    fn what_has_no_value_has_no_difference() {
        let comparison = fixture::comparison(&[&[5.0], &[6.0]]);
        assert_eq!(comparison.differences[1].of("accelerator_utilisation"), Estimate::default());
    }
}
