//! Groups over several constraints: by hand, and against the fluid.

use ingestsim_des::resource::{
    fair_mesh::{Burst, Constraint, FairMesh, Group, Limit},
    shared::{Audit, Bound},
};
use ingestsim_units::{Bytes, Rate, SimTime};
use proptest::prelude::*;

use crate::{
    QUANTUM, at, bytes, hundredths,
    lockstep::{Act, Fast, Step, check},
    oracle::{Credits, Fluid, Pipe},
    per_ns,
};

pub(crate) fn drain(mesh: &mut FairMesh) -> Vec<(u64, u32)> {
    let mut ends = Vec::new();
    while mesh.next_end() < SimTime::NEVER {
        let now = mesh.next_end();
        while let Some(id) = mesh.end(now) {
            ends.push((now.as_nanos(), id));
        }
    }
    ends
}

pub(crate) fn steady(rate: Rate, cause: u8) -> Constraint {
    Constraint { limit: Limit::Steady(rate), cause }
}

/// Links of 1 and 2 B/ns; one group over both, one over each. The first link gives 1/2 to both of its groups, which
/// leaves 3/2 of the second. 300 B over the second alone end at 200; 100 B over the first at 200, too.
#[test]
fn the_line_network_is_max_min_fair() {
    let group = |path: &[u32]| Group { path: path.to_vec(), cap: None };
    let constraints = [steady(per_ns(1), 4), steady(per_ns(2), 5)];
    let mut mesh = FairMesh::new(&constraints, &[group(&[0, 1]), group(&[0]), group(&[1])]);
    mesh.start(at(0), 0, 0, bytes(1000));
    mesh.start(at(0), 1, 1, bytes(100));
    mesh.start(at(0), 2, 2, bytes(300));
    assert_eq!((mesh.next_end(), mesh.end(at(200)), mesh.end(at(200))), (at(200), Some(1), Some(2)));
    assert_eq!(mesh.bound(at(200), 0).of(4).as_nanos(), 200);
    assert_eq!(mesh.bound(at(200), 2).of(5).as_nanos(), 200);
    // 100 of 1,000 B are through; the rest goes at the first link's 1 B/ns.
    assert_eq!(drain(&mut mesh), [(1100, 0)]);
    assert_eq!(mesh.load(at(1100), 0).carried_bytes(), 1100.0);
    assert_eq!(mesh.load(at(1100), 1).carried_bytes(), 1300.0);
}

/// Two clients (3 B/ns each) and two servers (2 B/ns), pairs of 0.5: while only pairs bind every pair is slack; with
/// three transfers a pair still has 0.5 in all.
#[test]
fn pairs_bind_before_servers_and_clients() {
    let constraints: Vec<Constraint> = (0..4)
        .map(|_| steady(hundredths(50), 0))
        .chain((0..2).map(|_| steady(per_ns(2), 1)))
        .chain((0..2).map(|_| steady(per_ns(3), 2)))
        .collect();
    let groups: Vec<Group> =
        (0..4).map(|pair| Group { path: vec![pair, 4 + pair % 2, 6 + pair / 2], cap: None }).collect();
    let mut mesh = FairMesh::new(&constraints, &groups);
    mesh.start(at(0), 0, 0, bytes(100));
    for id in 1..5 {
        mesh.start(at(0), 3, id, bytes(100));
    }
    assert_eq!(drain(&mut mesh), [(200, 0), (800, 1), (800, 2), (800, 3), (800, 4)]);
    assert_eq!(mesh.bound(at(800), 3).of(0).as_nanos(), 800);
}

/// One transfer of 100 B at 1 B/ns; at 50 ns the server drops to 0.1, and comes back at 150: 50 + 100 + 40 = 190 ns.
#[test]
fn a_changed_capacity_holds_from_then_on() {
    let groups: Vec<Group> = (0..2).map(|_| Group { path: vec![0], cap: None }).collect();
    let mut mesh = FairMesh::new(&[steady(per_ns(1), 0)], &groups);
    mesh.start(at(0), 1, 0, bytes(100));
    mesh.set_capacity(at(50), 0, Rate::per_second(100_000_000));
    mesh.set_capacity(at(150), 0, per_ns(1));
    assert_eq!(mesh.next_end(), at(191)); // 0.1 B/ns rounded down leaves a trace of a byte after 190 ns
    mesh.cancel(at(190), 0);
    assert_eq!((mesh.next_end(), mesh.under_way()), (SimTime::NEVER, 0));
    assert_eq!(mesh.audit(at(190)).delivered, bytes(100));
}

#[test]
#[should_panic(expected = "a group crosses a constraint once")]
fn a_path_that_repeats_itself_is_refused() {
    let _ = FairMesh::new(&[steady(per_ns(1), 0)], &[Group { path: vec![0, 0], cap: None }]);
}

/// A mesh of random paths, and the oracle's view of it.
struct Mesh {
    mesh: FairMesh,
    groups: Vec<Group>,
    n_constraints: u32,
}

