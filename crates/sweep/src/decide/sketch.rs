//! How closely one of many runs is simulated, and the runs themselves.

use std::error::Error;

use ingestsim_catalog::Catalog;
use ingestsim_model::{BuildError, Fidelity, Outcome, Plan, build};
use ingestsim_scenario::{Scenario, schema::job::Length};

use crate::{Candidate, Simulate};

/// A sketch simulates its part of the first epoch and of the second; later ones are copies of that.
const EPOCHS_SIMULATED: u64 = 2;

/// A plan and how closely it is to be simulated.
#[derive(Debug, Clone)]
pub(crate) struct Sketched {
    pub(crate) plan: Plan,
    pub(crate) fidelity: Fidelity,
}

impl Sketched {
    /// A run of at most about `samples` samples: exact where the job has no more, else a sketch.
    pub(crate) fn within(plan: Plan, samples: u64) -> Self {
        let fidelity = if plan.estimated_samples() <= samples {
            Fidelity::Exact
        } else {
            Fidelity::Sketch(samples / EPOCHS_SIMULATED)
        };
        Self { plan, fidelity }
    }

    /// This run as one of many.
    pub(crate) fn named(self, storage: impl Into<String>, kind: &'static str) -> Candidate<Self> {
        Candidate { storage: storage.into(), kind, plan: self }
    }
}

impl Simulate for Sketched {
    fn simulate(&self, replication: u64) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
        Ok(self.plan.simulate_at(replication, self.fidelity)?)
    }

    fn samples(&self) -> u64 {
        match self.fidelity {
            Fidelity::Sketch(samples) | Fidelity::Brief(samples) => {
                self.plan.estimated_samples().min(samples * EPOCHS_SIMULATED)
            }
            _ => self.plan.estimated_samples(),
        }
    }

    fn ranks(&self) -> u32 {
        self.plan.ranks()
    }
}

/// The job cut to as many steps as read `samples` samples, if a run of it has more and none of them can be left out.
///
/// # Errors
///
/// If the scenario cannot be built as it is.
pub(crate) fn cut(
    scenario: &Scenario,
    catalog: &Catalog,
    storage: &str,
    samples: u64,
) -> Result<Option<Scenario>, BuildError> {
    let plan = build(scenario, catalog, storage)?;
    let per_step = plan.training.batch * u64::from(plan.ranks()) * u64::from(plan.training.trials);
    let steps = (samples / per_step).max(1);
    let wanted = match scenario.job.length() {
        // How many steps a duration holds is not known before it is simulated, but no more than fit back to back.
        Length::Duration(span) => {
            let step_ns = plan.training.step_time.mean() + plan.training.step_overhead.as_nanos() as f64;
            (span.as_nanos() as f64 / step_ns.max(1.0)) as u64
        }
        Length::Epochs(_) | Length::Steps(_) => plan.training.steps,
    };
    if plan.can_be_thinned() || wanted <= steps {
        return Ok(None);
    }
    let mut cut = scenario.clone();
    (cut.job.epochs, cut.job.steps, cut.job.duration) = (None, Some(steps), None);
    Ok(Some(cut))
}
