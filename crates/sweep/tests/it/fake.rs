//! A grid whose points cost nothing, and which counts what is asked of it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use ingestsim_model::outcome::Summary;
use ingestsim_sweep::grid::{Grid, Key, Label, Measured};

/// Points 0, 1, 2 … whose loop takes 1000 s plus their value plus a little luck.
pub(crate) struct Fake {
    /// The value of each point, which its key is made of.
    pub(crate) value: fn(u64) -> u64,
    pub(crate) points: u64,
    /// What goes wrong with a value, if anything does.
    pub(crate) fault: fn(u64) -> Fault,
    /// Runs so far.
    pub(crate) runs: AtomicU64,
    pub(crate) live: AtomicUsize,
    pub(crate) live_max: AtomicUsize,
}

/// What goes wrong with a point.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    Nothing,
    Load,
    Build,
    Run,
    /// In replications from the second on.
    Panic,
}

/// A plan that is counted while it lives.
pub(crate) struct Plan<'a> {
    value: u64,
    fake: &'a Fake,
}

impl Drop for Plan<'_> {
    fn drop(&mut self) {
        self.fake.live.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Fake {
    pub(crate) fn new(points: u64) -> Self {
        Self {
            value: |point| point,
            points,
            fault: |_| Fault::Nothing,
            runs: AtomicU64::new(0),
            live: AtomicUsize::new(0),
            live_max: AtomicUsize::new(0),
        }
    }

    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::SeqCst)
    }

    /// The most plans that were alive at a time.
    pub(crate) fn live_max(&self) -> usize {
        self.live_max.load(Ordering::SeqCst)
    }
}

impl<'a> Grid for &'a Fake {
    type Loaded = u64;
    type Plan = Plan<'a>;

    fn scenario(&self) -> &str {
        "fake"
    }

    fn columns(&self) -> Vec<String> {
        vec!["job.value".to_owned()]
    }

    fn points(&self) -> u64 {
        self.points
    }

    fn label(&self, point: u64) -> Label {
        let storage = if point.is_multiple_of(2) { "even" } else { "odd" }.to_owned();
        Label { storage, cells: vec![(self.value)(point).to_string()] }
    }

    fn load(&self, point: u64) -> Result<(Key, u64), String> {
        let value = (self.value)(point);
        match (self.fault)(value) {
            Fault::Load => Err(format!("{value} does not go\n  with the others")),
            _ => Ok((Key::of(&format!("value {value}")), value)),
        }
    }

    fn build(&self, value: u64) -> Result<Plan<'a>, String> {
        if (self.fault)(value) == Fault::Build {
            return Err(format!("{value} cannot be built"));
        }
        let live = self.live.fetch_add(1, Ordering::SeqCst) + 1;
        self.live_max.fetch_max(live, Ordering::SeqCst);
        Ok(Plan { value, fake: self })
    }

    fn simulate(&self, plan: &Plan<'a>, replication: u32) -> Result<Measured, String> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        match (self.fault)(plan.value) {
            Fault::Run => return Err(format!("{} broke a law", plan.value)),
            Fault::Panic if replication > 0 => panic!("{} is a promise", plan.value),
            _ => {}
        }
        let mut state = plan.value * 1000 + u64::from(replication);
        let luck = (crate::chance(&mut state) >> 11) as f64 / (1_u64 << 53) as f64;
        let loop_s = 1000.0 + plan.value as f64 + luck;
        let summary = Summary { loop_s, gpu_utilisation: 0.5, ..Summary::default() };
        Ok(Measured {
            figures: summary.values(),
            fidelity: "exact".to_owned(),
            fidelity_error: None,
            events: 3,
            history: crate::chance(&mut state),
        })
    }
}
