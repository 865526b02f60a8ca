//! Every item at reduced size, put into words.

use std::sync::LazyLock;

use ingestsim_catalog::Catalog;
use ingestsim_model::outcome::Summary;
use ingestsim_sweep::reproduce::{Means, Ran, Size, Turn, Turning, embeddings::NODES};

use super::*;

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);

static REPRODUCED: LazyLock<Vec<Reproduced>> = LazyLock::new(|| {
    let means = Means { size: Size::Reduced, ..Means::of(&CATALOG) };
    Item::ALL.into_iter().map(|item| item.reproduce(means).unwrap()).collect()
});

fn verdicts() -> Vec<Verdict> {
    REPRODUCED.iter().map(|reproduced| Verdict::of(reproduced, "study-guide · seed 1")).collect()
}

/// The words for an item as it is.
fn unaltered(item: Item) -> Verdict {
    Verdict::of(REPRODUCED.iter().find(|one| one.item == item).unwrap(), "")
}

/// The words for an item some of whose figures are others.
macro_rules! altered {
    ($item:ident, $found:ident => $alter:expr) => {{
        let of_item = |one: &&Reproduced| one.item == Item::$item;
        let mut reproduced = REPRODUCED.iter().find(of_item).unwrap().clone();
        let Found::$item($found) = &mut reproduced.found else { panic!("an item has its own figures") };
        $alter;
        Verdict::of(&reproduced, "")
    }};
}

fn summary<'a>(runs: &'a mut [Ran], storage: &str) -> &'a mut Summary {
    &mut runs.iter_mut().find(|ran| ran.storage == storage).unwrap().outcome.summary
}

const HERE: Turning = Turning::At(Turn { before: 2.0, after: 3.0 });

#[test]
fn example_1_hangs_on_the_start_with_resident_data_and_on_the_guides_copy() {
    let start = |storage: &'static str, seconds: f64| {
        altered!(Example1, found => {
            let profile = found.profiles.iter_mut().find(|one| one.start.storage == storage).unwrap();
            profile.start.outcome.summary.data_startup_s = seconds;
        })
    };
    assert!(start("fsx-resident", 59.0).agrees);
    assert!(!start("fsx-resident", 61.0).agrees);
    assert!(!start("file-guide", 960.0).agrees);
    let verdict = start("file-gp2", 1_800.0);
    assert!(verdict.computed[0].starts_with("500 GB in 15 min are 556 MB/s. "), "{}", verdict.computed[0]);
    assert!(verdict.computed[0].contains("and 30 min onto a gp2 volume"), "{}", verdict.computed[0]);
    assert!(verdict.computed[0].contains("copies 132 of these files a second"), "{}", verdict.computed[0]);
}

#[test]
fn example_2_names_whatever_is_cheapest() {
    let bill = |usd: f64| {
        altered!(Example2, found => {
            let scratch = found.types.iter_mut().find(|one| one.ran.storage == "scratch-2").unwrap();
            scratch.ran.outcome.summary.cost_total_usd = usd;
        })
    };
    let (cheap, dear) = (bill(1.0), bill(9.0));
    assert!(cheap.agrees && cheap.title.starts_with("Two hours of tuning cost least on Scratch: "));
    assert!(!dear.agrees);
    assert_eq!(dear.title, "Two hours of tuning cost least on FSx Persistent 2-125, not on Scratch");
    assert!(cheap.assumption.contains("costs $0.140 on Scratch and $0.145 on FSx Persistent 2-125"));
}

#[test]
fn a_load_that_no_file_size_makes_quick_enough_is_not_one_overnight() {
    let verdict = altered!(Overnight, found => found.night = Turning::Never);
    assert!(!verdict.agrees);
    assert!(
        verdict.title.starts_with("10 TB load overnight in no file of 1 GB or less"),
        "{}",
        verdict.title
    );
    assert!(altered!(Overnight, found => found.night = Turning::Always).agrees);
}

#[test]
fn embeddings_hang_on_ten_busy_nodes() {
    let busy = |share: f64| {
        altered!(Embeddings, found => {
            let (_, runs) = found.by_nodes.iter_mut().find(|(nodes, _)| *nodes == NODES).unwrap();
            summary(runs, "efs-elastic").gpu_utilisation = share;
        })
    };
    assert!(busy(0.96).agrees && busy(0.96).title.starts_with("EFS serves ten nodes"));
    assert!(!busy(0.5).agrees && busy(0.5).title.starts_with("EFS does not serve ten nodes"));
}

#[test]
fn a_selection_rule_holds_where_its_service_has_the_smallest_bill() {
    let s3 =
        |usd: f64| altered!(RuleS3, found => summary(&mut found.asked, "fast-file").cost_total_usd = usd);
    assert!(s3(0.1).agrees && s3(0.1).title.contains("FastFile wins"));
    assert!(!s3(99.0).agrees && s3(99.0).title.contains("not streamed from S3"), "{}", s3(99.0).title);
    let fsx = |usd: f64, turn: Turning| {
        altered!(RuleFsx, found => {
            summary(&mut found.asked, "fsx").cost_total_usd = usd;
            found.turn = turn;
        })
    };
    assert!(fsx(0.1, HERE).agrees && fsx(0.1, HERE).title.ends_with("from 3 epochs on"));
    let dear = fsx(99.0, Turning::Never);
    assert!(!dear.agrees && dear.title.ends_with("for no number of epochs up to 8"), "{}", dear.title);
}

