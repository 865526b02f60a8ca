//! Stand-ins until the core has its own.
use ingestsim_units::{Frequency, SimTime, Span};
#[derive(Debug)]
pub(super) struct ServerRate {
    rate: Frequency,
    free: SimTime,
}
impl ServerRate {
    pub(super) fn new(rate: Frequency) -> Self {
        Self { rate, free: SimTime::ZERO }
    }
    pub(super) fn admit_many(&mut self, at: SimTime, n: u64) -> SimTime {
        self.free = self.free.max(at) + self.rate.time_for(n);
        self.free
    }
}
#[derive(Debug)]
pub(super) struct TokenBucket {
    rate: Frequency,
    depth: u64,
    empty_at: SimTime,
}
impl TokenBucket {
    pub(super) fn operations(rate: Frequency, depth: u64) -> Self {
        Self { rate, depth, empty_at: SimTime::ZERO }
    }
    pub(super) fn take_or_wait(&mut self, at: SimTime, n: u64) -> SimTime {
        let full = self.rate.time_for(self.depth);
        let since = at.as_nanos().saturating_sub(full.as_nanos());
        self.empty_at = self.empty_at.max(SimTime::from_nanos(since)) + self.rate.time_for(n);
        if self.empty_at.as_nanos() > full.as_nanos() {
            at.max(SimTime::from_nanos(self.empty_at.as_nanos() - full.as_nanos()))
        } else {
            at
        }
    }
}
