//! Agenda, draws and lanes together against queueing theory.
//!
//! Each test runs one long queue, drops the first tenth, and asks that the 99.9 % confidence interval of the mean wait
//! over 30 batches holds what theory says. The seeds are fixed, so a test that passes keeps passing.

use ingestsim_des::{
    agenda::{Agenda, Slot},
    draw::{Distribution, Draws, QuantileTable, Stream},
    history::History,
    resource::lanes::{DeterministicLanes, LaneAudit, Lanes, Started},
    stats::Interval,
};
use ingestsim_units::{Frequency, SimTime};

const CUSTOMERS: u32 = 800_000;
const BATCHES: usize = 30;
/// The mean time between arrivals in nanoseconds; so a service time is also a load.
const BETWEEN_ARRIVALS: f64 = 1e6;

#[derive(Clone, Copy, Default)]
enum Event {
    #[default]
    Arrival,
    Departure,
}

/// Customers that arrive at random at lanes with a given service time.
struct Queue {
    arrivals: (Stream, QuantileTable),
    services: (Stream, QuantileTable),
    agenda: Agenda<Event>,
    lanes: Lanes,
    arrived: u32,
    idle: Vec<Slot>,
    seen: Observed,
}

/// What came of it.
#[derive(Default)]
struct Observed {
    arrived_at: Vec<SimTime>,
    waits: Vec<f64>,
    left_at: Vec<SimTime>,
    service_ns: u128,
    history: History,
    audit: Option<LaneAudit>,
}

impl Queue {
    fn new(lanes: u32, service: &Distribution, seed: u64) -> Self {
        let draws = Draws::new(seed, 0);
        let table = |distribution| QuantileTable::new(distribution).expect("the times make sense");
        let between = Distribution::Exponential { mean: BETWEEN_ARRIVALS };
        Self {
            arrivals: (draws.of("arrivals"), table(&between)),
            services: (draws.of("services"), table(service)),
            agenda: Agenda::with_slots(lanes as usize + 1),
            lanes: Lanes::new(lanes),
            arrived: 0,
            idle: (1..=lanes).map(Slot::new).collect(),
            seen: Observed { waits: vec![0.0; CUSTOMERS as usize], ..Observed::default() },
        }
    }

    fn run(mut self) -> Observed {
        let mut now = SimTime::ZERO;
        self.next_arrival(now);
        while let Some((at, slot, event)) = self.agenda.pop() {
            now = at;
            self.seen.history.push(at, slot);
            match event {
                Event::Arrival => self.arrive(at),
                Event::Departure => self.depart(at, slot),
            }
        }
        self.seen.audit = Some(self.lanes.audit(now));
        self.seen
    }

    fn next_arrival(&mut self, now: SimTime) {
        let between = self.arrivals.1.span(self.arrivals.0.at(0, u64::from(self.arrived)));
        self.agenda.schedule(Slot::new(0), now + between, Event::Arrival);
    }

    fn arrive(&mut self, now: SimTime) {
        let customer = self.arrived;
        self.arrived += 1;
        self.seen.arrived_at.push(now);
        if self.arrived < CUSTOMERS {
            self.next_arrival(now);
        }
        if let Some(started) = self.lanes.request(now, customer) {
            let slot = self.idle.pop().expect("a lane that is free has a slot");
            self.serve(now, slot, started);
        }
    }

    fn depart(&mut self, now: SimTime, slot: Slot) {
        self.seen.left_at.push(now);
        match self.lanes.release(now) {
            Some(started) => self.serve(now, slot, started),
            None => self.idle.push(slot),
        }
    }

    fn serve(&mut self, now: SimTime, slot: Slot, started: Started) {
        let service = self.services.1.span(self.services.0.at(u64::from(started.id), 0));
        self.seen.waits[started.id as usize] = started.waited.as_nanos() as f64;
        self.seen.service_ns += u128::from(service.as_nanos());
        self.agenda.schedule(slot, now + service, Event::Departure);
    }
}

/// The mean over batches of what comes after the first tenth, at 99.9 %.
fn batch_means(values: &[f64]) -> Interval {
    let steady = &values[values.len() / 10..];
    let batches = steady.chunks_exact(steady.len() / BATCHES).take(BATCHES);
    let means: Vec<f64> = batches.map(|batch| batch.iter().sum::<f64>() / batch.len() as f64).collect();
    Interval::of(&means, 0.999).expect("there are many batches")
}

/// The interval holds the wait, and is narrow enough to mean something.
fn assert_mean_wait(waits: &[f64], expected: f64) {
    let found = batch_means(waits);
    assert!(found.contains(expected), "{found:?} {expected}");
    assert!(found.half_width < 0.1 * expected, "{found:?}");
}

