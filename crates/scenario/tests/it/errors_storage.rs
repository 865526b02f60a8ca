//! What is said about a storage profile.

use crate::{edited, extended, mistake};

#[test]
fn a_stream_has_no_volume() {
    assert_eq!(
        mistake(&edited(
            r#"mode = "fast-file""#,
            r#"mode = "fast-file"
volume = "nvme""#
        )),
        r#"base.toml:18:1: storage.stream.s3.volume: expected a key that mode "fast-file" uses, found volume
   |
18 | volume = "nvme"
   | ^^^^^^
   |
   = help: volume is for mode "file"
"#
    );
}

#[test]
fn a_copy_has_no_stream_rate() {
    assert_eq!(
        mistake(&edited(
            r#"mode = "fast-file""#,
            r#"mode = "file"
stream-rate = "90 MB/s""#
        )),
        r#"base.toml:18:1: storage.stream.s3.stream-rate: expected a key that mode "file" uses, found stream-rate
   |
18 | stream-rate = "90 MB/s"
   | ^^^^^^^^^^^
   |
   = help: stream-rate is for modes "fast-file" and "pipe"
"#
    );
}

#[test]
fn a_client_library_has_no_downloader() {
    assert_eq!(
        mistake(&edited(
            r#"mode = "fast-file""#,
            r#"mode = "direct"
downloader = { fixed = "3 s" }"#
        )),
        r#"base.toml:18:1: storage.stream.s3.downloader: expected a key that mode "direct" uses, found downloader
   |
18 | downloader = { fixed = "3 s" }
   | ^^^^^^^^^^
   |
   = help: downloader is for mode "file"
"#
    );
}

#[test]
fn a_pipe_has_no_client_cache() {
    assert_eq!(
        mistake(&edited(
            r#"mode = "fast-file""#,
            r#"mode = "pipe"
client-cache = { nvme = "1 GB" }"#
        )),
        r#"base.toml:18:1: storage.stream.s3.client-cache: expected a key that mode "pipe" uses, found client-cache
   |
18 | client-cache = { nvme = "1 GB" }
   | ^^^^^^^^^^^^
   |
   = help: client-cache is for modes "fast-file" and "direct"
"#
    );
}

#[test]
fn a_client_library_gets_every_object() {
    assert_eq!(
        mistake(&edited(
            r#"mode = "fast-file""#,
            r#"mode = "direct"
replication = "sharded-by-key""#
        )),
        r#"base.toml:18:1: storage.stream.s3.replication: expected a key that mode "direct" uses, found replication
   |
18 | replication = "sharded-by-key"
   | ^^^^^^^^^^^
   |
   = help: replication is for modes "file", "fast-file" and "pipe"
"#
    );
}

#[test]
fn a_volume_that_needs_a_size_says_so() {
    assert_eq!(
        mistake(&edited(
            r#"mode = "fast-file""#,
            r#"mode = "file"
volume = "gp2""#
        )),
        r#"base.toml:18:10: storage.stream.s3.volume: expected a table such as { gp2 = … }, found "gp2"
   |
18 | volume = "gp2"
   |          ^^^^^
"#
    );
}

#[test]
fn a_rate_of_nothing_never_ends() {
    assert_eq!(
        mistake(&edited(
            r#"mode = "fast-file""#,
            r#"mode = "fast-file"
connection-rate = "0 MB/s""#
        )),
        r#"base.toml:18:19: storage.stream.s3.connection-rate: expected a rate above zero, found "0 MB/s"
   |
18 | connection-rate = "0 MB/s"
   |                   ^^^^^^^^
"#
    );
}

#[test]
fn a_bucket_has_a_prefix() {
    assert_eq!(
        mistake(&edited(
            r#"mode = "fast-file""#,
            r#"mode = "fast-file"
prefixes = 0"#
        )),
        r#"base.toml:18:12: storage.stream.s3.prefixes: expected a whole number of at least 1, found 0
   |
18 | prefixes = 0
   |            ^
"#
    );
}

