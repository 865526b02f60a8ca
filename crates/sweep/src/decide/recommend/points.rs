//! The points that break-evens are searched on: what set-ups come to with a knob at a value.
//!
//! Nothing is simulated twice, nor what follows by arithmetic: jobs that share what is kept between them bear a share of
//! its price, and nothing else of them changes. A set-up is taken as a fluid first, and simulated only where it may be the
//! first by that. All points of a knob are run side by side.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use ingestsim_model::cost::Meter;
use ingestsim_scenario::{Scenario, schema::storage::BillStorage};

use super::{
    RecommendError,
    candidates::{Candidate, jobs_on_credit, monthly},
    measured::{Look, Measured, copy_of},
    race::{Track, doubt},
    rank::{Entrant, Objective},
    turns::Knob,
};
use crate::{Candidate as Runnable, Figures, ProfileResult, decide::repack::repacked, replicate};

/// A set-up at a place of its knob; nothing where it cannot be had there.
pub(super) type Standing = Option<ProfileResult>;

/// What is simulated of a job. Jobs that share what is kept are one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Setting {
    AsItIs,
    Epochs(u64),
    /// One job a month.
    Alone,
    /// Bytes of a file, by their bits.
    FileSize(u64),
}

/// All points that have been looked at.
pub(super) struct Points<'a> {
    track: &'a Track<'a>,
    entrants: &'a [Entrant],
    known: RefCell<BTreeMap<(Setting, usize, Look), Standing>>,
    simulated: Cell<usize>,
}

/// A knob with what it stands at.
pub(super) type At = (Knob, Option<f64>);

impl<'a> Points<'a> {
    pub(super) fn new(track: &'a Track<'a>, entrants: &'a [Entrant]) -> Self {
        Self { track, entrants, known: RefCell::default(), simulated: Cell::new(0) }
    }

    /// What each of these entrants comes to at each value, as far as it matters to who is first by any of `objectives`:
    /// who may be is simulated as `look` says, and who may not is taken as a fluid.
    pub(super) fn standings(
        &self,
        knob: At,
        (values, indexes): (&[f64], &[usize]),
        objectives: &[Objective],
        look: Look,
    ) -> Result<Vec<Vec<Standing>>, RecommendError> {
        if indexes.is_empty() {
            return Ok(vec![Vec::new(); values.len()]);
        }
        let all = |indexes: &[usize]| -> Vec<(f64, usize)> {
            values.iter().flat_map(|&value| indexes.iter().map(move |&index| (value, index))).collect()
        };
        // As a fluid, jobs would be no cheaper: they are simulated once for all values.
        let rough = if knob.0 == Knob::JobsPerMonth { look } else { Look::Fluid(self.track.budget.search) };
        let found = self.at(knob, &all(indexes), rough)?;
        let mut standings: Vec<Vec<Standing>> =
            found.chunks(indexes.len()).map(<[Standing]>::to_vec).collect();
        let mut is_known = vec![vec![rough == look; indexes.len()]; values.len()];
        loop {
            let mut due = Vec::new();
            for (row, standing) in standings.iter().enumerate() {
                due.extend(self.due(standing, objectives).into_iter().map(|place| (row, place)));
            }
            due.retain(|&(row, place)| !is_known[row][place]);
            if due.is_empty() {
                return Ok(standings);
            }
            let wanted: Vec<(f64, usize)> =
                due.iter().map(|&(row, place)| (values[row], indexes[place])).collect();
            for (&(row, place), standing) in due.iter().zip(self.at(knob, &wanted, look)?) {
                standings[row][place] = standing;
                is_known[row][place] = true;
            }
        }
    }

    /// Who may be the first of any ranking, where more than one may.
    fn due(&self, standing: &[Standing], objectives: &[Objective]) -> Vec<usize> {
        let mut due = Vec::new();
        for &objective in objectives {
            let firsts: Vec<usize> =
                (0..standing.len()).filter(|&place| self.may_be_first(standing, place, objective)).collect();
            if firsts.len() > 1 {
                due.extend(firsts);
            }
        }
        due.sort_unstable();
        due.dedup();
        due
    }

    /// Whether nobody is certain to be ahead of this one.
    fn may_be_first(&self, standing: &[Standing], place: usize, objective: Objective) -> bool {
        let target = self.track.limits.target();
        let column = objective.column();
        // The least and the most that a figure may come to, and whether it counts at the least and at the most.
        let range = |result: &ProfileResult| {
            let (figure, doubt_of) = (result.summary.mean(column), doubt(result, column));
            let (busy, doubt_of_busy) =
                (result.summary.mean("gpu_utilisation"), doubt(result, "gpu_utilisation"));
            let counts = |busy: f64| objective != Objective::CostAtTarget || busy >= target;
            (figure - doubt_of, figure + doubt_of, counts(busy - doubt_of_busy), counts(busy + doubt_of_busy))
        };
        let Some((least, _, _, may_count)) = standing[place].as_ref().map(range) else { return false };
        let others = standing.iter().enumerate().filter(|(other, _)| *other != place);
        let ahead = others.filter_map(|(_, result)| result.as_ref().map(range));
        may_count && !ahead.into_iter().any(|(_, most, counts, _)| counts && most < least)
    }

