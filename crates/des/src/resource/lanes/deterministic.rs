//! Lanes whose service always takes the same time: no events, no queue, only arithmetic.

use super::LaneAudit;
use ingestsim_units::{Frequency, SimTime, Span};

/// Work in one service, in units of which a lane does its rate (in thousandths of a hertz) each nanosecond.
const SERVICE: u128 = 1_000_000_000_000;

/// Equal servers of a constant rate with one queue, first come first served: metadata operations, for instance.
///
/// As every service takes `1 / rate` and starts in order, services also end in order, so the lane that falls idle first
/// is always the next one in a circle and the end of a service is known when it is asked for. Times within are exact
/// fractions of a nanosecond, whatever the rate; only the answer is rounded up.
///
/// ```
/// use ingestsim_des::resource::lanes::DeterministicLanes;
/// use ingestsim_units::{Frequency, SimTime};
///
/// let mut metadata = DeterministicLanes::new(1, Frequency::per_second(3));
/// assert_eq!(metadata.admit(SimTime::ZERO), SimTime::from_nanos(333_333_334));
/// assert_eq!(metadata.admit(SimTime::ZERO), SimTime::from_nanos(666_666_667));
/// assert_eq!(metadata.admit(SimTime::ZERO), SimTime::from_nanos(1_000_000_000));
/// ```
#[derive(Debug, Clone)]
pub struct DeterministicLanes {
    rate: u64,
    service: Moment,
    /// When each lane has done all that was asked of it.
    idle_from: Vec<Moment>,
    next: usize,
    arrivals: u64,
    /// Waits of all admitted, also what of them lies ahead, in units of work.
    waits: u128,
}

/// A time of `ns + part / rate` nanoseconds, with `part` below the rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    ns: u64,
    part: u64,
}

impl DeterministicLanes {
    /// `lanes` idle servers that do `rate` services a second each.
    ///
    /// # Panics
    ///
    /// If there is no lane or no rate: whoever asked would wait for ever.
    #[must_use]
    pub fn new(lanes: u32, rate: Frequency) -> Self {
        let rate = rate.milli_hertz();
        assert!(lanes > 0 && rate > 0, "there is a lane at least, and it does something");
        let service = SERVICE as u64;
        Self {
            rate,
            service: Moment { ns: service / rate, part: service % rate },
            idle_from: vec![Moment { ns: 0, part: 0 }; lanes as usize],
            next: 0,
            arrivals: 0,
            waits: 0,
        }
    }

    /// Asks for one service, which starts when all before it have and a lane is free; says when it will have ended.
    #[inline]
    pub fn admit(&mut self, now: SimTime) -> SimTime {
        let now = Moment { ns: now.as_nanos(), part: 0 };
        let start = self.idle_from[self.next].max(now);
        let end = self.after_service(start);
        self.idle_from[self.next] = end;
        self.next = if self.next + 1 == self.idle_from.len() { 0 } else { self.next + 1 };
        self.arrivals += 1;
        self.waits += self.work_between(now, start);
        SimTime::from_nanos(end.ns + u64::from(end.part > 0))
    }

    /// The counters as they stand at `now`, in whole nanoseconds, rounded down.
    ///
    /// The queue is not followed over time, so its integral is the sum of waits by Little's law.
    #[must_use]
    pub fn audit(&self, now: SimTime) -> LaneAudit {
        let mut in_system = 0;
        let mut queued = 0;
        let mut work_ahead = 0;
        let mut waits_ahead = 0;
        for &idle_from in &self.idle_from {
            let ahead = self.work_between(Moment { ns: now.as_nanos(), part: 0 }, idle_from);
            let here = ahead.div_ceil(SERVICE);
            let waiting = here.saturating_sub(1);
            in_system += here;
            queued += waiting;
            work_ahead += ahead;
            // The last begins one service before the lane falls idle, the one before it two, and so on.
            waits_ahead += waiting * ahead - SERVICE * (waiting * (waiting + 1) / 2);
        }
        let rate = u128::from(self.rate);
        let wait_sum_ns = (self.waits - waits_ahead) / rate;
        LaneAudit {
            elapsed: now.since(SimTime::ZERO),
            lanes: self.idle_from.len() as u32,
            arrivals: self.arrivals,
            departures: self.arrivals - in_system as u64,
            queued: queued as u64,
            busy_ns: (u128::from(self.arrivals) * SERVICE - work_ahead) / rate,
            queue_integral_ns: wait_sum_ns,
            wait_sum_ns,
        }
    }

