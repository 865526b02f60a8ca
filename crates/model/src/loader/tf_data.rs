//! The `tf-data` loader: parallel reads of samples across batches, with a bounded buffer.
//!
//! Right for TensorFlow's input pipelines and for DALI. A fixed number of readers each work on one sample at a time; at
//! most `prefetch × batch` samples are read or queued. With a shuffle buffer of n samples, n more are held back until
//! the epoch's last sample has been read.

use crate::fidelity::steps::Standing;

/// What a `tf-data` loader is made of.
#[derive(Debug, Clone, Copy)]
pub struct TfDataSpec {
    /// Samples in a batch.
    pub batch: u64,
    /// Batches that may be read or queued.
    pub prefetch: u64,
    /// Whether samples leave in the order in which they were asked for.
    pub ordered: bool,
    /// Samples held back to shuffle among; 0 for none.
    pub shuffle_buffer: u64,
}

/// The `tf-data` loader of one rank.
#[derive(Debug, Clone)]
pub struct TfData {
    batch: u64,
    shuffle_buffer: u64,
    /// Samples that may be read or queued at a time.
    limit: u64,
    /// Samples of the epoch.
    end: u64,
    /// The position that is read next.
    next: u64,
    /// Samples that have arrived, in any order.
    arrived: u64,
    /// Samples that have arrived without a gap before them; equal to `arrived` when no order is kept.
    in_order: u64,
    consumed: u64,
    /// Which of the positions after `in_order` have arrived: a ring of bits, empty when no order is kept.
    ahead: Box<[u64]>,
}

impl TfData {
    /// An idle loader; an epoch has to begin before it reads.
    #[must_use]
    pub fn new(spec: TfDataSpec) -> Self {
        let limit = spec.prefetch * spec.batch + spec.shuffle_buffer;
        let words = if spec.ordered { (limit / 64 + 2).next_power_of_two() } else { 0 };
        Self {
            batch: spec.batch,
            shuffle_buffer: spec.shuffle_buffer,
            limit,
            end: 0,
            next: 0,
            arrived: 0,
            in_order: 0,
            consumed: 0,
            ahead: vec![0; words as usize].into_boxed_slice(),
        }
    }

    /// Begins an epoch of `samples` samples.
    pub fn begin_epoch(&mut self, samples: u64) {
        self.end = samples;
        (self.next, self.arrived, self.in_order, self.consumed) = (0, 0, 0, 0);
        self.ahead.fill(0);
    }

    /// Whether there is a position to read and room for it in the buffer.
    #[must_use]
    pub const fn has_next(&self) -> bool {
        self.next < self.end && self.next - self.consumed < self.limit
    }

    /// The next position to read, if the buffer has room for it.
    #[inline]
    pub fn next_position(&mut self) -> Option<u64> {
        if !self.has_next() {
            return None;
        }
        self.next += 1;
        Some(self.next - 1)
    }

    /// The sample at `position` has arrived.
    #[inline]
    pub fn done(&mut self, position: u64) {
        self.arrived += 1;
        if self.ahead.is_empty() {
            self.in_order += 1;
            return;
        }
        self.mark(position, true);
        while self.in_order < self.next && self.marked(self.in_order) {
            self.mark(self.in_order, false);
            self.in_order += 1;
        }
    }

    /// Whether a batch can be handed over.
    #[inline]
    #[must_use]
    pub fn batch_ready(&self) -> bool {
        self.available(self.in_order)
    }

    /// Whether order alone holds the next batch back: the buffer is full, and would give a batch in another order.
    #[inline]
    #[must_use]
    pub fn held_by_order(&self) -> bool {
        let full = self.next < self.end && self.next - self.consumed >= self.limit;
        full && !self.batch_ready() && self.available(self.arrived)
    }

    /// Takes a batch: a full one, or what is left at the end of the epoch.
    ///
    /// # Panics
    ///
    /// If no batch is ready.
    pub fn consume(&mut self) -> u64 {
        assert!(self.batch_ready(), "a batch is only taken when it is complete");
        let size = self.batch_size();
        self.consumed += size;
        size
    }

