//! How the two loaders hand batches over.

use crate::scene::{near, run, seconds, stall_share, stalled_s};

/// 20 ms a file and nothing shared: 10 ms of latency, 1 MB at 100 MB/s. A batch of ten takes one reader 0.2 s.
const FILES: &str = r#"
dataset = { files = 400, file-size = "1 MB" }
storage.own.parallel-fs = { latency = "10 ms", connection-rate = "100 MB/s" }
"#;

/// Four workers start in turn, 20 ms each, and none reads before: the first batch is there after 80 + 200 ms. Of the 40
/// batches each worker builds ten, one after the other; the last four come together and take four steps of 1 ms.
#[test]
fn workers_start_in_turn_and_then_build_batches_side_by_side() {
    let outcome = run(&format!("{FILES}\nloader.pytorch.workers = 4"));
    near(outcome.summary.first_batch_wait_s, 0.28, 1e-6);
    near(outcome.summary.loop_s, 0.08 + 10.0 * 0.2 + 4.0 * 0.001, 1e-6);
    near(stalled_s(&outcome, "worker start"), 0.08, 1e-4);
}

/// Workers start again in every epoch unless they persist.
#[test]
fn workers_that_persist_start_once() {
    let keys = |persist| {
        format!("{FILES}\njob.epochs = 3\nloader.pytorch = {{ workers = 4, persistent-workers = {persist} }}")
    };
    let first_batches = |persist| -> Vec<f64> {
        run(&keys(persist)).epochs.iter().map(|epoch| (epoch.first_batch_s * 1e6).round() / 1e6).collect()
    };
    assert_eq!(first_batches(false), [0.28, 0.28, 0.28]);
    assert_eq!(first_batches(true), [0.28, 0.2, 0.2]);
}

/// Without workers nothing overlaps: 40 times a batch of 200 ms and a step of 1 ms, and nobody to start.
#[test]
fn without_workers_reading_and_computing_alternate() {
    let outcome = run(&format!("{FILES}\nloader.pytorch = {{}}\njob.step-time = \"50 ms\""));
    near(outcome.summary.loop_s, 40.0 * 0.25, 1e-6);
    near(outcome.summary.gpu_utilisation, 0.2, 1e-6);
}

/// Five threads of the one worker read a batch of ten in two rounds of 20 ms.
#[test]
fn threads_of_a_worker_share_its_batch() {
    let outcome = run(&format!("{FILES}\nloader.pytorch = {{ workers = 1, threads-per-worker = 5 }}"));
    near(outcome.summary.loop_s, 0.02 + 40.0 * 0.04 + 0.001, 1e-6);
}

/// One worker with a prefetch factor of 3. Batch 0 is there after 20 + 200 ms and its step takes 10.001 s; meanwhile the
/// worker builds batches 1 to 3 and no more. They are gone 3 ms later, but the first of them, taken at 10.221 s, has sent
/// the worker on: it builds the other 36 batches without a break, 0.2 s each, and the last takes a step of 1 ms.
#[test]
fn a_worker_reads_ahead_by_its_prefetch_factor() {
    let outcome = run(&format!(
        "{FILES}\njob.first-step = \"10 s\"\nloader.pytorch = {{ workers = 1, prefetch-factor = 3 }}"
    ));
    near(outcome.summary.loop_s, 10.221 + 36.0 * 0.2 + 0.001, 1e-6);
}

/// The same with `tf-data`, two batches ahead of what was taken: batches 1 and 2 are there at 10.201 s, and the reader
/// goes on with the 37 others.
#[test]
fn a_tf_data_buffer_bounds_what_is_read_ahead() {
    let outcome = run(&format!(
        "{FILES}\njob.first-step = \"10 s\"\nloader.tf-data = {{ parallel-reads = 1, prefetch = 2 }}"
    ));
    near(outcome.summary.loop_s, 10.201 + 37.0 * 0.2 + 0.001, 1e-6);
}

/// A buffer of automatic size grows to 64 batches: all of the other 39 are there when the first step ends.
#[test]
fn an_automatic_buffer_absorbs_the_first_step() {
    let outcome = run(&format!(
        "{FILES}\njob.first-step = \"10 s\"\nloader.tf-data = {{ parallel-reads = 1, prefetch = \"auto\" }}"
    ));
    near(outcome.summary.loop_s, 0.2 + 10.0 + 40.0 * 0.001, 1e-6);
}

