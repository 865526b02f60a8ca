//! The fast rung against the exact one.

use ingestsim_model::{Fidelity, Outcome};

use crate::scene::{near, plan, samples};

fn exact_and_fast(keys: &str) -> (Outcome, Outcome) {
    let plan = plan(keys);
    let at = |fidelity| plan.simulate_at(0, fidelity).expect("no law is broken");
    (at(Fidelity::Exact), at(Fidelity::Fast))
}

/// Twelve epochs through a page cache of 65 % of the set, of which the fast rung copies nine. A copied epoch has the luck of
/// one, about 0.4 % of its length, and a run whose epochs differ by more is sent back to exact; no sample is lost.
#[test]
fn copied_epochs_stand_for_simulated_ones() {
    let plan = plan(
        r#"
        dataset = { files = 40_000, file-size.lognormal = { mean = "100 kB", cv = 0.3 } }
        job = { epochs = 12, order = "shuffled", batch-size = 50, node.page-cache = { size = "65 %" } }
        loader.tf-data = { parallel-reads = 8, prefetch = 4 }
        [storage.own.parallel-fs]
        latency.lognormal = { mean = "5 ms", sigma = 0.5 }
        rate = "100 MB/s"
        "#,
    );
    let runs = |fidelity| -> Vec<Outcome> {
        (0..3).map(|replication| plan.simulate_at(replication, fidelity).unwrap()).collect()
    };
    let (exact, fast) = (runs(Fidelity::Exact), runs(Fidelity::Fast));
    let sum = |runs: &[Outcome], figure: fn(&Outcome) -> f64| runs.iter().map(figure).sum::<f64>();
    let copied: Vec<_> = (0..3).filter(|&run| fast[run].fidelity_error.is_some()).collect();
    assert!(!copied.is_empty(), "{:?}", fast[0].notes);
    for &run in &copied {
        assert!(fast[run].events < exact[run].events / 3);
        near(fast[run].summary.loop_s, exact[run].summary.loop_s, 0.015);
    }
    for figure in [
        |run: &Outcome| run.summary.loop_s,
        |run: &Outcome| run.summary.gpu_utilisation,
        |run: &Outcome| run.summary.bytes_per_s,
        |run: &Outcome| run.summary.stall_s,
    ] {
        near(sum(&fast, figure), sum(&exact, figure), 0.01);
    }
    assert_eq!(samples(&fast[0]), samples(&exact[0]));
}

/// Twenty epochs on EFS, whose opens vary by a tenth: what is billed by the byte is the same, the loop within chance.
#[test]
fn copied_epochs_are_billed() {
    let (exact, fast) = exact_and_fast(
        r#"
        dataset = { files = 1_000, file-size = "1 MB" }
        job = { epochs = 20, node.price = 3.6 }
        loader.pytorch = { workers = 4 }
        storage.shared.efs = {}
        "#,
    );
    assert!(fast.events < exact.events / 3, "{:?}", fast.notes);
    near(fast.summary.loop_s, exact.summary.loop_s, 0.01);
    near(fast.summary.cost_throughput_usd, exact.summary.cost_throughput_usd, 1e-12);
    near(fast.summary.cost_total_usd, exact.summary.cost_total_usd, 0.01);
}

/// What the fast rung cannot do it simulates in full: shards that are streamed.
#[test]
fn streamed_shards_are_simulated_in_full() {
    let (exact, fast) = exact_and_fast(
        r#"
        dataset = { samples = 1_000, samples-per-file = 100, file-size = "10 MB" }
        job.epochs = 3
        loader.tf-data = { parallel-reads = 2, prefetch = 4 }
        storage.own.parallel-fs = { latency = "10 ms", rate = "100 MB/s" }
        "#,
    );
    assert_eq!(fast.history, exact.history);
}
