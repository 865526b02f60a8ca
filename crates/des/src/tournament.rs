//! A tournament: the smallest of many keys, each in a place of its own, found without a branch on a key.

use std::hint::select_unpredictable;

/// The key of a place without one: later than every other.
pub(crate) const FREE: u128 = u128::MAX;

/// Four siblings of the tree, in one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Siblings([u128; 4]);

/// Keys by place, and the smallest of them.
///
/// The keys are the leaves of a tree with four children a node, in which each node repeats the smallest of its children.
/// A new key replays the matches from its place to the root: the path is known before the first comparison, so nothing is
/// searched, no branch depends on a key, and the loads of all levels run side by side. That was measured at half the time
/// of a heap with four children a node, at 512 places and at 65,536. All memory is taken when the tournament is made.
#[derive(Debug, Clone)]
pub(crate) struct Tournament {
    first: u128,
    tree: Vec<Siblings>,
    /// Where each level begins in `tree`, leaves first.
    levels: Vec<usize>,
}

impl Tournament {
    /// A tournament of `n` free places.
    pub(crate) fn new(n: usize) -> Self {
        let mut levels = Vec::new();
        let mut groups = 0;
        let mut width = n.max(1);
        while width > 1 || levels.is_empty() {
            levels.push(groups);
            width = width.div_ceil(4);
            groups += width;
        }
        Self { first: FREE, tree: vec![Siblings([FREE; 4]); groups], levels }
    }

    /// The smallest key, or [`FREE`].
    #[inline]
    pub(crate) fn first(&self) -> u128 {
        self.first
    }

    /// The key at a place.
    #[inline]
    pub(crate) fn at(&self, place: usize) -> u128 {
        self.tree[place / 4].0[place % 4]
    }

    /// Gives `place` the key `key` and finds the smallest of all again.
    #[inline(always)]
    pub(crate) fn set(&mut self, place: usize, key: u128) {
        let (tree, levels) = (&mut self.tree[..], &self.levels[..]);
        self.first = match levels.len() {
            1 => replay::<1>(tree, levels, place, key),
            2 => replay::<2>(tree, levels, place, key),
            3 => replay::<3>(tree, levels, place, key),
            4 => replay::<4>(tree, levels, place, key),
            5 => replay::<5>(tree, levels, place, key),
            6 => replay::<6>(tree, levels, place, key),
            7 => replay::<7>(tree, levels, place, key),
            8 => replay::<8>(tree, levels, place, key),
            9 => replay::<9>(tree, levels, place, key),
            10 => replay::<10>(tree, levels, place, key),
            11 => replay::<11>(tree, levels, place, key),
            _ => replay::<12>(tree, levels, place, key),
        };
    }
}

/// The matches of one leaf up to the root, in a tree of `LEVELS` levels.
///
/// The number of levels is part of the type and the function is never inlined so that the compiler unrolls it: in a
/// loop it would turn the choices into branches, which go wrong every other time and cost three times as much.
#[inline(never)]
fn replay<const LEVELS: usize>(tree: &mut [Siblings], levels: &[usize], place: usize, key: u128) -> u128 {
    let levels: &[usize; LEVELS] = levels.try_into().expect("a tree of 2^24 leaves has twelve levels");
    let mut winner = key;
    let mut node = place;
    for &level in levels {
        let siblings = &mut tree[level + node / 4].0;
        let lane = node % 4;
        siblings[lane] = winner;
        let others = earlier(siblings[lane ^ 3], earlier(siblings[lane ^ 1], siblings[lane ^ 2]));
        winner = earlier(others, winner);
        node /= 4;
    }
    winner
}

/// The smaller of two keys.
#[inline]
pub(crate) fn earlier(a: u128, b: u128) -> u128 {
    select_unpredictable(a < b, a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One more place than a full tree of six levels has: 4^6 + 1 keys, put in backwards, come out in order.
    #[test]
    fn a_tree_may_have_any_width() {
        let places = 4_097;
        let mut tournament = Tournament::new(places);
        for place in 0..places {
            tournament.set(place, (places - place) as u128);
        }
        assert_eq!(tournament.levels.len(), 7);
        for place in (0..places).rev() {
            assert_eq!(tournament.first(), (places - place) as u128);
            assert_eq!(tournament.at(place), tournament.first());
            tournament.set(place, FREE);
        }
        assert_eq!(tournament.first(), FREE);
    }
}