/// EFS is held against file systems: that S3 is cheaper for reading is said and does not count.
#[test]
fn the_rule_for_efs_is_about_file_systems() {
    let bills = |fsx: f64, stream: f64| {
        altered!(RuleEfs, found => {
            summary(&mut found.asked, "fsx").cost_total_usd = fsx;
            summary(&mut found.asked, "fast-file").cost_total_usd = stream;
        })
    };
    let both = bills(99.0, 0.01);
    assert!(both.agrees && both.title.ends_with("for reading alone S3 FastFile is"), "{}", both.title);
    assert!(bills(99.0, 99.0).agrees && bills(99.0, 99.0).title.starts_with("EFS is cheapest"));
    assert!(!bills(0.01, 99.0).agrees && bills(0.01, 99.0).title.contains("on FSx for Lustre, not on EFS"));
}

/// With a price below all others every service is on the frontier that is fast enough; EFS is dearer than Scratch here.
#[test]
fn the_frontier_holds_what_nothing_beats() {
    let verdict = unaltered(Item::Frontier);
    assert!(!verdict.agrees);
    assert!(verdict.computed.iter().any(|said| {
        said.contains("read 10 times a month, a gigabyte costs as much there as on FSx Persistent 2-1000")
    }));
    let ordered = altered!(Frontier, found => for condition in &mut found.conditions {
        for offer in &mut condition.offers {
            (offer.usd_per_gb_month, offer.bytes_per_s) = match offer.kind {
                "s3" => (0.02, 1e8),
                "efs" => (0.1, 2e8),
                _ => (0.2, 3e8),
            };
        }
    });
    assert!(ordered.agrees, "{:?}", ordered.computed);
    assert!(ordered.title.starts_with("The frontier of price and throughput holds S3"), "{}", ordered.title);
}

#[test]
fn a_one_time_load_has_to_overtake_within_an_epoch() {
    let sooner = |turn| altered!(LazyOrOneTime, found => found.sooner = turn);
    assert!(sooner(HERE).agrees && sooner(HERE).title.contains("once a job reads "));
    assert!(!sooner(Turning::Never).agrees);
    assert_eq!(sooner(Turning::Never).title, "Lazy load is done first, even after three epochs");
    let late = f64::from(u32::MAX);
    assert!(!sooner(Turning::At(Turn { before: late, after: late })).agrees);
}

#[test]
fn small_files_turn_or_do_not() {
    let cheaper = |turn| altered!(SmallFiles, found => for (_, cheaper, _) in &mut found.turns { cheaper.turning = turn; });
    assert!(cheaper(HERE).agrees && cheaper(Turning::Always).agrees);
    assert!(!cheaper(Turning::Never).agrees);
}

#[test]
fn an_idle_file_system_costs_what_its_slope_says() {
    let verdict = unaltered(Item::Idle);
    assert!(verdict.agrees && verdict.title.contains("of 1.2 TiB costs $5.52 a day"), "{}", verdict.title);
    let free = altered!(Idle, found => for (_, runs) in &mut found.capacities {
        for (_, ran) in runs { ran.outcome.summary.cost_total_usd = 3.0; }
    });
    assert!(!free.agrees && free.title.ends_with("costs nothing"), "{}", free.title);
}

#[test]
fn checkpoints_differ_where_a_file_system_is_slower_than_s3() {
    let verdict = unaltered(Item::CheckpointTime);
    assert!(!verdict.agrees && verdict.computed.iter().any(|said| said == "Slower than S3: FSx Scratch 2."));
    let quick = altered!(CheckpointTime, found => for target in &mut found.targets {
        for (size, seconds) in &mut target.sizes { *seconds = *size / if target.name == "s3" { 1e9 } else { 2e9 }; }
    });
    assert!(quick.agrees && quick.computed.iter().any(|said| said == "Every file system is faster than S3."));
}

#[test]
fn the_background_has_to_gain() {
    assert!(unaltered(Item::CheckpointBackground).agrees);
    let level = altered!(CheckpointBackground, found => for (_, blocking, behind) in &mut found.sizes {
        *behind = blocking.clone();
    });
    assert!(!level.agrees);
}

#[test]
fn the_best_interval_is_youngs_or_it_is_not() {
    assert!(altered!(CheckpointInterval, found => found.checkpoint_s = found.best().every_s.powi(2) / 2.0 / found.between_s).agrees);
    assert!(!altered!(CheckpointInterval, found => found.checkpoint_s *= 25.0).agrees);
}

