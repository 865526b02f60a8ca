//! One calendar for the transfers of all clients, for as long as no client goes by itself.

use ingestsim_units::Bytes;

use super::FairTree;
use crate::{
    resource::shared::{calendar::Calendar, fixed},
    tournament::FREE,
};

/// Starts and ends for each transfer under way, and one for each client, without a client that goes by itself, before all are
/// put together again: what putting them together and apart costs is then a few steps for each of them.
const QUIET: usize = 4;

/// The finish values of all transfers in common virtual time, or none of them.
#[derive(Debug, Clone)]
pub(super) struct Together {
    finishes: Calendar,
    holds_all: bool,
    /// The largest number of transfers of any client.
    fullest: usize,
    /// Starts and ends since a client went by itself.
    quiet: usize,
}

impl Default for Together {
    fn default() -> Self {
        Self { finishes: Calendar::default(), holds_all: true, fullest: 0, quiet: 0 }
    }
}

impl Together {
    /// Makes room for so many transfers.
    pub(super) fn reserve(&mut self, transfers: usize) {
        self.finishes.reserve(transfers);
    }

    /// Whether no client has a calendar of its own.
    #[inline]
    pub(super) fn holds_all(&self) -> bool {
        self.holds_all
    }
}

impl FairTree {
    /// Starts a transfer, the common clock being brought up.
    #[inline(always)]
    pub(super) fn start_together(&mut self, client: u32, id: u32, size: Bytes) {
        let state = &mut self.clients[client as usize];
        if state.n == 0 {
            state.wake(self.held);
        }
        state.carry_from(state.own_of(self.served));
        state.n += 1;
        let n = state.n;
        if n >= self.shares.len() {
            self.lengthen(n);
        }
        self.common_n += 1;
        self.levels.rise_to(n);
        self.together.fullest = self.together.fullest.max(n);
        let key = fixed::key(self.served + fixed::work(size), id);
        self.together.finishes.push(&mut self.entries, key);
        self.settle_together();
    }

    /// Takes out a transfer by search and tells the work it had left.
    pub(super) fn cancel_together(&mut self, client: u32, id: u32) -> u128 {
        let finish = fixed::finish_of(self.together.finishes.withdraw(&mut self.entries, id));
        self.leave_one(client);
        finish.saturating_sub(self.served)
    }

    /// Takes the first of those that have got their bytes; if there are several, all of them go to the batch of ends.
    #[inline(always)]
    pub(super) fn collect_together(&mut self) -> Option<u32> {
        let first = self.take_finished()?;
        // The head of an empty calendar is above every virtual time.
        if fixed::finish_of(self.together.finishes.min()) > self.served {
            self.ledger.close_alone(first);
            return Some(first);
        }
        self.ledger.close(first);
        self.collect_others();
        None
    }

    #[cold]
    fn collect_others(&mut self) {
        while let Some(id) = self.take_finished() {
            self.ledger.close(id);
        }
        self.ledger.sort_ended();
    }

    /// Takes the first transfer from the calendar and from its client, if it has got its bytes.
    #[inline(always)]
    fn take_finished(&mut self) -> Option<u32> {
        let first = self.together.finishes.min();
        if fixed::finish_of(first) > self.served {
            return None;
        }
        self.together.finishes.pop(&self.entries);
        let id = fixed::id_of(first);
        self.leave_one(self.ledger.group(id));
        Some(id)
    }

    /// A client has one transfer fewer.
    #[inline(always)]
    fn leave_one(&mut self, client: u32) {
        let common = self.common();
        let state = &mut self.clients[client as usize];
        state.carry_to(state.own_of(common.served));
        if state.n == 1 {
            state.rest(&common);
        }
        self.together.fullest = self.levels.fall_from(state.n, self.together.fullest);
        state.n -= 1;
        self.common_n -= 1;
    }

