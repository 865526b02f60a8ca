//! What lies beside a scenario file, and files that are no text.

use std::fs;

use ingestsim_scenario::{Scenario, ScenarioErrors, Source, schema::spread::Spread};
use ingestsim_units::Bytes;

use crate::edited;

const SPREAD: &str = "{ lognormal = { mean = \"110 kB\", cv = 0.5 } }";

/// Loads the base with its file size from a table that holds `rows`.
fn load_table(rows: &str) -> Result<ingestsim_scenario::Loaded, ScenarioErrors> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("sizes.csv"), rows).expect("a file can be written into it");
    let text = edited(SPREAD, "{ table = \"sizes.csv\" }");
    Scenario::load(Source::new("base.toml", text).with_folder(folder.path()), &[])
}

/// (3 × 100 kB + 1 × 200 kB) / 4 = 125 kB.
#[test]
fn a_table_is_read_from_beside_the_scenario() {
    let spread = load_table("size,count\n100000,3\n200 kB,1\n").unwrap().scenario.dataset.file_size;
    assert_eq!(spread, Spread::Table(vec![(Bytes::new(100_000), 3), (Bytes::new(200_000), 1)]));
    assert_eq!(spread.mean_f64(), 125_000.0);
}

#[test]
fn the_resolved_scenario_needs_no_table() {
    let loaded = load_table("size,count\n100000,3\n200 kB,1\n").unwrap();
    let again = Scenario::load(Source::new("scenario.toml", loaded.scenario.to_toml()), &[]).unwrap();
    assert_eq!(again.scenario, loaded.scenario);
}

#[test]
fn a_row_that_is_none_is_named() {
    assert_eq!(
        load_table("size,count\n100000\n").unwrap_err().render(false),
        r#"base.toml:5:23: dataset.file-size.table: expected a value and a count, such as 110000,42, found "100000" in line 2 of sizes.csv
  |
5 | file-size = { table = "sizes.csv" }
  |                       ^^^^^^^^^^^
"#
    );
}

#[test]
fn a_table_without_rows_is_refused() {
    assert_eq!(
        load_table("size,count\n").unwrap_err().to_string().lines().next().unwrap(),
        "base.toml:5:23: dataset.file-size.table: expected a CSV file of value and count, found no row in sizes.csv"
    );
}

#[test]
fn a_table_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = edited(SPREAD, "{ table = \"no.csv\" }");
    let errors = Scenario::load(Source::new("base.toml", text).with_folder(folder.path()), &[]).unwrap_err();
    assert_eq!(
        errors.to_string().lines().next().unwrap(),
        "base.toml:5:23: dataset.file-size.table: expected a CSV file of value and count, found \"no.csv\": No such \
         file or directory (os error 2)"
    );
}

#[test]
fn bytes_that_are_no_text_are_marked() {
    let errors = Scenario::load(Source::new("base.toml", b"name = \"b\xffse\"\n".to_vec()), &[]).unwrap_err();
    assert_eq!(
        errors.render(false),
        "base.toml:1:10: expected text in UTF-8, found the byte 0xff
  |
1 | name = \"b\u{fffd}se\"
  |          ^
"
    );
}

#[test]
fn a_file_is_read_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("base.toml");
    fs::write(&file, crate::BASE).unwrap();
    let loaded = Scenario::load(Source::read(&file).unwrap(), &[]).unwrap();
    assert_eq!(loaded.scenario.name, "base");
    assert!(Source::read(&folder.path().join("none.toml")).is_err());
}
