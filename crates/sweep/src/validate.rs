//! Validation: published measurements, and what the model predicts for each of them.
//!
//! The measurements stand in one table, `scenarios/validation/measured.csv`: each row names a scenario beside it, a
//! profile, values set over it and the figure to look at, and says whether a constant was fitted on it. Figures of the
//! same run share it. Table and scenarios are part of the program, so validation runs anywhere.
//!
//! How well the model does is judged on the figures that nothing was fitted on, by the median and the 90th percentile
//! of their absolute errors.

mod embedded;
mod figure;

use std::error::Error;

use ingestsim_catalog::Catalog;
use ingestsim_model::{BuildError, Fidelity, Plan, build};
use ingestsim_scenario::{Loaded, Path, Scenario, ScenarioErrors, Set, Source};
use thiserror::Error as ThisError;

pub use self::figure::{Figure, Metric, Unit, Use};
use crate::{
    Candidate, Estimate, Progress, RunError, Simulate, replicate,
    replicate::{Run, ThreadError},
    reproduce::{
        OverrideError,
        overrides::{Fitting, taken},
    },
};

/// The measurements to be predicted, and a plan for every run that they need.
#[derive(Debug, Clone)]
pub struct Validation {
    figures: Vec<Figure>,
    /// The run that each figure is taken from.
    run_of: Vec<usize>,
    candidates: Vec<Candidate<Plan>>,
    digests: Vec<String>,
}

/// What validation has come to.
#[derive(Debug, Clone)]
pub struct Validated {
    /// Every figure that was predicted, in the order of the table.
    pub verdicts: Vec<Verdict>,
    /// What came to no prediction.
    pub failed: Vec<Failed>,
    /// Every run that came to its end, in the order in which the table first needs it.
    pub runs: Vec<RunRecord>,
    /// Runs of each kind, with other luck each.
    pub replications: u64,
    /// Seconds of the host's clock, added up over the runs.
    pub wall_s: f64,
}

/// A measured figure and the predicted one.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What was measured.
    pub figure: Figure,
    /// The prediction in the figure's unit, mean over the replications.
    pub predicted: f64,
    /// The half width of its 95 % confidence interval; none where it does not vary or there is one replication.
    pub ci95: Option<f64>,
}

/// Figures that are not predicted, all for the same reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Failed {
    /// Which, in the order of the table.
    pub figures: Vec<Figure>,
    /// Why, in a line.
    pub error: String,
}

/// A run that figures were taken from: enough to tell whether another machine gets the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Scenario, profile and the values set over it.
    pub name: String,
    /// The digest of the resolved scenario.
    pub digest: String,
    /// Timed events of each replication, and the digest over them.
    pub histories: Vec<(u64, u64)>,
}

/// How large the errors of the check figures are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    /// How many check figures there are.
    pub cases: usize,
    /// The median of the absolute errors; none without a figure.
    pub median_abs_error: Option<f64>,
    /// Nine in ten absolute errors are at most this large; none without a figure.
    pub p90_abs_error: Option<f64>,
}

