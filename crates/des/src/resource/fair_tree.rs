//! A fair link with alike clients below one root: connection, client (a node's NIC), root (the file system).

mod client;
mod level;
mod placing;
mod together;

use ingestsim_units::{Bytes, Rate, SimTime};

use super::shared::{
    Audit, Bound, Cause, Load,
    calendar::Entries,
    checked, fixed,
    fixed::{NEVER, UNLIMITED},
    ledger::Ledger,
};
use crate::tournament::{FREE, Tournament};
use client::{CLIENT, CONNECTION, Client, Held, ROOT};
use level::Levels;
use together::Together;

/// The caps of a [`FairTree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeCaps {
    /// Of one transfer; nothing means no cap.
    pub connection: Option<Rate>,
    /// Of all transfers of one client, the same for every client.
    pub client: Rate,
    /// Of all transfers together; nothing means no cap.
    pub root: Option<Rate>,
}

/// The causes under which the time of transfers is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeCauses {
    /// While the connection's cap binds.
    pub connection: Cause,
    /// While the client's cap binds.
    pub client: Cause,
    /// While the root binds.
    pub root: Cause,
}

/// Max-min fair shares among the transfers of up to about a million clients that have equal caps.
///
/// A transfer of a client with n transfers goes at `min(connection, client / n, λ)`, where λ is the level at which the
/// root is full: `λ = (root − what the clients below λ take) / transfers of the others`, without limit if the root
/// does not bind. As clients are alike, the rate depends on n alone, so clients are kept by n: those whose `client / n`
/// is at most λ (and below the connection's cap) go by themselves, from some n upwards, and all others share one clock
/// at `min(connection, λ)`. Where two caps hold a transfer back alike, the inner one is its cause.
///
/// While all clients share one clock, one calendar holds all transfers, and a start or end costs little more than on a
/// [`Shared`](super::shared::Shared). Once a client goes by itself, each has a calendar of its transfers in its own virtual
/// time, until none has done so for as many starts and ends as there are clients, and four for each transfer; the next ends
/// of those on the common clock play one tournament, those of the others another. A start or end then costs O(log) of the
/// client's transfers and of the clients, with one division for λ and one or two for the next end. When λ passes a level's
/// share, its clients are sought out in time proportional to the number of clients and change clocks: the more clients there
/// are, the less one start or end moves λ, and the more seldom that is.
///
/// If no client's cap is below the root's, [`Shared`](super::shared::Shared) says the same for less.
///
/// Work, rates and ends are rounded as in [`Shared`](super::shared::Shared). With m transfers under way a rate is below
/// the exact one, or above it, by at most (1 + m) · 2^-40 B/ns, and no cap is ever exceeded. Identifiers and the duty
/// to take ends in time are as there.
///
/// Wrong where clients differ, or where servers bind by themselves: see [`FairMesh`](super::fair_mesh::FairMesh).
#[derive(Debug, Clone)]
pub struct FairTree {
    connection: u64,
    client_cap: u64,
    root: u64,
    causes: TreeCauses,
    /// `shares[n]` is a transfer's share of a client with n.
    shares: Vec<u64>,
    /// `root_shares[n]` is a transfer's share of the root with n under way.
    root_shares: Vec<u64>,
    clients: Vec<Client>,
    entries: Entries,
    levels: Levels,
    /// Occupied levels from here on go by themselves.
    boundary: usize,
    /// What the clients that go by themselves take of the root.
    alone_used: u128,
    /// Transfers on the common clock.
    common_n: usize,
    together: Together,
    /// Next ends by client, in common virtual time.
    common_ends: Tournament,
    /// Nanoseconds of the next ends of clients that go by themselves.
    own_ends: Tournament,
    served: u128,
    at: u64,
    rate: u64,
    used: u128,
    held: Held,
    next: u64,
    ledger: Ledger,
    root_load: Load,
    client_load: Load,
}

/// Where clocks begin: far enough from zero that no difference between two of them is negative.
const EPOCH: u128 = 1 << 80;

