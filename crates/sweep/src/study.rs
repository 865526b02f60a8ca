//! What the runs of one scenario came to: a result a profile, in the order of the scenario.

use ingestsim_model::Outcome;

use crate::{
    Candidate, Figures, Simulate,
    replicate::{Run, RunError},
};

/// The runs of one scenario.
#[derive(Debug, Clone)]
pub struct Study {
    /// The scenario's name.
    pub scenario: String,
    /// What the scenario is about; empty if it does not say.
    pub description: String,
    /// The data set and the job in a line.
    pub setting: String,
    /// The digest of the resolved scenario.
    pub digest: String,
    /// The seed of all draws.
    pub seed: u64,
    /// Runs of each profile.
    pub replications: u64,
    /// The profiles in their written order.
    pub profiles: Vec<ProfileResult>,
}

/// The runs of one profile.
#[derive(Debug, Clone)]
pub struct ProfileResult {
    /// The profile's name.
    pub storage: String,
    /// The kind of storage it is.
    pub kind: &'static str,
    /// GPUs of one trial.
    pub ranks: u32,
    /// An outcome a replication; all but the first without their timeline.
    pub outcomes: Vec<Outcome>,
    /// Mean and interval of each summary figure.
    pub summary: Figures,
    /// Seconds of the host's clock, added up over the runs.
    pub wall_s: f64,
    /// Timed events, added up over the runs.
    pub events: u64,
}

impl ProfileResult {
    /// Puts the replications of one candidate together.
    ///
    /// # Errors
    ///
    /// The first of the runs' errors.
    ///
    /// # Panics
    ///
    /// If there is no run at all.
    pub fn of<P: Simulate>(
        candidate: &Candidate<P>,
        runs: Vec<Result<Run, RunError>>,
    ) -> Result<Self, RunError> {
        let runs = runs.into_iter().collect::<Result<Vec<_>, _>>()?;
        assert!(!runs.is_empty(), "a profile has at least one run");
        let wall_s = runs.iter().map(|run| run.wall.as_secs_f64()).sum();
        let outcomes: Vec<Outcome> = runs.into_iter().map(|run| run.outcome).collect();
        let summaries: Vec<_> = outcomes.iter().map(|outcome| &outcome.summary).collect();
        Ok(Self {
            storage: candidate.storage.clone(),
            kind: candidate.kind,
            ranks: candidate.plan.ranks(),
            summary: Figures::of(&summaries),
            wall_s,
            events: outcomes.iter().map(|outcome| outcome.events).sum(),
            outcomes,
        })
    }

    /// GPU-seconds of the loops of a run, mean over the replications: what computing and stalling share out.
    #[must_use]
    pub fn gpu_s(&self) -> f64 {
        let loops = |outcome: &Outcome| match outcome.trials.as_slice() {
            [] => outcome.summary.loop_s,
            trials => trials.iter().map(|trial| trial.loop_s).sum(),
        };
        let all: f64 = self.outcomes.iter().map(loops).sum();
        f64::from(self.ranks) * all / self.outcomes.len() as f64
    }

    /// The first replication: the one whose timeline and notes are shown.
    #[must_use]
    pub fn first(&self) -> &Outcome {
        &self.outcomes[0]
    }
}
