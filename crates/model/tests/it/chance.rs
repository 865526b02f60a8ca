//! Random numbers: the same for the same seed, whatever else is going on.

use ingestsim_model::Outcome;

use crate::scene::{plan, run};

/// Lognormal latencies, sizes and step times on `readers` readers.
fn random(readers: u32, keys: &str) -> String {
    format!(
        r#"
        dataset.files = 1_000
        dataset.file-size.lognormal = {{ mean = "100 kB", cv = 0.6 }}
        job.order = "shuffled"
        job.step-time.lognormal = {{ mean = "1 ms", cv = 0.2 }}
        loader.tf-data = {{ parallel-reads = {readers}, prefetch = 25 }}
        storage.own.parallel-fs.latency.lognormal = {{ mean = "10 ms", sigma = 0.5 }}
        {keys}
        "#
    )
}

fn print(outcome: &Outcome) -> String {
    format!("{outcome:?}")
}

/// The whole outcome, to the last bit, and the digest of its history.
#[test]
fn the_same_plan_and_replication_give_the_same_outcome() {
    let keys = random(
        4,
        "job.epochs = 2\njob.node = { gpus = 4, page-cache = { size = \"50 %\" }, nic.baseline = \"100 MB/s\" }",
    );
    let (plan, again) = (plan(&keys), plan(&keys));
    let first = plan.simulate(3).unwrap();
    assert_eq!(print(&first), print(&again.simulate(3).unwrap()));
    assert_eq!(first.history, plan.simulate(3).unwrap().history);
}

#[test]
fn another_replication_or_seed_has_other_luck() {
    let keys = |keys| random(4, &format!("job.node.gpus = 4\n{keys}"));
    let plan = plan(&keys(""));
    let history = |replication| plan.simulate(replication).unwrap().history;
    assert_ne!(history(0), history(1));
    assert_ne!(history(0), run(&keys("seed = 2")).history);
}

/// A file has its latency whenever it is read: one reader takes as long in a shuffled order as in sequence, to the
/// nanosecond, since it waits for the same latencies and sizes.
#[test]
fn luck_does_not_depend_on_the_order_of_reading() {
    let loop_s = |order: &str| {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = 500, file-size.lognormal = {{ mean = "100 kB", cv = 0.6 }} }}
            job = {{ order = "{order}", batch-size = 500 }}
            loader.tf-data = {{ parallel-reads = 1, prefetch = 1 }}
            [storage.own.parallel-fs]
            latency.lognormal = {{ mean = "10 ms", sigma = 0.5 }}
            connection-rate = "1 GB/s"
            "#
        ));
        outcome.summary.loop_s
    };
    assert_eq!(loop_s("sequential"), loop_s("shuffled"));
}

/// Nor does it depend on the tier's other figures: at half the connection rate the same 500 files, 50 MB with a spread,
/// take as much longer as their bytes do.
#[test]
fn luck_does_not_depend_on_other_figures() {
    let outcome = |rate: &str| {
        run(&format!(
            r#"
            dataset = {{ files = 500, file-size.lognormal = {{ mean = "100 kB", cv = 0.6 }} }}
            job.batch-size = 500
            loader.tf-data = {{ parallel-reads = 1, prefetch = 1 }}
            [storage.own.parallel-fs]
            latency.lognormal = {{ mean = "10 ms", sigma = 0.5 }}
            connection-rate = "{rate}"
            "#
        ))
    };
    let (fast, slow) = (outcome("20 MB/s"), outcome("10 MB/s"));
    let bytes = crate::scene::bytes_read(&fast);
    let longer = slow.summary.loop_s - fast.summary.loop_s;
    assert!((longer - bytes / 20e6).abs() < 1e-6, "{longer} s longer for {bytes} bytes");
}

fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}

/// Eight or nine readers: the difference of their loops, seed by seed, varies by less than a tenth of what it does with
/// luck of its own on either side, as both meet the same latencies and sizes.
#[test]
fn set_ups_with_one_seed_differ_by_more_than_luck() {
    const SEEDS: u64 = 24;
    let loops = |readers| -> Vec<f64> {
        let plan = plan(&random(readers, ""));
        (0..2 * SEEDS).map(|seed| plan.simulate(seed).unwrap().summary.loop_s).collect()
    };
    let (eight, nine) = (loops(8), loops(9));
    let difference = |shift: u64| -> Vec<f64> {
        (0..SEEDS as usize).map(|seed| eight[seed] - nine[seed + shift as usize]).collect()
    };
    let (common, own) = (variance(&difference(0)), variance(&difference(SEEDS)));
    assert!(common < 0.1 * own, "variance {common} with common luck, {own} without");
}
