//! The simulated things: data set, loaders, trainer, tiers, caches, cost and the laws of a run.
//!
//! [`build`] turns a scenario and a catalog into a [`Plan`], the one door from what was written to what is true;
//! [`Plan::simulate`] runs it. Nothing here reads a file or prints.

mod build;
pub mod cache;
pub mod cause;
pub mod checkpoint;
pub mod cost;
pub mod dataset;
pub mod failures;
pub mod fidelity;
pub mod job;
pub mod laws;
pub mod loader;
mod network;
pub mod order;
pub mod outcome;
pub mod plan;
pub mod stall;
pub mod tier;
mod timeline;
mod world;

pub use build::{BuildError, build};
pub use fidelity::Fidelity;
pub use laws::BrokenLaw;
pub use outcome::Outcome;
pub use plan::Plan;

impl Plan {
    /// Runs one replication at the plan's own fidelity, and checks it if the plan says so.
    ///
    /// # Errors
    ///
    /// If the run breaks one of the laws that every run is checked against: the model is wrong then, not the scenario.
    pub fn simulate(&self, replication: u64) -> Result<Outcome, BrokenLaw> {
        let outcome = self.simulate_at(replication, self.fidelity)?;
        if self.check_fidelity { self.checked(outcome, replication) } else { Ok(outcome) }
    }

    /// Runs one replication at a fidelity.
    ///
    /// # Errors
    ///
    /// As [`Plan::simulate`].
    pub fn simulate_at(&self, replication: u64, fidelity: Fidelity) -> Result<Outcome, BrokenLaw> {
        world::run(self, replication, fidelity)
    }
}
