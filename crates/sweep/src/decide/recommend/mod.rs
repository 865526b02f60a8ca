//! Which storage set-up a job should have: every one that the catalog knows and the user's own, ranked.
//!
//! Candidates are raced (`race`), ranked by cost, by time, and by cost among those that keep the GPUs busy (`rank`), and
//! what cannot be told apart is said to tie (`accuracy`). The first places are then looked at closely: what binds them,
//! which assumption they hang on (`assumptions`), and where another would take their place (`turns`). The first and the last
//! are run in full beside that (`confirm`).

mod accuracy;
mod assumptions;
mod candidates;
mod closing;
mod confirm;
mod measured;
mod place;
mod points;
mod race;
mod rank;
mod turns;

use ingestsim_catalog::Catalog;
use ingestsim_model::BuildError;
use ingestsim_scenario::{
    Scenario,
    schema::{job::Length, storage::BillStorage},
};
use thiserror::Error;

pub use self::{
    accuracy::Accuracy,
    assumptions::Assumption,
    candidates::{Candidate, Family, Refused, monthly},
    confirm::Confirmed,
    place::{Bottleneck, Place},
    race::{Budget, Heat},
    rank::{Entrant, Limit, Limits, Objective, Ranking, front, tie},
    turns::{Knob, Reach, Turn},
};
use super::explain::ExplainError;
use crate::{
    Progress,
    replicate::{RunError, ThreadError, pool},
};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Question {
    /// What candidates have to keep to.
    pub limits: Limits,
    /// Jobs a month that share what is kept between them; without it, it is billed as the scenario's profiles say, or
    /// while the job runs.
    pub jobs_per_month: Option<u32>,
    /// Runs of each candidate that is still in; without it as many as the ranking needs.
    pub replications: Option<u64>,
}

/// What it is answered with.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// The services, their limits and prices.
    pub catalog: &'a Catalog,
    /// How much is simulated.
    pub budget: Budget,
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// Who wants to know of every run.
    pub progress: &'a dyn Progress,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Recommendation {
    /// What was asked for.
    pub question: Question,
    /// How storage is billed that is kept between jobs.
    pub kept: BillStorage,
    /// Every candidate with its figures.
    pub entrants: Vec<Entrant>,
    /// What cannot be had for this job.
    pub refused: Vec<Refused>,
    /// By cost, by time, and by cost at the utilisation wanted.
    pub rankings: Vec<Ranking>,
    /// Those that nothing beats on both cost and time, the cheapest first: indexes of entrants.
    pub front: Vec<usize>,
    /// Those that tables and charts name: the front, and the best of each way in each ranking.
    pub shown: Vec<usize>,
    /// The first places.
    pub places: Vec<Place>,
    /// First and last places that were run in full.
    pub confirmed: Vec<Confirmed>,
    /// What would change them.
    pub reaches: Vec<Reach>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum RecommendError {
    /// The scenario cannot be simulated.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The threads cannot be started.
    #[error(transparent)]
    Threads(#[from] ThreadError),
    /// A run failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A first place could not be explained.
    #[error(transparent)]
    Explain(#[from] ExplainError),
}

/// Ranks every set-up for the job of a scenario.
///
/// # Errors
///
/// If the job has no end but a duration, if one of the user's profiles cannot be built, or if a run fails.
pub fn recommend(
    scenario: &Scenario,
    question: Question,
    means: Means<'_>,
) -> Result<Recommendation, RecommendError> {
    if let Length::Duration(_) = scenario.job.length() {
        let message = "expected `epochs` or `steps`, as set-ups are ranked by what the same work takes, found a duration";
        return Err(BuildError::new("job.duration", message).into());
    }
    let kept = question.jobs_per_month.map_or_else(|| kept(scenario), monthly);
    let track = race::Track {
        scenario,
        catalog: means.catalog,
        kept,
        limits: question.limits,
        budget: means.budget,
        replications: question.replications,
        threads: means.threads,
        progress: means.progress,
    };
    // One pool for all of it: what one part leaves idle the others take.
    pool(means.threads)?.install(|| answer(&track, question))
}

fn answer(track: &race::Track<'_>, question: Question) -> Result<Recommendation, RecommendError> {
    let race::Track { scenario, catalog, kept, .. } = *track;
    let mut found = candidates::all(&candidates::Site { scenario, catalog, kept });
    if question.jobs_per_month.is_some() {
        found.candidates.iter_mut().for_each(|candidate| *candidate = candidate.billed(kept));
    }
    let mut refused = found.refused;
    let entrants = race::race(track, found.candidates, &mut refused)?;
    let target = question.limits.target();
    let rankings: Vec<Ranking> =
        Objective::ALL.into_iter().map(|objective| Ranking::of(&entrants, objective, target)).collect();
    let (confirmed, (places, reaches)) = rayon::join(
        || confirm::confirmed(track, &entrants, &rankings),
        || {
            rayon::join(
                || place::places(track, &entrants, &rankings),
                || turns::reaches(track, &entrants, &rankings, kept),
            )
        },
    );
    Ok(Recommendation {
        front: front(&entrants),
        shown: track.shown(&entrants),
        places: places?,
        confirmed: confirmed?,
        reaches: reaches?,
        question,
        kept,
        refused,
        rankings,
        entrants,
    })
}

/// How the scenario bills what is kept: as the first of its profiles that does not bill it by the job.
fn kept(scenario: &Scenario) -> BillStorage {
    let mut stated = scenario.candidates().map(|name| scenario.storage[name].bill_storage());
    stated.find(|billed| *billed != BillStorage::Job).unwrap_or_default()
}

#[cfg(test)]
mod tests;
