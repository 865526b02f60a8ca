//! Max-min shares the slow and obvious way: every transfer by itself, every rate anew after every change.
//!
//! The fluid follows the fast model in lock step: it is told which transfers start and which have ended, lets its own
//! rates work in between, and says how much each had left. A right end leaves between nothing and what one nanosecond
//! brings, for ends are rounded up to the next nanosecond.

/// A bucket of credits over a constraint, in metered bytes and metered bytes a nanosecond.
#[derive(Debug, Clone)]
pub(crate) struct Credits {
    pub(crate) baseline: f64,
    pub(crate) burst: f64,
    pub(crate) depth: f64,
    pub(crate) level: f64,
    /// Metered bytes to a transferred byte.
    pub(crate) meter: f64,
    spent: bool,
}

impl Credits {
    pub(crate) fn new(baseline: f64, burst: f64, depth: f64, level: f64, meter: f64) -> Self {
        Self { baseline, burst, depth, level, meter, spent: level == 0.0 }
    }

    /// Transferred bytes a nanosecond while there are credits.
    fn peak(&self) -> f64 {
        self.burst / self.meter
    }
}

/// A capacity in bytes a nanosecond.
#[derive(Debug, Clone)]
pub(crate) struct Pipe {
    pub(crate) capacity: f64,
    pub(crate) cause: usize,
    pub(crate) credits: Option<Credits>,
}

/// A transfer under way.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub(crate) id: u32,
    pub(crate) path: Vec<usize>,
    /// Bytes a nanosecond, and what time is booked under while that binds.
    pub(crate) cap: (f64, usize),
    /// Bytes still to come.
    pub(crate) left: f64,
    /// How wrong `left` may be for reasons that are the fast model's right: rounded rates and rounded instants.
    pub(crate) slack: f64,
    pub(crate) rate: f64,
    cause: usize,
    /// Whether another cause binds as well.
    tied: bool,
    /// How often credits ran out meanwhile, or may have, a nanosecond late.
    pub(crate) dry: f64,
    /// Nanoseconds by cause; the last place holds those whose cause is a tie.
    pub(crate) held: [f64; 9],
}

/// All transfers, and the constraints they cross.
#[derive(Debug, Clone)]
pub(crate) struct Fluid {
    pub(crate) pipes: Vec<Pipe>,
    pub(crate) flows: Vec<Flow>,
    /// By how much the fast model may have rounded a rate, in bytes a nanosecond, with that many under way.
    pub(crate) rounding: fn(usize) -> f64,
    now: f64,
}

/// Levels this close, relative to each other, may be ordered either way after rounding.
const TIE: f64 = 1e-6;

impl Fluid {
    pub(crate) fn new(pipes: Vec<Pipe>, rounding: fn(usize) -> f64) -> Self {
        Self { pipes, flows: Vec::new(), rounding, now: 0.0 }
    }

    pub(crate) fn start(&mut self, id: u32, path: Vec<usize>, cap: (f64, usize), size: f64) {
        // Credits of a millionth of a byte, in one model and not in the other, last a nanosecond.
        let bursts: Vec<f64> =
            self.pipes.iter().filter_map(|pipe| Some(pipe.credits.as_ref()?.peak())).collect();
        self.flows.push(Flow {
            id,
            path,
            cap,
            left: size,
            slack: bursts.iter().sum(),
            rate: 0.0,
            cause: 0,
            tied: false,
            dry: bursts.len() as f64,
            held: [0.0; 9],
        });
    }

    /// Takes a transfer out.
    pub(crate) fn stop(&mut self, id: u32) -> Flow {
        let at = self.flows.iter().position(|flow| flow.id == id).expect("a transfer that ends has started");
        self.flows.remove(at)
    }

    /// Lets time pass up to nanosecond `to`, credits running out on the way where they do.
    pub(crate) fn advance(&mut self, to: u64) {
        let to = to as f64;
        while self.now < to {
            self.find_rates();
            let dry = (0..self.pipes.len()).map(|pipe| self.lasts(pipe)).fold(f64::INFINITY, f64::min);
            let step = dry.min(to - self.now);
            self.flow(step);
            self.now = if step < to - self.now { self.now + step } else { to };
            self.run_dry();
        }
    }

    /// How long the credits of a pipe last at present rates.
    fn lasts(&self, pipe: usize) -> f64 {
        match &self.pipes[pipe].credits {
            Some(credits) if !credits.spent => {
                let drain = self.used(pipe) * credits.meter - credits.baseline;
                if drain > credits.baseline * TIE { credits.level / drain } else { f64::INFINITY }
            }
            _ => f64::INFINITY,
        }
    }

