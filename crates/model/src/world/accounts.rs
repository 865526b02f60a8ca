//! Accounts: what each reader has spent its time on since its rank began to wait.

use ingestsim_units::SimTime;

use super::{World, reader::Stage};
use crate::{
    cause::Cause,
    network::{CLOCK_MAX, LinkId, Network},
    stall::Spent,
};

/// Accounts of all readers, and what the links of their transfers had been bound by when they began.
#[derive(Debug)]
pub(super) struct Accounts {
    pub(super) spent: Vec<Spent>,
    /// Readings of the links' clocks, `width` numbers a reader.
    readings: Vec<u64>,
    width: usize,
}

impl Accounts {
    /// Closed accounts of so many readers, whose links have clocks of up to `width` numbers.
    pub(super) fn new(readers: usize, width: usize) -> Self {
        Self { spent: vec![Spent::default(); readers], readings: vec![0; readers * width], width }
    }

    #[inline]
    fn reading(&mut self, reader: u32) -> &mut [u64] {
        let from = reader as usize * self.width;
        &mut self.readings[from..from + self.width]
    }
}

/// A transfer under way: where, and for whom.
#[derive(Debug, Clone, Copy)]
struct Transfer {
    reader: u32,
    link: LinkId,
    lane: u32,
}

impl World<'_> {
    /// Brings a reader's account up to now, if its rank waits: what it does at other times stalls nobody.
    pub(super) fn account(&mut self, reader: u32) {
        if self.ranks[self.readers[reader as usize].rank as usize].waiting {
            self.charge(reader);
        }
        self.readers[reader as usize].mark = self.now;
    }

    /// The same for a reader whose admission is over.
    #[inline(always)]
    pub(super) fn account_admission(&mut self, reader: u32) {
        let state = &mut self.readers[reader as usize];
        if self.ranks[state.rank as usize].waiting {
            let admitted = state.admitted.clamp(state.mark, self.now);
            let spent = &mut self.accounts.spent[reader as usize];
            spent.charge(state.gate_cause, state.mark, admitted);
            spent.charge(Cause::Latency, admitted, self.now);
        }
        state.mark = self.now;
    }

    /// The same for a reader whose transfer is over.
    #[inline(always)]
    pub(super) fn account_transfer(&mut self, reader: u32) {
        let state = &self.readers[reader as usize];
        if self.ranks[state.rank as usize].waiting {
            let transfer = Transfer { reader, link: self.link_of(reader), lane: state.lane };
            charge_transfer(&mut self.accounts, &mut self.network, transfer, state.mark, self.now);
        }
        self.readers[reader as usize].mark = self.now;
    }

    fn charge(&mut self, reader: u32) {
        let state = &self.readers[reader as usize];
        let spent = &mut self.accounts.spent[reader as usize];
        let (mark, now) = (state.mark, self.now);
        match state.stage {
            Stage::Idle => {}
            Stage::Admission => {
                let admitted = state.admitted.clamp(mark, now);
                spent.charge(state.gate_cause, mark, admitted);
                spent.charge(Cause::Latency, admitted, now);
            }
            Stage::CachedOpen => spent.charge(Cause::Latency, mark, now),
            Stage::Backoff => spent.charge(Cause::RequestLimit, mark, now),
            Stage::Restore => spent.charge(Cause::Restore, mark, now),
            Stage::Decode => spent.charge(Cause::Decode, mark, now),
            Stage::Transfer => {
                let transfer = Transfer { reader, link: self.link_of(reader), lane: state.lane };
                charge_transfer(&mut self.accounts, &mut self.network, transfer, mark, now);
            }
            Stage::Starved => self.charge_starvation(reader),
        }
    }

    /// A starved reader has spent its time on what its fetcher did.
    fn charge_starvation(&mut self, reader: u32) {
        let fetcher = self.fetcher(reader);
        self.account(fetcher);
        self.note_transfer(fetcher);
        let fetched = std::mem::take(&mut self.accounts.spent[fetcher as usize]);
        self.accounts.spent[reader as usize].add(&fetched);
    }

    /// A rank begins to wait: the accounts of a reader begin anew.
    pub(super) fn open_account(&mut self, reader: u32) {
        self.accounts.spent[reader as usize] = Spent::default();
        self.readers[reader as usize].mark = self.now;
        self.note_transfer(reader);
    }

    /// Notes what the link of a transfer under way has been bound by until now.
    #[inline]
    pub(super) fn note_transfer(&mut self, reader: u32) {
        let state = &self.readers[reader as usize];
        if state.stage == Stage::Transfer {
            let (link, lane) = (self.link_of(reader), state.lane);
            self.network.read_clock(link, self.now, lane, self.accounts.reading(reader));
        }
    }
}

/// Charges a transfer by what its link was bound by since it was noted.
fn charge_transfer(
    accounts: &mut Accounts,
    network: &mut Network,
    transfer: Transfer,
    from: SimTime,
    to: SimTime,
) {
    let Transfer { reader, link, lane } = transfer;
    let mut clock = [0; CLOCK_MAX];
    network.read_clock(link, to, lane, &mut clock);
    let causes = network.causes(link);
    for (now, begun) in clock.iter_mut().zip(accounts.reading(reader)).take(causes.len()) {
        *now -= *begun;
    }
    accounts.spent[reader as usize].charge_split(causes, &clock, from, to);
}
