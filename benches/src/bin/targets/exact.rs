//! The exact engine: time and instructions a sample, and how time grows with the number of GPUs.

use std::hint::black_box;

use ingestsim_benches::{H64, S8, S64, Workload, clock::least, floor::Floor, instructions, workload::run};

use crate::row::Row;

/// Samples of each run, and how often it is taken; the least counts.
const SAMPLES: u64 = 524_288;
const ROUNDS: usize = 7;

/// 64 times the GPUs of S8: 64 nodes, each with its share of the file system.
const S512: Workload = Workload::saturated("S512", 64);

/// Samples for 512 GPUs and for 8: 16 steps of the larger.
const GROWTH_SAMPLES: u64 = 2_097_152;
const GROWTH_ROUNDS: usize = 3;

pub(crate) fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = [S8, S64, H64].into_iter().map(in_floors).collect();
    rows.push(growth());
    rows.extend(instructions::CASES.map(instructions_per_sample));
    rows
}

fn in_floors(w: Workload) -> Row {
    let (plan, mut floor) = (w.plan(SAMPLES), Floor::new(w.readers()));
    let measured = least(
        ROUNDS,
        [
            &mut || {
                black_box(run(&plan));
            },
            &mut || {
                black_box(floor.run(SAMPLES));
            },
        ],
    );
    let [ours, floor] = measured.map(|seconds| seconds * 1e9 / SAMPLES as f64);
    let told = format!("{:.1} ({ours:.0} / {floor:.0} ns)", ours / floor);
    Row::judged(format!("exact, W on {}, in floors", w.name), "≤ 4", told, ours / floor <= 4.0)
}

fn growth() -> Row {
    let [few, many] = [S8, S512].map(|w| w.plan(GROWTH_SAMPLES));
    let measured = least(
        GROWTH_ROUNDS,
        [
            &mut || {
                black_box(run(&few));
            },
            &mut || {
                black_box(run(&many));
            },
        ],
    );
    let [few, many] = measured.map(|seconds| seconds * 1e9 / GROWTH_SAMPLES as f64);
    let told = format!("{:.2} ({few:.0} → {many:.0} ns a sample)", many / few);
    Row::judged("64 times the GPUs, 8 to 512, at equal samples", "≤ 1.6", told, many / few <= 1.6)
}

fn instructions_per_sample(case: &str) -> Row {
    let name = format!("instructions a sample, {case}");
    match instructions::per_sample(case) {
        Ok(count) => Row::unjudged(
            name,
            "recorded; guard at +5 %",
            format!("{count:.0}"),
            "the guard compares it with its record",
        ),
        Err(error) => Row::unjudged(name, "recorded; guard at +5 %", "", format!("{error:#}")),
    }
}
