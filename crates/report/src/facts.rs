//! What tables, charts and sentences say about a profile: figures derived from its runs, in one place.

use indexmap::IndexMap;
use ingestsim_model::outcome::EpochRow;
use ingestsim_sweep::{Estimate, ProfileResult};

/// The phases from submission to the first batch: what a reader calls each, and its figure.
///
/// They add up to `time_to_first_batch_s`.
pub const PHASES: [(&str, &str); 7] = [
    ("provisioning", "provisioning_s"),
    ("starting", "starting_s"),
    ("downloading", "downloading_s"),
    ("image pull", "image_pull_s"),
    ("framework start", "framework_start_s"),
    ("walk", "walk_s"),
    ("first-batch wait", "first_batch_wait_s"),
];

/// The parts of the cost: what a reader calls each, and its figure. They add up to `cost_total_usd`.
pub const COST_PARTS: [(&str, &str); 6] = [
    ("compute", "cost_compute_usd"),
    ("storage", "cost_storage_usd"),
    ("throughput", "cost_throughput_usd"),
    ("requests", "cost_requests_usd"),
    ("volume", "cost_volume_usd"),
    ("transfer", "cost_transfer_usd"),
];

/// The means of a list of figures, by what a reader calls each.
#[must_use]
pub fn means<const N: usize>(
    profile: &ProfileResult,
    figures: [(&'static str, &str); N],
) -> [(&'static str, f64); N] {
    figures.map(|(label, figure)| (label, profile.summary.mean(figure)))
}

/// The largest of labelled values, if any is above zero.
#[must_use]
pub fn largest<'a>(values: &[(&'a str, f64)]) -> Option<(&'a str, f64)> {
    let positive = values.iter().copied().filter(|(_, value)| *value > 0.0);
    // Of equals the first, so that the answer does not hang on the order of comparison.
    positive.reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// The number of the last epoch.
#[must_use]
pub fn last_epoch(profile: &ProfileResult) -> u32 {
    profile.first().epochs.iter().map(|row| row.epoch).max().unwrap_or_default()
}

/// A figure of one epoch: the mean over the trials of a replication, then over the replications with its interval.
#[must_use]
pub fn epoch(profile: &ProfileResult, number: u32, figure: fn(&EpochRow) -> f64) -> Estimate {
    Estimate::of(profile.outcomes.iter().map(|outcome| {
        let rows = outcome.epochs.iter().filter(|row| row.epoch == number);
        let (count, sum) = rows.fold((0_u32, 0.0), |(count, sum), row| (count + 1, sum + figure(row)));
        (count > 0).then(|| sum / f64::from(count))
    }))
}

/// The stall time of one cause over all epochs, in GPU-seconds, mean over the replications.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stall {
    /// The cause's name.
    pub cause: &'static str,
    /// Waited for its own data.
    pub own_s: f64,
    /// Waited at the barrier for a rank that waited for its data.
    pub through_barrier_s: f64,
}

impl Stall {
    /// Both kinds of waiting.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.own_s + self.through_barrier_s
    }
}

/// The stalls of a profile by cause, longest first.
#[must_use]
pub fn stalls(profile: &ProfileResult) -> Vec<Stall> {
    let mut causes: IndexMap<&'static str, Stall> = IndexMap::new();
    let share = 1.0 / profile.outcomes.len() as f64;
    for row in profile.outcomes.iter().flat_map(|outcome| &outcome.stalls) {
        let none = Stall { cause: row.cause, own_s: 0.0, through_barrier_s: 0.0 };
        let stall = causes.entry(row.cause).or_insert(none);
        stall.own_s += row.own_s * share;
        stall.through_barrier_s += row.through_barrier_s * share;
    }
    let mut stalls: Vec<Stall> = causes.into_values().filter(|stall| stall.seconds() > 0.0).collect();
    stalls.sort_by(|a, b| b.seconds().total_cmp(&a.seconds()));
    stalls
}

#[cfg(test)]
mod tests {
    use crate::fixture;

    use super::*;

    #[test]
    fn phases_add_up_to_the_time_to_first_batch() {
        for profile in &fixture::study().profiles {
            let sum: f64 = means(profile, PHASES).iter().map(|(_, seconds)| seconds).sum();
            assert_eq!(sum, profile.summary.mean("time_to_first_batch_s"));
        }
    }

    /// Loops of 100 and 120 s with two equal epochs: 50 and 60 s, 55 on average.
    #[test]
    fn an_epoch_is_estimated_over_the_replications() {
        let profile = fixture::profile("lustre", &[100.0, 120.0]);
        let estimate = epoch(&profile, 2, |row| row.seconds);
        assert_eq!(estimate.mean, Some(55.0));
        assert!(estimate.ci95.is_some());
        assert_eq!(epoch(&profile, 3, |row| row.seconds).mean, None);
        assert_eq!(last_epoch(&profile), 2);
    }

    /// The NIC's 20 s, and 10 + 10 s of metadata: of equals the first written stays in front.
    #[test]
    fn stalls_are_added_up_by_cause() {
        let stalls = stalls(&fixture::profile("lustre", &[100.0]));
        let seconds: Vec<_> = stalls.iter().map(|stall| (stall.cause, stall.seconds())).collect();
        assert_eq!(seconds, [("metadata", 20.0), ("NIC", 20.0)]);
    }

    #[test]
    fn the_largest_is_the_first_of_equals_and_none_of_zeros() {
        assert_eq!(largest(&[("a", 1.0), ("b", 2.0), ("c", 2.0)]), Some(("b", 2.0)));
        assert_eq!(largest(&[("a", 0.0)]), None);
    }
}
