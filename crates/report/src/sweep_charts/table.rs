//! The points of a sweep as its charts see them: where each stands on the axes, and the figures that are drawn.

use std::path::{Path as FilePath, PathBuf};

use indexmap::IndexMap;
use ingestsim_scenario::{
    Column, Path, Points, Scenario,
    schema::{s3::Class, storage::Profile},
};
use ingestsim_sweep::Estimate;
use thiserror::Error;

use super::axis::{self, SweptAxis, Value};
use crate::{chart::Service, run_charts};

/// Sweeps of more points are not drawn: no reader could tell them apart, and memory is to stay flat.
pub const POINTS_MAX: usize = 100_000;

/// What came of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Swept {
    /// The keys with more than one value.
    pub axes: Vec<SweptAxis>,
    /// The profiles.
    pub profiles: Vec<SweptProfile>,
    /// The points that came to a result, in grid order.
    pub points: Vec<SweptPoint>,
    /// Points of the grid, those without a result included.
    pub count: usize,
    /// The fewest and the most good runs of a point that came to a result.
    pub replications: (u64, u64),
}

/// A profile of a sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweptProfile {
    /// Its name.
    pub name: String,
    /// The service, which decides its colour.
    pub service: Service,
}

/// A point of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct SweptPoint {
    /// Which profile it is on.
    pub profile: usize,
    /// Its value on each axis; none where the axis does not vary on its profile.
    pub at: Vec<Option<usize>>,
    figures: [Estimate; Figure::ALL.len()],
}

/// A column of `summary.csv` that charts are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// `time_to_first_batch_s`
    FirstBatch,
    /// `gpu_utilisation`
    Utilisation,
    /// `cost_total_usd`
    Cost,
    /// `cost_per_epoch_usd`
    CostPerEpoch,
    /// `loop_s`
    Loop,
    /// `bytes_per_s`
    Throughput,
}

impl Figure {
    const ALL: [Self; 6] =
        [Self::FirstBatch, Self::Utilisation, Self::Cost, Self::CostPerEpoch, Self::Loop, Self::Throughput];

    const fn column(self) -> &'static str {
        match self {
            Self::FirstBatch => "time_to_first_batch_s",
            Self::Utilisation => "gpu_utilisation",
            Self::Cost => "cost_total_usd",
            Self::CostPerEpoch => "cost_per_epoch_usd",
            Self::Loop => "loop_s",
            Self::Throughput => "bytes_per_s",
        }
    }
}

/// Why the results of a sweep cannot be read.
#[derive(Debug, Error)]
pub enum SweptError {
    /// The file is not there, or no CSV.
    #[error("cannot read {path}", path = path.display())]
    Read {
        /// `summary.csv`.
        path: PathBuf,
        /// What is wrong with it.
        source: csv::Error,
    },
    /// A column is not there.
    #[error("{path} has no column {column}", path = path.display())]
    Column {
        /// `summary.csv`.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// There is more to draw than anybody could see.
    #[error("sweeps of more than {POINTS_MAX} points are not drawn")]
    TooMany,
}

impl SweptPoint {
    /// A figure's mean and interval.
    #[must_use]
    pub const fn figure(&self, figure: Figure) -> Estimate {
        self.figures[figure as usize]
    }

