//! Every item at reduced size, held against what a pencil says of it.

use std::sync::LazyLock;

use ingestsim_catalog::Catalog;

use super::*;

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);

#[track_caller]
fn reduced(item: Item) -> Found {
    let means = Means { size: Size::Reduced, ..Means::of(&CATALOG) };
    let reproduced = item.reproduce(means).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(reproduced.item, item);
    assert!(reproduced.runs.iter().all(|run| run.events > 0), "{:?}", reproduced.runs);
    reproduced.found
}

#[track_caller]
fn near(found: f64, expected: f64, share: f64) {
    assert!((found / expected - 1.0).abs() <= share, "found {found}, expected {expected} ± {share}");
}

macro_rules! found {
    ($item:ident) => {
        match reduced(Item::$item) {
            Found::$item(found) => found,
            other => panic!("another item was computed: {other:?}"),
        }
    };
}

/// 500 GB at gp2's 250 MiB/s: 1,907 s and the fixed 15.8 s; 4,545,455 names at 495 /s: 9,183 s; a lazy epoch at 24 readers
/// and 0.5 s + 110 kB / 45 MB/s + 10.7 ms each: 4,545,455 × 0.513 / 24 = 97,200 s.
#[test]
fn example_1_starts_as_the_guide_says_only_where_the_data_is() {
    let found = found!(Example1);
    assert_eq!(found.files, 4_545_455);
    let start_s = |storage: &str| found.of(storage).start.summary().data_startup_s;
    near(start_s("file-guide"), 900.0, 0.05);
    near(start_s("file-gp2"), 500e9 / (250.0 * 1_048_576.0) + 15.8, 0.01);
    assert!(start_s("fsx-resident") < 60.0);
    near(found.of("fsx-created").import_s, 9_182.7, 1e-3);
    near(found.of("fsx-lazy").first_epoch_s, 4_545_455.0 * 0.513 / 24.0, 0.05);
    assert!(found.of("fsx-lazy").second_epoch_s < 0.1 * found.of("fsx-lazy").first_epoch_s);
}

/// Storage is billed by price over the same time: 0.145 / 0.14 and 0.29 / 0.14 of Scratch. One server fails 0.0029 × 2
/// times a week: over four trials of 24.5 min 5.6e-5.
#[test]
fn example_2_bills_what_the_prices_say() {
    let found = found!(Example2);
    let storage = |name: &str| tuning::of(&found.types, name).ran.summary().cost_storage_usd;
    near(storage("p2-125") / storage("scratch-2"), 0.145 / 0.14, 0.01);
    near(storage("p1-200") / storage("scratch-2"), 0.29 / 0.14, 0.02);
    near(found.loss_probability, 0.0029 * 2.0 / 604_800.0 * 4.0 * 1_470.0, 0.01);
    assert_eq!(tuning::of(&found.types, "p1-50").disk_rate, 60e6);
    assert!(found.check.off() < 3.0, "{:?}", found.check);
}

/// n files of s bytes, n·s = 10 TB: 300 + n / 495 + n (0.5 + s / 45e6) / 80 = 43,200 s has its root at 2.07 MB; the load
/// alone, n (0.5 + s / 45e6) / 80 = 43,200, at 1.55 MB.
#[test]
fn overnight_turns_where_the_equation_has_its_root() {
    let found = found!(Overnight);
    let turn = |turning: Turning| turning.at().unwrap().after;
    near(turn(found.night), 2.07e6, 0.02);
    near(turn(found.night_alone), 1.548e6, 0.02);
    near(found.loads[0].load_s, 90_909_091.0 * (0.5 + 0.11 / 45.0) / 80.0, 1e-3);
    near(found.loads.last().unwrap().load_s, 10e12 / 1.05e9, 0.01);
    near(turn(found.concurrency), 90_909_091.0 * (0.5 + 0.11 / 45.0) / 43_200.0, 0.01);
    near(found.ran.summary().provisioning_s, found.loads[0].total_s(), 1e-6);
}

/// Bursting EFS reads at 300 MiB/s, whatever the number of nodes: 2 GB/s that ten ask for come at 315 MB/s.
#[test]
fn embeddings_on_bursting_efs_share_one_rate() {
    let found = found!(Embeddings);
    let bursting = ran::of(found.asked(), "efs-bursting").summary();
    near(bursting.bytes_per_s, 300.0 * 1_048_576.0, 0.02);
    assert!(ran::of(found.asked(), "efs-elastic").summary().gpu_utilisation > 0.9);
    assert_eq!(found.by_nodes.iter().map(|(nodes, _)| *nodes).collect::<Vec<_>>(), [1, 2, 5, 10, 20, 40]);
}

