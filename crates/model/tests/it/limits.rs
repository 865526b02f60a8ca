//! Limits on operations and requests.

use crate::scene::{near, requests, run, stall_share};

/// 5,000 opens at 1,000 a second, however many readers ask: the last is through after 5 s.
#[test]
fn metadata_operations_are_served_at_their_rate() {
    let outcome = run(r#"
        dataset = { files = 5_000, file-size = "1 kB" }
        loader.tf-data = { parallel-reads = 64, prefetch = 100 }
        storage.own.parallel-fs.metadata-rate = "1000 /s"
        "#);
    near(outcome.summary.loop_s, 5.001, 1e-6);
    assert!(stall_share(&outcome, "metadata") > 0.999);
}

/// A local disk's metadata are its node's: two nodes open 2,500 files each in 2.5 s.
#[test]
fn each_node_has_metadata_of_its_own_on_a_local_disk() {
    let outcome = run(r#"
        dataset = { files = 5_000, file-size = "1 kB" }
        job.instances = 2
        loader.tf-data = { parallel-reads = 64, prefetch = 100 }
        storage.own.local-disk.metadata-rate = "1000 /s"
        "#);
    near(outcome.summary.loop_s, 2.501, 1e-6);
}

/// A file of 3 MiB is three operations of 1 MiB. At 1,000 a second, one of which is there at the start, the thousandth
/// file has all of its own at 2.999 s.
#[test]
fn large_reads_count_as_several_operations() {
    let outcome = run(r#"
        dataset = { files = 1_000, file-size = "3 MiB" }
        loader.tf-data = { parallel-reads = 64, prefetch = 100 }
        storage.own.parallel-fs.iops = 1000
        "#);
    near(outcome.summary.loop_s, 2.999 + 3.0 * 1_048_576.0 / 100e9 + 0.001, 1e-6);
    assert!(stall_share(&outcome, "file-system rate") > 0.99);
}

/// Requests of 64 readers against 100 a second: S3 answers a second's worth at once and then 100 a second, 4,000 files in
/// 39 s. What it rejects comes again after a second or two, so it is never idle but at the very end.
#[test]
fn s3_serves_its_request_rate_and_rejects_the_rest() {
    let outcome = run(r#"
        dataset = { files = 4_000, file-size = "1 kB" }
        job.batch-size = 500
        loader.tf-data = { parallel-reads = 64, prefetch = 8, ordered = false }
        storage.direct.s3 = { mode = "direct", request-rate = "100 /s", first-byte-latency = "10 ms" }
        "#);
    let loop_s = outcome.summary.loop_s;
    assert!((39.0..39.0 * 1.06).contains(&loop_s), "{loop_s} s");
    assert!(outcome.summary.read_errors > 0.0);
    assert_eq!(requests(&outcome, "GET").0, 4_000, "rejected requests are not billed");
    assert!(stall_share(&outcome, "request limit") > 0.95);
}

/// Four prefixes have four times the rate.
#[test]
fn each_prefix_has_a_request_rate_of_its_own() {
    let outcome = run(r#"
        dataset = { files = 4_000, file-size = "1 kB" }
        loader.tf-data = { parallel-reads = 256, prefetch = 400, ordered = false }
        storage.direct.s3 = { mode = "direct", prefixes = 4, request-rate = "100 /s", first-byte-latency = "10 ms" }
        "#);
    let loop_s = outcome.summary.loop_s;
    assert!((9.0..12.0).contains(&loop_s), "{loop_s} s");
}

/// One reader of 20 ms a request asks 50 times a second and is never rejected.
#[test]
fn below_the_limit_nothing_is_rejected() {
    let outcome = run(r#"
        dataset = { files = 500, file-size = "1 kB" }
        loader.tf-data = { parallel-reads = 1, prefetch = 50 }
        storage.direct.s3 = { mode = "direct", request-rate = "100 /s", first-byte-latency = "20 ms" }
        "#);
    assert_eq!(outcome.summary.read_errors, 0.0);
    near(outcome.summary.loop_s, 500.0 * 0.02 + 0.001, 1e-3);
}

/// Lustre's metadata: 2 opens a second for each of 1,500 provisioned operations at 1.2 TiB, 3,000; twice as many with
/// 3,000 provisioned. 30,000 small files on 512 readers, each of which waits some 170 ms for its turn and 11 ms for the
/// answer.
#[test]
fn lustre_opens_two_files_a_second_for_each_metadata_operation() {
    let loop_s = |keys: &str| {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = 30_000, file-size = "1 kB" }}
            job.batch-size = 3_000
            loader.tf-data = {{ parallel-reads = 512, prefetch = 10 }}
            storage.lustre.fsx-lustre = {{ deployment = "persistent-2-125", capacity = "1.2 TiB"{keys} }}
            "#
        ));
        assert!(stall_share(&outcome, "metadata") > 0.85);
        outcome.summary.loop_s
    };
    near(loop_s(""), 10.0, 0.005);
    near(loop_s(", metadata-iops = 3000"), 5.0, 0.005);
}
