//! Checkpoints: what they take, and whom they slow down.

use crate::scene::{near, requests, run, stalled_s};

/// Twenty steps of 100 ms on files that are there at once; the file system writes 100 MB/s.
fn computing(checkpoint: &str) -> ingestsim_model::Outcome {
    run(&format!(
        r#"
        dataset = {{ files = 200, file-size = "1 kB" }}
        job.step-time = "100 ms"
        job.checkpoint = {{ {checkpoint} }}
        loader.tf-data = {{ parallel-reads = 8, prefetch = 20 }}
        [storage.own.parallel-fs]
        rate = "1 GB/s"
        write-rate = "100 MB/s"
        [storage.bucket.s3]
        mode = "direct"
        role = "checkpoint-only"
        [storage.archive.nfs]
        client-rate = "50 MB/s"
        role = "checkpoint-only"
        "#
    ))
}

/// 200 MB at 100 MB/s after every five steps, the last included: four times 2 s. The GPU neither computes nor stalls then.
#[test]
fn a_blocking_checkpoint_adds_its_size_over_the_rate() {
    let outcome = computing("every-steps = 5, size = \"200 MB\"");
    near(outcome.summary.loop_s, 2.0 + 4.0 * 2.0, 1e-5);
    near(outcome.summary.gpu_utilisation, 0.2, 1e-5);
    assert!(outcome.summary.stall_s < 1e-3);
}

/// Every 750 ms, at the next end of a step; 20 MB take 0.2 s. The first begins after 0.8 s and lasts until 1.0; the next
/// is due at 1.55, and begins at 1.6; the third at 2.4, with the last step.
#[test]
fn checkpoints_may_come_by_time() {
    let outcome = computing("every = \"750 ms\", size = \"20 MB\"");
    near(outcome.summary.loop_s, 2.0 + 3.0 * 0.2, 1e-5);
}

/// In the background it costs nothing where nobody reads, unless the one before is still under way: 300 MB begin at 1 s
/// and end at 4 s, so the one due at 2 s waits for that and keeps the loop.
#[test]
fn a_background_checkpoint_waits_for_the_one_before() {
    near(computing("every-steps = 10, size = \"50 MB\", blocking = false").summary.loop_s, 2.0, 1e-5);
    let slow = computing("every-steps = 10, size = \"300 MB\", blocking = false");
    near(slow.summary.loop_s, 4.0, 1e-5);
}

/// To an NFS server at 50 MB/s of one client: 4 s each.
#[test]
fn a_checkpoint_may_go_to_another_profile() {
    let outcome = computing("every-steps = 10, size = \"200 MB\", to = \"archive\"");
    near(outcome.summary.loop_s, 2.0 + 2.0 * 4.0, 1e-5);
}

/// To S3 in parts of 8 MiB, ten at a time at 95 MiB/s each: 1,900 MiB take 2 s and 238 PUTs, twice.
#[test]
fn a_checkpoint_in_s3_is_uploaded_in_parts() {
    let outcome = computing("every-steps = 10, size = \"1900 MiB\", to = \"bucket\"");
    near(outcome.summary.loop_s, 2.0 + 2.0 * 2.0, 1e-5);
    assert_eq!(requests(&outcome, "PUT").0, 2 * 238);
}

/// A reader that always reads and a writer share 100 MB/s, so the link is full from the first byte to the last: 1,000 MB
/// of files and two checkpoints of 100 MB take 12 s.
#[test]
fn a_background_checkpoint_competes_with_the_reads() {
    let outcome = run(r#"
        dataset = { files = 1_000, file-size = "1 MB" }
        job.checkpoint = { every-steps = 40, size = "100 MB", blocking = false }
        loader.tf-data = { parallel-reads = 1, prefetch = 100 }
        storage.own.parallel-fs.rate = "100 MB/s"
        "#);
    near(outcome.summary.loop_s, 12.001, 1e-6);
    near(stalled_s(&outcome, "file-system rate"), 12.001 - 0.1, 1e-3);
}

/// Two nodes write half each, side by side within the 100 MB/s of the file system, or on volumes of their own.
#[test]
fn nodes_write_their_shares_side_by_side() {
    let loop_s = |storage: &str| {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = 200, file-size = "1 kB" }}
            job.instances = 2
            job.checkpoint = {{ every-steps = 10, size = "200 MB" }}
            loader.tf-data = {{ parallel-reads = 8, prefetch = 20 }}
            storage.own = {{ {storage} }}
            "#
        ));
        outcome.summary.loop_s - 0.010
    };
    near(loop_s("parallel-fs.rate = \"100 MB/s\""), 2.0, 1e-3);
    near(loop_s("local-disk.rate = \"100 MB/s\""), 1.0, 1e-3);
    near(loop_s("local-disk = { rate = \"100 MB/s\", write-rate = \"25 MB/s\" }"), 4.0, 1e-3);
}

/// What a node sends is bounded by its interface too: 200 MB at 50 MB/s.
#[test]
fn a_nodes_interface_bounds_what_it_writes() {
    for to in ["", ", to = \"other\""] {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = 200, file-size = "1 kB" }}
            job.node.nic.baseline = "50 MB/s"
            job.checkpoint = {{ every-steps = 20, size = "200 MB"{to} }}
            loader.tf-data = {{ parallel-reads = 8, prefetch = 20 }}
            [storage.own.parallel-fs]
            rate = "1 GB/s"
            [storage.other.parallel-fs]
            rate = "1 GB/s"
            "#
        ));
        near(outcome.summary.loop_s, 0.020 + 4.0, 2e-3);
    }
}
