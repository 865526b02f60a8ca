//! Never replace: who is in stays, and what does not fit is not kept.

use super::residents::Residents;

/// A cache that fills once.
///
/// A small newcomer may still find room where a large one did not. 1 bit a key. It also stands in for every other
/// policy where the cache is large enough for all, as then nobody ever has to leave.
#[derive(Debug, Clone)]
pub(super) struct NeverReplace {
    pub(super) residents: Residents,
}

impl NeverReplace {
    pub(super) fn new(keys: u64, capacity: u64) -> Self {
        Self { residents: Residents::new(keys, capacity) }
    }

    #[inline]
    pub(super) fn insert(&mut self, key: u64, bytes: u64) {
        if self.residents.admits(key, bytes) && self.residents.has_room_for(bytes) {
            self.residents.add(key, bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five bytes: 0 takes three, 1 with three does not fit, 2 with two does, and then nothing more.
    #[test]
    fn what_does_not_fit_is_not_kept() {
        let sizes = [3, 3, 2, 1];
        let mut cache = NeverReplace::new(4, 5);
        (0..4).for_each(|key| cache.insert(key, sizes[key as usize]));
        let held: Vec<_> = (0..4).filter(|&key| cache.residents.contains(key)).collect();
        assert_eq!(held, [0, 2]);
    }
}
