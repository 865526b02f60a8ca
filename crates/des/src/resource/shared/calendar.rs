//! A calendar of packed keys, smallest first: for keys that are taken in order and come in not far ahead of that.

use super::{
    fixed::id_of,
    heap::{FREE, Keys},
};

/// No entry.
const NONE: u32 = u32::MAX;

/// Days of a year, doubled whenever there are more keys than days.
const DAYS_MIN: usize = 64;

/// Keys up to which the heap alone keeps them.
const FEW: usize = 3;

/// Keys that the heap has room for from the beginning.
const FAR: usize = 20;

/// Entries of a day that are passed at most to find a key its place.
const WALK_MAX: u32 = 8;

/// After so many keys at least the calendar looks back whether its days are of the right length.
const LOOK_BACK: u32 = 128;

/// Keys by the identifier they name, and which follows on the same day: room that all calendars of a link share, as no
/// transfer stands in two of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entries {
    keys: Vec<u128>,
    next: Vec<u32>,
}

impl Entries {
    /// Makes room for identifiers below `ids`, and for no more.
    pub(crate) fn reserve(&mut self, ids: usize) {
        if ids > self.keys.len() {
            self.keys.reserve_exact(ids - self.keys.len());
            self.next.reserve_exact(ids - self.next.len());
            self.keys.resize(ids, FREE);
            self.next.resize(ids, NONE);
        }
    }

    #[inline]
    fn key(&self, entry: u32) -> Option<u128> {
        self.keys.get(entry as usize).copied()
    }

    #[inline]
    fn next(&self, entry: u32) -> u32 {
        self.next[entry as usize]
    }

    /// Enters a key before the entry `next`.
    #[inline]
    fn enter(&mut self, key: u128, next: u32) -> u32 {
        let entry = id_of(key);
        let Some(place) = self.keys.get_mut(entry as usize) else { return self.enter_beyond(key, next) };
        *place = key;
        self.next[entry as usize] = next;
        entry
    }

    /// The same for an identifier that there is no room for, taking room for half as many more as there are.
    #[cold]
    fn enter_beyond(&mut self, key: u128, next: u32) -> u32 {
        self.reserve((id_of(key) as usize + 1).max(self.keys.len() + self.keys.len() / 2));
        self.enter(key, next)
    }
}

/// Keys by day in sorted lists, for a year of days from the present one; those beyond it, and those whose day is crowded,
/// in a heap.
///
/// Finish values of a fair link are what this is for: they lie ahead of the amount served by no more than a transfer is
/// large. With about one key a day, a key is put in and the smallest taken out in constant time: measured at half of
/// the instructions of a heap with four children a node for 64 keys. The length of a day follows the keys: it is doubled
/// if a quarter of them lie beyond the year, halved if they pass two others on average. Whatever they do, a change costs
/// a few steps on average and one change of the heap, and the order is the same.
///
/// Until there are four keys at a time the heap alone keeps them, and nothing is taken for days.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    /// The smallest key of all, and that of all days.
    first: u128,
    near: u128,
    /// The first entry of each day.
    days: Vec<u32>,
    /// Which days have entries: one bit each.
    busy: Vec<u64>,
    /// Bits of the upper half of a key below its day.
    day_bits: u32,
    /// The day of the key that was taken last.
    today: u64,
    far: Keys,
    len: usize,
    pushed: u32,
    passed: u32,
    beyond: u32,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            first: FREE,
            near: FREE,
            days: Vec::new(),
            busy: Vec::new(),
            day_bits: 0,
            today: 0,
            far: Keys::default(),
            len: 0,
            pushed: 0,
            passed: 0,
            beyond: 0,
        }
    }
}

impl Calendar {
    /// How many keys there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The smallest key, or [`FREE`].
    #[inline]
    pub(crate) fn min(&self) -> u128 {
        self.first
    }

