//! `compare` and `explain`: what they print and leave.

use serde_json::Value;

use super::Workplace;

#[test]
fn a_comparison_ends_in_one_sentence_and_leaves_every_difference() {
    let workplace = Workplace::new();
    let answer =
        workplace.run("compare small.toml --storage lustre --storage stream --against stream").answer();
    let closing = answer.rsplit("\n\n").next().unwrap().replace("\n  ", " ");
    assert!(closing.starts_with("lustre reaches the first batch "), "{answer}");
    assert!(closing.trim_end().ends_with(" than stream."), "{answer}");
    let differences = workplace.text("results/small-compare/differences.csv");
    let row = differences.lines().find(|line| line.starts_with("small,lustre,stream,5,loop_s,")).unwrap();
    let [difference, half_width] =
        [5, 6].map(|column| row.split(',').nth(column).unwrap().parse::<f64>().unwrap());
    assert!(half_width > 0.0 && half_width < difference.abs(), "{row}");
    assert!(workplace.path().join("results/small-compare/charts/time-to-first-batch.svg").exists());
}

/// The fast side shares its luck with the slow one, so replications differ by far less than each varies by itself.
#[test]
fn the_document_of_a_comparison_is_the_same_on_any_number_of_threads() {
    let workplace = Workplace::new();
    let [one, many] = ["1", "4"].map(|threads| {
        let answer = workplace.run(&format!("compare small.toml --json --threads {threads}")).answer();
        let mut document = serde_json::from_str::<Value>(&answer).unwrap();
        assert!(document["wall_s"].take().as_f64().unwrap() > 0.0);
        document
    });
    assert_eq!(one, many);
    assert_eq!((one["against"].as_str(), one["replications"].as_u64()), (Some("copy"), Some(5)));
    assert_eq!(one["sides"].as_array().unwrap().len(), 3);
}

#[test]
fn scenarios_are_compared_under_their_names_and_with_one_seed() {
    let workplace = Workplace::new();
    let other = workplace.text("small.toml").replace("name = \"small\"", "name = \"other\"\nseed = 7");
    workplace.put("other.toml", other);
    let answer = workplace.run("compare small.toml other.toml --storage stream --json").answer();
    let document: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(document["sides"][1]["storage"], "other/stream");
    let differences = document["sides"][1]["differences"].as_array().unwrap();
    assert!(
        differences.iter().all(|row| row["difference"].as_f64().unwrap_or(0.0) == 0.0),
        "{differences:?}"
    );
    assert!(workplace.path().join("results/small-compare/scenario-2.toml").exists());
}

#[test]
fn a_comparison_needs_two_sides_and_a_baseline_among_them() {
    let workplace = Workplace::new();
    let ended = workplace.run("compare small.toml --storage stream");
    assert_eq!(ended.status, Some(2));
    assert_eq!(ended.err, "error: compare: expected two profiles or more, found only stream\n");
    let ended = workplace.run("compare small.toml --against nobody");
    assert_eq!(ended.status, Some(2));
    assert!(ended.err.contains("there is copy, stream, lustre"), "{}", ended.err);
}

/// Four workers decode 64 pictures of 2 ms each in 128 ms and read them in longer; two GPUs want one every 50 ms.
#[test]
fn an_explanation_names_what_binds_and_what_to_do() {
    let workplace = Workplace::new();
    let answer = workplace.run("explain small.toml --storage lustre").answer();
    assert!(answer.contains("What to do with lustre\n- "), "{answer}");
    assert!(answer.contains("Use 4 more workers per GPU: "), "{answer}");
    let what_ifs = workplace.text("results/small-explain/what-ifs.csv");
    assert!(
        what_ifs.lines().any(|line| line.starts_with("small,lustre,setting,4 more workers per GPU,")),
        "{what_ifs}"
    );
    let bounds = workplace.text("results/small-explain/bounds.csv");
    assert!(bounds.lines().any(|line| line.starts_with("small,lustre,epoch 1,")), "{bounds}");
}

#[test]
fn explanations_are_the_same_twice() {
    let workplace = Workplace::new();
    let [one, other] = ["1", "4"].map(|threads| {
        let answer = workplace.run(&format!("explain small.toml --json --threads {threads}")).answer();
        let mut document = serde_json::from_str::<Value>(&answer).unwrap();
        assert!(document["wall_s"].take().as_f64().unwrap() > 0.0);
        document
    });
    assert_eq!(one, other);
}

