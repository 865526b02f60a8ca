//! One processor-sharing server: a link that all transfers share alike, or the cores of a node.

mod audit;
mod bound;
pub(crate) mod calendar;
pub(crate) mod fixed;
pub(crate) mod heap;
pub(crate) mod ledger;

use ingestsim_units::{Bytes, Rate, Share, SimTime};

pub use audit::{Audit, Load};
pub(crate) use bound::checked;
pub use bound::{Bound, CAUSES, Cause};

use calendar::{Calendar, Entries};
use fixed::{FRACTION_BITS, NEVER, UNLIMITED};
use heap::FREE;
use ledger::Ledger;

/// A server whose transfers all go at one rate, which depends on how many there are.
///
/// With n transfers each goes at `rate(n)`:
/// - [`link`](Self::link): `min(per-transfer cap, capacity / n)`;
/// - [`cores`](Self::cores): 1 for n ≤ c cores, and `(c + bonus · min(c, n − c)) / n` above, the work being CPU time.
///
/// All transfers have been given the same since time zero, so one of b bytes ends when that amount has grown by b, and
/// no start or end moves another's place in the calendar: a few steps a change, O(log n) at worst, with one
/// division, for the next end. Work is
/// counted in integers of 2^-40 bytes, rates are rounded down to 2^-40 bytes a nanosecond and ends up to the next
/// nanosecond; a transfer that lasts d ns is therefore late by less than 1 ns + d · 2^-40 B/ns / rate.
///
/// Identifiers are the caller's, below 2^24 and dense; they are free again once [`end`](Self::end) has returned them.
/// The caller must not let time pass [`next_end`](Self::next_end) without taking the ends.
///
/// Wrong where readers have different limits: see [`FairTree`](super::fair_tree::FairTree).
#[derive(Debug, Clone)]
pub struct Shared {
    discipline: Discipline,
    /// `speeds[n]` belongs to n transfers; grows on demand.
    speeds: Vec<Speed>,
    /// Finish values, each with its transfer.
    finishes: Calendar,
    entries: Entries,
    /// What every transfer has been given by `at`, in 2^-40 bytes.
    served: u128,
    at: u64,
    speed: Speed,
    next: u64,
    own_ns: u64,
    shared_ns: u64,
    causes: [Cause; 2],
    ledger: Ledger,
    load: Load,
}

/// How fast so many transfers are.
#[derive(Debug, Clone, Copy, Default)]
struct Speed {
    /// What each of them gets, and all together.
    rate: u64,
    all: u64,
    /// Whether they slow each other down.
    contended: bool,
    /// Whether there have been as many at a time, for the peak.
    seen: bool,
}

/// How the rate depends on the number of transfers.
#[derive(Debug, Clone, Copy)]
enum Discipline {
    Link { capacity: u64, cap: u64 },
    Cores { cores: u64, bonus: u64 },
}

impl Discipline {
    fn speed(self, n: u64) -> Speed {
        let rate = self.rate(n);
        Speed { rate, all: n * rate, contended: n > self.uncontended(), seen: false }
    }

    fn rate(self, n: u64) -> u64 {
        match self {
            Self::Link { capacity, cap } => cap.min(capacity / n),
            Self::Cores { cores, .. } if n <= cores => 1 << FRACTION_BITS,
            Self::Cores { cores, bonus } => ((cores << FRACTION_BITS) + bonus * cores.min(n - cores)) / n,
        }
    }

    /// The largest number of transfers that do not slow each other down.
    fn uncontended(self) -> u64 {
        match self {
            Self::Link { cap: 0, .. } => UNLIMITED,
            Self::Link { capacity, cap } => capacity / cap,
            Self::Cores { cores, .. } => cores,
        }
    }

    fn capacity(self) -> u64 {
        match self {
            Self::Link { capacity, .. } => capacity,
            Self::Cores { cores, bonus } => (cores << FRACTION_BITS) + bonus * cores,
        }
    }
}

