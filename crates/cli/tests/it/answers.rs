//! What `run` prints and leaves.

use std::path::Path;

use serde_json::Value;

use super::Workplace;

/// What a run on one trial leaves, in order.
const FILES: [&str; 10] = [
    "costs.csv",
    "epochs.csv",
    "latency.csv",
    "provenance.json",
    "report.html",
    "scenario.toml",
    "stalls.csv",
    "summary.csv",
    "tiers.csv",
    "timeline.csv",
];

/// The five charts, each in both formats.
const CHARTS: [&str; 5] =
    ["cost-by-part", "gpu-utilisation", "stall-attribution", "time-to-first-batch", "timeline"];

#[test]
fn a_run_leaves_its_files_and_each_holds_something() {
    let workplace = Workplace::new();
    let ended = workplace.run("run small.toml");
    assert_eq!(ended.err, "20 files written to results/small/\n");
    let files = workplace.files("results/small");
    let charts =
        CHARTS.iter().flat_map(|name| ["png", "svg"].map(|format| format!("charts/{name}.{format}")));
    let expected: Vec<String> = charts.chain(FILES.map(str::to_owned)).collect();
    let names: Vec<String> = files.iter().map(|(path, _)| path.display().to_string()).collect();
    assert_eq!(names, expected);
    for (path, content) in &files {
        let lines = content.iter().filter(|byte| **byte == b'\n').count();
        assert!(lines > 1 || content.starts_with(b"\x89PNG"), "{} has {lines} lines", path.display());
    }
}

#[test]
fn the_answer_is_the_same_twice_and_on_any_number_of_threads() {
    let workplace = Workplace::new();
    let once = workplace.run("run small.toml --replications 2 --threads 1").answer();
    let files = workplace.files("results/small");
    let again = workplace.run("run small.toml --replications 2 --threads 4 --out again").answer();
    assert_eq!(once, again);
    let timed = Path::new("provenance.json");
    for ((path, content), (path_again, content_again)) in files.iter().zip(&workplace.files("again/small")) {
        assert_eq!(path, path_again);
        assert!(path == timed || content == content_again, "{} differs", path.display());
    }
}

#[test]
fn json_is_one_document_with_the_columns_as_keys() {
    let workplace = Workplace::new();
    let answer = workplace.run("run small.toml --json --storage lustre --storage copy").answer();
    let document: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["scenario"], "small");
    let runs = document["runs"].as_array().unwrap();
    let storages: Vec<&Value> = runs.iter().map(|run| &run["storage"]).collect();
    assert_eq!(storages, ["copy", "lustre"], "profiles stand in their written order");
    let header = workplace.text("results/small/summary.csv");
    let columns: Vec<&str> = header.lines().next().unwrap().split(',').skip(2).collect();
    let keys: Vec<&String> = runs[0]["summary"].as_object().unwrap().keys().collect();
    assert_eq!(keys, columns);
    for key in ["epochs", "stalls", "tiers", "latency", "costs"] {
        assert!(!runs[0][key].as_array().unwrap().is_empty(), "{key} is empty");
    }
    assert_eq!(runs[0]["summary"]["loop_s_ci95"], Value::Null);
}

#[test]
fn json_differs_between_two_runs_in_the_wall_time_alone() {
    let workplace = Workplace::new();
    let mut documents = [(), ()].map(|()| {
        let answer = workplace.run("run small.toml --json").answer();
        serde_json::from_str::<Value>(&answer).unwrap()
    });
    for document in &mut documents {
        for run in document["runs"].as_array_mut().unwrap() {
            assert!(run["wall_s"].take().as_f64().unwrap() > 0.0);
        }
    }
    assert_eq!(documents[0], documents[1]);
}

#[test]
fn another_seed_is_another_run() {
    let workplace = Workplace::new();
    let [one, other] = ["1", "2"].map(|seed| {
        let answer = workplace.run(&format!("run small.toml --json --storage stream --seed {seed}")).answer();
        serde_json::from_str::<Value>(&answer).unwrap()["runs"][0]["summary"]["loop_s"].as_f64().unwrap()
    });
    assert!(one != other);
    assert!((one / other - 1.0).abs() < 0.2, "the luck of a seed is not worth {one} against {other} s");
}

#[test]
fn the_resolved_scenario_runs_to_the_same_results() {
    let workplace = Workplace::new();
    workplace.run("run small.toml --set job.epochs=1 --quiet").answer();
    let summary = workplace.text("results/small/summary.csv");
    workplace.run("run results/small/scenario.toml --out again --quiet").answer();
    assert_eq!(workplace.text("again/small/summary.csv"), summary);
}

#[test]
fn intervals_appear_with_the_second_replication() {
    let workplace = Workplace::new();
    let column = |name: &str| {
        let text = workplace.text("results/small/summary.csv");
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        let index = lines.next().unwrap().iter().position(|column| column == name).unwrap();
        lines.next().unwrap()[index].clone()
    };
    workplace.run("run small.toml --storage stream --quiet").answer();
    assert_eq!(column("loop_s_ci95"), "");
    workplace.run("run small.toml --storage stream --quiet --replications 3").answer();
    assert!(column("loop_s_ci95").parse::<f64>().unwrap() > 0.0);
    assert_eq!(column("replications"), "3");
}

#[test]
fn quiet_says_nothing_at_all() {
    let ended = Workplace::new().run("run small.toml --quiet");
    assert_eq!((ended.status, ended.out.as_str(), ended.err.as_str()), (Some(0), "", ""));
}

#[test]
fn trials_have_a_file_that_goes_with_them() {
    let workplace = Workplace::new();
    workplace.run("run small.toml --storage lustre --quiet --set job.trials=2").answer();
    let trials = workplace.text("results/small/trials.csv");
    assert_eq!(trials.lines().count(), 3, "a header and two trials:\n{trials}");
    workplace.run("run small.toml --storage lustre --quiet").answer();
    assert!(!workplace.path().join("results/small/trials.csv").exists());
}
