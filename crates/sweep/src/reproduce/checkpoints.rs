//! Checkpoints: how long they stop the GPUs, what is gained in the background, and how often to write them.

use super::{
    Case, Lab, Ran, ReproduceError, failures,
    lab::Swept,
    search::{self, Turning},
};
use crate::Estimate;

/// A checkpoint that takes no time: what a job without checkpoints is.
const NONE: &str = "job.checkpoint.size=1 B";

/// How long a checkpoint stops the GPUs, by where it goes.
#[derive(Debug, Clone)]
pub struct Blocking {
    /// Where it may go.
    pub targets: Vec<Target>,
}

/// Somewhere that a checkpoint goes.
#[derive(Debug, Clone)]
pub struct Target {
    /// The profile it is written to.
    pub name: &'static str,
    /// The kind of storage that is.
    pub kind: &'static str,
    /// The size of a checkpoint in bytes, and for how many seconds it stops the GPUs.
    pub sizes: Vec<(f64, f64)>,
}

/// Where checkpoints go, the profile that is read meanwhile, and the key that says so.
const TARGETS: [(&str, &str, Option<&str>, &str); 5] = [
    ("s3", "s3", None, "s3"),
    ("efs", "s3", Some("job.checkpoint.to=efs"), "efs"),
    ("scratch-2", "scratch-2", None, "fsx-lustre"),
    ("p2-1000", "p2-1000", None, "fsx-lustre"),
    ("nvme", "nvme", None, "local-disk"),
];

pub(super) fn blocking_suited(lab: &Lab<'_>) -> Result<(), ReproduceError> {
    for (_, storage, to, _) in TARGETS {
        let plan = lab.plan(&Case::new(storage, to))?;
        if plan.training.steps < checkpoint_steps(&plan) {
            return Err(lab.unsuited("a job that lasts for a checkpoint or more"));
        }
    }
    Ok(())
}

pub(super) fn blocking(lab: &mut Lab<'_>) -> Result<Blocking, ReproduceError> {
    let points = lab.load(&[])?.points()?;
    let mut sizes: Vec<u64> =
        points.iter().filter_map(|point| point.cells[0].to_string().parse().ok()).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut targets = Vec::new();
    for (name, storage, to, kind) in TARGETS {
        let base = Case::new(storage, to);
        let sized = sizes.iter().map(|bytes| base.also(format!("job.checkpoint.size={bytes} B")));
        let runs = lab.run(&std::iter::once(base.also(NONE)).chain(sized).collect::<Vec<_>>())?;
        let plan = lab.plan(&base)?;
        let checkpoints = plan.training.steps / checkpoint_steps(&plan);
        let [none, runs @ ..] = runs.as_slice() else { continue };
        let stopped = |ran: &Ran| (ran.summary().loop_s - none.summary().loop_s) / checkpoints as f64;
        let sizes = sizes.iter().zip(runs).map(|(&bytes, ran)| (bytes as f64, stopped(ran))).collect();
        targets.push(Target { name, kind, sizes });
    }
    Ok(Blocking { targets })
}

fn checkpoint_steps(plan: &ingestsim_model::Plan) -> u64 {
    match plan.checkpoint.as_ref().map(|checkpoint| checkpoint.every) {
        Some(ingestsim_model::checkpoint::Every::Steps(steps)) => steps,
        _ => plan.training.steps,
    }
}

/// Checkpoints in the background and blocking.
#[derive(Debug, Clone)]
pub struct Background {
    /// The job without checkpoints.
    pub none: Ran,
    /// By size in bytes: blocking, and in the background.
    pub sizes: Vec<(f64, Ran, Ran)>,
    /// From which size on those in the background take more than a hundredth of the loop.
    pub felt: Turning,
}

/// The share of the loop that is felt.
pub const FELT: f64 = 0.01;

pub(super) fn background(lab: &mut Lab<'_>) -> Result<Background, ReproduceError> {
    let none = lab.run_one(&Case::new("fsx", [NONE]))?;
    let mut sizes = Vec::new();
    let (blocking, background): (Vec<Swept>, Vec<Swept>) =
        lab.sweep()?.into_iter().partition(|swept| swept.at[0] == 1.0);
    for (blocking, background) in blocking.into_iter().zip(background) {
        sizes.push((blocking.at[1], blocking.ran, background.ran));
    }
    let felt = search::ratio((1e9, 500e9), lab.closeness(), |bytes| {
        let sets = [format!("job.checkpoint.size={bytes:.0} B"), "job.checkpoint.blocking=false".to_owned()];
        let ran = lab.run_one(&Case::new("fsx", sets))?;
        Ok::<_, ReproduceError>(lost(&ran, &none) > FELT)
    })?;
    Ok(Background { none, sizes, felt })
}

