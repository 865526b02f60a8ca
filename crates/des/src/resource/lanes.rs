//! Lanes: servers side by side, first come first served.

mod deterministic;

use ingestsim_units::{SimTime, Span};
use std::collections::VecDeque;

pub use deterministic::DeterministicLanes;

/// A number of equal servers with one queue, first come first served.
///
/// Whoever finds a lane free starts at once; else the one that has waited longest starts when a lane is released. How
/// long a service takes is the caller's affair, who schedules its end and calls [`release`](Self::release). Right for
/// a pool of connections or a drive of fixed queue depth; too kind to a shared link, whose transfers slow each other
/// down.
///
/// ```
/// use ingestsim_des::resource::lanes::{Lanes, Started};
/// use ingestsim_units::{SimTime, Span};
///
/// let mut lanes = Lanes::new(1);
/// assert_eq!(lanes.request(SimTime::from_nanos(0), 7), Some(Started { id: 7, waited: Span::ZERO }));
/// assert_eq!(lanes.request(SimTime::from_nanos(2), 8), None);
/// let next = lanes.release(SimTime::from_nanos(5));
/// assert_eq!(next, Some(Started { id: 8, waited: Span::from_nanos(3) }));
/// ```
#[derive(Debug, Clone)]
pub struct Lanes {
    lanes: u32,
    busy: u32,
    queue: VecDeque<Waiting>,
    arrivals: u64,
    departures: u64,
    /// Ends less beginnings of service, so that time in service so far is this plus `busy · now`.
    service_ns: i128,
    /// Waits of those that have started.
    waited_ns: u128,
    /// Length of the queue over time, up to `queue_changed`.
    queue_ns: u128,
    queue_changed: SimTime,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    id: u32,
    since: SimTime,
}

/// Who has a lane from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// The number it was requested with.
    pub id: u32,
    /// How long it has been in the queue.
    pub waited: Span,
}

/// What lanes have done up to some time, for the laws of queueing.
///
/// Little's law over a sample path: `queue_integral_ns = wait_sum_ns`, exactly, for the one is summed over time and the
/// other over requests. Utilisation law: `busy_ns = departures · mean service` once all have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneAudit {
    /// The time since the start of the run.
    pub elapsed: Span,
    /// The number of lanes.
    pub lanes: u32,
    /// Requests so far.
    pub arrivals: u64,
    /// Services ended so far.
    pub departures: u64,
    /// Requests waiting now.
    pub queued: u64,
    /// Time in service, summed over lanes.
    pub busy_ns: u128,
    /// Length of the queue integrated over time.
    pub queue_integral_ns: u128,
    /// Time waited so far, summed over all requests, with those still waiting.
    pub wait_sum_ns: u128,
}

impl LaneAudit {
    /// The share of lanes that were busy, over time; none if no time has passed.
    #[must_use]
    pub fn utilisation(&self) -> Option<f64> {
        let capacity = u128::from(self.lanes) * u128::from(self.elapsed.as_nanos());
        (capacity > 0).then(|| self.busy_ns as f64 / capacity as f64)
    }

    /// The mean length of the queue over time; none if no time has passed.
    #[must_use]
    pub fn mean_queue(&self) -> Option<f64> {
        let elapsed = self.elapsed.as_nanos();
        (elapsed > 0).then(|| self.queue_integral_ns as f64 / elapsed as f64)
    }
}

impl Lanes {
    /// `lanes` idle servers.
    ///
    /// # Panics
    ///
    /// If `lanes` is 0: whoever asked would wait for ever.
    #[must_use]
    pub fn new(lanes: u32) -> Self {
        assert!(lanes > 0, "there is a lane at least");
        Self {
            lanes,
            busy: 0,
            queue: VecDeque::new(),
            arrivals: 0,
            departures: 0,
            service_ns: 0,
            waited_ns: 0,
            queue_ns: 0,
            queue_changed: SimTime::ZERO,
        }
    }

    /// Asks for a lane in the name of `id`: it starts now, or joins the queue.
    #[inline]
    pub fn request(&mut self, now: SimTime, id: u32) -> Option<Started> {
        self.arrivals += 1;
        if self.busy < self.lanes {
            self.busy += 1;
            self.service_ns -= i128::from(now.as_nanos());
            return Some(Started { id, waited: Span::ZERO });
        }
        self.note_queue(now);
        self.queue.push_back(Waiting { id, since: now });
        None
    }

