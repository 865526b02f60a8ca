//! Each policy against a list that is searched from end to end, with entries of all sizes.

use ingestsim_des::draw::Luck;
use proptest::prelude::*;

use super::{Cache, CacheSpec, Policy};

const POLICIES: [Policy; 4] = [Policy::RandomReplacement, Policy::Lru, Policy::Fifo, Policy::NeverReplace];

/// Keys in the order in which they leave, as far as there is one.
struct ListCache<'a> {
    policy: Policy,
    capacity: u64,
    sizes: &'a [u64],
    keys: Vec<u64>,
    luck: Luck,
}

impl<'a> ListCache<'a> {
    fn new(spec: &CacheSpec, sizes: &'a [u64], luck: u64) -> Self {
        let (policy, capacity) = (spec.policy, spec.capacity);
        Self { policy, capacity, sizes, keys: Vec::new(), luck: Luck::from_bits(luck) }
    }

    fn bytes(&self) -> u64 {
        self.keys.iter().map(|&key| self.sizes[key as usize]).sum()
    }

    fn lookup(&mut self, key: u64) -> bool {
        let found = self.keys.iter().position(|&held| held == key);
        if let (Policy::Lru, Some(place)) = (self.policy, found) {
            let used = self.keys.remove(place);
            self.keys.push(used);
        }
        found.is_some()
    }

    fn insert(&mut self, key: u64) {
        let bytes = self.sizes[key as usize];
        if self.lookup(key) || bytes > self.capacity {
            return;
        }
        while self.bytes() + bytes > self.capacity {
            match self.policy {
                Policy::NeverReplace => return,
                Policy::Lru | Policy::Fifo => drop(self.keys.remove(0)),
                Policy::RandomReplacement => {
                    self.luck = self.luck.next();
                    let place = self.luck.below(self.keys.len() as u64);
                    self.keys.swap_remove(place as usize);
                }
            }
        }
        self.keys.push(key);
    }

    fn sorted(&self) -> Vec<u64> {
        let mut keys = self.keys.clone();
        keys.sort_unstable();
        keys
    }
}

/// A cache that has to track its residents whatever their sizes: its entries are said to be huge.
fn spec(policy: Policy, capacity: u64, entries: usize) -> CacheSpec {
    let entry_bytes_mean = 1e18;
    CacheSpec { policy, capacity, entries: entries as u64, entry_bytes_mean, shuffled: true, tracked: true }
}

fn residents(cache: &Cache, entries: usize) -> Vec<u64> {
    (0..entries as u64).filter(|&key| cache.contains(key)).collect()
}

/// What can be done to a cache: ask for a key and insert it on a miss, insert it unasked, or empty it.
#[derive(Debug, Clone)]
enum Step {
    Read(usize),
    Insert(usize),
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = || any::<prop::sample::Index>().prop_map(|index| index.index(1 << 20));
    let step = prop_oneof![
        30 => key().prop_map(Step::Read),
        10 => key().prop_map(Step::Insert),
        1 => Just(Step::Clear),
    ];
    prop::collection::vec(step, 0..300)
}

proptest! {
    /// Same hits, same residents, same bytes after every step, and never more bytes than room. Some entries are empty,
    /// some larger than the whole cache.
    #[test]
    fn each_policy_does_what_a_list_does(
        sizes in prop::collection::vec(0_u64..40, 1..70),
        capacity in 0_u64..400,
        luck: u64,
        steps in steps(),
    ) {
        for policy in POLICIES {
            let spec = spec(policy, capacity, sizes.len());
            let (mut cache, mut list) = (Cache::new(&spec, luck), ListCache::new(&spec, &sizes, luck));
            let memory = cache.memory_bytes();
            let size_of = |key: u64| sizes[key as usize];
            for step in &steps {
                match *step {
                    Step::Read(any) => {
                        let key = (any % sizes.len()) as u64;
                        let hit = cache.lookup(key);
                        prop_assert_eq!(hit, list.lookup(key));
                        if !hit {
                            cache.insert(key, size_of(key), size_of);
                            list.insert(key);
                        }
                    }
                    Step::Insert(any) => {
                        let key = (any % sizes.len()) as u64;
                        cache.insert(key, size_of(key), size_of);
                        list.insert(key);
                    }
                    Step::Clear => {
                        cache.clear();
                        list.keys.clear();
                    }
                }
                prop_assert!(cache.resident_bytes() <= capacity);
                prop_assert_eq!(cache.resident_bytes(), list.bytes());
                prop_assert_eq!(cache.resident_entries(), list.keys.len() as u64);
                prop_assert_eq!(residents(&cache, sizes.len()), list.sorted());
            }
            prop_assert_eq!(cache.memory_bytes(), memory, "nothing is allocated after construction");
        }
    }

    /// A fill is the same as inserting one after another, also into a cache in use.
    #[test]
    fn a_fill_leaves_what_single_inserts_leave(
        sizes in prop::collection::vec(0_u64..40, 1..70),
        capacity in 0_u64..400,
        luck: u64,
        before in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        filled in any::<prop::sample::Index>(),
    ) {
        for policy in POLICIES {
            let spec = spec(policy, capacity, sizes.len());
            let (mut cache, mut list) = (Cache::new(&spec, luck), ListCache::new(&spec, &sizes, luck));
            let size_of = |key: u64| sizes[key as usize];
            for key in before.iter().map(|index| index.index(sizes.len()) as u64) {
                cache.insert(key, size_of(key), size_of);
                list.insert(key);
            }
            let keys = filled.index(sizes.len() + 1) as u64;
            cache.fill_sequential(keys, size_of);
            (0..keys).for_each(|key| list.insert(key));
            prop_assert_eq!(residents(&cache, sizes.len()), list.sorted());
            prop_assert_eq!(cache.resident_bytes(), list.bytes());
            // The order of leaving is the same too: one large newcomer, another and so on meet the same victims.
            for key in 0..sizes.len() as u64 {
                cache.insert(key, size_of(key), size_of);
                list.insert(key);
                prop_assert_eq!(residents(&cache, sizes.len()), list.sorted());
            }
        }
    }

    /// A cache with room for all, told their true mean, behaves as one that tracks an order of leaving.
    #[test]
    fn a_cache_with_room_for_all_needs_no_order_of_leaving(
        sizes in prop::collection::vec(1_u64..40, 1..70),
        spare in 0_u64..10,
        reads in prop::collection::vec(any::<prop::sample::Index>(), 0..200),
    ) {
        let total: u64 = sizes.iter().sum();
        for policy in POLICIES {
            let tracking = spec(policy, total + spare, sizes.len());
            let told = CacheSpec { entry_bytes_mean: 0.999_999 * total as f64 / sizes.len() as f64, ..tracking };
            prop_assert!(told.holds_all() && !tracking.holds_all());
            let mut caches = [Cache::new(&told, 1), Cache::new(&tracking, 1)];
            for key in reads.iter().map(|index| index.index(sizes.len()) as u64) {
                let [hit, tracked_hit] = caches.each_mut().map(|cache| {
                    let hit = cache.lookup(key);
                    cache.insert(key, sizes[key as usize], |victim| sizes[victim as usize]);
                    hit
                });
                prop_assert_eq!(hit, tracked_hit);
            }
            prop_assert_eq!(residents(&caches[0], sizes.len()), residents(&caches[1], sizes.len()));
            prop_assert!(caches[0].memory_bytes() <= sizes.len() as u64 / 8 + 8);
        }
    }
}
