//! Limits that burst on credit: when it runs out, and what is left then.

use crate::scene::{near, plan, run, seconds};

/// A gp2 volume of 33 GiB earns 100 operations a second, bursts to 3,000 and has 5.4 million saved up. 500 files of 64 MiB
/// are 128,000 operations of 256 KiB, which its rate of 750 MiB/s (as stated) just carries: 42.67 s an epoch. The bucket
/// loses 2,900 a second and is empty after 1,862 s, in the 44th epoch; from then on an epoch takes 1,280 s. What 45 epochs
/// need beyond the bucket is earned at 100 a second: (45 × 128,000 − 5,400,000) / 100 = 3,600 s in all.
#[test]
fn a_gp2_volume_bursts_until_its_credits_are_spent() {
    let outcome = run(r#"
        dataset = { files = 500, file-size = "64 MiB" }
        job.epochs = 45
        loader.tf-data = { parallel-reads = 8, prefetch = 50 }
        storage.copied.s3 = { mode = "file", volume.gp2 = { size = "33 GiB", rate = "750 MiB/s" } }
        "#);
    let epochs = seconds(&outcome);
    // An epoch begins with an idle volume: the last of its files has its operations after 127,999 / 3,000 s, and then
    // 1 ms of latency and 64 MiB of transfer behind it.
    for epoch in &epochs[..43] {
        near(*epoch, 127_999.0 / 3_000.0 + 0.001 + 64.0 / 750.0 + 0.001, 1e-3);
    }
    near(epochs[44], 1_280.0, 1e-3);
    near(outcome.summary.loop_s, 3_600.0, 1e-3);
}

/// EFS that stores 20 GiB earns the least there is, 1 MiB/s, and peaks at 100 MiB/s; reads are metered at a third, so they
/// go at 300 and then at 3 MiB/s. The bucket of 2.1 TiB loses 100 − 1 MiB/s and lasts 2,202,009.6 / 99 = 22,242.5 s, in which
/// 6,672,756 MiB are read. 99 epochs of 66 GiB are 6,690,816 MiB; the rest of them comes at 3 MiB/s: 6,020 s more.
#[test]
fn bursting_efs_reads_at_three_times_its_metered_rates() {
    let outcome = run(r#"
        dataset = { files = 66, file-size = "1 GiB" }
        job = { epochs = 99, batch-size = 1 }
        loader.tf-data = { parallel-reads = 4, prefetch = 66 }
        storage.shared.efs = { throughput = "bursting", stored = "20 GiB" }
        "#);
    let epochs = seconds(&outcome);
    near(epochs[0], 66.0 * 1_024.0 / 300.0, 1e-3);
    near(epochs[97], 66.0 * 1_024.0 / 300.0, 1e-3);
    near(outcome.summary.loop_s, 22_242.5 + 18_060.0 / 3.0, 2e-3);
}

/// Records of 1 KiB count as 4 KiB each: 40,000 of them take as long at 1 MiB/s, metered at a third, as
/// 156.25 MiB do: 52.1 s, not 13.
#[test]
fn small_reads_of_efs_are_metered_as_four_kibibytes() {
    let outcome = run(r#"
        dataset = { files = 40_000, file-size = "1 KiB" }
        loader.tf-data = { parallel-reads = 64, prefetch = 100 }
        storage.shared.efs.throughput = { provisioned = "1 MiB/s" }
        "#);
    near(outcome.summary.loop_s, 40_000.0 * 4.0 / 1_024.0 / 3.0, 1e-2);
}

/// With `read-metering = 1`, as before 2021, reads go at the metered peak itself.
#[test]
fn efs_used_to_meter_reads_in_full() {
    let outcome = run(r#"
        dataset = { files = 20, file-size = "1 GiB" }
        job.batch-size = 1
        loader.tf-data = { parallel-reads = 4, prefetch = 20 }
        storage.shared.efs = { throughput = "bursting", stored = "20 GiB", read-metering = 1.0 }
        "#);
    near(outcome.summary.loop_s, 20.0 * 1_024.0 / 100.0, 1e-3);
}

/// Provisioned throughput of 50 MiB/s is metered too: 150 MiB/s of reads. 20 GiB take 136.5 s.
#[test]
fn provisioned_efs_reads_at_three_times_what_is_paid_for() {
    let outcome = run(r#"
        dataset = { files = 20, file-size = "1 GiB" }
        job.batch-size = 1
        loader.tf-data = { parallel-reads = 4, prefetch = 20 }
        storage.shared.efs = { throughput = { provisioned = "50 MiB/s" } }
        "#);
    near(outcome.summary.loop_s, 20.0 * 1_024.0 / 150.0, 1e-3);
}

/// One client of EFS reads at 500 MiB/s, two at 1,000, of the 3 × 2,000 MiB/s provisioned; with Elastic throughput at
/// 1,500 MiB/s each.
#[test]
fn each_client_of_efs_has_a_limit() {
    let loop_s = |nodes: u32, throughput: &str| {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = 240, file-size = "256 MiB" }}
            job = {{ batch-size = 1, instances = {nodes} }}
            loader.tf-data = {{ parallel-reads = 4, prefetch = 240 }}
            storage.shared.efs.throughput = {throughput}
            "#
        ));
        outcome.summary.loop_s
    };
    let provisioned = r#"{ provisioned = "2000 MiB/s" }"#;
    near(loop_s(1, provisioned), 60.0 * 1_024.0 / 500.0, 2e-3);
    near(loop_s(2, provisioned), 60.0 * 1_024.0 / 1_000.0, 2e-3);
    near(loop_s(1, "\"elastic\""), 60.0 * 1_024.0 / 1_500.0, 2e-3);
}

/// PERSISTENT_1 of 50 MB/s per TiB at 1.2 TiB: disks of 60 MB/s that burst to 288, here for 10 s. 2,880 MB come in them,
/// the other 3,120 of 6 GB at 60 MB/s: 62 s.
#[test]
fn lustres_disks_burst_for_the_burst_duration() {
    let outcome = run(r#"
        dataset = { files = 600, file-size = "10 MB" }
        loader.tf-data = { parallel-reads = 16, prefetch = 60 }
        [storage.lustre.fsx-lustre]
        deployment = "persistent-1-ssd-50"
        capacity = "1.2 TiB"
        burst-duration = "10 s"
        "#);
    near(outcome.summary.loop_s, 62.0, 1e-3);
}

/// The same file system's network: 300 MB/s that bursts to 1,560. 2.4 GB fit into the 2.64 GiB of its memory, so from the
/// second epoch on four nodes (625 MB/s each from one server) are bounded by the network alone. The bucket of
/// (1,560 − 300) × 10 MB lasts 10 s and 15.6 GB: six epochs and a half; the tenth goes at 300 MB/s.
#[test]
fn lustres_network_bursts_apart_from_its_disks() {
    let outcome = run(r#"
        dataset = { files = 240, file-size = "10 MB" }
        job = { instances = 4, epochs = 10 }
        loader.tf-data = { parallel-reads = 16, prefetch = 6 }
        [storage.lustre.fsx-lustre]
        deployment = "persistent-1-ssd-50"
        capacity = "1.2 TiB"
        burst-duration = "10 s"
        "#);
    let epochs = seconds(&outcome);
    near(epochs[0], 2_400.0 / 288.0, 0.01);
    // Each epoch begins with opens of 11 ms.
    for epoch in &epochs[1..7] {
        near(*epoch, 2_400.0 / 1_560.0 + 0.011, 0.01);
    }
    assert!(epochs[7] > 2.0 * epochs[6] && epochs[7] < 8.0, "{epochs:?}");
    near(epochs[9], 2_400.0 / 300.0 + 0.011, 0.01);
}

/// An interface of 100 MB/s that bursts to 500 with 4 GB saved up: 10 s and 5 GB, then the sixth gigabyte in 10 s.
#[test]
fn a_nodes_interface_bursts_until_its_bucket_is_empty() {
    let outcome = run(r#"
        dataset = { files = 600, file-size = "10 MB" }
        job.node.nic = { baseline = "100 MB/s", burst = "500 MB/s", bucket = "4 GB" }
        loader.tf-data = { parallel-reads = 8, prefetch = 60 }
        storage.own.parallel-fs = {}
        "#);
    near(outcome.summary.loop_s, 20.0, 1e-3);
}

/// A catalog instance with a bursting interface keeps its burst where the scenario says nothing of it, and has none
/// where the scenario states another baseline.
#[test]
fn a_stated_baseline_replaces_the_catalogs_burst() {
    let client = |nic: &str| {
        let plan = plan(&format!(
            r#"
            dataset = {{ files = 600, file-size = "10 MB" }}
            job.instance = "ml.g4dn.xlarge"
            job.node = {{ {nic} }}
            loader.tf-data = {{}}
            storage.own.parallel-fs = {{}}
            "#
        ));
        let ingestsim_model::tier::Source::Fabric(fabric) = plan.path.source else {
            panic!("a network tier")
        };
        fabric.client.expect("a node has an interface")
    };
    let stated = client(r#"nic.baseline = "1 GB/s""#);
    assert_eq!((stated.baseline.bytes_per_second(), stated.burst), (1_000_000_000, None));
}

/// A link to EBS of 100 MB/s that bursts to 500 with 4 GB saved up, before a gp3 volume of 500 MB/s: the copy of 6 GB takes
/// 10 s at 500 MB/s and 10 s at 100. It spends what is saved up, so that the loop then reads at 100 MB/s: 60 s. Where the
/// copy takes 50 s longer for its objects, 5 GB have come in by then, the bucket is full again, and the loop takes 20 s.
#[test]
fn a_link_to_ebs_bursts_for_the_copy_and_for_the_reads() {
    let copied = |per_object: &str| {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = 600, file-size = "10 MB" }}
            job.node.ebs = {{ baseline = "100 MB/s", burst = "500 MB/s", bucket = "4 GB" }}
            loader.tf-data = {{ parallel-reads = 8, prefetch = 60 }}
            [storage.copied.s3]
            mode = "file"
            volume.gp3 = {{ size = "100 GB", rate = "500 MB/s" }}
            downloader = {{ fixed = "0 s", per-object = "{per_object}", rate = "2 GB/s" }}
            "#
        ));
        (outcome.summary.downloading_s, outcome.summary.loop_s)
    };
    let (downloading_s, loop_s) = copied("0 ms");
    near(downloading_s, 20.0, 1e-3);
    near(loop_s, 60.0, 1e-3);
    let (downloading_s, loop_s) = copied("100 ms");
    near(downloading_s, 80.0, 1e-3);
    near(loop_s, 20.0, 1e-2);
}