    /// Makes room for the days of so many keys, and for those of them that are expected to lie beyond the year at most.
    pub(crate) fn reserve(&mut self, keys: usize) {
        let days = keys.next_power_of_two().max(DAYS_MIN);
        self.far.reserve(FAR.max(keys / 8));
        self.days.reserve_exact(days);
        self.busy.reserve_exact(days / 64);
    }

    /// Puts in a key that is in no calendar twice.
    #[inline(always)]
    pub(crate) fn push(&mut self, entries: &mut Entries, key: u128) {
        self.len += 1;
        self.first = self.first.min(key);
        if self.days.is_empty() {
            return self.push_few(entries, key);
        }
        self.enter(entries, key);
        self.pushed += 1;
        if self.pushed >= LOOK_BACK {
            self.maybe_look_back(entries);
        }
    }

    #[inline(never)]
    fn push_few(&mut self, entries: &mut Entries, key: u128) {
        self.far.push(key);
        if self.far.len() > FEW {
            self.open(entries);
        }
    }

    /// Takes out the smallest key, which must exist.
    #[inline(always)]
    pub(crate) fn pop(&mut self, entries: &Entries) {
        self.len -= 1;
        if self.first != self.near {
            return self.pop_far();
        }
        self.today = self.day_of(self.near);
        let day = self.place_of(self.today);
        let second = entries.next(id_of(self.near));
        self.days[day] = second;
        self.near = match entries.key(second) {
            Some(key) => key,
            None => self.first_after(entries, day),
        };
        self.first = self.near.min(self.far.min());
    }

    #[inline(never)]
    fn pop_far(&mut self) {
        self.today = self.today.max(self.day_of(self.first));
        self.far.pop();
        self.first = self.near.min(self.far.min());
    }

