//! Bounds of the services held against exact runs: each is within the error that it states.

use ingestsim_model::{Fidelity, Outcome};

use crate::scene::{near, plan, plan_of, requests, seconds};

/// 8,000 files of 1 MB in 3 epochs of 80 steps, on two GPUs that could take 10 GB/s.
const BASE: &str = r#"
dataset = { files = 8_000, file-size.lognormal = { mean = "1 MB", sigma = 0.6 } }
job = { epochs = 3, batch-size = 50, step-time = "10 ms", order = "shuffled", node.gpus = 2 }
"#;

/// Loaders that share all readers among samples, and that build a batch a worker.
const LOADERS: [&str; 2] = [
    "loader.tf-data = { parallel-reads = 16, prefetch = 8, ordered = false }",
    "loader.pytorch = { workers = 8, prefetch-factor = 2 }",
];

/// Deployments with a capacity and, where there is one, with the SSD read cache.
const DEPLOYMENTS: [&str; 16] = [
    "deployment = 'scratch-1', capacity = '1.2 TiB'",
    "deployment = 'scratch-2', capacity = '1.2 TiB'",
    "deployment = 'scratch-2', capacity = '4.8 TiB'",
    "deployment = 'persistent-1-ssd-50', capacity = '1.2 TiB'",
    "deployment = 'persistent-1-ssd-50', capacity = '4.8 TiB'",
    "deployment = 'persistent-1-ssd-100', capacity = '1.2 TiB'",
    "deployment = 'persistent-1-ssd-200', capacity = '1.2 TiB'",
    "deployment = 'persistent-1-hdd-12', capacity = '6.0 TiB'",
    "deployment = 'persistent-1-hdd-12', capacity = '6.0 TiB', ssd-cache = true",
    "deployment = 'persistent-1-hdd-40', capacity = '1.8 TiB'",
    "deployment = 'persistent-1-hdd-40', capacity = '1.8 TiB', ssd-cache = true",
    "deployment = 'persistent-1-hdd-40', capacity = '7.2 TiB', ssd-cache = true",
    "deployment = 'persistent-2-125', capacity = '1.2 TiB'",
    "deployment = 'persistent-2-250', capacity = '1.2 TiB'",
    "deployment = 'persistent-2-500', capacity = '1.2 TiB'",
    "deployment = 'persistent-2-1000', capacity = '1.2 TiB'",
];

/// How the files come onto the file system: bound by no limit, by the number at a time, by the rate of all.
const LOADS: [&str; 4] = [
    "load = 'resident'",
    "load = 'lazy', restore-latency = '100 ms'",
    "load = 'lazy', restore-latency.lognormal = { mean = '50 ms', cv = 0.5 }, restore-concurrency = 8",
    "load = 'lazy', restore-latency = '20 ms', restore-total = '100 MB/s'",
];

/// Volumes with and without credit left, and a link to them that bursts.
const VOLUMES: [&str; 12] = [
    "storage.v.s3 = { mode = 'file', volume.gp2 = { size = '100 GiB' } }",
    "storage.v.s3 = { mode = 'file', volume.gp2 = { size = '1000 GiB' } }",
    r#"
    dataset = { files = 20_000, file-size.lognormal = { mean = "100 kB", sigma = 0.6 } }
    storage.v.s3 = { mode = "file", volume.gp2 = { size = "33 GiB" } }
    "#,
    // 5.4 million operations of 256 KiB saved up, 6.4 and more needed.
    r#"
    dataset = { files = 500, file-size = "64 MiB" }
    job = { epochs = 50, batch-size = 10, node.gpus = 1 }
    storage.v.s3 = { mode = "file", volume.gp2 = { size = "40 GiB", rate = "750 MiB/s" } }
    "#,
    // Its rate and its operations are the same limit.
    r#"
    dataset = { files = 500, file-size = "64 MiB" }
    job = { batch-size = 10, node.gpus = 1 }
    loader = { tf-data = { parallel-reads = 4, prefetch = 8 } }
    storage.v.s3 = { mode = "file", volume.gp2 = { size = "40 GiB", rate = "750 MiB/s" } }
    "#,
    r#"
    dataset = { files = 500, file-size.lognormal = { mean = "64 MiB", sigma = 0.5 } }
    job = { epochs = 60, batch-size = 10, node.gpus = 1 }
    storage.v.s3 = { mode = "file", volume.gp2 = { size = "60 GiB" } }
    "#,
    "storage.v.s3 = { mode = 'file', volume.gp3 = { size = '100 GiB' } }",
    "storage.v.s3 = { mode = 'file', volume.gp3 = { size = '100 GiB', iops = 300 } }",
    "storage.v.s3 = { mode = 'file', volume.io2 = { size = '100 GiB', iops = 1000 } }",
    r#"
    job.node.nvme = { size = "1 TB", rate = "500 MB/s" }
    storage.v.s3 = { mode = "file", volume = "nvme" }
    "#,
    // The copy spends the credit of the link, or has the time to earn it back.
    r#"
    job.node.ebs = { baseline = "100 MB/s", burst = "500 MB/s", bucket = "4 GB" }
    [storage.v.s3]
    mode = "file"
    volume.gp3 = { size = "100 GiB", rate = "500 MB/s" }
    downloader = { fixed = "0 s", per-object = "0 ms", rate = "2 GB/s" }
    "#,
    r#"
    job.node.ebs = { baseline = "100 MB/s", burst = "500 MB/s", bucket = "4 GB" }
    [storage.v.s3]
    mode = "file"
    volume.gp3 = { size = "100 GiB", rate = "500 MB/s" }
    downloader = { fixed = "0 s", per-object = "20 ms", rate = "2 GB/s" }
    "#,
];

