//! Items that came to nothing, and how that is said beside those that came to something.

use ingestsim_sweep::reproduce::Item;
use serde_json::{Value, json};

use super::words;

/// An item that could not be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Which item.
    pub item: Item,
    /// Why, in one line.
    pub error: String,
}

impl Failed {
    pub(super) fn json(&self) -> Value {
        json!({ "id": self.item.id(), "error": self.error })
    }

    /// Its line in the summary.
    pub(super) fn line(&self) -> String {
        words::entry(self.item.id(), "failed", &self.error)
    }
}

/// How many failed, in words; none where none did.
#[must_use]
pub fn count(failed: &[Failed]) -> Option<String> {
    (!failed.is_empty()).then(|| format!("{} failed", failed.len()))
}
