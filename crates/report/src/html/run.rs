//! The page of a run, and what the pages of other commands share with it.

use ingestsim_model::outcome::{EpochRow, TimelineRow};
use ingestsim_sweep::{ProfileResult, Study};
use maud::{Markup, html};

use super::{About, Page, bars, figure, provenance, table};
use crate::{
    chart::{Axis, Bars, ChartError, Curves, Datum, Frame, Key, Quantity, Series},
    facts,
    failed::FailedProfile,
    findings,
    folder::NewFile,
    human, run_charts,
    sheet::run::bill as bill_of,
    table::{block, notes_said},
};

/// Epochs that have a column or a point; of more, as many evenly spread.
const EPOCHS_MAX: u32 = 400;
/// Of more epochs than this the table shows some.
const COLUMNS_MAX: u32 = 24;
/// Bins of all profiles together; where there are more, neighbours are put together.
const BINS_MAX: usize = 24_000;

/// The page of `run`.
///
/// # Errors
///
/// If a chart cannot be drawn.
pub fn report(study: &Study, about: &About) -> Result<NewFile, ChartError> {
    let mut page = Page::new("run", &study.scenario, &study.description)
        .set(&study.setting)
        .finding(findings::all(study).map(|sentence| format!("{sentence}.")))
        .finding(about.failed.iter().map(FailedProfile::sentence))
        .foot(&about.footer);
    body(&mut page, study, about)?;
    Ok(page.into_file())
}

/// Everything that is told about the runs of some profiles, down to their provenance.
///
/// # Errors
///
/// If a chart cannot be drawn.
pub fn body(page: &mut Page, study: &Study, about: &About) -> Result<(), ChartError> {
    result(page, study);
    first_batch(page, study);
    over_time(page, study);
    gpu_time(page, study)?;
    costs(page, study);
    provenance::assumptions(page, &notes_said(study), about);
    provenance::section(page, &provenance::lines(study), Some(provenance::runs(study)), about);
    Ok(())
}

fn result(page: &mut Page, study: &Study) {
    let several = study.replications > 1;
    let body = html! {
        (table::grid(&block::headline_whole(study)))
        @if several { p.hint { "Means over " (study.replications) " replications; ± is half the 95 % interval." } }
    };
    page.section("At a glance", body);
}

/// A chart without the line of what was held fixed, which stands at the head of the page.
fn bare(mut chart: Bars) -> Bars {
    chart.frame.held_fixed.clear();
    chart
}

fn first_batch(page: &mut Page, study: &Study) {
    let body = html! {
        (bars::figure(&bare(run_charts::first_batch(study, ""))))
        (table::grid(&block::phases(study)))
    };
    page.section("Time to first batch", body);
}

fn over_time(page: &mut Page, study: &Study) {
    let thinned = thinned(study);
    let mut chart = run_charts::timeline(&thinned, "");
    chart.frame.held_fixed.clear();
    chart.rows.push(run_charts::queue_depth(&thinned));
    chart.rows.extend(run_charts::credits(&thinned));
    let body = html! {
        (figure::timeline(page, &chart))
        p.hint { "The first replication. Drag across a stretch to zoom in, click twice to see all again." }
    };
    page.section("Over time", body);
}

fn gpu_time(page: &mut Page, study: &Study) -> Result<(), ChartError> {
    let last = study.profiles.iter().map(facts::last_epoch).max().unwrap_or_default();
    let columns: Vec<u32> = spread(last, COLUMNS_MAX);
    let mut epochs = Vec::new();
    if last > 1 {
        let of_length = epochs_chart(study, last, "length of an epoch", Quantity::Seconds, |row| row.seconds);
        let of_busy =
            epochs_chart(study, last, "GPU utilisation", Quantity::Share, |row| row.gpu_utilisation);
        for chart in [of_length, of_busy] {
            epochs.push(figure::chart(page, &chart)?);
        }
    }
    let body = html! {
        (bars::figure(&bare(run_charts::utilisation(study, ""))))
        @if !epochs.is_empty() { div.pair { @for chart in &epochs { (chart) } } }
        (table::grid(&block::utilisation_in(study, &columns)))
        (bars::figure(&bare(run_charts::stalls(study, ""))))
        (table::grid(&block::stalls_whole(study)))
    };
    page.section("GPU utilisation and stalls", body);
    Ok(())
}

