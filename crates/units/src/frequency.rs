//! Rates of events: requests, files or operations per second.

use std::{fmt, str::FromStr};

use crate::{
    Span, UnitError,
    parse::{self, Unit},
    print,
    text::{Text, text_form},
};

/// A number of operations per second, kept in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Frequency(u64);

const UNITS: [Unit; 4] = [
    Unit::whole("/s", 1000),
    Unit::whole("op/s", 1000),
    Unit::whole("ops/s", 1000),
    Unit::whole("IOPS", 1000),
];

const PER_MILLE: u128 = 1000;
const NS_PER_SECOND: u128 = 1_000_000_000;

impl Frequency {
    /// Never.
    pub const ZERO: Self = Self(0);

    /// `count` thousandths of an operation per second.
    #[must_use]
    pub const fn per_thousand_seconds(count: u64) -> Self {
        Self(count)
    }

    /// `count` operations per second.
    #[must_use]
    pub const fn per_second(count: u64) -> Self {
        Self(count * 1000)
    }

    /// Thousandths of an operation per second.
    #[must_use]
    pub const fn milli_hertz(self) -> u64 {
        self.0
    }

    /// Operations per second as a float.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The nearest thousandth to `count` operations per second; negative and not-a-number give none.
    #[must_use]
    pub fn from_f64_rounded(count: f64) -> Self {
        Self((count * 1000.0).round() as u64)
    }

    /// Whether nothing ever happens.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// How long `count` operations take one after the other: `count / frequency`, rounded up to a nanosecond.
    ///
    /// # Panics
    ///
    /// If the frequency is nothing and the count is not.
    #[must_use]
    pub fn time_for(self, count: u64) -> Span {
        if count == 0 {
            return Span::ZERO;
        }
        assert!(self.0 > 0, "operations have a rate above zero");
        let ns = (u128::from(count) * NS_PER_SECOND * PER_MILLE).div_ceil(u128::from(self.0));
        Span::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
    }

    /// `times` as often, at most what 64 bits hold.
    #[must_use]
    pub const fn saturating_mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }

    /// Three significant digits for a reader: `5500 /s`, `0.5 /s`.
    #[must_use]
    pub fn human(self) -> impl fmt::Display {
        print::three_digits(self.as_f64(), &[(1.0, " /s")])
    }
}

impl FromStr for Frequency {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse::quantity(text, &UNITS, Self::EXPECTED).map(Self)
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1000, self.0 % 1000);
        let thousandths = format!("{rest:03}");
        let fraction = thousandths.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        f.pad(&format!("{whole}{point}{fraction} /s"))
    }
}

text_form!(
    Frequency,
    expected: "a number per second with its unit, such as \"5500 /s\"",
    about: "Operations per second: a number and /s, op/s, ops/s or IOPS. Kept to a thousandth.",
    pattern: r"^\s*\+?[0-9][0-9_]*(\.[0-9][0-9_]*)?\s*(/s|ops?/s|IOPS)\s*$",
    examples: ["5500 /s", "500 op/s", "0.5 /s"]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_per_second_are_read_and_printed() {
        assert_eq!("5_500 /s".parse(), Ok(Frequency::per_second(5500)));
        assert_eq!("500 op/s".parse(), Ok(Frequency::per_second(500)));
        assert_eq!("0.5 /s".parse(), Ok(Frequency(500)));
        assert_eq!(Frequency(500).to_string(), "0.5 /s");
        assert_eq!(Frequency(5_500_000).to_string(), "5500 /s");
    }

    /// 3 operations at 7 a second take 3/7 s = 428,571,428.57 ns, rounded up.
    #[test]
    fn the_time_of_a_count_rounds_up() {
        assert_eq!(Frequency::per_second(7).time_for(3), Span::from_nanos(428_571_429));
    }
}
