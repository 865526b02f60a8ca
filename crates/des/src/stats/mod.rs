//! What is counted while a simulation runs, and how sure one can be of it.

mod histogram;
mod interval;
mod tally;
mod time_weighted;

pub use histogram::Histogram;
pub use interval::{Interval, student_t_quantile};
pub use tally::Tally;
pub use time_weighted::TimeWeighted;
