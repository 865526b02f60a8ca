//! Exit statuses, the messages that go with them, and endings from outside.

use std::{
    io::Write,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use super::{Ended, SCENARIO, Workplace};

#[test]
fn a_mistake_in_the_scenario_is_2_with_its_place_and_line() {
    let workplace = Workplace::new();
    workplace.put("wrong.toml", SCENARIO.replace("batch-size", "batchsize"));
    let ended = workplace.run("run wrong.toml");
    assert_eq!(ended.status, Some(2));
    assert_eq!(ended.out, "");
    assert!(ended.err.starts_with("wrong.toml:13:1: job.batchsize: expected "), "{}", ended.err);
    assert!(ended.err.contains("\n13 | batchsize = 64\n"), "{}", ended.err);
    assert!(ended.err.contains("did you mean batch-size?"), "{}", ended.err);
    assert!(!workplace.path().join("results").exists());
}

#[test]
fn a_mistake_of_a_flag_names_the_flag() {
    let workplace = Workplace::new();
    let ended = workplace.run("check small.toml --set job.epochs=many");
    assert_eq!(ended.status, Some(2));
    assert!(ended.err.starts_with("--set job.epochs=many: job.epochs: expected "), "{}", ended.err);
}

/// 2,048 files of 110 kB are 225 MB, which only the catalog's and the data set's figures together tell.
#[test]
fn a_mistake_that_shows_late_has_its_place_too() {
    let workplace = Workplace::new();
    let small = "mode = \"file\"\nvolume = { gp2 = { size = \"100 MB\" } }";
    workplace.put("wrong.toml", SCENARIO.replace("mode = \"file\"", small));
    let ended = workplace.run("run wrong.toml");
    assert_eq!(ended.status, Some(2));
    let message = "wrong.toml:22:10: storage.copy.s3.volume: expected a volume that holds the 225 MB copied to each node, \
                   found 100 MB\n";
    assert!(ended.err.starts_with(message), "{}", ended.err);
}

#[test]
fn a_scenario_that_is_not_there_is_2() {
    let ended = Workplace::new().run("run nowhere.toml");
    assert_eq!(ended.status, Some(2));
    assert_eq!(ended.err, "error: cannot read nowhere.toml: No such file or directory (os error 2)\n");
}

#[test]
fn a_profile_that_is_not_there_is_2_with_the_nearest_one() {
    let ended = Workplace::new().run("run small.toml --storage lustr");
    assert_eq!(ended.status, Some(2));
    let message = "error: --storage lustr: expected the name of a candidate profile, found \"lustr\"; did you mean lustre?\n";
    assert_eq!(ended.err, message);
}

#[test]
fn an_unknown_option_is_2_and_help_is_0() {
    let workplace = Workplace::new();
    assert_eq!(workplace.run("run small.toml --fast").status, Some(2));
    assert_eq!(workplace.run("").status, Some(2));
    assert_eq!(workplace.run("run --help").status, Some(0));
    assert_eq!(workplace.run("--version").answer(), format!("ingestsim {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_catalog_file_with_a_mistake_is_2_with_its_place() {
    let workplace = Workplace::new();
    workplace.put("ours.toml", "[prices]\n\"s3.price_get\" = \n");
    let ended = workplace.run("run small.toml --catalog ours.toml");
    assert_eq!(ended.status, Some(2));
    assert!(ended.err.starts_with("error: ours.toml:2:"), "{}", ended.err);
}

#[test]
fn a_condition_that_comes_true_is_3_and_the_results_are_there() {
    let workplace = Workplace::new();
    let mut command = workplace.command("run small.toml --storage lustre --quiet");
    let ended = Ended::of(&command.args(["--fail-if", "gpu_utilisation <= 1"]).output().unwrap());
    assert_eq!(ended.status, Some(3));
    let begin = "--fail-if 'gpu_utilisation <= 1' is true for lustre: gpu_utilisation is 0.";
    assert!(ended.err.starts_with(begin), "{}", ended.err);
    assert!(workplace.path().join("results/small/summary.csv").exists());
    let mut command = workplace.command("run small.toml --storage lustre --quiet");
    assert_eq!(command.args(["--fail-if", "gpu_utilisation > 1"]).status().unwrap().code(), Some(0));
}

#[test]
fn a_condition_on_no_figure_is_2() {
    let workplace = Workplace::new();
    let mut command = workplace.command("run small.toml");
    let ended = Ended::of(&command.args(["--fail-if", "gpu_utilization < 0.9"]).output().unwrap());
    assert_eq!(ended.status, Some(2));
    assert!(ended.err.contains("did you mean gpu_utilisation?"), "{}", ended.err);
}

#[test]
fn a_folder_that_cannot_be_made_is_1_before_anything_runs() {
    let workplace = Workplace::new();
    workplace.put("in-the-way", "");
    let ended = workplace.run("run small.toml --out in-the-way");
    assert_eq!(ended.status, Some(1));
    let message = "error: nothing was run: cannot create the results folder in-the-way/small: Not a directory (os error 20)\n";
    assert_eq!(ended.err, message);
}

/// A folder in the place of a table: the figures are told all the same.
#[test]
fn an_answer_is_told_even_if_the_folder_cannot_be_written() {
    let workplace = Workplace::new();
    std::fs::create_dir_all(workplace.path().join("results/small/summary.csv/in-the-way")).unwrap();
    let ended = workplace.run("run small.toml --storage lustre");
    assert_eq!(ended.status, Some(1));
    assert!(ended.out.contains("\nResult\n"), "{}", ended.out);
    let begin = "error: the results are not in the folder: cannot replace results/small/summary.csv";
    assert!(ended.err.starts_with(begin), "{}", ended.err);
    for (command, folder, table, part) in [
        ("compare small.toml --replications 2", "small-compare", "summary.csv", "copy"),
        ("explain small.toml --storage lustre", "small-explain", "summary.csv", "lustre"),
        ("reproduce idle", "study-guide", "idle.csv", "\nThe guide   "),
    ] {
        std::fs::create_dir_all(workplace.path().join(format!("results/{folder}/{table}/in-the-way")))
            .unwrap();
        let ended = workplace.run(command);
        assert_eq!(ended.status, Some(1), "{command}");
        assert!(ended.out.contains(part), "{command}: {}", ended.out);
        let begin =
            format!("error: the results are not in the folder: cannot replace results/{folder}/{table}");
        assert!(ended.err.starts_with(&begin), "{}", ended.err);
    }
}

#[test]
fn more_replications_than_memory_holds_are_2() {
    for command in ["run", "recommend"] {
        let ended = Workplace::new().run(&format!("{command} small.toml --replications 1000000000000"));
        assert_eq!(ended.status, Some(2), "{command}");
        assert!(ended.err.contains("1000000000000 is not in 1..=10000"), "{}", ended.err);
    }
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_format_that_was_not_built_is_2_and_names_the_feature() {
    let ended = Workplace::new().run("run small.toml --format parquet");
    assert_eq!(ended.status, Some(2));
    let message = "this program was built without the feature parquet; build it with";
    assert!(ended.err.contains(message), "{}", ended.err);
}

/// Each CSV table has a Parquet table beside it, which a run without them takes away.
#[cfg(feature = "parquet")]
#[test]
fn tables_come_as_parquet_too() {
    let workplace = Workplace::new();
    let ends = |folder: &str, end: &str| {
        let files = workplace.files(folder);
        files.iter().filter(|(path, _)| path.extension().is_some_and(|found| found == end)).count()
    };
    workplace.run("run small.toml --storage lustre --quiet --format parquet").answer();
    assert_eq!((ends("results/small", "csv"), ends("results/small", "parquet")), (7, 7));
    workplace.run("run small.toml --storage lustre --quiet").answer();
    assert_eq!((ends("results/small", "csv"), ends("results/small", "parquet")), (7, 0));
    workplace.run("sweep small.toml --quiet --format parquet").answer();
    assert_eq!(ends("results/small-sweep", "parquet"), 2);
    workplace.run("sweep small.toml --quiet").answer();
    assert_eq!(ends("results/small-sweep", "parquet"), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_1() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Workplace::new().command("check small.toml").stdout(full).output().unwrap();
    let ended = Ended::of(&output);
    assert_eq!(ended.status, Some(1));
    let message = "error: cannot write to standard output: No space left on device (os error 28)\n";
    assert_eq!(ended.err, message);
}

/// The list of the catalog is larger than a pipe holds, so the program meets the closed end while it writes.
#[test]
fn a_closed_pipe_ends_quietly() {
    let mut child = spawned(&Workplace::new(), "catalog");
    drop(child.stdout.take());
    let ended = Ended::of(&child.wait_with_output().unwrap());
    assert_eq!((ended.status, ended.err.as_str()), (Some(0), ""));
}

/// A job of 10^9 steps is not over when the signal comes.
#[cfg(unix)]
#[test]
fn an_interrupted_run_is_130_and_leaves_nothing() {
    let workplace = Workplace::new();
    let child = spawned(&workplace, "run small.toml --storage lustre --set job.epochs=60000000");
    thread::sleep(Duration::from_millis(700));
    let kill = format!("kill -INT {}", child.id());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let ended = Ended::of(&child.wait_with_output().unwrap());
    assert_eq!(ended.status, Some(130), "{}", ended.err);
    assert_eq!(ended.out, "");
    assert!(!workplace.path().join("results").exists());
}

#[test]
fn a_scenario_may_come_through_a_pipe() {
    let workplace = Workplace::new();
    let mut child =
        workplace.command("check -").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(SCENARIO.as_bytes()).unwrap();
    let answer = Ended::of(&child.wait_with_output().unwrap()).answer();
    assert!(answer.starts_with("# <stdin>: ok, digest "), "{answer}");
}

fn spawned(workplace: &Workplace, arguments: &str) -> Child {
    let mut command = workplace.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Hundreds of reads of 200 days each, one after the other on every worker, end after the 584 years that a clock counts.
#[test]
fn a_profile_that_fails_takes_no_other_with_it() {
    let workplace = Workplace::new();
    let slow = "\n[storage.slow.local-disk]\nlatency = \"200 d\"\n";
    workplace.put("slow.toml", format!("{SCENARIO}{slow}"));
    let said = "error: storage profile slow, replication 0: the run breaks the law \"every trial ends within 584 years\"";
    for (command, folder) in [("run", "small"), ("compare --replications 2", "small-compare")] {
        let ended = workplace
            .run(&format!("{command} slow.toml --json --set job.epochs=8 --set job.node.page-cache=off"));
        assert_eq!(ended.status, Some(1), "{command}");
        assert!(ended.err.lines().any(|line| line.starts_with(said)), "{}", ended.err);
        let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!(document["failed"][0]["storage"], "slow");
        let summary = workplace.text(format!("results/{folder}/summary.csv"));
        assert_eq!(summary.lines().count(), 4, "{summary}");
        let provenance = workplace.text(format!("results/{folder}/provenance.json"));
        let provenance: serde_json::Value = serde_json::from_str(&provenance).unwrap();
        assert_eq!(provenance["failed"], document["failed"]);
        let page = workplace.text(format!("results/{folder}/report.html"));
        assert!(page.contains("slow failed: storage profile slow, replication 0: "), "the page says so");
    }
    workplace.run("plot results/small").answer();
    assert!(
        workplace.text("results/small/report.html").contains("slow failed: "),
        "drawn anew it still does"
    );
}

/// Without a result there is no folder, and each that failed is told, in the document too.
#[test]
fn profiles_that_all_fail_are_all_told() {
    let workplace = Workplace::new();
    let slow = |name: &str| format!("\n[storage.{name}.local-disk]\nlatency = \"200 d\"\n");
    workplace.put("slow.toml", format!("{SCENARIO}{}{}", slow("slow"), slow("slower")));
    let failed = "storage profile slow, replication 0: the run breaks the law";
    for (command, all, end) in [
        ("run --storage slow", 1, failed),
        ("run --storage slow --storage slower", 2, "no profile came to its end"),
        ("compare --storage slow --storage slower", 2, "no side came to its end"),
        (
            "compare --against slow --storage slow --storage copy",
            1,
            "slow, which the others are held against, failed; ",
        ),
        ("compare --storage copy --storage slow", 1, "there is nothing to hold against copy"),
    ] {
        let own = "slow.toml --out none --set job.epochs=8 --set job.node.page-cache=off";
        let ended = workplace.run(&format!("{command} {own}"));
        assert_eq!((ended.status, ended.out.as_str()), (Some(1), ""), "{command}");
        let last = ended.err.lines().last().unwrap();
        assert!(last.starts_with(&format!("error: nothing was written: {end}")), "{command}: {}", ended.err);
        let told = ended.err.lines().filter(|line| line.contains("storage profile slow"));
        assert_eq!(told.count(), all, "{command}: {}", ended.err);
        let ended = workplace.run(&format!("{command} {own} --json"));
        assert_eq!(ended.status, Some(1), "{command}");
        let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!(document["failed"].as_array().unwrap().len(), all, "{command}");
        assert_eq!(document["failed"][0]["storage"], "slow");
        assert!(!workplace.path().join("none").exists());
    }
}

/// What failed and what a condition says are told even if the folder cannot be written.
#[test]
fn a_folder_that_cannot_be_written_swallows_nothing() {
    let workplace = Workplace::new();
    let slow = "\n[storage.slow.local-disk]\nlatency = \"200 d\"\n";
    workplace.put("slow.toml", format!("{SCENARIO}{slow}"));
    let own = "slow.toml --quiet --set job.epochs=8 --set job.node.page-cache=off";
    for (command, folder) in [("run", "small"), ("compare --replications 2", "small-compare")] {
        let table = format!("results/{folder}/summary.csv/in-the-way");
        std::fs::create_dir_all(workplace.path().join(table)).unwrap();
        let mut command = workplace.command(&format!("{command} {own}"));
        let ended = Ended::of(&command.args(["--fail-if", "gpu_utilisation <= 1"]).output().unwrap());
        assert_eq!(ended.status, Some(1), "{}", ended.err);
        let starts = [
            "error: storage profile slow, ",
            "--fail-if 'gpu_utilisation <= 1' is true for lustre: ",
            "error: the results are not in the folder",
        ];
        for start in starts {
            assert!(ended.err.lines().any(|line| line.starts_with(start)), "{start}: {}", ended.err);
        }
    }
}

/// The message names the flag, not the number that stands alone.
#[test]
fn a_number_below_zero_is_2_and_names_its_flag() {
    let workplace = Workplace::new();
    for (command, flag) in [
        ("run small.toml --seed -1", "--seed <N>"),
        ("run small.toml --replications -1", "--replications <N>"),
        ("sweep small.toml --threads -2", "--threads <N>"),
        ("sweep small.toml --replications -1", "--replications <N>"),
        ("validate --seed -1", "--seed <N>"),
        ("reproduce --seed -1", "--seed <N>"),
        ("recommend small.toml --jobs-per-month -3", "--jobs-per-month <N>"),
        ("recommend small.toml --deadline -2h", "--deadline <TIME>"),
    ] {
        let ended = workplace.run(command);
        assert_eq!(ended.status, Some(2), "{command}");
        assert!(ended.err.contains(&format!("for '{flag}'")), "{command}: {}", ended.err);
        let expected = "expected a whole number from 0 to 18446744073709551615";
        assert_eq!(ended.err.contains(expected), flag == "--seed <N>", "{command}: {}", ended.err);
    }
}
