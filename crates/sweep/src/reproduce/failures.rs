//! What failures cost a job, in closed form and by simulation.
//!
//! Failures are memoryless, with a rate λ while the loop runs. Work of W seconds that starts from the beginning after
//! each, at a cost of R seconds, takes (e^(λW) − 1)(1/λ + R) on average; cut into n pieces that are each saved, n times
//! that of a piece.

use ingestsim_catalog::Catalog;

use super::{Case, Lab, Ran, ReproduceError};
use crate::Estimate;

/// How long work of `work_s` takes on average, saved at the end of every piece of `piece_s`, at `rate` failures a second
/// that each cost `restart_s` beside what is done again.
#[must_use]
pub fn expected_s(rate: f64, work_s: f64, piece_s: f64, restart_s: f64) -> f64 {
    if rate <= 0.0 {
        return work_s;
    }
    let piece_s = piece_s.min(work_s);
    work_s / piece_s * (rate * piece_s).exp_m1() * (1.0 / rate + restart_s)
}

/// A simulated mean beside what theory expects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Check {
    /// How many times as many failures as there are were simulated, so that some are seen.
    pub hastened: f64,
    /// Runs.
    pub replications: u64,
    /// The simulated mean of the time that failures cost, in seconds.
    pub simulated_s: f64,
    /// The half width of its 95 % confidence interval.
    pub ci95_s: f64,
    /// What theory expects.
    pub expected_s: f64,
}

impl Check {
    /// How often the half width of the interval lies between the two.
    #[must_use]
    pub fn off(&self) -> f64 {
        (self.simulated_s - self.expected_s).abs() / self.ci95_s.max(f64::MIN_POSITIVE)
    }
}

/// Refuses a job whose file system of this profile cannot be lost.
pub(super) fn suited(lab: &Lab<'_>, storage: &str) -> Result<(), ReproduceError> {
    let rate = lab.plan(&Case::new(storage, [""; 0]))?.failures.storage_loss_per_s;
    if rate > 0.0 {
        Ok(())
    } else {
        Err(lab.unsuited("a file system that can be lost (job.failures.storage)"))
    }
}

/// The catalog with `times` as many failures of file servers.
pub(super) fn hastened(catalog: &Catalog, times: f64) -> Catalog {
    let rate = catalog.storage().fsx.failures_per_server_week.value * times;
    let over = format!("[storage.fsx-lustre]\nfailures-per-server-week = {{ value = {rate:?} }}\n");
    catalog.merged_with(&over).expect("a rate of failures may be any positive number")
}

/// The time that failures cost the job of a case on average, in runs with `times` as many failures as there are, and what
/// `expected` makes of the rate of failures per second, of a run without failures, and of the time of a restart.
pub(super) fn check(
    lab: &mut Lab<'_>,
    case: &Case,
    times: f64,
    replications: u64,
    expected: impl Fn(f64, &Ran, f64) -> f64,
) -> Result<Check, ReproduceError> {
    let catalog = hastened(lab.catalog(), times);
    lab.under(&catalog, |lab| {
        let plan = lab.plan(case)?;
        let quiet = lab.run_one(&case.also("job.failures.storage=false"))?;
        let runs = lab.replicate(std::slice::from_ref(case), replications)?;
        let costs = runs[0].iter().map(|ran| Some(ran.summary().total_s - quiet.summary().total_s));
        let Estimate { mean, ci95 } = Estimate::of(costs);
        let (simulated_s, ci95_s) = (mean.unwrap_or_default(), ci95.unwrap_or_default());
        let restart_s = restart_s(&quiet);
        let expected_s = expected(plan.failures.storage_loss_per_s, &quiet, restart_s);
        Ok(Check { hastened: times, replications, simulated_s, ci95_s, expected_s })
    })
}

/// What a lost file system costs beside the work that is done again: creating and loading another one, and the start.
#[must_use]
pub fn restart_s(quiet: &Ran) -> f64 {
    quiet.summary().time_to_first_batch_s - quiet.summary().first_batch_wait_s
}

#[cfg(test)]
mod tests {
    use super::*;

    /// λ = 1/h, W = 1 h, R = 600 s: (e − 1)(3,600 + 600) = 7,217 s.
    #[test]
    fn work_that_starts_anew_takes_what_theory_says() {
        assert!((expected_s(1.0 / 3_600.0, 3_600.0, 3_600.0, 600.0) - 7_216.8).abs() < 0.1);
    }

    /// Ten saved pieces of 6 min each: 10 (e^0.1 − 1)(3,600 + 600) = 4,417 s.
    #[test]
    fn saved_pieces_bound_the_loss() {
        let expected = 10.0 * 0.105_170_918 * 4_200.0;
        assert!((expected_s(1.0 / 3_600.0, 3_600.0, 360.0, 600.0) - expected).abs() < 0.1);
        assert_eq!(expected_s(0.0, 3_600.0, 360.0, 600.0), 3_600.0);
    }

    #[test]
    fn failures_can_be_hastened() {
        let builtin = Catalog::builtin();
        let rate = |catalog: &Catalog| catalog.storage().fsx.failures_per_server_week.value;
        assert!((rate(&hastened(&builtin, 100.0)) / rate(&builtin) - 100.0).abs() < 1e-9);
    }
}
