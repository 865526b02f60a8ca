//! The kernel alone: the agenda under the hold model, fair links at a steady number of transfers, and the floor.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ingestsim_benches::{S8, S64, floor::Floor};
use ingestsim_des::{
    agenda::{Agenda, Slot},
    draw::{Distribution, Draws, QuantileTable},
    resource::{
        fair_tree::{FairTree, TreeCaps},
        shared::Shared,
    },
};
use ingestsim_units::{Bytes, Rate, SimTime};

/// Events, changes or samples of one iteration.
const BATCH: u64 = 10_000;

/// The hold model: take the next event, schedule another for the same slot an exponential time later.
fn agenda(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("agenda, hold model");
    group.throughput(Throughput::Elements(BATCH));
    let table = QuantileTable::new(&Distribution::Exponential { mean: 1e6 }).expect("it can be drawn from");
    let delays = Draws::new(1, 0).of("delay");
    for slots in [64_u32, 512, 4_096, 65_536] {
        let mut agenda = Agenda::with_slots(slots as usize);
        let mut drawn = 0;
        let mut delay = || {
            drawn += 1;
            table.span(delays.at(drawn, 0))
        };
        for slot in 0..slots {
            agenda.schedule(Slot::new(slot), SimTime::ZERO + delay(), slot);
        }
        group.bench_function(BenchmarkId::from_parameter(slots), |bencher| {
            bencher.iter(|| {
                for _ in 0..BATCH {
                    let (at, slot, event) = agenda.pop().expect("every slot has an event");
                    agenda.schedule(slot, at + delay(), event);
                }
            });
        });
    }
    group.finish();
}

/// Sizes of files, drawn anew for each transfer.
struct Sizes {
    table: QuantileTable,
    stream: ingestsim_des::draw::Stream,
    drawn: u64,
}

impl Sizes {
    fn new() -> Self {
        let table = QuantileTable::new(&Distribution::lognormal_with_sigma(110e3, 0.6));
        let table = table.expect("a lognormal can be drawn from");
        Self { table, stream: Draws::new(1, 0).of("size"), drawn: 0 }
    }

    fn next(&mut self) -> Bytes {
        self.drawn += 1;
        Bytes::new(self.table.sample(self.stream.at(self.drawn, 0)).max(1))
    }
}

/// One capacity for all: a transfer that ends is followed by another.
fn shared(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fair link, one capacity");
    group.throughput(Throughput::Elements(BATCH));
    for transfers in [16_u32, 128, 1_024] {
        let (mut link, mut sizes) = (Shared::link(mb(500), Some(mb(100))), Sizes::new());
        (0..transfers).for_each(|id| link.start(SimTime::ZERO, id, sizes.next()));
        group.bench_function(BenchmarkId::from_parameter(transfers), |bencher| {
            bencher.iter(|| {
                for _ in 0..BATCH {
                    let at = link.next_end();
                    let id = link.end(at).expect("a transfer ends when it is due");
                    link.start(at, id, sizes.next());
                }
            });
        });
    }
    group.finish();
}

/// Connections, interfaces and a file system: the interfaces never bind, or they do now and then.
fn tree(criterion: &mut Criterion) {
    const CLIENTS: u32 = 8;
    let mut group = criterion.benchmark_group("fair link, tree of 8 clients");
    group.throughput(Throughput::Elements(BATCH));
    for (name, nic, root) in [("root binds", 1_250, 4_000), ("both near their limit", 550, 4_200)] {
        let caps = TreeCaps { connection: Some(mb(100)), client: mb(nic), root: Some(mb(root)) };
        let (mut link, mut sizes) = (FairTree::new(CLIENTS, caps), Sizes::new());
        (0..128).for_each(|id| link.start(SimTime::ZERO, id % CLIENTS, id, sizes.next()));
        let clients = Draws::new(1, 0).of("client");
        let mut started = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for _ in 0..BATCH {
                    let at = link.next_end();
                    let id = link.end(at).expect("a transfer ends when it is due");
                    started += 1;
                    let client = (clients.at(started, 0).unit() * f64::from(CLIENTS)) as u32;
                    link.start(at, client, id, sizes.next());
                }
            });
        });
    }
    group.finish();
}

fn floor(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("floor, a sample of W");
    group.throughput(Throughput::Elements(BATCH));
    for w in [S8, S64] {
        let mut floor = Floor::new(w.readers());
        group.bench_function(w.name, |bencher| bencher.iter(|| black_box(floor.run(BATCH))));
    }
    group.finish();
}

fn mb(rate: u64) -> Rate {
    Rate::per_second(rate * 1_000_000)
}

criterion_group!(benches, agenda, shared, tree, floor);
criterion_main!(benches);
