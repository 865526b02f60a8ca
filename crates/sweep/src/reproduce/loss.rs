//! A lost Scratch server: what it costs a job with checkpoints elsewhere, and one without.

use super::{
    Case, Lab, Ran, ReproduceError,
    failures::{self, Check},
};

const STORAGE: &str = "scratch";
const ELSEWHERE: &str = "job.checkpoint.to=bucket";

/// Simulated failures to one real one.
const HASTENED: f64 = 25.0;

/// What losses come to.
#[derive(Debug, Clone)]
pub struct Loss {
    /// By the length of the job.
    pub lengths: Vec<Length>,
    /// Losses simulated over a week with checkpoints on the file system itself, beside theory.
    pub lost_with_it: Check,
    /// The same with checkpoints in S3.
    pub kept: Check,
    /// What a loss costs beside the work that is done again.
    pub restart_s: f64,
    /// Work between two checkpoints.
    pub every_s: f64,
    /// What the job bills for a second of its loop.
    pub usd_per_s: f64,
}

/// A length of the job.
#[derive(Debug, Clone, Copy)]
pub struct Length {
    /// The training in it.
    pub training_s: f64,
    /// The probability that the file system is lost in that time.
    pub probability: f64,
    /// What losses cost on average, in seconds, with checkpoints on the file system itself.
    pub lost_with_it_s: f64,
    /// The same with checkpoints in S3.
    pub kept_s: f64,
}

/// Refuses a job whose file system cannot be lost, and one none of whose lengths is about a week.
pub(super) fn suited(lab: &Lab<'_>) -> Result<(), ReproduceError> {
    failures::suited(lab, STORAGE)?;
    let step_s = step_s(lab)?;
    let about_a_week = |steps: &String| is_about_a_week(steps.parse::<f64>().unwrap_or_default() * step_s);
    if steps(lab)?.iter().any(about_a_week) {
        Ok(())
    } else {
        Err(lab.unsuited("a job.step-time with which one of its jobs is a week long"))
    }
}

/// Whether training of so many seconds is what the item calls a week.
#[must_use]
pub fn is_about_a_week(training_s: f64) -> bool {
    training_s > 6.5 * 86_400.0 && training_s < 8.0 * 86_400.0
}

/// The lengths of the job in steps.
fn steps(lab: &Lab<'_>) -> Result<Vec<String>, ReproduceError> {
    let points = lab.load(&[])?.points()?;
    Ok(points.iter().map(|point| point.cells[0].to_string()).collect())
}

fn step_s(lab: &Lab<'_>) -> Result<f64, ReproduceError> {
    Ok(lab.plan(&Case::new(STORAGE, [""; 0]))?.training.step_time.mean() / 1e9)
}

pub(super) fn compute(lab: &mut Lab<'_>) -> Result<Loss, ReproduceError> {
    let steps = steps(lab)?;
    let rate = lab.plan(&Case::new(STORAGE, [""; 0]))?.failures.storage_loss_per_s;
    let every_s = step_s(lab)?;
    let calm = |steps: &String| {
        Case::new(STORAGE, [format!("job.steps={steps}")]).also("job.failures.storage=false")
    };
    let runs = lab.run(&steps.iter().map(calm).collect::<Vec<_>>())?;
    let restart_s = runs.first().map_or(0.0, failures::restart_s);
    let length = |(steps, ran): (&String, &Ran)| {
        let work_s = ran.summary().loop_s;
        Length {
            training_s: steps.parse::<f64>().unwrap_or_default() * every_s,
            probability: -(-rate * work_s).exp_m1(),
            lost_with_it_s: failures::expected_s(rate, work_s, work_s, restart_s) - work_s,
            kept_s: failures::expected_s(rate, work_s, every_s, restart_s) - work_s,
        }
    };
    let lengths = steps.iter().zip(&runs).map(length).collect();
    let last = runs.last().map(Ran::summary);
    let usd_per_s = last.map_or(0.0, |last| last.cost_total_usd / last.total_s);
    let replications = lab.replications(300);
    let check = |lab: &mut Lab<'_>, case: &Case, piece_s: f64| {
        failures::check(lab, case, HASTENED, replications, |rate, quiet, restart_s| {
            let work_s = quiet.summary().loop_s;
            failures::expected_s(rate, work_s, piece_s, restart_s) - work_s
        })
    };
    let lost_with_it = check(lab, &Case::new(STORAGE, [""; 0]), f64::INFINITY)?;
    let kept = check(lab, &Case::new(STORAGE, [ELSEWHERE]), every_s)?;
    Ok(Loss { lengths, lost_with_it, kept, restart_s, every_s, usd_per_s })
}
