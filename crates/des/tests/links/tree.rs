//! Alike clients below one root: by hand, against the fluid, and against the other links.

use ingestsim_des::resource::{
    fair_mesh::{Constraint, FairMesh, Group, Limit},
    fair_tree::{FairTree, TreeCaps, TreeCauses},
    shared::{Audit, Bound, Shared},
};
use ingestsim_units::{Bytes, Rate, SimTime};
use proptest::prelude::*;

use crate::{
    QUANTUM, at, bytes, hundredths,
    lockstep::{Act, Fast, Step, check},
    oracle::{Fluid, Pipe},
    per_ns,
};

fn drain(tree: &mut FairTree) -> Vec<(u64, u32)> {
    let mut ends = Vec::new();
    while tree.next_end() < SimTime::NEVER {
        let now = tree.next_end();
        while let Some(id) = tree.end(now) {
            ends.push((now.as_nanos(), id));
        }
    }
    ends
}

fn nanos(bound: &Bound) -> [u64; 3] {
    [0, 1, 2].map(|cause| bound.of(cause).as_nanos())
}

/// Client 0 has one transfer, client 1 four; client cap 1 B/ns, root 1.5: the four get 1/4 each, the one the 0.5 left.
#[test]
fn a_full_client_leaves_the_rest_of_the_root() {
    let caps = TreeCaps { connection: None, client: per_ns(1), root: Some(hundredths(150)) };
    let mut tree = FairTree::new(2, caps);
    tree.start(at(0), 0, 0, bytes(500));
    for id in 1..5 {
        tree.start(at(0), 1, id, bytes(250));
    }
    assert_eq!(drain(&mut tree), [(1000, 0), (1000, 1), (1000, 2), (1000, 3), (1000, 4)]);
    assert_eq!(nanos(&tree.bound(at(2000), 0)), [0, 0, 1000]);
    assert_eq!(nanos(&tree.bound(at(2000), 1)), [0, 1000, 0]);
    assert_eq!(tree.client_load(at(2000), 1).carried_bytes(), 1000.0);
    assert_eq!(tree.root_load(at(2000)).carried_bytes(), 1500.0);
}

/// One transfer at its own 1 B/ns; with three more of the client (cap 2) 1/2 each; with eight of another client behind
/// a root of 2: all twelve 1/6, which is less than 2/4 and 2/8.
#[test]
fn the_binding_cap_moves_outwards_as_the_load_grows() {
    let caps = TreeCaps { connection: Some(per_ns(1)), client: per_ns(2), root: Some(per_ns(2)) };
    let mut tree = FairTree::new(2, caps).with_causes(TreeCauses { connection: 2, client: 0, root: 1 });
    for (id, start) in [(0, 0), (1, 60), (2, 60), (3, 60)] {
        tree.start(at(start), 0, id, bytes(10_000));
    }
    for id in 4..12 {
        tree.start(at(160), 1, id, bytes(10_000));
    }
    assert_eq!(nanos(&tree.bound(at(400), 0)), [100, 240, 60]);
    assert_eq!(nanos(&tree.bound(at(400), 1)), [0, 240, 0]);
}

/// Root 2 B/ns, client caps 1, both clients full with 2 transfers each: every rate is 1/2 and nothing changes when the
/// two levels tie, 200 B take 400 ns.
#[test]
fn clients_that_just_fill_the_root_get_their_caps() {
    let caps = TreeCaps { connection: None, client: per_ns(1), root: Some(per_ns(2)) };
    let mut tree = FairTree::new(2, caps);
    for id in 0..4 {
        tree.start(at(0), id / 2, id, bytes(200));
    }
    assert_eq!(drain(&mut tree), [(400, 0), (400, 1), (400, 2), (400, 3)]);
    assert_eq!(nanos(&tree.bound(at(400), 1)), [0, 400, 0]);
}

/// 300 B at the root's 2 B/ns for 50 ns, then at the lowered client cap of 1 for 100 ns, then 100 B at the raised 4.
#[test]
fn changed_caps_hold_from_then_on() {
    let mut tree = FairTree::new(1, TreeCaps { connection: None, client: per_ns(3), root: Some(per_ns(2)) });
    tree.start(at(0), 0, 9, bytes(300));
    tree.set_client_cap(at(50), per_ns(1));
    tree.set_root(at(150), None);
    tree.set_client_cap(at(150), per_ns(4));
    assert_eq!(drain(&mut tree), [(175, 9)]);
    assert_eq!(nanos(&tree.bound(at(175), 0)), [0, 125, 50]);
}

