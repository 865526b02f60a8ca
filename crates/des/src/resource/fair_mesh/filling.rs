//! Progressive filling over the part of the mesh that a change reaches.

use super::{FairMesh, constraint::Rope, group::Stream};
use crate::resource::shared::fixed::UNLIMITED;

/// In place of a constraint: the group's own limit is the tightest.
pub(super) const OWN: u32 = u32::MAX;

/// The groups whose rates are to be found, and what progressive filling works with; kept so that nothing is allocated.
#[derive(Debug, Clone, Default)]
pub(super) struct Region {
    /// The groups, those first whose number of transfers or one of whose constraints has changed.
    pub(super) groups: Vec<u32>,
    /// Their shared constraints.
    crossed: Vec<u32>,
    /// Those of `crossed` with open transfers.
    live: Vec<u32>,
    /// Groups whose rate is still to be found.
    open: Vec<u32>,
}

impl FairMesh {
    /// Adds a group to the region, once.
    pub(super) fn reach(&mut self, group: u32) {
        let stream = &mut self.streams[group as usize];
        if !stream.reached {
            stream.reached = true;
            self.region.groups.push(group);
        }
    }

    /// Adds all groups that have transfers and cross a constraint, the capacity of which has changed.
    pub(super) fn reach_all(&mut self, constraint: u32) {
        for index in 0..self.ropes[constraint as usize].groups.len() {
            let group = self.ropes[constraint as usize].groups[index];
            if self.streams[group as usize].n > 0 {
                self.reach(group);
            }
        }
    }

    /// Gives a group that alone has changed its own limit if no shared constraint holds anybody back, before or after.
    pub(super) fn fits(&mut self) -> bool {
        let [group] = self.region.groups[..] else { return false };
        let Self { ropes, streams, .. } = self;
        let stream = &mut streams[group as usize];
        let (flow, wanted) = (stream.flow, u128::from(stream.n) * u128::from(stream.limit.0));
        if !stream.shared().iter().all(|&constraint| ropes[constraint as usize].has_room(flow, wanted)) {
            return false;
        }
        (stream.found, stream.tightest) = (stream.limit, OWN);
        self.allot(group);
        true
    }

    /// Finds the rates of the region, which grows until nobody outside has reason to change.
    ///
    /// Those outside keep their rates meanwhile. Someone outside has reason to change if a constraint that holds it back
    /// is used differently, or if it takes more than the equal share of a constraint that has become full. What comes out
    /// is what filling the whole mesh would find, but for 2^-40 B/ns where two levels tie; and the whole mesh is filled
    /// once that is hardly more.
    pub(super) fn fill(&mut self) {
        let Self { ropes, streams, region, active, .. } = self;
        let changed = region.groups.len();
        region.reach_held(ropes, streams);
        for growths in 0.. {
            if growths > 1 || 2 * region.groups.len() > active.len() {
                region
                    .groups
                    .extend(active.iter().copied().filter(|&group| !streams[group as usize].reached));
                region.groups.iter().for_each(|&group| streams[group as usize].reached = true);
                region.find_rates(ropes, streams);
                break;
            }
            region.find_rates(ropes, streams);
            if !region.grow(ropes, streams, changed) {
                break;
            }
        }
    }
}

impl Region {
    /// Progressive filling: all rates rise together until a constraint is full or a group at its own limit, and the
    /// others rise on: O(rounds · (groups + constraints)), with a division for each constraint and round.
    fn find_rates(&mut self, ropes: &mut [Rope], streams: &mut [Stream]) {
        self.begin(ropes, streams);
        while !self.open.is_empty() {
            self.offer(ropes);
            self.compare(ropes, streams);
            self.stop(ropes, streams);
        }
    }

    /// Adds all that are held back by a constraint of a changed group: they have reason to change in any case.
    fn reach_held(&mut self, ropes: &[Rope], streams: &mut [Stream]) {
        for index in 0..self.groups.len() {
            for place in 0..streams[self.groups[index] as usize].shared().len() {
                let constraint = streams[self.groups[index] as usize].shared()[place];
                let rope = &ropes[constraint as usize];
                if rope.binding == 0 {
                    continue;
                }
                for &group in &rope.groups {
                    let stream = &mut streams[group as usize];
                    if stream.bottleneck == constraint && stream.n > 0 && !stream.reached {
                        stream.reached = true;
                        self.groups.push(group);
                    }
                }
            }
        }
    }

