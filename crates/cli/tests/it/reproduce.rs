//! `reproduce`: the study guide's items. Only those that take no time are run here.

use std::{
    fs,
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Ended, Workplace};

/// Items whose scenarios have few events.
const QUICK: &str = "overnight idle checkpoint-time";

#[test]
fn an_item_says_what_the_guide_says_and_what_came_out() {
    let workplace = Workplace::new();
    let ended = workplace.run("reproduce overnight");
    assert_eq!(ended.err, "6 files written to results/study-guide/\n");
    let answer = ended.answer();
    assert!(answer.starts_with("overnight: 10 TB load overnight in files of "), "{answer}");
    for part in ["\nThe guide   ", "\nComputed    ", "\nAgrees      yes\n", "\nAssumption  ", "\n 110 kB "] {
        assert!(answer.contains(part), "no {part:?} in {answer}");
    }
    let kept = workplace.text("results/study-guide/overnight.txt");
    assert_eq!(kept, format!("$ ingestsim reproduce overnight\n{answer}"));
    let names: Vec<String> =
        workplace.files("results/study-guide").iter().map(|(path, _)| path.display().to_string()).collect();
    let expected = [
        "charts/overnight.png",
        "charts/overnight.svg",
        "overnight.csv",
        "overnight.provenance.json",
        "overnight.txt",
        "report.html",
    ];
    assert_eq!(names, expected);
}

/// An item with which the guide disagrees ends as well as any other. One that is named twice is computed once.
#[test]
fn a_difference_is_a_finding_and_no_failure() {
    let answer = Workplace::new().run("reproduce checkpoint-time idle checkpoint-time").answer();
    assert!(answer.contains("\nAgrees      no\n"), "{answer}");
    assert!(answer.contains("\n1 of 2 items agree with the guide, each under its assumption\n"), "{answer}");
    assert!(answer.contains("\n  checkpoint-time       differs  "), "{answer}");
}

#[test]
fn an_unknown_item_is_wrong_input_and_nothing_is_run() {
    let workplace = Workplace::new();
    let ended = workplace.run("reproduce overnite");
    assert_eq!(ended.status, Some(2));
    assert_eq!(
        ended.err,
        "error: expected the name of an item, found \"overnite\"; did you mean overnight?\n"
    );
    let ended = workplace.run("reproduce idle xyzzy");
    assert_eq!(ended.status, Some(2));
    assert!(ended.err.contains("; there is example-1, example-2, overnight, "), "{}", ended.err);
    assert!(!workplace.path().join("results").exists());
}

#[test]
fn json_is_one_document_with_the_promised_keys() {
    let workplace = Workplace::new();
    let answer = workplace.run(&format!("reproduce {QUICK} --json")).answer();
    let document: Value = serde_json::from_str(&answer).unwrap();
    let items = document["items"].as_array().unwrap();
    let ids: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, QUICK.split(' ').collect::<Vec<_>>());
    for item in items {
        for key in ["guide", "computed", "assumption"] {
            assert!(item[key].as_str().is_some_and(|text| text.ends_with('.')), "{key} of {item}");
        }
    }
    let agrees: Vec<bool> = items.iter().map(|item| item["agrees"].as_bool().unwrap()).collect();
    assert_eq!(agrees, [true, true, false]);
}

#[test]
fn the_files_are_the_same_twice_and_on_any_number_of_threads() {
    let workplace = Workplace::new();
    let once = workplace.run(&format!("reproduce {QUICK} --threads 1 --out one")).answer();
    let again = workplace.run(&format!("reproduce {QUICK} --threads 1 --out again")).answer();
    let two = workplace.run(&format!("reproduce {QUICK} --threads 2 --out two")).answer();
    assert_eq!(once, again);
    assert_eq!(once, two);
    let files = workplace.files("one");
    assert_eq!(files.len(), 16);
    for other in ["again", "two"] {
        for ((path, content), (path_again, content_again)) in files.iter().zip(workplace.files(other)) {
            assert_eq!(*path, path_again);
            assert!(*content == content_again, "{} differs in {other}", path.display());
        }
    }
}