/// Three transfers at 1/3 of the client's 3 B/ns for 30 ns; one broken off, the others at 1.5: 30 + 60 / 1.5 = 70.
#[test]
fn a_cancelled_transfer_leaves_its_share() {
    let mut tree = FairTree::new(1, TreeCaps { connection: None, client: per_ns(3), root: None });
    for id in 0..3 {
        tree.start(at(0), 0, id, bytes(90));
    }
    tree.cancel(at(30), 1);
    assert_eq!(drain(&mut tree), [(70, 0), (70, 2)]);
    assert_eq!(tree.audit(at(70)).abandoned, bytes(60));
}

/// The caps of a script's tree in bytes a second.
#[derive(Debug, Clone, Copy)]
struct Caps {
    clients: u32,
    connection: Option<u64>,
    client: u64,
    root: u64,
}

impl Caps {
    fn tree(self) -> FairTree {
        let rate = Rate::per_second;
        let caps = TreeCaps {
            connection: self.connection.map(rate),
            client: rate(self.client),
            root: Some(rate(self.root)),
        };
        FairTree::new(self.clients, caps)
    }

    fn cap(self) -> f64 {
        self.connection.map_or(f64::INFINITY, |cap| cap as f64 / 1e9)
    }

    /// Clients first, the root behind them. Rates are one quantum low at most, and one of each transfer high where
    /// what others were rounded down by is left over.
    fn fluid(self) -> Fluid {
        let pipe = |rate: u64, cause| Pipe { capacity: rate as f64 / 1e9, cause, credits: None };
        let mut pipes: Vec<Pipe> = (0..self.clients).map(|_| pipe(self.client, 1)).collect();
        pipes.push(pipe(self.root, 2));
        Fluid::new(pipes, |n| (1 + n) as f64 * QUANTUM)
    }

    /// The same topology as a mesh.
    fn mesh(self) -> FairMesh {
        let steady = |rate, cause| Constraint { limit: Limit::Steady(Rate::per_second(rate)), cause };
        let mut constraints: Vec<Constraint> = (0..self.clients).map(|_| steady(self.client, 1)).collect();
        constraints.push(steady(self.root, 2));
        let group = |client| Group {
            path: vec![client, self.clients],
            cap: self.connection.map(|cap| (Rate::per_second(cap), 0)),
        };
        FairMesh::new(&constraints, &(0..self.clients).map(group).collect::<Vec<_>>())
    }
}

struct Tree {
    tree: FairTree,
    caps: Caps,
}

impl Fast for Tree {
    fn start(&mut self, now: SimTime, group: u32, id: u32, size: Bytes) {
        self.tree.start(now, group, id, size);
    }
    fn next_end(&self) -> SimTime {
        self.tree.next_end()
    }
    fn end(&mut self, now: SimTime) -> Option<u32> {
        self.tree.end(now)
    }
    fn cancel(&mut self, now: SimTime, id: u32) {
        self.tree.cancel(now, id);
    }
    fn set(&mut self, now: SimTime, which: usize, rate: u64, fluid: &mut Fluid) {
        let clients = self.caps.clients as usize;
        if which == 0 {
            self.tree.set_root(now, Some(Rate::per_second(rate)));
            fluid.pipes[clients].capacity = rate as f64 / 1e9;
        } else {
            self.tree.set_client_cap(now, Rate::per_second(rate));
            fluid.pipes[..clients].iter_mut().for_each(|pipe| pipe.capacity = rate as f64 / 1e9);
        }
    }
    fn bound(&mut self, now: SimTime, group: u32) -> Bound {
        self.tree.bound(now, group)
    }
    fn audit(&mut self, now: SimTime) -> Audit {
        self.tree.audit(now)
    }
    fn carried_and_excess(&mut self, now: SimTime) -> (f64, u128) {
        let root = self.tree.root_load(now);
        let clients: Vec<_> =
            (0..self.caps.clients).map(|client| self.tree.client_load(now, client)).collect();
        let carried: u128 = clients.iter().map(|load| load.carried).sum();
        assert_eq!(carried, root.carried, "what the root carries, the clients carry");
        (root.carried_bytes(), root.excess.max(clients[0].excess))
    }
    fn path(&self, group: u32) -> (Vec<usize>, (f64, usize)) {
        (vec![group as usize, self.caps.clients as usize], (self.caps.cap(), 0))
    }
}

