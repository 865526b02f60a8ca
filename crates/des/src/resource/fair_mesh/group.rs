//! The transfers that cross the same constraints.

use ingestsim_units::Rate;

use crate::resource::shared::{
    Bound, Cause,
    calendar::{Calendar, Entries},
    checked, fixed,
    fixed::NEVER,
    heap::FREE,
};

use super::{constraint::Rope, filling::OWN};

/// Transfers that cross the same constraints of a [`FairMesh`](super::FairMesh), such as those of one client with one
/// server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// The constraints it crosses, by number: one to six, each once.
    pub path: Vec<u32>,
    /// The most a single transfer takes, and the cause its time is booked under while that binds.
    pub cap: Option<(Rate, Cause)>,
}

/// The most constraints a group may cross.
pub(super) const PATH_MAX: usize = 6;

/// A group at work, on a clock of its own.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    path: [u32; PATH_MAX],
    /// How many of the path, those in front, are shared with other groups or have credits.
    n_shared: usize,
    n_path: usize,
    cap: u64,
    cap_cause: Cause,
    /// How many transfers it has.
    pub(super) n: u64,
    /// What it would give each transfer if nothing shared bound it, and what holds it there.
    pub(super) limit: (u64, Cause),
    /// What each transfer gets, and what holds it there.
    pub(super) rate: (u64, Cause),
    /// What all its transfers get, and the most they ever got while no other group had any.
    pub(super) flow: u64,
    flow_alone_max: u64,
    /// The least capacity on its way.
    narrowest: Narrowest,
    /// The shared constraint that holds it back, or [`OWN`].
    pub(super) bottleneck: u32,
    /// As `bottleneck`, being found by progressive filling.
    pub(super) tightest: u32,
    /// Whether its rate is being found, and whether it takes another flow since.
    pub(super) reached: bool,
    pub(super) exchanged: bool,
    /// As `rate`, being found by progressive filling.
    pub(super) found: (u64, Cause),
    served: u128,
    at: u64,
    finishes: Calendar,
    bound: Bound,
    /// When its next transfer ends, and the head and the rate that was computed from.
    pub(super) end: u64,
    timed: (u128, u64),
    /// Where it stands among the active groups.
    pub(super) active_index: u32,
}

/// The least capacity on the way of a group, the constraint if others cross it too, else [`OWN`], and its cause.
#[derive(Debug, Clone, Copy)]
struct Narrowest {
    capacity: u64,
    constraint: u32,
    cause: Cause,
    /// How often capacities had changed then.
    as_of: u32,
}

impl Stream {
    /// A group at rest; those constraints that are its own must not get another group later.
    pub(super) fn new(group: &Group, ropes: &[Rope]) -> Self {
        let mut path = [0; PATH_MAX];
        let n_path = group.path.len();
        path[..n_path].copy_from_slice(&group.path);
        let is_own = |&constraint: &u32| {
            let rope = &ropes[constraint as usize];
            rope.groups.len() == 1 && rope.credit.is_none()
        };
        path[..n_path].sort_by_key(is_own);
        let n_shared = path[..n_path].iter().position(is_own).unwrap_or(n_path);
        let (cap, cap_cause) = match group.cap {
            Some((rate, cause)) => (fixed::speed(rate), checked(cause)),
            None => (fixed::UNLIMITED, 0),
        };
        Self {
            path,
            n_shared,
            n_path,
            cap,
            cap_cause,
            n: 0,
            limit: (cap, cap_cause),
            rate: (0, cap_cause),
            flow: 0,
            flow_alone_max: 0,
            narrowest: Narrowest { capacity: 0, constraint: OWN, cause: 0, as_of: u32::MAX },
            bottleneck: OWN,
            tightest: OWN,
            reached: false,
            exchanged: false,
            found: (0, cap_cause),
            served: 0,
            at: 0,
            finishes: Calendar::default(),
            bound: Bound::default(),
            end: NEVER,
            timed: (FREE, 0),
            active_index: 0,
        }
    }

    /// The constraints it crosses.
    pub(super) fn path(&self) -> &[u32] {
        &self.path[..self.n_path]
    }

    /// Those that others cross as well, or that have credits.
    pub(super) fn shared(&self) -> &[u32] {
        &self.path[..self.n_shared]
    }

    /// Finds its own limit for its present number of transfers; of equal limits the cap and then the first holds.
    #[inline]
    pub(super) fn find_limit(&mut self, ropes: &[Rope]) {
        self.limit = (self.cap, self.cap_cause);
        for &constraint in &self.path[self.n_shared..self.n_path] {
            let rope = &ropes[constraint as usize];
            let share = rope.capacity() / self.n.max(1);
            if share < self.limit.0 {
                self.limit = (share, rope.cause);
            }
        }
    }

    /// Finds the rate it gets where no other group has transfers: the cap, or an equal share of the least capacity on its
    /// way, of which what is its own wins and then the first; at rest nothing holds it back. `changes` tells whether
    /// capacities have changed since.
    #[inline]
    pub(super) fn find_alone(&mut self, ropes: &[Rope], changes: u32) {
        if self.narrowest.as_of != changes {
            self.find_narrowest(ropes, changes);
        }
        (self.found, self.tightest) = ((self.cap, self.cap_cause), OWN);
        let Some(share) = self.narrowest.capacity.checked_div(self.n) else {
            self.found.0 = 0;
            return;
        };
        if share < self.cap {
            self.found = (share, self.narrowest.cause);
            self.tightest = self.narrowest.constraint;
        }
    }

