//! A run read back from its folder, as far as its charts need it.
//!
//! The tables hold means over the replications, so what is read back has one replication: the mean one.

use std::path::{Path, PathBuf};

use ingestsim_model::{
    Outcome,
    cause::Cause,
    outcome::{StallRow, Summary, TimelineRow, TrialRow},
};
use ingestsim_sweep::{Candidate, Estimate, Figures, ProfileResult, Simulate, Study};
use thiserror::Error;

/// Why a run cannot be read back.
#[derive(Debug, Error)]
pub enum RedrawError {
    /// A file is not there, or no CSV.
    #[error("cannot read {path}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: csv::Error,
    },
    /// A file is not what a run leaves.
    #[error("{path} has no {what}", path = path.display())]
    Lacks {
        /// The file.
        path: PathBuf,
        /// A column, a row or a value.
        what: String,
    },
}

/// The profiles that a run's summary is about.
///
/// # Errors
///
/// If there is no such summary.
pub fn storages(folder: &Path) -> Result<Vec<String>, RedrawError> {
    let summary = Table::read(folder, "summary.csv")?;
    summary.rows(None).map(|row| row.text("storage").map(str::to_owned)).collect()
}

/// The run of these candidates. Its name and its setting are left to be said.
///
/// # Errors
///
/// If the folder is not that of such a run.
pub fn study<P: Simulate>(folder: &Path, candidates: &[Candidate<P>]) -> Result<Study, RedrawError> {
    let tables = Tables {
        summary: Table::read(folder, "summary.csv")?,
        stalls: Table::read(folder, "stalls.csv")?,
        timeline: Table::read(folder, "timeline.csv")?,
        trials: if folder.join("trials.csv").exists() {
            Some(Table::read(folder, "trials.csv")?)
        } else {
            None
        },
    };
    let profiles = candidates.iter().map(|candidate| tables.profile(candidate));
    let first = tables.summary.rows(None).next();
    let replications = first.map(|row| row.number("replications")).transpose()?;
    Ok(Study {
        scenario: String::new(),
        description: String::new(),
        setting: String::new(),
        digest: String::new(),
        seed: 0,
        replications: replications.unwrap_or_default() as u64,
        profiles: profiles.collect::<Result<_, _>>()?,
    })
}

struct Tables {
    summary: Table,
    stalls: Table,
    timeline: Table,
    trials: Option<Table>,
}

impl Tables {
    fn profile<P: Simulate>(&self, candidate: &Candidate<P>) -> Result<ProfileResult, RedrawError> {
        let storage = candidate.storage.as_str();
        let summary = self.summary.rows(Some(storage)).next();
        let summary = summary.ok_or_else(|| self.summary.lacks(&format!("row of {storage}")))?;
        let mut figures = Vec::with_capacity(Summary::COUNT);
        for name in Summary::NAMES {
            let ci95 = summary.maybe(&format!("{name}_ci95"))?;
            figures.push(Estimate { mean: summary.maybe(name)?, ci95 });
        }
        let mut figures = figures.into_iter();
        let outcome = Outcome {
            storage: storage.to_owned(),
            replication: 0,
            summary: Summary { loop_s: summary.number("loop_s")?, ..Summary::default() },
            epochs: Vec::new(),
            stalls: self.stalls.rows(Some(storage)).map(stall).collect::<Result<_, _>>()?,
            costs: Vec::new(),
            timeline: self.timeline.rows(Some(storage)).map(bin).collect::<Result<_, _>>()?,
            latency: Vec::new(),
            tiers: Vec::new(),
            trials: self.trials(storage, summary.number("replications")?)?,
            notes: Vec::new(),
            fidelity: String::new(),
            fidelity_error: None,
            fidelity_check: None,
            events: 0,
            history: 0,
        };
        Ok(ProfileResult {
            storage: storage.to_owned(),
            kind: candidate.kind,
            ranks: candidate.plan.ranks(),
            outcomes: vec![outcome],
            summary: Figures::from_fn(|_| figures.next().unwrap_or_default()),
            wall_s: 0.0,
            events: 0,
        })
    }

