//! Many runs: replications of every candidate profile on all cores, and the intervals of their figures.
//!
//! The only crate that knows threads. What it returns stands in the order of the request, whatever the threads did, so
//! an output is the same to the byte on one core and on sixty-four.

pub mod decide;
#[cfg(test)]
mod fixture;
pub mod grid;
pub mod replicate;
pub mod reproduce;
pub mod statistics;
pub mod study;
pub mod validate;

pub use replicate::{Candidate, Progress, RunError, Silent, Simulate, replicate};
pub use statistics::{Estimate, Figures};
pub use study::{ProfileResult, Study};