/// Erlang's C: the probability of waiting at `lanes` servers with `load` of work offered per unit of time.
fn erlang_c(lanes: u32, load: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for busy in 1..lanes {
        term *= load / f64::from(busy);
        sum += term;
    }
    let lanes = f64::from(lanes);
    let all_busy = term * load / lanes / (1.0 - load / lanes);
    all_busy / (sum + all_busy)
}

/// M/M/1 at ρ = 0.7: the wait is ρ / (1 − ρ) services.
#[test]
fn one_lane_with_random_service() {
    let rho = 0.7;
    let service = rho * BETWEEN_ARRIVALS;
    let seen = Queue::new(1, &Distribution::Exponential { mean: service }, 1).run();
    assert_mean_wait(&seen.waits, rho / (1.0 - rho) * service);
}

/// M/M/5 at ρ = 0.8: a share C(5, 4) = 0.5541 waits, and the mean wait is C / (5 − 4) services.
#[test]
fn five_lanes_with_random_service() {
    let (lanes, load) = (5, 4.0);
    let waiting = erlang_c(lanes, load);
    assert!((waiting - 0.554_113).abs() < 1e-6);
    let service = load * BETWEEN_ARRIVALS;
    let seen = Queue::new(lanes, &Distribution::Exponential { mean: service }, 2).run();
    assert_mean_wait(&seen.waits, waiting / (f64::from(lanes) - load) * service);
    let has_waited: Vec<f64> = seen.waits.iter().map(|&wait| f64::from(wait > 0.0)).collect();
    assert_mean_wait(&has_waited, waiting);
}

/// M/D/1 at ρ = 0.8: half the wait of M/M/1, and to the nanosecond what the arithmetic without events says.
#[test]
fn one_lane_with_constant_service() {
    let rho = 0.8;
    let service = rho * BETWEEN_ARRIVALS;
    let seen = Queue::new(1, &Distribution::Fixed(service), 3).run();
    assert_mean_wait(&seen.waits, rho / (2.0 * (1.0 - rho)) * service);
    let mut lanes = DeterministicLanes::new(1, Frequency::per_second(1_250));
    let left_at: Vec<SimTime> = seen.arrived_at.iter().map(|&at| lanes.admit(at)).collect();
    assert!(left_at == seen.left_at);
    let end = *left_at.last().expect("customers came");
    assert_eq!(Some(lanes.audit(end)), seen.audit);
}

/// M/G/1, by Pollaczek and Khinchine: the wait is ρ (1 + cv²) / (2 (1 − ρ)) services.
#[test]
fn one_lane_with_lognormal_service() {
    let (rho, cv) = (0.6, 1.2);
    let service = rho * BETWEEN_ARRIVALS;
    let seen = Queue::new(1, &Distribution::lognormal_with_cv(service, cv), 4).run();
    assert_mean_wait(&seen.waits, rho * (1.0 + cv * cv) / (2.0 * (1.0 - rho)) * service);
}

/// Whatever the distributions: what is in the queue over time is what its members waited, lanes are busy as long as
/// services last, and all who came have left.
#[test]
fn laws_hold_exactly() {
    for (lanes, load) in [(1, 0.9), (3, 2.5), (40, 36.0)] {
        let service = Distribution::lognormal_with_sigma(load * BETWEEN_ARRIVALS, 0.8);
        let seen = Queue::new(lanes, &service, 5).run();
        let audit = seen.audit.expect("the queue has run");
        assert_eq!((audit.arrivals, audit.departures), (u64::from(CUSTOMERS), u64::from(CUSTOMERS)));
        assert_eq!(audit.queue_integral_ns, audit.wait_sum_ns);
        assert_eq!(audit.wait_sum_ns, seen.waits.iter().map(|&wait| wait as u128).sum());
        assert_eq!(audit.busy_ns, seen.service_ns);
    }
}

/// The same seed gives the same history, another seed another one.
#[test]
fn a_run_can_be_repeated() {
    let digest = |seed| Queue::new(2, &Distribution::Exponential { mean: 1e6 }, seed).run().history.digest();
    assert_eq!(digest(6), digest(6));
    assert_ne!(digest(6), digest(7));
}

/// One seed for both: customers and their work are the same at 1 and at 2 lanes, so that the second lane shortens
/// every single wait.
#[test]
fn a_second_lane_meets_the_same_customers() {
    let service = Distribution::Exponential { mean: 0.7 * BETWEEN_ARRIVALS };
    let (one, two) = (Queue::new(1, &service, 8).run(), Queue::new(2, &service, 8).run());
    assert!(one.arrived_at == two.arrived_at);
    assert_eq!(one.service_ns, two.service_ns);
    assert!(one.waits.iter().zip(&two.waits).all(|(one, two)| two <= one));
}
