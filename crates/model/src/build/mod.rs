//! From what was written to what is true: scenario and catalog become a plan.
//!
//! Every figure that the scenario leaves out is taken from the catalog here, and what contradicts itself only now that
//! all figures are known (a volume that is too small, a step count of zero) is refused with the key to blame.

mod bill;
mod checkpoint;
mod host;
mod loader;
mod spread;
mod training;

use std::borrow::Cow;

use ingestsim_catalog::Catalog;
use ingestsim_scenario::{
    Scenario,
    schema::{
        cache::{CacheSize, PageCache, Policy as WrittenPolicy},
        dataset::Extent,
        job::{Order, Sampling as WrittenSampling, Service},
        storage::Profile,
    },
};
use ingestsim_units::{Bytes, Span};
use thiserror::Error;

use crate::{
    cache::{CacheSpec, Policy},
    checkpoint::{CheckpointPlan, Every, Target},
    dataset::Dataset,
    failures::FailurePlan,
    fidelity::Fidelity,
    job::Phases,
    order::{OrderSpec, Sampling},
    plan::{Host, LoaderPlan, PageCachePlan, Plan, Streaming, Training},
    tier::{Hazard, Site, TierPlan, efs, fsx_lustre, local_disk, nfs, parallel_fs, s3},
};

pub(crate) use host::NodeFacts;
pub(crate) use spread::{nanos as spread_nanos, span_table, table_of};

/// Caches of more keys than this are not tracked key by key: their hits come from the closed form.
const TRACKED_KEYS_MAX: u64 = 200_000_000;

/// Bytes that a stream reads ahead of its reader, in chunks.
const WINDOW_CHUNKS: u64 = 4;

/// Why a scenario cannot be simulated, with the key to blame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{path}: {message}")]
pub struct BuildError {
    path: String,
    message: String,
}

impl BuildError {
    /// An error at a dotted key path. The message says what was expected and what was found.
    #[must_use]
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }

    /// The dotted key path to blame.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong, without the path.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// Builds the plan of one profile of a scenario.
///
/// # Errors
///
/// If the profile does not exist, if a figure is neither in the scenario nor in the catalog, or if the figures
/// contradict each other.
pub fn build(scenario: &Scenario, catalog: &Catalog, profile: &str) -> Result<Plan, BuildError> {
    let catalog = priced(scenario, catalog)?;
    let written = scenario.storage.get(profile).ok_or_else(|| {
        BuildError::new(
            format!("storage.{profile}"),
            "expected the name of a profile, found none of that name",
        )
    })?;
    let dataset = dataset(scenario)?;
    let node = host::facts(scenario, &catalog)?;
    let streaming = streaming(scenario);
    let order = order(scenario, &dataset, &node, streaming.is_some());
    let concurrent = scenario.job.concurrent_trials.min(scenario.job.trials);
    let site = Site {
        catalog: &catalog,
        service: service(scenario.job.service),
        node: &node,
        dataset: &dataset,
        order: &order,
        profile,
        instances: scenario.job.instances,
        clients: scenario.job.instances * concurrent,
        bill_storage: written.bill_storage(),
        bill_idle: scenario.job.bill_idle.unwrap_or(Span::ZERO),
    };
    let mut tier = tier(written, &site)?;
    let mut loader = loader::plan(scenario, &dataset, streaming.is_some())?;
    refuse_unmodelled(scenario, &loader, &node)?;
    let training = training::plan(scenario, &order, &dataset)?;
    loader::within_an_epoch(&mut loader, &training, order.ranks * u64::from(concurrent))?;
    let checkpoint = checkpoint::plan(scenario, &site, &mut tier)?;
    let phases = phases(scenario, &site, &tier);
    let failures = failures(scenario, &tier, checkpoint.as_ref(), &training);
    let bill = bill::assemble(&site, &mut tier)?;
    let host = host(scenario, &node, &dataset, &order, &tier);
    let mut notes = node.notes.clone();
    notes.append(&mut tier.notes);
    Ok(Plan {
        storage: profile.to_owned(),
        seed: scenario.seed,
        dataset,
        order,
        streaming,
        loader,
        host,
        training,
        path: tier.path,
        checkpoint,
        failures,
        phases,
        fidelity: Fidelity::Exact,
        check_fidelity: false,
        bill,
        notes,
    })
}

