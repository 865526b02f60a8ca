//! What a scenario without a mistake becomes.

use ingestsim_scenario::{
    Scenario, Set, Source,
    schema::{
        dataset::Extent,
        fsx::Load,
        job::{Length, Order, Service},
        loader::{Loader, Prefetch},
        s3::Mode,
        spread::{LogNormal, Spread},
        storage::{BillStorage, Profile, Role},
    },
};
use ingestsim_units::{Bytes, Rate, Span};

use crate::{BASE, edited, extended, load};

fn scenario(text: &str, sets: &[&str]) -> Scenario {
    match load(text, sets) {
        Ok(loaded) => loaded.scenario,
        Err(errors) => panic!("{errors}"),
    }
}

#[test]
fn what_is_written_is_what_is_there() {
    let scenario = scenario(BASE, &[]);
    assert_eq!(scenario.dataset.extent(), Extent::Samples(10_000));
    let mean = Bytes::new(110_000);
    assert_eq!(scenario.dataset.file_size, Spread::LogNormal(LogNormal::MeanCv { mean, cv: 0.5 }));
    assert_eq!(scenario.job.step_time, Spread::Fixed(Span::from_millis(194)));
    assert!(matches!(&scenario.storage["stream"], Profile::S3(s3) if s3.mode == Mode::FastFile));
    assert_eq!(scenario.candidates().collect::<Vec<_>>(), ["stream", "lustre"]);
}

#[test]
fn what_is_left_out_has_its_default() {
    let scenario = scenario(&edited("order = \"shuffled\"\n", ""), &[]);
    assert_eq!(scenario.seed, 1);
    assert_eq!(scenario.job.service, Service::SageMaker);
    assert_eq!(scenario.job.length(), Length::Epochs(1));
    assert_eq!(scenario.job.order, Order::Shuffled);
    let Loader::PyTorch(loader) = &scenario.loader else { panic!("the loader is pytorch") };
    assert_eq!((loader.workers, loader.prefetch_factor, loader.worker_start), (4, 2, Span::from_millis(20)));
    assert_eq!(scenario.storage["stream"].role(), Role::Candidate);
    assert_eq!(scenario.storage["stream"].bill_storage(), BillStorage::Job);
}

#[test]
fn a_file_system_that_is_created_is_loaded_lazily_by_default() {
    let scenario = scenario(&edited("load = \"resident\"", "existing = false"), &[]);
    assert!(matches!(&scenario.storage["lustre"], Profile::FsxLustre(fsx) if fsx.load == Some(Load::Lazy)));
}

#[test]
fn a_flag_is_toml_or_else_text() {
    let sets = [
        "job.batch-size=32",
        "job.step-time=12 ms",
        "dataset.file-size={ lognormal = { median = \"1 kB\", p99 = \"9 kB\" } }",
        "name='quoted'",
        "job.phases.walk = true",
        "description=2020-01-01",
        "job.order.shuffle-buffer=100",
    ];
    let scenario = scenario(&edited("order = \"shuffled\"\n", ""), &sets);
    assert_eq!(scenario.job.batch_size, 32);
    assert_eq!(scenario.job.step_time, Spread::Fixed(Span::from_millis(12)));
    assert!(matches!(scenario.dataset.file_size, Spread::LogNormal(LogNormal::MedianP99 { .. })));
    assert_eq!(scenario.name, "quoted");
    assert!(scenario.job.phases.walk);
    assert_eq!(scenario.description, "2020-01-01");
    assert_eq!(scenario.job.order, Order::ShuffleBuffer(100));
}

#[test]
fn a_flag_sets_a_whole_choice() {
    let sets = ["loader={ tf-data = { prefetch = 3 } }", "storage.stream={ efs = {} }", "seed=1", "seed=7"];
    let scenario = scenario(BASE, &sets);
    assert!(matches!(&scenario.loader, Loader::TfData(loader) if loader.prefetch == Prefetch::Batches(3)));
    assert_eq!(scenario.storage["stream"].kind(), "efs");
    assert_eq!(scenario.seed, 7);
    assert_eq!(scenario.storage.keys().collect::<Vec<_>>(), ["stream", "lustre"]);
}

#[test]
fn another_flag_is_named_in_its_mistake() {
    let sets = [Set::flag("--seed x", "seed", "x")];
    let errors = Scenario::load(Source::new("base.toml", BASE), &sets).unwrap_err();
    assert_eq!(errors.to_string(), "--seed x: seed: expected a whole number, found \"x\"");
}

#[test]
fn several_mistakes_are_told_at_once() {
    let text = edited("batch-size = 64", "batch-size = 0\ninstances = 0");
    let errors = load(&text, &[]).unwrap_err();
    let paths = errors.0.iter().map(|error| error.path.to_string()).collect::<Vec<_>>();
    assert_eq!(paths, ["job.instances", "job.batch-size"]);
}