impl Shared {
    /// A link of `capacity`, of which no transfer takes more than `per_transfer`.
    #[must_use]
    pub fn link(capacity: Rate, per_transfer: Option<Rate>) -> Self {
        let cap = fixed::speed_limit(per_transfer);
        Self::new(Discipline::Link { capacity: fixed::speed(capacity), cap })
    }

    /// A node's physical cores, whose work is CPU time: one "byte" is one nanosecond of one core.
    ///
    /// `threads_bonus` is what a second thread on a core adds, such as 0.2: with twice as many transfers as cores, or
    /// more, all together go at `cores · (1 + threads_bonus)`.
    ///
    /// # Panics
    ///
    /// If there is no core, or more than 65,535, or the bonus is not between 0 and 1.
    #[must_use]
    pub fn cores(cores: u32, threads_bonus: Share) -> Self {
        assert!((1..=0xffff).contains(&cores), "a node has 1 to 65,535 cores");
        let bonus = threads_bonus.fraction();
        assert!((0.0..=1.0).contains(&bonus), "a second thread adds between nothing and a whole core");
        let bonus = (bonus * (1_u64 << FRACTION_BITS) as f64).round() as u64;
        Self::new(Discipline::Cores { cores: u64::from(cores), bonus })
    }

    fn new(discipline: Discipline) -> Self {
        Self {
            discipline,
            speeds: vec![Speed::default()],
            finishes: Calendar::default(),
            entries: Entries::default(),
            served: 0,
            at: 0,
            speed: Speed::default(),
            next: NEVER,
            own_ns: 0,
            shared_ns: 0,
            causes: [0, 1],
            ledger: Ledger::default(),
            load: Load::default(),
        }
    }

    /// The causes time is booked under: `own` while every transfer goes at its own cap (or has a core to itself),
    /// `shared` while they slow each other down. Without this call they are 0 and 1.
    ///
    /// # Panics
    ///
    /// If a cause is [`CAUSES`] or more.
    #[must_use]
    pub fn with_causes(mut self, own: Cause, shared: Cause) -> Self {
        self.causes = [checked(own), checked(shared)];
        self
    }

    /// The causes as they were set, `own` first.
    #[must_use]
    pub const fn causes(&self) -> [Cause; 2] {
        self.causes
    }

    /// Starts a transfer; one without bytes ends at `now`.
    ///
    /// # Panics
    ///
    /// If `id` is 2^24 or more, or is under way.
    #[inline]
    pub fn start(&mut self, now: SimTime, id: u32, size: Bytes) {
        self.advance(now);
        self.ledger.open(id, 0, size);
        self.finishes.push(&mut self.entries, fixed::key(self.served + fixed::work(size), id));
        self.retune();
    }

    /// Makes room for identifiers below `ids`, so that no more is taken than they need.
    pub fn reserve(&mut self, ids: u32) {
        self.ledger.reserve(ids);
        self.entries.reserve(ids as usize);
    }

    /// When the next transfer ends; [`SimTime::NEVER`] if none is under way.
    #[inline]
    #[must_use]
    pub fn next_end(&self) -> SimTime {
        SimTime::from_nanos(self.next)
    }

    /// Takes a transfer that has ended by `now`; those of one nanosecond come in the order they were started.
    #[inline]
    pub fn end(&mut self, now: SimTime) -> Option<u32> {
        if self.next > now.as_nanos() {
            return None;
        }
        if self.ledger.has_ended() {
            let id = self.ledger.take_ended();
            self.retune();
            return id;
        }
        self.advance(now);
        let id = self.collect();
        self.retune();
        id
    }

    /// Breaks off a transfer, in time proportional to the number under way.
    ///
    /// # Panics
    ///
    /// If it is not under way.
    pub fn cancel(&mut self, now: SimTime, id: u32) {
        self.advance(now);
        self.ledger.group(id);
        if !self.ledger.withdraw_ended(id) {
            let key = self.finishes.withdraw(&mut self.entries, id);
            self.ledger.abandon(id, fixed::finish_of(key).saturating_sub(self.served));
        }
        self.retune();
    }