/// Without [storage]: the catalog alone says what there is. 225 MB are read within minutes of a job that starts for longer.
#[test]
fn a_recommendation_needs_no_storage_and_leaves_a_scenario_that_runs() {
    let workplace = Workplace::new();
    let (job, _) = super::SCENARIO.split_once("[storage.").unwrap();
    workplace.put("job.toml", job);
    assert_eq!(workplace.run("run job.toml").status, Some(2));
    let answer = workplace.run("recommend job.toml").answer();
    for begin in
        ["Cheapest is ", "Fastest is ", "What would change the answer\n- Cheapest by epochs (now 2 epochs): "]
    {
        assert!(answer.contains(begin), "{answer}");
    }
    assert!(answer.lines().all(|line| line.chars().count() <= 110), "{answer}");
    let candidates = workplace.text("results/small-recommend/candidates.csv");
    let first = candidates.lines().find(|line| line.split(',').any(|cell| cell == "1")).unwrap();
    let name = first.split(',').nth(1).unwrap();
    assert!(workplace.path().join("results/small-recommend/charts/cost-against-time.png").exists());
    let page = workplace.text("results/small-recommend/report.html");
    assert!(
        page.contains("What would change the answer") && page.contains(name),
        "the report has the answer"
    );
    let again =
        workplace.run(&format!("run results/small-recommend/scenario.toml --storage {name} --out again"));
    assert_eq!(again.status, Some(0), "{}", again.err);
}

#[test]
fn recommendations_are_the_same_on_any_number_of_threads_and_name_the_users_profiles() {
    let workplace = Workplace::new();
    let [one, many] = ["1", "4"].map(|threads| {
        let answer = workplace.run(&format!("recommend small.toml --json --threads {threads}")).answer();
        let mut document = serde_json::from_str::<Value>(&answer).unwrap();
        assert!(document["wall_s"].take().as_f64().unwrap() > 0.0);
        document
    });
    assert_eq!(one, many);
    let names: Vec<&str> =
        one["candidates"].as_array().unwrap().iter().map(|row| row["storage"].as_str().unwrap()).collect();
    assert!(["copy", "stream", "lustre"].iter().all(|name| names.contains(name)), "{names:?}");
    assert!(!one["turns"].as_array().unwrap().is_empty());
}

/// Nobody trains for a cent: everything is left out, and that is an answer.
#[test]
fn limits_that_nothing_keeps_are_an_answer_that_names_them() {
    let workplace = Workplace::new();
    let answer = workplace.run("recommend small.toml --max-cost 0.01 --deadline 2h").answer();
    assert!(answer.contains("Cheapest: no set-up is."), "{answer}");
    assert!(answer.contains(" break --max-cost"), "{answer}");
}

#[test]
fn limits_that_are_none_are_2_and_name_the_flag() {
    let workplace = Workplace::new();
    for (flags, said) in [
        ("--max-cost -1", "expected dollars above zero, such as 12.50, found \"-1\""),
        ("--max-cost=0", "expected dollars above zero, such as 12.50, found \"0\""),
        (
            "--min-utilisation 1.2",
            "expected a share above 0 and at most 1, such as 0.9 or \"90 %\", found \"1.2\"",
        ),
        ("--deadline soon", "--deadline <TIME>"),
        ("--deadline 0s", "expected a time above zero, such as \"2 h\", found \"0s\""),
        ("--jobs-per-month 0", "--jobs-per-month <N>"),
        ("--replications 0", "--replications <N>"),
    ] {
        let ended = workplace.run(&format!("recommend small.toml {flags}"));
        assert_eq!(ended.status, Some(2), "{flags}");
        assert!(ended.err.contains(said), "{flags}: {}", ended.err);
        assert!(!workplace.path().join("results").exists());
    }
    let mut lasting = workplace.command("recommend small.toml");
    lasting.args(["--set", "job={ instance = \"ml.g5.12xlarge\", duration = \"10 min\", batch-size = 64, step-time = \"50 ms\" }"]);
    let ended = super::Ended::of(&lasting.output().unwrap());
    assert_eq!(ended.status, Some(2));
    let said = "job.duration: expected `epochs` or `steps`, as set-ups are ranked by what the same work takes, found a duration";
    assert!(ended.err.contains(said), "{}", ended.err);
}
