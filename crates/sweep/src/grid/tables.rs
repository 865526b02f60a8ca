//! `points.csv` and `summary.csv` of a sweep, written row by row.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use ingestsim_model::outcome::Summary;

use super::{
    Grid, Key, Label, Measured, SweepError,
    row::{FAILED, OK, number, one_line},
};
use crate::Estimate;

/// The columns of `summary.csv` without the swept ones.
fn columns() -> impl Iterator<Item = String> {
    let lead = ["scenario", "storage", "replications"].map(str::to_owned);
    let figures = Summary::NAMES.into_iter().flat_map(|name| [name.to_owned(), format!("{name}_ci95")]);
    let tail = ["fidelity", "fidelity_error"].map(str::to_owned);
    lead.into_iter().chain(figures).chain(tail)
}

/// The columns of a sweep's `summary.csv`.
#[must_use]
pub fn summary_columns(swept: &[String]) -> Vec<String> {
    columns().chain(swept.iter().cloned()).collect()
}

/// The columns of `points.csv`.
#[must_use]
pub fn points_columns(swept: &[String]) -> Vec<String> {
    let lead = ["point", "replication", "key", "status", "error"].map(str::to_owned);
    lead.into_iter().chain(swept.iter().cloned()).chain(columns()).collect()
}

/// Both tables under temporary names, until they are published.
#[derive(Debug)]
pub struct Tables {
    points: Table,
    summary: Table,
    scenario: String,
}

impl Tables {
    /// Begins the tables of a sweep in a folder.
    pub(super) fn begin<G: Grid>(grid: &G, folder: &Path) -> Result<Self, SweepError> {
        let swept = grid.columns();
        let mut points = Table::begin(folder.join("points.csv"))?;
        points.row(points_columns(&swept))?;
        let mut summary = Table::begin(folder.join("summary.csv"))?;
        summary.row(summary_columns(&swept))?;
        Ok(Self { points, summary, scenario: grid.scenario().to_owned() })
    }

    /// Writes a run of a point.
    pub(super) fn run(
        &mut self,
        (point, label): (u64, &Label),
        replication: Option<u32>,
        key: Option<Key>,
        result: Result<&Measured, &str>,
    ) -> Result<(), SweepError> {
        let status = if result.is_ok() { OK } else { FAILED };
        let lead = [
            point.to_string(),
            replication.map(|replication| replication.to_string()).unwrap_or_default(),
            key.map(|key| key.to_string()).unwrap_or_default(),
            status.to_owned(),
            result.err().map(one_line).unwrap_or_default(),
        ];
        let measured = result.ok();
        let about = [
            self.scenario.clone(),
            label.storage.clone(),
            measured.map(|_| "1".to_owned()).unwrap_or_default(),
        ];
        let figures = (0..Summary::COUNT).flat_map(|at| {
            let value = measured.and_then(|run| run.figures[at]);
            [number(value), String::new()]
        });
        let tail = fidelity(measured.as_slice());
        let swept = label.cells.iter().cloned();
        self.points.row(lead.into_iter().chain(swept).chain(about).chain(figures).chain(tail))
    }

    /// Writes a point's means over its good runs.
    pub(super) fn point(&mut self, label: &Label, runs: &[&Measured]) -> Result<(), SweepError> {
        let lead = [self.scenario.clone(), label.storage.clone(), runs.len().to_string()];
        let figures = (0..Summary::COUNT).flat_map(|at| {
            let estimate = Estimate::of(runs.iter().map(|run| run.figures[at]));
            [number(estimate.mean), number(estimate.ci95)]
        });
        let tail = fidelity(runs);
        self.summary.row(lead.into_iter().chain(figures).chain(tail).chain(label.cells.iter().cloned()))
    }

    /// Gives both tables their names.
    ///
    /// # Errors
    ///
    /// If one cannot be written to its end or take its name.
    pub fn publish(self) -> Result<[PathBuf; 2], SweepError> {
        // Both are on the drive before either takes its name.
        let (points, summary) = (self.points.finish()?, self.summary.finish()?);
        Ok([points.publish()?, summary.publish()?])
    }
}

/// How the runs were simulated, each way named once, and the largest of their errors.
fn fidelity(runs: &[&Measured]) -> [String; 2] {
    let mut ways: Vec<&str> = runs.iter().map(|run| run.fidelity.as_str()).collect();
    ways.dedup();
    let error = runs.iter().filter_map(|run| run.fidelity_error).reduce(f64::max);
    [ways.join("; "), number(error)]
}

/// A table under a temporary name. Dropped unpublished, it goes.
#[derive(Debug)]
struct Table {
    writer: Option<csv::Writer<BufWriter<File>>>,
    draft: PathBuf,
    place: PathBuf,
}

impl Table {
    fn begin(place: PathBuf) -> Result<Self, SweepError> {
        let name = place.file_name().expect("a table has a name").to_string_lossy().into_owned();
        remove_abandoned(&place, &name);
        let draft = place.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        let file = locked(&draft).map_err(SweepError::write(&place))?;
        Ok(Self { writer: Some(csv::Writer::from_writer(BufWriter::new(file))), draft, place })
    }

    fn row(&mut self, fields: impl IntoIterator<Item = String>) -> Result<(), SweepError> {
        let writer = self.writer.as_mut().expect("a table is written to before it is finished");
        let written = writer.write_record(fields);
        written.map_err(|error| SweepError::write(&self.place)(error.into()))
    }

    fn finish(mut self) -> Result<Self, SweepError> {
        let writer = self.writer.take().expect("a table is finished once");
        let buffer = writer.into_inner().map_err(csv::IntoInnerError::into_error);
        let mut buffer = buffer.map_err(SweepError::write(&self.place))?;
        buffer.flush().and_then(|()| buffer.get_ref().sync_all()).map_err(SweepError::write(&self.place))?;
        Ok(self)
    }

    fn publish(self) -> Result<PathBuf, SweepError> {
        fs::rename(&self.draft, &self.place).map_err(SweepError::write(&self.place))?;
        Ok(self.place.clone())
    }
}

/// A new draft. Its lock tells others that it is being written to; where there are no locks, they leave every draft alone.
///
/// It is locked under a name at which nobody looks for drafts, so that none takes it for one that was left.
fn locked(draft: &Path) -> io::Result<File> {
    let unlocked = draft.with_extension("new");
    let file = File::create(&unlocked)?;
    let _ = file.try_lock();
    fs::rename(&unlocked, draft)?;
    Ok(file)
}

/// Removes the drafts of a table whose process was ended before it could: nobody holds their lock.
fn remove_abandoned(place: &Path, name: &str) {
    let entries = place.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let is_draft = |found: &str| found.starts_with(&format!(".{name}.")) && found.ends_with(".tmp");
    for draft in entries.filter(|entry| entry.file_name().to_str().is_some_and(is_draft)) {
        if File::open(draft.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(draft.path());
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        // After it has taken its name there is nothing to remove.
        let _ = fs::remove_file(&self.draft);
    }
}
