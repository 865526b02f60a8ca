//! Random scenarios of every kind: none panics, none breaks a law, and none beats its bounds.

use proptest::{prelude::*, sample::select};

use crate::scene::{built, samples, unsound};

/// Tiers of every kind, with the keys that change how they are read.
const STORAGE: [&str; 22] = [
    r#"parallel-fs = {}"#,
    r#"parallel-fs = { latency = "1 ms", connection-rate = "20 MB/s", client-rate = "60 MB/s", rate = "100 MB/s" }"#,
    r#"parallel-fs = { open-latency = "1 ms", latency.lognormal = { mean = "2 ms", cv = 1.0 }, iops = 3000, metadata-rate = "900 /s" }"#,
    r#"nfs = { open-latency = "2 ms", latency.normal = { mean = "1 ms", sd = "1 ms" }, rate = "50 MB/s", write-rate = "30 MB/s" }"#,
    r#"local-disk = { latency = "100 us", rate = "80 MB/s", iops = 2000, metadata-rate = "3000 /s" }"#,
    r#"s3 = { mode = "direct" }"#,
    r#"s3 = { mode = "direct", request-rate = "300 /s", prefixes = 2 }"#,
    r#"s3 = { mode = "direct", class = "express-one-zone", client-cache = { nvme = "5 MB" } }"#,
    r#"s3 = { mode = "fast-file" }"#,
    r#"s3 = { mode = "pipe" }"#,
    r#"s3 = { mode = "file", volume.gp2.size = "10 GiB" }"#,
    r#"s3 = { mode = "file", volume.gp3.size = "10 GiB", replication = "sharded-by-key" }"#,
    r#"s3 = { mode = "file", volume.io2 = { size = "10 GiB", iops = 500 } }"#,
    r#"s3 = { mode = "file", volume = "nvme" }"#,
    r#"efs = {}"#,
    r#"efs = { throughput = "bursting", stored = "3 TiB" }"#,
    r#"efs = { throughput = { provisioned = "10 MiB/s" }, performance = "max-io" }"#,
    r#"fsx-lustre = { deployment = "scratch-1", capacity = "3.6 TiB", load = "one-time" }"#,
    r#"fsx-lustre = { deployment = "scratch-2", capacity = "4.8 TiB", load = "lazy", restore-concurrency = 3 }"#,
    r#"fsx-lustre = { deployment = "persistent-1-ssd-50", capacity = "7.2 TiB", burst-duration = "100 ms" }"#,
    r#"fsx-lustre = { deployment = "persistent-1-hdd-12", capacity = "6.0 TiB", ssd-cache = true }"#,
    r#"fsx-lustre = { deployment = "persistent-2-125", capacity = "1.2 TiB", existing = false, load = "lazy" }"#,
];

const LOADERS: [&str; 7] = [
    r#"pytorch = {}"#,
    r#"pytorch = { workers = 3, worker-start = "2 ms" }"#,
    r#"pytorch = { workers = 2, prefetch-factor = 1, threads-per-worker = 3, persistent-workers = true }"#,
    r#"pytorch = { workers = 4, decode = { per-sample = "300 us", rate = "50 MB/s" }, sample-cache = { size = "40 %" } }"#,
    r#"tf-data = { parallel-reads = 5, prefetch = 3 }"#,
    r#"tf-data = { parallel-reads = 8, prefetch = "auto", ordered = false }"#,
    r#"tf-data = { parallel-reads = 2, prefetch = 1, decode.per-sample = "1 ms", sample-cache = { size = "1 MB", holds = "encoded" } }"#,
];