    fn used(&self, pipe: usize) -> f64 {
        self.flows.iter().filter(|flow| flow.path.contains(&pipe)).map(|flow| flow.rate).sum()
    }

    fn flow(&mut self, ns: f64) {
        for pipe in 0..self.pipes.len() {
            let used = self.used(pipe);
            if let Some(credits) = &mut self.pipes[pipe].credits
                && !credits.spent
            {
                credits.level += (credits.baseline - used * credits.meter) * ns;
                credits.level = credits.level.min(credits.depth);
            }
        }
        let rounding = (self.rounding)(self.flows.len());
        for flow in &mut self.flows {
            flow.left -= flow.rate * ns;
            flow.slack += rounding * ns;
            flow.held[if flow.tied { 8 } else { flow.cause }] += ns;
        }
    }

    /// Lets spent credits take effect. The fast model does so at the next nanosecond: each may have got more until then.
    fn run_dry(&mut self) {
        let (mut late, mut dry) = (0.0, 0.0);
        for pipe in &mut self.pipes {
            if let Some(credits) = &mut pipe.credits
                && !credits.spent
                && credits.level <= 1e-6
            {
                credits.level = 0.0;
                credits.spent = true;
                late += credits.peak();
                dry += 1.0;
            }
        }
        for flow in &mut self.flows {
            flow.slack += late;
            flow.dry += dry;
            flow.held[8] += dry;
        }
    }

    /// Finds the rates, and first whether spent credits come back: when the baseline is more than is asked for.
    pub(crate) fn find_rates(&mut self) {
        self.fill();
        let mut recovers = false;
        for pipe in 0..self.pipes.len() {
            let used = self.used(pipe);
            if let Some(credits) = &mut self.pipes[pipe].credits
                && credits.spent
                && used * credits.meter < credits.baseline * (1.0 - TIE)
            {
                credits.spent = false;
                recovers = true;
            }
        }
        if recovers {
            self.fill();
        }
    }

    /// Progressive filling: all rates rise by the same step until a cap or a capacity is reached; who is held back
    /// there stops, and the others rise on.
    fn fill(&mut self) {
        let mut room: Vec<f64> = self.pipes.iter().map(Pipe::capacity_now).collect();
        let mut rising: Vec<usize> = (0..self.flows.len()).collect();
        let mut level = 0.0_f64;
        while !rising.is_empty() {
            let crossing = |pipe: usize| {
                rising.iter().filter(|&&flow| self.flows[flow].path.contains(&pipe)).count() as f64
            };
            let tops: Vec<f64> = (0..room.len()).map(|pipe| level + room[pipe] / crossing(pipe)).collect();
            let caps = rising.iter().map(|&flow| self.flows[flow].cap.0);
            let top =
                caps.chain(tops.iter().copied().filter(|top| !top.is_nan())).fold(f64::INFINITY, f64::min);
            let crossings: Vec<f64> = (0..room.len()).map(crossing).collect();
            for (room, crossing) in room.iter_mut().zip(crossings) {
                *room = (*room - crossing * (top - level)).max(0.0);
            }
            level = top;
            let flows = &mut self.flows;
            let pipes = &self.pipes;
            rising.retain(|&flow| !stops(&mut flows[flow], level, &tops, pipes));
        }
    }
}

impl Pipe {
    fn capacity_now(&self) -> f64 {
        match &self.credits {
            None => self.capacity,
            Some(credits) if credits.spent => credits.baseline / credits.meter,
            Some(credits) => credits.peak(),
        }
    }
}

/// Whether a flow is held back at `level`; notes by what.
fn stops(flow: &mut Flow, level: f64, tops: &[f64], pipes: &[Pipe]) -> bool {
    let reached = |top: f64| top <= level * (1.0 + 1e-12);
    let close = |top: f64| top <= level * (1.0 + TIE);
    let full = flow.path.iter().copied().find(|&pipe| reached(tops[pipe]));
    let capped = reached(flow.cap.0);
    if !capped && full.is_none() {
        return false;
    }
    flow.rate = level;
    flow.cause = if capped { flow.cap.1 } else { full.map_or(0, |pipe| pipes[pipe].cause) };
    let cause = flow.cause;
    flow.tied = close(flow.cap.0) && flow.cap.1 != cause
        || flow.path.iter().any(|&pipe| close(tops[pipe]) && pipes[pipe].cause != cause);
    true
}
