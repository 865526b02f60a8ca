//! The bound: a run as a fluid of batches at the rates of the network, without chance and without an event for each.
//!
//! All ranks are alike. The batch of step k is there when the one before it is and so many samples have been read since,
//! and not before the batch that held its place in the buffer was taken; a step begins when its batch is there, and lasts
//! as long as the slowest of so many draws of the step time is expected to. Phases, bill and epochs come from the same
//! code as an exact run's. Where reading and computing are nearly even, chance costs time that this does not see.
//!
//! Credit is a level that each step raises by the baseline over its time and lowers by what it used: the network passes
//! what the burst lets through while there is some, and what the baseline does when it is spent. So bursts of interfaces,
//! volumes and their operations, servers and disks last as long as they do in an exact run, to a step.
//!
//! The error that is stated is that of the network, as a share of the stalls, and what the loop comes to if the caches have
//! as much less or more room as the bytes of so many files vary: from no room to room for all where no closed form says
//! what they hit.

use std::collections::VecDeque;

use ingestsim_units::Span;

use super::{
    Approximation, Event, World,
    book::Book,
    ledger::{Alike, Turn, spent_as},
};
use crate::{
    checkpoint::{CheckpointPlan, Every, Target},
    fidelity::{
        gate,
        traffic::{Flow, Traffic, crews, mean_of_largest},
    },
    laws::BrokenLaw,
    order::Sampling,
    outcome::Outcome,
    plan::{LoaderKind, Plan},
    tier::Source,
};

/// What the loop may be off where readers are held up: more where they stream shards ahead of the decoding, which the
/// network takes to be one after the other.
const ERROR: f64 = 0.05;
const ERROR_STREAMING: f64 = 0.2;

/// The same where the network is not what the readers are: a tail, two limits alike, or readers that stay in step.
const ERROR_GATED: f64 = 0.1;
const ERROR_ALIKE: f64 = 0.5;

/// Readers whose times vary less than this share stay in step.
const ALIKE: f64 = 0.1;

/// What it may be off where the caches of servers, or what trials at a time share, are what no closed form says.
const ERROR_UNKNOWN: f64 = 1.0;

/// What it may be off in any case.
const ERROR_LEAST: f64 = 0.002;

/// Runs a plan whose caches are not tracked as a fluid.
///
/// # Errors
///
/// If the books do not agree.
pub(super) fn run(plan: &Plan, replication: u64) -> Result<Outcome, BrokenLaw> {
    let mut run = BoundRun::of(plan, replication);
    let error = run.error() + run.error_of_caches(replication);
    let what = "bound: batches as a fluid, no chance".to_owned();
    run.world.approximation = Some(Approximation { what, error });
    run.world.result(replication)
}

/// What a rank does in a step: its mean compute, and that of the slowest rank.
struct FluidTurn {
    compute: Span,
    slowest: Span,
}

fn turn(plan: &Plan) -> FluidTurn {
    let table = &plan.training.step_time;
    let compute = Span::from_nanos(table.mean().round() as u64);
    let slowest = Span::from_nanos(mean_of_largest(table, plan.ranks()).round() as u64);
    FluidTurn { compute, slowest: compute.max(slowest) }
}

struct BoundRun<'p> {
    plan: &'p Plan,
    world: World<'p>,
    book: Book<'p>,
    turn: FluidTurn,
}

/// The reading of an epoch.
struct Reading {
    /// When the last batch was there, from the start of the epoch, and when those were taken that are still in the way.
    there_ns: f64,
    taken_ns: VecDeque<f64>,
    in_flight: usize,
    on_demand: bool,
}

impl<'p> BoundRun<'p> {
    /// All trials, from the first to the last.
    fn of(plan: &'p Plan, replication: u64) -> Self {
        let world = World::new(plan, replication);
        let book = Book::new(Traffic::new(plan), &world);
        let mut run = Self { plan, world, book, turn: turn(plan) };
        run.world.launch_first_trials();
        while let Some(event) = run.world.next_of_ledger() {
            match event {
                Event::Launch(lane) => run.run_trial(lane),
                Event::Step(lane) => run.world.end_trial(lane),
                _ => unreachable!("a bound launches trials and ends them"),
            }
        }
        run
    }