    /// As [`settle`](Self::settle), where all share one clock.
    #[inline(always)]
    pub(super) fn settle_together(&mut self) {
        let level = self.share_of_all();
        if self.goes_alone(self.together.fullest, level) {
            self.part();
            return self.settle_apart();
        }
        let rate = self.common_rate(level);
        self.used = self.common_n as u128 * u128::from(rate);
        self.root_load.observe(self.used, self.root);
        let fullest = u128::from(rate) * self.together.fullest as u128;
        if fullest > self.client_load.peak {
            self.client_load.observe(fullest, self.client_cap);
        }
        let ended = self.ledger.has_ended();
        self.next = if ended { self.at } else { self.common_end(self.together.finishes.min()) };
    }

    /// A client is to go by itself: gives each a calendar of its transfers in its own virtual time.
    #[inline(never)]
    fn part(&mut self) {
        self.together.holds_all = false;
        self.together.quiet = 0;
        while self.together.finishes.min() != FREE {
            let first = self.together.finishes.min();
            self.together.finishes.pop(&self.entries);
            let (finish, id) = (fixed::finish_of(first), fixed::id_of(first));
            let state = &mut self.clients[self.ledger.group(id) as usize];
            state.finishes.push(&mut self.entries, fixed::key(state.own_of(finish), id));
        }
        self.levels.find_occupied();
        for (client, state) in self.clients.iter().enumerate() {
            let key = state.common_key(client as u32);
            if key != self.common_ends.at(client) {
                self.common_ends.set(client, key);
            }
        }
    }

    /// Puts all transfers into one calendar again once no client has gone by itself for a while.
    #[inline]
    pub(super) fn count_quiet(&mut self) {
        if self.alone_used > 0 {
            self.together.quiet = 0;
            return;
        }
        self.together.quiet += 1;
        if self.together.quiet > QUIET * self.common_n + self.clients.len() {
            self.maybe_gather();
        }
    }

    /// A client whose share is nothing goes by itself without taking anything of the root.
    #[cold]
    fn maybe_gather(&mut self) {
        self.together.quiet = 0;
        if self.levels.from(self.boundary).is_none() {
            self.gather();
        }
    }

    fn gather(&mut self) {
        self.together.holds_all = true;
        self.boundary = usize::MAX;
        self.together.fullest = self.levels.below(usize::MAX).unwrap_or(0);
        // The calendar begins on the day of its first key, which is to be the least.
        if self.common_ends.first() != FREE {
            self.gather_from(fixed::id_of(self.common_ends.first()));
        }
        (0..self.clients.len() as u32).for_each(|client| self.gather_from(client));
    }

    fn gather_from(&mut self, client: u32) {
        let state = &mut self.clients[client as usize];
        while let Some((finish, id)) = state.pop_first(&self.entries) {
            let key = fixed::key(state.common_of(finish), id);
            self.together.finishes.push(&mut self.entries, key);
        }
    }
}

#[cfg(test)]
mod tests {
    use ingestsim_units::{Rate, SimTime};

    use super::*;
    use crate::resource::fair_tree::TreeCaps;

    const GB_PER_S: u64 = 1_000_000_000;

    /// Connections of 0.5 B/ns, clients of 1, a root of 1.5.
    fn tree() -> FairTree {
        let halves = |n: u64| Rate::per_second(GB_PER_S / 2 * n);
        let caps = TreeCaps { connection: Some(halves(1)), client: halves(2), root: Some(halves(3)) };
        FairTree::new(2, caps)
    }

    /// Ends all that ends by `now`, then starts a transfer of a client.
    fn start(tree: &mut FairTree, now: u64, client: u32, id: u32, size: u64) {
        while tree.next <= now {
            tree.end(SimTime::from_nanos(tree.next)).unwrap();
        }
        tree.start(SimTime::from_nanos(now), client, id, Bytes::new(size));
    }

