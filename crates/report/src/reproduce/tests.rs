//! Every item at reduced size, put into words.

use std::sync::LazyLock;

use ingestsim_catalog::Catalog;
use ingestsim_sweep::{
    Silent,
    reproduce::{Means, Size},
};

use super::*;

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);

static REPRODUCED: LazyLock<Vec<Reproduced>> = LazyLock::new(|| {
    let means = Means { catalog: &CATALOG, threads: 0, size: Size::Reduced, progress: &Silent };
    Item::ALL.into_iter().map(|item| item.reproduce(means).unwrap()).collect()
});

fn verdicts() -> Vec<Verdict> {
    REPRODUCED.iter().map(|reproduced| Verdict::of(reproduced, "study-guide · seed 1")).collect()
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
    let document = json(&verdicts());
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
    let files = files(&REPRODUCED, &verdicts(), "1.0.0").unwrap();
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
    let one = &REPRODUCED[2..3];
    let files = files(one, &verdicts()[2..3], "1.0.0").unwrap();
    assert_eq!(files.len(), 5);
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
