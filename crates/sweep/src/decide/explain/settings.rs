//! What a user can set otherwise: every setting of loader, data set and storage that may help, one notch further.

use ingestsim_catalog::Catalog;
use ingestsim_model::{Plan, cause::Cause};
use ingestsim_scenario::{
    Scenario,
    schema::{
        cache::{ClientCache, Policy},
        fsx::{Deployment, FsxLustre, Load},
        job::Sampling,
        loader::{Loader, Prefetch},
        s3::{Class, Downloader, EbsVolume, Mode, Replication, S3, Volume},
        storage::{Efs, Profile, Throughput},
    },
};
use ingestsim_units::{Bytes, Rate};

use crate::decide::repack::repacked;

/// Files are packed so many into one.
const PACKED: f64 = 16.0;

/// A loader with no workers is given so many.
const WORKERS_FIRST: u32 = 4;

/// Prefixes that objects are spread over.
const PREFIXES: u32 = 4;

/// What a gp3 volume is bought with where throughput is wanted: 4,000 operations carry 1,000 MiB/s.
const GP3_FAST: (Rate, u64) = (Rate::per_second(1_000 << 20), 4_000);

/// A setting one notch further.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// What is other: `8 more workers per GPU`.
    pub(crate) what: String,
    /// What to do, as a sentence begins: `Use 8 more workers per GPU`.
    pub(crate) advice: String,
    /// The scenario with it.
    pub(crate) scenario: Scenario,
}

/// The settings of one profile.
struct Notches<'a> {
    waits: &'a dyn Fn(Cause) -> bool,
    scenario: &'a Scenario,
    catalog: &'a Catalog,
    storage: &'a str,
    plan: &'a Plan,
    found: Vec<Setting>,
}

/// Every setting that `storage` and its loader have and that may help where GPUs wait for this, one notch further.
pub(crate) fn settings(
    scenario: &Scenario,
    catalog: &Catalog,
    (storage, plan): (&str, &Plan),
    waits: &dyn Fn(Cause) -> bool,
) -> Vec<Setting> {
    let mut notches = Notches { waits, scenario, catalog, storage, plan, found: Vec::new() };
    notches.loader();
    notches.dataset();
    match &scenario.storage[storage] {
        Profile::S3(s3) => notches.s3(s3),
        Profile::Efs(efs) => notches.efs(efs),
        Profile::FsxLustre(fsx) => notches.fsx(fsx),
        Profile::LocalDisk(_) | Profile::Nfs(_) | Profile::ParallelFs(_) => {}
    }
    notches.found
}