impl FairTree {
    /// A tree of `clients` clients; their causes are 0 (connection), 1 (client) and 2 (root).
    ///
    /// # Panics
    ///
    /// If there are more than 2^20 clients.
    #[must_use]
    pub fn new(clients: u32, caps: TreeCaps) -> Self {
        assert!(clients <= 1 << 20, "a tree has at most 2^20 clients");
        Self {
            connection: fixed::speed_limit(caps.connection),
            client_cap: fixed::speed(caps.client),
            root: fixed::speed_limit(caps.root),
            causes: TreeCauses { connection: 0, client: 1, root: 2 },
            shares: vec![UNLIMITED],
            root_shares: vec![UNLIMITED],
            clients: vec![Client::new(); clients as usize],
            entries: Entries::default(),
            levels: Levels::default(),
            boundary: usize::MAX,
            alone_used: 0,
            common_n: 0,
            together: Together::default(),
            common_ends: Tournament::new(clients as usize),
            own_ends: Tournament::new(clients as usize),
            served: EPOCH,
            at: 0,
            rate: 0,
            used: 0,
            held: [0; 3],
            next: NEVER,
            ledger: Ledger::default(),
            root_load: Load::default(),
            client_load: Load::default(),
        }
    }

    /// Sets the causes time is booked under.
    ///
    /// # Panics
    ///
    /// If a cause is [`CAUSES`](super::shared::CAUSES) or more.
    #[must_use]
    pub fn with_causes(mut self, causes: TreeCauses) -> Self {
        for cause in [causes.connection, causes.client, causes.root] {
            checked(cause);
        }
        self.causes = causes;
        self
    }

    /// The causes as they were set.
    #[must_use]
    pub const fn causes(&self) -> TreeCauses {
        self.causes
    }

    /// Starts a transfer of a client; one without bytes ends at `now`.
    ///
    /// # Panics
    ///
    /// If there is no such client, or if `id` is 2^24 or more, or is under way.
    #[inline]
    pub fn start(&mut self, now: SimTime, client: u32, id: u32, size: Bytes) {
        self.advance(now);
        self.ledger.open(id, client, size);
        if self.together.holds_all() {
            return self.start_together(client, id, size);
        }
        let state = &mut self.clients[client as usize];
        let n = state.n;
        if n == 0 {
            state.wake(self.held);
        }
        let own = state.own_time(self.at, self.served, self.shares[n]);
        state.carry_from(own);
        state.finishes.push(&mut self.entries, fixed::key(own + fixed::work(size), id));
        self.resize(client, own, n + 1);
        self.settle_apart();
    }

    /// Makes room for identifiers below `ids`, so that no more is taken than they need, and for the days of the clients that
    /// may part.
    pub fn reserve(&mut self, ids: u32) {
        self.ledger.reserve(ids);
        self.entries.reserve(ids as usize);
        self.together.reserve(ids as usize);
        // A calendar keeps days once it has four keys.
        let each = ids as usize / self.clients.len().max(1);
        if each >= 4 {
            self.clients.iter_mut().for_each(|client| client.finishes.reserve(each));
        }
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
        if !self.ledger.has_ended() {
            self.advance(now);
            if let Some(id) = self.collect() {
                self.settle();
                return Some(id);
            }
        }
        let id = self.ledger.take_ended();
        // With more to take, the next end is still now.
        if !self.ledger.has_ended() {
            self.settle();
        }
        id
    }

    /// Breaks off a transfer, in time proportional to the number under way.
    ///
    /// # Panics
    ///
    /// If it is not under way.
    pub fn cancel(&mut self, now: SimTime, id: u32) {
        self.advance(now);
        let client = self.ledger.group(id);
        if !self.ledger.withdraw_ended(id) {
            let left = if self.together.holds_all() {
                self.cancel_together(client, id)
            } else {
                self.cancel_apart(client, id)
            };
            self.ledger.abandon(id, left);
        }
        self.settle();
    }

