//! What one run reports: every metric under the name it has in the output files.
//!
//! Times are seconds, amounts bytes, money US dollars. A figure that has no value (an accelerator utilisation of a
//! one-step epoch, say) is `None`: empty in CSV, null in JSON.

use serde::Serialize;

use crate::fidelity::FidelityCheck;

/// One replication of one profile.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The profile's name.
    pub storage: String,
    /// Which replication this is, from 0.
    pub replication: u64,
    /// The headline figures.
    pub summary: Summary,
    /// A row an epoch and trial.
    pub epochs: Vec<EpochRow>,
    /// Stall time by epoch and cause.
    pub stalls: Vec<StallRow>,
    /// What the job costs, item by item.
    pub costs: Vec<CostRow>,
    /// Equal bins over the loop of the first trial to the end of the last.
    pub timeline: Vec<TimelineRow>,
    /// Quantiles of waits and latencies.
    pub latency: Vec<LatencyRow>,
    /// Requests, bytes, hits and misses by tier and cache.
    pub tiers: Vec<TierRow>,
    /// A row a trial, where there are several.
    pub trials: Vec<TrialRow>,
    /// Which limit bound, which figure is an assumption: sentences for the reader.
    pub notes: Vec<String>,
    /// How it was simulated: `exact`, or what the fast rung left out.
    pub fidelity: String,
    /// The relative error of the loop's length as the run estimates it; none where every sample was simulated.
    pub fidelity_error: Option<f64>,
    /// How far it was off over an exact window, where that was asked for.
    pub fidelity_check: Option<FidelityCheck>,
    /// Timed events that were simulated.
    pub events: u64,
    /// Digest over every event's time and place.
    pub history: u64,
}

/// How a run that went by steps begins to say so.
pub(crate) const BY_STEPS: &str = "fast: first batches exact";

impl Outcome {
    /// Whether batches were drawn whole, step by step.
    #[must_use]
    pub fn is_by_steps(&self) -> bool {
        self.fidelity.starts_with(BY_STEPS)
    }

    /// The same, with the reason why a faster rung was not taken.
    pub(crate) fn because(mut self, why: &str) -> Self {
        self.notes.push(format!("Every sample was simulated: {why}."));
        self
    }

    /// The same, with the reason why batches were not drawn whole.
    pub(crate) fn not_by_steps(mut self, why: &str) -> Self {
        self.notes.push(format!("Batches were not drawn whole: {why}."));
        self
    }
}

/// The headline figures of a run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// Submission until every rank holds its first batch.
    pub time_to_first_batch_s: f64,
    /// The first billed second until every rank holds its first batch.
    pub startup_billed_s: f64,
    /// Provisioning + downloading + walk + first-batch wait: what the storage choice alone costs before training.
    pub data_startup_s: f64,
    /// Start of the loop until the last rank holds its first batch.
    pub first_batch_wait_s: f64,
    /// Start of the loop until a rank holds its first batch, mean over ranks.
    pub first_batch_mean_s: f64,
    /// Start of the first epoch to the end of the last.
    pub loop_s: f64,
    /// The training stage: image, framework, walk and loop.
    pub training_s: f64,
    /// Billed time: downloading + training stage + uploading.
    pub billed_s: f64,
    /// Submission until the job is done.
    pub total_s: f64,
    /// Compute of all ranks / (ranks × loop).
    pub gpu_utilisation: f64,
    /// Compute of all ranks / (ranks × billed time).
    pub gpu_utilisation_billed: f64,
    /// As MLPerf Storage computes it; none where every epoch has one step.
    pub accelerator_utilisation: Option<f64>,
    /// Samples / loop; with several trials, of all trials over all their loops.
    pub samples_per_s: f64,
    /// Bytes delivered to loaders / loop.
    pub bytes_per_s: f64,
    /// GPU-seconds that GPUs waited for data or at a barrier.
    pub stall_s: f64,
    /// All cost parts together.
    pub cost_total_usd: f64,
    /// Billed seconds × instances × hourly price.
    pub cost_compute_usd: f64,
    /// Capacity of every tier.
    pub cost_storage_usd: f64,
    /// Paid-for or metered throughput.
    pub cost_throughput_usd: f64,
    /// Requests.
    pub cost_requests_usd: f64,
    /// Volumes attached to the instances.
    pub cost_volume_usd: f64,
    /// Data transfer.
    pub cost_transfer_usd: f64,
    /// Total / epochs.
    pub cost_per_epoch_usd: f64,
    /// Total / million samples.
    pub cost_per_million_samples_usd: f64,
    /// Compute cost of the stalled GPU time.
    pub cost_stalled_usd: f64,
    /// Creating storage within the job.
    pub provisioning_s: f64,
    /// Instances starting, unbilled.
    pub starting_s: f64,
    /// File: the copy; FastFile: the listing; file systems: the mount.
    pub downloading_s: f64,
    /// The image pull as far as nothing hides it.
    pub image_pull_s: f64,
    /// Start of the framework.
    pub framework_start_s: f64,
    /// The program's walk over its files.
    pub walk_s: f64,
    /// Uploading of results.
    pub uploading_s: f64,
    /// Samples whose read failed and was tried again by the loader.
    pub read_errors: f64,
}