    /// With one transfer each, both go at their connections' 0.5 B/ns: one calendar. With three of one client its 1 B/ns is a
    /// third each, less than the connection's and 1.5 / 4: it goes by itself, and each has a calendar. After at most nine
    /// starts and ends of two transfers at a time all are in one again.
    #[test]
    fn clients_part_when_one_goes_by_itself_and_are_gathered_after_a_while() {
        let mut tree = tree();
        start(&mut tree, 0, 0, 0, 10_000);
        start(&mut tree, 0, 1, 1, 100);
        assert!(tree.together.holds_all());
        start(&mut tree, 10, 1, 2, 100);
        start(&mut tree, 10, 1, 3, 100);
        assert!(!tree.together.holds_all());
        let together = (0..20).map(|turn| {
            start(&mut tree, 1_000 + 300 * turn, 1, 1, 100);
            tree.together.holds_all()
        });
        let quiet = together.take_while(|&together| !together).count();
        assert!((1..10).contains(&quiet), "{quiet} starts");
        let ends: Vec<u32> = std::iter::from_fn(|| tree.end(SimTime::from_nanos(tree.next))).collect();
        assert_eq!(ends, [1, 0]);
    }

    /// 3,000 starts of two clients, of which one goes by itself now and then, in a tree that is kept from gathering and in trees
    /// that are told to gather at other times: the same ends, clocks and loads, whatever the number of times that they part.
    #[test]
    fn when_clients_part_makes_no_difference() {
        let random = |turn: u64| turn.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48;
        let run = |gathers_in_seven: u64| {
            let mut tree = tree();
            let (mut ends, mut clocks, mut parted, mut together) = (Vec::new(), Vec::new(), 0, true);
            for turn in 0..3_000_u64 {
                let now = turn * 60_000;
                while tree.next <= now {
                    let at = tree.next;
                    ends.push((at, tree.end(SimTime::from_nanos(at)).unwrap()));
                    // Only the test gathers.
                    tree.together.quiet = 0;
                }
                let client = u32::from(random(turn) % 5 < turn / 300 % 5);
                // An identifier is used again once its transfer has ended.
                let id = (0..).find(|&id| !tree.ledger.is_open(id)).unwrap();
                tree.start(SimTime::from_nanos(now), client, id, Bytes::new(random(turn)));
                clocks.extend([0, 1].map(|client| tree.clock(SimTime::from_nanos(now), client)));
                parted += usize::from(together && !tree.together.holds_all);
                tree.together.quiet = 0;
                if !tree.together.holds_all && tree.alone_used == 0 && turn % 7 < gathers_in_seven {
                    tree.gather();
                }
                together = tree.together.holds_all;
            }
            let loads = [0, 1].map(|client| tree.client_load(SimTime::from_nanos(tree.at), client));
            ((ends, clocks, loads), parted)
        };
        let (expected, rarely) = run(0);
        for gathers_in_seven in [1, 7] {
            let (found, often) = run(gathers_in_seven);
            assert!(found == expected);
            assert!(often > 10 * rarely, "parted {rarely} and {often} times");
        }
    }

    /// A client's share of nothing: its transfers stand still, and go on when it has one, 32 of 10 B at 1 B/ns.
    #[test]
    fn clients_without_a_share_are_not_gathered() {
        let caps = TreeCaps { connection: None, client: Rate::per_second(GB_PER_S), root: None };
        let mut tree = FairTree::new(2, caps);
        start(&mut tree, 0, 0, 0, 1_000);
        tree.set_client_cap(SimTime::from_nanos(500), Rate::ZERO);
        (0..32).for_each(|turn| start(&mut tree, 501 + turn, 1, 1 + turn as u32, 10));
        assert_eq!(tree.next_end(), SimTime::NEVER);
        tree.set_client_cap(SimTime::from_nanos(700), Rate::per_second(GB_PER_S));
        assert_eq!(tree.next_end(), SimTime::from_nanos(1_020));
    }
}
