//! Large grids: what memory holds does not grow with the points.

use ingestsim_sweep::grid::Rule;

use crate::{Results, fake::Fake};

/// As many points are open as there are threads, whatever the size of the grid, and the tables are streamed.
#[test]
fn no_more_points_are_open_than_threads() {
    for points in [10, 1_000, 10_000] {
        let results = Results::new();
        let fake = Fake::new(points);
        let tally = results.run(&&fake, Rule::exactly(1), 4);
        assert_eq!(fake.runs(), points);
        assert!(fake.live_max() <= 4 && tally.open_max <= 4, "{} of {points} points open", fake.live_max());
    }
}

/// One point of many replications keeps its one plan for all of them.
#[test]
fn replications_share_a_plan() {
    let results = Results::new();
    let fake = Fake::new(1);
    results.run(&&fake, Rule::exactly(500), 4);
    assert_eq!((fake.runs(), fake.live_max()), (500, 1));
}

/// The rows of 40,000 points would be 28 MB, and their plans and keys more.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_points() {
    let pass = |points: u64| {
        let results = Results::new();
        let fake = Fake::new(points);
        results.run(&&fake, Rule::exactly(1), 2);
        results.run(&&fake, Rule::exactly(1), 2);
        assert_eq!(results.join(&&fake, Rule::exactly(1)).runs, points);
        let kilobytes = resident().split_whitespace().nth(1).map(|number| number.parse::<u64>().unwrap());
        kilobytes.unwrap()
    };
    let (few, many) = (pass(1_000), pass(40_000));
    assert!(many < few + 20_000, "{few} kB of memory became {many} kB");
}

/// A million points: run it with `--release -- --ignored --nocapture`.
#[test]
#[ignore = "takes a minute or two, and a gigabyte of disk"]
fn a_million_points_run() {
    let points = 1_000_000;
    let results = Results::new();
    let fake = Fake::new(points);
    let start = std::time::Instant::now();
    let tally = results.run(&&fake, Rule::exactly(1), 2);
    println!("ran in {:.1} s, {}", start.elapsed().as_secs_f64(), resident());
    assert_eq!((tally.points, tally.ran), (points, points));
    assert!(fake.live_max() <= 2);
    let again = Fake::new(points);
    let start = std::time::Instant::now();
    results.run(&&again, Rule::exactly(1), 2);
    println!("resumed in {:.1} s, {}", start.elapsed().as_secs_f64(), resident());
    assert_eq!(again.runs(), 0);
    let start = std::time::Instant::now();
    let joined = results.join(&&fake, Rule::exactly(1));
    println!("joined in {:.1} s, {}", start.elapsed().as_secs_f64(), resident());
    assert_eq!((joined.runs, joined.missing), (points, 0));
}

/// The most memory that the process ever had, as Linux tells it.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown").to_owned()
}
