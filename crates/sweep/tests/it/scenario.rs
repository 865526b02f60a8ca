//! The grid of a real scenario, small enough to be run here.

use ingestsim_catalog::Catalog;
use ingestsim_model::{Fidelity, outcome::Summary};
use ingestsim_scenario::{Scenario, Set, Source};
use ingestsim_sweep::grid::{Grid, Rule, ScenarioGrid, points_columns, summary_columns};

use crate::{Results, column};

const SCENARIO: &str = r#"
name = "tiny"
[dataset]
files = 64
file-size = { lognormal = { mean = "110 kB", cv = 0.6 } }
[job]
instance = "ml.p3.2xlarge"
batch-size = 8
step-time = "50 ms"
[loader.pytorch]
workers = 2
[storage.stream.s3]
mode = "fast-file"
[storage.lustre.fsx-lustre]
deployment = "scratch-2"
capacity = "1.2 TiB"
load = "resident"
existing = true
[sweep]
replications = 2
[sweep.grid]
"storage.stream.s3.prefixes" = [1, 2]
"dataset.file-size" = ["50 kB", "1 MB"]
"job.batch-size" = [8, 200]
"#;

fn grid(sets: &[&str], version: &str, own_catalog: Option<&str>) -> ScenarioGrid {
    let sets: Vec<Set> = sets.iter().map(|set| Set::parse(set)).collect();
    let loaded = Scenario::load(Source::new("tiny.toml", SCENARIO), &sets).unwrap();
    let points = loaded.points().unwrap();
    let catalog = (Catalog::builtin(), own_catalog);
    ScenarioGrid::new(&loaded.scenario, points, Fidelity::Exact, catalog, version)
}

/// 2 · 2 · 2 points on stream and 2 · 2 on lustre; the batch of 200 is more than the 64 samples of an epoch.
#[test]
fn points_that_cannot_be_are_the_only_ones_that_fail() {
    let results = Results::new();
    let grid = grid(&[], "1", None);
    let [points, summary] = results.tables(&grid, Rule::exactly(2), 2);
    assert_eq!(grid.points().len(), 12);
    let batches = column(&summary, "job.batch-size");
    let replications = column(&summary, "replications");
    for (batch, replications) in batches.iter().zip(replications) {
        assert_eq!(replications, if batch == "8" { "2" } else { "0" });
    }
    let errors = column(&points, "error");
    let error = errors.iter().find(|error| !error.is_empty()).unwrap();
    assert!(error.contains("expected a batch that the 64 samples of an epoch fill, found 200"), "{error}");
}

/// A key below storage.stream has no value on lustre.
#[test]
fn columns_and_cells_are_those_that_are_promised() {
    let results = Results::new();
    let grid = grid(&["sweep.grid.\"job.batch-size\"=[8]"], "1", None);
    let [points, summary] = results.tables(&grid, Rule::exactly(2), 1);
    let swept = ["storage.stream.s3.prefixes", "dataset.file-size_bytes", "job.batch-size"];
    let swept = swept.map(str::to_owned);
    assert_eq!(points.lines().next().unwrap(), points_columns(&swept).join(","));
    assert_eq!(summary.lines().next().unwrap(), summary_columns(&swept).join(","));
    assert_eq!(column(&summary, "storage.stream.s3.prefixes"), ["1", "1", "2", "2", "", ""]);
    assert_eq!(column(&summary, "dataset.file-size_bytes")[..2], ["50000", "1000000"]);
    let storage = column(&summary, "storage");
    assert_eq!(storage, ["stream", "stream", "stream", "stream", "lustre", "lustre"]);
    let utilisation = column(&points, "gpu_utilisation");
    assert!(utilisation.iter().all(|share| (0.0..=1.0).contains(&share.parse::<f64>().unwrap())));
    assert_eq!(points_columns(&[]).len(), 5 + 3 + 2 * Summary::COUNT + 2);
}

/// Every replication number stands for the same luck at every point, so the intervals of two points go together.
#[test]
fn a_point_is_simulated_as_it_is_on_its_own() {
    let results = Results::new();
    let grid = grid(&["sweep.grid.\"job.batch-size\"=[8]"], "1", None);
    let [points, _] = results.tables(&grid, Rule::exactly(2), 2);
    let alone =
        Scenario::load(Source::new("tiny.toml", SCENARIO), &[Set::parse("dataset.file-size=\"1 MB\"")]);
    let alone = ingestsim_model::build(&alone.unwrap().scenario, &Catalog::builtin(), "lustre").unwrap();
    let outcome = alone.simulate(1).unwrap();
    let loops = column(&points, "loop_s");
    assert_eq!(loops[11].parse::<f64>().unwrap(), outcome.summary.loop_s);
}

#[test]
fn a_key_changes_with_everything_that_changes_a_result_and_nothing_else() {
    let key = |sets: &[&str], version: &str, own: Option<&str>| grid(sets, version, own).load(0).unwrap().0;
    let base = key(&[], "1", None);
    assert_eq!(key(&["sweep.replications=9"], "1", None), base);
    assert_eq!(key(&["sweep.grid.\"job.batch-size\"=[8, 4]"], "1", None), base);
    assert_ne!(key(&["seed=2"], "1", None), base);
    assert_ne!(key(&["job.epochs=2"], "1", None), base);
    assert_ne!(key(&[], "2", None), base);
    assert_ne!(key(&[], "1", Some("[prices]")), base);
}