    /// What the loop may be off, but for what caches hit.
    fn error(&self) -> f64 {
        let stalled = 1.0 - self.busy_share();
        // Batches come in rounds of one a crew, and a round that is not whole is over sooner or later than a share of it.
        let training = &self.plan.training;
        let rounds = f64::from(crews(&self.plan.loader.kind).1 - 1)
            / training.steps.min(training.steps_per_epoch) as f64;
        (self.error_of_network() + rounds) * stalled + self.error_of_trials() + ERROR_LEAST
    }

    /// What it may be off as trials at a time are entered one after the other, though they spend the same credit and restore
    /// each other's files.
    fn error_of_trials(&self) -> f64 {
        let training = &self.plan.training;
        let at_a_time = training.concurrent_trials.min(training.trials) > 1;
        let share = self.book.has_credit() || self.plan.path.restore.is_some();
        if at_a_time && share { ERROR_UNKNOWN } else { 0.0 }
    }

    /// What it may be off as caches hit other than they are taken to: by chance, as the bytes of so many files are not their
    /// mean; or, where no closed form holds, anything from never to always.
    fn error_of_caches(&self, replication: u64) -> f64 {
        let unknown = self.plan.without_closed_form().is_some();
        let of_servers = unknown && self.plan.order.sampling == Sampling::EveryRankAll;
        let own = self.world.tally.loop_ns as f64;
        let luck = self.plan.luck(self.plan.order.units);
        let rooms = if unknown { [0.0, f64::INFINITY] } else { [1.0 - luck, 1.0 + luck] };
        let off = rooms.map(|room| {
            let other = self.plan.with_room(room);
            other.map_or(0.0, |plan| (own / BoundRun::loop_ns(&plan, replication) - 1.0).abs())
        });
        off[0].max(off[1]) + if of_servers { ERROR_UNKNOWN } else { 0.0 }
    }

    fn loop_ns(plan: &Plan, replication: u64) -> f64 {
        (BoundRun::of(plan, replication).world.tally.loop_ns as f64).max(1.0)
    }

    /// What the network may be off at the worst of its flows, as a share of the stalls.
    fn error_of_network(&self) -> f64 {
        if self.plan.streaming.is_some() {
            return ERROR_STREAMING;
        }
        let of_flow = |flow: &Flow| match gate::flow_can_go_by_steps(self.plan, &self.book.traffic, flow) {
            Ok(()) => ERROR,
            Err(_) if flow.cv < ALIKE => ERROR_ALIKE,
            // More than the limit cannot pass; two limits alike need not hold readers up twice.
            Err(_) => {
                (flow.limit / flow.passing[self.book.traffic.readers()] - 1.0).clamp(ERROR_GATED, ERROR_ALIKE)
            }
        };
        self.book.flows().iter().map(of_flow).fold(0.0, f64::max)
    }

    fn busy_share(&self) -> f64 {
        let (sums, gpu) = (&self.world.tally.sums, &self.world.tally.gpu);
        let busy = sums.compute_ns + sums.overhead_ns + gpu.first_step_ns;
        (busy as f64 / gpu.loop_ns.max(1) as f64).min(1.0)
    }

    /// A trial from its first epoch to its last; its end is then ahead of the lane.
    fn run_trial(&mut self, lane: u32) {
        let began = self.world.now;
        self.world.open_loop(lane);
        self.book.spend(self.world.spent_by_copy(lane));
        let mut last_checkpoint = (0, began);
        loop {
            let steps = self.world.open_epoch(lane);
            self.book.begin_epoch(&self.world, lane, steps);
            let like_the_last = self.book.steady && steps == self.plan.training.steps_per_epoch;
            let alike: Option<Alike> = like_the_last.then(|| self.world.count_alike(lane, None));
            let out_of_time = self.run_epoch(lane, steps, &mut last_checkpoint);
            self.world.close_epoch(lane, &mut self.book);
            let endless = self.plan.training.duration.is_none() && self.plan.checkpoint.is_none();
            if let (Some(alike), true, true) =
                (alike, endless, self.book.credit_is_steady(self.world.epochs_left(lane)))
            {
                let copied = self.world.repeat_epochs(lane, alike);
                self.book.repeat_epochs(copied);
            }
            if out_of_time || self.world.lanes[lane as usize].steps_done == self.plan.training.steps {
                break;
            }
        }
        self.world.end_later(lane, began);
    }

