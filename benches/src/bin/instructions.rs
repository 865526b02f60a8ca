//! The guard against slowing down: instructions a sample, held against a record.
//!
//! `instructions` prints the counts, `instructions --check` fails if one is more than 5 % above its record in
//! `benches/instructions.toml`, `instructions --record` makes the present counts the record. A record belongs to a compiler
//! and a valgrind: with others the count may differ by more, and the check says so.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};
use clap::{Parser, builder::PossibleValuesParser};
use ingestsim_benches::instructions::{self, CASES};
use serde::{Deserialize, Serialize};

/// By how much a count may be above its record.
const TOLERANCE: f64 = 0.05;

/// Counts the instructions that a sample takes: workload W on its sizes, and real services with caches.
#[derive(Debug, Parser)]
struct Options {
    /// Fails if there are more than 5 % more than recorded of any case.
    #[arg(long, conflicts_with = "record")]
    check: bool,
    /// Makes the present counts the record.
    #[arg(long)]
    record: bool,
    /// Counts these cases alone.
    #[arg(value_parser = PossibleValuesParser::new(CASES), conflicts_with = "record")]
    cases: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Record {
    rustc: String,
    valgrind: String,
    instructions_per_sample: BTreeMap<String, f64>,
}

const HEAD: &str = "\
# Instructions a sample, exact, in the release profile, as counted by callgrind: workload W on its sizes, and real
# services with caches. `.ci/guard` fails if a change adds more than 5 % to one of them. Made by `cargo run --release -p
# ingestsim-benches --bin instructions -- --record`; a commit that makes one larger says why.

";

fn main() -> Result<ExitCode> {
    if instructions::is_counted() {
        return Ok(ExitCode::SUCCESS);
    }
    let options = Options::parse();
    let mut cases: Vec<&str> = options.cases.iter().map(String::as_str).collect();
    if cases.is_empty() {
        cases.extend(CASES);
    }
    let record = if options.check { Some(read_record()?) } else { None };
    let mut out = io::stdout().lock();
    let mut counts = BTreeMap::new();
    let mut worst = 0.0_f64;
    for case in cases {
        let count = instructions::per_sample(case)?;
        write!(out, "{case:10} {count:5.0} instructions a sample")?;
        if let Some(record) = &record {
            let recorded = record.instructions_per_sample.get(case);
            let recorded = recorded.with_context(|| format!("no record of {case}: --record"))?;
            let change = count / recorded - 1.0;
            worst = worst.max(change);
            write!(out, ", {:+.1} % against the record of {recorded:.0}", 100.0 * change)?;
            if change < -TOLERANCE {
                write!(out, ": that much less is worth a record")?;
            }
        }
        writeln!(out)?;
        counts.insert(case.to_owned(), count.round());
    }
    if options.record {
        let record =
            Record { rustc: rustc(), valgrind: instructions::valgrind()?, instructions_per_sample: counts };
        fs::write(file(), format!("{HEAD}{}", toml::to_string(&record)?))
            .context("cannot write the record")?;
    }
    if let Some(record) = record {
        tell_other_tools(&mut out, &record)?;
    }
    if worst > TOLERANCE {
        writeln!(out, "a change may add at most {:.0} %", 100.0 * TOLERANCE)?;
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn read_record() -> Result<Record> {
    let text = fs::read_to_string(file()).context("cannot read benches/instructions.toml")?;
    toml::from_str(&text).context("benches/instructions.toml is not a record")
}

fn tell_other_tools(out: &mut impl Write, record: &Record) -> Result<()> {
    let (rustc, valgrind) = (rustc(), instructions::valgrind()?);
    if (&rustc, &valgrind) != (&record.rustc, &record.valgrind) {
        writeln!(
            out,
            "recorded with {} and {}, counted with {rustc} and {valgrind}",
            record.rustc, record.valgrind
        )?;
    }
    Ok(())
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