    #[cold]
    fn find_narrowest(&mut self, ropes: &[Rope], changes: u32) {
        let numbered = |&constraint: &u32| (ropes[constraint as usize].capacity(), constraint);
        let own =
            self.path[self.n_shared..self.n_path].iter().map(numbered).min_by_key(|&(capacity, _)| capacity);
        let shared = self.shared().iter().map(numbered).min();
        let (capacity, constraint, is_own) = match (own, shared) {
            (Some((own, constraint)), Some((shared, _))) if own <= shared => (own, constraint, true),
            (_, Some((shared, constraint))) => (shared, constraint, false),
            (Some((own, constraint)), None) => (own, constraint, true),
            (None, None) => unreachable!("a group crosses a constraint"),
        };
        let cause = ropes[constraint as usize].cause;
        let constraint = if is_own { OWN } else { constraint };
        self.narrowest = Narrowest { capacity, constraint, cause, as_of: changes };
        // What was seen under other capacities is to be seen again.
        self.flow_alone_max = 0;
    }

    /// Brings its clocks up to `now`.
    #[inline(always)]
    pub(super) fn advance(&mut self, now: u64) {
        let ns = now - self.at;
        if ns > 0 && self.n > 0 {
            self.served += fixed::growth(self.rate.0, ns);
            self.bound.add(self.rate.1, ns);
        }
        self.at = now;
    }

    /// Adds a transfer, its clocks being brought up.
    #[inline]
    pub(super) fn push(&mut self, entries: &mut Entries, id: u32, work: u128) {
        self.finishes.push(entries, fixed::key(self.served + work, id));
        self.n += 1;
    }

    /// Takes out a transfer that has got its bytes, its clocks being brought up.
    #[inline]
    pub(super) fn pop_finished(&mut self, entries: &Entries) -> Option<u32> {
        // The head of an empty calendar is above every virtual time.
        let head = self.finishes.min();
        if fixed::finish_of(head) > self.served {
            return None;
        }
        self.finishes.pop(entries);
        self.n -= 1;
        Some(fixed::id_of(head))
    }

    /// Takes out a transfer by search and tells the work it had left.
    pub(super) fn withdraw(&mut self, entries: &mut Entries, id: u32) -> u128 {
        let key = self.finishes.withdraw(entries, id);
        self.n -= 1;
        fixed::finish_of(key).saturating_sub(self.served)
    }

    /// Goes at the rate found for it from `now` on, and tells whether its next end is another.
    #[inline(always)]
    pub(super) fn allot(&mut self, ropes: &mut [Rope], now: u64) -> bool {
        if self.tightest != self.bottleneck {
            if self.bottleneck != OWN {
                ropes[self.bottleneck as usize].binding -= 1;
            }
            if self.tightest != OWN {
                ropes[self.tightest as usize].binding += 1;
            }
            self.bottleneck = self.tightest;
        }
        self.advance(now);
        let flow = self.flow_found();
        if flow != self.flow {
            for &constraint in &self.path[..self.n_path] {
                ropes[constraint as usize].exchange(now, self.flow, flow);
            }
            self.flow = flow;
            self.exchanged = true;
        }
        self.rate = self.found;
        self.n > 0 && self.retime()
    }

    /// Lets its constraints see the flow it has exchanged, once all groups have theirs.
    #[inline]
    pub(super) fn observe(&mut self, ropes: &mut [Rope]) {
        if std::mem::take(&mut self.exchanged) {
            self.path().iter().for_each(|&constraint| ropes[constraint as usize].observe());
        }
    }

    /// The same where no other group has transfers, so that constraints only see something new when it flows as never
    /// before.
    #[inline]
    pub(super) fn observe_alone(&mut self, ropes: &mut [Rope]) {
        self.exchanged = false;
        if self.flow > self.flow_alone_max {
            self.flow_alone_max = self.flow;
            self.path().iter().for_each(|&constraint| ropes[constraint as usize].observe());
        }
    }

    /// Finds its next end, its clocks being brought up; tells whether that was to be found anew.
    #[inline]
    fn retime(&mut self) -> bool {
        let head = self.finishes.min();
        if self.timed == (head, self.rate.0) {
            return false;
        }
        self.timed = (head, self.rate.0);
        let left = fixed::finish_of(head).saturating_sub(self.served);
        self.end = self.at.saturating_add(fixed::time_for(left, self.rate.0));
        true
    }

    /// What all its transfers get at the rate found.
    pub(super) fn flow_found(&self) -> u64 {
        self.n * self.found.0
    }

    /// Forgets its next end, so that it is found anew.
    pub(super) fn forget_end(&mut self) {
        (self.end, self.timed) = (NEVER, (FREE, 0));
    }

    /// What bound it so far, its clocks being brought up.
    pub(super) fn bound(&self) -> Bound {
        self.bound
    }
}
