//! What a run takes of the machine's memory: nothing in its loop, little for a worker, and nothing for a file that no
//! cache tracks.
//!
//! These tests have a program of their own, whose allocator counts.

use allocation_counter::{AllocationInfo, measure};
use ingestsim_catalog::Catalog;
use ingestsim_model::{Fidelity, Plan, build};
use ingestsim_scenario::{Scenario, Source};

/// A job of `nodes` nodes of 8 GPUs with 8 readers each on a file system that all of them fill.
struct Job {
    nodes: u64,
    files: u64,
    steps: u64,
    /// Keys of the node and of the job.
    page_cache: &'static str,
    order: &'static str,
    cpus: u32,
    /// Whether each node reads a volume of its own, which gives what its part of the file system would.
    volumes: bool,
}

const PLAIN: Job = Job {
    nodes: 1,
    files: 1 << 20,
    steps: 60,
    page_cache: r#""off""#,
    order: "sequential",
    cpus: 96,
    volumes: false,
};

impl Job {
    fn plan(&self) -> Plan {
        let Self { nodes, files, steps, page_cache, order, cpus, volumes } = self;
        let decode = if *volumes { r#"decode = { per-sample = "0.05 ms" }"# } else { "" };
        let (kind, rate) = if *volumes { ("local-disk", 500) } else { ("parallel-fs", 500 * nodes) };
        let text = format!(
            r#"
            name = "memory"
            [dataset]
            files = {files}
            file-size = {{ lognormal = {{ mean = "110 kB", sigma = 0.6 }} }}
            [job]
            service = "ec2"
            instances = {nodes}
            batch-size = 16
            order = "{order}"
            steps = {steps}
            step-time = "12 ms"
            node = {{ gpus = 8, cpus = {cpus}, memory = "768 GiB", price = 0.0, nic = {{ baseline = "600 MB/s" }}, page-cache = {page_cache} }}
            [loader.tf-data]
            parallel-reads = 8
            prefetch = 4
            ordered = false
            {decode}
            [storage.w.{kind}]
            latency = {{ lognormal = {{ mean = "10 ms", sigma = 0.5 }} }}
            connection-rate = "100 MB/s"
            rate = "{rate} MB/s"
            "#
        );
        let loaded = Scenario::load(Source::new("memory.toml", text), &[]).expect("the job is a scenario");
        let plan = build(&loaded.scenario, &Catalog::builtin(), "w").expect("the job can be built");
        plan.at(Fidelity::Exact)
    }

    /// What an exact run of it allocates, the plan being there.
    fn run(&self) -> AllocationInfo {
        let plan = self.plan();
        measure(|| {
            plan.simulate(0).expect("a run keeps the laws");
        })
    }

    const fn workers(&self) -> u64 {
        self.nodes * 64
    }
}

/// Five times the samples, up to 600,000 reads more: as many allocations, but for one or two of the result's own tables, which
/// are as long as the run has stalls and bins.
#[test]
fn the_loop_allocates_nothing_once_it_is_warm() {
    for nodes in [1, 4] {
        let [short, long] = [300, 1_500].map(|steps| Job { nodes, steps, ..PLAIN }.run().count_total);
        println!("{nodes} nodes: {short} and {long} allocations");
        assert!(short.abs_diff(long) <= 2, "{nodes} nodes: {short} and {long} allocations");
    }
}

/// From 4 to 12 nodes, 512 workers more, each with its part of a GPU's and a node's state: 64 bytes of the read, 68 of its
/// account, 21 in the agenda, 36 on the link and 20 of its calendars, and 54 of the GPU and the node.
#[test]
fn a_worker_takes_less_than_265_bytes() {
    let [few, many] = [4, 12].map(|nodes| Job { nodes, ..PLAIN });
    let more = many.run().bytes_max - few.run().bytes_max;
    let each = more as f64 / (many.workers() - few.workers()) as f64;
    println!("{each:.0} bytes a worker");
    assert!(each < 265.0, "{each:.0} bytes a worker");
}

/// Nodes with volumes of their own and fewer cores than readers: each has two links, which keep room for that node's readers
/// alone. From 32 to 64 nodes a worker more takes what it does from 16 to 32.
#[test]
fn a_worker_of_many_nodes_takes_what_one_of_few_takes() {
    let held = |nodes| {
        let job = Job { nodes, cpus: 16, volumes: true, ..PLAIN };
        job.run().bytes_max as f64
    };
    let [few, some, many] = [16, 32, 64].map(held);
    let [first, second] = [(some - few) / (16.0 * 64.0), (many - some) / (32.0 * 64.0)];
    println!("{first:.0} and {second:.0} bytes a worker");
    assert!((second / first - 1.0).abs() < 0.05, "{first:.0} and {second:.0} bytes a worker");
}

/// A thousand million files in a random order, a few steps: what it takes is what a thousand files take.
#[test]
fn a_file_that_no_cache_tracks_takes_nothing() {
    let [few, many] =
        [1_000, 1_000_000_000].map(|files| Job { files, order: "shuffled", steps: 20, ..PLAIN }.run());
    println!("{} and {} bytes at most", few.bytes_max, many.bytes_max);
    assert!(many.bytes_max <= few.bytes_max + 1_024, "{} and {} bytes", few.bytes_max, many.bytes_max);
}

/// Page caches that hold half of 2^21 files, tracked one by one, under each policy.
#[test]
fn a_tracked_file_takes_12_bytes_a_cache() {
    for policy in ["random-replacement", "lru", "fifo", "never-replace"] {
        let page_cache = format!(r#"{{ size = "50 %", policy = "{policy}" }}"#).leak();
        let [few, many] =
            [1 << 20, 1 << 21].map(|files| Job { files, order: "shuffled", page_cache, ..PLAIN }.run());
        let each = (many.bytes_max - few.bytes_max) as f64 / f64::from(1 << 20);
        println!("{policy}: {each:.2} bytes a file");
        assert!((0.0..=12.0).contains(&each), "{policy}: {each:.2} bytes a file");
    }
}
