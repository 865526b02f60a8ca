//! One client of a tree: its transfers and its clocks.

use crate::resource::shared::{
    fixed,
    heap::{Keys, nowhere},
};

use super::level::{Held, add_since};

/// A client: the heap of its transfers in its own virtual time.
#[derive(Debug, Clone, Default)]
pub(super) struct Client {
    /// How many transfers it has: its level.
    pub(super) n: usize,
    /// Where its head stands in the common heap or in its level's.
    pub(super) place: u32,
    /// How far its virtual time is ahead of the clock it runs on, wrapping.
    pub(super) offset: u128,
    /// Finish values in its virtual time, each with its transfer.
    pub(super) finishes: Keys,
    held: Held,
    held_before: Held,
    /// Its virtual times at ends less those at starts, wrapping: with that of now for each transfer under way, what it
    /// carried.
    carried: u128,
}

impl Client {
    /// The key of its head on a clock that its own is `offset` ahead of.
    pub(super) fn head(&self, client: u32) -> u128 {
        fixed::key(fixed::finish_of(self.finishes.min()).wrapping_sub(self.offset), client)
    }

    /// Takes out a transfer that has got its bytes by virtual time `own`.
    pub(super) fn pop_finished(&mut self, own: u128) -> Option<u32> {
        // An empty heap's head is above every virtual time.
        let head = self.finishes.min();
        if fixed::finish_of(head) > own {
            return None;
        }
        self.finishes.pop(&mut nowhere);
        Some(fixed::id_of(head))
    }

    /// Begins to run on a clock that has `held` so far, its own virtual time being the same.
    pub(super) fn wake(&mut self, held: Held) {
        self.offset = 0;
        self.held_before = held;
    }

    /// Changes from one clock to another, both read at the present nanosecond.
    pub(super) fn change_clock(&mut self, from: (u128, Held), to: (u128, Held)) {
        self.offset = from.0.wrapping_add(self.offset).wrapping_sub(to.0);
        add_since(&mut self.held, &from.1, &self.held_before);
        self.held_before = to.1;
    }

    /// Moves from a clock to the common one, which its own virtual time becomes.
    pub(super) fn follow_common(&mut self, from: (u128, Held), common: (u128, Held)) {
        self.change_clock(from, common);
        let ahead = std::mem::replace(&mut self.offset, 0);
        self.finishes.shift(|key| fixed::key(fixed::finish_of(key).wrapping_sub(ahead), fixed::id_of(key)));
        self.carried = self.carried.wrapping_add(ahead.wrapping_mul(self.n as u128));
    }

    /// Notes a start at virtual time `own`.
    pub(super) fn carry_from(&mut self, own: u128) {
        self.carried = self.carried.wrapping_sub(own);
    }

    /// Notes an end at virtual time `own`.
    pub(super) fn carry_to(&mut self, own: u128) {
        self.carried = self.carried.wrapping_add(own);
    }

    /// What it carried up to virtual time `own`, in 2^-40 bytes.
    pub(super) fn carried(&self, own: u128) -> u128 {
        self.carried.wrapping_add(own.wrapping_mul(self.n as u128))
    }

    /// What bound its transfers so far, the clock it runs on showing `clock`.
    pub(super) fn held(&self, clock: &Held) -> Held {
        let mut held = self.held;
        if self.n > 0 {
            add_since(&mut held, clock, &self.held_before);
        }
        held
    }

    /// Stops, having no transfer left.
    pub(super) fn rest(&mut self, clock: &Held) {
        add_since(&mut self.held, clock, &self.held_before);
    }
}
