//! Caches of the node: what an epoch still reads after the one before.

use crate::scene::{bytes_read, hits_and_misses, near, requests, run, seconds};

const FILES: u64 = 20_000;

/// Hits of the later epochs of five, as a share of their reads, with a page cache of 65 % of the set.
fn hit_ratio(policy: &str, order: &str) -> f64 {
    let cache = format!("size = \"65 %\", policy = \"{policy}\"");
    let outcome = run(&format!(
        r#"
        dataset = {{ files = {FILES}, file-size = "1 kB" }}
        job = {{ epochs = 5, batch-size = 100, order = "{order}", step-time = "1 us", node.page-cache = {{ {cache} }} }}
        loader.tf-data = {{ parallel-reads = 8, prefetch = 10 }}
        storage.own.parallel-fs = {{}}
        "#
    ));
    let (hits, misses) = hits_and_misses(&outcome, "page cache");
    assert_eq!(hits + misses, 5 * FILES);
    assert_eq!(requests(&outcome, "open"), (misses, misses * 1_000), "what misses is read");
    hits as f64 / (4 * FILES) as f64
}

/// A new random order each epoch, by the closed forms at c = 0.65: random replacement misses
/// 1 + c·ln(1 − c·(1 − e^(−1/c))) = 53.58 %, strict LRU 1 − c − (1 − c)·ln(1 − c) = 71.74 %, first in, first out
/// (1 − c)(e − 1) = 60.14 %, and what never replaces 1 − c = 35 %.
#[test]
fn shuffled_epochs_hit_as_their_closed_forms_say() {
    let expected =
        [("random-replacement", 0.4642), ("lru", 0.2826), ("fifo", 0.3986), ("never-replace", 0.65)];
    for (policy, hits) in expected {
        let found = hit_ratio(policy, "shuffled");
        assert!((found - hits).abs() < 0.006, "{policy}: {found} hits, expected {hits}");
    }
}

/// In the same order every file has gone under LRU and first in, first out when its turn comes again; what never
/// replaces hits with the 65 % it kept.
#[test]
fn repeated_epochs_never_hit_under_lru() {
    assert_eq!(hit_ratio("lru", "sequential"), 0.0);
    assert_eq!(hit_ratio("fifo", "sequential"), 0.0);
    assert_eq!(hit_ratio("never-replace", "sequential"), 0.65);
}

/// 100 files of 20 ms, one reader: the second epoch has its ten steps of 1 ms alone, and its 100 MB come from memory.
const TWO_EPOCHS: &str = r#"
dataset = { files = 100, file-size = "1 MB" }
job.epochs = 2
loader.tf-data = { parallel-reads = 1, prefetch = 10 }
storage.own.parallel-fs = { latency = "10 ms", connection-rate = "100 MB/s" }
"#;

#[test]
fn what_fits_into_the_page_cache_is_read_once() {
    let outcome = run(&format!("{TWO_EPOCHS}\njob.node.page-cache = {{}}"));
    near(seconds(&outcome)[0], 2.001, 1e-6);
    near(seconds(&outcome)[1], 0.010, 1e-6);
    near(outcome.epochs[1].bytes_per_s, 100e6 / 0.010, 1e-6);
    assert_eq!(hits_and_misses(&outcome, "page cache"), (100, 100));
}

#[test]
fn without_a_page_cache_every_epoch_reads_everything() {
    let outcome = run(TWO_EPOCHS);
    near(seconds(&outcome)[1], 2.001, 1e-6);
    near(bytes_read(&outcome), 200e6, 1e-9);
    assert!(outcome.tiers.iter().all(|row| row.cache.is_empty()));
}

/// The page cache is what the program leaves of the memory: 8 GiB of 9, and nothing of 8.
#[test]
fn the_program_keeps_its_memory() {
    let hits = |memory: &str| {
        let outcome =
            run(&format!("{TWO_EPOCHS}\njob.node = {{ page-cache = {{}}, memory = \"{memory}\" }}"));
        hits_and_misses(&outcome, "page cache").0
    };
    assert_eq!(hits("9 GiB"), 100);
    assert_eq!(hits("8 GiB"), 0);
}

