//! From figures to a decision: what one storage set-up gains over another, and why.
//!
//! [`compare`] holds profiles against each other on the same luck, [`explain`] finds what binds a profile and what would
//! help it, [`recommend`] ranks every set-up that the catalog has for a job.

pub mod compare;
pub mod explain;
pub mod recommend;
mod repack;
mod sketch;
#[cfg(test)]
pub(crate) mod testing;
