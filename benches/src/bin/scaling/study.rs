//! The runs of the study: what grows, what is held fixed, and how far each rung goes.

use anyhow::{Context, Result};
use dhat::{HeapStats, Profiler};
use ingestsim_benches::{S8, Workload, clock};
use ingestsim_catalog::Catalog;
use ingestsim_model::{Fidelity, Outcome, build};
use ingestsim_scenario::Loaded;

/// The rungs; one more is one line.
pub(crate) const RUNGS: [(&str, Fidelity); 3] =
    [("exact", Fidelity::Exact), ("fast", Fidelity::Fast), ("bound", Fidelity::Bound)];

const EXACT: &str = RUNGS[0].0;

/// Runs shorter than this are taken several times, the least counting, and once more for their memory.
const SHORT_S: f64 = 0.5;
const ROUNDS: usize = 5;

/// What grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dimension {
    /// Files of the data set, read once by 8 GPUs.
    Files,
    /// GPUs, 8 to a node, each with its share of the file system; so many samples that a rung has something to do.
    Gpus,
    /// Epochs over a million files by 8 GPUs, with a page cache that holds half.
    Epochs,
    /// Points of a sweep, each 20,480 samples of 8 GPUs, from text to figures, on one thread.
    Points,
}

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Measurement {
    pub(crate) dimension: Dimension,
    pub(crate) rung: &'static str,
    /// How many files, GPUs, epochs or points.
    pub(crate) size: u64,
    /// Samples that the job consumes.
    pub(crate) samples: u64,
    pub(crate) cpu_s: f64,
    /// The most that is held at a time; none where counting would take longer than running.
    pub(crate) heap_bytes: Option<u64>,
    pub(crate) digest: String,
    /// The last run's report.
    pub(crate) outcome: Outcome,
}

impl Measurement {
    /// CPU time a sample.
    pub(crate) fn per_sample_s(&self) -> f64 {
        self.cpu_s / self.samples as f64
    }
}

impl Dimension {
    pub(crate) const ALL: [Self; 4] = [Self::Files, Self::Gpus, Self::Epochs, Self::Points];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Gpus => "gpus",
            Self::Epochs => "epochs",
            Self::Points => "points",
        }
    }

    /// What is held fixed, for a caption.
    pub(crate) const fn fixed(self) -> &'static str {
        match self {
            Self::Files => {
                "one epoch on 8 GPUs, one sample of 110 kB a file, file system just saturated, no cache"
            }
            Self::Gpus => {
                "8 GPUs and 500 MB/s of the file system a node, just saturated; exact: a million samples, or 4 steps if more; others: 1,000 steps"
            }
            Self::Epochs => {
                "a million files, shuffled, on 8 GPUs; a page cache holds half of them, random replacement"
            }
            Self::Points => "points of 20,480 samples on 8 GPUs, from text to figures, on one thread",
        }
    }

    fn sizes(self) -> Vec<u64> {
        match self {
            Self::Files => (3..=9).map(|power| 10_u64.pow(power)).collect(),
            Self::Gpus => vec![8, 32, 128, 512, 2_048, 8_192, 16_384],
            Self::Epochs => vec![1, 2, 4, 8, 16, 32, 90, 300],
            Self::Points => vec![1, 10, 100, 1_000],
        }
    }

    /// The scenario of a size; of a sweep, that of one point.
    fn scenario(self, size: u64, rung: &str) -> Loaded {
        match self {
            Self::Files => {
                // Whole steps, but for the smallest, whose only one is half full.
                let files = if size < S8.step() { S8.step() / 2 } else { size / S8.step() * S8.step() };
                S8.scenario(files, &["job.last-batch=keep"])
            }
            Self::Gpus => {
                let w = Workload::saturated("W", size / 8);
                let steps = if rung == EXACT { 1_000_000_u64.div_ceil(w.step()).max(4) } else { 1_000 };
                w.scenario(steps * w.step(), &[])
            }
            Self::Epochs => {
                let epochs = format!("job.epochs={size}");
                let cache = r#"job.node.page-cache={ size = "50 %", policy = "random-replacement" }"#;
                let files = 1_000_000 / S8.step() * S8.step();
                S8.scenario(files, &[&epochs, cache, "job.order=shuffled"])
            }
            Self::Points => S8.scenario(10 * S8.step(), &[]),
        }
    }
}

