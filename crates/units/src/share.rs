//! Shares of a whole.

use std::{fmt, str::FromStr};

use crate::{
    UnitError, parse,
    text::{Text, text_form},
};

/// A share of a whole: 1 is all of it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Share(f64);

impl Share {
    /// Nothing of it.
    pub const NONE: Self = Self(0.0);
    /// All of it.
    pub const ALL: Self = Self(1.0);

    /// The share `fraction`, 1 being the whole.
    #[must_use]
    pub const fn new(fraction: f64) -> Self {
        Self(fraction)
    }

    /// The fraction, 1 being the whole.
    #[must_use]
    pub const fn fraction(self) -> f64 {
        self.0
    }
}

impl FromStr for Share {
    type Err = UnitError;

    /// Reads a percentage; one above 100 % is read too, its user says whether it may be.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let expected = Self::EXPECTED;
        let parts = parse::split(text, expected)?;
        if parts.unit != "%" {
            return Err(parse::unknown_unit(text, ["%"].into_iter(), expected));
        }
        // The hundredth is taken in the exponent, so that "65 %" is the float nearest to 0.65.
        let fraction = format!("{}e-2", parts.number).parse();
        fraction.map(Self).map_err(|_| UnitError::NotANumber { expected, found: format!("{text:?}") })
    }
}

impl fmt::Display for Share {
    /// Moves the point of the shortest decimal by two places: multiplying by 100 would round.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shortest = self.0.to_string();
        let (whole, fraction) = shortest.split_once('.').unwrap_or((&shortest, ""));
        let padded = format!("{fraction:0<2}");
        let (hundredths, rest) = padded.split_at(2);
        let percent = format!("{whole}{hundredths}");
        let percent = percent.trim_start_matches('0');
        let percent = if percent.is_empty() { "0" } else { percent };
        let point = if rest.is_empty() { "" } else { "." };
        f.pad(&format!("{percent}{point}{rest} %"))
    }
}

text_form!(
    Share,
    expected: "a share in per cent, such as \"65 %\"",
    about: "A share of a whole: a number and %.",
    pattern: r"^\s*\+?[0-9][0-9_]*(\.[0-9][0-9_]*)?\s*%\s*$",
    examples: ["65 %", "0.5 %"]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn per_cents_are_read_and_printed() {
        let cases =
            [("65 %", 0.65), ("0 %", 0.0), ("100 %", 1.0), ("7 %", 0.07), ("0.5 %", 0.005), ("250 %", 2.5)];
        for (text, fraction) in cases {
            assert_eq!(text.parse(), Ok(Share(fraction)), "{text}");
            assert_eq!(Share(fraction).to_string(), text);
        }
    }

    #[test]
    fn a_fraction_is_not_a_share() {
        let error = "0.65".parse::<Share>().unwrap_err().to_string();
        assert_eq!(error, "expected a share in per cent, such as \"65 %\", found \"0.65\"");
    }
}
