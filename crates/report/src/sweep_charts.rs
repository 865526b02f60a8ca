//! The charts of a sweep, chosen from its axes.
//!
//! Time to first batch, GPU utilisation and cost against what was swept: one numeric key makes curves, a line per
//! profile and per value of what is no number; a second makes a panel per value, or a heat map where there is but one
//! line; no numeric key makes bars. And two charts to decide by: cost against epoch time, and the efficiency frontier
//! of cost per gigabyte against throughput, both with the points named that nothing beats.
//!
//! All of it comes from `summary.csv` and the scenario, so it can be drawn again without simulating.

mod answer;
mod axis;
mod finding;
mod layout;
mod picture;
mod table;
pub(crate) mod trade;

use crate::{
    chart::{Chart, ChartError, Quantity},
    folder::NewFile,
    run_charts::FOLDER,
};

pub use answer::answer;
pub(crate) use answer::{Chosen, tables};
pub use axis::{SweptAxis, Value};
pub use layout::Layout;
pub use table::{Figure, POINTS_MAX, Swept, SweptError, SweptPoint, SweptProfile};

/// A figure that is drawn against what was swept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Metric {
    file: &'static str,
    pub(crate) figure: Figure,
    pub(crate) label: &'static str,
    pub(crate) quantity: Quantity,
    /// Whether less of it is better.
    less_is_better: bool,
}

/// The figures that every sweep is drawn by.
pub(crate) const METRICS: [Metric; 3] = [
    Metric {
        file: "time-to-first-batch",
        figure: Figure::FirstBatch,
        label: "time to first batch",
        quantity: Quantity::Seconds,
        less_is_better: true,
    },
    Metric {
        file: "gpu-utilisation",
        figure: Figure::Utilisation,
        label: "GPU utilisation over the loop",
        quantity: Quantity::Share,
        less_is_better: false,
    },
    Metric {
        file: "cost",
        figure: Figure::Cost,
        label: "cost of the job",
        quantity: Quantity::Dollars,
        less_is_better: true,
    },
];

/// What a reader should see first of a sweep: a sentence a figure.
pub(crate) fn findings(swept: &Swept) -> Vec<String> {
    METRICS.iter().map(|metric| finding::of(swept, metric, |_| true)).collect()
}

/// The words around a chart that the caller knows: what was not swept, and where the figures come from.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// What was held fixed, such as `4 x ml.g5.12xlarge, batch 64`.
    pub held_fixed: String,
    /// Scenario, seed, version and price list.
    pub footer: String,
}

/// The charts of a sweep as files, each as PNG and SVG. There are none if no point came to a result.
///
/// # Errors
///
/// If a chart cannot be drawn.
pub fn files(swept: &Swept, words: &Words) -> Result<Vec<NewFile>, ChartError> {
    let mut files = Vec::new();
    for (name, chart) in charts(swept, words) {
        files.push(NewFile::new(format!("{FOLDER}/{name}.png"), chart.png()?));
        files.push(NewFile::new(format!("{FOLDER}/{name}.svg"), chart.svg()?));
    }
    Ok(files)
}

/// The charts with their file names. There are none if no point came to a result.
#[must_use]
pub fn charts(swept: &Swept, words: &Words) -> Vec<(&'static str, Box<dyn Chart>)> {
    if swept.points.is_empty() {
        return Vec::new();
    }
    let layout = Layout::of(swept);
    let metrics = METRICS.iter().map(|metric| (metric.file, picture::of(swept, &layout, metric, words)));
    let pareto: Box<dyn Chart> = Box::new(trade::cost_against_time(swept, words));
    let frontier: Box<dyn Chart> = Box::new(trade::frontier(swept, words));
    metrics.chain([("cost-against-epoch-time", pareto), ("efficiency-frontier", frontier)]).collect()
}
