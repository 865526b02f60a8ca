//! What small jobs cost, by hand.

use ingestsim_model::Outcome;

use crate::scene::{near, run};

/// Hours of a month.
const MONTH: f64 = 730.0;

/// Two nodes at 3.60 $/h for an hour: ten steps of 6 min on 20 files of 50 MiB. What else takes time is below a second.
fn an_hour(keys: &str) -> Outcome {
    let outcome = run(&format!(
        r#"
        dataset = {{ files = 20, file-size = "50 MiB" }}
        loader.tf-data.parallel-reads = 1
        [job]
        instances = 2
        batch-size = 1
        step-time = "6 min"
        node.price = 3.60
        {keys}
        "#
    ));
    near(outcome.summary.loop_s, 3_600.0, 1e-3);
    outcome
}

/// The cost of the one item with this name.
#[track_caller]
fn item(outcome: &Outcome, name: &str) -> f64 {
    let mut rows = outcome.costs.iter().filter(|row| row.item.starts_with(name));
    let row = rows.next().unwrap_or_else(|| panic!("no {name} among {:?}", outcome.costs));
    assert!(rows.next().is_none(), "two rows of {name}");
    near(row.cost_usd, row.quantity * row.price_usd, 1e-12);
    row.cost_usd
}

fn parts(outcome: &Outcome) -> [f64; 6] {
    let summary = &outcome.summary;
    [
        summary.cost_compute_usd,
        summary.cost_storage_usd,
        summary.cost_throughput_usd,
        summary.cost_requests_usd,
        summary.cost_volume_usd,
        summary.cost_transfer_usd,
    ]
}

/// Two instances for an hour are 7.20 $; 20 GETs at 0.0004 $ a thousand; 1,000 MiB in S3 for an hour of the month at
/// 0.023 $ a GB. Twenty samples, so a million would cost 50,000 times as much.
#[test]
fn s3_is_paid_by_the_request_and_for_its_storage() {
    let outcome = an_hour("[storage.direct.s3]\nmode = \"direct\"");
    near(outcome.summary.cost_compute_usd, 7.20, 1e-3);
    near(item(&outcome, "S3 GET"), 20.0 * 0.0004 / 1_000.0, 1e-9);
    near(outcome.summary.cost_requests_usd, 20.0 * 0.0004 / 1_000.0, 1e-9);
    near(outcome.summary.cost_storage_usd, 1_000.0 / 1_024.0 * 0.023 / MONTH, 1e-3);
    near(outcome.summary.cost_total_usd, parts(&outcome).iter().sum(), 1e-12);
    near(outcome.summary.cost_per_million_samples_usd, outcome.summary.cost_total_usd * 50_000.0, 1e-9);
    near(outcome.summary.cost_per_epoch_usd, outcome.summary.cost_total_usd, 1e-12);
}

/// Express One Zone: 0.00003 $ a thousand GETs, 0.0006 $ a GB retrieved (1.048576 of them), 0.11 $ a GB-month.
#[test]
fn express_is_paid_by_the_byte_too() {
    let outcome = an_hour("[storage.direct.s3]\nmode = \"direct\"\nclass = \"express-one-zone\"");
    near(outcome.summary.cost_requests_usd, 20.0 * 0.00003 / 1_000.0, 1e-9);
    near(outcome.summary.cost_throughput_usd, 1.048_576 * 0.0006, 1e-9);
    near(outcome.summary.cost_storage_usd, 1_000.0 / 1_024.0 * 0.11 / MONTH, 1e-3);
}

/// FastFile lists one page for the job beside its GETs: 0.005 $ a thousand.
#[test]
fn fast_file_pays_for_its_listing() {
    let outcome = an_hour("[storage.stream.s3]\nmode = \"fast-file\"");
    near(item(&outcome, "S3 LIST"), 0.005 / 1_000.0, 1e-9);
    near(item(&outcome, "S3 GET"), 20.0 * 0.0004 / 1_000.0, 1e-9);
}

