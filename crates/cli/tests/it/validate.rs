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

#[test]
fn an_unknown_figure_is_wrong_input() {
    let ended = Workplace::new().run("validate nowhere");
    assert_eq!(ended.status, Some(2));
    let said = "error: expected the beginning of a figure's id, such as \"sagemaker\", found \"nowhere\"\n";
    assert_eq!(ended.err, said);
}
