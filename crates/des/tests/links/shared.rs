//! One server: by hand, and against the fluid.

use ingestsim_des::resource::shared::{Audit, Bound, Shared};
use ingestsim_units::{Bytes, Rate, Share, SimTime};
use proptest::prelude::*;

use crate::{
    QUANTUM, at, bytes, hundredths,
    lockstep::{Act, Fast, Step, check},
    oracle::{Fluid, Pipe},
    per_ns,
};

/// All ends in order, as (nanosecond, identifier).
fn drain(link: &mut Shared) -> Vec<(u64, u32)> {
    let mut ends = Vec::new();
    while link.next_end() < SimTime::NEVER {
        let now = link.next_end();
        while let Some(id) = link.end(now) {
            ends.push((now.as_nanos(), id));
        }
    }
    ends
}

/// 100 GB and 50 GB at 10 GB/s: 5 GB/s each until the second ends after 10 s, then 50 GB more at 10 GB/s: 15 s.
#[test]
fn two_transfers_share_then_one_has_all() {
    let mut link = Shared::link(per_ns(10), None);
    link.start(at(0), 0, bytes(100_000_000_000));
    link.start(at(0), 1, bytes(50_000_000_000));
    assert_eq!(drain(&mut link), [(10_000_000_000, 1), (15_000_000_000, 0)]);
}

/// 10 bytes at 3 B/ns take 3.33 ns, so end at 4.
#[test]
fn ends_are_rounded_up() {
    let mut link = Shared::link(per_ns(3), None);
    link.start(at(0), 0, bytes(10));
    assert_eq!(link.next_end(), at(4));
    assert_eq!(link.end(at(3)), None);
    assert_eq!(link.end(at(4)), Some(0));
    assert_eq!(link.next_end(), SimTime::NEVER);
}

/// At 100 B/ns 10, 9 and 11 bytes all end within the first nanosecond, and one without bytes started last follows.
#[test]
fn ends_of_one_nanosecond_come_in_order_of_start() {
    let mut link = Shared::link(per_ns(100), None);
    for (id, size) in [(7, 10), (3, 9), (5, 11)] {
        link.start(at(0), id, bytes(size));
    }
    assert_eq!(link.end(at(1)), Some(7));
    link.start(at(1), 7, bytes(0));
    assert_eq!([link.end(at(1)), link.end(at(1)), link.end(at(1))], [Some(3), Some(5), Some(7)]);
    assert_eq!(link.end(at(1)), None);
}

#[test]
fn nothing_to_move_ends_at_once() {
    let mut link = Shared::link(per_ns(1), None);
    link.start(at(5), 0, bytes(0));
    assert_eq!(link.next_end(), at(5));
    assert_eq!(link.end(at(5)), Some(0));
}

/// A cap of 1 B/ns on a link of 4: up to four transfers go at 1, eight at 0.5. 100 ns alone, then 8 × 50 B in 100 ns.
#[test]
fn the_cap_holds_until_the_link_is_full() {
    let mut link = Shared::link(per_ns(4), Some(per_ns(1))).with_causes(3, 5);
    link.start(at(0), 0, bytes(150));
    for id in 1..8 {
        link.start(at(100), id, bytes(50));
    }
    let ends = drain(&mut link);
    assert_eq!(ends, (0..8).map(|id| (200, id)).collect::<Vec<_>>());
    let bound = link.bound(at(200));
    assert_eq!((bound.of(3).as_nanos(), bound.of(5).as_nanos(), bound.total().as_nanos()), (100, 100, 200));
}

/// Two cores, bonus 0.2. Four tasks: 2 · 1.2 / 4 = 0.6 of a core each, so 60 ns of work take 100 ns. Two: 60 ns.
#[test]
fn second_threads_add_a_fifth() {
    for (tasks, end) in [(1, 60), (2, 60), (4, 101), (8, 201)] {
        let mut cores = Shared::cores(2, Share::new(0.2));
        for id in 0..tasks {
            cores.start(at(0), id, bytes(60));
        }
        // 2.4 / 4 is rounded down, which makes 100 ns of it a little too short for 60 ns of work.
        assert_eq!(cores.next_end(), at(end));
    }
}

/// Three tasks on two cores: (2 + 0.25 · 1) / 3 = 0.75 of a core each, so 60 ns of work take 80 ns.
#[test]
fn one_second_thread_adds_its_part() {
    let mut cores = Shared::cores(2, Share::new(0.25));
    for id in 0..3 {
        cores.start(at(0), id, bytes(60));
    }
    assert_eq!(cores.next_end(), at(80));
}

/// 100 B at 2 B/ns for 20 ns leave 60; nothing for 30 ns; then 60 at 1 B/ns: ends at 20 + 30 + 60 = 110.
#[test]
fn a_changed_capacity_holds_from_then_on() {
    let mut link = Shared::link(per_ns(2), None);
    link.start(at(0), 0, bytes(100));
    link.set_capacity(at(20), Rate::per_second(0));
    assert_eq!(link.next_end(), SimTime::NEVER);
    link.set_capacity(at(50), per_ns(1));
    assert_eq!(link.next_end(), at(110));
}