/// The runs of a dimension on every rung, each from the smallest size to the largest that takes less than `limit_s`.
pub(crate) fn of(dimension: Dimension, limit_s: f64) -> Result<Vec<Measurement>> {
    let mut all = Vec::new();
    for (rung, fidelity) in RUNGS {
        let mut last: Option<(u64, f64)> = None;
        for size in dimension.sizes() {
            // In proportion to size, unless the last run was short: then nothing is known yet of how it grows.
            let proportional = |(before, seconds): (u64, f64)| seconds * size as f64 / before as f64;
            let expected_s = last.filter(|&(_, seconds)| seconds > SHORT_S).map_or(0.0, proportional);
            if expected_s > limit_s {
                break;
            }
            let measured = measure(dimension, size, (rung, fidelity), expected_s > SHORT_S)?;
            last = Some((size, measured.cpu_s));
            if !repeats(&all, &measured) {
                all.push(measured);
            }
        }
    }
    Ok(all)
}

/// Whether a rung has left nothing out, and so is the exact one under another name.
fn repeats(all: &[Measurement], one: &Measurement) -> bool {
    let same =
        |other: &&Measurement| other.rung == EXACT && (other.size, other.samples) == (one.size, one.samples);
    all.iter().find(same).is_some_and(|exact| one.outcome.events as f64 > 0.99 * exact.outcome.events as f64)
}

fn measure(
    dimension: Dimension,
    size: u64,
    (rung, fidelity): (&'static str, Fidelity),
    long: bool,
) -> Result<Measurement> {
    let loaded = dimension.scenario(size, rung);
    let catalog = Catalog::builtin();
    let plan = build(&loaded.scenario, &catalog, "w")?;
    let points = if dimension == Dimension::Points { size } else { 1 };
    let run = || match dimension {
        Dimension::Points => sweep(size, (rung, fidelity), &catalog),
        _ => Ok(plan.simulate_at(0, fidelity)?),
    };
    // What is counted is a few thousand allocations at the start, which a long run does not feel: it is run once.
    let (cpu_s, heap_bytes, outcome) = match (long, dimension) {
        (true, Dimension::Points) => with_heap(None, clock::cpu(clock::Of::Thread, run)),
        (true, _) => {
            let (heap_bytes, timed) = heap(|| clock::cpu(clock::Of::Thread, run));
            with_heap(Some(heap_bytes), timed)
        }
        (false, _) => {
            let (heap_bytes, _) = heap(run);
            with_heap(Some(heap_bytes), quickest(run))
        }
    };
    Ok(Measurement {
        dimension,
        rung,
        size,
        samples: points * plan.estimated_samples(),
        cpu_s,
        heap_bytes,
        digest: loaded.scenario.digest(),
        outcome: outcome?,
    })
}

fn with_heap<T>(heap_bytes: Option<u64>, (cpu_s, outcome): (f64, T)) -> (f64, Option<u64>, T) {
    (cpu_s, heap_bytes, outcome)
}

/// So many points, each read, built and run.
fn sweep(points: u64, (rung, fidelity): (&str, Fidelity), catalog: &Catalog) -> Result<Outcome> {
    let mut last = None;
    for point in 0..points {
        let loaded = Dimension::Points.scenario(points, rung);
        last = Some(build(&loaded.scenario, catalog, "w")?.simulate_at(point, fidelity)?);
    }
    last.context("a sweep has a point")
}

/// The quickest of several runs; of one, if that is not short.
fn quickest<T>(run: impl Fn() -> T) -> (f64, T) {
    let (mut least, mut result) = clock::cpu(clock::Of::Thread, &run);
    for _ in 1..ROUNDS {
        if least > SHORT_S {
            break;
        }
        let (again, other) = clock::cpu(clock::Of::Thread, &run);
        (least, result) = (least.min(again), other);
    }
    (least, result)
}

/// The most bytes held at a time.
fn heap<T>(run: impl FnOnce() -> T) -> (u64, T) {
    let profiler = Profiler::builder().testing().build();
    let result = run();
    let most = HeapStats::get().max_bytes as u64;
    drop(profiler);
    (most, result)
}
