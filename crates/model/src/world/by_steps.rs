//! A run by steps: the first batch of each GPU sample by sample, the rest by one draw for each batch that is built.

use std::collections::VecDeque;

use ingestsim_des::draw::{Draws, Stream};
use ingestsim_units::{SimTime, Span};

use super::{
    Approximation, Event, World,
    book::Book,
    ledger::{Alike, Turn, spent_as},
};
use crate::{
    fidelity::{
        STEPS_ERROR_MAX, gate,
        steps::{CrewSpec, Speeds, Standing, Steps, bell},
        traffic::{Flow, Traffic, crews, largest_of},
    },
    laws::BrokenLaw,
    outcome::{BY_STEPS, Outcome},
    plan::{LoaderKind, Plan},
};

/// Epochs that are alike are simulated until the mean of them is known to this much, and then repeated.
const EPOCH_ERROR: f64 = 0.001;
const EPOCHS_ALIKE_MAX: u64 = 16;

/// What the network of readers may be off, as a share of the stalls.
const MODEL_ERROR: f64 = 0.006;

/// How much more that is where caches hit in part.
const CACHES: f64 = 2.0;

/// How much larger the whole estimate may be for the luck that an exact run would have as well.
const LUCK_MAX: f64 = 2.0;

/// Parts of an epoch whose lengths tell how far chance may move the whole.
const PARTS: u64 = 12;

/// With fewer of them they tell nothing.
const PARTS_MIN: usize = 5;

/// Runs a plan whose caches are not tracked by steps, or says why it cannot be.
pub(super) fn run(plan: &Plan, replication: u64) -> Result<Result<Outcome, BrokenLaw>, String> {
    let traffic = Traffic::new(plan);
    gate::plan_can_go_by_steps(plan)?;
    let mut run = ByStepsRun::new(plan, replication, traffic);
    run.simulate()?;
    run.outcome(replication)
}

struct ByStepsRun<'p> {
    plan: &'p Plan,
    world: World<'p>,
    book: Book<'p>,
    luck: Stream,
    copied: u64,
    /// Squared standard error of the loops, in ns², and what copies have added to it.
    variance_ns2: f64,
    copies_variance_ns2: f64,
    /// The same of the epoch that has ended.
    epoch_variance_ns2: f64,
}

impl<'p> ByStepsRun<'p> {
    fn new(plan: &'p Plan, replication: u64, traffic: Traffic<'p>) -> Self {
        let world = World::new(plan, replication);
        let book = Book::new(traffic, &world);
        let luck = Draws::new(plan.seed, replication).of("fidelity/steps");
        Self {
            plan,
            world,
            book,
            luck,
            copied: 0,
            variance_ns2: 0.0,
            copies_variance_ns2: 0.0,
            epoch_variance_ns2: 0.0,
        }
    }

    /// All trials, one after the other.
    fn simulate(&mut self) -> Result<(), String> {
        self.begin_exactly();
        self.run_trial(true)?;
        self.world.end_trial(0);
        while let Some(event) = self.world.next_of_ledger() {
            assert!(matches!(event, Event::Launch(0)), "only launches are ahead of a run by steps");
            self.world.open_loop(0);
            self.run_trial(false)?;
            self.world.end_trial(0);
        }
        Ok(())
    }

    /// Simulates every sample until each rank has its first batch; then nobody reads any more.
    fn begin_exactly(&mut self) {
        let world = &mut self.world;
        world.launch_first_trials();
        let mut rank = 0;
        while rank < world.ranks.len() {
            if world.ranks[rank].first_batch == SimTime::NEVER {
                assert!(world.advance(), "every rank gets a first batch");
            } else {
                rank += 1;
            }
        }
        world.forget_traffic();
        // What has been read is counted with the steps that use it.
        let sums = &mut world.tally.sums;
        (sums.opens, sums.disk_opens, sums.bytes, sums.loaded_bytes, sums.restored) = (0, 0, 0, 0, 0);
        (world.tally.bytes_asked, world.tally.bytes_delivered, world.lanes[0].bytes) = (0, 0, 0);
        for rank in 0..world.ranks.len() as u32 {
            let (compute, first_step) = self.compute(rank);
            let state = &mut self.world.ranks[rank as usize];
            state.computed = state.first_batch + first_step + compute;
            state.first_step_ended = state.computed;
        }
    }