impl Fast for Mesh {
    fn start(&mut self, now: SimTime, group: u32, id: u32, size: Bytes) {
        self.mesh.start(now, group, id, size);
    }
    fn next_end(&self) -> SimTime {
        self.mesh.next_end()
    }
    fn end(&mut self, now: SimTime) -> Option<u32> {
        self.mesh.end(now)
    }
    fn cancel(&mut self, now: SimTime, id: u32) {
        self.mesh.cancel(now, id);
    }
    fn set(&mut self, now: SimTime, which: usize, rate: u64, fluid: &mut Fluid) {
        if fluid.pipes[which].credits.is_none() {
            self.mesh.set_capacity(now, which as u32, Rate::per_second(rate));
            fluid.pipes[which].capacity = rate as f64 / 1e9;
        }
    }
    fn bound(&mut self, now: SimTime, group: u32) -> Bound {
        self.mesh.bound(now, group)
    }
    fn audit(&mut self, now: SimTime) -> Audit {
        self.mesh.audit(now)
    }
    /// The last constraint is on every path.
    fn carried_and_excess(&mut self, now: SimTime) -> (f64, u128) {
        let loads: Vec<_> =
            (0..self.n_constraints).map(|constraint| self.mesh.load(now, constraint)).collect();
        let excess = loads.iter().map(|load| load.excess).max().unwrap_or(0);
        (loads[self.n_constraints as usize - 1].carried_bytes(), excess)
    }
    fn path(&self, group: u32) -> (Vec<usize>, (f64, usize)) {
        let group = &self.groups[group as usize];
        let cap =
            group.cap.map_or((f64::INFINITY, 0), |(rate, cause)| (rate.as_f64() / 1e9, usize::from(cause)));
        (group.path.iter().map(|&constraint| constraint as usize).collect(), cap)
    }
}

const GROUPS: u32 = 7;
const CONSTRAINTS: u32 = 5;

/// A capacity in bytes a second, and maybe credits: burst factor, depth and level in bytes, whether a third is metered.
type Spec = (u64, Option<(u64, u64, u64, bool)>);

fn mesh_and_fluid(specs: &[Spec], paths: &[(u8, Option<u64>)]) -> (Mesh, Fluid) {
    let mut constraints = Vec::new();
    let mut pipes = Vec::new();
    for (cause, &(rate, credits)) in (1_u8..).zip(specs) {
        let baseline = Rate::per_second(rate);
        let limit = credits.map_or(Limit::Steady(baseline), |(factor, depth, level, third)| {
            Limit::Credit(Burst {
                baseline,
                burst: Rate::per_second(rate * factor),
                depth: bytes(depth),
                level: bytes(level.min(depth)),
                meter_num: 1,
                meter_den: if third { 3 } else { 1 },
            })
        });
        constraints.push(Constraint { limit, cause });
        let per_ns = rate as f64 / 1e9;
        let credits = credits.map(|(factor, depth, level, third)| {
            let meter = if third { 1.0 / 3.0 } else { 1.0 };
            Credits::new(per_ns, per_ns * factor as f64, depth as f64, level.min(depth) as f64, meter)
        });
        pipes.push(Pipe { capacity: per_ns, cause: usize::from(cause), credits });
    }
    let groups: Vec<Group> = paths
        .iter()
        .map(|&(mask, cap)| Group {
            path: (0..CONSTRAINTS).filter(|bit| bit + 1 == CONSTRAINTS || mask >> bit & 1 == 1).collect(),
            cap: cap.map(|cap| (Rate::per_second(cap), 0)),
        })
        .collect();
    // What is rounded down at one constraint goes to those that fill up later, at most one quantum for each transfer,
    // and again at each of the few different levels.
    let fluid = Fluid::new(pipes, |n| ((1 + n) as f64).powi(3) * QUANTUM);
    let mesh = FairMesh::new(&constraints, &groups);
    (Mesh { mesh, groups, n_constraints: CONSTRAINTS }, fluid)
}

fn paths() -> impl Strategy<Value = Vec<(u8, Option<u64>)>> {
    let cap = prop::option::of(prop_oneof![Just(100_000_000_u64), 10_000_000..1_000_000_000_u64]);
    prop::collection::vec((0..16_u8, cap), GROUPS as usize)
}

fn rate() -> impl Strategy<Value = u64> {
    prop_oneof![(1..20_u64).prop_map(|tenths| tenths * 100_000_000), 10_000_000..2_000_000_000_u64]
}

fn step() -> impl Strategy<Value = Step> {
    let act = prop_oneof![
        20 => (0..GROUPS, 0..20_000_u64).prop_map(|(group, size)| Act::Start { group, size }),
        1 => (0..100_usize).prop_map(|pick| Act::Cancel { pick }),
        1 => (0..CONSTRAINTS as usize, rate()).prop_map(|(which, rate)| Act::Set { which, rate }),
    ];
    let gap = prop_oneof![2 => Just(0), 4 => 0..6_000_u64, 1 => 0..100_000_u64];
    (gap, act).prop_map(|(gap, act)| Step { gap, act })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_mesh_follows_the_fluid(
        rates in prop::collection::vec(rate(), CONSTRAINTS as usize),
        paths in paths(),
        script in prop::collection::vec(step(), 1..60),
    ) {
        let specs: Vec<Spec> = rates.into_iter().map(|rate| (rate, None)).collect();
        let (mut mesh, fluid) = mesh_and_fluid(&specs, &paths);
        check(&mut mesh, fluid, &script);
    }

    /// With credits on one constraint, which run out within a script or come back. (With more than one, the fraction of
    /// a nanosecond by which one runs out late would count against the other's level, and that can make it run out much
    /// later.)
    #[test]
    fn a_mesh_with_credits_follows_the_fluid(
        rates in prop::collection::vec(rate(), CONSTRAINTS as usize),
        burst in (0..CONSTRAINTS as usize, 1..6_u64, 0..20_000_u64, 0..20_000_u64, any::<bool>()),
        paths in paths(),
        script in prop::collection::vec(step(), 1..60),
    ) {
        let (place, factor, depth, level, third) = burst;
        let mut specs: Vec<Spec> = rates.into_iter().map(|rate| (rate, None)).collect();
        specs[place].1 = Some((factor, depth, level, third));
        let (mut mesh, fluid) = mesh_and_fluid(&specs, &paths);
        check(&mut mesh, fluid, &script);
    }
}