/// Why validation could not be done.
#[derive(Debug, ThisError)]
pub enum ValidationError {
    /// No figure is asked for.
    #[error("expected the beginning of a figure's id, such as {example:?}, found {found:?}")]
    NoFigure {
        /// What was asked for.
        found: String,
        /// The source that the first figure's id begins with.
        example: String,
    },
    /// A scenario makes no sense with the catalog at hand.
    #[error(transparent)]
    Scenario(#[from] ScenarioErrors),
    /// No scenario takes a value that is to be set over all.
    #[error(transparent)]
    Override(#[from] OverrideError),
    /// A plan cannot be built with the catalog at hand.
    #[error("{name}")]
    Plan {
        /// Which run.
        name: String,
        /// Why not.
        source: BuildError,
    },
    /// The threads could not be started.
    #[error(transparent)]
    Threads(#[from] ThreadError),
}

impl Validation {
    /// The measurements whose ids begin with `prefix`, under `catalog`, each with those of the values set `over` its
    /// scenario that this has a place for. What a case sets itself stays.
    ///
    /// # Errors
    ///
    /// If there are none, if no scenario takes a value, or if one cannot be simulated with this catalog.
    pub fn new(prefix: &str, catalog: &Catalog, over: &[Set]) -> Result<Self, ValidationError> {
        let all = figure::parsed(embedded::MEASURED);
        let example = all[0].source_key().to_owned();
        let figures: Vec<Figure> = all.into_iter().filter(|figure| figure.id.starts_with(prefix)).collect();
        if figures.is_empty() {
            return Err(ValidationError::NoFigure { found: prefix.to_owned(), example });
        }
        let mut validation =
            Self { figures: Vec::new(), run_of: Vec::new(), candidates: Vec::new(), digests: Vec::new() };
        let fitting = figures.iter().map(|figure| Ok((figure.id.as_str(), fitting(figure, over)?)));
        let over = taken(fitting.collect::<Result<_, ScenarioErrors>>()?, over)?;
        for (figure, over) in figures.into_iter().zip(over) {
            let name = figure.run_name();
            let known = validation.candidates.iter().position(|candidate| candidate.storage == name);
            let run = match known {
                Some(run) => run,
                None => validation.add_run(&figure, catalog, &over)?,
            };
            validation.run_of.push(run);
            validation.figures.push(figure);
        }
        Ok(validation)
    }

    fn add_run(
        &mut self,
        figure: &Figure,
        catalog: &Catalog,
        over: &[Set],
    ) -> Result<usize, ValidationError> {
        let loaded = loaded(figure, over)?;
        loaded.check_catalog(catalog)?;
        let (scenario, name) = (&loaded.scenario, figure.run_name());
        let plan = build(scenario, catalog, &figure.storage);
        let plan = plan.map_err(|source| ValidationError::Plan { name: name.clone(), source })?;
        let kind = scenario.storage.get(&figure.storage).map_or("", |profile| profile.kind());
        self.candidates.push(Candidate { storage: name, kind, plan });
        self.digests.push(scenario.digest());
        Ok(self.candidates.len() - 1)
    }

    /// The same, simulated at a fidelity; exactly unless told otherwise.
    #[must_use]
    pub fn at(mut self, fidelity: Fidelity) -> Self {
        self.candidates.iter_mut().for_each(|candidate| candidate.plan.fidelity = fidelity);
        self
    }

    /// About how many samples all runs together read: what a progress bar counts to.
    #[must_use]
    pub fn samples(&self, replications: u64) -> u64 {
        let samples = self.candidates.iter().map(|one| one.plan.samples().saturating_mul(replications));
        samples.fold(0, u64::saturating_add)
    }

    /// Runs everything on `threads` threads (0: one a core) and takes the figures. A run that comes to no result takes
    /// only its own figures away.
    ///
    /// # Errors
    ///
    /// If the threads cannot be started.
    pub fn run(
        self,
        replications: u64,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Validated, ValidationError> {
        let runs = replicate(&self.candidates, replications, threads, progress)?;
        let runs: Vec<Result<Vec<Run>, RunError>> =
            runs.into_iter().map(|runs| runs.into_iter().collect()).collect();
        let (mut verdicts, mut failed) = (Vec::new(), Vec::new());
        for (figure, run) in self.figures.into_iter().zip(self.run_of) {
            match predicted(&figure, &runs[run]) {
                Ok((predicted, ci95)) => verdicts.push(Verdict { figure, predicted, ci95 }),
                Err(error) => fail(&mut failed, figure, error),
            }
        }
        let good = runs.iter().map(|runs| runs.as_deref().unwrap_or_default());
        let wall_s = good.clone().flatten().map(|run| run.wall.as_secs_f64()).sum();
        let record = |((candidate, digest), runs): ((Candidate<Plan>, String), &[Run])| RunRecord {
            name: candidate.storage,
            digest,
            histories: runs.iter().map(|run| (run.outcome.events, run.outcome.history)).collect(),
        };
        let records = self.candidates.into_iter().zip(self.digests).zip(good).map(record);
        let runs = records.filter(|record| !record.histories.is_empty()).collect();
        Ok(Validated { verdicts, failed, runs, replications, wall_s })
    }
}

/// A figure's mean and the half width of its interval, or why there is none.
fn predicted(figure: &Figure, runs: &Result<Vec<Run>, RunError>) -> Result<(f64, Option<f64>), String> {
    let runs = runs.as_ref().map_err(|error| in_a_line(error))?;
    let Estimate { mean, ci95 } = Estimate::of(runs.iter().map(|run| figure.predicted(&run.outcome)));
    let mean = mean.ok_or_else(|| format!("its run reports no {}", figure.metric))?;
    Ok((mean, ci95.filter(|half_width| *half_width > 0.0)))
}

/// An error and its causes in a line.
fn in_a_line(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", in_a_line(cause)),
        None => error.to_string(),
    }
}

/// Adds a figure to those of the same error.
fn fail(failed: &mut Vec<Failed>, figure: Figure, error: String) {
    match failed.iter_mut().find(|known| known.error == error) {
        Some(known) => known.figures.push(figure),
        None => failed.push(Failed { figures: vec![figure], error }),
    }
}

/// The scenario of a figure with values set over it, and then its own.
fn loaded(figure: &Figure, over: &[Set]) -> Result<Loaded, ScenarioErrors> {
    let text = embedded::scenario(&figure.scenario).expect("every scenario of the table is embedded");
    let own = figure.sets.iter().map(|set| Set::parse(set));
    let sets: Vec<Set> = over.iter().cloned().chain(own).collect();
    Scenario::load(Source::new(format!("scenarios/validation/{}.toml", figure.scenario), text), &sets)
}

/// The values that a figure's scenario has a place for, other than those that the figure sets itself.
fn fitting(figure: &Figure, over: &[Set]) -> Result<Fitting, ScenarioErrors> {
    let own: Vec<Path> = figure.sets.iter().filter_map(|set| Set::parse(set).key()).collect();
    Fitting::of(over, &|sets| loaded(figure, sets), &|path, _| {
        let meets = |own: &&Path| own.starts_with(path) || path.starts_with(own);
        own.iter().find(meets).map(|own| format!("its own {own} is what was measured"))
    })
}

impl Verdict {
    /// predicted / measured − 1; for a share predicted − measured.
    #[must_use]
    pub fn error(&self) -> f64 {
        match self.figure.unit {
            Unit::Share => self.predicted - self.figure.measured,
            _ => self.predicted / self.figure.measured - 1.0,
        }
    }

    /// Whether the prediction lies where it was asked to; none where nothing was asked.
    #[must_use]
    pub fn is_within(&self) -> Option<bool> {
        self.figure.asked.map(|(lowest, highest)| (lowest..=highest).contains(&self.predicted))
    }
}

impl Validated {
    /// How large the errors are of the check figures that `of` picks.
    #[must_use]
    pub fn accuracy(&self, of: impl Fn(&Verdict) -> bool) -> Accuracy {
        let checks = self.verdicts.iter().filter(|one| one.figure.used == Use::Check && of(one));
        let mut errors: Vec<f64> = checks.map(|verdict| verdict.error().abs()).collect();
        errors.sort_by(f64::total_cmp);
        Accuracy {
            cases: errors.len(),
            median_abs_error: quantile(&errors, 0.5),
            p90_abs_error: quantile(&errors, 0.9),
        }
    }
}

/// The smallest of the sorted values that at least a share `p` of them do not exceed.
fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let rank = (p * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::Silent;

    use super::*;

    fn all() -> Vec<Figure> {
        figure::parsed(embedded::MEASURED)
    }

    #[test]
    fn every_measured_figure_has_a_plan() {
        let validation = Validation::new("", &Catalog::builtin(), &[]).unwrap();
        assert_eq!(validation.figures, all());
        assert!(validation.candidates.len() < all().len(), "figures of one run share it");
    }

    #[test]
    fn ids_are_unique_and_end_in_their_metric() {
        let ids: BTreeSet<_> = all().into_iter().map(|figure| figure.id).collect();
        assert_eq!(ids.len(), all().len());
        for figure in all() {
            assert!(figure.id.ends_with(&format!("/{}", figure.metric)), "{}", figure.id);
        }
    }

    /// At least forty figures must come out by themselves, and each states where it is asked to lie around the measured.
    #[test]
    fn enough_figures_are_predictions() {
        let checks = all().into_iter().filter(|figure| figure.used == Use::Check).count();
        assert!(checks >= 40, "{checks}");
        for Figure { id, measured, asked, .. } in all() {
            assert!(asked.is_none_or(|(low, high)| low < measured && measured < high), "{id}");
        }
    }

    #[test]
    fn an_unknown_id_is_refused_with_an_example() {
        let refused = Validation::new("nowhere", &Catalog::builtin(), &[]).unwrap_err().to_string();
        let said = "expected the beginning of a figure's id, such as \"sagemaker\", found \"nowhere\"";
        assert_eq!(refused, said);
    }

    /// Under new random orders a page cache of 65 % misses 1 - ((1 - e^-k) / k)² with k = m / c, so 53.6 %, and one that
    /// never replaces misses 35 %.
    #[test]
    fn the_page_cache_misses_what_theory_says() {
        let validation = Validation::new("coordl", &Catalog::builtin(), &[]).unwrap();
        let validated = validation.run(2, 1, &Silent).unwrap();
        let predicted: Vec<f64> = validated.verdicts.iter().map(|verdict| verdict.predicted).collect();
        assert!((predicted[0] - 0.536).abs() < 0.003, "{predicted:?}");
        assert!((predicted[1] - 0.35).abs() < 0.003, "{predicted:?}");
        assert_eq!(validated.runs.len(), 2);
        assert_eq!(validated.runs[0].histories.len(), 2);
    }

    /// Without a second epoch its figures have no prediction. The others have theirs.
    #[test]
    fn a_figure_that_a_run_does_not_report_takes_no_other_away() {
        let sets = [Set::parse("job.epochs=1")];
        let validation = Validation::new("lazy-load", &Catalog::builtin(), &sets).unwrap();
        let figures = validation.figures.clone();
        let second = figures.iter().filter(|figure| figure.metric == Metric::SecondEpoch).count();
        assert!(second > 0 && second < figures.len());
        let validated = validation.run(1, 1, &Silent).unwrap();
        let [Failed { figures: lost, error }] = validated.failed.as_slice() else { panic!("one error") };
        assert_eq!((lost.len(), error.as_str()), (second, "its run reports no epoch_2_s"));
        assert_eq!(validated.verdicts.len(), figures.len() - second);
    }

    /// A spot instance that is lost a thousand times an hour gets nowhere: figures and runs of that case alone are gone.
    #[test]
    fn a_run_that_fails_takes_its_own_figures_away() {
        let rate = Set::parse("job.failures.spot-per-hour=1000");
        let mut validation = Validation::new("coordl", &Catalog::builtin(), &[]).unwrap();
        let broken = Validation::new("coordl", &Catalog::builtin(), &[rate]).unwrap();
        validation.candidates[0] = broken.candidates[0].clone();
        let ids: Vec<String> = validation.figures.iter().map(|figure| figure.id.clone()).collect();
        let validated = validation.run(2, 1, &Silent).unwrap();
        let [Failed { figures: lost, error }] = validated.failed.as_slice() else { panic!("one error") };
        assert_eq!(lost.iter().map(|figure| figure.id.clone()).collect::<Vec<_>>(), ids[..1]);
        assert!(error.contains(", replication 0: the run breaks the law "), "{error}");
        let kept: Vec<&str> = validated.verdicts.iter().map(|verdict| verdict.figure.id.as_str()).collect();
        assert_eq!(kept, ids[1..]);
        assert_eq!(validated.runs.len(), 1);
    }

    fn verdict(used: Use, unit: Unit, measured: f64, predicted: f64) -> Verdict {
        let figure = Figure { used, unit, measured, asked: Some((0.9, 1.1)), ..all().remove(0) };
        Verdict { figure, predicted, ci95: None }
    }

    #[test]
    fn shares_differ_in_points_and_everything_else_in_parts() {
        assert!((verdict(Use::Check, Unit::Share, 0.8, 0.9).error() - 0.1).abs() < 1e-12);
        assert!((verdict(Use::Check, Unit::Seconds, 0.8, 0.9).error() - 0.125).abs() < 1e-12);
        assert_eq!(verdict(Use::Check, Unit::Seconds, 1.0, 1.05).is_within(), Some(true));
        assert_eq!(verdict(Use::Check, Unit::Seconds, 1.0, 1.15).is_within(), Some(false));
    }

    /// Errors of 1 to 10 % and a calibrated one of 50 %: the median is the 5th of ten, the 90th percentile the 9th.
    #[test]
    fn accuracy_counts_check_figures_alone() {
        let mut verdicts: Vec<_> =
            (1..=10).map(|n| verdict(Use::Check, Unit::Share, 0.0, f64::from(n) / 100.0)).collect();
        verdicts.push(verdict(Use::Calibrate, Unit::Share, 0.0, 0.5));
        let validated =
            Validated { verdicts, failed: Vec::new(), runs: Vec::new(), replications: 1, wall_s: 0.0 };
        let accuracy = validated.accuracy(|_| true);
        assert_eq!(accuracy.cases, 10);
        assert_eq!(accuracy.median_abs_error, Some(0.05));
        assert_eq!(accuracy.p90_abs_error, Some(0.09));
        assert_eq!(validated.accuracy(|_| false).median_abs_error, None);
    }
}
