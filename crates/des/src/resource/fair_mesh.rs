//! Fair links in general: groups of transfers that cross several constraints each, some of them with burst credits.

mod constraint;
mod filling;
mod group;

use ingestsim_units::{Bytes, Rate, SimTime};

use super::shared::{Audit, Bound, Load, fixed, fixed::NEVER, ledger::Ledger};
use crate::tournament::{FREE, Tournament};
pub use constraint::{Burst, Constraint, Limit};
use constraint::{Opened, Rope};
use filling::{OWN, Region};
pub use group::Group;
use group::{PATH_MAX, Stream};

/// Max-min fair shares among transfers that cross up to six constraints each: clients × servers.
///
/// Transfers of a group (one client with one server, say) have one rate and one clock. A group's rate is the level at
/// which the first of its constraints is full, all rates rising together, or its own limit, the least of the cap of a
/// transfer and of `capacity / n` of the constraints that no other group crosses. Own limits win over shared
/// constraints of the same level as the cause, and the first constraint in order wins over later ones.
///
/// Cost of a start or end: O(path + log) while nothing shared binds on the way. Else rates are found by progressive
/// filling over the groups that the change reaches, through constraints that are full, at O(rounds · (groups +
/// constraints)), and each whose rate changes is touched at one division and O(log active groups). Where only servers are
/// full that is a server's groups (measured: 0.3 µs with 4 × 8 groups, 0.6 µs with 8 × 21); where clients and servers are
/// full alike it is all of them (1.7 µs and 10 µs). For alike clients below one root there is
/// [`FairTree`](super::fair_tree::FairTree).
///
/// Work, rates and ends are rounded as in [`Shared`](super::shared::Shared), and no constraint is ever exceeded; what
/// rounding down leaves at one constraint, at most 2^-40 B/ns for each transfer that crosses it, goes to those who fill
/// up later. Identifiers and the duty to take ends in time are as there.
#[derive(Debug, Clone)]
pub struct FairMesh {
    ropes: Vec<Rope>,
    streams: Vec<Stream>,
    /// Constraints that have credits.
    credits: Vec<u32>,
    /// Whether some of them are spent, and a time before which none of the others can be.
    any_spent: bool,
    spent_from: u64,
    /// Groups that have transfers.
    active: Vec<u32>,
    /// Nanoseconds of the groups' next ends.
    ends: Tournament,
    at: u64,
    next: u64,
    ledger: Ledger,
    region: Region,
}

impl FairMesh {
    /// A mesh; constraints and groups are known by their places in the lists.
    ///
    /// # Panics
    ///
    /// If a group crosses no constraint, more than six, one that does not exist or one twice; if a cause is
    /// [`CAUSES`](super::shared::CAUSES) or more; if credits exceed their depth or a byte has no weight.
    #[must_use]
    pub fn new(constraints: &[Constraint], groups: &[Group]) -> Self {
        let mut ropes: Vec<Rope> = constraints.iter().map(Rope::new).collect();
        for (number, group) in (0..).zip(groups) {
            assert!((1..=PATH_MAX).contains(&group.path.len()), "a group crosses one to six constraints");
            for (index, &constraint) in group.path.iter().enumerate() {
                assert!(!group.path[..index].contains(&constraint), "a group crosses a constraint once");
                ropes[constraint as usize].groups.push(number);
            }
        }
        let streams: Vec<Stream> = groups.iter().map(|group| Stream::new(group, &ropes)).collect();
        assert!(streams.len() < fixed::ID_LIMIT as usize, "a mesh has fewer than 2^24 groups");
        let with_credit = |&constraint: &u32| ropes[constraint as usize].credit.is_some();
        let credits: Vec<u32> = (0..ropes.len() as u32).filter(with_credit).collect();
        Self {
            ends: Tournament::new(streams.len()),
            ropes,
            streams,
            credits,
            any_spent: false,
            spent_from: 0,
            active: Vec::new(),
            at: 0,
            next: NEVER,
            ledger: Ledger::default(),
            region: Region::default(),
        }
    }

