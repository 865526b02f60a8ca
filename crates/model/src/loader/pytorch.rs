//! The `pytorch` loader: each worker builds whole batches, and batches leave in order.
//!
//! Batch b belongs to worker b mod W. At most `prefetch-factor × W` batches are handed out beyond those consumed, as in
//! PyTorch's `DataLoader`, where every batch taken sends one more index to the next worker in turn. A worker's threads
//! share its current batch: a thread takes the next sample of it, and the worker goes on to its next batch when all
//! samples of this one have been taken. With no workers the training loop reads by itself: one reader, one batch at a
//! time, and only while the trainer waits for it.

use crate::fidelity::steps::Standing;

/// What a `pytorch` loader is made of.
#[derive(Debug, Clone, Copy)]
pub struct PyTorchSpec {
    /// Samples in a batch.
    pub batch: u64,
    /// Worker processes; 0 reads in the training loop.
    pub workers: u64,
    /// Batches handed out to each worker in advance.
    pub prefetch_factor: u64,
    /// Samples a worker reads at a time.
    pub threads_per_worker: u64,
}

impl PyTorchSpec {
    /// Readers of one rank: all threads of all workers.
    #[must_use]
    pub const fn readers(&self) -> u64 {
        self.builders() * self.threads_per_worker
    }

    /// Who builds batches: the workers, or the training loop itself.
    const fn builders(&self) -> u64 {
        if self.workers == 0 { 1 } else { self.workers }
    }

    const fn in_flight(&self) -> u64 {
        if self.workers == 0 { 1 } else { self.workers * self.prefetch_factor }
    }
}

/// The batch a worker builds, and how many of its samples have been taken.
#[derive(Debug, Clone, Copy)]
struct Building {
    batch: u64,
    taken: u64,
}

/// The `pytorch` loader of one rank.
#[derive(Debug, Clone)]
pub struct PyTorch {
    spec: PyTorchSpec,
    workers: Box<[Building]>,
    /// Samples still missing from each batch in flight: a ring by batch number.
    missing: Box<[u64]>,
    samples: u64,
    batches: u64,
    consumed: u64,
    /// Batches in flight that are complete, in order or not.
    complete: u64,
    arrived: u64,
    /// Batches the training loop has asked for, where it reads by itself.
    demanded: u64,
}

impl PyTorch {
    /// An idle loader; an epoch has to begin before it reads.
    #[must_use]
    pub fn new(spec: PyTorchSpec) -> Self {
        let workers = vec![Building { batch: 0, taken: 0 }; spec.builders() as usize].into_boxed_slice();
        let missing = vec![0; spec.in_flight().next_power_of_two() as usize].into_boxed_slice();
        Self {
            spec,
            workers,
            missing,
            samples: 0,
            batches: 0,
            consumed: 0,
            complete: 0,
            arrived: 0,
            demanded: 0,
        }
    }

    /// Begins an epoch of `samples` samples.
    pub fn begin_epoch(&mut self, samples: u64) {
        self.samples = samples;
        self.batches = samples.div_ceil(self.spec.batch);
        (self.consumed, self.complete, self.arrived, self.demanded) = (0, 0, 0, 0);
        for (worker, building) in self.workers.iter_mut().enumerate() {
            *building = Building { batch: worker as u64, taken: 0 };
        }
        for batch in 0..self.spec.in_flight().min(self.batches) {
            self.open(batch);
        }
    }

    /// Whether a reader's worker has a batch to build.
    #[must_use]
    pub fn has_next(&self, reader: u32) -> bool {
        self.workers[self.worker(reader)].batch < self.handed_out()
    }

    fn worker(&self, reader: u32) -> usize {
        // A division at every sample is worth avoiding.
        if self.spec.threads_per_worker == 1 {
            return reader as usize;
        }
        (u64::from(reader) / self.spec.threads_per_worker) as usize
    }