    /// The trials of all replications, each as long as its share of the mean replication.
    fn trials(&self, storage: &str, replications: f64) -> Result<Vec<TrialRow>, RedrawError> {
        let trial = |row: Row| {
            Ok(TrialRow {
                trial: row.number("trial")? as u32,
                submitted_s: row.number("submitted_s")?,
                time_to_first_batch_s: row.number("time_to_first_batch_s")?,
                loop_s: row.number("loop_s")? / replications,
                ended_s: row.number("ended_s")?,
                gpu_utilisation: row.number("gpu_utilisation")?,
            })
        };
        self.trials.iter().flat_map(|trials| trials.rows(Some(storage))).map(trial).collect()
    }
}

fn stall(row: Row) -> Result<StallRow, RedrawError> {
    let name = row.text("cause")?;
    let cause = Cause::ALL.into_iter().find(|cause| cause.name() == name);
    let cause = cause.ok_or_else(|| row.table.lacks(&format!("cause that is called {name:?}")))?;
    Ok(StallRow {
        epoch: row.number("epoch")? as u32,
        cause: cause.name(),
        own_s: row.number("own_s")?,
        through_barrier_s: row.number("through_barrier_s")?,
    })
}

fn bin(row: Row) -> Result<TimelineRow, RedrawError> {
    Ok(TimelineRow {
        t_s: row.number("t_s")?,
        gpu_utilisation: row.number("gpu_utilisation")?,
        bytes_per_s: row.number("bytes_per_s")?,
        samples_per_s: row.number("samples_per_s")?,
        queue_depth: row.number("queue_depth")?,
        credits_bytes: row.maybe("credits_bytes")?,
    })
}

/// A table of a run.
struct Table {
    path: PathBuf,
    header: csv::StringRecord,
    records: Vec<csv::StringRecord>,
}

/// A row of a table.
#[derive(Clone, Copy)]
struct Row<'a> {
    table: &'a Table,
    record: &'a csv::StringRecord,
}

impl Table {
    fn read(folder: &Path, name: &str) -> Result<Self, RedrawError> {
        let path = folder.join(name);
        let failed = |source| RedrawError::Read { path: path.clone(), source };
        let mut reader = csv::Reader::from_path(&path).map_err(failed)?;
        let header = reader.headers().map_err(failed)?.clone();
        let records = reader.records().collect::<Result<_, _>>().map_err(failed)?;
        Ok(Self { header, records, path })
    }

    /// The rows of a profile, or all.
    fn rows<'a>(&'a self, storage: Option<&'a str>) -> impl Iterator<Item = Row<'a>> {
        let rows = self.records.iter().map(|record| Row { table: self, record });
        rows.filter(move |row| storage.is_none_or(|name| row.text("storage").is_ok_and(|text| text == name)))
    }

    fn lacks(&self, what: &str) -> RedrawError {
        RedrawError::Lacks { path: self.path.clone(), what: what.to_owned() }
    }
}

impl<'a> Row<'a> {
    fn text(self, column: &str) -> Result<&'a str, RedrawError> {
        let at = self.table.header.iter().position(|name| name == column);
        let text = at.and_then(|at| self.record.get(at));
        text.ok_or_else(|| self.table.lacks(&format!("column {column}")))
    }

    /// A value that may be missing.
    fn maybe(self, column: &str) -> Result<Option<f64>, RedrawError> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse().map_err(|_| self.table.lacks(&format!("number in {column}, but {text:?}")));
        number.map(Some)
    }

    fn number(self, column: &str) -> Result<f64, RedrawError> {
        self.maybe(column)?.ok_or_else(|| self.table.lacks(&format!("value in {column}")))
    }
}
