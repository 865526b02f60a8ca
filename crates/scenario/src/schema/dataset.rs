//! `[dataset]`: what is read.

use ingestsim_units::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::spread::Spread;

/// The data set: how many files of which size, and how samples lie in them.
///
/// Exactly one of `files`, `samples` and `total-size` says how large it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Dataset {
    /// The number of files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    /// The number of samples; the last file may be partly filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// The size of all files together; the number of files is this over the mean size, rounded to nearest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_size: Option<Bytes>,
    /// The size of a file, with all the samples in it.
    pub file_size: Spread<Bytes>,
    /// Samples (records) per file: 1 for a file a sample, more for shards.
    #[serde(default = "samples_per_file")]
    pub samples_per_file: u64,
    /// The random share of the data set that an epoch reads, above 0 and at most 1.
    #[serde(default = "fraction_per_epoch")]
    pub fraction_per_epoch: f64,
    /// The size of one read-ahead request into a shard.
    #[serde(default = "read_size")]
    pub read_size: Bytes,
    /// Shards that one reader keeps open, each read ahead on its own; it takes their records in turn.
    #[serde(default = "open_shards")]
    pub open_shards: u32,
}

/// How the size of a data set is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// So many files.
    Files(u64),
    /// So many samples.
    Samples(u64),
    /// Files of this size together.
    TotalSize(Bytes),
}

impl Dataset {
    /// How the scenario states the size; the checks have made sure that there is exactly one statement.
    ///
    /// # Panics
    ///
    /// If none is given: the data set has not been checked.
    #[must_use]
    pub fn extent(&self) -> Extent {
        let files = self.files.map(Extent::Files);
        files
            .or_else(|| self.samples.map(Extent::Samples))
            .or_else(|| self.total_size.map(Extent::TotalSize))
            .expect("a checked data set states its size")
    }

    /// The number of files, the last one possibly in part filled; a data set by `total-size` has at least one.
    ///
    /// # Panics
    ///
    /// If the size is not stated: the data set has not been checked.
    #[must_use]
    pub fn file_count(&self) -> u64 {
        match self.extent() {
            Extent::Files(files) => files,
            Extent::Samples(samples) => samples.div_ceil(self.samples_per_file),
            Extent::TotalSize(size) => ((size.as_f64() / self.file_size.mean_f64()).round() as u64).max(1),
        }
    }

    /// The number of samples.
    ///
    /// # Panics
    ///
    /// If the size is not stated: the data set has not been checked.
    #[must_use]
    pub fn sample_count(&self) -> u64 {
        match self.extent() {
            Extent::Samples(samples) => samples,
            Extent::Files(_) | Extent::TotalSize(_) => {
                self.file_count().saturating_mul(self.samples_per_file)
            }
        }
    }

    /// The number of samples that an epoch reads: `fraction-per-epoch` of all, rounded to nearest, at least one.
    ///
    /// # Panics
    ///
    /// If the size is not stated: the data set has not been checked.
    #[must_use]
    pub fn samples_per_epoch(&self) -> u64 {
        let samples = self.sample_count();
        if self.fraction_per_epoch < 1.0 {
            ((samples as f64 * self.fraction_per_epoch).round() as u64).max(1)
        } else {
            samples
        }
    }
}

/// A file a sample: what an image folder is.
const fn samples_per_file() -> u64 {
    1
}

/// An epoch reads everything once, which is what the word means.
const fn fraction_per_epoch() -> f64 {
    1.0
}

/// TensorFlow's `TFRecordDataset` reads through a buffer of 256 kB where none is given.
const fn read_size() -> Bytes {
    Bytes::new(256_000)
}

/// A reader streams one shard at a time: several at once are what several readers are for.
const fn open_shards() -> u32 {
    1
}