    /// Starts a transfer of a group; one without bytes ends at `now`.
    ///
    /// # Panics
    ///
    /// If there is no such group, or if `id` is 2^24 or more, or is under way.
    pub fn start(&mut self, now: SimTime, group: u32, id: u32, size: Bytes) {
        self.advance(now);
        self.ledger.open(id, group, size);
        let stream = &mut self.streams[group as usize];
        stream.advance(self.at);
        stream.push(id, fixed::work(size));
        if stream.n == 1 {
            stream.active_index = self.active.len() as u32;
            stream.forget_end();
            self.active.push(group);
        }
        self.reach(group);
        self.rebalance();
    }

    /// Makes room for identifiers below `ids`, so that no more is taken than they need.
    pub fn reserve(&mut self, ids: u32) {
        self.ledger.reserve(ids);
    }

    /// When the next transfer ends or credits run out, whichever is first; [`SimTime::NEVER`] if neither will.
    #[must_use]
    pub fn next_end(&self) -> SimTime {
        SimTime::from_nanos(self.next)
    }

    /// Takes a transfer that has ended by `now`; those of one nanosecond come in the order they were started.
    ///
    /// Nothing if none has: at a [`next_end`](Self::next_end) that was credits running out this adjusts the rates, and
    /// the next end lies later.
    pub fn end(&mut self, now: SimTime) -> Option<u32> {
        if self.next > now.as_nanos() {
            return None;
        }
        if !self.ledger.has_ended() {
            self.advance(now);
            self.collect();
        }
        let id = self.ledger.take_ended();
        self.find_next();
        id
    }

    /// Breaks off a transfer, in time proportional to its group's number of transfers.
    ///
    /// # Panics
    ///
    /// If it is not under way.
    pub fn cancel(&mut self, now: SimTime, id: u32) {
        self.advance(now);
        let group = self.ledger.group(id);
        if !self.ledger.withdraw_ended(id) {
            self.streams[group as usize].advance(self.at);
            let left = self.streams[group as usize].withdraw(id);
            self.ledger.abandon(id, left);
            self.note_fewer(group);
        }
        self.rebalance();
    }

    /// Changes a steady constraint's capacity from `now` on.
    ///
    /// # Panics
    ///
    /// If there is no such constraint, or if it has credits.
    pub fn set_capacity(&mut self, now: SimTime, constraint: u32, rate: Rate) {
        self.advance(now);
        self.ropes[constraint as usize].set_capacity(rate);
        self.reach_all(constraint);
        self.rebalance();
    }

    /// Credits left at `now` in metered bytes; nothing if the constraint is steady.
    ///
    /// # Panics
    ///
    /// If there is no such constraint.
    pub fn level(&mut self, now: SimTime, constraint: u32) -> Option<Bytes> {
        self.advance(now);
        let rope = &mut self.ropes[constraint as usize];
        rope.book(self.at);
        rope.level()
    }

    /// Takes away credits that something outside the mesh has spent: so many metered bytes, or all that are left.
    ///
    /// # Panics
    ///
    /// If there is no such constraint.
    pub fn spend(&mut self, now: SimTime, constraint: u32, metered: Bytes) {
        self.advance(now);
        let rope = &mut self.ropes[constraint as usize];
        rope.book(self.at);
        rope.spend(metered);
        self.spent_from = self.at;
        self.reach_all(constraint);
        self.rebalance();
    }

    /// How many transfers are under way.
    #[must_use]
    pub fn under_way(&self) -> u64 {
        self.ledger.under_way()
    }

    /// The clock of what bound a group's transfers, brought up to `now`; it runs while the group has any.
    ///
    /// # Panics
    ///
    /// If there is no such group.
    pub fn bound(&mut self, now: SimTime, group: u32) -> Bound {
        self.advance(now);
        let stream = &mut self.streams[group as usize];
        stream.advance(self.at);
        stream.bound()
    }

    /// Totals up to `now`.
    pub fn audit(&mut self, now: SimTime) -> Audit {
        self.advance(now);
        self.ledger.audit()
    }

    /// What a constraint carried up to `now`, in transferred bytes, not metered ones.
    ///
    /// # Panics
    ///
    /// If there is no such constraint.
    pub fn load(&mut self, now: SimTime, constraint: u32) -> Load {
        self.advance(now);
        let rope = &mut self.ropes[constraint as usize];
        rope.book(self.at);
        rope.load()
    }

    fn advance(&mut self, now: SimTime) {
        let now = now.as_nanos();
        let ns = now - self.at;
        if ns > 0 {
            debug_assert!(now <= self.next, "time does not pass an end that was not taken");
            self.at = now;
            self.ledger.elapse(ns);
        }
    }