    /// The first batch that is not complete by the number of samples that have arrived.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        let batch = self.arrived / self.batch;
        let under_way = self.next > self.arrived || self.has_next();
        let missing = self.batch - self.arrived % self.batch;
        Standing { batch, missing: if under_way { Some(missing) } else { None } }
    }

    /// Samples that have arrived and wait.
    #[must_use]
    pub const fn queued(&self) -> u64 {
        self.arrived - self.consumed
    }

    #[inline]
    fn available(&self, there: u64) -> bool {
        let held = if there == self.end { 0 } else { self.shuffle_buffer };
        self.consumed < self.end && there >= (self.consumed + self.batch_size() + held).min(self.end)
    }

    #[inline]
    fn batch_size(&self) -> u64 {
        self.batch.min(self.end - self.consumed)
    }

    fn marked(&self, position: u64) -> bool {
        self.ahead[self.word(position)] >> (position % 64) & 1 == 1
    }

    fn mark(&mut self, position: u64, there: bool) {
        let word = self.word(position);
        let bit = 1 << (position % 64);
        if there {
            self.ahead[word] |= bit;
        } else {
            self.ahead[word] &= !bit;
        }
    }

    fn word(&self, position: u64) -> usize {
        (position / 64) as usize & (self.ahead.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: TfDataSpec = TfDataSpec { batch: 4, prefetch: 2, ordered: false, shuffle_buffer: 0 };

    fn reading(spec: TfDataSpec, samples: u64) -> TfData {
        let mut loader = TfData::new(spec);
        loader.begin_epoch(samples);
        loader
    }

    /// Two batches of four: the ninth sample has to wait until a batch is taken.
    #[test]
    fn the_buffer_bounds_what_is_read_or_queued() {
        let mut loader = reading(SPEC, 100);
        assert_eq!(std::iter::from_fn(|| loader.next_position()).count(), 8);
        (0..4).for_each(|position| loader.done(position));
        assert_eq!(loader.next_position(), None);
        assert_eq!(loader.consume(), 4);
        assert_eq!(std::iter::from_fn(|| loader.next_position()).count(), 4);
    }

    #[test]
    fn order_holds_a_batch_back_and_lack_of_order_does_not() {
        for (ordered, ready) in [(true, false), (false, true)] {
            let mut loader = reading(TfDataSpec { ordered, ..SPEC }, 100);
            while loader.next_position().is_some() {}
            [1, 2, 3, 4].into_iter().for_each(|position| loader.done(position));
            assert_eq!(loader.batch_ready(), ready);
            assert_eq!(loader.held_by_order(), ordered);
            loader.done(0);
            assert!(loader.batch_ready());
            assert_eq!(loader.queued(), 5);
        }
    }

    /// 10 samples in batches of 4: the last batch has 2.
    #[test]
    fn the_last_batch_holds_what_is_left() {
        let mut loader = reading(SPEC, 10);
        let mut sizes = Vec::new();
        while sizes.iter().sum::<u64>() < 10 {
            while let Some(position) = loader.next_position() {
                loader.done(position);
            }
            sizes.push(loader.consume());
        }
        assert_eq!(sizes, [4, 4, 2]);
        assert!(!loader.batch_ready());
    }

    /// A shuffle buffer of 6 samples: the first batch of 4 needs 10 of them, the last ones need no more.
    #[test]
    fn a_shuffle_buffer_is_filled_before_the_first_batch() {
        let mut loader = reading(TfDataSpec { shuffle_buffer: 6, ..SPEC }, 12);
        (0..9).for_each(|_| {
            let position = loader.next_position().expect("room for prefetch and shuffle buffer");
            loader.done(position);
        });
        assert!(!loader.batch_ready());
        let position = loader.next_position().expect("room for the tenth sample");
        loader.done(position);
        assert!(loader.batch_ready());
        loader.consume();
        while let Some(position) = loader.next_position() {
            loader.done(position);
        }
        assert_eq!((loader.consume(), loader.consume()), (4, 4));
    }
}
