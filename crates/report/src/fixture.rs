//! Made-up results with round figures, for tests.

use ingestsim_model::{
    Outcome,
    outcome::{CostRow, EpochRow, LatencyRow, StallRow, Summary, TierRow, TimelineRow},
};
use ingestsim_sweep::{Figures, ProfileResult, Study};

/// Two profiles with one replication: `download` with a loop of 100 s, `lustre` with one of 80 s.
pub(crate) fn study() -> Study {
    Study {
        scenario: "made-up".into(),
        description: "two profiles with round figures".into(),
        setting: "1,000,000 files on 2 GPUs".into(),
        digest: "d1ge57".into(),
        seed: 1,
        replications: 1,
        profiles: vec![profile("download", &[100.0]), profile("lustre", &[80.0])],
    }
}

/// A profile with two GPUs and a replication for each length of the loop.
pub(crate) fn profile(storage: &str, loops_s: &[f64]) -> ProfileResult {
    let outcomes: Vec<Outcome> =
        loops_s.iter().zip(0..).map(|(&loop_s, replication)| outcome(storage, replication, loop_s)).collect();
    let summaries: Vec<&Summary> = outcomes.iter().map(|outcome| &outcome.summary).collect();
    ProfileResult {
        storage: storage.into(),
        kind: if storage == "lustre" { "fsx-lustre" } else { "s3" },
        ranks: 2,
        summary: Figures::of(&summaries),
        wall_s: 0.25,
        events: 1_000 * loops_s.len() as u64,
        outcomes,
    }
}

/// Two equal epochs. The two GPUs compute for four fifths of the loop; of the rest a half is a wait for metadata, in
/// GPU-seconds a tenth of the loop through their own data and as much at the barrier, the other half for the NIC.
fn outcome(storage: &str, replication: u64, loop_s: f64) -> Outcome {
    Outcome {
        storage: storage.into(),
        replication,
        summary: summary(storage, loop_s),
        epochs: [1, 2].map(|number| epoch(number, loop_s / 2.0)).to_vec(),
        stalls: vec![
            StallRow { epoch: 1, cause: "metadata", own_s: loop_s / 10.0, through_barrier_s: loop_s / 10.0 },
            StallRow { epoch: 2, cause: "NIC", own_s: loop_s / 5.0, through_barrier_s: 0.0 },
        ],
        costs: vec![CostRow {
            part: "compute",
            item: "ml.p3.2xlarge".into(),
            quantity: loop_s / 3600.0,
            unit: "h".into(),
            price_usd: 3.6,
            cost_usd: loop_s / 1000.0,
            source: "made up".into(),
        }],
        timeline: vec![TimelineRow {
            t_s: 10.0,
            gpu_utilisation: 0.8,
            bytes_per_s: 1e9,
            samples_per_s: 1e4,
            queue_depth: 12.5,
            credits_bytes: None,
        }],
        latency: vec![LatencyRow {
            tier: storage.into(),
            what: "read",
            p50_ms: 1.0,
            p95_ms: 2.0,
            p99_ms: 3.0,
        }],
        tiers: vec![TierRow {
            tier: storage.into(),
            request_kind: "GET".into(),
            requests: 10,
            read_bytes: 1_000,
            ..TierRow::default()
        }],
        trials: Vec::new(),
        notes: vec!["The downloader's figures were measured on another instance.".into()],
        fidelity: "exact".to_owned(),
        fidelity_error: None,
        fidelity_check: None,
        events: 1_000,
        history: 0xff,
    }
}

/// Ten seconds of starting, then a download of 90 s or a mount of 12 s, then the loop.
fn summary(storage: &str, loop_s: f64) -> Summary {
    let downloading_s = if storage == "download" { 90.0 } else { 12.0 };
    let before_loop_s = 10.0 + downloading_s;
    Summary {
        time_to_first_batch_s: before_loop_s + 2.0,
        startup_billed_s: downloading_s + 2.0,
        data_startup_s: downloading_s + 2.0,
        first_batch_wait_s: 2.0,
        first_batch_mean_s: 1.5,
        loop_s,
        training_s: loop_s,
        billed_s: downloading_s + loop_s,
        total_s: before_loop_s + loop_s,
        gpu_utilisation: 0.8,
        gpu_utilisation_billed: 0.8 * loop_s / (downloading_s + loop_s),
        accelerator_utilisation: None,
        samples_per_s: 1e6 / loop_s,
        bytes_per_s: 1e11 / loop_s,
        stall_s: 0.4 * loop_s,
        cost_total_usd: loop_s / 1000.0,
        cost_compute_usd: loop_s / 1000.0,
        cost_per_epoch_usd: loop_s / 2000.0,
        cost_per_million_samples_usd: loop_s / 1000.0,
        cost_stalled_usd: loop_s / 5000.0,
        starting_s: 10.0,
        downloading_s,
        ..Summary::default()
    }
}

fn epoch(number: u32, seconds: f64) -> EpochRow {
    EpochRow {
        trial: 1,
        epoch: number,
        seconds,
        samples_per_s: 5e5 / seconds,
        bytes_per_s: 5e10 / seconds,
        gpu_utilisation: 0.8,
        accelerator_utilisation: Some(0.8),
        first_batch_s: 2.0,
    }
}