/// The catalog with the scenario's own prices. It is large: without any, a sweep's points share the one there is.
fn priced<'c>(scenario: &Scenario, catalog: &'c Catalog) -> Result<Cow<'c, Catalog>, BuildError> {
    if scenario.prices.is_empty() {
        return Ok(Cow::Borrowed(catalog));
    }
    let priced = catalog.with_prices(&scenario.prices);
    priced.map(Cow::Owned).map_err(|error| BuildError::new("prices", error.to_string()))
}

fn tier(written: &Profile, site: &Site<'_>) -> Result<TierPlan, BuildError> {
    match written {
        Profile::S3(s3) => s3::plan(s3, site),
        Profile::Efs(efs) => efs::plan(efs, site),
        Profile::FsxLustre(fsx) => fsx_lustre::plan(fsx, site),
        Profile::LocalDisk(own) => local_disk::plan(own, site),
        Profile::Nfs(own) => nfs::plan(own, site),
        Profile::ParallelFs(own) => parallel_fs::plan(own, site),
    }
}

const fn service(written: Service) -> ingestsim_catalog::Service {
    match written {
        Service::SageMaker => ingestsim_catalog::Service::SageMaker,
        Service::Ec2 => ingestsim_catalog::Service::Ec2,
    }
}

fn dataset(scenario: &Scenario) -> Result<Dataset, BuildError> {
    let written = &scenario.dataset;
    let distribution = spread::bytes(&written.file_size);
    let sizes = table_of(&distribution, "dataset.file-size")?;
    let size_mean = distribution.mean();
    let samples = match written.extent() {
        Extent::Files(files) => files.checked_mul(written.samples_per_file),
        Extent::Samples(samples) => Some(samples),
        Extent::TotalSize(total) => {
            let files = (total.as_f64() / size_mean).round().max(1.0) as u64;
            files.checked_mul(written.samples_per_file)
        }
    };
    let samples = samples.ok_or_else(|| {
        BuildError::new(
            "dataset.samples-per-file",
            "expected fewer than 2^64 samples in all files, found more",
        )
    })?;
    Ok(Dataset { samples, samples_per_file: written.samples_per_file, sizes, size_mean })
}

/// Shards are streamed unless single samples of them are read in random order.
fn streaming(scenario: &Scenario) -> Option<Streaming> {
    let sharded = scenario.dataset.samples_per_file > 1;
    let by_sample = matches!(scenario.job.order, Order::Shuffled);
    let chunk = scenario.dataset.read_size;
    (sharded && !by_sample).then(|| Streaming {
        chunk,
        window: Bytes::new(chunk.get() * WINDOW_CHUNKS),
        open_shards: scenario.dataset.open_shards,
    })
}

fn order(scenario: &Scenario, dataset: &Dataset, node: &NodeFacts, streaming: bool) -> OrderSpec {
    let units = if streaming { dataset.files() } else { dataset.samples };
    let fraction = scenario.dataset.fraction_per_epoch;
    let sampling = match scenario.job.sampling {
        WrittenSampling::Distributed => Sampling::Distributed,
        WrittenSampling::EveryRankAll => Sampling::EveryRankAll,
        WrittenSampling::NodeLocal => Sampling::NodeLocal,
    };
    OrderSpec {
        units,
        units_per_epoch: ((units as f64 * fraction).round() as u64).clamp(1, units),
        shuffled: matches!(scenario.job.order, Order::Shuffled | Order::ShardsShuffled),
        sampling,
        ranks: u64::from(scenario.job.instances) * u64::from(node.gpus),
        ranks_per_node: u64::from(node.gpus),
    }
}

fn phases(scenario: &Scenario, site: &Site<'_>, tier: &TierPlan) -> Phases {
    let service = site.catalog.service(site.service);
    let written = &scenario.job.phases;
    let walk = if written.walk { tier.walk } else { Span::ZERO };
    Phases {
        provisioning: tier.provisioning,
        starting: span_table(written.starting.as_ref(), service.starting.value),
        starting_billed: service.starting_billed.value,
        downloading: tier.downloading,
        download_hides_image_pull: tier.download_hides_image_pull,
        image_pull: span_table(written.image_pull.as_ref(), service.image_pull.value),
        framework_start: span_table(written.framework_start.as_ref(), service.framework_start.value),
        walk,
        uploading: span_table(written.uploading.as_ref(), service.uploading.value),
    }
}

