//! The race: everything is computed as a fluid, and what may still win is simulated more and more closely.
//!
//! All heats run on the same luck. A candidate falls out when another is cheaper and faster by more than the intervals of
//! both and the errors that their runs own up to, and reaches the utilisation wanted if the candidate may. It is called back
//! when those that beat it turn out worse than they looked. The best of every way of feeding a job is in the second heat,
//! so that each has a place in the tables that is worth its digits.

use std::collections::BTreeSet;

use ingestsim_catalog::Catalog;
use ingestsim_model::cause::Cause;
use ingestsim_scenario::{Scenario, schema::storage::BillStorage};

use super::{
    RecommendError,
    candidates::{Candidate, Refused},
    measured::{Look, Measured},
    rank::{Entrant, Limits, Objective, Ranking, front, interval, tie},
};
use crate::{Candidate as Runnable, ProfileResult, Progress, replicate};

/// One heat's share of the whole budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heat {
    /// Samples that all of its runs may simulate together.
    pub samples: u64,
    /// Runs of each candidate.
    pub replications: u64,
}

/// How much is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The first heat is run by all, as fluids where they can be; the second by what may win and the best of each way, the
    /// last by what may win.
    pub heats: [Heat; 3],
    /// Samples that a run has at least: fewer say too little.
    pub samples_min: u64,
    /// Samples that a run has at most: a heat of few does not have to use up its share.
    pub samples_max: u64,
    /// Runs of each candidate at most, where the ranking needs more than the last heat has.
    pub replications_max: u64,
    /// Samples of one run of a search for a break-even.
    pub search: u64,
    /// First and last places are run in full where the job has no more samples.
    pub confirmed: u64,
}

impl Default for Budget {
    /// About half a minute of one core for a job of ten million samples, most of it for the places that are run in full.
    fn default() -> Self {
        Self {
            heats: [
                Heat { samples: 2_000_000, replications: 1 },
                Heat { samples: 3_000_000, replications: 2 },
                Heat { samples: 4_000_000, replications: 3 },
            ],
            samples_min: 20_000,
            samples_max: 100_000,
            replications_max: 12,
            search: 20_000,
            confirmed: 12_000_000,
        }
    }
}

/// A file system is bought larger up to so many times while its throughput binds.
const LARGER_MAX: usize = 3;

/// GPUs that wait for a cause for less than this share of their time do not hang on it.
const BINDS: f64 = 0.02;

/// With one replication this share of a figure stands for its interval.
const ONE_RUN: f64 = 0.01;

/// A sketch's own estimate of its error is trusted to within this factor.
const SKETCH: f64 = 2.0;

/// A fluid's own estimate of its error is trusted as it is: it is a bound.
const FLUID: f64 = 1.0;

/// Who has fallen out is called back so many times at most in each heat.
const CALLS: usize = 8;

/// So many of each ranking are in the last heat, whatever the others come to.
const PLACES: usize = 2;

/// What candidates are raced on.
pub(super) struct Track<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) catalog: &'a Catalog,
    pub(super) kept: BillStorage,
    pub(super) limits: Limits,
    pub(super) budget: Budget,
    /// Runs of each candidate in the later heats, where the user says how many.
    pub(super) replications: Option<u64>,
    pub(super) threads: usize,
    pub(super) progress: &'a dyn Progress,
}

/// Races all candidates. The larger file systems that are tried on the way are added; what cannot be built is refused.
pub(super) fn race(
    track: &Track<'_>,
    candidates: Vec<Candidate>,
    refused: &mut Vec<Refused>,
) -> Result<Vec<Entrant>, RecommendError> {
    let mut entrants = first_heat(track, candidates, refused)?;
    heat(track, &mut entrants, 1)?;
    heat(track, &mut entrants, 2)?;
    let mut replications = track.budget.heats[2].replications;
    while track.replications.is_none() && replications < track.budget.replications_max {
        let open = open(&entrants, track);
        if open.is_empty() {
            break;
        }
        replications = (2 * replications).min(track.budget.replications_max);
        run_again(track, &mut entrants, &open, 2, Some(replications))?;
    }
    // The last heat may have changed who is the best of its way.
    heat(track, &mut entrants, 1)?;
    for entrant in &mut entrants {
        entrant.broken = track.limits.broken(&entrant.result.summary);
    }
    Ok(entrants)
}

