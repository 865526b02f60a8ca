//! A read from its position in the epoch to the decoded sample.

use ingestsim_units::{Bytes, SimTime, Span};

use super::{
    Ways, World,
    reader::{Reader, Stage},
};
use crate::{
    cache::Cache,
    cause::Cause,
    network::LinkId,
    tier::{Origin, request_limit::Answer},
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
        let streams = !self.streams.is_empty();
        loop {
            let state = &mut self.readers[reader as usize];
            let rank = &mut self.ranks[state.rank as usize];
            let local = reader - rank.first_reader;
            // What was on its way when the epoch before ended leaves its reader idle until the loader has started.
            if !rank.primed {
                state.stage = Stage::Idle;
                return;
            }
            let progress = if streams {
                self.feed_record(reader, local)
            } else {
                rank.loader.next_position(local).map(|position| self.begin_read(reader, position))
            };
            match progress {
                Some(Progress::Pending) => return,
                Some(Progress::Done) => self.sample_has_arrived(reader),
                None => return self.idle(reader),
            }
        }
    }

    /// The next record of a stream, if there is one for the reader.
    fn feed_record(&mut self, reader: u32, local: u32) -> Option<Progress> {
        let rank = self.readers[reader as usize].rank as usize;
        if !self.ranks[rank].loader.has_next(local) || !self.has_records(reader) {
            return None;
        }
        let position = self.ranks[rank].loader.next_position(local)?;
        Some(self.next_record(reader, position))
    }

    /// A reader has nothing to read until its rank is woken.
    fn idle(&mut self, reader: u32) {
        let state = &mut self.readers[reader as usize];
        state.stage = Stage::Idle;
        self.ranks[state.rank as usize].idle.push_back(reader);
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
    #[inline]
    fn begin_read(&mut self, reader: u32, position: u64) -> Progress {
        let state = &mut self.readers[reader as usize];
        let rank = &self.ranks[state.rank as usize];
        let unit = self.lanes[rank.lane as usize].unit_at(rank, position, self.plan.training.batch);
        let size = self.sizes.unit(unit);
        (state.unit, state.size, state.position, state.began) = (unit, size, position, self.now);
        if self.caches_reads {
            return self.look_for(reader, unit);
        }
        self.admit(reader, true);
        Progress::Pending
    }

    /// Looks for a unit in the caches of a reader's node, and begins to read it if it is in none.
    fn look_for(&mut self, reader: u32, unit: u64) -> Progress {
        let node = self.node_of(reader) as usize;
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
        let state = &mut self.readers[reader as usize];
        state.stage = Stage::CachedOpen;
        let epoch = self.ranks[state.rank as usize].draw_epoch;
        let span = latency.span(self.luck.latency.at(state.unit, epoch));
        self.schedule_reader(reader, span);
        Progress::Pending
    }

    /// Sends a read on its way; with `open` it opens its file first.
    #[inline(always)]
    pub(super) fn admit(&mut self, reader: u32, open: bool) {
        if self.readers[reader as usize].from_client_cache {
            self.admit_to_client_cache(reader, open);
            return;
        }
        if open && self.request_limit.is_some() && self.is_rejected(reader) {
            return;
        }
        let gated = !self.plan.path.gates.is_empty();
        let (admitted, gate_cause) =
            if gated { self.pass_gates(reader, open) } else { (self.now, Cause::Latency) };
        let origin = if open && self.serves_from_caches() { self.origin(reader) } else { Origin::Disk };
        let state = &mut self.readers[reader as usize];
        (state.admitted, state.gate_cause, state.stage) = (admitted, gate_cause, Stage::Admission);
        let mut until = admitted;
        if open {
            state.origin = origin;
            if let Some(latency) = &self.plan.path.latency {
                let epoch = self.ranks[state.rank as usize].draw_epoch;
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

    #[inline(always)]
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

    /// When the gates let a read through that arrives now, and what the wait is charged to.
    fn pass_gates(&mut self, reader: u32, open: bool) -> (SimTime, Cause) {
        let state = &self.readers[reader as usize];
        let (mut at, mut cause) = (self.now, Cause::Latency);
        let gates = if self.gates.len() == 1 { 0 } else { self.ranks[state.rank as usize].node as usize };
        for gate in &mut self.gates[gates] {
            if open || gate.counts_pieces() {
                let admitted = gate.admit(at, state.size);
                if admitted > at {
                    cause = gate.cause();
                }
                at = admitted;
            }
        }
        (at, cause)
    }

    /// Asks S3 for an object; if it rejects the request, the reader waits and tries again, or its loader does.
    fn is_rejected(&mut self, reader: u32) -> bool {
        let Some(limit) = &mut self.request_limit else { return false };
        let state = &mut self.readers[reader as usize];
        if limit.ask(self.now, self.sizes.file_of(state.unit)) == Answer::Served {
            state.failed_attempts = 0;
            return false;
        }
        state.failed_attempts += 1;
        let luck = self.luck.backoff.at(u64::from(reader), limit.rejected);
        let mut wait =
            self.plan.path.latency.as_ref().map_or(Span::ZERO, |latency| latency.span(luck.next()));
        if let Some(backoff) = limit.backoff(state.failed_attempts.into(), luck) {
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
    #[inline(always)]
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

    #[inline]
    fn admission_is_over(&mut self, reader: u32) {
        self.account_admission(reader);
        if self.restores.is_some() {
            self.ask_for_restore(reader);
        } else {
            self.begin_transfer(reader);
        }
    }

    #[inline(always)]
    pub(super) fn begin_transfer(&mut self, reader: u32) {
        let (link, lane) = (self.link_of(reader), self.lane_of(reader));
        let state = &mut self.readers[reader as usize];
        (state.stage, state.lane) = (Stage::Transfer, lane);
        let (rank, size) = (state.rank as usize, state.size);
        if self.ranks[rank].waiting {
            self.note_transfer(reader);
        }
        self.network.start(link, self.now, lane, reader, size);
    }

    /// The link that a read takes: that of the client's cache on its node, of its node's volume, or of the service.
    #[inline]
    pub(super) fn link_of(&self, reader: u32) -> LinkId {
        let Reader { rank, from_client_cache, .. } = self.readers[reader as usize];
        match self.client_cache_links {
            Some(LinkId(first)) if from_client_cache => LinkId(first + self.ranks[rank as usize].node),
            _ => match self.ways {
                Ways::Volumes => LinkId(self.ranks[rank as usize].node),
                Ways::Nodes | Ways::Lanes(_) => LinkId(0),
            },
        }
    }

    /// The lane on the link of the service: the way from the server that holds the file to the reader's node.
    #[inline(always)]
    fn lane_of(&self, reader: u32) -> u32 {
        let lanes = match self.ways {
            Ways::Volumes => return 0,
            Ways::Nodes => return self.node_of(reader),
            Ways::Lanes(lanes) => lanes,
        };
        let server = match lanes.servers {
            1 => 0,
            servers => self.luck.server.at(self.file_of(reader), 0).below(u64::from(servers)) as u32,
        };
        lanes.of(self.node_of(reader), server, self.readers[reader as usize].origin)
    }

    #[inline]
    pub(super) fn node_of(&self, reader: u32) -> u32 {
        self.ranks[self.readers[reader as usize].rank as usize].node
    }

    /// The file that a reader reads, or reads a record of.
    #[inline]
    pub(super) fn file_of(&self, reader: u32) -> u64 {
        self.sizes.file_of(self.readers[reader as usize].unit)
    }

    /// Whether the servers keep files in memory or on SSDs; else every file is on their disks.
    #[inline]
    const fn serves_from_caches(&self) -> bool {
        self.server_ram.is_some() || self.server_ssd.is_some()
    }

    /// Where the server has a file that is opened. One that has still to be restored will be in its memory.
    fn origin(&mut self, reader: u32) -> Origin {
        let file = self.file_of(reader);
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
    #[inline]
    pub(super) fn bytes_have_arrived(&mut self, reader: u32) {
        self.account_transfer(reader);
        let factor = self.pace.factor;
        let state = &self.readers[reader as usize];
        let size = state.size;
        self.tally.read_latency.record_many(self.now.since(state.began).as_nanos(), factor);
        if !state.from_client_cache {
            self.tally.bytes_delivered += size;
            self.tally.sums.bytes += size * factor;
        }
        if self.serves_from_caches() {
            self.keep_in_server_memory(self.file_of(reader));
        }
        if !self.streams.is_empty() {
            self.chunk_has_arrived(reader);
            return;
        }
        if self.keeps_reads {
            self.keep_on_node(reader);
        }
        if self.begin_decode(reader) == Progress::Done {
            self.sample_has_arrived(reader);
            self.feed(reader);
        }
    }

    /// What was read stays in the caches of its node as long as it is not displaced.
    fn keep_on_node(&mut self, reader: u32) {
        let node = self.node_of(reader) as usize;
        let Reader { unit, size, .. } = self.readers[reader as usize];
        for caches in [&mut self.page_caches, &mut self.client_caches, &mut self.sample_caches] {
            if let Some(cache) = caches.get_mut(node) {
                cache.insert(unit, size, |victim| self.sizes.unit(victim));
            }
        }
    }

    /// A file that has passed a server stays in its memory and its SSD cache as long as it is not displaced.
    pub(super) fn keep_in_server_memory(&mut self, file: u64) {
        for cache in [&mut self.server_ram, &mut self.server_ssd].into_iter().flatten() {
            if !cache.touch(file) {
                cache.insert(file, self.sizes.file(file), |victim| self.sizes.file(victim));
            }
        }
    }

    /// How far the rank of a reader is in its epoch, and what luck a cache without tracked residents has with a unit;
    /// zeros where nobody asks for either.
    #[inline]
    pub(super) fn cache_chance(&self, reader: u32, unit: u64) -> (f64, u64) {
        if self.chance_decides { self.chance_of(reader, unit) } else { (0.0, 0) }
    }

    fn chance_of(&self, reader: u32, unit: u64) -> (f64, u64) {
        let state = &self.readers[reader as usize];
        let rank = &self.ranks[state.rank as usize];
        let done =
            if self.streams.is_empty() { state.position } else { rank.shards_opened.saturating_sub(1) };
        let at = done as f64 / rank.units.max(1) as f64;
        (at.min(1.0), self.luck.cache.at(unit, rank.draw_epoch).bits())
    }

    /// Begins to decode a reader's sample.
    #[inline]
    pub(super) fn begin_decode(&mut self, reader: u32) -> Progress {
        if self.plan.loader.decodes() { self.decode(reader) } else { Progress::Done }
    }

    fn decode(&mut self, reader: u32) -> Progress {
        let loader = &self.plan.loader;
        let state = &self.readers[reader as usize];
        let bytes = loader.decode_rate.map_or(Span::ZERO, |rate| rate.time_for(Bytes::new(state.size)));
        let work = loader.decode_per_sample + bytes;
        if work.is_zero() {
            return Progress::Done;
        }
        self.readers[reader as usize].stage = Stage::Decode;
        match self.cpu_links {
            None => self.schedule_reader(reader, work),
            Some(LinkId(first)) => {
                let link = LinkId(first + self.node_of(reader));
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
}
