//! What one run of an item's scenario came to.

use ingestsim_model::{Outcome, outcome::Summary};

/// One profile's run, or one of several runs.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The profile's name.
    pub storage: String,
    /// The kind of storage it is, as in the path of its keys.
    pub kind: &'static str,
    /// What it reports, without its timeline.
    pub outcome: Box<Outcome>,
}

impl Ran {
    /// The headline figures.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.outcome.summary
    }

    /// Seconds of each epoch.
    pub fn epochs_s(&self) -> impl Iterator<Item = f64> + '_ {
        self.outcome.epochs.iter().map(|epoch| epoch.seconds)
    }

    /// What the tier bills for a gigabyte and month, the first such item of the bill; none where it bills none.
    #[must_use]
    pub fn usd_per_gb_month(&self) -> Option<f64> {
        self.outcome.costs.iter().find(|row| row.part == "storage").map(|row| row.price_usd)
    }

    /// What the tier bills for a gigabyte that is read; none where it bills none.
    #[must_use]
    pub fn usd_per_gb_read(&self) -> Option<f64> {
        self.outcome.costs.iter().find(|row| row.part == "throughput").map(|row| row.price_usd)
    }

    /// How long all GPUs of the job computed, in seconds of the loop.
    #[must_use]
    pub fn computing_s(&self) -> f64 {
        self.summary().gpu_utilisation * self.summary().loop_s
    }
}

/// The run of the profile of this name.
///
/// # Panics
///
/// If there is none: an item asks for a profile that its scenario does not have.
#[must_use]
pub fn of<'a>(runs: &'a [Ran], storage: &str) -> &'a Ran {
    runs.iter().find(|ran| ran.storage == storage).expect("an item asks for profiles of its scenario")
}

/// The run with the smallest bill.
///
/// # Panics
///
/// If there is no run.
#[must_use]
pub fn cheapest(runs: &[Ran]) -> &Ran {
    least(runs, |ran| ran.summary().cost_total_usd)
}

/// The run that ends first.
///
/// # Panics
///
/// If there is no run.
#[must_use]
pub fn soonest(runs: &[Ran]) -> &Ran {
    least(runs, |ran| ran.summary().total_s)
}

fn least(runs: &[Ran], figure: impl Fn(&Ran) -> f64) -> &Ran {
    let least = runs.iter().min_by(|one, other| figure(one).total_cmp(&figure(other)));
    least.expect("an item runs at least one profile")
}