const SMALL: &str = "dataset = { files = 40_000, file-size.lognormal = { mean = '20 kB', sigma = 1.0 } }";

const EFS: [&str; 9] = [
    "throughput = 'elastic'",
    "throughput = 'elastic', zones = 'one'",
    "throughput = 'bursting'",
    "throughput = 'bursting', zones = 'one'",
    "throughput = 'bursting', performance = 'max-io'",
    "throughput = { provisioned = '50 MiB/s' }",
    "throughput = { provisioned = '50 MiB/s' }, performance = 'max-io'",
    "throughput = { provisioned = '1000 MiB/s' }",
    "throughput = { provisioned = '1000 MiB/s' }, zones = 'one'",
];

const S3: [&str; 9] = [
    "mode = 'fast-file'",
    "mode = 'fast-file', class = 'express-one-zone'",
    "mode = 'direct'",
    "mode = 'direct', class = 'express-one-zone'",
    "mode = 'direct', request-rate = '200 /s'",
    "mode = 'direct', request-rate = '500 /s'",
    "mode = 'direct', request-rate = '2000 /s'",
    "mode = 'direct', client-cache = { nvme = '4 GB', policy = 'lru' }",
    "mode = 'direct', client-cache = { nvme = '40 GB', policy = 'lru' }",
];

const CACHES: [&str; 5] = [
    "{ size = '33.3 %', policy = 'random-replacement' }",
    "{ size = '60 %', policy = 'lru' }",
    "{ size = '60 %', policy = 'fifo' }",
    "{ size = '60 %', policy = 'never-replace' }",
    "{ size = '100 %' }",
];

/// What the page caches are in front of.
const CACHED: [&str; 4] = [
    "storage.v.s3 = { mode = 'file', volume.gp3 = { size = '100 GiB' } }",
    "storage.e.efs = { throughput = { provisioned = '100 MiB/s' } }",
    "storage.l.fsx-lustre = { deployment = 'scratch-2', capacity = '1.2 TiB' }",
    "storage.w.parallel-fs = { latency.lognormal = { mean = '5 ms', cv = 0.3 }, rate = '300 MB/s' }",
];

