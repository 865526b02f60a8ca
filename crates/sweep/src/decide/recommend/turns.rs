//! What would change the answer: the number of epochs, of jobs a month, or the size of a file at which another set-up takes
//! the first place.
//!
//! Each knob is turned over a range in a few steps (`points`). Where the winner of two neighbouring steps differs, the place
//! is closed in on between them (`closing`), and then both sides of it are simulated once more and more closely: a turn is
//! confirmed if the order flips there too. One that does not flip lies within what such runs can tell.

use ingestsim_scenario::{
    Scenario,
    schema::{job::Length, storage::BillStorage},
};

use super::{
    RecommendError,
    candidates::Candidate,
    closing::{Scale, close},
    measured::Look,
    points::{At, Points, Standing, standing},
    race::Track,
    rank::{Entrant, Objective, Ranking},
};
use crate::{Figures, ProfileResult, reproduce::search};

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
const CLOSER: u64 = 4;

/// Rivals at most, by what they are ranked by.
const RIVALS: usize = 5;

const EPOCHS: [u64; 5] = [1, 3, 10, 30, 100];
const JOBS: [u64; 5] = [1, 6, 30, 180, 1_000];
/// Sizes of a file, as multiples of the one there is.
const SIZES: [f64; 6] = [1.0 / 64.0, 1.0 / 8.0, 1.0, 8.0, 64.0, 512.0];
/// Files that anybody has, in bytes.
const SIZES_WITHIN: (f64, f64) = (1e3, 4e9);

/// A knob, and what is known of its points.
struct Search<'a> {
    points: &'a Points<'a>,
    track: &'a Track<'a>,
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
    let points = Points::new(track, entrants);
    let mut reaches = Vec::new();
    for (knob, now) in knobs(track.scenario, kept) {
        let search = Search { points: &points, track, knob, now };
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
            let result = &mut entrant.result;
            result.summary = with_cost(&result.summary, bearing(track, &entrant.candidate, jobs, result));
        }
        let ranking = Ranking::of(&kept, Objective::Cost, 0.0);
        add(&mut ranking.families(&kept).into_iter().map(|(index, _)| index).take(RIVALS / 2));
    }
    rivals
}

/// What a job would cost more if so many bore what is kept, in the place of what it is billed of that.
fn bearing(track: &Track<'_>, candidate: &Candidate, jobs: u32, result: &ProfileResult) -> f64 {
    let Some(items) = standing(track, candidate, jobs) else { return f64::INFINITY };
    let billed = result.first().costs.iter().filter(|row| items.iter().any(|(item, _)| *item == row.item));
    items.iter().map(|(_, usd)| usd).sum::<f64>() - billed.map(|row| row.cost_usd).sum::<f64>()
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

impl Search<'_> {
    /// What the knob does to the first place of each of these rankings.
    fn over(&self, rivals: &[usize], objectives: &[Objective]) -> Result<Vec<Reach>, RecommendError> {
        let values = self.values();
        let steps = self.points.standings(self.at(), (&values, rivals), objectives, self.brief())?;
        let mut reaches = Vec::new();
        for &objective in objectives {
            // Where nobody counts, nobody is first.
            let first = |(value, standing): (&f64, &Vec<Standing>)| {
                Some((*value, rivals[self.first(standing, objective)?]))
            };
            let firsts: Vec<(f64, usize)> = values.iter().zip(&steps).filter_map(first).collect();
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

    const fn at(&self) -> At {
        (self.knob, self.now)
    }

    const fn brief(&self) -> Look {
        Look::Brief(self.track.budget.search)
    }

    const fn close(&self) -> Look {
        Look::Close(self.track.budget.search * CLOSER)
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
            // A search that its closer look does not bear out is done again as closely, and may find that nothing turns.
            let mut turn = None;
            for look in [self.brief(), self.close()] {
                turn = match self.search((low, high), from, &contenders, objective, look)? {
                    Some((found, to)) => Some(self.closer(found, (from, to), objective)?),
                    None => None,
                };
                if turn.is_none_or(|turn| turn.is_confirmed()) {
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
        look: Look,
    ) -> Result<Option<(search::Turn, usize)>, RecommendError> {
        let standing = |value: f64| -> Result<Vec<Standing>, RecommendError> {
            let standings = self.points.standings(self.at(), (&[value], contenders), &[objective], look)?;
            Ok(standings.into_iter().flatten().collect())
        };
        // Where none counts, nobody has taken the place.
        let behind = |value: f64| -> Result<f64, RecommendError> {
            let standing = standing(value)?;
            let figures = contenders.iter().zip(&standing);
            let figures = figures.map(|(index, one)| (*index, self.figure(one.as_ref(), objective)));
            let (own, others): (Vec<_>, Vec<_>) = figures.partition(|(index, _)| *index == from);
            let own = own.first().and_then(|(_, figure)| *figure);
            let best = others.into_iter().filter_map(|(_, figure)| figure).reduce(f64::min);
            Ok(match (own, best) {
                (Some(own), Some(best)) => own - best,
                (None, Some(_)) => f64::INFINITY,
                (_, None) => f64::NEG_INFINITY,
            })
        };
        let scale = match self.knob {
            Knob::FileSize => Scale::Ratio(CLOSENESS),
            Knob::Epochs | Knob::JobsPerMonth => Scale::Whole,
        };
        let Some(turn) = close((low, high), scale, behind)?.at() else { return Ok(None) };
        Ok(self.first(&standing(turn.after)?, objective).map(|place| (turn, contenders[place])))
    }

    /// Both sides of a turn once more, simulated more closely.
    fn closer(
        &self,
        found: search::Turn,
        (from, to): (usize, usize),
        objective: Objective,
    ) -> Result<Turn, RecommendError> {
        let (before, after) = (found.before, found.after);
        let wanted = [(before, from), (before, to), (after, from), (after, to)];
        let looked = self.points.at(self.at(), &wanted, self.close())?;
        let figure = |place: usize| self.figure(looked[place].as_ref(), objective).unwrap_or(f64::INFINITY);
        let (at_before, at_after) = ((figure(0), figure(1)), (figure(2), figure(3)));
        Ok(Turn { before, after, from, to, at_before, at_after })
    }

    /// Which of these has the smallest figure, if any counts.
    fn first(&self, standing: &[Standing], objective: Objective) -> Option<usize> {
        let figures = standing.iter().enumerate();
        let figures = figures.filter_map(|(place, one)| Some((place, self.figure(one.as_ref(), objective)?)));
        figures.min_by(|one, other| one.1.total_cmp(&other.1)).map(|(place, _)| place)
    }

    fn figure(&self, standing: Option<&ProfileResult>, objective: Objective) -> Option<f64> {
        objective.of(&standing?.summary, self.track.limits.target())
    }
}
