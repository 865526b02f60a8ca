//! The sheets of a run: one function a file, for one profile, without the columns that name scenario and profile.
//!
//! `epochs` and `trials` have a row a replication; what has no such column is the mean over the replications, an item
//! that a replication lacks counting as zero.

use std::hash::Hash;

use indexmap::IndexMap;
use ingestsim_model::{
    Outcome,
    outcome::{CostRow, LatencyRow, StallRow, TierRow},
};
use ingestsim_sweep::ProfileResult;

use super::{Cell, Sheet};

/// The row of `summary.csv`.
#[must_use]
pub fn summary(profile: &ProfileResult) -> Sheet {
    let mut columns = vec!["replications".to_owned()];
    let mut row = vec![Cell::Count(profile.outcomes.len() as u64)];
    for (name, estimate) in profile.summary.iter() {
        columns.extend([name.to_owned(), format!("{name}_ci95")]);
        row.extend([estimate.mean.into(), estimate.ci95.into()]);
    }
    columns.extend(["fidelity".to_owned(), "fidelity_error".to_owned()]);
    let error = profile.outcomes.iter().filter_map(|outcome| outcome.fidelity_error).reduce(f64::max);
    row.extend([Cell::text(fidelity(profile)), error.into()]);
    let mut sheet = Sheet::new(columns);
    sheet.push(row);
    sheet
}

/// How the replications were simulated: each way that occurs, once.
fn fidelity(profile: &ProfileResult) -> String {
    let mut ways: Vec<&str> = profile.outcomes.iter().map(|outcome| outcome.fidelity.as_str()).collect();
    ways.sort_unstable();
    ways.dedup();
    ways.join("; ")
}

/// The rows of `epochs.csv`.
#[must_use]
pub fn epochs(profile: &ProfileResult) -> Sheet {
    let mut sheet = Sheet::new([
        "replication",
        "trial",
        "epoch",
        "seconds",
        "samples_per_s",
        "bytes_per_s",
        "gpu_utilisation",
        "accelerator_utilisation",
        "first_batch_s",
    ]);
    for (outcome, row) in of_outcomes(profile, |outcome| &outcome.epochs) {
        sheet.push(vec![
            outcome.replication.into(),
            row.trial.into(),
            row.epoch.into(),
            row.seconds.into(),
            row.samples_per_s.into(),
            row.bytes_per_s.into(),
            row.gpu_utilisation.into(),
            row.accelerator_utilisation.into(),
            row.first_batch_s.into(),
        ]);
    }
    sheet
}

/// The rows of `stalls.csv`.
#[must_use]
pub fn stalls(profile: &ProfileResult) -> Sheet {
    let mut sheet = Sheet::new(["epoch", "cause", "own_s", "through_barrier_s"]);
    let groups = grouped(profile, |outcome| &outcome.stalls, |row: &StallRow| (row.epoch, row.cause));
    for ((epoch, cause), rows) in groups {
        sheet.push(vec![
            epoch.into(),
            Cell::text(cause),
            mean(profile, &rows, |row| row.own_s).into(),
            mean(profile, &rows, |row| row.through_barrier_s).into(),
        ]);
    }
    sheet
}

/// The rows of `costs.csv`.
#[must_use]
pub fn costs(profile: &ProfileResult) -> Sheet {
    let columns = ["part", "item", "quantity", "unit", "price_usd", "cost_usd", "source"];
    let mut sheet = Sheet::new(columns);
    for CostRow { part, item, quantity, unit, price_usd, cost_usd, source } in bill(profile) {
        sheet.push(vec![
            Cell::text(part),
            Cell::text(item),
            quantity.into(),
            Cell::text(unit),
            price_usd.into(),
            cost_usd.into(),
            Cell::text(source),
        ]);
    }
    sheet
}

/// The items of the bill, mean over the replications.
#[must_use]
pub fn bill(profile: &ProfileResult) -> Vec<CostRow> {
    let key = |row: &CostRow| (row.part, row.item.clone(), row.unit.clone(), row.price_usd.to_bits());
    let groups = grouped(profile, |outcome| &outcome.costs, key).into_values();
    let item = |rows: Vec<&CostRow>| CostRow {
        quantity: mean(profile, &rows, |row| row.quantity),
        cost_usd: mean(profile, &rows, |row| row.cost_usd),
        ..rows[0].clone()
    };
    groups.map(item).collect()
}

/// The rows of `timeline.csv`: the first replication.
#[must_use]
pub fn timeline(profile: &ProfileResult) -> Sheet {
    let columns = ["t_s", "gpu_utilisation", "bytes_per_s", "samples_per_s", "queue_depth", "credits_bytes"];
    let mut sheet = Sheet::new(columns);
    for row in &profile.first().timeline {
        sheet.push(vec![
            row.t_s.into(),
            row.gpu_utilisation.into(),
            row.bytes_per_s.into(),
            row.samples_per_s.into(),
            row.queue_depth.into(),
            row.credits_bytes.into(),
        ]);
    }
    sheet
}

/// The rows of `latency.csv`. A quantile is the mean of the replications' quantiles.
#[must_use]
pub fn latency(profile: &ProfileResult) -> Sheet {
    let mut sheet = Sheet::new(["tier", "what", "p50_ms", "p95_ms", "p99_ms"]);
    let key = |row: &LatencyRow| (row.tier.clone(), row.what);
    for ((tier, what), rows) in grouped(profile, |outcome| &outcome.latency, key) {
        // A replication without such a wait has no quantile of it, not a quantile of zero.
        let quantile = |of: fn(&LatencyRow) -> f64| {
            Cell::Number(rows.iter().map(|row| of(row)).sum::<f64>() / rows.len() as f64)
        };
        sheet.push(vec![
            Cell::text(tier),
            Cell::text(what),
            quantile(|row| row.p50_ms),
            quantile(|row| row.p95_ms),
            quantile(|row| row.p99_ms),
        ]);
    }
    sheet
}