/// So many of the epochs 1 to `last`, with both ends.
fn spread(last: u32, most: u32) -> Vec<u32> {
    if last <= most {
        return (1..=last).collect();
    }
    (0..most).map(|at| 1 + (u64::from(at) * u64::from(last - 1) / u64::from(most - 1)) as u32).collect()
}

fn epochs_chart(
    study: &Study,
    last: u32,
    label: &str,
    quantity: Quantity,
    of: fn(&EpochRow) -> f64,
) -> Curves {
    let numbers = spread(last, EPOCHS_MAX);
    let datum = |profile: &ProfileResult, number: u32| {
        let estimate = facts::epoch(profile, number, of);
        match (estimate.mean, estimate.ci95) {
            (Some(mean), Some(half)) if half > 0.0 => {
                Datum::with_band(number.into(), mean, (mean - half, mean + half))
            }
            (Some(mean), _) => Datum::new(number.into(), mean),
            (None, _) => Datum::missing(number.into()),
        }
    };
    let series = |profile: &ProfileResult| Series {
        key: Key::new(&profile.storage, run_charts::service(profile.kind)),
        data: numbers.iter().map(|&number| datum(profile, number)).collect(),
    };
    Curves {
        frame: Frame::new(format!("{} from epoch to epoch", sentence_case(label)), "", ""),
        x: Axis::new("epoch", Quantity::Count).linear().tight(),
        y: Axis::new(label, quantity),
        series: study.profiles.iter().map(series).collect(),
        references: Vec::new(),
    }
}

fn sentence_case(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn costs(page: &mut Page, study: &Study) {
    let body = html! {
        (bars::figure(&bare(run_charts::costs(study, ""))))
        (table::grid(&block::costs(study)))
        (bill(study))
    };
    page.section("Cost", body);
}

/// Every item of the bill with the source of its price.
fn bill(study: &Study) -> Markup {
    let header =
        ["storage", "part", "item", "quantity", "unit", "price of one", "cost", "source of the price"];
    let words = [true, true, true, false, true, false, false, true];
    let items = study.profiles.iter().flat_map(|profile| {
        bill_of(profile).into_iter().map(|row| {
            vec![
                profile.storage.clone(),
                row.part.to_owned(),
                row.item,
                Quantity::Count.value(row.quantity),
                row.unit,
                Quantity::Dollars.value(row.price_usd),
                human::money_aligned(row.cost_usd),
                row.source,
            ]
        })
    });
    let rows: Vec<Vec<String>> = items.collect();
    html! {
        details {
            summary { "The bill, item by item, with the sources of its prices (" (rows.len()) " items)" }
            div.sources { (table::table("The bill", &header.map(str::to_owned), &words, &rows)) }
        }
    }
}

/// The same study with as many bins of each timeline as a page has room for.
fn thinned(study: &Study) -> Study {
    let bins: usize = study.profiles.iter().map(|profile| profile.first().timeline.len()).sum();
    let each = bins.div_ceil(BINS_MAX).max(1);
    let mut study = study.clone();
    if each > 1 {
        for profile in &mut study.profiles {
            let timeline = &mut profile.outcomes[0].timeline;
            *timeline = timeline.chunks(each).map(together).collect();
        }
    }
    study
}

/// Neighbouring bins as one.
fn together(bins: &[TimelineRow]) -> TimelineRow {
    let mean = |of: fn(&TimelineRow) -> f64| bins.iter().map(of).sum::<f64>() / bins.len() as f64;
    TimelineRow {
        t_s: bins[0].t_s,
        gpu_utilisation: mean(|bin| bin.gpu_utilisation),
        bytes_per_s: mean(|bin| bin.bytes_per_s),
        samples_per_s: mean(|bin| bin.samples_per_s),
        queue_depth: mean(|bin| bin.queue_depth),
        credits_bytes: bins[0].credits_bytes,
    }
}
