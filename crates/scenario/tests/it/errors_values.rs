//! What is said about a value that is not what its key wants.

use crate::{edited, extended, mistake};

#[test]
fn a_misspelt_key_is_recognised() {
    assert_eq!(
        mistake(&edited("samples = 10_000", "sampels = 10_000")),
        r#"base.toml:4:1: dataset.sampels: expected a known key, found sampels
  |
4 | sampels = 10_000
  | ^^^^^^^
  |
  = help: did you mean samples?
"#
    );
}

#[test]
fn an_unknown_key_is_refused_with_the_list() {
    assert_eq!(
        mistake(&edited("samples = 10_000", "images = 10_000")),
        r#"base.toml:4:1: dataset.images: expected a known key, found images
  |
4 | images = 10_000
  | ^^^^^^
  |
  = help: the keys are files, samples, total-size, file-size, samples-per-file, fraction-per-epoch, read-size, open-shards
"#
    );
}

#[test]
fn a_key_that_has_to_be_there_is_named() {
    assert_eq!(
        mistake(&edited(
            "batch-size = 64
",
            ""
        )),
        r#"base.toml:7:1: job.batch-size: expected the key batch-size, found nothing
  |
7 | [job]
  | ^^^^^
"#
    );
}

#[test]
fn a_number_without_a_unit_is_refused() {
    assert_eq!(
        mistake(&edited(r#""194 ms""#, "194")),
        r#"base.toml:10:13: job.step-time: expected a time such as "12 ms", or one of { normal = … }, { lognormal = … }, { table = … }, found 194
   |
10 | step-time = 194
   |             ^^^
"#
    );
}

#[test]
fn a_text_without_a_unit_is_refused() {
    assert_eq!(
        mistake(&edited(r#""110 kB""#, r#""110""#)),
        r#"base.toml:5:36: dataset.file-size.lognormal.mean: expected an amount of data with its unit, such as "500 GB", found "110"
  |
5 | file-size = { lognormal = { mean = "110", cv = 0.5 } }
  |                                    ^^^^^
"#
    );
}

#[test]
fn a_wrong_unit_is_refused_with_the_list() {
    assert_eq!(
        mistake(&edited(r#""110 kB""#, r#""110 ms""#)),
        r#"base.toml:5:36: dataset.file-size.lognormal.mean: expected an amount of data with its unit, such as "500 GB", found "110 ms"; its unit must be one of PB, TB, GB, MB, kB, PiB, TiB, GiB, MiB, KiB, B
  |
5 | file-size = { lognormal = { mean = "110 ms", cv = 0.5 } }
  |                                    ^^^^^^^^
"#
    );
}

#[test]
fn bits_are_not_bytes() {
    assert_eq!(
        mistake(&edited(r#""110 kB""#, r#""880 kb""#)),
        r#"base.toml:5:36: dataset.file-size.lognormal.mean: expected an amount of data with its unit, such as "500 GB", found "880 kb", which counts bits (b) and not bytes (B); 880 kb are 110 kB
  |
5 | file-size = { lognormal = { mean = "880 kb", cv = 0.5 } }
  |                                    ^^^^^^^^
"#
    );
}

#[test]
fn a_rate_is_no_amount() {
    assert_eq!(
        mistake(&edited(r#""2.4 TiB""#, r#""90 MB/s""#)),
        r#"base.toml:21:12: storage.lustre.fsx-lustre.capacity: expected an amount of data with its unit, such as "500 GB", found "90 MB/s"; its unit must be one of PB, TB, GB, MB, kB, PiB, TiB, GiB, MiB, KiB, B
   |
21 | capacity = "90 MB/s"
   |            ^^^^^^^^^
"#
    );
}

#[test]
fn a_negative_time_is_refused() {
    assert_eq!(
        mistake(&edited(r#""194 ms""#, r#""-194 ms""#)),
        r#"base.toml:10:13: job.step-time: expected a time with its unit, such as "12 ms", found "-194 ms", which is below zero
   |
10 | step-time = "-194 ms"
   |             ^^^^^^^^^
"#
    );
}

#[test]
fn a_negative_count_is_refused() {
    assert_eq!(
        mistake(&edited("10_000", "-10_000")),
        r#"base.toml:4:11: dataset.samples: expected a whole number that is not negative, found -10000
  |
4 | samples = -10_000
  |           ^^^^^^^
"#
    );
}

#[test]
fn a_fraction_is_no_count() {
    assert_eq!(
        mistake(&edited("batch-size = 64", "batch-size = 64.5")),
        r#"base.toml:9:14: job.batch-size: expected a whole number, found 64.5
  |
9 | batch-size = 64.5
  |              ^^^^
"#
    );
}

/// 2^53, where floats are two apart.
#[test]
fn a_float_is_no_count_where_floats_are_far_apart() {
    assert_eq!(
        mistake(&edited("10_000", "9007199254740992.0")),
        r#"base.toml:4:11: dataset.samples: expected a whole number of at most 9007199254740991, found 9007199254740992
  |
4 | samples = 9007199254740992.0
  |           ^^^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_text_is_no_count() {
    assert_eq!(
        mistake(&edited("workers = 4", r#"workers = "4""#)),
        r#"base.toml:14:11: loader.pytorch.workers: expected a whole number, found "4"
   |
14 | workers = "4"
   |           ^^^
"#
    );
}

#[test]
fn a_count_beyond_its_range_is_refused() {
    assert_eq!(
        mistake(&edited("workers = 4", "workers = 5_000_000_000")),
        r#"base.toml:14:11: loader.pytorch.workers: expected a whole number of at most 4294967295, found 5000000000
   |
14 | workers = 5_000_000_000
   |           ^^^^^^^^^^^^^
"#
    );
}

#[test]
fn an_amount_beyond_its_range_is_refused() {
    assert_eq!(
        mistake(&edited(r#""110 kB""#, r#""20_000 PB""#)),
        r#"base.toml:5:36: dataset.file-size.lognormal.mean: expected an amount of data with its unit, such as "500 GB", found "20_000 PB", which is more than 18446 PB
  |
5 | file-size = { lognormal = { mean = "20_000 PB", cv = 0.5 } }
  |                                    ^^^^^^^^^^^
"#
    );
}

#[test]
fn a_number_is_no_text() {
    assert_eq!(
        mistake(&edited(r#"name = "base""#, "name = 5")),
        r#"base.toml:1:8: name: expected a text in quotes, found 5
  |
1 | name = 5
  |        ^
"#
    );
}

#[test]
fn a_text_is_neither_true_nor_false() {
    assert_eq!(
        mistake(&edited("workers = 4", r#"persistent-workers = "yes""#)),
        r#"base.toml:14:22: loader.pytorch.persistent-workers: expected true or false, found "yes"
   |
14 | persistent-workers = "yes"
   |                      ^^^^^
"#
    );
}

#[test]
fn a_date_is_no_count() {
    assert_eq!(
        mistake(&edited("workers = 4", "workers = 2020-01-01")),
        r#"base.toml:14:11: loader.pytorch.workers: expected a whole number, found the date 2020-01-01
   |
14 | workers = 2020-01-01
   |           ^^^^^^^^^^
"#
    );
}

#[test]
fn a_list_is_no_table() {
    assert_eq!(
        mistake(&edited(
            r#"name = "base""#,
            r#"name = "base"
prices = [3]"#
        )),
        r#"base.toml:2:10: prices: expected a table, found a list
  |
2 | prices = [3]
  |          ^^^
"#
    );
}

#[test]
fn a_negative_price_is_refused() {
    assert_eq!(
        mistake(&extended(
            r#"[prices]
"s3.price_get" = -0.1"#
        )),
        r#"base.toml:25:18: prices."s3.price_get": expected a number of at least 0, found -0.1
   |
25 | "s3.price_get" = -0.1
   |                  ^^^^
"#
    );
}

#[test]
fn a_word_that_is_none_of_the_list_gets_a_suggestion() {
    assert_eq!(
        mistake(&edited(r#""shuffled""#, r#""shufled""#)),
        r#"base.toml:11:9: job.order: expected one of "sequential", "shuffled", "shards-shuffled", "shuffle-buffer", found "shufled"
   |
11 | order = "shufled"
   |         ^^^^^^^^^
   |
   = help: did you mean "shuffled"?
"#
    );
}

#[test]
fn a_word_far_from_all_is_refused_with_the_list() {
    assert_eq!(
        mistake(&edited(r#""shuffled""#, r#""random""#)),
        r#"base.toml:11:9: job.order: expected one of "sequential", "shuffled", "shards-shuffled", "shuffle-buffer", found "random"
   |
11 | order = "random"
   |         ^^^^^^^^
"#
    );
}

#[test]
fn a_choice_that_needs_a_number_says_so() {
    assert_eq!(
        mistake(&edited(r#""shuffled""#, r#""shuffle-buffer""#)),
        r#"base.toml:11:9: job.order: expected a table such as { shuffle-buffer = … }, found "shuffle-buffer"
   |
11 | order = "shuffle-buffer"
   |         ^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_choice_that_takes_no_table_says_so() {
    assert_eq!(
        mistake(&edited(r#""shuffled""#, "{ sequential = 3 }")),
        r#"base.toml:11:9: job.order: expected the text "sequential", found a table with the key sequential
   |
11 | order = { sequential = 3 }
   |         ^^^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_name_must_not_lead_out_of_the_results() {
    assert_eq!(
        mistake(&edited(r#""base""#, r#""../base""#)),
        r#"base.toml:1:8: name: expected a plain file name, since results go into a folder of that name, found "../base"
  |
1 | name = "../base"
  |        ^^^^^^^^^
"#
    );
}

#[test]
fn a_name_must_not_be_empty() {
    assert_eq!(
        mistake(&edited(r#""base""#, r#""""#)),
        r#"base.toml:1:8: name: expected a plain file name, since results go into a folder of that name, found ""
  |
1 | name = ""
  |        ^^
"#
    );
}

#[test]
fn a_spread_has_one_kind() {
    assert_eq!(
        mistake(&edited("cv = 0.5 } }", r#"cv = 0.5 }, normal = { mean = "1 kB", sd = "1 kB" } }"#)),
        r#"base.toml:5:58: dataset.file-size: expected exactly one of normal, lognormal, table, found lognormal and normal
  |
5 | file-size = { lognormal = { mean = "110 kB", cv = 0.5 }, normal = { mean = "1 kB", sd = "1 kB" } }
  |                                                          ^^^^^^
"#
    );
}

#[test]
fn an_unknown_spread_gets_a_suggestion() {
    assert_eq!(
        mistake(&edited("lognormal", "log-normal")),
        r#"base.toml:5:13: dataset.file-size: expected a known key, found log-normal
  |
5 | file-size = { log-normal = { mean = "110 kB", cv = 0.5 } }
  |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean lognormal?
"#
    );
}

#[test]
fn a_spread_of_no_kind_is_refused() {
    assert_eq!(
        mistake(&edited(r#"{ lognormal = { mean = "110 kB", cv = 0.5 } }"#, "{}")),
        r#"base.toml:5:13: dataset.file-size: expected a size such as "500 GB", or one of { normal = … }, { lognormal = … }, { table = … }, found an empty table
  |
5 | file-size = {}
  |             ^^
"#
    );
}

#[test]
fn a_lognormal_needs_a_pair() {
    assert_eq!(
        mistake(&edited(", cv = 0.5", "")),
        r#"base.toml:5:27: dataset.file-size.lognormal: expected one of the pairs mean and sd, mean and cv, mean and sigma, median and p99, found mean
  |
5 | file-size = { lognormal = { mean = "110 kB" } }
  |                           ^^^^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_lognormal_has_no_second_pair() {
    assert_eq!(
        mistake(&edited("cv = 0.5", r#"cv = 0.5, sd = "3 kB""#)),
        r#"base.toml:5:27: dataset.file-size.lognormal: expected one of the pairs mean and sd, mean and cv, mean and sigma, median and p99, found mean, sd, cv
  |
5 | file-size = { lognormal = { mean = "110 kB", cv = 0.5, sd = "3 kB" } }
  |                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_lognormal_is_never_zero() {
    assert_eq!(
        mistake(&edited(r#""110 kB""#, r#""0 B""#)),
        r#"base.toml:5:36: dataset.file-size.lognormal.mean: expected more than nothing, since a lognormal value is never zero, found "0 B"
  |
5 | file-size = { lognormal = { mean = "0 B", cv = 0.5 } }
  |                                    ^^^^^
"#
    );
}

#[test]
fn a_percentile_is_not_below_the_median() {
    assert_eq!(
        mistake(&edited(r#""194 ms""#, r#"{ lognormal = { median = "2 ms", p99 = "1 ms" } }"#)),
        r#"base.toml:10:52: job.step-time.lognormal.p99: expected a 99th percentile that is not below the median, found "1 ms"
   |
10 | step-time = { lognormal = { median = "2 ms", p99 = "1 ms" } }
   |                                                    ^^^^^^
"#
    );
}

#[test]
fn a_table_has_two_columns() {
    assert_eq!(
        mistake(&edited(r#""194 ms""#, r#"{ table = [["1 ms", 2, 3]] }"#)),
        r#"base.toml:10:24: job.step-time.table[0]: expected a list of 2, found a list of 3
   |
10 | step-time = { table = [["1 ms", 2, 3]] }
   |                        ^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_table_counts_something() {
    assert_eq!(
        mistake(&edited(r#""194 ms""#, r#"{ table = [["1 ms", 0]] }"#)),
        r#"base.toml:10:23: job.step-time.table: expected a row with a count of at least 1, found none
   |
10 | step-time = { table = [["1 ms", 0]] }
   |                       ^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_table_is_a_file_beside_a_file() {
    assert_eq!(
        mistake(&edited(r#""194 ms""#, r#"{ table = "steps.csv" }"#)),
        r#"base.toml:10:23: job.step-time.table: expected a CSV file of value and count, found "steps.csv" in a scenario that is no file itself
   |
10 | step-time = { table = "steps.csv" }
   |                       ^^^^^^^^^^^
"#
    );
}

#[test]
fn the_id_of_a_price_stands_in_quotes() {
    assert_eq!(
        mistake(&extended("[prices]\ns3.price_get = 0.1")),
        r#"base.toml:25:1: prices.s3: expected the id of a price in quotes, found s3
   |
25 | s3.price_get = 0.1
   | ^^
   |
   = help: write "s3.price_get" = …
"#
    );
}

/// A table of quantiles ends at 2^54 ns.
#[test]
fn a_time_that_no_draw_comes_to_is_refused() {
    assert_eq!(
        mistake(&edited(r#""194 ms""#, r#""20000 d""#)),
        r#"base.toml:10:13: job.step-time: expected at most 208 d, found "20000 d"
   |
10 | step-time = "20000 d"
   |             ^^^^^^^^^
"#
    );
}

#[test]
fn a_price_beyond_all_money_is_refused() {
    assert_eq!(
        mistake(&extended("[job.node]\nprice = 2e9")),
        "base.toml:25:9: job.node.price: expected a price of at most $1,000,000,000, found 2000000000\n   |\n25 | price = 2e9\n   |         ^^^\n"
    );
}

#[test]
fn a_unit_in_other_letters_gets_a_suggestion() {
    let message = mistake(&edited(r#""194 ms""#, r#""194 MS""#));
    assert!(message.contains("; did you mean ms?\n"), "{message}");
}
