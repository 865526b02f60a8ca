//! The study guide's examples and rules: each a scenario that is run, and what comes out in figures.
//!
//! An item computes; it does not judge. What the guide says, whether the figures agree with it and under which
//! assumption is said where they are put into words. Scenarios are part of the program, so items run anywhere. Their data
//! sets are small enough for a laptop; where the guide's is larger, the item says how its figures scale.

pub mod checkpoints;
mod embedded;
pub mod embeddings;
pub mod example_1;
pub mod failures;
pub mod frontier;
pub mod idle;
mod lab;
pub mod loads;
pub mod loss;
pub mod overnight;
pub(crate) mod overrides;
pub mod ran;
pub mod rules;
pub(crate) mod search;
pub mod small_files;
pub mod tuning;

use ingestsim_model::{BuildError, Fidelity};
use ingestsim_scenario::{Path, Scenario, ScenarioErrors, Set};
use thiserror::Error;

use self::lab::{Case, Lab};
pub use self::{
    lab::{Means, RunRecord, Size},
    overrides::OverrideError,
    ran::Ran,
    search::{Turn, Turning},
};
use crate::{RunError, replicate::ThreadError};

/// What is reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// 500 GB of images: a copy before every job, or FSx for Lustre.
    Example1,
    /// A tuning job of two hours: Scratch, or Persistent.
    Example2,
    /// 10 TB loaded at once, overnight.
    Overnight,
    /// Ten nodes that share embeddings on EFS.
    Embeddings,
    /// The selection rule for large objects read once.
    RuleS3,
    /// The selection rule for small files over repeated epochs.
    RuleFsx,
    /// The selection rule for a shared set of moderate size.
    RuleEfs,
    /// Price per gigabyte against throughput.
    Frontier,
    /// Lazy load against one-time load.
    LazyOrOneTime,
    /// S3 FastFile against FSx for Lustre, by epochs.
    SmallFiles,
    /// A Scratch file system left running.
    Idle,
    /// How long a checkpoint stops the GPUs.
    CheckpointTime,
    /// Checkpoints in the background.
    CheckpointBackground,
    /// How often to write a checkpoint.
    CheckpointInterval,
    /// What a lost Scratch server costs.
    CheckpointLoss,
}

/// What an item comes to.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the variants are those of `Item`, which says what each is about")]
pub enum Found {
    Example1(example_1::Example1),
    Example2(tuning::Tuning),
    Overnight(overnight::Overnight),
    Embeddings(embeddings::Embeddings),
    RuleS3(rules::Rule),
    RuleFsx(rules::Rule),
    RuleEfs(rules::Rule),
    Frontier(frontier::Frontier),
    LazyOrOneTime(loads::Loads),
    SmallFiles(small_files::SmallFiles),
    Idle(idle::Idle),
    CheckpointTime(checkpoints::Blocking),
    CheckpointBackground(checkpoints::Background),
    CheckpointInterval(checkpoints::Interval),
    CheckpointLoss(loss::Loss),
}

/// An item that was computed, and the runs it was computed from.
#[derive(Debug, Clone)]
pub struct Reproduced {
    /// Which one.
    pub item: Item,
    /// The digest of its scenario with what is set over it, every default filled in.
    pub digest: String,
    /// The seed of that scenario.
    pub seed: u64,
    /// What is not as it is written: values set over the scenario, another seed, another fidelity, each as its flag.
    pub overridden: Vec<String>,
    /// Whether what is set over the scenario makes another job of it, and not the same with other luck or another name.
    pub another_job: bool,
    /// What it comes to.
    pub found: Found,
    /// Every run, in the order in which they were made.
    pub runs: Vec<RunRecord>,
}

