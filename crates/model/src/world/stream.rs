//! Shards: a reader streams the records of one file, and a fetcher reads ahead of it.
//!
//! Opening a shard passes the gates and the latency once; its bytes then come in chunks, one after the other, while less
//! than the window lies unread. A record is there when the chunk with its last byte is. Readers of a rank take the
//! rank's shards in turn; when none is left, a reader of a batch-per-worker loader takes half of what the fullest stream
//! of its rank still has, since its batch has to be completed.

use super::{World, reader::Stage, stages::Progress};
use crate::plan::{LoaderKind, Streaming};

/// A reader's open shard.
#[derive(Debug, Clone, Default)]
pub(super) struct ShardStream {
    file: u64,
    /// Records of the file.
    records: u64,
    size: u64,
    /// The next record for the reader, and the first that is not its own.
    next: u64,
    end: u64,
    /// Bytes up to which the file has arrived, and up to which chunks have been asked for.
    arrived: u64,
    asked: u64,
    /// Whether the file has been opened.
    open: bool,
    /// Whether the client's cache on the node holds it.
    from_client_cache: bool,
}

impl ShardStream {
    const fn left(&self) -> u64 {
        self.end - self.next
    }

    /// The byte behind record `record`.
    fn end_of(&self, record: u64) -> u64 {
        let whole = self.size / self.records;
        let longer = self.size % self.records;
        (record + 1) * whole + (record + 1).min(longer)
    }
}

