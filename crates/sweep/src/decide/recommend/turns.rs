//! What would change the answer: the number of epochs, of jobs a month, or the size of a file at which another set-up takes
//! the first place.
//!
//! Each knob is turned over a range in a few steps, every rival simulated at each. Where the winner of two neighbouring
//! steps differs, the place is searched between them, and then both sides of it are simulated once more and more closely:
//! a turn is confirmed if the order flips there too. One that does not flip lies within what such runs can tell.

use ingestsim_model::outcome::Summary;
use ingestsim_scenario::{
    Scenario,
    schema::{job::Length, storage::BillStorage},
};

use super::{
    RecommendError,
    candidates::{Candidate, jobs_on_credit, monthly},
    measured::Measured,
    race::Track,
    rank::{Entrant, Objective, Ranking},
};
use crate::{
    Candidate as Runnable, Figures, ProfileResult, decide::repack::repacked, replicate, reproduce::search,
};

/// A thing that may be otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Knob {
    /// Epochs of the job.
    Epochs,
    /// Jobs a month that share what is kept between them.
    JobsPerMonth,
    /// Bytes of a file, the set staying as large.
    FileSize,
}

/// A place at which the first of a ranking changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    /// The last value at which the first is `from`.
    pub before: f64,
    /// The first value at which it is `to`.
    pub after: f64,
    /// Who is first up to it: an index of entrants.
    pub from: usize,
    /// Who is first from it on.
    pub to: usize,
    /// What both come to at `before`, by what they are ranked by: `from`, then `to`.
    pub at_before: (f64, f64),
    /// What both come to at `after`.
    pub at_after: (f64, f64),
}

impl Turn {
    /// Whether the closer look shows the order flip.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.at_before.0 <= self.at_before.1 && self.at_after.0 > self.at_after.1
    }
}

/// What a knob does to the first place of a ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// What was turned.
    pub knob: Knob,
    /// What was ranked by.
    pub objective: Objective,
    /// The value of the scenario; none where it says nothing of it.
    pub now: Option<f64>,
    /// The least and the largest value looked at.
    pub range: (f64, f64),
    /// Who is first at the least: an index of entrants.
    pub first: usize,
    /// Where that changes, in order.
    pub turns: Vec<Turn>,
}

/// Neighbouring sizes of a search are within this factor.
const CLOSENESS: f64 = 1.1;

/// The closer look simulates so many times as much.
const CLOSER: u64 = 8;

/// Rivals at most, by what they are ranked by.
const RIVALS: usize = 5;

const EPOCHS: [u64; 5] = [1, 3, 10, 30, 100];
const JOBS: [u64; 5] = [1, 6, 30, 180, 1_000];
/// Sizes of a file, as multiples of the one there is.
const SIZES: [f64; 6] = [1.0 / 64.0, 1.0 / 8.0, 1.0, 8.0, 64.0, 512.0];
/// Files that anybody has, in bytes.
const SIZES_WITHIN: (f64, f64) = (1e3, 4e9);

/// A knob's values, and who is tried at them.
struct Search<'a> {
    track: &'a Track<'a>,
    entrants: &'a [Entrant],
    knob: Knob,
    now: Option<f64>,
}

/// Turns every knob for the rankings by cost and by time, and for cost at the utilisation wanted where that has another
/// first place.
pub(super) fn reaches(
    track: &Track<'_>,
    entrants: &[Entrant],
    rankings: &[Ranking],
    kept: BillStorage,
) -> Result<Vec<Reach>, RecommendError> {
    let firsts: Vec<Option<usize>> = rankings.iter().map(|ranking| ranking.order.first().copied()).collect();
    let own = rankings.iter().zip(&firsts).filter(|(ranking, first)| {
        first.is_some() && (ranking.objective != Objective::CostAtTarget || **first != firsts[0])
    });
    let objectives: Vec<Objective> = own.map(|(ranking, _)| ranking.objective).collect();
    let rivals = rivals(track, entrants, rankings);
    let mut reaches = Vec::new();
    for (knob, now) in knobs(track.scenario, kept) {
        let search = Search { track, entrants, knob, now };
        // Who else uses the storage changes nobody's time.
        let moved = objectives
            .iter()
            .copied()
            .filter(|objective| knob != Knob::JobsPerMonth || *objective != Objective::Time);
        reaches.extend(search.over(&rivals, &moved.collect::<Vec<_>>())?);
    }
    Ok(reaches)
}

/// The knobs that the scenario has, and where each stands.
fn knobs(scenario: &Scenario, kept: BillStorage) -> Vec<(Knob, Option<f64>)> {
    let mut knobs = Vec::new();
    if let Length::Epochs(epochs) = scenario.job.length() {
        knobs.push((Knob::Epochs, Some(epochs as f64)));
    }
    knobs.push(match kept {
        BillStorage::Retention(shared) => (Knob::JobsPerMonth, Some(jobs_per_month(shared))),
        BillStorage::Job | BillStorage::None => (Knob::JobsPerMonth, None),
    });
    knobs.push((Knob::FileSize, Some(scenario.dataset.file_size.mean_f64())));
    knobs
}

