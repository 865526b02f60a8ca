//! A sweep: every point of a grid, replicated, on all cores, so that nothing that was computed is ever lost.
//!
//! [`run`] takes the points in grid order and appends a row a run to a [`Journal`]. [`Kept`] finds the rows of all
//! journals of a folder again by content: by the [`Key`] of a point, which is the digest of what is simulated, and the
//! replication. So a sweep that was cut off goes on where it stopped, a grid that grows keeps its old points, and
//! [`Shard`]s on several machines need nothing but a folder. [`join`] reads the journals in grid order and writes
//! `points.csv` and `summary.csv`.
//!
//! At no time does memory hold more than the points under way: the journal is on disk, and so is the index into it.

mod index;
mod join;
mod journal;
mod kept;
mod of_scenario;
mod row;
mod rule;
mod runner;
mod shard;
mod tables;

use std::{fmt, io, path::PathBuf, str::FromStr};

use ingestsim_model::outcome::Summary;
use thiserror::Error;

pub use join::{Joined, join};
pub use journal::Journal;
pub use kept::Kept;
pub use of_scenario::{Checked, ScenarioGrid};
pub use row::Row;
pub use rule::Rule;
pub use runner::{Order, Tally, Unwatched, Watch, run};
pub use shard::{Shard, ShardError};
pub use tables::{Tables, points_columns, summary_columns};

/// What a sweep runs: points in an order, each loaded, built and simulated on its own.
///
/// Each step costs more than the one before, and is only taken where it is needed: a point whose runs are all kept is
/// loaded and no more.
pub trait Grid: Sync {
    /// A point whose key is known.
    type Loaded: Send;
    /// A point ready to run.
    type Plan: Send + Sync;

    /// The name of the scenario that is swept.
    fn scenario(&self) -> &str;

    /// The swept columns, each named with its unit.
    fn columns(&self) -> Vec<String>;

    /// How many points there are.
    fn points(&self) -> u64;

    /// What sets a point apart.
    fn label(&self, point: u64) -> Label;

    /// Reads a point.
    ///
    /// # Errors
    ///
    /// If its values do not go together.
    fn load(&self, point: u64) -> Result<(Key, Self::Loaded), String>;

    /// Makes a point ready to run.
    ///
    /// # Errors
    ///
    /// If its figures contradict each other.
    fn build(&self, loaded: Self::Loaded) -> Result<Self::Plan, String>;

    /// Runs a point once.
    ///
    /// # Errors
    ///
    /// If the run broke a law of the model.
    fn simulate(&self, plan: &Self::Plan, replication: u32) -> Result<Measured, String>;
}

/// What sets a point apart from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The profile.
    pub storage: String,
    /// A text for each swept column; empty where the key does not vary on the profile.
    pub cells: Vec<String>,
}

impl Label {
    /// The label in one line: `stream dataset.file-size_bytes=37500`.
    #[must_use]
    pub fn line(&self, columns: &[String]) -> String {
        let swept = self.swept(columns);
        if swept.is_empty() { self.storage.clone() } else { format!("{} {swept}", self.storage) }
    }

    /// The swept values alone, those that are there.
    fn swept(&self, columns: &[String]) -> String {
        let pairs = columns.iter().zip(&self.cells).filter(|(_, cell)| !cell.is_empty());
        pairs.map(|(column, cell)| format!("{column}={cell}")).collect::<Vec<_>>().join(" ")
    }
}

/// The digest of what is simulated: of the resolved scenario with this point alone, its seed, and the version.
///
/// 64 bits, so that two of a million points share one with a chance of 3e-8. Prints as 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u64);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Key {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// What is kept of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The figures in the order of [`Summary::NAMES`].
    pub figures: [Option<f64>; Summary::COUNT],
    /// How it was simulated: `exact`, or what was left out.
    pub fidelity: String,
    /// The relative error of the loop's length as the run estimates it; none where every sample was simulated.
    pub fidelity_error: Option<f64>,
    /// Timed events.
    pub events: u64,
    /// Digest over every event's time and place.
    pub history: u64,
}

/// A point that came to no result, or to fewer than it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedPoint {
    /// Its number in grid order.
    pub point: u64,
    /// What sets it apart, in a line.
    pub label: String,
    /// Why, in a line.
    pub error: String,
}

/// Why a sweep could not go on.
#[derive(Debug, Error)]
pub enum SweepError {
    /// Another process writes to the journal.
    #[error("{path} is being written by another process", path = path.display())]
    Locked {
        /// The journal.
        path: PathBuf,
    },
    /// The journal's columns are not those of this version.
    #[error(
        "{path} has other columns than this version writes; move it away, or choose another folder",
        path = path.display()
    )]
    Columns {
        /// The journal.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {path}", path = path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {path}", path = path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The threads could not be started.
    #[error("cannot start {threads} threads")]
    Threads {
        /// How many.
        threads: usize,
        /// What rayon says.
        source: rayon::ThreadPoolBuildError,
    },
}

impl SweepError {
    fn read(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |source| Self::Read { path, source }
    }

    fn write(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |source| Self::Write { path, source }
    }
}

/// A pool of so many threads; one a core if there are to be 0.
fn pool(threads: usize) -> Result<rayon::ThreadPool, SweepError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|source| SweepError::Threads { threads, source })
}

/// What `attempt` comes to; a panic in it is an error like any other.
fn caught<T>(attempt: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    // Whatever a panic leaves half-done belongs to its own point, and goes with it.
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(attempt));
    done.unwrap_or_else(|payload| {
        let message = crate::replicate::message_of(payload.as_ref());
        Err(format!("the simulator has a fault: {message}"))
    })
}