    /// How long a rank computes in the step that begins, and what the first step of the job adds.
    fn compute(&self, rank: u32) -> (Span, Span) {
        let (training, lane) = (&self.plan.training, &self.world.lanes[0]);
        let entity = u64::from(lane.trial) << 32 | self.world.ranks[rank as usize].local;
        let compute = training.step_time.span(self.world.luck.step_time.at(entity, lane.steps_done));
        (compute, if lane.steps_done == 0 { training.first_step } else { Span::ZERO })
    }

    fn run_trial(&mut self, mut resumed: bool) -> Result<(), String> {
        let mut alike: Option<Alike> = None;
        loop {
            let steps = if resumed { self.world.lanes[0].steps_of_epoch } else { self.world.open_epoch(0) };
            self.book.begin_epoch(&self.world, 0, steps);
            let whole = steps == self.plan.training.steps_per_epoch;
            let like_the_last = whole && self.book.steady;
            alike = like_the_last.then(|| self.world.count_alike(0, alike));
            self.run_epoch(steps, resumed)?;
            resumed = false;
            let row = self.world.close_epoch(0, &mut self.book);
            if let Some(group) = alike {
                alike = self.repeated(group, row.seconds);
            }
            if self.world.lanes[0].steps_done == self.plan.training.steps {
                return Ok(());
            }
        }
    }

    /// Repeats a group of epochs that is known well enough; else it goes on.
    fn repeated(&mut self, group: Alike, seconds: f64) -> Option<Alike> {
        let count = group.count as f64;
        let error = 1.96 * (self.epoch_variance_ns2 / count).sqrt() / (seconds * 1e9);
        let known = group.count >= EPOCHS_ALIKE_MAX || error <= EPOCH_ERROR;
        if !known || !self.book.credit_is_steady(self.world.epochs_left(0)) {
            return Some(group);
        }
        let copied = self.world.repeat_epochs(0, group);
        self.book.repeat_epochs(copied);
        let times = copied as f64 / count;
        // Copies repeat one draw, so their errors add up and do not cancel.
        self.copies_variance_ns2 += self.epoch_variance_ns2 * count * ((times + 1.0).powi(2) - 1.0);
        self.copied += copied;
        None
    }

    fn run_epoch(&mut self, steps: u64, resumed: bool) -> Result<(), String> {
        let origin = self.world.lanes[0].epoch_began;
        let first = self.world.lanes[0].epoch == 0;
        let start = if first { self.plan.loader.start } else { self.plan.loader.restart };
        let begins = if resumed { self.world.now.since(origin) } else { start };
        let mut crews = Steps::new(crew_spec(self.plan, steps), begins.as_nanos() as f64);
        let (luck, key) = (self.luck, self.world.lanes[0].draw_epoch());
        let mut noise = move |crew: u32, batch: u64| bell(luck.at(u64::from(crew), key << 32 ^ batch).bits());
        let mut marks = Marks::new(steps, origin, u64::from(crews_of(self.plan)));
        for step in 0..steps {
            let (flow, speeds) = (self.flow_at(step, steps)?, self.flow_at(crews.reading(), steps)?);
            let step_began = if step == 0 { origin } else { self.world.now };
            let speeds = speeds_of(self.book.flow(speeds));
            if step == 0 && resumed {
                crews.resume(standings(&self.world).into_iter(), speeds, &mut noise);
            } else {
                if step == 0 {
                    crews.begin(speeds, &mut noise);
                }
                crews.take(speeds, &mut noise);
                self.enter_step(crews.taken_at(), origin, flow, if step == 0 { start } else { Span::ZERO });
            }
            self.world.close_step(0);
            let until = self.world.now.since(origin).as_nanos() as f64;
            let ahead = self.flow_at(crews.reading(), steps)?;
            crews.compute_until(until, speeds_of(self.book.flow(ahead)), &mut noise);
            self.count_step(flow, step_began);
            marks.note(step, self.world.now);
        }
        let epoch_ns = self.world.now.since(origin).as_nanos() as f64;
        let samples = (self.plan.training.batch * steps) as f64;
        // The chance of one rank by itself, which ranks that share a link even out among them; or what the parts show.
        let alone = epoch_ns * self.book.flow(0).cv / samples.sqrt();
        let together = alone * alone / f64::from(self.plan.ranks()).sqrt();
        self.epoch_variance_ns2 = marks.variance_ns2().map_or(together, |seen| seen.min(together));
        self.variance_ns2 += self.epoch_variance_ns2;
        Ok(())
    }

