//! Burst credits by hand.

use ingestsim_des::resource::fair_mesh::{Burst, Constraint, FairMesh, Group, Limit};
use ingestsim_units::SimTime;

use crate::{at, bytes, hundredths, mesh::drain, per_ns};

/// 1 B/ns, 4 with credits, of which 300 fit; `level` at first, a byte counting as `1 / den`.
fn bucket(level: u64, den: u32) -> FairMesh {
    let burst = Burst {
        baseline: per_ns(1),
        burst: per_ns(4),
        depth: bytes(300),
        level: bytes(level),
        meter_num: 1,
        meter_den: den,
    };
    let groups = [None, Some((hundredths(50), 1))].map(|cap| Group { path: vec![0], cap });
    FairMesh::new(&[Constraint { limit: Limit::Credit(burst), cause: 0 }], &groups)
}

/// 300 credits go at 4 − 1 = 3 a nanosecond: 400 B in 100 ns. The other 600 B at 1 B/ns: ends at 700.
#[test]
fn spent_credits_leave_the_baseline() {
    let mut mesh = bucket(300, 1);
    mesh.start(at(0), 0, 0, bytes(1000));
    assert_eq!(mesh.next_end(), at(100));
    assert_eq!(mesh.end(at(100)), None);
    assert_eq!((mesh.next_end(), mesh.level(at(100), 0)), (at(700), Some(bytes(0))));
    assert_eq!(mesh.end(at(700)), Some(0));
    assert_eq!(mesh.next_end(), SimTime::NEVER);
}

/// Idle for 50 ns after they were spent, credits are 50; idle for long, they are as many as fit.
#[test]
fn credits_come_back_up_to_the_depth() {
    let mut mesh = bucket(300, 1);
    mesh.start(at(0), 0, 0, bytes(1000));
    assert_eq!(drain(&mut mesh), [(700, 0)]);
    assert_eq!(mesh.level(at(750), 0), Some(bytes(50)));
    assert_eq!(mesh.level(at(5000), 0), Some(bytes(300)));
}

/// A third is metered: 3 B/ns and 12 with credits. 300 credits go at 4 − 1 a nanosecond: 1,200 B in 100 ns, then 300 B
/// at 3 B/ns.
#[test]
fn metered_bytes_count_by_their_weight() {
    let mut mesh = bucket(300, 3);
    mesh.start(at(0), 0, 0, bytes(1500));
    assert_eq!(drain(&mut mesh), [(200, 0)]);
}

/// At 0.5 B/ns of 1 nothing is spent and 0.5 a nanosecond come back: 100 + 50 = 150 after 100 ns.
#[test]
fn below_the_baseline_credits_grow() {
    let mut mesh = bucket(100, 1);
    mesh.start(at(0), 1, 0, bytes(50));
    assert_eq!(drain(&mut mesh), [(100, 0)]);
    assert_eq!(mesh.level(at(100), 0), Some(bytes(150)));
}

/// Spent credits and a demand above the baseline: a thousand starts and ends, and not one event besides them. Shares of
/// 1/3 are rounded down, and what that leaves of the baseline must not come back as credits.
#[test]
fn at_no_credits_nothing_chatters() {
    let mut mesh = bucket(0, 1);
    for id in 0..3 {
        mesh.start(at(0), 0, id, bytes(100));
    }
    for _ in 0..1000 {
        let now = mesh.next_end();
        let id = mesh.end(now).expect("every event is an end");
        mesh.start(now, 0, id, bytes(100 + u64::from(id)));
        assert_eq!(mesh.level(now, 0), Some(bytes(0)));
    }
}

/// Two at 0.5 and 0.25 of 1 B/ns earn 0.25 a nanosecond for 40 ns: 10 credits. A third, unbounded, takes the rest of
/// the 4 B/ns, which spends 3 a nanosecond: dry after 10 / 3, rounded up to 4 ns.
#[test]
fn a_few_credits_carry_a_short_burst() {
    let burst = Burst {
        baseline: per_ns(1),
        burst: per_ns(4),
        depth: bytes(300),
        level: bytes(0),
        meter_num: 1,
        meter_den: 1,
    };
    let cap = |rate| Group { path: vec![0], cap: Some((hundredths(rate), 1)) };
    let groups = [cap(50), cap(25), Group { path: vec![0], cap: None }];
    let mut mesh = FairMesh::new(&[Constraint { limit: Limit::Credit(burst), cause: 0 }], &groups);
    mesh.start(at(0), 0, 0, bytes(1000));
    mesh.start(at(0), 1, 1, bytes(1000));
    assert_eq!(mesh.level(at(40), 0), Some(bytes(10)));
    mesh.start(at(40), 2, 2, bytes(1000));
    assert_eq!((mesh.next_end(), mesh.end(at(44))), (at(44), None));
    // Three at 1/3 of 1 B/ns, but for the one that wants only 1/4: the others get 3/8.
    assert_eq!(mesh.level(at(100), 0), Some(bytes(0)));
}

/// Two buckets in a row, each 1 B/ns or 4 with 60 credits, the second fed by another group as well: at first 2 B/ns
/// each, so the first bucket loses 1 a nanosecond and the second 3: dry after 20 ns. From then on 1/2 each, and the first
/// earns 1/2 a nanosecond on top of its 40.
#[test]
fn buckets_in_a_row_run_dry_by_themselves() {
    let burst = Burst {
        baseline: per_ns(1),
        burst: per_ns(4),
        depth: bytes(60),
        level: bytes(60),
        meter_num: 1,
        meter_den: 1,
    };
    let bucket = |cause| Constraint { limit: Limit::Credit(burst), cause };
    let groups = [vec![0, 1], vec![1]].map(|path| Group { path, cap: None });
    let mut mesh = FairMesh::new(&[bucket(0), bucket(1)], &groups);
    mesh.start(at(0), 0, 0, bytes(1000));
    mesh.start(at(0), 1, 1, bytes(1000));
    assert_eq!((mesh.next_end(), mesh.end(at(20))), (at(20), None));
    assert_eq!(mesh.level(at(30), 0), Some(bytes(45)));
    assert_eq!(mesh.level(at(30), 1), Some(bytes(0)));
    assert_eq!(mesh.bound(at(30), 0).of(1).as_nanos(), 30);
}
