//! What `recommend` answers: rankings, the first places and what they hang on, in a table, in words, in CSV and in JSON.

mod charts;
mod sheets;
mod text;
mod words;

pub use self::{
    charts::files as charts,
    sheets::{CANDIDATES, REFUSED, TURNS, json, sheets},
    text::text,
    words::{answers, because, changes},
};
pub(crate) use self::{
    charts::{best, pareto},
    text::{first_places, how, ranked},
};

use ingestsim_sweep::decide::recommend::{Entrant, Knob, Limit, Objective};

/// What a ranking is called.
pub(crate) const fn title(objective: Objective) -> &'static str {
    match objective {
        Objective::Cost => "cost",
        Objective::Time => "time",
        Objective::CostAtTarget => "cost at target utilisation",
    }
}

/// The flag that sets a limit.
pub(crate) const fn flag(limit: Limit) -> &'static str {
    match limit {
        Limit::MaxCost => "--max-cost",
        Limit::MinUtilisation => "--min-utilisation",
        Limit::Deadline => "--deadline",
    }
}

/// What a knob is called in a table.
pub(crate) const fn knob(knob: Knob) -> &'static str {
    match knob {
        Knob::Epochs => "epochs",
        Knob::JobsPerMonth => "jobs per month",
        Knob::FileSize => "file size",
    }
}

/// A figure of a candidate.
pub(crate) fn mean(entrant: &Entrant, figure: &str) -> f64 {
    entrant.result.summary.mean(figure)
}

#[cfg(test)]
mod tests;
