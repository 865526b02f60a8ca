//! Files that come from S3 into a file system: when first read, or before training.

use crate::scene::{near, requests, run, seconds, stall_share};

/// Files of 9 MB, 0.5 s and 0.2 s at 45 MB/s each, on SCRATCH_2 of 1.2 TiB.
fn lazy(files: u32, readers: u32, job: &str, keys: &str) -> ingestsim_model::Outcome {
    run(&format!(
        r#"
        dataset = {{ files = {files}, file-size = "9 MB" }}
        {job}
        loader.tf-data = {{ parallel-reads = {readers}, prefetch = {files} }}
        [storage.lustre.fsx-lustre]
        deployment = "scratch-2"
        capacity = "1.2 TiB"
        load = "lazy"
        restore-latency = "500 ms"
        restore-rate = "45 MB/s"
        {keys}
        "#
    ))
}

/// Four at a time: 400 files in 100 rounds of 0.7 s, however many readers ask. The second epoch asks S3 for nothing and
/// takes the reads alone.
#[test]
fn restores_at_a_time_bind() {
    let outcome = lazy(400, 16, "job.epochs = 2", "restore-concurrency = 4\nrestore-total = \"10 GB/s\"");
    near(seconds(&outcome)[0], 70.0, 2e-3);
    assert_eq!(requests(&outcome, "GET").0, 400);
    let first: f64 = outcome.stalls.iter().filter(|row| row.epoch == 1).map(|row| row.own_s).sum();
    let restored: f64 =
        outcome.stalls.iter().filter(|row| row.cause == "restore from S3").map(|row| row.own_s).sum();
    assert!(restored > 0.95 * first, "{restored} of {first} s");
    assert!(seconds(&outcome)[1] < 20.0, "{:?}", seconds(&outcome));
}

/// 60 MB/s of all restores together, which 64 readers keep busy as long as their latencies differ: 3.6 GB in 60 s.
#[test]
fn the_rate_of_all_restores_binds() {
    let outcome = run(r#"
        dataset = { files = 400, file-size = "9 MB" }
        loader.tf-data = { parallel-reads = 64, prefetch = 400 }
        [storage.lustre.fsx-lustre]
        deployment = "scratch-2"
        capacity = "1.2 TiB"
        load = "lazy"
        restore-latency.lognormal = { mean = "500 ms", cv = 1.0 }
        restore-total = "60 MB/s"
        "#);
    near(outcome.summary.loop_s, 60.0, 5e-3);
}

/// Two readers restore two files at a time, and read each between: 10.67 ms to open it before, and then 9 MB from the
/// server's memory.
#[test]
fn readers_wait_for_their_own_restores() {
    let outcome = lazy(200, 2, "", "restore-total = \"10 GB/s\"");
    let read_s = 0.01067 + 9.0 / 625.0;
    let first = seconds(&outcome)[0];
    assert!((100.0 * 0.7..100.0 * (0.7 + 2.0 * read_s)).contains(&first), "{first} s");
}

/// Two nodes that both read everything ask for each file at about the same time; it is restored once.
#[test]
fn a_file_is_restored_once_for_all() {
    let outcome = run(r#"
        dataset = { files = 200, file-size = "9 MB" }
        job = { instances = 2, sampling = "every-rank-all" }
        loader.tf-data = { parallel-reads = 4, prefetch = 200 }
        [storage.lustre.fsx-lustre]
        deployment = "scratch-2"
        capacity = "1.2 TiB"
        load = "lazy"
        "#);
    assert_eq!(requests(&outcome, "GET").0, 200);
    assert_eq!(requests(&outcome, "open").0, 400);
}

/// Two trials share the file system: the second restores nothing. 200 files, four at a time of 0.7 s: 35 s.
#[test]
fn a_later_trial_finds_what_an_earlier_one_restored() {
    let outcome = lazy(200, 16, "job.trials = 2", "restore-concurrency = 4\nrestore-total = \"10 GB/s\"");
    assert_eq!(requests(&outcome, "GET").0, 200);
    let (first, second) = (outcome.trials[0].loop_s, outcome.trials[1].loop_s);
    assert!(first - second > 30.0, "{first} s, then {second} s");
}

/// What the one-time load takes by hand, in seconds.
fn loaded_s(files: u32, size: &str, keys: &str) -> f64 {
    let outcome = run(&format!(
        r#"
        dataset = {{ files = {files}, file-size = "{size}" }}
        job.steps = 1
        loader.tf-data = {{}}
        [storage.lustre.fsx-lustre]
        deployment = "scratch-2"
        capacity = "2.4 TiB"
        load = "one-time"
        restore-latency = "500 ms"
        restore-rate = "45 MB/s"
        restore-concurrency = 80
        restore-total = "1 GB/s"
        {keys}
        "#
    ));
    assert!(stall_share(&outcome, "restore from S3") < 1e-9, "nothing is left to restore");
    outcome.summary.provisioning_s
}

/// 80,000 files of 90 kB, 0.502 s each and 80 at a time: 502 s. 400 files of 2.25 GB: 900 GB at 1 GB/s, after 0.5 s.
#[test]
fn a_one_time_load_takes_as_long_as_its_tighter_limit() {
    near(loaded_s(80_000, "90 kB", ""), 502.0, 1e-6);
    near(loaded_s(400, "2.25 GB", ""), 900.5, 1e-6);
}

/// A file system that is created takes 5 min, and the import of 80,000 entries at 500 a second 160 s.
#[test]
fn creation_and_import_come_before_the_load() {
    let created = "existing = false\nimport-rate = \"500 /s\"";
    near(loaded_s(80_000, "90 kB", created), 300.0 + 160.0 + 502.0, 1e-6);
}