    /// Opens the region's groups, and gives their constraints what those outside leave.
    fn begin(&mut self, ropes: &mut [Rope], streams: &mut [Stream]) {
        for constraint in self.crossed.drain(..) {
            ropes[constraint as usize].crossed = false;
        }
        self.open.clear();
        for &group in &self.groups {
            let stream = &mut streams[group as usize];
            if stream.n > 0 {
                self.open.push(group);
            } else {
                stream.found = (0, stream.limit.1);
                stream.tightest = OWN;
            }
            for &constraint in stream.shared() {
                let rope = &mut ropes[constraint as usize];
                if !rope.crossed {
                    rope.begin();
                    self.crossed.push(constraint);
                }
                rope.open(stream.n, stream.flow);
            }
        }
        for &constraint in &self.crossed {
            ropes[constraint as usize].keep_from_others();
        }
        self.live.clone_from(&self.crossed);
    }

    /// Makes every constraint's offer to its open transfers: equal shares of what is left.
    ///
    /// Offers only rise from round to round. So a group whose own limit is no more than its least offer has found its
    /// rate, and so have all groups of a constraint that is the tightest to each of them: progressive filling, with all
    /// levels that do not depend on each other found in one round.
    fn offer(&mut self, ropes: &mut [Rope]) {
        self.live.retain(|&constraint| ropes[constraint as usize].offer());
    }

    /// Finds each group's tightest constraint, of equal ones the first; the others then cannot decide yet.
    fn compare(&self, ropes: &mut [Rope], streams: &mut [Stream]) {
        for &group in &self.open {
            let stream = &mut streams[group as usize];
            let offers =
                stream.shared().iter().map(|&constraint| (ropes[constraint as usize].share, constraint));
            let (share, tightest) = offers.min().unwrap_or((UNLIMITED, OWN));
            stream.tightest = if stream.limit.0 <= share { OWN } else { tightest };
            for &constraint in stream.shared() {
                ropes[constraint as usize].decides &= constraint == stream.tightest;
            }
        }
    }

    /// Closes the groups that have found their rate.
    fn stop(&mut self, ropes: &mut [Rope], streams: &mut [Stream]) {
        self.open.retain(|&group| {
            let stream = &mut streams[group as usize];
            if stream.tightest == OWN {
                stream.found = stream.limit;
            } else {
                let rope = &ropes[stream.tightest as usize];
                if !rope.decides {
                    return true;
                }
                stream.found = (rope.share, rope.cause);
            }
            for &constraint in stream.shared() {
                ropes[constraint as usize].close(stream.n, stream.found.0);
            }
            false
        });
    }

    /// Adds those outside that have reason to change; tells whether there were any.
    fn grow(&mut self, ropes: &mut [Rope], streams: &mut [Stream], changed: usize) -> bool {
        let before = self.groups.len();
        for (index, &group) in self.groups.iter().enumerate() {
            let stream = &streams[group as usize];
            let stirs = index < changed || stream.flow_found() != stream.flow;
            for &constraint in stream.shared() {
                ropes[constraint as usize].stirred |= stirs;
            }
        }
        for &constraint in &self.crossed {
            let rope = &ropes[constraint as usize];
            // Whether it decided is as the last round left it in which anyone was open.
            if !rope.decides && (rope.binding == 0 || !rope.stirred) {
                continue;
            }
            for &group in &rope.groups {
                let stream = &mut streams[group as usize];
                let held = rope.stirred && stream.bottleneck == constraint;
                let takes_more = rope.decides && stream.rate.0 > rope.share;
                if (held || takes_more) && stream.n > 0 && !stream.reached {
                    stream.reached = true;
                    self.groups.push(group);
                }
            }
        }
        self.groups.len() > before
    }
}
