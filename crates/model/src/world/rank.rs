//! A rank: one GPU, its loader, and where it stands in the current step.

use std::collections::VecDeque;

use ingestsim_units::SimTime;

use crate::{loader::Loader, stall::Wait};

/// One GPU's process. What every sample asks for comes first, in two cache lines.
#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct Rank {
    pub(super) lane: u32,
    pub(super) node: u32,
    /// The first of its readers.
    pub(super) first_reader: u32,
    /// Whether its loader has started in this epoch.
    pub(super) primed: bool,
    /// Whether it holds no batch for the step that has begun.
    pub(super) waiting: bool,
    /// The epoch of its lane as chance knows it.
    pub(super) draw_epoch: u64,
    /// Its number within its trial.
    pub(super) local: u64,
    /// Units that it reads in an epoch.
    pub(super) units: u64,
    pub(super) loader: Loader,
    /// Since when order alone holds back the batch it waits for.
    pub(super) held_since: SimTime,
    /// Readers that have nothing to read, in the order in which they fell idle.
    pub(super) idle: VecDeque<u32>,
    /// When its step began: the barrier before it, or the start of the epoch.
    pub(super) step_began: SimTime,
    /// What its wait for this step's batch was made of.
    pub(super) wait: Wait,
    /// When its compute of this step ends.
    pub(super) computed: SimTime,
    /// When its compute of the epoch's first step ended.
    pub(super) first_step_ended: SimTime,
    /// Compute of the epoch's other steps in nanoseconds.
    pub(super) compute_after_first_ns: u64,
    /// When it held its first batch of the epoch.
    pub(super) first_batch: SimTime,
    /// Shards of the epoch that its readers have opened, where shards are streamed.
    pub(super) shards_opened: u64,
}

impl Rank {
    pub(super) fn new(
        lane: u32,
        node: u32,
        local: u64,
        units: u64,
        readers: std::ops::Range<u32>,
        loader: Loader,
    ) -> Self {
        Self {
            lane,
            node,
            draw_epoch: 0,
            local,
            units,
            first_reader: readers.start,
            loader,
            primed: false,
            idle: VecDeque::with_capacity(readers.len()),
            waiting: false,
            step_began: SimTime::ZERO,
            held_since: SimTime::NEVER,
            wait: Wait::default(),
            computed: SimTime::ZERO,
            first_step_ended: SimTime::ZERO,
            compute_after_first_ns: 0,
            first_batch: SimTime::NEVER,
            shards_opened: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::*;
    use crate::loader::TfData;

    #[test]
    fn what_every_sample_asks_for_lies_in_two_cache_lines() {
        assert!(offset_of!(Rank, loader) + size_of::<u64>() + size_of::<TfData>() <= 128);
    }
}