/// Another batch makes another job of it, which answer, transcript, record, picture and page all say.
#[test]
fn what_is_overridden_is_said_wherever_the_item_is() {
    let workplace = Workplace::new();
    let answer = workplace.run("reproduce idle --set job.batch-size=32 --seed 5").answer();
    let flags = "--set job.batch-size=32 --seed 5";
    assert!(answer.contains("\nAgrees      yes, of another job than the guide's\n"), "{answer}");
    assert!(answer.contains(&format!("\nOverridden  {flags}. ")), "{answer}");
    let kept = |name: &str| workplace.text(format!("results/study-guide-overridden/{name}"));
    assert!(kept("idle.txt").starts_with(&format!("$ ingestsim reproduce idle {flags}\n")));
    let record: Value = serde_json::from_str(&kept("idle.provenance.json")).unwrap();
    assert_eq!(record["overridden"], serde_json::json!(["--set job.batch-size=32", "--seed 5"]));
    assert_eq!(record["seed"], 5);
    assert!(kept("charts/idle.svg").contains("overridden: --set job.batch-size=32"));
    assert!(kept("report.html").contains(&format!("{flags}. The item's job is another one")));
    assert!(!workplace.path().join("results/study-guide").exists(), "the guide's own results stay");
    let document = workplace.run("reproduce idle --set job.batch-size=32 --json").answer();
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["items"][0]["overridden"], serde_json::json!(["--set job.batch-size=32"]));
}

/// A value goes to the items that have its key; the others are as they are written.
#[test]
fn a_value_is_set_where_its_key_is() {
    let workplace = Workplace::new();
    let key = "storage.scratch.fsx-lustre.restore-concurrency=1_000";
    let answer = workplace.run(&format!("reproduce overnight checkpoint-time --set {key}")).answer();
    assert_eq!(answer.matches("Overridden  --set").count(), 1, "{answer}");
    assert!(answer.contains("; 1 of them overridden\n"), "{answer}");
}

#[test]
fn a_value_that_no_item_takes_is_one_error_and_nothing_is_run() {
    let workplace = Workplace::new();
    let ended = workplace.run("reproduce idle --set job.epoks=3");
    assert_eq!(ended.status, Some(2));
    assert!(ended.err.starts_with("--set job.epoks=3: job.epoks: expected a known key"), "{}", ended.err);
    let ended = workplace.run("reproduce --set job.epoks=3");
    assert_eq!(ended.status, Some(2));
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
    assert!(ended.err.contains("expected a key that one of the scenarios takes; example-1 does not"));
    for (item, set, expected) in [
        ("example-1", "job.epochs=1", "a job of two epochs or more"),
        ("example-2", "job.failures.storage=false", "a file system that can be lost (job.failures.storage)"),
        (
            "checkpoint-time",
            "job.checkpoint.every-steps=1_000_000",
            "a job that lasts for a checkpoint or more",
        ),
        ("checkpoint-interval", "job.failures.spot-per-hour=0", "a job.failures.spot-per-hour above zero"),
        (
            "checkpoint-loss",
            "job.failures.storage=false",
            "a file system that can be lost (job.failures.storage)",
        ),
    ] {
        let ended = workplace.run(&format!("reproduce {item} --set {set}"));
        assert_eq!(ended.status, Some(2));
        assert_eq!(ended.err, format!("error: {item}: expected {expected}\n"));
        let ended = workplace.run(&format!("reproduce idle {item} --set {set}"));
        assert_eq!((ended.status, ended.out.as_str()), (Some(2), ""), "{item}");
    }
    assert!(!workplace.path().join("results").exists());
}

