//! The page of `reproduce`: every item of the study guide with what came out, one below the other.

use ingestsim_sweep::reproduce::{Reproduced, RunRecord};
use maud::{Markup, html};

use super::{About, Page, figure, provenance, table};
use crate::{
    chart::ChartError,
    folder::NewFile,
    reproduce::{Failed, Verdict, failed_count, overridden_count},
};

/// The page of these items, which names those that `failed`, and says so where of the items `asked` for some are missing.
///
/// # Errors
///
/// If a chart cannot be drawn.
pub fn report(
    (reproduced, verdicts): (&[Reproduced], &[Verdict]),
    failed: &[Failed],
    asked: usize,
    about: &About,
) -> Result<NewFile, ChartError> {
    let agreed = verdicts.iter().filter(|verdict| verdict.agrees).count();
    let overridden = overridden_count(verdicts).map_or_else(String::new, |count| format!("; {count}"));
    let lost = failed_count(failed).map_or_else(String::new, |count| format!("; {count}"));
    let items = verdicts.len();
    let so_far = Some(items + failed.len()).filter(|done| *done < asked);
    let so_far = so_far.map_or_else(String::new, |done| format!("; {done} of {asked} items so far"));
    let sentence = format!(
        "{agreed} of {items} items agree with the guide, each under its assumption{overridden}{lost}{so_far}."
    );
    let mut page = Page::new("reproduce", "study-guide", "The study guide, computed")
        .finding([sentence])
        .foot(&about.footer);
    page.section("What came out", overview(verdicts, failed));
    for (reproduced, verdict) in reproduced.iter().zip(verdicts) {
        let body = item(&mut page, reproduced, verdict)?;
        page.section(verdict.item.id(), body);
    }
    provenance::section(&mut page, &[("items", verdicts.len().to_string())], None, about);
    Ok(page.into_file())
}

/// A line for each item, those that failed at the end. The sections of the others follow this one in the same order.
fn overview(verdicts: &[Verdict], failed: &[Failed]) -> Markup {
    html! {
        div.scroll.wide role="region" tabindex="0" aria-label="All items" {
            table {
                caption { "The items, and whether what the guide says of them holds" }
                thead { tr { th scope="col" { "item" } th scope="col" { "the guide" } th scope="col" { "what came out" } } }
                tbody {
                    @for (index, verdict) in verdicts.iter().enumerate() {
                        tr {
                            th scope="row" { a href=(format!("#section-{}", index + 2)) { (verdict.item.id()) } }
                            td { (sign(verdict.agrees)) }
                            td { (verdict.title) }
                        }
                    }
                    @for lost in failed {
                        tr {
                            th scope="row" { (lost.item.id()) }
                            td { span.no { "failed" } }
                            td { (lost.error) }
                        }
                    }
                }
            }
        }
    }
}

fn sign(agrees: bool) -> Markup {
    html! { @if agrees { span.yes { "agrees" } } @else { span.no { "differs" } } }
}

fn item(page: &mut Page, reproduced: &Reproduced, verdict: &Verdict) -> Result<Markup, ChartError> {
    let chart = figure::chart(page, verdict.chart.as_ref())?;
    let figures = &verdict.figures;
    Ok(html! {
        div.item {
            (chart)
            dl {
                dt { "the guide" } dd { (verdict.guide) }
                dt { "computed" } dd { @for sentence in &verdict.computed { p { (sentence) } } }
                dt { "verdict" } dd { (sign(verdict.agrees)) }
                dt { "assumption" } dd { (verdict.assumption) }
                @if let Some(note) = verdict.overridden.note() { dt { "overridden" } dd { (note) } }
            }
            (table::table("Figures", &figures.headings(), &figures.names(), &figures.texts()))
            (runs(reproduced))
        }
    })
}

/// The runs that an item was computed from.
fn runs(reproduced: &Reproduced) -> Markup {
    let header = ["run", "scenario digest", "replications", "events", "history digest"].map(str::to_owned);
    let row = |run: &RunRecord| {
        vec![
            run.name.clone(),
            run.digest.clone(),
            run.replications.to_string(),
            crate::human::count(run.events),
            format!("{:016x}", run.history),
        ]
    };
    let rows: Vec<Vec<String>> = reproduced.runs.iter().map(row).collect();
    html! {
        details {
            summary { "Where these figures come from: scenario " code { (reproduced.digest) } ", seed " (reproduced.seed) ", " (rows.len()) " runs" }
            (table::table("Runs", &header, &[true, true, false, false, true], &rows))
        }
    }
}