/// Two of 100 B at 2 B/ns: after 40 ns one is broken off with 60 to go; the other takes 60 / 2 = 30 ns more.
#[test]
fn a_cancelled_transfer_leaves_its_share() {
    let mut link = Shared::link(per_ns(2), None);
    link.start(at(0), 0, bytes(100));
    link.start(at(0), 1, bytes(100));
    link.cancel(at(40), 0);
    assert_eq!(drain(&mut link), [(70, 1)]);
    let audit = link.audit(at(70));
    assert_eq!((audit.delivered, audit.abandoned), (bytes(140), bytes(60)));
    link.start(at(70), 0, bytes(2));
    assert_eq!(link.next_end(), at(71));
}

/// One for 10 ns alone and 10 ns in company: 10 + 2 · 10 transfer-nanoseconds, 20 busy, 40 B at 2 B/ns carried.
#[test]
fn totals_add_up() {
    let mut link = Shared::link(per_ns(2), None);
    link.start(at(5), 0, bytes(30));
    link.start(at(15), 1, bytes(10));
    assert_eq!(drain(&mut link), [(25, 0), (25, 1)]);
    let audit = link.audit(at(100));
    assert_eq!((audit.asked, audit.delivered), (bytes(40), bytes(40)));
    assert_eq!((audit.transfer_ns, audit.busy.as_nanos()), (30, 20));
    let load = link.load(at(100));
    assert_eq!((load.carried_bytes(), load.peak_rate(), load.excess), (40.0, 2e9, 0));
}

#[test]
#[should_panic(expected = "an identifier is free when its transfer starts")]
fn an_identifier_under_way_is_refused() {
    let mut link = Shared::link(per_ns(1), None);
    link.start(at(0), 0, bytes(1));
    link.start(at(0), 0, bytes(1));
}

/// A link and its cap in bytes a nanosecond.
struct Link {
    link: Shared,
    cap: f64,
}

impl Fast for Link {
    fn start(&mut self, now: SimTime, _group: u32, id: u32, size: Bytes) {
        self.link.start(now, id, size);
    }
    fn next_end(&self) -> SimTime {
        self.link.next_end()
    }
    fn end(&mut self, now: SimTime) -> Option<u32> {
        self.link.end(now)
    }
    fn cancel(&mut self, now: SimTime, id: u32) {
        self.link.cancel(now, id);
    }
    fn set(&mut self, now: SimTime, _which: usize, rate: u64, fluid: &mut Fluid) {
        self.link.set_capacity(now, Rate::per_second(rate));
        fluid.pipes[0].capacity = rate as f64 / 1e9;
    }
    fn bound(&mut self, now: SimTime, _group: u32) -> Bound {
        self.link.bound(now)
    }
    fn audit(&mut self, now: SimTime) -> Audit {
        self.link.audit(now)
    }
    fn carried_and_excess(&mut self, now: SimTime) -> (f64, u128) {
        let load = self.link.load(now);
        (load.carried_bytes(), load.excess)
    }
    fn path(&self, _group: u32) -> (Vec<usize>, (f64, usize)) {
        (vec![0], (self.cap, 0))
    }
}

fn step() -> impl Strategy<Value = Step> {
    let act = prop_oneof![
        12 => (0..20_000_u64).prop_map(|size| Act::Start { group: 0, size }),
        1 => (0..100_usize).prop_map(|pick| Act::Cancel { pick }),
        1 => (1_000_000..5_000_000_000_u64).prop_map(|rate| Act::Set { which: 0, rate }),
    ];
    let gap = prop_oneof![1 => Just(0), 4 => 0..5_000_u64, 1 => 0..100_000_u64];
    (gap, act).prop_map(|(gap, act)| Step { gap, act })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Rates are one quantum low at most.
    #[test]
    fn a_link_follows_the_fluid(
        capacity in 10_000_000..5_000_000_000_u64,
        cap in prop::option::of(10_000_000..1_000_000_000_u64),
        script in prop::collection::vec(step(), 1..80),
    ) {
        let pipe = Pipe { capacity: capacity as f64 / 1e9, cause: 1, credits: None };
        let link = Shared::link(Rate::per_second(capacity), cap.map(Rate::per_second));
        let mut link = Link { link, cap: cap.map_or(f64::INFINITY, |cap| cap as f64 / 1e9) };
        check(&mut link, Fluid::new(vec![pipe], |_| QUANTUM), &script);
    }

    /// As a link whose transfers each have a core, without the second threads.
    #[test]
    fn cores_without_a_bonus_are_a_capped_link(
        cores in 1..6_u32,
        sizes in prop::collection::vec((0..3_000_u64, 0..20_000_u64), 1..60),
    ) {
        let mut node = Shared::cores(cores, Share::new(0.0));
        let mut link = Shared::link(hundredths(100 * u64::from(cores)), Some(hundredths(100)));
        let mut now = 0;
        for (id, &(gap, size)) in sizes.iter().enumerate() {
            now += gap;
            for server in [&mut node, &mut link] {
                while server.next_end() <= at(now) {
                    let due = server.next_end();
                    server.end(due);
                }
                server.start(at(now), id as u32, bytes(size));
            }
        }
        prop_assert_eq!(drain(&mut node), drain(&mut link));
    }
}