/// A spot instance that is lost a thousand times an hour gets nowhere with two hours of work, but has done four steps.
#[test]
fn an_item_that_fails_takes_no_other_with_it() {
    let workplace = Workplace::new();
    let command = "reproduce idle overnight checkpoint-time --set job.failures.spot-per-hour=1000";
    let ended = workplace.run(command);
    assert_eq!(ended.status, Some(1));
    assert!(ended.out.starts_with("overnight: 10 TB load overnight "), "{}", ended.out);
    assert!(ended.out.contains("; all are overridden; 2 failed\n"), "{}", ended.out);
    for item in ["idle", "checkpoint-time"] {
        assert!(
            ended.out.contains(&format!("\n  {item:22}failed   storage profile {item} ")),
            "{}",
            ended.out
        );
        let said = format!("error: {item} failed: storage profile {item} ");
        assert!(ended.err.lines().any(|line| line.starts_with(&said)), "{}", ended.err);
    }
    let kept = |name: &str| workplace.text(format!("results/study-guide-overridden/{name}"));
    assert!(kept("overnight.txt").ends_with(ended.out.split("\n1 of 1 items").next().unwrap()));
    assert!(kept("report.html").contains("; 2 failed.</"), "the page says so");
    assert!(ended.err.ends_with("\n6 files written to results/study-guide-overridden/\n"), "{}", ended.err);
    let ended = workplace.run(&format!("{command} --json"));
    assert_eq!(ended.status, Some(1));
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(document["items"].as_array().unwrap().len(), 1);
    assert_eq!(document["failed"][0]["id"], "idle");
}

/// A command that is interrupted as soon as its page is there.
#[cfg(unix)]
fn interrupted(workplace: &Workplace, command: &str) -> Ended {
    let mut command = workplace.command(command);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let page = workplace.path().join("results/study-guide/report.html");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !page.exists() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(20));
    }
    let kill = format!("kill -INT {}", child.id());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    Ended::of(&child.wait_with_output().unwrap())
}

/// The first item is in the folder, with its page, long before the second comes to its end.
#[cfg(unix)]
#[test]
fn an_interruption_keeps_the_items_that_were_finished() {
    let workplace = Workplace::new();
    let ended = interrupted(&workplace, "reproduce overnight small-files");
    assert_eq!((ended.status, ended.out.as_str()), (Some(130), ""));
    assert_eq!(ended.err, "interrupted: the items that were finished are in results/study-guide/\n");
    assert!(workplace.text("results/study-guide/overnight.txt").contains("\nThe guide   "));
    let page = workplace.text("results/study-guide/report.html");
    assert!(page.contains("1 of 1 items agree"));
    assert!(page.contains("; 1 of 2 items so far.</"), "the page owns up to what it lacks");
}

/// What an earlier run left of an item that fails goes, and so does what speaks of it; other items' files stay.
#[test]
fn a_failed_item_leaves_nothing_of_an_earlier_run() {
    let workplace = Workplace::new();
    let folder = "results/study-guide-overridden";
    workplace.run("reproduce idle checkpoint-time --set job.batch-size=32").answer();
    for name in ["idle.parquet", "README.md", "items.json", "own.txt"] {
        workplace.put(&format!("{folder}/{name}"), "of an earlier run");
    }
    let left = |start: &str| {
        let files = workplace.files(folder);
        files.iter().filter(|(path, _)| path.to_string_lossy().contains(start)).count()
    };
    assert_eq!((left("idle"), left("checkpoint-time")), (6, 5));
    let ended = workplace.run("reproduce overnight idle --set job.failures.spot-per-hour=1000");
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert_eq!((left("idle"), left("checkpoint-time"), left("overnight")), (0, 5, 5));
    assert_eq!((left("README.md"), left("items.json"), left("own.txt")), (0, 0, 1));
    let ended = workplace.run("reproduce checkpoint-time --set job.failures.spot-per-hour=1000");
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert_eq!((left("checkpoint-time"), left("report.html"), left("overnight")), (0, 0, 5));
}

