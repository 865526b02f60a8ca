//! What holds a profile up, and what would help it: each resource doubled and each setting one notch further, simulated.
//!
//! Every what-if is run on the luck of the profile as it is, so what it gains is not noise. Resources answer what binds:
//! the one whose doubling shortens a phase or an epoch most. Settings answer what to do: they are what the user can
//! change, and their price is in the cost. What a doubled resource would cost is not known, so only its time counts.
//!
//! Long jobs are not simulated in full so many times over: each run is a sketch, see
//! [`Fidelity::Sketch`](ingestsim_model::Fidelity), and a job of which no step can be left out is cut to its first steps.

mod bound;
mod resources;
mod settings;

use ingestsim_catalog::Catalog;
use ingestsim_model::{BuildError, Fidelity, Outcome, Plan, build, cause::Cause, outcome::Summary};
use ingestsim_scenario::Scenario;
use thiserror::Error;

pub use bound::{EpochBound, PhaseBound};

use super::sketch::{Sketched, cut};
use crate::{
    Candidate, ProfileResult, Progress, replicate,
    replicate::{RunError, ThreadError},
};

/// Samples that all runs together may simulate one by one: some ten seconds on one core.
pub const SAMPLES: u64 = 16_000_000;

/// A profile has about so many what-ifs.
const RUNS_EXPECTED: u64 = 12;

/// Samples that one run simulates at least: fewer say too little.
const SAMPLES_MIN: u64 = 40_000;

/// A profile and its what-ifs.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The profile as it is.
    pub base: ProfileResult,
    /// What binds each phase before the loop.
    pub phases: Vec<PhaseBound>,
    /// What binds each epoch.
    pub epochs: Vec<EpochBound>,
    /// Each resource twice, the one that shortens the job most first.
    pub resources: Vec<WhatIf>,
    /// Each setting one notch further, the one that shortens the job most first.
    pub settings: Vec<WhatIf>,
    /// The steps that the job was cut to, if it was.
    pub cut_to: Option<u64>,
}

/// The profile with one thing otherwise.
#[derive(Debug, Clone)]
pub struct WhatIf {
    /// What is otherwise: `8 more workers per GPU`.
    pub what: String,
    /// What to do to get there, as a sentence begins; none where it is no setting.
    pub advice: Option<String>,
    /// The resource that there is twice as much of, if it is one.
    pub resource: Option<&'static str>,
    /// The first run with it.
    pub outcome: Outcome,
    /// The share of the loop that its GPUs compute, mean over the runs.
    pub gpu_utilisation: f64,
    /// What it has less of than the profile as it is, mean over the runs: gains are positive.
    pub gain: Gain,
    /// What its GPUs then wait for most.
    pub then: Option<&'static str>,
}

/// What is saved.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Gain {
    /// Until the first batch.
    pub first_batch_s: f64,
    /// In the first epoch.
    pub first_epoch_s: f64,
    /// In the whole job.
    pub total_s: f64,
    /// In dollars.
    pub cost_usd: f64,
}

/// Why a profile could not be explained.
#[derive(Debug, Error)]
pub enum ExplainError {
    /// The scenario cannot be simulated.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The threads cannot be started.
    #[error(transparent)]
    Threads(#[from] ThreadError),
    /// A run failed.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// A profile to explain.
struct Profile {
    scenario: Scenario,
    base: Candidate<Sketched>,
    cut_to: Option<u64>,
}

/// A thing to try: its plan, and what it stands for.
struct Trial {
    what: String,
    advice: Option<String>,
    resource: Option<&'static str>,
    plan: Plan,
}

/// How profiles are explained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct How {
    /// Samples that all runs of one replication together may simulate one by one, where the fidelity is `auto`.
    pub samples: u64,
    /// How closely: `auto` sketches what is long; any other holds for every run.
    pub fidelity: Fidelity,
    /// Runs of each profile and each what-if, on the same luck by turns.
    pub replications: u64,
    /// Threads; 0 for one a core.
    pub threads: usize,
}

impl How {
    /// One run each, sketched where it is long, with about so many samples in all.
    #[must_use]
    pub const fn within(samples: u64, threads: usize) -> Self {
        Self { samples, fidelity: Fidelity::Auto, replications: 1, threads }
    }

