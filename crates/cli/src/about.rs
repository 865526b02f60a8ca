//! What a report tells besides its results: the version, the scenarios as resolved, and the sources of their figures.

use ingestsim_report::html::{About, sources};

use crate::{input::Input, setting};

/// The version that results are marked with.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// For a report on these scenarios; the first is the one that the footer names.
pub(crate) fn about<'a>(inputs: impl IntoIterator<Item = &'a Input>) -> About {
    let mut about = About { version: VERSION.to_owned(), ..About::default() };
    for input in inputs {
        let scenario = input.scenario();
        if about.scenarios.is_empty() {
            about.footer = setting::footer(scenario, &input.catalog, VERSION);
        }
        about.scenarios.push((format!("{}.toml", scenario.name), scenario.to_toml()));
        for row in sources::of(scenario, &input.catalog) {
            if !about.sources.contains(&row) {
                about.sources.push(row);
            }
        }
    }
    about
}
