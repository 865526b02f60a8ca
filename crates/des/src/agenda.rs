//! The agenda: what is due next, with one pending event a slot.

use crate::tournament::{FREE, Tournament, earlier};
use ingestsim_units::SimTime;

const SLOT_BITS: u32 = 24;
const SEQUENCE_BITS: u32 = 40;
const SLOT_MASK: u128 = (1 << SLOT_BITS) - 1;

/// The place of one entity in the agenda: an index below 2^24.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u32);

impl Slot {
    /// How many slots an agenda may have.
    pub const LIMIT: usize = 1 << SLOT_BITS;

    /// The slot with number `index`.
    ///
    /// # Panics
    ///
    /// If `index` is 2^24 or more: a key of the agenda has no room for it.
    #[must_use]
    pub const fn new(index: u32) -> Self {
        assert!(index >> SLOT_BITS == 0, "an agenda has fewer than 2^24 slots");
        Self(index)
    }

    /// The number of the slot, to index arrays that run beside the agenda.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl From<Slot> for u64 {
    fn from(slot: Slot) -> Self {
        Self::from(slot.0)
    }
}

/// Pending events in order of time, at most one a slot; events of one nanosecond in the order they were scheduled.
///
/// An entity of a simulation has one thing ahead of it (its read ends, its step ends), so its event lives in its slot
/// and the order is kept over keys alone: nanoseconds (64 bits), sequence (40 bits) and slot (24 bits) in one integer.
///
/// The keys play a tournament: the cost of a change is the number of levels of its tree, and nothing depends on how the
/// keys lie. Slots that are a few more than a tree of some levels holds (4, 16, 64, ...) play one of their own, for one more
/// level would cost all. All memory is taken when the agenda is made.
///
/// ```
/// use ingestsim_des::agenda::{Agenda, Slot};
/// use ingestsim_units::SimTime;
///
/// let mut agenda = Agenda::with_slots(2);
/// agenda.schedule(Slot::new(0), SimTime::from_nanos(20), "late");
/// agenda.schedule(Slot::new(1), SimTime::from_nanos(10), "early");
/// assert_eq!(agenda.pop(), Some((SimTime::from_nanos(10), Slot::new(1), "early")));
/// ```
#[derive(Debug, Clone)]
pub struct Agenda<E> {
    earliest: u128,
    /// The slot whose event was taken last, while its key is still in the tree: most often the next schedule is for
    /// the same slot and overwrites it, which saves a replay.
    taken: Option<Slot>,
    /// Keys of the first `split` slots, and of the few others.
    keys: Tournament,
    few: Tournament,
    split: usize,
    events: Vec<E>,
    sequence: u64,
    pending: usize,
    now: SimTime,
}

impl<E: Copy + Default> Agenda<E> {
    /// An empty agenda with slots 0 to `n − 1`.
    ///
    /// # Panics
    ///
    /// If `n` is more than [`Slot::LIMIT`].
    #[must_use]
    pub fn with_slots(n: usize) -> Self {
        assert!(n <= Slot::LIMIT, "an agenda has at most 2^24 slots");
        let split = slots_of_one_tree(n);
        Self {
            earliest: FREE,
            taken: None,
            keys: Tournament::new(split),
            few: Tournament::new(n - split),
            split,
            events: vec![E::default(); n],
            sequence: 0,
            pending: 0,
            now: SimTime::ZERO,
        }
    }

