//! The discrete-event core: agenda, keyed draws, statistics and queueing primitives.

pub mod draw;
pub mod resource;