    /// Ends a service. Its lane goes to whoever has waited longest, if anyone has.
    ///
    /// # Panics
    ///
    /// If no service is under way: the caller ended one twice.
    #[inline]
    pub fn release(&mut self, now: SimTime) -> Option<Started> {
        assert!(self.busy > 0, "a service ends once");
        self.departures += 1;
        if self.queue.is_empty() {
            self.busy -= 1;
            self.service_ns += i128::from(now.as_nanos());
            return None;
        }
        self.note_queue(now);
        let next = self.queue.pop_front()?;
        let waited = now.since(next.since);
        self.waited_ns += u128::from(waited.as_nanos());
        Some(Started { id: next.id, waited })
    }

    /// The number of requests waiting.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// The number of lanes in use.
    #[must_use]
    pub const fn busy(&self) -> u32 {
        self.busy
    }

    /// The counters as they stand at `now`; the time this takes grows with the queue.
    #[must_use]
    pub fn audit(&self, now: SimTime) -> LaneAudit {
        let still_waiting: u128 =
            self.queue.iter().map(|waiting| u128::from(now.since(waiting.since).as_nanos())).sum();
        LaneAudit {
            elapsed: now.since(SimTime::ZERO),
            lanes: self.lanes,
            arrivals: self.arrivals,
            departures: self.departures,
            queued: self.queue.len() as u64,
            busy_ns: (self.service_ns + i128::from(self.busy) * i128::from(now.as_nanos())) as u128,
            queue_integral_ns: self.queue_ns + self.queue_since_change(now),
            wait_sum_ns: self.waited_ns + still_waiting,
        }
    }

    fn note_queue(&mut self, now: SimTime) {
        self.queue_ns += self.queue_since_change(now);
        self.queue_changed = now;
    }

    fn queue_since_change(&self, now: SimTime) -> u128 {
        self.queue.len() as u128 * u128::from(now.since(self.queue_changed).as_nanos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ns(at: u64) -> SimTime {
        SimTime::from_nanos(at)
    }

    fn started(id: u32, waited: u64) -> Option<Started> {
        Some(Started { id, waited: Span::from_nanos(waited) })
    }

    /// Two lanes, 5 ns a read: the third and fourth wait, and get the lanes in the order they asked.
    #[test]
    fn the_longest_waiting_is_next() {
        let mut lanes = Lanes::new(2);
        assert_eq!(lanes.request(ns(0), 10), started(10, 0));
        assert_eq!(lanes.request(ns(1), 11), started(11, 0));
        assert_eq!(lanes.request(ns(2), 12), None);
        assert_eq!(lanes.request(ns(3), 13), None);
        assert_eq!(lanes.release(ns(5)), started(12, 3));
        assert_eq!(lanes.release(ns(6)), started(13, 3));
        assert_eq!(lanes.release(ns(10)), None);
        assert_eq!((lanes.busy(), lanes.queued()), (1, 0));
    }

    /// The same reads at 9 ns: busy 5 + 5 + 4 + 3, one or two waiting from 2 to 6, two departures.
    #[test]
    fn counters_by_hand() {
        let mut lanes = Lanes::new(2);
        for id in 0..4 {
            lanes.request(ns(u64::from(id)), id);
        }
        lanes.release(ns(5));
        lanes.release(ns(6));
        let audit = lanes.audit(ns(9));
        assert_eq!((audit.arrivals, audit.departures, audit.queued), (4, 2, 0));
        assert_eq!(audit.busy_ns, 5 + 5 + 4 + 3);
        assert_eq!((audit.queue_integral_ns, audit.wait_sum_ns), (6, 6));
        assert_eq!(audit.utilisation(), Some(17.0 / 18.0));
        assert_eq!(audit.mean_queue(), Some(6.0 / 9.0));
    }

    #[test]
    #[should_panic(expected = "a service ends once")]
    fn a_service_cannot_end_twice() {
        let mut lanes = Lanes::new(1);
        lanes.request(ns(0), 0);
        lanes.release(ns(1));
        lanes.release(ns(1));
    }

    proptest! {
        /// Random requests and releases: the queue over time is the waits over requests, and lanes never idle while
        /// anyone waits.
        #[test]
        fn littles_law_holds_exactly(steps in prop::collection::vec((0..50_u64, any::<bool>()), 0..200), n in 1..6_u32) {
            let mut lanes = Lanes::new(n);
            let mut now = SimTime::ZERO;
            for (delay, is_request) in steps {
                now += Span::from_nanos(delay);
                if is_request {
                    lanes.request(now, 0);
                } else if lanes.busy() > 0 {
                    lanes.release(now);
                }
                let audit = lanes.audit(now + Span::from_nanos(3));
                prop_assert_eq!(audit.queue_integral_ns, audit.wait_sum_ns);
                prop_assert_eq!(audit.arrivals - audit.departures, audit.queued + u64::from(lanes.busy()));
                prop_assert!(lanes.queued() == 0 || lanes.busy() == n);
            }
        }
    }
}
