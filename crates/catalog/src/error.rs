//! What can be wrong with a catalog, or with a question to it.

use std::fmt;

/// A place in a catalog file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column in characters.
    pub column: usize,
}

impl Place {
    /// The place of byte `offset` of `text`.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// An unusable catalog file or an unknown name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// The file is not TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// Where reading stopped.
        place: Place,
        /// What is wrong there.
        message: String,
    },
    /// A figure is missing, unknown or not what is wanted at its place.
    #[error("{}{path}: {message}", place.map(|place| format!("{place}: ")).unwrap_or_default())]
    Invalid {
        /// Where it stands in the file, if it stands there.
        place: Option<Place>,
        /// The keys that lead to it.
        path: String,
        /// What was expected and found.
        message: String,
    },
    /// There is no such instance, deployment type or price.
    #[error("expected {wanted} of the catalog, found {found:?}{}", did_you_mean(suggestion.as_deref()))]
    Unknown {
        /// What was looked up, with its article.
        wanted: &'static str,
        /// The name that is not known.
        found: String,
        /// The known name that is most like it.
        suggestion: Option<String>,
    },
    /// A price that is not an amount of money.
    #[error("expected a price of 0 or more, found {found} for {id}")]
    Price {
        /// The price.
        id: String,
        /// What was given.
        found: String,
    },
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!("; did you mean {name:?}?")).unwrap_or_default()
}

impl CatalogError {
    /// The error for a `found` that is not among `names`, with the most similar of them.
    pub(crate) fn unknown<'a>(
        wanted: &'static str,
        found: &str,
        names: impl Iterator<Item = &'a str>,
    ) -> Self {
        let similar = names.map(|name| (strsim::jaro_winkler(found, name), name));
        let best = similar.max_by(|(one, _), (other, _)| one.total_cmp(other));
        let suggestion = best.filter(|(similarity, _)| *similarity > 0.7).map(|(_, name)| name.to_owned());
        Self::Unknown { wanted, found: found.to_owned(), suggestion }
    }
}
