//! What is said about a data set and a job that make no sense.

use crate::{edited, extended, mistake};

#[test]
fn a_batch_larger_than_the_data_set_is_refused() {
    assert_eq!(
        mistake(&edited("batch-size = 64", "batch-size = 64_000")),
        r#"base.toml:9:14: job.batch-size: expected a batch that the 10000 samples of an epoch fill, found 64000
  |
9 | batch-size = 64_000
  |              ^^^^^^
"#
    );
}

#[test]
fn a_batch_larger_than_the_data_set_on_all_nodes_is_refused() {
    assert_eq!(
        mistake(&edited(
            "batch-size = 64",
            "instances = 4
batch-size = 6_000"
        )),
        r#"base.toml:10:14: job.batch-size: expected a batch that the 10000 samples of an epoch fill on all 4 ranks, found 6000 × 4
   |
10 | batch-size = 6_000
   |              ^^^^^
"#
    );
}

#[test]
fn a_batch_of_nothing_is_refused() {
    assert_eq!(
        mistake(&edited("batch-size = 64", "batch-size = 0")),
        r#"base.toml:9:14: job.batch-size: expected a whole number of at least 1, found 0
  |
9 | batch-size = 0
  |              ^
"#
    );
}

#[test]
fn a_job_has_an_instance() {
    assert_eq!(
        mistake(&edited(
            "batch-size",
            "instances = 0
batch-size"
        )),
        r#"base.toml:9:13: job.instances: expected a whole number of at least 1, found 0
  |
9 | instances = 0
  |             ^
"#
    );
}

#[test]
fn a_node_has_a_gpu() {
    assert_eq!(
        mistake(&extended(
            "[job.node]
gpus = 0"
        )),
        r#"base.toml:25:8: job.node.gpus: expected a whole number of at least 1, found 0
   |
25 | gpus = 0
   |        ^
"#
    );
}

#[test]
fn a_data_set_has_a_sample() {
    assert_eq!(
        mistake(&edited("10_000", "0")),
        r#"base.toml:4:11: dataset.samples: expected a whole number of at least 1, found 0
  |
4 | samples = 0
  |           ^
"#
    );
}