/// Two nodes that each read a part of their own hold it in half the memory; parts drawn anew each epoch are half there.
#[test]
fn a_nodes_own_part_stays_in_its_cache() {
    let hits = |sampling: &str| {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = {FILES}, file-size = "1 kB" }}
            job.instances = 2
            job.epochs = 3
            job.order = "shuffled"
            job.sampling = "{sampling}"
            job.step-time = "1 us"
            job.node.page-cache = {{ size = "50 %", policy = "never-replace" }}
            loader.tf-data = {{ parallel-reads = 8, prefetch = 10 }}
            storage.own.parallel-fs = {{}}
            "#
        ));
        hits_and_misses(&outcome, "page cache").0
    };
    assert_eq!(hits("node-local"), 2 * FILES);
    // The first epoch puts a half of the set on each node; of the half it draws for the second, a half is there.
    near(hits("distributed") as f64, 2.0 * 0.5 * FILES as f64, 0.02);
}

/// FastFile opens every object anew: its second epoch asks S3 as often as the first, whatever the memory.
#[test]
fn fast_file_bypasses_the_page_cache() {
    let outcome = run(r#"
        dataset = { files = 100, file-size = "1 MB" }
        job = { epochs = 2, node.page-cache = {} }
        loader.tf-data = { parallel-reads = 4, prefetch = 10 }
        storage.stream.s3.mode = "fast-file"
        "#);
    assert_eq!(requests(&outcome, "GET"), (200, 200_000_000));
}

/// EFS is asked about a cached file again: 10.55 ms of round trips, with a spread of a tenth, for each of 400 files.
#[test]
fn a_cached_file_on_efs_is_opened_over_the_network() {
    let outcome = run(r#"
        dataset = { files = 400, file-size = "1 kB" }
        job = { epochs = 2, node.page-cache = {} }
        loader.tf-data = { parallel-reads = 1, prefetch = 40 }
        storage.shared.efs = {}
        "#);
    near(seconds(&outcome)[0], 400.0 * 0.01155, 0.02);
    near(seconds(&outcome)[1], 400.0 * 0.01055, 0.02);
    assert_eq!(hits_and_misses(&outcome, "page cache"), (400, 400));
}

/// A client's cache on NVMe: the second epoch asks S3 for nothing. One reader then takes 100 µs and 1 MB at 1 GB/s, so 1.1
/// ms a file.
#[test]
fn a_clients_cache_on_nvme_spares_the_requests() {
    let outcome = run(r#"
        dataset = { files = 100, file-size = "1 MB" }
        job = { epochs = 2, node.nvme = { size = "1 TB", rate = "1 GB/s", latency = "100 us" } }
        loader.tf-data = { parallel-reads = 1, prefetch = 10 }
        storage.cached.s3 = { mode = "fast-file", client-cache.nvme = "200 MB" }
        "#);
    assert_eq!(requests(&outcome, "GET"), (100, 100_000_000));
    assert_eq!(hits_and_misses(&outcome, "client cache"), (100, 100));
    near(seconds(&outcome)[1], 100.0 * 0.0011 + 0.001, 1e-6);
}

/// Mountpoint looks each of 200 objects up in each of two epochs, with a HEAD and a LIST, and gets each once. From NVMe
/// an object takes its lookup, lognormal with median 14.3 ms and 99th percentile 34.6 ms: 15.37 ms on average with a
/// standard deviation of 6.06, so that the sum of 200 is within 8 % in 99.5 % of cases; then 0.1 ms and 1 MB at 1 GB/s.
#[test]
fn a_fuse_client_looks_up_what_it_has_cached() {
    let outcome = run(r#"
        dataset = { files = 200, file-size = "1 MB" }
        job = { epochs = 2, node.nvme = { size = "1 TB", rate = "1 GB/s", latency = "100 us" } }
        loader.tf-data = { parallel-reads = 1, prefetch = 10 }
        storage.cached.s3 = { mode = "direct", client-cache.nvme = "400 MB" }
        "#);
    assert_eq!(requests(&outcome, "GET").0, 200);
    assert_eq!((requests(&outcome, "HEAD").0, requests(&outcome, "LIST").0), (400, 400));
    near(seconds(&outcome)[1], 200.0 * (0.01537 + 0.0001 + 0.001), 0.08);
}
