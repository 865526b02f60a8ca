//! The scenario crate as its users see it: the exact text of every mistake, and what a good scenario becomes.

mod errors_catalog;
mod errors_choices;
mod errors_file;
mod errors_flags;
mod errors_job;
mod errors_storage;
mod errors_sweep;
mod errors_values;
mod files;
mod fuzz;
mod json_schema;
mod load;
mod round_trip;
mod sweep;

use ingestsim_scenario::{Loaded, Scenario, ScenarioErrors, Set, Source};

/// A small scenario without a mistake.
const BASE: &str = include_str!("base.toml");

/// The base with one passage replaced.
fn edited(from: &str, to: &str) -> String {
    assert_eq!(BASE.matches(from).count(), 1, "{from:?} stands once in the base");
    BASE.replacen(from, to, 1)
}

/// The base with something added at its end.
fn extended(tail: &str) -> String {
    format!("{BASE}\n{tail}\n")
}

fn load(text: &str, sets: &[&str]) -> Result<Loaded, ScenarioErrors> {
    let sets = sets.iter().map(|set| Set::parse(set)).collect::<Vec<_>>();
    Scenario::load(Source::new("base.toml", text), &sets)
}

/// What is said about a text, as it is printed without colour.
fn mistake(text: &str) -> String {
    load(text, &[]).expect_err("the text has a mistake").render(false)
}

/// What is said about a flag set over the base.
fn flag_mistake(set: &str) -> String {
    load(BASE, &[set]).expect_err("the flag is a mistake").render(false)
}