#[test]
fn a_resident_file_system_restores_nothing() {
    assert_eq!(
        mistake(&edited(
            r#"load = "resident""#,
            r#"load = "resident"
restore-rate = "45 MB/s""#
        )),
        r#"base.toml:23:1: storage.lustre.fsx-lustre.restore-rate: expected a key that load "resident" uses, found restore-rate
   |
23 | restore-rate = "45 MB/s"
   | ^^^^^^^^^^^^
   |
   = help: restore-rate is for loads "lazy" and "one-time"
"#
    );
}

#[test]
fn scratch_has_no_provisioned_metadata() {
    assert_eq!(
        mistake(&edited(r#"load = "resident""#, "metadata-iops = 1500")),
        r#"base.toml:22:1: storage.lustre.fsx-lustre.metadata-iops: expected a key that deployment "scratch-2" uses, found metadata-iops
   |
22 | metadata-iops = 1500
   | ^^^^^^^^^^^^^
   |
   = help: metadata-iops is for "persistent-2-…"
"#
    );
}

#[test]
fn an_existing_file_system_imports_nothing() {
    assert_eq!(
        mistake(&edited(
            r#"load = "resident""#,
            r#"load = "lazy"
import-rate = "500 /s""#
        )),
        r#"base.toml:23:1: storage.lustre.fsx-lustre.import-rate: expected a key that existing = true uses, found import-rate
   |
23 | import-rate = "500 /s"
   | ^^^^^^^^^^^
   |
   = help: import-rate is for existing = false
"#
    );
}

#[test]
fn a_file_system_that_is_created_is_empty() {
    assert_eq!(
        mistake(&edited(
            r#"load = "resident""#,
            r#"load = "resident"
existing = false"#
        )),
        r#"base.toml:22:8: storage.lustre.fsx-lustre.load: expected "lazy" or "one-time", found "resident" with existing = false
   |
22 | load = "resident"
   |        ^^^^^^^^^^
   |
   = help: a file system that is created is empty: load it "lazy" or "one-time"
"#
    );
}

#[test]
fn a_file_system_has_a_capacity() {
    assert_eq!(
        mistake(&edited(
            r#"capacity = "2.4 TiB"
"#,
            ""
        )),
        r#"base.toml:19:1: storage.lustre.fsx-lustre.capacity: expected the storage capacity, found nothing
   |
19 | [storage.lustre.fsx-lustre]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: capacity = "1.2 TiB"
"#
    );
}

#[test]
fn an_ssd_file_system_has_no_ssd_cache() {
    assert_eq!(
        mistake(&edited(r#"load = "resident""#, "ssd-cache = true")),
        r#"base.toml:22:1: storage.lustre.fsx-lustre.ssd-cache: expected a key that deployment "scratch-2" uses, found ssd-cache
   |
22 | ssd-cache = true
   | ^^^^^^^^^
   |
   = help: ssd-cache is for "persistent-1-hdd-…" and "intelligent-tiering"
"#
    );
}

#[test]
fn an_hdd_file_system_has_a_cache_or_none() {
    assert_eq!(
        mistake(&edited(
            r#""scratch-2""#,
            r#""persistent-1-hdd-12"
ssd-cache = "20 GiB""#
        )),
        r#"base.toml:21:13: storage.lustre.fsx-lustre.ssd-cache: expected true or false: on HDD its size is 20 % of the capacity, found "20 GiB"
   |
21 | ssd-cache = "20 GiB"
   |             ^^^^^^^^
"#
    );
}

#[test]
fn intelligent_tiering_has_no_capacity() {
    assert_eq!(
        mistake(&edited(r#""scratch-2""#, r#""intelligent-tiering""#)),
        r#"base.toml:21:1: storage.lustre.fsx-lustre.capacity: expected a key that deployment "intelligent-tiering" uses, found capacity
   |
21 | capacity = "2.4 TiB"
   | ^^^^^^^^
   |
   = help: capacity is for the other deployments
"#
    );
}

#[test]
fn intelligent_tiering_is_not_linked_to_s3() {
    assert_eq!(
        mistake(&edited(
            r#"deployment = "scratch-2"
capacity = "2.4 TiB"
load = "resident""#,
            r#"deployment = "intelligent-tiering"
load = "lazy""#
        )),
        r#"base.toml:21:8: storage.lustre.fsx-lustre.load: expected "resident", as this deployment cannot be linked to S3, found "lazy"
   |
21 | load = "lazy"
   |        ^^^^^^
"#
    );
}

#[test]
fn a_deployment_gets_a_suggestion() {
    assert_eq!(
        mistake(&edited(r#""scratch-2""#, r#""scratch-3""#)),
        r#"base.toml:20:14: storage.lustre.fsx-lustre.deployment: expected one of "scratch-1", "scratch-2", "persistent-1-ssd-50", "persistent-1-ssd-100", "persistent-1-ssd-200", "persistent-1-hdd-12", "persistent-1-hdd-40", "persistent-2-125", "persistent-2-250", "persistent-2-500", "persistent-2-1000", "intelligent-tiering", found "scratch-3"
   |
20 | deployment = "scratch-3"
   |              ^^^^^^^^^^^
   |
   = help: did you mean "scratch-1"?
"#
    );
}

#[test]
fn elastic_throughput_meters_everything() {
    assert_eq!(
        mistake(&extended(
            "[storage.shared.efs]
read-metering = 1"
        )),
        r#"base.toml:25:1: storage.shared.efs.read-metering: expected a key that throughput "elastic" uses, found read-metering
   |
25 | read-metering = 1
   | ^^^^^^^^^^^^^
   |
   = help: read-metering is for throughput "bursting" and { provisioned = … }
"#
    );
}

#[test]
fn elastic_throughput_has_no_max_io() {
    assert_eq!(
        mistake(&extended(
            r#"[storage.shared.efs]
performance = "max-io""#
        )),
        r#"base.toml:25:15: storage.shared.efs.performance: expected "general", the only one that elastic throughput has, found "max-io"
   |
25 | performance = "max-io"
   |               ^^^^^^^^
"#
    );
}

#[test]
fn one_zone_has_no_max_io() {
    assert_eq!(
        mistake(&extended(
            r#"[storage.shared.efs]
performance = "max-io"
throughput = "bursting"
zones = "one""#
        )),
        r#"base.toml:25:15: storage.shared.efs.performance: expected "general", the only one that One Zone has, found "max-io"
   |
25 | performance = "max-io"
   |               ^^^^^^^^
"#
    );
}

#[test]
fn provisioned_throughput_is_a_rate() {
    assert_eq!(
        mistake(&extended(
            r#"[storage.shared.efs]
throughput = { provisioned = "300 MiB" }"#
        )),
        r#"base.toml:25:30: storage.shared.efs.throughput.provisioned: expected a rate with its unit, such as "90 MB/s", found "300 MiB"; its unit must be one of TB/s, GB/s, MB/s, kB/s, TiB/s, GiB/s, MiB/s, KiB/s, B/s, Tb/s, Gb/s, Mb/s, kb/s, b/s, Tbit/s, Gbit/s, Mbit/s, kbit/s, bit/s; did you mean MiB/s?
   |
25 | throughput = { provisioned = "300 MiB" }
   |                              ^^^^^^^^^
"#
    );
}

#[test]
fn storage_is_billed_in_one_of_three_ways() {
    assert_eq!(
        mistake(&extended(
            r#"[storage.shared.efs]
bill-storage = "all""#
        )),
        r#"base.toml:25:16: storage.shared.efs.bill-storage: expected "job", "none" or { retention = "30 d", jobs = 20 }, found "all"
   |
25 | bill-storage = "all"
   |                ^^^^^
"#
    );
}

#[test]
fn a_retention_is_shared_by_a_job() {
    assert_eq!(
        mistake(&extended(
            r#"[storage.shared.efs]
bill-storage = { retention = "30 d", jobs = 0 }"#
        )),
        r#"base.toml:25:45: storage.shared.efs.bill-storage.jobs: expected a whole number of at least 1, found 0
   |
25 | bill-storage = { retention = "30 d", jobs = 0 }
   |                                             ^
"#
    );
}

#[test]
fn at_least_one_profile_holds_the_data() {
    assert_eq!(
        mistake(&edited(
            r#"[storage.lustre.fsx-lustre]
deployment = "scratch-2"
capacity = "2.4 TiB"
load = "resident""#,
            r#"role = "checkpoint-only""#
        )),
        r#"base.toml:16:2: storage: expected at least one profile [storage.NAME.KIND] that is a candidate, found none
   |
16 | [storage.stream.s3]
   |  ^^^^^^^
"#
    );
}