/// Whoever has the smallest bill at one end of a search does not have it at the other.
#[test]
fn rule_s3_turns_between_small_objects_and_large_ones() {
    let found = found!(RuleS3);
    let turn = found.turn.at().unwrap();
    assert!(turn.before < turn.after && turn.after <= 1.4 * turn.before);
    assert_ne!(ran::cheapest(&found.along[0].1).storage, found.recommended);
    assert!((100e3..10e6).contains(&turn.after), "{turn:?}");
}

#[test]
fn rule_fsx_is_dearer_for_one_epoch_than_for_eight() {
    let found = found!(RuleFsx);
    let bills: Vec<f64> =
        found.along.iter().map(|(_, runs)| ran::of(runs, "fast-file").summary().cost_total_usd).collect();
    assert!(bills.is_sorted(), "{bills:?}");
    assert_eq!(found.along.first().unwrap().0, 1.0);
    assert_eq!(found.along.last().unwrap().0, 8.0);
}

/// The thirtieth of 1,200 GiB at $0.145: $5.80. EFS bills $0.30 a GiB, so the two are level where a thirtieth of it is
/// as much, less what the set in S3 behind FSx costs: 174 / (0.30 − 0.023) = 628 GiB or 674 GB.
#[test]
fn rule_efs_turns_where_the_least_of_fsx_is_paid_for() {
    let found = found!(RuleEfs);
    let fsx = ran::of(&found.asked, "fsx");
    let capacity = fsx.outcome.costs.iter().find(|row| row.part == "storage").unwrap();
    near(capacity.cost_usd, 1_200.0 * 0.145 / 30.0, 1e-3);
    let (turn, level) = (found.turn.at().unwrap(), 174.0 / 0.277 * 1_073_741_824.0);
    assert!(turn.before < level && level < turn.after, "{turn:?} around {level}");
    assert!(found.second.unwrap().at().unwrap().after < found.turn.at().unwrap().before);
}

/// Disks of 1.2 TiB without credit: 240 MB/s of Scratch, 60 of the slowest Persistent type, 1,200 of the fastest.
#[test]
fn frontier_has_the_rates_of_the_disks() {
    let found = found!(Frontier);
    let large = found.conditions.iter().find(|one| one.file_bytes == 100e6 && one.readers == 6).unwrap();
    let rate =
        |storage: &str| large.offers.iter().find(|offer| offer.storage == storage).unwrap().bytes_per_s;
    near(rate("scratch-2"), 240e6, 0.02);
    near(rate("p1-50"), 60e6, 0.02);
    near(rate("p2-1000"), 1.2e9, 0.05);
    assert!(found.conditions.iter().all(|one| one.front().iter().any(|offer| offer.storage == "s3")));
    assert_eq!(found.conditions.len(), 4);
}

/// The one-time load is behind for one step and ahead after a whole epoch.
#[test]
fn a_one_time_load_overtakes_within_the_first_epoch() {
    let found = found!(LazyOrOneTime);
    let turn = found.sooner.at().unwrap();
    assert!(turn.after <= found.steps_per_epoch as f64, "{turn:?}");
    assert!(found.cheaper.at().is_none_or(|cheaper| cheaper.after <= turn.after));
    assert!(found.lazy.summary().time_to_first_batch_s < found.one_time.summary().time_to_first_batch_s);
}

#[test]
fn resident_data_is_ahead_of_fast_file_from_the_first_epoch_on() {
    let found = found!(SmallFiles);
    let of = |storage: &str| found.turns.iter().find(|(name, ..)| name == storage).unwrap();
    let (_, _, sooner) = of("fsx-resident");
    assert_eq!(sooner.turning, Turning::Always);
    let (_, _, sooner) = of(small_files::ONE_TIME);
    assert!(sooner.turning == Turning::Never || sooner.exact, "{sooner:?}");
    let simulated = &found.runs[0];
    let epochs = simulated.epochs_s().count() as u64;
    near(small_files::total_s(simulated, epochs), simulated.summary().total_s, 1e-12);
    near(small_files::cost_usd(simulated, epochs), simulated.summary().cost_total_usd, 1e-12);
}

/// 1,200 GiB × $0.14 / 730 h × 24 h = $5.52 a day; four times the capacity costs four times as much.
#[test]
fn an_idle_day_costs_the_price_of_its_gigabytes() {
    let found = found!(Idle);
    near(idle::usd_per_day(&found.capacities[0].1), 1_200.0 * 0.14 / 730.0 * 24.0, 1e-3);
    near(idle::usd_per_day(&found.capacities[1].1), 4_800.0 * 0.14 / 730.0 * 24.0, 1e-3);
}

