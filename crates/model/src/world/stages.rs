//! A read from its position in the epoch to the decoded sample.

use ingestsim_des::resource::shared::Bound;
use ingestsim_units::{Bytes, SimTime, Span};

use super::{World, reader::Stage};
use crate::{
    cache::Cache,
    cause::Cause,
    network::{LINK_CAUSES, LinkId},
    stall::Spent,
    tier::{Origin, Source, lazy_restore::Need, request_limit::Answer},
};

/// Whether a sample is there at once or on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Something is ahead for the reader.
    Pending,
    /// The sample is read and decoded.
    Done,
}

impl World<'_> {
    /// Gives a reader its next samples until one of them takes time or there is none for it.
    pub(super) fn feed(&mut self, reader: u32) {
        loop {
            let rank = self.readers[reader as usize].rank as usize;
            let local = reader - self.ranks[rank].first_reader;
            // What was on its way when the epoch before ended leaves its reader idle until the loader has started.
            if !self.ranks[rank].primed {
                self.readers[reader as usize].stage = Stage::Idle;
                return;
            }
            let can_read = self.streams.is_empty()
                || (self.ranks[rank].loader.has_next(local) && self.has_records(reader));
            let position = if can_read { self.ranks[rank].loader.next_position(local) } else { None };
            let Some(position) = position else {
                self.readers[reader as usize].stage = Stage::Idle;
                self.ranks[rank].idle.push_back(reader);
                return;
            };
            let progress = if self.streams.is_empty() {
                self.begin_read(reader, position)
            } else {
                self.next_record(reader, position)
            };
            if progress == Progress::Pending {
                return;
            }
            self.sample_has_arrived(reader);
        }
    }

    /// Wakes the idle readers of a rank: its loader may have something for them.
    pub(super) fn wake(&mut self, rank: u32) {
        for _ in 0..self.ranks[rank as usize].idle.len() {
            let Some(reader) = self.ranks[rank as usize].idle.pop_front() else { return };
            self.readers[reader as usize].mark = self.now;
            self.feed(reader);
        }
    }

    /// Begins to read the sample at a position of the rank's epoch.
    fn begin_read(&mut self, reader: u32, position: u64) -> Progress {
        let unit = self.unit_at(self.readers[reader as usize].rank, position);
        let (file, size) = (self.sizes.file_of(unit), self.sizes.unit(unit));
        let state = &mut self.readers[reader as usize];
        (state.unit, state.file, state.size) = (unit, file, size);
        (state.position, state.began) = (position, self.now);
        let node = state.node as usize;
        if !self.caches_reads {
            self.admit(reader, true);
            return Progress::Pending;
        }
        let (at, luck) = self.cache_chance(reader, unit);
        let hit = |caches: &mut Vec<Cache>| {
            caches.get_mut(node).is_some_and(|cache| cache.lookup_at(unit, at, luck))
        };
        if hit(&mut self.sample_caches) {
            let decoded = self.plan.loader.sample_cache.as_ref().is_some_and(|cache| cache.holds_decoded);
            return if decoded { Progress::Done } else { self.begin_decode(reader) };
        }
        if hit(&mut self.page_caches) {
            return self.open_cached(reader);
        }
        self.readers[reader as usize].from_client_cache =
            self.client_caches.get_mut(node).is_some_and(|cache| cache.lookup_at(unit, at, luck));
        self.admit(reader, true);
        Progress::Pending
    }

    fn open_cached(&mut self, reader: u32) -> Progress {
        let Some(latency) = &self.plan.path.cached_latency else { return self.begin_decode(reader) };
        let epoch = self.draw_epoch(reader);
        let state = &mut self.readers[reader as usize];
        state.stage = Stage::CachedOpen;
        let span = latency.span(self.luck.latency.at(state.unit, epoch));
        self.schedule_reader(reader, span);
        Progress::Pending
    }

    /// Sends a read on its way; with `open` it opens its file first.
    pub(super) fn admit(&mut self, reader: u32, open: bool) {
        if self.readers[reader as usize].from_client_cache {
            self.admit_to_client_cache(reader, open);
            return;
        }
        if open && self.is_rejected(reader) {
            return;
        }
        let epoch = self.draw_epoch(reader);
        let admitted = self.pass_gates(reader, open);
        if open {
            self.readers[reader as usize].origin = self.origin(reader);
        }
        let state = &mut self.readers[reader as usize];
        (state.admitted, state.stage) = (admitted, Stage::Admission);
        let mut until = admitted;
        if open {
            if let Some(latency) = &self.plan.path.latency {
                until += latency.span(self.luck.latency.at(state.unit, epoch));
            }
            if state.origin == Origin::Disk {
                until += self.plan.path.miss_latency;
                self.tally.sums.disk_opens += self.pace.factor;
            }
            self.tally.sums.opens += self.pace.factor;
        }
        self.tally.bytes_asked += state.size;
        self.admit_at(reader, until);
    }

    fn admit_at(&mut self, reader: u32, until: SimTime) {
        if until == self.now {
            self.admission_is_over(reader);
        } else {
            self.schedule_reader(reader, until.since(self.now));
        }
    }

    fn admit_to_client_cache(&mut self, reader: u32, open: bool) {
        let cache = self.plan.path.client_cache.as_ref().expect("a cached read has a cache");
        let state = &mut self.readers[reader as usize];
        (state.admitted, state.stage) = (self.now, Stage::Admission);
        let latency = cache.latency.span(self.luck.latency.at(state.unit, 0));
        let until = self.now + if open { latency } else { Span::ZERO };
        self.tally.sums.cached_opens += if open { self.pace.factor } else { 0 };
        self.admit_at(reader, until);
    }

    /// When the gates let a read through that arrives now.
    fn pass_gates(&mut self, reader: u32, open: bool) -> SimTime {
        let state = &mut self.readers[reader as usize];
        let mut at = self.now;
        state.gate_cause = Cause::Latency;
        let gates = if self.gates.len() == 1 { 0 } else { state.node as usize };
        for gate in &mut self.gates[gates] {
            if open || gate.counts_pieces() {
                let admitted = gate.admit(at, state.size);
                if admitted > at {
                    state.gate_cause = gate.cause();
                }
                at = admitted;
            }
        }
        at
    }

    /// Asks S3 for an object; if it rejects the request, the reader waits and tries again, or its loader does.
    fn is_rejected(&mut self, reader: u32) -> bool {
        let Some(limit) = &mut self.request_limit else { return false };
        let state = &mut self.readers[reader as usize];
        if limit.ask(self.now, state.file) == Answer::Served {
            state.failed_attempts = 0;
            return false;
        }
        state.failed_attempts += 1;
        let luck = self.luck.backoff.at(u64::from(reader), limit.rejected);
        let mut wait =
            self.plan.path.latency.as_ref().map_or(Span::ZERO, |latency| latency.span(luck.next()));
        if let Some(backoff) = limit.backoff(state.failed_attempts, luck) {
            wait += backoff;
        } else {
            state.failed_attempts = 0;
            self.tally.sums.read_errors += self.pace.factor;
        }
        state.stage = Stage::Backoff;
        self.schedule_reader(reader, wait.max(Span::from_nanos(1)));
        true
    }

    /// A reader's delay has ended.
    pub(super) fn delay_is_over(&mut self, reader: u32) {
        match self.readers[reader as usize].stage {
            Stage::Admission => self.admission_is_over(reader),
            Stage::CachedOpen => {
                self.account(reader);
                if self.begin_decode(reader) == Progress::Done {
                    self.sample_has_arrived(reader);
                    self.feed(reader);
                }
            }
            Stage::Backoff => {
                self.account(reader);
                self.admit(reader, true);
            }
            Stage::Restore => self.begin_restore_transfer(reader),
            Stage::Decode => self.sample_is_decoded(reader),
            Stage::Idle | Stage::Transfer | Stage::Starved => {
                unreachable!("a reader without a delay ahead has no event")
            }
        }
    }

    fn admission_is_over(&mut self, reader: u32) {
        self.account(reader);
        let file = self.readers[reader as usize].file;
        let need = self.ask_for_restore(reader, file);
        match need {
            Need::Nothing => self.begin_transfer(reader),
            Need::Restore => self.begin_restore(reader),
            Need::Wait => self.readers[reader as usize].stage = Stage::Restore,
        }
    }

    fn ask_for_restore(&mut self, reader: u32, file: u64) -> Need {
        if self.restores.is_none() {
            return Need::Nothing;
        }
        let chance = self.cache_chance(reader, file);
        self.restores.as_mut().map_or(Need::Nothing, |restores| restores.ask(self.now, file, reader, chance))
    }

    fn begin_restore(&mut self, reader: u32) {
        self.readers[reader as usize].stage = Stage::Restore;
        let spec = self.plan.path.restore.as_ref().expect("a file is restored where the tier restores");
        let latency = spec.latency.span(self.luck.restore.at(self.readers[reader as usize].file, 0));
        self.schedule_reader(reader, latency);
    }

    fn begin_restore_transfer(&mut self, reader: u32) {
        let link = self.restore_link.expect("a tier that restores has a link to S3");
        let file = self.readers[reader as usize].file;
        self.network.start(link, self.now, 0, reader, self.sizes.file(file));
    }

    /// A file has come from S3: whoever waited for it reads it, and the next restore begins.
    pub(super) fn file_is_restored(&mut self, reader: u32) {
        let file = self.readers[reader as usize].file;
        self.keep_in_server_memory(file);
        self.tally.sums.restored += self.pace.factor;
        let restores = self.restores.as_mut().expect("a restored file belongs to a tier that restores");
        let next = restores.ended(self.now, file, |file| self.sizes.file(file));
        if let Some(next) = next {
            self.begin_restore(next);
        }
        self.account(reader);
        self.readers[reader as usize].origin = Origin::Memory;
        self.begin_transfer(reader);
        while let Some(waiting) = self.restores.as_mut().and_then(|restores| restores.next_waiting(file)) {
            self.account(waiting);
            self.readers[waiting as usize].origin = Origin::Memory;
            self.begin_transfer(waiting);
        }
    }

    fn begin_transfer(&mut self, reader: u32) {
        let (link, lane) = self.route(reader);
        let state = &mut self.readers[reader as usize];
        (state.stage, state.link, state.lane) = (Stage::Transfer, link, lane);
        let (rank, size) = (state.rank as usize, state.size);
        if self.ranks[rank].waiting {
            self.note_transfer(reader);
        }
        self.network.start(link, self.now, lane, reader, size);
    }

    /// The link and lane that a read takes: its node's volume, or the way from the server that holds its file.
    fn route(&self, reader: u32) -> (LinkId, u32) {
        if let (true, Some(LinkId(first))) =
            (self.readers[reader as usize].from_client_cache, self.client_cache_links)
        {
            return (LinkId(first + self.readers[reader as usize].node), 0);
        }
        let state = &self.readers[reader as usize];
        match &self.plan.path.source {
            Source::Volume { .. } => (LinkId(state.node), 0),
            Source::Fabric(fabric) => {
                let server = match fabric.servers {
                    1 => 0,
                    servers => self.luck.server.at(state.file, 0).below(u64::from(servers)) as u32,
                };
                (LinkId(0), fabric.lane(state.node, server, state.origin))
            }
        }
    }

    /// Where the server has a file that is opened. One that has still to be restored will be in its memory.
    fn origin(&mut self, reader: u32) -> Origin {
        if self.server_ram.is_none() && self.server_ssd.is_none() {
            return Origin::Disk;
        }
        let file = self.readers[reader as usize].file;
        if self.restores.as_ref().is_some_and(|restores| !restores.has_been_restored(file)) {
            return Origin::Memory;
        }
        let (at, luck) = self.cache_chance(reader, file);
        let hit =
            |cache: &mut Option<Cache>| cache.as_mut().is_some_and(|cache| cache.lookup_at(file, at, luck));
        if hit(&mut self.server_ram) {
            Origin::Memory
        } else if hit(&mut self.server_ssd) {
            Origin::SsdCache
        } else {
            Origin::Disk
        }
    }

    /// All bytes of a read have crossed the link.
    pub(super) fn bytes_have_arrived(&mut self, reader: u32) {
        self.account(reader);
        let factor = self.pace.factor;
        let state = &self.readers[reader as usize];
        let (node, unit, file, size, began) =
            (state.node as usize, state.unit, state.file, state.size, state.began);
        if !state.from_client_cache {
            self.tally.bytes_delivered += size;
            self.tally.sums.bytes += size * factor;
        }
        self.tally.read_latency.record_many(self.now.since(began).as_nanos(), factor);
        if self.server_ram.is_some() || self.server_ssd.is_some() {
            self.keep_in_server_memory(file);
        }
        if !self.streams.is_empty() {
            self.chunk_has_arrived(reader);
            return;
        }
        if let Some(cache) = self.page_caches.get_mut(node) {
            cache.insert(unit, size, |victim| self.sizes.unit(victim));
        }
        if let Some(cache) = self.client_caches.get_mut(node) {
            cache.insert(unit, size, |victim| self.sizes.unit(victim));
        }
        if let Some(cache) = self.sample_caches.get_mut(node) {
            cache.insert(unit, size, |victim| self.sizes.unit(victim));
        }
        if self.begin_decode(reader) == Progress::Done {
            self.sample_has_arrived(reader);
            self.feed(reader);
        }
    }

    /// A file that has passed a server stays in its memory and its SSD cache as long as it is not displaced.
    fn keep_in_server_memory(&mut self, file: u64) {
        for cache in [&mut self.server_ram, &mut self.server_ssd].into_iter().flatten() {
            cache.insert(file, self.sizes.file(file), |victim| self.sizes.file(victim));
        }
    }

    /// How far the rank of a reader is in its epoch, and what luck a cache without tracked residents has with a unit.
    pub(super) fn cache_chance(&self, reader: u32, unit: u64) -> (f64, u64) {
        let state = &self.readers[reader as usize];
        let rank = &self.ranks[state.rank as usize];
        let local = u64::from(state.rank - rank.lane * self.plan.ranks());
        let done =
            if self.streams.is_empty() { state.position } else { rank.shards_opened.saturating_sub(1) };
        let at = done as f64 / self.plan.order.units_of(local).max(1) as f64;
        (at.min(1.0), self.luck.cache.at(unit, self.draw_epoch(reader)).bits())
    }

    /// Begins to decode a reader's sample.
    pub(super) fn begin_decode(&mut self, reader: u32) -> Progress {
        let loader = &self.plan.loader;
        let state = &mut self.readers[reader as usize];
        let bytes = loader.decode_rate.map_or(Span::ZERO, |rate| rate.time_for(Bytes::new(state.size)));
        let work = loader.decode_per_sample + bytes;
        if work.is_zero() {
            return Progress::Done;
        }
        state.stage = Stage::Decode;
        match self.cpu_links {
            None => self.schedule_reader(reader, work),
            Some(LinkId(first)) => {
                let link = LinkId(first + state.node);
                self.network.start(link, self.now, 0, reader, work.as_nanos());
            }
        }
        Progress::Pending
    }

    /// A reader's sample is decoded: the loader takes it, the reader goes on.
    pub(super) fn sample_is_decoded(&mut self, reader: u32) {
        self.account(reader);
        self.sample_has_arrived(reader);
        self.feed(reader);
    }

    /// Brings a reader's account up to now, if its rank waits: what it does at other times stalls nobody.
    pub(super) fn account(&mut self, reader: u32) {
        if self.ranks[self.readers[reader as usize].rank as usize].waiting {
            self.charge(reader);
        }
        self.readers[reader as usize].mark = self.now;
    }

    fn charge(&mut self, reader: u32) {
        let state = &self.readers[reader as usize];
        let spent = &mut self.spent[reader as usize];
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
                let bound = self.network.bound(state.link, now, state.lane);
                spent.charge_split(&split(&state.bound, &bound), mark, now);
            }
            Stage::Starved => self.charge_starvation(reader),
        }
    }

    /// A starved reader has spent its time on what its fetcher did.
    fn charge_starvation(&mut self, reader: u32) {
        let fetcher = self.fetcher(reader);
        self.account(fetcher);
        self.note_transfer(fetcher);
        let fetched = std::mem::take(&mut self.spent[fetcher as usize]);
        self.spent[reader as usize].add(&fetched);
    }

    /// A rank begins to wait: the accounts of a reader begin anew.
    pub(super) fn open_account(&mut self, reader: u32) {
        self.spent[reader as usize] = Spent::default();
        self.readers[reader as usize].mark = self.now;
        self.note_transfer(reader);
    }

    /// Notes what the link of a transfer under way has been bound by until now.
    fn note_transfer(&mut self, reader: u32) {
        let state = &mut self.readers[reader as usize];
        if state.stage == Stage::Transfer {
            state.bound = self.network.bound(state.link, self.now, state.lane);
        }
    }

    /// The position in the whole epoch of one in what is simulated of it.
    fn stretched(&self, lane: u32, position: u64) -> u64 {
        let thinning = self.lanes[lane as usize].thinning;
        if thinning.factor == 1 {
            return position;
        }
        let batch = self.plan.training.batch;
        thinning.stretched(position / batch) * batch + position % batch
    }

    /// The unit of the data set at a position of a rank's epoch.
    pub(super) fn unit_at(&self, rank: u32, position: u64) -> u64 {
        let state = &self.ranks[rank as usize];
        let position = self.stretched(state.lane, position);
        // A padded last batch reads the first units once more.
        let position = if position < state.units { position } else { position % state.units };
        self.lanes[state.lane as usize].order.unit(state.local, position)
    }
}

/// What a transfer was bound by since it began.
fn split(begun: &Bound, now: &Bound) -> [(Cause, u64); LINK_CAUSES.len()] {
    let since = now.since(begun).as_nanos();
    std::array::from_fn(|index| (LINK_CAUSES[index], since[index]))
}