/// Some items only: what stands for all of them is kept.
#[test]
fn a_run_of_some_items_keeps_what_stands_for_all() {
    let workplace = Workplace::new();
    fs::create_dir_all(workplace.path().join("results/study-guide")).unwrap();
    for name in ["README.md", "items.json"] {
        workplace.put(&format!("results/study-guide/{name}"), "of all items");
    }
    workplace.run("reproduce idle").answer();
    for name in ["README.md", "items.json"] {
        assert_eq!(workplace.text(format!("results/study-guide/{name}")), "of all items");
    }
}

/// All items: what stood for all of them before is gone as soon as the first is new, and the page tells how many are there.
#[cfg(unix)]
#[test]
fn a_run_of_all_items_that_is_cut_off_leaves_no_summary_of_an_earlier_one() {
    let workplace = Workplace::new();
    fs::create_dir_all(workplace.path().join("results/study-guide")).unwrap();
    for name in ["README.md", "items.json"] {
        workplace.put(&format!("results/study-guide/{name}"), "of an earlier run");
    }
    assert_eq!(interrupted(&workplace, "reproduce --quiet").status, Some(130));
    for name in ["README.md", "items.json"] {
        assert!(!workplace.path().join("results/study-guide").join(name).exists(), "{name}");
    }
    assert!(workplace.text("results/study-guide/report.html").contains(" items so far.</"));
}

/// A job that is never a week long is no longer the one that the item is about, which is known before it is run.
#[test]
fn a_week_that_is_not_there_is_known_before_anything_runs() {
    let ended = Workplace::new().run("reproduce overnight checkpoint-loss --set job.step-time=0ms");
    assert_eq!((ended.status, ended.out.as_str()), (Some(2), ""));
    let expected =
        "error: checkpoint-loss: expected a job.step-time with which one of its jobs is a week long\n";
    assert_eq!(ended.err, expected);
}

/// The results that are kept in the repository are those of this version: of these items to the byte.
#[test]
fn the_kept_results_are_those_of_the_program() {
    let workplace = Workplace::new();
    workplace.run(&format!("reproduce {QUICK}")).answer();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/study-guide");
    for (path, content) in workplace.files("results/study-guide") {
        // The page is about the items that were asked for, here not all. Pictures differ by a pixel between two versions of their libraries; the tables behind them do not.
        if path.starts_with("charts") || path.ends_with("report.html") {
            assert!(kept.join(&path).exists(), "{} is not kept", path.display());
        } else {
            assert!(fs::read(kept.join(&path)).unwrap() == content, "{}: `just results`", path.display());
        }
    }
}

/// The table of the README has every item with its verdict, and no figure that the item's transcript does not have.
#[test]
fn the_readme_has_the_figures_of_the_results() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let items: Value = serde_json::from_str(&text("results/study-guide/items.json")).unwrap();
    let readme = text("README.md");
    for item in items["items"].as_array().unwrap() {
        let id = item["id"].as_str().unwrap();
        let row = readme.lines().find(|line| line.starts_with(&format!("| [{id}](")));
        let cells: Vec<&str> = row.unwrap_or_else(|| panic!("no row for {id}")).split(" | ").collect();
        let [_, _, computed, agrees] = cells.as_slice() else { panic!("{id} has {} cells", cells.len()) };
        assert_eq!(agrees.starts_with("yes"), item["agrees"].as_bool().unwrap(), "{id}");
        let transcript = text(&format!("results/study-guide/{id}.txt"));
        let known: Vec<&str> = transcript.split_whitespace().map(bare).collect();
        for figure in computed.split_whitespace().map(bare).filter(|word| word.contains(char::is_numeric)) {
            assert!(known.contains(&figure), "{id}: {figure} is no figure of its transcript");
        }
    }
}

/// A word without the punctuation around it.
fn bare(word: &str) -> &str {
    word.trim_matches([',', ';', ':', '.', '(', ')'])
}
