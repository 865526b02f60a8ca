//! Hit ratios without a cache: what each policy comes to when a set much larger than one entry is read epoch by epoch.
//!
//! The set has N entries whose sizes have nothing to do with their order, the cache room for cN of them. An epoch reads
//! each entry at most once. Position x is the number of reads so far in the epoch over N. Everything here is the limit
//! of large N, where counts of hits and misses follow their means; the error of a ratio is of the order of 1/√N.
//!
//! # A new random order each epoch
//!
//! The order does not depend on what is cached. So an entry read at x is no other than any entry not read before x, and
//! P(hit at x) is the chance that such an entry is resident. What has been read in this epoch is not read in it again.
//! A cold cache hits nothing in the first epoch. From the second on, whatever the policy, the epoch opens with cN
//! residents and so with P(hit) = c; nothing else of the past matters, and the cache is steady.
//!
//! * **Random replacement.** An unread entry is resident if it was at the start (chance c) and has survived every
//!   eviction since. With y(x) evictions so far over cN its chance is c · e^−y, and each miss evicts one:
//!   dy/dx = (1 − c·e^−y)/c. With z = e^y this is dz/dx = (z − c)/c, z(0) = 1, so z = c + (1 − c)·e^(x/c) and
//!   P(hit at x) = c / (c + (1 − c)·e^(x/c)). Over the epoch the misses are c·y(1).
//!   Taking the misses to come evenly over the epoch gives m = 1 − ((1 − e^−k)/k)², k = m/c: within 0.22 points.
//! * **LRU.** The xN entries read in this epoch are resident (while x < c), and c − x of the others:
//!   P(hit at x) = max(0, (c − x)/(1 − x)).
//! * **FIFO.** Evictions take the residents of the epoch's start in the order of their arrival, read or not: after
//!   E(x)·N evictions an unread entry is resident with chance c − E. Each miss evicts one, dE/dx = 1 − c + E, so
//!   E = (1 − c)(e^x − 1) and P(hit at x) = max(0, 1 − (1 − c)·e^x).
//! * **Never replace.** c, everywhere.
//!
//! A cache that is not yet full, with rN residents at the start, hits with r and fills at 1 − r until
//! x₀ = (c − r)/(1 − r); from there on the above holds with r for c at the start and x − x₀ for x (LRU: unchanged).
//!
//! # The same order each epoch
//!
//! The next read of an entry is exactly one pass away, and c < 1.
//!
//! * **LRU** and **FIFO**: every entry is gone when its turn comes. No hits.
//! * **Never replace**: what came first stays, so the first c of the order are hits, in every later epoch.
//! * **Random replacement**: between two reads of an entry there are mN misses, each of which evicts it with chance
//!   1/(cN): m = 1 − e^(−m/c), or m = 1 + c·W(−e^(−1/c)/c) with Lambert's W. The epochs settle there, from the third on
//!   within 0.3 points. The second has fewer misses: an entry that came at x has seen 1 − max(x, c) evictions in the first
//!   epoch, none of them while the cache filled. With z as above and A(x) = e^(−(1 − max(x, c))/c) in place of c,
//!   dz/dx = (z − A)/c, z(0) = 1, and m = c·ln z(1) = c·ln(2 − 1/c − e + e^(1/c)).
//!
//! # Independent reads
//!
//! Each read is any of the N entries, none excluded. Then P(hit) is the share of residents, whatever the policy.

use std::f64::consts::E;

/// Misses of random replacement over one steady epoch in a new random order; `c` is the cached share of the set.
///
/// m = 1 + c · ln(1 − c·(1 − e^(−1/c))). Source: derived above; 53.6 % at c = 0.65, where a page cache was measured at 53.
#[must_use]
pub fn random_replacement_miss_ratio(c: f64) -> f64 {
    if c <= 0.0 {
        return 1.0;
    }
    let c = c.min(1.0);
    1.0 + c * libm::log1p(c * libm::expm1(-1.0 / c))
}

/// Hits of strict LRU over one steady epoch in a new random order: c + (1 − c)·ln(1 − c).
#[must_use]
pub fn lru_hit_ratio(c: f64) -> f64 {
    if c >= 1.0 { 1.0 } else { c.max(0.0) + (1.0 - c.max(0.0)) * libm::log1p(-c.max(0.0)) }
}

