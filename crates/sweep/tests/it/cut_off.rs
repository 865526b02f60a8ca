//! Sweeps that were cut off, at any byte, go on where they stopped.

use std::fs::{self, OpenOptions};

use ingestsim_sweep::grid::{Journal, Kept, Row, Rule, Shard, SweepError};

use crate::{Results, chance, fake::Fake};

/// The journal is cut at ten places, each as a kill may leave it; what follows is as if nothing had happened.
#[test]
fn a_journal_cut_anywhere_is_completed_to_the_same_tables() {
    let whole = Results::new();
    let expected = whole.tables(&&Fake::new(25), Rule::exactly(3), 2);
    let journal = fs::read(whole.journal()).unwrap();
    let mut state = 4;
    for round in 0..10 {
        let results = Results::new();
        let length = chance(&mut state) as usize % journal.len();
        fs::write(results.journal(), &journal[..length]).unwrap();
        let lines = journal[..length].iter().filter(|byte| **byte == b'\n').count() as u64;
        let fake = Fake::new(25);
        assert_eq!(results.tables(&&fake, Rule::exactly(3), 2), expected, "round {round}, {length} bytes");
        assert_eq!(fake.runs(), 75 - lines.saturating_sub(1), "round {round}: no run is done twice");
    }
}

#[test]
fn a_finished_sweep_runs_nothing_again() {
    let results = Results::new();
    results.run(&&Fake::new(8), Rule::exactly(2), 2);
    let again = Fake::new(8);
    let tally = results.run(&&again, Rule::exactly(2), 2);
    assert_eq!((again.runs(), tally.ran, tally.kept, tally.points), (0, 0, 16, 8));
}

/// 10 points become 20, at other places of the grid, and two replications three: 10 · 1 + 10 · 3 runs are missing.
#[test]
fn a_grid_that_grows_keeps_its_old_points() {
    let results = Results::new();
    results.run(&&Fake::new(10), Rule::exactly(2), 2);
    let grown = Fake { value: |point| 19 - point, ..Fake::new(20) };
    let tables = results.tables(&&grown, Rule::exactly(3), 2);
    assert_eq!(grown.runs(), 40);
    let anew = Fake { value: |point| 19 - point, ..Fake::new(20) };
    assert_eq!(Results::new().tables(&&anew, Rule::exactly(3), 1), tables);
}

/// A grid that shrinks, or fewer replications, leave rows over that are of no point.
#[test]
fn rows_of_no_point_are_counted_and_left_alone() {
    let results = Results::new();
    results.run(&&Fake::new(10), Rule::exactly(3), 2);
    let joined = results.join(&&Fake::new(5), Rule::exactly(2));
    assert_eq!((joined.runs, joined.strangers, joined.missing), (10, 20, 0));
}

#[test]
fn a_locked_journal_is_refused() {
    let results = Results::new();
    let journal = Journal::open(results.path(), "journal.csv").unwrap();
    let error = Journal::open(results.path(), "journal.csv").unwrap_err();
    assert!(matches!(error, SweepError::Locked { .. }), "{error}");
    assert!(error.to_string().ends_with("journal.csv is being written by another process"), "{error}");
    drop(journal);
    Journal::open(results.path(), "journal.csv").unwrap();
}

#[test]
fn a_journal_of_other_columns_is_refused() {
    let results = Results::new();
    fs::write(results.journal(), "point,key\n1,2\n").unwrap();
    let error = Kept::in_folder(results.path()).unwrap_err();
    assert!(error.to_string().contains("has other columns than this version writes"), "{error}");
}

/// A loss of power may leave zeros where rows were: they are counted, and their runs are run again.
#[test]
fn lines_that_are_no_rows_are_run_again() {
    let results = Results::new();
    let tables = results.tables(&&Fake::new(10), Rule::exactly(1), 1);
    let mut journal = fs::read(results.journal()).unwrap();
    let lines: Vec<usize> = (0..journal.len()).filter(|&at| journal[at] == b'\n').collect();
    journal[lines[3] + 1..lines[4]].fill(0);
    fs::write(results.journal(), journal).unwrap();
    assert_eq!(Kept::in_folder(results.path()).unwrap().unreadable(), 1);
    let fake = Fake::new(10);
    assert_eq!(results.tables(&&fake, Rule::exactly(1), 1), tables);
    assert_eq!(fake.runs(), 1);
}

/// Each row is a line of its own, and whole, however many threads write.
#[test]
fn rows_of_many_threads_do_not_mix() {
    let results = Results::new();
    results.run(&&Fake::new(300), Rule::exactly(2), 8);
    let kept = Kept::in_folder(results.path()).unwrap();
    assert_eq!((kept.good(), kept.unreadable(), kept.twice()), (600, 0, 0));
    let text = fs::read_to_string(results.journal()).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    assert_eq!(header, Row::columns().collect::<Vec<_>>());
}

/// A journal that cannot be written stops the sweep instead of simulating for nothing.
#[test]
fn a_journal_that_is_gone_is_an_error() {
    let results = Results::new();
    let journal = results.path().join("journal.csv");
    fs::create_dir(&journal).unwrap();
    let error = results.run_shard(&&Fake::new(3), Rule::exactly(1), Shard::WHOLE, 1).unwrap_err();
    assert!(matches!(error, SweepError::Write { .. }), "{error}");
    fs::remove_dir(&journal).unwrap();
    OpenOptions::new().create(true).append(true).open(&journal).unwrap();
    results.run(&&Fake::new(3), Rule::exactly(1), 1);
}

/// A name that is too long stops the journal after its folders were made.
#[test]
fn a_journal_that_cannot_be_begun_leaves_no_folder() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("results/sweep");
    Journal::open(&folder, &"x".repeat(300)).unwrap_err();
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}
