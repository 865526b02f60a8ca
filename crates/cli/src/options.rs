//! The options that several commands share.

use std::{ops::RangeInclusive, path::PathBuf, str::FromStr};

use clap::{Args, ValueEnum};
use ingestsim_scenario::{Set, schema::sweep::REPLICATIONS_MAX};

/// How many replications there may be: of each all rows are held until the end.
pub(crate) const REPLICATIONS: RangeInclusive<u64> = 1..=REPLICATIONS_MAX as u64;

/// Which scenario, and what is set over it.
#[derive(Debug, Clone, Args)]
pub(crate) struct ScenarioOptions {
    /// Sets one key of the scenario, such as job.epochs=3; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) sets: Vec<String>,
    /// The seed of all random draws, instead of the scenario's
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    pub(crate) seed: Option<u64>,
    #[command(flatten)]
    pub(crate) catalog: CatalogOptions,
    /// What options of one command set.
    #[arg(skip)]
    pub(crate) flags: Vec<Set>,
}

/// A seed, or what one is.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

/// Which catalog.
#[derive(Debug, Clone, Args)]
pub(crate) struct CatalogOptions {
    /// A catalog file whose figures replace or extend the built-in ones
    #[arg(long, value_name = "FILE")]
    pub(crate) catalog: Option<PathBuf>,
}

/// How to run.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunOptions {
    /// Threads to run on; without it one a core
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// How closely to simulate
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) fidelity: Fidelity,
}

/// Whether to hold a fast answer against an exact one.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct CheckOptions {
    /// Simulates the first two million samples both exactly and as the answer was, and reports how far loop, GPU
    /// utilisation and first batch are apart
    #[arg(long)]
    pub(crate) check_fidelity: bool,
}

/// On how many threads to run.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ThreadOptions {
    /// Threads to run on; without it one a core
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
}

impl ThreadOptions {
    /// The number for the runner: 0 is one a core.
    pub(crate) fn threads(self) -> usize {
        usize::from(self.threads.unwrap_or(0))
    }
}

/// What to leave, and what to say.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutputOptions {
    /// Where results folders go
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(crate) out: PathBuf,
    /// The format of the tables in it: csv, or parquet for both side by side
    #[arg(long, default_value = "csv")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) say: SayOptions,
}

/// What to say.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct SayOptions {
    /// One JSON document on standard output instead of text
    #[arg(long)]
    pub(crate) json: bool,
    /// Neither tables nor messages, only errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// How closely to simulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fidelity {
    /// Every sample
    Exact,
    /// First batches exactly, then one draw a batch; or some of the steps. No epoch twice. With its own error estimate,
    /// and exact where that is large
    Fast,
    /// Closed forms and no chance, in milliseconds; a first look, with its own error estimate
    Bound,
    /// Exact up to a million samples a profile, else fast
    Auto,
}

impl From<Fidelity> for ingestsim_model::Fidelity {
    fn from(written: Fidelity) -> Self {
        match written {
            Fidelity::Exact => Self::Exact,
            Fidelity::Fast => Self::Fast,
            Fidelity::Bound => Self::Bound,
            Fidelity::Auto => Self::Auto,
        }
    }
}

/// The format of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text with commas.
    Csv,
    /// The same, and each table as Parquet beside it: what draws charts and resumes sweeps reads the text.
    Parquet,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "csv" => Ok(Self::Csv),
            "parquet" if cfg!(feature = "parquet") => Ok(Self::Parquet),
            "parquet" => Err("this program was built without the feature parquet; \
                              build it with cargo build --release -p ingestsim-cli --features parquet"
                .to_owned()),
            _ => Err("expected csv or parquet".to_owned()),
        }
    }
}
