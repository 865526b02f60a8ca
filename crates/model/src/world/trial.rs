//! The end of a trial: what failures do to it, what is billed, and who comes next on its lane.

use ingestsim_units::SimTime;

use super::{World, reader::Stage};
use crate::{failures::Loss, outcome::TrialRow};

impl World<'_> {
    /// The last step of a trial is over.
    pub(super) fn end_trial(&mut self, lane: u32) {
        let loss = self.strike(lane);
        let state = &self.lanes[lane as usize];
        let now = self.real_now();
        let loop_span = now.since(state.loop_began) + loss.paused;
        let ended = now + loss.paused + loss.redone + loss.restarting + state.phases.uploading;
        let unbilled = loss.restarting - loss.restarting_billed.min(loss.restarting);
        let billed = ended.since(state.submitted + state.phases.unbilled()) - unbilled;
        let ranks = u128::from(self.plan.ranks());
        let row = TrialRow {
            trial: state.trial + 1,
            submitted_s: state.submitted.as_secs_f64(),
            time_to_first_batch_s: state.first_batch.since(state.submitted).as_secs_f64(),
            loop_s: loop_span.as_secs_f64(),
            ended_s: ended.as_secs_f64(),
            gpu_utilisation: state.trial_compute_ns as f64 / (loop_span.as_nanos() as f64 * ranks as f64),
        };
        let tally = &mut self.tally;
        tally.gpu.loop_ns += u128::from(loop_span.as_nanos()) * ranks;
        tally.loop_ns += u128::from(loop_span.as_nanos());
        tally.loops_until = tally.loops_until.max(now + loss.paused);
        tally.ended = tally.ended.max(ended);
        tally.billed_ns += u128::from(billed.as_nanos());
        tally.trials.push(row);
        self.next_trial(lane, ended);
    }

    /// What failures do to the trial that ends on a lane: pauses are stalls of its last epoch.
    fn strike(&mut self, lane: u32) -> Loss {
        let state = &self.lanes[lane as usize];
        let work = self.real_now().since(state.loop_began);
        let start = state.phases.before_loop() - state.phases.provisioning;
        let start_billed = start - (state.phases.unbilled() - state.phases.provisioning);
        let luck = self.luck.failures.at(u64::from(state.trial), 0);
        let loss = self.plan.failures.strike(work, start, start_billed, luck);
        let paused_ns = loss.paused.as_nanos() as f64 * f64::from(self.plan.ranks());
        let epoch = state.epoch - 1;
        self.tally.stalls_of(epoch).charge_pause(paused_ns);
        self.tally.losses.push((work, loss));
        loss
    }

    /// Submits the next trial on a lane that has become free, on new nodes with cold caches.
    fn next_trial(&mut self, lane: u32, at: SimTime) {
        for rank in self.ranks_of(lane) {
            self.drain(rank);
            self.ranks[rank as usize].loader.begin_epoch(0);
        }
        if self.trials_submitted == self.plan.training.trials {
            return;
        }
        let trial = self.trials_submitted;
        self.trials_submitted += 1;
        let nodes = self.plan.host.nodes;
        for node in lane * nodes..(lane + 1) * nodes {
            self.renew_node(node);
        }
        let phases = self.plan.phases.times(self.luck.phases, trial, false);
        let state = &mut self.lanes[lane as usize];
        (state.trial, state.submitted, state.phases) = (trial, at, phases);
        self.note_draw_epoch(lane);
        self.launch(lane);
    }

    /// Nobody waits any longer for what the readers of a rank have under way.
    pub(super) fn drain(&mut self, rank: u32) {
        self.close_shards(rank);
        let first = self.ranks[rank as usize].first_reader;
        for reader in first..first + self.plan.loader.kind.readers() as u32 {
            let state = &mut self.readers[reader as usize];
            state.stale = state.stage != Stage::Idle;
        }
    }
}
