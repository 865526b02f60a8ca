//! What is said where one of several has to be chosen.

use crate::{edited, extended, mistake};

#[test]
fn a_loader_has_to_be_chosen() {
    assert_eq!(
        mistake(&edited(
            "[loader.pytorch]
workers = 4
",
            ""
        )),
        r#"base.toml:1:1: loader: expected a loader, [loader.pytorch] or [loader.tf-data], found nothing
  |
1 | name = "base"
  | ^
"#
    );
}

#[test]
fn a_loader_without_a_name_is_none() {
    assert_eq!(
        mistake(&edited("[loader.pytorch]", "[loader]")),
        r#"base.toml:13:1: loader: expected exactly one of [loader.pytorch] and [loader.tf-data], found [loader] with workers
   |
13 | [loader]
   | ^^^^^^^^
"#
    );
}

#[test]
fn an_empty_loader_is_none() {
    assert_eq!(
        mistake(&edited(
            "[loader.pytorch]
workers = 4
",
            "[loader]
"
        )),
        r#"base.toml:13:1: loader: expected exactly one of [loader.pytorch] and [loader.tf-data], found neither
   |
13 | [loader]
   | ^^^^^^^^
"#
    );
}

#[test]
fn a_misspelt_loader_is_recognised() {
    assert_eq!(
        mistake(&edited("[loader.pytorch]", "[loader.pytroch]")),
        r#"base.toml:13:2: loader: expected exactly one of [loader.pytorch] and [loader.tf-data], found [loader] with pytroch
   |
13 | [loader.pytroch]
   |  ^^^^^^
   |
   = help: did you mean [loader.pytorch]?
"#
    );
}

#[test]
fn two_loaders_are_one_too_many() {
    assert_eq!(
        mistake(&extended("[loader.tf-data]")),
        r#"base.toml:24:9: loader: expected exactly one of [loader.pytorch] and [loader.tf-data], found pytorch and tf-data
   |
24 | [loader.tf-data]
   |         ^^^^^^^
"#
    );
}

#[test]
fn a_profile_without_a_name_is_told_how() {
    assert_eq!(
        mistake(&edited("[storage.stream.s3]", "[storage.s3]")),
        r#"base.toml:16:1: storage.s3: expected [storage.NAME.s3] with a name of your own for NAME, found [storage.s3]
   |
16 | [storage.s3]
   | ^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_profile_without_a_kind_is_refused() {
    assert_eq!(
        mistake(&edited("[storage.stream.s3]", "[storage.stream]")),
        r#"base.toml:17:1: storage.stream: expected exactly one kind of storage, one of s3, efs, fsx-lustre, local-disk, nfs, parallel-fs, found mode
   |
17 | mode = "fast-file"
   | ^^^^
"#
    );
}

#[test]
fn a_misspelt_kind_is_recognised() {
    assert_eq!(
        mistake(&edited("fsx-lustre", "fsx_lustre")),
        r#"base.toml:19:17: storage.lustre: expected exactly one kind of storage, one of s3, efs, fsx-lustre, local-disk, nfs, parallel-fs, found fsx_lustre
   |
19 | [storage.lustre.fsx_lustre]
   |                 ^^^^^^^^^^
   |
   = help: did you mean [storage.lustre.fsx-lustre]?
"#
    );
}

#[test]
fn two_kinds_in_a_profile_are_one_too_many() {
    assert_eq!(
        mistake(&extended("[storage.stream.efs]")),
        r#"base.toml:24:17: storage.stream: expected exactly one kind of storage, one of s3, efs, fsx-lustre, local-disk, nfs, parallel-fs, found s3 and efs
   |
24 | [storage.stream.efs]
   |                 ^^^
"#
    );
}

#[test]
fn a_key_beside_the_kind_is_told_where_to_go() {
    assert_eq!(
        mistake(&extended(
            r#"[storage.stream]
role = "candidate""#
        )),
        r#"base.toml:25:1: storage.stream.role: expected nothing beside the kind s3, found role
   |
25 | role = "candidate"
   | ^^^^
   |
   = help: write role in [storage.stream.s3]
"#
    );
}

#[test]
fn a_profile_is_a_table() {
    assert_eq!(
        mistake(&edited(
            r#"[storage.stream.s3]
mode = "fast-file""#,
            r#"[storage]
stream = "s3""#
        )),
        r#"base.toml:17:10: storage.stream: expected a table [storage.stream.KIND], found "s3"
   |
17 | stream = "s3"
   |          ^^^^
"#
    );
}

#[test]
fn a_data_set_needs_a_size() {
    assert_eq!(
        mistake(&edited(
            "samples = 10_000
",
            ""
        )),
        r#"base.toml:3:1: dataset: expected exactly one of files, samples, total-size, found none
  |
3 | [dataset]
  | ^^^^^^^^^
"#
    );
}

#[test]
fn a_data_set_has_one_size() {
    assert_eq!(
        mistake(&edited(
            "samples = 10_000",
            "samples = 10_000
files = 10_000"
        )),
        r#"base.toml:4:1: dataset.samples: expected exactly one of files, samples, total-size, found files and samples
  |
4 | samples = 10_000
  | ^^^^^^^
"#
    );
}

#[test]
fn a_job_has_one_end() {
    assert_eq!(
        mistake(&edited(
            "batch-size",
            "steps = 3
epochs = 2
batch-size"
        )),
        r#"base.toml:9:1: job.steps: expected at most one of epochs, steps, duration, found epochs and steps
  |
9 | steps = 3
  | ^^^^^
"#
    );
}

#[test]
fn a_checkpoint_needs_a_time() {
    assert_eq!(
        mistake(&extended(
            r#"[job.checkpoint]
size = "1 GB""#
        )),
        r#"base.toml:24:1: job.checkpoint: expected exactly one of every-steps, every, found none
   |
24 | [job.checkpoint]
   | ^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_checkpoint_has_one_time() {
    assert_eq!(
        mistake(&extended(
            r#"[job.checkpoint]
size = "1 GB"
every = "1 h"
every-steps = 3"#
        )),
        r#"base.toml:26:1: job.checkpoint.every: expected exactly one of every-steps, every, found every-steps and every
   |
26 | every = "1 h"
   | ^^^^^
"#
    );
}

#[test]
fn a_volume_has_one_type() {
    assert_eq!(
        mistake(&edited(
            r#"mode = "fast-file""#,
            r#"mode = "file"
volume = { gp2 = { size = "1 GB" }, gp3 = { size = "1 GB" } }"#
        )),
        r#"base.toml:18:37: storage.stream.s3.volume: expected exactly one of gp2, gp3, io2, nvme, found gp2 and gp3
   |
18 | volume = { gp2 = { size = "1 GB" }, gp3 = { size = "1 GB" } }
   |                                     ^^^
"#
    );
}
