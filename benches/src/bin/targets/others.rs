//! Other simulators on the same workload.

use ingestsim_benches::{
    S8, S64, Workload,
    peers::{Comparison, Peer},
};

use crate::row::Row;

/// Samples of each run.
const SAMPLES: u64 = 65_536;

/// The peers that are promised something, each with its workload, the promise, and how often it runs.
const PROMISES: [(Peer, Workload, f64, u64); 4] = [
    (Peer::SimPy, S8, 80.0, 2),
    (Peer::SimPyVirtualTime, S8, 40.0, 2),
    (Peer::SimGrid, S8, 50.0, 3),
    (Peer::SimGrid, S64, 800.0, 2),
];

pub(crate) fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = PROMISES.into_iter().map(row).collect();
    // Nothing is promised against the fastest SimGrid that was found; the figure keeps the one above honest.
    rows.extend([S8, S64].map(tuned));
    rows
}

fn row((peer, w, promised, rounds): (Peer, Workload, f64, u64)) -> Row {
    let (name, target) = (name(peer, w), format!("≤ 1/{promised}"));
    match compared(peer, w, rounds) {
        Ok(both) if both.agrees() => Row::judged(name, target, told(&both), both.ratio() >= promised),
        Ok(both) => {
            let [theirs, ours] = both.epoch_s();
            let reason = format!("they disagree on the epoch: {theirs:.3} s and ours {ours:.3} s");
            Row::unjudged(name, target, told(&both), reason)
        }
        Err(error) => Row::unjudged(name, target, "", format!("{error:#}")),
    }
}

fn tuned(w: Workload) -> Row {
    let name = name(Peer::SimGridTuned, w);
    match compared(Peer::SimGridTuned, w, 2) {
        Ok(both) => Row::unjudged(name, "", told(&both), "nothing is promised of it"),
        Err(error) => Row::unjudged(name, "", "", format!("{error:#}")),
    }
}

fn compared(peer: Peer, w: Workload, rounds: u64) -> anyhow::Result<Comparison> {
    Comparison::of(&peer.program()?, w, SAMPLES, rounds)
}

fn name(peer: Peer, w: Workload) -> String {
    format!("CPU time against {}, {} GPUs", peer.name(), w.gpus())
}

fn told(both: &Comparison) -> String {
    let [theirs, ours] = both.cpu_s().map(|seconds| seconds * 1e6 / SAMPLES as f64);
    format!("1/{:.0} ({theirs:.1} and {ours:.2} µs a sample)", both.ratio())
}
