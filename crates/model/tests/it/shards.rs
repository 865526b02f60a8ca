//! Records in shards: streamed front to back, or read one by one.

use crate::scene::{bytes_read, near, requests, run, samples, seconds};

/// Ten shards of 10 MB with 100 records each; opening one takes 50 ms, its bytes come at 100 MB/s.
const SHARDS: &str = r#"
storage.own.parallel-fs = { latency = "50 ms", connection-rate = "100 MB/s" }
[dataset]
samples = 1_000
samples-per-file = 100
file-size = "10 MB"
read-size = "1 MB"
"#;

/// One reader streams shard after shard, 50 + 100 ms each. The first batch of ten records is there with the first
/// megabyte.
#[test]
fn opening_a_shard_is_paid_once() {
    let outcome = run(&format!("loader.tf-data = {{ parallel-reads = 1, prefetch = 100 }}\n{SHARDS}"));
    near(outcome.summary.loop_s, 10.0 * 0.15 + 0.001, 1e-6);
    near(outcome.summary.first_batch_wait_s, 0.06, 1e-6);
    assert_eq!(requests(&outcome, "open"), (10, 100_000_000));
    assert_eq!(samples(&outcome), [1_000]);
}

/// Five readers of a shard each: two rounds of 150 ms.
#[test]
fn readers_stream_shards_side_by_side() {
    let outcome =
        run(&format!("loader.tf-data = {{ parallel-reads = 5, prefetch = 100, ordered = false }}\n{SHARDS}"));
    near(outcome.summary.loop_s, 2.0 * 0.15 + 5.0 * 0.001, 1e-6);
    near(bytes_read(&outcome), 100e6, 1e-9);
}

/// Two workers build batches from shards of their own: five shards each, 0.75 s, and their last batches together.
#[test]
fn workers_stream_shards_of_their_own() {
    let outcome = run(&format!("loader.pytorch = {{ workers = 2, worker-start = \"0 s\" }}\n{SHARDS}"));
    near(outcome.summary.loop_s, 5.0 * 0.15 + 2.0 * 0.001, 1e-6);
    assert_eq!(requests(&outcome, "open"), (10, 100_000_000));
}

/// 950 records fill nine shards and a half, and so do their bytes: the last shard has 5 MB.
#[test]
fn the_last_shard_may_be_partly_filled() {
    let keys = SHARDS.replace("1_000", "950");
    let outcome = run(&format!("loader.tf-data = {{ parallel-reads = 1, prefetch = 100 }}\n{keys}"));
    near(outcome.summary.loop_s, 9.0 * 0.15 + 0.1 + 0.001, 1e-6);
    assert_eq!(requests(&outcome, "open"), (10, 95_000_000));
    assert_eq!(samples(&outcome), [950]);
}

/// While the GPU computes for a second on the first batch, the one reader's buffer of two batches fills and its stream
/// reads ahead by four chunks of 1 MB; then a batch a chunk, 10 ms each. 100 batches of 1 MB in ten shards.
#[test]
fn a_stream_reads_ahead_by_its_window() {
    let outcome = run(&format!(
        "job.first-step = \"1 s\"\nloader.tf-data = {{ parallel-reads = 1, prefetch = 2 }}\n{SHARDS}"
    ));
    // The first batch at 60 ms, its step until 1.061 s. By then batches 1 and 2 have been taken from the stream, and the
    // next four megabytes lie in the window: seven of the shard's ten. The other three take 30 ms from there on, the nine
    // further shards 150 ms each.
    near(outcome.summary.loop_s, 1.061 + 0.03 + 9.0 * 0.15 + 0.001, 1e-3);
}

/// In a random order of records each is a read of its own: 1,000 opens of 50 ms with 100 kB at 100 MB/s, ten at a time.
#[test]
fn shuffled_records_are_read_one_by_one() {
    let outcome = run(&format!(
        "job.order = \"shuffled\"\nloader.tf-data = {{ parallel-reads = 10, prefetch = 100 }}\n{SHARDS}"
    ));
    near(outcome.summary.loop_s, 100.0 * 0.051 + 0.001, 1e-6);
    assert_eq!(requests(&outcome, "open"), (1_000, 100_000_000));
}

/// A shard of 10,000,019 bytes has 19 records that are a byte longer, and loses none of its bytes either way.
#[test]
fn no_byte_is_lost_in_odd_shards() {
    for order in ["shards-shuffled", "shuffled"] {
        let keys = SHARDS.replace("10 MB", "10000019 B");
        let outcome = run(&format!(
            "job.order = \"{order}\"\nloader.tf-data = {{ parallel-reads = 3, prefetch = 100, ordered = false }}\n{keys}"
        ));
        near(bytes_read(&outcome), 100_000_190.0, 1e-12);
    }
}

