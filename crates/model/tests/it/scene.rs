//! Scenarios as text, and what a test asks of their outcomes.
//!
//! A test writes the keys that matter to it, dotted, one a line. The rest is a plain job: one GPU that computes 1 ms a
//! batch of ten, on a node whose interface, memory and phases never matter.

use std::sync::LazyLock;

use ingestsim_catalog::Catalog;
use ingestsim_model::{BuildError, Outcome, Plan, build, outcome::TierRow};
use ingestsim_scenario::{Scenario, Source};
use toml::{Table, Value};

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);

const PLAIN: &str = r#"
name = "scene"
job.service = "ec2"
job.batch-size = 10
job.step-time = "1 ms"
job.order = "sequential"
job.phases = { starting = "0 s", image-pull = "0 s", framework-start = "0 s", uploading = "0 s" }
job.node = { gpus = 1, cpus = 64, memory = "64 GiB", price = 0.0, page-cache = "off", nic = { baseline = "100 GB/s" } }
"#;

/// The plan of keys laid over each other.
#[track_caller]
pub(crate) fn plan_of(layers: &[&str]) -> Plan {
    let mut keys = Table::new();
    layers.iter().for_each(|layer| merge(&mut keys, table(layer)));
    plan(&toml::to_string(&keys).expect("a table can be written"))
}

/// The plan of the first profile of a scenario, or what is wrong with it.
#[track_caller]
pub(crate) fn built(keys: &str) -> Result<Plan, BuildError> {
    let scenario = load(keys);
    let profile = scenario.candidates().next().expect("a test names a profile").to_owned();
    build(&scenario, &CATALOG, &profile)
}

/// The plan of the first profile of a scenario.
#[track_caller]
pub(crate) fn plan(keys: &str) -> Plan {
    built(keys).unwrap_or_else(|error| panic!("{error}"))
}

/// The first replication of a scenario's first profile.
#[track_caller]
pub(crate) fn run(keys: &str) -> Outcome {
    plan(keys).simulate(0).unwrap_or_else(|law| panic!("{law}"))
}

#[track_caller]
fn load(keys: &str) -> Scenario {
    let mut scenario = table(PLAIN);
    merge(&mut scenario, table(keys));
    let text = toml::to_string(&scenario).expect("a table can be written");
    let loaded = Scenario::load(Source::new("scene.toml", text), &[]);
    loaded.unwrap_or_else(|errors| panic!("{errors}")).scenario
}

#[track_caller]
fn table(keys: &str) -> Table {
    keys.parse().unwrap_or_else(|error| panic!("{error}\n{keys}"))
}

/// Puts keys over others; tables become one.
fn merge(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

/// Fails unless `found` is `expected` within a share of it.
#[track_caller]
pub(crate) fn near(found: f64, expected: f64, share: f64) {
    let off = (found - expected).abs();
    assert!(
        off <= share * expected.abs(),
        "found {found}, expected {expected} ± {share}: off by {}",
        off / expected
    );
}

/// GPU-seconds of stalls over all epochs that are charged to a cause.
pub(crate) fn stalled_s(outcome: &Outcome, cause: &str) -> f64 {
    let rows = outcome.stalls.iter().filter(|row| row.cause == cause);
    rows.fold(0.0, |sum, row| sum + row.own_s + row.through_barrier_s)
}

/// The share of a cause in all stalls.
pub(crate) fn stall_share(outcome: &Outcome, cause: &str) -> f64 {
    stalled_s(outcome, cause) / outcome.summary.stall_s
}

/// Hits and misses of a cache.
#[track_caller]
pub(crate) fn hits_and_misses(outcome: &Outcome, cache: &str) -> (u64, u64) {
    let row = outcome.tiers.iter().find(|row| row.cache == cache).expect("the cache has a row");
    (row.hits.expect("a cache counts hits"), row.misses.expect("a cache counts misses"))
}

/// Requests of a kind, and the bytes they brought.
pub(crate) fn requests(outcome: &Outcome, kind: &str) -> (u64, u64) {
    let rows = outcome.tiers.iter().filter(|row| row.request_kind == kind);
    let add = |(n, bytes), row: &TierRow| (n + row.requests, bytes + row.read_bytes);
    rows.fold((0, 0), add)
}

/// Bytes that loaders got from the tier over all epochs.
pub(crate) fn bytes_read(outcome: &Outcome) -> f64 {
    outcome.epochs.iter().map(|epoch| epoch.bytes_per_s * epoch.seconds).sum()
}

/// Samples that all ranks consumed, epoch by epoch.
pub(crate) fn samples(outcome: &Outcome) -> Vec<u64> {
    outcome.epochs.iter().map(|epoch| (epoch.samples_per_s * epoch.seconds).round() as u64).collect()
}

/// Seconds of each epoch.
pub(crate) fn seconds(outcome: &Outcome) -> Vec<f64> {
    outcome.epochs.iter().map(|epoch| epoch.seconds).collect()
}