/// The share of a loop that it is longer than one without checkpoints.
#[must_use]
pub fn lost(ran: &Ran, none: &Ran) -> f64 {
    // Where nothing is lost, the two loops differ by a few nanoseconds.
    (1.0 - none.summary().loop_s / ran.summary().loop_s).max(0.0)
}

/// How often to write a checkpoint.
#[derive(Debug, Clone)]
pub struct Interval {
    /// By training between two checkpoints, in seconds.
    pub intervals: Vec<Every>,
    /// What a checkpoint takes.
    pub checkpoint_s: f64,
    /// Mean time between interruptions.
    pub between_s: f64,
    /// Runs of each interval.
    pub replications: u64,
}

/// One interval.
#[derive(Debug, Clone, Copy)]
pub struct Every {
    /// Training between two checkpoints.
    pub every_s: f64,
    /// From submission to the end, simulated mean.
    pub total_s: Estimate,
    /// The same by theory.
    pub expected_s: f64,
    /// The mean bill.
    pub cost_usd: f64,
}

/// Runs of each interval.
const REPLICATIONS: u64 = 200;

/// The profile that intervals are tried on.
const STORAGE: &str = "s3";

pub(super) fn interval_suited(lab: &Lab<'_>) -> Result<(), ReproduceError> {
    let rate = lab.plan(&Case::new(STORAGE, [""; 0]))?.failures.spot_per_s;
    if rate > 0.0 { Ok(()) } else { Err(lab.unsuited("a job.failures.spot-per-hour above zero")) }
}

pub(super) fn interval(lab: &mut Lab<'_>) -> Result<Interval, ReproduceError> {
    const CALM: &str = "job.failures.spot-per-hour=0";
    let points = lab.load(&[])?.points()?;
    let steps: Vec<String> = points.iter().map(|point| point.cells[0].to_string()).collect();
    let case = |steps: &String| Case::new(STORAGE, [format!("job.checkpoint.every-steps={steps}")]);
    let cases: Vec<Case> = steps.iter().map(case).collect();
    let replications = lab.replications(REPLICATIONS);
    let plan = lab.plan(&cases[0])?;
    let rate = plan.failures.spot_per_s;
    let calm = lab.run(&cases.iter().map(|case| case.also(CALM)).collect::<Vec<_>>())?;
    let runs = lab.replicate(&cases, replications)?;
    let step_s = plan.training.step_time.mean() / 1e9;
    let none = lab.run_one(&cases[0].also(CALM).also(NONE))?;
    let checkpoint_s = (calm[0].summary().loop_s - none.summary().loop_s) / plan.training.steps as f64;
    let every = |((steps, calm), runs): ((&String, &Ran), &Vec<Ran>)| {
        let every_s = steps.parse::<f64>().unwrap_or(1.0) * step_s;
        let loop_s = calm.summary().loop_s;
        let with_failures = failures::expected_s(rate, loop_s, every_s, failures::restart_s(calm));
        let costs = runs.iter().map(|ran| Some(ran.summary().cost_total_usd));
        Every {
            every_s,
            total_s: Estimate::of(runs.iter().map(|ran| Some(ran.summary().total_s))),
            expected_s: calm.summary().total_s - loop_s + with_failures,
            cost_usd: Estimate::of(costs).mean.unwrap_or_default(),
        }
    };
    let intervals = steps.iter().zip(&calm).zip(&runs).map(every).collect();
    Ok(Interval { intervals, checkpoint_s, between_s: 1.0 / rate, replications })
}

impl Interval {
    /// Young's interval: √(2 × time of a checkpoint × time between failures).
    ///
    /// Source: J. W. Young, A first order approximation to the optimum checkpoint interval, 1974. Right where a checkpoint
    /// takes little of the time between failures.
    #[must_use]
    pub fn young_s(&self) -> f64 {
        (2.0 * self.checkpoint_s * self.between_s).sqrt()
    }

    /// The simulated interval after which jobs end soonest.
    ///
    /// # Panics
    ///
    /// If none was simulated.
    #[must_use]
    pub fn best(&self) -> &Every {
        let mean = |every: &Every| every.total_s.mean.unwrap_or(f64::INFINITY);
        let best = self.intervals.iter().min_by(|one, other| mean(one).total_cmp(&mean(other)));
        best.expect("a sweep over intervals has points")
    }
}
