//! The data set: how many files and samples, and how large each file is.
//!
//! A file's size is a keyed draw of its number, so nothing is kept per file.

use ingestsim_des::draw::{Draws, QuantileTable, Stream};

/// The files of a data set.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Samples in all files together.
    pub samples: u64,
    /// Records in one file; the last file may hold fewer.
    pub samples_per_file: u64,
    /// Sizes of whole files, in bytes.
    pub sizes: QuantileTable,
    /// The mean size of a whole file in bytes.
    pub size_mean: f64,
}

impl Dataset {
    /// How many files there are.
    #[must_use]
    pub const fn files(&self) -> u64 {
        self.samples.div_ceil(self.samples_per_file)
    }

    /// How many samples file number `file` holds.
    #[must_use]
    pub fn samples_in(&self, file: u64) -> u64 {
        self.samples_per_file.min(self.samples - file * self.samples_per_file)
    }

    /// The expected number of bytes of the whole set: files × mean size, the last one in proportion to what it holds.
    #[must_use]
    pub fn bytes_mean(&self) -> f64 {
        self.samples as f64 / self.samples_per_file as f64 * self.size_mean
    }

    /// The expected number of bytes of one sample.
    #[must_use]
    pub fn sample_bytes_mean(&self) -> f64 {
        self.size_mean / self.samples_per_file as f64
    }
}

/// Looks up file sizes for one replication.
#[derive(Debug, Clone)]
pub struct Sizes {
    dataset: Dataset,
    luck: Stream,
    /// Whether a unit of reading is one record of a shard and not a whole file.
    by_record: bool,
}

impl Sizes {
    /// The sizes of `dataset` under `draws`, where `units` units are read: its files, or its samples one by one.
    #[must_use]
    pub fn new(dataset: &Dataset, units: u64, draws: &Draws) -> Self {
        Self {
            dataset: dataset.clone(),
            luck: draws.of("dataset/file-size"),
            by_record: units != dataset.files(),
        }
    }

    /// The file that a unit of reading lies in.
    #[inline]
    #[must_use]
    pub const fn file_of(&self, unit: u64) -> u64 {
        if self.by_record { unit / self.dataset.samples_per_file } else { unit }
    }

    /// The size of a unit of reading in bytes.
    #[inline(always)]
    #[must_use]
    pub fn unit(&self, unit: u64) -> u64 {
        if !self.by_record {
            return self.file(unit);
        }
        self.record(unit / self.dataset.samples_per_file, unit % self.dataset.samples_per_file)
    }

    /// The size of a file in bytes, at least one.
    #[inline(always)]
    #[must_use]
    pub fn file(&self, file: u64) -> u64 {
        let whole = self.dataset.sizes.sample(self.luck.at(file, 0)).max(1);
        if self.dataset.samples_per_file == 1 { whole } else { self.part_of(whole, file) }
    }

    /// What a file weighs that would be `whole` if it held all its samples.
    fn part_of(&self, whole: u64, file: u64) -> u64 {
        let held = self.dataset.samples_in(file);
        let share = u128::from(whole) * u128::from(held) / u128::from(self.dataset.samples_per_file);
        u64::try_from(share).expect("a share of a u64 fits one").max(1)
    }

    /// The size in bytes of record `record` of a file: equal shares, the remainder spread over the first records.
    #[must_use]
    pub fn record(&self, file: u64, record: u64) -> u64 {
        let held = self.dataset.samples_in(file);
        let size = self.file(file);
        size / held + u64::from(record < size % held)
    }
}