/// File mode copies all objects to each of two nodes: 40 GETs, two listings. Each node has a gp2 of 100 GiB at 0.10 $ a
/// GB-month for an hour and the copy before it, 15.8 s + 20 × 6.927 ms + 1,000 MiB at 128 MiB/s.
#[test]
fn file_mode_pays_for_copies_and_volumes() {
    let outcome = an_hour("[storage.copied.s3]\nmode = \"file\"\nvolume.gp2.size = \"100 GiB\"");
    near(item(&outcome, "S3 GET"), 40.0 * 0.0004 / 1_000.0, 1e-9);
    near(item(&outcome, "S3 LIST"), 2.0 * 0.005 / 1_000.0, 1e-9);
    let hours = (3_600.0 + 15.8 + 0.138_54 + 1_000.0 / 128.0) / 3_600.0;
    near(outcome.summary.cost_volume_usd, 2.0 * 100.0 * 0.10 * hours / MONTH, 1e-3);
    near(outcome.summary.cost_compute_usd, 2.0 * 3.60 * hours, 1e-3);
}

/// gp3 with 4,000 operations and 225 MiB/s pays for 1,000 and 100 above what is included.
#[test]
fn gp3_pays_for_what_is_above_its_base() {
    let volume = "volume.gp3 = { size = \"100 GiB\", iops = 4000, rate = \"225 MiB/s\" }";
    let outcome = an_hour(&format!("[storage.copied.s3]\nmode = \"file\"\n{volume}"));
    let month = 2.0 * (100.0 * 0.08 + 1_000.0 * 0.005 + 100.0 * 0.04);
    near(outcome.summary.cost_volume_usd, month * outcome.summary.billed_s / 3_600.0 / MONTH, 1e-9);
}

/// Elastic EFS: 1,000 MiB read at 0.03 $ a GB of 2^30, and as much stored at 0.30 $ a GB-month.
#[test]
fn elastic_efs_is_paid_by_the_byte_read() {
    let outcome = an_hour("[storage.shared.efs]");
    near(outcome.summary.cost_throughput_usd, 1_000.0 / 1_024.0 * 0.03, 1e-9);
    near(outcome.summary.cost_storage_usd, 1_000.0 / 1_024.0 * 0.30 / MONTH, 1e-3);
}

