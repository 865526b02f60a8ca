//! The fidelity ladder: how closely a run is simulated, and what each way of it leaves out.
//!
//! | rung | what is simulated |
//! |---|---|
//! | exact | every sample of every epoch |
//! | steps | the first batch of each GPU exactly, then one draw for each batch that is built ([`steps`]), at the rates of a product-form network ([`product_form`]); epochs that are alike once |
//! | thinned epochs | a part of the steps, each as often as it counts; epochs that are alike once ([`thinning`]) |
//! | bound | no chance at all: fluid batches at the rates of the network |
//!
//! `fast` takes the steps where their gate lets it, else thinned epochs, else it is exact, and says why. Each rung estimates
//! its own error.

pub mod check;
pub(crate) mod gate;
pub mod product_form;
mod stations;
pub mod steps;
pub mod thinning;
pub(crate) mod traffic;

pub use check::FidelityCheck;
pub use thinning::Thinning;

use crate::plan::Plan;

/// The rungs of the ladder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fidelity {
    /// Every sample of every epoch.
    #[default]
    Exact,
    /// One draw a batch, or a part of the steps; no epoch twice.
    Fast,
    /// Closed forms and fluid batches.
    Bound,
    /// Exact where that is quick, else fast.
    Auto,
    /// Thinned epochs of only about so many samples behind their heads, whatever error that leaves: for a race among
    /// many set-ups, most of which need not be known well. Where steps cannot be left out it is exact all the same.
    Sketch(u64),
    /// Steps where their gate lets it, else a sketch of about so many samples.
    Brief(u64),
}

/// The relative error of the loop's length up to which thinned epochs stand by their answer.
pub const ERROR_MAX: f64 = 0.005;

/// The same for steps.
pub const STEPS_ERROR_MAX: f64 = 0.01;

/// Samples up to which `auto` simulates every one of them: part of a second.
const AUTO_EXACT_SAMPLES: u64 = 1_000_000;

impl Plan {
    /// Whether `auto` simulates this plan sample by sample.
    pub(crate) fn is_small(&self) -> bool {
        self.training.duration.is_some() || self.estimated_samples() <= AUTO_EXACT_SAMPLES
    }
}
