//! What is said about a value set on the command line: the flag instead of a line.

use crate::flag_mistake;

#[test]
fn a_flag_needs_a_value() {
    assert_eq!(
        flag_mistake("job.batch-size"),
        r#"--set job.batch-size: expected PATH=VALUE, found "job.batch-size"
"#
    );
}

#[test]
fn a_flag_needs_a_path() {
    assert_eq!(
        flag_mistake("job batch=3"),
        r#"--set job batch=3: expected a path of keys such as dataset.file-size, found "job batch"
"#
    );
}

#[test]
fn a_flag_with_an_unknown_key_gets_a_suggestion() {
    assert_eq!(
        flag_mistake("job.batchsize=3"),
        r#"--set job.batchsize=3: job.batchsize: expected a known key, found batchsize
 |
 = help: did you mean batch-size?
"#
    );
}

#[test]
fn a_flag_with_a_wrong_value_is_named() {
    assert_eq!(
        flag_mistake("job.batch-size=many"),
        r#"--set job.batch-size=many: job.batch-size: expected a whole number, found "many"
"#
    );
}

#[test]
fn a_flag_with_a_wrong_unit_is_named() {
    assert_eq!(
        flag_mistake("storage.stream.s3.connection-rate=90 MB"),
        r#"--set storage.stream.s3.connection-rate=90 MB: storage.stream.s3.connection-rate: expected a rate with its unit, such as "90 MB/s", found "90 MB"; its unit must be one of TB/s, GB/s, MB/s, kB/s, TiB/s, GiB/s, MiB/s, KiB/s, B/s, Tb/s, Gb/s, Mb/s, kb/s, b/s, Tbit/s, Gbit/s, Mbit/s, kbit/s, bit/s; did you mean MB/s?
"#
    );
}

#[test]
fn a_flag_that_makes_no_sense_is_named() {
    assert_eq!(
        flag_mistake("job.batch-size=0"),
        r#"--set job.batch-size=0: job.batch-size: expected a whole number of at least 1, found 0
"#
    );
}

#[test]
fn a_flag_makes_no_table_of_a_text() {
    assert_eq!(
        flag_mistake("job.step-time.lognormal.mean=3 ms"),
        r#"--set job.step-time.lognormal.mean=3 ms: job.step-time.lognormal.mean: expected a table to set a key of, found "194 ms" at job.step-time
 |
 = help: set the whole value of job.step-time
"#
    );
}

#[test]
fn a_flag_adds_no_second_loader() {
    assert_eq!(
        flag_mistake("loader.tf-data.parallel-reads=8"),
        r#"--set loader.tf-data.parallel-reads=8: loader: expected exactly one of [loader.pytorch] and [loader.tf-data], found pytorch and tf-data
 |
 = help: to change the choice set the whole value of loader
"#
    );
}

#[test]
fn a_flag_adds_no_second_kind() {
    assert_eq!(
        flag_mistake("storage.stream.efs.stored=1 GB"),
        r#"--set storage.stream.efs.stored=1 GB: storage.stream: expected exactly one kind of storage, one of s3, efs, fsx-lustre, local-disk, nfs, parallel-fs, found s3 and efs
 |
 = help: to change the choice set the whole value of storage.stream
"#
    );
}

#[test]
fn a_flag_adds_no_second_spread() {
    assert_eq!(
        flag_mistake("dataset.file-size.normal.mean=1 kB"),
        r#"--set dataset.file-size.normal.mean=1 kB: dataset.file-size: expected exactly one of normal, lognormal, table, found lognormal and normal
 |
 = help: to change the choice set the whole value of dataset.file-size
"#
    );
}

#[test]
fn a_flag_makes_no_profile() {
    assert_eq!(
        flag_mistake("storage.luster.fsx-lustre.capacity=1.2 TiB"),
        r#"--set storage.luster.fsx-lustre.capacity=1.2 TiB: storage.luster.fsx-lustre.capacity: expected the name of a profile, found "luster"
 |
 = help: did you mean "lustre"?
"#
    );
}

#[test]
fn a_flag_adds_no_key_that_the_mode_does_not_use() {
    assert_eq!(
        flag_mistake("storage.stream.s3.volume=nvme"),
        r#"--set storage.stream.s3.volume=nvme: storage.stream.s3.volume: expected a key that mode "fast-file" uses, found volume
 |
 = help: volume is for mode "file"
"#
    );
}
