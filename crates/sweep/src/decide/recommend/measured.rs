//! One run of a race: a job simulated as closely as its share of the budget allows.
//!
//! A job of which steps can be left out is taken as a fluid, goes by steps, or is sketched. Of any other the first steps
//! are simulated, twice: to some step, and to half of it. What is between the two goes on to the end: exact for a job
//! without caches that fill, too slow for one whose later epochs are faster than its first, and its error is taken from how
//! much the two halves differ.

use std::error::Error;

use ingestsim_catalog::Catalog;
use ingestsim_model::{BuildError, Fidelity, Outcome, Plan, build, outcome::Summary, tier::Source};
use ingestsim_scenario::{
    Scenario,
    schema::storage::{BillStorage, Profile},
};

use super::candidates::Candidate;
use crate::{
    Simulate,
    decide::sketch::{Sketched, cut},
};

/// A sketch that is off by more, as it says itself, gives way to a fluid that is off by less.
const COARSE: f64 = 0.02;

/// Epochs of which one is longer than another by this factor are unlike.
const UNEVEN: f64 = 1.05;

/// A sketch simulates its part of the first epoch and of the second.
const EPOCHS_SIMULATED: u64 = 2;

/// A close look is in full where that is not so many times as long.
const IN_FULL: u64 = 8;

/// How closely a candidate is looked at. A job of no more samples than are stated is simulated in full by all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    /// As a fluid without chance: a millisecond. What cannot be one is looked at briefly.
    Fluid(u64),
    /// By steps where their gate lets it, else as a sketch of so many samples, or as a fluid where that is off by less.
    Brief(u64),
    /// The same, and in full where the job has no more than eight times so many samples.
    Close(u64),
    /// As a sketch: for one set-up against itself, where both sides have to be off by the same.
    Sketch(u64),
    /// Every sample.
    Full,
}

/// A candidate's job, ready to be measured.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    depth: Depth,
    /// Whether a fluid may stand in for a sketch that is worse.
    gives_way: bool,
    /// What is billed of the copy in S3 that is kept when a file system is made for each job: its share of a month.
    copy: Option<Copy>,
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
pub(super) struct Copy {
    pub(super) item: String,
    gib_months: f64,
    price_usd: f64,
}

impl Measured {
    /// A run of `candidate`; `kept` is how storage is billed between jobs.
    pub(super) fn new(
        candidate: &Candidate,
        (scenario, catalog): (&Scenario, &Catalog),
        kept: BillStorage,
        look: Look,
    ) -> Result<Self, BuildError> {
        let scenario = candidate.scenario(scenario);
        let name = candidate.name.as_str();
        let plan = build(&scenario, catalog, name)?;
        let steps = plan.training.steps;
        let depth = match cut(&scenario, catalog, name, look.samples(&plan) / 3 * 2)? {
            Some(long) if long.job.steps.is_some_and(|steps| steps > 1) => {
                let mut short = long.clone();
                short.job.steps = long.job.steps.map(|steps| steps / 2);
                let whole = |scenario: &Scenario| {
                    build(scenario, catalog, name).map(|plan| Box::new(Sketched::within(plan, u64::MAX)))
                };
                Depth::Begun { long: whole(&long)?, short: whole(&short)?, steps }
            }
            _ => Depth::Whole(Box::new(look.at(plan))),
        };
        let gives_way = matches!(look, Look::Brief(_) | Look::Close(_));
        Ok(Self { depth, gives_way, copy: copy_of(candidate, kept, &scenario, catalog) })
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
            Depth::Whole(whole) if self.gives_way => better(whole, replication)?,
            Depth::Whole(whole) => whole.simulate(replication)?,
            Depth::Begun { long, short, steps } => continued(
                (long.simulate(replication)?, long.plan.training.steps),
                (&short.simulate(replication)?, short.plan.training.steps),
                (*steps, long.plan.training.steps_per_epoch),
            ),
        };
        if let Some(copy) = &self.copy {
            copy.bill(&mut outcome);
        }
        Ok(outcome)
    }

    fn samples(&self) -> u64 {
        match &self.depth {
            Depth::Whole(whole) if whole.fidelity == Fidelity::Bound => 0,
            Depth::Whole(whole) => whole.samples(),
            Depth::Begun { long, short, .. } => long.samples() + short.samples(),
        }
    }

    fn ranks(&self) -> u32 {
        self.plan().ranks()
    }
}

impl Look {
    /// Samples that a run has at most, or of which the first ones are simulated; no limit for what is run in full.
    fn samples(self, plan: &Plan) -> u64 {
        match self {
            Self::Close(samples) if plan.estimated_samples() <= samples.saturating_mul(IN_FULL) => u64::MAX,
            Self::Fluid(samples) | Self::Brief(samples) | Self::Close(samples) | Self::Sketch(samples) => {
                samples
            }
            Self::Full => u64::MAX,
        }
    }

