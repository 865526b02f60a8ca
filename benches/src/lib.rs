//! Workload W, the yardstick of the engine's speed, and the floor below which no engine of this kind can go.
//!
//! In W, a worker waits for a slot, a latency and a file over a shared link in fair shares; a GPU takes 256 samples,
//! computes 0.2 s, and all meet at a barrier. Its floor is what one sample needs at least of the same building blocks: two
//! draws from quantile tables, and two events of the agenda.

use std::time::Instant;

use ingestsim_catalog::Catalog;
use ingestsim_des::{
    agenda::{Agenda, Slot},
    draw::{Distribution, Draws, QuantileTable},
};
use ingestsim_model::{Plan, build};
use ingestsim_scenario::{Scenario, Source};
use ingestsim_units::{SimTime, Span};

/// Workers of one GPU.
pub const WORKERS: u64 = 8;

/// A size of workload W.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    /// Its name.
    pub name: &'static str,
    /// Nodes of 8 GPUs.
    pub nodes: u64,
    /// A node's interface and the file system, in MB/s.
    pub nic: u64,
    /// The file system as a whole, in MB/s.
    pub rate: u64,
}

/// 8 GPUs on a file system that is just saturated.
pub const S8: Workload = Workload { name: "S8", nodes: 1, nic: 1_250, rate: 500 };
/// 64 GPUs on one that is as well.
pub const S64: Workload = Workload { name: "S64", nodes: 8, nic: 1_250, rate: 4_000 };
/// 64 GPUs whose interfaces and file system are both near their limit.
pub const H64: Workload = Workload { name: "H64", nodes: 8, nic: 550, rate: 4_200 };

impl Workload {
    /// The plan of the workload with so many samples.
    ///
    /// # Panics
    ///
    /// If the scenario below is not one: a mistake of this file.
    #[must_use]
    pub fn plan(&self, samples: u64) -> Plan {
        let Self { nodes, nic, rate, .. } = self;
        let text = format!(
            r#"
            name = "w"
            [dataset]
            samples = {samples}
            file-size = {{ lognormal = {{ mean = "110 kB", sigma = 0.6 }} }}
            [job]
            service = "ec2"
            instances = {nodes}
            batch-size = 256
            order = "sequential"
            step-time = "200 ms"
            node = {{ gpus = 8, cpus = 96, memory = "768 GiB", price = 0.0, nic = {{ baseline = "{nic} MB/s" }}, page-cache = "off" }}
            [loader.tf-data]
            parallel-reads = {WORKERS}
            prefetch = 4
            ordered = false
            [storage.w.parallel-fs]
            latency = {{ lognormal = {{ mean = "10 ms", sigma = 0.5 }} }}
            connection-rate = "100 MB/s"
            rate = "{rate} MB/s"
            "#
        );
        let loaded = Scenario::load(Source::new("w.toml", text), &[]).expect("the workload is a scenario");
        build(&loaded.scenario, &Catalog::builtin(), "w").expect("the workload can be built")
    }

    /// Readers of all GPUs.
    #[must_use]
    pub const fn readers(&self) -> u64 {
        self.nodes * 8 * WORKERS
    }
}

/// Nanoseconds a sample of an exact run.
///
/// # Panics
///
/// If the run breaks a law.
#[must_use]
pub fn run_ns(plan: &Plan, samples: u64) -> f64 {
    let began = Instant::now();
    let outcome = plan.simulate(0).expect("a run of the workload keeps the laws");
    assert!(outcome.summary.loop_s > 0.0, "the workload takes time");
    began.elapsed().as_secs_f64() * 1e9 / samples as f64
}

/// Nanoseconds of two draws and two events for each of so many samples, with as many slots as the workload has readers.
///
/// # Panics
///
/// If a slot is beyond the agenda's limit.
#[must_use]
pub fn floor_ns(readers: u64, samples: u64) -> f64 {
    let table = |distribution| QuantileTable::new(&distribution).expect("a lognormal can be drawn from");
    let latency = table(Distribution::lognormal_with_sigma(10e6, 0.5));
    let size = table(Distribution::lognormal_with_sigma(110e3, 0.6));
    let draws = Draws::new(1, 0);
    let (latencies, sizes) = (draws.of("latency"), draws.of("size"));
    let mut agenda: Agenda<u32> = Agenda::with_slots(readers as usize);
    for reader in 0..readers as u32 {
        agenda.schedule(Slot::new(reader), SimTime::from_nanos(u64::from(reader)), reader);
    }
    let began = Instant::now();
    for sample in 0..samples {
        let (at, slot, reader) = agenda.pop().expect("every reader has an event");
        agenda.schedule(slot, at + latency.span(latencies.at(sample, 0)), reader);
        let (at, slot, reader) = agenda.pop().expect("every reader has an event");
        agenda.schedule(slot, at + Span::from_nanos(size.sample(sizes.at(sample, 0))), reader);
    }
    began.elapsed().as_secs_f64() * 1e9 / samples as f64
}