impl Summary {
    /// How many figures there are.
    pub const COUNT: usize = 33;
    /// Their names, in the order of `summary.csv`.
    pub const NAMES: [&'static str; Self::COUNT] = [
        "time_to_first_batch_s",
        "startup_billed_s",
        "data_startup_s",
        "first_batch_wait_s",
        "first_batch_mean_s",
        "loop_s",
        "training_s",
        "billed_s",
        "total_s",
        "gpu_utilisation",
        "gpu_utilisation_billed",
        "accelerator_utilisation",
        "samples_per_s",
        "bytes_per_s",
        "stall_s",
        "cost_total_usd",
        "cost_compute_usd",
        "cost_storage_usd",
        "cost_throughput_usd",
        "cost_requests_usd",
        "cost_volume_usd",
        "cost_transfer_usd",
        "cost_per_epoch_usd",
        "cost_per_million_samples_usd",
        "cost_stalled_usd",
        "provisioning_s",
        "starting_s",
        "downloading_s",
        "image_pull_s",
        "framework_start_s",
        "walk_s",
        "uploading_s",
        "read_errors",
    ];

    /// The figures in the order of [`Summary::NAMES`].
    #[must_use]
    pub fn values(&self) -> [Option<f64>; Self::COUNT] {
        [
            Some(self.time_to_first_batch_s),
            Some(self.startup_billed_s),
            Some(self.data_startup_s),
            Some(self.first_batch_wait_s),
            Some(self.first_batch_mean_s),
            Some(self.loop_s),
            Some(self.training_s),
            Some(self.billed_s),
            Some(self.total_s),
            Some(self.gpu_utilisation),
            Some(self.gpu_utilisation_billed),
            self.accelerator_utilisation,
            Some(self.samples_per_s),
            Some(self.bytes_per_s),
            Some(self.stall_s),
            Some(self.cost_total_usd),
            Some(self.cost_compute_usd),
            Some(self.cost_storage_usd),
            Some(self.cost_throughput_usd),
            Some(self.cost_requests_usd),
            Some(self.cost_volume_usd),
            Some(self.cost_transfer_usd),
            Some(self.cost_per_epoch_usd),
            Some(self.cost_per_million_samples_usd),
            Some(self.cost_stalled_usd),
            Some(self.provisioning_s),
            Some(self.starting_s),
            Some(self.downloading_s),
            Some(self.image_pull_s),
            Some(self.framework_start_s),
            Some(self.walk_s),
            Some(self.uploading_s),
            Some(self.read_errors),
        ]
    }
}

