//! Keyed draws: chance as a function of what it is for.
//!
//! A draw is a function of (seed, replication, use, entity, counter), never the next number of a shared generator. So
//! two set-ups with one seed see the same latencies and sizes whatever the order of events, and a new component leaves
//! the luck of the old ones as it was.
//!
//! ```
//! use ingestsim_des::draw::{Distribution, Draws, QuantileTable};
//!
//! let latencies = Draws::new(42, 0).of("tier/s3/latency");
//! let table = QuantileTable::new(&Distribution::lognormal_with_sigma(10e6, 0.5))?;
//! let first = table.sample(latencies.at(7, 0));
//! assert_eq!(first, table.sample(latencies.at(7, 0)));
//! # Ok::<(), ingestsim_des::draw::DistributionError>(())
//! ```

mod distribution;
mod normal;
mod permutation;
mod quantile_table;

pub use distribution::{Distribution, DistributionError};
pub use permutation::Permutation;
pub use quantile_table::QuantileTable;

const ODD_A: u64 = 0x9E37_79B9_7F4A_7C15;
const ODD_B: u64 = 0xA076_1D64_78BD_642F;
const ODD_C: u64 = 0xE703_7ED1_A0B4_28DB;

/// The source of all chance in one run: a seed and the number of the replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draws {
    key: u64,
}

impl Draws {
    /// The draws of replication `replication` under `seed`.
    #[must_use]
    pub const fn new(seed: u64, replication: u64) -> Self {
        Self { key: mix(mix(seed.wrapping_add(ODD_A)) ^ replication.wrapping_mul(ODD_B)) }
    }

    /// The stream of one use, such as `"tier/s3/latency"`. The name is hashed here, once, not at each draw.
    #[must_use]
    pub fn of(&self, name: &str) -> Stream {
        let mut hash = self.key;
        for &byte in name.as_bytes() {
            hash = mix(hash ^ u64::from(byte)).wrapping_add(ODD_A);
        }
        Stream { entity_key: mix(hash ^ ODD_B), counter_key: mix(hash ^ ODD_C) }
    }
}

/// All draws for one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    entity_key: u64,
    counter_key: u64,
}

impl Stream {
    /// The draw of `entity` (a worker, a file) for the `counter`-th time.
    ///
    /// Two rounds of a 64 × 64 → 128 bit product whose halves are folded together; one round leaves neighbours alike.
    #[inline]
    #[must_use]
    pub const fn at(self, entity: u64, counter: u64) -> Luck {
        let first = fold(entity ^ self.entity_key, counter ^ self.counter_key);
        Luck(fold(first ^ ODD_B, self.entity_key ^ ODD_C))
    }
}

/// One draw: 64 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Luck(u64);

impl Luck {
    /// A draw with given bits, for tests and for walking a table from one end to the other.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The 64 bits.
    #[inline]
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// A number in the open interval (0, 1): the middle of one of 2^52 equal cells.
    #[inline]
    #[must_use]
    pub fn unit(self) -> f64 {
        const CELLS: f64 = (1_u64 << 52) as f64;
        ((self.0 >> 12) as f64 + 0.5) / CELLS
    }

    /// A whole number from 0 to `n − 1`; each is at most `n / 2^64` too likely or unlikely. 0 where `n` is 0.
    #[inline]
    #[must_use]
    pub const fn below(self, n: u64) -> u64 {
        high_product(self.0, n)
    }

    /// A further draw for the same occasion.
    #[inline]
    #[must_use]
    pub const fn next(self) -> Self {
        Self(mix(self.0.wrapping_add(ODD_A)))
    }
}

/// A bijection of 64 bits in which each input bit flips each output bit half of the time.
///
/// Source: the finaliser of splitmix64 (Stafford's thirteenth variant of the one in MurmurHash3).
pub(crate) const fn mix(bits: u64) -> u64 {
    let bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ bits >> 31
}

/// The product of two numbers with its upper half folded onto the lower one.
#[inline]
const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