    /// What entrants come to at values, all of it run side by side that is not known.
    pub(super) fn at(
        &self,
        knob: At,
        wanted: &[(f64, usize)],
        look: Look,
    ) -> Result<Vec<Standing>, RecommendError> {
        let mut missing: Vec<(Setting, usize)> = Vec::new();
        for &(value, index) in wanted {
            let key = (setting(knob, value), index);
            if !missing.contains(&key) && !self.known.borrow().contains_key(&(key.0, index, look)) {
                missing.push(key);
            }
        }
        self.simulate(&missing, look)?;
        let known = self.known.borrow();
        let standing = |&(value, index): &(f64, usize)| {
            let standing = known.get(&(setting(knob, value), index, look))?.clone()?;
            if knob.0 != Knob::JobsPerMonth { Some(standing) } else { self.shared(index, standing, value) }
        };
        Ok(wanted.iter().map(standing).collect())
    }

    fn simulate(&self, missing: &[(Setting, usize)], look: Look) -> Result<(), RecommendError> {
        let (mut runnable, mut keys) = (Vec::new(), Vec::new());
        for &(setting, index) in missing {
            match self.plan(setting, index, look) {
                Some(one) => {
                    runnable.push(one);
                    keys.push((setting, index, look));
                }
                None => drop(self.known.borrow_mut().insert((setting, index, look), None)),
            }
        }
        self.simulated.set(self.simulated.get() + runnable.len());
        let runs = replicate(&runnable, 1, self.track.threads, self.track.progress)?;
        for ((one, runs), key) in runnable.iter().zip(runs).zip(keys) {
            let mut result = ProfileResult::of(one, runs)?;
            // Of hundreds of points nobody looks at more than the figures.
            result.outcomes.iter_mut().for_each(|outcome| outcome.timeline = Vec::new());
            self.known.borrow_mut().insert(key, Some(result));
        }
        Ok(())
    }

    fn plan(&self, setting: Setting, index: usize, look: Look) -> Option<Runnable<Measured>> {
        let (scenario, kept) = self.scenario(setting)?;
        let candidate = &self.entrants[index].candidate;
        let candidate = if setting == Setting::Alone { candidate.billed(kept) } else { candidate.clone() };
        let plan = Measured::new(&candidate, (&scenario, self.track.catalog), kept, look).ok()?;
        Some(Runnable { storage: candidate.name.clone(), kind: candidate.profile.kind(), plan })
    }

    /// The scenario of a setting, and how what is kept is billed then.
    fn scenario(&self, setting: Setting) -> Option<(Scenario, BillStorage)> {
        let (scenario, kept) = (self.track.scenario.clone(), self.track.kept);
        match setting {
            Setting::AsItIs => Some((scenario, kept)),
            Setting::Epochs(epochs) => {
                let mut other = scenario;
                other.job.epochs = Some(epochs);
                Some((other, kept))
            }
            Setting::Alone => Some((scenario, monthly(1))),
            Setting::FileSize(bits) => {
                let factor = f64::from_bits(bits) / scenario.dataset.file_size.mean_f64();
                Some((repacked(&scenario, factor)?, kept))
            }
        }
    }

    /// What a job that bears a whole month alone comes to where `jobs` share it; nothing where so many would use up the
    /// credit that every run begins with.
    fn shared(&self, index: usize, mut alone: ProfileResult, jobs: f64) -> Standing {
        let candidate = &self.entrants[index].candidate;
        let (scenario, catalog) = (self.track.scenario, self.track.catalog);
        let most = jobs_on_credit(scenario, catalog, &candidate.profile);
        if most.is_some_and(|most| jobs > most) {
            return None;
        }
        let month: f64 = standing(self.track, candidate, 1)?.iter().map(|(_, usd)| usd).sum();
        let less = -month * (1.0 - 1.0 / jobs);
        for outcome in &mut alone.outcomes {
            outcome.summary.cost_total_usd += less;
        }
        alone.summary = Figures::of(&alone.outcomes.iter().map(|one| &one.summary).collect::<Vec<_>>());
        Some(alone)
    }
}

fn setting((knob, now): At, value: f64) -> Setting {
    match knob {
        Knob::JobsPerMonth => Setting::Alone,
        _ if now.is_some_and(|now| (value / now - 1.0).abs() < 1e-9) => Setting::AsItIs,
        Knob::Epochs => Setting::Epochs(value as u64),
        Knob::FileSize => Setting::FileSize(value.to_bits()),
    }
}

/// What each of so many jobs a month bears of what is kept between them, item by item, as the bill lays it out before any
/// run; nothing where that cannot be laid out.
pub(super) fn standing(track: &Track<'_>, candidate: &Candidate, jobs: u32) -> Option<Vec<(String, f64)>> {
    let kept = monthly(jobs);
    let scenario = candidate.billed(kept).scenario(track.scenario);
    let plan = ingestsim_model::build(&scenario, track.catalog, &candidate.name).ok()?;
    let fixed = plan.bill.items.iter().filter_map(|item| match item.meter {
        Meter::FixedMonths { units, months } => Some((item.name.clone(), units * months * item.price_usd)),
        _ => None,
    });
    let copy = copy_of(candidate, kept, &scenario, track.catalog);
    Some(fixed.chain(copy.map(|copy| (copy.item.clone(), copy.cost_usd()))).collect())
}

