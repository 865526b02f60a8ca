//! Caches: what is still at hand from an earlier read.
//!
//! A cache knows keys and bytes, not time: the world asks it before a read and tells it after one. Tracked, it is exact:
//! it knows each resident, never holds more bytes than its room, and takes at most 9 bytes a key, all of it when it is
//! built. Where that is too much, hits are drawn with the chance that [`closed_form`] gives; [`Cache::describe`] says
//! which.
//!
//! ```
//! use ingestsim_model::cache::{Cache, CacheSpec, Policy};
//!
//! let spec = CacheSpec {
//!     policy: Policy::Lru,
//!     capacity: 2_000,
//!     entries: 3,
//!     entry_bytes_mean: 1_000.0,
//!     shuffled: true,
//!     tracked: true,
//! };
//! let size_of = |_key: u64| 1_000;
//! let mut cache = Cache::new(&spec, 42);
//! for key in [0, 1, 2, 0] {
//!     if !cache.lookup(key) {
//!         cache.insert(key, size_of(key), size_of);
//!     }
//! }
//! assert_eq!((cache.hits(), cache.misses(), cache.resident_bytes()), (0, 4, 2_000));
//! ```

pub mod closed_form;
mod fifo;
mod lru;
mod never_replace;
mod random_replacement;
mod residents;
mod untracked;

#[cfg(test)]
mod epoch_tests;
#[cfg(test)]
mod oracle_tests;

use fifo::Fifo;
use lru::Lru;
use never_replace::NeverReplace;
use random_replacement::RandomReplacement;
use residents::Residents;
use untracked::Untracked;

/// Who leaves a full cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// One of the residents, each as likely as another.
    RandomReplacement,
    /// The one that was used longest ago.
    Lru,
    /// The one that came first.
    Fifo,
    /// Nobody: what does not fit is not kept.
    NeverReplace,
}

/// What a cache is, before anything is in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CacheSpec {
    /// Who leaves when it is full.
    pub policy: Policy,
    /// Room in bytes.
    pub capacity: u64,
    /// How many keys can be asked for: they are `0..entries`.
    pub entries: u64,
    /// Mean size of an entry in bytes, above zero. If `entries` of this size fit, nobody is ever to leave.
    pub entry_bytes_mean: f64,
    /// Whether each epoch reads in a new random order, else in the same order as the one before. Matters only where
    /// residents are not tracked.
    pub shuffled: bool,
    /// Whether each resident is tracked; takes fewer than 2^32 entries.
    pub tracked: bool,
}

impl CacheSpec {
    /// Whether all entries fit together, going by their mean size.
    #[must_use]
    pub fn holds_all(&self) -> bool {
        self.entries as f64 * self.entry_bytes_mean <= self.capacity as f64
    }
}

/// One cache and its counts of hits and misses.
#[derive(Debug, Clone)]
pub struct Cache {
    kind: Kind,
    hits: u64,
    misses: u64,
}

#[derive(Debug, Clone)]
enum Kind {
    AllFit(NeverReplace),
    RandomReplacement(RandomReplacement),
    Lru(Lru),
    Fifo(Fifo),
    NeverReplace(NeverReplace),
    Untracked(Untracked),
}

impl Cache {
    /// An empty cache. `luck` keys its chance, one number for each cache of a run.
    ///
    /// Memory for a tracked key: 1 bit where all fit or nothing is replaced, 4 bytes and a bit under random replacement
    /// and first in, first out, 8 bytes and a bit under LRU.
    ///
    /// # Panics
    ///
    /// If it is to track 2^32 entries or more.
    #[must_use]
    pub fn new(spec: &CacheSpec, luck: u64) -> Self {
        Self { kind: Kind::new(spec, luck), hits: 0, misses: 0 }
    }

