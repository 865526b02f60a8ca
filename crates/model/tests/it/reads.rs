//! Reads of equal files: latency, and each of the caps on their way.

use crate::scene::{bytes_read, near, requests, run, stall_share, stalled_s};

/// 10 ms of latency and 1 MB at 100 MB/s are 20 ms a file; a hundred of them one after the other, and the last step of
/// 1 ms: 2.001 s. The first batch is there after ten files. The GPU waits for all the transfers, and for all the latency but
/// 1 ms that each of nine steps hides.
#[test]
fn one_reader_takes_latency_plus_size_over_rate_for_each_file() {
    let outcome = run(r#"
        dataset = { files = 100, file-size = "1 MB" }
        loader.tf-data = { parallel-reads = 1, prefetch = 10 }
        storage.own.parallel-fs = { latency = "10 ms", connection-rate = "100 MB/s" }
        "#);
    near(outcome.summary.loop_s, 2.001, 1e-6);
    near(outcome.summary.first_batch_wait_s, 0.2, 1e-6);
    assert_eq!(requests(&outcome, "open"), (100, 100_000_000));
    near(outcome.latency[0].p50_ms, 20.0, 0.01);
    near(stalled_s(&outcome, "request latency"), 1.0 - 0.009, 1e-3);
    near(stalled_s(&outcome, "connection cap"), 1.0, 1e-3);
}

/// The time of opening a file and that of its first byte add up: 4 + 6 ms.
#[test]
fn opening_and_reading_add_up() {
    let outcome = run(r#"
        dataset = { files = 100, file-size = "1 MB" }
        loader.tf-data = { parallel-reads = 1, prefetch = 10 }
        storage.own.parallel-fs = { open-latency = "4 ms", latency = "6 ms", connection-rate = "100 MB/s" }
        "#);
    near(outcome.summary.loop_s, 2.001, 1e-6);
}

/// Eight readers that wait 10 ms a file and transfer nothing to speak of: 800 files a second.
#[test]
fn readers_wait_side_by_side() {
    let outcome = run(r#"
        dataset = { files = 800, file-size = "1 B" }
        loader.tf-data = { parallel-reads = 8, prefetch = 80 }
        storage.own.parallel-fs.latency = "10 ms"
        "#);
    near(outcome.summary.loop_s, 1.001, 1e-6);
}

/// 800 MB on `nodes` nodes of one GPU and eight readers each; the time they come in, less the last step.
fn transfer_s(nodes: u32, nic: &str, caps: &str) -> f64 {
    let outcome = run(&format!(
        r#"
        dataset = {{ files = 800, file-size = "1 MB" }}
        job = {{ instances = {nodes}, node.nic.baseline = "{nic}" }}
        loader.tf-data = {{ parallel-reads = 8, prefetch = 80 }}
        storage.own.parallel-fs = {{ {caps} }}
        "#
    ));
    near(bytes_read(&outcome), 800e6, 1e-9);
    outcome.summary.loop_s - 0.001
}

/// 8 × 10 MB/s: 10 s.
#[test]
fn the_connection_cap_binds() {
    near(transfer_s(1, "1 GB/s", "connection-rate = \"10 MB/s\", rate = \"1 GB/s\""), 10.0, 1e-6);
}

/// 50 MB/s of one node: 16 s. On two nodes 8 s, as each has an interface of its own.
#[test]
fn the_nodes_interface_binds() {
    near(transfer_s(1, "50 MB/s", "connection-rate = \"10 MB/s\", rate = \"1 GB/s\""), 16.0, 1e-6);
    near(transfer_s(2, "50 MB/s", "connection-rate = \"10 MB/s\", rate = \"1 GB/s\""), 8.0, 1e-6);
}

/// 40 MB/s that the file system gives one client: 20 s, though its interface could do more.
#[test]
fn the_clients_rate_binds() {
    near(transfer_s(1, "1 GB/s", "client-rate = \"40 MB/s\", rate = \"1 GB/s\""), 20.0, 1e-6);
}

/// Two nodes could take 100 MB/s together, the file system gives 60: 13.33 s.
#[test]
fn the_file_system_binds() {
    near(transfer_s(2, "50 MB/s", "connection-rate = \"10 MB/s\", rate = \"60 MB/s\""), 800.0 / 60.0, 1e-6);
}

/// A volume is each node's own: 400 MB on either of two at 20 MB/s are 20 s.
#[test]
fn a_volume_serves_its_node_alone() {
    let outcome = run(r#"
        dataset = { files = 800, file-size = "1 MB" }
        job.instances = 2
        loader.tf-data = { parallel-reads = 8, prefetch = 80 }
        storage.own.local-disk.rate = "20 MB/s"
        "#);
    near(outcome.summary.loop_s, 20.001, 1e-6);
    near(stall_share(&outcome, "volume"), 1.0, 1e-3);
}

/// Sixteen readers decode for 10 ms a file on four cores: 400 files a second. On cores of two threads, which add a fifth
/// when all are in use, 480.
#[test]
fn decoding_shares_the_cores() {
    let loop_s = |cores: &str| {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = 4_800, file-size = "1 B" }}
            job = {{ batch-size = 16, node = {{ {cores} }} }}
            loader.tf-data = {{ parallel-reads = 16, prefetch = 300, decode.per-sample = "10 ms" }}
            storage.own.parallel-fs = {{}}
            "#
        ));
        outcome.summary.loop_s - 0.001
    };
    near(loop_s("cpus = 4, cores = 4"), 12.0, 1e-6);
    near(loop_s("cpus = 8, cores = 4"), 10.0, 1e-6);
    near(loop_s("cpus = 64, cores = 64"), 3.0, 1e-6);
}

/// 5 ms and 1 MB at 50 MB/s of one core: 25 ms a file on one reader.
#[test]
fn decoding_costs_by_sample_and_by_byte() {
    let outcome = run(r#"
        dataset = { files = 100, file-size = "1 MB" }
        loader.tf-data = { parallel-reads = 1, prefetch = 10, decode = { per-sample = "5 ms", rate = "50 MB/s" } }
        storage.own.parallel-fs = {}
        "#);
    near(outcome.summary.loop_s, 2.501 + 100.0 * 10e-6, 1e-6);
}

/// Pipe hands 100 objects of 9 MB on at the stream rate of 90 MB/s, without a wait for the first byte of each: 10 s, and
/// half of that with two pipes. It has no random access.
#[test]
fn pipe_streams_objects_one_behind_the_other() {
    let loop_s = |pipes: u32| {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = 100, file-size = "9 MB" }}
            loader.tf-data = {{ parallel-reads = {pipes}, prefetch = 10 }}
            storage.piped.s3.mode = "pipe"
            "#
        ));
        outcome.summary.loop_s
    };
    near(loop_s(1), 10.0, 1e-3);
    near(loop_s(2), 5.0, 1e-3);
    let shuffled = crate::scene::built(
        r#"
        dataset = { files = 100, file-size = "9 MB" }
        job.order = "shuffled"
        loader.tf-data = {}
        storage.piped.s3.mode = "pipe"
        "#,
    );
    let message = shuffled.expect_err("a pipe cannot shuffle").to_string();
    assert!(message.starts_with("storage.piped.s3.mode: expected an order that streams"), "{message}");
}