fn jobs_per_month(shared: ingestsim_scenario::schema::storage::Retention) -> f64 {
    f64::from(shared.jobs) * 730.0 / shared.retention.as_hours_f64()
}

/// Those who may be first somewhere: the best of each way, and of each way the one that costs least to keep.
fn rivals(track: &Track<'_>, entrants: &[Entrant], rankings: &[Ranking]) -> Vec<usize> {
    let mut rivals: Vec<usize> = Vec::new();
    let mut add = |indexes: &mut dyn Iterator<Item = usize>| {
        for index in indexes {
            if !rivals.contains(&index) {
                rivals.push(index);
            }
        }
    };
    for ranking in rankings {
        add(&mut ranking.families(entrants).into_iter().map(|(index, _)| index).take(RIVALS));
    }
    for jobs in [1, 30] {
        let mut kept = entrants.to_vec();
        for entrant in &mut kept {
            let more =
                standing(track, &entrant.candidate, jobs) - entrant.result.summary.mean("cost_storage_usd");
            entrant.result.summary = with_cost(&entrant.result.summary, more);
        }
        let ranking = Ranking::of(&kept, Objective::Cost, 0.0);
        add(&mut ranking.families(&kept).into_iter().map(|(index, _)| index).take(RIVALS / 2));
    }
    rivals
}

fn with_cost(summary: &Figures, more: f64) -> Figures {
    Figures::from_fn(|name| {
        let mut estimate = summary.get(name).unwrap_or_default();
        if name == "cost_total_usd" {
            estimate.mean = estimate.mean.map(|cost| cost + more);
        }
        estimate
    })
}

/// What each of so many jobs a month bears of the storage that is kept, as the bill lays it out before any run.
fn standing(track: &Track<'_>, candidate: &Candidate, jobs: u32) -> f64 {
    use ingestsim_model::cost::{Meter, Part};
    let scenario = candidate.billed(monthly(jobs)).scenario(track.scenario);
    let Ok(plan) = ingestsim_model::build(&scenario, track.catalog, &candidate.name) else {
        return f64::INFINITY;
    };
    let fixed =
        plan.bill.items.iter().filter(|item| item.part == Part::Storage).map(|item| match item.meter {
            Meter::FixedMonths { units, months } => units * months * item.price_usd,
            _ => 0.0,
        });
    fixed.sum()
}

