//! No text makes loading panic, and every mistake can be printed.

use ingestsim_catalog::Catalog;
use ingestsim_scenario::{Scenario, Set, Source};
use proptest::prelude::*;

const EXAMPLE: &str = include_str!("../../../../scenarios/examples/caltech-small-files.toml");

/// Words that are right somewhere, and values that are right nowhere.
const PIECES: &[&str] = &[
    "\"1 GB\"",
    "\"0 B\"",
    "-1",
    "0",
    "1e308",
    "9223372036854775807",
    "nan",
    "inf",
    "true",
    "[]",
    "{}",
    "\"\"",
    "[1, \"2\"]",
    "{ a = 1 }",
    "2020-01-01",
    "\"storage\"",
    "lognormal",
    "[storage.x.s3]\n",
    "[loader.pytorch]\n",
    "\"18446744073709551615 B\"",
    "é",
    "\u{0}",
    "table = \"x.csv\"\n",
    "{ log = [1, 2], points = 3 }",
    "\"99999 d\"",
    "\"100 %\"",
    "=",
    "\"",
    "\n",
    "[sweep.grid]\n",
];

fn never_panics(bytes: Vec<u8>, sets: &[Set]) {
    match Scenario::load(Source::new("x.toml", bytes), sets) {
        Err(errors) => assert!(!errors.render(true).is_empty() && !errors.render(false).is_empty()),
        Ok(loaded) => {
            let _ = loaded.check_catalog(&Catalog::builtin()).map_err(|errors| errors.render(false));
            let points = loaded.points().expect("a loaded scenario has points");
            let _ = points.get(points.len() / 2).map(|point| points.load(&point));
            let again = Scenario::load(Source::new("y.toml", loaded.scenario.to_toml()), &[]);
            assert_eq!(again.map(|again| again.scenario).as_ref(), Ok(&loaded.scenario));
        }
    }
}

/// Where the example is cut, how much is left out, and what comes instead.
fn edit() -> impl Strategy<Value = (usize, usize, String)> {
    let piece = prop::sample::select(PIECES).prop_map(str::to_owned);
    let copied = (0..EXAMPLE.len(), 0_usize..40).prop_map(|(at, length)| slice(at, length).to_owned());
    (0..EXAMPLE.len(), 0_usize..30, prop_oneof![piece, copied, Just(String::new())])
}

/// A part of the example between whole characters.
fn slice(at: usize, length: usize) -> &'static str {
    let start = EXAMPLE.floor_char_boundary(at);
    &EXAMPLE[start..EXAMPLE.floor_char_boundary((start + length).min(EXAMPLE.len()))]
}

/// The byte ranges of the values of the example.
fn values() -> Vec<(usize, usize)> {
    let lines = EXAMPLE.match_indices('\n').map(|(at, _)| at);
    let ends = lines.clone().skip(1);
    let values = lines.zip(ends).filter_map(|(start, end)| {
        let sign = EXAMPLE[start..end].find(" = ")?;
        Some((start + sign + 3, end))
    });
    values.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_mutilated_scenario_is_refused_politely(edits in prop::collection::vec(edit(), 1..4)) {
        let mut text = EXAMPLE.to_owned();
        for (at, length, piece) in edits {
            let start = text.floor_char_boundary(at.min(text.len()));
            let end = text.floor_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, &piece);
        }
        never_panics(text.into_bytes(), &[]);
    }

    #[test]
    fn any_value_in_place_of_another_is_refused_politely(
        value in prop::sample::select(values()), piece in prop::sample::select(PIECES),
    ) {
        let mut text = EXAMPLE.to_owned();
        text.replace_range(value.0..value.1, piece);
        never_panics(text.into_bytes(), &[]);
    }

    #[test]
    fn any_bytes_are_refused_politely(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        never_panics(bytes, &[]);
    }

    #[test]
    fn any_flag_is_refused_politely(path in "[a-z.\"'-]{0,20}", piece in prop::sample::select(PIECES)) {
        never_panics(EXAMPLE.into(), &[Set::parse(&format!("{path}={piece}")), Set::parse(&path)]);
        never_panics(EXAMPLE.into(), &[Set::parse(&format!("dataset.{path}={piece}"))]);
    }
}