/// A request counts at least 4 KiB: 10,000 files of 1 KiB are billed as 10,000 × 4 KiB.
#[test]
fn elastic_efs_counts_small_reads_as_four_kibibytes() {
    let outcome = run(r#"
        dataset = { files = 10_000, file-size = "1 KiB" }
        loader.tf-data = { parallel-reads = 16 }
        storage.shared.efs = {}
        "#);
    near(outcome.summary.cost_throughput_usd, 40_000.0 / 1_048_576.0 * 0.03, 1e-9);
}

/// Provisioned EFS: 300 MiB/s less the 5 MiB/s that 102.4 GiB earn, at 6 $ a MiB/s-month; 102.4 GiB stored.
#[test]
fn provisioned_efs_pays_for_what_the_storage_does_not_earn() {
    let outcome =
        an_hour("[storage.shared.efs]\nthroughput = { provisioned = \"300 MiB/s\" }\nstored = \"102.4 GiB\"");
    near(outcome.summary.cost_throughput_usd, 295.0 * 6.0 / MONTH, 1e-3);
    near(outcome.summary.cost_storage_usd, 102.4 * 0.30 / MONTH, 1e-3);
}

const SCRATCH: &str = "[storage.lustre.fsx-lustre]\ndeployment = \"scratch-2\"\ncapacity = \"1.2 TiB\"\n";

/// SCRATCH_2 of 1,200 GiB at 0.14 $ a GB-month for an hour, and the set in S3 behind it.
#[test]
fn lustre_is_paid_by_its_capacity_and_time() {
    let outcome = an_hour(SCRATCH);
    near(item(&outcome, "FSx for Lustre SCRATCH_2"), 1_200.0 * 0.14 / MONTH, 1e-3);
    near(item(&outcome, "S3 Standard storage"), 1_000.0 / 1_024.0 * 0.023 / MONTH, 1e-3);
}

/// Kept for 30 days and shared by 20 jobs, 1,200 GiB cost each 1,200 × 0.14 × 720 / 730 / 20 $, whatever the job takes. Left
/// behind for 8 h, 1,200 × 0.14 × 8 / 730 more. `bill-storage = "none"` leaves both tiers out.
#[test]
fn lustre_is_shared_left_behind_or_paid_by_others() {
    let shared = an_hour(&format!("{SCRATCH}bill-storage = {{ retention = \"30 d\", jobs = 20 }}"));
    near(item(&shared, "FSx for Lustre SCRATCH_2"), 1_200.0 * 0.14 * 720.0 / MONTH / 20.0, 1e-9);
    let left = an_hour(&format!("bill-idle = \"8 h\"\n{SCRATCH}"));
    let idle = left.costs.iter().find(|row| row.item.ends_with("left behind after the job"));
    near(idle.expect("what is left behind has a row").cost_usd, 1_200.0 * 0.14 * 8.0 / MONTH, 1e-9);
    near(left.summary.cost_storage_usd, 1_200.0 * 0.14 * 9.0 / MONTH, 1e-3);
    let free = an_hour(&format!("{SCRATCH}bill-storage = \"none\""));
    assert_eq!(free.summary.cost_storage_usd, 0.0);
}

/// Each file that a lazy load restores is a GET; a one-time load restores all of them before, so as many.
#[test]
fn restores_are_paid_as_gets() {
    for load in ["lazy", "one-time"] {
        let outcome = an_hour(&format!("{SCRATCH}load = \"{load}\""));
        near(item(&outcome, "S3 GET requests of restores"), 20.0 * 0.0004 / 1_000.0, 1e-9);
    }
}

/// 500 metadata operations above the 1,500 of 1.2 TiB, at 0.055 $ a month each.
#[test]
fn lustre_pays_for_metadata_above_the_automatic_ones() {
    let outcome = an_hour(
        "[storage.lustre.fsx-lustre]\ndeployment = \"persistent-2-125\"\ncapacity = \"1.2 TiB\"\nmetadata-iops = 2000",
    );
    near(outcome.summary.cost_throughput_usd, 500.0 * 0.055 / MONTH, 1e-3);
    near(item(&outcome, "FSx for Lustre PERSISTENT_2 SSD-125"), 1_200.0 * 0.145 / MONTH, 1e-3);
}

/// A user's own tier costs its price a GB-month of the data set; a price of the catalog can be replaced.
#[test]
fn own_prices_count() {
    let own = an_hour("[storage.own.parallel-fs]\nprice = 7.3");
    near(own.summary.cost_storage_usd, 1_000.0 / 1_024.0 * 7.3 / MONTH, 1e-3);
    let dear = an_hour("[storage.direct.s3]\nmode = \"direct\"\n[prices]\n\"s3.price_get\" = 1_000.0");
    near(dear.summary.cost_requests_usd, 20.0, 1e-9);
}

/// A file of 3.6 GB at 1 MB/s takes an hour, as does its step, and without workers they alternate: half of what the
/// instance costs, 20 h at 3.60 $, is for a stalled GPU.
#[test]
fn stalled_gpus_cost_their_share_of_the_instances() {
    let outcome = run(r#"
        dataset = { files = 10, file-size = "3.6 GB" }
        job = { batch-size = 1, step-time = "1 h", node.price = 3.60 }
        loader.pytorch = {}
        storage.own.parallel-fs.rate = "1 MB/s"
        "#);
    near(outcome.summary.loop_s, 72_000.0, 1e-6);
    // The mount takes a second beside the 20 h.
    near(outcome.summary.cost_compute_usd, 72.0, 1e-4);
    near(outcome.summary.cost_stalled_usd, 36.0, 1e-4);
}
