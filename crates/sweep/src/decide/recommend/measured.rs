//! One run of a race: a job simulated as closely as its share of the budget allows.
//!
//! A job of which steps can be left out is sketched. Of any other the first steps are simulated, twice: to some step, and
//! to half of it. What is between the two goes on to the end: exact for a job without caches that fill, too slow for one
//! whose later epochs are faster than its first, and its error is taken from how much the two halves differ.

use std::error::Error;

use ingestsim_catalog::Catalog;
use ingestsim_model::{BuildError, Outcome, Plan, build, outcome::Summary};
use ingestsim_scenario::{
    Scenario,
    schema::storage::{BillStorage, Profile},
};

use super::candidates::Candidate;
use crate::{
    Simulate,
    decide::sketch::{Sketched, cut},
};

/// A candidate's job, ready to be measured.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    depth: Depth,
    /// What is billed of the copy in S3 that is kept when a file system is made for each job: its share of a month.
    source: Option<Source>,
}

#[derive(Debug, Clone)]
enum Depth {
    /// The job itself.
    Whole(Box<Sketched>),
    /// Its beginning, and half of that.
    Begun { long: Box<Sketched>, short: Box<Sketched>, steps: u64 },
}

/// The data in S3, kept as long as other candidates keep theirs.
#[derive(Debug, Clone)]
struct Source {
    item: String,
    gib_months: f64,
}

impl Measured {
    /// A run of `candidate` that simulates about `samples` samples; `kept` is how storage is billed between jobs.
    pub(super) fn new(
        candidate: &Candidate,
        (scenario, catalog): (&Scenario, &Catalog),
        kept: BillStorage,
        samples: u64,
    ) -> Result<Self, BuildError> {
        let scenario = candidate.scenario(scenario);
        let name = candidate.name.as_str();
        let plan = build(&scenario, catalog, name)?;
        let steps = plan.training.steps;
        let depth = match cut(&scenario, catalog, name, samples / 3 * 2)? {
            Some(long) if long.job.steps.is_some_and(|steps| steps > 1) => {
                let mut short = long.clone();
                short.job.steps = long.job.steps.map(|steps| steps / 2);
                let whole = |scenario: &Scenario| {
                    build(scenario, catalog, name).map(|plan| Box::new(Sketched::within(plan, u64::MAX)))
                };
                Depth::Begun { long: whole(&long)?, short: whole(&short)?, steps }
            }
            _ => Depth::Whole(Box::new(Sketched::within(plan, samples))),
        };
        Ok(Self { depth, source: source(candidate, kept, &scenario, catalog) })
    }

    fn plan(&self) -> &Plan {
        match &self.depth {
            Depth::Whole(whole) => &whole.plan,
            Depth::Begun { long, .. } => &long.plan,
        }
    }
}

impl Simulate for Measured {
    fn simulate(&self, replication: u64) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
        let mut outcome = match &self.depth {
            Depth::Whole(whole) => whole.simulate(replication)?,
            Depth::Begun { long, short, steps } => continued(
                (long.simulate(replication)?, long.plan.training.steps),
                (&short.simulate(replication)?, short.plan.training.steps),
                (*steps, long.plan.training.steps_per_epoch),
            ),
        };
        if let Some(source) = &self.source {
            source.bill(&mut outcome);
        }
        Ok(outcome)
    }

    fn samples(&self) -> u64 {
        match &self.depth {
            Depth::Whole(whole) => whole.samples(),
            Depth::Begun { long, short, .. } => long.samples() + short.samples(),
        }
    }

    fn ranks(&self) -> u32 {
        self.plan().ranks()
    }
}

/// The copy behind a file system that is made for each job, where storage is billed by the month.
fn source(
    candidate: &Candidate,
    kept: BillStorage,
    scenario: &Scenario,
    catalog: &Catalog,
) -> Option<Source> {
    let BillStorage::Retention(shared) = kept else { return None };
    let Profile::FsxLustre(fsx) = &candidate.profile else { return None };
    let price = catalog.price("s3.price_store").ok().filter(|_| !fsx.existing)?;
    let dataset = &scenario.dataset;
    let gib = dataset.file_size.mean_f64() * dataset.file_count() as f64 / (1_u64 << 30) as f64;
    let months = shared.retention.as_hours_f64() / 730.0 / f64::from(shared.jobs);
    Some(Source { item: price.what.clone(), gib_months: gib * months })
}

impl Source {
    /// Bills the month's share in the place of the job's time.
    fn bill(&self, outcome: &mut Outcome) {
        let Some(row) = outcome.costs.iter_mut().find(|row| row.item == self.item) else { return };
        let before = row.cost_usd;
        row.quantity = self.gib_months;
        row.cost_usd = row.quantity * row.price_usd;
        let more = row.cost_usd - before;
        let summary = &mut outcome.summary;
        let share = (summary.cost_total_usd + more) / summary.cost_total_usd;
        summary.cost_storage_usd += more;
        summary.cost_total_usd += more;
        summary.cost_per_epoch_usd *= share;
        summary.cost_per_million_samples_usd *= share;
    }
}

