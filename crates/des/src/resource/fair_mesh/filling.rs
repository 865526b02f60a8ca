//! Progressive filling over the groups that have transfers.

use super::{FairMesh, constraint::Rope, group::Stream};
use crate::resource::shared::fixed::UNLIMITED;

/// What progressive filling works with; kept so that nothing is allocated.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    /// Shared constraints with transfers whose rate is still to be found.
    live: Vec<u32>,
    /// Groups whose rate is still to be found.
    open: Vec<u32>,
    /// Shared constraints of all active groups.
    touched: Vec<u32>,
}

impl FairMesh {
    /// Finds every active group's rate.
    ///
    /// All rates rise together; the tightest constraint, or a group's own limit below it, stops some, and the rest
    /// rise on: O(rounds · (groups + constraints)) with a division for each constraint and round.
    pub(super) fn fill(&mut self) {
        let Self { ropes, streams, active, scratch, slack, .. } = self;
        *slack = true;
        scratch.begin(ropes, streams, active);
        while !scratch.open.is_empty() {
            let (level, tightest) = scratch.tightest(ropes);
            if !scratch.stop_limited(ropes, streams, level) {
                scratch.stop_at(ropes, streams, level, tightest);
                *slack = false;
            }
        }
    }
}

impl Scratch {
    fn begin(&mut self, ropes: &mut [Rope], streams: &[Stream], active: &[u32]) {
        for &constraint in &self.touched {
            ropes[constraint as usize].binds = false;
        }
        self.live.clear();
        self.open.clear();
        self.open.extend_from_slice(active);
        for &group in active {
            let stream = &streams[group as usize];
            for &constraint in stream.shared() {
                let rope = &mut ropes[constraint as usize];
                if rope.open == 0 {
                    rope.left = rope.capacity;
                    self.live.push(constraint);
                }
                rope.open += stream.n;
            }
        }
        self.touched.clone_from(&self.live);
    }

    /// The level at which the first constraint is full, and the lowest-numbered such; no level if none is left.
    fn tightest(&mut self, ropes: &mut [Rope]) -> (u64, u32) {
        let mut tightest = (UNLIMITED, u32::MAX);
        self.live.retain(|&constraint| {
            let rope = &mut ropes[constraint as usize];
            if rope.open == 0 {
                return false;
            }
            rope.share = rope.left / rope.open;
            tightest = tightest.min((rope.share, constraint));
            true
        });
        tightest
    }

    /// Stops the groups whose own limit is at most `level`; tells whether there were any.
    fn stop_limited(&mut self, ropes: &mut [Rope], streams: &mut [Stream], level: u64) -> bool {
        let before = self.open.len();
        self.open.retain(|&group| {
            let stream = &mut streams[group as usize];
            if stream.limit.0 > level {
                return true;
            }
            stream.found = stream.limit;
            settle(stream, ropes);
            false
        });
        self.open.len() < before
    }

    /// Stops the groups that cross `constraint`, which is full at `level`.
    fn stop_at(&mut self, ropes: &mut [Rope], streams: &mut [Stream], level: u64, constraint: u32) {
        let cause = ropes[constraint as usize].cause;
        ropes[constraint as usize].binds = true;
        self.open.retain(|&group| {
            let stream = &mut streams[group as usize];
            if !stream.shared().contains(&constraint) {
                return true;
            }
            stream.found = (level, cause);
            settle(stream, ropes);
            false
        });
    }
}

/// Takes a group whose rate is found out of its constraints.
fn settle(stream: &Stream, ropes: &mut [Rope]) {
    let flow = stream.n * stream.found.0;
    for &constraint in stream.shared() {
        let rope = &mut ropes[constraint as usize];
        rope.left -= flow;
        rope.open -= stream.n;
    }
}