    fn run(self, plan: Plan, samples: u64) -> Sketched {
        match self.fidelity {
            Fidelity::Auto => Sketched::within(plan, samples),
            fidelity => Sketched { plan, fidelity },
        }
    }
}

/// Explains the profiles `storages` of a scenario.
///
/// # Errors
///
/// If a profile cannot be built, or a run fails.
pub fn explain(
    scenario: &Scenario,
    catalog: &Catalog,
    storages: &[&str],
    how: How,
    progress: &dyn Progress,
) -> Result<Vec<Explained>, ExplainError> {
    let each = (how.samples / (RUNS_EXPECTED * storages.len().max(1) as u64)).max(SAMPLES_MIN);
    let mut profiles = Vec::new();
    for storage in storages {
        let whole = scenario.on(storage);
        let cut = if how.fidelity == Fidelity::Auto { cut(&whole, catalog, storage, each)? } else { None };
        let cut_to = cut.as_ref().and_then(|cut| cut.job.steps);
        let scenario = cut.unwrap_or(whole);
        let plan = build(&scenario, catalog, storage)?;
        let kind = scenario.storage[*storage].kind();
        profiles.push(Profile { base: how.run(plan, each).named(*storage, kind), scenario, cut_to });
    }
    let bases: Vec<Candidate<Sketched>> = profiles.iter().map(|profile| profile.base.clone()).collect();
    let bases = results(&bases, how, progress)?;
    let trials: Vec<Vec<Trial>> =
        profiles.iter().zip(&bases).map(|(profile, base)| trials(profile, catalog, base.first())).collect();
    let candidate = |(profile, trial): (&Profile, &Trial)| {
        how.run(trial.plan.clone(), each).named(&profile.base.storage, profile.base.kind)
    };
    let pairs = profiles.iter().zip(&trials);
    let pairs = pairs.flat_map(|(profile, trials)| trials.iter().map(move |trial| (profile, trial)));
    let candidates: Vec<Candidate<Sketched>> = pairs.map(candidate).collect();
    let mut tried = results(&candidates, how, progress)?.into_iter();
    let all = bases.into_iter().zip(trials).zip(&profiles);
    Ok(all
        .map(|((base, trials), profile)| {
            let runs = tried.by_ref().take(trials.len()).collect();
            explained_by(base, trials, runs, profile.cut_to)
        })
        .collect())
}

/// The runs of each candidate.
fn results(
    candidates: &[Candidate<Sketched>],
    how: How,
    progress: &dyn Progress,
) -> Result<Vec<ProfileResult>, ExplainError> {
    let runs = replicate(candidates, how.replications, how.threads, progress)?;
    let results = candidates.iter().zip(runs).map(|(candidate, runs)| ProfileResult::of(candidate, runs));
    Ok(results.collect::<Result<_, _>>()?)
}

/// Every resource, then every setting, that may help where GPUs wait for this. What cannot be built is not tried.
fn trials(profile: &Profile, catalog: &Catalog, base: &Outcome) -> Vec<Trial> {
    let (scenario, storage, plan) =
        (&profile.scenario, profile.base.storage.as_str(), &profile.base.plan.plan);
    let waits = |cause: Cause| bound::waits_for(base, plan.ranks(), cause);
    let mut trials: Vec<Trial> = resources::resources(plan, &waits)
        .into_iter()
        .map(|found| Trial {
            what: found.what.to_owned(),
            advice: None,
            resource: Some(found.name),
            plan: found.plan,
        })
        .collect();
    trials.extend(resources::before_loop(scenario, catalog, storage).into_iter().filter_map(|found| {
        let plan = build(&found.scenario, catalog, storage).ok()?;
        Some(Trial { what: found.what.to_owned(), advice: None, resource: Some(found.name), plan })
    }));
    let settings = settings::settings(scenario, catalog, (storage, plan), &waits);
    trials.extend(settings.into_iter().filter_map(|found| {
        let plan = build(&found.scenario, catalog, storage).ok()?;
        Some(Trial { what: found.what, advice: Some(found.advice), resource: None, plan })
    }));
    trials
}

/// Puts the runs of one profile together.
fn explained_by(
    base: ProfileResult,
    trials: Vec<Trial>,
    runs: Vec<ProfileResult>,
    cut_to: Option<u64>,
) -> Explained {
    let what_if = |(trial, mut run): (Trial, ProfileResult)| {
        let gain = Gain::mean(&base.outcomes, &run.outcomes);
        let gpu_utilisation = run.summary.mean("gpu_utilisation");
        let outcome = run.outcomes.swap_remove(0);
        WhatIf {
            what: trial.what,
            advice: trial.advice,
            resource: trial.resource,
            gpu_utilisation,
            gain,
            then: bound::main_cause(&outcome),
            outcome,
        }
    };
    let mut what_ifs: Vec<WhatIf> = trials.into_iter().zip(runs).map(what_if).collect();
    what_ifs.sort_by(|one, other| other.gain.total_s.total_cmp(&one.gain.total_s));
    let phases = bound::phases(base.first(), &what_ifs);
    let epochs = bound::epochs(&base, &what_ifs);
    let (resources, settings) = what_ifs.into_iter().partition(|what_if| what_if.resource.is_some());
    Explained { base, phases, epochs, resources, settings, cut_to }
}

impl Gain {
    /// The mean over pairs of runs on the same luck.
    fn mean(base: &[Outcome], other: &[Outcome]) -> Self {
        let gains: Vec<Self> = base.iter().zip(other).map(|(base, other)| Self::of(base, other)).collect();
        let mean = |figure: fn(&Self) -> f64| gains.iter().map(figure).sum::<f64>() / gains.len() as f64;
        Self {
            first_batch_s: mean(|gain| gain.first_batch_s),
            first_epoch_s: mean(|gain| gain.first_epoch_s),
            total_s: mean(|gain| gain.total_s),
            cost_usd: mean(|gain| gain.cost_usd),
        }
    }

