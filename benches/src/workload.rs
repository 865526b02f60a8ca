//! Workload W, the yardstick.
//!
//! A worker waits for a slot, a latency and a file over a shared link in fair shares; a GPU takes 256 samples, computes
//! 0.2 s, and all meet at a barrier. Caps: 100 MB/s a connection, a node's interface, the file system.

use ingestsim_catalog::Catalog;
use ingestsim_model::{Plan, build};
use ingestsim_scenario::{Loaded, Scenario, Set, Source};

/// Workers of one GPU.
pub const WORKERS: u64 = 8;
/// Samples of a batch.
pub const BATCH: u64 = 256;
/// GPUs of a node.
pub const GPUS: u64 = 8;

/// A size of workload W.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    /// Its name.
    pub name: &'static str,
    /// Nodes of 8 GPUs.
    pub nodes: u64,
    /// A node's interface, in MB/s.
    pub nic: u64,
    /// The file system as a whole, in MB/s.
    pub rate: u64,
}

/// 8 GPUs on a file system that is just saturated.
pub const S8: Workload = Workload::saturated("S8", 1);
/// 64 GPUs on one that is as well.
pub const S64: Workload = Workload::saturated("S64", 8);
/// 64 GPUs whose interfaces and file system are both near their limit.
pub const H64: Workload = Workload { name: "H64", nodes: 8, nic: 550, rate: 4_200 };
/// 8 GPUs on a file system that never binds.
pub const U8: Workload = Workload { name: "U8", nodes: 1, nic: 1_250, rate: 50_000 };

impl Workload {
    /// So many nodes on a file system that is just saturated.
    #[must_use]
    pub const fn saturated(name: &'static str, nodes: u64) -> Self {
        Self { name, nodes, nic: 1_250, rate: 500 * nodes }
    }

    /// GPUs of all nodes.
    #[must_use]
    pub const fn gpus(&self) -> u64 {
        self.nodes * GPUS
    }

    /// Readers of all GPUs.
    #[must_use]
    pub const fn readers(&self) -> u64 {
        self.gpus() * WORKERS
    }

    /// Samples that all GPUs take in a step.
    #[must_use]
    pub const fn step(&self) -> u64 {
        self.gpus() * BATCH
    }

    /// The workload with so many samples as a scenario; each of `sets` is `PATH=VALUE`, as after `--set`.
    ///
    /// # Panics
    ///
    /// If the sets do not fit the scenario: a mistake of the caller.
    #[must_use]
    pub fn scenario(&self, samples: u64, sets: &[&str]) -> Loaded {
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
            batch-size = {BATCH}
            order = "sequential"
            step-time = "200 ms"
            [job.node]
            gpus = {GPUS}
            cpus = 96
            memory = "768 GiB"
            price = 0.0
            nic = {{ baseline = "{nic} MB/s" }}
            page-cache = "off"
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
        loaded("w.toml", &text, sets)
    }

    /// The plan of the workload with so many samples.
    #[must_use]
    pub fn plan(&self, samples: u64) -> Plan {
        self.plan_with(samples, &[])
    }

    /// The same with some values set otherwise.
    #[must_use]
    pub fn plan_with(&self, samples: u64, sets: &[&str]) -> Plan {
        plan_of(&self.scenario(samples, sets), "w")
    }
}

/// A scenario from its text, with some values set otherwise.
///
/// # Panics
///
/// If it is none: a mistake of the caller.
pub(crate) fn loaded(name: &str, text: &str, sets: &[&str]) -> Loaded {
    let sets: Vec<Set> = sets.iter().map(|set| Set::parse(set)).collect();
    let loaded = Scenario::load(Source::new(name, text), &sets);
    loaded.unwrap_or_else(|errors| panic!("a workload is a scenario: {errors}"))
}

/// The plan of one profile.
///
/// # Panics
///
/// If its figures contradict each other: a mistake of the caller.
pub(crate) fn plan_of(loaded: &Loaded, profile: &str) -> Plan {
    let plan = build(&loaded.scenario, &Catalog::builtin(), profile);
    plan.unwrap_or_else(|error| panic!("a workload can be built: {error}"))
}

/// Runs a plan exactly and returns the length of its loop in seconds.
///
/// # Panics
///
/// If the run breaks a law.
pub fn run(plan: &Plan) -> f64 {
    plan.simulate(0).expect("a run of the workload keeps the laws").summary.loop_s
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 16 steps of 8 × 256 samples of 110 kB through 500 MB/s take 7.2 s, and computing the last of them 0.2 s.
    #[test]
    fn a_saturated_epoch_lasts_as_long_as_its_bytes() {
        let seconds = run(&S8.plan(16 * S8.step()));
        assert!((seconds / 7.41 - 1.0).abs() < 0.02, "{seconds} s");
    }

    /// Between 0.2 s of compute a step and the 0.451 s that the file system would take lies what latency allows:
    /// 64 readers of 11.1 ms each read 2,048 samples in 0.355 s.
    #[test]
    fn an_unbound_epoch_lasts_as_long_as_its_latencies() {
        let seconds = run(&U8.plan(16 * U8.step()));
        assert!((seconds / (16.0 * 0.355 + 0.2) - 1.0).abs() < 0.03, "{seconds} s");
    }
}