    /// A figure's mean; not a number if there is none.
    #[must_use]
    pub fn mean(&self, figure: Figure) -> f64 {
        self.figure(figure).mean.unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
impl SweptPoint {
    /// A point whose figures have no intervals.
    pub(crate) fn fixed(profile: usize, at: Vec<Option<usize>>, means: [f64; Figure::ALL.len()]) -> Self {
        let figures = means.map(|mean| Estimate { mean: Some(mean), ci95: None });
        Self { profile, at, figures }
    }
}

impl Swept {
    /// Reads what a sweep came to. `points` are those of `scenario`.
    ///
    /// # Errors
    ///
    /// If the file is not that of such a sweep, or there are too many points to draw.
    pub fn read(summary: &FilePath, scenario: &Scenario, points: &Points) -> Result<Self, SweptError> {
        let columns = points.columns();
        let rows = rows(summary, columns)?;
        let count = rows.len();
        let rows: Vec<Row> = rows.into_iter().filter(|row| row.replications > 0).collect();
        let groups = groups(columns, scenario);
        let read: Vec<(SweptAxis, Vec<Option<usize>>)> =
            groups.iter().map(|group| axis_of(group, columns, scenario, &rows)).collect();
        let varying: Vec<_> = read.into_iter().filter(|(axis, _)| axis.values.len() > 1).collect();
        let profiles: Vec<SweptProfile> = points
            .storage()
            .iter()
            .filter(|name| rows.iter().any(|row| row.storage == **name))
            .map(|name| SweptProfile { name: name.clone(), service: service(scenario, name) })
            .collect();
        let point = |(index, row): (usize, &Row)| {
            let profile = profiles.iter().position(|profile| profile.name == row.storage)?;
            let at = varying.iter().map(|(_, at)| at[index]).collect();
            Some(SweptPoint { profile, at, figures: row.figures })
        };
        let swept = rows.iter().enumerate().filter_map(point).collect();
        let replications = rows.iter().map(|row| row.replications);
        let replications =
            (replications.clone().min().unwrap_or_default(), replications.max().unwrap_or_default());
        let axes = varying.into_iter().map(|(axis, _)| axis).collect();
        Ok(Self { axes, profiles, points: swept, count, replications })
    }

    /// What sets a point apart, in words: `lustre, 37.5 kB, 8 workers`.
    #[must_use]
    pub fn name(&self, point: &SweptPoint) -> String {
        let profile = &self.profiles[point.profile].name;
        let mut parts = vec![profile.clone()];
        parts.extend(self.values_said(point));
        // Of a single profile only what was swept tells anything.
        if self.profiles.len() == 1 && parts.len() > 1 {
            parts.remove(0);
        }
        parts.join(", ")
    }

    /// The values of a point, in words.
    pub(super) fn values_said(&self, point: &SweptPoint) -> Vec<String> {
        let values = self.axes.iter().zip(&point.at);
        values.filter_map(|(axis, at)| at.map(|value| axis.said(value))).collect()
    }
}

/// A row of `summary.csv`.
struct Row {
    storage: String,
    replications: u64,
    cells: Vec<String>,
    figures: [Estimate; Figure::ALL.len()],
}

fn rows(path: &FilePath, columns: &[Column]) -> Result<Vec<Row>, SweptError> {
    let failed = |source| SweptError::Read { path: path.to_owned(), source };
    let mut reader = csv::Reader::from_path(path).map_err(failed)?;
    let header = reader.headers().map_err(failed)?.clone();
    let find = |name: &str| {
        let missing = || SweptError::Column { path: path.to_owned(), column: name.to_owned() };
        header.iter().position(|column| column == name).ok_or_else(missing)
    };
    let (storage, replications) = (find("storage")?, find("replications")?);
    let cells = columns.iter().map(|column| find(&column.name)).collect::<Result<Vec<_>, _>>()?;
    let figures = Figure::ALL.map(|figure| {
        let name = figure.column();
        Ok((find(name)?, find(&format!("{name}_ci95"))?))
    });
    let figures = figures.into_iter().collect::<Result<Vec<_>, SweptError>>()?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(failed)?;
        if rows.len() == POINTS_MAX {
            return Err(SweptError::TooMany);
        }
        let field = |at: usize| record.get(at).unwrap_or_default();
        rows.push(Row {
            storage: field(storage).to_owned(),
            replications: field(replications).parse().unwrap_or_default(),
            cells: cells.iter().map(|&at| field(at).to_owned()).collect(),
            figures: std::array::from_fn(|figure| {
                let (mean, ci95) = figures[figure];
                Estimate { mean: field(mean).parse().ok(), ci95: field(ci95).parse().ok() }
            }),
        });
    }
    Ok(rows)
}

/// The columns of each axis by their numbers: those of the zip together, each other on its own.
fn groups(columns: &[Column], scenario: &Scenario) -> Vec<Vec<usize>> {
    let zip = scenario.sweep.as_ref().map(|sweep| &sweep.zip);
    let is_zipped = |column: &Column| {
        let mut keys = zip.into_iter().flat_map(IndexMap::keys);
        keys.any(|key| key.parse().is_ok_and(|path: Path| path == column.path))
    };
    let (zipped, others): (Vec<usize>, Vec<usize>) =
        (0..columns.len()).partition(|&index| is_zipped(&columns[index]));
    let zipped = (!zipped.is_empty()).then_some(zipped);
    zipped.into_iter().chain(others.into_iter().map(|index| vec![index])).collect()
}

/// The axis of some columns, and where each row stands on it.
fn axis_of(
    group: &[usize],
    columns: &[Column],
    scenario: &Scenario,
    rows: &[Row],
) -> (SweptAxis, Vec<Option<usize>>) {
    let cells =
        |row: &Row| -> Vec<String> { group.iter().map(|&column| row.cells[column].clone()).collect() };
    let mut found: IndexMap<Vec<String>, ()> = IndexMap::new();
    for row in rows.iter().filter(|row| group.iter().any(|&column| !row.cells[column].is_empty())) {
        found.entry(cells(row)).or_default();
    }
    let mut values: Vec<Vec<String>> = found.into_keys().collect();
    let told_by = told_by(group, columns, scenario, &values);
    let column = &columns[group[told_by]];
    let numbers =
        |values: &[Vec<String>]| values.iter().map(|cells| cells[told_by].parse::<f64>().ok()).collect();
    let known: Option<Vec<f64>> = numbers(&values);
    let quantity = known.is_some().then(|| axis::quantity(column, scenario));
    if known.is_some() {
        values.sort_by(|a, b| {
            let number = |cells: &[String]| cells[told_by].parse::<f64>().unwrap_or(f64::NAN);
            number(a).total_cmp(&number(b))
        });
    }
    let value = |cells: &Vec<String>, brief: bool| {
        let number = if quantity.is_some() { cells[told_by].parse().ok() } else { None };
        let text = match (quantity, number) {
            (Some(quantity), Some(number)) if brief => quantity.value(number),
            (Some(quantity), Some(number)) => quantity.exact(number),
            _ => cells[told_by].clone(),
        };
        Value { text, number }
    };
    let told = |brief: bool| -> Vec<Value> { values.iter().map(|cells| value(cells, brief)).collect() };
    // What lies between the ends of a range has three digits, unless these are the same for two of its values.
    let brief = told(true);
    let differ = brief.windows(2).all(|pair| pair[0].text != pair[1].text);
    let told = if differ && axis::is_range(column, scenario) { brief } else { told(false) };
    let axis = SweptAxis { label: axis::label(&column.path), quantity, values: told };
    let positions: IndexMap<&Vec<String>, usize> = values.iter().zip(0..).collect();
    let at = rows.iter().map(|row| positions.get(&cells(row)).copied()).collect();
    (axis, at)
}

/// Which of the columns that vary together tells their values best: one whose values all differ, numbers with a unit
/// before bare numbers before texts.
fn told_by(group: &[usize], columns: &[Column], scenario: &Scenario, values: &[Vec<String>]) -> usize {
    use crate::chart::Quantity;
    let worth = |member: usize| {
        let texts: Vec<&String> = values.iter().map(|cells| &cells[member]).collect();
        let mut distinct = texts.clone();
        distinct.sort();
        distinct.dedup();
        let numeric = texts.iter().all(|text| text.parse::<f64>().is_ok());
        let with_unit = numeric && axis::quantity(&columns[group[member]], scenario) != Quantity::Count;
        (distinct.len(), with_unit, numeric)
    };
    // Of equals the first.
    (0..group.len()).rev().max_by_key(|&member| worth(member)).unwrap_or_default()
}

/// The service of a profile.
fn service(scenario: &Scenario, name: &str) -> Service {
    match scenario.storage.get(name) {
        Some(Profile::S3(s3)) if s3.class == Class::ExpressOneZone => Service::S3Express,
        Some(profile) => run_charts::service(profile.kind()),
        None => Service::Other,
    }
}
