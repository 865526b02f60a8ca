//! The public model: workload W beside its floor, real tiers with caches, and the points of a sweep from text to figures.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ingestsim_benches::{H64, S8, S64, U8, floor::Floor, tiers, workload::run};
use ingestsim_catalog::Catalog;
use ingestsim_model::Fidelity;
use ingestsim_sweep::grid::{Grid, ScenarioGrid};

/// Samples of one run.
const SAMPLES: u64 = 131_072;

fn workloads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("W, exact");
    group.throughput(Throughput::Elements(SAMPLES)).sample_size(10);
    for w in [S8, S64, H64, U8] {
        let plan = w.plan(SAMPLES);
        group.bench_function(w.name, |bencher| bencher.iter(|| black_box(run(&plan))));
        let mut floor = Floor::new(w.readers());
        let name = format!("{}, its floor", w.name);
        group.bench_function(name, |bencher| bencher.iter(|| black_box(floor.run(SAMPLES))));
    }
    group.finish();
}

fn services(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("real tiers with caches, exact");
    group.throughput(Throughput::Elements(SAMPLES)).sample_size(10);
    for profile in tiers::PROFILES {
        let plan = tiers::plan(profile, SAMPLES / 2, SAMPLES / tiers::STEP);
        group.bench_function(profile, |bencher| bencher.iter(|| black_box(run(&plan))));
    }
    group.finish();
}

/// A point of 2,048 samples, of which most of the time goes into reading and building it.
fn sweep(criterion: &mut Criterion) {
    let rates = r#"sweep.grid."storage.w.parallel-fs.rate"={ log = ["250 MB/s", "2 GB/s"], points = 64 }"#;
    let loaded = S8.scenario(2_048, &[rates]);
    let points = loaded.points().expect("the workload has a sweep");
    let grid =
        ScenarioGrid::new(&loaded.scenario, points, Fidelity::Exact, (Catalog::builtin(), None), "benches");
    let mut point = 0;
    criterion.bench_function("a small point of a sweep", |bencher| {
        bencher.iter(|| {
            point = (point + 1) % Grid::points(&grid);
            let (_, loaded) = grid.load(point).expect("a point can be read");
            let plan = grid.build(loaded).expect("a point can be built");
            grid.simulate(&plan, 0).expect("a point can be simulated")
        });
    });
}

criterion_group!(benches, workloads, services, sweep);
criterion_main!(benches);
