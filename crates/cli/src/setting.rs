//! A scenario in one line: what data, which job, how often; and what its figures come from.

use ingestsim_catalog::{Catalog, Section};
use ingestsim_model::Plan;
use ingestsim_report::human::{count, counted};
use ingestsim_scenario::{
    Path, Scenario,
    schema::{
        dataset::{Dataset, Extent},
        job::{Job, Length},
    },
};
use ingestsim_sweep::Candidate;
use ingestsim_units::Bytes;

/// Such as `1,530,350 files of 37.5 kB, 57.4 GB; 1 x ml.p3.2xlarge, 1 GPU, batch 64, 2 epochs; seed 1, 3 replications`.
pub(crate) fn line(scenario: &Scenario, candidates: &[Candidate<Plan>], replications: u64) -> String {
    line_of(scenario, candidates.first().map_or(0, |candidate| candidate.plan.ranks()), replications)
}

/// The same for a job on so many GPUs.
pub(crate) fn line_of(scenario: &Scenario, gpus: u32, replications: u64) -> String {
    let runs = format!("seed {}, {}", scenario.seed, counted(replications, "replication"));
    format!("{}; {}; {runs}", dataset(&scenario.dataset), job(&scenario.job, gpus))
}

/// Where the figures of a chart come from. It names the newest price list, not the day of the run.
pub(crate) fn footer(scenario: &Scenario, catalog: &Catalog, version: &str) -> String {
    let rows = catalog.rows(Section::Prices);
    let newest = rows.iter().flat_map(|row| row.date.split(|c: char| c != '-' && !c.is_ascii_digit())).max();
    let prices = newest.filter(|date| !date.is_empty()).map(|date| format!(" · list prices up to {date}"));
    format!("{} · seed {} · ingestsim {version}{}", scenario.name, scenario.seed, prices.unwrap_or_default())
}

/// What no point of a sweep changes: the parts of the line of which no key is swept.
pub(crate) fn held_fixed(scenario: &Scenario, swept: &[Path]) -> String {
    let is_swept = |table: &str, keys: &[&str]| {
        let within = |path: &&Path| path.key_at(0) == Some(table);
        let named = |path: &Path| keys.is_empty() || path.key_at(1).is_some_and(|key| keys.contains(&key));
        swept.iter().filter(within).any(named)
    };
    let data = &scenario.dataset;
    let job = &scenario.job;
    let extent = match data.extent() {
        Extent::Files(files) => counted(files, "file"),
        Extent::Samples(samples) => counted(samples, "sample"),
        Extent::TotalSize(size) => format!("{} in all", size.human()),
    };
    let size = Bytes::from_f64_rounded(data.file_size.mean_f64());
    let mut parts = Vec::new();
    if !is_swept("dataset", &[]) {
        parts.push(dataset(data));
    } else {
        if !is_swept("dataset", &["files", "samples", "total-size"]) {
            parts.push(extent);
        }
        if !is_swept("dataset", &["file-size"]) {
            parts.push(format!("files of {}", size.human()));
        }
    }
    if !is_swept("job", &["instance", "instances", "node"]) {
        parts.push(nodes(job));
    }
    if !is_swept("job", &["batch-size"]) {
        parts.push(format!("batch {}", count(job.batch_size)));
    }
    if !is_swept("job", &["epochs", "steps", "duration"]) {
        parts.push(length(job));
    }
    parts.join(", ")
}

fn dataset(dataset: &Dataset) -> String {
    let files = dataset.file_count();
    let size = Bytes::from_f64_rounded(dataset.file_size.mean_f64());
    let total = Bytes::from_f64_rounded(dataset.file_size.mean_f64() * files as f64);
    let samples = match dataset.samples_per_file {
        1 => String::new(),
        each => format!(" with {} samples each", count(each)),
    };
    format!("{} of {}{samples}, {} in all", counted(files, "file"), size.human(), total.human())
}

fn job(job: &Job, gpus: u32) -> String {
    let (nodes, length) = (nodes(job), length(job));
    let trials =
        if job.trials > 1 { format!(", {} trials", count(job.trials.into())) } else { String::new() };
    format!("{nodes}, {}, batch {}, {length}{trials}", counted(gpus.into(), "GPU"), count(job.batch_size))
}

fn nodes(job: &Job) -> String {
    match &job.instance {
        Some(instance) => format!("{} x {instance}", job.instances),
        None => counted(job.instances.into(), "node"),
    }
}

fn length(job: &Job) -> String {
    match job.length() {
        Length::Epochs(epochs) => counted(epochs, "epoch"),
        Length::Steps(steps) => counted(steps, "step"),
        Length::Duration(span) => span.human().to_string(),
    }
}
