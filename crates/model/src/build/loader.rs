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
    plan::{LoaderKind, LoaderPlan, SampleCachePlan},
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
