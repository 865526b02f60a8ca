//! Which clock each client runs on: moves between levels, and levels that begin or cease to be bound by themselves.

use crate::resource::shared::fixed::{self, time_for};
use crate::resource::shared::heap::FREE;

use super::{
    FairTree,
    client::Client,
    level::{Common, Level},
};

/// Hears where a heap puts its members: clients by number, levels behind them.
fn noted<'a>(clients: &'a mut [Client], levels: &'a mut [Level]) -> impl FnMut(u128, usize) + 'a {
    move |key, place| {
        let member = fixed::id_of(key) as usize;
        match clients.get_mut(member) {
            Some(client) => client.place = place as u32,
            None => levels[member - clients.len()].place = place as u32,
        }
    }
}

impl FairTree {
    pub(super) fn common(&self) -> Common {
        Common { now: self.at, served: self.served, held: self.held }
    }

    /// The virtual time of a client, which has transfers.
    pub(super) fn own_time(&self, client: u32) -> u128 {
        let &Client { n, offset, .. } = &self.clients[client as usize];
        let level = &self.levels[n];
        let clock = if level.is_split() { level.served(&self.common(), self.shares[n]) } else { self.served };
        clock.wrapping_add(offset)
    }

    /// Gives a client, the heap of whose transfers has changed already, `n` of them, and puts it on the right clock.
    pub(super) fn resize(&mut self, client: u32, n: usize) {
        if n >= self.levels.len() {
            self.lengthen(n);
        }
        let old = self.clients[client as usize].n;
        self.leave(old);
        self.enter(n);
        if self.merged {
            if n == 0 {
                self.clients[client as usize].rest(&self.held);
            }
        } else if self.levels[old].is_split() || self.levels[n].is_split() {
            self.change_level(client, old, n);
        } else {
            self.change_in_common(client, old, n);
        }
        self.clients[client as usize].n = n;
        if self.levels[old].count == 0 && self.levels[old].is_split() {
            self.levels[old].join();
        }
    }

    /// Takes a client out of the sums of level `n`.
    fn leave(&mut self, n: usize) {
        if n == 0 {
            return;
        }
        let level = &mut self.levels[n];
        level.count -= 1;
        if level.count == 0 {
            self.occupied.clear(n);
        }
        if level.is_private() {
            self.private_used -= u128::from(self.shares[n]) * n as u128;
        } else {
            self.common_n -= n;
        }
    }

    /// Puts a client into the sums of level `n`; an empty level goes by itself at once if it lies above the boundary.
    fn enter(&mut self, n: usize) {
        if n == 0 {
            return;
        }
        let level = &mut self.levels[n];
        level.count += 1;
        if level.count == 1 {
            self.occupied.set(n);
            if n >= self.boundary {
                let common = Common { now: self.at, served: self.served, held: self.held };
                level.split(&common);
                level.part(&common, self.shares[n]);
            }
        }
        if level.is_private() {
            self.private_used += u128::from(self.shares[n]) * n as u128;
        } else {
            self.common_n += n;
        }
    }

    /// The frequent case: neither level has a clock of its own.
    fn change_in_common(&mut self, client: u32, old: usize, n: usize) {
        let state = &mut self.clients[client as usize];
        let (place, key) = (state.place as usize, state.head(client));
        if n == 0 {
            state.rest(&self.held);
        }
        let mut moved = noted(&mut self.clients, &mut self.levels);
        match (old, n) {
            (0, _) => self.members.push(key, &mut moved),
            (_, 0) => self.members.remove(place, &mut moved),
            _ => self.members.replace(place, key, &mut moved),
        }
    }

    /// At least one of the levels has a clock of its own.
    fn change_level(&mut self, client: u32, old: usize, n: usize) {
        let common = self.common();
        let clock = |level: usize| {
            let share = self.shares[level];
            (self.levels[level].served(&common, share), self.levels[level].held(&common))
        };
        let (from, to) = (clock(old), clock(n));
        let state = &mut self.clients[client as usize];
        let place = state.place as usize;
        match n {
            0 => state.rest(&from.1),
            _ => state.change_clock(from, to),
        }
        let key = state.head(client);
        if self.is_alone(old) && self.levels[n].is_private() && self.levels[n].count == 1 {
            self.pass_on(key, old, n);
            return;
        }
        if old > 0 {
            self.take_out(place, old);
        }
        if n > 0 {
            self.put_in(key, n);
        }
    }

    /// Whether level `n` goes by itself and has just lost its only client.
    fn is_alone(&self, n: usize) -> bool {
        self.levels[n].is_private() && self.levels[n].count == 0
    }

