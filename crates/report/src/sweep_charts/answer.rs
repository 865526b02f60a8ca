//! What a sweep answers on a terminal: the best points of each profile, and what nothing beats.

use super::{
    METRICS,
    finding::best_of_profiles,
    table::{Figure, Swept, SweptPoint},
    trade,
};
use crate::human;

/// Rows of the front that a terminal has room for.
const FRONT_MAX: usize = 12;

/// The best points of each profile by each figure, and the Pareto front of cost against epoch time.
#[must_use]
pub fn answer(swept: &Swept) -> String {
    let header = ["first batch", "GPU utilisation", "cost"].map(str::to_owned);
    let mut blocks = Vec::new();
    for (metric, title) in METRICS.iter().zip(["Earliest first batch", "Busiest GPUs", "Cheapest job"]) {
        let best = best_of_profiles(swept, metric);
        let rows = best.iter().map(|point| (swept.name(point), cells(point)));
        blocks.push(block(title, &header, &rows.collect::<Vec<_>>()));
    }
    let trades = trade::all(swept);
    let front = trade::front(&trades, |trade| (trade.cost, trade.epoch_s));
    let rows = front.iter().take(FRONT_MAX).map(|(point, trade)| {
        let [_, busy, cost] = cells(point);
        (swept.name(point), [human::time(trade.epoch_s), busy, cost])
    });
    let header = ["epoch", "GPU utilisation", "cost"].map(str::to_owned);
    let more = front.len().saturating_sub(FRONT_MAX);
    let title = "Not beaten on cost and epoch time together, from the cheapest to the fastest";
    let mut last = block(title, &header, &rows.collect::<Vec<_>>());
    if more > 0 {
        last.push_str(&format!("  and {more} more\n"));
    }
    blocks.push(last);
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n")
}

fn cells(point: &SweptPoint) -> [String; 3] {
    let known =
        |figure, print: fn(f64) -> String| point.figure(figure).mean.map_or_else(|| "–".to_owned(), print);
    [
        known(Figure::FirstBatch, human::time),
        known(Figure::Utilisation, human::percent_aligned),
        known(Figure::Cost, human::money),
    ]
}

/// A title and rows under columns, names to the left and figures to the right.
fn block(title: &str, header: &[String; 3], rows: &[(String, [String; 3])]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let width = |text: &str| text.chars().count();
    let name = rows.iter().map(|(name, _)| width(name)).max().unwrap_or_default();
    let columns: [usize; 3] = std::array::from_fn(|at| {
        let cells = rows.iter().map(|(_, cells)| width(&cells[at]));
        cells.chain([width(&header[at])]).max().unwrap_or_default()
    });
    let line = |first: &str, cells: &[String; 3]| {
        let cells = cells.iter().zip(columns).map(|(cell, width)| format!("  {cell:>width$}"));
        format!("  {first:<name$}{}\n", cells.collect::<String>())
    };
    let rows = rows.iter().map(|(name, cells)| line(name, cells));
    std::iter::once(format!("{title}\n{}", line("", header))).chain(rows).collect()
}
