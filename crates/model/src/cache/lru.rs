//! Least recently used: the resident that was asked for longest ago leaves first.

use super::residents::Residents;

const OLDER: usize = 0;
const NEWER: usize = 1;

/// A cache that drops what has not been used for longest.
///
/// A ring of keys in the order of their last use, linked both ways, through one more node that stands for no key and
/// has the oldest on its newer side and the newest on its older side. The links of a key that is not resident mean
/// nothing. 8 bytes and 1 bit a key, both links side by side in memory.
#[derive(Debug, Clone)]
pub(super) struct Lru {
    pub(super) residents: Residents,
    links: Vec<[u32; 2]>,
    ends: u32,
}

impl Lru {
    pub(super) fn new(keys: u64, capacity: u64) -> Self {
        let ends = u32::try_from(keys).expect("a tracked cache has fewer than 2^32 keys");
        let mut links = vec![[0; 2]; keys as usize + 1];
        links[ends as usize] = [ends; 2];
        Self { residents: Residents::new(keys, capacity), links, ends }
    }

    /// Whether `key` is resident; if so, it is the newest from now on.
    #[inline]
    pub(super) fn touch(&mut self, key: u64) -> bool {
        let resident = self.residents.contains(key);
        if resident {
            self.unlink(key as u32);
            self.link_newest(key as u32);
        }
        resident
    }

    #[inline]
    pub(super) fn insert(&mut self, key: u64, bytes: u64, size_of: impl Fn(u64) -> u64) {
        if self.touch(key) || !self.residents.admits(key, bytes) {
            return;
        }
        while !self.residents.has_room_for(bytes) {
            let victim = self.links[self.ends as usize][NEWER];
            self.unlink(victim);
            self.residents.remove(u64::from(victim), size_of(u64::from(victim)));
        }
        self.residents.add(key, bytes);
        self.link_newest(key as u32);
    }

    #[inline]
    fn unlink(&mut self, key: u32) {
        let [older, newer] = self.links[key as usize];
        self.links[older as usize][NEWER] = newer;
        self.links[newer as usize][OLDER] = older;
    }

    #[inline]
    fn link_newest(&mut self, key: u32) {
        let newest = self.links[self.ends as usize][OLDER];
        self.links[key as usize] = [newest, self.ends];
        self.links[newest as usize][NEWER] = key;
        self.links[self.ends as usize][OLDER] = key;
    }

    pub(super) fn clear(&mut self) {
        self.residents.clear();
        self.links[self.ends as usize] = [self.ends; 2];
    }

    pub(super) fn memory_bytes(&self) -> u64 {
        self.residents.memory_bytes() + (self.links.capacity() * size_of::<[u32; 2]>()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0, 1, 2 fill three bytes; 0 is used again, so 1 is the oldest and makes room for 3.
    #[test]
    fn what_was_used_longest_ago_leaves() {
        let mut cache = Lru::new(4, 3);
        (0..3).for_each(|key| cache.insert(key, 1, |_| 1));
        assert!(cache.touch(0));
        cache.insert(3, 1, |_| 1);
        let held: Vec<_> = (0..4).filter(|&key| cache.residents.contains(key)).collect();
        assert_eq!(held, [0, 2, 3]);
    }

    /// As above, with 0 inserted a second time in place of a use.
    #[test]
    fn inserting_a_resident_is_a_use() {
        let mut cache = Lru::new(4, 3);
        [0, 1, 2, 0, 3].into_iter().for_each(|key| cache.insert(key, 1, |_| 1));
        assert!(cache.residents.contains(0) && !cache.residents.contains(1));
    }
}