impl World<'_> {
    /// The fetcher of a reader.
    pub(super) const fn fetcher(&self, reader: u32) -> u32 {
        reader + self.streams.len() as u32
    }

    /// Makes sure that a reader's stream has a record left, opening or sharing a shard; `false` if there is none for it.
    ///
    /// A padded last batch needs more records than there are: when all have been taken, the first shards are read again.
    pub(super) fn has_records(&mut self, reader: u32) -> bool {
        if self.streams[reader as usize].left() > 0 {
            return true;
        }
        let rank = self.readers[reader as usize].rank;
        if matches!(self.plan.loader.kind, LoaderKind::PyTorch(_))
            && self.all_opened(rank)
            && self.share_stream(reader)
        {
            return true;
        }
        if !self.all_opened(rank) || self.records_left(rank) == 0 {
            let opened = self.ranks[rank as usize].shards_opened;
            self.ranks[rank as usize].shards_opened += 1;
            let file = self.unit_at(rank, opened);
            let records = self.plan.dataset.samples_in(file);
            self.open_shard(reader, file, 0, records);
            return true;
        }
        false
    }

    fn all_opened(&self, rank: u32) -> bool {
        self.ranks[rank as usize].shards_opened >= self.ranks[rank as usize].units
    }

    /// Records of open shards that no reader of a rank has taken yet.
    fn records_left(&self, rank: u32) -> u64 {
        let first = self.ranks[rank as usize].first_reader as usize;
        let readers = self.plan.loader.kind.readers() as usize;
        self.streams[first..first + readers].iter().map(ShardStream::left).sum()
    }

    /// Takes the later half of what the fullest stream of the rank still has.
    fn share_stream(&mut self, reader: u32) -> bool {
        let first = self.ranks[self.readers[reader as usize].rank as usize].first_reader;
        let readers = self.plan.loader.kind.readers() as u32;
        let fullest = (first..first + readers)
            .max_by_key(|&other| (self.streams[other as usize].left(), std::cmp::Reverse(other)))
            .expect("a rank has readers");
        let stream = &mut self.streams[fullest as usize];
        let taken = stream.left().div_ceil(2);
        if taken == 0 {
            return false;
        }
        let (file, end) = (stream.file, stream.end);
        stream.end -= taken;
        self.open_shard(reader, file, end - taken, end);
        true
    }

    fn open_shard(&mut self, reader: u32, file: u64, next: u64, end: u64) {
        let fetcher = self.fetcher(reader);
        let size = self.sizes.file(file);
        let records = self.plan.dataset.samples_in(file);
        let mut stream = ShardStream { file, records, size, next, end, ..ShardStream::default() };
        stream.arrived = if next == 0 { 0 } else { stream.end_of(next - 1) };
        stream.asked = stream.arrived;
        let node = self.readers[reader as usize].node as usize;
        let (at, luck) = self.cache_chance(reader, file);
        // What the fetcher still has under way belongs to the shard before.
        let state = &mut self.readers[fetcher as usize];
        state.stale = state.stage != Stage::Idle;
        let cached = self.page_caches.get_mut(node).is_some_and(|cache| cache.lookup_at(file, at, luck));
        if cached {
            (stream.arrived, stream.asked) = (size, size);
        } else {
            stream.from_client_cache =
                self.client_caches.get_mut(node).is_some_and(|cache| cache.lookup_at(file, at, luck));
        }
        self.streams[reader as usize] = stream;
        self.fetch(reader);
    }

    /// Asks for the next chunk of a reader's shard, if its fetcher is free, the window has room and the shard has more.
    fn fetch(&mut self, reader: u32) {
        let fetcher = self.fetcher(reader);
        if self.readers[fetcher as usize].stage != Stage::Idle {
            return;
        }
        let Streaming { chunk, window } =
            self.plan.streaming.expect("streams exist where shards are streamed");
        let stream = &mut self.streams[reader as usize];
        if stream.end == 0 {
            return;
        }
        let last = stream.end_of(stream.end - 1);
        let consumed = if stream.next == 0 { 0 } else { stream.end_of(stream.next - 1) };
        if stream.asked >= last || stream.asked >= consumed + window.get() {
            return;
        }
        let size = chunk.get().min(last - stream.asked);
        stream.asked += size;
        let first = !std::mem::replace(&mut stream.open, true);
        let state = &mut self.readers[fetcher as usize];
        (state.unit, state.file, state.from_client_cache) =
            (stream.file, stream.file, stream.from_client_cache);
        (state.size, state.began, state.mark) = (size, self.now, self.now);
        self.admit(fetcher, first);
    }

    /// Gives the reader its stream's next record, for a position of its rank's epoch.
    pub(super) fn next_record(&mut self, reader: u32, position: u64) -> Progress {
        let stream = &mut self.streams[reader as usize];
        let record = stream.next;
        stream.next += 1;
        let from = if record == 0 { 0 } else { stream.end_of(record - 1) };
        let (until, arrived) = (stream.end_of(record), stream.arrived);
        let state = &mut self.readers[reader as usize];
        (state.file, state.size, state.position, state.began) =
            (stream.file, until - from, position, self.now);
        if arrived >= until {
            self.fetch(reader);
            return self.begin_decode(reader);
        }
        state.stage = Stage::Starved;
        self.fetch(reader);
        let fetcher = self.fetcher(reader);
        self.open_account(fetcher);
        Progress::Pending
    }

    /// A fetcher's chunk is there: its reader may go on, and the next chunk is asked for.
    pub(super) fn chunk_has_arrived(&mut self, fetcher: u32) {
        let reader = fetcher - self.streams.len() as u32;
        let size = self.readers[fetcher as usize].size;
        self.readers[fetcher as usize].stage = Stage::Idle;
        if std::mem::take(&mut self.readers[fetcher as usize].stale) {
            self.fetch(reader);
            return;
        }
        let starved = self.readers[reader as usize].stage == Stage::Starved;
        if starved {
            self.account(reader);
        }
        let stream = &mut self.streams[reader as usize];
        stream.arrived += size;
        let there = stream.arrived >= stream.end_of(stream.next.max(1) - 1);
        if stream.arrived == stream.size {
            let (file, size) = (stream.file, stream.size);
            let node = self.readers[reader as usize].node as usize;
            for caches in [&mut self.page_caches, &mut self.client_caches] {
                if let Some(cache) = caches.get_mut(node) {
                    cache.insert(file, size, |victim| self.sizes.file(victim));
                }
            }
        }
        self.fetch(reader);
        if !starved {
            return;
        }
        if there && self.begin_decode(reader) == Progress::Done {
            self.sample_has_arrived(reader);
            self.feed(reader);
        }
    }

    /// Forgets the open shards of a rank: its epoch is over, and what is still on its way is no longer wanted.
    pub(super) fn close_shards(&mut self, rank: u32) {
        if self.streams.is_empty() {
            return;
        }
        self.ranks[rank as usize].shards_opened = 0;
        let first = self.ranks[rank as usize].first_reader;
        for reader in first..first + self.plan.loader.kind.readers() as u32 {
            let fetcher = self.fetcher(reader);
            let state = &mut self.readers[fetcher as usize];
            state.stale = state.stage != Stage::Idle;
            self.streams[reader as usize] = ShardStream::default();
            // Nothing comes any more that a starved reader waits for.
            if self.readers[reader as usize].stage == Stage::Starved {
                self.readers[reader as usize].stage = Stage::Idle;
            }
        }
    }
}
