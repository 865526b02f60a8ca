//! What a run counts while it goes on.

use ingestsim_des::stats::Histogram;
use ingestsim_units::{SimTime, Span};

use super::pace::Sums;
use crate::{
    failures::Loss,
    outcome::{EpochRow, TrialRow},
    stall::Stalls,
    timeline::Timeline,
};

/// Sums over the whole run.
#[derive(Debug)]
pub(super) struct Tally {
    /// What an epoch that is copied adds once more.
    pub(super) sums: Sums,
    /// Bytes asked of the tier, and delivered by it, in what was simulated.
    pub(super) bytes_asked: u64,
    pub(super) bytes_delivered: u64,
    /// Checkpoints begun, and their bytes.
    pub(super) checkpoints: u64,
    pub(super) bytes_written: u64,
    pub(super) read_latency: Histogram,
    pub(super) batch_wait: Histogram,
    pub(super) timeline: Timeline,
    /// Stalls by epoch, over all trials.
    pub(super) stalls: Vec<Stalls>,
    /// The same when the trial under way began its loop, where its epochs may be copied.
    stalls_before: Vec<Stalls>,
    pub(super) epochs: Vec<EpochRow>,
    pub(super) trials: Vec<TrialRow>,
    /// The loop of each trial, and what failures have cost it.
    pub(super) losses: Vec<(Span, Loss)>,
    pub(super) gpu: GpuTime,
    pub(super) first_trial: Option<FirstTrial>,
    /// Sum of the loops of all trials.
    pub(super) loop_ns: u128,
    /// When the first trial began its loop, and the last one to end ended it.
    pub(super) loops_from: SimTime,
    pub(super) loops_until: SimTime,
    pub(super) ended: SimTime,
    pub(super) billed_ns: u128,
}

/// GPU time of all ranks and trials in nanoseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct GpuTime {
    pub(super) first_step_ns: u128,
    pub(super) checkpoint_ns: u128,
    /// Ranks × loop.
    pub(super) loop_ns: u128,
}

/// What the headline figures take from the first trial.
#[derive(Debug, Clone, Copy)]
pub(super) struct FirstTrial {
    /// From the start of its loop until the last rank, and on average, held a batch.
    pub(super) first_batch_wait_s: f64,
    pub(super) first_batch_mean_s: f64,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            sums: Sums::default(),
            bytes_asked: 0,
            bytes_delivered: 0,
            checkpoints: 0,
            bytes_written: 0,
            read_latency: Histogram::new(),
            batch_wait: Histogram::new(),
            timeline: Timeline::new(SimTime::ZERO),
            stalls: Vec::new(),
            stalls_before: Vec::new(),
            epochs: Vec::new(),
            trials: Vec::new(),
            losses: Vec::new(),
            gpu: GpuTime::default(),
            first_trial: None,
            loop_ns: 0,
            loops_from: SimTime::NEVER,
            loops_until: SimTime::ZERO,
            ended: SimTime::ZERO,
            billed_ns: 0,
        }
    }

    /// A trial begins its loop.
    pub(super) fn note_stalls(&mut self) {
        self.stalls_before.clone_from(&self.stalls);
    }

    /// Adds what the trial under way has entered for the epoch `like` to those of another epoch.
    pub(super) fn repeat_stalls(&mut self, like: u64, epoch: u64) {
        let before = self.stalls_before.get(like as usize).cloned().unwrap_or_default();
        let part = self.stalls_of(like).since(&before);
        self.stalls_of(epoch).add(&part);
    }

    /// The stalls of an epoch, counted from 0.
    pub(super) fn stalls_of(&mut self, epoch: u64) -> &mut Stalls {
        let index = epoch as usize;
        if self.stalls.len() <= index {
            self.stalls.resize_with(index + 1, Stalls::default);
        }
        &mut self.stalls[index]
    }
}
