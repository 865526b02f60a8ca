//! Caches under whole epochs of reads: what tracked residents give is what the closed forms say.

use super::{Cache, CacheSpec, Policy, closed_form::*};

const POLICIES: [Policy; 4] = [Policy::RandomReplacement, Policy::Lru, Policy::Fifo, Policy::NeverReplace];
const KEYS: u64 = 100_000;
const SIZE: u64 = 1_000;

/// Splitmix64, on its own so that nothing here depends on the draws of the caches.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// Fisher and Yates.
    fn shuffle(&mut self, keys: &mut [u64]) {
        for last in (1..keys.len()).rev() {
            keys.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

fn spec(policy: Policy, c: f64) -> CacheSpec {
    CacheSpec {
        policy,
        capacity: (c * (KEYS * SIZE) as f64) as u64,
        entries: KEYS,
        entry_bytes_mean: SIZE as f64,
        shuffled: true,
        tracked: true,
    }
}

/// Reads `keys` in order and keeps what was missed; the hits as a share of the reads.
fn read(cache: &mut Cache, keys: &[u64], size_of: impl Fn(u64) -> u64, luck: u64) -> f64 {
    let before = cache.hits();
    cache.begin_epoch(keys.len() as u64);
    for (place, &key) in keys.iter().enumerate() {
        let at = place as f64 / keys.len() as f64;
        if !cache.lookup_at(key, at, luck.wrapping_add(place as u64)) {
            cache.insert(key, size_of(key), &size_of);
        }
    }
    (cache.hits() - before) as f64 / keys.len() as f64
}

/// Hits of each of `epochs` epochs that read `part` keys in a new random order.
fn shuffled_epochs(cache: &mut Cache, epochs: u64, part: u64, size_of: impl Fn(u64) -> u64) -> Vec<f64> {
    let mut chance = Chance(7);
    let mut keys: Vec<u64> = (0..KEYS).collect();
    (0..epochs)
        .map(|epoch| {
            chance.shuffle(&mut keys);
            read(cache, &keys[..part as usize], &size_of, epoch << 40)
        })
        .collect()
}

fn assert_close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found:.5} is not {expected:.5} ± {tolerance}");
}

fn hit_ratio(policy: Policy, c: f64) -> f64 {
    match policy {
        Policy::RandomReplacement => 1.0 - random_replacement_miss_ratio(c),
        Policy::Lru => lru_hit_ratio(c),
        Policy::Fifo => fifo_hit_ratio(c),
        Policy::NeverReplace => never_replace_hit_ratio(c),
    }
}

/// Known figures for a cache of 65 % of the set: misses of 53.6, 71.7 and 35 %; first in, first out
/// 0.35·(e − 1) = 60.1 %. All misses in the first epoch, steady from the second on.
#[test]
fn a_cache_of_65_percent_misses_as_known() {
    let known = [
        (Policy::RandomReplacement, 0.536),
        (Policy::Lru, 0.717),
        (Policy::NeverReplace, 0.35),
        (Policy::Fifo, 0.601),
    ];
    for (policy, misses) in known {
        let mut cache = Cache::new(&spec(policy, 0.65), 3);
        let hits = shuffled_epochs(&mut cache, 6, KEYS, |_| SIZE);
        assert_eq!(hits[0], 0.0);
        hits[1..].iter().for_each(|&hit| assert_close(1.0 - hit, misses, 0.003));
        assert_eq!(cache.hits() + cache.misses(), 6 * KEYS);
    }
}

#[test]
fn other_shares_meet_their_closed_forms() {
    for policy in POLICIES {
        for c in [0.1, 0.35, 0.8, 0.95] {
            let hits = shuffled_epochs(&mut Cache::new(&spec(policy, c), 3), 3, KEYS, |_| SIZE);
            hits[1..].iter().for_each(|&hit| assert_close(hit, hit_ratio(policy, c), 0.004));
        }
    }
}

/// Sizes from 1 to 1,999, as likely one as another and unrelated to the order: the room counts, in bytes.
#[test]
fn varying_sizes_change_nothing() {
    let size_of = |key: u64| 1 + Chance(key).below(2 * SIZE - 1);
    for policy in [Policy::RandomReplacement, Policy::Lru, Policy::Fifo] {
        let mut cache = Cache::new(&spec(policy, 0.65), 3);
        let hits = shuffled_epochs(&mut cache, 3, KEYS, size_of);
        hits[1..].iter().for_each(|&hit| assert_close(hit, hit_ratio(policy, 0.65), 0.006));
        let capacity = KEYS * SIZE * 65 / 100;
        assert!((capacity - 2 * SIZE..=capacity).contains(&cache.resident_bytes()), "full to the last entry");
    }
}

