//! Which clients have how many transfers: a list for each number, and which numbers are in use.

use super::client::Client;

/// No client.
pub(super) const NOBODY: u32 = u32::MAX;

/// Clients by their number of transfers, their level.
#[derive(Debug, Clone, Default)]
pub(super) struct Levels {
    /// The first client of each level's list.
    first: Vec<u32>,
    occupied: Occupied,
}

impl Levels {
    /// Makes room for levels below `levels`.
    pub(super) fn grow(&mut self, levels: usize) {
        self.first.resize(levels, NOBODY);
        self.occupied.grow(levels);
    }

    /// The highest level below `limit` that has a client.
    #[inline]
    pub(super) fn below(&self, limit: usize) -> Option<usize> {
        self.occupied.below(limit)
    }

    /// The lowest level at or above `limit` that has a client.
    #[inline]
    pub(super) fn from(&self, limit: usize) -> Option<usize> {
        self.occupied.from(limit)
    }

    /// The first client of a level's list, or [`NOBODY`]; the others follow by `after`.
    pub(super) fn first(&self, level: usize) -> u32 {
        self.first[level]
    }

    /// Moves a client to level `n`; level 0 has no list.
    #[inline]
    pub(super) fn move_to(&mut self, clients: &mut [Client], client: u32, n: usize) {
        let &Client { n: old, before, after, .. } = &clients[client as usize];
        if old > 0 {
            match clients.get_mut(before as usize) {
                Some(before) => before.after = after,
                None => self.first[old] = after,
            }
            if let Some(after) = clients.get_mut(after as usize) {
                after.before = before;
            }
            if before == NOBODY && after == NOBODY {
                self.occupied.clear(old);
            }
        }
        let mut after = NOBODY;
        if n > 0 {
            after = std::mem::replace(&mut self.first[n], client);
            match clients.get_mut(after as usize) {
                Some(after) => after.before = client,
                None => self.occupied.set(n),
            }
        }
        let state = &mut clients[client as usize];
        (state.n, state.before, state.after) = (n, NOBODY, after);
    }
}

/// Which levels have clients: one bit each.
#[derive(Debug, Clone, Default)]
struct Occupied(Vec<u64>);

impl Occupied {
    fn grow(&mut self, levels: usize) {
        self.0.resize(levels.div_ceil(64), 0);
    }

    #[inline]
    fn set(&mut self, level: usize) {
        self.0[level / 64] |= 1 << (level % 64);
    }

    #[inline]
    fn clear(&mut self, level: usize) {
        self.0[level / 64] &= !(1 << (level % 64));
    }

    #[inline]
    fn below(&self, limit: usize) -> Option<usize> {
        let limit = limit.min(self.0.len() * 64);
        let part = limit / 64;
        let low = (1_u64 << (limit % 64)) - 1;
        let head = self.0.get(part).map_or(0, |bits| bits & low);
        let found = |(index, bits): (usize, u64)| {
            (bits != 0).then(|| index * 64 + 63 - bits.leading_zeros() as usize)
        };
        found((part, head)).or_else(|| self.0[..part].iter().copied().enumerate().rev().find_map(found))
    }

    #[inline]
    fn from(&self, limit: usize) -> Option<usize> {
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

    /// Clients 0, 1 and 2 on level 5; the middle one of the list goes to level 2, then the others leave.
    #[test]
    fn clients_are_listed_by_level() {
        let mut clients = vec![Client::new(); 3];
        let mut levels = Levels::default();
        levels.grow(8);
        let listed = |levels: &Levels, clients: &[Client], level| {
            let somebody = |client: u32| (client != NOBODY).then_some(client);
            let after = |&client: &u32| somebody(clients[client as usize].after);
            std::iter::successors(somebody(levels.first(level)), after).collect::<Vec<u32>>()
        };
        for client in 0..3 {
            levels.move_to(&mut clients, client, 5);
        }
        assert_eq!(listed(&levels, &clients, 5), [2, 1, 0]);
        levels.move_to(&mut clients, 1, 2);
        assert_eq!((listed(&levels, &clients, 5), listed(&levels, &clients, 2)), (vec![2, 0], vec![1]));
        levels.move_to(&mut clients, 0, 0);
        levels.move_to(&mut clients, 2, 0);
        assert_eq!((levels.below(usize::MAX), levels.from(3)), (Some(2), None));
    }
}
