//! The discrete-event core: agenda, keyed draws, statistics and queueing primitives.

pub mod agenda;
pub mod draw;
pub mod history;
pub mod resource;
pub mod stats;
