//! Stacked bars, which need no script: boxes as long as their shares, each with its value behind it.

use maud::{Markup, html};

use super::figure;
use crate::chart::{Bar, Bars, page};

/// A segment of less than this share of the longest bar has no room for its value.
const ROOM: f64 = 0.085;

/// Stacked bars with what their segments mean.
pub(super) fn figure(chart: &Bars) -> Markup {
    let longest = chart.bars.iter().map(total).fold(0.0, f64::max);
    html! {
        figure.chart {
            (figure::caption(&chart.frame))
            @if chart.segments.len() > 1 { (legend(chart)) }
            div.bars role="img" aria-label=(spoken(chart)) {
                @for bar in &chart.bars { (row(chart, bar, longest)) }
            }
            p.axis { (chart.label) }
        }
    }
}

fn legend(chart: &Bars) -> Markup {
    let colours = colours(chart);
    html! {
        ul.legend {
            @for (segment, colour) in chart.segments.iter().zip(&colours).filter(|(segment, _)| !segment.hatched) {
                li { i.swatch style=(format!("--fill:{colour}")) {} (segment.name) }
            }
            @if let Some(meaning) = &chart.hatching {
                @if hatches(chart) { li { i.swatch.hatched style="--fill:var(--quiet)" {} (meaning) } }
            }
        }
    }
}

/// A colour for each segment: one for each name.
fn colours(chart: &Bars) -> Vec<String> {
    let mut names: Vec<&str> = Vec::new();
    let colour = |name| {
        let known = names.iter().position(|known| *known == name);
        page::segment(known.unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        }))
        .to_string()
    };
    chart.segments.iter().map(|segment| segment.name.as_str()).map(colour).collect()
}

fn hatches(chart: &Bars) -> bool {
    let hatched = |at: usize| chart.segments[at].hatched;
    (0..chart.segments.len()).any(|at| hatched(at) && chart.bars.iter().any(|bar| part(bar, at) > 0.0))
}

fn row(chart: &Bars, bar: &Bar, longest: f64) -> Markup {
    let colours = colours(chart);
    let all = total(bar);
    let known = bar.parts.iter().flatten().any(|part| part.is_finite());
    let told = if known { chart.quantity.value(all) } else { "–".to_owned() };
    html! {
        div.bar {
            span.name { (bar.name) }
            div.track {
                @for (at, segment) in chart.segments.iter().enumerate().filter(|(at, _)| part(bar, *at) > 0.0) {
                    @let value = chart.quantity.value(part(bar, at));
                    @let share = part(bar, at) / longest;
                    @let tip = tip(bar, &segment.name, segment.hatched.then_some(chart.hatching.as_deref()).flatten(), &value);
                    i.segment.hatched[segment.hatched] data-tip=(tip)
                        style=(format!("--fill:{};--share:{:.4}", colours[at], share)) {
                        @if share >= ROOM && chart.segments.len() > 1 { span { (value) } }
                    }
                }
                span.total { (told) }
            }
        }
    }
}

fn tip(bar: &Bar, segment: &str, hatching: Option<&str>, value: &str) -> String {
    let way = hatching.map(|way| format!(" ({way})")).unwrap_or_default();
    format!("{}\n{segment}{way}\t{value}", bar.name)
}

/// The chart for those who hear it.
fn spoken(chart: &Bars) -> String {
    let bar = |bar: &Bar| format!("{} {}", bar.name, chart.quantity.value(total(bar)));
    let bars: Vec<String> = chart.bars.iter().map(bar).collect();
    format!("Bars: {}. {}. {}", chart.label, chart.frame.title, bars.join(", "))
}

fn part(bar: &Bar, at: usize) -> f64 {
    let part = bar.parts.get(at).copied().flatten();
    part.filter(|part| part.is_finite() && *part > 0.0).unwrap_or_default()
}

fn total(bar: &Bar) -> f64 {
    (0..bar.parts.len()).map(|at| part(bar, at)).sum()
}