impl Notches<'_> {
    fn add(&mut self, what: impl Into<String>, advice: impl Into<String>, edit: impl FnOnce(&mut Scenario)) {
        let mut scenario = self.scenario.clone();
        edit(&mut scenario);
        self.found.push(Setting { what: what.into(), advice: advice.into(), scenario });
    }

    fn loader(&mut self) {
        match self.scenario.loader.clone() {
            Loader::PyTorch(own) => {
                let more = if own.workers == 0 { WORKERS_FIRST } else { own.workers };
                let what = format!("{more} more workers per GPU");
                self.add(&what, format!("Use {what}"), |scenario| pytorch(scenario).workers += more);
                // PyTorch has no such switch, so only a data set that reads with threads already can have more.
                if own.threads_per_worker > 1 {
                    let threads = own.threads_per_worker * 2;
                    let what = format!("{threads} reading threads in each worker");
                    self.add(&what, format!("Read with {threads} threads in each worker"), |scenario| {
                        pytorch(scenario).threads_per_worker = threads;
                    });
                }
                let ahead = own.prefetch_factor * 2;
                self.add(
                    format!("prefetch-factor {ahead}"),
                    format!("Hand out twice as many batches ahead (prefetch-factor {ahead})"),
                    |scenario| pytorch(scenario).prefetch_factor = ahead,
                );
                if !own.persistent_workers
                    && own.workers > 0
                    && self.plan.training.steps > self.plan.training.steps_per_epoch
                {
                    self.add("persistent workers", "Keep the workers from epoch to epoch", |scenario| {
                        pytorch(scenario).persistent_workers = true;
                    });
                }
            }
            Loader::TfData(own) => {
                let reads = own.parallel_reads * 2;
                self.add(
                    format!("{reads} parallel reads per GPU"),
                    format!("Read {reads} samples at a time per GPU"),
                    |scenario| tf_data(scenario).parallel_reads = reads,
                );
                if let Prefetch::Batches(batches) = own.prefetch {
                    self.add(
                        format!("a buffer of {} batches", 2 * batches),
                        format!("Let the pipeline read {} batches ahead", 2 * batches),
                        |scenario| tf_data(scenario).prefetch = Prefetch::Batches(2 * batches),
                    );
                }
                if own.ordered {
                    self.add(
                        "samples in any order",
                        "Take samples as they come (deterministic=False)",
                        |scenario| {
                            tf_data(scenario).ordered = false;
                        },
                    );
                }
            }
        }
        self.decode();
    }

    fn decode(&mut self) {
        let decode = self.scenario.loader.decode();
        let decodes = !decode.per_sample.is_zero() || decode.rate.is_some();
        if decodes && (self.waits)(Cause::Decode) {
            self.add(
                "decoding twice as fast",
                "Decode twice as fast (a faster library, smaller pictures, or the GPU)",
                |scenario| {
                    let decode = match &mut scenario.loader {
                        Loader::PyTorch(loader) => &mut loader.decode,
                        Loader::TfData(loader) => &mut loader.decode,
                    };
                    decode.per_sample = decode.per_sample.mul_f64_rounded(0.5);
                    decode.rate = decode.rate.map(|rate| rate.saturating_mul(2));
                },
            );
        }
    }

    fn dataset(&mut self) {
        let mean = self.scenario.dataset.file_size.mean_f64();
        let Some(scenario) = repacked(self.scenario, PACKED) else { return };
        let size = Bytes::from_f64_rounded(mean * PACKED);
        self.found.push(Setting {
            what: format!("files of {}, not {}", size.human(), Bytes::from_f64_rounded(mean).human()),
            advice: format!("Pack {PACKED:.0} files into one, read whole ({})", size.human()),
            scenario,
        });
    }

    fn s3(&mut self, own: &S3) {
        if own.mode == Mode::File {
            return self.s3_file(own);
        }
        if (self.waits)(Cause::RequestLimit) {
            let prefixes = own.prefixes * PREFIXES;
            self.add(
                format!("{prefixes} prefixes"),
                format!("Spread the objects over {prefixes} prefixes"),
                |scenario| s3(scenario, self.storage).prefixes = prefixes,
            );
        }
        if own.class == Class::Standard {
            self.add("S3 Express One Zone", "Keep the data in S3 Express One Zone", |scenario| {
                s3(scenario, self.storage).class = Class::ExpressOneZone;
            });
        }
        if let (None, Some(nvme), Mode::FastFile | Mode::Direct) = (&own.client_cache, self.nvme(), own.mode)
        {
            self.add(
                "a client cache on the NVMe",
                "Let the client cache what it has read on the instance's NVMe",
                |scenario| {
                    let cache = ClientCache { nvme, policy: Policy::Lru };
                    s3(scenario, self.storage).client_cache = Some(cache);
                },
            );
        }
    }

    fn s3_file(&mut self, own: &S3) {
        let storage = self.storage;
        let preset = self.catalog.storage().downloader.concurrency.value;
        let copies = 2 * own.downloader.as_ref().and_then(|own| own.concurrency).unwrap_or(preset);
        self.add("twice the copies at a time", "Copy twice as many objects at a time", |scenario| {
            downloader(scenario, storage).concurrency = Some(copies);
        });
        let listed = self.catalog.storage().downloader.rate.value;
        let rate = own.downloader.as_ref().and_then(|own| own.rate).unwrap_or(listed).saturating_mul(2);
        self.add(
            "a downloader twice as fast",
            "Copy at twice the rate (a downloader with more connections)",
            |scenario| downloader(scenario, storage).rate = Some(rate),
        );
        let on_nvme = own.volume == Some(Volume::Nvme) || own.volume.is_none() && self.nvme().is_some();
        if !on_nvme && self.nvme().is_some() {
            self.add("a copy on the NVMe", "Copy to the instance's NVMe", |scenario| {
                s3(scenario, storage).volume = Some(Volume::Nvme);
            });
        }
        if let Some(Volume::Gp2(volume) | Volume::Gp3(volume)) = &own.volume {
            let size = volume.size;
            let (rate, iops) = GP3_FAST;
            self.add("a gp3 volume of 1,000 MiB/s", "Copy to a gp3 volume of 1,000 MiB/s", |scenario| {
                let volume = EbsVolume { size, rate: Some(rate), iops: Some(iops) };
                s3(scenario, storage).volume = Some(Volume::Gp3(volume));
            });
        }
        let own_part = self.scenario.job.sampling == Sampling::NodeLocal;
        if own_part && self.scenario.job.instances > 1 && own.replication == Replication::Full {
            self.add(
                "only its own part on each node",
                "Copy to each node only its own part (ShardedByS3Key)",
                |scenario| s3(scenario, storage).replication = Replication::ShardedByKey,
            );
        }
    }

    fn efs(&mut self, own: &Efs) {
        match own.throughput {
            Throughput::Elastic => {}
            Throughput::Bursting => {
                self.add("elastic throughput", "Switch the file system to elastic throughput", |scenario| {
                    efs(scenario, self.storage).throughput = Throughput::Elastic;
                });
            }
            Throughput::Provisioned(rate) => {
                let double = rate.saturating_mul(2);
                self.add(
                    format!("{} provisioned", double.human()),
                    format!("Provision twice the throughput ({})", double.human()),
                    |scenario| efs(scenario, self.storage).throughput = Throughput::Provisioned(double),
                );
            }
        }
    }

    fn fsx(&mut self, own: &FsxLustre) {
        let storage = self.storage;
        let listed = self.catalog.storage().fsx.deployment(own.deployment.name()).ok();
        if let (Some(capacity), Some(listed)) = (own.capacity, listed) {
            let (_, larger) = listed.nearest_capacities(Bytes::new(capacity.get().saturating_mul(2)));
            if (self.waits)(Cause::FileSystemRate) || (self.waits)(Cause::ServerPair) {
                let tib = aws_tib(larger.bytes());
                self.add(
                    format!("a capacity of {tib}"),
                    format!("Double the capacity to {tib}, and the throughput with it"),
                    |scenario| fsx(scenario, storage).capacity = Some(larger.bytes()),
                );
            }
            let automatic = listed.capacity(capacity).and_then(|capacity| listed.metadata_iops_at(capacity));
            if let Some(automatic) = automatic.filter(|_| (self.waits)(Cause::Metadata)) {
                let iops = 2 * own.metadata_iops.unwrap_or(automatic.milli_hertz() / 1_000);
                self.add(
                    format!("{iops} metadata IOPS"),
                    format!("Provision {iops} metadata operations a second"),
                    |scenario| fsx(scenario, storage).metadata_iops = Some(iops),
                );
            }
        }
        if let Some(next) = faster(own.deployment).filter(|_| (self.waits)(Cause::FileSystemRate)) {
            self.add(next.name(), format!("Take the deployment type {}", next.name()), |scenario| {
                fsx(scenario, storage).deployment = next;
            });
        }
        self.load(own);
    }

    fn load(&mut self, own: &FsxLustre) {
        let storage = self.storage;
        let keep =
            "Keep the file system with its data from job to job (what it costs in between is not counted)";
        match (own.load(), own.existing) {
            (Load::Lazy, true) => self.add(
                "data that is there already",
                "Have the data on the file system before the job",
                |scenario| fsx(scenario, storage).resident(),
            ),
            (Load::Lazy, false) => {
                self.add("a one-time load", "Load everything before training", |scenario| {
                    fsx(scenario, storage).load = Some(Load::OneTime);
                });
                self.add("a kept file system, data and all", keep, |scenario| {
                    fsx(scenario, storage).resident();
                });
            }
            (Load::OneTime, _) => self
                .add("a kept file system, data and all", keep, |scenario| fsx(scenario, storage).resident()),
            (Load::Resident, _) => {}
        }
    }

    /// The instance store of a node.
    fn nvme(&self) -> Option<Bytes> {
        let own = self.scenario.job.node.nvme.as_ref().and_then(|nvme| nvme.size);
        let name = self.scenario.job.instance.as_deref();
        let listed = || self.catalog.instance(name?).ok()?.nvme.as_ref().map(|nvme| nvme.size.value);
        own.or_else(listed)
    }
}

