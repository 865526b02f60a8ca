//! One calendar for the transfers of all clients, for as long as no client goes by itself.

use ingestsim_units::Bytes;

use super::FairTree;
use crate::{
    resource::shared::{calendar::Calendar, fixed},
    tournament::FREE,
};

/// Starts and ends for each transfer under way without a client that goes by itself, before all are put together again: what
/// putting them together and apart costs is then little beside what it saves.
const QUIET: usize = 4;

/// The finish values of all transfers in common virtual time, or none of them.
#[derive(Debug, Clone)]
pub(super) struct Together {
    finishes: Calendar,
    holds_all: bool,
    /// What no client has more transfers than: the largest number of any, or one that was.
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
        state.n -= 1;
        self.common_n -= 1;
    }

    /// As [`settle`](Self::settle), where all share one clock.
    #[inline(always)]
    pub(super) fn settle_together(&mut self) {
        let level = self.share_of_all();
        if self.goes_alone(self.together.fullest, level) && self.part(level) {
            return self.settle_apart();
        }
        let rate = self.common_rate(level);
        self.used = self.common_n as u128 * u128::from(rate);
        self.root_load.observe(self.used, self.root);
        if u128::from(rate) * self.together.fullest as u128 > self.client_load.peak {
            self.observe_fullest();
        }
        let ended = self.ledger.has_ended();
        self.next = if ended { self.at } else { self.common_end(self.together.finishes.min()) };
    }

    #[inline(never)]
    fn observe_fullest(&mut self) {
        self.find_fullest();
        let used = u128::from(self.rate) * self.together.fullest as u128;
        self.client_load.observe(used, self.client_cap);
    }

    fn find_fullest(&mut self) {
        self.together.fullest = self.clients.iter().map(|client| client.n).max().unwrap_or(0);
    }

    /// If some client is to go by itself at the root's `level`, gives each a calendar of its transfers in its own virtual time.
    #[inline(never)]
    fn part(&mut self, level: u64) -> bool {
        self.find_fullest();
        if !self.goes_alone(self.together.fullest, level) {
            return false;
        }
        self.together.holds_all = false;
        self.together.quiet = 0;
        while self.together.finishes.min() != FREE {
            let first = self.together.finishes.min();
            self.together.finishes.pop(&self.entries);
            let (finish, id) = (fixed::finish_of(first), fixed::id_of(first));
            let state = &mut self.clients[self.ledger.group(id) as usize];
            state.finishes.push(&mut self.entries, fixed::key(state.own_of(finish), id));
        }
        self.levels.clear();
        for (client, state) in self.clients.iter().enumerate() {
            if state.n > 0 {
                self.levels.enter(state.n);
            }
            self.common_ends.set(client, state.common_key(client as u32));
        }
        true
    }

    /// Puts all transfers into one calendar again once no client has gone by itself for a while.
    #[inline]
    pub(super) fn count_quiet(&mut self) {
        if self.alone_used > 0 {
            self.together.quiet = 0;
            return;
        }
        self.together.quiet += 1;
        if self.together.quiet > QUIET * self.common_n {
            self.gather();
        }
    }

    #[cold]
    fn gather(&mut self) {
        self.together.holds_all = true;
        self.boundary = usize::MAX;
        for state in &mut self.clients {
            while let Some((finish, id)) = state.pop_first(&self.entries) {
                let key = fixed::key(state.common_of(finish), id);
                self.together.finishes.push(&mut self.entries, key);
            }
        }
        self.find_fullest();
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

    /// 3,000 starts of two clients that part and come together again and again, against two trees that are told to part
    /// and to gather at other times: the same ends.
    #[test]
    fn when_clients_part_makes_no_difference() {
        let sizes = |turn: u64| turn.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48;
        let run = |quiet_after: usize| {
            let mut tree = tree();
            let mut ends = Vec::new();
            for turn in 0..3_000_u64 {
                let now = turn * 60_000;
                while tree.next <= now {
                    let at = tree.next;
                    ends.push((at, tree.end(SimTime::from_nanos(at)).unwrap()));
                }
                let client = u32::from(sizes(turn) % 5 < turn / 300 % 5);
                tree.start(SimTime::from_nanos(now), client, turn as u32, Bytes::new(sizes(turn)));
                if !tree.together.holds_all && tree.alone_used == 0 && tree.together.quiet >= quiet_after {
                    tree.gather();
                }
            }
            ends
        };
        let expected = run(usize::MAX);
        assert!(expected.len() > 2_900);
        assert!([0, 1, 7].map(run).into_iter().all(|ends| ends == expected));
    }
}
