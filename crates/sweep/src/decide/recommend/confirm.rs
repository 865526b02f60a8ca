//! First and last places run in full, every sample of every epoch, beside what the race says of them.

use super::{
    RecommendError,
    measured::{Look, Measured},
    race::Track,
    rank::{Entrant, Objective, Ranking},
};
use crate::{Candidate as Runnable, ProfileResult, Simulate, replicate};

/// A place that was run in full.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confirmed {
    /// The index of the entrant.
    pub entrant: usize,
    /// Whether it is the last of a ranking, of the best of each way, and not a first.
    pub is_last: bool,
    /// What it costs in full.
    pub cost_usd: f64,
    /// How long it takes in full.
    pub total_s: f64,
    /// How much more it costs in full than is said of it, as a share.
    pub cost_off: f64,
    /// How much longer it takes.
    pub time_off: f64,
}

/// The first of every ranking and the last of those by cost and by time, as far as the job is short enough.
pub(super) fn confirmed(
    track: &Track<'_>,
    entrants: &[Entrant],
    rankings: &[Ranking],
) -> Result<Vec<Confirmed>, RecommendError> {
    let mut runnable = Vec::new();
    let mut places = Vec::new();
    for (entrant, is_last) in places_of(entrants, rankings) {
        let candidate = &entrants[entrant].candidate;
        let site = (track.scenario, track.catalog);
        let plan = Measured::new(candidate, site, track.kept, Look::Full)?;
        if plan.samples() <= track.budget.confirmed {
            runnable.push(Runnable { storage: candidate.name.clone(), kind: candidate.profile.kind(), plan });
            places.push((entrant, is_last));
        }
    }
    let runs = replicate(&runnable, 1, track.threads, track.progress)?;
    let results = runnable.iter().zip(runs).map(|(one, runs)| ProfileResult::of(one, runs));
    let confirmed = places.into_iter().zip(results).map(|((entrant, is_last), result)| {
        let (exact, said) = (&result?.first().summary.clone(), &entrants[entrant].result.summary);
        Ok(Confirmed {
            entrant,
            is_last,
            cost_usd: exact.cost_total_usd,
            total_s: exact.total_s,
            cost_off: exact.cost_total_usd / said.mean("cost_total_usd") - 1.0,
            time_off: exact.total_s / said.mean("total_s") - 1.0,
        })
    });
    confirmed.collect()
}

/// The places, each entrant once.
fn places_of(entrants: &[Entrant], rankings: &[Ranking]) -> Vec<(usize, bool)> {
    let firsts = rankings.iter().filter_map(|ranking| Some((*ranking.order.first()?, false)));
    let plain = rankings.iter().filter(|ranking| ranking.objective != Objective::CostAtTarget);
    let lasts = plain.filter_map(|ranking| Some((ranking.families(entrants).last()?.0, true)));
    let mut places: Vec<(usize, bool)> = Vec::new();
    for (entrant, is_last) in firsts.chain(lasts) {
        if places.iter().all(|(known, _)| *known != entrant) {
            places.push((entrant, is_last));
        }
    }
    places
}
