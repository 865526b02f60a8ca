//! The clients that have one number of transfers, and which numbers are in use.

use crate::resource::shared::{fixed::growth, heap::Keys};

/// Nanoseconds bound by connection, client and root, in this order.
pub(super) type Held = [u64; 3];

pub(super) const CONNECTION: usize = 0;
pub(super) const CLIENT: usize = 1;
pub(super) const ROOT: usize = 2;

/// Adds to `sum` what `clock` gained since `earlier`.
pub(super) fn add_since(sum: &mut Held, clock: &Held, earlier: &Held) {
    for cause in [CONNECTION, CLIENT, ROOT] {
        sum[cause] += clock[cause] - earlier[cause];
    }
}

/// All clients with n transfers: as clients are alike, they have one rate and may share one clock.
#[derive(Debug, Clone, Default)]
pub(super) struct Level {
    /// How many clients have n transfers.
    pub(super) count: u64,
    pub(super) state: State,
    /// Its clients' heads, in the level's virtual time; empty while joined.
    pub(super) heads: Keys,
    /// Where the level's own head stands in the heap of the common or of the private ones.
    pub(super) place: u32,
    /// What bound it, up to the last change of state.
    held: Held,
}

/// Whose clock a level's clients run on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum State {
    /// Its clients are in the common heap one by one.
    #[default]
    Joined,
    /// Its own clock is `offset` ahead of the common one, and goes at the common rate.
    Common { offset: u128, held: Held },
    /// Its own clock showed `served` at `since`, and goes at the client's share.
    Private { served: u128, since: u64 },
}

/// The common clock at the present nanosecond.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common {
    pub(super) now: u64,
    pub(super) served: u128,
    pub(super) held: Held,
}

impl Level {
    pub(super) fn is_split(&self) -> bool {
        !matches!(self.state, State::Joined)
    }

    pub(super) fn is_private(&self) -> bool {
        matches!(self.state, State::Private { .. })
    }

    /// The virtual time of its clients; `share` is a transfer's share of a client with that many.
    pub(super) fn served(&self, common: &Common, share: u64) -> u128 {
        match self.state {
            State::Joined => common.served,
            State::Common { offset, .. } => common.served.wrapping_add(offset),
            State::Private { served, since } => served + growth(share, common.now - since),
        }
    }

    /// What bound its clients so far.
    pub(super) fn held(&self, common: &Common) -> Held {
        let mut held = self.held;
        match self.state {
            State::Joined => return common.held,
            State::Common { held: earlier, .. } => add_since(&mut held, &common.held, &earlier),
            State::Private { since, .. } => held[CLIENT] += common.now - since,
        }
        held
    }

    /// Leaves the common heap: from now on its clients have a heap of their own, on a clock equal to the common one.
    pub(super) fn split(&mut self, common: &Common) {
        self.held = common.held;
        self.state = State::Common { offset: 0, held: common.held };
    }

    /// Goes at its own rate from now on.
    pub(super) fn part(&mut self, common: &Common, share: u64) {
        let served = self.served(common, share);
        self.held = self.held(common);
        self.state = State::Private { served, since: common.now };
    }

    /// Goes at the common rate from now on.
    pub(super) fn follow(&mut self, common: &Common, share: u64) {
        let offset = self.served(common, share).wrapping_sub(common.served);
        self.held = self.held(common);
        self.state = State::Common { offset, held: common.held };
    }

    /// Joins the common heap again, being empty.
    pub(super) fn join(&mut self) {
        self.state = State::Joined;
    }
}

/// Which levels have clients: one bit each.
#[derive(Debug, Clone, Default)]
pub(super) struct Occupied(Vec<u64>);

impl Occupied {
    pub(super) fn grow(&mut self, levels: usize) {
        self.0.resize(levels.div_ceil(64), 0);
    }

    pub(super) fn set(&mut self, level: usize) {
        self.0[level / 64] |= 1 << (level % 64);
    }

    pub(super) fn clear(&mut self, level: usize) {
        self.0[level / 64] &= !(1 << (level % 64));
    }

    /// The highest occupied level below `limit`.
    pub(super) fn below(&self, limit: usize) -> Option<usize> {
        let limit = limit.min(self.0.len() * 64);
        let part = limit / 64;
        let low = (1_u64 << (limit % 64)) - 1;
        let head = self.0.get(part).map_or(0, |bits| bits & low);
        let found = |(index, bits): (usize, u64)| {
            (bits != 0).then(|| index * 64 + 63 - bits.leading_zeros() as usize)
        };
        found((part, head)).or_else(|| self.0[..part].iter().copied().enumerate().rev().find_map(found))
    }

    /// The lowest occupied level at or above `limit`.
    pub(super) fn from(&self, limit: usize) -> Option<usize> {
        let part = limit / 64;
        let low = (1_u64 << (limit % 64)) - 1;
        let head = self.0.get(part)? & !low;
        let found =
            |(index, bits): (usize, u64)| (bits != 0).then(|| index * 64 + bits.trailing_zeros() as usize);
        found((part, head)).or_else(|| self.0.iter().copied().enumerate().skip(part + 1).find_map(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn occupied_levels_are_found_on_both_sides() {
        let mut occupied = Occupied::default();
        occupied.grow(200);
        for level in [3, 63, 64, 190] {
            occupied.set(level);
        }
        occupied.clear(63);
        assert_eq!(
            [usize::MAX, 190, 64, 3].map(|limit| occupied.below(limit)),
            [Some(190), Some(64), Some(3), None]
        );
        assert_eq!([0, 4, 65, 191].map(|limit| occupied.from(limit)), [Some(3), Some(64), Some(190), None]);
        assert_eq!(occupied.from(usize::MAX), None);
    }
}
