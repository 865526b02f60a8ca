//! What people look at: charts, tables, CSV, JSON and a page.
//!
//! A [`Study`](ingestsim_sweep::Study) becomes a terminal's answer ([`table`]), a JSON document ([`json`]), a page for a
//! browser ([`html`]) and the files of a results folder ([`files`], [`run_charts`]), which appear whole or not at all
//! ([`folder`]).

pub mod chart;
pub mod compare;
pub mod explain;
pub mod facts;
pub mod failed;
pub mod files;
pub mod findings;
#[cfg(test)]
mod fixture;
pub mod folder;
pub mod html;
pub mod human;
pub mod json;
#[cfg(feature = "parquet")]
pub mod parquet_table;
pub mod recommend;
pub mod redraw;
pub mod reproduce;
pub mod run_charts;
pub mod sheet;
pub mod sweep_charts;
pub mod table;
pub mod validation;