    /// Begins an epoch in which this cache is asked `reads` times. A tracked cache needs no telling; one that is not hits
    /// nothing before its first epoch.
    ///
    /// Up to `entries` reads are taken to be of different entries; more, to come from several readers that each read
    /// every entry.
    pub fn begin_epoch(&mut self, reads: u64) {
        if let Kind::Untracked(cache) = &mut self.kind {
            cache.begin_epoch(reads);
        }
    }

    /// Whether `key` is at hand; counts a hit or a miss. Under LRU a hit is a use.
    ///
    /// # Panics
    ///
    /// If residents are not tracked: that takes the place in the epoch, see [`Self::lookup_at`].
    #[inline]
    pub fn lookup(&mut self, key: u64) -> bool {
        assert!(self.is_tracked(), "a cache without residents is asked with the place in the epoch");
        let hit = self.touch(key);
        self.count(hit)
    }

    /// A use of `key` that is not counted; whether it is at hand. True where residents are not tracked.
    #[inline]
    pub fn touch(&mut self, key: u64) -> bool {
        match &mut self.kind {
            Kind::AllFit(cache) | Kind::NeverReplace(cache) => cache.residents.contains(key),
            Kind::RandomReplacement(cache) => cache.residents.contains(key),
            Kind::Lru(cache) => cache.touch(key),
            Kind::Fifo(cache) => cache.residents.contains(key),
            Kind::Untracked(_) => true,
        }
    }

    /// [`Self::lookup`] for any cache. `at` is the share of the epoch's reads that came before this one, `luck` the draw
    /// of this read; both matter only where residents are not tracked.
    #[inline]
    pub fn lookup_at(&mut self, key: u64, at: f64, luck: u64) -> bool {
        match &self.kind {
            Kind::Untracked(cache) => {
                let hit = cache.lookup(key, at, luck);
                self.count(hit)
            }
            _ => self.lookup(key),
        }
    }

    /// Whether each resident is tracked.
    #[must_use]
    pub const fn is_tracked(&self) -> bool {
        !matches!(self.kind, Kind::Untracked(_))
    }

    /// P(hit) of a read when the share `at` of the epoch's reads is done; 0 where residents are tracked, as it is theirs to
    /// say.
    #[must_use]
    pub fn chance_at(&self, at: f64) -> f64 {
        match &self.kind {
            Kind::Untracked(cache) => cache.chance(at),
            _ => 0.0,
        }
    }

    fn count(&mut self, hit: bool) -> bool {
        self.hits += u64::from(hit);
        self.misses += u64::from(!hit);
        hit
    }

    /// Keeps `key` of `bytes` bytes, and drops others until it fits, whose sizes `size_of` tells.
    ///
    /// What is larger than the cache is not kept, and drops nobody. A resident is left where it is (under LRU: it is
    /// used). The size of a key must always be the same. Does nothing where residents are not tracked.
    ///
    /// # Panics
    ///
    /// If an entry turns out to be larger when it leaves than all that is in the cache.
    #[inline]
    pub fn insert(&mut self, key: u64, bytes: u64, size_of: impl Fn(u64) -> u64) {
        match &mut self.kind {
            Kind::AllFit(cache) | Kind::NeverReplace(cache) => cache.insert(key, bytes),
            Kind::RandomReplacement(cache) => cache.insert(key, bytes, size_of),
            Kind::Lru(cache) => cache.insert(key, bytes, size_of),
            Kind::Fifo(cache) => cache.insert(key, bytes, size_of),
            Kind::Untracked(_) => {}
        }
    }

    /// Inserts the keys `0..keys` in order, as a copy of the whole set leaves them.
    pub fn fill_sequential(&mut self, keys: u64, size_of: impl Fn(u64) -> u64) {
        let first = match &mut self.kind {
            Kind::Untracked(cache) => return cache.fill(keys),
            Kind::Lru(Lru { residents, .. }) | Kind::Fifo(Fifo { residents, .. })
                if residents.entries() == 0 =>
            {
                residents.last_to_fit(keys, &size_of)
            }
            _ => 0,
        };
        (first..keys).for_each(|key| self.insert(key, size_of(key), &size_of));
    }

