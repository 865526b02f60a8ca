//! What holds for every quantity: the text it prints reads as itself, and files carry that text.

use std::{fmt::Display, str::FromStr};

use ingestsim_units::{Bytes, Frequency, Rate, Share, Span, UnitError, Usd};
use proptest::prelude::*;

fn reads_back<T: FromStr<Err = UnitError> + Display + PartialEq + std::fmt::Debug>(
    value: T,
) -> Result<(), TestCaseError> {
    let text = value.to_string();
    prop_assert_eq!(text.parse::<T>(), Ok(value), "{}", text);
    Ok(())
}

/// Whole numbers of every length, and round ones.
fn whole() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        (any::<u64>(), 0_u32..64).prop_map(|(value, shift)| value >> shift),
        (0_u64..10_000, 0_u32..15).prop_map(|(digits, zeros)| digits * 10_u64.pow(zeros)),
        (0_u64..10_000, 0_u32..50).prop_map(|(digits, shift)| digits << shift),
    ]
}

proptest! {
    #[test]
    fn bytes_read_back(count in whole()) {
        reads_back(Bytes::new(count))?;
    }

    #[test]
    fn rates_read_back(count in whole()) {
        reads_back(Rate::per_second(count))?;
    }

    #[test]
    fn frequencies_read_back(count in whole()) {
        reads_back(Frequency::per_thousand_seconds(count))?;
    }

    #[test]
    fn spans_read_back(ns in whole()) {
        reads_back(Span::from_nanos(ns))?;
    }

    #[test]
    fn shares_read_back(fraction in prop_oneof![0.0..1.5, 0.0..1e-6, 0.0..1e9]) {
        reads_back(Share::new(fraction))?;
    }

    #[test]
    fn dollars_read_back(dollars in prop_oneof![0.0..1e9, 0.0..1e-6]) {
        reads_back(Usd::new(dollars))?;
    }

    /// Whatever is written, a text is read or refused, and the refusal says what was wanted and found.
    #[test]
    fn any_text_is_read_or_refused_in_words(text in "[ +-]?[0-9_.]{0,24} ?[a-zA-Z/%$]{0,6}") {
        for error in [text.parse::<Bytes>().err(), text.parse::<Rate>().err(), text.parse::<Span>().err(),
            text.parse::<Share>().err(), text.parse::<Usd>().err(), text.parse::<Frequency>().err()].into_iter().flatten() {
            let message = error.to_string();
            prop_assert!(message.starts_with("expected ") && message.contains(", found "), "{}", message);
        }
    }
}

#[test]
fn files_carry_the_text() {
    let rate: Rate = serde_json::from_str("\"90 MB/s\"").unwrap();
    assert_eq!(rate, Rate::per_second(90_000_000));
    assert_eq!(serde_json::to_string(&rate).unwrap(), "\"90 MB/s\"");
}

#[test]
fn a_bare_number_in_a_file_is_told_its_unit() {
    let error = serde_json::from_str::<Rate>("90").unwrap_err().to_string();
    assert!(error.starts_with("expected a rate with its unit, such as \"90 MB/s\", found 90"), "{error}");
    let error = serde_json::from_str::<Span>("1.5").unwrap_err().to_string();
    assert!(error.starts_with("expected a time with its unit, such as \"12 ms\", found 1.5"), "{error}");
}

#[test]
fn the_schema_describes_a_string_with_examples() {
    let schema = schemars::schema_for!(Bytes).to_value();
    assert_eq!(schema["type"], "string");
    assert_eq!(schema["examples"][0], "500 GB");
}