/// The rows of `tiers.csv`.
#[must_use]
pub fn tiers(profile: &ProfileResult) -> Sheet {
    let columns = ["tier", "cache", "request_kind", "requests", "read_bytes", "hits", "misses"];
    let mut sheet = Sheet::new(columns);
    let key = |row: &TierRow| (row.tier.clone(), row.cache.clone(), row.request_kind.clone());
    for ((tier, cache, request_kind), rows) in grouped(profile, |outcome| &outcome.tiers, key) {
        let replications = profile.outcomes.len() as u64;
        let count = |of: fn(&TierRow) -> u64| count(rows.iter().map(|row| of(row)).sum(), replications);
        let maybe = |of: fn(&TierRow) -> Option<u64>| {
            let counts: Vec<u64> = rows.iter().filter_map(|row| of(row)).collect();
            if counts.is_empty() { Cell::Empty } else { self::count(counts.iter().sum(), replications) }
        };
        sheet.push(vec![
            Cell::text(tier),
            Cell::text(cache),
            Cell::text(request_kind),
            count(|row| row.requests),
            count(|row| row.read_bytes),
            maybe(|row| row.hits),
            maybe(|row| row.misses),
        ]);
    }
    sheet
}

/// The rows of `trials.csv`.
#[must_use]
pub fn trials(profile: &ProfileResult) -> Sheet {
    let mut sheet = Sheet::new([
        "replication",
        "trial",
        "submitted_s",
        "time_to_first_batch_s",
        "loop_s",
        "ended_s",
        "gpu_utilisation",
    ]);
    for (outcome, row) in of_outcomes(profile, |outcome| &outcome.trials) {
        sheet.push(vec![
            outcome.replication.into(),
            row.trial.into(),
            row.submitted_s.into(),
            row.time_to_first_batch_s.into(),
            row.loop_s.into(),
            row.ended_s.into(),
            row.gpu_utilisation.into(),
        ]);
    }
    sheet
}

/// The rows of all replications, each with its outcome.
fn of_outcomes<'a, R: 'a>(
    profile: &'a ProfileResult,
    rows: fn(&Outcome) -> &Vec<R>,
) -> impl Iterator<Item = (&'a Outcome, &'a R)> {
    profile.outcomes.iter().flat_map(move |outcome| rows(outcome).iter().map(move |row| (outcome, row)))
}

/// The rows of all replications that are about the same thing, in the order of first appearance.
fn grouped<R, K: Hash + Eq>(
    profile: &ProfileResult,
    rows: fn(&Outcome) -> &Vec<R>,
    key: impl Fn(&R) -> K,
) -> IndexMap<K, Vec<&R>> {
    let mut groups = IndexMap::new();
    for (_, row) in of_outcomes(profile, rows) {
        groups.entry(key(row)).or_insert_with(Vec::new).push(row);
    }
    groups
}

/// The sum over `rows` per replication of the profile.
fn mean<R>(profile: &ProfileResult, rows: &[&R], of: fn(&R) -> f64) -> f64 {
    rows.iter().map(|row| of(row)).sum::<f64>() / profile.outcomes.len() as f64
}

/// A mean count, whole where it is whole.
fn count(sum: u64, replications: u64) -> Cell {
    if sum.is_multiple_of(replications) {
        Cell::Count(sum / replications)
    } else {
        Cell::Number(sum as f64 / replications as f64)
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture;

    use super::*;

    fn column(sheet: &Sheet, name: &str) -> Vec<Cell> {
        let index = sheet.columns().iter().position(|column| column == name).unwrap();
        sheet.rows().iter().map(|row| row[index].clone()).collect()
    }

    #[test]
    fn every_figure_has_its_interval_beside_it() {
        let sheet = summary(&fixture::profile("fsx", &[100.0, 104.0]));
        let columns = sheet.columns();
        let at = columns.iter().position(|column| column == "loop_s").unwrap();
        assert_eq!(columns[at + 1], "loop_s_ci95");
        assert_eq!(columns.last().unwrap(), "fidelity_error");
        // The mean of 100 and 104 is 102; s/√2 = 2 and t(0.975, 1) = 12.7062, so the half width is 25.41.
        assert_eq!(sheet.rows()[0][at], Cell::Number(102.0));
        let Cell::Number(half_width) = sheet.rows()[0][at + 1] else { panic!("an interval is a number") };
        assert!((half_width - 25.4124).abs() < 1e-3, "{half_width}");
    }

    #[test]
    fn one_replication_has_no_interval() {
        let sheet = summary(&fixture::profile("fsx", &[100.0]));
        assert_eq!(column(&sheet, "loop_s_ci95"), [Cell::Empty]);
    }

    /// The fixture's stalls on metadata are a tenth of the loop: 10 and 12 s, 11 on average.
    #[test]
    fn stalls_are_means_over_the_replications() {
        let sheet = stalls(&fixture::profile("fsx", &[100.0, 120.0]));
        assert_eq!(column(&sheet, "own_s")[0], Cell::Number(11.0));
        assert_eq!(sheet.rows().len(), 2);
    }

    /// 3 hits in one replication and 4 in the other are 3.5.
    #[test]
    fn counts_are_whole_where_their_mean_is() {
        assert_eq!(count(7, 2), Cell::Number(3.5));
        assert_eq!(count(8, 2), Cell::Count(4));
    }
}
