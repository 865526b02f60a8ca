//! What stands at the end of every page: the assumptions, the scenario, and what is needed to get the same again.

use ingestsim_catalog::Row;
use ingestsim_sweep::Study;
use maud::{Markup, html};

use super::{Page, sources, table};
use crate::failed::FailedProfile;

/// Replications whose digests stand on the page; all are in `provenance.json`.
const DIGESTS_MAX: usize = 60;

/// What a page tells besides what was found.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The program's version.
    pub version: String,
    /// Where the figures come from, in a line.
    pub footer: String,
    /// The scenarios as they were resolved, each under its file's name.
    pub scenarios: Vec<(String, String)>,
    /// The catalog's figures that they can draw on.
    pub sources: Vec<Row>,
    /// The profiles that are not on the page, as they came to nothing.
    pub failed: Vec<FailedProfile>,
}

/// What the figures rest on.
pub(super) fn assumptions(page: &mut Page, notes: &[String], about: &About) {
    let body = html! {
        @if !notes.is_empty() { ul.notes { @for note in notes { li { (note) } } } }
        @if !about.sources.is_empty() { (sources::markup(&about.sources)) }
    };
    page.section("Assumptions and sources", body);
}

/// The scenario and how to get the same results again, with further lines of the caller's.
pub(super) fn section(page: &mut Page, lines: &[(&str, String)], runs: Option<Markup>, about: &About) {
    let body = html! {
        dl.provenance {
            dt { "ingestsim" } dd { (about.version) }
            @for (name, value) in lines { dt { (name) } dd { (value) } }
        }
        @if let Some(runs) = runs { (runs) }
        @for (name, text) in &about.scenarios {
            details {
                summary { "The scenario with every default filled in: " code { (name) } }
                pre { code { (text) } }
            }
        }
    };
    page.section("Scenario and provenance", body);
}

/// The lines of a study.
pub(super) fn lines(study: &Study) -> Vec<(&'static str, String)> {
    vec![
        ("scenario", study.scenario.clone()),
        ("scenario digest", study.digest.clone()),
        ("seed", study.seed.to_string()),
        ("replications", study.replications.to_string()),
        ("fidelity", fidelity(study)),
    ]
}

/// How closely the runs were simulated: each way that occurs, once.
fn fidelity(study: &Study) -> String {
    let outcomes = || study.profiles.iter().flat_map(|profile| &profile.outcomes);
    let mut ways: Vec<&str> = outcomes().map(|outcome| outcome.fidelity.as_str()).collect();
    ways.sort_unstable();
    ways.dedup();
    let error = outcomes().filter_map(|outcome| outcome.fidelity_error).reduce(f64::max);
    let error = error.map(|error| format!(", by its own estimate right to {}", crate::human::percent(error)));
    format!("{}{}", ways.join("; "), error.unwrap_or_default())
}

/// The digest of every run's history: equal digests are equal runs.
pub(super) fn runs(study: &Study) -> Markup {
    let header = ["storage", "replication", "events", "history digest"].map(str::to_owned);
    let outcomes = study
        .profiles
        .iter()
        .flat_map(|profile| profile.outcomes.iter().map(move |outcome| (profile, outcome)));
    let rows: Vec<Vec<String>> = outcomes
        .take(DIGESTS_MAX)
        .map(|(profile, outcome)| {
            vec![
                profile.storage.clone(),
                outcome.replication.to_string(),
                crate::human::count(outcome.events),
                format!("{:016x}", outcome.history),
            ]
        })
        .collect();
    html! {
        details {
            summary { "Digest of each run" }
            (table::table("Runs with equal digests are equal, event by event", &header, &[true, false, false, true], &rows))
        }
    }
}
