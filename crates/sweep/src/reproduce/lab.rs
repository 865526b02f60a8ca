//! The lab: an item's scenario, run in as many variants as the item needs.

use ingestsim_catalog::Catalog;
use ingestsim_model::{Fidelity, Outcome, Plan, build};
use ingestsim_scenario::{Cell, Loaded, Scenario, Set};

use super::{Ran, ReproduceError, embedded};
use crate::{Candidate, Progress, RunError, Silent, Simulate, replicate, replicate::Run};

/// What all items are computed with.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// The services, their limits and prices.
    pub catalog: &'a Catalog,
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// How much is simulated.
    pub size: Size,
    /// How closely.
    pub fidelity: Fidelity,
    /// What is set over the scenario as it is written; what an item itself varies it goes on varying.
    pub over: &'a [Set],
    /// Who wants to know of every run.
    pub progress: &'a dyn Progress,
}

impl<'a> Means<'a> {
    /// A catalog, every core, and items as they are written.
    #[must_use]
    pub const fn of(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            threads: 0,
            size: Size::Full,
            fidelity: Fidelity::Exact,
            over: &[],
            progress: &Silent,
        }
    }
}

/// How much is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// As the scenarios are written.
    Full,
    /// Smaller data sets and fewer replications: to see that everything works.
    Reduced,
}

/// One item's scenario, and a record of every run that was made of it.
pub(super) struct Lab<'a> {
    means: Means<'a>,
    scenario: &'static str,
    /// What is set over the scenario in every case where the size is reduced.
    reduction: &'static [&'static str],
    records: Vec<RunRecord>,
}

/// A variant of the scenario: a profile, and values set over the written ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    storage: String,
    sets: Vec<String>,
}

/// A point of the scenario's own sweep.
#[derive(Debug, Clone)]
pub(super) struct Swept {
    /// The swept values in the order of the axes: numbers in base units, yes as 1, and 0 for everything else.
    pub(super) at: Vec<f64>,
    pub(super) ran: Ran,
}

/// A run that figures were taken from: enough to tell whether another machine gets the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Scenario, profile and the values set over it.
    pub name: String,
    /// The digest of the resolved scenario.
    pub digest: String,
    /// Runs, each with other luck.
    pub replications: u64,
    /// Timed events of all of them.
    pub events: u64,
    /// A digest over the digests of their events.
    pub history: u64,
}

impl Case {
    /// A profile with `PATH=VALUE` set.
    pub(super) fn new<S: Into<String>>(storage: &str, sets: impl IntoIterator<Item = S>) -> Self {
        Self { storage: storage.to_owned(), sets: sets.into_iter().map(Into::into).collect() }
    }

    /// The same with one more value set.
    pub(super) fn also(&self, set: impl Into<String>) -> Self {
        let sets = self.sets.iter().cloned().chain([set.into()]).collect();
        Self { storage: self.storage.clone(), sets }
    }
}

/// A variant that is ready to run.
struct Ready {
    storage: String,
    candidate: Candidate<Plan>,
    digest: String,
}

