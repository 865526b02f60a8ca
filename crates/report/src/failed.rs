//! Profiles that came to nothing, as the files and the page of the others tell them.

use serde_json::{Value, json};

/// A profile that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedProfile {
    /// Its name.
    pub storage: String,
    /// Why, in a line.
    pub error: String,
}

impl FailedProfile {
    /// What became of it, for a reader.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{} failed: {}.", self.storage, self.error)
    }

    /// Adds them to a document under `failed`, where there are any.
    pub fn add_to(all: &[Self], document: &mut Value) {
        let one = |Self { storage, error }: &Self| json!({ "storage": storage, "error": error });
        if !all.is_empty() {
            document["failed"] = all.iter().map(one).collect();
        }
    }

    /// Those of a document.
    #[must_use]
    pub fn of(document: &Value) -> Vec<Self> {
        let all = document["failed"].as_array().map_or(&[][..], Vec::as_slice);
        let text = |one: &Value, key: &str| one[key].as_str().map(str::to_owned);
        let one = |one: &Value| Some(Self { storage: text(one, "storage")?, error: text(one, "error")? });
        all.iter().filter_map(one).collect()
    }
}
