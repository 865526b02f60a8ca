//! One heap for all transfers while no client goes by itself, and the changes to and from a heap for each client.

use crate::resource::shared::{fixed, heap::nowhere};

use super::FairTree;

impl FairTree {
    /// Gives every client a heap of its own, in the order their transfers stand in the common one.
    pub(super) fn unmerge(&mut self) {
        let Self { members, clients, ledger, .. } = self;
        for key in members.iter() {
            clients[ledger.group(fixed::id_of(key)) as usize].finishes.push(key, &mut nowhere);
        }
        members.clear();
        self.merged = false;
        self.calm = 0;
        for client in 0..self.clients.len() {
            if self.clients[client].n > 0 {
                self.put_in(self.clients[client].head(client as u32), self.clients[client].n);
            }
        }
    }

    /// Puts all transfers into one heap again once no client has gone by itself for as many changes as there are
    /// transfers: that makes it at most a constant for each of them.
    pub(super) fn merge_when_calm(&mut self) {
        if self.private.len() > 0 {
            self.calm = 0;
            return;
        }
        self.calm += 1;
        if self.calm > self.ledger.under_way() {
            self.merge();
        }
    }

    fn merge(&mut self) {
        let common = self.common();
        let Self { members, clients, levels, shares, .. } = self;
        members.clear();
        for client in clients.iter_mut().filter(|client| client.n > 0) {
            let level = &levels[client.n];
            let clock = (level.served(&common, shares[client.n]), level.held(&common));
            client.follow_common(clock, (common.served, common.held));
            for key in client.finishes.iter() {
                members.push(key, &mut nowhere);
            }
            client.finishes.clear();
        }
        for level in levels.iter_mut().filter(|level| level.is_split()) {
            level.heads.clear();
            level.join();
        }
        self.boundary = usize::MAX;
        self.merged = true;
    }
}
