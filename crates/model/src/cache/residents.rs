//! Which entries a tracked cache holds, one bit each, and how many bytes they take.

/// The set of residents of one cache and the room they leave.
#[derive(Debug, Clone)]
pub(super) struct Residents {
    bits: Vec<u64>,
    entries: u64,
    bytes: u64,
    capacity: u64,
}

impl Residents {
    /// An empty set of keys below `keys`, with room for `capacity` bytes.
    pub(super) fn new(keys: u64, capacity: u64) -> Self {
        Self { bits: vec![0; keys.div_ceil(64) as usize], entries: 0, bytes: 0, capacity }
    }

    #[inline]
    pub(super) fn contains(&self, key: u64) -> bool {
        self.bits[(key / 64) as usize] >> (key % 64) & 1 == 1
    }

    /// Whether a newcomer of `bytes` bytes has a place in this cache at all: it is not there yet, and is no larger than
    /// the whole cache.
    #[inline]
    pub(super) fn admits(&self, key: u64, bytes: u64) -> bool {
        bytes <= self.capacity && !self.contains(key)
    }

    /// Whether `bytes` more bytes fit now.
    #[inline]
    pub(super) const fn has_room_for(&self, bytes: u64) -> bool {
        bytes <= self.capacity - self.bytes
    }

    #[inline]
    pub(super) fn add(&mut self, key: u64, bytes: u64) {
        debug_assert!(self.admits(key, bytes) && self.has_room_for(bytes));
        self.bits[(key / 64) as usize] |= 1 << (key % 64);
        self.entries += 1;
        self.bytes += bytes;
    }

    /// Takes out a resident.
    ///
    /// # Panics
    ///
    /// If it is larger than all residents together: its size was not the one it was added with.
    #[inline]
    pub(super) fn remove(&mut self, key: u64, bytes: u64) {
        debug_assert!(self.contains(key));
        self.bits[(key / 64) as usize] &= !(1 << (key % 64));
        self.entries -= 1;
        self.bytes = self.bytes.checked_sub(bytes).expect("an entry leaves with the size it came with");
    }

    /// The first of the keys that are left when `0..keys` come one after another into an empty cache and the earliest
    /// makes room: from it on, all fit together. What is larger than the cache does not count, as it never comes in.
    pub(super) fn last_to_fit(&self, keys: u64, size_of: impl Fn(u64) -> u64) -> u64 {
        let mut room = self.capacity;
        (0..keys)
            .rev()
            .find(|&key| {
                let bytes = size_of(key);
                let fits = bytes <= room;
                room -= if fits { bytes } else { 0 };
                !fits && bytes <= self.capacity
            })
            .map_or(0, |key| key + 1)
    }

    pub(super) fn clear(&mut self) {
        self.bits.fill(0);
        self.entries = 0;
        self.bytes = 0;
    }

    pub(super) const fn entries(&self) -> u64 {
        self.entries
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn memory_bytes(&self) -> u64 {
        (self.bits.capacity() * size_of::<u64>()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Room for 10 bytes: 6 fit, 4 more fit, then nothing does until the 6 leave.
    #[test]
    fn room_is_what_the_residents_leave() {
        let mut residents = Residents::new(130, 10);
        residents.add(129, 6);
        assert!(residents.has_room_for(4) && !residents.has_room_for(5));
        residents.add(0, 4);
        assert!(!residents.has_room_for(1));
        residents.remove(129, 6);
        assert_eq!((residents.entries(), residents.bytes()), (1, 4));
        assert!(residents.contains(0) && !residents.contains(129));
    }

    #[test]
    fn a_resident_and_a_giant_are_not_admitted() {
        let mut residents = Residents::new(64, 10);
        residents.add(63, 1);
        assert!(!residents.admits(63, 1) && !residents.admits(0, 11) && residents.admits(0, 10));
    }

    #[test]
    #[should_panic(expected = "the size it came with")]
    fn an_entry_cannot_leave_larger_than_it_came() {
        let mut residents = Residents::new(64, 10);
        residents.add(1, 3);
        residents.remove(1, 4);
    }
}
