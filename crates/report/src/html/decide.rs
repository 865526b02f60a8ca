//! The pages of `compare` and `explain`: their own tables in front of those of a run.

use ingestsim_sweep::{
    Study,
    decide::{
        compare::Comparison,
        explain::{Explained, WhatIf},
    },
};
use maud::{Markup, html};

use super::{About, Page, bars, run, table};
use crate::{
    chart::{Bar, Bars, ChartError, Frame, Quantity, Segment},
    compare, explain,
    failed::FailedProfile,
    findings,
    folder::NewFile,
};

/// The page of `compare`.
///
/// # Errors
///
/// If a chart cannot be drawn.
pub fn comparison(comparison: &Comparison, about: &About) -> Result<NewFile, ChartError> {
    let study = &comparison.study;
    let mut page = Page::new("compare", &study.scenario, &study.description)
        .set(&study.setting)
        .finding([compare::sentence(comparison)])
        .finding(findings::all(study).map(|sentence| format!("{sentence}.")))
        .finding(about.failed.iter().map(FailedProfile::sentence))
        .foot(&about.footer);
    let body = html! {
        (table::grid(&compare::differences(comparison)))
        p.hint { "+ is more than " (comparison.baseline().storage) ", − is less; ± is half the 95 % interval of the difference." }
    };
    page.section("Differences", body);
    run::body(&mut page, study, about)?;
    Ok(page.into_file())
}

/// The page of `explain`.
///
/// # Errors
///
/// If a chart cannot be drawn.
pub fn explanation(study: &Study, explained: &[Explained], about: &About) -> Result<NewFile, ChartError> {
    let finding = |one: &Explained| format!("{}: {}", one.base.storage, explain::finding(one));
    let mut page = Page::new("explain", &study.scenario, &study.description)
        .set(&study.setting)
        .finding(explained.iter().map(finding))
        .foot(&about.footer);
    for one in explained {
        page.section(&format!("What holds {} up", one.base.storage), profile(one));
    }
    page.section("How this was found", html! { p { (explain::how(explained)) } });
    run::body(&mut page, study, about)?;
    Ok(page.into_file())
}

fn profile(one: &Explained) -> Markup {
    let tables = [explain::settings(one), explain::resources(one)];
    html! {
        h3 { "What to do" }
        ul.notes { @for advice in explain::advice(one) { li { (advice) } } }
        @if let Some(chart) = gains(one) { (bars::figure(&chart)) }
        (table::grid(&explain::phases(one)))
        (table::grid(&explain::epochs(one)))
        @for table in tables.iter().filter(|table| !table.is_empty()) { (table::grid(table)) }
        @if let Some(idle) = explain::idle_said(one) { p.hint { (idle) } }
    }
}

/// What shortens the job, most first.
fn gains(one: &Explained) -> Option<Bars> {
    let all = one.settings.iter().chain(&one.resources);
    let mut helping: Vec<&WhatIf> =
        all.filter(|what_if| what_if.gain.total_s > 0.0 && explain::counts(one, what_if)).collect();
    helping.sort_by(|a, b| b.gain.total_s.total_cmp(&a.gain.total_s));
    let first = helping.first()?;
    let bar = |what_if: &&WhatIf| Bar { name: what_if.what.clone(), parts: vec![Some(what_if.gain.total_s)] };
    let title = format!("What shortens the job most: {}", first.what);
    Some(Bars {
        frame: Frame::new(title, "one thing otherwise at a time", ""),
        label: "time saved of the whole job".into(),
        quantity: Quantity::Seconds,
        segments: vec![Segment { name: "time saved".into(), hatched: false }],
        bars: helping.iter().map(bar).collect(),
        hatching: None,
    })
}