/// Two workers, batches of one file, each worker one batch ahead, files of 1 or 11 ms alike often. Batch b leaves at
/// `max(left(b − 1), left(b − 2) + read(b))`, so the gap x between two batches becomes `max(0, read − x)`: from 0 it goes
/// to 1 or 11, from 1 to 0 or 10, from 10 to 0 or 1, from 11 to 0. It is 0, 1, 10 and 11 ms in 0.4, 4/15, 2/15 and 0.2 of the
/// cases: 3.8 ms on average, where 3 would do without order.
#[test]
fn batches_leave_in_order() {
    let outcome = run(r#"
        dataset = { files = 40_000, file-size = "1 B" }
        job = { batch-size = 1, step-time = "1 ns" }
        loader.pytorch = { workers = 2, prefetch-factor = 1, worker-start = "0 s" }
        storage.own.parallel-fs.latency.table = [["1 ms", 1], ["11 ms", 1]]
        "#);
    near(outcome.summary.loop_s / 40_000.0, 0.0038, 0.02);
}

/// With room enough order costs nothing: each of the two workers reads its own batches of 6 ms on average, 3 ms together.
#[test]
fn prefetching_makes_up_for_order() {
    let outcome = run(r#"
        dataset = { files = 40_000, file-size = "1 B" }
        job = { batch-size = 1, step-time = "1 ns" }
        loader.pytorch = { workers = 2, prefetch-factor = 1_000, worker-start = "0 s" }
        storage.own.parallel-fs.latency.table = [["1 ms", 1], ["11 ms", 1]]
        "#);
    near(outcome.summary.loop_s / 40_000.0, 0.003, 0.02);
}

/// One file in a hundred takes 1 s, the others 1 ms, on 16 readers of a buffer of 40 files that keeps their order. Each
/// slow file of about a hundred holds the buffer up for nearly a second; whoever takes what is there waits for none.
#[test]
fn order_lets_one_slow_file_hold_up_a_buffer() {
    let outcome = |ordered| {
        run(&format!(
            r#"
            dataset = {{ files = 10_000, file-size = "1 B" }}
            loader.tf-data = {{ parallel-reads = 16, prefetch = 4, ordered = {ordered} }}
            storage.own.parallel-fs.latency.table = [["1 ms", 99], ["1 s", 1]]
            "#
        ))
    };
    let (ordered, unordered) = (outcome(true), outcome(false));
    assert!(stall_share(&ordered, "in-order wait") > 0.9);
    assert_eq!(stalled_s(&unordered, "in-order wait"), 0.0);
    assert!(ordered.summary.loop_s > 4.0 * unordered.summary.loop_s);
}

/// A shuffle buffer of 100 files is filled before the first batch, 110 reads of 20 ms, and costs nothing afterwards.
#[test]
fn a_shuffle_buffer_delays_the_first_batch_alone() {
    let outcome = run(&format!(
        "{FILES}\njob.order.shuffle-buffer = 100\nloader.tf-data = {{ parallel-reads = 1, prefetch = 4 }}"
    ));
    near(outcome.summary.first_batch_wait_s, 110.0 * 0.02, 1e-6);
    // The last file lets go of the buffer: ten batches and its own are there at once.
    near(outcome.summary.loop_s, 8.0 + 11.0 * 0.001, 1e-6);
}

/// A cache of decoded samples spares their reading and decoding from the second epoch on; one of encoded samples spares
/// the reading alone. One reader: 10 ms of latency and 30 ms of decoding a file, 100 files.
#[test]
fn a_sample_cache_skips_what_it_holds() {
    let epochs = |holds: &str| {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = 100, file-size = "1 B" }}
            job.epochs = 2
            storage.own.parallel-fs.latency = "10 ms"
            [loader.tf-data]
            parallel-reads = 1
            prefetch = 10
            decode.per-sample = "30 ms"
            sample-cache = {{ size = "100 %", holds = "{holds}" }}
            "#
        ));
        seconds(&outcome)
    };
    let (decoded, encoded) = (epochs("decoded"), epochs("encoded"));
    near(decoded[0], 4.001, 1e-6);
    near(decoded[1], 10.0 * 0.001, 1e-6);
    near(encoded[0], 4.001, 1e-6);
    near(encoded[1], 3.001, 1e-6);
}