/// The whole job as its beginning foretells it: what the second half of `long` takes, every later piece takes too.
fn continued(
    (long, to): (Outcome, u64),
    (short, from): (&Outcome, u64),
    (steps, per_epoch): (u64, u64),
) -> Outcome {
    let pieces = (steps - to) as f64 / (to - from) as f64;
    let on = |figure: fn(&Summary) -> f64| {
        let (long, short) = (figure(&long.summary), figure(&short.summary));
        long + (long - short) * pieces
    };
    let computing = on(|s| s.gpu_utilisation * s.loop_s);
    let samples = on(|s| s.samples_per_s * s.loop_s);
    let (loop_s, billed_s, cost) = (on(|s| s.loop_s), on(|s| s.billed_s), on(|s| s.cost_total_usd));
    let summary = Summary {
        loop_s,
        training_s: on(|s| s.training_s),
        billed_s,
        total_s: on(|s| s.total_s),
        gpu_utilisation: computing / loop_s,
        gpu_utilisation_billed: computing / billed_s,
        accelerator_utilisation: None,
        samples_per_s: samples / loop_s,
        bytes_per_s: on(|s| s.bytes_per_s * s.loop_s) / loop_s,
        stall_s: on(|s| s.stall_s),
        cost_total_usd: cost,
        cost_compute_usd: on(|s| s.cost_compute_usd),
        cost_storage_usd: on(|s| s.cost_storage_usd),
        cost_throughput_usd: on(|s| s.cost_throughput_usd),
        cost_requests_usd: on(|s| s.cost_requests_usd),
        cost_volume_usd: on(|s| s.cost_volume_usd),
        cost_transfer_usd: on(|s| s.cost_transfer_usd),
        cost_per_epoch_usd: cost * per_epoch as f64 / steps as f64,
        cost_per_million_samples_usd: cost / samples * 1e6,
        cost_stalled_usd: on(|s| s.cost_stalled_usd),
        ..long.summary.clone()
    };
    // Both halves have as many steps: what they differ by is how far the pace is from steady.
    let first = short.summary.loop_s - short.summary.first_batch_wait_s;
    let second = long.summary.loop_s - short.summary.loop_s;
    let unsteady = ((second - first) / second).abs().min(1.0) * (1.0 - long.summary.loop_s / loop_s);
    let more = summary.stall_s / long.summary.stall_s.max(f64::MIN_POSITIVE);
    let mut outcome = long;
    for row in &mut outcome.stalls {
        (row.own_s, row.through_barrier_s) = (row.own_s * more, row.through_barrier_s * more);
    }
    for row in &mut outcome.costs {
        let before = short.costs.iter().find(|other| other.item == row.item && other.part == row.part);
        let before = before.map_or(0.0, |row| row.quantity);
        row.quantity += (row.quantity - before) * pieces;
        row.cost_usd = row.quantity * row.price_usd;
    }
    outcome.summary = summary;
    outcome.fidelity = format!("continued from its first {to} of {steps} steps");
    outcome.fidelity_error = Some(unsteady);
    outcome
}

#[cfg(test)]
mod tests {
    use super::{
        super::candidates::{Family, monthly},
        *,
    };
    use crate::decide::testing;

    fn candidate(scenario: &Scenario, name: &str) -> Candidate {
        let profile = scenario.storage[name].clone();
        Candidate { name: name.to_owned(), family: Family::Own(name.to_owned()), profile }
    }

    fn measured(scenario: &Scenario, name: &str, kept: BillStorage, samples: u64) -> Outcome {
        let catalog = Catalog::builtin();
        let candidate = candidate(scenario, name);
        Measured::new(&candidate, (scenario, &catalog), kept, samples).unwrap().simulate(0).unwrap()
    }

    /// Shards cannot be thinned. Their pace is steady, so the beginning foretells the whole to within a hundredth.
    #[test]
    fn a_beginning_foretells_a_steady_job() {
        let shards = "dataset.samples-per-file = 100\ndataset.file-size = \"10 MB\"\ndataset.files = 4096\n\
                      job.order = \"shards-shuffled\"\njob.epochs = 1\njob.node.page-cache = \"off\"";
        let scenario = testing::scenario(shards);
        let whole = measured(&scenario, "lustre", BillStorage::Job, u64::MAX);
        let begun = measured(&scenario, "lustre", BillStorage::Job, 100_000);
        assert_eq!(whole.fidelity, "exact");
        assert!(
            begun.fidelity.starts_with("continued from its first 520 of 3200 steps"),
            "{}",
            begun.fidelity
        );
        let figures: [fn(&Summary) -> f64; 3] = [|s| s.total_s, |s| s.cost_total_usd, |s| s.gpu_utilisation];
        for figure in figures {
            let error = figure(&begun.summary) / figure(&whole.summary) - 1.0;
            assert!(error.abs() < 0.01, "{error}");
        }
        let bill: f64 = begun.costs.iter().map(|row| row.cost_usd).sum();
        assert!((bill / begun.summary.cost_total_usd - 1.0).abs() < 1e-9);
    }

    /// 4,096 files of 100 kB are 0.3815 GiB; a thirtieth of a month of that at $0.023.
    #[test]
    fn a_file_system_for_one_job_leaves_its_copy_in_s3() {
        let scenario = testing::scenario("storage.lustre.fsx-lustre.existing = false");
        let outcome = measured(&scenario, "lustre", monthly(30), u64::MAX);
        let kept = outcome.costs.iter().find(|row| row.item.contains("S3") && row.part == "storage").unwrap();
        assert!((kept.cost_usd - 0.3815 / 30.0 * 0.023).abs() < 1e-6, "{kept:?}");
        let sum: f64 = outcome.costs.iter().map(|row| row.cost_usd).sum();
        assert!((sum / outcome.summary.cost_total_usd - 1.0).abs() < 1e-9);
    }
}
