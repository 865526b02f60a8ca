//! What is said about a sweep.

use crate::{extended, mistake};

#[test]
fn a_swept_key_that_is_none_gets_a_suggestion() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job.batch-sise" = [32, 64]"#
        )),
        r#"base.toml:25:1: job.batch-sise: expected a known key, found batch-sise
   |
25 | "job.batch-sise" = [32, 64]
   | ^^^^^^^^^^^^^^^^
   |
   = help: did you mean batch-size?
"#
    );
}

#[test]
fn a_swept_value_that_does_not_fit_is_marked() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job.batch-size" = [32, "64"]"#
        )),
        r#"base.toml:25:25: job.batch-size: expected a whole number, found "64"
   |
25 | "job.batch-size" = [32, "64"]
   |                         ^^^^
"#
    );
}

#[test]
fn a_swept_key_is_a_path() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job..batch-size" = [32, 64]"#
        )),
        r#"base.toml:25:1: sweep.grid."job..batch-size": expected a path of keys such as dataset.file-size, found "job..batch-size"
   |
25 | "job..batch-size" = [32, 64]
   | ^^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_swept_key_stands_in_quotes() {
    assert_eq!(
        mistake(&extended(
            "[sweep.grid]
job.batch-size = [32, 64]"
        )),
        r#"base.toml:25:1: sweep.grid.job: expected the path of a swept key in quotes, found job
   |
25 | job.batch-size = [32, 64]
   | ^^^
   |
   = help: write "job.batch-size" = …
"#
    );
}

#[test]
fn a_sweep_sweeps_no_sweep() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"sweep.replications" = [1, 2]"#
        )),
        r#"base.toml:25:1: sweep.grid."sweep.replications": expected a key outside of [sweep], or storage in [sweep.grid], found sweep.replications
   |
25 | "sweep.replications" = [1, 2]
   | ^^^^^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_swept_key_has_values() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job.batch-size" = []"#
        )),
        r#"base.toml:25:20: sweep.grid."job.batch-size": expected at least one value, found an empty list
   |
25 | "job.batch-size" = []
   |                    ^^
"#
    );
}

#[test]
fn a_swept_key_has_a_list() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job.batch-size" = 32"#
        )),
        r#"base.toml:25:20: sweep.grid."job.batch-size": expected a list of values, { log = [from, to], points = n } or { linear = [from, to], points = n }, found 32
   |
25 | "job.batch-size" = 32
   |                    ^^
"#
    );
}

#[test]
fn a_sweep_turns_no_text_into_a_table() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job.step-time.lognormal.mean" = ["1 ms"]"#
        )),
        r#"base.toml:25:1: job.step-time.lognormal.mean: expected a table to set a key of, found "194 ms" at job.step-time
   |
25 | "job.step-time.lognormal.mean" = ["1 ms"]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: set the whole value of job.step-time
"#
    );
}

#[test]
fn a_sweep_adds_no_second_loader() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"loader.tf-data.parallel-reads" = [8]"#
        )),
        r#"base.toml:25:1: loader: expected exactly one of [loader.pytorch] and [loader.tf-data], found pytorch and tf-data
   |
25 | "loader.tf-data.parallel-reads" = [8]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: to change the choice set the whole value of loader
"#
    );
}

#[test]
fn a_sweep_adds_no_second_kind() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"storage.stream.efs.stored" = ["1 GB"]"#
        )),
        r#"base.toml:25:1: storage.stream: expected exactly one kind of storage, one of s3, efs, fsx-lustre, local-disk, nfs, parallel-fs, found s3 and efs
   |
25 | "storage.stream.efs.stored" = ["1 GB"]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: to change the choice set the whole value of storage.stream
"#
    );
}

#[test]
fn a_swept_profile_exists() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
storage = ["stream", "luster"]"#
        )),
        r#"base.toml:25:22: sweep.grid.storage[1]: expected the name of a candidate profile, found "luster"
   |
25 | storage = ["stream", "luster"]
   |                      ^^^^^^^^
   |
   = help: did you mean "lustre"?
"#
    );
}

#[test]
fn a_swept_profile_stands_once() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
storage = ["stream", "stream"]"#
        )),
        r#"base.toml:25:22: sweep.grid.storage[1]: expected every profile once, found "stream" again
   |
25 | storage = ["stream", "stream"]
   |                      ^^^^^^^^
"#
    );
}

#[test]
fn a_sweep_has_a_profile() {
    assert_eq!(
        mistake(&extended(
            "[sweep.grid]
storage = []"
        )),
        r#"base.toml:25:11: sweep.grid.storage: expected at least one name of a profile, found an empty list
   |
25 | storage = []
   |           ^^
"#
    );
}

#[test]
fn a_swept_key_lies_below_a_swept_profile() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
storage = ["stream"]
"storage.lustre.fsx-lustre.capacity" = ["1.2 TiB"]"#
        )),
        r#"base.toml:26:1: storage.lustre.fsx-lustre.capacity: expected the name of a profile of the sweep, found "lustre"
   |
26 | "storage.lustre.fsx-lustre.capacity" = ["1.2 TiB"]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: there is "stream"
"#
    );
}

