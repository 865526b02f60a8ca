//! Points that fail: each is recorded, and no other is lost.

use std::fs;

use ingestsim_sweep::grid::{Kept, Rule};

use crate::{
    Results, column,
    fake::{Fake, Fault},
};

/// Of twelve points one fails in each way there is.
fn faulty() -> Fake {
    let fault = |value| match value {
        2 => Fault::Load,
        4 => Fault::Build,
        6 => Fault::Run,
        8 => Fault::Panic,
        _ => Fault::Nothing,
    };
    Fake { fault, ..Fake::new(12) }
}

/// Eight good points of two runs, and the first run of the point that panics in its second.
#[test]
fn the_other_points_are_all_there() {
    let results = Results::new();
    let tally = results.run(&&faulty(), Rule::exactly(2), 2);
    assert_eq!((tally.points, tally.failed), (12, 4));
    let joined = results.join(&&faulty(), Rule::exactly(2));
    assert_eq!((joined.points, joined.runs, joined.failed, joined.missing), (12, 17, 4, 0));
    let [points, summary] = results.texts();
    let replications = column(&summary, "replications");
    assert_eq!(replications, ["2", "2", "0", "2", "0", "2", "0", "2", "1", "2", "2", "2"]);
    assert_eq!(column(&summary, "loop_s")[2], "");
    assert!(column(&summary, "loop_s_ci95")[3].parse::<f64>().unwrap() > 0.0);
    assert_eq!(column(&points, "status").iter().filter(|status| *status == "failed").count(), 5);
}

#[test]
fn each_failure_says_why_in_a_line() {
    let results = Results::new();
    results.run(&&faulty(), Rule::exactly(2), 2);
    let joined = results.join(&&faulty(), Rule::exactly(2));
    let told: Vec<_> =
        joined.failures.iter().map(|f| (f.point, f.label.as_str(), f.error.as_str())).collect();
    let fault = "the simulator has a fault: 8 is a promise";
    assert_eq!(
        told[1..],
        [
            (4, "even job.value=4", "4 cannot be built"),
            (6, "even job.value=6", "6 broke a law"),
            (8, "even job.value=8", fault),
        ]
    );
    let [points, _] = results.texts();
    let errors: Vec<String> =
        column(&points, "error").into_iter().filter(|error| !error.is_empty()).collect();
    let loading = "2 does not go · with the others";
    assert_eq!(errors, [loading, "4 cannot be built", "6 broke a law", "6 broke a law", fault]);
}

#[test]
fn failures_are_the_same_on_any_number_of_threads() {
    let tables = Results::new().tables(&&faulty(), Rule::exactly(3), 1);
    for threads in [2, 8] {
        assert_eq!(Results::new().tables(&&faulty(), Rule::exactly(3), threads), tables);
    }
}

/// What was at fault may have been mended: the two points with runs that failed are run again, the good runs are not.
#[test]
fn a_failure_is_tried_again() {
    let results = Results::new();
    results.run(&&faulty(), Rule::exactly(2), 2);
    let mended = Fake::new(12);
    let tables = results.tables(&&mended, Rule::exactly(2), 2);
    assert_eq!(mended.runs(), 2 + 2 + 2 + 1);
    assert_eq!(Results::new().tables(&&Fake::new(12), Rule::exactly(2), 1), tables);
    let kept = Kept::in_folder(results.path()).unwrap();
    assert_eq!((kept.good(), kept.twice()), (24, 0));
}

/// A good row counts, whether it stands before or after the failed one of the same run.
#[test]
fn a_failure_never_replaces_a_result() {
    let results = Results::new();
    results.run(&&faulty(), Rule::exactly(2), 1);
    results.run(&&Fake::new(12), Rule::exactly(2), 1);
    let text = fs::read_to_string(results.journal()).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.reverse();
    fs::write(results.journal(), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
    let joined = results.join(&&Fake::new(12), Rule::exactly(2));
    assert_eq!((joined.failed, joined.runs), (0, 24));
}
