//! `report.html`: what a command found, as one file that opens anywhere without a network.
//!
//! The file holds the tables, charts that can be zoomed and that tell their values, the assumptions with their sources,
//! the resolved scenario and its provenance. It names no date and no time that the program took, so two runs of one
//! scenario give the same bytes. Everything that a user wrote is escaped, and the page itself may neither load anything
//! nor run any script but its own.
//!
//! A command puts its own sections in front of what all pages about some runs have in common, which is [`run::body`]:
//! see [`decide`] for those of `compare` and `explain`.

mod bars;
mod data;
pub mod decide;
mod figure;
mod heat;
mod page;
mod provenance;
pub mod recommend;
pub mod reproduce;
pub mod run;
pub mod sources;
pub mod sweep;
mod table;
#[cfg(test)]
mod tests;

pub use self::{
    page::{FILE, Page},
    provenance::About,
};
