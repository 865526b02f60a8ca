//! Sweeps end to end: what is run, what is kept, and what comes of it, whatever happens on the way.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its scene up has failed")]

mod cut_off;
mod failing;
mod fake;
mod precision;
mod scale;
mod scenario;
mod shards;

use std::{
    fs,
    path::{Path, PathBuf},
};

use ingestsim_sweep::grid::{
    Grid, Joined, Journal, Kept, Order, Rule, Shard, SweepError, Tally, Unwatched, join, run,
};

/// A results folder of its own.
struct Results(tempfile::TempDir);

impl Results {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn journal(&self) -> PathBuf {
        self.path().join("journal.csv")
    }

    /// Runs what is missing of the whole sweep.
    fn run<G: Grid>(&self, grid: &G, rule: Rule, threads: usize) -> Tally {
        self.run_shard(grid, rule, Shard::WHOLE, threads).unwrap()
    }

    fn run_shard<G: Grid>(
        &self,
        grid: &G,
        rule: Rule,
        shard: Shard,
        threads: usize,
    ) -> Result<Tally, SweepError> {
        let journal = Journal::open(self.path(), &shard.journal())?;
        let kept = Kept::in_folder(self.path())?;
        run(grid, Order { rule, shard, threads }, &journal, kept, &Unwatched)
    }

    fn join<G: Grid>(&self, grid: &G, rule: Rule) -> Joined {
        self.join_of(grid, rule, Kept::in_folder(self.path()).unwrap())
    }

    fn join_of<G: Grid>(&self, grid: &G, rule: Rule, mut kept: Kept) -> Joined {
        let mut joined = join(grid, rule, &mut kept, self.path(), 2, &|_| {}).unwrap();
        if let Some(tables) = joined.tables.take() {
            tables.publish().unwrap();
        }
        joined
    }

    /// Runs and joins, and returns both tables.
    fn tables<G: Grid>(&self, grid: &G, rule: Rule, threads: usize) -> [String; 2] {
        self.run(grid, rule, threads);
        self.join(grid, rule);
        self.texts()
    }

    fn texts(&self) -> [String; 2] {
        ["points.csv", "summary.csv"].map(|name| fs::read_to_string(self.path().join(name)).unwrap())
    }
}

/// The values of a column.
fn column(table: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let at = reader.headers().unwrap().iter().position(|column| column == name).unwrap();
    reader.records().map(|record| record.unwrap()[at].to_owned()).collect()
}

/// Numbers that are the same in every run of the tests, and look like chance.
fn chance(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 27)
}
