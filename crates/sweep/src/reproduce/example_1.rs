//! Example 1: 500 GB of images, copied before every job or read from FSx for Lustre.
//!
//! What stands before the first batch is computed for the whole data set. The epochs are those of a tenth of it, with
//! the page cache's share of the data kept, and scale with the number of files: those of a run in full differ by less than
//! 1 % (27.2 h lazy in both, 49.3 min resident against 49.5).

use ingestsim_model::Plan;

use super::{Case, Lab, Ran, ReproduceError, Size};

/// The share of the data set whose epochs are simulated, in full and at reduced size.
const SHARES: [f64; 2] = [0.1, 0.002];

/// What the first example comes to.
#[derive(Debug, Clone)]
pub struct Example1 {
    /// The profiles in their written order.
    pub profiles: Vec<Start>,
    /// Files of the whole data set.
    pub files: u64,
    /// Bytes of it.
    pub bytes: f64,
}

/// How a profile starts, and how its epochs go.
#[derive(Debug, Clone)]
pub struct Start {
    /// The start of the whole job.
    pub start: Ran,
    /// The epochs of a part of the data set.
    pub part: Ran,
    /// Seconds of the first epoch over the whole data set.
    pub first_epoch_s: f64,
    /// Seconds of the second.
    pub second_epoch_s: f64,
    /// Of the provisioning: creating the file system.
    pub creation_s: f64,
    /// Of the provisioning: taking over the names of all files.
    pub import_s: f64,
}

/// The profile that tells of data set and host.
const GUIDE: &str = "file-guide";

/// What the item takes.
const TWO_EPOCHS: &str = "a job of two epochs or more";

pub(super) fn suited(lab: &Lab<'_>) -> Result<(), ReproduceError> {
    let whole = lab.plan(&Case::new(GUIDE, [""; 0]))?;
    let part = lab.plan(&Case::new(GUIDE, part(lab, &whole)))?.training;
    if part.steps <= part.steps_per_epoch { Err(lab.unsuited(TWO_EPOCHS)) } else { Ok(()) }
}

/// How much of the data set is simulated over whole epochs.
fn share(lab: &Lab<'_>) -> f64 {
    SHARES[usize::from(lab.size() == Size::Reduced)]
}

/// What is set for that part: as much of it is in the page cache as of the whole.
fn part(lab: &Lab<'_>, whole: &Plan) -> [String; 2] {
    let cached = whole.host.page_cache.as_ref().map_or(0.0, |cache| cache.cache.capacity as f64);
    let cached = (cached / whole.dataset.bytes_mean()).min(1.0);
    let page_cache = format!("job.node.page-cache={{ size = \"{:.1} %\" }}", 100.0 * cached);
    [format!("dataset.total-size={:.0} B", share(lab) * whole.dataset.bytes_mean()), page_cache]
}

pub(super) fn compute(lab: &mut Lab<'_>) -> Result<Example1, ReproduceError> {
    // Whatever an epoch reads, a copy copies everything and an import takes over every name.
    let starts = ["dataset.fraction-per-epoch=0.002", "job.epochs=1"].map(str::to_owned);
    let starts = lab.profiles(&starts)?;
    let whole = lab.plan(&Case::new(GUIDE, [""; 0]))?;
    let share = share(lab);
    let parts = lab.profiles(&part(lab, &whole))?;
    let mut profiles = Vec::with_capacity(starts.len());
    for (start, part) in starts.into_iter().zip(parts) {
        let provisioning = lab.plan(&Case::new(&start.storage, [""; 0]))?.phases.provisioning;
        let epochs: Vec<f64> = part.epochs_s().map(|seconds| seconds / share).collect();
        let [first_epoch_s, second_epoch_s, ..] = epochs[..] else {
            return Err(lab.unsuited(TWO_EPOCHS));
        };
        profiles.push(Start {
            start,
            part,
            first_epoch_s,
            second_epoch_s,
            creation_s: provisioning.creation.as_secs_f64(),
            import_s: provisioning.metadata_import.as_secs_f64(),
        });
    }
    Ok(Example1 { profiles, files: whole.dataset.files(), bytes: whole.dataset.bytes_mean() })
}

impl Example1 {
    /// The profile of this name.
    ///
    /// # Panics
    ///
    /// If the example has no such profile.
    #[must_use]
    pub fn of(&self, storage: &str) -> &Start {
        let found = self.profiles.iter().find(|profile| profile.start.storage == storage);
        found.expect("the first example has the profiles that it is about")
    }
}
