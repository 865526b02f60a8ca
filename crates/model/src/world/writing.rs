//! Checkpoints in a run: one writer a node and server, which train and read beside it or wait for it.

use ingestsim_units::SimTime;

use super::World;
use crate::{
    checkpoint::{CheckpointPlan, Every, Target},
    network::LinkId,
    tier::Source,
};

/// Where a lane stands with its checkpoints.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checkpoints {
    /// Writers that are not done.
    pub(super) writing: u32,
    /// Steps and time at which the last one began.
    last_step: u64,
    last_at: SimTime,
    /// When the lane began to wait for one; never while it does not.
    pub(super) waits_since: SimTime,
    /// Whether one is due as soon as the one under way has ended.
    due: bool,
}

impl Checkpoints {
    /// A loop begins while `writing` writers of the trial before it may still be at work.
    pub(super) const fn new(loop_began: SimTime, writing: u32) -> Self {
        Self { writing, last_step: 0, last_at: loop_began, waits_since: SimTime::NEVER, due: false }
    }

    fn is_due(&self, every: Every, step: u64, now: SimTime) -> bool {
        match every {
            Every::Steps(steps) => step - self.last_step >= steps,
            Every::Time(span) => now.since(self.last_at) >= span,
        }
    }
}

impl World<'_> {
    /// Writes a checkpoint if one is due after this step; whether the lane has to wait for it.
    pub(super) fn checkpoint_holds(&mut self, lane: u32) -> bool {
        let Some(plan) = &self.plan.checkpoint else { return false };
        let state = &mut self.lanes[lane as usize];
        if !state.checkpoints.is_due(plan.every, state.steps_done, self.now) {
            return false;
        }
        if state.checkpoints.writing > 0 {
            (state.checkpoints.due, state.checkpoints.waits_since) = (true, self.now);
            return true;
        }
        self.write_checkpoint(lane, plan);
        if plan.blocking {
            self.lanes[lane as usize].checkpoints.waits_since = self.now;
        }
        plan.blocking
    }

    fn write_checkpoint(&mut self, lane: u32, plan: &CheckpointPlan) {
        let nodes = self.plan.host.nodes;
        let servers = self.write_servers(plan);
        let writers = nodes * servers;
        let state = &mut self.lanes[lane as usize];
        (state.checkpoints.last_step, state.checkpoints.last_at) = (state.steps_done, self.now);
        state.checkpoints.writing = writers;
        self.tally.checkpoints += 1;
        self.tally.bytes_written += plan.size.get();
        for writer in 0..writers {
            let (node, server) = (lane * nodes + writer / servers, writer % servers);
            let share = plan.size.get() / u64::from(writers);
            let size = if writer == 0 { plan.size.get() - share * u64::from(writers - 1) } else { share };
            let (link, link_lane) = self.write_route(plan, node, server);
            self.network.start(link, self.now, link_lane, self.writer_id(node, server, servers), size);
        }
    }

    fn write_servers(&self, plan: &CheckpointPlan) -> u32 {
        match (&plan.to, &self.plan.path.source) {
            (Target::SameTier, Source::Fabric(fabric)) => fabric.servers,
            _ => 1,
        }
    }

    fn write_route(&self, plan: &CheckpointPlan, node: u32, server: u32) -> (LinkId, u32) {
        match (&plan.to, &self.plan.path.source) {
            (Target::SameTier, Source::Fabric(fabric)) => (LinkId(0), fabric.write_lane(node, server)),
            (Target::SameTier, Source::Volume { .. }) => (LinkId(node), 0),
            (Target::Other(_), _) => {
                (self.write_link.expect("checkpoints elsewhere have a link of their own"), node)
            }
        }
    }

    /// Writers come behind the readers in the numbers that links know transfers by.
    fn writer_id(&self, node: u32, server: u32, servers: u32) -> u32 {
        self.readers.len() as u32 + node * servers + server
    }

    /// Whether a transfer that has ended was a checkpoint's; if so, its lane goes on when all its writers are done.
    #[inline]
    pub(super) fn is_written(&mut self, id: u32) -> bool {
        id as usize >= self.readers.len() && self.share_is_written(id)
    }

    /// One writer is done.
    fn share_is_written(&mut self, id: u32) -> bool {
        let readers = self.readers.len() as u32;
        let plan = self.plan.checkpoint.as_ref().expect("who is no reader writes a checkpoint");
        let node = (id - readers) / self.write_servers(plan);
        let lane = node / self.plan.host.nodes;
        let checkpoints = &mut self.lanes[lane as usize].checkpoints;
        checkpoints.writing -= 1;
        if checkpoints.writing == 0 {
            self.checkpoint_is_written(lane, plan);
        }
        true
    }

    fn checkpoint_is_written(&mut self, lane: u32, plan: &CheckpointPlan) {
        let checkpoints = &mut self.lanes[lane as usize].checkpoints;
        if checkpoints.waits_since == SimTime::NEVER {
            return;
        }
        if std::mem::take(&mut checkpoints.due) {
            self.write_checkpoint(lane, plan);
            if plan.blocking {
                return;
            }
        }
        let checkpoints = &mut self.lanes[lane as usize].checkpoints;
        let waited = self.now.since(std::mem::replace(&mut checkpoints.waits_since, SimTime::NEVER));
        self.tally.gpu.checkpoint_ns += u128::from(waited.as_nanos()) * u128::from(self.plan.ranks());
        self.after_checkpoint(lane);
    }
}
