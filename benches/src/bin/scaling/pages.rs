//! The study's tables, as CSV and as a page to read, and where they come from.

use std::fmt::Write;

use ingestsim_report::{
    chart::Quantity,
    folder::NewFile,
    sheet::{Cell, Sheet},
};
use serde_json::json;

use crate::{
    Found, charts,
    law::{Cost, Law},
    study::{Dimension, Measurement, RUNGS},
};

pub(crate) fn files(found: &Found) -> Vec<NewFile> {
    vec![
        NewFile::new("scaling.csv", measurements(found).to_csv()),
        NewFile::new("laws.csv", laws_sheet(found).to_csv()),
        NewFile::new("scaling.md", page(found)),
        NewFile::new("provenance.json", provenance(found)),
    ]
}

fn measurements(found: &Found) -> Sheet {
    let columns = [
        "dimension",
        "rung",
        "size",
        "samples",
        "cpu_s",
        "cpu_per_sample_ns",
        "heap_bytes",
        "events",
        "loop_s",
        "fidelity",
        "fidelity_error",
    ];
    let mut sheet = Sheet::new(columns);
    for one in &found.measurements {
        sheet.push(vec![
            Cell::text(one.dimension.name()),
            Cell::text(one.rung),
            one.size.into(),
            one.samples.into(),
            one.cpu_s.into(),
            (one.per_sample_s() * 1e9).into(),
            one.heap_bytes.map_or(Cell::Empty, Cell::Count),
            one.outcome.events.into(),
            one.outcome.summary.loop_s.into(),
            Cell::text(&one.outcome.fidelity),
            one.outcome.fidelity_error.map_or(Cell::Empty, Cell::Number),
        ]);
    }
    sheet
}

fn laws_sheet(found: &Found) -> Sheet {
    let columns =
        ["dimension", "rung", "cost", "exponent", "exponent_ci95", "points", "from_size", "to_size"];
    let mut sheet = Sheet::new(columns);
    for law in &found.laws {
        sheet.push(vec![
            Cell::text(law.dimension.name()),
            Cell::text(law.rung),
            Cell::text(law.cost.name()),
            law.exponent.into(),
            law.half_width.into(),
            Cell::Count(law.points as u64),
            law.sizes.0.into(),
            law.sizes.1.into(),
        ]);
    }
    sheet
}

/// The laws as a table of Markdown.
pub(crate) fn laws(found: &Found) -> String {
    let mut text =
        "| against | rung | cost grows as size to the power of | sizes fitted |\n|---|---|---|---|\n"
            .to_owned();
    for law in &found.laws {
        let Law { dimension, rung, cost, exponent, half_width, points, sizes: (from, to) } = law;
        let (name, words) = (dimension.name(), cost.words());
        // Adding zero takes the sign off what rounds to it.
        let exponent = (exponent * 100.0).round() / 100.0 + 0.0;
        let (from, to) = (Quantity::Count.value(*from as f64), Quantity::Count.value(*to as f64));
        writeln!(
            text,
            "| {name} | {rung} | {words}: {exponent:.2} ± {half_width:.2} | {points}, {from} to {to} |"
        )
        .expect("a string takes all that is written to it");
    }
    text
}

fn page(found: &Found) -> String {
    let Found { machine, wall_s, .. } = found;
    let mut text = format!(
        "# How the cost of a run grows\n\n\
         CPU time of one thread and the most memory held at a time, for workload W (`benches/src/workload.rs`), made by \
         `cargo run --release -p ingestsim-benches --bin scaling` in {wall_s:.0} s on {machine}. Figures are those of this \
         machine while it was as busy as it says; the powers hold better than the figures. A rung is shown where it \
         applies, and up to the size that takes seconds.\n\n"
    );
    for dimension in Dimension::ALL {
        write!(text, "## Against {}\n\n{}\n\n", dimension.name(), sentence(dimension.fixed())).expect(ANY);
        for (name, _) in charts::all(found).iter().filter(|(name, _)| name.ends_with(dimension.name())) {
            write!(text, "![{name}](charts/{name}.png)\n\n").expect(ANY);
        }
        text.push_str(&table(found, dimension));
    }
    write!(
        text,
        "## Laws\n\nThe slope of a line through the logarithms, with its 95 % interval. The fit leaves out sizes whose cost \
         is mostly that of starting.\n\n{}",
        laws(found)
    )
    .expect(ANY);
    text
}

const ANY: &str = "a string takes all that is written to it";

/// The first letter large, and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn table(found: &Found, dimension: Dimension) -> String {
    let mut text =
        format!("| {} | rung | CPU time | a sample | memory | what was simulated |\n", dimension.name());
    text.push_str("|---|---|---|---|---|---|\n");
    for (rung, _) in RUNGS {
        let of_series = |one: &&Measurement| one.dimension == dimension && one.rung == rung;
        for one in found.measurements.iter().filter(of_series) {
            let size = Quantity::Count.value(one.size as f64);
            let cpu = Quantity::Seconds.value(one.cpu_s);
            let each = Quantity::Seconds.value(one.per_sample_s());
            let memory = Cost::Memory.of(one).map(|bytes| Quantity::Bytes.value(bytes)).unwrap_or_default();
            writeln!(text, "| {size} | {rung} | {cpu} | {each} | {memory} | {} |", one.outcome.fidelity)
                .expect(ANY);
        }
    }
    text.push('\n');
    text
}

fn provenance(found: &Found) -> String {
    let runs = found.measurements.iter().map(|one| {
        json!({
            "run": format!("{} {}, {}", one.size, one.dimension.name(), one.rung),
            "scenario_digest": one.digest,
            "seed": 1,
            "events": one.outcome.events,
            // As text: a JSON reader may keep no more than 53 bits of a number.
            "history": format!("{:016x}", one.outcome.history),
        })
    });
    let document = json!({
        "version": found.machine.version,
        "machine": found.machine,
        "wall_s": found.wall_s,
        "runs": runs.collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}
