//! Readers as customers of a closed queueing network, whose throughput has an exact closed form.
//!
//! A reader waits for its first byte (a station without queue), then shares the link. A network of these two is
//! product-form and insensitive to both distributions: throughput depends on the mean latency and the mean size alone.
//! With k transfers the link gives `min(k × connection, node, file system)`.
//!
//! Source: F. Baskett, K. M. Chandy, R. R. Muntz, F. G. Palacios, "Open, closed, and mixed networks of queues with
//! different classes of customers", J. ACM 22 (1975).

use crate::scene::{bytes_read, near, run};

/// Visits a millisecond of `customers` that go round between a delay of `think` ms on average and a station that serves
/// `rate(k)` of them a millisecond when k are there: X(N) = G(N − 1) / G(N) with
/// G(n) = Σ over k of think^(n − k) / (n − k)! × Π over j ≤ k of 1 / rate(j).
fn throughput(customers: u32, think: f64, rate: impl Fn(u32) -> f64) -> f64 {
    let normalisation = |n: u32| {
        let mut term: f64 = (1..=n).map(|j| think / f64::from(j)).product();
        let mut sum = term;
        for k in 1..=n {
            term *= f64::from(n - k + 1) / think / rate(k);
            sum += term;
        }
        sum
    };
    normalisation(customers - 1) / normalisation(customers)
}

/// By hand: two customers, 1 ms of delay, one at a time at 1 a millisecond: G(1) = 1 + 1, G(2) = ½ + 1 + 1, X = 2 / 2.5.
/// With no limit at the station X = N / (think + 1).
#[test]
fn the_formula_by_hand() {
    near(throughput(2, 1.0, |_| 1.0), 0.8, 1e-12);
    near(throughput(50, 3.0, f64::from), 12.5, 1e-12);
}

const LATENCIES: [&str; 2] = [r#""10 ms""#, r#"{ lognormal = { mean = "10 ms", sigma = 0.5 } }"#];
const SIZES: [&str; 2] = [r#""110 kB""#, r#"{ lognormal = { mean = "110 kB", sigma = 0.6 } }"#];
const SAMPLES: f64 = 51_200.0;

/// Files a millisecond of 64 readers with a latency of 10 ms on connections of 100 MB/s, node 1.25 GB/s, and what the
/// network predicts for the mean size that was drawn.
fn measured_and_predicted(latency: &str, size: &str, rate_mb_s: f64) -> (f64, f64) {
    let outcome = run(&format!(
        r#"
        dataset = {{ files = {SAMPLES}, file-size = {size} }}
        job = {{ batch-size = 256, node.nic.baseline = "1.25 GB/s" }}
        loader.tf-data = {{ parallel-reads = 64, prefetch = 4, ordered = false }}
        storage.own.parallel-fs = {{ latency = {latency}, connection-rate = "100 MB/s", rate = "{rate_mb_s} MB/s" }}
        "#
    ));
    let mean_kb = bytes_read(&outcome) / SAMPLES / 1e3;
    // MB/s are kB a millisecond.
    let link = |k: u32| (f64::from(k) * 100.0).min(1_250.0).min(rate_mb_s) / mean_kb;
    (SAMPLES / 1e3 / (outcome.summary.loop_s - 0.001), throughput(64, 10.0, link))
}

/// The link is full from 300 MB/s down, nearly full at 550 and half empty at 1,250. Equal latencies and equal sizes
/// together are left out: readers that start together would stay together.
#[test]
fn throughput_is_that_of_the_product_form_network_whatever_the_distributions() {
    for (latency, size) in [(1, 1), (0, 1), (1, 0)] {
        for rate_mb_s in [300.0, 550.0, 700.0, 1_250.0] {
            let (measured, predicted) = measured_and_predicted(LATENCIES[latency], SIZES[size], rate_mb_s);
            near(measured, predicted, 0.005);
        }
    }
}

/// Workload W of the speed targets on eight GPUs that share 0.5 GB/s, at 32 batches a GPU: 64 readers as above keep the
/// link full, and 256 samples in 0.2 s a GPU are more than it gives. The network says 4,540 a second; ranks that are not
/// done at the same time cost a little at the end.
#[test]
fn workload_w_just_saturates_its_file_system() {
    let samples = 8.0 * 32.0 * 256.0;
    let outcome = run(&format!(
        r#"
        dataset = {{ files = {samples}, file-size = {size} }}
        job = {{ batch-size = 256, step-time = "200 ms", order = "shuffled", node = {{ {node} }} }}
        loader.tf-data = {{ parallel-reads = 8, prefetch = 4, ordered = false }}
        storage.own.parallel-fs = {{ latency = {latency}, connection-rate = "100 MB/s", rate = "500 MB/s" }}
        "#,
        size = SIZES[1],
        latency = LATENCIES[1],
        node = "gpus = 8, nic.baseline = \"1.25 GB/s\"",
    ));
    let mean_kb = bytes_read(&outcome) / samples / 1e3;
    let predicted = throughput(64, 10.0, |k| (f64::from(k) * 100.0).min(500.0) / mean_kb);
    near(samples / 1e3 / (outcome.summary.loop_s - 0.2), predicted, 0.01);
}
