//! Where the row of a run stands: a hash table in a file, so that a million points take no memory.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use super::Key;

/// Bytes of a slot: a fingerprint and a place.
const SLOT: u64 = 16;
/// Bits of a place that tell the position; the others tell the file.
const POSITION_BITS: u32 = 48;
/// An odd constant with well-mixed bits (2^64 divided by the golden ratio).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A line of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Which journal.
    pub(super) file: u16,
    /// Where its line begins.
    pub(super) position: u64,
}

/// From a run to the place of its row.
///
/// Open addressing with linear probing, at most half full. The file has no name, so it goes with the process.
#[derive(Debug)]
pub(super) struct Index {
    file: File,
    slots: u64,
}

impl Index {
    /// A table with room for so many runs, on the drive of `folder`.
    pub(super) fn with_room(runs: u64, folder: &Path) -> io::Result<Self> {
        let slots = (2 * runs.max(1)).next_power_of_two();
        let file = tempfile::tempfile_in(folder)?;
        // Slots that were never written read as zeros, which no place is.
        file.set_len(slots * SLOT)?;
        Ok(Self { file, slots })
    }

    /// The place that was put for a run. Two runs with one fingerprint are told apart by whoever reads the row.
    pub(super) fn get(&mut self, key: Key, replication: Option<u32>) -> io::Result<Option<Place>> {
        let fingerprint = fingerprint(key, replication);
        Ok(self.probe(fingerprint)?.1)
    }

    /// Puts a place for a run, instead of the one that was put before.
    pub(super) fn put(&mut self, key: Key, replication: Option<u32>, place: Place) -> io::Result<()> {
        let fingerprint = fingerprint(key, replication);
        let (slot, _) = self.probe(fingerprint)?;
        let packed = (u64::from(place.file) << POSITION_BITS) | (place.position + 1);
        let mut bytes = [0; SLOT as usize];
        bytes[..8].copy_from_slice(&fingerprint.to_le_bytes());
        bytes[8..].copy_from_slice(&packed.to_le_bytes());
        self.file.seek(SeekFrom::Start(slot * SLOT))?;
        self.file.write_all(&bytes)
    }

    /// The slot of a fingerprint, and what is in it.
    fn probe(&mut self, fingerprint: u64) -> io::Result<(u64, Option<Place>)> {
        let mut slot = fingerprint & (self.slots - 1);
        loop {
            self.file.seek(SeekFrom::Start(slot * SLOT))?;
            let mut bytes = [0; SLOT as usize];
            self.file.read_exact(&mut bytes)?;
            let (found, packed) = bytes.split_at(8);
            let packed = u64::from_le_bytes(packed.try_into().expect("a slot is two words"));
            if packed == 0 {
                return Ok((slot, None));
            }
            if found == fingerprint.to_le_bytes() {
                let file = (packed >> POSITION_BITS) as u16;
                let position = (packed & ((1 << POSITION_BITS) - 1)) - 1;
                return Ok((slot, Some(Place { file, position })));
            }
            slot = (slot + 1) & (self.slots - 1);
        }
    }
}

/// A digest of a run; the key is one already, so the replication only has to move it about.
fn fingerprint(key: Key, replication: Option<u32>) -> u64 {
    let number = replication.map_or(0, |replication| u64::from(replication) + 1);
    key.0.wrapping_add(number.wrapping_mul(GOLDEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousand runs whose keys all want the same few slots: each is found where it was put.
    #[test]
    fn every_run_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut index = Index::with_room(1000, folder.path()).unwrap();
        let place = |n: u64| Place { file: (n % 7) as u16, position: n * 1_000_003 };
        for n in 0..1000 {
            index.put(Key(n << 40), Some(3), place(n)).unwrap();
        }
        assert!((0..1000).all(|n| index.get(Key(n << 40), Some(3)).unwrap() == Some(place(n))));
        assert_eq!(index.get(Key(5 << 40), Some(2)).unwrap(), None);
        assert_eq!(index.get(Key(5 << 40), None).unwrap(), None);
    }

    #[test]
    fn the_last_place_counts() {
        let folder = tempfile::tempdir().unwrap();
        let mut index = Index::with_room(1, folder.path()).unwrap();
        for position in [0, 90] {
            index.put(Key(1), Some(0), Place { file: 0, position }).unwrap();
        }
        assert_eq!(index.get(Key(1), Some(0)).unwrap(), Some(Place { file: 0, position: 90 }));
    }

    #[test]
    fn it_leaves_no_file_behind() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::with_room(10, folder.path()).unwrap();
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
        drop(index);
    }
}
