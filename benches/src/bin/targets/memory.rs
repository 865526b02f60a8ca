//! Allocations in the loop, and memory for each worker, file and tracked file.
//!
//! Each figure is the difference of two runs that differ in nothing else, so that what every run holds cancels out.

use dhat::{HeapStats, Profiler};
use ingestsim_benches::{H64, S8, S64, tiers, workload::run};
use ingestsim_model::Plan;

use crate::row::Row;

/// Steps of the runs whose memory is taken: past all warm-up, and the same whatever the size of the data set.
const STEPS: u64 = 40;

/// What a run does to the heap.
fn heap(plan: &Plan) -> HeapStats {
    let profiler = Profiler::builder().testing().build();
    run(plan);
    let stats = HeapStats::get();
    drop(profiler);
    stats
}

/// The most bytes that a run holds at a time.
fn held(plan: &Plan) -> f64 {
    heap(plan).max_bytes as f64
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = vec![allocations(), per_worker(), per_file()];
    rows.extend(per_tracked_file());
    rows
}

/// Two runs that differ in their number of steps: what the longer allocates more, it allocates in the loop.
fn allocations() -> Row {
    let blocks = |plan: &Plan| heap(plan).total_blocks;
    let more = |few: &Plan, many: &Plan| blocks(many) as i64 - blocks(few) as i64;
    let of_w =
        [S8, S64, H64].map(|w| (w.name.to_owned(), more(&w.plan(64 * w.step()), &w.plan(192 * w.step()))));
    let of_tiers = tiers::PROFILES.map(|profile| {
        // Both end within the second epoch, which finds the caches warm.
        let plan = |steps| tiers::plan(profile, 131_072, steps);
        (profile.to_owned(), more(&plan(144), &plan(240)))
    });
    let all: Vec<(String, i64)> = of_w.into_iter().chain(of_tiers).collect();
    let told = all.iter().map(|(name, more)| format!("{name} {more}")).collect::<Vec<_>>().join(", ");
    let met = all.iter().all(|&(_, more)| more <= 0);
    Row::judged("allocations in the loop after warm-up", "0", told, met)
}

/// 8 and 72 workers on each of 64 GPUs.
fn per_worker() -> Row {
    let steps = format!("job.steps={STEPS}");
    let plan = |workers: u64| {
        let workers = format!("loader.tf-data.parallel-reads={workers}");
        S64.plan_with(100 * S64.step(), &[&workers, &steps])
    };
    let more = held(&plan(72)) - held(&plan(8));
    let bytes = more / (64 * S64.gpus()) as f64;
    Row::judged("memory a worker, with stalls on", "≤ 128 B", format!("{bytes:.0} B"), bytes <= 128.0)
}

/// 10⁶ and 10⁸ files, of which as many are read.
fn per_file() -> Row {
    let steps = format!("job.steps={STEPS}");
    let bytes = [&[steps.as_str()][..], &[&steps, "job.order=shuffled"]].map(|sets| {
        let plan = |files| S8.plan_with(files, sets);
        (held(&plan(100_000_000)) - held(&plan(1_000_000))) / 99e6
    });
    let most = bytes[0].max(bytes[1]);
    let told = format!("{most:.6} B");
    Row::judged("memory a file", "0 B", told, most < 1e-3)
}

/// 10⁶ and 10⁷ files behind a page cache that holds half of them.
fn per_tracked_file() -> Vec<Row> {
    let of_policy = |policy: &str| {
        let steps = format!("job.steps={STEPS}");
        let cache = format!(r#"job.node.page-cache={{ size = "50 %", policy = "{policy}" }}"#);
        let plan = |files| S8.plan_with(files, &[&steps, &cache, "job.order=shuffled"]);
        let bytes = (held(&plan(10_000_000)) - held(&plan(1_000_000))) / 9e6;
        (policy.to_owned(), bytes)
    };
    let all = ["random-replacement", "lru", "fifo", "never-replace"].map(of_policy);
    let told =
        all.iter().map(|(policy, bytes)| format!("{policy} {bytes:.1}")).collect::<Vec<_>>().join(", ");
    let met = all.iter().all(|&(_, bytes)| bytes > 0.0 && bytes <= 12.0);
    vec![Row::judged("memory a tracked file and cache", "≤ 12 B", format!("{told} B"), met)]
}
