//! Benchmarks of ingestsim.
