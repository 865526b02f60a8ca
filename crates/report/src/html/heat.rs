//! A heat map as a table of coloured cells, which a reader can also hear and copy.

use maud::{Markup, html};

use super::figure;
use crate::chart::{Heatmap, page};

/// The map, with its upright key from the bottom up as on a chart.
pub(super) fn figure(chart: &Heatmap) -> Markup {
    let values = || chart.cells.iter().flatten().flatten().copied().filter(|value| value.is_finite());
    let log = page::is_log(&chart.value, values());
    let place = |value: f64| if log { value.log10() } else { value };
    let least = values().map(place).fold(f64::INFINITY, f64::min);
    let most = values().map(place).fold(f64::NEG_INFINITY, f64::max);
    let [least, most] = if log { [least, most] } else { chart.apart((least, most)) };
    let share = |value: f64| if most > least { (place(value) - least) / (most - least) } else { 0.5 };
    let title = format!("{} by {} and {}", chart.value.label, chart.y.label, chart.x.label);
    html! {
        figure.chart {
            (figure::caption(&chart.frame))
            div.scroll role="region" tabindex="0" aria-label=(title) {
                table.heat {
                    caption { (title) }
                    tbody {
                        @for (row, key) in chart.y.values.iter().enumerate().rev() {
                            tr {
                                th scope="row" { (key) }
                                @for (column, over) in chart.x.values.iter().enumerate() {
                                    @let value = chart.cells.get(row).and_then(|cells| cells.get(column).copied().flatten());
                                    (cell(chart, value.map(|value| (value, share(value))), key, over))
                                }
                            }
                        }
                    }
                    tfoot {
                        tr {
                            th { (chart.y.label) " ↑ " (chart.x.label) " →" }
                            @for key in &chart.x.values { th scope="col" { (key) } }
                        }
                    }
                }
            }
        }
    }
}

fn cell(chart: &Heatmap, value: Option<(f64, f64)>, row: &str, column: &str) -> Markup {
    let Some((value, share)) = value else { return html! { td { "–" } } };
    let (fill, ink) = page::heat(share);
    let told = chart.value.quantity.value(value);
    let tip = format!(
        "{}\n{}\t{row}\n{}\t{column}\n{}\t{told}",
        chart.frame.title, chart.y.label, chart.x.label, chart.value.label
    );
    html! { td data-tip=(tip) style=(format!("background:{fill};color:{ink}")) { (told) } }
}
