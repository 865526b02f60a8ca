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
    carried: u128,
    carried_until: u128,
}

impl Client {
    /// The key of its head on a clock that its own is `offset` ahead of.
    pub(super) fn head(&self, client: u32) -> u128 {
        fixed::key(fixed::finish_of(self.finishes.min()).wrapping_sub(self.offset), client)
    }

    /// Adds a transfer that ends at `finish` of its virtual time.
    pub(super) fn push(&mut self, finish: u128, id: u32) {
        self.finishes.push(fixed::key(finish, id), &mut nowhere);
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

    /// Takes out a transfer by search and tells its finish value.
    pub(super) fn withdraw(&mut self, id: u32) -> u128 {
        fixed::finish_of(self.finishes.withdraw(|key| fixed::id_of(key) == id))
    }

    /// Begins to run on a clock that shows `served` and has `held` so far, its own virtual time being the same.
    pub(super) fn wake(&mut self, served: u128, held: Held) {
        self.offset = 0;
        self.held_before = held;
        self.carried_until = served;
    }

    /// Changes from one clock to another, both read at the present nanosecond.
    pub(super) fn change_clock(&mut self, from: (u128, Held), to: (u128, Held)) {
        self.offset = from.0.wrapping_add(self.offset).wrapping_sub(to.0);
        add_since(&mut self.held, &from.1, &self.held_before);
        self.held_before = to.1;
    }

    /// Books what its transfers got up to virtual time `own`, before their number changes.
    pub(super) fn book(&mut self, own: u128) {
        self.carried += (own - self.carried_until) * self.n as u128;
        self.carried_until = own;
    }

    /// What it carried up to virtual time `own`, in 2^-40 bytes.
    pub(super) fn carried(&self, own: u128) -> u128 {
        match self.n {
            0 => self.carried,
            n => self.carried + (own - self.carried_until) * n as u128,
        }
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