/// 100 GB at ten parts of 95 MiB/s: 100.4 s; at EFS's 1,500 MiB/s: 63.6 s; at 480 MB/s of Scratch of 4.8 TiB: 208 s.
#[test]
fn a_checkpoint_takes_its_size_over_the_rate_of_writing() {
    let found = found!(CheckpointTime);
    let seconds = |target: &str| {
        let target = found.targets.iter().find(|one| one.name == target).unwrap();
        target.sizes.iter().find(|(size, _)| *size == 100e9).unwrap().1
    };
    near(seconds("s3"), 100e9 / (10.0 * 95.0 * 1_048_576.0), 0.01);
    near(seconds("efs"), 100e9 / (1_500.0 * 1_048_576.0), 0.01);
    near(seconds("scratch-2"), 100e9 / 480e6, 0.01);
    near(seconds("nvme"), 100e9 / 6.1e9, 0.01);
}

#[test]
fn a_checkpoint_in_the_background_never_costs_more_than_a_blocking_one() {
    let found = found!(CheckpointBackground);
    for (size, blocking, background) in &found.sizes {
        let lost = |ran: &Ran| checkpoints::lost(ran, &found.none);
        assert!(lost(background) <= lost(blocking), "{size}");
    }
    assert!(checkpoints::lost(&found.sizes[0].2, &found.none) < checkpoints::FELT);
}

/// √(2 × 100.4 s × 18,000 s) = 1,901 s, and the simulated optimum is within a factor of two.
#[test]
fn the_best_interval_is_near_youngs() {
    let found = found!(CheckpointInterval);
    near(found.young_s(), 1_901.0, 0.01);
    assert!((0.5..=2.0).contains(&(found.best().every_s / found.young_s())), "{:?}", found.best());
    for every in &found.intervals {
        near(every.total_s.mean.unwrap(), every.expected_s, 0.15);
    }
}

/// 12 TiB are five servers: 1 − e^(−0.0029 × 6) = 1.72 % a week. Half a week lost and loading again for each.
#[test]
fn a_lost_server_costs_half_the_work_unless_that_is_saved() {
    let found = found!(CheckpointLoss);
    let week = found.lengths.iter().find(|length| length.training_s == 604_800.0).unwrap();
    near(week.probability, 1.0 - (-0.0029_f64 * 6.0).exp(), 1e-3);
    near(week.lost_with_it_s, 0.0174 * (302_400.0 + found.restart_s), 0.02);
    near(week.kept_s, 0.0174 * (1_800.0 + found.restart_s), 0.02);
    assert!(found.lost_with_it.off() < 3.0 && found.kept.off() < 3.0, "{found:?}");
}

/// What an item cannot be computed from is refused before it is run, in whichever item.
#[test]
fn unsuited_jobs_are_refused_by_the_check() {
    let check = |item: Item, set: &str| {
        let over = [Set::parse(set)];
        item.check(Means { over: &over, ..Means::of(&CATALOG) })
    };
    for (item, set) in [
        (Item::Example1, "job.epochs=1"),
        (Item::Example2, "job.failures.storage=false"),
        (Item::CheckpointTime, "job.checkpoint.every-steps=1_000_000"),
        (Item::CheckpointInterval, "job.failures.spot-per-hour=0"),
        (Item::CheckpointLoss, "job.failures.storage=false"),
    ] {
        let refused = check(item, set);
        assert!(matches!(refused, Err(ReproduceError::Unsuited { .. })), "{refused:?}");
    }
    for item in Item::ALL {
        assert!(check(item, "seed=5").is_ok(), "{}", item.id());
    }
}

/// The seed is another job's no more by one flag than by the other.
#[test]
fn a_seed_makes_no_other_job() {
    for (set, expected) in [
        ("seed=5", false),
        ("name=\"mine\"", false),
        ("description=\"\"", false),
        ("job.batch-size=32", true),
    ] {
        assert_eq!(makes_another_job(&Set::parse(set)), expected, "{set}");
    }
    assert!(!makes_another_job(&Set::flag("--seed 5", "seed", "5")));
}

#[test]
fn items_are_found_by_their_names() {
    for item in Item::ALL {
        assert_eq!(Item::of(item.id()), Some(item));
    }
    assert_eq!(Item::of("example-3"), None);
}

/// The same item twice, on one thread and on two: the same digests of all events.
#[test]
fn the_same_runs_come_out_on_any_number_of_threads() {
    let runs = |threads| {
        let means = Means { threads, size: Size::Reduced, ..Means::of(&CATALOG) };
        Item::Frontier.reproduce(means).unwrap().runs
    };
    assert_eq!(runs(1), runs(2));
}
