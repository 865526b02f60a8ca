//! The queueing primitives every storage tier is made of.

pub mod fair_mesh;
pub mod fair_tree;
pub mod lanes;
pub mod shared;
pub mod token_bucket;