    /// Moves all that have got their bytes to the batch of ends, and lets spent credits take effect.
    fn collect(&mut self) {
        loop {
            while self.first_end() <= self.at {
                self.collect_from(fixed::id_of(self.ends.first()));
            }
            self.rebalance();
            if self.first_end() > self.at {
                break;
            }
        }
        self.ledger.sort_ended();
    }

    /// The next end of all groups.
    fn first_end(&self) -> u64 {
        (fixed::finish_of(self.ends.first())).try_into().unwrap_or(NEVER)
    }

    fn collect_from(&mut self, group: u32) {
        let stream = &mut self.streams[group as usize];
        stream.advance(self.at);
        while let Some(id) = stream.pop_finished() {
            self.ledger.close(id);
        }
        stream.forget_end();
        self.ends.set(group as usize, FREE);
        self.note_fewer(group);
    }

    /// Notes that a group has lost transfers, maybe the last.
    fn note_fewer(&mut self, group: u32) {
        self.reach(group);
        let &Stream { n, active_index, .. } = &self.streams[group as usize];
        if n == 0 {
            self.active.swap_remove(active_index as usize);
            if let Some(&moved) = self.active.get(active_index as usize) {
                self.streams[moved as usize].active_index = active_index;
            }
            self.ends.set(group as usize, FREE);
        }
    }

    /// Finds rates, next ends and the fate of credits after a change to the groups reached.
    fn rebalance(&mut self) {
        let credits_stir = self.any_spent || self.spent_from <= self.at;
        if credits_stir {
            self.open_credits();
        }
        for &group in &self.region.groups {
            self.streams[group as usize].find_limit(&self.ropes);
        }
        if !self.fits_alone() && !self.fits() {
            self.fill();
            for index in 0..self.region.groups.len() {
                self.allot(self.region.groups[index]);
            }
        }
        for group in self.region.groups.drain(..) {
            let stream = &mut self.streams[group as usize];
            stream.reached = false;
            if std::mem::take(&mut stream.exchanged) {
                stream.path().iter().for_each(|&constraint| self.ropes[constraint as usize].observe());
            }
        }
        if credits_stir {
            self.close_credits();
        }
        self.find_next();
    }

    /// Lets a group go at the rate found for it.
    pub(super) fn allot(&mut self, group: u32) {
        let stream = &mut self.streams[group as usize];
        if stream.tightest != stream.bottleneck {
            if stream.bottleneck != OWN {
                self.ropes[stream.bottleneck as usize].binding -= 1;
            }
            if stream.tightest != OWN {
                self.ropes[stream.tightest as usize].binding += 1;
            }
            stream.bottleneck = stream.tightest;
        }
        stream.advance(self.at);
        let flow = stream.flow_found();
        if flow != stream.flow {
            for &constraint in stream.path() {
                self.ropes[constraint as usize].exchange(self.at, stream.flow, flow);
            }
            stream.flow = flow;
            stream.exchanged = true;
        }
        stream.rate = stream.found;
        if stream.n > 0
            && let Some(end) = stream.retime()
        {
            self.ends.set(group as usize, fixed::key(u128::from(end), group));
        }
    }

    fn open_credits(&mut self) {
        for index in 0..self.credits.len() {
            let constraint = self.credits[index];
            match self.ropes[constraint as usize].open_credit(self.at) {
                Opened::AsBefore => {}
                Opened::Fallen => self.reach_all(constraint),
                Opened::Risen => self.spent_from = self.at,
            }
        }
    }

    fn close_credits(&mut self) {
        self.any_spent = false;
        for &constraint in &self.credits {
            self.any_spent |= self.ropes[constraint as usize].close_credit();
        }
    }

    /// Finds when the next transfer ends or credits run out. The latter is looked at only when it may come first.
    fn find_next(&mut self) {
        self.next = if self.ledger.has_ended() { self.at } else { self.first_end() };
        if self.spent_from >= self.next {
            return;
        }
        self.spent_from = NEVER;
        for &constraint in &self.credits {
            let (runs_out, not_before) = self.ropes[constraint as usize].runs_out(self.at);
            self.next = self.next.min(runs_out);
            self.spent_from = self.spent_from.min(not_before);
        }
    }
}
