//! How many replications of a point are enough.

use ingestsim_model::outcome::Summary;
use ingestsim_scenario::schema::sweep::Sweep;

use crate::Estimate;

/// The figures whose intervals must be narrow: how long until the first batch and for the loop, how busy, how dear.
pub(super) const HEADLINES: [&str; 4] =
    ["time_to_first_batch_s", "loop_s", "gpu_utilisation", "cost_total_usd"];

/// Fewer runs have no interval that could be trusted to be narrow: two may agree by chance.
const LEAST_FOR_PRECISION: u32 = 3;
/// With the interval of so many runs at half of their standard deviation, more are better asked for than assumed.
const MOST_FOR_PRECISION: u32 = 20;

/// From how many replications to how many, and when to stop in between.
///
/// The rule sees the runs of a point in the order of their replications and nothing else, so it stops at the same
/// number whatever the threads did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    least: u32,
    most: u32,
    /// The half width of a 95 % interval, relative to its mean, that is narrow enough.
    precision: Option<f64>,
}

impl Rule {
    /// Always so many.
    #[must_use]
    pub fn exactly(replications: u32) -> Self {
        Self { least: replications.max(1), most: replications.max(1), precision: None }
    }

    /// At least `least` and at most `most`, until every headline's interval is within `precision` of its mean.
    #[must_use]
    pub fn until(precision: f64, least: u32, most: u32) -> Self {
        let least = least.max(2);
        Self { least, most: most.max(least), precision: Some(precision) }
    }

    /// What `[sweep]` asks for: `replications`, by default 1; with `precision` at least 3 and at most 20.
    #[must_use]
    pub fn of(sweep: Option<&Sweep>) -> Self {
        let replications = sweep.and_then(|sweep| sweep.replications);
        let Some(precision) = sweep.and_then(|sweep| sweep.precision) else {
            return Self::exactly(replications.unwrap_or(1));
        };
        let most = sweep.and_then(|sweep| sweep.max_replications).unwrap_or(MOST_FOR_PRECISION);
        let least = replications.unwrap_or(LEAST_FOR_PRECISION.min(most));
        Self::until(precision.fraction(), least, most)
    }

    /// The replications that every point has.
    #[must_use]
    pub const fn least(&self) -> u32 {
        self.least
    }

    /// The replications that no point exceeds.
    #[must_use]
    pub const fn most(&self) -> u32 {
        self.most
    }

    /// Whether the first runs of a point are enough; `None` stands for a run that failed.
    ///
    /// After a failure no further runs are asked for: they would fail as well, and an interval without the failed run
    /// means little.
    #[must_use]
    pub fn is_enough(&self, runs: &[Option<[Option<f64>; Summary::COUNT]>]) -> bool {
        let count = runs.len() as u64;
        if count < self.least.into() {
            return false;
        }
        let failed = runs.iter().any(Option::is_none);
        count >= self.most.into() || failed || self.precision.is_none_or(|share| are_narrow(runs, share))
    }
}

/// Whether every headline's half width is within `share` of its mean.
fn are_narrow(runs: &[Option<[Option<f64>; Summary::COUNT]>], share: f64) -> bool {
    let figures = Summary::NAMES.iter().enumerate().filter(|(_, name)| HEADLINES.contains(name));
    figures.map(|(figure, _)| figure).all(|figure| {
        let estimate = Estimate::of(runs.iter().flatten().map(|values| values[figure]));
        match (estimate.mean, estimate.ci95) {
            (Some(mean), Some(half_width)) => half_width <= share * mean.abs(),
            // A figure that no run has needs no interval.
            (mean, _) => mean.is_none(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(loop_s: f64) -> Option<[Option<f64>; Summary::COUNT]> {
        Some(Summary { loop_s, ..Summary::default() }.values())
    }

    fn sweep(toml: &str) -> Sweep {
        toml::from_str(toml).unwrap()
    }

    /// 100 and 102: half width 12.706 · 1.414 / √2 = 12.7 % of 101. With 101: 4.303 · 1 / √3 = 2.48 of 101, 2.46 %.
    #[test]
    fn it_stops_where_the_interval_is_narrow() {
        let rule = Rule::until(0.025, 2, 10);
        assert!(!rule.is_enough(&[run(100.0), run(102.0)]));
        assert!(rule.is_enough(&[run(100.0), run(102.0), run(101.0)]));
        assert!(!Rule::until(0.024, 2, 10).is_enough(&[run(100.0), run(102.0), run(101.0)]));
    }

    #[test]
    fn it_asks_for_the_least_and_never_for_more_than_the_most() {
        let rule = Rule::until(1e-9, 3, 4);
        assert!(!rule.is_enough(&[run(1.0), run(1.0)]));
        assert!(!rule.is_enough(&[run(1.0), run(2.0), run(3.0)]));
        assert!(rule.is_enough(&[run(1.0), run(2.0), run(3.0), run(4.0)]));
    }

    #[test]
    fn a_failure_asks_for_no_more_than_the_least() {
        let rule = Rule::until(1e-9, 3, 10);
        assert!(!rule.is_enough(&[run(1.0), None]));
        assert!(rule.is_enough(&[run(1.0), None, run(3.0)]));
    }

    #[test]
    fn a_sweep_says_how_many() {
        assert_eq!(Rule::of(None), Rule::exactly(1));
        assert_eq!(Rule::of(Some(&sweep("replications = 5"))), Rule::exactly(5));
        assert_eq!(Rule::of(Some(&sweep("precision = \"1 %\""))), Rule::until(0.01, 3, 20));
        let both = sweep("precision = \"1 %\"\nreplications = 4\nmax-replications = 9");
        assert_eq!(Rule::of(Some(&both)), Rule::until(0.01, 4, 9));
        let few = sweep("precision = \"1 %\"\nmax-replications = 2");
        assert_eq!(Rule::of(Some(&few)), Rule::until(0.01, 2, 2));
    }
}