/// Runs who belongs into a heat and has not been in it, until all have.
fn heat(track: &Track<'_>, entrants: &mut [Entrant], number: usize) -> Result<(), RecommendError> {
    for _ in 0..CALLS {
        let mut stay = survivors(entrants, track, number == 1);
        stay.retain(|&index| entrants[index].heat < number);
        if stay.is_empty() {
            break;
        }
        run_again(track, entrants, &stay, number, None)?;
    }
    Ok(())
}

/// Runs all, and larger file systems as long as throughput binds.
fn first_heat(
    track: &Track<'_>,
    candidates: Vec<Candidate>,
    refused: &mut Vec<Refused>,
) -> Result<Vec<Entrant>, RecommendError> {
    let heat = track.budget.heats[0];
    let samples = track.each(heat, candidates.len());
    let mut entrants = Vec::new();
    let mut next = candidates;
    for _ in 0..=LARGER_MAX {
        let look = Look::Fluid(samples);
        let results = track.run(&next.iter().collect::<Vec<_>>(), look, heat.replications)?;
        let ran = next.into_iter().zip(results);
        let ran: Vec<Entrant> = ran
            .map(|(candidate, result)| Entrant { candidate, result, heat: 0, broken: Vec::new() })
            .collect();
        next = Vec::new();
        for entrant in ran.iter().filter(|entrant| throughput_binds(&entrant.result)) {
            let Some(larger) = entrant.candidate.larger(track.catalog) else { continue };
            match Measured::new(&larger, (track.scenario, track.catalog), track.kept, look) {
                Ok(_) => next.push(larger),
                Err(error) => refused.push(Refused { name: larger.name, why: error.message().to_owned() }),
            }
        }
        entrants.extend(ran);
    }
    Ok(entrants)
}

/// Whether GPUs wait for what a larger file system has more of.
fn throughput_binds(result: &ProfileResult) -> bool {
    let causes = [Cause::FileSystemRate, Cause::ServerPair, Cause::Metadata].map(Cause::name);
    let rows = result.first().stalls.iter().filter(|row| causes.contains(&row.cause));
    let stalled: f64 = rows.map(|row| row.own_s + row.through_barrier_s).sum();
    stalled >= BINDS * result.gpu_s()
}

/// Runs those that are in a heat once more, and puts what they come to in the place of what is known.
fn run_again(
    track: &Track<'_>,
    entrants: &mut [Entrant],
    stay: &BTreeSet<usize>,
    number: usize,
    replications: Option<u64>,
) -> Result<(), RecommendError> {
    let heat = track.budget.heats[number];
    let samples = track.each(heat, stay.len());
    let replications = track.replications.or(replications).unwrap_or(heat.replications);
    let candidates: Vec<&Candidate> = stay.iter().map(|&index| &entrants[index].candidate).collect();
    let results = track.run(&candidates, Look::Brief(samples), replications)?;
    for (&index, result) in stay.iter().zip(results) {
        (entrants[index].result, entrants[index].heat) = (result, number);
    }
    Ok(())
}

/// Those that may still be first in something, the first of every ranking, and the last of the plain ones; with
/// `families` also the best of each way of feeding a job.
fn survivors(entrants: &[Entrant], track: &Track<'_>, families: bool) -> BTreeSet<usize> {
    let target = track.limits.target();
    let beaten = |one: &Entrant| entrants.iter().any(|other| beats(&other.result, &one.result, target));
    let mut stay: BTreeSet<usize> = (0..entrants.len()).filter(|&index| !beaten(&entrants[index])).collect();
    for objective in Objective::ALL {
        let ranking = Ranking::of(entrants, objective, target);
        stay.extend(ranking.order.iter().take(PLACES));
        if objective != Objective::CostAtTarget {
            stay.extend(ranking.order.last());
        }
        if families {
            stay.extend(ranking.families(entrants).into_iter().map(|(index, _)| index));
        }
    }
    stay
}