#[cfg(test)]
mod tests {
    use ingestsim_catalog::Catalog;

    use super::*;
    use crate::{
        Silent,
        decide::{recommend, testing},
    };

    fn with_points<R>(sets: &str, look: impl FnOnce(&Track<'_>, &[Entrant], &Points<'_>) -> R) -> R {
        let scenario = testing::scenario(sets);
        let catalog = Catalog::builtin();
        let track = Track {
            scenario: &scenario,
            catalog: &catalog,
            kept: BillStorage::Job,
            limits: recommend::Limits::default(),
            budget: recommend::Budget::default(),
            replications: None,
            threads: 2,
            progress: &Silent,
        };
        let site = recommend::candidates::Site { scenario: &scenario, catalog: &catalog, kept: track.kept };
        let found = recommend::candidates::all(&site);
        let entrants = recommend::race::race(&track, found.candidates, &mut Vec::new()).unwrap();
        look(&track, &entrants, &Points::new(&track, &entrants))
    }

    /// What a job bears among seven or four hundred a month follows from what it bears alone, for every set-up there is:
    /// the same to the tenth of a millionth as a run that is billed so.
    #[test]
    fn a_share_of_a_month_is_arithmetic() {
        with_points("dataset.files = 1_024", |track, entrants, points| {
            let look = Look::Brief(track.budget.search);
            for (jobs, index) in
                [7.0, 400.0].into_iter().flat_map(|jobs| (0..entrants.len()).map(move |index| (jobs, index)))
            {
                let Some(shared) =
                    points.at((Knob::JobsPerMonth, None), &[(jobs, index)], look).unwrap().remove(0)
                else {
                    continue;
                };
                let kept = monthly(jobs as u32);
                let candidate = entrants[index].candidate.billed(kept);
                let plan = Measured::new(&candidate, (track.scenario, track.catalog), kept, look).unwrap();
                let billed = crate::Simulate::simulate(&plan, 0).unwrap().summary.cost_total_usd;
                let off = shared.summary.mean("cost_total_usd") / billed - 1.0;
                assert!(off.abs() < 1e-7, "{} {jobs}: {off}", candidate.name);
            }
            // All settings of the knob are one.
            assert!(points.simulated.get() <= entrants.len());
        });
    }

    /// Asked twice, simulated once; the scenario's own value is the scenario itself for every knob.
    #[test]
    fn nothing_is_simulated_twice() {
        with_points("dataset.files = 8_192", |track, entrants, points| {
            let all: Vec<usize> = (0..entrants.len().min(8)).collect();
            let (epochs, size) =
                (track.scenario.job.epochs.unwrap(), track.scenario.dataset.file_size.mean_f64());
            let look = |knob, now| {
                points
                    .standings(
                        (knob, Some(now)),
                        (&[now], &all),
                        &[Objective::Cost],
                        Look::Brief(track.budget.search),
                    )
                    .unwrap()
            };
            let by_epochs = look(Knob::Epochs, epochs as f64);
            let simulated = points.simulated.get();
            let by_size = look(Knob::FileSize, size);
            assert_eq!(points.simulated.get(), simulated);
            let costs = |standings: &[Vec<Standing>]| -> Vec<f64> {
                standings[0].iter().flatten().map(|one| one.summary.mean("cost_total_usd")).collect()
            };
            assert_eq!(costs(&by_epochs), costs(&by_size));
        });
    }

    /// Who is told to be first as fluids and few simulations is first where all are simulated.
    #[test]
    fn who_is_not_simulated_is_not_first() {
        with_points("dataset.files = 32_768", |track, entrants, points| {
            let all: Vec<usize> = (0..entrants.len()).collect();
            let knob = (Knob::Epochs, Some(track.scenario.job.epochs.unwrap() as f64));
            let values = [1.0, 8.0];
            for objective in Objective::ALL {
                let pruned = points
                    .standings(knob, (&values, &all), &[objective], Look::Brief(track.budget.search))
                    .unwrap();
                for (row, value) in values.into_iter().enumerate() {
                    let wanted: Vec<(f64, usize)> = all.iter().map(|&index| (value, index)).collect();
                    let simulated = points.at(knob, &wanted, Look::Brief(track.budget.search)).unwrap();
                    let first = |standing: &[Standing]| {
                        let figures = standing.iter().enumerate().filter_map(|(place, one)| {
                            Some((place, objective.of(&one.as_ref()?.summary, track.limits.target())?))
                        });
                        figures.min_by(|one, other| one.1.total_cmp(&other.1))
                    };
                    let (told, least) = (first(&pruned[row]), first(&simulated));
                    let name =
                        |place: Option<(usize, f64)>| place.map(|(place, _)| &entrants[place].candidate.name);
                    assert_eq!(name(told), name(least), "{objective:?} at {value} epochs");
                }
            }
        });
    }
}
