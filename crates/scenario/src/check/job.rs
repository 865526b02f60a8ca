//! Checks of `[job]`.

use ingestsim_units::{Rate, Span};

use super::{Checker, spread};
use crate::{
    Scenario,
    error::Problem,
    path::Path,
    schema::{
        cache::{CacheSize, PageCache},
        job::{Checkpoint, Job, Order},
        node::Node,
    },
};

pub(super) fn check(scenario: &Scenario, checker: &mut Checker<'_>) {
    let job = &scenario.job;
    let path = Path::of(["job"]);
    counts(job, &path, checker);
    checker.expect_one_of(&path, &["epochs", "steps", "duration"], true);
    spread::check(&job.step_time, &path.key("step-time"), checker);
    batch_fits(scenario, u64::from(job.instances) * u64::from(job.node.gpus.unwrap_or(1)), checker);
    node(job, &path.key("node"), checker);
    phases(job, &path.key("phases"), checker);
    if let Some(checkpoint) = &job.checkpoint {
        check_checkpoint(checkpoint, scenario, &path.key("checkpoint"), checker);
    }
    checker.expect_amount(job.failures.spot_per_hour, path.key("failures").key("spot-per-hour"));
}

fn counts(job: &Job, path: &Path, checker: &mut Checker<'_>) {
    checker.expect_some(job.instances, path.key("instances"));
    checker.expect_some(job.batch_size, path.key("batch-size"));
    checker.expect_some(job.trials, path.key("trials"));
    checker.expect_some(job.concurrent_trials, path.key("concurrent-trials"));
    let expected = format!("at most the number of trials, {}", job.trials);
    checker.expect(job.concurrent_trials <= job.trials.max(1), path.key("concurrent-trials"), &expected);
    checker.expect_some(job.epochs.unwrap_or(1), path.key("epochs"));
    checker.expect_some(job.steps.unwrap_or(1), path.key("steps"));
    let lasts = job.duration.is_none_or(|duration| duration > Span::ZERO);
    checker.expect(lasts, path.key("duration"), "a time above zero");
    if let Order::ShuffleBuffer(samples) = job.order {
        checker.expect_some(samples, path.key("order").key("shuffle-buffer"));
    }
}

/// A step takes a batch on every rank: if an epoch has fewer samples, no step is ever complete.
pub(super) fn batch_fits(scenario: &Scenario, ranks: u64, checker: &mut Checker<'_>) {
    use crate::schema::job::{LastBatch, Sampling};
    let job = &scenario.job;
    if !super::dataset::is_stated(&scenario.dataset) {
        return;
    }
    // A batch that is kept though nothing fills it up is the only one of its epoch.
    if job.last_batch == LastBatch::Keep {
        return;
    }
    let samples = scenario.dataset.samples_per_epoch();
    let shared = job.sampling != Sampling::EveryRankAll && job.last_batch == LastBatch::Drop;
    let ranks = if shared { ranks } else { 1 };
    let step = u128::from(job.batch_size) * u128::from(ranks);
    if step > u128::from(samples) {
        let found =
            if ranks == 1 { job.batch_size.to_string() } else { format!("{} × {ranks}", job.batch_size) };
        let epoch = match samples {
            1 => "a batch that the one sample of an epoch fills".to_owned(),
            samples => format!("a batch that the {samples} samples of an epoch fill"),
        };
        let expected = if ranks == 1 { epoch } else { format!("{epoch} on all {ranks} ranks") };
        checker.refuse(Path::of(["job", "batch-size"]), Problem::mismatch(expected, found));
    }
}

