//! Which clock each client runs on: changes of its number of transfers, and levels that begin or cease to go by
//! themselves.

use crate::resource::shared::fixed;

use super::{FairTree, client::Common};

impl FairTree {
    #[inline]
    pub(super) fn common(&self) -> Common {
        Common { now: self.at, served: self.served, held: self.held }
    }

    /// The virtual time of a client.
    #[inline]
    pub(super) fn own_time(&self, client: u32) -> u128 {
        let state = &self.clients[client as usize];
        state.own_time(self.at, self.served, self.shares[state.n])
    }

    /// Gives a client, the calendar of whose transfers has changed already, `n` of them at its virtual time `own`, and puts
    /// it on the right clock: its own from the boundary upwards.
    #[inline(always)]
    pub(super) fn resize(&mut self, client: u32, own: u128, n: usize) {
        if n >= self.shares.len() {
            self.lengthen(n);
        }
        let common = self.common();
        let state = &mut self.clients[client as usize];
        let (old, alone, was_alone) = (state.n, n >= self.boundary, state.is_alone());
        if alone || was_alone || n == 0 {
            state.change_clock(own, &common, alone);
        }
        state.n = n;
        if old > 0 {
            self.levels.leave(old);
        }
        if n > 0 {
            self.levels.enter(n);
        }
        if was_alone {
            self.alone_used -= u128::from(self.shares[old]) * old as u128;
        } else {
            self.common_n -= old;
        }
        if alone {
            self.alone_used += u128::from(self.shares[n]) * n as u128;
        } else {
            self.common_n += n;
        }
        if alone || was_alone {
            self.own_ends.set(client as usize, state.own_key(client, self.shares[n]));
        }
        let key = state.common_key(client);
        if key != self.common_ends.at(client as usize) {
            self.common_ends.set(client as usize, key);
        }
    }

    /// Lets the clients of occupied level `n` go by themselves, or with all others again.
    pub(super) fn change_clocks(&mut self, n: usize, alone: bool) {
        let common = self.common();
        let share = self.shares[n];
        let mut transfers = 0;
        for (client, state) in self.clients.iter_mut().enumerate().filter(|(_, client)| client.n == n) {
            let own = state.own_time(common.now, common.served, share);
            state.change_clock(own, &common, alone);
            self.own_ends.set(client, state.own_key(client as u32, share));
            self.common_ends.set(client, state.common_key(client as u32));
            transfers += n;
        }
        let used = transfers as u128 * u128::from(share);
        if alone {
            self.common_n -= transfers;
            self.alone_used += used;
            self.client_load.observe(u128::from(share) * n as u128, self.client_cap);
        } else {
            self.common_n += transfers;
            self.alone_used -= used;
        }
    }

    /// Makes room for clients with `n` transfers.
    #[cold]
    pub(super) fn lengthen(&mut self, n: usize) {
        assert!(n < fixed::ID_LIMIT as usize, "a client has fewer than 2^24 transfers");
        let levels = n.next_power_of_two() + 1;
        let from = self.shares.len() as u64;
        self.levels.grow(levels);
        self.shares.extend((from..levels as u64).map(|n| self.client_cap / n));
    }
}
