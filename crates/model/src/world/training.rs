//! Training: ranks in lock step, epoch by epoch, trial by trial.

use ingestsim_units::{SimTime, Span};

use super::{
    World,
    pace::Sums,
    rank::Rank,
    reader::{Reader, Stage},
    tally::FirstTrial,
    writing::Checkpoints,
};
use crate::{
    fidelity::Thinning, job::PhaseTimes, network::LinkId, order::EpochOrder, outcome::EpochRow, stall::Wait,
    tier::Source,
};

/// A place for trials, one after the other, with its nodes and ranks.
#[derive(Debug)]
pub(super) struct Lane {
    /// The trial that runs on it, from 0.
    pub(super) trial: u32,
    pub(super) submitted: SimTime,
    pub(super) phases: PhaseTimes,
    /// Whether its trial is between the start of its loop and the end.
    pub(super) in_loop: bool,
    pub(super) loop_began: SimTime,
    pub(super) epoch: u64,
    pub(super) epoch_began: SimTime,
    /// Step of the epoch, and of the trial.
    pub(super) step: u64,
    pub(super) steps_done: u64,
    pub(super) steps_of_epoch: u64,
    /// Which of them are simulated.
    pub(super) thinning: Thinning,
    /// Ranks that have computed this step, and the last of them.
    pub(super) arrived: u32,
    pub(super) last: u32,
    pub(super) order: EpochOrder,
    /// Sums of the epoch over its ranks.
    pub(super) compute_ns: u128,
    pub(super) samples: u64,
    pub(super) bytes: u64,
    pub(super) sums_before: Sums,
    /// Sums of the trial.
    pub(super) trial_compute_ns: u128,
    pub(super) first_batch: SimTime,
    pub(super) checkpoints: Checkpoints,
}

impl Lane {
    pub(super) fn new(trial: u32, submitted: SimTime, phases: PhaseTimes, order: EpochOrder) -> Self {
        Self {
            trial,
            submitted,
            phases,
            in_loop: false,
            loop_began: SimTime::ZERO,
            epoch: 0,
            epoch_began: SimTime::ZERO,
            step: 0,
            steps_done: 0,
            steps_of_epoch: 0,
            thinning: Thinning::NONE,
            sums_before: Sums::default(),
            arrived: 0,
            last: 0,
            order,
            compute_ns: 0,
            samples: 0,
            bytes: 0,
            trial_compute_ns: 0,
            first_batch: SimTime::ZERO,
            checkpoints: Checkpoints::new(SimTime::ZERO, 0),
        }
    }

    /// The unit of the data set at a position of a rank's epoch, in what is simulated of it.
    #[inline(always)]
    pub(super) fn unit_at(&self, rank: &Rank, position: u64, batch: u64) -> u64 {
        let position = if self.thinning.factor == 1 {
            position
        } else {
            self.thinning.stretched(position / batch) * batch + position % batch
        };
        // A padded last batch reads the first units once more.
        let position = if position < rank.units { position } else { position % rank.units };
        self.order.unit(rank.local, position)
    }

    /// The epoch as chance knows it: no two of a job are the same.
    pub(super) const fn draw_epoch(&self) -> u64 {
        (self.trial as u64) << 32 | self.epoch
    }
}

