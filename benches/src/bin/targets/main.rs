//! Everything that is promised of speed, measured in one run on one machine.
//!
//! `targets` prints a row a promise, `targets --json` the same as one document, `targets exact memory` only these parts.
//! What takes minutes (the largest jobs simulated exactly and in full) is measured with `--long`, and else has no verdict.
//! Time is CPU time, the least of several rounds in which what is compared takes turns.

mod exact;
mod ladder;
mod memory;
mod others;
mod row;
mod sweeps;

use std::{
    io::{self, Write},
    time::Instant,
};

use clap::{Parser, ValueEnum};
use ingestsim_benches::{instructions, machine::Machine};
use serde::Serialize;

use row::{Row, table};

/// Counts what is allocated, where that is asked for.
#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

/// Measures what is promised of speed.
#[derive(Debug, Parser)]
struct Options {
    /// One JSON document on standard output, and nothing else there.
    #[arg(long)]
    json: bool,
    /// Also what takes minutes.
    #[arg(long)]
    long: bool,
    /// The parts to measure; left out, all.
    #[arg(value_enum)]
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The exact engine alone.
    Exact,
    /// Allocations and memory.
    Memory,
    /// Other simulators.
    Peers,
    /// Many points.
    Sweeps,
    /// The rungs of the fidelity ladder.
    Ladder,
}

impl Part {
    fn rows(self, long: bool) -> Vec<Row> {
        match self {
            Self::Exact => exact::rows(),
            Self::Memory => memory::rows(),
            Self::Peers => others::rows(),
            Self::Sweeps => sweeps::rows(),
            Self::Ladder => ladder::rows(long),
        }
    }
}

#[derive(Debug, Serialize)]
struct Report {
    machine: Machine,
    rows: Vec<Row>,
}

fn main() -> io::Result<()> {
    if instructions::is_counted() {
        return Ok(());
    }
    let options = Options::parse();
    let machine = Machine::here();
    let chosen = |part: &Part| options.parts.is_empty() || options.parts.contains(part);
    let mut rows = Vec::new();
    for part in Part::value_variants().iter().filter(|part| chosen(part)) {
        let began = Instant::now();
        rows.extend(part.rows(options.long));
        writeln!(io::stderr(), "{part:?}: {:.0} s", began.elapsed().as_secs_f64())?;
    }
    let mut out = io::stdout().lock();
    if options.json {
        return writeln!(out, "{}", serde_json::to_string(&Report { machine, rows })?);
    }
    writeln!(out, "{}\n{machine}", table(&rows))
}
