//! A heap of packed keys, smallest first.

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
/// The root stands at place 3, the children of place `p` are group `p - 2`, so every family fills one cache line.
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

    /// All keys, in no order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = u128> + '_ {
        self.groups.iter().flat_map(|group| group.0).filter(|&key| key != FREE)
    }

    /// Makes room for so many keys.
    pub(crate) fn reserve(&mut self, keys: usize) {
        self.groups.reserve_exact((keys / 4 + 1).saturating_sub(self.groups.len()));
    }

    /// Puts in a key.
    #[inline]
    pub(crate) fn push(&mut self, key: u128) {
        let place = self.len + ROOT;
        self.len += 1;
        if place / 4 == self.groups.len() {
            self.lengthen();
        }
        self.rise(place, key);
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
    pub(crate) fn pop(&mut self) {
        self.len -= 1;
        let end = self.len + ROOT;
        let last = std::mem::replace(&mut self.groups[end / 4].0[end % 4], FREE);
        if end > ROOT {
            self.sink(ROOT, last);
        }
    }

    /// Takes out the one key that `is_it`, by search: for what is rare and keeps no places.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub(crate) fn withdraw(&mut self, is_it: impl Fn(u128) -> bool) -> u128 {
        let mut places = self.groups.iter().flat_map(|group| group.0);
        let place = places
            .position(|key| key != FREE && is_it(key))
            .expect("a transfer under way has a finish value");
        let key = self.at(place);
        self.len -= 1;
        let end = self.len + ROOT;
        let last = std::mem::replace(&mut self.groups[end / 4].0[end % 4], FREE);
        if place == end {
            return key;
        }
        if place > ROOT && last < self.at(parent(place)) {
            self.rise(place, last);
        } else {
            self.sink(place, last);
        }
        key
    }

    fn at(&self, place: usize) -> u128 {
        self.groups[place / 4].0[place % 4]
    }

    fn put(&mut self, place: usize, key: u128) {
        self.groups[place / 4].0[place % 4] = key;
    }

    #[inline]
    fn rise(&mut self, place: usize, key: u128) {
        self.rise_to(ROOT, place, key);
    }

    #[inline]
    fn rise_to(&mut self, top: usize, mut place: usize, key: u128) {
        while place > top {
            let above = parent(place);
            let held = self.at(above);
            if held <= key {
                break;
            }
            self.put(place, held);
            place = above;
        }
        self.put(place, key);
    }

    /// Lets the smallest child rise all the way down, and then the key from there: it comes from the end of the heap and
    /// belongs near it, and how deep the heap is can be foreseen, where the key would stop cannot.
    #[inline]
    fn sink(&mut self, mut place: usize, key: u128) {
        let top = place;
        let (mut group, mut slot) = (place / 4, place % 4);
        while let Some(children) = self.groups.get(place - 2) {
            let (child, smallest) = children.smallest();
            if smallest == FREE {
                break;
            }
            self.groups[group].0[slot] = smallest;
            (group, slot) = (place - 2, child);
            place = group * 4 + slot;
        }
        self.rise_to(top, place, key);
    }
}

fn parent(place: usize) -> usize {
    place / 4 + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0, 7, 14, … modulo 101 in a scattered order come out sorted, but for those that were withdrawn.
    #[test]
    fn keys_come_out_sorted() {
        let mut heap = Keys::default();
        (0..101_u128).for_each(|i| heap.push(i * 7 % 101));
        for gone in [100, 3, 50] {
            assert_eq!(heap.withdraw(|key| key == gone), gone);
        }
        let mut out = Vec::new();
        while heap.min() != FREE {
            out.push(heap.min());
            heap.pop();
        }
        let expected: Vec<u128> = (0..101).filter(|key| ![3, 50, 100].contains(key)).collect();
        assert_eq!(out, expected);
        assert_eq!(heap.len(), 0);
    }
}
