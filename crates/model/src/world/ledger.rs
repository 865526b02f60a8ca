//! Epochs that are entered in the tally step by step, without simulating the samples in them.

use ingestsim_units::{SimTime, Span};

use super::{Event, World, book::Book, pace::Sums, training::Lane};
use crate::{
    cause::Cause,
    fidelity::traffic::Flow,
    outcome::EpochRow,
    stall::{Spent, Wait},
    tier::Source,
    timeline::Bin,
};

/// A rank's part in a step: when it took its batch, from the start of the step, and how long it computed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) waited: Span,
    pub(super) first_step: Span,
    pub(super) compute: Span,
}

/// What the epochs of a trial that are alike came to, so that they can be repeated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alike {
    /// The first of them, and how many there are.
    pub(super) first: u64,
    pub(super) count: u64,
    began: SimTime,
    before: Sums,
}

impl World<'_> {
    /// A trial begins its loop on a lane, as [`World::begin_loop`] does, but nobody reads.
    pub(super) fn open_loop(&mut self, lane: u32) {
        let began = self.now;
        let state = &mut self.lanes[lane as usize];
        state.in_loop = true;
        (state.loop_began, state.epoch, state.steps_done, state.trial_compute_ns) = (began, 0, 0, 0);
        self.tally.loops_from = self.tally.loops_from.min(began);
        self.tally.note_stalls();
    }

    /// An epoch begins on a lane; how many steps it has.
    pub(super) fn open_epoch(&mut self, lane: u32) -> u64 {
        let training = &self.plan.training;
        let steps = training.steps_per_epoch.min(training.steps - self.lanes[lane as usize].steps_done);
        let state = &mut self.lanes[lane as usize];
        (state.steps_of_epoch, state.epoch_began, state.step, state.arrived) = (steps, self.now, 0, 0);
        (state.compute_ns, state.samples, state.bytes, state.sums_before) = (0, 0, 0, self.tally.sums);
        self.begin_cache_epoch(lane);
        for rank in self.ranks_of(lane) {
            let state = &mut self.ranks[rank as usize];
            (state.first_batch, state.compute_after_first_ns) = (SimTime::NEVER, 0);
        }
        steps
    }

    /// A rank takes its batch and computes.
    pub(super) fn enter_turn(&mut self, lane: u32, rank: u32, turn: Turn, samples: u64, spent: &Spent) {
        let wait = Wait { ns: turn.waited.as_nanos(), in_order_ns: 0, spent: *spent };
        let began = self.now + turn.waited;
        self.tally.batch_wait.record_many(wait.ns, 1);
        let epoch = self.lanes[lane as usize].epoch;
        if wait.ns > 0 {
            self.tally.stalls_of(epoch).charge_own(&wait, 1);
        }
        self.tally.timeline.bin(began).samples += samples;
        self.tally.sums.samples += samples;
        let computing = began + turn.first_step;
        self.tally.timeline.compute(computing, computing + turn.compute);
        let ns = u128::from(turn.compute.as_nanos());
        self.tally.sums.compute_ns += ns;
        self.tally.gpu.first_step_ns += u128::from(turn.first_step.as_nanos());
        let state = &mut self.lanes[lane as usize];
        state.compute_ns += ns;
        state.samples += samples;
        let first = state.step == 0;
        let rank = &mut self.ranks[rank as usize];
        (rank.wait, rank.computed) = (wait, computing + turn.compute);
        if first {
            (rank.first_batch, rank.first_step_ended) = (began, rank.computed);
        } else {
            rank.compute_after_first_ns += turn.compute.as_nanos();
        }
    }

    /// All ranks take the same turn, the slowest of them computes as long as `slowest`, and the step is over.
    pub(super) fn enter_alike_turns(
        &mut self,
        lane: u32,
        turn: Turn,
        slowest: Span,
        samples: u64,
        spent: &Spent,
    ) {
        let ranks = u64::from(self.plan.ranks());
        let wait = Wait { ns: turn.waited.as_nanos(), in_order_ns: 0, spent: *spent };
        let began = self.now + turn.waited;
        let computing = began + turn.first_step;
        let ended = computing + slowest;
        let compute_ns = turn.compute.as_nanos() * ranks;
        self.tally.batch_wait.record_many(wait.ns, ranks);
        let stalls = self.tally.stalls_of(self.lanes[lane as usize].epoch);
        stalls.charge_own(&wait, ranks);
        stalls.charge_barrier(&wait, 0, (slowest.as_nanos() - turn.compute.as_nanos()) * ranks);
        let amounts = Bin { compute_ns, samples: samples * ranks, ..Bin::default() };
        self.tally.timeline.spread(computing, ended, &amounts);
        self.tally.sums.samples += samples * ranks;
        self.tally.sums.compute_ns += u128::from(compute_ns);
        self.tally.gpu.first_step_ns += u128::from(turn.first_step.as_nanos() * ranks);
        let state = &mut self.lanes[lane as usize];
        (state.compute_ns, state.samples) =
            (state.compute_ns + u128::from(compute_ns), state.samples + samples * ranks);
        let first = state.step == 0;
        for rank in self.ranks_of(lane) {
            let rank = &mut self.ranks[rank as usize];
            if first {
                (rank.first_batch, rank.first_step_ended) = (began, computing + turn.compute);
            } else {
                rank.compute_after_first_ns += turn.compute.as_nanos();
            }
        }
        self.now = ended;
        self.end_entered_step(lane);
    }

    /// All ranks have taken their turns: the barrier is where the last of them ends, and the next step begins after the
    /// overhead.
    pub(super) fn close_step(&mut self, lane: u32) {
        let last = self.ranks_of(lane).max_by_key(|&rank| self.ranks[rank as usize].computed);
        let last = last.expect("a lane has ranks");
        self.now = self.ranks[last as usize].computed;
        self.lanes[lane as usize].last = last;
        self.charge_barrier(lane);
        self.end_entered_step(lane);
    }

    /// The ranks are through the barrier: the overhead follows.
    fn end_entered_step(&mut self, lane: u32) {
        let overhead = self.plan.training.step_overhead;
        self.tally.sums.overhead_ns += u128::from(overhead.as_nanos()) * u128::from(self.plan.ranks());
        let state = &mut self.lanes[lane as usize];
        state.step += 1;
        state.steps_done += 1;
        self.now += overhead;
        self.history.push(self.now, u64::from(lane));
    }

    /// The last step of an epoch is over.
    pub(super) fn close_epoch(&mut self, lane: u32, book: &mut Book<'_>) -> EpochRow {
        book.end_epoch(self, lane);
        let row = self.epoch_row(lane);
        self.tally.epochs.push(row.clone());
        let state = &mut self.lanes[lane as usize];
        state.trial_compute_ns += state.compute_ns;
        if state.epoch == 0 {
            self.note_first_batch(lane);
        }
        self.lanes[lane as usize].epoch += 1;
        row
    }

    /// Whole epochs that a lane's trial still has ahead.
    pub(super) fn epochs_left(&self, lane: u32) -> u64 {
        let training = &self.plan.training;
        (training.steps - self.lanes[lane as usize].steps_done) / training.steps_per_epoch
    }

    /// Bytes that a copy has spent of the credit of a trial's volumes, but for what came in since it began.
    pub(super) fn spent_by_copy(&self, lane: u32) -> f64 {
        let Source::Volume { rate, copied, .. } = &self.plan.path.source else { return 0.0 };
        let phases = &self.lanes[lane as usize].phases;
        let since = phases.downloading + phases.training_stage_before_loop();
        copied.saturating_sub(rate.baseline.bytes_in(since)).as_f64() * f64::from(self.plan.host.nodes)
    }

    /// Another epoch is about to begin that is like those of `alike`, if there are any.
    pub(super) fn count_alike(&self, lane: u32, alike: Option<Alike>) -> Alike {
        let Lane { epoch, .. } = self.lanes[lane as usize];
        let new = Alike { first: epoch, count: 0, began: self.now, before: self.tally.sums };
        let alike = alike.unwrap_or(new);
        Alike { count: alike.count + 1, ..alike }
    }

    /// Repeats epochs that are alike as often as all of them fit into what is left; how many epochs that were.
    pub(super) fn repeat_epochs(&mut self, lane: u32, alike: Alike) -> u64 {
        let training = &self.plan.training;
        let times = self.epochs_left(lane) / alike.count;
        if times == 0 {
            return 0;
        }
        let (span, sums, before) = (self.now.since(alike.began), self.tally.sums, alike.before);
        self.tally.sums.repeat(&before, times);
        let from = self.now;
        self.now += span * times;
        let compute_ns = (sums.compute_ns - before.compute_ns) * u128::from(times);
        let amounts = Bin {
            compute_ns: compute_ns as u64,
            bytes: (sums.loaded_bytes - before.loaded_bytes) * times,
            samples: (sums.samples - before.samples) * times,
            ..Bin::default()
        };
        self.tally.timeline.spread(from, self.now, &amounts);
        let copied = times * alike.count;
        let rows = self.tally.epochs.len() - alike.count as usize;
        for copy in 0..copied {
            let like = alike.first + copy % alike.count;
            let epoch = alike.first + alike.count + copy;
            self.tally.repeat_stalls(like, epoch);
            let row = self.tally.epochs[rows + (copy % alike.count) as usize].clone();
            self.tally.epochs.push(EpochRow { epoch: epoch as u32 + 1, ..row });
        }
        let state = &mut self.lanes[lane as usize];
        state.steps_done += copied * training.steps_per_epoch;
        state.trial_compute_ns += compute_ns;
        state.epoch += copied;
        copied
    }

    /// The loop of a trial that began at `began` is entered up to now: its end is ahead of its lane, and other lanes may
    /// begin before it.
    pub(super) fn end_later(&mut self, lane: u32, began: SimTime) {
        let end = std::mem::replace(&mut self.now, began);
        self.agenda.schedule(self.lane_slot(lane), end, ());
    }

    /// The lane on which the next trial is due to begin or to end, and which of the two.
    pub(super) fn next_of_ledger(&mut self) -> Option<Event> {
        let (at, slot, ()) = self.agenda.pop()?;
        self.now = at;
        Some(self.event(slot))
    }
}

/// What waits are charged to where a reader's time goes as in `flow`; `worker_start` of it for workers that start.
pub(super) fn spent_as(flow: &Flow, worker_start: f64) -> Spent {
    const WHOLE: f64 = 1e6;
    let rest = flow.spent.iter().map(|&(cause, share)| (cause, share * (1.0 - worker_start)));
    let start = std::iter::once((Cause::WorkerStart, worker_start));
    let mut spent = Spent::default();
    for (cause, share) in rest.chain(start) {
        // A charge counts in ticks of 4,096 ns; so many of them are a share of the whole.
        let until = SimTime::from_nanos(((share * WHOLE) as u64) << 12);
        spent.charge(cause, SimTime::ZERO, until);
    }
    spent
}