#[test]
fn a_file_has_a_size() {
    assert_eq!(
        mistake(&edited(r#"{ lognormal = { mean = "110 kB", cv = 0.5 } }"#, r#""0 B""#)),
        r#"base.toml:5:13: dataset.file-size: expected more than nothing on average, found "0 B"
  |
5 | file-size = "0 B"
  |             ^^^^^
"#
    );
}

#[test]
fn a_file_has_a_sample() {
    assert_eq!(
        mistake(&edited(
            "10_000",
            "10_000
samples-per-file = 0"
        )),
        r#"base.toml:5:20: dataset.samples-per-file: expected a whole number of at least 1, found 0
  |
5 | samples-per-file = 0
  |                    ^
"#
    );
}

#[test]
fn a_data_set_is_at_least_a_file() {
    assert_eq!(
        mistake(&edited("samples = 10_000", r#"total-size = "1 kB""#)),
        r#"base.toml:4:14: dataset.total-size: expected at least the mean size of a file, found "1 kB"
  |
4 | total-size = "1 kB"
  |              ^^^^^^

base.toml:9:14: job.batch-size: expected a batch that the one sample of an epoch fills, found 64
  |
9 | batch-size = 64
  |              ^^
"#
    );
}

#[test]
fn a_data_set_that_no_one_has_is_refused() {
    assert_eq!(
        mistake(&edited("10_000", "9_000_000_000_000_000_000")),
        r#"base.toml:4:11: dataset.samples: expected a data set of at most 1 EB and 10^18 samples, found 9.000e18 files of 1.100e5 bytes with 1 samples each
  |
4 | samples = 9_000_000_000_000_000_000
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn an_epoch_reads_at_most_everything() {
    assert_eq!(
        mistake(&edited(
            "10_000",
            "10_000
fraction-per-epoch = 1.5"
        )),
        r#"base.toml:5:22: dataset.fraction-per-epoch: expected a number above 0 and at most 1, found 1.5
  |
5 | fraction-per-epoch = 1.5
  |                      ^^^
"#
    );
}

#[test]
fn an_epoch_reads_something() {
    assert_eq!(
        mistake(&edited(
            "batch-size",
            "epochs = 0
batch-size"
        )),
        r#"base.toml:9:10: job.epochs: expected a whole number of at least 1, found 0
  |
9 | epochs = 0
  |          ^
"#
    );
}

#[test]
fn a_duration_passes() {
    assert_eq!(
        mistake(&edited(
            "batch-size",
            r#"duration = "0 s"
batch-size"#
        )),
        r#"base.toml:9:12: job.duration: expected a time above zero, found "0 s"
  |
9 | duration = "0 s"
  |            ^^^^^
"#
    );
}

#[test]
fn trials_at_a_time_are_at_most_all() {
    assert_eq!(
        mistake(&edited(
            "batch-size",
            "trials = 2
concurrent-trials = 3
batch-size"
        )),
        r#"base.toml:10:21: job.concurrent-trials: expected at most the number of trials, 2, found 3
   |
10 | concurrent-trials = 3
   |                     ^
"#
    );
}

#[test]
fn a_node_of_ones_own_is_stated_whole() {
    assert_eq!(
        mistake(&edited(
            r#"instance = "ml.p3.2xlarge"
"#,
            ""
        )),
        r#"base.toml:7:1: job.instance: expected the name of an instance type, found nothing
  |
7 | [job]
  | ^^^^^
  |
  = help: a node of your own needs gpus, cpus, memory, nic.baseline, price in [job.node]
"#
    );
}

#[test]
fn a_burst_is_above_the_baseline() {
    assert_eq!(
        mistake(&extended(
            r#"[job.node]
nic = { baseline = "10 Gb/s", burst = "5 Gb/s" }"#
        )),
        r#"base.toml:25:39: job.node.nic.burst: expected at least the baseline, 1.25 GB/s, found "5 Gb/s"
   |
25 | nic = { baseline = "10 Gb/s", burst = "5 Gb/s" }
   |                                       ^^^^^^^^
"#
    );
}

#[test]
fn a_cache_holds_at_most_everything() {
    assert_eq!(
        mistake(&extended(
            r#"[job.node.page-cache]
size = "120 %""#
        )),
        r#"base.toml:25:8: job.node.page-cache.size: expected a share of at most 100 %, found "120 %"
   |
25 | size = "120 %"
   |        ^^^^^^^
"#
    );
}

#[test]
fn a_cache_has_a_size_or_a_share() {
    assert_eq!(
        mistake(&extended(
            r#"[job.node.page-cache]
size = "120""#
        )),
        r#"base.toml:25:8: job.node.page-cache.size: expected a size such as "30 GB", or a share of the data set such as "65 %", found "120"
   |
25 | size = "120"
   |        ^^^^^
"#
    );
}

#[test]
fn a_page_cache_is_off_or_a_table() {
    assert_eq!(
        mistake(&extended(
            r#"[job.node]
page-cache = "on""#
        )),
        r#"base.toml:25:14: job.node.page-cache: expected "off", or a table of size and policy, found "on"
   |
25 | page-cache = "on"
   |              ^^^^
"#
    );
}

#[test]
fn a_checkpoint_goes_to_a_profile() {
    assert_eq!(
        mistake(&extended(
            r#"[job.checkpoint]
every-steps = 3
size = "1 GB"
to = "luster""#
        )),
        r#"base.toml:27:6: job.checkpoint.to: expected the name of a profile, found "luster"
   |
27 | to = "luster"
   |      ^^^^^^^^
   |
   = help: did you mean "lustre"?
"#
    );
}

#[test]
fn a_loader_reads_at_least_one_sample_at_a_time() {
    assert_eq!(
        mistake(&edited("workers = 4", "threads-per-worker = 0")),
        r#"base.toml:14:22: loader.pytorch.threads-per-worker: expected a whole number of at least 1, found 0
   |
14 | threads-per-worker = 0
   |                      ^
"#
    );
}

#[test]
fn a_prefetch_is_a_number_or_auto() {
    assert_eq!(
        mistake(&edited(
            "[loader.pytorch]
workers = 4",
            r#"[loader.tf-data]
prefetch = "some""#
        )),
        r#"base.toml:14:12: loader.tf-data.prefetch: expected a number of batches or "auto", found "some"
   |
14 | prefetch = "some"
   |            ^^^^^^
"#
    );
}
