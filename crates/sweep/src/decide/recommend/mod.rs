//! Which storage set-up a job should have.
mod candidates;
pub use candidates::{Candidate, Family, Refused};
