//! Jobs that never wait for data.

use crate::scene::{near, run, stalled_s};

/// A hundred files of 1 kB, there at once: what a GPU does with them is all that takes time.
const AT_ONCE: &str = r#"
dataset = { files = 100, file-size = "1 kB" }
job.step-time = "100 ms"
loader.tf-data = { parallel-reads = 8, prefetch = 10 }
storage.own.parallel-fs = {}
"#;

/// Ten steps of 100 ms with 20 ms of overhead each, 5 s more in the first: 6.2 s. Compute is 1 s of them. AU, over steps
/// 2 to 10 and from the end of step 1: 9 × 100 / (20 + 9 × 120) = 900 / 1,100.
#[test]
fn a_loop_is_its_steps_their_overhead_and_the_first_step() {
    let outcome = run(&format!("{AT_ONCE}\njob.step-overhead = \"20 ms\"\njob.first-step = \"5 s\""));
    near(outcome.summary.loop_s, 6.2, 1e-6);
    near(outcome.summary.gpu_utilisation, 1.0 / 6.2, 1e-6);
    near(outcome.summary.accelerator_utilisation.unwrap(), 900.0 / 1_100.0, 1e-9);
    near(outcome.summary.samples_per_s, 100.0 / 6.2, 1e-6);
    near(outcome.summary.bytes_per_s, 100_000.0 / 6.2, 1e-6);
    assert!(outcome.summary.stall_s < 1e-6, "{} s of stalls", outcome.summary.stall_s);
}

/// Without overhead the GPU computes from the end of step 1 to the end of the epoch: AU is one, to the last bit.
#[test]
fn a_gpu_that_never_waits_has_an_au_of_one() {
    let outcome = run(AT_ONCE);
    assert_eq!(outcome.summary.accelerator_utilisation, Some(1.0));
    near(outcome.summary.gpu_utilisation, 1.0, 1e-6);
}

/// One step an epoch leaves nothing to take AU from.
#[test]
fn one_step_has_no_au() {
    let outcome = run(&format!("{AT_ONCE}\njob.batch-size = 100"));
    assert_eq!(outcome.summary.accelerator_utilisation, None);
}

/// Two nodes of four GPUs share the hundred files, 12 or 13 each: one batch of ten on every rank, one step of 0.1 s.
#[test]
fn ranks_share_the_samples_and_the_time() {
    let outcome = run(&format!("{AT_ONCE}\njob.instances = 2\njob.node.gpus = 4"));
    near(outcome.summary.loop_s, 0.1, 1e-5);
    near(outcome.summary.samples_per_s, 80.0 / 0.1, 1e-5);
}

/// Files of 1 MB at 1 MB/s, one at a time, and 1 s of decoding each: a batch of ten takes 20 s. From the end of step 1,
/// at 20.1 s, to the end at 200.1 s the other nine batches come: AU is 9 × 0.1 / 180. The GPU waits 200.1 − 1 s in all;
/// each step hides 0.1 s of the next file's transfer, except the last.
#[test]
fn au_of_a_starved_gpu_is_its_step_over_its_batch() {
    let outcome = run(r#"
        dataset = { files = 100, file-size = "1 MB" }
        job.step-time = "100 ms"
        loader.tf-data = { parallel-reads = 1, prefetch = 10, decode = { per-sample = "1 s" } }
        storage.own.parallel-fs.rate = "1 MB/s"
        "#);
    near(outcome.summary.loop_s, 200.1, 1e-6);
    near(outcome.summary.accelerator_utilisation.unwrap(), 0.1 / 20.0, 1e-6);
    near(stalled_s(&outcome, "CPU decode"), 100.0, 1e-4);
    near(stalled_s(&outcome, "file-system rate"), 100.0 - 0.9, 1e-4);
}

/// The timeline's bins hold all the compute of the loop: 1 s.
#[test]
fn the_timeline_holds_all_the_compute() {
    let outcome = run(&format!("{AT_ONCE}\njob.step-overhead = \"20 ms\""));
    let bins = &outcome.timeline;
    let length = bins[1].t_s - bins[0].t_s;
    near(bins.iter().map(|bin| bin.gpu_utilisation * length).sum(), 1.0, 1e-9);
    near(bins.iter().map(|bin| bin.samples_per_s * length).sum(), 100.0, 1e-9);
    near(bins.iter().map(|bin| bin.bytes_per_s * length).sum(), 100_000.0, 1e-9);
}
