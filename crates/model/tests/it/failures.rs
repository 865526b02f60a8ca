//! What interruptions cost on average.

use crate::scene::{near, plan};

/// The mean of a figure over replications.
fn mean(keys: &str, replications: u64, figure: impl Fn(&ingestsim_model::outcome::Summary) -> f64) -> f64 {
    let plan = plan(keys);
    let sum: f64 =
        (0..replications).map(|n| figure(&plan.simulate(n).expect("no law is broken").summary)).sum();
    sum / replications as f64
}

/// An hour of steps on an instance that is interrupted once an hour, and starts from the beginning after 6 min of starting
/// up. A loop of W that fails at rate λ and takes R to start again is done after (e^(λW) − 1)(1/λ + R): 1.718 × 1.1 h. One
/// replication differs from the next by about as much as that, so 4,000 of them tell it to 2 %.
#[test]
fn an_interrupted_job_takes_as_long_as_renewal_theory_says() {
    let hours = mean(
        r#"
        dataset = { files = 10, file-size = "1 B" }
        job.batch-size = 1
        job.step-time = "6 min"
        job.failures.spot-per-hour = 1.0
        job.phases.framework-start = "359 s"
        loader.tf-data = {}
        storage.own.parallel-fs = {}
        "#,
        4_000,
        |summary| (summary.total_s - 360.0) / 3_600.0,
    );
    near(hours, 1.0_f64.exp_m1() * 1.1, 0.04);
}

/// Two instances are interrupted twice as often: (e² − 1)(½ + 0.1) h.
#[test]
fn each_instance_may_be_interrupted() {
    let hours = mean(
        r#"
        dataset = { files = 20, file-size = "1 B" }
        job.batch-size = 1
        job.step-time = "6 min"
        job.instances = 2
        job.failures.spot-per-hour = 1.0
        job.phases.framework-start = "359 s"
        loader.tf-data = {}
        storage.own.parallel-fs = {}
        "#,
        4_000,
        |summary| (summary.total_s - 360.0) / 3_600.0,
    );
    near(hours, 2.0_f64.exp_m1() * 0.6, 0.06);
}

/// Without a rate nothing fails.
#[test]
fn nothing_fails_unless_it_is_asked_for() {
    let hours = mean(
        r#"
        dataset = { files = 10, file-size = "1 B" }
        job = { batch-size = 1, step-time = "6 min" }
        loader.tf-data = {}
        storage.own.parallel-fs = {}
        "#,
        50,
        |summary| summary.loop_s / 3_600.0,
    );
    near(hours, 1.0, 1e-6);
}
