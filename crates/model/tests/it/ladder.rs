//! The rungs held against each other over a spread of jobs: each within the error that it states.

use ingestsim_model::{Fidelity, Outcome, Plan};

use crate::scene::plan;

/// What the fast rung is to do with a job.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// Draw batches whole.
    Steps,
    /// Simulate every sample, and say why.
    Exact,
    /// Either.
    Any,
}

/// A job by its name, its keys, and what the fast rung is to do with it.
type Job = (&'static str, &'static str, Way);

const SATURATED: &str = r#"
dataset = { files = 40_000, file-size.lognormal = { mean = "100 kB", sigma = 0.6 } }
job = { batch-size = 50, step-time = "10 ms", order = "shuffled", node = { gpus = 4, nic.baseline = "10 GB/s" } }
loader.tf-data = { parallel-reads = 8, prefetch = 4, ordered = false }
storage.own.parallel-fs = { latency.lognormal = { mean = "5 ms", sigma = 0.5 }, connection-rate = "100 MB/s", rate = "300 MB/s" }
"#;

const JOBS: [Job; 25] = [
    ("saturated", "", Way::Steps),
    ("busy GPUs", r#"job.step-time = "200 ms""#, Way::Steps),
    ("half busy", r#"storage.own.parallel-fs.rate = "1 GB/s""#, Way::Steps),
    ("varied compute", r#"job.step-time.lognormal = { mean = "30 ms", sigma = 0.2 }"#, Way::Steps),
    ("ordered", "loader.tf-data.ordered = true", Way::Steps),
    ("shuffle buffer", "job.order.shuffle-buffer = 200", Way::Steps),
    ("four epochs", "job.epochs = 4\ndataset.files = 10_000", Way::Steps),
    ("two trials", "job.trials = 2\ndataset.files = 20_000", Way::Steps),
    ("two trials that repeat epochs", "job.trials = 2\njob.epochs = 20\ndataset.files = 4_000", Way::Any),
    (
        "partial cache",
        "job.epochs = 5\ndataset.files = 10_000\njob.node.page-cache.size = \"40 %\"",
        Way::Steps,
    ),
    (
        "LRU",
        "job.epochs = 5\ndataset.files = 10_000\njob.node.page-cache = { size = \"60 %\", policy = \"lru\" }",
        Way::Steps,
    ),
    // All hits and then all misses, which the batches in flight meet before they are taken.
    (
        "cache in order",
        "job.epochs = 4\njob.order = \"sequential\"\ndataset.files = 10_000\njob.node.page-cache = { size = \"60 %\", policy = \"never-replace\" }",
        Way::Steps,
    ),
    (
        "parts of nodes in caches",
        "job.epochs = 4\njob.instances = 2\njob.sampling = \"node-local\"\njob.node.page-cache = { size = \"33 %\", policy = \"lru\" }",
        Way::Any,
    ),
    (
        "a cache of ranks that read all",
        "job.epochs = 2\njob.sampling = \"every-rank-all\"\ndataset.files = 5_000\njob.node.page-cache.size = \"33 %\"",
        Way::Exact,
    ),
    ("decode", r#"loader.tf-data.decode.per-sample = "4 ms""#, Way::Steps),
    (
        "decode on few cores",
        "loader.tf-data.decode.per-sample = \"2 ms\"\njob.node.cpus = 8\nstorage.own.parallel-fs.rate = \"2 GB/s\"",
        Way::Steps,
    ),
    ("metadata", r#"storage.own.parallel-fs.metadata-rate = "2000/s""#, Way::Any),
    ("two nodes", "job.instances = 2\nstorage.own.parallel-fs.rate = \"600 MB/s\"", Way::Steps),
    (
        "narrow interface",
        "job.instances = 2\njob.node.nic.baseline = \"200 MB/s\"\nstorage.own.parallel-fs.rate = \"2 GB/s\"",
        Way::Steps,
    ),
    ("two limits alike", r#"job.node.nic.baseline = "310 MB/s""#, Way::Exact),
    ("all alike", "dataset.file-size = \"100 kB\"\nstorage.own.parallel-fs.latency = \"5 ms\"", Way::Exact),
    ("tail", "storage.own.parallel-fs.latency.lognormal = { mean = \"5 ms\", sigma = 2.0 }", Way::Exact),
    ("duration", "job.duration = \"10 s\"", Way::Exact),
    ("checkpoints", "job.checkpoint = { every-steps = 50, size = \"1 GB\" }", Way::Exact),
    ("trials at a time", "job.trials = 2\njob.concurrent-trials = 2\ndataset.files = 20_000", Way::Exact),
];

const OTHER_TIERS: [Job; 11] = [
    (
        "pytorch on EFS",
        r#"
        dataset = { files = 20_000, file-size.lognormal = { mean = "100 kB", sigma = 0.6 } }
        job = { batch-size = 50, step-time = "20 ms", order = "shuffled", node.gpus = 2 }
        loader.pytorch = { workers = 4 }
        storage.shared.efs = {}
        "#,
        Way::Steps,
    ),
    (
        "all of EFS in the page cache",
        r#"
        dataset = { files = 20_000, file-size.lognormal = { mean = "100 kB", sigma = 0.6 } }
        [job]
        epochs = 2
        batch-size = 50
        step-time = "20 ms"
        order = "shuffled"
        [job.node]
        gpus = 2
        page-cache.size = "100 %"
        [loader.pytorch]
        workers = 4
        [storage.shared.efs]
        "#,
        Way::Any,
    ),
    (
        "pytorch without workers",
        r#"
        dataset = { files = 10_000, file-size.lognormal = { mean = "100 kB", sigma = 0.6 } }
        job = { batch-size = 50, step-time = "200 ms", order = "shuffled" }
        loader.pytorch = { workers = 0 }
        storage.shared.efs = {}
        "#,
        Way::Steps,
    ),
    (
        "threads of a worker",
        r#"
        dataset = { files = 40_000, file-size.lognormal = { mean = "100 kB", sigma = 0.6 } }
        job = { batch-size = 50, step-time = "20 ms", order = "shuffled" }
        loader.pytorch = { workers = 2, threads-per-worker = 4 }
        storage.shared.efs = {}
        "#,
        Way::Steps,
    ),
    (
        "S3 directly",
        r#"
        dataset = { files = 40_000, file-size.lognormal = { mean = "100 kB", sigma = 0.6 } }
        job = { batch-size = 100, step-time = "50 ms", order = "shuffled", node.gpus = 2 }
        loader.tf-data = { parallel-reads = 16, prefetch = 4, ordered = false }
        storage.bucket.s3 = { mode = "direct" }
        "#,
        Way::Any,
    ),
    (
        "File mode",
        r#"
        dataset = { files = 10_000, file-size.lognormal = { mean = "100 kB", sigma = 0.6 } }
        job = { epochs = 3, batch-size = 50, step-time = "20 ms", order = "shuffled" }
        loader.tf-data = { parallel-reads = 8, prefetch = 4, ordered = false }
        storage.copied.s3 = { mode = "file", volume.gp3 = { size = "100 GiB" } }
        "#,
        Way::Any,
    ),
    (
        "what a copy leaves in caches",
        r#"
        dataset = { files = 10_000, file-size.lognormal = { mean = "100 kB", sigma = 0.6 } }
        job = { instances = 2, epochs = 3, batch-size = 50, step-time = "20 ms", node.page-cache = { size = "60 %", policy = "lru" } }
        loader.tf-data = { parallel-reads = 8, prefetch = 4, ordered = false }
        storage.copied.s3 = { mode = "file", volume.gp3 = { size = "100 GiB" } }
        "#,
        Way::Exact,
    ),
    (
        "operations on credit",
        r#"
        dataset = { files = 500, file-size.lognormal = { mean = "64 MiB", sigma = 0.5 } }
        job = { epochs = 60, order = "shuffled" }
        loader.tf-data = { parallel-reads = 8, prefetch = 4, ordered = false }
        storage.copied.s3 = { mode = "file", volume.gp2 = { size = "60 GiB", rate = "750 MiB/s" } }
        "#,
        Way::Exact,
    ),
    (
        "lazy first epoch",
        r#"
        dataset = { files = 10_000, file-size.lognormal = { mean = "100 kB", sigma = 0.6 } }
        job = { epochs = 4, batch-size = 50, step-time = "20 ms", order = "shuffled" }
        loader.tf-data = { parallel-reads = 64, prefetch = 8, ordered = false }
        storage.lustre.fsx-lustre = { deployment = "scratch-2", capacity = "1.2 TiB", load = "lazy", restore-latency.lognormal = { mean = "200 ms", cv = 0.5 }, restore-concurrency = 20 }
        "#,
        Way::Any,
    ),
    (
        "streamed shards",
        r#"
        dataset = { samples = 40_000, samples-per-file = 100, file-size = "10 MB" }
        job = { batch-size = 50, step-time = "10 ms" }
        loader.tf-data = { parallel-reads = 4, prefetch = 4 }
        storage.own.parallel-fs = { latency = "10 ms", rate = "300 MB/s" }
        "#,
        Way::Exact,
    ),
    (
        "credit that runs out",
        r#"
        dataset = { files = 40_000, file-size.lognormal = { mean = "400 kB", sigma = 0.6 } }
        job = { epochs = 2, batch-size = 50, step-time = "5 ms", order = "shuffled", node.gpus = 2 }
        loader.tf-data = { parallel-reads = 32, prefetch = 8, ordered = false }
        storage.lustre.fsx-lustre = { deployment = "persistent-1-ssd-50", capacity = "1.2 TiB", burst-duration = "10 s" }
        "#,
        Way::Any,
    ),
];

fn all() -> Vec<(&'static str, Plan, Way)> {
    let over = |(name, keys, way): Job| (name, crate::scene::plan_of(&[SATURATED, keys]), way);
    let own = |(name, keys, way): Job| (name, plan(keys), way);
    JOBS.into_iter().map(over).chain(OTHER_TIERS.into_iter().map(own)).collect()
}

fn at(plan: &Plan, fidelity: Fidelity) -> Outcome {
    plan.simulate_at(0, fidelity).unwrap_or_else(|law| panic!("{law}"))
}

/// Relative difference of the loops.
fn off(one: &Outcome, other: &Outcome) -> f64 {
    one.summary.loop_s / other.summary.loop_s - 1.0
}

/// The fast answer is as near to the exact one as it says. The first batch is that of the exact run, and what was read and consumed is the same.
#[test]
fn fast_is_within_its_stated_error_or_exact_with_a_reason() {
    let (mut wrong, mut by_step) = (Vec::new(), 0);
    for (name, plan, way) in all() {
        let (exact, fast) = (at(&plan, Fidelity::Exact), at(&plan, Fidelity::Fast));
        let by_steps = fast.is_by_steps();
        let is_exact = fast.fidelity == "exact" || fast.fidelity.contains("steps an epoch");
        let reason =
            fast.notes.iter().find(|note| note.contains("drawn whole") || note.contains("Every sample"));
        let (off, stated) = (off(&fast, &exact), fast.fidelity_error.unwrap_or(0.0));
        let busy_off = fast.summary.gpu_utilisation - exact.summary.gpu_utilisation;
        let told = format!(
            "{name}: {:+.2} % of {:.2} stated, {:+.2} pp; {} {reason:?}",
            off * 100.0,
            stated * 100.0,
            busy_off * 100.0,
            fast.fidelity
        );
        let way_taken = match way {
            Way::Steps => by_steps,
            Way::Exact => is_exact && reason.is_some(),
            Way::Any => by_steps || reason.is_some(),
        };
        let near = off.abs() <= stated + 1e-9 && stated <= 0.02 && busy_off.abs() <= 0.01;
        let first = exact.summary.first_batch_wait_s;
        let same_first = (fast.summary.first_batch_wait_s - first).abs() <= 1e-6 * first;
        let samples = |outcome: &Outcome| crate::scene::samples(outcome);
        let same_samples = samples(&fast) == samples(&exact);
        by_step += u32::from(by_steps);
        if !(way_taken && near && same_first && same_samples) {
            wrong.push(format!(
                "{told} way {way_taken} near {near} first {same_first} samples {same_samples}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(by_step >= 15, "only {by_step} jobs went by steps");
}

/// The bound takes every job there is, and is within the error that it states.
#[test]
fn a_bound_is_within_its_stated_error() {
    let mut wrong = Vec::new();
    for (name, plan, _) in all() {
        let (exact, bound) = (at(&plan, Fidelity::Exact), at(&plan, Fidelity::Bound));
        let (off, stated) = (off(&bound, &exact), bound.fidelity_error.unwrap_or(0.0));
        let told = format!("{name}: {:+.2} % of {:.2} stated", off * 100.0, stated * 100.0);
        if off.abs() > stated {
            wrong.push(told);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Steps err to neither side: over replications the luck of runs this short, 0.3 % each way, evens out.
#[test]
fn steps_are_right_on_average() {
    let plan = crate::scene::plan_of(&[SATURATED]);
    let one =
        |replication, fidelity| plan.simulate_at(replication, fidelity).unwrap_or_else(|law| panic!("{law}"));
    let offs =
        (0..12).map(|replication| off(&one(replication, Fidelity::Fast), &one(replication, Fidelity::Exact)));
    let mean = offs.sum::<f64>() / 12.0;
    assert!(mean.abs() < 0.003, "off by {mean} on average");
}
