//! Joining: from the rows of all journals, in whatever order, to tables in grid order.

use std::{collections::BTreeSet, path::Path};

use rayon::prelude::*;

use super::{
    FailedPoint, Grid, Kept, Key, Label, Measured, Row, Rule, Shard, SweepError, Tables, caught, pool,
    row::one_line, runner::TOLD,
};

/// Points whose keys are computed at a time: enough for all threads, and few enough to be forgotten.
const CHUNK: u64 = 1024;

/// What the journals of a sweep come to.
#[derive(Debug, Default)]
pub struct Joined {
    /// Points of the grid.
    pub points: u64,
    /// Good runs in the tables.
    pub runs: u64,
    /// Points with a failure.
    pub failed: u64,
    /// The first of them in grid order.
    pub failures: Vec<FailedPoint>,
    /// Points that lack a run.
    pub missing: u64,
    /// The first of them in grid order, in a line each.
    pub missing_first: Vec<String>,
    /// The shards that have them, if the journals agree on how many there are.
    pub missing_shards: Vec<Shard>,
    /// Good runs in the journals that belong to no point: of another version, or of values that are not swept any more.
    pub strangers: u64,
    /// Seconds of the host's clock, added up over the runs.
    pub wall_s: f64,
    /// Timed events, added up over the runs.
    pub events: u64,
    /// Digest over the runs' histories in grid order.
    pub history: u64,
    /// The tables, unless something is missing.
    pub tables: Option<Tables>,
}

/// Finds the runs of every point, and writes the tables of the sweep if none is missing.
///
/// The points' keys are computed on `threads` threads (0: one a core), since that is what takes time; `watch` hears of
/// every point.
///
/// # Errors
///
/// If a journal cannot be read or a table not written.
pub fn join<G: Grid>(
    grid: &G,
    rule: Rule,
    kept: &mut Kept,
    folder: &Path,
    threads: usize,
    watch: &dyn Fn(u64),
) -> Result<Joined, SweepError> {
    let pool = pool(threads)?;
    let points = grid.points();
    let mut joiner = Joiner {
        rule,
        columns: grid.columns(),
        joined: Joined { points, ..Joined::default() },
        tables: Tables::begin(grid, folder)?,
        shards: BTreeSet::new(),
    };
    let mut first = 0;
    while first < points {
        let chunk = first..points.min(first + CHUNK);
        let loaded = |point: u64| caught(|| grid.load(point).map(|(key, _)| key));
        let keys: Vec<_> = pool.install(|| chunk.clone().into_par_iter().map(loaded).collect());
        for (point, key) in chunk.clone().zip(keys) {
            joiner.take(point, &grid.label(point), key, kept)?;
        }
        watch(chunk.end - first);
        first = chunk.end;
    }
    Ok(joiner.finish(kept))
}

struct Joiner {
    rule: Rule,
    columns: Vec<String>,
    joined: Joined,
    tables: Tables,
    /// The shards that have missing points, each by its first point.
    shards: BTreeSet<u64>,
}

/// What the journals hold of a point.
enum Found {
    /// A row for every replication that the rule asks for.
    All(Vec<Row>),
    /// Why it has no replication.
    Unbuilt(String),
    /// Not all.
    Some,
}

impl Joiner {
    fn take(
        &mut self,
        point: u64,
        label: &Label,
        key: Result<Key, String>,
        kept: &mut Kept,
    ) -> Result<(), SweepError> {
        let found = match &key {
            Ok(key) => found(self.rule, *key, kept)?,
            Err(error) => Found::Unbuilt(error.clone()),
        };
        match found {
            Found::All(runs) => self.write(point, label, key.ok(), &runs),
            Found::Unbuilt(error) => {
                self.fail(point, label, &error);
                self.tables.run((point, label), None, key.ok(), Err(&error))?;
                self.tables.point(label, &[])
            }
            Found::Some => {
                self.miss(point, label, kept.shards());
                Ok(())
            }
        }
    }

    fn write(&mut self, point: u64, label: &Label, key: Option<Key>, runs: &[Row]) -> Result<(), SweepError> {
        for row in runs {
            let result = row.result.as_ref().map_err(String::as_str);
            self.tables.run((point, label), row.replication, key, result)?;
            self.joined.wall_s += row.wall_s;
        }
        let good: Vec<&Measured> = runs.iter().filter_map(|row| row.result.as_ref().ok()).collect();
        self.tables.point(label, &good)?;
        self.joined.runs += good.len() as u64;
        for run in good {
            self.joined.events += run.events;
            self.joined.history = chained(self.joined.history, run.history);
        }
        if let Some(error) = runs.iter().find_map(|row| row.result.as_ref().err()) {
            self.fail(point, label, error);
        }
        Ok(())
    }

    fn fail(&mut self, point: u64, label: &Label, error: &str) {
        self.joined.failed += 1;
        if self.joined.failures.len() < TOLD {
            let label = label.line(&self.columns);
            self.joined.failures.push(FailedPoint { point, label, error: one_line(error) });
        }
    }

    fn miss(&mut self, point: u64, label: &Label, shards: Option<u64>) {
        self.joined.missing += 1;
        if self.joined.missing_first.len() < TOLD {
            self.joined.missing_first.push(format!("{point}: {}", label.line(&self.columns)));
        }
        if let Some(of) = shards.filter(|of| *of > 1) {
            self.shards.insert(point % of);
        }
    }

    fn finish(self, kept: &Kept) -> Joined {
        let of = kept.shards().unwrap_or(1);
        let complete = self.joined.missing == 0;
        Joined {
            missing_shards: self.shards.into_iter().map(|point| Shard::having(point, of)).collect(),
            strangers: kept.good().saturating_sub(self.joined.runs),
            tables: complete.then_some(self.tables),
            ..self.joined
        }
    }
}

/// The runs of a point, as many as the rule asks for.
fn found(rule: Rule, key: Key, kept: &mut Kept) -> Result<Found, SweepError> {
    let mut runs = Vec::new();
    let mut figures = Vec::new();
    while !rule.is_enough(&figures) {
        let replication = runs.len() as u32;
        let Some(row) = kept.row(key, Some(replication))? else {
            let unbuilt = if replication == 0 { kept.row(key, None)? } else { None };
            let error = unbuilt.and_then(|row| row.result.err());
            return Ok(error.map_or(Found::Some, Found::Unbuilt));
        };
        figures.push(row.result.as_ref().ok().map(|measured| measured.figures));
        runs.push(row);
    }
    Ok(Found::All(runs))
}

/// The digest of one more history after those before: a rotation and a multiplication by 2^64 over the golden ratio.
const fn chained(before: u64, history: u64) -> u64 {
    (before.rotate_left(5) ^ history).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
