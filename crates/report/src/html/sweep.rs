//! The page of a sweep: its best points, curves along any swept key, and what nothing beats.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::{About, Page, data, figure, provenance, table};
use crate::{
    chart::{Axis, Crowded, Quantity, page},
    folder::NewFile,
    human::{count, counted},
    sweep_charts::{
        self, Figure, Layout, METRICS, Swept, SweptAxis, SweptPoint, Words,
        trade::{self, Trade},
    },
};

/// Sweeps of more points would make a page of more than a few megabytes; it has the best points alone then.
const POINTS_MAX: usize = 20_000;
/// Rows of the front that the page shows.
const FRONT_MAX: usize = 40;

/// What is told of a sweep's scenario.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The scenario's name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// The digest of its resolved form.
    pub digest: String,
    /// The seed of all draws.
    pub seed: u64,
}

/// The page of `sweep`.
#[must_use]
pub fn report(swept: &Swept, told: &Told, words: &Words, about: &About) -> NewFile {
    let good = swept.points.len();
    let mut setting = counted(swept.count as u64, "point");
    if good < swept.count {
        setting.push_str(&format!(", {} with a result", count(good as u64)));
    }
    if !words.held_fixed.is_empty() {
        setting.push_str(&format!("; held fixed: {}", words.held_fixed));
    }
    setting.push_str(&match swept.replications {
        (least, most) if least == most => {
            format!("; {}", counted(most, "run each").replace("run eachs", "runs each"))
        }
        (least, most) => format!("; {least} to {most} runs each"),
    });
    let mut page = Page::new("sweep", &told.name, &told.description).set(&setting).foot(&about.footer);
    if good > 0 {
        page = page.finding(sweep_charts::findings(swept).into_iter().map(|sentence| format!("{sentence}.")));
        best(&mut page, swept);
        if good <= POINTS_MAX {
            explorer(&mut page, swept, words);
        } else {
            let many = format!(
                "{} points are more than a page can hold; summary.csv has them all.",
                count(good as u64)
            );
            page.section("All points", html! { p { (many) } });
        }
    }
    provenance::assumptions(&mut page, &[], about);
    let lines = [
        ("scenario", told.name.clone()),
        ("scenario digest", told.digest.clone()),
        ("seed", told.seed.to_string()),
        ("points", count(swept.count as u64)),
    ];
    provenance::section(&mut page, &lines, None, about);
    page.into_file()
}

fn best(page: &mut Page, swept: &Swept) {
    let tables = sweep_charts::tables(swept);
    let markup = |chosen: &sweep_charts::Chosen| {
        let header: Vec<String> = std::iter::once("point").chain(chosen.header).map(str::to_owned).collect();
        let row = |(name, cells): &(String, [String; 3])| {
            std::iter::once(name.clone()).chain(cells.iter().cloned()).collect::<Vec<_>>()
        };
        let rows: Vec<Vec<String>> = chosen.rows.iter().take(FRONT_MAX).map(row).collect();
        let more = chosen.rows.len() - rows.len();
        html! {
            @if !rows.is_empty() { (table::table(chosen.title, &header, &[true, false, false, false], &rows)) }
            @if more > 0 { p.hint { "and " (more) " more" } }
        }
    };
    page.section("The best points", html! { @for chosen in &tables { (markup(chosen)) } });
}

/// What the page's script draws on a reader's wish, and the charts that share its numbers.
fn explorer(page: &mut Page, swept: &Swept, words: &Words) {
    let number = page.keep(exploration(swept));
    let several = swept.replications.1 > 1;
    let body = html! {
        figure.chart data-chart=(number) {
            div.plots role="group" aria-label="Charts of the figures against a swept key, with controls to pick it" {}
        }
        @if several { p.hint { "Means over the runs of a point; bands are 95 % intervals." } }
    };
    page.section("Along any swept key", body);
    let body = trades(page, swept, words, number);
    page.section("What one gets for the money", body);
    page.section("All points", html! { div data-points=(number) {} });
}

