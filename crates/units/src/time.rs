//! Simulated time: points and lengths, in integer nanoseconds.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Div, Mul, Sub},
    str::FromStr,
};

use crate::{
    UnitError,
    parse::{self, Unit},
    print,
    text::{Text, text_form},
};

const NS_PER_SECOND: f64 = 1e9;

const MINUTE: u64 = 60 * 1_000_000_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

const UNITS: [Unit; 7] = [
    Unit::whole("d", DAY),
    Unit::whole("h", HOUR),
    Unit::whole("min", MINUTE),
    Unit::whole("s", 1_000_000_000),
    Unit::whole("ms", 1_000_000),
    Unit::whole("us", 1_000),
    Unit::whole("ns", 1),
];

const HUMAN: [(f64, &str); 5] = [(60e9, " min"), (1e9, " s"), (1e6, " ms"), (1e3, " us"), (1.0, " ns")];

/// A point in simulated time: nanoseconds since the start of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimTime(u64);

/// A length of simulated time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(u64);

impl SimTime {
    /// The start of the run.
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const NEVER: Self = Self(u64::MAX);

    /// `ns` nanoseconds after the start of the run.
    #[must_use]
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    /// Nanoseconds since the start of the run.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start of the run, for reports.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NS_PER_SECOND
    }

    /// How long after `earlier` this is; nothing if it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time.
    pub const ZERO: Self = Self(0);

    /// `ns` nanoseconds.
    #[must_use]
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    /// `us` microseconds.
    #[must_use]
    pub const fn from_micros(us: u64) -> Self {
        Self(us * 1_000)
    }

    /// `ms` milliseconds.
    #[must_use]
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms * 1_000_000)
    }

    /// `s` seconds.
    #[must_use]
    pub const fn from_secs(s: u64) -> Self {
        Self(s * 1_000_000_000)
    }

    /// The nearest whole nanosecond to `seconds`; negative and not-a-number give none, too much gives the longest span.
    #[must_use]
    pub fn from_secs_f64_rounded(seconds: f64) -> Self {
        Self((seconds * NS_PER_SECOND).round() as u64)
    }

    /// The number of nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The number of seconds as a float, for reports.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NS_PER_SECOND
    }

    /// The number of hours as a float, for prices.
    #[must_use]
    pub fn as_hours_f64(self) -> f64 {
        self.0 as f64 / HOUR as f64
    }

    /// Whether this is no time.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// `factor` times as long, to the nearest nanosecond, with the limits of [`Span::from_secs_f64_rounded`].
    #[must_use]
    pub fn mul_f64_rounded(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor).round() as u64)
    }

    /// The difference, or no time if `other` is longer.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The difference, or nothing if `other` is longer.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Three significant digits, or two whole units, for a reader: `38 ms`, `14.2 min`, `2 h 5 min`, `3 d 4 h`.
    #[must_use]
    pub fn human(self) -> impl fmt::Display {
        // Half a minute before the hour rounds to "60 min", half an hour before the second day to "48 h".
        let (large, small, names) = match self.0 {
            ns if self == Self::ZERO || ns < HOUR - MINUTE / 20 => {
                return if ns == 0 {
                    print::Human("0 s".into())
                } else {
                    print::three_digits(ns as f64, &HUMAN)
                };
            }
            ns if ns < 2 * DAY - MINUTE / 2 => (HOUR, MINUTE, ["h", "min"]),
            _ => (DAY, HOUR, ["d", "h"]),
        };
        let smalls = (u128::from(self.0) + u128::from(small / 2)) / u128::from(small);
        let per_large = u128::from(large / small);
        let (whole, rest) = (smalls / per_large, smalls % per_large);
        let rest = if rest == 0 { String::new() } else { format!(" {rest} {}", names[1]) };
        print::Human(format!("{whole} {}{rest}", names[0]))
    }
}

impl FromStr for Span {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse::quantity(text, &UNITS, Self::EXPECTED).map(Self)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.0 == 0 { "0 s".to_owned() } else { print::exact(self.0, &UNITS, "ns") };
        f.pad(&text)
    }
}

impl fmt::Display for SimTime {
    /// Seconds with as many decimals as there are: `12.5 s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:09}", self.0 % 1_000_000_000);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        f.pad(&format!("{}{point}{fraction} s", self.0 / 1_000_000_000))
    }
}

text_form!(
    Span,
    expected: "a time with its unit, such as \"12 ms\"",
    about: "A length of time: a number and ns, us, ms, s, min, h or d.",
    pattern: r"^\s*\+?[0-9][0-9_]*(\.[0-9][0-9_]*)?\s*(ns|us|ms|s|min|h|d)\s*$",
    examples: ["12 ms", "116 s", "2 h", "30 d"]
);

impl Add<Span> for SimTime {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for SimTime {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Self;

    /// # Panics
    ///
    /// If `other` is longer: a length of time is never negative.
    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("a length of time is never negative"))
    }
}

impl Mul<u64> for Span {
    type Output = Self;

    /// `times` as long, at most the longest span.
    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Div<u64> for Span {
    type Output = Self;

    /// The `parts`-th part, rounded down.
    ///
    /// # Panics
    ///
    /// If `parts` is zero.
    fn div(self, parts: u64) -> Self {
        Self(self.0 / parts)
    }
}

impl Sum for Span {
    fn sum<I: Iterator<Item = Self>>(spans: I) -> Self {
        spans.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_printed() {
        for text in
            ["12 ms", "116 s", "2 h", "30 d", "5 min", "20 us", "7 ns", "0 s", "20.9 s", "1.5 h", "0.5 s"]
        {
            let span = text.parse::<Span>().unwrap();
            assert_eq!(span.to_string().parse(), Ok(span), "{text}");
            let canonical = if text == "0.5 s" { "500 ms" } else { text };
            assert_eq!(span.to_string(), canonical);
        }
        assert_eq!("5 min".parse(), Ok(Span::from_secs(300)));
        assert_eq!("30 d".parse(), Ok(Span::from_secs(30 * 86_400)));
    }

    #[test]
    fn readers_get_two_units_or_three_digits() {
        let cases = [
            (Span::ZERO, "0 s"),
            (Span::from_millis(38), "38 ms"),
            (Span::from_secs(852), "14.2 min"),
            (Span::from_secs(7500), "2 h 5 min"),
            (Span::from_secs(7200), "2 h"),
            (Span::from_millis(3_599_900), "1 h"),
            (Span::from_secs(3 * 86_400 + 4 * 3600), "3 d 4 h"),
        ];
        for (span, text) in cases {
            assert_eq!(span.human().to_string(), text);
        }
    }

    /// 3 ns × 1.5 = 4.5 ns, which rounds to 5.
    #[test]
    fn products_round_to_nearest_and_saturate() {
        assert_eq!(Span(3).mul_f64_rounded(1.5), Span(5));
        assert_eq!(Span(3) * 4, Span(12));
        assert_eq!(Span(u64::MAX) * 2, Span(u64::MAX));
    }

    #[test]
    fn a_point_in_time_prints_in_seconds() {
        assert_eq!(SimTime(12_500_000_000).to_string(), "12.5 s");
        assert_eq!(SimTime::ZERO.to_string(), "0 s");
    }
}
