//! The targets of speed, measured in one run on one machine: `targets [--json]`.

use std::io::Write;

use ingestsim_benches::{H64, S8, S64, Workload, floor_ns, run_ns};
use serde::Serialize;

/// Samples of each measurement, and how often it is taken; the least counts.
const SAMPLES: u64 = 1_048_576;
const ROUNDS: usize = 5;

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    target: String,
    measured: String,
    met: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Report {
    rows: Vec<Row>,
}

fn main() -> std::io::Result<()> {
    let json = std::env::args().any(|argument| argument == "--json");
    let report = Report { rows: rows() };
    let mut out = std::io::stdout().lock();
    if json {
        return writeln!(out, "{}", serde_json::to_string(&report)?);
    }
    for row in &report.rows {
        let met = match row.met {
            Some(true) => "met",
            Some(false) => "missed",
            None => "not judged",
        };
        writeln!(out, "{:<44} {:>22} {:>26}  {met}", row.name, row.target, row.measured)?;
    }
    Ok(())
}

fn rows() -> Vec<Row> {
    let mut per_sample = Vec::new();
    let mut rows = Vec::new();
    for workload in [S8, S64, H64] {
        let (run, floor) = measured(workload);
        per_sample.push(run);
        rows.push(Row {
            name: format!("W on {}, exact, in floors", workload.name),
            target: "≤ 4".to_owned(),
            measured: format!("{:.1} ({run:.0} / {floor:.0} ns)", run / floor),
            met: Some(run / floor <= 4.0),
        });
    }
    let growth = per_sample[1] / per_sample[0];
    rows.push(Row {
        name: "8 times the GPUs at equal samples".to_owned(),
        target: "≤ 1.6".to_owned(),
        measured: format!("{growth:.2}"),
        met: Some(growth <= 1.6),
    });
    rows
}

/// The least of several runs, and of several floors, taken in turn.
fn measured(workload: Workload) -> (f64, f64) {
    let plan = workload.plan(SAMPLES);
    let (mut run, mut floor) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        run = run.min(run_ns(&plan, SAMPLES));
        floor = floor.min(floor_ns(workload.readers(), SAMPLES));
    }
    (run, floor)
}
