//! A small job on four kinds of storage, for tests.

use ingestsim_scenario::{Scenario, Set, Source};

const SCENARIO: &str = r#"
name = "small"

[dataset]
files = 4_096
file-size = "100 kB"

[job]
instance = "ml.g5.12xlarge"
node = { gpus = 2 }
epochs = 2
batch-size = 64
step-time = "40 ms"

[loader.pytorch]
workers = 2
decode = { per-sample = "2 ms" }

[storage.copy.s3]
mode = "file"

[storage.stream.s3]
mode = "fast-file"

[storage.shared.efs]
throughput = "bursting"

[storage.lustre.fsx-lustre]
deployment = "scratch-2"
capacity = "1.2 TiB"
"#;

/// The scenario with some keys set, one `path = value` a line.
pub(crate) fn scenario(sets: &str) -> Scenario {
    let sets: Vec<Set> = sets.lines().map(Set::parse).collect();
    Scenario::load(Source::new("small.toml", SCENARIO), &sets)
        .expect("the scenario of the tests is one")
        .scenario
}
