//! The scaling study: how the cost of a run grows with its files, GPUs, epochs and points, on every rung that applies.
//!
//! Writes `results/scaling`: every measurement and every fitted law as CSV, a page that says what they come to, charts,
//! and where it all comes from. Cost is CPU time of one thread and the most memory held at a time; both are those of this
//! program on this machine, so a law is worth more than a figure.

mod charts;
mod law;
mod pages;
mod study;

use std::{
    io::{self, Write},
    path::PathBuf,
    time::Instant,
};

use anyhow::Result;
use clap::Parser;
use ingestsim_benches::machine::Machine;
use ingestsim_report::{chart::Chart, folder::Folder};

use law::Law;
use study::{Dimension, Measurement};

/// Counts what is held.
#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

/// Measures how the cost of a run grows.
#[derive(Debug, Parser)]
struct Options {
    /// Where the results go.
    #[arg(long, default_value = "results/scaling")]
    out: PathBuf,
    /// No series goes on to a run that would take longer than so many seconds.
    #[arg(long, default_value_t = 15.0)]
    limit: f64,
}

/// All that the study found.
struct Found {
    machine: Machine,
    measurements: Vec<Measurement>,
    laws: Vec<Law>,
    wall_s: f64,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let folder = Folder::open(&options.out)?;
    let (machine, began) = (Machine::here(), Instant::now());
    let mut measurements = Vec::new();
    for dimension in Dimension::ALL {
        measurements.extend(study::of(dimension, options.limit)?);
        writeln!(io::stderr(), "{}: {:.0} s", dimension.name(), began.elapsed().as_secs_f64())?;
    }
    let laws = law::all(&measurements);
    let found = Found { machine, measurements, laws, wall_s: began.elapsed().as_secs_f64() };
    folder.write(&pages::files(&found), &[])?;
    for (name, chart) in charts::all(&found) {
        chart.draw(&folder.path().join("charts").join(name))?;
    }
    writeln!(io::stdout(), "{}", pages::laws(&found))?;
    Ok(())
}
