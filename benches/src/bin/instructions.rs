//! The guard against slowing down: instructions a sample of workload W, held against a record.
//!
//! `instructions` prints the count, `instructions --check` fails if it is more than 5 % above the record in
//! `benches/instructions.toml`, `instructions --record` makes the present count the record. A record belongs to a compiler
//! and a valgrind: with others the count may differ by more, and the check says so.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};
use clap::Parser;
use ingestsim_benches::instructions;
use serde::{Deserialize, Serialize};

/// By how much a count may be above its record.
const TOLERANCE: f64 = 0.05;

/// Counts the instructions that a sample of workload W on S8 takes.
#[derive(Debug, Parser)]
struct Options {
    /// Fails if there are more than 5 % more than recorded.
    #[arg(long, conflicts_with = "record")]
    check: bool,
    /// Makes the present count the record.
    #[arg(long)]
    record: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Record {
    instructions_per_sample: f64,
    rustc: String,
    valgrind: String,
}

const HEAD: &str = "\
# Instructions a sample of workload W on S8, exact, in the release profile, as counted by callgrind.
# `.ci/guard` fails if a change adds more than 5 %. Made by `cargo run --release -p ingestsim-benches --bin instructions
# -- --record`; a commit that makes it larger says why.

";

fn main() -> Result<ExitCode> {
    if instructions::is_counted() {
        return Ok(ExitCode::SUCCESS);
    }
    let options = Options::parse();
    let count = instructions::per_sample()?;
    let mut out = io::stdout().lock();
    if options.record {
        let record = Record {
            instructions_per_sample: count.round(),
            rustc: rustc(),
            valgrind: instructions::valgrind()?,
        };
        fs::write(file(), format!("{HEAD}{}", toml::to_string(&record)?))
            .context("cannot write the record")?;
    }
    if !options.check {
        writeln!(out, "{count:.0} instructions a sample of W on S8")?;
        return Ok(ExitCode::SUCCESS);
    }
    let text = fs::read_to_string(file()).context("cannot read benches/instructions.toml")?;
    let record: Record = toml::from_str(&text).context("benches/instructions.toml is not a record")?;
    let change = count / record.instructions_per_sample - 1.0;
    writeln!(
        out,
        "{count:.0} instructions a sample of W on S8, {:+.1} % against the record of {:.0}",
        100.0 * change,
        record.instructions_per_sample
    )?;
    let (rustc, valgrind) = (rustc(), instructions::valgrind()?);
    if (&rustc, &valgrind) != (&record.rustc, &record.valgrind) {
        writeln!(
            out,
            "recorded with {} and {}, counted with {rustc} and {valgrind}",
            record.rustc, record.valgrind
        )?;
    }
    if change < -TOLERANCE {
        writeln!(out, "that much less is worth a record: --record")?;
    }
    if change > TOLERANCE {
        writeln!(out, "a change may add at most {:.0} %", 100.0 * TOLERANCE)?;
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.toml")
}

/// The version of the compiler, as far as it tells.
fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let told = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    told.split(' ').take(2).collect::<Vec<_>>().join(" ").trim().to_owned()
}