    /// The flow of the readers of a step's batches, if it can be taken by steps.
    fn flow_at(&mut self, step: u64, steps: u64) -> Result<usize, String> {
        let (flow, is_new) = self.book.flow_at(step, steps);
        if is_new {
            gate::flow_can_go_by_steps(self.plan, &self.book.traffic, self.book.flow(flow))?;
        }
        Ok(flow)
    }

    fn enter_step(&mut self, taken_at: &[f64], origin: SimTime, flow: usize, start: Span) {
        let batch = self.plan.training.batch;
        for rank in 0..self.plan.ranks() {
            let at = origin + Span::from_nanos(taken_at[rank as usize].round() as u64);
            let waited = if at > self.world.now { at.since(self.world.now) } else { Span::ZERO };
            let (compute, first_step) = self.compute(rank);
            let turn = Turn { waited, first_step, compute };
            let worker_start = start.as_nanos() as f64 / (waited.as_nanos() as f64).max(1.0);
            let spent = spent_as(self.book.flow(flow), worker_start.min(1.0));
            self.world.enter_turn(0, rank, turn, batch, &spent);
        }
    }

    /// Counts what a step has used, and the latency of one of its reads for all of them.
    fn count_step(&mut self, flow: usize, began: SimTime) {
        let world = &mut self.world;
        let samples = self.plan.training.batch * u64::from(self.plan.ranks());
        let span = world.now.since(began);
        self.book.count(flow, samples as f64, span.as_nanos() as f64);
        if self.book.has_credit() {
            world.tally.timeline.credits(world.now, self.book.credit() as u64);
        }
        let now = self.book.flow(flow);
        world.tally.timeline.bin(world.now).bytes += (self.book.traffic.size.mean * samples as f64) as u64;
        let reads = (now.demands.opens * samples as f64).round() as u64;
        if reads == 0 {
            return;
        }
        let luck = self.luck.at(u64::MAX, world.lanes[0].steps_done << 16 ^ u64::from(world.lanes[0].trial));
        let latency = self.plan.path.latency.as_ref().map_or(0, |table| table.sample(luck));
        let size = self.plan.dataset.sizes.sample(luck.next()) as f64 / self.plan.dataset.size_mean;
        let transfer = size * self.book.traffic.transfer_ns(now);
        world.tally.read_latency.record_many(latency + transfer as u64, reads);
    }

