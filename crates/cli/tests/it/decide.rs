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
