//! The floor of workload W: what no engine made of these parts can do without.
//!
//! A sample needs two draws from quantile tables, a latency and a size, and two events of the agenda, one for the end of
//! each. Everything else (the link, the loader, stalls, laws, metrics) comes on top.

use ingestsim_des::{
    agenda::{Agenda, Slot},
    draw::{Distribution, Draws, QuantileTable, Stream},
};
use ingestsim_units::{SimTime, Span};

/// The parts, set up for so many readers.
#[derive(Debug)]
pub struct Floor {
    latency: QuantileTable,
    size: QuantileTable,
    latencies: Stream,
    sizes: Stream,
    agenda: Agenda<u32>,
    sample: u64,
}

impl Floor {
    /// The floor of a workload with so many readers.
    ///
    /// # Panics
    ///
    /// If there are more readers than an agenda has slots.
    #[must_use]
    pub fn new(readers: u64) -> Self {
        let table = |distribution| QuantileTable::new(&distribution).expect("a lognormal can be drawn from");
        let draws = Draws::new(1, 0);
        let mut agenda = Agenda::with_slots(readers as usize);
        for reader in 0..readers as u32 {
            agenda.schedule(Slot::new(reader), SimTime::from_nanos(u64::from(reader)), reader);
        }
        Self {
            latency: table(Distribution::lognormal_with_sigma(10e6, 0.5)),
            size: table(Distribution::lognormal_with_sigma(110e3, 0.6)),
            latencies: draws.of("latency"),
            sizes: draws.of("size"),
            agenda,
            sample: 0,
        }
    }

    /// Two draws and two events for each of so many samples. Returns the time of the last event.
    ///
    /// # Panics
    ///
    /// Never: every reader always has an event ahead of it.
    pub fn run(&mut self, samples: u64) -> SimTime {
        let mut now = SimTime::ZERO;
        for sample in self.sample..self.sample + samples {
            let (at, slot, reader) = self.agenda.pop().expect("every reader has an event");
            self.agenda.schedule(slot, at + self.latency.span(self.latencies.at(sample, 0)), reader);
            let (at, slot, reader) = self.agenda.pop().expect("every reader has an event");
            let size = self.size.sample(self.sizes.at(sample, 0));
            self.agenda.schedule(slot, at + Span::from_nanos(size), reader);
            now = at;
        }
        self.sample += samples;
        now
    }
}