/// One epoch of one trial.
#[derive(Debug, Clone, Serialize)]
pub struct EpochRow {
    /// The trial, from 1.
    pub trial: u32,
    /// The epoch, from 1.
    pub epoch: u32,
    /// Its length.
    pub seconds: f64,
    /// Samples consumed / length.
    pub samples_per_s: f64,
    /// Bytes delivered / length.
    pub bytes_per_s: f64,
    /// Compute / (ranks × length).
    pub gpu_utilisation: f64,
    /// As MLPerf Storage computes it; none with one step.
    pub accelerator_utilisation: Option<f64>,
    /// Start of the epoch until every rank holds a batch.
    pub first_batch_s: f64,
}

/// Stall time of one epoch by one cause, in GPU-seconds over all ranks and trials.
#[derive(Debug, Clone, Serialize)]
pub struct StallRow {
    /// The epoch, from 1.
    pub epoch: u32,
    /// The cause's name.
    pub cause: &'static str,
    /// Waited for its own data.
    pub own_s: f64,
    /// Waited at the barrier for a rank that waited for its data.
    pub through_barrier_s: f64,
}

/// One item of the bill.
#[derive(Debug, Clone, Serialize)]
pub struct CostRow {
    /// The part of the total: compute, storage, throughput, requests, volume or transfer.
    pub part: &'static str,
    /// What is paid for.
    pub item: String,
    /// How much of it.
    pub quantity: f64,
    /// The unit of the quantity.
    pub unit: String,
    /// The price of one unit.
    pub price_usd: f64,
    /// Quantity × price.
    pub cost_usd: f64,
    /// Where the price comes from.
    pub source: String,
}

/// One bin of the timeline.
#[derive(Debug, Clone, Serialize)]
pub struct TimelineRow {
    /// Start of the bin, from submission.
    pub t_s: f64,
    /// Compute within the bin / (ranks × bin).
    pub gpu_utilisation: f64,
    /// Bytes delivered within the bin / bin.
    pub bytes_per_s: f64,
    /// Samples consumed within the bin / bin.
    pub samples_per_s: f64,
    /// Samples read and waiting, mean over the bin's samples of it.
    pub queue_depth: f64,
    /// Burst credit left, where the tier has any.
    pub credits_bytes: Option<f64>,
}

/// Quantiles of a wait or a latency.
#[derive(Debug, Clone, Serialize)]
pub struct LatencyRow {
    /// The tier.
    pub tier: String,
    /// What was measured: `read`, `batch wait`.
    pub what: &'static str,
    /// The median.
    pub p50_ms: f64,
    /// The 95th percentile.
    pub p95_ms: f64,
    /// The 99th percentile.
    pub p99_ms: f64,
}

/// Requests of one kind at a tier, or the hits and misses of a cache.
#[derive(Debug, Clone, Serialize, Default)]
pub struct TierRow {
    /// The tier.
    pub tier: String,
    /// The cache, if the row is about one.
    pub cache: String,
    /// The kind of request, if the row is about requests.
    pub request_kind: String,
    /// How many requests.
    pub requests: u64,
    /// Bytes read from it.
    pub read_bytes: u64,
    /// Reads that found what they asked for.
    pub hits: Option<u64>,
    /// Reads that did not.
    pub misses: Option<u64>,
}

/// One trial of a job with several.
#[derive(Debug, Clone, Serialize)]
pub struct TrialRow {
    /// The trial, from 1.
    pub trial: u32,
    /// When it was submitted, from the job's submission.
    pub submitted_s: f64,
    /// Until every rank holds its first batch, from the trial's submission.
    pub time_to_first_batch_s: f64,
    /// Its loop.
    pub loop_s: f64,
    /// When it ended, from the job's submission.
    pub ended_s: f64,
    /// Compute / (ranks × loop).
    pub gpu_utilisation: f64,
}
