//! What people look at: charts, tables, CSV and JSON.

pub mod chart;
