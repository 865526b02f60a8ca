//! The queueing primitives every storage tier is made of.

pub mod lanes;
pub mod shared;
pub mod token_bucket;
