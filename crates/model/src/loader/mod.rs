//! Loaders: who reads the next sample, and when a batch is complete.
//!
//! A loader belongs to one rank. It knows positions in the rank's epoch and nothing of files or time: the world asks it
//! for the next position of an idle reader, tells it what has arrived, and takes batches from it.

pub mod pytorch;
pub mod tf_data;

use crate::fidelity::steps::Standing;
pub use pytorch::PyTorch;
pub use tf_data::TfData;

/// The loader of one rank.
#[derive(Debug, Clone)]
pub enum Loader {
    /// A batch per worker, handed over in order.
    PyTorch(PyTorch),
    /// Parallel reads of samples across batches.
    TfData(TfData),
}

impl Loader {
    /// Begins an epoch in which the rank consumes `samples` samples in batches.
    pub fn begin_epoch(&mut self, samples: u64) {
        match self {
            Self::PyTorch(loader) => loader.begin_epoch(samples),
            Self::TfData(loader) => loader.begin_epoch(samples),
        }
    }

    /// Whether the idle reader `reader` of this rank has something to read now.
    #[inline]
    #[must_use]
    pub fn has_next(&self, reader: u32) -> bool {
        match self {
            Self::PyTorch(loader) => loader.has_next(reader),
            Self::TfData(loader) => loader.has_next(),
        }
    }

    /// The position that the idle reader `reader` of this rank shall read now; `None` if it has to wait.
    #[inline]
    pub fn next_position(&mut self, reader: u32) -> Option<u64> {
        match self {
            Self::PyTorch(loader) => loader.next_position(reader),
            Self::TfData(loader) => loader.next_position(),
        }
    }

    /// The sample at `position` is read and decoded.
    #[inline]
    pub fn done(&mut self, position: u64) {
        match self {
            Self::PyTorch(loader) => loader.done(position),
            Self::TfData(loader) => loader.done(position),
        }
    }

    /// Whether the next batch can be handed over.
    #[inline]
    #[must_use]
    pub fn batch_ready(&self) -> bool {
        match self {
            Self::PyTorch(loader) => loader.batch_ready(),
            Self::TfData(loader) => loader.batch_ready(),
        }
    }

    /// Whether order alone holds the next batch back: a later one is complete, and nothing more may be read before this
    /// one leaves.
    #[inline]
    #[must_use]
    pub fn held_by_order(&self) -> bool {
        match self {
            Self::PyTorch(loader) => loader.held_by_order(),
            Self::TfData(loader) => loader.held_by_order(),
        }
    }

    /// Takes the next batch; how many samples it has.
    ///
    /// # Panics
    ///
    /// If no batch is ready.
    pub fn consume(&mut self) -> u64 {
        match self {
            Self::PyTorch(loader) => loader.consume(),
            Self::TfData(loader) => loader.consume(),
        }
    }

    /// The trainer waits for its next batch: matters where the training loop itself reads.
    pub fn demand(&mut self) {
        if let Self::PyTorch(loader) = self {
            loader.demand();
        }
    }

    /// The batch that each of its crews is on, worker by worker: see [`Standing`].
    #[must_use]
    pub fn standings(&self) -> Vec<Standing> {
        match self {
            Self::PyTorch(loader) => loader.standings(),
            Self::TfData(loader) => vec![loader.standing()],
        }
    }

    /// Samples read and not yet consumed.
    #[must_use]
    pub fn queued(&self) -> u64 {
        match self {
            Self::PyTorch(loader) => loader.queued(),
            Self::TfData(loader) => loader.queued(),
        }
    }
}
