//! Values at the edge of what can be written: each scenario is refused in words, or comes to figures that make sense.

use proptest::{prelude::*, sample::select};

use crate::scene::{attempted, unsound};

/// A key and the values that it takes, the first of them plain.
type Edge = (&'static str, &'static [&'static str]);

const STORAGE: &[&str] = &[
    "parallel-fs = {}",
    r#"parallel-fs = { latency = "200 d", connection-rate = "1 B/s" }"#,
    r#"local-disk = { rate = "1 B/s", iops = 1, metadata-rate = "1 /s" }"#,
    r#"nfs = { rate = "1000 TB/s", latency = "0 ns", walk-rate = "1 /s" }"#,
    r#"s3 = { mode = "file" }"#,
    r#"s3 = { mode = "fast-file" }"#,
    r#"s3 = { mode = "direct", request-rate = "1 /s", prefixes = 1 }"#,
    r#"s3 = { mode = "direct", client-cache = { nvme = "0 B" } }"#,
    r#"s3 = { mode = "file", volume = "nvme", replication = "sharded-by-key" }"#,
    r#"efs = { throughput = { provisioned = "1 MiB/s" } }"#,
    r#"efs = { throughput = "bursting", stored = "1 B" }"#,
    r#"fsx-lustre = { deployment = "scratch-2", capacity = "1.2 TiB", load = "lazy", restore-rate = "1 B/s" }"#,
    r#"fsx-lustre = { deployment = "scratch-2", capacity = "1.2 TiB", load = "one-time", existing = false }"#,
];

const EDGES: &[Edge] = &[
    ("dataset.files", &["60", "1", "2", "7"]),
    ("dataset.samples-per-file", &["1", "5", "300"]),
    (
        "dataset.file-size",
        &[
            r#""100 kB""#,
            r#""1 B""#,
            r#""3 PB""#,
            r#"{ lognormal = { mean = "1 MB", cv = 0.0 } }"#,
            r#"{ lognormal = { mean = "1 MB", cv = 1000.0 } }"#,
            r#"{ normal = { mean = "1 B", sd = "1 GB" } }"#,
        ],
    ),
    // Read in one piece, or a file of petabytes takes all day.
    ("dataset.read-size", &[r#""1 PB""#]),
    ("dataset.fraction-per-epoch", &["1.0", "1e-9", "0.5"]),
    ("job.batch-size", &["4", "1", "59", "9223372036854775807"]),
    (
        "job.step-time",
        &[
            r#""1 ms""#,
            r#""0 ns""#,
            r#""1 ns""#,
            r#""208 d""#,
            r#"{ lognormal = { mean = "1 s", cv = 30.0 } }"#,
        ],
    ),
    ("job.first-step", &[r#""0 s""#, r#""213000 d""#]),
    (
        "job.order",
        &[
            r#""sequential""#,
            r#""shuffled""#,
            r#""shards-shuffled""#,
            "{ shuffle-buffer = 1_000_000_000_000 }",
        ],
    ),
    ("job.sampling", &[r#""distributed""#, r#""every-rank-all""#, r#""node-local""#]),
    ("job.last-batch", &[r#""drop""#, r#""keep""#, r#""pad""#]),
    ("job.instances", &["1", "2", "3"]),
    ("job.trials", &["1", "2"]),
    ("job.bill-idle", &[r#""0 s""#, r#""200000 d""#]),
    ("job.node.gpus", &["1", "3"]),
    ("job.node.cpus", &["64", "1"]),
    ("job.node.memory", &[r#""64 GiB""#, r#""1 B""#]),
    ("job.node.price", &["0.0", "1e9"]),
    (
        "job.node.page-cache",
        &[
            r#""off""#,
            "{}",
            r#"{ size = "0 %" }"#,
            r#"{ size = "100 %" }"#,
            r#"{ size = "1 B", policy = "lru" }"#,
        ],
    ),
    ("job.phases.starting", &[r#""0 s""#, r#""200 d""#]),
    ("job.failures.spot-per-hour", &["0.0", "1.0", "1e9"]),
    (
        "job.checkpoint",
        &[
            "",
            r#"{ every-steps = 1, size = "1 GB" }"#,
            r#"{ every = "1 ns", size = "1 B", blocking = false }"#,
            r#"{ every-steps = 1_000_000, size = "900 PB" }"#,
        ],
    ),
    (
        "loader",
        &[
            "{ pytorch = { workers = 2 } }",
            "{ pytorch = { workers = 0, prefetch-factor = 4_294_967_295 } }",
            "{ pytorch = { workers = 64, prefetch-factor = 4_294_967_295 } }",
            r#"{ pytorch = { workers = 3, decode = { per-sample = "100 d" } } }"#,
            r#"{ pytorch = { workers = 2, sample-cache = { size = "0 %" } } }"#,
            r#"{ tf-data = { parallel-reads = 1, sample-cache = { size = "100 %" } } }"#,
            "{ tf-data = { parallel-reads = 100, prefetch = 4_294_967_295 } }",
            r#"{ tf-data = { parallel-reads = 3, decode = { rate = "1 B/s" } } }"#,
        ],
    ),
];

/// A scenario most of whose keys are plain, and some at an edge.
fn scenario() -> impl Strategy<Value = String> {
    let place = |&(key, values): &Edge| {
        let edge = select(values);
        prop_oneof![4 => Just(values[0]), 1 => edge].prop_map(move |value| match value {
            "" => String::new(),
            value => format!("{key} = {value}\n"),
        })
    };
    let keys: Vec<_> = EDGES.iter().map(place).collect();
    let length = select(&["epochs = 2", "epochs = 1", "steps = 1", "duration = \"1 ns\"", "steps = 90"][..]);
    (keys, select(STORAGE), length).prop_map(|(keys, storage, length)| {
        let seed = keys.concat().len();
        format!("{}job.{length}\nseed = {seed}\nstorage.tested = {{ {storage} }}\n", keys.concat())
    })
}

/// Why a run may end without figures: its job is never over.
const HOPELESS: [&str; 2] =
    ["every trial ends within 584 years", "a trial gets through before its 10,000th interruption"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_scenario_at_the_edge_is_refused_or_makes_sense(keys in scenario()) {
        let plan = match attempted(&keys) {
            Ok(plan) => plan,
            Err(told) => {
                prop_assert!(told.contains("expected "), "{told}\n{keys}");
                return Ok(());
            }
        };
        match plan.simulate(0) {
            Ok(outcome) => {
                prop_assert_eq!(unsound(&outcome), None, "{}", keys);
                prop_assert_eq!(outcome.history, plan.simulate(0).unwrap().history, "{}", keys);
            }
            Err(law) => prop_assert!(HOPELESS.contains(&law.law), "{law}\n{keys}"),
        }
    }
}

/// What is asked for beyond an epoch changes nothing, and takes no memory: 16 of 60 batches are the fourth of a worker.
#[test]
fn loaders_hold_no_more_than_an_epoch() {
    let histories = |loaders: [&str; 2]| {
        loaders.map(|loader| {
            let keys = "dataset = { files = 240, file-size = \"100 kB\" }\njob.batch-size = 4\nstorage.own.nfs = {}\n";
            attempted(&format!("{keys}{loader}\n")).unwrap().simulate(0).unwrap().history
        })
    };
    let [all, more] = histories([
        "loader.pytorch = { workers = 4, prefetch-factor = 15 }",
        "loader.pytorch = { workers = 4, prefetch-factor = 4_000_000_000 }",
    ]);
    assert_eq!(all, more);
    let [all, more] = histories([
        "loader.tf-data = { parallel-reads = 4, prefetch = 60 }\njob.order = { shuffle-buffer = 240 }",
        "loader.tf-data = { parallel-reads = 4, prefetch = 4_000_000_000 }\njob.order = { shuffle-buffer = 9_000_000_000_000 }",
    ]);
    assert_eq!(all, more);
}

/// Two samples of a batch of five thousand are a step of two five thousandths of its time.
#[test]
fn a_batch_that_nothing_fills_is_kept_as_it_is() {
    let keys = "dataset = { files = 2, file-size = \"1 B\" }\njob.batch-size = 5_000\njob.step-time = \"5 s\"\n\
                job.last-batch = \"keep\"\nloader.tf-data = {}\nstorage.own.parallel-fs = {}\n";
    let outcome = attempted(keys).unwrap().simulate(0).unwrap();
    crate::scene::near(outcome.summary.loop_s, 0.002, 1e-3);
}

/// 320 steps of 200 d are 64,000 d; 3,200 are 640,000, and time ends after 213,503.
#[test]
fn a_job_that_no_clock_sees_the_end_of_is_refused() {
    let keys = |epochs: u32| {
        format!(
            "dataset = {{ files = 320, file-size = \"1 B\" }}\njob = {{ batch-size = 1, step-time = \"200 d\", epochs = {epochs} }}\n\
             loader.tf-data = {{}}\nstorage.own.parallel-fs = {{}}\n"
        )
    };
    assert!(attempted(&keys(1)).unwrap().simulate(0).is_ok());
    let law = attempted(&keys(10)).unwrap().simulate(0).unwrap_err();
    assert_eq!(law.law, HOPELESS[0]);
}