/// The upper half of a product: `a / 2^64` of `b`, rounded down.
#[inline]
pub(crate) const fn high_product(a: u64, b: u64) -> u64 {
    ((a as u128 * b as u128) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 99.9 % point of the standard normal, two-sided.
    const Z_999: f64 = 3.29;

    /// Sum of (observed − expected)² / expected over equal cells, as standard deviations from its mean.
    fn chi_square_z(counts: &[u32]) -> f64 {
        let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
        let chi_square: f64 =
            counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum();
        let freedom = counts.len() as f64 - 1.0;
        (chi_square - freedom) / (2.0 * freedom).sqrt()
    }

    /// Results are stored with their seed, so these values may never change.
    #[test]
    fn draws_stay_what_they_are() {
        let stream = Draws::new(42, 0).of("tier/s3/latency");
        assert_eq!(stream.at(7, 3).bits(), 8_504_838_690_820_610_753);
        assert_eq!(stream.at(7, 3).next().bits(), 5_354_294_997_867_262_060);
    }

    #[test]
    fn each_part_of_the_key_counts() {
        let one = Draws::new(1, 0).of("a").at(0, 0);
        let others = [
            Draws::new(2, 0).of("a").at(0, 0),
            Draws::new(1, 1).of("a").at(0, 0),
            Draws::new(1, 0).of("b").at(0, 0),
            Draws::new(1, 0).of("aa").at(0, 0),
            Draws::new(1, 0).of("a").at(1, 0),
            Draws::new(1, 0).of("a").at(0, 1),
            one.next(),
        ];
        assert!(others.iter().all(|&other| other != one));
    }

    /// Each of 2 × 32 input bits flips each of 64 output bits in half of 4,096 draws: 5.1 standard deviations allowed,
    /// which one of the 4,096 counts exceeds by chance with probability 0.14 %.
    #[test]
    fn one_flipped_bit_flips_half_of_the_others() {
        let stream = Draws::new(3, 0).of("avalanche");
        for bit in 0..64_u32 {
            let (entity_flip, counter_flip) = if bit < 32 { (1 << bit, 0) } else { (0, 1 << (bit - 32)) };
            let mut flips = [0_u32; 64];
            for draw in 0..4_096_u64 {
                let (entity, counter) = (draw / 16, draw % 16);
                let changed = stream.at(entity, counter).bits()
                    ^ stream.at(entity ^ entity_flip, counter ^ counter_flip).bits();
                for (index, count) in flips.iter_mut().enumerate() {
                    *count += (changed >> index & 1) as u32;
                }
            }
            for count in flips {
                assert!((f64::from(count) - 2_048.0).abs() < 5.1 * 32.0, "input bit {bit}: {count}");
            }
        }
    }

    /// The variance of 200 means of 10^5 uniform draws is 1 / (12 · 10^5), within the 99.9 % interval of 199 degrees
    /// of freedom: 0.70 to 1.36 times that. Entities run, counters run, or both.
    #[test]
    fn means_of_consecutive_draws_vary_as_theory_says() {
        const DRAWS: u64 = 100_000;
        let walks: [fn(u64) -> (u64, u64); 3] = [|i| (i, 0), |i| (5, i), |i| (i % 64, i / 64)];
        for (index, walk) in walks.into_iter().enumerate() {
            let mut squares = 0.0;
            for replication in 0..200 {
                let stream = Draws::new(11, replication).of("variance");
                let sum: f64 = (0..DRAWS).map(walk).map(|(e, c)| stream.at(e, c).unit() - 0.5).sum();
                squares += (sum / DRAWS as f64).powi(2);
            }
            let ratio = squares / 200.0 * 12.0 * DRAWS as f64;
            assert!((0.70..1.36).contains(&ratio), "walk {index}: {ratio}");
        }
    }

    /// Pairs of neighbours fill a square of 32 × 32 cells evenly: two entities, two counters, two uses, two
    /// replications, a draw and the next one.
    #[test]
    fn neighbours_are_independent() {
        let (one, other) = (Draws::new(5, 0).of("a"), Draws::new(5, 0).of("b"));
        let replicated = Draws::new(5, 1).of("a");
        let pairs: [&dyn Fn(u64) -> (Luck, Luck); 5] = [
            &|i| (one.at(i, 1), one.at(i + 1, 1)),
            &|i| (one.at(1, i), one.at(1, i + 1)),
            &|i| (one.at(i, 0), other.at(i, 0)),
            &|i| (one.at(i, 0), replicated.at(i, 0)),
            &|i| (one.at(i, 0), one.at(i, 0).next()),
        ];
        for (index, pair) in pairs.into_iter().enumerate() {
            let mut counts = vec![0_u32; 1_024];
            for i in 0..200_000 {
                let (a, b) = pair(i);
                counts[(a.below(32) * 32 + b.below(32)) as usize] += 1;
            }
            let z = chi_square_z(&counts);
            assert!(z.abs() < Z_999, "pair {index}: {z}");
        }
    }

    #[test]
    fn the_unit_interval_is_open() {
        assert!(Luck::from_bits(0).unit() > 0.0);
        assert!(Luck::from_bits(u64::MAX).unit() < 1.0);
    }

    /// Seven faces, 70,000 throws.
    #[test]
    fn below_is_even() {
        let stream = Draws::new(9, 0).of("die");
        let mut counts = [0_u32; 7];
        for i in 0..70_000 {
            counts[stream.at(i, 0).below(7) as usize] += 1;
        }
        assert!(chi_square_z(&counts).abs() < Z_999);
    }
}