    /// The next position for a reader, if its worker has a batch to build.
    pub fn next_position(&mut self, reader: u32) -> Option<u64> {
        let worker = self.worker(reader);
        let Building { batch, taken } = self.workers[worker];
        if batch >= self.handed_out() {
            return None;
        }
        let last = taken + 1 == self.size(batch);
        self.workers[worker] = if last {
            Building { batch: batch + self.spec.builders(), taken: 0 }
        } else {
            Building { batch, taken: taken + 1 }
        };
        Some(batch * self.spec.batch + taken)
    }

    /// The sample at `position` has arrived.
    pub fn done(&mut self, position: u64) {
        self.arrived += 1;
        let slot = self.slot(position / self.spec.batch);
        self.missing[slot] -= 1;
        self.complete += u64::from(self.missing[slot] == 0);
    }

    /// Whether the next batch in order is complete.
    #[must_use]
    pub fn batch_ready(&self) -> bool {
        self.consumed < self.handed_out() && self.missing[self.slot(self.consumed)] == 0
    }

    /// Whether order alone holds the next batch back: all others in flight are complete, and more could be read.
    #[must_use]
    pub fn held_by_order(&self) -> bool {
        let in_flight = self.handed_out() - self.consumed;
        in_flight > 1
            && self.complete + 1 == in_flight
            && !self.batch_ready()
            && self.handed_out() < self.batches
    }

    /// Takes the next batch in order.
    ///
    /// # Panics
    ///
    /// If it is not complete.
    pub fn consume(&mut self) -> u64 {
        assert!(self.batch_ready(), "a batch is only taken when it is complete");
        let size = self.size(self.consumed);
        self.consumed += 1;
        self.complete -= 1;
        self.arrived -= size;
        let opened = self.consumed + self.spec.in_flight() - 1;
        if opened < self.batches {
            self.open(opened);
        }
        size
    }

    /// The trainer waits: without workers, only now may the next batch be read.
    pub fn demand(&mut self) {
        self.demanded = self.consumed + 1;
    }

    /// Samples that have arrived and wait.
    #[must_use]
    pub const fn queued(&self) -> u64 {
        self.arrived
    }

    /// The first batch of each worker that is not complete: begun, or next in turn.
    #[must_use]
    pub fn standings(&self) -> Vec<Standing> {
        let of_worker = |worker: u64| {
            let builders = self.spec.builders();
            let turns = (self.consumed + builders - 1 - worker) / builders;
            let mut batch = worker + turns * builders;
            while batch < self.handed_out() && self.missing[self.slot(batch)] == 0 {
                batch += builders;
            }
            let begun = batch < self.handed_out();
            Standing { batch, missing: begun.then(|| self.missing[self.slot(batch)]) }
        };
        (0..self.spec.builders()).map(of_worker).collect()
    }

    /// Batches handed out so far.
    fn handed_out(&self) -> u64 {
        let allowed =
            if self.spec.workers == 0 { self.demanded } else { self.consumed + self.spec.in_flight() };
        allowed.min(self.batches)
    }

    fn size(&self, batch: u64) -> u64 {
        self.spec.batch.min(self.samples - batch * self.spec.batch)
    }

    fn open(&mut self, batch: u64) {
        let slot = self.slot(batch);
        self.missing[slot] = self.size(batch);
    }