/// Hits of first in, first out over one steady epoch in a new random order.
///
/// The hits end at x = −ln(1 − c) if that is within the epoch, and are −ln(1 − c) − c; else, from c = 1 − 1/e = 63.2 % on,
/// they are 1 − (1 − c)(e − 1).
#[must_use]
pub fn fifo_hit_ratio(c: f64) -> f64 {
    let c = c.clamp(0.0, 1.0);
    let hits_end = -libm::log1p(-c);
    if hits_end < 1.0 { hits_end - c } else { 1.0 - (1.0 - c) * libm::expm1(1.0) }
}

/// Hits of a cache that keeps what came first, over one epoch after it has filled: c, in any order of reading.
#[must_use]
pub const fn never_replace_hit_ratio(c: f64) -> f64 {
    c.clamp(0.0, 1.0)
}

/// Misses of random replacement where all epochs read in the same order, once they have settled: m = 1 − e^(−m/c).
#[must_use]
pub fn random_replacement_miss_ratio_repeated(c: f64) -> f64 {
    // Newton's steps from the right of the root: the function is concave, so they never pass it. They are slow only
    // where c is near one, and there the root itself goes to zero as 2(1 − c).
    const STEPS: usize = 64;
    if c <= 0.0 || c >= 1.0 {
        return if c <= 0.0 { 1.0 } else { 0.0 };
    }
    (0..STEPS).fold(1.0, |m: f64, _| {
        let survives = libm::exp(-m / c);
        let slope = survives / c - 1.0;
        if slope < 0.0 { m - (1.0 - survives - m) / slope } else { m }
    })
}

/// Misses of random replacement in the second of several epochs that all read in the same order:
/// m = c·ln(2 − 1/c − e + e^(1/c)).
#[must_use]
pub fn random_replacement_miss_ratio_repeated_second(c: f64) -> f64 {
    if c <= 0.0 || c >= 1.0 {
        return if c <= 0.0 { 1.0 } else { 0.0 };
    }
    1.0 + c * libm::log1p((2.0 - 1.0 / c - E) * libm::exp(-1.0 / c))
}

/// The cache at the start of an epoch that reads in a new random order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochStart {
    /// Room of the cache as a share of the set, above zero; one and more hold everything.
    pub capacity: f64,
    /// Residents as a share of the set's entries, at most `capacity` and at most one.
    pub resident: f64,
}

impl EpochStart {
    /// P(hit) under random replacement after `x` reads, as a share of the set's entries.
    #[must_use]
    pub fn random_replacement_at(&self, x: f64) -> f64 {
        let evictions = libm::exp(self.since_full(x) / self.capacity);
        self.resident / (self.resident + (1.0 - self.resident) * evictions)
    }

    /// P(hit) under strict LRU after `x` reads, as a share of the set's entries.
    #[must_use]
    pub fn lru_at(&self, x: f64) -> f64 {
        match self.capacity {
            c if c >= 1.0 => self.resident,
            c if c <= x => 0.0,
            c => self.resident.min((c - x) / (1.0 - x)),
        }
    }

    /// P(hit) under first in, first out after `x` reads, as a share of the set's entries.
    #[must_use]
    pub fn fifo_at(&self, x: f64) -> f64 {
        (1.0 - (1.0 - self.resident) * libm::exp(self.since_full(x))).max(0.0)
    }

    /// Reads since the cache was full; 0 before.
    fn since_full(&self, x: f64) -> f64 {
        if self.resident >= 1.0 {
            return 0.0;
        }
        (x - (self.capacity.min(1.0) - self.resident) / (1.0 - self.resident)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARES: [f64; 9] = [0.02, 0.1, 0.2, 0.35, 0.5, 0.632, 0.65, 0.9, 0.99];

    fn mean_over_epoch(hit_at: impl Fn(f64) -> f64) -> f64 {
        const PARTS: u32 = 100_000;
        (0..PARTS).map(|part| hit_at((f64::from(part) + 0.5) / f64::from(PARTS))).sum::<f64>()
            / f64::from(PARTS)
    }

    fn assert_close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected} ± {tolerance}");
    }

