//! The transfers of one link: who they are, in which order they began, and which have ended and wait to be taken.

use ingestsim_units::{Bytes, Span};

use super::{
    audit::Audit,
    fixed::{FRACTION_BITS, ID_BITS, ID_LIMIT},
};

#[derive(Debug, Clone, Copy)]
struct Transfer {
    /// The number of its start, and its group in the lower 24 bits; [`IDLE`] while the identifier is free.
    tag: u64,
    size: Bytes,
}

const IDLE: u64 = u64::MAX;
const FREE: Transfer = Transfer { tag: IDLE, size: Bytes::ZERO };
const SEQUENCE_MAX: u64 = IDLE >> ID_BITS;

/// Transfers by identifier, the totals over them (modulo 2^64, as only their balance counts), and those ended at the present nanosecond.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    transfers: Vec<Transfer>,
    ended: Vec<u32>,
    taken: usize,
    under_way: u64,
    audit: Audit,
}

impl Ledger {
    /// Notes that a transfer starts.
    ///
    /// # Panics
    ///
    /// If `id` or `group` is 2^24 or more, its last transfer has not ended, or there have been 2^40 of them.
    #[inline]
    pub(crate) fn open(&mut self, id: u32, group: u32, size: Bytes) {
        let index = id as usize;
        if index >= self.transfers.len() {
            self.lengthen(id);
        }
        let sequence = self.audit.started;
        assert!(
            sequence < SEQUENCE_MAX && group < ID_LIMIT,
            "a link has fewer than 2^40 starts and 2^24 groups"
        );
        let transfer = &mut self.transfers[index];
        assert!(transfer.tag == IDLE, "an identifier is free when its transfer starts");
        *transfer = Transfer { tag: sequence << ID_BITS | u64::from(group), size };
        self.audit.started += 1;
        self.audit.asked = Bytes::new(self.audit.asked.get().wrapping_add(size.get()));
        self.under_way += 1;
    }

    /// Makes room for identifiers below `ids`, and for no more.
    pub(crate) fn reserve(&mut self, ids: u32) {
        let more = (ids as usize).saturating_sub(self.transfers.len());
        self.transfers.reserve_exact(more);
        self.transfers.resize(self.transfers.len() + more, FREE);
    }

    #[cold]
    fn lengthen(&mut self, id: u32) {
        assert!(id < ID_LIMIT, "a transfer's identifier is below 2^24");
        self.transfers.resize(id as usize + 1, FREE);
    }

    /// The group of a transfer under way.
    ///
    /// # Panics
    ///
    /// If it is not under way.
    #[inline]
    pub(crate) fn group(&self, id: u32) -> u32 {
        let transfer = self.transfers.get(id as usize).expect("a transfer under way has started");
        assert!(transfer.tag != IDLE, "a transfer under way has not ended");
        transfer.tag as u32 & (ID_LIMIT - 1)
    }

    /// Whether an identifier's transfer has started and is not taken.
    #[cfg(test)]
    pub(crate) fn is_open(&self, id: u32) -> bool {
        self.transfers.get(id as usize).is_some_and(|transfer| transfer.tag != IDLE)
    }

    /// Notes that a transfer has got all its bytes, the only one at its nanosecond, and frees its identifier.
    #[inline]
    pub(crate) fn close_alone(&mut self, id: u32) {
        debug_assert!(!self.has_ended(), "an end among others waits its turn");
        self.under_way -= 1;
        self.deliver(id);
    }

    #[inline]
    fn deliver(&mut self, id: u32) {
        let transfer = std::mem::replace(&mut self.transfers[id as usize], FREE);
        self.audit.ended += 1;
        self.audit.delivered = Bytes::new(self.audit.delivered.get().wrapping_add(transfer.size.get()));
    }

    /// Notes that a transfer has got all its bytes; it waits in the batch of ends.
    #[inline]
    pub(crate) fn close(&mut self, id: u32) {
        self.under_way -= 1;
        self.ended.push(id);
    }

    /// Puts the batch of ends in order of start.
    pub(crate) fn sort_ended(&mut self) {
        if self.ended.len() > 1 {
            let transfers = &self.transfers;
            self.ended.sort_unstable_by_key(|&id| transfers[id as usize].tag);
        }
    }

    /// Whether ends wait to be taken.
    #[inline]
    pub(crate) fn has_ended(&self) -> bool {
        !self.ended.is_empty()
    }

    /// Takes the next of the ended transfers and frees its identifier.
    pub(crate) fn take_ended(&mut self) -> Option<u32> {
        let id = *self.ended.get(self.taken)?;
        self.taken += 1;
        if self.taken == self.ended.len() {
            self.ended.clear();
            self.taken = 0;
        }
        self.deliver(id);
        Some(id)
    }

    /// Notes that a transfer was broken off with `left` of its work undone, and frees its identifier.
    pub(crate) fn abandon(&mut self, id: u32, left: u128) {
        let transfer = std::mem::replace(&mut self.transfers[id as usize], FREE);
        let left = Bytes::new((left >> FRACTION_BITS) as u64);
        self.under_way -= 1;
        self.audit.abandoned = Bytes::new(self.audit.abandoned.get().wrapping_add(left.get()));
        let got = transfer.size.get() - left.get();
        self.audit.delivered = Bytes::new(self.audit.delivered.get().wrapping_add(got));
    }

    /// Takes back an end that waits to be taken, if `id` is one: it has got all its bytes and is only forgotten.
    pub(crate) fn withdraw_ended(&mut self, id: u32) -> bool {
        let Some(at) = self.ended.iter().skip(self.taken).position(|&ended| ended == id) else {
            return false;
        };
        self.ended.remove(self.taken + at);
        if self.taken == self.ended.len() {
            self.ended.clear();
            self.taken = 0;
        }
        let transfer = std::mem::replace(&mut self.transfers[id as usize], FREE);
        self.audit.delivered = Bytes::new(self.audit.delivered.get().wrapping_add(transfer.size.get()));
        true
    }

    /// Lets `ns` pass.
    #[inline]
    pub(crate) fn elapse(&mut self, ns: u64) {
        if self.under_way > 0 {
            self.audit.busy += Span::from_nanos(ns);
            self.audit.transfer_ns += u128::from(self.under_way) * u128::from(ns);
        }
    }

    /// Transfers that still move bytes.
    #[inline]
    pub(crate) fn under_way(&self) -> u64 {
        self.under_way
    }

    pub(crate) fn audit(&self) -> Audit {
        self.audit
    }
}
