//! What binds a phase or an epoch: the resource whose doubling shortens it most.

use ingestsim_model::{Outcome, cause::Cause, outcome::Summary};

use super::WhatIf;
use crate::ProfileResult;

/// A resource binds if twice as much of it shortens by this share or more.
const BINDS: f64 = 0.05;

/// GPUs that stall for less than this share of an epoch are what binds it.
const STALLS: f64 = 0.02;

/// A cause that takes less than this share of the loop is not worth a what-if.
const SHOWS: f64 = 0.003;

/// A phase before the loop, and what it hangs on.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseBound {
    /// The phase's name.
    pub phase: &'static str,
    /// How long it takes.
    pub seconds: f64,
    /// What it hangs on.
    pub by: &'static str,
    /// The share of it that twice as much of that saves; none where nothing that can be varied shortens it.
    pub share: Option<f64>,
}

/// An epoch, and what it hangs on.
#[derive(Debug, Clone, PartialEq)]
pub struct EpochBound {
    /// The epoch, from 1.
    pub epoch: u32,
    /// How long it takes.
    pub seconds: f64,
    /// The share of it that GPUs compute.
    pub gpu_utilisation: f64,
    /// The share of it that GPUs stall.
    pub stalled: f64,
    /// What most of their stall time is charged to; none where they hardly stall.
    pub cause: Option<&'static str>,
    /// The resource whose doubling shortens the epoch most, and by which share of it.
    pub resource: Option<(&'static str, f64)>,
}

/// A phase's name, its figure, and what it hangs on where no what-if shortens it.
type Phase = (&'static str, fn(&Summary) -> f64, &'static str);

/// The phases before the first batch.
const PHASES: [Phase; 7] = [
    ("provisioning", |summary| summary.provisioning_s, "the creation of the file system"),
    ("starting", |summary| summary.starting_s, "the service, which starts the instances"),
    ("downloading", |summary| summary.downloading_s, "the service's fixed part (a mount, a start)"),
    ("image pull", |summary| summary.image_pull_s, "the service, which pulls the image"),
    ("framework start", |summary| summary.framework_start_s, "the framework"),
    ("walk", |summary| summary.walk_s, "the number of files"),
    ("first-batch wait", |summary| summary.first_batch_wait_s, "the start of the loader"),
];

/// What binds each phase that takes time.
pub(super) fn phases(base: &Outcome, what_ifs: &[WhatIf]) -> Vec<PhaseBound> {
    let bound = |(phase, figure, fixed): Phase| {
        let seconds = figure(&base.summary);
        let best = best(what_ifs, seconds, |outcome| figure(&outcome.summary));
        let by = best.map_or(fixed, |(name, _)| name);
        (seconds > 0.0).then_some(PhaseBound { phase, seconds, by, share: best.map(|(_, share)| share) })
    };
    PHASES.into_iter().filter_map(bound).collect()
}

/// What binds each epoch of the first trial.
pub(super) fn epochs(base: &ProfileResult, what_ifs: &[WhatIf]) -> Vec<EpochBound> {
    let outcome = base.first();
    let trials = outcome.epochs.iter().map(|row| row.trial).max().unwrap_or(1);
    let rows = outcome.epochs.iter().filter(|row| row.trial == 1);
    rows.map(|row| {
        let gpu_s = f64::from(base.ranks) * seconds_of(outcome, row.epoch);
        let (causes, stalled_s) = causes(outcome, Some(row.epoch));
        let stalled = stalled_s / gpu_s;
        let waits = stalled >= STALLS;
        let length = |outcome: &Outcome| seconds_of(outcome, row.epoch) / f64::from(trials);
        let resource = best(what_ifs, length(outcome), length).filter(|_| waits);
        EpochBound {
            epoch: row.epoch,
            seconds: row.seconds,
            gpu_utilisation: row.gpu_utilisation,
            stalled,
            cause: causes.first().map(|(cause, _)| *cause).filter(|_| waits),
            resource,
        }
    })
    .collect()
}

/// What the GPUs of a run wait for most; none where they hardly stall.
pub(super) fn main_cause(outcome: &Outcome) -> Option<&'static str> {
    let (causes, stalled_s) = causes(outcome, None);
    let stalls = outcome.summary.gpu_utilisation < 1.0 - STALLS && stalled_s > 0.0;
    causes.first().filter(|_| stalls).map(|(cause, _)| *cause)
}

/// Whether GPUs wait for this long enough for more of it to show.
pub(super) fn waits_for(outcome: &Outcome, ranks: u32, cause: Cause) -> bool {
    let gpu_s: f64 = f64::from(ranks) * outcome.epochs.iter().map(|row| row.seconds).sum::<f64>();
    let (causes, _) = causes(outcome, None);
    causes.iter().any(|(name, seconds)| *name == cause.name() && *seconds >= SHOWS * gpu_s)
}

/// An epoch's length, added up over the trials.
fn seconds_of(outcome: &Outcome, epoch: u32) -> f64 {
    outcome.epochs.iter().filter(|row| row.epoch == epoch).map(|row| row.seconds).sum()
}

/// Stall time by cause, longest first, and all of it: of one epoch or of all.
fn causes(outcome: &Outcome, epoch: Option<u32>) -> (Vec<(&'static str, f64)>, f64) {
    let mut causes: Vec<(&'static str, f64)> = Vec::new();
    for row in outcome.stalls.iter().filter(|row| epoch.is_none_or(|epoch| row.epoch == epoch)) {
        let seconds = row.own_s + row.through_barrier_s;
        match causes.iter_mut().find(|(cause, _)| *cause == row.cause) {
            Some((_, sum)) => *sum += seconds,
            None => causes.push((row.cause, seconds)),
        }
    }
    causes.sort_by(|one, other| other.1.total_cmp(&one.1));
    let all = causes.iter().map(|(_, seconds)| seconds).sum();
    (causes, all)
}

/// The resource that takes most off `seconds`, and the share it takes.
fn best(what_ifs: &[WhatIf], seconds: f64, of: impl Fn(&Outcome) -> f64) -> Option<(&'static str, f64)> {
    let shares = what_ifs.iter().filter_map(|what_if| {
        let name = what_if.resource?;
        Some((name, 1.0 - of(&what_if.outcome) / seconds))
    });
    shares.filter(|(_, share)| *share >= BINDS).max_by(|one, other| one.1.total_cmp(&other.1))
}
