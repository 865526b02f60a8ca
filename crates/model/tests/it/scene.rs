//! Scenarios as text, and what a test asks of their outcomes.
//!
//! A test writes the keys that matter to it, dotted, one a line. The rest is a plain job: one GPU that computes 1 ms a
//! batch of ten, on a node whose interface, memory and phases never matter.

use std::sync::LazyLock;

use ingestsim_catalog::Catalog;
use ingestsim_model::{
    BuildError, Outcome, Plan, build,
    outcome::{Summary, TierRow},
};
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

/// The plan of the first profile of a scenario, or what the user would be told.
pub(crate) fn attempted(keys: &str) -> Result<Plan, String> {
    let loaded = Scenario::load(Source::new("scene.toml", text(keys)), &[]);
    let scenario = loaded.map_err(|errors| errors.render(false))?.scenario;
    let profile = scenario.candidates().next().expect("a test names a profile").to_owned();
    build(&scenario, &CATALOG, &profile).map_err(|error| error.to_string())
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
    let loaded = Scenario::load(Source::new("scene.toml", text(keys)), &[]);
    loaded.unwrap_or_else(|errors| panic!("{errors}")).scenario
}

/// A scenario's file.
#[track_caller]
fn text(keys: &str) -> String {
    let mut scenario = table(PLAIN);
    merge(&mut scenario, table(keys));
    toml::to_string(&scenario).expect("a table can be written")
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

/// What is wrong with an outcome, if anything is: a figure that is no number, or is on the wrong side of another.
pub(crate) fn unsound(outcome: &Outcome) -> Option<String> {
    let summary = &outcome.summary;
    let named =
        || Summary::NAMES.iter().zip(summary.values()).filter_map(|(name, value)| Some((name, value?)));
    if let Some((name, value)) = named().find(|(_, value)| !value.is_finite() || *value < 0.0) {
        return Some(format!("{name} is {value}"));
    }
    let figure = |name: &str| named().find(|(found, _)| **found == name).map_or(0.0, |(_, value)| value);
    let sum = |names: &[&str]| names.iter().map(|name| figure(name)).sum::<f64>();
    let stalls: f64 = outcome.stalls.iter().map(|row| row.own_s + row.through_barrier_s).sum();
    let costs: f64 = outcome.costs.iter().map(|row| row.cost_usd).sum();
    let shares = ["gpu_utilisation", "gpu_utilisation_billed", "accelerator_utilisation"];
    let before = [
        "provisioning_s",
        "starting_s",
        "downloading_s",
        "framework_start_s",
        "walk_s",
        "first_batch_wait_s",
    ];
    let parts = ["compute", "storage", "throughput", "requests", "volume", "transfer"];
    let parts = parts.map(|part| format!("cost_{part}_usd"));
    let total = figure("cost_total_usd");
    let checks = [
        ("a share above 1", shares.iter().map(|name| figure(name)).fold(0.0, f64::max), 1.0),
        ("phases longer than until the first batch", sum(&before), figure("time_to_first_batch_s")),
        (
            "a first batch of all before that of one",
            figure("first_batch_mean_s"),
            figure("first_batch_wait_s"),
        ),
        ("a loop longer than the job", figure("loop_s"), figure("total_s")),
        ("cost parts above their sum", parts.iter().map(|part| figure(part)).sum(), total),
        ("a sum above its cost parts", total, parts.iter().map(|part| figure(part)).sum()),
        ("a bill that is not the total", (costs - total).abs(), 1e-6 * total.max(1e-9)),
        ("stalls that are not the total", (stalls - summary.stall_s).abs(), 1e-6 * stalls.max(1e-6)),
    ];
    let broken = checks.iter().find(|(_, less, more)| *less > more * (1.0 + 1e-6) + 1e-9);
    broken.map(|(what, less, more)| format!("{what}: {less} and {more}"))
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