/// Whether one is better than the other beyond doubt in all that anything is ranked by.
fn beats(one: &ProfileResult, other: &ProfileResult, target: f64) -> bool {
    let better = |column: &str| {
        let [first, second] = [one, other].map(|result| (result.summary.mean(column), doubt(result, column)));
        first.0 + first.1 < second.0 - second.1
    };
    let [first, second] =
        [one, other].map(|result| (result.summary.mean("gpu_utilisation"), doubt(result, "gpu_utilisation")));
    let busy = first.0 - first.1 >= target
        || second.0 + second.1 < target
        || first.0 - first.1 > second.0 + second.1;
    busy && better("cost_total_usd") && better("total_s")
}

/// How far a figure may be from what a full simulation would say: its interval, and what its sketch may be off by.
pub(super) fn doubt(result: &ProfileResult, column: &str) -> f64 {
    let summary = &result.summary;
    let mean = summary.mean(column);
    let interval = summary.get(column).and_then(|estimate| estimate.ci95);
    let interval = interval.unwrap_or(ONE_RUN * mean);
    let errors = result.outcomes.iter().filter_map(|outcome| {
        let trust = if outcome.fidelity.starts_with("bound") { FLUID } else { SKETCH };
        outcome.fidelity_error.map(|error| trust * error)
    });
    let error = errors.fold(0.0, f64::max);
    let of_loop = match column {
        "total_s" => summary.mean("loop_s"),
        "cost_total_usd" => mean * (summary.mean("loop_s") / summary.mean("billed_s")).min(1.0),
        _ => mean,
    };
    interval + error * of_loop
}

/// Those of whom more replications may change what is said: two neighbours at the head of a ranking that differ by more
/// than predictions may be off by, but by less than their interval.
fn open(entrants: &[Entrant], track: &Track<'_>) -> BTreeSet<usize> {
    let pair = |objective: Objective| {
        let families = Ranking::of(entrants, objective, track.limits.target()).families(entrants);
        let [(first, _), (second, _), ..] = families[..] else { return None };
        let (one, other) = (&entrants[first], &entrants[second]);
        let column = objective.column();
        let difference = (one.result.summary.mean(column) - other.result.summary.mean(column)).abs();
        let is_open =
            tie(one, other, column) && difference <= interval(&one.result, &other.result, column) && {
                let mut certain = [one.clone(), other.clone()];
                certain.iter_mut().for_each(|entrant| entrant.result.outcomes.truncate(1));
                !tie(&certain[0], &certain[1], column)
            };
        is_open.then_some([first, second])
    };
    Objective::ALL.into_iter().filter_map(pair).flatten().collect()
}

