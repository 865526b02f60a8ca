//! A figure with its origin.

use serde::Deserialize;

/// A value, where it comes from and of what date.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Figure<T> {
    /// The value itself.
    pub value: T,
    /// The page, repository or paper it was read from.
    pub source: String,
    /// When that source was written, or when the copy that was read was made.
    pub date: String,
    /// Whether the source does not state the value: it was computed, argued or remembered.
    #[serde(default)]
    pub inference: bool,
    /// What else a reader should know: how it was derived, how far sources differ.
    #[serde(default)]
    pub note: Option<String>,
}

impl<T> Figure<T> {
    /// The same origin with a value derived from this one.
    #[must_use]
    pub fn map<U>(&self, derive: impl FnOnce(&T) -> U) -> Figure<U> {
        Figure {
            value: derive(&self.value),
            source: self.source.clone(),
            date: self.date.clone(),
            inference: self.inference,
            note: self.note.clone(),
        }
    }
}