/// A capacity in AWS's TiB of 1,000 GiB, as it is sold.
fn aws_tib(capacity: Bytes) -> String {
    format!("{} TiB", capacity.as_gib() / 1_000.0)
}

/// A file system that has the data already.
trait Resident {
    fn resident(&mut self);
}

impl Resident for FsxLustre {
    fn resident(&mut self) {
        (self.load, self.existing) = (Some(Load::Resident), true);
        (self.restore_latency, self.restore_rate, self.restore_concurrency) = (None, None, None);
        (self.restore_total, self.import_rate) = (None, None);
    }
}

/// The next faster type of the same family.
const fn faster(deployment: Deployment) -> Option<Deployment> {
    use Deployment::{
        Persistent1Hdd12, Persistent1Hdd40, Persistent1Ssd50, Persistent1Ssd100, Persistent1Ssd200,
        Persistent2At125, Persistent2At250, Persistent2At500, Persistent2At1000,
    };
    match deployment {
        Persistent1Ssd50 => Some(Persistent1Ssd100),
        Persistent1Ssd100 => Some(Persistent1Ssd200),
        Persistent1Hdd12 => Some(Persistent1Hdd40),
        Persistent2At125 => Some(Persistent2At250),
        Persistent2At250 => Some(Persistent2At500),
        Persistent2At500 => Some(Persistent2At1000),
        _ => None,
    }
}

