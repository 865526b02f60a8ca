//! Ranks in lock step whose compute times differ.

use crate::scene::{near, run, stalled_s};

/// The normal distribution function.
fn phi(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// The mean of the largest of `ranks` lognormal values of mean 1 and standard deviation `cv`: the integral of
/// 1 − F(x)^ranks, by the midpoint rule.
fn mean_of_largest(ranks: i32, cv: f64) -> f64 {
    const STEP: f64 = 1e-4;
    let sigma = cv.mul_add(cv, 1.0).ln().sqrt();
    let below = |x: f64| phi((x.ln() + 0.5 * sigma * sigma) / sigma);
    (0..60_000).map(|i| STEP * (1.0 - below((f64::from(i) + 0.5) * STEP).powi(ranks))).sum()
}

/// One rank alone is the mean itself.
#[test]
fn the_integral_by_hand() {
    near(mean_of_largest(1, 0.3), 1.0, 1e-6);
}

/// A step of 100 ms with a spread of 30 %, on 1 and on 8 ranks: it takes the mean of the largest of them, and what the
/// others wait is charged to the barrier. 4,000 steps; the largest of 8 has a spread of some 20 %, so 0.3 % of chance.
#[test]
fn a_step_takes_as_long_as_its_slowest_rank() {
    for ranks in [1, 8] {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = {}, file-size = "1 B" }}
            job.batch-size = 1
            job.node.gpus = {ranks}
            job.step-time.lognormal = {{ mean = "100 ms", cv = 0.3 }}
            loader.tf-data = {{ parallel-reads = 1, prefetch = 10 }}
            storage.own.parallel-fs = {{}}
            "#,
            4_000 * ranks
        ));
        let largest = mean_of_largest(ranks, 0.3);
        near(outcome.summary.loop_s / 4_000.0, 0.1 * largest, 0.01);
        near(outcome.summary.gpu_utilisation, 1.0 / largest, 0.01);
        let waited = f64::from(ranks) * outcome.summary.loop_s * (1.0 - outcome.summary.gpu_utilisation);
        assert!((stalled_s(&outcome, "barrier") - waited).abs() < 1e-4 * f64::from(ranks), "{waited}");
    }
}

/// Two ranks, one step: AU is taken from a rank's own end of the first step, before the barrier, so the rank that is done
/// early has the lower one. Both compute 2..N alike on average; with fixed steps AU is one on both.
#[test]
fn equal_steps_meet_without_waiting() {
    let outcome = run(r#"
        dataset = { files = 80, file-size = "1 B" }
        job = { batch-size = 1, step-time = "100 ms", node.gpus = 8 }
        loader.tf-data = { parallel-reads = 1, prefetch = 10 }
        storage.own.parallel-fs = {}
        "#);
    assert_eq!(outcome.summary.accelerator_utilisation, Some(1.0));
    assert_eq!(stalled_s(&outcome, "barrier"), 0.0);
}
