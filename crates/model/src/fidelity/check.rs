//! A faster rung held against the exact one over the first part of a job.

use serde::Serialize;

use super::Fidelity;
use crate::{laws::BrokenLaw, outcome::Outcome, plan::Plan};

/// Samples that the window has at least, as far as the job has so many: simulated one by one within a second.
const WINDOW_SAMPLES: u64 = 2_000_000;

/// How far a rung was off over a window, against every sample of it simulated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FidelityCheck {
    /// Samples of the window.
    pub samples: u64,
    /// Relative difference of the loop's length.
    pub loop_error: f64,
    /// Difference of the GPU utilisation.
    pub gpu_utilisation_error: f64,
    /// Relative difference of the wait for the first batch.
    pub first_batch_error: f64,
}

impl FidelityCheck {
    fn between(fast: &Outcome, exact: &Outcome, samples: u64) -> Self {
        let off = |one: f64, other: f64| if other == 0.0 { 0.0 } else { one / other - 1.0 };
        let (fast, exact) = (&fast.summary, &exact.summary);
        Self {
            samples,
            loop_error: off(fast.loop_s, exact.loop_s),
            gpu_utilisation_error: fast.gpu_utilisation - exact.gpu_utilisation,
            first_batch_error: off(fast.first_batch_wait_s, exact.first_batch_wait_s),
        }
    }

    /// It in a sentence.
    fn told(&self) -> String {
        format!(
            "Fidelity check: over the first {} samples, against every one of them simulated, the loop is off by \
             {:+.2} %, GPU utilisation by {:+.2} points, the wait for the first batch by {:+.2} %.",
            self.samples,
            self.loop_error * 100.0,
            self.gpu_utilisation_error * 100.0,
            self.first_batch_error * 100.0
        )
    }
}

impl Plan {
    /// One trial of the same job, cut to a window.
    fn window(&self) -> Self {
        let mut plan = self.clone();
        let training = &mut plan.training;
        let per_step = training.batch * u64::from(plan.host.nodes * plan.host.gpus);
        training.steps = training.steps.min(WINDOW_SAMPLES.div_ceil(per_step));
        (training.trials, training.concurrent_trials, training.duration) = (1, 1, None);
        plan
    }

    /// An outcome with what came of simulating its first part both ways.
    pub(crate) fn checked(&self, mut outcome: Outcome, replication: u64) -> Result<Outcome, BrokenLaw> {
        if outcome.fidelity == "exact" {
            outcome.notes.push("Fidelity check: nothing to check, every sample was simulated.".to_owned());
            return Ok(outcome);
        }
        let window = self.window();
        let rung = if self.fidelity == Fidelity::Bound { Fidelity::Bound } else { Fidelity::Fast };
        let exact = window.simulate_at(replication, Fidelity::Exact)?;
        let fast = window.simulate_at(replication, rung)?;
        let samples = window.estimated_samples();
        if fast.fidelity == "exact" {
            let note =
                format!("Fidelity check: the first {samples} samples alone are only simulated exactly.");
            outcome.notes.push(note);
            return Ok(outcome);
        }
        let check = FidelityCheck::between(&fast, &exact, samples);
        outcome.notes.push(check.told());
        outcome.fidelity_check = Some(check);
        Ok(outcome)
    }
}