/// Why an item could not be computed.
#[derive(Debug, Error)]
pub enum ReproduceError {
    /// A scenario makes no sense with the catalog at hand.
    #[error(transparent)]
    Scenario(#[from] ScenarioErrors),
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
    /// A run came to no result.
    #[error(transparent)]
    Run(#[from] RunError),
    /// What was set over the scenario makes it a job that the item cannot be computed from.
    #[error("{item}: expected {needs}")]
    Unsuited {
        /// The item.
        item: &'static str,
        /// What it takes.
        needs: &'static str,
    },
}

impl Item {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 15] = [
        Self::Example1,
        Self::Example2,
        Self::Overnight,
        Self::Embeddings,
        Self::RuleS3,
        Self::RuleFsx,
        Self::RuleEfs,
        Self::Frontier,
        Self::LazyOrOneTime,
        Self::SmallFiles,
        Self::Idle,
        Self::CheckpointTime,
        Self::CheckpointBackground,
        Self::CheckpointInterval,
        Self::CheckpointLoss,
    ];

    /// Its name, which is that of its scenario's file.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Example1 => "example-1",
            Self::Example2 => "example-2",
            Self::Overnight => "overnight",
            Self::Embeddings => "embeddings",
            Self::RuleS3 => "rule-s3",
            Self::RuleFsx => "rule-fsx",
            Self::RuleEfs => "rule-efs",
            Self::Frontier => "frontier",
            Self::LazyOrOneTime => "lazy-or-one-time",
            Self::SmallFiles => "small-files",
            Self::Idle => "idle",
            Self::CheckpointTime => "checkpoint-time",
            Self::CheckpointBackground => "checkpoint-background",
            Self::CheckpointInterval => "checkpoint-interval",
            Self::CheckpointLoss => "checkpoint-loss",
        }
    }

    /// The item of this name.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.id() == id)
    }

    /// The text of its scenario.
    ///
    /// # Panics
    ///
    /// Never: every item's scenario is part of the program.
    #[must_use]
    pub fn scenario(self) -> &'static str {
        embedded::scenario(self.id()).expect("every item's scenario is embedded")
    }

    /// What is set over the scenario where the size is reduced.
    const fn reduction(self) -> &'static [&'static str] {
        match self {
            Self::RuleFsx => &["dataset.files=10_240"],
            Self::SmallFiles => &["dataset.files=15_360"],
            Self::RuleS3 => &["dataset.total-size=30 GB"],
            Self::LazyOrOneTime => &["dataset.files=5_120", "job.steps=60"],
            Self::Frontier => &["job.steps=10"],
            Self::Embeddings => &["dataset.files=200", "dataset.file-size=100 MB", "job.batch-size=1"],
            Self::RuleEfs => &["dataset.file-size=100 MB", "job.batch-size=1", "job.step-time=2500 ms"],
            Self::CheckpointBackground => &["job.steps=600"],
            _ => &[],
        }
    }

    /// Tells what [`reproduce`](Self::reproduce) would refuse, before anything is run.
    ///
    /// # Errors
    ///
    /// If the scenario cannot be simulated with the catalog at hand, or is a job that the item cannot be computed from.
    pub fn check(self, means: Means<'_>) -> Result<(), ReproduceError> {
        self.suited(&Lab::new(self.id(), self.reduction(), means)).map(drop)
    }

    /// Its scenario, if each profile has a plan and the job is one that the item can be computed from.
    fn suited(self, lab: &Lab<'_>) -> Result<Scenario, ReproduceError> {
        let scenario = lab.load(&[])?.scenario;
        for storage in scenario.candidates() {
            lab.plan(&Case::new(storage, [""; 0]))?;
        }
        match self {
            Self::Example1 => example_1::suited(lab),
            Self::Example2 => failures::suited(lab, tuning::SCRATCH),
            Self::CheckpointTime => checkpoints::blocking_suited(lab),
            Self::CheckpointInterval => checkpoints::interval_suited(lab),
            Self::CheckpointLoss => loss::suited(lab),
            _ => Ok(()),
        }?;
        Ok(scenario)
    }

    /// Runs its scenario in all variants that it needs.
    ///
    /// # Errors
    ///
    /// If the scenario cannot be simulated with the catalog at hand, or a run came to no result.
    pub fn reproduce(self, means: Means<'_>) -> Result<Reproduced, ReproduceError> {
        let mut lab = Lab::new(self.id(), self.reduction(), means);
        let written = self.suited(&lab)?;
        let found = self.compute(&mut lab)?;
        Ok(Reproduced {
            item: self,
            digest: written.digest(),
            seed: written.seed,
            overridden: overridden(means),
            another_job: means.over.iter().any(makes_another_job),
            found,
            runs: lab.into_records(),
        })
    }

    fn compute(self, lab: &mut Lab<'_>) -> Result<Found, ReproduceError> {
        match self {
            Self::Example1 => example_1::compute(lab).map(Found::Example1),
            Self::Example2 => tuning::compute(lab).map(Found::Example2),
            Self::Overnight => overnight::compute(lab).map(Found::Overnight),
            Self::Embeddings => embeddings::compute(lab).map(Found::Embeddings),
            Self::RuleS3 => rules::s3(lab).map(Found::RuleS3),
            Self::RuleFsx => rules::fsx(lab).map(Found::RuleFsx),
            Self::RuleEfs => rules::efs(lab).map(Found::RuleEfs),
            Self::Frontier => frontier::compute(lab).map(Found::Frontier),
            Self::LazyOrOneTime => loads::compute(lab).map(Found::LazyOrOneTime),
            Self::SmallFiles => small_files::compute(lab).map(Found::SmallFiles),
            Self::Idle => idle::compute(lab).map(Found::Idle),
            Self::CheckpointTime => checkpoints::blocking(lab).map(Found::CheckpointTime),
            Self::CheckpointBackground => checkpoints::background(lab).map(Found::CheckpointBackground),
            Self::CheckpointInterval => checkpoints::interval(lab).map(Found::CheckpointInterval),
            Self::CheckpointLoss => loss::compute(lab).map(Found::CheckpointLoss),
        }
    }
}

/// What is not as it is written, as flags.
fn overridden(means: Means<'_>) -> Vec<String> {
    let fidelity = match means.fidelity {
        Fidelity::Exact | Fidelity::Sketch(_) | Fidelity::Brief(_) => None,
        Fidelity::Fast => Some("--fidelity fast"),
        Fidelity::Bound => Some("--fidelity bound"),
        Fidelity::Auto => Some("--fidelity auto"),
    };
    means.over.iter().map(Set::text).chain(fidelity).map(str::to_owned).collect()
}

/// Whether a value over a scenario makes another job of it: its seed and what it is called do not.
fn makes_another_job(set: &Set) -> bool {
    let same = ["seed", "name", "description"];
    !same.iter().any(|key| set.key() == Some(Path::of([*key])))
}

#[cfg(test)]
mod tests;