    fn at(self, plan: Plan) -> Sketched {
        let samples = self.samples(&plan);
        let fidelity = match self {
            _ if plan.estimated_samples() <= samples => Fidelity::Exact,
            Self::Fluid(_) if plan.can_be_thinned() => Fidelity::Bound,
            Self::Fluid(_) | Self::Brief(_) | Self::Close(_) => Fidelity::Brief(samples / EPOCHS_SIMULATED),
            Self::Sketch(_) => Fidelity::Sketch(samples / EPOCHS_SIMULATED),
            Self::Full => Fidelity::Exact,
        };
        Sketched { plan, fidelity }
    }
}

/// A brief run, or the fluid where that says more.
///
/// Few steps say little of a loop that storage holds up throughout: then the fluid is off by less, as both say themselves.
/// And credit that lasts for some epochs is used up step by step: a sketch that leaves most of them out misses the epoch in
/// which it ends. In full, credit of EFS ended in the 33rd epoch of 500 GB, in the fluid in the 33rd, in a sketch not before
/// the 44th.
fn better(run: &Sketched, replication: u64) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
    let fluid = || run.plan.simulate_at(replication, Fidelity::Bound);
    let is_brief = matches!(run.fidelity, Fidelity::Brief(_)) && run.plan.can_be_thinned();
    let credit = match &run.plan.path.source {
        Source::Fabric(fabric) => {
            [fabric.client, fabric.server, fabric.disk].into_iter().flatten().any(|cap| cap.burst.is_some())
        }
        _ => false,
    };
    if is_brief && credit {
        let fluid = fluid()?;
        if is_uneven(&fluid) {
            return Ok(fluid);
        }
    }
    let brief = run.simulate(replication)?;
    let error = brief.fidelity_error.unwrap_or(0.0);
    if !is_brief || error <= COARSE {
        return Ok(brief);
    }
    let fluid = fluid()?;
    Ok(if fluid.fidelity_error.is_some_and(|stated| stated < error) { fluid } else { brief })
}

/// Whether epochs after the first, which fills the caches, take unlike times.
fn is_uneven(outcome: &Outcome) -> bool {
    let later = || outcome.epochs.iter().skip(1).map(|epoch| epoch.seconds);
    later().fold(0.0, f64::max) > UNEVEN * later().fold(f64::INFINITY, f64::min)
}

/// The copy behind a file system that is made for each job, where storage is billed by the month.
pub(super) fn copy_of(
    candidate: &Candidate,
    kept: BillStorage,
    scenario: &Scenario,
    catalog: &Catalog,
) -> Option<Copy> {
    let BillStorage::Retention(shared) = kept else { return None };
    let Profile::FsxLustre(fsx) = &candidate.profile else { return None };
    let price = catalog.price("s3.price_store").ok().filter(|_| !fsx.existing)?;
    let dataset = &scenario.dataset;
    let gib = dataset.file_size.mean_f64() * dataset.file_count() as f64 / (1_u64 << 30) as f64;
    let months = shared.retention.as_hours_f64() / 730.0 / f64::from(shared.jobs);
    Some(Copy { item: price.what.clone(), gib_months: gib * months, price_usd: price.usd.dollars() })
}

impl Copy {
    /// Its price, where it is billed.
    pub(super) fn cost_usd(&self) -> f64 {
        self.gib_months * self.price_usd
    }

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
        Measured::new(&candidate, (scenario, &catalog), kept, Look::Brief(samples))
            .unwrap()
            .simulate(0)
            .unwrap()
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

    /// 2 TB an epoch at 500 MB/s, each byte a third on the meter, outrun 102 MB/s that are earned by 65 MB/s: credit of some
    /// 4 TB lasts for 15 epochs of 4,099 s, and then they take 6,990 s. A sketch has it end 400 s late.
    #[test]
    fn credit_ends_in_the_epoch_in_which_it_ends() {
        let sets = "dataset = { files = 16_384, file-size = \"125 MB\" }\njob.batch-size = 2\njob.epochs = 24\n\
                    job.step-time = \"2 s\"\njob.node.page-cache = \"off\"\nloader.pytorch.decode.per-sample = \"0 s\"\n\
                    job.instances = 2";
        let scenario = testing::scenario(sets);
        let whole = measured(&scenario, "shared", BillStorage::Job, u64::MAX);
        let brief = measured(&scenario, "shared", BillStorage::Job, 2_000);
        assert!(is_uneven(&whole), "{:?}", whole.epochs);
        let off = brief.summary.total_s / whole.summary.total_s - 1.0;
        assert!(off.abs() < 0.001, "{off} {} {:?}", brief.fidelity, brief.fidelity_error);
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
