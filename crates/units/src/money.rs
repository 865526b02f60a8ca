//! Money.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Mul, Sub},
    str::FromStr,
};

use crate::{
    UnitError, parse, print,
    text::{Text, text_form},
};

/// An amount of US dollars.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Usd(f64);

const UNIT: &str = "USD";

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0.0);

    /// `dollars` US dollars.
    #[must_use]
    pub const fn new(dollars: f64) -> Self {
        Self(dollars)
    }

    /// The number of dollars.
    #[must_use]
    pub const fn dollars(self) -> f64 {
        self.0
    }

    /// Dollars and cents for a reader: `$12.34`; below a dollar three significant digits: `$0.0125`.
    #[must_use]
    pub fn human(self) -> impl fmt::Display {
        let amount = self.0.abs();
        let sign = if self.0 < 0.0 { "-" } else { "" };
        let places = if amount == 0.0 || amount >= 0.9995 {
            2
        } else {
            // The first digit of 0.0125 stands at the second place (log10 = -1.9): two more make three digits.
            (2 - amount.log10().floor() as i32).clamp(2, 12) as usize
        };
        let text = format!("{amount:.places$}");
        let cents = text.find('.').map_or(text.len(), |point| point + 3);
        let (kept, tail) = text.split_at(cents.min(text.len()));
        print::Human(format!("{sign}${kept}{}", tail.trim_end_matches('0')))
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Usd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul<f64> for Usd {
    type Output = Self;

    fn mul(self, times: f64) -> Self {
        Self(self.0 * times)
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl FromStr for Usd {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let expected = Self::EXPECTED;
        let not_a_number = || UnitError::NotANumber { expected, found: format!("{text:?}") };
        let number = match text.trim().strip_prefix('$') {
            Some(number) => match parse::split(number, expected) {
                Err(UnitError::NoUnit { .. }) => number.trim().replace('_', ""),
                Err(UnitError::Negative { .. }) => {
                    return Err(UnitError::Negative { expected, found: format!("{text:?}") });
                }
                _ => return Err(not_a_number()),
            },
            None => {
                let parts = parse::split(text, expected)?;
                if parts.unit != UNIT {
                    return Err(parse::unknown_unit(text, [UNIT].into_iter(), expected));
                }
                parts.number
            }
        };
        let dollars = number.parse::<f64>().map_err(|_| not_a_number())?;
        Ok(Self(dollars))
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {UNIT}", self.0))
    }
}

text_form!(
    Usd,
    expected: "an amount of dollars, such as \"12.5 USD\"",
    about: "An amount of US dollars: a number and USD, or a number behind a dollar sign.",
    pattern: r"^\s*(\$\s*[0-9][0-9_]*(\.[0-9][0-9_]*)?|\+?[0-9][0-9_]*(\.[0-9][0-9_]*)?\s*USD)\s*$",
    examples: ["12.5 USD", "$12.5"]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_in_both_spellings() {
        for text in ["12.5 USD", "$12.5", "12.50USD", "$ 12.5"] {
            assert_eq!(text.parse(), Ok(Usd(12.5)), "{text}");
        }
        assert!(matches!("-1 USD".parse::<Usd>(), Err(UnitError::Negative { .. })));
        assert!(matches!("$-1".parse::<Usd>(), Err(UnitError::Negative { .. })));
        assert!(matches!("3 EUR".parse::<Usd>(), Err(UnitError::UnknownUnit { .. })));
        assert!(matches!("3".parse::<Usd>(), Err(UnitError::NoUnit { .. })));
    }

    #[test]
    fn small_sums_keep_three_digits() {
        let cases = [
            (12.341, "$12.34"),
            (0.0, "$0.00"),
            (0.5, "$0.50"),
            (0.0125, "$0.0125"),
            (4e-7, "$0.0000004"),
            (-3.0, "-$3.00"),
        ];
        for (dollars, text) in cases {
            assert_eq!(Usd(dollars).human().to_string(), text);
        }
    }
}
