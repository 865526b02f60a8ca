//! The discrete-event core: agenda, keyed draws, statistics and queueing primitives.
//!
//! It knows nothing of storage. A model owns an agenda, some resources and its own state; it takes the next event,
//! changes the state, and schedules what starts. Resources never touch the agenda: they say what starts and for how
//! long, and the model schedules it, so each can be tested alone.
//!
//! # What is here
//!
//! - [`agenda`]: pending events in order of time, one a slot. Simulated time comes from nowhere else.
//! - [`draw`]: chance as a function of (seed, replication, use, entity, counter); quantile tables that turn a draw into
//!   a latency or a size; permutations of any length without memory.
//! - [`history`]: the digest by which two runs are told apart.
//! - [`stats`]: tallies, levels over time, histograms, confidence intervals.
//! - [`resource`]: servers with a queue, token buckets, and links shared fairly.
//!
//! # What holds everywhere
//!
//! Time is a whole number of nanoseconds, amounts are whole numbers, and sums that could overflow are kept in 128 bits:
//! there is no epsilon and no drift. Events of one nanosecond happen in the order they were scheduled. The same seed
//! gives the same bits on any machine: draws are integer arithmetic, and tables are built with `libm` and the five
//! operations IEEE 754 rounds correctly. Nothing reads a clock, and nothing iterates over a hash map. After the first
//! moments of a run nothing allocates either.
//!
//! # A queue in one page
//!
//! Customers arrive at random at one server, which is busy 70 % of the time; the mean wait is 0.7 / 0.3 services.
//!
//! ```
//! use ingestsim_des::{
//!     agenda::{Agenda, Slot},
//!     draw::{Distribution, DistributionError, Draws, QuantileTable},
//!     resource::lanes::Lanes,
//!     stats::Tally,
//! };
//! use ingestsim_units::SimTime;
//!
//! #[derive(Clone, Copy, Default)]
//! enum Event {
//!     #[default]
//!     Arrival,
//!     Departure,
//! }
//!
//! const ARRIVALS: Slot = Slot::new(0);
//! const SERVER: Slot = Slot::new(1);
//!
//! let draws = Draws::new(1, 0);
//! let (arrivals, services) = (draws.of("arrivals"), draws.of("services"));
//! let between = QuantileTable::new(&Distribution::Exponential { mean: 1e6 })?;
//! let service = QuantileTable::new(&Distribution::Exponential { mean: 0.7e6 })?;
//!
//! let mut agenda = Agenda::with_slots(2);
//! let mut server = Lanes::new(1);
//! let mut waits = Tally::new();
//! let mut customer = 0;
//! agenda.schedule(ARRIVALS, SimTime::ZERO, Event::Arrival);
//! while let Some((now, _, event)) = agenda.pop() {
//!     let started = match event {
//!         Event::Arrival => {
//!             customer += 1;
//!             if customer < 200_000 {
//!                 let next = between.span(arrivals.at(u64::from(customer), 0));
//!                 agenda.schedule(ARRIVALS, now + next, Event::Arrival);
//!             }
//!             server.request(now, customer)
//!         }
//!         Event::Departure => server.release(now),
//!     };
//!     if let Some(started) = started {
//!         waits.push(started.waited.as_secs_f64() * 1e3);
//!         let takes = service.span(services.at(u64::from(started.id), 0));
//!         agenda.schedule(SERVER, now + takes, Event::Departure);
//!     }
//! }
//! let expected_ms = 0.7 * 0.7 / 0.3;
//! assert!((waits.mean().unwrap() - expected_ms).abs() < 0.05 * expected_ms);
//! # Ok::<(), DistributionError>(())
//! ```

pub mod agenda;
pub mod draw;
pub mod history;
pub mod resource;
pub mod stats;
mod tournament;
