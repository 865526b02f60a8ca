//! Reading a number and its unit, exactly.

use crate::UnitError;

/// The digits kept behind the decimal point: 10^-18 of the largest unit is about one base unit.
const FRACTION_DIGITS_MAX: usize = 18;

/// A unit: its name and its size in base units as a fraction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) name: &'static str,
    pub(crate) numerator: u64,
    pub(crate) denominator: u64,
}

impl Unit {
    /// A unit of `size` base units.
    pub(crate) const fn whole(name: &'static str, size: u64) -> Self {
        Self { name, numerator: size, denominator: 1 }
    }

    /// A unit of `size` eighths of a base unit.
    pub(crate) const fn eighths(name: &'static str, size: u64) -> Self {
        Self { name, numerator: size, denominator: 8 }
    }
}

/// An unsigned decimal number as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    whole: u64,
    /// The digits behind the point as a number, and how many there are.
    fraction: u64,
    places: u32,
}

/// A text cut into its number, underscores removed, and its unit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    pub(crate) number: String,
    pub(crate) unit: &'a str,
}

/// Cuts `text` behind its number.
pub(crate) fn split<'a>(text: &'a str, expected: &'static str) -> Result<Parts<'a>, UnitError> {
    let trimmed = text.trim();
    let found = || format!("{text:?}");
    let unsigned = trimmed.strip_prefix('+').unwrap_or(trimmed);
    if unsigned.starts_with('-') && unsigned[1..].trim_start().starts_with(|c: char| c.is_ascii_digit()) {
        return Err(UnitError::Negative { expected, found: found() });
    }
    let is_number = |c: char| c.is_ascii_digit() || c == '.' || c == '_';
    let end = unsigned.find(|c| !is_number(c)).unwrap_or(unsigned.len());
    let (number, unit) = unsigned.split_at(end);
    if !is_well_formed(number) {
        return Err(UnitError::NotANumber { expected, found: found() });
    }
    let unit = unit.trim();
    if unit.is_empty() {
        return Err(UnitError::NoUnit { expected, found: found() });
    }
    Ok(Parts { number: number.replace('_', ""), unit })
}

/// Whether `number` is digits with at most one point, both it and every underscore between digits.
fn is_well_formed(number: &str) -> bool {
    let mut pieces = number.split('.');
    let digits = |piece: &str| piece.split('_').all(|run| !run.is_empty());
    pieces.next().is_some_and(digits) && pieces.next().is_none_or(digits) && pieces.next().is_none()
}

impl Decimal {
    /// The number that `number` spells, or nothing if its whole part does not fit in 64 bits.
    pub(crate) fn read(number: &str) -> Option<Self> {
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let fraction = &fraction[..fraction.len().min(FRACTION_DIGITS_MAX)];
        let places = fraction.len() as u32;
        let fraction = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
        Some(Self { whole: whole.parse().ok()?, fraction, places })
    }

    /// This many `unit`s in base units, rounded to nearest, or nothing if that does not fit in 64 bits.
    pub(crate) fn times(self, unit: Unit) -> Option<u64> {
        let (numerator, denominator) = (u128::from(unit.numerator), u128::from(unit.denominator));
        let whole = u128::from(self.whole) * numerator;
        let ten_to_places = 10_u128.pow(self.places);
        let rest = (whole % denominator) * ten_to_places + u128::from(self.fraction) * numerator;
        let rest_denominator = ten_to_places * denominator;
        let rounded = (2 * rest + rest_denominator) / (2 * rest_denominator);
        u64::try_from(whole / denominator + rounded).ok()
    }
}

/// Reads `text` as a number of one of `units`, in base units.
pub(crate) fn quantity(text: &str, units: &[Unit], expected: &'static str) -> Result<u64, UnitError> {
    let parts = split(text, expected)?;
    let unit = units.iter().find(|unit| unit.name == parts.unit);
    let unit = unit.ok_or_else(|| unknown_unit(text, units.iter().map(|unit| unit.name), expected))?;
    in_base_units(&parts.number, *unit).ok_or_else(|| UnitError::TooLarge {
        expected,
        found: format!("{text:?}"),
        most: most(*unit),
    })
}

