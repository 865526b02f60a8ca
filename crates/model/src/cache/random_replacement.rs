//! Random replacement: each resident is as likely to leave as another.

use ingestsim_des::draw::Luck;

use super::residents::Residents;

/// A cache in which a newcomer drives out residents drawn at random.
///
/// The residents stand in an array in no particular order; a draw names a place of it. Who leaves is a function of the
/// cache's luck and of how many have left before. 4 bytes and 1 bit a key.
#[derive(Debug, Clone)]
pub(super) struct RandomReplacement {
    pub(super) residents: Residents,
    places: Vec<u32>,
    luck: Luck,
}

impl RandomReplacement {
    pub(super) fn new(keys: u64, capacity: u64, luck: u64) -> Self {
        Self {
            residents: Residents::new(keys, capacity),
            places: Vec::with_capacity(keys as usize),
            luck: Luck::from_bits(luck),
        }
    }

    #[inline]
    pub(super) fn insert(&mut self, key: u64, bytes: u64, size_of: impl Fn(u64) -> u64) {
        if !self.residents.admits(key, bytes) {
            return;
        }
        while !self.residents.has_room_for(bytes) {
            self.evict(&size_of);
        }
        self.residents.add(key, bytes);
        self.places.push(key as u32);
    }

    fn evict(&mut self, size_of: impl Fn(u64) -> u64) {
        self.luck = self.luck.next();
        let place = self.luck.below(self.places.len() as u64);
        let victim = u64::from(self.places.swap_remove(place as usize));
        self.residents.remove(victim, size_of(victim));
    }

    pub(super) fn clear(&mut self) {
        self.residents.clear();
        self.places.clear();
    }

    pub(super) fn memory_bytes(&self) -> u64 {
        self.residents.memory_bytes() + (self.places.capacity() * size_of::<u32>()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten residents of one byte and one newcomer, for 20,000 lucks: each of the ten leaves 2,000 times. The standard
    /// deviation is √(20,000 · 0.1 · 0.9) = 42; five of them are 212.
    #[test]
    fn every_resident_is_as_likely_to_leave() {
        let mut left = [0_i64; 10];
        for luck in 0..20_000 {
            let mut cache = RandomReplacement::new(11, 10, luck);
            (0..11).for_each(|key| cache.insert(key, 1, |_| 1));
            let victim = (0..10).find(|&key| !cache.residents.contains(key)).unwrap();
            left[victim as usize] += 1;
        }
        assert!(left.iter().all(|&times| (times - 2_000).abs() < 212), "{left:?}");
    }

    #[test]
    fn the_newcomer_never_drives_itself_out() {
        let mut cache = RandomReplacement::new(1_000, 3, 5);
        for key in 0..1_000 {
            cache.insert(key, 1, |_| 1);
            assert!(cache.residents.contains(key));
        }
    }
}