    /// Changes a link's capacity from `now` on.
    ///
    /// # Panics
    ///
    /// If this is not a link.
    pub fn set_capacity(&mut self, now: SimTime, rate: Rate) {
        self.advance(now);
        self.note_peak();
        match &mut self.discipline {
            Discipline::Link { capacity, .. } => *capacity = fixed::speed(rate),
            Discipline::Cores { .. } => panic!("only a link has a capacity to change"),
        }
        self.speeds.truncate(1);
        self.retune();
    }

    /// How many transfers are under way.
    #[must_use]
    pub fn under_way(&self) -> u64 {
        self.ledger.under_way()
    }

    /// The clock of what bound the transfers, brought up to `now`.
    pub fn bound(&mut self, now: SimTime) -> Bound {
        let [own, shared] = self.clock(now);
        let mut bound = Bound::default();
        bound.add(self.causes[0], own);
        bound.add(self.causes[1], shared);
        bound
    }

    /// The same clock as plain nanoseconds, own and shared, whatever causes they are booked under.
    #[inline]
    pub fn clock(&mut self, now: SimTime) -> [u64; 2] {
        self.advance(now);
        [self.own_ns, self.shared_ns]
    }

    /// Totals up to `now`.
    pub fn audit(&mut self, now: SimTime) -> Audit {
        self.advance(now);
        self.ledger.audit()
    }

    /// What the server carried up to `now`; for cores, CPU time in place of bytes.
    pub fn load(&mut self, now: SimTime) -> Load {
        self.advance(now);
        self.note_peak();
        self.load
    }

    #[inline(always)]
    fn advance(&mut self, now: SimTime) {
        let now = now.as_nanos();
        let ns = now - self.at;
        if ns == 0 {
            return;
        }
        debug_assert!(now <= self.next, "time does not pass an end that was not taken");
        self.at = now;
        if self.ledger.under_way() == 0 {
            return;
        }
        self.served += fixed::growth(self.speed.rate, ns);
        self.ledger.elapse(ns);
        self.load.carry(u128::from(self.speed.all), ns);
        if self.speed.contended {
            self.shared_ns += ns;
        } else {
            self.own_ns += ns;
        }
    }

    /// Takes the first of those that have got their bytes; if there are several, the others wait in the batch of ends.
    #[inline]
    fn collect(&mut self) -> Option<u32> {
        // The head of an empty calendar is above every amount served.
        if fixed::finish_of(self.finishes.min()) > self.served {
            return None;
        }
        let first = fixed::id_of(self.finishes.min());
        self.finishes.pop(&self.entries);
        if fixed::finish_of(self.finishes.min()) > self.served {
            self.ledger.close_alone(first);
            return Some(first);
        }
        self.ledger.close(first);
        while fixed::finish_of(self.finishes.min()) <= self.served {
            self.ledger.close(fixed::id_of(self.finishes.min()));
            self.finishes.pop(&self.entries);
        }
        self.ledger.sort_ended();
        self.ledger.take_ended()
    }

    /// Sets the rate and the next end after a change.
    #[inline(always)]
    fn retune(&mut self) {
        let Some(speed) = self.speeds.get_mut(self.finishes.len()) else {
            return self.lengthen_and_retune();
        };
        speed.seen = true;
        self.speed = *speed;
        self.next = match self.finishes.min() {
            _ if self.ledger.has_ended() => self.at,
            FREE => NEVER,
            head => {
                let left = fixed::finish_of(head).saturating_sub(self.served);
                self.at.saturating_add(fixed::time_for(left, self.speed.rate))
            }
        };
    }

    #[cold]
    fn lengthen_and_retune(&mut self) {
        let from = self.speeds.len() as u64;
        let to = self.finishes.len().next_power_of_two() as u64;
        self.speeds.extend((from..=to).map(|n| self.discipline.speed(n)));
        self.retune();
    }

    /// Takes the rates that there have been into the load.
    fn note_peak(&mut self) {
        let seen = self.speeds.iter().filter(|speed| speed.seen);
        let peak = seen.map(|speed| u128::from(speed.all)).max().unwrap_or(0);
        self.load.observe(peak, self.discipline.capacity());
    }
}
