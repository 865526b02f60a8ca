//! Example 2: a tuning job of two hours on Scratch and on every Persistent type.

use ingestsim_model::{Plan, tier::Source};

use super::{
    Case, Lab, Ran, ReproduceError,
    failures::{self, Check},
};

/// The profile that the guide recommends.
pub const SCRATCH: &str = "scratch-2";

/// Simulated failures to one real one, so that a few hundred runs see some hundred of them.
const HASTENED: f64 = 5_000.0;

/// What the second example comes to.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// The types in their written order.
    pub types: Vec<Type>,
    /// The probability that a Scratch file system is lost while the trials run.
    pub loss_probability: f64,
    /// What a loss in the middle of a trial costs, in seconds of the job.
    pub loss_s: f64,
    /// The same in dollars of GPU time, and of storage.
    pub loss_usd: f64,
    /// Simulated losses beside theory.
    pub check: Check,
}

/// A type of file system and the job on it.
#[derive(Debug, Clone)]
pub struct Type {
    /// The job.
    pub ran: Ran,
    /// What its disks read at when their credit is spent, in bytes a second.
    pub disk_rate: f64,
}

pub(super) fn compute(lab: &mut Lab<'_>) -> Result<Tuning, ReproduceError> {
    let mut types = Vec::new();
    for ran in lab.profiles(&[])? {
        let plan = lab.plan(&Case::new(&ran.storage, [""; 0]))?;
        types.push(Type { disk_rate: disk_rate(&plan), ran });
    }
    let scratch = &of(&types, SCRATCH).ran;
    let plan = lab.plan(&Case::new(SCRATCH, [""; 0]))?;
    let trials = f64::from(plan.training.trials);
    let rate = plan.failures.storage_loss_per_s;
    let work_s = scratch.summary().loop_s;
    let loss_s = work_s / 2.0 + failures::restart_s(scratch);
    let unbilled_s = scratch.summary().provisioning_s + scratch.summary().starting_s;
    let gpu_usd_per_s = scratch.summary().cost_compute_usd / scratch.summary().billed_s;
    let storage_usd_per_s = scratch.summary().cost_storage_usd / scratch.summary().total_s;
    let loss_usd = (loss_s - unbilled_s) * gpu_usd_per_s + loss_s * storage_usd_per_s;
    let check = check(lab)?;
    let loss_probability = -(-rate * trials * work_s).exp_m1();
    Ok(Tuning { types, loss_probability, loss_s, loss_usd, check })
}

/// The job in few and large files, under failures that are hastened.
fn check(lab: &mut Lab<'_>) -> Result<Check, ReproduceError> {
    let few = ["dataset.files=235", "dataset.file-size=1 GB", "job.batch-size=1", "job.step-time=6.25 s"];
    let case = Case::new(SCRATCH, few);
    let trials = f64::from(lab.plan(&case)?.training.trials);
    let replications = lab.replications(400);
    failures::check(lab, &case, HASTENED, replications, |rate, quiet, restart_s| {
        let work_s = quiet.summary().loop_s;
        trials * (failures::expected_s(rate, work_s, work_s, restart_s) - work_s)
    })
}

/// What the disks of all servers read at without credit.
fn disk_rate(plan: &Plan) -> f64 {
    match &plan.path.source {
        Source::Fabric(fabric) => {
            let one = fabric.disk.map_or(0.0, |disk| disk.baseline.as_f64());
            one * f64::from(fabric.servers)
        }
        Source::Volume { .. } => 0.0,
    }
}

/// The type of this name.
///
/// # Panics
///
/// If the example has no such type.
#[must_use]
pub fn of<'a>(types: &'a [Type], storage: &str) -> &'a Type {
    types.iter().find(|one| one.ran.storage == storage).expect("the example has the types it is about")
}
