//! `[job]`: who reads the data, how often, and what else takes time.

use ingestsim_units::{Bytes, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{node::Node, spread::Spread};

/// The training job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Job {
    /// Whose phases and prices the job has.
    #[serde(default)]
    pub service: Service,
    /// The instance type, by its name in the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Instances (nodes) of one job.
    #[serde(default = "instances")]
    pub instances: u32,
    /// Figures of a node that replace the catalog's.
    #[serde(default)]
    pub node: Node,
    /// Ends the job after so many passes over the data. The default is one, where `steps` and `duration` are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epochs: Option<u64>,
    /// Ends the job after so many steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Ends the job's loop after this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Span>,
    /// Samples of one batch, per GPU.
    pub batch_size: u64,
    /// The compute of one step on one GPU.
    pub step_time: Spread<Span>,
    /// What the loop adds per step that is neither compute nor waiting for data.
    #[serde(default)]
    pub step_overhead: Span,
    /// Added to the first step of a job: graph tracing, start of libraries.
    #[serde(default)]
    pub first_step: Span,
    /// The order of an epoch.
    #[serde(default)]
    pub order: Order,
    /// Which rank reads what.
    #[serde(default)]
    pub sampling: Sampling,
    /// What becomes of an incomplete last batch.
    #[serde(default)]
    pub last_batch: LastBatch,
    /// Jobs that share the storage one after another, as in hyperparameter tuning.
    #[serde(default = "trials")]
    pub trials: u32,
    /// How many of the trials run at a time.
    #[serde(default = "concurrent_trials")]
    pub concurrent_trials: u32,
    /// Adds what a file system costs that is left behind for this long after the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_idle: Option<Span>,
    /// How long the phases around the loop take.
    #[serde(default)]
    pub phases: Phases,
    /// Checkpoints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Checkpoint>,
    /// What fails, and how often.
    #[serde(default)]
    pub failures: Failures,
}

/// Where the job runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// A SageMaker training job. The default, as the study guide is about it.
    #[default]
    #[serde(rename = "sagemaker")]
    SageMaker,
    /// A program on EC2 instances.
    Ec2,
}

/// The order in which an epoch visits the samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// As the files lie.
    Sequential,
    /// A new random order of all samples each epoch. The default, as it is what training wants.
    #[default]
    Shuffled,
    /// The shards in a new random order each epoch, the samples in a shard as they lie.
    ShardsShuffled,
    /// As the files lie, through a buffer of so many samples from which the next is drawn.
    ShuffleBuffer(u64),
}

/// Which rank reads what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sampling {
    /// The ranks take disjoint parts, drawn anew each epoch. The default: data-parallel training.
    #[default]
    Distributed,
    /// Every rank reads everything.
    EveryRankAll,
    /// Each node reads its own part, its ranks disjoint parts of that.
    NodeLocal,
}

/// What becomes of an incomplete last batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LastBatch {
    /// It is left out. The default, as training programs keep every step alike.
    #[default]
    Drop,
    /// It is trained on as it is.
    Keep,
    /// It is filled up with samples read once more.
    Pad,
}

/// How the length of a job is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many epochs.
    Epochs(u64),
    /// So many steps.
    Steps(u64),
    /// The loop lasts this long.
    Duration(Span),
}

impl Job {
    /// How long the job trains: one epoch where the scenario does not say.
    #[must_use]
    pub fn length(&self) -> Length {
        let steps = self.steps.map(Length::Steps);
        let stated = steps.or_else(|| self.duration.map(Length::Duration));
        stated.unwrap_or(Length::Epochs(self.epochs.unwrap_or(1)))
    }
}

/// How long the phases around the loop take. What is left out comes from the catalog, by service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Phases {
    /// From submission until the instances are there; not billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starting: Option<Spread<Span>>,
    /// Pulling the container image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_pull: Option<Spread<Span>>,
    /// Starting the framework, up to the training loop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework_start: Option<Spread<Span>>,
    /// Whether the program walks over all its files first. Off by default: a loader that knows its files does not.
    #[serde(default)]
    pub walk: bool,
    /// Writing the model and the logs at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploading: Option<Spread<Span>>,
}

/// Checkpoints: exactly one of `every-steps` and `every` says when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Checkpoint {
    /// One after every so many steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_steps: Option<u64>,
    /// One each time this much has passed, at the next end of a step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Span>,
    /// What the job writes, all nodes together.
    pub size: Bytes,
    /// The profile written to; left out, the profile under test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Whether training waits for it; else it competes for the links in the background.
    #[serde(default = "blocking")]
    pub blocking: bool,
}

/// What fails. Nothing does unless it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Failures {
    /// Spot interruptions per instance and hour.
    #[serde(default)]
    pub spot_per_hour: f64,
    /// Whether servers of the storage fail.
    #[serde(default)]
    pub storage: bool,
}

/// One node, the smallest job.
const fn instances() -> u32 {
    1
}

/// A job of its own, not a tuning job.
const fn trials() -> u32 {
    1
}

/// One after another, which asks for no more instances than one job does.
const fn concurrent_trials() -> u32 {
    1
}

/// `torch.save` returns when the file is written.
const fn blocking() -> bool {
    true
}