fn pytorch(scenario: &mut Scenario) -> &mut ingestsim_scenario::schema::loader::PyTorch {
    match &mut scenario.loader {
        Loader::PyTorch(loader) => loader,
        Loader::TfData(_) => unreachable!("only the settings of its own loader are changed"),
    }
}

fn tf_data(scenario: &mut Scenario) -> &mut ingestsim_scenario::schema::loader::TfData {
    match &mut scenario.loader {
        Loader::TfData(loader) => loader,
        Loader::PyTorch(_) => unreachable!("only the settings of its own loader are changed"),
    }
}

fn s3<'a>(scenario: &'a mut Scenario, storage: &str) -> &'a mut S3 {
    match &mut scenario.storage[storage] {
        Profile::S3(s3) => s3,
        other => unreachable!("a profile on {} has no settings of S3", other.kind()),
    }
}

fn efs<'a>(scenario: &'a mut Scenario, storage: &str) -> &'a mut Efs {
    match &mut scenario.storage[storage] {
        Profile::Efs(efs) => efs,
        other => unreachable!("a profile on {} has no settings of EFS", other.kind()),
    }
}

fn fsx<'a>(scenario: &'a mut Scenario, storage: &str) -> &'a mut FsxLustre {
    match &mut scenario.storage[storage] {
        Profile::FsxLustre(fsx) => fsx,
        other => unreachable!("a profile on {} has no settings of FSx", other.kind()),
    }
}

fn downloader<'a>(scenario: &'a mut Scenario, storage: &str) -> &'a mut Downloader {
    s3(scenario, storage).downloader.get_or_insert_with(Downloader::default)
}