    /// Moves the only client of one level that goes by itself to another, which has no other: with many transfers a
    /// client, levels rarely hold two.
    fn pass_on(&mut self, key: u128, old: usize, n: usize) {
        let place = self.levels[old].place;
        self.levels[old].heads.clear();
        self.levels[n].heads.push(key, &mut noted(&mut self.clients, &mut []));
        self.levels[n].place = place;
        let key = self.level_key(n);
        self.private.replace(place as usize, key, &mut noted(&mut self.clients, &mut self.levels));
    }

    /// Takes a client's head out of the heap that level `n` keeps its clients in.
    fn take_out(&mut self, place: usize, n: usize) {
        if !self.levels[n].is_split() {
            self.members.remove(place, &mut noted(&mut self.clients, &mut self.levels));
            return;
        }
        let heads = &mut self.levels[n].heads;
        let was = heads.min();
        heads.remove(place, &mut noted(&mut self.clients, &mut []));
        if heads.len() == 0 {
            self.take_out_level(n);
        } else if heads.min() != was {
            self.refresh(n);
        }
    }

    /// Puts a client's head into the heap that level `n` keeps its clients in.
    pub(super) fn put_in(&mut self, key: u128, n: usize) {
        if !self.levels[n].is_split() {
            self.members.push(key, &mut noted(&mut self.clients, &mut self.levels));
            return;
        }
        let heads = &mut self.levels[n].heads;
        let was = heads.min();
        heads.push(key, &mut noted(&mut self.clients, &mut []));
        if was == FREE {
            self.put_in_level(n);
        } else if heads.min() != was {
            self.refresh(n);
        }
    }

    /// The key of a split level: its head in common virtual time, or the nanosecond of its next end.
    fn level_key(&self, n: usize) -> u128 {
        let level = &self.levels[n];
        let common = self.common();
        let own = level.served(&common, self.shares[n]);
        let head = fixed::finish_of(level.heads.min());
        let value = if level.is_private() {
            let left = head.saturating_sub(own);
            u128::from(self.at.saturating_add(time_for(left, self.shares[n])))
        } else {
            head.wrapping_sub(own.wrapping_sub(common.served))
        };
        fixed::key(value, (self.clients.len() + n) as u32)
    }

    fn put_in_level(&mut self, n: usize) {
        let key = self.level_key(n);
        let heap = if self.levels[n].is_private() { &mut self.private } else { &mut self.members };
        heap.push(key, &mut noted(&mut self.clients, &mut self.levels));
    }

    fn take_out_level(&mut self, n: usize) {
        let place = self.levels[n].place as usize;
        let heap = if self.levels[n].is_private() { &mut self.private } else { &mut self.members };
        heap.remove(place, &mut noted(&mut self.clients, &mut self.levels));
    }

    /// Brings a split level's key up to its changed head.
    fn refresh(&mut self, n: usize) {
        let key = self.level_key(n);
        let place = self.levels[n].place as usize;
        let heap = if self.levels[n].is_private() { &mut self.private } else { &mut self.members };
        heap.replace(place, key, &mut noted(&mut self.clients, &mut self.levels));
    }

    /// Lets occupied level `n` go at its clients' share.
    pub(super) fn part(&mut self, n: usize) {
        let common = self.common();
        if self.levels[n].is_split() {
            self.take_out_level(n);
        } else {
            self.split(n, &common);
        }
        self.levels[n].part(&common, self.shares[n]);
        self.put_in_level(n);
        let transfers = n as u128 * u128::from(self.levels[n].count);
        self.common_n -= transfers as usize;
        self.private_used += transfers * u128::from(self.shares[n]);
        self.client_load.observe(u128::from(self.shares[n]) * n as u128, self.client_cap);
    }

    /// Lets private level `n` go at the common rate.
    pub(super) fn follow(&mut self, n: usize) {
        let common = self.common();
        self.take_out_level(n);
        self.levels[n].follow(&common, self.shares[n]);
        self.put_in_level(n);
        let transfers = n as u128 * u128::from(self.levels[n].count);
        self.common_n += transfers as usize;
        self.private_used -= transfers * u128::from(self.shares[n]);
    }

    /// Moves the clients of a joined level from the common heap to one of its own.
    fn split(&mut self, n: usize, common: &Common) {
        self.levels[n].split(common);
        for client in 0..self.clients.len() {
            if self.clients[client].n != n {
                continue;
            }
            let place = self.clients[client].place as usize;
            let key = self.clients[client].head(client as u32);
            self.members.remove(place, &mut noted(&mut self.clients, &mut self.levels));
            self.levels[n].heads.push(key, &mut noted(&mut self.clients, &mut []));
        }
    }
}
