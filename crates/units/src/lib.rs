//! Quantities with units: bytes, rates, times, shares and dollars.
//!
//! The one place where a number gets its unit. Inside the program a quantity is an integer in its base unit (bytes,
//! bytes per second, nanoseconds, thousandths of an operation per second); only [`Share`] and [`Usd`] are floats.

mod bytes;
mod frequency;
mod money;
mod rate;
mod share;
mod time;

pub use bytes::Bytes;
pub use frequency::Frequency;
pub use money::Usd;
pub use rate::Rate;
pub use share::Share;
pub use time::{SimTime, Span};
