//! A random order of n things, without remembering it.

use super::{high_product, mix};

/// Rounds come in pairs, one for the rows and one for the columns.
const PAIRS: usize = 2;
/// Of a small rectangle two pairs leave traces: at 4 rounds, 7 things on 4 × 2 places were 11 standard deviations off.
const PAIRS_IF_SMALL: usize = 4;
const SMALL: u64 = 1 << 8;
const ODD: u64 = 0xD6E8_FEB8_6659_FD93;

/// A pseudo-random permutation of `0..n`, computed place by place.
///
/// A Feistel network over a rectangle of `rows × 2^k` places with `rows · 2^k ≥ n`, as near a square as that allows:
/// each round adds a keyed hash of one coordinate to the other, modulo its range. Places at `n` or beyond are walked
/// through again; as the rectangle is at most one row too large, about one call in `√n` walks.
///
/// Memory is a few words whatever `n` is. The order looks random but is one of 2^64 (the key), not of `n!`.
#[derive(Debug, Clone, Copy)]
pub struct Permutation {
    n: u64,
    rows: u64,
    column_bits: u32,
    pairs: usize,
    keys: [[u64; 2]; PAIRS_IF_SMALL],
}

impl Permutation {
    /// The permutation of `0..n` that belongs to `key`.
    #[must_use]
    pub fn new(n: u64, key: u64) -> Self {
        let column_bits = n.max(1).ilog2().div_ceil(2);
        let mut keys = [[0; 2]; PAIRS_IF_SMALL];
        let mut state = key;
        for key in keys.as_flattened_mut() {
            state = mix(state.wrapping_add(ODD));
            *key = state;
        }
        let pairs = if n < SMALL { PAIRS_IF_SMALL } else { PAIRS };
        Self { n, rows: n.div_ceil(1 << column_bits), column_bits, pairs, keys }
    }

    /// How many things are ordered.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.n
    }

    /// Whether there is nothing to order.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// The thing at place `i`.
    ///
    /// # Panics
    ///
    /// If `i` is not below `n`.
    #[inline]
    #[must_use]
    pub fn at(&self, i: u64) -> u64 {
        assert!(i < self.n, "a place lies within the permutation");
        let mut place = self.step(i);
        while place >= self.n {
            place = self.step(place);
        }
        place
    }

    /// The place of thing `j`: `at(inverse(j)) = j`.
    ///
    /// # Panics
    ///
    /// If `j` is not below `n`.
    #[must_use]
    pub fn inverse(&self, j: u64) -> u64 {
        assert!(j < self.n, "a thing lies within the permutation");
        let mut place = self.step_back(j);
        while place >= self.n {
            place = self.step_back(place);
        }
        place
    }

    #[inline]
    fn step(&self, place: u64) -> u64 {
        let mask = (1 << self.column_bits) - 1;
        let (mut row, mut column) = (place >> self.column_bits, place & mask);
        for pair in &self.keys[..self.pairs] {
            row = wrap(row + high_product(hash(column, pair[0]), self.rows), self.rows);
            column = (column + (hash(row, pair[1]) >> 32)) & mask;
        }
        row << self.column_bits | column
    }

    fn step_back(&self, place: u64) -> u64 {
        let mask = (1 << self.column_bits) - 1;
        let (mut row, mut column) = (place >> self.column_bits, place & mask);
        for pair in self.keys[..self.pairs].iter().rev() {
            column = column.wrapping_sub(hash(row, pair[1]) >> 32) & mask;
            row = wrap(row + self.rows - high_product(hash(column, pair[0]), self.rows), self.rows);
        }
        row << self.column_bits | column
    }
}

/// 64 bits of which the upper ones are well mixed.
#[inline]
const fn hash(coordinate: u64, key: u64) -> u64 {
    let bits = (coordinate ^ key).wrapping_mul(ODD);
    (bits ^ bits >> 32).wrapping_mul(ODD)
}

#[inline]
const fn wrap(sum: u64, range: u64) -> u64 {
    if sum >= range { sum - range } else { sum }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn order(n: u64, key: u64) -> Vec<u64> {
        let permutation = Permutation::new(n, key);
        (0..n).map(|i| permutation.at(i)).collect()
    }

    #[test]
    fn every_thing_has_one_place() {
        for n in (0..=70).chain([127, 128, 129, 1_000, 1_023, 1_024, 1_025, 4_095, 4_097, 99_991]) {
            for key in 0..5 {
                let mut things = order(n, key);
                things.sort_unstable();
                assert!(things.into_iter().eq(0..n), "n = {n}, key = {key}");
            }
        }
    }

    /// 2 things in both orders, 3 in all six: 10,000 keys, each order within 4 standard deviations of its share.
    #[test]
    fn the_smallest_orders_all_occur() {
        for (n, orders) in [(2, 2.0), (3, 6.0)] {
            let mut counts = std::collections::BTreeMap::new();
            for key in 0..10_000 {
                *counts.entry(order(n, key)).or_insert(0_u32) += 1;
            }
            assert_eq!(counts.len() as f64, orders);
            let (share, keys) = (1.0 / orders, 10_000.0_f64);
            let sd = (keys * share * (1.0 - share)).sqrt();
            for (order, &count) in &counts {
                assert!((f64::from(count) - keys * share).abs() < 4.0 * sd, "{order:?}: {count}");
            }
        }
    }

    /// Over many keys each thing is as likely at each place: n² counts of 400 each. As a thing has one place only,
    /// chi-square times (n − 1)/n has (n − 1)² degrees of freedom; 99.9 % of it lies below the bound, which is the
    /// normal approximation and 8 more for the smallest.
    #[test]
    fn every_thing_is_as_likely_at_every_place() {
        for n in [5_u64, 7, 16, 33] {
            let mut counts = vec![0_u32; (n * n) as usize];
            for key in 0..400 * n {
                for (place, thing) in order(n, mix(key)).into_iter().enumerate() {
                    counts[place * n as usize + thing as usize] += 1;
                }
            }
            let chi_square: f64 =
                counts.iter().map(|&count| (f64::from(count) - 400.0).powi(2) / 400.0).sum();
            let freedom = ((n - 1) * (n - 1)) as f64;
            let chi_square = chi_square * (n - 1) as f64 / n as f64;
            assert!(chi_square < freedom + 3.09 * (2.0 * freedom).sqrt() + 8.0, "n = {n}: {chi_square}");
        }
    }

    /// The things at neighbouring places fill a square of 16 × 16 cells evenly, for one key and a million files;
    /// 99.9 % of chi-square with 255 degrees of freedom lies below 330.5.
    #[test]
    fn neighbouring_places_hold_unrelated_things() {
        let n = 1_000_003;
        let permutation = Permutation::new(n, 8);
        for step in [1, 2, 1_024] {
            let mut counts = [0_u32; 256];
            for i in (0..200_000).map(|i| i * 4 + 1) {
                let cell = |place| permutation.at(place) * 16 / n;
                counts[(cell(i) * 16 + cell(i + step)) as usize] += 1;
            }
            let expected = 200_000.0 / 256.0;
            let chi_square: f64 = counts.iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
            assert!(chi_square < 330.5, "step {step}: {chi_square}");
        }
    }

    proptest! {
        #[test]
        fn the_inverse_finds_the_place(n in 1..u64::MAX / 2, key: u64, share in 0.0..1.0_f64) {
            let permutation = Permutation::new(n, key);
            let place = (share * n as f64) as u64 % n;
            let thing = permutation.at(place);
            prop_assert!(thing < n);
            prop_assert_eq!(permutation.inverse(thing), place);
        }
    }
}