    /// How long one service takes, rounded up.
    #[must_use]
    pub fn service(&self) -> Span {
        Span::from_nanos(self.service.ns + u64::from(self.service.part > 0))
    }

    fn after_service(&self, start: Moment) -> Moment {
        let part = start.part + self.service.part;
        let carry = part >= self.rate;
        Moment {
            ns: start.ns + self.service.ns + u64::from(carry),
            part: if carry { part - self.rate } else { part },
        }
    }

    /// What a lane does from one moment to a later one; nothing if it is not later.
    fn work_between(&self, from: Moment, to: Moment) -> u128 {
        let work = |moment: Moment| u128::from(moment.ns) * u128::from(self.rate) + u128::from(moment.part);
        work(to).saturating_sub(work(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::lanes::Lanes;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// The same with events: a set of (end, order) of services under way.
    fn with_events(
        arrivals: &[SimTime],
        lanes: u32,
        service: Span,
        until: SimTime,
    ) -> (Vec<SimTime>, LaneAudit) {
        let mut model = Lanes::new(lanes);
        let mut under_way = BTreeSet::new();
        let mut ends = vec![SimTime::NEVER; arrivals.len()];
        let mut release = |model: &mut Lanes, under_way: &mut BTreeSet<(SimTime, u32)>| {
            if let Some((end, id)) = under_way.pop_first() {
                ends[id as usize] = end;
                if let Some(started) = model.release(end) {
                    under_way.insert((end + service, started.id));
                }
            }
        };
        let ends_by =
            |under_way: &BTreeSet<(SimTime, u32)>, now| under_way.first().is_some_and(|&(end, _)| end <= now);
        for (id, &now) in arrivals.iter().enumerate() {
            while ends_by(&under_way, now) {
                release(&mut model, &mut under_way);
            }
            if let Some(started) = model.request(now, id as u32) {
                under_way.insert((now + service, started.id));
            }
        }
        while ends_by(&under_way, until) {
            release(&mut model, &mut under_way);
        }
        let audit = model.audit(until);
        while !under_way.is_empty() {
            release(&mut model, &mut under_way);
        }
        (ends, audit)
    }

    /// A seventh of a second is no whole number of nanoseconds; 7,000 of them are.
    #[test]
    fn ends_of_uneven_services_do_not_drift() {
        let mut lanes = DeterministicLanes::new(1, Frequency::per_second(7));
        let end = (0..7_000).map(|_| lanes.admit(SimTime::ZERO)).last();
        assert_eq!(end, Some(SimTime::from_nanos(1_000_000_000_000)));
        assert_eq!(lanes.service(), Span::from_nanos(142_857_143));
    }

    /// Two lanes at 100 ns, three asked at once: at 130 ns the third has 70 ns to go and the lanes have worked 230 ns.
    #[test]
    fn counters_by_hand() {
        let mut lanes = DeterministicLanes::new(2, Frequency::per_second(10_000_000));
        let ends = [0, 0, 0].map(|at| lanes.admit(SimTime::from_nanos(at)).as_nanos());
        assert_eq!(ends, [100, 100, 200]);
        let audit = lanes.audit(SimTime::from_nanos(130));
        assert_eq!((audit.arrivals, audit.departures, audit.queued), (3, 2, 0));
        assert_eq!((audit.busy_ns, audit.wait_sum_ns), (230, 100));
    }

    proptest! {
        #[test]
        fn agrees_with_lanes_and_events(
            delays in prop::collection::vec(0..3_000_u64, 1..80),
            n in 1..5_u32,
            service in prop::sample::select(vec![1_u64, 10, 125, 1_000, 5_000]),
            later in 0..20_000_u64,
        ) {
            let mut now = SimTime::ZERO;
            let arrivals: Vec<SimTime> = delays
                .into_iter()
                .map(|delay| {
                    now += Span::from_nanos(delay);
                    now
                })
                .collect();
            let until = now + Span::from_nanos(later);
            let rate = Frequency::per_thousand_seconds(1_000_000_000_000 / service);
            let mut lanes = DeterministicLanes::new(n, rate);
            let ends: Vec<SimTime> = arrivals.iter().map(|&at| lanes.admit(at)).collect();
            let (ends_expected, audit) = with_events(&arrivals, n, Span::from_nanos(service), until);
            prop_assert_eq!(ends, ends_expected);
            prop_assert_eq!(lanes.audit(until), audit);
        }
    }
}
