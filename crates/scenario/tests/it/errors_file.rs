//! What is said about a file that is no scenario at all.

use crate::{edited, extended, mistake};

#[test]
fn an_empty_file_is_no_scenario() {
    assert_eq!(
        mistake(""),
        r#"base.toml:1:1: expected a scenario, found an empty file
  |
1 |
  | ^
  |
  = help: `ingestsim init` writes a scenario to start from
"#
    );
}

#[test]
fn comments_alone_are_no_scenario() {
    assert_eq!(
        mistake(
            "# nothing
"
        ),
        r#"base.toml:1:1: expected a scenario, found an empty file
  |
1 | # nothing
  | ^
  |
  = help: `ingestsim init` writes a scenario to start from
"#
    );
}

#[test]
fn toml_that_is_none_is_marked() {
    assert_eq!(
        mistake(&edited("batch-size = 64", "batch-size = ")),
        r#"base.toml:9:14: expected TOML, found a mistake in its syntax: string values must be quoted, expected literal string
  |
9 | batch-size =
  |              ^
"#
    );
}

#[test]
fn a_string_without_an_end_is_marked() {
    assert_eq!(
        mistake(&edited(r#"name = "base""#, r#"name = "base"#)),
        r#"base.toml:1:13: expected TOML, found a mistake in its syntax: invalid basic string, expected `"`
  |
1 | name = "base
  |             ^
"#
    );
}

#[test]
fn a_key_may_stand_once() {
    assert_eq!(
        mistake(&edited(
            "samples = 10_000",
            "samples = 10_000
samples = 3"
        )),
        r#"base.toml:5:1: expected every key once, found samples again
  |
5 | samples = 3
  | ^^^^^^^
"#
    );
}

#[test]
fn a_table_may_stand_once() {
    assert_eq!(
        mistake(&extended(
            "[dataset]
files = 3"
        )),
        r#"base.toml:24:2: expected every key once, found dataset again
   |
24 | [dataset]
   |  ^^^^^^^
"#
    );
}

#[test]
fn an_integer_beyond_64_bits_is_refused() {
    assert_eq!(
        mistake(&edited("10_000", "99_999_999_999_999_999_999")),
        r#"base.toml:4:11: expected a number that fits in 64 bits, found 99999999999999999999
  |
4 | samples = 99_999_999_999_999_999_999
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_float_beyond_64_bits_is_refused() {
    assert_eq!(
        mistake(&edited("cv = 0.5", "cv = 1e999")),
        r#"base.toml:5:51: expected a number that fits in 64 bits, found 1e999
  |
5 | file-size = { lognormal = { mean = "110 kB", cv = 1e999 } }
  |                                                   ^^^^^
"#
    );
}

#[test]
fn a_table_left_out_is_named() {
    assert_eq!(
        mistake(
            r#"name = "x"
[dataset]
files = 3
"#
        ),
        r#"base.toml:1:1: job: expected the table [job], found nothing
  |
1 | name = "x"
  | ^
"#
    );
}

#[test]
fn a_misspelt_table_is_recognised() {
    assert_eq!(
        mistake(&edited("[dataset]", "[datset]")),
        r#"base.toml:3:2: datset: expected a known key, found datset
  |
3 | [datset]
  |  ^^^^^^
  |
  = help: did you mean dataset?
"#
    );
}

#[test]
fn an_unknown_table_is_refused_with_the_list() {
    assert_eq!(
        mistake(&extended(
            r#"[network]
latency = "1 ms""#
        )),
        r#"base.toml:24:2: network: expected a known key, found network
   |
24 | [network]
   |  ^^^^^^^
   |
   = help: the keys are name, description, seed, dataset, job, loader, storage, sweep, prices
"#
    );
}

#[test]
fn a_long_line_is_cut_to_the_place() {
    assert_eq!(
        mistake(&edited(
            r#"name = "base""#,
            r#"name = "base"
description = ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 5]"#
        )),
        r#"base.toml:2:15: description: expected a text in quotes, found a list
  |
2 | description = ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...
  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"#
    );
}