    /// All steps of an epoch; whether the job's time was over in it.
    fn run_epoch(&mut self, lane: u32, steps: u64, last: &mut (u64, ingestsim_units::SimTime)) -> bool {
        let origin = self.world.now;
        let first = self.world.lanes[lane as usize].epoch == 0;
        let start = if first { self.plan.loader.start } else { self.plan.loader.restart };
        let mut reading = Reading::new(self.plan, start);
        for step in 0..steps {
            let (flow, _) = self.book.flow_at(step, steps);
            let now_ns = self.world.now.since(origin).as_nanos() as f64;
            let samples = self.samples_in(step, steps);
            let there_ns = reading.next(self.batch_ns(flow, samples, step), now_ns);
            let waited = Span::from_nanos((there_ns - now_ns).max(0.0).round() as u64);
            let step_began = self.world.now;
            self.enter_step(lane, waited, samples, flow, if step == 0 { start } else { Span::ZERO });
            reading.taken_ns.push_back(there_ns.max(now_ns));
            let read = samples as f64 * f64::from(self.plan.ranks());
            self.book.count(flow, read, self.world.now.since(step_began).as_nanos() as f64);
            self.write_checkpoint(lane, last);
            let so_far = self.world.now.since(self.world.lanes[lane as usize].loop_began);
            if self.plan.training.duration.is_some_and(|duration| so_far >= duration) {
                return true;
            }
        }
        false
    }

    /// Samples of a rank's batch: the last of an epoch may be a short one.
    fn samples_in(&self, step: u64, steps: u64) -> u64 {
        let training = &self.plan.training;
        let whole = steps == training.steps_per_epoch;
        if whole {
            training.batch.min(training.samples_per_rank - step * training.batch)
        } else {
            training.batch
        }
    }

    /// How long all ranks need for a batch each. Crews build their first ones side by side, so those are there together.
    fn batch_ns(&self, flow: usize, samples: u64, step: u64) -> f64 {
        let (flow, readers) = (self.book.flow(flow), self.book.traffic.readers() as f64);
        let each_ns = readers / flow.passing[self.book.traffic.readers()].max(f64::MIN_POSITIVE);
        let (of_crew, crews) = crews(&self.plan.loader.kind);
        if step > 0 && step < u64::from(crews) {
            return 0.0;
        }
        if step == 0 {
            let spread = flow.cv / (samples as f64).sqrt() * largest_of_normal(self.plan.ranks());
            let held = self.held_back() as f64 / f64::from(crews);
            return each_ns * samples as f64 / f64::from(of_crew) * (1.0 + spread + held);
        }
        each_ns * samples as f64 / f64::from(of_crew * crews)
    }

    /// Batches that a shuffle buffer holds back.
    fn held_back(&self) -> u64 {
        match self.plan.loader.kind {
            LoaderKind::PyTorch(_) => 0,
            LoaderKind::TfData { spec, .. } => spec.shuffle_buffer.div_ceil(spec.batch),
        }
    }

    fn enter_step(&mut self, lane: u32, waited: Span, samples: u64, flow: usize, start: Span) {
        let first_step = self.world.lanes[lane as usize].steps_done == 0;
        let first_step = if first_step { self.plan.training.first_step } else { Span::ZERO };
        let share = samples as f64 / self.plan.training.batch as f64;
        let turn = Turn { waited, first_step, compute: self.turn.compute.mul_f64_rounded(share) };
        let worker_start = (start.as_nanos() as f64 / (waited.as_nanos() as f64).max(1.0)).min(1.0);
        let spent = spent_as(self.book.flow(flow), worker_start);
        let slowest = self.turn.slowest.mul_f64_rounded(share);
        self.world.enter_alike_turns(lane, turn, slowest, samples, &spent);
        let bytes = self.book.traffic.size.mean * samples as f64 * f64::from(self.plan.ranks());
        self.world.tally.timeline.bin(self.world.now).bytes += bytes as u64;
        let ns = self.book.traffic.transfer_ns(self.book.flow(flow));
        let latency = self.plan.path.latency.as_ref().map_or(0.0, ingestsim_des::draw::QuantileTable::mean);
        self.world.tally.read_latency.record_many((latency + ns) as u64, samples);
    }