fn node(job: &Job, path: &Path, checker: &mut Checker<'_>) {
    let node = &job.node;
    for (key, count) in [("gpus", node.gpus), ("cpus", node.cpus), ("cores", node.cores)] {
        checker.expect_some(count.unwrap_or(1), path.key(key));
    }
    checker.expect_price(node.price.unwrap_or(0.0), path.key("price"));
    if let (Some(cores), Some(cpus)) = (node.cores, node.cpus) {
        checker.expect(cores <= cpus, path.key("cores"), &format!("at most the number of CPUs, {cpus}"));
    }
    let memory = node.memory.is_none_or(|memory| !memory.is_zero());
    checker.expect(memory, path.key("memory"), "an amount of memory above zero");
    if let Some(nic) = &node.nic {
        burst(nic.baseline, nic.burst, &path.key("nic"), checker);
    }
    if let Some(ebs) = &node.ebs {
        burst(ebs.baseline, ebs.burst, &path.key("ebs"), checker);
        checker.expect_some(ebs.iops.unwrap_or(1), path.key("ebs").key("iops"));
    }
    if let Some(nvme) = &node.nvme {
        checker.expect_some(nvme.iops.unwrap_or(1), path.key("nvme").key("iops"));
    }
    if let PageCache::On(on) = &node.page_cache
        && let Some(size) = on.size
    {
        cache_size(size, path.key("page-cache").key("size"), checker);
    }
    if job.instance.is_none() {
        instance_replaced(node, checker);
    }
}

/// A share of the data set above all of it is a slip.
pub(super) fn cache_size(size: CacheSize, path: Path, checker: &mut Checker<'_>) {
    if let CacheSize::Share(share) = size {
        checker.expect(share.fraction() <= 1.0, path, "a share of at most 100 %");
    }
}

fn burst(baseline: Option<Rate>, burst: Option<Rate>, path: &Path, checker: &mut Checker<'_>) {
    if let (Some(baseline), Some(burst)) = (baseline, burst) {
        let expected = format!("at least the baseline, {baseline}");
        checker.expect(burst >= baseline, path.key("burst"), &expected);
    }
}

/// Without an instance from the catalog the scenario has to say what a node is.
fn instance_replaced(node: &Node, checker: &mut Checker<'_>) {
    let stated = [
        ("gpus", node.gpus.is_some()),
        ("cpus", node.cpus.is_some()),
        ("memory", node.memory.is_some()),
        ("nic.baseline", node.nic.as_ref().is_some_and(|nic| nic.baseline.is_some())),
        ("price", node.price.is_some()),
    ];
    let missing = stated.iter().filter(|(_, stated)| !stated).map(|(key, _)| *key).collect::<Vec<_>>();
    if !missing.is_empty() {
        let problem = Problem::Missing {
            expected: "the name of an instance type".to_owned(),
            help: Some(format!("a node of your own needs {} in [job.node]", missing.join(", "))),
        };
        checker.refuse(Path::of(["job", "instance"]), problem);
    }
}

fn phases(job: &Job, path: &Path, checker: &mut Checker<'_>) {
    let phases = &job.phases;
    let spreads = [
        ("starting", &phases.starting),
        ("image-pull", &phases.image_pull),
        ("framework-start", &phases.framework_start),
        ("uploading", &phases.uploading),
    ];
    for (key, phase) in spreads {
        if let Some(phase) = phase {
            spread::check(phase, &path.key(key), checker);
        }
    }
}

fn check_checkpoint(checkpoint: &Checkpoint, scenario: &Scenario, path: &Path, checker: &mut Checker<'_>) {
    checker.expect_one_of(path, &["every-steps", "every"], false);
    checker.expect_some(checkpoint.every_steps.unwrap_or(1), path.key("every-steps"));
    let passes = checkpoint.every.is_none_or(|every| every > Span::ZERO);
    checker.expect(passes, path.key("every"), "a time above zero");
    checker.expect(!checkpoint.size.is_zero(), path.key("size"), "a size above zero");
    if let Some(to) = &checkpoint.to
        && !scenario.storage.contains_key(to)
    {
        let known = scenario.storage.keys().cloned().collect();
        let problem = Problem::UnknownName { expected: "the name of a profile", name: to.clone(), known };
        checker.refuse(path.key("to"), problem);
    }
}