/// Runs jobs, laid over the base, at both fidelities: each bound is to be as near as it says.
#[track_caller]
fn assert_within_stated(jobs: impl IntoIterator<Item = String>) {
    let mut wrong = Vec::new();
    for (number, keys) in jobs.into_iter().enumerate() {
        let loader = if keys.contains("loader = { tf-data") { "" } else { LOADERS[number % LOADERS.len()] };
        let plan = plan_of(&[BASE, loader, &keys]);
        let at = |fidelity| plan.simulate_at(0, fidelity).unwrap_or_else(|law| panic!("{keys}: {law}"));
        let (exact, bound) = (at(Fidelity::Exact), at(Fidelity::Bound));
        let off = bound.summary.loop_s / exact.summary.loop_s - 1.0;
        let stated = bound.fidelity_error.unwrap_or(0.0);
        if off.abs() > stated {
            wrong.push(format!("{:+.2} % of {:.2} stated: {keys}", off * 100.0, stated * 100.0));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All pairs.
fn each<'a>(ones: &'a [&'a str], others: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    ones.iter().flat_map(move |one| others.iter().map(move |other| (*one, *other)))
}

/// Every deployment with every way to load it: with the credit of half an hour, and with one of 5 s that runs out.
#[test]
fn lustre() {
    let keys = |(deployment, load): (&str, &str), burst: &str| {
        format!("storage.lustre.fsx-lustre = {{ {deployment}, {load}, burst-duration = '{burst}' }}")
    };
    let long = each(&DEPLOYMENTS, &LOADS).map(|pair| keys(pair, "30 min"));
    let short = each(&DEPLOYMENTS, &LOADS[..2]).map(|pair| keys(pair, "5 s"));
    let tiering = "storage.lustre.fsx-lustre.deployment = 'intelligent-tiering'".to_owned();
    assert_within_stated(long.chain(short).chain([tiering]));
}

/// Files that some epochs leave in S3: of parts of the set, and where every rank reads all.
#[test]
fn lazy_lustre_by_who_reads_what() {
    let samplings = ["node-local", "every-rank-all", "distributed"];
    let jobs = each(&samplings, &["shuffled", "sequential"]).flat_map(|(sampling, order)| {
        ["1.0", "0.4"].map(|fraction| {
            format!(
                r#"
                dataset.fraction-per-epoch = {fraction}
                job = {{ order = "{order}", sampling = "{sampling}", instances = 2, epochs = 4 }}
                [storage.l.fsx-lustre]
                deployment = "scratch-2"
                capacity = "2.4 TiB"
                load = "lazy"
                restore-latency = "200 ms"
                "#
            )
        })
    });
    assert_within_stated(jobs);
}

#[test]
fn volumes() {
    assert_within_stated(VOLUMES.iter().flat_map(|keys| [*keys, *keys]).map(str::to_owned));
}

#[test]
fn efs() {
    let jobs = each(&["", SMALL], &EFS).map(|(size, keys)| format!("{size}\nstorage.e.efs = {{ {keys} }}"));
    // 2.1 TiB saved up, 6.4 TiB needed at a third.
    let spent = r#"
        dataset = { files = 66, file-size = "1 GiB" }
        job = { epochs = 99, batch-size = 1, node.gpus = 1 }
        storage.e.efs = { throughput = "bursting", stored = "20 GiB" }
        "#;
    assert_within_stated(jobs.chain([spent.to_owned()]));
}

#[test]
fn s3() {
    let keys = |(size, keys): (&str, &str)| {
        format!("{size}\njob.node.nvme = {{ size = '1 TB', rate = '500 MB/s' }}\nstorage.s.s3 = {{ {keys} }}")
    };
    let pipe = "job.order = 'sequential'\nstorage.s.s3 = { mode = 'pipe' }".to_owned();
    assert_within_stated(each(&["", SMALL], &S3).map(keys).chain([pipe]));
}

/// Page caches before services, in both orders, on one node and on two.
#[test]
fn page_caches() {
    let jobs = each(&CACHES, &CACHED).flat_map(|(cache, service)| {
        each(&["shuffled", "sequential"], &["1", "2"]).map(move |(order, nodes)| {
            format!(
                "job = {{ order = '{order}', instances = {nodes}, epochs = 4, node.page-cache = {cache} }}\n{service}"
            )
        })
    });
    assert_within_stated(jobs);
}

/// The same where each node reads a part of its own, or every rank all.
#[test]
fn page_caches_by_who_reads_what() {
    let jobs = each(&CACHES[..4], &["node-local", "every-rank-all"]).flat_map(|(cache, sampling)| {
        each(&["shuffled", "sequential"], &CACHED[..2]).map(move |(order, service)| {
            format!(
                r#"
                job = {{ order = "{order}", sampling = "{sampling}", instances = 2, epochs = 4, node.page-cache = {cache} }}
                {service}
                "#
            )
        })
    });
    assert_within_stated(jobs);
}

/// An interface that bursts, and readers that are all alike before one link: they stay in step.
#[test]
fn interfaces_that_burst_and_readers_that_stay_in_step() {
    let burst = r#"
        job.node.nic = { baseline = "100 MB/s", burst = "500 MB/s", bucket = "4 GB" }
        storage.own.parallel-fs = {}
        "#;
    let alike = r#"
        dataset.file-size = "1 MB"
        storage.own.parallel-fs = { latency = "20 ms", rate = "600 MB/s" }
        "#;
    assert_within_stated([burst, burst, alike, alike].map(str::to_owned));
}

fn bound(keys: &str) -> Outcome {
    plan(keys).simulate_at(0, Fidelity::Bound).unwrap_or_else(|law| panic!("{law}"))
}

/// One client gets 5 Gb/s from one server, whatever that has: 8 GB in memory take 12.8 s, on four servers 3.2.
#[test]
fn a_bound_knows_what_flows_between_a_client_and_a_server() {
    let second_epoch = |capacity: &str| {
        let outcome = bound(&format!(
            r#"
            dataset = {{ files = 800, file-size = "10 MB" }}
            job.epochs = 2
            loader.tf-data = {{ parallel-reads = 64, prefetch = 60 }}
            storage.l.fsx-lustre = {{ deployment = "persistent-2-1000", capacity = "{capacity}" }}
            "#
        ));
        seconds(&outcome)[1]
    };
    near(second_epoch("2.4 TiB"), 12.8, 0.02);
    near(second_epoch("9.6 TiB"), 3.2, 0.08);
}

/// 6 GB from an SSD cache of 240 MB/s take 25 s; before that 480 MB in a second of burst and 5,520 MB at 72 MB/s from disk.
#[test]
fn a_bound_knows_what_an_ssd_cache_reads_at() {
    let outcome = bound(
        r#"
        dataset = { files = 600, file-size = "10 MB" }
        job.epochs = 2
        loader.tf-data = { parallel-reads = 16, prefetch = 60 }
        [storage.lustre.fsx-lustre]
        deployment = "persistent-1-hdd-12"
        capacity = "6.0 TiB"
        burst-duration = "1 s"
        ssd-cache = true
        "#,
    );
    near(seconds(&outcome)[0], 1.0 + 5_520.0 / 72.0, 0.03);
    near(seconds(&outcome)[1], 25.0, 0.01);
}

/// 1.92 million MiB at 128 MiB/s, 512 operations a second of which 100 come in, until 5.4 million that were saved up are
/// spent; then at those 100: (7,680,000 − 5,400,000) / 100 = 22,800 s, whether an epoch spends 2 % of them or 0.2 %.
#[test]
fn a_bound_knows_when_the_credit_of_a_volume_is_spent() {
    for (files, epochs, first_s) in [(500, 60, 250.0), (50, 600, 25.0)] {
        let outcome = bound(&format!(
            r#"
            dataset = {{ files = {files}, file-size = "64 MiB" }}
            job.epochs = {epochs}
            loader.tf-data = {{ parallel-reads = 8, prefetch = 50 }}
            storage.copied.s3 = {{ mode = "file", volume.gp2 = {{ size = "33 GiB" }} }}
            "#
        ));
        near(seconds(&outcome)[0], first_s, 0.02);
        near(outcome.summary.loop_s, 22_800.0, 0.01);
    }
}

/// Three quarters of 1,600 files are read in each epoch: all 1,200 of the first come from S3, one in four of the second,
/// one in sixteen of the third. Four at a time take 0.7 s each.
#[test]
fn a_bound_knows_how_many_files_are_still_in_s3() {
    let outcome = bound(
        r#"
        dataset = { files = 1_600, file-size = "9 MB", fraction-per-epoch = 0.75 }
        job = { epochs = 3, order = "shuffled" }
        loader.tf-data = { parallel-reads = 16, prefetch = 60 }
        [storage.lustre.fsx-lustre]
        deployment = "scratch-2"
        capacity = "1.2 TiB"
        load = "lazy"
        restore-latency = "500 ms"
        restore-rate = "45 MB/s"
        restore-concurrency = 4
        "#,
    );
    near(requests(&outcome, "GET").0 as f64, 1_200.0 + 300.0 + 75.0, 0.002);
    near(seconds(&outcome)[0], 1_200.0 * 0.7 / 4.0, 0.01);
    near(seconds(&outcome)[1], 300.0 * 0.7 / 4.0, 0.03);
}
