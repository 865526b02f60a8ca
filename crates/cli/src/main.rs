//! The `ingestsim` program.

fn main() {}