/// Hits in each tenth of the third epoch, against the mean of P(hit at x) over it.
#[test]
fn hits_fall_over_the_epoch_as_derived() {
    const POINTS: u32 = 100;
    let start = EpochStart { capacity: 0.65, resident: 0.65 };
    let mut chance = Chance(11);
    let mut keys: Vec<u64> = (0..KEYS).collect();
    for policy in POLICIES {
        let hit_at = |x| match policy {
            Policy::RandomReplacement => start.random_replacement_at(x),
            Policy::Lru => start.lru_at(x),
            Policy::Fifo => start.fifo_at(x),
            Policy::NeverReplace => 0.65,
        };
        let mut cache = Cache::new(&spec(policy, 0.65), 3);
        for _ in 0..2 {
            read(&mut cache, &keys, |_| SIZE, 0);
            chance.shuffle(&mut keys);
        }
        for (tenth, part) in (0..).zip(keys.chunks((KEYS / 10) as usize)) {
            let point = |index: u32| (f64::from(index) + 0.5) / f64::from(POINTS);
            let xs = (0..POINTS).map(|index| (f64::from(tenth) + point(index)) / 10.0);
            let expected = xs.map(hit_at).sum::<f64>() / f64::from(POINTS);
            // Three standard deviations of a share of 10,000 reads, at most.
            assert_close(read(&mut cache, part, |_| SIZE, 0), expected, 0.015);
        }
    }
}

/// Every epoch reads another tenth or quarter of the set, as one node of several does: the cache takes epochs to fill.
#[test]
fn untracked_hits_are_tracked_ones_where_epochs_read_a_part() {
    for policy in POLICIES {
        for (c, part) in [(0.65, KEYS / 4), (0.2, KEYS / 4), (0.35, KEYS / 10), (0.65, KEYS), (1.5, KEYS / 2)]
        {
            let tracked = spec(policy, c);
            let untracked = CacheSpec { tracked: false, ..tracked };
            let exact = shuffled_epochs(&mut Cache::new(&tracked, 3), 7, part, |_| SIZE);
            let drawn = shuffled_epochs(&mut Cache::new(&untracked, 3), 7, part, |_| SIZE);
            for (exact, drawn) in exact.into_iter().zip(drawn) {
                // Five standard deviations of the difference of two ratios of 10,000 reads or more.
                assert_close(drawn, exact, 5.0 * (0.5 / part as f64).sqrt());
            }
        }
    }
}

/// A copy of the whole set before the first epoch leaves the cache as an epoch does.
#[test]
fn a_filled_cache_is_steady_from_the_first_epoch() {
    for policy in POLICIES {
        for tracked in [true, false] {
            let mut cache = Cache::new(&CacheSpec { tracked, ..spec(policy, 0.65) }, 3);
            cache.fill_sequential(KEYS, |_| SIZE);
            assert_eq!(cache.resident_bytes(), KEYS * SIZE * 65 / 100);
            assert_eq!(cache.resident_entries(), KEYS * 65 / 100);
            let hits = shuffled_epochs(&mut cache, 2, KEYS, |_| SIZE);
            hits.iter().for_each(|&hit| assert_close(hit, hit_ratio(policy, 0.65), 0.006));
        }
    }
}

/// The same order each epoch: nothing under LRU and first in, first out; 65 % where nobody leaves; random replacement
/// 1 − 0.5693, then 1 − 0.607 within 0.3 points.
#[test]
fn a_repeated_order_hits_as_derived() {
    let keys: Vec<u64> = (0..KEYS).collect();
    for tracked in [true, false] {
        for (policy, hits) in [
            (Policy::RandomReplacement, [0.0, 0.4307, 0.3931, 0.3931]),
            (Policy::Lru, [0.0; 4]),
            (Policy::Fifo, [0.0; 4]),
            (Policy::NeverReplace, [0.0, 0.65, 0.65, 0.65]),
        ] {
            let spec = CacheSpec { tracked, shuffled: false, ..spec(policy, 0.65) };
            let mut cache = Cache::new(&spec, 3);
            for expected in hits {
                let random = policy == Policy::RandomReplacement && expected > 0.0;
                let found = read(&mut cache, &keys, |_| SIZE, 0);
                assert_close(found, expected, if random { 0.007 } else { 1e-4 });
            }
        }
    }
}

/// Not one miss after the first epoch, wherever room and set are just equal or there is room to spare.
#[test]
fn an_untracked_cache_with_room_for_all_misses_once() {
    let keys: Vec<u64> = (0..KEYS).collect();
    for policy in POLICIES {
        for (c, shuffled) in [(1.0, true), (1.0, false), (1.3, true), (1.3, false)] {
            let mut cache = Cache::new(&CacheSpec { tracked: false, shuffled, ..spec(policy, c) }, 3);
            let hits = [0, 1, 2].map(|epoch| read(&mut cache, &keys, |_| SIZE, epoch << 40));
            assert_eq!(hits, [0.0, 1.0, 1.0], "{policy:?}, {c}, shuffled: {shuffled}");
        }
    }
}

