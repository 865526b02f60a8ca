//! Charts on a page: a caption, and a place with the numbers that the page's script draws there.

use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};

use super::{Page, bars, data, heat};
use crate::chart::{
    Axis, Better, Chart, ChartError, Crowd, Curves, Datum, Drawing, Frame, Multiples, Pareto, Row, Series,
    Service, Timeline, page,
};

/// A chart on the page.
///
/// # Errors
///
/// If it is to be shown as a picture, and cannot be painted.
pub(super) fn chart(page: &mut Page, chart: &dyn Chart) -> Result<Markup, ChartError> {
    Ok(match chart.drawing() {
        Some(Drawing::Bars(chart)) => bars::figure(chart),
        Some(Drawing::Heatmap(chart)) => heat::figure(chart),
        Some(Drawing::Curves(chart)) => drawn(page, &chart.frame, &chart.y.label, curves(chart)),
        Some(Drawing::Multiples(chart)) => drawn(page, &chart.frame, &chart.y.label, multiples(chart)),
        Some(Drawing::Timeline(chart)) => timeline(page, chart),
        Some(Drawing::Pareto(chart, crowds)) => {
            let label = format!("{} against {}", chart.y.label, chart.x.label);
            drawn(page, &chart.frame, &label, pareto(chart, crowds))
        }
        None => html! { figure.chart { (PreEscaped(chart.svg()?)) } },
    })
}

/// A run over time.
pub(super) fn timeline(page: &mut Page, chart: &Timeline) -> Markup {
    let rows: Vec<&str> = chart.rows.iter().map(|row| row.axis.label.as_str()).collect();
    drawn(page, &chart.frame, &format!("{} over time", rows.join(", ")), clocked(chart))
}

/// The place of a chart, and what it is drawn from.
pub(super) fn drawn(page: &mut Page, frame: &Frame, label: &str, chart: Value) -> Markup {
    let number = page.keep(chart);
    html! {
        figure.chart data-chart=(number) {
            (caption(frame))
            div.plots role="group" aria-label=(format!("Chart: {label}. {}", frame.title)) {}
        }
    }
}

/// What a chart shows, and what was held fixed.
pub(super) fn caption(frame: &Frame) -> Markup {
    html! {
        figcaption {
            strong { (frame.title) }
            @if !frame.held_fixed.is_empty() { span.held { (frame.held_fixed) } }
        }
    }
}

/// An axis over these values.
pub(super) fn axis(axis: &Axis, values: impl IntoIterator<Item = f64>) -> Value {
    json!({
        "label": axis.label,
        "quantity": page::name(axis.quantity),
        "log": page::is_log(axis, values),
        "zero": axis.from_zero,
    })
}

/// The series of a chart by name, each with its look.
pub(super) fn series<'a>(keys: impl IntoIterator<Item = (&'a str, Service)>) -> Value {
    let (names, services): (Vec<&str>, Vec<Service>) = keys.into_iter().unzip();
    let looks = page::looks(services);
    names.iter().zip(looks).map(|(name, look)| json!({ "name": name, "look": look })).collect()
}

fn curves(chart: &Curves) -> Value {
    let values = |of: fn(&Datum) -> Option<f64>| {
        chart.series.iter().flat_map(move |series| series.data.iter().filter_map(of))
    };
    let references: Vec<Value> =
        chart.references.iter().map(|line| json!({ "label": line.label, "value": line.value })).collect();
    json!({
        "kind": "lines",
        "layout": "rows",
        "series": series(chart.series.iter().map(|series| (series.key.name.as_str(), series.key.service))),
        "x": axis(&chart.x, values(|datum| Some(datum.x))),
        "plots": [{
            "y": axis(&chart.y, values(|datum| datum.y)),
            "references": references,
            "lines": chart.series.iter().map(line).collect::<Vec<_>>(),
        }],
    })
}

fn multiples(chart: &Multiples) -> Value {
    let all = || chart.panels.iter().flat_map(|panel| panel.series.iter().flat_map(|series| &series.data));
    // A line that is in one panel only has its place in all of them.
    let mut keys: Vec<_> = Vec::new();
    for series in chart.panels.iter().flat_map(|panel| &panel.series) {
        if !keys.contains(&&series.key) {
            keys.push(&series.key);
        }
    }
    let y = axis(&chart.y, all().filter_map(|datum| datum.y));
    let panel = |panel: &crate::chart::Panel| {
        let lines = keys.iter().map(|key| {
            panel
                .series
                .iter()
                .find(|series| series.key == **key)
                .map_or_else(|| json!({ "x": [], "y": [] }), line)
        });
        json!({ "title": panel.title, "y": y, "lines": lines.collect::<Vec<_>>() })
    };
    json!({
        "kind": "lines",
        "layout": "grid",
        "series": series(keys.iter().map(|key| (key.name.as_str(), key.service))),
        "x": axis(&chart.x, all().map(|datum| datum.x)),
        "plots": chart.panels.iter().map(panel).collect::<Vec<_>>(),
    })
}

