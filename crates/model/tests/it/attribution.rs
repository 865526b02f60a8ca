//! Stalls go to what caused them: one scenario for each cause that can bind alone.

use crate::scene::{run, stall_share};

/// Nearly all of the stall of a scenario is charged to one cause.
#[track_caller]
fn blames(cause: &str, keys: &str) {
    let outcome = run(keys);
    let share = stall_share(&outcome, cause);
    assert!(outcome.summary.gpu_utilisation < 0.5, "utilisation {}", outcome.summary.gpu_utilisation);
    assert!(share > 0.95, "{share} to {cause} of {:?}", outcome.stalls);
}

const SMALL: &str = "dataset = { files = 1_000, file-size = \"1 kB\" }\n";
const LARGE: &str = "dataset = { files = 1_000, file-size = \"1 MB\" }\n";
const READERS: &str = "loader.tf-data = { parallel-reads = 8, prefetch = 4 }\n";

#[test]
fn request_latency() {
    blames("request latency", &format!("{SMALL}{READERS}storage.own.parallel-fs.latency = \"20 ms\""));
}

#[test]
fn latency_of_s3_and_its_tail() {
    let unordered = "loader.tf-data = { parallel-reads = 8, prefetch = 4, ordered = false }\n";
    blames("request latency", &format!("{SMALL}{unordered}storage.direct.s3.mode = \"direct\""));
}

#[test]
fn connection_cap() {
    blames(
        "connection cap",
        &format!("{LARGE}{READERS}storage.own.parallel-fs.connection-rate = \"10 MB/s\""),
    );
}

#[test]
fn nic() {
    let node = "job.node.nic.baseline = \"50 MB/s\"\n";
    blames("NIC", &format!("{LARGE}{READERS}{node}storage.own.parallel-fs = {{}}"));
}

#[test]
fn file_system_rate() {
    blames("file-system rate", &format!("{LARGE}{READERS}storage.own.parallel-fs.rate = \"50 MB/s\""));
}

/// One client reads from the one server of a small Lustre in whose memory everything lies after the first of a hundred
/// epochs: 625 MB/s between the two.
#[test]
fn server_pair() {
    blames(
        "server pair",
        r#"
        dataset = { files = 24, file-size = "100 MB" }
        job = { epochs = 100, batch-size = 4 }
        loader.tf-data = { parallel-reads = 4, prefetch = 2 }
        storage.lustre.fsx-lustre = { deployment = "persistent-1-ssd-200", capacity = "1.2 TiB" }
        "#,
    );
}

#[test]
fn volume_rate() {
    blames("volume", &format!("{LARGE}{READERS}storage.own.local-disk.rate = \"50 MB/s\""));
}

#[test]
fn volume_operations() {
    blames("volume", &format!("{SMALL}{READERS}storage.own.local-disk.iops = 200"));
}

#[test]
fn metadata() {
    blames("metadata", &format!("{SMALL}{READERS}storage.own.parallel-fs.metadata-rate = \"200 /s\""));
}

#[test]
fn request_limit() {
    let unordered = "loader.tf-data = { parallel-reads = 64, prefetch = 40, ordered = false }\n";
    let s3 =
        "storage.direct.s3 = { mode = \"direct\", request-rate = \"50 /s\", first-byte-latency = \"1 ms\" }";
    blames("request limit", &format!("{SMALL}{unordered}{s3}"));
}

#[test]
fn restore() {
    let lustre = "deployment = \"scratch-2\", capacity = \"1.2 TiB\", load = \"lazy\"";
    blames("restore from S3", &format!("{LARGE}{READERS}storage.lustre.fsx-lustre = {{ {lustre} }}"));
}

#[test]
fn decode() {
    let loader = "loader.tf-data = { parallel-reads = 8, prefetch = 4, decode.per-sample = \"20 ms\" }\n";
    blames("CPU decode", &format!("{SMALL}{loader}storage.own.parallel-fs = {{}}"));
    let cores = "job.node = { cpus = 2, cores = 1 }\n";
    blames("CPU decode", &format!("{SMALL}{loader}{cores}storage.own.parallel-fs = {{}}"));
}

#[test]
fn worker_start() {
    let loader = "loader.pytorch = { workers = 8, worker-start = \"1 s\" }\n";
    blames("worker start", &format!("{SMALL}{loader}storage.own.parallel-fs = {{}}"));
}

/// One file in a hundred takes a second and keeps a full buffer waiting.
#[test]
fn in_order_wait() {
    let loader = "loader.tf-data = { parallel-reads = 16, prefetch = 4 }\n";
    let latency = "storage.own.parallel-fs.latency.table = [[\"100 us\", 99], [\"1 s\", 1]]";
    let files = "dataset = { files = 10_000, file-size = \"1 kB\" }\n";
    blames("in-order wait", &format!("{files}{loader}{latency}"));
}

/// Sixteen ranks whose steps have a spread of 200 %: most wait for the slowest, and nobody for data.
#[test]
fn barrier() {
    let job = "job = { step-time.lognormal = { mean = \"1 ms\", cv = 2.0 }, node.gpus = 16, epochs = 10 }\n";
    blames("barrier", &format!("{SMALL}{READERS}{job}storage.own.parallel-fs = {{}}"));
}

/// Two ranks on nodes of their own, equal but for the chance of their latencies: what one waits at the barrier for the
/// other's data is charged to that data, through the barrier.
#[test]
fn through_the_barrier() {
    let keys = format!(
        "{SMALL}loader.pytorch = {{ workers = 1, worker-start = \"0 s\" }}\njob.instances = 8\n\
         storage.own.parallel-fs.latency.lognormal = {{ mean = \"20 ms\", sigma = 1.0 }}"
    );
    blames("request latency", &keys);
    let through: f64 = run(&keys).stalls.iter().map(|row| row.through_barrier_s).sum();
    assert!(through > 1.0, "{through} GPU-seconds through the barrier");
}

/// A stream of shards waits for what its fetcher waits for: the connection, 10 MB/s.
#[test]
fn a_starved_stream_blames_its_fetcher() {
    blames(
        "connection cap",
        r#"
        dataset = { samples = 1_000, samples-per-file = 100, file-size = "10 MB", read-size = "1 MB" }
        loader.tf-data = { parallel-reads = 2, prefetch = 4 }
        storage.own.parallel-fs = { latency = "1 ms", connection-rate = "10 MB/s" }
        "#,
    );
}
