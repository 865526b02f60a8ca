//! What the types of the figures do not say: which must be above zero, and which must not exceed another.

use ingestsim_units::{Bytes, Frequency, Rate, Span};
use toml::{Table, Value};

use crate::{CatalogError, document};

/// The counts of which there may be none.
const COUNTS_OF_NONE: [&str; 3] = ["gpus", "fuse-lookup-heads", "fuse-lookup-lists"];

/// Pairs of neighbouring figures of which the first may not exceed the second.
const RISING: [(&str, &str); 6] = [
    ("first-byte-median", "first-byte-p99"),
    ("put-median", "put-p99"),
    ("head-median", "head-p99"),
    ("tail-low", "tail-high"),
    ("baseline", "burst"),
    ("cores", "vcpus"),
];

/// Looks at every figure of `document`, which is in full form.
pub(crate) fn check(document: &Table) -> Result<(), CatalogError> {
    group(document, &mut Vec::new())
}

fn group<'a>(table: &'a Table, path: &mut Vec<&'a str>) -> Result<(), CatalogError> {
    for (first, second) in RISING {
        if let (Some(lower), Some(upper)) = (value(table, first), value(table, second))
            && rank(lower) > rank(upper)
        {
            path.push(second);
            return Err(error(path, format!("expected at least `{first}`, {lower}, found {upper}")));
        }
    }
    for (key, entry) in table {
        path.push(key);
        match entry {
            Value::Table(inner) if document::is_figure(inner) => {
                if let Some(zero) = inner.get("value").and_then(zero_in)
                    && !COUNTS_OF_NONE.contains(&key.as_str())
                {
                    return Err(error(path, format!("expected more than zero, found {zero}")));
                }
            }
            Value::Table(inner) => group(inner, path)?,
            _ => {}
        }
        path.pop();
    }
    Ok(())
}

fn error(path: &[&str], message: String) -> CatalogError {
    CatalogError::Invalid { place: None, path: document::dotted(path.iter().copied()), message }
}

fn value<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    table.get(key)?.get("value")
}

/// The part of `value` that is a count, an amount of data, a rate or a frequency of zero; times and prices may be zero.
fn zero_in(value: &Value) -> Option<&Value> {
    let is_zero = match value {
        Value::Integer(count) => *count == 0,
        Value::String(text) => {
            let zero_bytes = text.parse::<Bytes>().is_ok_and(Bytes::is_zero);
            let zero_rate = text.parse::<Rate>().is_ok_and(Rate::is_zero);
            zero_bytes || zero_rate || text.parse::<Frequency>().is_ok_and(Frequency::is_zero)
        }
        Value::Array(items) => return items.iter().find_map(zero_in),
        Value::Table(table) => return table.values().find_map(zero_in),
        _ => false,
    };
    is_zero.then_some(value)
}

/// A number that grows with a count, a time or a rate.
fn rank(value: &Value) -> u64 {
    let text = value.as_str().unwrap_or_default();
    let time = || text.parse::<Span>().map(Span::as_nanos);
    let rate = || text.parse::<Rate>().map(Rate::bytes_per_second);
    let count = value.as_integer().and_then(|count| u64::try_from(count).ok());
    count.or_else(|| time().ok()).or_else(|| rate().ok()).unwrap_or_default()
}
