//! The study guide's examples and rules: each a scenario that is run, and what comes out in figures.
//!
//! An item computes; it does not judge. What the guide says, whether the figures agree with it and under which
//! assumption is said where they are put into words. Scenarios are part of the program, so items run anywhere. Each
//! item's data set is small enough for a laptop; where the guide's is larger, the item says how its figures scale.

mod embedded;
mod lab;
mod search;

use ingestsim_catalog::Catalog;
use ingestsim_model::BuildError;
use ingestsim_scenario::ScenarioErrors;
use thiserror::Error;

pub use self::{
    lab::{Means, RunRecord},
    search::{Turn, Turning},
};
use crate::{RunError, replicate::ThreadError};
