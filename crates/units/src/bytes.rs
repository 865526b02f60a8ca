//! Amounts of data.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Sub},
    str::FromStr,
};

use crate::{
    UnitError,
    parse::{self, Unit},
    print,
    text::{Text, text_form},
};

/// An amount of data in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bytes(u64);

const UNITS: [Unit; 11] = [
    Unit::whole("PB", 1_000_000_000_000_000),
    Unit::whole("TB", 1_000_000_000_000),
    Unit::whole("GB", 1_000_000_000),
    Unit::whole("MB", 1_000_000),
    Unit::whole("kB", 1_000),
    Unit::whole("PiB", 1 << 50),
    Unit::whole("TiB", 1 << 40),
    Unit::whole("GiB", 1 << 30),
    Unit::whole("MiB", 1 << 20),
    Unit::whole("KiB", 1 << 10),
    Unit::whole("B", 1),
];

const BITS: [Unit; 5] = [
    Unit::eighths("b", 1),
    Unit::eighths("kb", 1_000),
    Unit::eighths("Mb", 1_000_000),
    Unit::eighths("Gb", 1_000_000_000),
    Unit::eighths("Tb", 1_000_000_000_000),
];

const HUMAN: [(f64, &str); 6] =
    [(1e15, " PB"), (1e12, " TB"), (1e9, " GB"), (1e6, " MB"), (1e3, " kB"), (1.0, " B")];

impl Bytes {
    /// No data.
    pub const ZERO: Self = Self(0);

    /// `count` bytes.
    #[must_use]
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// `count` times 2^30 bytes.
    ///
    /// # Panics
    ///
    /// If that does not fit in 64 bits.
    #[must_use]
    pub const fn from_gib(count: u64) -> Self {
        Self(count.checked_mul(1 << 30).expect("a size is below 16 EiB"))
    }

    /// The number of bytes.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number of bytes as a float, for reports and distributions.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0 as f64
    }

    /// The nearest whole number of bytes to `count`; negative and not-a-number give none, too much gives the most.
    #[must_use]
    pub fn from_f64_rounded(count: f64) -> Self {
        Self(count.round() as u64)
    }

    /// The number of decimal gigabytes, for prices.
    #[must_use]
    pub fn as_gb(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The number of binary gigabytes, for prices and capacities.
    #[must_use]
    pub fn as_gib(self) -> f64 {
        self.0 as f64 / (1_u64 << 30) as f64
    }

    /// Whether there is no data.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or nothing if it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or nothing if `other` is more.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The difference, or no data if `other` is more.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// `times` as much, or nothing if it does not fit.
    #[must_use]
    pub fn checked_mul(self, times: u64) -> Option<Self> {
        self.0.checked_mul(times).map(Self)
    }

    /// How many pieces of at most `piece` bytes this takes.
    ///
    /// # Panics
    ///
    /// If `piece` is nothing.
    #[must_use]
    pub const fn div_ceil(self, piece: Self) -> u64 {
        assert!(piece.0 > 0, "a piece holds at least one byte");
        self.0.div_ceil(piece.0)
    }

    /// Three significant digits for a reader: `10.4 MB`.
    #[must_use]
    pub fn human(self) -> impl fmt::Display {
        print::three_digits(self.as_f64(), &HUMAN)
    }
}

impl Add for Bytes {
    type Output = Self;

    /// # Panics
    ///
    /// If the sum is 16 EiB or more.
    fn add(self, other: Self) -> Self {
        self.checked_add(other).expect("an amount of data is below 16 EiB")
    }
}

impl AddAssign for Bytes {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Bytes {
    type Output = Self;

    /// # Panics
    ///
    /// If `other` is more: an amount of data is never negative.
    fn sub(self, other: Self) -> Self {
        self.checked_sub(other).expect("an amount of data is never negative")
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl FromStr for Bytes {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let read = parse::quantity(text, &UNITS, Self::EXPECTED);
        let bits = || parse::quantity(text, &BITS, Self::EXPECTED).ok();
        match read {
            Err(UnitError::UnknownUnit { expected, found, units, near }) => Err(match bits() {
                Some(bytes) => UnitError::Bits {
                    expected,
                    found,
                    bits: text.trim().to_owned(),
                    bytes: Self(bytes).to_string(),
                },
                None => UnitError::UnknownUnit { expected, found, units, near },
            }),
            read => read.map(Self),
        }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&print::exact(self.0, &UNITS, "B"))
    }
}

text_form!(
    Bytes,
    expected: "an amount of data with its unit, such as \"500 GB\"",
    about: "An amount of data: a number and B, kB, MB, GB, TB, PB (powers of 1000) or KiB, MiB, GiB, TiB, PiB (powers of 1024).",
    pattern: r"^\s*\+?[0-9][0-9_]*(\.[0-9][0-9_]*)?\s*([kMGTP]?B|[KMGTP]iB)\s*$",
    examples: ["500 GB", "3.6 TiB", "110 kB"]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_decimal_and_binary_units() {
        let cases = [
            ("500 GB", 500_000_000_000),
            ("3.6 TiB", 3_958_241_859_994),
            ("110kB", 110_000),
            ("128 KiB", 131_072),
            ("42 B", 42),
            ("1_234.5 kB", 1_234_500),
            ("0.3 kB", 300),
        ];
        for (text, bytes) in cases {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
    }

    #[test]
    fn a_size_prints_as_it_is_best_written() {
        for text in ["0 B", "500 GB", "3.6 TiB", "110 kB", "128 KiB", "42 B", "37.5 kB", "1 MiB", "112.5 MB"]
        {
            assert_eq!(text.parse::<Bytes>().unwrap().to_string(), text);
        }
    }

    /// 5 Gb are 5e9 / 8 = 625e6 bytes.
    #[test]
    fn bits_are_refused_with_their_size_in_bytes() {
        let error = "5 Gb".parse::<Bytes>().unwrap_err().to_string();
        assert_eq!(
            error,
            "expected an amount of data with its unit, such as \"500 GB\", found \"5 Gb\", which counts bits (b) and \
             not bytes (B); 5 Gb are 625 MB"
        );
    }

    #[test]
    fn unknown_units_are_answered_with_the_list() {
        let error = "5 KB".parse::<Bytes>().unwrap_err().to_string();
        assert!(error.ends_with(
            "found \"5 KB\"; its unit must be one of PB, TB, GB, MB, kB, PiB, TiB, GiB, MiB, KiB, B; \
             did you mean kB?"
        ));
    }

    /// 2^64 bytes are 16,384 PiB.
    #[test]
    fn more_than_64_bits_is_refused() {
        assert!(matches!("16384 PiB".parse::<Bytes>(), Err(UnitError::TooLarge { .. })));
        assert_eq!("18446744073709551615 B".parse(), Ok(Bytes(u64::MAX)));
        assert!(matches!("18446744073709551616 B".parse::<Bytes>(), Err(UnitError::TooLarge { .. })));
    }

    #[test]
    fn readers_get_three_digits() {
        assert_eq!(Bytes(10_400_000).human().to_string(), "10.4 MB");
        assert_eq!(Bytes(999).human().to_string(), "999 B");
    }

    #[test]
    fn a_started_piece_counts_whole() {
        assert_eq!(Bytes(1001).div_ceil(Bytes(500)), 3);
    }
}