#[test]
fn one_profile_takes_the_checkpoints_with_it() {
    let tail = "[storage.ckpt.efs]\nrole = \"checkpoint-only\"\n[job.checkpoint]\nevery = \"1 h\"\nsize = \"1 GB\"\nto = \"ckpt\"\n[sweep]";
    let scenario = scenario(&extended(tail), &[]);
    assert_eq!(scenario.candidates().count(), 2);
    let one = scenario.on("lustre");
    assert_eq!(one.storage.keys().collect::<Vec<_>>(), ["lustre", "ckpt"]);
    assert_eq!(one.sweep, None);
}

/// 1,000,001 samples in shards of 1,000 are 1,001 files; 500 GB of 110 kB are 4,545,454.5 files; half of 10 samples are 5.
#[test]
fn a_data_set_is_counted_in_files_and_samples() {
    let dataset = |text: &str| scenario(&edited("samples = 10_000", text), &[]).dataset;
    let shards = dataset("samples = 1_000_001\nsamples-per-file = 1000");
    assert_eq!((shards.file_count(), shards.sample_count()), (1001, 1_000_001));
    assert_eq!(dataset("total-size = \"500 GB\"").file_count(), 4_545_455);
    let files = dataset("files = 20_000\nsamples-per-file = 2\nfraction-per-epoch = 0.5");
    assert_eq!((files.sample_count(), files.samples_per_epoch()), (40_000, 20_000));
}

/// A lognormal of median 14 ms and p99 55 ms has sigma = ln(55/14)/2.3263 = 0.5882, so its mean is 14·e^0.17297 = 16.64 ms.
#[test]
fn the_mean_of_a_lognormal_follows_from_median_and_percentile() {
    let (median, p99) = (Span::from_millis(14), Span::from_millis(55));
    let mean = Spread::LogNormal(LogNormal::MedianP99 { median, p99 }).mean_f64();
    assert!((mean / 1e6 - 16.64).abs() < 0.01, "{mean}");
}

#[test]
fn every_kind_of_storage_has_its_keys() {
    let tail = "
[storage.disk.local-disk]
latency = \"100 us\"
rate = \"7 GB/s\"
iops = 1_000_000
[storage.server.nfs]
open-latency = { lognormal = { mean = \"1 ms\", cv = 1 } }
metadata-rate = \"20000 /s\"
client-rate = \"10 Gb/s\"
bill-storage = { retention = \"30 d\", jobs = 20 }
[storage.shared.efs]
throughput = { provisioned = \"300 MiB/s\" }
read-metering = 1
[storage.tiered.fsx-lustre]
deployment = \"intelligent-tiering\"
ssd-cache = \"20000 GiB\"
[storage.copy.s3]
class = \"express-one-zone\"
replication = \"sharded-by-key\"
downloader = { concurrency = 20, per-object = \"7 ms\" }
volume = { io2 = { size = \"1 TB\", iops = 64000 } }
";
    let scenario = scenario(&extended(tail), &[]);
    let Profile::Nfs(nfs) = &scenario.storage["server"] else { panic!("the server is nfs") };
    assert_eq!(nfs.client_rate, Some(Rate::per_second(1_250_000_000)));
    assert!(matches!(nfs.bill_storage, BillStorage::Retention(retention) if retention.jobs == 20));
    let kinds = scenario.storage.values().map(Profile::kind).collect::<Vec<_>>();
    assert_eq!(kinds, ["s3", "fsx-lustre", "local-disk", "nfs", "efs", "fsx-lustre", "s3"]);
}

#[test]
fn a_profile_may_be_named_after_a_spread() {
    let scenario = scenario(&extended("[storage.normal.efs]\n[storage.table.efs]"), &[]);
    assert_eq!(scenario.candidates().collect::<Vec<_>>(), ["stream", "lustre", "normal", "table"]);
}

/// What asks for storage is the sweep and the profiles: without them the data set and the job are still there.
#[test]
fn a_job_needs_no_storage_where_that_is_looked_for() {
    let job = "name = \"x\"\n[dataset]\nfiles = 1_000\nfile-size = \"110 kB\"\n[job]\ninstance = \"ml.p3.2xlarge\"\n\
               batch-size = 64\nstep-time = \"194 ms\"\n[loader.pytorch]\n[sweep.grid]\nstorage = [\"nowhere\"]\n";
    let source = || Source::new("x.toml", job);
    assert!(Scenario::load(source(), &[]).is_err());
    let loaded = Scenario::load_job(source(), &[]).unwrap();
    assert_eq!((loaded.scenario.candidates().count(), loaded.scenario.sweep), (0, None));
    let errors = Scenario::load_job(source(), &[Set::parse("job.batch-size=0")]).unwrap_err();
    assert!(errors.to_string().contains("job.batch-size: expected a whole number of at least 1"), "{errors}");
    let storage =
        Scenario::load_job(Source::new("x.toml", format!("{job}[storage.a.s3]\nmode = \"fast\"")), &[]);
    assert!(storage.unwrap_err().to_string().contains("storage.a.s3.mode"));
}

#[test]
fn a_count_may_be_written_with_an_exponent() {
    for (written, samples) in [("1e9", 1_000_000_000), ("2.5e3", 2_500), ("64.0", 64)] {
        let read = scenario(BASE, &[&format!("dataset.samples={written}")]);
        assert_eq!(read, scenario(BASE, &[&format!("dataset.samples={samples}")]));
    }
}