    fn of(base: &Outcome, other: &Outcome) -> Self {
        let less = |figure: fn(&Summary) -> f64| figure(&base.summary) - figure(&other.summary);
        let epoch = |outcome: &Outcome| outcome.epochs.first().map_or(0.0, |row| row.seconds);
        Self {
            first_batch_s: less(|summary| summary.time_to_first_batch_s),
            first_epoch_s: epoch(base) - epoch(other),
            total_s: less(|summary| summary.total_s),
            cost_usd: less(|summary| summary.cost_total_usd),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Silent, decide::testing, fixture};

    fn explained(sets: &str, storage: &str) -> Explained {
        let scenario = testing::scenario(sets);
        let all =
            explain(&scenario, &Catalog::builtin(), &[storage], How::within(SAMPLES, 2), &Silent).unwrap();
        all.into_iter().next().unwrap()
    }

    /// 64 pictures of 100 ms of decoding on two workers are 3.2 s a batch, for a step of 40 ms: the workers decide.
    #[test]
    fn a_job_that_decodes_slowly_wants_workers() {
        let explained = explained("loader.pytorch.decode.per-sample = \"100 ms\"", "lustre");
        assert_eq!(explained.epochs[0].cause, Some("CPU decode"));
        let best: Vec<&str> = explained.settings[..2].iter().map(|one| one.what.as_str()).collect();
        assert!(best.contains(&"decoding twice as fast"), "{best:?}");
        let workers = explained.settings.iter().find(|one| one.what == "2 more workers per GPU").unwrap();
        let halved = workers.gain.first_epoch_s / explained.base.first().epochs[0].seconds;
        assert!((halved - 0.5).abs() < 0.05, "{halved}");
        assert!(workers.gain.cost_usd > 0.0);
    }

    /// 1,000 opens a second over all: 64 + 64 files take 128 ms, a step 40 ms. Twice as many: 64 ms, half of it all but
    /// for the 160 ms in which eight workers start.
    #[test]
    fn the_resource_that_binds_is_the_one_whose_double_helps() {
        let own = "storage.lustre = { parallel-fs = { latency = \"1 ms\", metadata-rate = \"1000 /s\" } }\n\
                   loader.pytorch.workers = 8\nloader.pytorch.decode.per-sample = \"0 s\"";
        let explained = explained(own, "lustre");
        let (name, share) = explained.epochs[0].resource.unwrap();
        assert_eq!(name, "metadata operations");
        assert!((share - 0.46).abs() < 0.03, "{share}");
        assert_eq!(explained.resources[0].what, "twice the metadata operations");
    }

    /// 4,096 objects at 6.927 ms are 28.4 s of a copy of 46.6 s; half of that is 30 % of it.
    #[test]
    fn a_copy_of_small_files_is_bound_by_the_files() {
        let explained = explained("", "copy");
        let downloading = explained.phases.iter().find(|phase| phase.phase == "downloading").unwrap();
        assert_eq!(downloading.by, "the downloader's time per object");
        assert!((downloading.share.unwrap() - 0.30).abs() < 0.02, "{downloading:?}");
    }

    #[test]
    fn busy_gpus_are_bound_by_nothing_else() {
        let explained =
            explained("job.step-time = \"2 s\"\nloader.pytorch.decode.per-sample = \"0 s\"", "lustre");
        assert_eq!((explained.epochs[1].cause, explained.epochs[1].resource), (None, None));
    }

    /// Steps of shards cannot be left out, so a job of 2^30 samples is cut.
    #[test]
    fn a_long_job_on_shards_is_cut_to_its_first_steps() {
        let long = "dataset.samples-per-file = 262144\ndataset.file-size = \"1 GB\"\njob.order = \"shards-shuffled\"\n\
                    loader.pytorch.decode.per-sample = \"0 s\"";
        let scenario = testing::scenario(long);
        let explained =
            explain(&scenario, &Catalog::builtin(), &["stream"], How::within(100_000, 2), &Silent).unwrap();
        assert_eq!(explained[0].cut_to, Some(SAMPLES_MIN / 128));
    }

    /// Two pairs of runs gain 40 and 10 s of the job, 8 and 2 s of the first batch, and lose $0.50 and $1.50.
    #[test]
    fn a_gain_is_the_mean_over_pairs_of_runs() {
        let runs = |summaries: [(f64, f64, f64); 2]| {
            let mut outcomes = fixture::profile("made-up", &[1.0, 1.0]).outcomes;
            for (outcome, (total_s, time_to_first_batch_s, cost_total_usd)) in
                outcomes.iter_mut().zip(summaries)
            {
                outcome.summary =
                    Summary { total_s, time_to_first_batch_s, cost_total_usd, ..Summary::default() };
            }
            outcomes
        };
        let base = runs([(100.0, 16.0, 1.0), (50.0, 4.0, 2.0)]);
        let other = runs([(60.0, 8.0, 1.5), (40.0, 2.0, 3.5)]);
        let mean = Gain { total_s: 25.0, first_batch_s: 5.0, first_epoch_s: 0.0, cost_usd: -1.0 };
        assert_eq!(Gain::mean(&base, &other), mean);
        let first = Gain { total_s: 40.0, first_batch_s: 8.0, first_epoch_s: 0.0, cost_usd: -0.5 };
        assert_eq!(Gain::mean(&base[..1], &other[..1]), first);
    }

    /// The first of several runs is the one that is run alone, and every other is on luck of its own.
    #[test]
    fn more_replications_leave_the_first_as_it_is() {
        let scenario = testing::scenario("loader.pytorch.decode.per-sample = \"100 ms\"");
        let explained = |replications: u64| {
            let how = How { replications, ..How::within(SAMPLES, 2) };
            let all = explain(&scenario, &Catalog::builtin(), &["stream"], how, &Silent).unwrap();
            all.into_iter().next().unwrap()
        };
        let (one, two) = (explained(1), explained(2));
        let histories = |explained: &Explained| -> Vec<u64> {
            explained.base.outcomes.iter().map(|outcome| outcome.history).collect()
        };
        assert_eq!(histories(&one)[0], histories(&two)[0]);
        assert_ne!(histories(&two)[0], histories(&two)[1]);
        let decoding = |explained: &Explained| {
            let found = explained.settings.iter().find(|one| one.what == "decoding twice as fast");
            found.unwrap().outcome.history
        };
        assert_eq!(decoding(&one), decoding(&two));
    }

    /// At `exact` nothing is cut or left out, whatever the budget.
    #[test]
    fn a_fidelity_that_is_asked_for_holds_for_every_run() {
        let scenario = testing::scenario("");
        let how = How { fidelity: Fidelity::Exact, ..How::within(1, 2) };
        let explained = explain(&scenario, &Catalog::builtin(), &["stream"], how, &Silent).unwrap();
        assert_eq!(explained[0].cut_to, None);
        let runs = explained[0].settings.iter().map(|one| &one.outcome).chain([explained[0].base.first()]);
        assert!(runs.clone().count() > 2);
        assert!(runs.clone().all(|outcome| outcome.fidelity == "exact"));
    }
}