    /// Takes out a transfer by search and tells the work it had left.
    fn cancel_apart(&mut self, client: u32, id: u32) -> u128 {
        let own = self.own_time(client);
        let state = &mut self.clients[client as usize];
        state.carry_to(own);
        let n = state.n;
        let finish = fixed::finish_of(state.finishes.withdraw(&mut self.entries, id));
        self.resize(client, own, n - 1);
        finish.saturating_sub(own)
    }

    /// Changes the root's cap from `now` on.
    pub fn set_root(&mut self, now: SimTime, root: Option<Rate>) {
        self.advance(now);
        self.root = fixed::speed_limit(root);
        self.root_shares.truncate(1);
        self.settle();
    }

    /// Changes the cap of every client from `now` on.
    pub fn set_client_cap(&mut self, now: SimTime, cap: Rate) {
        self.advance(now);
        while let Some(level) = self.levels.from(self.boundary) {
            self.change_clocks(level, false);
            self.boundary = level + 1;
        }
        self.boundary = usize::MAX;
        self.client_cap = fixed::speed(cap);
        let levels = self.shares.len();
        self.shares.truncate(1);
        self.shares.extend((1..levels as u64).map(|n| self.client_cap / n));
        self.settle();
    }

    /// How many transfers are under way.
    #[must_use]
    pub fn under_way(&self) -> u64 {
        self.ledger.under_way()
    }

    /// The clock of what bound a client's transfers, brought up to `now`; it runs while the client has any.
    ///
    /// # Panics
    ///
    /// If there is no such client.
    pub fn bound(&mut self, now: SimTime, client: u32) -> Bound {
        let held = self.clock(now, client);
        let mut bound = Bound::default();
        bound.add(self.causes.connection, held[CONNECTION]);
        bound.add(self.causes.client, held[CLIENT]);
        bound.add(self.causes.root, held[ROOT]);
        bound
    }

    /// The same clock as plain nanoseconds bound by connection, client and root, whatever causes they are booked under.
    ///
    /// # Panics
    ///
    /// If there is no such client.
    #[inline]
    pub fn clock(&mut self, now: SimTime, client: u32) -> [u64; 3] {
        self.advance(now);
        self.clients[client as usize].held(&self.common())
    }

    /// Totals up to `now`.
    pub fn audit(&mut self, now: SimTime) -> Audit {
        self.advance(now);
        self.ledger.audit()
    }

    /// What the root carried up to `now`.
    pub fn root_load(&mut self, now: SimTime) -> Load {
        self.advance(now);
        self.root_load
    }

    /// What a client carried up to `now`; peak and excess are the largest of any client.
    ///
    /// # Panics
    ///
    /// If there is no such client.
    pub fn client_load(&mut self, now: SimTime, client: u32) -> Load {
        self.advance(now);
        let own = self.own_time(client);
        Load { carried: self.clients[client as usize].carried(own), ..self.client_load }
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
        self.served += fixed::growth(self.rate, ns);
        let cause = if self.rate == self.connection { CONNECTION } else { ROOT };
        self.held[cause] += ns;
        self.ledger.elapse(ns);
        self.root_load.carry(self.used, ns);
    }

    /// Takes the transfer that has got its bytes; if there may be several, all of them go to the batch of ends.
    #[inline]
    fn collect(&mut self) -> Option<u32> {
        if self.together.holds_all() {
            return self.collect_together();
        }
        // Nobody's end is later than every virtual time, and than every nanosecond.
        while fixed::finish_of(self.common_ends.first()) <= self.served {
            self.collect_from(fixed::id_of(self.common_ends.first()));
        }
        while fixed::finish_of(self.own_ends.first()) <= u128::from(self.at) {
            self.collect_from(fixed::id_of(self.own_ends.first()));
        }
        self.ledger.sort_ended();
        None
    }

    #[inline(always)]
    fn collect_from(&mut self, client: u32) {
        let own = self.own_time(client);
        let state = &mut self.clients[client as usize];
        let mut left = state.n;
        while let Some(id) = state.pop_finished(&self.entries, own) {
            self.ledger.close(id);
            state.carry_to(own);
            left -= 1;
        }
        self.resize(client, own, left);
    }

