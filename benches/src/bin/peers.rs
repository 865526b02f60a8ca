//! The same workload in other simulators, run in turn with ours: first whether all agree, then what each costs.
//!
//! Every simulator has its own luck, so epochs differ by noise. The noise is taken from replications of ours, and a peer
//! agrees if its mean epoch lies within what that noise explains 99.9 % of the time. Where one does not, no ratio is
//! printed: what is faster but answers another question says nothing.
//!
//! A step model (one bandwidth number, no latencies) answers another question by design. Here its answer is compared.

use std::{
    io::{self, Write},
    process::{Command, ExitCode},
};

use anyhow::Result;
use comfy_table::{Table, presets::NOTHING};
use ingestsim_benches::{
    H64, S8, S64, Workload, clock,
    machine::Machine,
    peers::{Comparison, Peer, python, source, told},
};
use ingestsim_model::{Fidelity, Plan};
use serde::Deserialize;

/// Samples of each run, and runs of each peer.
const SAMPLES: u64 = 65_536;
const ROUNDS: u64 = 3;

const CASES: [(Workload, Peer); 9] = [
    (S8, Peer::SimPy),
    (S8, Peer::SimPyVirtualTime),
    (S8, Peer::SimGrid),
    (S8, Peer::SimGridTuned),
    (S64, Peer::SimPy),
    (S64, Peer::SimGrid),
    (S64, Peer::SimGridTuned),
    (H64, Peer::SimPy),
    (H64, Peer::SimGridTuned),
];

fn main() -> Result<ExitCode> {
    let machine = Machine::here();
    let mut out = io::stdout().lock();
    let mut compared = Vec::new();
    for (w, peer) in CASES {
        match peer.program() {
            Ok(program) => compared.push((w, peer, Comparison::of(&program, w, SAMPLES, ROUNDS)?)),
            Err(reason) => writeln!(out, "{} on {} is left out: {reason:#}", peer.name(), w.name)?,
        }
    }
    writeln!(out, "Epochs of {SAMPLES} samples\n{}\n", agreement(&compared))?;
    if compared.iter().any(|(_, _, both)| !both.agrees()) {
        writeln!(out, "they do not all simulate the same, so nothing is said of their speed")?;
        return Ok(ExitCode::FAILURE);
    }
    writeln!(out, "CPU time a sample\n{}\n", ratios(&compared))?;
    match python(None) {
        Ok(python) => step_models(&mut out, &python)?,
        Err(reason) => writeln!(out, "the step model is left out: {reason:#}")?,
    }
    writeln!(out, "{machine}")?;
    Ok(ExitCode::SUCCESS)
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    table
}

fn agreement(compared: &[(Workload, Peer, Comparison)]) -> Table {
    let mut table = table(&["", "simulator", "epoch", "ours", "difference", "noise of one", "allowed", ""]);
    for (w, peer, both) in compared {
        let [theirs, ours] = both.epoch_s();
        table.add_row([
            w.name.to_owned(),
            peer.name().to_owned(),
            format!("{theirs:.3} s"),
            format!("{ours:.3} s"),
            format!("{:+.3} s", theirs - ours),
            format!("{:.3} s", both.noise_s()),
            format!("{:.3} s", both.allowed_s()),
            if both.agrees() { "agree".to_owned() } else { "DISAGREE".to_owned() },
        ]);
    }
    table
}

fn ratios(compared: &[(Workload, Peer, Comparison)]) -> Table {
    let mut table = table(&["", "simulator", "theirs", "ours", "ours / theirs"]);
    for (w, peer, both) in compared {
        let [theirs, ours] = both.cpu_s().map(|seconds| seconds * 1e6 / SAMPLES as f64);
        table.add_row([
            w.name.to_owned(),
            peer.name().to_owned(),
            format!("{theirs:.1} µs"),
            format!("{ours:.2} µs"),
            format!("1/{:.0}", both.ratio()),
        ]);
    }
    table
}

/// The question that a step model is asked: one epoch of 1.28 million samples on 8 nodes of 8 GPUs.
const EPOCH_SAMPLES: u64 = 1_280_000;

#[derive(Debug, Deserialize)]
struct StepAnswer {
    epoch_s: f64,
    first_batch_s: f64,
    cpu_s: f64,
}

/// A data set and a storage, as the step model is told of them and as ours is.
struct Question {
    name: &'static str,
    /// Its one number, in MB/s of a node, and the rest of its arguments.
    told: &'static [&'static str],
    plan: Plan,
}

fn questions() -> [Question; 3] {
    let unbound = Workload { name: "U64", rate: 50_000, ..S64 };
    let shards = [
        "dataset.samples-per-file=512",
        "dataset.file-size={ lognormal = { mean = \"56.32 MB\", sigma = 0.1 } }",
        "job.order=shards-shuffled",
    ];
    [
        Question {
            name: "shards of 56 MB, the file system binds at 4 GB/s",
            told: &[
                "--samples-per-shard=512",
                "--shard-bytes=56.32e6",
                "--sigma=0.1",
                "--node-bandwidth=500",
            ],
            plan: S64.plan_with(EPOCH_SAMPLES, &shards),
        },
        Question {
            name: "files of 110 kB, the file system binds at 4 GB/s",
            told: &["--node-bandwidth=500"],
            plan: S64.plan(EPOCH_SAMPLES),
        },
        Question {
            name: "files of 110 kB, nothing binds but latency",
            told: &["--node-bandwidth=1250"],
            plan: unbound.plan(EPOCH_SAMPLES),
        },
    ]
}

fn step_models(out: &mut impl Write, python: &std::path::Path) -> Result<()> {
    let mut table = table(&["", "model", "epoch", "first batch", "CPU time"]);
    for question in questions() {
        let step: StepAnswer = told(Command::new(python).arg(source("step_model.py")).args(question.told))?;
        let mut row = |model: &str, epoch: f64, first: f64, cpu: f64| {
            let [epoch, first, cpu] = [epoch, first, cpu].map(|seconds| format!("{seconds:.2} s"));
            table.add_row([question.name.to_owned(), model.to_owned(), epoch, first, cpu]);
        };
        row("step model", step.epoch_s, step.first_batch_s, step.cpu_s);
        for (model, fidelity) in [("ours, exact", Fidelity::Exact), ("ours, fast", Fidelity::Fast)] {
            let run = || question.plan.simulate_at(0, fidelity);
            let (cpu, outcome) = clock::cpu(clock::Of::Thread, run);
            let outcome = outcome?;
            let (summary, how) = (&outcome.summary, &outcome.fidelity);
            // A rung that does not apply answers exactly, which the line above has said.
            if fidelity == Fidelity::Exact || how != "exact" {
                row(model, summary.loop_s, summary.first_batch_wait_s, cpu);
            }
        }
    }
    writeln!(out, "One epoch of {EPOCH_SAMPLES} samples on 8 nodes of 8 GPUs\n{table}\n")?;
    Ok(())
}
