//! The lab: an item's scenario, run in as many variants as the item needs.

use ingestsim_catalog::Catalog;
use ingestsim_model::{Outcome, Plan, build};
use ingestsim_scenario::{Loaded, Points, Scenario, Set, Source};

use super::{ReproduceError, embedded};
use crate::{Candidate, Progress, RunError, Simulate, replicate, replicate::Run};

/// What all items are computed with.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// The services, their limits and prices.
    pub catalog: &'a Catalog,
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// Who wants to know of every run.
    pub progress: &'a dyn Progress,
}

/// One item's scenario, and a record of every run that was made of it.
pub(super) struct Lab<'a> {
    means: Means<'a>,
    scenario: &'static str,
    records: Vec<RunRecord>,
}

/// A variant of the scenario: a profile, and values set over the written ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) storage: String,
    pub(super) sets: Vec<String>,
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

    /// A profile as it is written.
    pub(super) fn plain(storage: &str) -> Self {
        Self::new(storage, [""; 0])
    }
}

impl<'a> Lab<'a> {
    /// A lab for the scenario of this name.
    pub(super) const fn new(scenario: &'static str, means: Means<'a>) -> Self {
        Self { means, scenario, records: Vec::new() }
    }

    /// The same scenario with another catalog, for what only a catalog can say.
    pub(super) fn with_catalog<'b>(&self, catalog: &'b Catalog) -> Lab<'b>
    where
        'a: 'b,
    {
        Lab::new(self.scenario, Means { catalog, ..self.means })
    }

    pub(super) const fn catalog(&self) -> &'a Catalog {
        self.means.catalog
    }

    /// Takes the records of another lab over.
    pub(super) fn absorb(&mut self, other: Lab<'_>) {
        self.records.extend(other.records);
    }

    /// The record of all runs so far.
    pub(super) fn into_records(self) -> Vec<RunRecord> {
        self.records
    }

    /// The scenario with values set over it.
    pub(super) fn load(&self, sets: &[String]) -> Result<Loaded, ReproduceError> {
        let text = embedded::scenario(self.scenario).expect("every item's scenario is embedded");
        let sets: Vec<Set> = sets.iter().map(|set| Set::parse(set)).collect();
        let loaded = Scenario::load(Source::new(self.name(), text), &sets)?;
        loaded.check_catalog(self.means.catalog)?;
        Ok(loaded)
    }

    /// The names of the profiles, in their written order.
    pub(super) fn storages(&self) -> Result<Vec<String>, ReproduceError> {
        Ok(self.load(&[])?.scenario.candidates().map(str::to_owned).collect())
    }

    /// The plan of a case: what is known of it before it runs.
    pub(super) fn plan(&self, case: &Case) -> Result<Plan, ReproduceError> {
        Ok(self.candidate(case)?.0.plan)
    }

    /// Runs every case once, side by side; the outcomes stand in the order of the cases.
    pub(super) fn run(&mut self, cases: &[Case]) -> Result<Vec<Outcome>, ReproduceError> {
        let runs = self.replicate(cases, 1)?;
        Ok(runs.into_iter().flatten().collect())
    }

    /// Runs one case once.
    pub(super) fn run_one(&mut self, case: &Case) -> Result<Outcome, ReproduceError> {
        let mut outcomes = self.run(std::slice::from_ref(case))?;
        Ok(outcomes.remove(0))
    }

    /// Runs every case so many times, each time with other luck.
    pub(super) fn replicate(
        &mut self,
        cases: &[Case],
        replications: u64,
    ) -> Result<Vec<Vec<Outcome>>, ReproduceError> {
        let candidates = cases.iter().map(|case| self.candidate(case)).collect::<Result<Vec<_>, _>>()?;
        let (candidates, digests): (Vec<_>, Vec<_>) = candidates.into_iter().unzip();
        let Means { threads, progress, .. } = self.means;
        let runs = replicate(&candidates, replications, threads, progress)?;
        let mut outcomes = Vec::with_capacity(runs.len());
        for ((candidate, digest), runs) in candidates.into_iter().zip(digests).zip(runs) {
            let runs: Vec<Run> = runs.into_iter().collect::<Result<_, RunError>>()?;
            let runs: Vec<Outcome> = runs.into_iter().map(|run| run.outcome).collect();
            self.records.push(RunRecord::of(candidate.storage, digest, &runs));
            outcomes.push(runs);
        }
        Ok(outcomes)
    }

    /// The points of the scenario's own sweep.
    pub(super) fn points(&self) -> Result<Points, ReproduceError> {
        Ok(self.load(&[])?.points()?)
    }

    fn candidate(&self, case: &Case) -> Result<(Candidate<Plan>, String), ReproduceError> {
        let loaded = self.load(&case.sets)?;
        let (scenario, storage) = (&loaded.scenario, &case.storage);
        let plan = build(scenario, self.means.catalog, storage);
        let name = [self.scenario.to_owned(), storage.clone()].into_iter().chain(case.sets.clone());
        let name = name.collect::<Vec<_>>().join(" ");
        let plan = plan.map_err(|source| ReproduceError::Plan { name: name.clone(), source })?;
        let kind = scenario.storage.get(storage).map_or("", |profile| profile.kind());
        Ok((Candidate { storage: name, kind, plan }, scenario.digest()))
    }

    fn name(&self) -> String {
        format!("scenarios/study-guide/{}.toml", self.scenario)
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

/// About how many samples a plan's run reads.
pub(super) fn samples(plan: &Plan) -> u64 {
    Simulate::samples(plan)
}