impl World<'_> {
    /// Submits a trial on each lane.
    pub(super) fn launch_first_trials(&mut self) {
        for lane in 0..self.lanes.len() as u32 {
            self.launch(lane);
        }
    }

    pub(super) fn launch(&mut self, lane: u32) {
        self.lanes[lane as usize].in_loop = false;
        let begin = self.lanes[lane as usize].submitted + self.lanes[lane as usize].phases.before_loop();
        // The pace is exact between loops, so what is ahead of the job is as far ahead in the simulation.
        let ahead = begin.since(self.real_now());
        self.agenda.schedule(self.lane_slot(lane), self.now + ahead, ());
    }

    pub(super) fn ranks_of(&self, lane: u32) -> std::ops::Range<u32> {
        let ranks = self.plan.ranks();
        lane * ranks..(lane + 1) * ranks
    }

    /// A trial's first epoch begins.
    pub(super) fn begin_loop(&mut self, lane: u32) {
        let began = self.real_now();
        let state = &mut self.lanes[lane as usize];
        state.in_loop = true;
        (state.loop_began, state.epoch, state.steps_done, state.trial_compute_ns) = (began, 0, 0, 0);
        state.checkpoints = Checkpoints::new(self.now, state.checkpoints.writing);
        self.tally.loops_from = self.tally.loops_from.min(began);
        if self.thin.is_some() {
            self.tally.note_stalls();
        }
        self.spend_credit_of_copy(lane);
        self.begin_epoch(lane);
    }

    /// A copy has spent the credit of its nodes' volumes, but for what came in since it began.
    fn spend_credit_of_copy(&mut self, lane: u32) {
        let Source::Volume { rate, copied, .. } = &self.plan.path.source else { return };
        if rate.burst.is_none() {
            return;
        }
        let phases = &self.lanes[lane as usize].phases;
        let since = phases.downloading + phases.training_stage_before_loop();
        let spent = copied.saturating_sub(rate.baseline.bytes_in(since));
        let nodes = self.plan.host.nodes;
        for node in lane * nodes..(lane + 1) * nodes {
            self.network.spend(LinkId(node), self.now, spent);
        }
    }

    fn begin_epoch(&mut self, lane: u32) {
        let training = &self.plan.training;
        let key = self.luck.order.at(self.lanes[lane as usize].draw_epoch(), 0).bits();
        let steps = training.steps_per_epoch.min(training.steps - self.lanes[lane as usize].steps_done);
        let (thinning, began) = (self.thin_epoch(steps), self.real_now());
        let whole = steps == training.steps_per_epoch && thinning == Thinning::NONE;
        let samples =
            if whole { training.samples_per_rank } else { thinning.simulated(steps) * training.batch };
        let state = &mut self.lanes[lane as usize];
        state.order = EpochOrder::new(&self.plan.order, key);
        (state.steps_of_epoch, state.thinning) = (steps, thinning);
        (state.epoch_began, state.step, state.arrived) = (began, 0, 0);
        (state.compute_ns, state.samples, state.bytes, state.sums_before) = (0, 0, 0, self.tally.sums);
        let first = state.epoch == 0;
        self.note_draw_epoch(lane);
        self.begin_cache_epoch(lane);
        let start = if first { self.plan.loader.start } else { self.plan.loader.restart };
        for rank in self.ranks_of(lane) {
            self.drain(rank);
            self.begin_rank_epoch(rank, samples);
        }
        for rank in self.ranks_of(lane) {
            if start.is_zero() {
                self.loader_is_primed(rank);
            } else {
                self.agenda.schedule(self.rank_slot(rank), self.now + start, ());
            }
        }
    }

    /// Tells the ranks of a lane which epoch chance takes theirs for.
    pub(super) fn note_draw_epoch(&mut self, lane: u32) {
        let epoch = self.lanes[lane as usize].draw_epoch();
        for rank in self.ranks_of(lane) {
            self.ranks[rank as usize].draw_epoch = epoch;
        }
    }

    fn begin_rank_epoch(&mut self, rank: u32, samples: u64) {
        let state = &mut self.ranks[rank as usize];
        state.loader.begin_epoch(samples);
        state.loader.demand();
        (state.first_batch, state.compute_after_first_ns) = (SimTime::NEVER, 0);
        state.idle.clear();
        state.primed = false;
        let (first, readers) = (state.first_reader, self.plan.loader.kind.readers() as u32);
        for reader in first..first + readers {
            self.readers[reader as usize].mark = self.now;
        }
        self.wait_for_batch(rank);
    }

    /// The loader of a rank has started: all its readers begin.
    pub(super) fn loader_is_primed(&mut self, rank: u32) {
        self.ranks[rank as usize].primed = true;
        let first = self.ranks[rank as usize].first_reader;
        for reader in first..first + self.plan.loader.kind.readers() as u32 {
            let mark = self.readers[reader as usize].mark;
            self.accounts.spent[reader as usize].charge(crate::cause::Cause::WorkerStart, mark, self.now);
            self.readers[reader as usize].mark = self.now;
            if self.readers[reader as usize].stage == Stage::Idle {
                self.feed(reader);
            }
        }
    }

    /// The ranks of a lane begin their next step.
    fn begin_step(&mut self, lane: u32) {
        self.lanes[lane as usize].arrived = 0;
        for rank in self.ranks_of(lane) {
            self.ranks[rank as usize].step_began = self.now;
            if self.ranks[rank as usize].loader.batch_ready() {
                self.begin_compute(rank, None);
            } else {
                self.wait_for_batch(rank);
                self.ranks[rank as usize].loader.demand();
                self.wake(rank);
            }
        }
    }

    /// A rank begins to wait: accounts of its readers are opened.
    fn wait_for_batch(&mut self, rank: u32) {
        let state = &mut self.ranks[rank as usize];
        (state.waiting, state.step_began, state.held_since) = (true, self.now, SimTime::NEVER);
        if state.loader.held_by_order() {
            state.held_since = self.now;
        }
        let first = state.first_reader;
        for reader in first..first + self.plan.loader.kind.readers() as u32 {
            self.open_account(reader);
            if !self.streams.is_empty() {
                self.open_account(self.fetcher(reader));
            }
        }
    }

    /// A reader's sample is there: its rank may have a batch now.
    #[inline(always)]
    pub(super) fn sample_has_arrived(&mut self, reader: u32) {
        let Reader { position, rank, stale, size, .. } = self.readers[reader as usize];
        if stale {
            self.readers[reader as usize].stale = false;
            return;
        }
        let counted = size * self.pace.factor;
        self.tally.sums.loaded_bytes += counted;
        self.tally.timeline.bin(self.pace.real(self.now)).bytes += counted;
        let state = &mut self.ranks[rank as usize];
        self.lanes[state.lane as usize].bytes += counted;
        state.loader.done(position);
        if !state.waiting {
            return;
        }
        if state.loader.batch_ready() {
            self.begin_compute(rank, Some(reader));
        } else if state.held_since == SimTime::NEVER && state.loader.held_by_order() {
            state.held_since = self.now;
        }
    }

    /// A rank takes its batch and computes; `brought_by` is the reader whose sample it waited for.
    fn begin_compute(&mut self, rank: u32, brought_by: Option<u32>) {
        let wait = brought_by.map_or_else(Wait::default, |reader| self.wait_ended(rank, reader));
        let lane = self.ranks[rank as usize].lane;
        let factor = self.pace.factor;
        let real_now = self.real_now();
        self.tally.batch_wait.record_many(wait.ns, factor);
        self.tally.stalls_of(self.lanes[lane as usize].epoch).charge_own(&wait, factor);
        let state = &mut self.ranks[rank as usize];
        (state.waiting, state.wait) = (false, wait);
        if state.first_batch == SimTime::NEVER {
            state.first_batch = real_now;
        }
        let queued = state.loader.queued();
        let samples = state.loader.consume();
        let bin = self.tally.timeline.bin(real_now);
        bin.samples += samples * factor;
        bin.queued += queued;
        bin.looks += 1;
        self.tally.sums.samples += samples * factor;
        self.lanes[lane as usize].samples += samples * factor;
        let (compute, first_step) = self.compute_span(rank, samples);
        let until = self.now + first_step + compute;
        self.tally.timeline.compute(self.pace.real(self.now + first_step), self.pace.real(until));
        self.agenda.schedule(self.rank_slot(rank), until, ());
        self.wake(rank);
    }

    fn wait_ended(&self, rank: u32, reader: u32) -> Wait {
        let state = &self.ranks[rank as usize];
        let ns = self.now.since(state.step_began).as_nanos();
        let in_order_ns = self.now.since(state.held_since).as_nanos();
        Wait { ns, in_order_ns, spent: self.accounts.spent[reader as usize] }
    }

    /// How long a rank computes on a batch, the step time drawn for it, in proportion where the batch is a short one; and
    /// what the first step adds before it.
    fn compute_span(&mut self, rank: u32, samples: u64) -> (Span, Span) {
        let training = &self.plan.training;
        let lane = &mut self.lanes[self.ranks[rank as usize].lane as usize];
        let local = self.ranks[rank as usize].local;
        let luck = self.luck.step_time.at(u64::from(lane.trial) << 32 | local, lane.steps_done);
        let whole = training.step_time.span(luck).as_nanos();
        let share = u128::from(whole) * u128::from(samples) / u128::from(training.batch);
        let share = u64::try_from(share).expect("a share of a step is no longer than the step");
        // An epoch that takes no time at all has no rates.
        let compute = Span::from_nanos(share.max(1));
        let counted = compute.as_nanos() * self.pace.factor;
        lane.compute_ns += u128::from(counted);
        self.tally.sums.compute_ns += u128::from(counted);
        if lane.step > 0 {
            self.ranks[rank as usize].compute_after_first_ns += counted;
        }
        if lane.steps_done > 0 {
            return (compute, Span::ZERO);
        }
        self.tally.gpu.first_step_ns += u128::from(training.first_step.as_nanos());
        (compute, training.first_step)
    }

    /// A rank stands at the barrier.
    pub(super) fn rank_has_computed(&mut self, rank: u32) {
        let state = &mut self.ranks[rank as usize];
        state.computed = self.now;
        let lane = state.lane;
        if self.lanes[lane as usize].step == 0 {
            state.first_step_ended = self.pace.real(self.now);
        }
        self.lanes[lane as usize].arrived += 1;
        self.lanes[lane as usize].last = rank;
        if self.lanes[lane as usize].arrived == self.plan.ranks() {
            self.end_step(lane);
        }
    }

    fn end_step(&mut self, lane: u32) {
        self.charge_barrier(lane);
        self.note_credits();
        let factor = self.pace.factor;
        let state = &mut self.lanes[lane as usize];
        state.step += 1;
        state.steps_done += factor;
        let overhead = self.plan.training.step_overhead;
        let counted = u128::from(overhead.as_nanos() * factor);
        self.tally.sums.overhead_ns += counted * u128::from(self.plan.ranks());
        if overhead.is_zero() {
            self.go_on(lane);
        } else {
            self.agenda.schedule(self.lane_slot(lane), self.now + overhead, ());
        }
    }

    /// A step is over with its overhead: a checkpoint may be due before training goes on.
    pub(super) fn go_on(&mut self, lane: u32) {
        if !self.checkpoint_holds(lane) {
            self.after_checkpoint(lane);
        }
    }

    /// The next step, the next epoch or the end follows.
    pub(super) fn after_checkpoint(&mut self, lane: u32) {
        let state = &self.lanes[lane as usize];
        let (step, steps, thinning) = (state.step, state.steps_of_epoch, state.thinning);
        let so_far = self.real_now().since(state.loop_began);
        let out_of_time = self.plan.training.duration.is_some_and(|duration| so_far >= duration);
        self.keep_pace(lane, step, thinning);
        if out_of_time || step == thinning.simulated(steps) {
            self.end_thinned_epoch(thinning);
            self.end_epoch(lane, out_of_time);
        } else {
            self.begin_step(lane);
        }
    }

    /// Notes the burst credit that the servers have left, all together.
    fn note_credits(&mut self) {
        if self.credits.is_empty() {
            return;
        }
        let left = self.credits.iter().map(|&constraint| self.network.credit(constraint, self.now)).sum();
        self.tally.timeline.credits(self.pace.real(self.now), left);
    }

    /// Charges what the ranks waited for the last one: its wait for data as far as it exceeds their own, the rest to
    /// compute times that differ.
    pub(super) fn charge_barrier(&mut self, lane: u32) {
        let last = self.ranks[self.lanes[lane as usize].last as usize].wait;
        let (mut data_ns, mut compute_ns) = (0, 0);
        for rank in self.ranks_of(lane) {
            let state = &self.ranks[rank as usize];
            let waited = self.now.since(state.computed).as_nanos();
            let for_data = last.ns.saturating_sub(state.wait.ns).min(waited);
            data_ns += for_data;
            compute_ns += waited - for_data;
        }
        let epoch = self.lanes[lane as usize].epoch;
        let factor = self.pace.factor;
        self.tally.stalls_of(epoch).charge_barrier(&last, data_ns * factor, compute_ns * factor);
    }

    fn end_epoch(&mut self, lane: u32, out_of_time: bool) {
        let row = self.epoch_row(lane);
        self.tally.epochs.push(row.clone());
        let state = &mut self.lanes[lane as usize];
        state.trial_compute_ns += state.compute_ns;
        let before = state.sums_before;
        if state.epoch == 0 {
            self.note_first_batch(lane);
        }
        self.copy_epoch(lane, &row, &before);
        self.lanes[lane as usize].epoch += 1;
        self.note_draw_epoch(lane);
        let state = &self.lanes[lane as usize];
        if out_of_time || state.steps_done == self.plan.training.steps {
            self.end_trial(lane);
        } else {
            self.begin_epoch(lane);
        }
    }

    pub(super) fn epoch_row(&self, lane: u32) -> EpochRow {
        let state = &self.lanes[lane as usize];
        let ranks = f64::from(self.plan.ranks());
        let seconds = self.real_now().since(state.epoch_began).as_secs_f64();
        let first = self.ranks_of(lane).map(|rank| self.ranks[rank as usize].first_batch).max();
        EpochRow {
            trial: state.trial + 1,
            epoch: state.epoch as u32 + 1,
            seconds,
            samples_per_s: state.samples as f64 / seconds,
            bytes_per_s: state.bytes as f64 / seconds,
            gpu_utilisation: state.compute_ns as f64 / 1e9 / (ranks * seconds),
            accelerator_utilisation: self.accelerator_utilisation(lane, state.step),
            first_batch_s: first.expect("a lane has ranks").since(state.epoch_began).as_secs_f64(),
        }
    }

    /// Compute of steps 2 to N over the time from a rank's own end of step 1 to the end of the epoch, mean over ranks.
    /// None of an epoch with one step, or whose later steps take no time.
    fn accelerator_utilisation(&self, lane: u32, steps: u64) -> Option<f64> {
        let sum: f64 = self
            .ranks_of(lane)
            .map(|rank| {
                let state = &self.ranks[rank as usize];
                let since = self.real_now().since(state.first_step_ended);
                state.compute_after_first_ns as f64 / since.as_nanos() as f64
            })
            .sum();
        Some(sum / f64::from(self.plan.ranks())).filter(|share| steps > 1 && share.is_finite())
    }

    pub(super) fn note_first_batch(&mut self, lane: u32) {
        let began = self.lanes[lane as usize].loop_began;
        let waits: Vec<f64> = self
            .ranks_of(lane)
            .map(|rank| self.ranks[rank as usize].first_batch.since(began).as_secs_f64())
            .collect();
        let last = waits.iter().copied().fold(0.0, f64::max);
        self.lanes[lane as usize].first_batch = began + Span::from_secs_f64_rounded(last);
        if self.lanes[lane as usize].trial == 0 {
            let first_batch_mean_s = waits.iter().sum::<f64>() / waits.len() as f64;
            self.tally.first_trial = Some(FirstTrial { first_batch_wait_s: last, first_batch_mean_s });
        }
    }
}