fn line(series: &Series) -> Value {
    let data = &series.data;
    let mut line = json!({
        "x": data::numbers(data.iter().map(|datum| datum.x)),
        "y": data::maybes(data.iter().map(|datum| datum.y)),
    });
    if data.iter().any(|datum| datum.band.is_some()) {
        line["low"] = data::maybes(data.iter().map(|datum| datum.band.map(|band| band.0)));
        line["high"] = data::maybes(data.iter().map(|datum| datum.band.map(|band| band.1)));
    }
    line
}

fn clocked(chart: &Timeline) -> Value {
    let clock = Axis::new(&chart.clock, crate::chart::Quantity::Seconds).linear();
    let row = |row: &Row| {
        let values = row.lines.iter().flatten().filter_map(|(_, value)| *value);
        json!({
            "title": row.axis.label,
            "y": axis(&row.axis, values),
            "stepped": row.holds,
            "lines": row.lines.iter().map(|line| timed(line)).collect::<Vec<_>>(),
        })
    };
    json!({
        "kind": "lines",
        "layout": "rows",
        "bare": true,
        "series": series(chart.profiles.iter().map(|key| (key.name.as_str(), key.service))),
        "x": axis(&clock, []),
        "plots": chart.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

/// A line over time. Where readings follow each other evenly, which they do in a run, the first time and the step stand
/// for all.
fn timed(line: &[(f64, Option<f64>)]) -> Value {
    let y = data::maybes(line.iter().map(|(_, value)| *value));
    let step = match line {
        [first, .., last] => (last.0 - first.0) / (line.len() - 1) as f64,
        _ => 0.0,
    };
    let start = line.first().map_or(0.0, |reading| reading.0);
    let is_even = |(at, reading): (usize, &(f64, Option<f64>))| {
        (reading.0 - (start + at as f64 * step)).abs() <= 1e-6 * step
    };
    if line.len() > 1 && line.iter().enumerate().all(is_even) {
        return json!({ "start": start, "step": step, "y": y });
    }
    json!({ "x": data::numbers(line.iter().map(|(time, _)| *time)), "y": y })
}

fn pareto(chart: &Pareto, crowds: &[Crowd]) -> Value {
    let keys: Vec<(&str, Service)> = if crowds.is_empty() {
        chart.candidates.iter().map(|candidate| (candidate.name.as_str(), candidate.service)).collect()
    } else {
        crowds.iter().map(|crowd| (crowd.key.name.as_str(), crowd.key.service)).collect()
    };
    let group = |at: usize| crowds.iter().position(|crowd| crowd.candidates.contains(&at)).unwrap_or(at);
    let named =
        chart.candidates.iter().enumerate().map(|(at, one)| (one.x, one.y, group(at), one.name.as_str()));
    let nameless = crowds
        .iter()
        .enumerate()
        .flat_map(|(at, crowd)| crowd.points.iter().map(move |&(x, y)| (x, y, at, crowd.key.name.as_str())));
    let points: Vec<(f64, f64, usize, &str)> = named.chain(nameless).collect();
    json!({
        "kind": "scatter",
        "series": series(keys),
        "x": axis(&chart.x, points.iter().map(|point| point.0)),
        "y": axis(&chart.y, points.iter().map(|point| point.1)),
        "better": betters(chart),
        "points": {
            "x": data::numbers(points.iter().map(|point| point.0)),
            "y": data::numbers(points.iter().map(|point| point.1)),
            "series": points.iter().map(|point| point.2).collect::<Vec<_>>(),
            "name": points.iter().map(|point| point.3).collect::<Vec<_>>(),
        },
    })
}

/// Which way each axis is better: −1 where less is.
pub(super) fn betters(chart: &Pareto) -> [i32; 2] {
    [chart.x_better, chart.y_better].map(|better| match better {
        Better::Lower => -1,
        Better::Higher => 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_times_are_told_by_their_step() {
        let even = timed(&[(10.0, Some(1.0)), (12.5, None), (15.0, Some(0.5))]);
        assert_eq!(even.to_string(), r#"{"start":10.0,"step":2.5,"y":[1,null,0.5]}"#);
        let uneven = timed(&[(0.0, Some(1.0)), (1.0, Some(2.0)), (3.0, Some(4.0))]);
        assert_eq!(uneven.to_string(), r#"{"x":[0,1,3],"y":[1,2,4]}"#);
    }
}