    /// Takes out the key of an identifier, which must be here, by search.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub(crate) fn withdraw(&mut self, entries: &mut Entries, id: u32) -> u128 {
        self.len -= 1;
        let found = (0..self.days.len()).find_map(|day| self.withdraw_from(entries, day, id));
        let key = found.unwrap_or_else(|| self.far.withdraw(|key| id_of(key) == id));
        self.first = self.near.min(self.far.min());
        key
    }

    fn withdraw_from(&mut self, entries: &mut Entries, day: usize, id: u32) -> Option<u128> {
        let (mut before, mut entry) = (NONE, self.days[day]);
        while entry != NONE && entry != id {
            (before, entry) = (entry, entries.next(entry));
        }
        let key = entries.key(entry)?;
        let after = entries.next(entry);
        if before == NONE {
            self.days[day] = after;
        } else {
            entries.next[before as usize] = after;
        }
        if self.days[day] == NONE {
            self.busy[day / 64] &= !(1 << (day % 64));
        }
        self.near = self.first_from(entries, self.place_of(self.today));
        Some(key)
    }

    #[inline]
    fn day_of(&self, key: u128) -> u64 {
        high(key) >> self.day_bits
    }

    /// Where a day of the year stands.
    #[inline]
    fn place_of(&self, day: u64) -> usize {
        day as usize & (self.days.len() - 1)
    }

    #[inline(always)]
    fn enter(&mut self, entries: &mut Entries, key: u128) {
        let day = self.day_of(key);
        if self.len == 1 {
            self.today = day;
        }
        // A day before today counts as far ahead: the difference wraps.
        if day.wrapping_sub(self.today) >= self.days.len() as u64 {
            self.beyond += 1;
            return self.far.push(key);
        }
        let day = self.place_of(day);
        let first = self.days[day];
        if entries.key(first).is_some_and(|first| first < key) {
            return self.enter_after(entries, first, key);
        }
        self.days[day] = entries.enter(key, first);
        self.busy[day / 64] |= 1 << (day % 64);
        self.near = self.near.min(key);
    }

    /// Finds a key its place after the first one of its day.
    #[inline]
    fn enter_after(&mut self, entries: &mut Entries, first: u32, key: u128) {
        let (mut before, mut after) = (first, entries.next(first));
        let mut passed = 1;
        while entries.key(after).is_some_and(|after| after < key) {
            if passed == WALK_MAX {
                self.passed += passed;
                return self.far.push(key);
            }
            passed += 1;
            (before, after) = (after, entries.next(after));
        }
        self.passed += passed;
        let entry = entries.enter(key, after);
        entries.next[before as usize] = entry;
    }

    /// A day has no key left: the first key of the days after it, round the year.
    #[inline]
    fn first_after(&mut self, entries: &Entries, day: usize) -> u128 {
        self.busy[day / 64] &= !(1 << (day % 64));
        self.first_from(entries, day)
    }

    /// The first key of the first busy day from a place on, round the year.
    #[inline]
    fn first_from(&self, entries: &Entries, day: usize) -> u128 {
        let (word, bit) = (day / 64, day % 64);
        let bits = self.busy[word] >> bit;
        if bits != 0 {
            return self.first_of(entries, day + bits.trailing_zeros() as usize);
        }
        let later = self.busy[word + 1..].iter().chain(&self.busy[..=word]).position(|&bits| bits != 0);
        let Some(later) = later else { return FREE };
        let word = (word + 1 + later) % self.busy.len();
        self.first_of(entries, word * 64 + self.busy[word].trailing_zeros() as usize)
    }

    #[inline]
    fn first_of(&self, entries: &Entries, day: usize) -> u128 {
        entries.keys[self.days[day] as usize]
    }

    /// Begins to keep days, and half a year to what there is.
    #[cold]
    fn open(&mut self, entries: &mut Entries) {
        let last = self.far.keys().max().unwrap_or(0);
        let year_bits = 65 - (high(last) - high(self.first)).leading_zeros();
        self.far.reserve(FAR);
        self.days.resize(DAYS_MIN, NONE);
        self.busy.resize(DAYS_MIN / 64, 0);
        self.relink(entries, year_bits.saturating_sub(DAYS_MIN.ilog2()), DAYS_MIN);
        for _ in 0..self.far.len() {
            let key = self.far.min();
            self.far.pop();
            self.enter(entries, key);
        }
    }

    /// Looks back once as many keys have come as there are, so that days of another length cost each of them a few steps.
    #[inline(never)]
    fn maybe_look_back(&mut self, entries: &mut Entries) {
        if self.pushed as usize >= self.len {
            self.look_back(entries);
        }
    }

    #[cold]
    fn look_back(&mut self, entries: &mut Entries) {
        let (pushed, beyond, passed) = (self.pushed, self.beyond, self.passed);
        (self.pushed, self.passed, self.beyond) = (0, 0, 0);
        let days = self.days.len();
        if self.len > days {
            self.relink(entries, self.day_bits.saturating_sub(1), 2 * days);
        } else if beyond > pushed / 4 && self.day_bits < 63 {
            self.relink(entries, self.day_bits + 1, days);
        } else if passed / 2 > pushed && self.day_bits > 0 {
            self.relink(entries, self.day_bits - 1, days);
        }
    }

    /// Gives each entry its place in a year of other days; what lies beyond it goes to the heap.
    fn relink(&mut self, entries: &mut Entries, day_bits: u32, days: usize) {
        let mut entry = self.unlink_all(entries);
        self.days.resize(days, NONE);
        self.busy.resize(days / 64, 0);
        self.day_bits = day_bits;
        self.today = self.day_of(self.first);
        self.near = entries.key(entry).unwrap_or(FREE);
        let (mut day_before, mut before) = (usize::MAX, NONE);
        while entry != NONE {
            let key = entries.keys[entry as usize];
            let day = self.day_of(key);
            if day - self.today >= days as u64 {
                self.far.push(key);
                entry = entries.next(entry);
                continue;
            }
            let day = self.place_of(day);
            if day == day_before {
                entries.next[before as usize] = entry;
            } else {
                self.days[day] = entry;
                self.busy[day / 64] |= 1 << (day % 64);
            }
            let next = std::mem::replace(&mut entries.next[entry as usize], NONE);
            (day_before, before, entry) = (day, entry, next);
        }
        if before == NONE {
            self.near = FREE;
        }
    }

    /// Takes all entries from their days and links them in order; the first of them.
    fn unlink_all(&mut self, entries: &mut Entries) -> u32 {
        let (mut first, mut last) = (NONE, NONE);
        for index in 0..self.days.len() as u64 {
            let day = self.place_of(self.today.wrapping_add(index));
            let entry = std::mem::replace(&mut self.days[day], NONE);
            if entry == NONE {
                continue;
            }
            if last == NONE {
                first = entry;
            } else {
                entries.next[last as usize] = entry;
            }
            last = entry;
            while entries.next(last) != NONE {
                last = entries.next(last);
            }
        }
        self.busy.fill(0);
        first
    }
}

