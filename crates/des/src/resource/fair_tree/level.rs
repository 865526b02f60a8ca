//! How many clients have how many transfers.

/// The number of clients on each level, which is their number of transfers, and which levels have any: one bit each, which
/// is left alone while nobody asks. Level 0 is not counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Levels {
    counts: Vec<u32>,
    occupied: Vec<u64>,
}

impl Levels {
    /// Makes room for levels below `levels`.
    pub(super) fn grow(&mut self, levels: usize) {
        self.counts.resize(levels, 0);
        self.occupied.resize(levels.div_ceil(64), 0);
    }

    /// A client goes up to level `n`, which is one transfer more; leaves the bits alone.
    #[inline(always)]
    pub(super) fn rise_to(&mut self, n: usize) {
        let [below, here] = self.pair(n);
        *below = below.wrapping_sub(1);
        *here += 1;
    }

    /// A client goes down from level `n`, and no client is above `top`; the highest level that has one, or 0. Leaves the
    /// bits alone.
    #[inline(always)]
    pub(super) fn fall_from(&mut self, n: usize, mut top: usize) -> usize {
        let [below, here] = self.pair(n);
        *below = below.wrapping_add(1);
        *here -= 1;
        while top > 0 && self.counts[top] == 0 {
            top -= 1;
        }
        top
    }

    /// The counts of the level below `n` and of `n`.
    #[inline(always)]
    fn pair(&mut self, n: usize) -> &mut [u32; 2] {
        let pair = self.counts.get_mut(n - 1..).and_then(|counts| counts.first_chunk_mut());
        pair.expect("a level is below the number of levels")
    }

    /// Finds which levels have clients, after the bits were left alone.
    pub(super) fn find_occupied(&mut self) {
        self.occupied.fill(0);
        for (level, _) in self.counts.iter().enumerate().skip(1).filter(|&(_, &count)| count > 0) {
            self.occupied[level / 64] |= 1 << (level % 64);
        }
    }

    /// One client more on a level.
    #[inline]
    pub(super) fn enter(&mut self, level: usize) {
        self.counts[level] += 1;
        self.occupied[level / 64] |= 1 << (level % 64);
    }

    /// One client fewer on a level.
    #[inline]
    pub(super) fn leave(&mut self, level: usize) {
        self.counts[level] -= 1;
        self.occupied[level / 64] &= !(u64::from(self.counts[level] == 0) << (level % 64));
    }

    /// The highest level below `limit` that has a client.
    #[inline]
    pub(super) fn below(&self, limit: usize) -> Option<usize> {
        let limit = limit.min(self.occupied.len() * 64);
        let part = limit / 64;
        let low = (1_u64 << (limit % 64)) - 1;
        let head = self.occupied.get(part).map_or(0, |bits| bits & low);
        let found = |(index, bits): (usize, u64)| {
            (bits != 0).then(|| index * 64 + 63 - bits.leading_zeros() as usize)
        };
        let rest = || self.occupied[..part].iter().copied().enumerate().rev().find_map(found);
        found((part, head)).or_else(rest)
    }

    /// The lowest level at or above `limit` that has a client.
    #[inline]
    pub(super) fn from(&self, limit: usize) -> Option<usize> {
        let part = limit / 64;
        let low = (1_u64 << (limit % 64)) - 1;
        let head = self.occupied.get(part)? & !low;
        let found =
            |(index, bits): (usize, u64)| (bits != 0).then(|| index * 64 + bits.trailing_zeros() as usize);
        let rest = || self.occupied.iter().copied().enumerate().skip(part + 1).find_map(found);
        found((part, head)).or_else(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three clients with 1, 2 and 5 transfers: the one on top loses four, and none is above 2 then.
    #[test]
    fn the_top_sinks_with_the_last_client_on_it() {
        let mut levels = Levels::default();
        levels.grow(70);
        [1, 1, 2, 1, 2, 3, 4, 5].into_iter().for_each(|n| levels.rise_to(n));
        let tops = [5, 4, 3, 2].map(|n| levels.fall_from(n, n));
        assert_eq!(tops, [4, 3, 2, 2]);
        levels.find_occupied();
        assert_eq!([levels.below(70), levels.below(2), levels.below(1)], [Some(2), Some(1), None]);
    }

    /// Two clients on level 63: it is occupied until both have left.
    #[test]
    fn occupied_levels_are_found_on_both_sides() {
        let mut levels = Levels::default();
        levels.grow(200);
        for level in [3, 63, 63, 64, 190] {
            levels.enter(level);
        }
        levels.leave(63);
        assert_eq!(levels.below(64), Some(63));
        levels.leave(63);
        assert_eq!(
            [usize::MAX, 190, 64, 3].map(|limit| levels.below(limit)),
            [Some(190), Some(64), Some(3), None]
        );
        assert_eq!([0, 4, 65, 191].map(|limit| levels.from(limit)), [Some(3), Some(64), Some(190), None]);
        assert_eq!(levels.from(usize::MAX), None);
    }
}
