//! Printing a quantity: exactly and briefly, or rounded for a reader.

use std::fmt;

use crate::parse::{self, Unit};

/// More decimal places than this are never shorter than the base unit.
const PLACES_MAX: u32 = 9;

/// The shortest text that reads as exactly `value`; of equally short ones that of the unit that stands first in `units`.
pub(crate) fn exact(value: u64, units: &[Unit], base: &str) -> String {
    let spellings = units.iter().filter(|unit| unit.numerator <= value);
    let spellings =
        spellings.filter_map(|unit| (0..=PLACES_MAX).find_map(|places| spelled(value, *unit, places)));
    spellings.min_by_key(String::len).unwrap_or_else(|| format!("{value} {base}"))
}

/// `value` in `unit` with `places` decimals, if that reads as `value` again.
fn spelled(value: u64, unit: Unit, places: u32) -> Option<String> {
    let ten_to_places = 10_u128.pow(places);
    let size = u128::from(unit.numerator);
    let scaled = (2 * u128::from(value) * ten_to_places + size) / (2 * size);
    let whole = scaled / ten_to_places;
    let number = if places == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{:0width$}", scaled % ten_to_places, width = places as usize)
    };
    let same = parse::in_base_units(&number, unit) == Some(value);
    same.then(|| format!("{number} {}", unit.name))
}

/// A text for people, made by one of the `human` methods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Human(pub(crate) String);

impl fmt::Display for Human {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// `value` with three significant digits in the first of `scales` (largest first) that leaves at least 1.
pub(crate) fn three_digits(value: f64, scales: &[(f64, &str)]) -> Human {
    // A value that rounds up to the next scale belongs there: 999.9 kB reads "1 MB".
    let fits = |(size, _): &&(f64, &str)| value / size >= 0.9995;
    let (size, name) = scales.iter().find(fits).or(scales.last()).copied().unwrap_or((1.0, ""));
    Human(format!("{}{name}", significant(value / size)))
}

/// `value` with three significant digits, or all digits of its whole part; no zeros at the end.
fn significant(value: f64) -> String {
    let places = [(99.95, 0), (9.995, 1), (0.9995, 2), (0.0, 3)];
    let places = places.iter().find(|(from, _)| value >= *from).map_or(0, |(_, places)| *places);
    let text = format!("{value:.places$}");
    if places == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_up_moves_to_the_next_scale() {
        let scales = [(1e6, " MB"), (1e3, " kB"), (1.0, " B")];
        assert_eq!(three_digits(999_940.0, &scales).0, "1 MB");
        assert_eq!(three_digits(999_400.0, &scales).0, "999 kB");
        assert_eq!(three_digits(12_345.0, &scales).0, "12.3 kB");
        assert_eq!(three_digits(0.0, &scales).0, "0 B");
    }
}
