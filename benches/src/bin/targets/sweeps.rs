//! Many points: how many a second, what a second thread costs, and what one seed saves.

use std::hint::black_box;

use ingestsim_benches::{S8, clock, tiers};
use ingestsim_catalog::Catalog;
use ingestsim_des::stats::Tally;
use ingestsim_model::Fidelity;
use ingestsim_scenario::Loaded;
use ingestsim_sweep::grid::{Grid, ScenarioGrid};
use rayon::prelude::*;

use crate::row::Row;

/// Samples of a point.
const SAMPLES: u64 = 100_000;
const ROUNDS: usize = 5;

/// The rate of the file system from unbound to twice saturated.
const RATES: &str = r#"sweep.grid."storage.w.parallel-fs.rate"={ log = ["250 MB/s", "2 GB/s"], points = "#;

pub(crate) fn rows() -> Vec<Row> {
    let w = |fidelity, points: u64| grid(&w_over_rates(points), fidelity);
    let of_tiers = tiers::scenario(
        SAMPLES / 2,
        2 * SAMPLES / 2 / tiers::STEP,
        &[r#"sweep.grid."loader.pytorch.workers"=[4, 8]"#],
    );
    vec![
        per_second("exact, W on S8", &w(Fidelity::Exact, 8), 100.0),
        per_second("exact, real tiers with caches", &grid(&of_tiers, Fidelity::Exact), 40.0),
        per_second("fast, W on S8", &w(Fidelity::Fast, 32), 2_000.0),
        inflation(&w(Fidelity::Exact, 16)),
        common_luck(),
    ]
}

fn w_over_rates(points: u64) -> Loaded {
    S8.scenario(SAMPLES, &[&format!("{RATES}{points} }}")])
}

fn grid(loaded: &Loaded, fidelity: Fidelity) -> ScenarioGrid {
    let points = loaded.points().expect("the workload has a sweep");
    ScenarioGrid::new(&loaded.scenario, points, fidelity, (Catalog::builtin(), None), "benches")
}

/// A point from its text to its figures, as a sweep does it.
fn simulate(grid: &ScenarioGrid, point: u64) -> u64 {
    let run = grid.load(point).and_then(|(_, loaded)| {
        let plan = grid.build(loaded)?;
        grid.simulate(&plan, 0)
    });
    run.expect("every point of the sweep can be simulated").events
}

fn per_second(name: &str, grid: &ScenarioGrid, promised: f64) -> Row {
    let points = Grid::points(grid);
    let all = &mut || {
        black_box((0..points).map(|point| simulate(grid, point)).sum::<u64>());
    };
    let [seconds] = clock::least(ROUNDS, [all]);
    let rate = points as f64 / seconds;
    let told = format!("{rate:.0} ({:.2} ms a point)", 1e3 / rate);
    Row::judged(format!("points a second and core, {name}"), format!("≥ {promised}"), told, rate >= promised)
}

/// CPU time of the same points on one thread and on two.
fn inflation(grid: &ScenarioGrid) -> Row {
    let pools = [1, 2].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("two threads can be started")
    });
    let points = Grid::points(grid);
    let numbers: Vec<u64> = (0..points).collect();
    let all = || numbers.par_iter().with_max_len(1).map(|&point| simulate(grid, point)).sum::<u64>();
    let mut least = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        for (least, pool) in least.iter_mut().zip(&pools) {
            *least = least.min(clock::cpu(clock::Of::Process, || black_box(pool.install(all))).0);
        }
    }
    let ratio = least[1] / least[0];
    Row::judged(
        "CPU time on 2 threads over 1, points of a sweep",
        "≤ 1.05",
        format!("{ratio:.2}"),
        ratio <= 1.05,
    )
}

/// The variance of the difference between two set-ups under one seed, over that under two.
fn common_luck() -> Row {
    const SAMPLES: u64 = 51_200;
    // The variance of so many is known within a third.
    const REPLICATIONS: u64 = 96;
    let loops = |set: &str| -> Vec<f64> {
        let plan = S8.plan_with(SAMPLES, &[set]);
        let run = |replication| plan.simulate(replication).expect("W keeps the laws").summary.loop_s;
        (0..REPLICATIONS).map(run).collect()
    };
    let variance = |differences: Tally| differences.sd().map_or(f64::NAN, |sd| sd * sd);
    let base = loops("seed=1");
    let other = loops("seed=2");
    let settings = [
        ("rate +4 %", r#"storage.w.parallel-fs.rate="520 MB/s""#),
        ("latency +20 %", r#"storage.w.parallel-fs.latency={ lognormal = { mean = "12 ms", sigma = 0.5 } }"#),
        ("9 workers", "loader.tf-data.parallel-reads=9"),
    ];
    let ratios = settings.map(|(name, set)| {
        let changed = loops(set);
        let same = variance(changed.iter().zip(&base).map(|(a, b)| a - b).collect());
        let others = variance(changed.iter().zip(&other).map(|(a, b)| a - b).collect());
        (name, same / others)
    });
    let told: Vec<String> =
        ratios.iter().map(|(name, ratio)| format!("{name} 1/{:.0}", 1.0 / ratio)).collect();
    let met = ratios.iter().all(|&(_, ratio)| ratio <= 0.1);
    Row::judged("variance of a difference, one seed over two", "≤ 1/10", told.join(", "), met)
}