    /// By hand at c = 0.65: e^(−1/c) = 0.21471; 1 + 0.65·ln(1 − 0.65·0.78529) = 1 + 0.65·ln 0.48956 = 0.5358. For LRU
    /// 0.65 + 0.35·ln 0.35 = 0.2826. For FIFO 1 − 0.35·1.71828 = 0.3986.
    #[test]
    fn a_cache_of_65_percent_by_hand() {
        assert_close(random_replacement_miss_ratio(0.65), 0.5358, 1e-4);
        assert_close(lru_hit_ratio(0.65), 0.2826, 1e-4);
        assert_close(fifo_hit_ratio(0.65), 0.3986, 1e-4);
        assert_close(never_replace_hit_ratio(0.65), 0.65, 0.0);
    }

    #[test]
    fn no_cache_never_hits_and_a_full_one_always_does() {
        for ratio in [lru_hit_ratio, fifo_hit_ratio, never_replace_hit_ratio] {
            assert_eq!((ratio(0.0), ratio(1.0), ratio(3.0)), (0.0, 1.0, 1.0));
        }
        for ratio in [
            random_replacement_miss_ratio,
            random_replacement_miss_ratio_repeated,
            random_replacement_miss_ratio_repeated_second,
        ] {
            assert_eq!(ratio(0.0), 1.0);
            assert_close(ratio(1.0), 0.0, 1e-12);
            assert_close(ratio(3.0), 0.0, 1e-12);
        }
    }

    /// The ratio of an epoch is the mean of P(hit at x) over its positions.
    #[test]
    fn positions_add_up_to_the_epoch() {
        for c in SHARES {
            let start = EpochStart { capacity: c, resident: c };
            let mean = mean_over_epoch(|x| start.random_replacement_at(x));
            assert_close(mean, 1.0 - random_replacement_miss_ratio(c), 1e-6);
            assert_close(mean_over_epoch(|x| start.lru_at(x)), lru_hit_ratio(c), 1e-6);
            assert_close(mean_over_epoch(|x| start.fifo_at(x)), fifo_hit_ratio(c), 1e-6);
        }
    }

    /// m = 1 − ((1 − e^−k)/k)², k = m/c, takes the misses to come evenly over the epoch; it is at most 0.22 points away.
    #[test]
    fn evenly_spread_misses_are_a_good_approximation() {
        for c in SHARES {
            let even = (0..2_000).fold(0.5, |m: f64, _| {
                let k = m / c;
                0.5 * m + 0.5 * (1.0 - (-libm::expm1(-k) / k).powi(2))
            });
            assert_close(random_replacement_miss_ratio(c), even, 0.0022);
        }
    }

    #[test]
    fn repeated_random_replacement_is_at_its_fixed_point() {
        for c in SHARES {
            let m = random_replacement_miss_ratio_repeated(c);
            assert!(m > 0.0, "the trivial root is not the answer");
            assert_close(m, 1.0 - libm::exp(-m / c), 1e-12);
        }
    }

    /// Room for 0.6 of the set, 0.2 there: full after 0.4/0.8 = 0.5 of the set, and hits of 0.2 until then.
    #[test]
    fn a_cache_that_still_fills_hits_with_what_it_had() {
        let start = EpochStart { capacity: 0.6, resident: 0.2 };
        for x in [0.0, 0.3, 0.499] {
            assert_close(start.random_replacement_at(x), 0.2, 1e-12);
            assert_close(start.lru_at(x), 0.2, 1e-12);
            assert_close(start.fifo_at(x), 0.2, 1e-12);
        }
        let after = [start.random_replacement_at(0.52), start.lru_at(0.52), start.fifo_at(0.52)];
        assert!(after.iter().all(|&hit| hit < 0.195), "{after:?}");
    }

    #[test]
    fn an_empty_cache_misses_and_a_complete_one_hits() {
        for x in [0.0, 0.5, 0.999] {
            let empty = EpochStart { capacity: 0.3, resident: 0.0 };
            assert_eq!((empty.random_replacement_at(x), empty.lru_at(x), empty.fifo_at(x)), (0.0, 0.0, 0.0));
            let complete = EpochStart { capacity: 1.2, resident: 1.0 };
            assert_eq!(
                (complete.random_replacement_at(x), complete.lru_at(x), complete.fifo_at(x)),
                (1.0, 1.0, 1.0)
            );
        }
    }
}
