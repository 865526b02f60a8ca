//! A heap of packed keys, smallest first, that can tell where each key stands.

use std::hint::select_unpredictable;

/// A free place: later than every key, so that four siblings are always compared whole.
pub(crate) const FREE: u128 = u128::MAX;

/// Four siblings in one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Siblings([u128; 4]);

impl Siblings {
    /// The place and the value of the smallest; no branch depends on the keys.
    fn smallest(&self) -> (usize, u128) {
        let [a, b, c, d] = self.0;
        let (left, right) = (b < a, d < c);
        let low = select_unpredictable(left, b, a);
        let high = select_unpredictable(right, d, c);
        let upper = high < low;
        let place = select_unpredictable(upper, 2 + usize::from(right), usize::from(left));
        (place, select_unpredictable(upper, high, low))
    }
}

/// A heap with four children a node.
///
/// The root stands at place 3, the children of place `p` are group `p - 2`, so every family fills one cache line. Each
/// change takes a function that hears `(key, place)` for every key that was put somewhere: that is how a caller removes
/// or changes a key later.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    groups: Vec<Siblings>,
    len: usize,
}

const ROOT: usize = 3;

impl Keys {
    /// How many keys there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The smallest key, or [`FREE`].
    #[inline]
    pub(crate) fn min(&self) -> u128 {
        self.groups.first().map_or(FREE, |group| group.0[ROOT])
    }

    /// Puts in a key.
    #[inline]
    pub(crate) fn push(&mut self, key: u128, moved: &mut impl FnMut(u128, usize)) {
        let place = self.len + ROOT;
        self.len += 1;
        if place / 4 == self.groups.len() {
            self.lengthen();
        }
        self.rise(place, key, moved);
    }

    /// Takes room for one group more, and for a quarter more when there is none: what is kept for good need not double.
    #[cold]
    fn lengthen(&mut self) {
        if self.groups.len() == self.groups.capacity() {
            self.groups.reserve_exact(self.groups.len() / 4 + 1);
        }
        self.groups.push(Siblings([FREE; 4]));
    }

    /// Takes out the smallest key, which must exist.
    #[inline]
    pub(crate) fn pop(&mut self, moved: &mut impl FnMut(u128, usize)) {
        self.len -= 1;
        let end = self.len + ROOT;
        let last = std::mem::replace(&mut self.groups[end / 4].0[end % 4], FREE);
        if end > ROOT {
            self.sink(ROOT, last, moved);
        }
    }

    /// Takes out the key at `place`.
    #[inline]
    pub(crate) fn remove(&mut self, place: usize, moved: &mut impl FnMut(u128, usize)) {
        self.len -= 1;
        let end = self.len + ROOT;
        let last = std::mem::replace(&mut self.groups[end / 4].0[end % 4], FREE);
        if place < end {
            self.replace(place, last, moved);
        }
    }

    /// Changes the key at `place`.
    pub(crate) fn replace(&mut self, place: usize, key: u128, moved: &mut impl FnMut(u128, usize)) {
        if self.at(place) == key {
            return;
        }
        if place > ROOT && key < self.at(parent(place)) {
            self.rise(place, key, moved);
        } else {
            self.sink(place, key, moved);
        }
    }

    /// Takes out the one key that `is_it`, by search: for what is rare and keeps no places.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub(crate) fn withdraw(&mut self, is_it: impl Fn(u128) -> bool) -> u128 {
        let mut keys = self.groups.iter().flat_map(|group| group.0);
        let place =
            keys.position(|key| key != FREE && is_it(key)).expect("a transfer under way has a finish value");
        let key = self.at(place);
        self.remove(place, &mut nowhere);
        key
    }

    fn at(&self, place: usize) -> u128 {
        self.groups[place / 4].0[place % 4]
    }

    fn put(&mut self, place: usize, key: u128, moved: &mut impl FnMut(u128, usize)) {
        self.groups[place / 4].0[place % 4] = key;
        moved(key, place);
    }

    #[inline]
    fn rise(&mut self, place: usize, key: u128, moved: &mut impl FnMut(u128, usize)) {
        self.rise_to(ROOT, place, key, moved);
    }

    #[inline]
    fn rise_to(&mut self, top: usize, mut place: usize, key: u128, moved: &mut impl FnMut(u128, usize)) {
        while place > top {
            let above = parent(place);
            let held = self.at(above);
            if held <= key {
                break;
            }
            self.put(place, held, moved);
            place = above;
        }
        self.put(place, key, moved);
    }

    /// Lets the smallest child rise all the way down, and then the key from there: it comes from the end of the heap and
    /// belongs near it, and how deep the heap is can be foreseen, where the key would stop cannot.
    #[inline]
    fn sink(&mut self, mut place: usize, key: u128, moved: &mut impl FnMut(u128, usize)) {
        let top = place;
        let (mut group, mut slot) = (place / 4, place % 4);
        while let Some(children) = self.groups.get(place - 2) {
            let (child, smallest) = children.smallest();
            if smallest == FREE {
                break;
            }
            self.groups[group].0[slot] = smallest;
            moved(smallest, place);
            (group, slot) = (place - 2, child);
            place = group * 4 + slot;
        }
        self.rise_to(top, place, key, moved);
    }
}

fn parent(place: usize) -> usize {
    place / 4 + 2
}

/// For heaps whose keys are only ever taken from the top.
pub(crate) fn nowhere(_key: u128, _place: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0, 7, 14, … modulo 101 in a scattered order come out sorted, and the reported places are right throughout.
    #[test]
    fn keys_come_out_sorted_and_are_found_where_reported() {
        let mut heap = Keys::default();
        let mut place = [0; 101];
        for i in 0..101_u128 {
            heap.push(i * 7 % 101, &mut |key, at| place[key as usize] = at);
        }
        for gone in [100, 3, 50] {
            heap.remove(place[gone], &mut |key, at| place[key as usize] = at);
        }
        heap.replace(place[99], 98_000, &mut |key, at| {
            if key < 101 {
                place[key as usize] = at;
            }
        });
        let mut out = Vec::new();
        while heap.min() != FREE {
            out.push(heap.min());
            heap.pop(&mut nowhere);
        }
        let mut expected: Vec<u128> = (0..99).filter(|key| ![3, 50].contains(key)).collect();
        expected.push(98_000);
        assert_eq!(out, expected);
        assert_eq!(heap.len(), 0);
    }
}