/// Readers of all nodes together that a run can number.
const READERS_MAX: u64 = 1 << 22;

/// What a scenario may ask for that the model does not have, or not in this number.
fn refuse_unmodelled(scenario: &Scenario, loader: &LoaderPlan, node: &NodeFacts) -> Result<(), BuildError> {
    let job = &scenario.job;
    let nodes = u64::from(job.instances) * u64::from(job.concurrent_trials.min(job.trials));
    let readers = loader.kind.readers().saturating_mul(u64::from(scenario.dataset.open_shards));
    let readers = readers.saturating_mul(nodes).saturating_mul(u64::from(node.gpus));
    if readers > READERS_MAX {
        let message = format!("expected at most {READERS_MAX} readers on all GPUs together, found {readers}");
        return Err(BuildError::new(format!("loader.{}", scenario.loader.name()), message));
    }
    Ok(())
}

/// What may fail: spot instances, and the servers of the tier where the scenario asks for it.
fn failures(
    scenario: &Scenario,
    tier: &TierPlan,
    checkpoint: Option<&CheckpointPlan>,
    training: &Training,
) -> FailurePlan {
    let written = &scenario.job.failures;
    let hazard = if written.storage { tier.hazard } else { Hazard::default() };
    // A checkpoint on storage that is lost is lost with it; one written elsewhere survives every interruption.
    let survives = checkpoint.filter(|plan| hazard.loss_per_s == 0.0 || matches!(plan.to, Target::Other(_)));
    FailurePlan {
        spot_per_s: written.spot_per_hour / 3_600.0 * f64::from(scenario.job.instances),
        storage_loss_per_s: hazard.loss_per_s,
        replacement_per_s: hazard.replacement_per_s,
        replacement: hazard.replacement,
        reload: tier.provisioning.total(),
        checkpoint_every: survives.map(|plan| match plan.every {
            Every::Time(span) => span,
            Every::Steps(steps) => {
                let step_ns = training.step_time.mean() + training.step_overhead.as_nanos() as f64;
                Span::from_nanos((step_ns * steps as f64) as u64)
            }
        }),
    }
}

fn host(
    scenario: &Scenario,
    node: &NodeFacts,
    dataset: &Dataset,
    order: &OrderSpec,
    tier: &TierPlan,
) -> Host {
    let page_cache = match &scenario.job.node.page_cache {
        PageCache::On(written) if tier.path.page_cached => {
            let size = written.size.map_or(node.page_cache, |size| bytes_of(size, dataset));
            let unit_mean = dataset.bytes_mean() / order.units as f64;
            let cache = cache_spec(written.policy, size, order.units, unit_mean, order.shuffled);
            Some(PageCachePlan { cache, filled_by_copy: tier.fills_page_cache })
        }
        _ => None,
    };
    Host {
        nodes: scenario.job.instances,
        gpus: node.gpus,
        cores: node.cores,
        hyperthreads: node.hyperthreads,
        page_cache,
    }
}

/// A size that may be stated as a share of the data set.
pub(crate) fn bytes_of(size: CacheSize, dataset: &Dataset) -> Bytes {
    match size {
        CacheSize::Bytes(bytes) => bytes,
        CacheSize::Share(share) => Bytes::from_f64_rounded(dataset.bytes_mean() * share.fraction()),
    }
}

/// A cache of `size` for so many keys of a mean size.
pub(crate) fn cache_spec(
    policy: WrittenPolicy,
    size: Bytes,
    keys: u64,
    mean: f64,
    shuffled: bool,
) -> CacheSpec {
    CacheSpec {
        policy: match policy {
            WrittenPolicy::RandomReplacement => Policy::RandomReplacement,
            WrittenPolicy::Lru => Policy::Lru,
            WrittenPolicy::Fifo => Policy::Fifo,
            WrittenPolicy::NeverReplace => Policy::NeverReplace,
        },
        capacity: size.get(),
        entries: keys,
        entry_bytes_mean: mean,
        shuffled,
        tracked: keys <= TRACKED_KEYS_MAX,
    }
}