#[test]
fn losses_count_where_checkpoints_save_something_and_theory_is_met() {
    assert!(altered!(CheckpointLoss, found => { found.kept.simulated_s = found.kept.expected_s; found.lost_with_it.simulated_s = found.lost_with_it.expected_s; }).agrees);
    let level = altered!(CheckpointLoss, found => for length in &mut found.lengths { length.kept_s = length.lost_with_it_s; });
    assert!(!level.agrees);
    let off = altered!(CheckpointLoss, found => found.kept.simulated_s = found.kept.expected_s + 3.0 * found.kept.ci95_s);
    assert!(!off.agrees);
}

#[test]
fn every_item_says_what_came_out_and_under_which_assumption() {
    for verdict in verdicts() {
        let text = verdict.text();
        for part in ["\nThe guide   ", "\nComputed    ", "\nAgrees      ", "\nAssumption  "] {
            assert!(text.contains(part), "{text}");
        }
        let sentences =
            [vec![verdict.title.clone(), verdict.assumption.clone()], verdict.computed.clone()].concat();
        for (sentence, nonsense) in sentences
            .iter()
            .flat_map(|sentence| ["NaN", "inf ", "  ", " .", "..", "()"].map(|part| (sentence, part)))
        {
            assert!(!sentence.contains(nonsense), "{nonsense:?} in {sentence}");
        }
        let (words, table) = text.rsplit_once("\n\n").unwrap();
        assert!(words.lines().skip(1).all(|line| line.chars().count() <= 110), "{words}");
        assert!(table.lines().count() >= 5, "{table}");
        assert!(verdict.title.chars().count() <= 150, "{}", verdict.title);
    }
}

/// The keys that programs look for.
#[test]
fn the_document_has_the_promised_keys() {
    let document = json(&verdicts(), &[]);
    let items = document["items"].as_array().unwrap();
    assert_eq!(items.len(), Item::ALL.len());
    for item in items {
        for key in ["id", "guide", "computed", "assumption"] {
            assert!(item[key].as_str().is_some_and(|text| !text.is_empty()), "{key} of {item}");
        }
        assert!(item["agrees"].is_boolean());
    }
}

#[test]
fn every_item_leaves_a_transcript_a_table_a_record_and_a_chart() {
    let verdicts = verdicts();
    let of_items = REPRODUCED.iter().zip(&verdicts).map(|(one, words)| files(one, words, "1.0.0").unwrap());
    let files: Vec<_> = of_items.flatten().chain(files_of_all(&verdicts)).collect();
    assert_eq!(files.len(), 5 * Item::ALL.len() + 2);
    let content = |name: &str| {
        let file = files.iter().find(|file| file.path == std::path::Path::new(name));
        String::from_utf8(file.unwrap_or_else(|| panic!("{name} is left")).content.clone()).unwrap()
    };
    assert!(content("overnight.txt").starts_with("$ ingestsim reproduce overnight\novernight: 10 TB "));
    assert!(
        content("overnight.csv")
            .starts_with("file_bytes,files,creation_s,import_s,load_s,total_s,decided_by\n")
    );
    assert!(content("overnight.provenance.json").contains("\"version\": \"1.0.0\""));
    assert!(content("charts/overnight.svg").starts_with("<svg"));
    let page = content("README.md");
    for item in Item::ALL {
        assert_eq!(page.matches(&format!("\n## {}\n", item.id())).count(), 1);
        assert!(page.contains(&format!("](charts/{}.svg)", item.id())));
    }
}

/// One item alone leaves nothing that would speak for all.
#[test]
fn one_item_leaves_the_page_of_all_alone() {
    let verdicts = verdicts();
    assert_eq!(files(&REPRODUCED[2], &verdicts[2], "1.0.0").unwrap().len(), 5);
    assert!(files_of_all(&verdicts[2..3]).is_empty());
    assert!(files_of_all(&verdicts[1..]).is_empty());
}

/// What failed is named beside what did not, in the answer and in the document; where nothing did, neither speaks of it.
#[test]
fn an_item_that_failed_is_named() {
    let verdicts = &verdicts()[2..3];
    let failed = [Failed { item: Item::Idle, error: "no room".to_owned() }];
    assert_eq!(json(verdicts, &failed)["failed"], json!([{ "id": "idle", "error": "no room" }]));
    assert_eq!(json(verdicts, &[]).get("failed"), None);
    let text = crate::reproduce::summary(verdicts, &failed);
    assert!(text.contains(" items agree with the guide, each under its assumption; 1 failed\n"), "{text}");
    assert!(text.ends_with("\n  idle                  failed   no room\n"), "{text}");
    assert!(!crate::reproduce::summary(verdicts, &[]).contains("failed"));
}

#[test]
fn every_profile_is_called_something() {
    for item in Item::ALL {
        let names = item.scenario().lines().filter_map(|line| line.strip_prefix("[storage."));
        for name in names.filter_map(|rest| rest.split_once('.')).map(|(name, _)| name) {
            let known = words::called(name) != name;
            assert!(known || ["scratch", "bucket"].contains(&name), "{name} of {}", item.id());
        }
    }
}
