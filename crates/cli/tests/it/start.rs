//! What comes before a run: `init`, `check`, `catalog`.

use serde_json::Value;

use super::Workplace;

#[test]
fn init_writes_a_scenario_that_is_right_and_overwrites_nothing() {
    let workplace = Workplace::new();
    let answer = workplace.run("init").answer();
    assert!(answer.starts_with("scenario.toml is written"), "{answer}");
    for number in 1..=5 {
        assert!(answer.contains(&format!("\n  {number}. ")), "number {number} is not explained:\n{answer}");
        let mark = format!("# [{number}]");
        assert!(workplace.text("scenario.toml").contains(&mark), "number {number} has no line in the file");
    }
    workplace.run("check scenario.toml").answer();
    let ended = workplace.run("init");
    assert_eq!(ended.status, Some(2));
    assert_eq!(ended.err, "error: scenario.toml is there already, and init overwrites nothing\n");
}

#[test]
fn a_checked_scenario_prints_as_a_scenario_again() {
    let workplace = Workplace::new();
    let answer = workplace.run("check small.toml --set job.batch-size=32").answer();
    let setting = "# 2,048 files of 110 kB, 225 MB in all; 1 x ml.g5.12xlarge, 2 GPUs, batch 32, 2 epochs; \
                   seed 1, 1 replication\n# storage: copy (s3), stream (s3), lustre (fsx-lustre)\n";
    assert!(answer.contains(setting), "{answer}");
    workplace.put("resolved.toml", &answer);
    let again = workplace.run("check resolved.toml").answer();
    assert_eq!(answer.replace("small.toml", "resolved.toml"), again);
}

#[test]
fn check_counts_the_points_of_a_sweep() {
    let workplace = Workplace::new();
    let swept = format!("{}\n[sweep.grid]\n\"loader.pytorch.workers\" = [1, 2, 4]\n", super::SCENARIO);
    workplace.put("swept.toml", swept);
    let answer = workplace.run("check swept.toml --json").answer();
    let document: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(document["ok"], true);
    assert_eq!(document["points"], 9);
    assert_eq!(document["storage"][1], "stream");
}

#[test]
fn the_schema_is_json_and_needs_no_file() {
    let schema: Value = serde_json::from_str(&Workplace::new().run("check --schema").answer()).unwrap();
    assert_eq!(schema["title"], "Scenario");
    assert!(schema["properties"]["dataset"].is_object());
}

#[test]
fn every_figure_of_the_catalog_has_a_source_and_a_date() {
    let workplace = Workplace::new();
    let document: Value = serde_json::from_str(&workplace.run("catalog --json").answer()).unwrap();
    for part in ["instances", "storage", "prices"] {
        let rows = document[part].as_array().unwrap();
        assert!(rows.len() > 20, "{part} has {} rows", rows.len());
        for row in rows {
            for key in ["id", "quantity", "value", "source", "date"] {
                assert_ne!(row[key], "", "{row}");
            }
        }
    }
}

#[test]
fn a_users_catalog_is_laid_over_the_built_in_one() {
    let workplace = Workplace::new();
    workplace.put("ours.toml", "[prices]\n\"s3.price_get\" = \"0.0003 USD\"\n");
    let answer = workplace.run("catalog prices --catalog ours.toml").answer();
    let line = answer.lines().find(|line| line.starts_with("s3.price_get ")).unwrap();
    assert!(line.contains("0.0003 USD per 1000 requests"), "{line}");
}

#[test]
fn shells_can_learn_the_commands() {
    let script = Workplace::new().run("completions bash").answer();
    assert!(script.contains("--fail-if"));
}