/// The points column by column: where each stands on every axis, and its figures.
fn exploration(swept: &Swept) -> Value {
    let points = &swept.points;
    let layout = Layout::of(swept);
    let axis = |(at, axis): (usize, &SweptAxis)| {
        let place = |point: &SweptPoint| point.at[at].map_or(-1, |value| value as i64);
        let numbers = || axis.values.iter().filter_map(|value| value.number);
        let quantity = axis.quantity.unwrap_or(Quantity::Count);
        json!({
            "label": axis.label,
            "quantity": axis.quantity.map(page::name),
            "log": axis.quantity.is_some() && page::is_log(&Axis::new("", quantity), numbers()),
            "number": axis.quantity.map(|_| numbers().map(data::number).collect::<Vec<_>>()),
            "text": axis.values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>(),
            "said": (0..axis.values.len()).map(|value| axis.said(value)).collect::<Vec<_>>(),
            "at": points.iter().map(place).collect::<Vec<_>>(),
        })
    };
    let line = layout.lines.first().copied().or(layout.heat);
    json!({
        "kind": "explore",
        "axes": swept.axes.iter().enumerate().map(axis).collect::<Vec<_>>(),
        "profiles": figure::series(swept.profiles.iter().map(|profile| (profile.name.as_str(), profile.service))),
        "profile": points.iter().map(|point| point.profile).collect::<Vec<_>>(),
        "figures": figures().map(|(figure, label, quantity)| column(swept, figure, label, quantity)).collect::<Vec<_>>(),
        "start": {
            "x": layout.x.or(layout.lines.first().copied()).map_or(-1, |axis| axis as i64),
            "line": line.filter(|_| layout.x.is_some()).map_or(-1, |axis| axis as i64),
        },
    })
}

/// The figures that can be drawn: those of every sweep's charts first.
fn figures() -> impl Iterator<Item = (Figure, &'static str, Quantity)> {
    let further = [
        (Figure::Loop, "length of the loop", Quantity::Seconds),
        (Figure::CostPerEpoch, "cost of an epoch", Quantity::Dollars),
        (Figure::Throughput, "throughput in the loop", Quantity::BytesPerSecond),
    ];
    METRICS.iter().map(|metric| (metric.figure, metric.label, metric.quantity)).chain(further)
}

fn column(swept: &Swept, figure: Figure, label: &str, quantity: Quantity) -> Value {
    let estimates = || swept.points.iter().map(|point| point.figure(figure));
    let mut column = json!({
        "label": label,
        "quantity": page::name(quantity),
        "mean": data::maybes(estimates().map(|estimate| estimate.mean)),
    });
    if estimates().any(|estimate| estimate.ci95.is_some_and(|half| half > 0.0)) {
        column["half"] = estimates().map(|estimate| data::half_width(estimate.ci95)).collect();
    }
    column
}

/// Cost against epoch time, and cost per gigabyte against throughput.
fn trades(page: &mut Page, swept: &Swept, words: &Words, of: usize) -> Markup {
    let same_length = trade::same_length(&trade::all(swept));
    let cost = move |trade: &Trade| if same_length { trade.cost } else { trade.cost / trade.epochs };
    let pairs = [
        scatter(page, swept, &trade::cost_against_time(swept, words), of, |trade| {
            (trade.epoch_s, cost(trade))
        }),
        scatter(page, swept, &trade::frontier(swept, words), of, |trade| {
            (trade.throughput, trade.cost_per_gb)
        }),
    ];
    html! {
        @for pair in &pairs { (pair) }
        p.hint { "The line joins the points that no other beats on both axes. Point at one to see which it is." }
    }
}

fn scatter(
    page: &mut Page,
    swept: &Swept,
    chart: &Crowded,
    of: usize,
    place: impl Fn(&Trade) -> (f64, f64),
) -> Markup {
    let places: Vec<Option<(f64, f64)>> =
        swept.points.iter().map(|point| Trade::of(point).map(|trade| place(&trade))).collect();
    let known = || places.iter().flatten();
    let pareto = &chart.pareto;
    let spec = json!({
        "kind": "trade",
        "of": of,
        "x": figure::axis(&pareto.x, known().map(|place| place.0)),
        "y": figure::axis(&pareto.y, known().map(|place| place.1)),
        "better": figure::betters(pareto),
        "points": {
            "x": data::maybes(places.iter().map(|place| place.map(|place| place.0))),
            "y": data::maybes(places.iter().map(|place| place.map(|place| place.1))),
        },
    });
    figure::drawn(page, &pareto.frame, &format!("{} against {}", pareto.y.label, pareto.x.label), spec)
}
