//! Drives a fast model and the fluid oracle side by side through one random script, and checks every end and every law.

use std::collections::BTreeMap;

use ingestsim_des::resource::shared::{Audit, Bound};
use ingestsim_units::{Bytes, SimTime};

use crate::oracle::{Flow, Fluid};

/// One step of a script: what happens `gap` nanoseconds after the step before.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) gap: u64,
    pub(crate) act: Act,
}

#[derive(Debug, Clone)]
pub(crate) enum Act {
    Start {
        group: u32,
        size: u64,
    },
    Cancel {
        pick: usize,
    },
    /// Sets capacity `which` to `rate` bytes a second.
    Set {
        which: usize,
        rate: u64,
    },
}

/// A fast model under test, with the oracle's view of it.
pub(crate) trait Fast {
    fn start(&mut self, now: SimTime, group: u32, id: u32, size: Bytes);
    fn next_end(&self) -> SimTime;
    fn end(&mut self, now: SimTime) -> Option<u32>;
    fn cancel(&mut self, now: SimTime, id: u32);
    /// Changes a capacity, in the oracle as well.
    fn set(&mut self, now: SimTime, which: usize, rate: u64, fluid: &mut Fluid);
    fn bound(&mut self, now: SimTime, group: u32) -> Bound;
    fn audit(&mut self, now: SimTime) -> Audit;
    /// What was carried at the outermost constraint, and by how much any constraint was ever exceeded.
    fn carried_and_excess(&mut self, now: SimTime) -> (f64, u128);
    /// Path and cap of a group's transfers.
    fn path(&self, group: u32) -> (Vec<usize>, (f64, usize));
}

/// Room for what `f64` loses.
const FLOAT: f64 = 1e-4;

struct Run<'a, F> {
    fast: &'a mut F,
    fluid: Fluid,
    now: u64,
    /// How many have started.
    starts: u64,
    /// Group, number of the start and the group's clock then of each transfer under way.
    started: BTreeMap<u32, (u32, u64, Bound)>,
    asked: u64,
    sojourns: u128,
    busy: u64,
    active: BTreeMap<u32, u64>,
    /// What ends rounded up may have carried too much.
    overshoot: f64,
}

/// Runs the script to its end and until all transfers have ended; returns the ends in order.
pub(crate) fn check<F: Fast>(fast: &mut F, fluid: Fluid, script: &[Step]) -> Vec<(u64, u32)> {
    let mut run = Run {
        fast,
        fluid,
        now: 0,
        starts: 0,
        started: BTreeMap::new(),
        asked: 0,
        sojourns: 0,
        busy: 0,
        active: BTreeMap::new(),
        overshoot: 0.0,
    };
    let mut ends = Vec::new();
    for step in script {
        let at = run.now + step.gap;
        run.take_ends_until(at, &mut ends);
        run.pass(at);
        run.act(&step.act);
    }
    run.take_ends_until(u64::MAX - 1, &mut ends);
    run.check_laws();
    ends
}

impl<F: Fast> Run<'_, F> {
    fn pass(&mut self, to: u64) {
        let ns = to - self.now;
        self.fluid.advance(to);
        if !self.started.is_empty() {
            self.busy += ns;
        }
        for group in self.started.values().map(|start| start.0).collect::<std::collections::BTreeSet<_>>() {
            *self.active.entry(group).or_default() += ns;
        }
        self.sojourns += self.started.len() as u128 * u128::from(ns);
        self.now = to;
    }

    fn time(&self) -> SimTime {
        SimTime::from_nanos(self.now)
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Start { group, size } => {
                // An identifier is used again once its transfer has ended.
                let id = (0..).find(|id| !self.started.contains_key(id)).expect("some identifier is free");
                self.asked += size;
                let bound = self.fast.bound(self.time(), group);
                self.fast.start(self.time(), group, id, Bytes::new(size));
                let (path, cap) = self.fast.path(group);
                self.fluid.start(id, path, cap, size as f64);
                self.started.insert(id, (group, self.starts, bound));
                self.starts += 1;
            }
            Act::Cancel { pick } => {
                if let Some(&id) = self.started.keys().nth(pick % self.started.len().max(1)) {
                    self.fast.cancel(self.time(), id);
                    self.fluid.stop(id);
                    self.started.remove(&id);
                }
            }
            Act::Set { which, rate } => {
                let now = self.time();
                self.fast.set(now, which, rate, &mut self.fluid);
            }
        }
    }

    fn take_ends_until(&mut self, until: u64, ends: &mut Vec<(u64, u32)>) {
        while self.fast.next_end().as_nanos() <= until {
            let at = self.fast.next_end().as_nanos();
            assert!(at >= self.now, "an end at {at} lies before {}", self.now);
            self.pass(at);
            let mut numbers = Vec::new();
            while let Some(id) = self.fast.end(self.time()) {
                numbers.push(self.check_end(id));
                ends.push((at, id));
            }
            assert!(self.fast.next_end().as_nanos() > at, "the ends at {at} are all taken");
            assert!(numbers.is_sorted(), "ends of one nanosecond come in order of start");
            for flow in &self.fluid.flows {
                assert!(flow.left > -flow.slack - FLOAT, "should have ended by {at}: {flow:?}");
            }
        }
    }

    /// Checks an end against the fluid; the number of the start that it belongs to.
    fn check_end(&mut self, id: u32) -> u64 {
        let flow = self.fluid.stop(id);
        let (group, number, earlier) = self.started.remove(&id).expect("only what started ends");
        assert!(flow.left <= flow.slack + FLOAT, "ended too early at {}: {flow:?}", self.now);
        let late = flow.rate + flow.slack + FLOAT;
        assert!(flow.left >= -late, "ended too late at {}: {flow:?}", self.now);
        self.overshoot += late + flow.slack;
        let bound = self.fast.bound(self.time(), group).since(&earlier);
        check_causes(&flow, &bound);
        number
    }

    fn check_laws(&mut self) {
        let now = self.time();
        assert!(self.started.is_empty(), "what started ends, unless nothing passes: {:?}", self.fluid);
        let audit = self.fast.audit(now);
        assert_eq!(audit.asked.get(), self.asked);
        assert_eq!(audit.asked.get(), audit.delivered.get() + audit.abandoned.get());
        assert_eq!(audit.transfer_ns, self.sojourns);
        assert_eq!(audit.busy.as_nanos(), self.busy);
        for (&group, &ns) in &self.active {
            assert_eq!(
                self.fast.bound(now, group).total().as_nanos(),
                ns,
                "group {group} is always held by one cause"
            );
        }
        let (carried, excess) = self.fast.carried_and_excess(now);
        assert_eq!(excess, 0, "no constraint is exceeded");
        let delivered = audit.delivered.as_f64();
        let cancelled = (audit.started - audit.ended) as f64;
        assert!(carried >= delivered - cancelled - FLOAT, "{carried} carried, {delivered} delivered");
        assert!(
            carried <= delivered + cancelled + self.overshoot,
            "{carried} carried, {delivered} delivered"
        );
    }
}

/// Each cause holds as long as in the oracle, but for what is tied there, and one nanosecond each time credits run out.
fn check_causes(flow: &Flow, bound: &Bound) {
    let late = 0.5 + flow.dry;
    let tied = flow.held[8] + late;
    for cause in 0..8 {
        let fast = bound.as_nanos()[cause] as f64;
        let slow = flow.held[cause];
        assert!(
            fast >= slow - late && fast <= slow + tied,
            "cause {cause}: {fast} ns, not {slow} ns: {flow:?}"
        );
    }
}
