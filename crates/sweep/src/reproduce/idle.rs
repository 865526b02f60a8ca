//! A Scratch file system left running: what it costs a day.

use super::{Lab, Ran, ReproduceError, lab::Swept};

/// What idleness comes to.
#[derive(Debug, Clone)]
pub struct Idle {
    /// By capacity in bytes: the job with so many seconds of idleness after it.
    pub capacities: Vec<(f64, Vec<(f64, Ran)>)>,
}

const DAY_S: f64 = 86_400.0;

pub(super) fn compute(lab: &mut Lab<'_>) -> Result<Idle, ReproduceError> {
    let mut capacities: Vec<(f64, Vec<(f64, Ran)>)> = Vec::new();
    for Swept { at, ran } in lab.sweep()? {
        match capacities.iter_mut().find(|(known, _)| *known == at[0]) {
            Some((_, runs)) => runs.push((at[1], ran)),
            None => capacities.push((at[0], vec![(at[1], ran)])),
        }
    }
    Ok(Idle { capacities })
}

/// What a day of idleness adds to the bill: the slope between the shortest and the longest that were simulated.
///
/// # Panics
///
/// If there are not two.
#[must_use]
pub fn usd_per_day(runs: &[(f64, Ran)]) -> f64 {
    let (Some((from, first)), Some((to, last))) = (runs.first(), runs.last()) else {
        panic!("a sweep over idleness has points");
    };
    (last.summary().cost_total_usd - first.summary().cost_total_usd) / (to - from) * DAY_S
}
