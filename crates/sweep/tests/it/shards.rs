//! A sweep in parts, and what a merge says of them.

use ingestsim_sweep::grid::{Kept, Rule, Shard};

use crate::{Results, fake::Fake};

fn shard(text: &str) -> Shard {
    text.parse().unwrap()
}

#[test]
fn shards_in_any_order_come_to_the_same_tables() {
    let rule = Rule::exactly(3);
    let expected = Results::new().tables(&&Fake::new(22), rule, 2);
    for order in [["1/4", "2/4", "3/4", "4/4"], ["4/4", "2/4", "1/4", "3/4"]] {
        let results = Results::new();
        let fake = Fake::new(22);
        for text in order {
            results.run_shard(&&fake, rule, shard(text), 2).unwrap();
        }
        assert_eq!(fake.runs(), 66, "every run is of one shard");
        let joined = results.join(&&Fake::new(22), rule);
        assert_eq!((joined.missing, joined.strangers), (0, 0));
        assert_eq!(results.texts(), expected);
        assert!(!results.journal().exists());
    }
}

/// Shard 3 of 4 is left out: of 22 points 5 (2, 6, 10, 14, 18).
#[test]
fn a_merge_says_what_is_missing() {
    let results = Results::new();
    for text in ["1/4", "2/4", "4/4"] {
        results.run_shard(&&Fake::new(22), Rule::exactly(1), shard(text), 1).unwrap();
    }
    let joined = results.join(&&Fake::new(22), Rule::exactly(1));
    assert_eq!((joined.points, joined.missing, joined.runs), (22, 5, 17));
    assert_eq!(joined.missing_first[0], "2: even job.value=2");
    assert_eq!(joined.missing_shards, [shard("3/4")]);
    assert!(!results.path().join("summary.csv").exists());
    assert!(!results.path().join("points.csv").exists());
}

/// Two processes that did not know of each other: the same folder's journals are put together from two.
#[test]
fn a_merge_says_what_is_there_twice() {
    let [one, other] = [Results::new(), Results::new()];
    one.run_shard(&&Fake::new(10), Rule::exactly(2), shard("1/2"), 1).unwrap();
    one.run_shard(&&Fake::new(10), Rule::exactly(2), shard("2/2"), 1).unwrap();
    other.run_shard(&&Fake::new(10), Rule::exactly(2), shard("1/5"), 1).unwrap();
    std::fs::copy(other.path().join("journal.1-of-5.csv"), one.path().join("journal.1-of-5.csv")).unwrap();
    let kept = Kept::in_folder(one.path()).unwrap();
    assert_eq!((kept.twice(), kept.contradictions(), kept.good()), (4, 0, 20));
    assert_eq!(one.join_of(&&Fake::new(10), Rule::exactly(2), kept).missing, 0);
    assert_eq!(one.texts(), Results::new().tables(&&Fake::new(10), Rule::exactly(2), 1));
}

#[test]
fn a_merge_says_what_contradicts_itself() {
    let results = Results::new();
    results.run_shard(&&Fake::new(3), Rule::exactly(1), shard("1/1"), 1).unwrap();
    let journal = std::fs::read_to_string(results.journal()).unwrap();
    std::fs::write(results.path().join("journal.1-of-2.csv"), journal.replace(",0.5,", ",0.75,")).unwrap();
    let kept = Kept::in_folder(results.path()).unwrap();
    assert_eq!((kept.twice(), kept.contradictions()), (3, 3));
}

/// Two values of one key that are the same scenario, such as 1000 kB and 1 MB, are two points and no repetition.
#[test]
fn a_grid_may_hold_a_point_twice() {
    let results = Results::new();
    let twins = Fake { value: |point| point / 2, ..Fake::new(10) };
    let [points, _] = results.tables(&&twins, Rule::exactly(1), 1);
    assert_eq!(Kept::in_folder(results.path()).unwrap().twice(), 0);
    assert_eq!(points.lines().count(), 11);
}

/// What shards have left over, a sweep in the same folder completes.
#[test]
fn a_whole_sweep_takes_what_its_shards_have_done() {
    let results = Results::new();
    results.run_shard(&&Fake::new(10), Rule::exactly(2), shard("2/3"), 1).unwrap();
    let rest = Fake::new(10);
    let tables = results.tables(&&rest, Rule::exactly(2), 2);
    assert_eq!(rest.runs(), 20 - 6);
    assert_eq!(tables, Results::new().tables(&&Fake::new(10), Rule::exactly(2), 2));
}
