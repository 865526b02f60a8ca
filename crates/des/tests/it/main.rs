//! The crate against theory and against other implementations.

mod distributions;
mod histograms;
mod queues;