impl Track<'_> {
    /// Samples of one run where so many candidates share a heat.
    fn each(&self, heat: Heat, candidates: usize) -> u64 {
        let replications = self.replications.unwrap_or(heat.replications).max(1);
        let share = heat.samples / (replications * candidates.max(1) as u64);
        share.min(self.budget.samples_max).max(self.budget.samples_min)
    }

    /// Runs candidates, each so many times.
    pub(super) fn run(
        &self,
        candidates: &[&Candidate],
        look: Look,
        replications: u64,
    ) -> Result<Vec<ProfileResult>, RecommendError> {
        let site = (self.scenario, self.catalog);
        let runnable = |candidate: &&Candidate| {
            let plan = Measured::new(candidate, site, self.kept, look)?;
            Ok(Runnable { storage: candidate.name.clone(), kind: candidate.profile.kind(), plan })
        };
        let runnable = candidates.iter().map(runnable).collect::<Result<Vec<_>, RecommendError>>()?;
        let runs = replicate(&runnable, replications, self.threads, self.progress)?;
        let results = runnable.iter().zip(runs).map(|(one, runs)| ProfileResult::of(one, runs));
        Ok(results.collect::<Result<_, _>>()?)
    }

    /// The best of the front, and the front itself: what the charts and the tables name.
    pub(super) fn shown(&self, entrants: &[Entrant]) -> Vec<usize> {
        let mut shown: BTreeSet<usize> = front(entrants).into_iter().collect();
        for objective in Objective::ALL {
            let ranking = Ranking::of(entrants, objective, self.limits.target());
            shown.extend(ranking.families(entrants).into_iter().map(|(index, _)| index));
        }
        shown.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::rank::tests::entrant, *};
    use crate::{Silent, decide::testing};

    fn staying(entrants: &[Entrant]) -> Vec<usize> {
        let track = Track {
            scenario: &testing::scenario(""),
            catalog: &Catalog::builtin(),
            kept: BillStorage::Job,
            limits: Limits::default(),
            budget: Budget::default(),
            replications: None,
            threads: 1,
            progress: &Silent,
        };
        survivors(entrants, &track, false).into_iter().collect()
    }

    /// With one run a hundredth of each figure is in doubt: $10.00 and $10.15 may be the other way round, $10.00 and $10.30
    /// are not. The dearest and slowest stays to be told as the last.
    #[test]
    fn losers_stop_early() {
        let runs = [
            (10.0, 100.0, 0.95),
            (10.15, 101.5, 0.95),
            (10.3, 103.0, 0.95),
            (9.0, 300.0, 0.5),
            (20.0, 200.0, 0.95),
            (30.0, 400.0, 0.95),
        ];
        let entrants: Vec<Entrant> = runs.iter().map(|run| entrant("x", "lustre", &[*run])).collect();
        assert_eq!(staying(&entrants), [0, 1, 3, 5]);
    }

    /// A busy candidate is not beaten by an idle one, however cheap and fast that is: it may be first at the target.
    #[test]
    fn the_only_busy_one_stays() {
        let runs = [(10.0, 100.0, 0.5), (20.0, 200.0, 0.95), (21.0, 210.0, 0.4), (30.0, 300.0, 0.3)];
        let entrants: Vec<Entrant> = runs.iter().map(|run| entrant("x", "lustre", &[*run])).collect();
        assert!(staying(&entrants).contains(&1));
    }

    /// A sketch that owns up to 5 % of its loop is given 10 % of doubt: it falls out once it is 10 % and more behind.
    #[test]
    fn a_coarse_sketch_is_given_the_benefit_of_the_doubt() {
        let with_error = |cost: f64, time: f64| {
            let mut entrant = entrant("x", "lustre", &[(cost, time, 0.95)]);
            for outcome in &mut entrant.result.outcomes {
                outcome.fidelity_error = Some(0.05);
                (outcome.summary.loop_s, outcome.summary.billed_s) = (time, time);
            }
            let summaries: Vec<_> = entrant.result.outcomes.iter().map(|one| &one.summary).collect();
            entrant.result.summary = crate::Figures::of(&summaries);
            entrant
        };
        let last = entrant("x", "lustre", &[(90.0, 900.0, 0.95)]);
        let near = vec![
            entrant("x", "lustre", &[(10.0, 100.0, 0.95)]),
            last.clone(),
            with_error(11.0, 110.0),
            last.clone(),
        ];
        assert!(staying(&near).contains(&2));
        let far =
            vec![entrant("x", "lustre", &[(10.0, 100.0, 0.95)]), last.clone(), with_error(13.0, 130.0), last];
        let far_stays = staying(&far);
        // Second by both figures, so among those that are in the last heat whatever the others come to.
        assert!(beats(&far[0].result, &far[2].result, 0.9) && !beats(&near[0].result, &near[2].result, 0.9));
        assert!(far_stays.contains(&0));
    }
}
