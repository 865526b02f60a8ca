//! Lazy load against one-time load: how much of the set a job has to read for the one to be worth more than the other.

use super::{
    Case, Lab, Ran, ReproduceError,
    search::{self, Turning},
};

/// The two loads of one set.
#[derive(Debug, Clone)]
pub struct Loads {
    /// The job on the lazy file system.
    pub lazy: Ran,
    /// The job on the one that is loaded before it begins.
    pub one_time: Ran,
    /// Steps of an epoch.
    pub steps_per_epoch: u64,
    /// From how many steps on the job with the one-time load is done first.
    pub sooner: Turning,
    /// From how many steps on it is cheaper.
    pub cheaper: Turning,
    /// The time from submission to the end of a job of so many epochs, lazy and one-time.
    pub curve: Vec<(f64, [f64; 2])>,
}

const PROFILES: [&str; 2] = ["lazy", "one-time"];

pub(super) fn compute(lab: &mut Lab<'_>) -> Result<Loads, ReproduceError> {
    let plan = lab.plan(&Case::new("lazy", [""; 0]))?;
    let (steps_per_epoch, all) = (plan.training.steps_per_epoch, plan.training.steps);
    let mut both = lab.profiles(&[])?;
    let one_time = both.remove(1);
    let lazy = both.remove(0);
    let sooner = search::whole((1, all), |steps| {
        let both = after(lab, steps)?;
        Ok::<_, ReproduceError>(both[1].summary().total_s <= both[0].summary().total_s)
    })?;
    let cheaper = search::whole((1, all), |steps| {
        let both = after(lab, steps)?;
        Ok::<_, ReproduceError>(both[1].summary().cost_total_usd <= both[0].summary().cost_total_usd)
    })?;
    let mut curve = Vec::new();
    for tenth in [1, 2, 3, 4, 5, 7, 10, 15, 20, 30] {
        let steps = (steps_per_epoch * tenth / 10).max(1);
        let both = after(lab, steps)?;
        let totals = [both[0].summary().total_s, both[1].summary().total_s];
        curve.push((steps as f64 / steps_per_epoch as f64, totals));
    }
    Ok(Loads { lazy, one_time, steps_per_epoch, sooner, cheaper, curve })
}

/// Both jobs after so many steps.
fn after(lab: &mut Lab<'_>, steps: u64) -> Result<Vec<Ran>, ReproduceError> {
    let set = format!("job.steps={steps}");
    lab.run(&PROFILES.map(|storage| Case::new(storage, [set.clone()])))
}