/// A last batch of 30 records is filled up with 40 that are read once more, from a shard that is opened once more.
#[test]
fn a_padded_batch_opens_a_shard_again() {
    for loader in ["tf-data = { parallel-reads = 2, prefetch = 20 }", "pytorch = { workers = 2 }"] {
        let outcome =
            run(&format!("job.last-batch = \"pad\"\njob.batch-size = 70\nloader = {{ {loader} }}\n{SHARDS}"));
        assert_eq!(samples(&outcome), [1_050], "{loader}");
    }
}

/// Shards in the page cache are not opened again: the second epoch has only its steps.
#[test]
fn shards_stay_in_the_page_cache() {
    let outcome = run(&format!(
        "job.epochs = 2\njob.node.page-cache = {{}}\nloader.tf-data = {{ parallel-reads = 2, prefetch = 100 }}\n{SHARDS}"
    ));
    near(seconds(&outcome)[1], 100.0 * 0.001, 1e-6);
    assert_eq!(requests(&outcome, "open").0, 10);
}

/// Two ranks with five shards each; on three ranks with 4, 3 and 3 all end with the shortest, 300 records each.
#[test]
fn ranks_stream_disjoint_shards() {
    let run_on = |gpus: u32| {
        run(&format!(
            "job.node.gpus = {gpus}\nloader.tf-data = {{ parallel-reads = 1, prefetch = 100 }}\n{SHARDS}"
        ))
    };
    near(run_on(2).summary.loop_s, 5.0 * 0.15 + 0.001, 1e-6);
    assert_eq!(samples(&run_on(2)), [1_000]);
    assert_eq!(samples(&run_on(3)), [900]);
}

/// A partly filled last shard belongs to the second of two nodes, which so has 2 shards and 150 records where the first
/// has 3: an epoch ends with what the shortest can give.
#[test]
fn the_rank_with_the_partial_shard_may_be_the_shortest() {
    let keys = SHARDS.replace("1_000", "450");
    let outcome = run(&format!(
        "job.instances = 2\njob.sampling = \"node-local\"\nloader.tf-data = {{ parallel-reads = 1, prefetch = 100 }}\n{keys}"
    ));
    assert_eq!(samples(&outcome), [300]);
}

/// Trials that end by time leave readers in the middle of a shard; the next trial reads like the first.
#[test]
fn a_trial_that_is_cut_short_leaves_nothing_behind() {
    let outcome = run(&format!(
        "job.duration = \"500 ms\"\njob.trials = 3\nloader.tf-data = {{ parallel-reads = 1, prefetch = 100 }}\n{SHARDS}"
    ));
    assert_eq!(outcome.trials.len(), 3);
    for trial in &outcome.trials {
        near(trial.loop_s, outcome.trials[0].loop_s, 1e-9);
    }
    near(outcome.trials[0].loop_s, 0.5, 0.03);
}

/// Restores and shards together over epochs that drop their last batch: whatever was on its way when an epoch ended, the
/// next reads all it needs, and no shard is restored twice.
#[test]
fn shards_are_restored_once_over_epochs_that_are_cut() {
    let outcome = run(r#"
        loader.tf-data = { parallel-reads = 4, prefetch = 2, ordered = false }
        job = { epochs = 3, batch-size = 70, order = "shards-shuffled" }
        dataset = { samples = 1_000, samples-per-file = 100, file-size = "10 MB", read-size = "1 MB" }
        [storage.lustre.fsx-lustre]
        deployment = "scratch-2"
        capacity = "1.2 TiB"
        load = "lazy"
        restore-concurrency = 2
        "#);
    assert_eq!(samples(&outcome), [980, 980, 980]);
    assert_eq!(requests(&outcome, "GET").0, 10);
}

/// 96 shards of 1 MB with 10 records each, 100 ms to the first byte and 10 MB/s a connection: 200 ms a shard, 19.2 s one
/// after the other. With four open at a time the reader takes their records in turn and waits for all four at once: 4.8 s,
/// and in each of 24 rounds 2 ms for the buffer of two batches to take 40 records; with eight open on a
/// link of 20 MB/s a round takes 100 ms and 8 MB at that rate, 0.5 s, and there are 12.
#[test]
fn open_shards_are_read_ahead_side_by_side() {
    let loop_s = |open: u32, rate: &str, loader: &str| {
        let outcome = run(&format!(
            r#"
            dataset = {{ samples = 960, samples-per-file = 10, file-size = "1 MB", read-size = "1 MB", open-shards = {open} }}
            loader.{loader}
            storage.own.parallel-fs = {{ latency = "100 ms", connection-rate = "10 MB/s", rate = "{rate}" }}
            "#
        ));
        assert_eq!(requests(&outcome, "open"), (96, 96_000_000));
        outcome.summary.loop_s
    };
    for loader in [
        "tf-data = { parallel-reads = 1, prefetch = 2 }",
        "pytorch = { workers = 1, worker-start = \"0 s\" }",
    ] {
        near(loop_s(1, "1 GB/s", loader), 19.2, 0.01);
        near(loop_s(4, "1 GB/s", loader), 4.8 + 24.0 * 0.002, 0.002);
        near(loop_s(8, "20 MB/s", loader), 12.0 * 0.5, 0.015);
    }
}
