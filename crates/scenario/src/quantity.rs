//! What a swept value is a number of: its base unit, its column's suffix, and the values between two.

use ingestsim_units::{Bytes, Frequency, Rate, Share, Span};

use crate::doc::Value;

/// A kind of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Float,
    Bytes,
    Span,
    Rate,
    Frequency,
    Share,
}

impl Kind {
    /// What a value is a number of, and the number in base units (for a time nanoseconds, for a frequency thousandths).
    pub(crate) fn of(value: &Value) -> Option<(Self, f64)> {
        match value {
            Value::Integer(number) => Some((Self::Integer, *number as f64)),
            Value::Float(number) => Some((Self::Float, *number)),
            Value::String(text) => Self::of_text(text),
            _ => None,
        }
    }

    fn of_text(text: &str) -> Option<(Self, f64)> {
        // No text is more than one of these: their units differ.
        let bytes = || text.parse::<Bytes>().ok().map(|size| (Self::Bytes, size.as_f64()));
        let span = || text.parse::<Span>().ok().map(|span| (Self::Span, span.as_nanos() as f64));
        let rate = || text.parse::<Rate>().ok().map(|rate| (Self::Rate, rate.as_f64()));
        let frequency =
            || text.parse::<Frequency>().ok().map(|rate| (Self::Frequency, rate.milli_hertz() as f64));
        let share = || text.parse::<Share>().ok().map(|share| (Self::Share, share.fraction()));
        bytes().or_else(span).or_else(rate).or_else(frequency).or_else(share)
    }

    /// The number `base`, in base units and rounded to them, as it is written.
    pub(crate) fn write(self, base: f64) -> Value {
        let count = base.round() as u64;
        match self {
            Self::Integer => Value::Integer(base.round() as i64),
            Self::Float => Value::Float(base),
            Self::Bytes => Value::String(Bytes::new(count).to_string()),
            Self::Span => Value::String(Span::from_nanos(count).to_string()),
            Self::Rate => Value::String(Rate::per_second(count).to_string()),
            Self::Frequency => Value::String(Frequency::per_thousand_seconds(count).to_string()),
            Self::Share => Value::String(Share::new(base).to_string()),
        }
    }

    /// The suffix of a column of such numbers.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Integer | Self::Float | Self::Share => "",
            Self::Bytes => "_bytes",
            Self::Span => "_s",
            Self::Rate => "_bytes_per_s",
            Self::Frequency => "_per_s",
        }
    }
}

/// A swept value in a table of results.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// The key does not vary on this profile.
    Empty,
    /// A count, bytes, or bytes per second.
    Integer(i64),
    /// Seconds, operations per second, a share, or a number.
    Number(f64),
    /// What is no number, as it is written.
    Text(String),
}

impl Cell {
    pub(crate) fn of(value: &Value, column: Option<Kind>) -> Self {
        let number = Kind::of(value).filter(|(kind, _)| column == Some(*kind));
        match (number, value) {
            (Some((Kind::Bytes | Kind::Rate, base)), _) if base <= i64::MAX as f64 => {
                Self::Integer(base as i64)
            }
            (Some((Kind::Span, base)), _) => Self::Number(base / 1e9),
            (Some((Kind::Frequency, base)), _) => Self::Number(base / 1e3),
            (_, Value::Integer(number)) => Self::Integer(*number),
            (Some((_, base)), _) => Self::Number(base),
            (None, Value::String(text)) => Self::Text(text.clone()),
            (None, _) => {
                let node = crate::doc::Node { value: value.clone(), origin: crate::doc::Origin::Flag(0) };
                Self::Text(node.to_toml().to_string())
            }
        }
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Integer(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}
