//! The loader as written becomes the loader of every rank.

use ingestsim_scenario::{
    Scenario,
    schema::{
        cache::Holds,
        job::Order,
        loader::{Loader, Prefetch},
    },
};
use ingestsim_units::Span;

use super::{BuildError, bytes_of, cache_spec};
use crate::{
    dataset::Dataset,
    loader::{pytorch::PyTorchSpec, tf_data::TfDataSpec},
    plan::{LoaderKind, LoaderPlan, SampleCachePlan, Training},
};

/// Batches that a buffer of automatic size grows to. An assumption, checked on SageMaker's FastFile rows: the buffer
/// absorbs the first step of 21 s at 166 images a second, 54 batches of 64.
const PREFETCH_AUTO: u64 = 64;

/// The loader of every rank.
pub(crate) fn plan(
    scenario: &Scenario,
    dataset: &Dataset,
    streaming: bool,
) -> Result<LoaderPlan, BuildError> {
    let batch = scenario.job.batch_size;
    let shuffle_buffer = if let Order::ShuffleBuffer(samples) = scenario.job.order { samples } else { 0 };
    let decode = scenario.loader.decode();
    let (kind, start, restart) = match &scenario.loader {
        Loader::PyTorch(written) => {
            let spec = PyTorchSpec {
                batch,
                workers: u64::from(written.workers),
                prefetch_factor: u64::from(written.prefetch_factor),
                threads_per_worker: u64::from(written.threads_per_worker),
            };
            if shuffle_buffer > 0 {
                let message =
                    "expected an order without a shuffle buffer, or [loader.tf-data], found [loader.pytorch]";
                return Err(BuildError::new("job.order", message));
            }
            let start = written.worker_start * u64::from(written.workers);
            let restart = if written.persistent_workers { Span::ZERO } else { start };
            (LoaderKind::PyTorch(spec), start, restart)
        }
        Loader::TfData(written) => {
            let prefetch = match written.prefetch {
                Prefetch::Auto => PREFETCH_AUTO,
                Prefetch::Batches(batches) => u64::from(batches),
            };
            let spec = TfDataSpec { batch, prefetch, ordered: written.ordered, shuffle_buffer };
            let parallel_reads = u64::from(written.parallel_reads);
            (LoaderKind::TfData { spec, parallel_reads }, Span::ZERO, Span::ZERO)
        }
    };
    Ok(LoaderPlan {
        kind,
        start,
        restart,
        decode_per_sample: decode.per_sample,
        decode_rate: decode.rate,
        sample_cache: sample_cache(scenario, dataset, streaming)?,
    })
}

/// Batches in flight, and samples held back for their order, that all loaders together can keep track of: a gigabyte.
const BATCHES_IN_FLIGHT_MAX: u64 = 1 << 27;
const SAMPLES_ORDERED_MAX: u64 = 1 << 33;

/// No loader holds more than an epoch: what is asked for beyond that is the same, and takes no memory.
pub(crate) fn within_an_epoch(
    loader: &mut LoaderPlan,
    training: &Training,
    ranks: u64,
) -> Result<(), BuildError> {
    let (batches, samples) = (training.steps_per_epoch, training.samples_per_rank);
    let refused = |key: &str, most: u64, what: &str, found: u64| {
        let message = format!("expected at most {most} {what} on all GPUs together, found {found}");
        Err(BuildError::new(key, message))
    };
    match &mut loader.kind {
        LoaderKind::PyTorch(spec) => {
            spec.batch = spec.batch.min(samples);
            spec.prefetch_factor = spec.prefetch_factor.min(batches.div_ceil(spec.workers.max(1)));
            let in_flight = spec.workers.saturating_mul(spec.prefetch_factor).saturating_mul(ranks);
            if in_flight > BATCHES_IN_FLIGHT_MAX {
                let key = "loader.pytorch.prefetch-factor";
                return refused(key, BATCHES_IN_FLIGHT_MAX, "batches in flight", in_flight);
            }
        }
        LoaderKind::TfData { spec, .. } => {
            spec.batch = spec.batch.min(samples);
            spec.prefetch = spec.prefetch.min(batches);
            spec.shuffle_buffer = spec.shuffle_buffer.min(samples);
            let held = (spec.prefetch * spec.batch + spec.shuffle_buffer).saturating_mul(ranks);
            if spec.ordered && held > SAMPLES_ORDERED_MAX {
                return refused("loader.tf-data", SAMPLES_ORDERED_MAX, "samples in buffers", held);
            }
        }
    }
    Ok(())
}

fn sample_cache(
    scenario: &Scenario,
    dataset: &Dataset,
    streaming: bool,
) -> Result<Option<SampleCachePlan>, BuildError> {
    let Some(written) = scenario.loader.sample_cache() else { return Ok(None) };
    if streaming {
        let message = "expected a file a sample, or order = \"shuffled\", found shards that are streamed";
        return Err(BuildError::new("loader.sample-cache", message));
    }
    let size = bytes_of(written.size, dataset);
    let shuffled = matches!(scenario.job.order, Order::Shuffled);
    Ok(Some(SampleCachePlan {
        cache: cache_spec(written.policy, size, dataset.samples, dataset.sample_bytes_mean(), shuffled),
        holds_decoded: written.holds == Holds::Decoded,
    }))
}