impl<'a> Lab<'a> {
    /// A lab for the scenario of this name.
    pub(super) const fn new(
        scenario: &'static str,
        reduction: &'static [&'static str],
        means: Means<'a>,
    ) -> Self {
        Self { means, scenario, reduction, records: Vec::new() }
    }

    pub(super) const fn catalog(&self) -> &'a Catalog {
        self.means.catalog
    }

    pub(super) const fn size(&self) -> Size {
        self.means.size
    }

    /// How near two neighbours of a search are to be, as a ratio.
    pub(super) const fn closeness(&self) -> f64 {
        match self.means.size {
            Size::Full => 1.02,
            Size::Reduced => 1.4,
        }
    }

    /// So many replications, or a tenth of them where the size is reduced.
    pub(super) const fn replications(&self, full: u64) -> u64 {
        match self.means.size {
            Size::Full => full,
            Size::Reduced => full / 10,
        }
    }

    /// The error of an item that what was set over its scenario leaves without an answer.
    pub(super) const fn unsuited(&self, needs: &'static str) -> ReproduceError {
        ReproduceError::Unsuited { item: self.scenario, needs }
    }

    /// The record of all runs so far.
    pub(super) fn into_records(self) -> Vec<RunRecord> {
        self.records
    }

    /// The scenario with values set over it.
    pub(super) fn load(&self, sets: &[String]) -> Result<Loaded, ReproduceError> {
        let reduction = if self.means.size == Size::Full { &[] } else { self.reduction };
        let over = self.means.over.iter().cloned();
        // What a case asks for comes last and wins.
        let cases = sets.iter().map(|set| Set::parse(set));
        let sets: Vec<Set> = reduction.iter().map(|set| Set::parse(set)).chain(over).chain(cases).collect();
        let loaded = Scenario::load(embedded::source(self.scenario), &sets)?;
        loaded.check_catalog(self.means.catalog)?;
        Ok(loaded)
    }

    /// The plan of a case: what is known of it before it runs.
    pub(super) fn plan(&self, case: &Case) -> Result<Plan, ReproduceError> {
        let loaded = self.load(&case.sets)?;
        Ok(self.ready(&loaded, case.storage.clone(), &case.sets.join(" "))?.candidate.plan)
    }

    /// Runs every case once, side by side; the results stand in the order of the cases.
    pub(super) fn run(&mut self, cases: &[Case]) -> Result<Vec<Ran>, ReproduceError> {
        let ready = self.all_ready(cases)?;
        Ok(self.simulate(ready, 1)?.into_iter().flatten().collect())
    }

    /// Runs one case.
    pub(super) fn run_one(&mut self, case: &Case) -> Result<Ran, ReproduceError> {
        let ran = self.run(std::slice::from_ref(case))?;
        Ok(ran.into_iter().next().expect("a case that was run has a result"))
    }

    /// Runs every candidate profile with these values set.
    pub(super) fn profiles(&mut self, sets: &[String]) -> Result<Vec<Ran>, ReproduceError> {
        let loaded = self.load(sets)?;
        let cases: Vec<Case> =
            loaded.scenario.candidates().map(|storage| Case::new(storage, sets.to_vec())).collect();
        self.run(&cases)
    }

    /// Runs every case so many times, each time with other luck.
    pub(super) fn replicate(
        &mut self,
        cases: &[Case],
        replications: u64,
    ) -> Result<Vec<Vec<Ran>>, ReproduceError> {
        let ready = self.all_ready(cases)?;
        self.simulate(ready, replications)
    }

    /// Runs the scenario's own sweep; the results stand in grid order.
    pub(super) fn sweep(&mut self) -> Result<Vec<Swept>, ReproduceError> {
        let points = self.load(&[])?.points()?;
        let (mut ready, mut places) = (Vec::new(), Vec::new());
        for point in points.iter() {
            let loaded = points.load(&point)?;
            let cells: Vec<String> = point.cells.iter().map(ToString::to_string).collect();
            ready.push(self.ready(&loaded, point.storage.clone(), &cells.join(" "))?);
            places.push(point.cells.iter().map(number).collect());
        }
        let runs = self.simulate(ready, 1)?.into_iter().flatten();
        Ok(places.into_iter().zip(runs).map(|(at, ran)| Swept { at, ran }).collect())
    }

    /// Does something in a lab for the same scenario with another catalog.
    pub(super) fn under<T>(
        &mut self,
        catalog: &Catalog,
        experiment: impl FnOnce(&mut Lab<'_>) -> Result<T, ReproduceError>,
    ) -> Result<T, ReproduceError> {
        let mut other = Lab::new(self.scenario, self.reduction, Means { catalog, ..self.means });
        let result = experiment(&mut other)?;
        self.records.extend(other.records);
        Ok(result)
    }

    fn all_ready(&self, cases: &[Case]) -> Result<Vec<Ready>, ReproduceError> {
        let one = |case: &Case| {
            let loaded = self.load(&case.sets)?;
            self.ready(&loaded, case.storage.clone(), &case.sets.join(" "))
        };
        cases.iter().map(one).collect()
    }

    fn ready(&self, loaded: &Loaded, storage: String, variant: &str) -> Result<Ready, ReproduceError> {
        let scenario = &loaded.scenario;
        let name = format!("{} {storage} {variant}", self.scenario).trim_end().to_owned();
        let plan = build(scenario, self.means.catalog, &storage);
        let mut plan = plan.map_err(|source| ReproduceError::Plan { name: name.clone(), source })?;
        plan.fidelity = self.means.fidelity;
        let kind = scenario.storage.get(&storage).map_or("", |profile| profile.kind());
        let digest = scenario.digest();
        Ok(Ready { storage, candidate: Candidate { storage: name, kind, plan }, digest })
    }

    fn simulate(&mut self, ready: Vec<Ready>, replications: u64) -> Result<Vec<Vec<Ran>>, ReproduceError> {
        let mut names = Vec::with_capacity(ready.len());
        let mut candidates = Vec::with_capacity(ready.len());
        for Ready { storage, candidate, digest } in ready {
            names.push((storage, candidate.kind, digest));
            candidates.push(candidate);
        }
        let samples = candidates.iter().map(|one| one.plan.samples().saturating_mul(replications));
        self.means.progress.begins(&begun(&candidates, replications), samples.fold(0, u64::saturating_add));
        let runs = replicate(&candidates, replications, self.means.threads, self.means.progress)?;
        let mut results = Vec::with_capacity(runs.len());
        for (((storage, kind, digest), candidate), runs) in names.into_iter().zip(candidates).zip(runs) {
            let runs: Vec<Run> = runs.into_iter().collect::<Result<_, RunError>>()?;
            let outcomes: Vec<Outcome> = runs.into_iter().map(|run| run.outcome).collect();
            self.records.push(RunRecord::of(candidate.storage, digest, &outcomes));
            let ran = |outcome: Outcome| Ran {
                storage: storage.clone(),
                kind,
                outcome: Box::new(Outcome { timeline: Vec::new(), ..outcome }),
            };
            results.push(outcomes.into_iter().map(ran).collect());
        }
        Ok(results)
    }
}

impl RunRecord {
    fn of(name: String, digest: String, outcomes: &[Outcome]) -> Self {
        let fold = |history: u64, one: &Outcome| history.rotate_left(1) ^ one.history;
        Self {
            name,
            digest,
            replications: outcomes.len() as u64,
            events: outcomes.iter().map(|one| one.events).sum(),
            history: outcomes.iter().fold(0, fold),
        }
    }
}

/// What is about to be run, in a line.
fn begun(candidates: &[Candidate<Plan>], replications: u64) -> String {
    let runs = candidates.len() as u64 * replications;
    match candidates.first() {
        Some(first) if runs > 1 => format!("{} and {} more", first.storage, runs - 1),
        Some(first) => first.storage.clone(),
        None => String::new(),
    }
}

fn number(cell: &Cell) -> f64 {
    match cell {
        Cell::Integer(whole) => *whole as f64,
        Cell::Number(number) => *number,
        Cell::Text(text) => f64::from(u8::from(text == "true")),
        Cell::Empty => 0.0,
    }
}