/// The upper half of a key: whole bytes, or nanoseconds of a core.
#[inline]
fn high(key: u128) -> u64 {
    (key >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::shared::fixed::ID_BITS;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Keys like those of a link with transfers of `sizes` bytes, of which `n` are under way at a time: taken in order, each
    /// followed by a new one. The calendar against an ordered set.
    fn agrees_with_ordered_set(sizes: &[u64], n: usize, withdrawn_every: usize) {
        let (mut calendar, mut entries) = (Calendar::default(), Entries::default());
        let mut set = BTreeSet::new();
        let mut served = 0_u128;
        for (id, &size) in sizes.iter().enumerate() {
            let key = (served + (u128::from(size) << 40)) << ID_BITS | (id as u128 & 0xff_ffff);
            calendar.push(&mut entries, key);
            set.insert(key);
            if id % withdrawn_every == withdrawn_every - 1 {
                let gone = *set.iter().nth(set.len() / 2).unwrap();
                assert_eq!(calendar.withdraw(&mut entries, id_of(gone)), gone);
                set.remove(&gone);
            }
            assert_eq!(calendar.len(), set.len());
            while set.len() > n {
                let first = set.pop_first().unwrap();
                assert_eq!(calendar.min(), first);
                calendar.pop(&entries);
                served = first >> ID_BITS;
            }
        }
        while let Some(first) = set.pop_first() {
            assert_eq!(calendar.min(), first);
            calendar.pop(&entries);
        }
        assert_eq!((calendar.min(), calendar.len()), (FREE, 0));
    }

    #[test]
    fn sizes_that_change_by_orders_of_magnitude_keep_their_order() {
        let sizes: Vec<u64> = (0..20_000_u64)
            .map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 44) << (i / 2_500 * 3))
            .collect();
        agrees_with_ordered_set(&sizes, 100, usize::MAX);
    }

    #[test]
    fn equal_sizes_come_out_by_identifier() {
        agrees_with_ordered_set(&[110_000; 3_000], 500, usize::MAX);
    }

    /// Of a key in a thousand a million times as large as the others, and of all keys in one byte.
    #[test]
    fn giants_and_crowds_keep_their_order() {
        let giants: Vec<u64> =
            (0..10_000).map(|i| if i % 1_000 == 0 { 1 << 40 } else { 1_000 + i }).collect();
        agrees_with_ordered_set(&giants, 64, usize::MAX);
        agrees_with_ordered_set(&[0; 2_000], 300, usize::MAX);
    }

    proptest! {
        #[test]
        fn any_sizes_come_out_in_order(
            sizes in prop::collection::vec(prop_oneof![0..100_u64, 0..1_u64 << 20, any::<u64>().prop_map(|size| size >> 8)], 0..600),
            n in 0..200_usize,
            withdrawn_every in 3..50_usize,
        ) {
            agrees_with_ordered_set(&sizes, n, withdrawn_every);
        }
    }
}
