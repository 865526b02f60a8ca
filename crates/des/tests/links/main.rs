//! The fair links against pencil arithmetic, against a slow fluid model, against each other and against queueing theory.

mod credits;
mod lockstep;
mod mesh;
mod oracle;
mod shared;
mod theory;
mod tree;

use ingestsim_units::{Bytes, Rate, SimTime};

/// Nanosecond `ns`.
fn at(ns: u64) -> SimTime {
    SimTime::from_nanos(ns)
}

fn bytes(count: u64) -> Bytes {
    Bytes::new(count)
}

/// `count` hundredths of a byte a nanosecond: 1 GB/s is one byte a nanosecond.
fn hundredths(count: u64) -> Rate {
    Rate::per_second(count * 10_000_000)
}

/// `count` bytes a nanosecond.
fn per_ns(count: u64) -> Rate {
    hundredths(count * 100)
}

/// 2^-40 bytes: what rates are rounded down to, a nanosecond.
const QUANTUM: f64 = 1.0 / (1_u64 << 40) as f64;
