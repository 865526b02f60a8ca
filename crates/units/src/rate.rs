//! Data rates.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign},
    str::FromStr,
};

use crate::{
    Bytes, Span, UnitError,
    parse::{self, Unit},
    print,
    text::{Text, text_form},
};

/// A data rate in bytes per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rate(u64);

const NS_PER_SECOND: u128 = 1_000_000_000;

/// The units of a rate; those before `BYTE_UNITS` are printed, the bits behind them only read.
const UNITS: [Unit; 19] = [
    Unit::whole("TB/s", 1_000_000_000_000),
    Unit::whole("GB/s", 1_000_000_000),
    Unit::whole("MB/s", 1_000_000),
    Unit::whole("kB/s", 1_000),
    Unit::whole("TiB/s", 1 << 40),
    Unit::whole("GiB/s", 1 << 30),
    Unit::whole("MiB/s", 1 << 20),
    Unit::whole("KiB/s", 1 << 10),
    Unit::whole("B/s", 1),
    Unit::eighths("Tb/s", 1_000_000_000_000),
    Unit::eighths("Gb/s", 1_000_000_000),
    Unit::eighths("Mb/s", 1_000_000),
    Unit::eighths("kb/s", 1_000),
    Unit::eighths("b/s", 1),
    Unit::eighths("Tbit/s", 1_000_000_000_000),
    Unit::eighths("Gbit/s", 1_000_000_000),
    Unit::eighths("Mbit/s", 1_000_000),
    Unit::eighths("kbit/s", 1_000),
    Unit::eighths("bit/s", 1),
];

const BYTE_UNITS: usize = 9;

const HUMAN: [(f64, &str); 5] =
    [(1e12, " TB/s"), (1e9, " GB/s"), (1e6, " MB/s"), (1e3, " kB/s"), (1.0, " B/s")];

impl Rate {
    /// Nothing passes.
    pub const ZERO: Self = Self(0);

    /// `bytes` per second.
    #[must_use]
    pub const fn per_second(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number of bytes per second.
    #[must_use]
    pub const fn bytes_per_second(self) -> u64 {
        self.0
    }

    /// Bytes per second as a float, for reports.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0 as f64
    }

    /// The nearest whole rate to `bytes` per second; negative and not-a-number give none, too much gives the most.
    #[must_use]
    pub fn from_f64_rounded(bytes: f64) -> Self {
        Self(bytes.round() as u64)
    }

    /// Whether nothing passes.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// How long `size` takes at this rate: `size / rate`, rounded up to a nanosecond, at most the longest span.
    ///
    /// # Panics
    ///
    /// If the rate is nothing and the size is not: the transfer would never end.
    #[must_use]
    pub fn time_for(self, size: Bytes) -> Span {
        if size.is_zero() {
            return Span::ZERO;
        }
        assert!(self.0 > 0, "a transfer has a rate above zero");
        // Below 18 GB the product fits 64 bits, where the division is several times cheaper.
        if let Some(product) = size.get().checked_mul(NS_PER_SECOND as u64) {
            return Span::from_nanos(product.div_ceil(self.0));
        }
        let ns = (u128::from(size.get()) * NS_PER_SECOND).div_ceil(u128::from(self.0));
        Span::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
    }

    /// The data that passes within `span`: `rate × span`, rounded down, at most what 64 bits hold.
    #[must_use]
    pub fn bytes_in(self, span: Span) -> Bytes {
        let bytes = u128::from(self.0) * u128::from(span.as_nanos()) / NS_PER_SECOND;
        Bytes::new(u64::try_from(bytes).unwrap_or(u64::MAX))
    }

    /// `times` as much, at most what 64 bits hold.
    #[must_use]
    pub const fn saturating_mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }

    /// The difference, or nothing if `other` is more.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Three significant digits for a reader: `312 MB/s`.
    #[must_use]
    pub fn human(self) -> impl fmt::Display {
        print::three_digits(self.as_f64(), &HUMAN)
    }
}

impl Add for Rate {
    type Output = Self;

    /// The sum, at most what 64 bits hold.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Rate {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Rate {
    fn sum<I: Iterator<Item = Self>>(rates: I) -> Self {
        rates.fold(Self::ZERO, Add::add)
    }
}

impl FromStr for Rate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse::quantity(text, &UNITS, Self::EXPECTED).map(Self)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&print::exact(self.0, &UNITS[..BYTE_UNITS], "B/s"))
    }
}

text_form!(
    Rate,
    expected: "a rate with its unit, such as \"90 MB/s\"",
    about: "A data rate: a number and B/s, kB/s, MB/s, GB/s, TB/s, KiB/s, MiB/s, GiB/s or TiB/s; a small b, or bit, counts bits (Gb/s, Gbit/s).",
    pattern: r"^\s*\+?[0-9][0-9_]*(\.[0-9][0-9_]*)?\s*([kMGT]?(B|b|bit)|[KMGT]iB)/s\s*$",
    examples: ["90 MB/s", "250 MiB/s", "5 Gb/s"]
);

#[cfg(test)]
mod tests {
    use super::*;

    /// A bit is an eighth of a byte: 5 Gb/s = 625 MB/s, 100 Gbit/s = 12.5 GB/s.
    #[test]
    fn rates_are_read_in_bytes_and_bits() {
        let cases = [
            ("90 MB/s", 90_000_000),
            ("250 MiB/s", 262_144_000),
            ("5 Gb/s", 625_000_000),
            ("100 Gbit/s", 12_500_000_000),
            ("8 b/s", 1),
        ];
        for (text, rate) in cases {
            assert_eq!(text.parse(), Ok(Rate(rate)), "{text}");
        }
    }

    #[test]
    fn a_rate_needs_its_unit() {
        let error = |text: &str| text.parse::<Rate>().unwrap_err().to_string();
        assert_eq!(error("90"), "expected a rate with its unit, such as \"90 MB/s\", found \"90\"");
        assert!(error("90 MB").contains("found \"90 MB\"; its unit must be one of TB/s, GB/s, MB/s"));
        assert!(error("-1 MB/s").ends_with("found \"-1 MB/s\", which is below zero"));
        assert_eq!(error("fast"), "expected a rate with its unit, such as \"90 MB/s\", found \"fast\"");
    }

    /// 10 bytes at 3 B/s take 3.33… s, rounded up to the next nanosecond.
    #[test]
    fn a_transfer_rounds_up() {
        assert_eq!(Rate(3).time_for(Bytes::new(10)), Span::from_nanos(3_333_333_334));
        assert_eq!(Rate(5).time_for(Bytes::new(10)), Span::from_secs(2));
        assert_eq!(Rate::ZERO.time_for(Bytes::ZERO), Span::ZERO);
    }

    /// 3 B/s for 2.5 s pass 7.5 bytes, of which 7 are whole.
    #[test]
    fn what_passes_rounds_down() {
        assert_eq!(Rate(3).bytes_in(Span::from_millis(2500)), Bytes::new(7));
    }
}
