//! How many steps a job has, and what each is made of.

use ingestsim_scenario::{
    Scenario,
    schema::job::{LastBatch, Length},
};

use super::{BuildError, spread::nanos, table_of};
use crate::{dataset::Dataset, order::OrderSpec, plan::Training};

/// What the GPUs do.
pub(crate) fn plan(
    scenario: &Scenario,
    order: &OrderSpec,
    dataset: &Dataset,
) -> Result<Training, BuildError> {
    let job = &scenario.job;
    let held = samples_of_shortest_rank(order, dataset);
    let samples_per_rank = match job.last_batch {
        LastBatch::Drop => held / job.batch_size * job.batch_size,
        LastBatch::Keep => held,
        LastBatch::Pad => held.div_ceil(job.batch_size) * job.batch_size,
    };
    let steps_per_epoch = samples_per_rank.div_ceil(job.batch_size);
    if steps_per_epoch == 0 {
        let message = format!(
            "expected at most the {held} samples that each of {} ranks has in an epoch, found {}",
            order.ranks, job.batch_size
        );
        return Err(BuildError::new("job.batch-size", message));
    }
    let (steps, duration) = match job.length() {
        Length::Epochs(epochs) => (epochs.checked_mul(steps_per_epoch), None),
        Length::Steps(steps) => (Some(steps), None),
        Length::Duration(duration) => (Some(u64::MAX), Some(duration)),
    };
    let steps =
        steps.ok_or_else(|| BuildError::new("job.epochs", "expected fewer than 2^64 steps, found more"))?;
    Ok(Training {
        trials: job.trials,
        concurrent_trials: job.concurrent_trials.min(job.trials),
        batch: job.batch_size,
        samples_per_rank,
        steps_per_epoch,
        steps,
        duration,
        step_time: table_of(&nanos(&job.step_time), "job.step-time")?,
        step_overhead: job.step_overhead,
        first_step: job.first_step,
    })
}

/// Ranks with unequal shares end with the shortest.
///
/// Where shards are streamed, the last one may be partly filled, and whoever may have it counts without what it lacks.
fn samples_of_shortest_rank(order: &OrderSpec, dataset: &Dataset) -> u64 {
    let by_sample = order.units == dataset.samples;
    let per_unit = if by_sample { 1 } else { dataset.samples_per_file };
    let missing = if by_sample { 0 } else { dataset.files() * per_unit - dataset.samples };
    let held = |rank| {
        let less = if order.may_read_last(rank) { missing } else { 0 };
        (order.units_of(rank) * per_unit).saturating_sub(less)
    };
    (0..order.ranks).map(held).min().unwrap_or(0)
}
