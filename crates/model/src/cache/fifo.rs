//! First in, first out: residents leave in the order in which they came, used or not.

use std::collections::VecDeque;

use super::residents::Residents;

/// A cache that drops what came first.
///
/// A queue of residents in the order of arrival; a hit does not move them. 4 bytes and 1 bit a key.
#[derive(Debug, Clone)]
pub(super) struct Fifo {
    pub(super) residents: Residents,
    queue: VecDeque<u32>,
}

impl Fifo {
    pub(super) fn new(keys: u64, capacity: u64) -> Self {
        Self { residents: Residents::new(keys, capacity), queue: VecDeque::with_capacity(keys as usize) }
    }

    #[inline]
    pub(super) fn insert(&mut self, key: u64, bytes: u64, size_of: impl Fn(u64) -> u64) {
        if !self.residents.admits(key, bytes) {
            return;
        }
        while !self.residents.has_room_for(bytes) {
            let victim = self.queue.pop_front().expect("bytes are taken by somebody in the queue");
            self.residents.remove(u64::from(victim), size_of(u64::from(victim)));
        }
        self.residents.add(key, bytes);
        self.queue.push_back(key as u32);
    }

    pub(super) fn clear(&mut self) {
        self.residents.clear();
        self.queue.clear();
    }

    pub(super) fn memory_bytes(&self) -> u64 {
        self.residents.memory_bytes() + (self.queue.capacity() * size_of::<u32>()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0, 1, 2 fill three bytes; that 0 comes again changes nothing, and 3 takes its place.
    #[test]
    fn what_came_first_leaves() {
        let mut cache = Fifo::new(4, 3);
        [0, 1, 2, 0, 3].into_iter().for_each(|key| cache.insert(key, 1, |_| 1));
        let held: Vec<_> = (0..4).filter(|&key| cache.residents.contains(key)).collect();
        assert_eq!(held, [1, 2, 3]);
    }

    /// Four bytes hold 0 and 1 of two bytes each; a newcomer of three bytes needs both places.
    #[test]
    fn a_large_newcomer_drives_out_several() {
        let sizes = [2, 2, 3];
        let mut cache = Fifo::new(3, 4);
        (0..3).for_each(|key| cache.insert(key, sizes[key as usize], |victim| sizes[victim as usize]));
        assert_eq!((cache.residents.entries(), cache.residents.bytes()), (1, 3));
    }
}