/// `number` of `unit` in base units, or nothing if that does not fit in 64 bits.
pub(crate) fn in_base_units(number: &str, unit: Unit) -> Option<u64> {
    Decimal::read(number)?.times(unit)
}

/// The most whole `unit`s that 64 bits hold.
fn most(unit: Unit) -> String {
    let count = u128::from(u64::MAX) * u128::from(unit.denominator) / u128::from(unit.numerator);
    format!("{count} {}", unit.name)
}

/// The error for a unit that is none of `names`.
pub(crate) fn unknown_unit<'a>(
    text: &str,
    names: impl Iterator<Item = &'a str>,
    expected: &'static str,
) -> UnitError {
    let names: Vec<&str> = names.collect();
    let written = split(text, expected).map(|parts| parts.unit).unwrap_or_default();
    let near = near(written, &names).map(|name| format!("; did you mean {name}?")).unwrap_or_default();
    UnitError::UnknownUnit { expected, found: format!("{text:?}"), units: names.join(", "), near }
}

/// The unit that was probably meant: one in other letters (`KB`), a longer word for one (`minutes`), or a rate that lacks
/// its `/s`.
fn near<'a>(written: &str, names: &[&'a str]) -> Option<&'a str> {
    let lower = written.to_lowercase().replace(['µ', 'μ'], "u");
    let same =
        names.iter().find(|name| name.to_lowercase() == lower || name.strip_suffix("/s") == Some(written));
    let begun = || {
        let longer = names
            .iter()
            .filter(|name| name.len() > 1 && lower.starts_with(&name.to_lowercase()) && !lower.contains('/'));
        longer.max_by_key(|name| name.len())
    };
    let initial = || {
        let words = ["sec", "hour", "hr", "day"].into_iter().any(|word| lower.starts_with(word));
        names.iter().find(|name| words && name.len() == 1 && lower.starts_with(**name))
    };
    same.or_else(begun).or_else(initial).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0.1 + 0.2 style numbers: 0.3 of 10 units is 3, and 2.5 rounds up to 3.
    #[test]
    fn decimals_are_exact_and_halves_round_up() {
        let ten = Unit::whole("ten", 10);
        assert_eq!(in_base_units("0.3", ten), Some(3));
        assert_eq!(in_base_units("0.25", ten), Some(3));
        assert_eq!(in_base_units("0.2499999999", ten), Some(2));
    }

    /// 1 bit is an eighth of a byte: 12 bits are 1.5 bytes, which round to 2; 20 bits are 2.5, which round to 3.
    #[test]
    fn eighths_round_to_nearest() {
        let bit = Unit::eighths("b", 1);
        assert_eq!(in_base_units("12", bit), Some(2));
        assert_eq!(in_base_units("20", bit), Some(3));
        assert_eq!(in_base_units("11.9", bit), Some(1));
    }

    #[test]
    fn a_unit_in_other_letters_or_as_a_word_is_recognised() {
        let sizes = ["TB", "GB", "MB", "kB", "MiB", "B"];
        assert_eq!(
            ["KB", "mb", "mib", "Kelvin"].map(|unit| near(unit, &sizes)),
            [Some("kB"), Some("MB"), Some("MiB"), None]
        );
        let times = ["d", "h", "min", "s", "ms", "us", "ns"];
        assert_eq!(
            ["minutes", "sec", "hours", "µs", "days", "steps", "MB"].map(|unit| near(unit, &times)),
            [Some("min"), Some("s"), Some("h"), Some("us"), Some("d"), None, None]
        );
    }

    #[test]
    fn misplaced_points_and_underscores_are_no_number() {
        for number in ["", ".", "1.", ".5", "1..2", "1.2.3", "_1", "1_", "1__0", "1_.5"] {
            assert!(!is_well_formed(number), "{number:?}");
        }
        for number in ["1", "1.5", "1_000", "1_000.000_5"] {
            assert!(is_well_formed(number), "{number:?}");
        }
    }
}
