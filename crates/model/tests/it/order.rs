//! Which rank reads what, and when a job is over.

use crate::scene::{bytes_read, near, requests, run, samples, seconds};

/// 1,000 files of 1 kB on two nodes of two GPUs, in batches of ten.
fn four_ranks(keys: &str) -> ingestsim_model::Outcome {
    run(&format!(
        r#"
        dataset.files = 1_000
        dataset.file-size = "1 kB"
        job.instances = 2
        job.node.gpus = 2
        loader.tf-data = {{ parallel-reads = 2, prefetch = 10 }}
        storage.own.parallel-fs = {{}}
        {keys}
        "#
    ))
}

/// The ranks share an epoch, or each reads all of it.
#[test]
fn every_rank_may_read_the_whole_set() {
    for (sampling, sets) in [("distributed", 1), ("node-local", 1), ("every-rank-all", 4)] {
        for order in ["sequential", "shuffled"] {
            let outcome = four_ranks(&format!("job.sampling = \"{sampling}\"\njob.order = \"{order}\""));
            assert_eq!(samples(&outcome), [1_000 * sets], "{sampling}, {order}");
            assert_eq!(requests(&outcome, "open"), (1_000 * sets, 1_000_000 * sets));
        }
    }
}

/// 103 files in batches of ten: ten whole ones, or a last one of three that takes three tenths of a step, or one that is
/// filled with files read once more.
#[test]
fn an_incomplete_last_batch_is_dropped_kept_or_filled() {
    for (last_batch, consumed, loop_s) in [("drop", 100, 1.0), ("keep", 103, 1.03), ("pad", 110, 1.1)] {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = 103, file-size = "1 kB" }}
            job = {{ last-batch = "{last_batch}", step-time = "100 ms" }}
            loader.tf-data = {{ parallel-reads = 2, prefetch = 20 }}
            storage.own.parallel-fs = {{}}
            "#
        ));
        assert_eq!(samples(&outcome), [consumed], "{last_batch}");
        assert_eq!(requests(&outcome, "open").0, consumed, "{last_batch}");
        near(outcome.summary.loop_s, loop_s, 1e-5);
    }
}

/// Two ranks with 52 and 51 of 103 files end with the shorter.
#[test]
fn ranks_with_unequal_shares_end_with_the_shortest() {
    for (last_batch, consumed) in [("drop", 100), ("keep", 102), ("pad", 120)] {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = 103, file-size = "1 kB" }}
            job = {{ last-batch = "{last_batch}", node.gpus = 2 }}
            loader.tf-data = {{ parallel-reads = 2, prefetch = 20 }}
            storage.own.parallel-fs = {{}}
            "#
        ));
        assert_eq!(samples(&outcome), [consumed], "{last_batch}");
    }
}

/// A quarter of the set an epoch: 250 files. Over forty epochs chance reads almost every file at least once.
#[test]
fn a_fraction_of_the_set_makes_an_epoch() {
    let outcome = four_ranks(
        "dataset.fraction-per-epoch = 0.24\njob.order = \"shuffled\"\njob.epochs = 40\njob.node.page-cache = {}",
    );
    assert_eq!(samples(&outcome), [240; 40]);
    // Each node draws 120 files an epoch; after forty it misses a file with chance 0.88^40 = 0.6 %.
    near(requests(&outcome, "open").0 as f64, 2_000.0 * (1.0 - 0.88_f64.powi(40)), 0.005);
}

/// 250 files a rank are 25 steps: 60 steps are two epochs and ten steps of a third.
#[test]
fn a_job_may_end_after_so_many_steps() {
    let outcome = four_ranks("job.steps = 60");
    assert_eq!(samples(&outcome), [1_000, 1_000, 400]);
    near(bytes_read(&outcome), 2.4e6, 1e-9);
    near(outcome.summary.loop_s, 0.060, 1e-4);
}

/// Steps of 1 ms for 30.5 ms: the loop ends with its 31st step.
#[test]
fn a_job_may_end_by_time() {
    let outcome = four_ranks("job.duration = \"30500 us\"");
    assert_eq!(samples(&outcome), [1_000, 240]);
    near(outcome.summary.loop_s, 0.031, 1e-3);
}

/// Three epochs have a row each, add up to the loop, and share the cost.
#[test]
fn epochs_add_up_to_the_loop() {
    let outcome = four_ranks("job.epochs = 3\njob.order = \"shuffled\"\njob.node.price = 3.6");
    assert_eq!(
        outcome.epochs.iter().map(|row| (row.trial, row.epoch)).collect::<Vec<_>>(),
        [(1, 1), (1, 2), (1, 3)]
    );
    near(seconds(&outcome).iter().sum(), outcome.summary.loop_s, 1e-9);
    near(outcome.summary.cost_per_epoch_usd, outcome.summary.cost_total_usd / 3.0, 1e-9);
}

/// The number of files follows from the size of all and the mean of one.
#[test]
fn a_set_may_be_stated_by_its_size() {
    let outcome = run(r#"
        dataset = { total-size = "1 GB", file-size.lognormal = { mean = "1 MB", cv = 0.3 } }
        job.batch-size = 1
        loader.tf-data = { parallel-reads = 8, prefetch = 1_000 }
        storage.own.parallel-fs = {}
        "#);
    assert_eq!(samples(&outcome), [1_000]);
    // The standard error of the mean size is 30 % / √1,000.
    near(bytes_read(&outcome), 1e9, 0.03);
}
