//! A first place looked at closely: what binds it, what it hangs on, and what would help it.

use super::{
    RecommendError,
    assumptions::{Assumption, assumptions},
    race::Track,
    rank::{Entrant, Objective, Ranking},
};
use crate::decide::explain::{Explained, How, explain};

/// Samples of all runs that explain one place.
const SAMPLES: u64 = 500_000;

/// What takes less than this share of a job does not bind it.
const BINDS: f64 = 0.02;

/// A candidate that is first in something.
#[derive(Debug, Clone)]
pub struct Place {
    /// The index of the entrant.
    pub entrant: usize,
    /// What it is first in.
    pub objectives: Vec<Objective>,
    /// What the storage holds it up with most; none where it hardly does.
    pub bottleneck: Option<Bottleneck>,
    /// What binds it in detail, and what would help it.
    pub explained: Explained,
    /// What it hangs on, the figure that moves it most first.
    pub assumptions: Vec<Assumption>,
}

/// What takes most of the time that the storage is to blame for.
#[derive(Debug, Clone, PartialEq)]
pub struct Bottleneck {
    /// The phase, or what the GPUs wait for in the loop.
    pub what: String,
    /// The share of the whole job that it takes.
    pub share: f64,
    /// The resource that it hangs on, where twice as much of one helps.
    pub hangs_on: Option<&'static str>,
}

/// The first places of all rankings, each candidate once.
pub(super) fn places(
    track: &Track<'_>,
    entrants: &[Entrant],
    rankings: &[Ranking],
) -> Result<Vec<Place>, RecommendError> {
    let mut firsts: Vec<(usize, Vec<Objective>)> = Vec::new();
    for ranking in rankings {
        let Some(&first) = ranking.order.first() else { continue };
        match firsts.iter_mut().find(|(known, _)| *known == first) {
            Some((_, objectives)) => objectives.push(ranking.objective),
            None => firsts.push((first, vec![ranking.objective])),
        }
    }
    let place = |(entrant, objectives): (usize, Vec<Objective>)| {
        let ranking = rankings.iter().find(|ranking| ranking.objective == objectives[0]);
        let families = ranking.map(|ranking| ranking.families(entrants)).unwrap_or_default();
        let rival = families.get(1).map(|(index, _)| &entrants[*index]);
        let candidate = &entrants[entrant].candidate;
        let scenario = candidate.scenario(track.scenario);
        let how = How::within(SAMPLES.min(track.budget.heats[2].samples), track.threads);
        let explained = explain(&scenario, track.catalog, &[&candidate.name], how, track.progress)?;
        let explained = explained.into_iter().next().expect("one profile was asked for");
        Ok(Place {
            bottleneck: Bottleneck::of(&entrants[entrant], &explained),
            assumptions: assumptions(track, (&entrants[entrant], rival), objectives[0])?,
            entrant,
            objectives,
            explained,
        })
    };
    firsts.into_iter().map(place).collect()
}

impl Bottleneck {
    /// The largest of the phases that storage decides on and of the waits within the loop.
    fn of(entrant: &Entrant, explained: &Explained) -> Option<Self> {
        let summary = &entrant.result.summary;
        let total = summary.mean("total_s");
        let phases = ["provisioning", "downloading", "walk"].into_iter().map(|phase| {
            let figure = format!("{phase}_s");
            let bound = explained.phases.iter().find(|bound| bound.phase == phase);
            let hangs_on = bound.and_then(|bound| bound.share.map(|_| bound.by));
            Self { what: phase.to_owned(), share: summary.mean(&figure) / total, hangs_on }
        });
        let gpu_s = entrant.result.gpu_s().max(f64::MIN_POSITIVE);
        let resource = explained.epochs.iter().find_map(|epoch| epoch.resource.map(|(name, _)| name));
        let mut causes: Vec<(&str, f64)> = Vec::new();
        for row in &entrant.result.first().stalls {
            let seconds = row.own_s + row.through_barrier_s;
            match causes.iter_mut().find(|(cause, _)| *cause == row.cause) {
                Some((_, sum)) => *sum += seconds,
                None => causes.push((row.cause, seconds)),
            }
        }
        let of_loop = summary.mean("loop_s") / total;
        let waits = causes.into_iter().map(|(cause, seconds)| Self {
            what: format!("waiting for {cause}"),
            share: seconds / gpu_s * of_loop,
            hangs_on: resource,
        });
        let largest = phases.chain(waits).max_by(|one, other| one.share.total_cmp(&other.share));
        largest.filter(|bottleneck| bottleneck.share >= BINDS)
    }
}