    /// Writes a checkpoint if one is due. Only what blocks costs time here; what is written beside the reads is taken to
    /// find room.
    fn write_checkpoint(&mut self, lane: u32, last: &mut (u64, ingestsim_units::SimTime)) {
        let Some(plan) = &self.plan.checkpoint else { return };
        let (steps, now) = (self.world.lanes[lane as usize].steps_done, self.world.now);
        let due = match plan.every {
            Every::Steps(every) => steps - last.0 >= every,
            Every::Time(span) => now.since(last.1) >= span,
        };
        if !due {
            return;
        }
        *last = (steps, now);
        self.world.tally.checkpoints += 1;
        if plan.blocking {
            let span = Span::from_secs_f64_rounded(plan.size.as_f64() / write_rate(self.plan, plan));
            self.world.now += span;
            self.world.tally.gpu.checkpoint_ns += u128::from(span.as_nanos()) * u128::from(self.plan.ranks());
        }
    }
}

impl Reading {
    fn new(plan: &Plan, start: Span) -> Self {
        let (in_flight, on_demand) = match plan.loader.kind {
            LoaderKind::PyTorch(spec) if spec.workers == 0 => (1, true),
            LoaderKind::PyTorch(spec) => (spec.workers * spec.prefetch_factor, false),
            LoaderKind::TfData { spec, .. } => {
                (spec.prefetch + spec.shuffle_buffer.div_ceil(spec.batch), false)
            }
        };
        let in_flight = in_flight as usize;
        let taken_ns = VecDeque::with_capacity(in_flight + 1);
        Self { there_ns: start.as_nanos() as f64, taken_ns, in_flight, on_demand }
    }

    /// When the next batch is there that takes `batch_ns` to read; its rank waits for it since `now_ns`.
    fn next(&mut self, batch_ns: f64, now_ns: f64) -> f64 {
        let room = if self.taken_ns.len() >= self.in_flight {
            self.taken_ns.pop_front().unwrap_or(0.0)
        } else {
            0.0
        };
        let room = if self.on_demand { room.max(now_ns) } else { room };
        self.there_ns = self.there_ns.max(room) + batch_ns;
        self.there_ns
    }
}

/// Bytes a second that a checkpoint is written at.
fn write_rate(plan: &Plan, checkpoint: &CheckpointPlan) -> f64 {
    let nodes = f64::from(plan.host.nodes);
    match (&checkpoint.to, &plan.path.source) {
        (Target::Other(write), _) => {
            let total = write.total.map_or(f64::INFINITY, ingestsim_units::Rate::as_f64);
            (write.node.as_f64() * nodes).min(total)
        }
        (Target::SameTier, Source::Volume { rate, .. }) => rate.baseline.as_f64() * nodes,
        (Target::SameTier, Source::Fabric(fabric)) => {
            // One writer a node and server, each on a connection.
            let writers = nodes * f64::from(fabric.servers);
            let each = [fabric.connection, fabric.pair].into_iter().flatten();
            let all = each.map(|rate| rate.as_f64() * writers).fold(1e15, f64::min);
            let server = fabric.write.map_or(f64::INFINITY, |rate| rate.as_f64() * f64::from(fabric.servers));
            let node = fabric.client_write.map_or(f64::INFINITY, |rate| rate.as_f64() * nodes);
            server.min(node).min(all)
        }
    }
}

/// About the mean of the largest of `draws` draws from a standard normal.
fn largest_of_normal(draws: u32) -> f64 {
    let n = f64::from(draws);
    match draws {
        0 | 1 => 0.0,
        2 => 0.564,
        _ => {
            let root = (2.0 * libm::log(n)).sqrt();
            root - (libm::log(libm::log(n)) + libm::log(4.0 * std::f64::consts::PI) - 1.154) / (2.0 * root)
        }
    }
}
