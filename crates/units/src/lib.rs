//! Quantities with units: bytes, rates, times, shares and dollars.
//!
//! The one place where a number gets its unit. Inside the program a quantity is an integer in its base unit (bytes,
//! bytes per second, nanoseconds, thousandths of an operation per second); only [`Share`] and [`Usd`] are floats.
//!
//! In files a quantity is a text, read by `FromStr` and written by `Display` so that the same value comes back:
//!
//! ```
//! use ingestsim_units::{Bytes, Rate, Span};
//!
//! let size: Bytes = "3.6 TiB".parse()?;
//! let rate: Rate = "5 Gb/s".parse()?;
//! assert_eq!(size.to_string(), "3.6 TiB");
//! assert_eq!(rate.to_string(), "625 MB/s");
//! assert_eq!(rate.time_for("1.25 GB".parse()?), Span::from_secs(2));
//! # Ok::<(), ingestsim_units::UnitError>(())
//! ```
//!
//! `human` rounds to three significant digits for tables and messages.

mod bytes;
mod error;
mod frequency;
mod money;
mod parse;
mod print;
mod rate;
mod share;
mod text;
mod time;

pub use bytes::Bytes;
pub use error::UnitError;
pub use frequency::Frequency;
pub use money::Usd;
pub use rate::Rate;
pub use share::Share;
pub use time::{SimTime, Span};
