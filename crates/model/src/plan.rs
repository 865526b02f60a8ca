//! What is true: a job, its data set and one tier, with every default filled in and every figure checked.
//!
//! A plan comes from [`crate::build`]; only a plan can be simulated. The same plan and replication give the same
//! outcome, bit for bit.

use ingestsim_des::draw::QuantileTable;
use ingestsim_units::{Bytes, Rate, Span};

use crate::{
    cache::CacheSpec,
    checkpoint::CheckpointPlan,
    cost::Bill,
    dataset::Dataset,
    failures::FailurePlan,
    fidelity::Fidelity,
    job::Phases,
    loader::{pytorch::PyTorchSpec, tf_data::TfDataSpec},
    order::OrderSpec,
    tier::ReadPath,
};

/// One profile of one scenario, ready to be simulated.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The profile's name.
    pub storage: String,
    /// The master seed.
    pub seed: u64,
    /// What is read.
    pub dataset: Dataset,
    /// In which order.
    pub order: OrderSpec,
    /// Whether readers take whole shards and stream the records in them.
    pub streaming: Option<Streaming>,
    /// Who reads it.
    pub loader: LoaderPlan,
    /// What the nodes are.
    pub host: Host,
    /// What the GPUs do.
    pub training: Training,
    /// Where it is read from.
    pub path: ReadPath,
    /// What is written on the way.
    pub checkpoint: Option<CheckpointPlan>,
    /// What may fail.
    pub failures: FailurePlan,
    /// What happens before and after the loop.
    pub phases: Phases,
    /// What it costs.
    pub bill: Bill,
    /// How closely it is simulated.
    pub fidelity: Fidelity,
    /// Whether a faster rung's answer is held against an exact window.
    pub check_fidelity: bool,
    /// What a reader of the results should know: assumptions and the limits they hang on.
    pub notes: Vec<String>,
}

/// How shards are streamed.
#[derive(Debug, Clone, Copy)]
pub struct Streaming {
    /// Bytes of one request of the read-ahead.
    pub chunk: Bytes,
    /// Bytes read ahead of the record that is being decoded.
    pub window: Bytes,
    /// Shards that one reader keeps open, and takes records of in turn.
    pub open_shards: u32,
}

/// The loader of every rank.
#[derive(Debug, Clone)]
pub struct LoaderPlan {
    /// Which kind, and its settings.
    pub kind: LoaderKind,
    /// From the start of an epoch until readers begin, in the first epoch.
    pub start: Span,
    /// The same in later epochs: nothing where workers persist.
    pub restart: Span,
    /// CPU time of one sample, whatever its size.
    pub decode_per_sample: Span,
    /// Bytes decoded per second of CPU time.
    pub decode_rate: Option<Rate>,
    /// A cache of samples in memory, one a node.
    pub sample_cache: Option<SampleCachePlan>,
}

impl LoaderPlan {
    /// Whether samples take CPU time to decode.
    #[inline]
    #[must_use]
    pub const fn decodes(&self) -> bool {
        !self.decode_per_sample.is_zero() || self.decode_rate.is_some()
    }
}

/// A cache of samples in the loader.
#[derive(Debug, Clone)]
pub struct SampleCachePlan {
    /// Its size and policy, in encoded bytes.
    pub cache: CacheSpec,
    /// Whether a hit skips the decode.
    pub holds_decoded: bool,
}

/// The two kinds of loaders.
#[derive(Debug, Clone, Copy)]
pub enum LoaderKind {
    /// Batches per worker.
    PyTorch(PyTorchSpec),
    /// Parallel reads of samples.
    TfData {
        /// The buffer and its order.
        spec: TfDataSpec,
        /// Samples read at a time.
        parallel_reads: u64,
    },
}

impl LoaderKind {
    /// Readers of one rank.
    #[must_use]
    pub const fn readers(&self) -> u64 {
        match self {
            Self::PyTorch(spec) => spec.readers(),
            Self::TfData { parallel_reads, .. } => *parallel_reads,
        }
    }
}

/// A node of the job.
#[derive(Debug, Clone)]
pub struct Host {
    /// Nodes of one trial.
    pub nodes: u32,
    /// GPUs of a node.
    pub gpus: u32,
    /// Physical cores.
    pub cores: u32,
    /// Whether each core runs two threads.
    pub hyperthreads: bool,
    /// The page cache, where reads pass it and it is not off.
    pub page_cache: Option<PageCachePlan>,
}

/// The page cache of a node.
#[derive(Debug, Clone)]
pub struct PageCachePlan {
    /// Its size and policy.
    pub cache: CacheSpec,
    /// Whether a copy to the node's volume has filled it before the loop.
    pub filled_by_copy: bool,
}

/// What the GPUs do.
#[derive(Debug, Clone)]
pub struct Training {
    /// Trials of the job.
    pub trials: u32,
    /// Trials that run at a time.
    pub concurrent_trials: u32,
    /// Samples of a batch on one GPU.
    pub batch: u64,
    /// Samples that each rank consumes in an epoch.
    pub samples_per_rank: u64,
    /// Steps of an epoch.
    pub steps_per_epoch: u64,
    /// Steps of the whole job; its last epoch may be shorter than the others.
    pub steps: u64,
    /// The loop ends with the first step that ends after so long.
    pub duration: Option<Span>,
    /// Compute of one step, in nanoseconds.
    pub step_time: QuantileTable,
    /// What the loop adds to each step.
    pub step_overhead: Span,
    /// What is added to the first step of a job.
    pub first_step: Span,
}

impl Plan {
    /// Ranks of one trial.
    #[must_use]
    pub const fn ranks(&self) -> u32 {
        self.host.nodes * self.host.gpus
    }

    /// The same plan, simulated at a fidelity.
    #[must_use]
    pub fn at(self, fidelity: Fidelity) -> Self {
        Self { fidelity, ..self }
    }

    /// Samples that the whole job consumes, as far as it is known before it runs: what a progress bar counts to.
    #[must_use]
    pub fn estimated_samples(&self) -> u64 {
        let per_rank = u128::from(self.training.steps) * u128::from(self.training.batch);
        let all = per_rank * u128::from(self.ranks()) * u128::from(self.training.trials);
        u64::try_from(all).unwrap_or(u64::MAX)
    }
}
