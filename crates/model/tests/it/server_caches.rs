//! What lies before the disks of FSx for Lustre: the SSD read cache, and the cache of Intelligent-Tiering.

use crate::scene::{near, run, seconds};

/// PERSISTENT_1 HDD of 12 MB/s a TiB at 6 TiB: disks of 72 MB/s that burst to 480 for 1 s here, and an SSD cache of a fifth,
/// 1.2 TiB at 200 MB/s a TiB. 6 GB do not stay in 2.4 GiB of memory when they are read in order: the first epoch takes
/// 1 s + 5,520 MB / 72 MB/s from the disks, the second 6 GB / 240 MB/s from the cache.
#[test]
fn an_ssd_cache_serves_what_the_disks_have_read_once() {
    let epochs = |cache: &str| {
        let outcome = run(&format!(
            r#"
            dataset = {{ files = 600, file-size = "10 MB" }}
            job.epochs = 2
            loader.tf-data = {{ parallel-reads = 16, prefetch = 60 }}
            [storage.lustre.fsx-lustre]
            deployment = "persistent-1-hdd-12"
            capacity = "6.0 TiB"
            burst-duration = "1 s"
            ssd-cache = {cache}
            "#
        ));
        seconds(&outcome)
    };
    let [first, second] = epochs("true")[..] else { panic!("two epochs") };
    near(first, 1.0 + 5_520.0 / 72.0, 2e-3);
    near(second, 25.0, 2e-3);
    // Without it the second epoch comes from disks whose credit is spent.
    near(epochs("false")[1], 6_000.0 / 72.0, 2e-3);
}

/// Intelligent-Tiering: each of 400 files waits 30 ms longer when it is read first, and is one billed request then. Opens
/// take 10.67 ms with a tenth of spread, so that two epochs of 400 differ by less than 0.1 s otherwise.
#[test]
fn intelligent_tiering_waits_and_pays_for_a_first_read() {
    let outcome = run(r#"
        dataset = { files = 400, file-size = "1 MB" }
        job.epochs = 2
        loader.tf-data = { parallel-reads = 1, prefetch = 40 }
        storage.lustre.fsx-lustre.deployment = "intelligent-tiering"
        "#);
    let epochs = seconds(&outcome);
    near(epochs[0] - epochs[1], 400.0 * 0.030, 0.01);
    let misses: f64 =
        outcome.costs.iter().filter(|row| row.part == "requests").map(|row| row.quantity * 1_000.0).sum();
    near(misses, 400.0, 1e-9);
}
