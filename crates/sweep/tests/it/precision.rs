//! Replications that stop where every interval is narrow.

use ingestsim_sweep::{Estimate, grid::Rule};

use crate::{Results, column, fake::Fake};

/// The loop of the fake varies by 0.29 s (a uniform spread of 1 s) around 1000 s: 3 runs are within 0.1 %, while
/// 0.02 % takes more and 10^-9 takes all there are.
#[test]
fn a_narrow_interval_needs_more_runs() {
    let replications = |precision| {
        let results = Results::new();
        let [_, summary] = results.tables(&&Fake::new(4), Rule::until(precision, 3, 12), 2);
        column(&summary, "replications").iter().map(|n| n.parse().unwrap()).collect::<Vec<u32>>()
    };
    assert_eq!(replications(0.01), [3, 3, 3, 3]);
    assert_eq!(replications(1e-9), [12, 12, 12, 12]);
    let between = replications(2e-4);
    assert!(between.iter().any(|&n| n > 3 && n < 12), "{between:?}");
}

#[test]
fn the_number_of_runs_does_not_hang_on_the_threads() {
    let rule = Rule::until(2e-4, 3, 12);
    let tables = Results::new().tables(&&Fake::new(10), rule, 1);
    for threads in [2, 8] {
        assert_eq!(Results::new().tables(&&Fake::new(10), rule, threads), tables);
    }
}

/// Every point that stopped before the most is within the precision, and was not one run earlier.
#[test]
fn it_stops_at_the_first_run_that_is_enough() {
    let (precision, most) = (2e-4, 12);
    let results = Results::new();
    let [points, summary] = results.tables(&&Fake::new(10), Rule::until(precision, 3, most), 2);
    let loops: Vec<f64> = column(&points, "loop_s").iter().map(|n| n.parse().unwrap()).collect();
    let mut next = 0;
    for count in column(&summary, "replications").iter().map(|n| n.parse::<usize>().unwrap()) {
        let runs = &loops[next..next + count];
        next += count;
        let is_narrow = |runs: &[f64]| {
            let estimate = Estimate::of(runs.iter().map(|value| Some(*value)));
            estimate.ci95.unwrap() <= precision * estimate.mean.unwrap()
        };
        assert!(is_narrow(runs) || count == most as usize, "{runs:?}");
        assert!((3..count).all(|fewer| !is_narrow(&runs[..fewer])), "{runs:?}");
    }
    assert_eq!(next, loops.len());
}

#[test]
fn a_wider_precision_later_runs_nothing_and_shows_fewer() {
    let results = Results::new();
    results.run(&&Fake::new(4), Rule::until(1e-9, 3, 6), 2);
    let again = Fake::new(4);
    let [_, summary] = results.tables(&&again, Rule::exactly(2), 2);
    assert_eq!(again.runs(), 0);
    assert_eq!(column(&summary, "replications"), ["2"; 4]);
}