    fn slot(&self, batch: u64) -> usize {
        batch as usize & (self.missing.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: PyTorchSpec = PyTorchSpec { batch: 2, workers: 3, prefetch_factor: 2, threads_per_worker: 1 };

    fn reading(spec: PyTorchSpec, samples: u64) -> PyTorch {
        let mut loader = PyTorch::new(spec);
        loader.begin_epoch(samples);
        loader
    }

    /// Worker 1 of 3 builds batches 1 and 4 of two samples: positions 2, 3, 8 and 9, then it waits.
    #[test]
    fn a_worker_builds_every_third_batch_up_to_the_prefetch_limit() {
        let mut loader = reading(SPEC, 100);
        assert_eq!(std::iter::from_fn(|| loader.next_position(1)).collect::<Vec<_>>(), [2, 3, 8, 9]);
    }

    #[test]
    fn a_slow_worker_holds_back_the_batches_behind_it() {
        let mut loader = reading(SPEC, 100);
        [1, 2].into_iter().for_each(|worker| while loader.next_position(worker).is_some() {});
        (2..6).for_each(|position| loader.done(position));
        (8..12).for_each(|position| loader.done(position));
        assert!(!loader.batch_ready());
        assert!(!loader.held_by_order(), "worker 0 still builds batches 0 and 3");
        (6..8).for_each(|position| loader.done(position));
        assert!(loader.held_by_order(), "batches 1 to 5 are complete, batch 0 is not");
        (0..2).for_each(|position| loader.done(position));
        assert!(loader.batch_ready() && !loader.held_by_order());
        assert_eq!(loader.queued(), 12);
    }

    /// Six batches may be out; taking batch 0 hands out batch 6, which is worker 0's third.
    #[test]
    fn taking_a_batch_hands_out_one_more() {
        let mut loader = reading(SPEC, 100);
        assert_eq!(std::iter::from_fn(|| loader.next_position(0)).collect::<Vec<_>>(), [0, 1, 6, 7]);
        loader.done(0);
        loader.done(1);
        assert_eq!(loader.consume(), 2);
        assert_eq!(loader.next_position(0), Some(12));
        assert_eq!(loader.next_position(1), Some(2), "worker 1 still has its own batches");
    }

    #[test]
    fn threads_of_a_worker_share_its_batch() {
        let mut loader = reading(PyTorchSpec { threads_per_worker: 2, batch: 4, ..SPEC }, 100);
        assert_eq!(
            [
                loader.next_position(0),
                loader.next_position(1),
                loader.next_position(0),
                loader.next_position(1)
            ],
            [0, 1, 2, 3].map(Some)
        );
        assert_eq!(loader.next_position(2), Some(4), "reader 2 is the first thread of worker 1");
    }

    #[test]
    fn without_workers_nothing_is_read_before_it_is_asked_for() {
        let mut loader = reading(PyTorchSpec { workers: 0, ..SPEC }, 6);
        assert_eq!(loader.next_position(0), None);
        for first in [0, 2, 4] {
            loader.demand();
            assert_eq!(
                [loader.next_position(0), loader.next_position(0), loader.next_position(0)],
                [Some(first), Some(first + 1), None]
            );
            loader.done(first);
            loader.done(first + 1);
            assert_eq!(loader.consume(), 2);
        }
        loader.demand();
        assert_eq!(loader.next_position(0), None);
    }

    /// Five samples in batches of two: the last batch has one sample and is complete with it.
    #[test]
    fn a_short_last_batch_completes() {
        let mut loader = reading(SPEC, 5);
        assert_eq!([loader.next_position(2), loader.next_position(2)], [Some(4), None]);
        (0..5).for_each(|position| loader.done(position));
        assert_eq!([loader.consume(), loader.consume(), loader.consume()], [2, 2, 1]);
    }

    /// Three workers, two batches each in flight: worker 0 has built batch 0, worker 1 half of batch 1, worker 2 nothing.
    #[test]
    fn standings_tell_each_workers_batch() {
        let mut loader = PyTorch::new(SPEC);
        loader.begin_epoch(20);
        let position = loader.next_position(0).expect("batch 0 is handed out");
        loader.done(position);
        let position = loader.next_position(0).expect("batch 0 has two samples");
        loader.done(position);
        let position = loader.next_position(1).expect("batch 1 is handed out");
        loader.done(position);
        let told: Vec<_> = loader.standings().iter().map(|one| (one.batch, one.missing)).collect();
        assert_eq!(told, [(3, Some(2)), (1, Some(1)), (2, Some(2))]);
        loader.consume();
        let told: Vec<_> = loader.standings().iter().map(|one| (one.batch, one.missing)).collect();
        assert_eq!(told, [(3, Some(2)), (1, Some(1)), (2, Some(2))]);
    }
}