    /// Finds the level of the root after a change: which clients go by themselves, the common rate, the next end.
    #[inline(always)]
    fn settle(&mut self) {
        if self.together.holds_all() {
            self.settle_together();
        } else {
            self.settle_apart();
        }
    }

    #[inline(always)]
    fn settle_apart(&mut self) {
        let level = self.root_level();
        let largest = self.levels.below(self.boundary);
        let parts = largest.is_some_and(|n| self.goes_alone(n, level));
        let follows = self.levels.from(self.boundary).is_some_and(|n| !self.goes_alone(n, level));
        let (level, largest) = if parts || follows { self.move_boundary() } else { (level, largest) };
        let rate = self.common_rate(level);
        self.used = self.alone_used + self.common_n as u128 * u128::from(rate);
        self.root_load.observe(self.used, self.root);
        self.client_load.observe(u128::from(rate) * largest.unwrap_or(0) as u128, self.client_cap);
        self.retune(self.common_ends.first());
        self.count_quiet();
    }

    /// Sets the common rate.
    #[inline(always)]
    fn common_rate(&mut self, level: u64) -> u64 {
        self.rate = if self.common_n == 0 { 0 } else { self.connection.min(level) };
        self.rate
    }

    /// Lets levels go by themselves or with the others until all do what they should: λ, and the largest common level.
    #[inline(never)]
    fn move_boundary(&mut self) -> (u64, Option<usize>) {
        loop {
            let level = self.root_level();
            let largest = self.levels.below(self.boundary);
            // Whoever parts at or below λ leaves more to the others, so λ only rises; whoever follows had more than λ.
            if let Some(n) = largest
                && self.goes_alone(n, level)
            {
                self.boundary = n;
                self.change_clocks(n, true);
            } else if let Some(n) = self.levels.from(self.boundary)
                && !self.goes_alone(n, level)
            {
                self.boundary = n + 1;
                self.change_clocks(n, false);
            } else {
                return (level, largest);
            }
        }
    }

    #[inline]
    fn goes_alone(&self, n: usize, level: u64) -> bool {
        self.shares[n] < self.connection && self.shares[n] <= level
    }

    /// λ: what the root leaves to each transfer on the common clock.
    #[inline(always)]
    fn root_level(&mut self) -> u64 {
        if self.alone_used == 0 || self.root == UNLIMITED {
            return self.share_of_all();
        }
        let left = u64::try_from(self.alone_used).ok().and_then(|used| self.root.checked_sub(used));
        match (left, self.common_n) {
            (None, _) => 0,
            (Some(_), 0) => UNLIMITED,
            (Some(left), n) => left / n as u64,
        }
    }

    /// λ where no client goes by itself.
    #[inline(always)]
    fn share_of_all(&mut self) -> u64 {
        if self.common_n >= self.root_shares.len() {
            self.lengthen_shares();
        }
        self.root_shares[self.common_n]
    }

    #[cold]
    fn lengthen_shares(&mut self) {
        let (from, to) = (self.root_shares.len() as u64, self.common_n.next_power_of_two() as u64);
        let unlimited = self.root == UNLIMITED;
        self.root_shares.extend((from..=to).map(|n| if unlimited { UNLIMITED } else { self.root / n }));
    }

    /// Sets the next end, `first` being the key of that on the common clock.
    #[inline(always)]
    fn retune(&mut self, first: u128) {
        if self.ledger.has_ended() {
            self.next = self.at;
            return;
        }
        let own_end = u64::try_from(fixed::finish_of(self.own_ends.first())).unwrap_or(NEVER);
        self.next = self.common_end(first).min(own_end);
    }

    /// The nanosecond of the end on the common clock whose key is `first`.
    #[inline(always)]
    fn common_end(&self, first: u128) -> u64 {
        if first == FREE {
            return NEVER;
        }
        let left = fixed::finish_of(first).saturating_sub(self.served);
        self.at.saturating_add(fixed::time_for(left, self.rate))
    }
}
