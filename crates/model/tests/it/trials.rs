//! Several trials of one job on one storage.

use crate::scene::{near, run};

/// 1,000 files of 1 MB from a file system of 100 MB/s: 10 s and a last step of 1 ms if nobody else reads.
fn trials(keys: &str) -> ingestsim_model::Outcome {
    run(&format!(
        r#"
        dataset = {{ files = 1_000, file-size = "1 MB" }}
        loader.tf-data = {{ parallel-reads = 4, prefetch = 100 }}
        storage.own.parallel-fs.rate = "100 MB/s"
        job.phases.framework-start = "5 s"
        {keys}
        "#
    ))
}

/// One after the other: each starts its own instances and framework (5 s and a mount of 1 s), then reads for 10 s.
#[test]
fn trials_follow_one_another() {
    let outcome = trials("job.trials = 3");
    assert_eq!(outcome.trials.len(), 3);
    for (index, trial) in outcome.trials.iter().enumerate() {
        near(trial.submitted_s, 16.001 * index as f64, 1e-6);
        near(trial.loop_s, 10.001, 1e-6);
        near(trial.ended_s, 16.001 * (index + 1) as f64, 1e-6);
        assert_eq!(trial.trial, index as u32 + 1);
    }
    near(outcome.summary.total_s, 48.003, 1e-6);
    near(outcome.summary.billed_s, 48.003, 1e-6);
    near(outcome.summary.loop_s, 10.001, 1e-6);
}

/// Two at a time share the file system and take twice as long; the third has it for itself.
#[test]
fn trials_at_a_time_share_the_file_system() {
    let outcome = trials("job.trials = 3\njob.concurrent-trials = 2");
    near(outcome.trials[0].loop_s, 20.001, 1e-6);
    near(outcome.trials[1].loop_s, 20.001, 1e-6);
    near(outcome.trials[2].loop_s, 10.001, 1e-6);
    near(outcome.summary.total_s, 26.001 + 16.001, 1e-6);
}

/// Nodes are paid for each trial, a file system once: 2 trials at a time of 26.001 s at 3.60 $/h, and 1 GB for 26.001 s.
#[test]
fn trials_pay_for_their_nodes_and_share_the_storage() {
    let keys = "job.trials = 2\njob.concurrent-trials = 2\njob.node.price = 3.6\nstorage.own.parallel-fs.price = 1.0";
    let outcome = trials(keys);
    near(outcome.summary.cost_compute_usd, 2.0 * 26.001 * 3.6 / 3_600.0, 1e-6);
    let gib = 1e9 / 1_073_741_824.0;
    near(outcome.summary.cost_storage_usd, gib * 26.001 / 3_600.0 / 730.0, 1e-6);
}

/// A trial is a job on new nodes: what the page cache of the one before held is gone.
#[test]
fn a_trial_begins_with_cold_caches() {
    let outcome = trials("job.trials = 2\njob.epochs = 2\njob.node.page-cache = {}");
    for trial in &outcome.trials {
        near(trial.loop_s, 10.001 + 100.0 * 0.001, 1e-6);
    }
}

/// One trial alone has no rows of trials to speak of: it is the job.
#[test]
fn the_first_trial_says_when_training_began() {
    let (one, three) = (trials("").summary, trials("job.trials = 3").summary);
    assert_eq!(one.time_to_first_batch_s, three.time_to_first_batch_s);
    assert_eq!(one.loop_s, three.loop_s);
    near(one.gpu_utilisation, three.gpu_utilisation, 1e-12);
}
