//! Many small files over repeated epochs: S3 FastFile against FSx for Lustre, by the number of epochs.
//!
//! The first epochs are simulated and those after them taken to be like the second to the last of them. Where the one-time
//! load and FastFile change places is then looked for by runs of exactly so many epochs.

use super::{
    Case, Lab, Ran, ReproduceError,
    search::{self, Turn, Turning},
};

/// The profile that streams from S3.
pub const FAST_FILE: &str = "fast-file";

/// The profile that loads everything before the job.
pub const ONE_TIME: &str = "fsx-one-time";

/// How far the curves go.
pub const EPOCHS_MAX: u64 = 60;

/// What the comparison comes to.
#[derive(Debug, Clone)]
pub struct SmallFiles {
    /// Every profile over the epochs that were simulated.
    pub runs: Vec<Ran>,
    /// Each profile of FSx for Lustre, and from how many epochs on it is cheaper, and done sooner, than FastFile.
    pub turns: Vec<(String, Crossing, Crossing)>,
}

/// Where two lines cross.
#[derive(Debug, Clone, Copy)]
pub struct Crossing {
    /// The number of epochs.
    pub turning: Turning,
    /// Whether it was found by runs of exactly so many epochs, and not by lines through the first ones.
    pub exact: bool,
}

/// A figure of a job of so many epochs, by the line through those that were simulated.
type Figure = fn(&Ran, u64) -> f64;

pub(super) fn compute(lab: &mut Lab<'_>) -> Result<SmallFiles, ReproduceError> {
    let runs = lab.profiles(&[])?;
    let mut turns = Vec::new();
    for fsx in runs.iter().filter(|ran| ran.storage != FAST_FILE) {
        let exactly = fsx.storage == ONE_TIME;
        let cheaper = crossing(lab, &runs, fsx, cost_usd, exactly)?;
        let sooner = crossing(lab, &runs, fsx, total_s, exactly)?;
        turns.push((fsx.storage.clone(), cheaper, sooner));
    }
    Ok(SmallFiles { runs, turns })
}

/// From submission to the end of a job of so many epochs.
#[must_use]
pub fn total_s(ran: &Ran, epochs: u64) -> f64 {
    ran.summary().total_s + beyond_s(ran, epochs)
}

/// The bill of a job of so many epochs: what the run was billed, and for each further epoch the rates of the last one.
#[must_use]
pub fn cost_usd(ran: &Ran, epochs: u64) -> f64 {
    let summary = ran.summary();
    let per_s = summary.cost_compute_usd / summary.billed_s
        + (summary.cost_storage_usd + summary.cost_volume_usd) / summary.total_s;
    let simulated = ran.epochs_s().count() as f64;
    // FastFile asks S3 again in every epoch; FSx for Lustre asks once.
    let requests_usd = if ran.storage == FAST_FILE { summary.cost_requests_usd / simulated } else { 0.0 };
    summary.cost_total_usd + beyond_s(ran, epochs) * per_s + requests_usd * (epochs as f64 - simulated)
}

/// Seconds of the epochs beyond, or short of, those that were simulated.
fn beyond_s(ran: &Ran, epochs: u64) -> f64 {
    let seconds: Vec<f64> = ran.epochs_s().collect();
    let later = &seconds[1.min(seconds.len() - 1)..];
    let each = later.iter().sum::<f64>() / later.len() as f64;
    match epochs.checked_sub(seconds.len() as u64) {
        Some(more) => more as f64 * each,
        None => -seconds[epochs as usize..].iter().sum::<f64>(),
    }
}

fn crossing(
    lab: &mut Lab<'_>,
    runs: &[Ran],
    fsx: &Ran,
    figure: Figure,
    exactly: bool,
) -> Result<Crossing, ReproduceError> {
    let stream = super::ran::of(runs, FAST_FILE);
    let below = |epochs: u64| Ok::<_, ReproduceError>(figure(fsx, epochs) <= figure(stream, epochs));
    let turning = search::whole((1, EPOCHS_MAX), below)?;
    match turning {
        Turning::At(turn) if exactly => {
            let turn = walked(lab, &fsx.storage, turn, figure)?;
            Ok(Crossing { turning: Turning::At(turn), exact: true })
        }
        _ => Ok(Crossing { turning, exact: false }),
    }
}

/// The turn near one that lines say, by runs in full.
fn walked(lab: &mut Lab<'_>, fsx: &str, guess: Turn, figure: Figure) -> Result<Turn, ReproduceError> {
    let mut below = |epochs: u64| {
        let set = format!("job.epochs={epochs}");
        let both = lab.run(&[FAST_FILE, fsx].map(|storage| Case::new(storage, [set.clone()])))?;
        Ok::<_, ReproduceError>(figure(&both[1], epochs) <= figure(&both[0], epochs))
    };
    let mut after = guess.after as u64;
    while !below(after)? && after < EPOCHS_MAX {
        after += 1;
    }
    // What was found by walking up needs no second look at the step before.
    if after == guess.after as u64 {
        while after > 1 && below(after - 1)? {
            after -= 1;
        }
    }
    Ok(Turn { before: after as f64 - 1.0, after: after as f64 })
}
