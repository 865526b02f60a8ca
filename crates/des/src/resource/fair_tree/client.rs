//! One client of a tree: its transfers, the clock they run on, and what bound them.

use crate::resource::shared::{
    calendar::{Calendar, Entries},
    fixed,
    fixed::growth,
    heap::FREE,
};

/// Nanoseconds bound by connection, client and root, in this order.
pub(super) type Held = [u64; 3];

pub(super) const CONNECTION: usize = 0;
pub(super) const CLIENT: usize = 1;
pub(super) const ROOT: usize = 2;

/// The common clock at the present nanosecond.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common {
    pub(super) now: u64,
    pub(super) served: u128,
    pub(super) held: Held,
}

/// The clock that a client's transfers run on.
#[derive(Debug, Clone, Copy)]
enum Clock {
    /// The common one, ahead of which its virtual time is `offset`, wrapping, and which showed `held` when it joined.
    Common { offset: u128, held: Held },
    /// Its own: its virtual time was `served` at `since`, and goes at the client's share.
    Own { served: u128, since: u64 },
}

/// A client: the calendar of its transfers in its own virtual time. What every start and end asks for comes first, in two
/// cache lines.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(super) struct Client {
    clock: Clock,
    /// Its virtual times at ends less those at starts, wrapping: with that of now for each transfer under way, what it
    /// carried.
    carried: u128,
    /// How many transfers it has: its level.
    pub(super) n: usize,
    held: Held,
    /// Finish values in its virtual time, each with its transfer; none while one calendar holds those of all clients.
    pub(super) finishes: Calendar,
}

impl Client {
    pub(super) fn new() -> Self {
        Self {
            clock: Clock::Common { offset: 0, held: [0; 3] },
            carried: 0,
            n: 0,
            held: [0; 3],
            finishes: Calendar::default(),
        }
    }

    /// Whether it goes by itself.
    #[inline]
    pub(super) fn is_alone(&self) -> bool {
        matches!(self.clock, Clock::Own { .. })
    }

    /// Its virtual time at `now`, when the common clock shows `common`; `share` is that of each of its transfers where it
    /// goes by itself.
    #[inline]
    pub(super) fn own_time(&self, now: u64, common: u128, share: u64) -> u128 {
        match self.clock {
            Clock::Common { offset, .. } => common.wrapping_add(offset),
            Clock::Own { served, since } => served + growth(share, now - since),
        }
    }

    /// A common virtual time as it is on the clock of this client, which runs on the common one.
    #[inline]
    pub(super) fn own_of(&self, common: u128) -> u128 {
        common.wrapping_add(self.offset())
    }

    /// A virtual time of this client, which runs on the common clock, as it is there.
    #[inline]
    pub(super) fn common_of(&self, own: u128) -> u128 {
        own.wrapping_sub(self.offset())
    }

    #[inline]
    fn offset(&self) -> u128 {
        match self.clock {
            Clock::Common { offset, .. } => offset,
            Clock::Own { .. } => unreachable!("a client that goes by itself has a clock of its own"),
        }
    }

    /// Begins to run on the common clock, its own virtual time being the same.
    #[inline]
    pub(super) fn wake(&mut self, held: Held) {
        self.clock = Clock::Common { offset: 0, held };
    }

    /// Books the time so far, as its last transfer leaves the common clock.
    #[cold]
    pub(super) fn rest(&mut self, common: &Common) {
        self.change_clock(self.own_of(common.served), common, false);
    }

    /// Books the time so far and goes on from virtual time `own`, by itself or on the common clock.
    #[inline]
    pub(super) fn change_clock(&mut self, own: u128, common: &Common, alone: bool) {
        self.held = self.held(common);
        self.clock = if alone {
            Clock::Own { served: own, since: common.now }
        } else {
            Clock::Common { offset: own.wrapping_sub(common.served), held: common.held }
        };
    }

    /// What bound its transfers so far.
    #[inline]
    pub(super) fn held(&self, common: &Common) -> Held {
        let mut held = self.held;
        match self.clock {
            _ if self.n == 0 => {}
            Clock::Common { held: earlier, .. } => {
                for cause in [CONNECTION, ROOT] {
                    held[cause] += common.held[cause] - earlier[cause];
                }
            }
            Clock::Own { since, .. } => held[CLIENT] += common.now - since,
        }
        held
    }

    /// The key of its next end on the common clock; none if it goes by itself or has no transfer.
    #[inline]
    pub(super) fn common_key(&self, client: u32) -> u128 {
        match (self.clock, self.finishes.min()) {
            (Clock::Own { .. }, _) | (_, FREE) => FREE,
            (Clock::Common { offset, .. }, head) => {
                fixed::key(fixed::finish_of(head).wrapping_sub(offset), client)
            }
        }
    }

    /// The key of the nanosecond of its next end where it goes by itself; `share` is that of each of its transfers.
    #[inline]
    pub(super) fn own_key(&self, client: u32, share: u64) -> u128 {
        let Clock::Own { served, since } = self.clock else { return FREE };
        let left = fixed::finish_of(self.finishes.min()).saturating_sub(served);
        fixed::key(u128::from(since.saturating_add(fixed::time_for(left, share))), client)
    }

    /// Takes out a transfer that has got its bytes by virtual time `own`.
    #[inline]
    pub(super) fn pop_finished(&mut self, entries: &Entries, own: u128) -> Option<u32> {
        // The head of an empty calendar is above every virtual time.
        let head = self.finishes.min();
        if fixed::finish_of(head) > own {
            return None;
        }
        self.finishes.pop(entries);
        Some(fixed::id_of(head))
    }

    /// Takes out its first transfer and when it has got its bytes in its virtual time.
    pub(super) fn pop_first(&mut self, entries: &Entries) -> Option<(u128, u32)> {
        let head = self.finishes.min();
        if head == FREE {
            return None;
        }
        self.finishes.pop(entries);
        Some((fixed::finish_of(head), fixed::id_of(head)))
    }

    /// Notes a start at virtual time `own`.
    #[inline]
    pub(super) fn carry_from(&mut self, own: u128) {
        self.carried = self.carried.wrapping_sub(own);
    }

    /// Notes an end at virtual time `own`.
    #[inline]
    pub(super) fn carry_to(&mut self, own: u128) {
        self.carried = self.carried.wrapping_add(own);
    }

    /// What it carried up to virtual time `own`, in 2^-40 bytes.
    pub(super) fn carried(&self, own: u128) -> u128 {
        self.carried.wrapping_add(own.wrapping_mul(self.n as u128))
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::*;

    #[test]
    fn what_every_start_and_end_asks_for_lies_in_two_cache_lines() {
        assert!(offset_of!(Client, finishes) <= 128);
    }
}
