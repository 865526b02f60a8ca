//! Numbers and texts on their way into a page: rounded to what is legible, and harmless inside a `<script>`.

use serde_json::{Number, Value};

/// Significant digits of a number that is drawn: a pixel of a chart is a thousandth of it.
const DIGITS: usize = 5;

/// A number to as many digits as a chart can show; null if it is not finite.
pub(super) fn number(value: f64) -> Value {
    to_digits(value, DIGITS)
}

/// A number that may be missing.
pub(super) fn maybe(value: Option<f64>) -> Value {
    value.map_or(Value::Null, number)
}

/// A list of numbers.
pub(super) fn numbers(values: impl IntoIterator<Item = f64>) -> Value {
    values.into_iter().map(number).collect()
}

/// A list of numbers that may be missing.
pub(super) fn maybes(values: impl IntoIterator<Item = Option<f64>>) -> Value {
    values.into_iter().map(maybe).collect()
}

/// A half width of an interval, which needs no more than two digits.
pub(super) fn half_width(value: Option<f64>) -> Value {
    value.map_or(Value::Null, |value| to_digits(value, 2))
}

fn to_digits(value: f64, digits: usize) -> Value {
    if !value.is_finite() {
        return Value::Null;
    }
    let places = digits - 1;
    let rounded: f64 = format!("{value:.places$e}").parse().unwrap_or(value);
    // A whole number is shorter without its decimal point.
    if rounded.fract() == 0.0 && rounded.abs() < 1e15 {
        return Value::from(rounded as i64);
    }
    Number::from_f64(rounded).map_or(Value::Null, Value::Number)
}

/// A document as it may stand inside a `<script>`: no text in it ends the element, begins a comment, or is a line end to
/// JavaScript alone.
pub(super) fn embedded(document: &Value) -> String {
    let text = document.to_string();
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                safe.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            character => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_keep_five_digits_and_are_short() {
        let written = numbers([1.0 / 3.0, 1_530_350.0, 12.0, 0.0, 8.589_934_592, f64::NAN, -2.5e-7]);
        assert_eq!(written.to_string(), "[0.33333,1530400,12,0,8.5899,null,-2.5e-7]");
        assert_eq!(half_width(Some(1.2345)).to_string(), "1.2");
    }

    #[test]
    fn no_text_leaves_its_script() {
        let hostile = "</script><!-- & \u{2028}\u{2029} \"\\";
        let safe = embedded(&json!({ "name": hostile }));
        assert!(!safe.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{safe}");
        let back: Value = serde_json::from_str(&safe).unwrap();
        assert_eq!(back["name"], hostile);
    }
}
