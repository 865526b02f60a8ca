//! A promise, what was measured, and the verdict.

use comfy_table::{Table, presets::NOTHING};
use serde::Serialize;

/// A promise and what came of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    name: String,
    target: String,
    measured: String,
    /// None where nothing was measured or nothing is promised.
    met: Option<bool>,
    /// Why there is no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Row {
    /// Measured, with its verdict.
    pub(crate) fn judged(
        name: impl Into<String>,
        target: impl Into<String>,
        measured: impl Into<String>,
        met: bool,
    ) -> Self {
        let [name, target, measured] = [name.into(), target.into(), measured.into()];
        Self { name, target, measured, met: Some(met), reason: None }
    }

    /// Not measured, or measured without a promise.
    pub(crate) fn unjudged(
        name: impl Into<String>,
        target: impl Into<String>,
        measured: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        let [name, target, measured] = [name.into(), target.into(), measured.into()];
        Self { name, target, measured, met: None, reason: Some(reason.into()) }
    }
}

/// The rows for a person.
pub(crate) fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["", "target", "measured", ""]);
    for row in rows {
        let verdict = match (row.met, &row.reason) {
            (Some(true), _) => "met".to_owned(),
            (Some(false), _) => "MISSED".to_owned(),
            (None, reason) => format!("– {}", reason.as_deref().unwrap_or_default()),
        };
        table.add_row([row.name.clone(), row.target.clone(), row.measured.clone(), verdict]);
    }
    table
}
