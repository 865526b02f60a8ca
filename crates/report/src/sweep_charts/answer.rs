//! What a sweep answers on a terminal: the best points of each profile, and what nothing beats.

use super::{
    METRICS,
    finding::best_of_profiles,
    table::{Figure, Swept, SweptPoint},
    trade,
};
use crate::human;

/// Rows of a block that a terminal has room for.
const ROWS_MAX: usize = 12;

/// Some points by name, with three figures each.
pub(crate) struct Chosen {
    /// By what they were chosen.
    pub(crate) title: &'static str,
    /// What the figures are.
    pub(crate) header: [&'static str; 3],
    /// The points, best first.
    pub(crate) rows: Vec<(String, [String; 3])>,
}

/// The best points of each profile by each figure, and the Pareto front of cost against epoch time.
#[must_use]
pub fn answer(swept: &Swept) -> String {
    let mut blocks: Vec<String> = tables(swept).iter().map(block).collect();
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n")
}

/// What the answer tells, as tables in full.
pub(crate) fn tables(swept: &Swept) -> Vec<Chosen> {
    let header = ["first batch", "GPU utilisation", "cost"];
    let titles = ["Earliest first batch", "Busiest GPUs", "Cheapest job"];
    let best = METRICS.iter().zip(titles).map(|(metric, title)| {
        let best = best_of_profiles(swept, metric, |_| true);
        Chosen { title, header, rows: best.iter().map(|point| (swept.name(point), cells(point))).collect() }
    });
    let trades = trade::all(swept);
    let front = trade::front(&trades, |trade| (trade.cost, trade.epoch_s));
    let rows = front.iter().map(|(point, trade)| {
        let [_, busy, cost] = cells(point);
        (swept.name(point), [human::time(trade.epoch_s), busy, cost])
    });
    let front = Chosen {
        title: "Not beaten on cost and epoch time together, from the cheapest to the fastest",
        header: ["epoch", "GPU utilisation", "cost"],
        rows: rows.collect(),
    };
    best.chain([front]).collect()
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
fn block(Chosen { title, header, rows: all }: &Chosen) -> String {
    let rows = &all[..all.len().min(ROWS_MAX)];
    if rows.is_empty() {
        return String::new();
    }
    let width = |text: &str| text.chars().count();
    let name = rows.iter().map(|(name, _)| width(name)).max().unwrap_or_default();
    let columns: [usize; 3] = std::array::from_fn(|at| {
        let cells = rows.iter().map(|(_, cells)| width(&cells[at]));
        cells.chain([width(header[at])]).max().unwrap_or_default()
    });
    let line = |first: &str, cells: [&str; 3]| {
        let cells = cells.iter().zip(columns).map(|(cell, width)| format!("  {cell:>width$}"));
        format!("  {first:<name$}{}\n", cells.collect::<String>())
    };
    let more = all.len() - rows.len();
    let end = if more > 0 { format!("  and {more} more\n") } else { String::new() };
    let rows = rows.iter().map(|(name, cells)| line(name, cells.each_ref().map(String::as_str)));
    std::iter::once(format!("{title}\n{}", line("", *header))).chain(rows).chain([end]).collect()
}