const ORDERS: [&str; 4] =
    [r#""sequential""#, r#""shuffled""#, r#""shards-shuffled""#, "{ shuffle-buffer = 37 }"];

const SIZES: [&str; 4] = [
    r#""9 kB""#,
    r#"{ lognormal = { mean = "40 kB", cv = 1.5 } }"#,
    r#"{ normal = { mean = "100 kB", sd = "80 kB" } }"#,
    r#"{ table = [["1 B", 3], ["300 kB", 1]] }"#,
];

const PAGE_CACHES: [&str; 4] =
    [r#""off""#, "{}", r#"{ size = "30 %" }"#, r#"{ size = "1 MB", policy = "lru" }"#];

const CHECKPOINTS: [&str; 4] = [
    "",
    r#"checkpoint = { every-steps = 3, size = "3 MB" }"#,
    r#"checkpoint = { every = "20 ms", size = "5 MB", blocking = false }"#,
    r#"checkpoint = { every-steps = 2, size = "9 MB", to = "archive" }"#,
];

const LENGTHS: [&str; 4] = ["epochs = 1", "epochs = 3", "steps = 17", r#"duration = "300 ms""#];

const STEPS: [&str; 3] = [
    r#""1 ms""#,
    r#"{ lognormal = { mean = "5 ms", cv = 0.5 } }"#,
    r#""20 ms", first-step = "50 ms", step-overhead = "1 ms""#,
];

prop_compose! {
    fn data_set()(
        samples in 130_u64..900,
        per_file in select(vec![1_u64, 1, 1, 7, 40]),
        size in select(&SIZES[..]),
        fraction in select(vec![1.0, 1.0, 0.5]),
    ) -> String {
        format!(
            "dataset = {{ samples = {samples}, samples-per-file = {per_file}, file-size = {size}, \
             fraction-per-epoch = {fraction:?}, read-size = \"16 kB\" }}"
        )
    }
}

prop_compose! {
    fn node()(gpus in 1_u32..4, cores in 1_u32..6, page_cache in select(&PAGE_CACHES[..])) -> String {
        let nvme = r#"nvme = { size = "100 GB", rate = "500 MB/s", iops = 5000 }"#;
        let nic = r#"nic = { baseline = "100 MB/s", burst = "300 MB/s", bucket = "2 MB" }"#;
        format!("gpus = {gpus}, cpus = {}, cores = {cores}, page-cache = {page_cache}, price = 2.5, {nvme}, {nic}", 2 * cores)
    }
}

prop_compose! {
    fn job()(
        node in node(),
        instances in 1_u32..4,
        batch in 1_u64..8,
        (trials, at_a_time) in select(vec![(1_u32, 1_u32), (1, 1), (3, 2), (2, 1)]),
        sampling in select(vec!["distributed", "every-rank-all", "node-local"]),
        last_batch in select(vec!["drop", "keep", "pad"]),
        step in select(&STEPS[..]),
        length in select(&LENGTHS[..]),
        checkpoint in select(&CHECKPOINTS[..]),
    ) -> String {
        let comma = if checkpoint.is_empty() { "" } else { "," };
        format!(
            "job = {{ instances = {instances}, batch-size = {batch}, trials = {trials}, concurrent-trials = {at_a_time}, \
             sampling = \"{sampling}\", last-batch = \"{last_batch}\", step-time = {step}, {length}, \
             node = {{ {node} }}, ORDER{comma} {checkpoint} }}"
        )
    }
}

prop_compose! {
    fn scenario()(
        data_set in data_set(),
        job in job(),
        loader in select(&LOADERS[..]),
        order in select(&ORDERS[..]),
        storage in select(&STORAGE[..]),
        seed in 0_u64..1_000,
    ) -> String {
        // Two choices contradict others: a shuffle buffer takes tf-data, and Pipe reads in order.
        let order = if loader.starts_with("pytorch") && order.contains("buffer") { ORDERS[2] } else { order };
        let order = if storage.contains("pipe") && order.contains("shuffled") { ORDERS[0] } else { order };
        // A cache of samples takes whole files, or records in random order.
        let per_file = if loader.contains("sample-cache") { "samples-per-file = 1," } else { "" };
        let data_set = match data_set.split_once("samples-per-file") {
            Some((before, after)) if !per_file.is_empty() => {
                format!("{before}{per_file}{}", after.split_once(',').expect("more keys follow").1)
            }
            _ => data_set,
        };
        let job = job.replace("ORDER", &format!("order = {order}"));
        format!(
            "seed = {seed}\n{data_set}\n{job}\nloader = {{ {loader} }}\n\
             storage.tested = {{ {storage} }}\nstorage.archive.nfs = {{ rate = \"200 MB/s\", role = \"checkpoint-only\" }}\n"
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every run checks the laws by itself. Beyond them: all trials and epochs are there, each epoch consumed what the plan
    /// said, no utilisation exceeds one, and twice gives the same.
    #[test]
    fn random_scenarios_keep_the_laws(keys in scenario()) {
        // A set of a few shards may leave a rank without a batch: that is refused, and nothing else is.
        let plan = match built(&keys) {
            Err(error) if error.path() == "job.batch-size" => return Err(TestCaseError::reject("no batch for a rank")),
            built => built.unwrap_or_else(|error| panic!("{error}\n{keys}")),
        };
        let outcome = plan.simulate(0).map_err(|law| TestCaseError::fail(format!("{law}\n{keys}")))?;
        let summary = &outcome.summary;
        let utilisations = [Some(summary.gpu_utilisation), summary.accelerator_utilisation];
        prop_assert!(utilisations.into_iter().flatten().all(|share| (0.0..=1.0 + 1e-9).contains(&share)), "{keys}");
        prop_assert!(summary.total_s >= summary.loop_s, "{keys}");
        prop_assert_eq!(unsound(&outcome), None, "{}", keys);
        prop_assert_eq!(outcome.trials.len(), plan.training.trials as usize);
        let whole = plan.training.samples_per_rank * u64::from(plan.ranks());
        for (row, consumed) in outcome.epochs.iter().zip(samples(&outcome)) {
            let last = row.epoch as usize == outcome.epochs.iter().filter(|other| other.trial == row.trial).count();
            prop_assert!(consumed == whole || last && consumed < whole, "{consumed} of {whole}: {keys}");
        }
        prop_assert_eq!(outcome.history, plan.simulate(0).unwrap().history);
    }
}