struct Mesh {
    mesh: FairMesh,
    caps: Caps,
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
        let clients = self.caps.clients;
        let changed = if which == 0 { clients..clients + 1 } else { 0..clients };
        for constraint in changed {
            self.mesh.set_capacity(now, constraint, Rate::per_second(rate));
            fluid.pipes[constraint as usize].capacity = rate as f64 / 1e9;
        }
    }
    fn bound(&mut self, now: SimTime, group: u32) -> Bound {
        self.mesh.bound(now, group)
    }
    fn audit(&mut self, now: SimTime) -> Audit {
        self.mesh.audit(now)
    }
    fn carried_and_excess(&mut self, now: SimTime) -> (f64, u128) {
        let loads: Vec<_> =
            (0..=self.caps.clients).map(|constraint| self.mesh.load(now, constraint)).collect();
        let excess = loads.iter().map(|load| load.excess).max().unwrap_or(0);
        (loads[self.caps.clients as usize].carried_bytes(), excess)
    }
    fn path(&self, group: u32) -> (Vec<usize>, (f64, usize)) {
        (vec![group as usize, self.caps.clients as usize], (self.caps.cap(), 0))
    }
}

/// Caps that often tie, or miss a tie by one byte a second.
fn caps() -> impl Strategy<Value = Caps> {
    let near = prop_oneof![2 => Just(0_i64), 1 => Just(1), 1 => Just(-1), 2 => -300_000_000..300_000_000_i64];
    let connections = prop::option::of(Just(100_000_000_u64));
    (1..6_u32, connections, 1..12_u64, 1..20_u64, near.clone(), near).prop_map(
        |(clients, connection, client, root, off_client, off_root)| Caps {
            clients,
            connection,
            client: (client * 100_000_000).saturating_add_signed(off_client).max(1_000_000),
            root: (root * 100_000_000).saturating_add_signed(off_root).max(1_000_000),
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let act = prop_oneof![
        20 => (0..6_u32, 0..20_000_u64).prop_map(|(group, size)| Act::Start { group, size }),
        1 => (0..100_usize).prop_map(|pick| Act::Cancel { pick }),
        1 => (0..2_usize, 1..20_u64).prop_map(|(which, rate)| Act::Set { which, rate: rate * 100_000_000 }),
    ];
    let gap = prop_oneof![2 => Just(0), 4 => 0..3_000_u64, 1 => 0..50_000_u64];
    (gap, act).prop_map(|(gap, act)| Step { gap, act })
}

fn script() -> impl Strategy<Value = (Caps, Vec<Step>)> {
    (caps(), prop::collection::vec(step(), 1..120)).prop_map(|(caps, mut script)| {
        for step in &mut script {
            if let Act::Start { group, .. } = &mut step.act {
                *group %= caps.clients;
            }
        }
        (caps, script)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_follows_the_fluid((caps, script) in script()) {
        check(&mut Tree { tree: caps.tree(), caps }, caps.fluid(), &script);
    }

    /// To the nanosecond: both round the same shares down.
    #[test]
    fn a_tree_is_the_mesh_of_its_topology((caps, script) in script()) {
        let tree = check(&mut Tree { tree: caps.tree(), caps }, caps.fluid(), &script);
        let mesh = check(&mut Mesh { mesh: caps.mesh(), caps }, caps.fluid(), &script);
        prop_assert_eq!(tree, mesh);
    }

    /// To the nanosecond: clients that never bind are no more than names.
    #[test]
    fn a_tree_without_client_caps_is_one_server(
        sizes in prop::collection::vec((0..3_000_u64, 0..8_u32, 0..20_000_u64), 1..100),
    ) {
        let caps = TreeCaps { connection: Some(hundredths(20)), client: per_ns(9_000), root: Some(per_ns(1)) };
        let mut tree = FairTree::new(8, caps);
        let mut link = Shared::link(per_ns(1), Some(hundredths(20)));
        let mut now = 0;
        for (id, &(gap, client, size)) in sizes.iter().enumerate() {
            now += gap;
            while tree.next_end() <= at(now) {
                let due = tree.next_end();
                prop_assert_eq!(link.next_end(), due);
                prop_assert_eq!(tree.end(due), link.end(due));
            }
            tree.start(at(now), client, id as u32, bytes(size));
            link.start(at(now), id as u32, bytes(size));
        }
        while tree.next_end() < SimTime::NEVER {
            let due = tree.next_end();
            prop_assert_eq!(tree.end(due), link.end(due));
        }
        prop_assert_eq!(link.next_end(), SimTime::NEVER);
    }
}
