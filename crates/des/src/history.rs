//! The digest of what happened: two runs with one digest did the same things at the same times.

use crate::draw::mix;
use ingestsim_units::SimTime;

const BY_WHO: u64 = 0xD6E8_FEB8_6659_FD93;
const BY_STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A running digest over (time, who) of every event, in order.
///
/// Each step is `state = rotate(state, 26) ⊕ (time + who · odd)`, times another odd number. For a given event the step is
/// a bijection of the state, so two histories that differ in exactly one event never meet again; otherwise they agree by
/// chance with probability about 2^-64. It guards against mistakes, not against forgery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    state: u64,
    events: u64,
}

impl History {
    /// An empty history.
    #[must_use]
    pub const fn new() -> Self {
        Self { state: 0, events: 0 }
    }

    /// Notes that `who` (a slot, or a number that stands for a link's transfer) had its turn at `at`.
    #[inline]
    pub fn push(&mut self, at: SimTime, who: impl Into<u64>) {
        let event = at.as_nanos().wrapping_add(who.into().wrapping_mul(BY_WHO));
        self.state = (self.state.rotate_left(26) ^ event).wrapping_mul(BY_STEP);
        self.events += 1;
    }

    /// How many events were noted.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The digest so far.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        mix(self.state ^ mix(self.events))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(events: &[(u64, u64)]) -> u64 {
        let mut history = History::new();
        for &(at, who) in events {
            history.push(SimTime::from_nanos(at), who);
        }
        history.digest()
    }

    #[test]
    fn order_matters() {
        assert_ne!(digest(&[(1, 0), (1, 1)]), digest(&[(1, 1), (1, 0)]));
    }

    #[test]
    fn an_event_more_is_another_history() {
        assert_ne!(digest(&[]), digest(&[(0, 0)]));
        assert_ne!(digest(&[(0, 0)]), digest(&[(0, 0), (0, 0)]));
    }

    /// 64 slots × 64 times × 2 places in a history of three: 8,192 histories, no two digests alike.
    #[test]
    fn close_histories_have_different_digests() {
        let mut digests = Vec::new();
        for at in 0..64 {
            for who in 0..64 {
                digests.push(digest(&[(at, who), (64, 64), (65, 65)]));
                digests.push(digest(&[(64, 64), (65 + at, who), (200, 7)]));
            }
        }
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), 2 * 64 * 64);
    }
}
