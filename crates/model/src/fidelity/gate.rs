//! The gate of the steps: where a network of alike readers is not what the job is, and why.

use super::traffic::{Flow, Traffic, crews, largest_of};
use crate::{
    order::Sampling,
    plan::{LoaderKind, Plan},
};

/// Two limits that are nearer to each other than this share a bottleneck between them.
const TIE: f64 = 0.9;

/// Readers whose times vary less than this share stay in step, if they share what they queue for. Those that take turns are
/// apart once they have queued.
const ALIKE: f64 = 0.1;

/// A limit of requests that is nearer than this is felt.
const NEAR: f64 = 0.85;

/// Steps among whose latencies none may be expected to be as long as a step.
const TAIL_STEPS: f64 = 10.0;

/// Whether what the plan asks for can be taken step by step at all.
///
/// # Errors
///
/// If it cannot: why, as the end of a sentence.
pub(crate) fn plan_can_go_by_steps(plan: &Plan) -> Result<(), String> {
    let refused = |why: &str| Err(why.to_owned());
    if !plan.can_be_thinned() {
        return refused(
            "shards, checkpoints, a duration, short batches, trials at a time or a volume that bursts are not taken by steps",
        );
    }
    if let Some(why) = plan.without_closed_form() {
        return refused(why);
    }
    let several = plan.dataset.samples_per_file > 1;
    let servers_cache = plan.path.server_ram.is_some() || plan.path.server_ssd.is_some();
    if several && (plan.path.restore.is_some() || servers_cache) {
        return refused("records of one file share what is restored or cached of it");
    }
    let disjoint = plan.order.sampling != Sampling::EveryRankAll;
    let all = plan.order.units_per_epoch >= plan.order.units;
    if plan.path.restore.is_some() && !(disjoint && all) {
        return refused("files are restored by whoever is first to read them");
    }
    let (readers, batch) = (u64::from(crews(&plan.loader.kind).0), plan.training.batch);
    let room = match plan.loader.kind {
        LoaderKind::PyTorch(_) => batch,
        LoaderKind::TfData { spec, .. } => (spec.prefetch - 1) * batch + spec.shuffle_buffer,
    };
    if readers > 1 && readers * 2 > room {
        return refused("the buffer has hardly more room than there are readers");
    }
    Ok(())
}

/// Whether readers that find their files as `flow` says can be taken step by step.
///
/// # Errors
///
/// If they cannot: why, as the end of a sentence.
pub(crate) fn flow_can_go_by_steps(plan: &Plan, traffic: &Traffic<'_>, flow: &Flow) -> Result<(), String> {
    let all = traffic.readers();
    let passing = flow.passing[all];
    let per_step = plan.training.batch as f64 * f64::from(plan.ranks());
    let compute = plan.training.step_time.mean() + plan.training.step_overhead.as_nanos() as f64;
    let step = compute.max(per_step / passing);
    let felt = per_step / passing > 0.5 * compute;
    if felt && flow.tie > TIE {
        return Err("two limits are within 10 % of each other".to_owned());
    }
    if felt && traffic.nearness_to_ceiling(flow) > NEAR {
        return Err("a limit of requests is near".to_owned());
    }
    let queues = passing < 0.98 * all as f64 * flow.passing[1];
    if felt && queues && !flow.takes_turns && flow.cv < ALIKE {
        return Err("readers that are all alike stay in step".to_owned());
    }
    let largest = plan.path.latency.as_ref().map_or(0.0, |table| largest_of(table, per_step * TAIL_STEPS));
    // While one file is restored, the batches behind its own are built.
    let behind = step * in_flight(plan).saturating_sub(1).max(1) as f64;
    let restored = plan.path.restore.as_ref().filter(|_| flow.demands.restores > 0.0);
    let restored =
        restored.map(|spec| largest_of(&spec.latency, per_step * TAIL_STEPS * flow.demands.restores));
    if felt && (largest > step || restored.is_some_and(|longest| longest > behind)) {
        return Err("the largest latency of a few steps is as long as a step".to_owned());
    }
    Ok(())
}

/// Batches of a rank that are built or wait at a time.
const fn in_flight(plan: &Plan) -> u64 {
    match plan.loader.kind {
        LoaderKind::PyTorch(spec) => spec.workers * spec.prefetch_factor,
        LoaderKind::TfData { spec, .. } => spec.prefetch,
    }
}