    /// The number of pending events.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pending
    }

    /// Whether nothing is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pending == 0
    }

    /// Whether `slot` has an event ahead of it.
    #[must_use]
    pub fn is_pending(&self, slot: Slot) -> bool {
        self.taken != Some(slot) && self.key(slot) != FREE
    }

    /// Makes `event` happen to `slot` at `at`, after everything already scheduled for that nanosecond.
    ///
    /// # Panics
    ///
    /// If `slot` does not exist or this is the 2^40th call; in debug builds also if the slot has an event pending
    /// (in release builds the later one replaces it and [`len`](Self::len) counts both) or `at` is before the event
    /// taken last.
    #[inline]
    pub fn schedule(&mut self, slot: Slot, at: SimTime, event: E) {
        debug_assert!(!self.is_pending(slot), "a slot has one pending event");
        debug_assert!(at >= self.now, "nothing is scheduled for the past");
        self.sequence += 1;
        assert!(self.sequence >> SEQUENCE_BITS == 0, "a run schedules fewer than 2^40 events");
        self.events[slot.index()] = event;
        self.pending += 1;
        if self.taken == Some(slot) {
            self.taken = None;
        }
        self.replay(slot, pack(at, self.sequence, slot));
    }

    /// Takes back what is pending for `slot`, if anything is.
    pub fn cancel(&mut self, slot: Slot) -> Option<E> {
        if !self.is_pending(slot) {
            return None;
        }
        self.pending -= 1;
        self.replay(slot, FREE);
        Some(self.events[slot.index()])
    }

    /// The time of the next event.
    #[inline]
    pub fn peek(&mut self) -> Option<SimTime> {
        self.settle();
        (self.earliest != FREE).then(|| time_of(self.earliest))
    }

    /// Takes the next event: when, to which slot, what.
    #[inline]
    pub fn pop(&mut self) -> Option<(SimTime, Slot, E)> {
        self.settle();
        if self.earliest == FREE {
            return None;
        }
        Some(self.take(time_of(self.earliest), slot_of(self.earliest)))
    }

    /// Takes the next event if it lies before `limit`.
    #[inline]
    pub fn pop_before(&mut self, limit: SimTime) -> Option<(SimTime, Slot, E)> {
        self.settle();
        // Nothing pending reads as the last moment, which lies before none.
        let (at, slot) = (time_of(self.earliest), slot_of(self.earliest));
        (at < limit).then(|| self.take(at, slot))
    }

    #[inline]
    fn take(&mut self, at: SimTime, slot: Slot) -> (SimTime, Slot, E) {
        self.taken = Some(slot);
        self.now = at;
        self.pending -= 1;
        (at, slot, self.events[slot.index()])
    }

    /// Takes the key of the event taken last out of the tree, unless its slot has been used again.
    #[inline]
    fn settle(&mut self) {
        if let Some(slot) = self.taken.take() {
            self.replay(slot, FREE);
        }
    }

    fn key(&self, slot: Slot) -> u128 {
        match slot.index().checked_sub(self.split) {
            None => self.keys.at(slot.index()),
            Some(place) => self.few.at(place),
        }
    }

    /// Gives `slot` the key `key` and finds the earliest of all again.
    #[inline]
    fn replay(&mut self, slot: Slot, key: u128) {
        match slot.index().checked_sub(self.split) {
            None => self.keys.set(slot.index(), key),
            Some(place) => self.few.set(place, key),
        }
        self.earliest = earlier(self.keys.first(), self.few.first());
    }
}

/// How many of `n` slots play one tournament: all, or as many as a tree with a level less holds if few more are left.
fn slots_of_one_tree(n: usize) -> usize {
    let full = 1_usize << (n.max(1).ilog2() & !1);
    if n - full.min(n) <= full / 4 { full.min(n) } else { n }
}

fn pack(at: SimTime, sequence: u64, slot: Slot) -> u128 {
    u128::from(at.as_nanos()) << (SEQUENCE_BITS + SLOT_BITS)
        | u128::from(sequence) << SLOT_BITS
        | u128::from(slot.0)
}

fn time_of(key: u128) -> SimTime {
    SimTime::from_nanos((key >> (SEQUENCE_BITS + SLOT_BITS)) as u64)
}

