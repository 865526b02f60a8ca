//! `validate`: measured figures beside predicted ones. Only cases that take no time are run here.

use serde_json::Value;

use super::Workplace;

#[test]
fn the_document_has_a_case_a_figure() {
    let workplace = Workplace::new();
    let answer = workplace.run("validate svogor --json --replications 1").answer();
    let document: Value = serde_json::from_str(&answer).unwrap();
    let ids: Vec<&str> =
        document["cases"].as_array().unwrap().iter().map(|case| case["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 5);
    assert_eq!(ids[0], "svogor/pool-1/samples_per_s");
    assert_eq!(document["cases"][0]["use"], "calibrate");
    assert_eq!(document["check"]["cases"], 4);
    assert!(document["check"]["median_abs_error"].as_f64().unwrap() < 0.05);
}

#[test]
fn a_part_of_the_table_leaves_no_folder() {
    let workplace = Workplace::new();
    let answer = workplace.run("validate s3 --replications 1").answer();
    assert!(answer.starts_with("Mountpoint for S3\n"), "{answer}");
    assert!(answer.contains("\nAll sources\n2 check figures: "), "{answer}");
    assert!(!workplace.path().join("results").exists());
}

/// A case that sets the key itself stays as it was measured; what is set is said.
#[test]
fn values_are_set_over_the_cases_that_have_their_key() {
    let workplace = Workplace::new();
    let written = workplace.run("validate svogor --replications 1").answer();
    let slower = "validate svogor --replications 1 --set storage.s3.s3.first-byte-latency=2s";
    let ended = workplace.run(slower);
    let said = "\nOverridden: --set storage.s3.s3.first-byte-latency=2s. These are not the cases that were measured.\n";
    let answer = ended.answer();
    assert!(answer.ends_with(said), "{answer}");
    assert_ne!(answer.trim_end_matches(said), written.trim_end());
    let ended = workplace.run("validate svogor --set job.epoks=2");
    assert_eq!(ended.status, Some(2));
    let expected = "error: --set job.epoks=2: expected a key that one of the scenarios takes; svogor/pool-1/samples_per_s";
    assert!(ended.err.starts_with(expected), "{}", ended.err);
}

#[test]
fn another_seed_leaves_no_folder_and_is_in_the_document() {
    let workplace = Workplace::new();
    let answer = workplace.run("validate svogor --json --replications 1 --seed 7").answer();
    let document: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(document["overridden"], serde_json::json!(["--seed 7"]));
    assert!(!workplace.path().join("results").exists());
}

/// Where no folder is written, it is not said where to.
#[test]
fn a_place_for_a_folder_that_is_not_written_is_refused() {
    let workplace = Workplace::new();
    for given in ["--set job.epochs=2 --out there", "--seed 7 --format csv", "svogor --out there"] {
        let ended = workplace.run(&format!("validate {given}"));
        assert_eq!(ended.status, Some(2), "{given}");
        assert!(ended.err.contains("cannot be used with"), "{}", ended.err);
    }
    assert!(!workplace.path().join("there").exists());
}

/// Without a second epoch the figures of second epochs are not predicted. The others are there, and the status tells.
#[test]
fn figures_that_fail_are_named_and_the_others_are_there() {
    let workplace = Workplace::new();
    let ended = workplace.run("validate lazy-load --replications 1 --json --set job.epochs=1");
    assert_eq!(ended.status, Some(1));
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    let (there, failed) = (document["cases"].as_array().unwrap(), document["failed"].as_array().unwrap());
    assert!(!there.is_empty() && !failed.is_empty(), "{document}");
    assert!(failed.iter().all(|one| one["id"].as_str().unwrap().ends_with("/epoch_2_s")), "{document}");
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
    assert!(ended.err.ends_with("/epoch_2_s failed: its run reports no epoch_2_s\n"), "{}", ended.err);
}

#[test]
fn an_unknown_figure_is_wrong_input() {
    let ended = Workplace::new().run("validate nowhere");
    assert_eq!(ended.status, Some(2));
    let said = "error: expected the beginning of a figure's id, such as \"sagemaker\", found \"nowhere\"\n";
    assert_eq!(ended.err, said);
}