impl Search<'_> {
    /// What the knob does to the first place of each of these rankings.
    fn over(&self, rivals: &[usize], objectives: &[Objective]) -> Result<Vec<Reach>, RecommendError> {
        let mut steps: Vec<(f64, Vec<Option<Summary>>)> = Vec::new();
        for value in self.values() {
            // What cannot be had at all at a value ends the range on that side.
            let summaries = self.simulated(rivals, value, 1)?;
            if summaries.iter().any(Option::is_some) {
                steps.push((value, summaries));
            }
        }
        let mut reaches = Vec::new();
        for &objective in objectives {
            let firsts: Vec<(f64, usize)> = steps
                .iter()
                .filter_map(|(value, summaries)| Some((*value, rivals[self.first(summaries, objective)?])))
                .collect();
            let (Some(&(low, first)), Some(&(high, _))) = (firsts.first(), firsts.last()) else { continue };
            let mut turns = Vec::new();
            for pair in firsts.windows(2).filter(|pair| pair[0].1 != pair[1].1) {
                turns.extend(self.between(pair[0], pair[1], &firsts, objective)?);
            }
            reaches.push(Reach {
                knob: self.knob,
                objective,
                now: self.now,
                range: (low, high),
                first,
                turns,
            });
        }
        Ok(reaches)
    }

    /// The values that the knob is turned to.
    fn values(&self) -> Vec<f64> {
        let now = self.now;
        let whole = |values: [u64; 5]| values.map(|value| value as f64).into_iter().chain(now).collect();
        let mut values: Vec<f64> = match self.knob {
            Knob::Epochs => whole(EPOCHS),
            Knob::JobsPerMonth => whole(JOBS),
            Knob::FileSize => SIZES.iter().map(|factor| factor * now.unwrap_or_default()).collect(),
        };
        if self.knob == Knob::FileSize {
            let (least, most) = SIZES_WITHIN;
            values.retain(|size| Some(*size) == now || (least..=most).contains(size));
        }
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    }

    /// Every turn between two neighbouring steps with different firsts.
    fn between(
        &self,
        (mut low, mut from): (f64, usize),
        (high, last): (f64, usize),
        firsts: &[(f64, usize)],
        objective: Objective,
    ) -> Result<Vec<Turn>, RecommendError> {
        let mut contenders: Vec<usize> = firsts.iter().map(|(_, first)| *first).collect();
        contenders.sort_unstable();
        contenders.dedup();
        let mut turns = Vec::new();
        while from != last {
            // A search that its closer look does not bear out is done again as closely.
            let mut turn = None;
            for times in [1, CLOSER] {
                let found = self.search((low, high), from, &contenders, objective, times)?;
                let Some((found, to)) = found else { break };
                let looked = self.closer(found, (from, to), objective)?;
                turn = Some(looked);
                if looked.is_confirmed() {
                    break;
                }
            }
            let Some(turn) = turn else { break };
            (low, from) = (turn.after, turn.to);
            turns.push(turn);
        }
        Ok(turns)
    }

    /// Where between two values another of the contenders becomes the first, and which.
    fn search(
        &self,
        (low, high): (f64, f64),
        from: usize,
        contenders: &[usize],
        objective: Objective,
        times: u64,
    ) -> Result<Option<(search::Turn, usize)>, RecommendError> {
        let first_at = |value: f64| -> Result<Option<usize>, RecommendError> {
            let summaries = self.simulated(contenders, value, times)?;
            Ok(self.first(&summaries, objective).map(|place| contenders[place]))
        };
        // Where none counts, nobody has taken the place.
        let holds = |value: f64| -> Result<bool, RecommendError> {
            Ok(first_at(value)?.is_some_and(|first| first != from))
        };
        let found = match self.knob {
            Knob::FileSize => search::ratio((low, high), CLOSENESS, holds)?,
            Knob::Epochs | Knob::JobsPerMonth => {
                search::whole((low as u64, high as u64), |value| holds(value as f64))?
            }
        };
        let Some(turn) = found.at() else { return Ok(None) };
        Ok(first_at(turn.after)?.map(|to| (turn, to)))
    }

    /// Both sides of a turn once more, simulated more closely.
    fn closer(
        &self,
        found: search::Turn,
        (from, to): (usize, usize),
        objective: Objective,
    ) -> Result<Turn, RecommendError> {
        let both = |value: f64| -> Result<(f64, f64), RecommendError> {
            let summaries = self.simulated(&[from, to], value, CLOSER)?;
            let figure =
                |place: usize| self.figure(summaries[place].as_ref(), objective).unwrap_or(f64::INFINITY);
            Ok((figure(0), figure(1)))
        };
        let (before, after) = (found.before, found.after);
        Ok(Turn { before, after, from, to, at_before: both(before)?, at_after: both(after)? })
    }

    /// Which of these has the smallest figure, if any counts.
    fn first(&self, summaries: &[Option<Summary>], objective: Objective) -> Option<usize> {
        let figures = summaries.iter().enumerate();
        let figures =
            figures.filter_map(|(place, summary)| Some((place, self.figure(summary.as_ref(), objective)?)));
        figures.min_by(|one, other| one.1.total_cmp(&other.1)).map(|(place, _)| place)
    }

    fn figure(&self, summary: Option<&Summary>, objective: Objective) -> Option<f64> {
        objective.of(&Figures::of(&[summary?]), self.track.limits.target())
    }

    /// What entrants come to at a value; nothing for one that cannot be had there.
    fn simulated(
        &self,
        indexes: &[usize],
        value: f64,
        times: u64,
    ) -> Result<Vec<Option<Summary>>, RecommendError> {
        let Some((scenario, kept)) = self.at(value) else { return Ok(vec![None; indexes.len()]) };
        let samples = self.track.budget.search * times;
        let mut runnable = Vec::new();
        let mut places = Vec::new();
        for (place, &index) in indexes.iter().enumerate() {
            let candidate = &self.entrants[index].candidate;
            // Every run begins with a full bucket, which so many jobs a month would not leave it.
            let most = jobs_on_credit(&scenario, self.track.catalog, &candidate.profile);
            if self.knob == Knob::JobsPerMonth && most.is_some_and(|most| value > most) {
                continue;
            }
            let candidate =
                if self.knob == Knob::JobsPerMonth { candidate.billed(kept) } else { candidate.clone() };
            if let Ok(plan) = Measured::new(&candidate, (&scenario, self.track.catalog), kept, samples) {
                runnable.push(Runnable {
                    storage: candidate.name.clone(),
                    kind: candidate.profile.kind(),
                    plan,
                });
                places.push(place);
            }
        }
        let runs = replicate(&runnable, 1, self.track.threads, self.track.progress)?;
        let mut summaries = vec![None; indexes.len()];
        for ((one, runs), place) in runnable.iter().zip(runs).zip(places) {
            summaries[place] = Some(ProfileResult::of(one, runs)?.first().summary.clone());
        }
        Ok(summaries)
    }

    /// The scenario with the knob at a value, and how what is kept is billed then.
    fn at(&self, value: f64) -> Option<(Scenario, BillStorage)> {
        let (scenario, kept) = (self.track.scenario, self.track.kept);
        match self.knob {
            Knob::Epochs => {
                let mut other = scenario.clone();
                other.job.epochs = Some(value as u64);
                Some((other, kept))
            }
            Knob::JobsPerMonth => Some((scenario.clone(), monthly(value as u32))),
            Knob::FileSize => {
                let factor = value / self.now?;
                let same = (factor - 1.0).abs() < 1e-9;
                let other = if same { scenario.clone() } else { repacked(scenario, factor)? };
                Some((other, kept))
            }
        }
    }
}