    /// Empties the cache, as a new node's is. The counts stay.
    ///
    /// Where residents are not tracked, nothing hits for the rest of the epoch, nor is what it reads found in the next.
    pub fn clear(&mut self) {
        match &mut self.kind {
            Kind::AllFit(cache) | Kind::NeverReplace(cache) => cache.residents.clear(),
            Kind::RandomReplacement(cache) => cache.clear(),
            Kind::Lru(cache) => cache.clear(),
            Kind::Fifo(cache) => cache.clear(),
            Kind::Untracked(cache) => cache.clear(),
        }
    }

    /// Whether `key` is resident, neither counted nor a use.
    ///
    /// # Panics
    ///
    /// If residents are not tracked.
    #[must_use]
    pub fn contains(&self, key: u64) -> bool {
        self.residents().expect("only a tracked cache knows who is in it").contains(key)
    }

    /// Bytes of the residents; where they are not tracked, as expected at the start of the epoch.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        match &self.kind {
            Kind::Untracked(cache) => cache.bytes(),
            _ => self.residents().map_or(0, Residents::bytes),
        }
    }

    /// Number of residents; where they are not tracked, as expected at the start of the epoch.
    #[must_use]
    pub fn resident_entries(&self) -> u64 {
        match &self.kind {
            Kind::Untracked(cache) => cache.entries(),
            _ => self.residents().map_or(0, Residents::entries),
        }
    }

    const fn residents(&self) -> Option<&Residents> {
        match &self.kind {
            Kind::AllFit(cache) | Kind::NeverReplace(cache) => Some(&cache.residents),
            Kind::RandomReplacement(cache) => Some(&cache.residents),
            Kind::Lru(cache) => Some(&cache.residents),
            Kind::Fifo(cache) => Some(&cache.residents),
            Kind::Untracked(_) => None,
        }
    }

    /// How often a lookup found its key.
    #[must_use]
    pub const fn hits(&self) -> u64 {
        self.hits
    }

    /// How often a lookup did not find its key.
    #[must_use]
    pub const fn misses(&self) -> u64 {
        self.misses
    }

    /// Bytes of memory this cache has asked for beyond its own struct; they stay the same for its life.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        match &self.kind {
            Kind::AllFit(cache) | Kind::NeverReplace(cache) => cache.residents.memory_bytes(),
            Kind::RandomReplacement(cache) => cache.memory_bytes(),
            Kind::Lru(cache) => cache.memory_bytes(),
            Kind::Fifo(cache) => cache.memory_bytes(),
            Kind::Untracked(cache) => cache.memory_bytes(),
        }
    }

    /// How hits are determined, in words for the output.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::AllFit(_) => "exact: everything fits",
            Kind::Untracked(cache) => cache.describe(),
            _ => "exact: every resident tracked",
        }
    }
}

impl Kind {
    fn new(spec: &CacheSpec, luck: u64) -> Self {
        let &CacheSpec { policy, capacity, entries, tracked, .. } = spec;
        if !tracked {
            return Self::Untracked(Untracked::new(spec, luck));
        }
        assert!(u32::try_from(entries).is_ok(), "a tracked cache has fewer than 2^32 entries");
        match policy {
            _ if spec.holds_all() => Self::AllFit(NeverReplace::new(entries, capacity)),
            Policy::RandomReplacement => {
                Self::RandomReplacement(RandomReplacement::new(entries, capacity, luck))
            }
            Policy::Lru => Self::Lru(Lru::new(entries, capacity)),
            Policy::Fifo => Self::Fifo(Fifo::new(entries, capacity)),
            Policy::NeverReplace => Self::NeverReplace(NeverReplace::new(entries, capacity)),
        }
    }
}
