//! Fair links in general: groups of transfers that cross several constraints each, some of them with burst credits.

mod constraint;
mod filling;
mod group;

use ingestsim_units::{Bytes, Rate, SimTime};

use super::shared::{Audit, Bound, Load, calendar::Entries, fixed, fixed::NEVER, ledger::Ledger};
use crate::tournament::{FREE, Tournament};
pub use constraint::{Burst, Constraint, Limit};
use constraint::{Opened, Rope};
use filling::Region;
pub use group::Group;
use group::{PATH_MAX, Stream};

/// Max-min fair shares among transfers that cross up to six constraints each: clients × servers.
///
/// Transfers of a group (one client with one server, say) have one rate and one clock. A group's rate is the level at
/// which the first of its constraints is full, all rates rising together, or its own limit, the least of the cap of a
/// transfer and of `capacity / n` of the constraints that no other group crosses. Own limits win over shared
/// constraints of the same level as the cause, and the first constraint in order wins over later ones.
///
/// Cost of a start or end: O(path) where one group alone has transfers, O(path + log groups) while nothing shared binds on
/// the way. Else rates are found by progressive
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
    entries: Entries,
    /// How often capacities have changed.
    changes: u32,
    /// Constraints that have credits.
    credits: Vec<u32>,
    /// Whether some of them are spent, and a time before which none of the others can be.
    any_spent: bool,
    spent_from: u64,
    /// Groups that have transfers.
    active: Vec<u32>,
    /// Nanoseconds of the groups' next ends, where several have transfers; one alone knows its own.
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
            entries: Entries::default(),
            changes: 0,
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
        stream.push(&mut self.entries, id, fixed::work(size));
        if stream.n == 1 {
            self.activate(group);
        }
        if self.active.len() == 1 && !self.credits_stir() {
            self.retune_alone(group);
        } else {
            self.reach(group);
            self.rebalance();
        }
    }

    /// Makes room for identifiers below `ids`, so that no more is taken than they need.
    pub fn reserve(&mut self, ids: u32) {
        self.ledger.reserve(ids);
        self.entries.reserve(ids as usize);
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
        if self.ledger.has_ended() {
            let id = self.ledger.take_ended();
            self.find_next();
            return id;
        }
        self.advance(now);
        match self.active[..] {
            [group] if !self.credits_stir() => self.collect_alone(group),
            _ => self.collect(),
        }
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
            let left = self.streams[group as usize].withdraw(&mut self.entries, id);
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
        self.changes += 1;
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

    /// Takes the first of those that have got their bytes, of a group that alone has transfers; if there are several, the
    /// others wait in the batch of ends.
    fn collect_alone(&mut self, group: u32) -> Option<u32> {
        let stream = &mut self.streams[group as usize];
        stream.advance(self.at);
        let first = stream.pop_finished(&self.entries)?;
        let id = match stream.pop_finished(&self.entries) {
            None => {
                self.ledger.close_alone(first);
                Some(first)
            }
            Some(second) => {
                [first, second].into_iter().for_each(|id| self.ledger.close(id));
                while let Some(id) = stream.pop_finished(&self.entries) {
                    self.ledger.close(id);
                }
                self.ledger.sort_ended();
                self.ledger.take_ended()
            }
        };
        if stream.n == 0 {
            self.deactivate(group);
        }
        self.retune_alone(group);
        id
    }

    /// Moves all that have got their bytes to the batch of ends, lets spent credits take effect, and takes the first.
    fn collect(&mut self) -> Option<u32> {
        loop {
            while let Some(group) = self.first_group()
                && self.first_end() <= self.at
            {
                self.collect_from(group);
            }
            self.rebalance();
            if self.first_end() > self.at {
                break;
            }
        }
        self.ledger.sort_ended();
        let id = self.ledger.take_ended();
        self.find_next();
        id
    }

    /// The group whose next end is the first of all.
    fn first_group(&self) -> Option<u32> {
        match self.active[..] {
            [] => None,
            [group] => Some(group),
            _ => Some(fixed::id_of(self.ends.first())),
        }
    }

    /// The next end of all groups.
    #[inline]
    fn first_end(&self) -> u64 {
        match self.active[..] {
            [] => NEVER,
            [group] => self.streams[group as usize].end,
            _ => fixed::finish_of(self.ends.first()).try_into().unwrap_or(NEVER),
        }
    }

    fn collect_from(&mut self, group: u32) {
        let stream = &mut self.streams[group as usize];
        stream.advance(self.at);
        while let Some(id) = stream.pop_finished(&self.entries) {
            self.ledger.close(id);
        }
        stream.forget_end();
        self.note_fewer(group);
    }

    /// Notes that a group has lost transfers, maybe the last.
    fn note_fewer(&mut self, group: u32) {
        self.reach(group);
        if self.streams[group as usize].n == 0 {
            self.deactivate(group);
        } else {
            self.note_end(group);
        }
    }

    /// A group has its first transfer.
    fn activate(&mut self, group: u32) {
        let stream = &mut self.streams[group as usize];
        stream.active_index = self.active.len() as u32;
        stream.forget_end();
        self.active.push(group);
        // While it was alone nobody asked it for either.
        if let [lone, _] = self.active[..] {
            self.streams[lone as usize].find_limit(&self.ropes);
            self.note_end(lone);
        }
    }

    /// A group has no transfers any more.
    fn deactivate(&mut self, group: u32) {
        let index = self.streams[group as usize].active_index;
        self.active.swap_remove(index as usize);
        if let Some(&moved) = self.active.get(index as usize) {
            self.streams[moved as usize].active_index = index;
        }
        if self.ends.at(group as usize) != FREE {
            self.ends.set(group as usize, FREE);
        }
    }

    /// Tells the tournament of a group's next end, if there is one.
    fn note_end(&mut self, group: u32) {
        if self.active.len() > 1 {
            let end = self.streams[group as usize].end;
            self.ends.set(group as usize, fixed::key(u128::from(end), group));
        }
    }

    /// Whether credits are spent, or may be by now.
    #[inline]
    fn credits_stir(&self) -> bool {
        self.any_spent || self.spent_from <= self.at
    }

    /// Finds the rate and the next end of a group while no other has transfers, and no credits stir.
    #[inline]
    fn retune_alone(&mut self, group: u32) {
        let Self { ropes, streams, .. } = self;
        let stream = &mut streams[group as usize];
        stream.find_alone(ropes, self.changes);
        stream.allot(ropes, self.at);
        stream.observe_alone(ropes);
        self.find_next();
    }

    /// Finds rates, next ends and the fate of credits after a change to the groups reached.
    fn rebalance(&mut self) {
        let credits_stir = self.credits_stir();
        if credits_stir {
            self.open_credits();
        }
        for &group in &self.region.groups {
            self.streams[group as usize].find_limit(&self.ropes);
        }
        if !self.fits() {
            self.fill();
            for index in 0..self.region.groups.len() {
                self.allot(self.region.groups[index]);
            }
        }
        for group in self.region.groups.drain(..) {
            let stream = &mut self.streams[group as usize];
            stream.reached = false;
            stream.observe(&mut self.ropes);
        }
        if credits_stir {
            self.close_credits();
        }
        self.find_next();
    }

    /// Lets a group go at the rate found for it.
    pub(super) fn allot(&mut self, group: u32) {
        if self.streams[group as usize].allot(&mut self.ropes, self.at) {
            self.note_end(group);
        }
    }

    fn open_credits(&mut self) {
        for index in 0..self.credits.len() {
            let constraint = self.credits[index];
            match self.ropes[constraint as usize].open_credit(self.at) {
                Opened::AsBefore => continue,
                Opened::Fallen => self.reach_all(constraint),
                Opened::Risen => self.spent_from = self.at,
            }
            self.changes += 1;
        }
    }

    fn close_credits(&mut self) {
        self.any_spent = false;
        for &constraint in &self.credits {
            self.any_spent |= self.ropes[constraint as usize].close_credit();
        }
    }

    /// Finds when the next transfer ends or credits run out. The latter is looked at only when it may come first.
    #[inline]
    fn find_next(&mut self) {
        self.next = if self.ledger.has_ended() { self.at } else { self.first_end() };
        if self.spent_from < self.next {
            self.look_at_credits();
        }
    }

    #[inline(never)]
    fn look_at_credits(&mut self) {
        self.spent_from = NEVER;
        for &constraint in &self.credits {
            let (runs_out, not_before) = self.ropes[constraint as usize].runs_out(self.at);
            self.next = self.next.min(runs_out);
            self.spent_from = self.spent_from.min(not_before);
        }
    }
}
