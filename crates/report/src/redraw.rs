//! A run read back from its folder, as far as its charts and its report need it.
//!
//! What the tables hold as a mean over the replications is the same in each replication that is read back.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ingestsim_model::{
    Outcome,
    cause::Cause,
    outcome::{CostRow, EpochRow, StallRow, Summary, TimelineRow, TrialRow},
};
use ingestsim_sweep::{Candidate, Estimate, Figures, ProfileResult, Simulate, Study};
use serde_json::Value;
use thiserror::Error;

use crate::{facts, failed::FailedProfile};

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
        epochs: Table::read(folder, "epochs.csv")?,
        stalls: Table::read(folder, "stalls.csv")?,
        costs: Table::read(folder, "costs.csv")?,
        timeline: Table::read(folder, "timeline.csv")?,
        trials: if folder.join("trials.csv").exists() {
            Some(Table::read(folder, "trials.csv")?)
        } else {
            None
        },
        provenance: provenance(folder).unwrap_or_default(),
    };
    let profiles = candidates.iter().map(|candidate| tables.profile(candidate));
    let first = tables.summary.rows(None).next();
    let replications = first.map(|row| row.number("replications")).transpose()?;
    let said = |key: &str| tables.provenance[key].as_str().unwrap_or_default().to_owned();
    Ok(Study {
        scenario: String::new(),
        description: String::new(),
        setting: String::new(),
        digest: said("scenario_digest"),
        seed: tables.provenance["seed"].as_u64().unwrap_or_default(),
        replications: replications.unwrap_or_default() as u64,
        profiles: profiles.collect::<Result<_, _>>()?,
    })
}

/// Whether the folder holds all that a report tells: it does since notes are kept with the provenance.
#[must_use]
pub fn can_report(folder: &Path) -> bool {
    provenance(folder).is_some_and(|provenance| provenance["notes"].is_array())
}

/// The profiles of the run that came to nothing.
#[must_use]
pub fn failed(folder: &Path) -> Vec<FailedProfile> {
    provenance(folder).as_ref().map(FailedProfile::of).unwrap_or_default()
}

/// The folder's provenance, if it has one that can be read.
fn provenance(folder: &Path) -> Option<Value> {
    serde_json::from_str(&fs::read_to_string(folder.join("provenance.json")).ok()?).ok()
}

struct Tables {
    summary: Table,
    epochs: Table,
    stalls: Table,
    costs: Table,
    timeline: Table,
    trials: Option<Table>,
    provenance: Value,
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
        let replications = summary.number("replications")?.max(1.0) as u64;
        let outcomes = (0..replications).map(|replication| self.outcome(storage, replication, summary));
        let outcomes = outcomes.collect::<Result<Vec<_>, _>>()?;
        Ok(ProfileResult {
            storage: storage.to_owned(),
            kind: candidate.kind,
            ranks: candidate.plan.ranks(),
            summary: Figures::from_fn(|_| figures.next().unwrap_or_default()),
            wall_s: 0.0,
            events: outcomes.iter().map(|outcome| outcome.events).sum(),
            outcomes,
        })
    }

    fn outcome(&self, storage: &str, replication: u64, summary: Row<'_>) -> Result<Outcome, RedrawError> {
        let (events, history) = self.run(storage, replication);
        let timeline = if replication == 0 { Some(self.timeline.rows(Some(storage))) } else { None };
        Ok(Outcome {
            storage: storage.to_owned(),
            replication,
            summary: Summary { loop_s: summary.number("loop_s")?, ..Summary::default() },
            epochs: self.of_replication(&self.epochs, storage, replication, epoch)?,
            stalls: self.stalls.rows(Some(storage)).map(stall).collect::<Result<_, _>>()?,
            costs: self.costs.rows(Some(storage)).map(cost).collect::<Result<_, _>>()?,
            timeline: timeline.into_iter().flatten().map(bin).collect::<Result<_, _>>()?,
            latency: Vec::new(),
            tiers: Vec::new(),
            trials: match &self.trials {
                Some(trials) => self.of_replication(trials, storage, replication, trial)?,
                None => Vec::new(),
            },
            notes: self.notes(storage),
            fidelity: summary.text("fidelity")?.to_owned(),
            fidelity_error: summary.maybe("fidelity_error")?,
            fidelity_check: None,
            events,
            history,
        })
    }

    /// The rows of a table that are about one replication.
    fn of_replication<R>(
        &self,
        table: &Table,
        storage: &str,
        replication: u64,
        read: fn(Row<'_>) -> Result<R, RedrawError>,
    ) -> Result<Vec<R>, RedrawError> {
        let is_of = |row: &Row| row.number("replication").is_ok_and(|number| number == replication as f64);
        table.rows(Some(storage)).filter(is_of).map(read).collect()
    }

    /// How many events a run had, and the digest of its history.
    fn run(&self, storage: &str, replication: u64) -> (u64, u64) {
        let runs = self.provenance["runs"].as_array().into_iter().flatten();
        let mut of_it = runs.filter(|run| {
            run["storage"].as_str() == Some(storage) && run["replication"].as_u64() == Some(replication)
        });
        let run = of_it.next().unwrap_or(&Value::Null);
        let history = run["history"].as_str().and_then(|text| u64::from_str_radix(text, 16).ok());
        (run["events"].as_u64().unwrap_or_default(), history.unwrap_or_default())
    }

    fn notes(&self, storage: &str) -> Vec<String> {
        let profiles = self.provenance["notes"].as_array().into_iter().flatten();
        let of_it = profiles.filter(|profile| profile["storage"].as_str() == Some(storage));
        let notes = of_it.flat_map(|profile| profile["notes"].as_array().into_iter().flatten());
        notes.filter_map(|note| note.as_str().map(str::to_owned)).collect()
    }
}

fn trial(row: Row<'_>) -> Result<TrialRow, RedrawError> {
    Ok(TrialRow {
        trial: row.number("trial")? as u32,
        submitted_s: row.number("submitted_s")?,
        time_to_first_batch_s: row.number("time_to_first_batch_s")?,
        loop_s: row.number("loop_s")?,
        ended_s: row.number("ended_s")?,
        gpu_utilisation: row.number("gpu_utilisation")?,
    })
}

fn epoch(row: Row<'_>) -> Result<EpochRow, RedrawError> {
    Ok(EpochRow {
        trial: row.number("trial")? as u32,
        epoch: row.number("epoch")? as u32,
        seconds: row.number("seconds")?,
        samples_per_s: row.number("samples_per_s")?,
        bytes_per_s: row.number("bytes_per_s")?,
        gpu_utilisation: row.number("gpu_utilisation")?,
        accelerator_utilisation: row.maybe("accelerator_utilisation")?,
        first_batch_s: row.number("first_batch_s")?,
    })
}

fn cost(row: Row<'_>) -> Result<CostRow, RedrawError> {
    let name = row.text("part")?;
    let part = facts::COST_PARTS.into_iter().find(|(part, _)| *part == name);
    let (part, _) =
        part.ok_or_else(|| row.table.lacks(&format!("part of a bill that is called {name:?}")))?;
    Ok(CostRow {
        part,
        item: row.text("item")?.to_owned(),
        quantity: row.number("quantity")?,
        unit: row.text("unit")?.to_owned(),
        price_usd: row.number("price_usd")?,
        cost_usd: row.number("cost_usd")?,
        source: row.text("source")?.to_owned(),
    })
}

fn stall(row: Row<'_>) -> Result<StallRow, RedrawError> {
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

fn bin(row: Row<'_>) -> Result<TimelineRow, RedrawError> {
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