    fn outcome(mut self, replication: u64) -> Result<Result<Outcome, BrokenLaw>, String> {
        let loop_ns = self.world.tally.loop_ns as f64;
        let stalls: f64 = self.world.tally.stalls.iter().map(crate::stall::Stalls::total_s).sum();
        let stalled = stalls * 1e9 / (loop_ns * f64::from(self.plan.ranks()));
        let model_error = MODEL_ERROR * (1.0 + (CACHES - 1.0) * self.book.hits_in_part());
        let half_width = |variance_ns2: f64| 1.96 * variance_ns2.sqrt() / loop_ns;
        let error = half_width(self.variance_ns2 + self.copies_variance_ns2)
            + model_error * stalled
            + self.tails_of_first_batches() / loop_ns;
        // An exact run has the luck of its epochs too, but none through copies.
        let own = half_width(self.copies_variance_ns2) + model_error * stalled;
        if own.max(error / LUCK_MAX) > STEPS_ERROR_MAX {
            return Err(format!("their own error estimate was {:.1} %", error * 100.0));
        }
        let copied = self.copied;
        let what = format!("{BY_STEPS}, then a draw for each batch, {copied} epochs copied");
        self.world.approximation = Some(Approximation { what, error });
        Ok(self.world.result(replication))
    }

    /// What the largest latency of an epoch's first batches, for which nobody has read ahead, takes beyond the mean one, over
    /// all epochs that were drawn.
    fn tails_of_first_batches(&self) -> f64 {
        let reads = (self.plan.training.batch * u64::from(self.plan.ranks())) as f64;
        let drawn = self.world.tally.epochs.len().saturating_sub(1) as f64;
        let latency = self.plan.path.latency.as_ref();
        latency.map_or(0.0, |table| drawn * (largest_of(table, reads) - table.mean()).max(0.0))
    }
}

/// The crews of a plan in an epoch of so many steps.
fn crew_spec(plan: &Plan, steps: u64) -> CrewSpec {
    let (readers, crews) = crews(&plan.loader.kind);
    let batch = plan.training.batch;
    let (in_flight, held_back, on_demand) = match plan.loader.kind {
        LoaderKind::PyTorch(spec) if spec.workers == 0 => (1, 0, true),
        LoaderKind::PyTorch(spec) => (spec.workers * spec.prefetch_factor, 0, false),
        LoaderKind::TfData { spec, .. } => {
            let held = spec.shuffle_buffer.div_ceil(batch);
            (spec.prefetch + held, held, false)
        }
    };
    CrewSpec { ranks: plan.ranks(), crews, readers, batch, in_flight, held_back, on_demand, batches: steps }
}

fn crews_of(plan: &Plan) -> u32 {
    crews(&plan.loader.kind).1
}

fn speeds_of(flow: &Flow) -> Speeds<'_> {
    Speeds { passing: &flow.passing, cv: flow.cv }
}

/// Where the crews of all ranks stand.
fn standings(world: &World<'_>) -> Vec<Standing> {
    world.ranks.iter().flat_map(|rank| rank.loader.standings()).collect()
}

/// The lengths of the parts of an epoch.
struct Marks {
    every: u64,
    last: SimTime,
    parts_ns: VecDeque<f64>,
}

impl Marks {
    fn new(steps: u64, origin: SimTime, crews: u64) -> Self {
        // Crews that began together bring their batches together: a part holds whole rounds of them.
        Self {
            every: (steps / PARTS).max(1).next_multiple_of(crews),
            last: origin,
            parts_ns: VecDeque::new(),
        }
    }

    fn note(&mut self, step: u64, now: SimTime) {
        if (step + 1).is_multiple_of(self.every) {
            self.parts_ns.push_back(now.since(self.last).as_nanos() as f64);
            self.last = now;
        }
    }

    /// From differences of neighbours, so that what changes slowly along the epoch is no error. The first part, with the
    /// first batch in it, is unlike the others.
    fn variance_ns2(mut self) -> Option<f64> {
        self.parts_ns.pop_front();
        let parts = self.parts_ns.make_contiguous();
        if parts.len() < PARTS_MIN {
            return None;
        }
        let squares: f64 = parts.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
        Some(squares / 2.0 / (parts.len() - 1) as f64 * (parts.len() + 1) as f64)
    }
}
