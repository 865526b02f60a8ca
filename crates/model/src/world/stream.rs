//! Shards: a reader streams the records of the files it has open, and a fetcher of each reads ahead of it.
//!
//! A reader keeps `open-shards` files open and takes their records in turn, as tf.data's interleave does. Opening a shard passes the gates and the latency once; its bytes then come in chunks, one after the other, while less
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
    /// Streams of one reader.
    fn open_shards(&self) -> u32 {
        self.plan.streaming.as_ref().map_or(1, |streaming| streaming.open_shards)
    }

    /// All streams of a reader.
    fn streams_of(&self, reader: u32) -> std::ops::Range<u32> {
        let each = self.open_shards();
        reader * each..(reader + 1) * each
    }

    /// All streams of a rank.
    fn streams_of_rank(&self, rank: u32) -> std::ops::Range<u32> {
        let first = self.ranks[rank as usize].first_reader;
        let last = first + self.plan.loader.kind.readers() as u32 - 1;
        self.streams_of(first).start..self.streams_of(last).end
    }

    fn reader_of(&self, stream: u32) -> u32 {
        stream / self.open_shards()
    }

    fn fetcher_of(&self, stream: u32) -> u32 {
        stream + self.streams.len() as u32 / self.open_shards()
    }

    /// The stream that a reader's last record came from.
    fn stream(&self, reader: u32) -> u32 {
        self.streams_of(reader).start + self.turns[reader as usize]
    }

    /// The fetcher of the stream that a reader's last record came from.
    pub(super) fn fetcher(&self, reader: u32) -> u32 {
        self.fetcher_of(self.stream(reader))
    }

    /// Makes sure that a reader's streams have a record left, opening or sharing shards; `false` if there is none for it.
    ///
    /// A padded last batch needs more records than there are: when all have been taken, the first shards are read again.
    pub(super) fn has_records(&mut self, reader: u32) -> bool {
        let rank = self.readers[reader as usize].rank;
        let mut left = 0;
        for stream in self.streams_of(reader) {
            if self.streams[stream as usize].left() == 0 && !self.all_opened(rank) {
                self.open_next_shard(stream, rank);
            }
            left += self.streams[stream as usize].left();
        }
        if left > 0 {
            return true;
        }
        if matches!(self.plan.loader.kind, LoaderKind::PyTorch(_)) && self.share_stream(reader) {
            return true;
        }
        if self.records_left(rank) == 0 {
            self.open_next_shard(self.stream(reader), rank);
            return true;
        }
        false
    }

    fn open_next_shard(&mut self, stream: u32, rank: u32) {
        let state = &mut self.ranks[rank as usize];
        let opened = state.shards_opened;
        state.shards_opened += 1;
        let file = self.lanes[state.lane as usize].unit_at(state, opened, self.plan.training.batch);
        let records = self.plan.dataset.samples_in(file);
        self.open_shard(stream, file, 0, records);
    }

    fn all_opened(&self, rank: u32) -> bool {
        self.ranks[rank as usize].shards_opened >= self.ranks[rank as usize].units
    }

    /// Records of open shards that no reader of a rank has taken yet.
    fn records_left(&self, rank: u32) -> u64 {
        self.streams_of_rank(rank).map(|stream| self.streams[stream as usize].left()).sum()
    }

    /// Takes the later half of what the fullest stream of the rank still has.
    fn share_stream(&mut self, reader: u32) -> bool {
        let fullest = self
            .streams_of_rank(self.readers[reader as usize].rank)
            .max_by_key(|&other| (self.streams[other as usize].left(), std::cmp::Reverse(other)))
            .expect("a rank has readers");
        let stream = &mut self.streams[fullest as usize];
        let taken = stream.left().div_ceil(2);
        if taken == 0 {
            return false;
        }
        let (file, end) = (stream.file, stream.end);
        stream.end -= taken;
        self.open_shard(self.stream(reader), file, end - taken, end);
        true
    }

    fn open_shard(&mut self, index: u32, file: u64, next: u64, end: u64) {
        let (reader, fetcher) = (self.reader_of(index), self.fetcher_of(index));
        let size = self.sizes.file(file);
        let records = self.plan.dataset.samples_in(file);
        let mut stream = ShardStream { file, records, size, next, end, ..ShardStream::default() };
        stream.arrived = if next == 0 { 0 } else { stream.end_of(next - 1) };
        stream.asked = stream.arrived;
        let node = self.node_of(reader) as usize;
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
        self.streams[index as usize] = stream;
        self.fetch(index);
    }

    /// Asks for the next chunk of an open shard, if its fetcher is free, the window has room and the shard has more.
    fn fetch(&mut self, index: u32) {
        let fetcher = self.fetcher_of(index);
        if self.readers[fetcher as usize].stage != Stage::Idle {
            return;
        }
        let Streaming { chunk, window, .. } =
            self.plan.streaming.expect("streams exist where shards are streamed");
        let stream = &mut self.streams[index as usize];
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
        (state.unit, state.from_client_cache) = (stream.file, stream.from_client_cache);
        (state.size, state.began, state.mark) = (size, self.now, self.now);
        self.admit(fetcher, first);
    }

    /// The reader's turn passes to its next stream that has a record left.
    fn take_turn(&mut self, reader: u32) {
        let (first, each) = (self.streams_of(reader).start, self.open_shards());
        let turn = self.turns[reader as usize];
        let next = (1..=each).map(|ahead| (turn + ahead) % each);
        let next = { next }.find(|turn| self.streams[(first + turn) as usize].left() > 0);
        self.turns[reader as usize] = next.expect("a reader with a record to read has a stream with it");
    }

    /// Gives the reader the next record of the stream whose turn it is, for a position of its rank's epoch.
    pub(super) fn next_record(&mut self, reader: u32, position: u64) -> Progress {
        self.take_turn(reader);
        let index = self.stream(reader);
        let stream = &mut self.streams[index as usize];
        let record = stream.next;
        stream.next += 1;
        let from = if record == 0 { 0 } else { stream.end_of(record - 1) };
        let (until, arrived) = (stream.end_of(record), stream.arrived);
        let state = &mut self.readers[reader as usize];
        (state.unit, state.size, state.position, state.began) =
            (stream.file, until - from, position, self.now);
        if arrived >= until {
            self.fetch(index);
            return self.begin_decode(reader);
        }
        state.stage = Stage::Starved;
        self.fetch(index);
        let fetcher = self.fetcher(reader);
        self.open_account(fetcher);
        Progress::Pending
    }

    /// A fetcher's chunk is there: its reader may go on, and the next chunk is asked for.
    pub(super) fn chunk_has_arrived(&mut self, fetcher: u32) {
        let index = fetcher - self.streams.len() as u32 / self.open_shards();
        let reader = self.reader_of(index);
        let size = self.readers[fetcher as usize].size;
        self.readers[fetcher as usize].stage = Stage::Idle;
        if std::mem::take(&mut self.readers[fetcher as usize].stale) {
            self.fetch(index);
            return;
        }
        let starved = self.readers[reader as usize].stage == Stage::Starved && self.stream(reader) == index;
        if starved {
            self.account(reader);
        }
        let stream = &mut self.streams[index as usize];
        stream.arrived += size;
        let there = stream.arrived >= stream.end_of(stream.next.max(1) - 1);
        if stream.arrived == stream.size {
            let (file, size) = (stream.file, stream.size);
            let node = self.node_of(reader) as usize;
            for caches in [&mut self.page_caches, &mut self.client_caches] {
                if let Some(cache) = caches.get_mut(node) {
                    cache.insert(file, size, |victim| self.sizes.file(victim));
                }
            }
        }
        self.fetch(index);
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
        for stream in self.streams_of_rank(rank) {
            let fetcher = self.fetcher_of(stream);
            let state = &mut self.readers[fetcher as usize];
            state.stale = state.stage != Stage::Idle;
            self.streams[stream as usize] = ShardStream::default();
            let (last, reader) = (self.open_shards() - 1, self.reader_of(stream));
            // The first record of the next epoch comes from the first stream.
            self.turns[reader as usize] = last;
            let reader = &mut self.readers[reader as usize];
            // Nothing comes any more that a starved reader waits for.
            if reader.stage == Stage::Starved {
                reader.stage = Stage::Idle;
            }
        }
    }
}