#[test]
fn a_swept_mode_uses_the_keys_that_are_there() {
    assert_eq!(
        mistake(&extended(
            r#"[storage.disk.s3]
volume = "nvme"
[sweep.grid]
"storage.disk.s3.mode" = ["direct"]"#
        )),
        r#"base.toml:25:1: storage.disk.s3.volume: expected a key that mode "direct" uses, found volume
   |
25 | volume = "nvme"
   | ^^^^^^
   |
   = help: volume is for mode "file"
"#
    );
}

#[test]
fn lists_of_a_zip_are_equally_long() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.zip]
"job.batch-size" = [32, 64]
"dataset.samples" = [1000]"#
        )),
        r#"base.toml:26:1: sweep.zip."dataset.samples": expected 2 values, as job.batch-size has, found 1
   |
26 | "dataset.samples" = [1000]
   | ^^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_key_is_swept_once() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.zip]
"job.batch-size" = [32, 64]
[sweep.grid]
"job.batch-size" = [32]"#
        )),
        r#"base.toml:27:1: sweep.grid."job.batch-size": expected every key once, found job.batch-size in zip and in grid
   |
27 | "job.batch-size" = [32]
   | ^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn profiles_are_not_zipped() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.zip]
storage = ["stream"]"#
        )),
        r#"base.toml:25:1: sweep.zip.storage: expected a key outside of [sweep], or storage in [sweep.grid], found storage
   |
25 | storage = ["stream"]
   | ^^^^^^^
"#
    );
}

#[test]
fn a_range_has_a_number_of_points() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job.batch-size" = { log = [8, 64] }"#
        )),
        r#"base.toml:25:20: sweep.grid."job.batch-size".points: expected the key points, found nothing
   |
25 | "job.batch-size" = { log = [8, 64] }
   |                    ^^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_range_has_at_least_one_point() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job.batch-size" = { log = [8, 64], points = 0 }"#
        )),
        r#"base.toml:25:46: sweep.grid."job.batch-size".points: expected a whole number from 1 to 100000, found 0
   |
25 | "job.batch-size" = { log = [8, 64], points = 0 }
   |                                              ^
"#
    );
}

#[test]
fn a_range_has_a_scale() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job.batch-size" = { points = 3 }"#
        )),
        r#"base.toml:25:20: sweep.grid."job.batch-size": expected one of log and linear, found neither
   |
25 | "job.batch-size" = { points = 3 }
   |                    ^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_range_has_one_scale() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job.batch-size" = { log = [8, 64], linear = [8, 64], points = 3 }"#
        )),
        r#"base.toml:25:20: sweep.grid."job.batch-size": expected one of log and linear, found both
   |
25 | "job.batch-size" = { log = [8, 64], linear = [8, 64], points = 3 }
   |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_range_has_two_ends() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job.batch-size" = { log = [8, 16, 64], points = 3 }"#
        )),
        r#"base.toml:25:28: sweep.grid."job.batch-size".log: expected a list of 2, found a list of 3
   |
25 | "job.batch-size" = { log = [8, 16, 64], points = 3 }
   |                            ^^^^^^^^^^^
"#
    );
}

#[test]
fn the_ends_of_a_range_are_alike() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job.step-time" = { linear = ["1 ms", 100], points = 3 }"#
        )),
        r#"base.toml:25:30: sweep.grid."job.step-time".linear: expected two numbers, or two quantities of one kind, found "1 ms" and 100
   |
25 | "job.step-time" = { linear = ["1 ms", 100], points = 3 }
   |                              ^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_logarithm_starts_above_zero() {
    assert_eq!(
        mistake(&extended(
            r#"[sweep.grid]
"job.step-time" = { log = ["0 ms", "1 s"], points = 3 }"#
        )),
        r#"base.toml:25:27: sweep.grid."job.step-time".log: expected two ends above zero, found "0 ms" and "1 s"
   |
25 | "job.step-time" = { log = ["0 ms", "1 s"], points = 3 }
   |                           ^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_sweep_has_a_replication() {
    assert_eq!(
        mistake(&extended(
            "[sweep]
replications = 0"
        )),
        r#"base.toml:25:16: sweep.replications: expected a whole number of at least 1, found 0
   |
25 | replications = 0
   |                ^
"#
    );
}

#[test]
fn replications_have_an_end() {
    assert_eq!(
        mistake(&extended(
            "[sweep]
replications = 10_001"
        )),
        r#"base.toml:25:16: sweep.replications: expected at most 10000 runs of a point, found 10001
   |
25 | replications = 10_001
   |                ^^^^^^
"#
    );
}

#[test]
fn the_most_replications_are_a_precision_s() {
    assert_eq!(
        mistake(&extended(
            "[sweep]
max-replications = 9"
        )),
        r#"base.toml:25:1: sweep.max-replications: expected a key that a sweep without precision uses, found max-replications
   |
25 | max-replications = 9
   | ^^^^^^^^^^^^^^^^
   |
   = help: max-replications is for precision
"#
    );
    assert_eq!(
        mistake(&extended(
            "[sweep]
precision = \"1 %\"
replications = 5
max-replications = 4"
        )),
        r#"base.toml:27:20: sweep.max-replications: expected at least the 5 replications, found 4
   |
27 | max-replications = 4
   |                    ^
"#
    );
}

#[test]
fn a_precision_is_a_share() {
    assert_eq!(
        mistake(&extended(
            "[sweep]
precision = 0.01"
        )),
        r#"base.toml:25:13: sweep.precision: expected a share in per cent, such as "65 %", found 0.01
   |
25 | precision = 0.01
   |             ^^^^
"#
    );
}