/// Two readers in one order: the second finds what the first has fetched, unless it was not kept.
#[test]
fn readers_in_one_order_share_what_the_first_fetches() {
    let keys: Vec<u64> = (0..2 * KEYS).map(|place| place / 2).collect();
    for policy in POLICIES {
        let tracked = CacheSpec { shuffled: false, ..spec(policy, 0.65) };
        let mut caches = [tracked, CacheSpec { tracked: false, ..tracked }].map(|spec| Cache::new(&spec, 3));
        for epoch in 0..2 {
            let [exact, drawn] = caches.each_mut().map(|cache| read(cache, &keys, |_| SIZE, epoch << 40));
            assert_close(drawn, exact, 0.006);
        }
    }
}

/// Each read is any key: a share c hits, whatever the policy; the cold cache fills as 1 − e^−x.
#[test]
fn independent_reads_hit_with_the_share_of_residents() {
    let mut chance = Chance(5);
    for policy in POLICIES {
        let tracked = spec(policy, 0.65);
        let mut caches = [tracked, CacheSpec { tracked: false, ..tracked }].map(|spec| Cache::new(&spec, 3));
        for epoch in 0..2 {
            let keys: Vec<u64> = (0..2 * KEYS).map(|_| chance.below(KEYS)).collect();
            let [exact, drawn] = caches.each_mut().map(|cache| read(cache, &keys, |_| SIZE, epoch << 40));
            assert_close(drawn, exact, 0.006);
            assert!(epoch == 0 || (exact - 0.65).abs() < 0.006);
        }
    }
}

/// At most 4 bytes and a bit, 8 bytes and a bit, and a bit; 12 bytes are allowed.
#[test]
fn a_tracked_key_takes_at_most_nine_bytes() {
    let bits = KEYS.div_ceil(64) * 8;
    let takes = |policy| Cache::new(&spec(policy, 0.65), 3).memory_bytes();
    assert_eq!(takes(Policy::RandomReplacement), 4 * KEYS + bits);
    assert_eq!(takes(Policy::Fifo), 4 * KEYS + bits);
    assert_eq!(takes(Policy::Lru), 8 * KEYS + 8 + bits);
    assert_eq!(takes(Policy::NeverReplace), bits);
    for policy in POLICIES {
        assert!(takes(policy) <= 12 * KEYS);
        assert_eq!(
            Cache::new(&spec(policy, 1.0), 3).memory_bytes(),
            bits,
            "who all fit need no order of leaving"
        );
        let untracked = CacheSpec { tracked: false, ..spec(policy, 0.65) };
        assert_eq!(Cache::new(&untracked, 3).memory_bytes(), 1_025 * 8, "the same for any number of keys");
    }
}

#[test]
fn the_same_luck_gives_the_same_hits_and_another_gives_others() {
    for tracked in [true, false] {
        let spec = CacheSpec { tracked, ..spec(Policy::RandomReplacement, 0.65) };
        let hits = |luck| {
            let mut cache = Cache::new(&spec, luck);
            shuffled_epochs(&mut cache, 2, KEYS, |_| SIZE);
            cache.hits()
        };
        assert_eq!(hits(1), hits(1));
        assert_ne!(hits(1), hits(2));
    }
}

#[test]
fn an_emptied_cache_is_cold_and_keeps_its_counts() {
    for tracked in [true, false] {
        for policy in POLICIES {
            let mut cache = Cache::new(&CacheSpec { tracked, ..spec(policy, 0.65) }, 3);
            shuffled_epochs(&mut cache, 2, KEYS, |_| SIZE);
            let hits = cache.hits();
            cache.clear();
            assert_eq!((cache.hits(), cache.resident_entries(), cache.resident_bytes()), (hits, 0, 0));
            assert_eq!(shuffled_epochs(&mut cache, 1, KEYS, |_| SIZE), [0.0]);
        }
    }
}

#[test]
fn the_output_can_say_how_hits_were_determined() {
    let says = |spec: CacheSpec, reads| {
        let mut cache = Cache::new(&spec, 3);
        cache.begin_epoch(reads);
        cache.describe()
    };
    let tracked = spec(Policy::Lru, 0.65);
    let untracked = CacheSpec { tracked: false, ..tracked };
    assert_eq!(says(tracked, KEYS), "exact: every resident tracked");
    assert_eq!(says(spec(Policy::Lru, 1.0), KEYS), "exact: everything fits");
    assert_eq!(says(untracked, KEYS), "closed form: a new order each epoch");
    assert_eq!(
        says(CacheSpec { shuffled: false, ..untracked }, KEYS),
        "closed form: the same order each epoch"
    );
    assert_eq!(says(untracked, KEYS + 1), "closed form: independent reads");
}

#[test]
#[should_panic(expected = "fewer than 2^32 entries")]
fn four_billion_keys_are_not_tracked() {
    let _ = Cache::new(&CacheSpec { entries: 1 << 32, ..spec(Policy::Lru, 0.65) }, 3);
}