fn slot_of(key: u128) -> Slot {
    Slot((key & SLOT_MASK) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn ns(at: u64) -> SimTime {
        SimTime::from_nanos(at)
    }

    /// Three events at 5 ns come out as they were scheduled, after the one at 4 ns.
    #[test]
    fn ties_go_by_order_of_scheduling() {
        let mut agenda = Agenda::with_slots(4);
        for (slot, at) in [(2, 5), (0, 5), (3, 4), (1, 5)] {
            agenda.schedule(Slot::new(slot), ns(at), slot);
        }
        let order: Vec<u32> = std::iter::from_fn(|| agenda.pop().map(|(_, _, event)| event)).collect();
        assert_eq!(order, [3, 2, 0, 1]);
    }

    /// Events at 5 and 9 ns: nothing lies before 5, the first before 6, and nothing before the last moment is missed.
    #[test]
    fn an_event_is_taken_only_before_the_limit() {
        let mut agenda = Agenda::with_slots(2);
        assert_eq!(agenda.pop_before(SimTime::NEVER), None);
        agenda.schedule(Slot::new(0), ns(9), 'b');
        agenda.schedule(Slot::new(1), ns(5), 'a');
        assert_eq!(agenda.pop_before(ns(5)), None);
        assert_eq!(agenda.pop_before(ns(6)), Some((ns(5), Slot::new(1), 'a')));
        assert_eq!(agenda.pop_before(SimTime::NEVER), Some((ns(9), Slot::new(0), 'b')));
        assert_eq!((agenda.pop(), agenda.len()), (None, 0));
    }

    /// The slot popped last may be scheduled at once, later, or not at all while others go on.
    #[test]
    fn a_taken_slot_is_free_again() {
        let mut agenda = Agenda::with_slots(2);
        agenda.schedule(Slot::new(0), ns(1), 'a');
        assert_eq!(agenda.pop(), Some((ns(1), Slot::new(0), 'a')));
        assert!(!agenda.is_pending(Slot::new(0)));
        assert_eq!(agenda.cancel(Slot::new(0)), None);
        agenda.schedule(Slot::new(1), ns(9), 'b');
        agenda.schedule(Slot::new(0), ns(5), 'c');
        assert_eq!(agenda.pop(), Some((ns(5), Slot::new(0), 'c')));
        assert_eq!(agenda.pop(), Some((ns(9), Slot::new(1), 'b')));
        assert_eq!(agenda.pop(), None);
        assert!(agenda.is_empty());
    }

    /// 64 slots and 9 more: two tournaments, one order. At 81 the 17 more are too many to play apart.
    #[test]
    fn slots_beyond_a_full_tree_come_in_their_turn() {
        assert_eq!([0, 1, 5, 64, 73, 80, 81, 256].map(slots_of_one_tree), [0, 1, 4, 64, 64, 64, 81, 256]);
        let mut agenda = Agenda::with_slots(73);
        for slot in 0..73 {
            agenda.schedule(Slot::new(slot), ns(u64::from(slot * 31 % 73)), slot);
        }
        assert_eq!(agenda.cancel(Slot::new(70)), Some(70));
        let order: Vec<u32> = std::iter::from_fn(|| agenda.pop().map(|(_, _, slot)| slot)).collect();
        let mut expected: Vec<u32> = (0..73).filter(|&slot| slot != 70).collect();
        expected.sort_by_key(|slot| slot * 31 % 73);
        assert_eq!(order, expected);
    }

    #[test]
    #[should_panic(expected = "a slot has one pending event")]
    #[cfg(debug_assertions)]
    fn second_event_of_a_slot_is_refused() {
        let mut agenda = Agenda::with_slots(1);
        agenda.schedule(Slot::new(0), ns(1), ());
        agenda.schedule(Slot::new(0), ns(2), ());
    }

    #[test]
    fn never_is_the_last_moment() {
        let mut agenda = Agenda::with_slots(2);
        agenda.schedule(Slot::new(1), SimTime::NEVER, ());
        agenda.schedule(Slot::new(0), ns(u64::MAX - 1), ());
        assert_eq!(agenda.pop().map(|(at, ..)| at), Some(ns(u64::MAX - 1)));
        assert_eq!(agenda.peek(), Some(SimTime::NEVER));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Schedule(u32, u64),
        Cancel(u32),
        Pop,
        Peek,
    }

    fn steps(slots: u32) -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (0..slots, 0..40_u64).prop_map(|(slot, delay)| Step::Schedule(slot, delay)),
            1 => (0..slots).prop_map(Step::Cancel),
            3 => Just(Step::Pop),
            1 => Just(Step::Peek),
        ];
        prop::collection::vec(step, 0..400)
    }

    /// The agenda against an ordered map from (time, order of scheduling) to slot and event.
    fn agrees_with_ordered_map(slots: u32, steps: &[Step]) {
        let mut agenda = Agenda::with_slots(slots as usize);
        let mut map = BTreeMap::new();
        let mut now = 0;
        for (order, step) in steps.iter().enumerate() {
            match *step {
                Step::Schedule(slot, delay) if !agenda.is_pending(Slot::new(slot)) => {
                    agenda.schedule(Slot::new(slot), ns(now + delay), order);
                    map.insert((now + delay, order), slot);
                }
                Step::Schedule(..) => {}
                Step::Cancel(slot) => {
                    let known = map.iter().find(|&(_, &other)| other == slot).map(|(&key, _)| key);
                    assert_eq!(agenda.cancel(Slot::new(slot)), known.map(|(_, order)| order));
                    known.and_then(|key| map.remove(&key));
                }
                Step::Pop => {
                    let next = map.pop_first();
                    now = next.map_or(now, |((at, _), _)| at);
                    let next = next.map(|((at, order), slot)| (ns(at), Slot::new(slot), order));
                    assert_eq!(agenda.pop(), next);
                }
                Step::Peek => {
                    assert_eq!(agenda.peek(), map.first_key_value().map(|(&(at, _), _)| ns(at)));
                }
            }
            assert_eq!(agenda.len(), map.len());
        }
    }

    proptest! {
        #[test]
        fn pops_what_an_ordered_map_pops((slots, steps) in (1..60_u32).prop_flat_map(|n| (Just(n), steps(n)))) {
            agrees_with_ordered_map(slots, &steps);
        }
    }
}
