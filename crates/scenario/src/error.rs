//! What can be wrong with a scenario, where, and what to write instead.

use std::{fmt, ops::Range};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::{nearest::nearest, path::Path};

/// One mistake in a scenario.
///
/// Prints as one line, `FILE:LINE:COLUMN: PATH: expected …, found …`; [`render`](Self::render) adds the line of the
/// file with the place marked, and a suggestion where there is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {}{problem}", self.path_prefix())]
pub struct ScenarioError {
    /// Where it was written.
    pub place: Place,
    /// The key that it is about; empty where the file as a whole is meant.
    pub path: Path,
    /// What is wrong.
    pub problem: Problem,
}

/// All mistakes found in a scenario, at least one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.render(false).trim_end())]
pub struct ScenarioErrors(pub Vec<ScenarioError>);

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    Text {
        /// The name of the file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// The text of the line.
        text: String,
        /// What to mark of it, in bytes.
        mark: Range<usize>,
    },
    /// On the command line.
    Flag(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { file, line, column, .. } => write!(f, "{file}:{line}:{column}"),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// What is wrong. Every message reads "expected …, found …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A file that is no text.
    #[error("expected text in UTF-8, found the byte 0x{byte:02x}")]
    NotUtf8 {
        /// The first byte that is none.
        byte: u8,
    },
    /// A file without a single key.
    #[error("expected a scenario, found an empty file")]
    Empty,
    /// A text that is no TOML.
    #[error("expected TOML, found a mistake in its syntax: {message}")]
    Syntax {
        /// The parser's words.
        message: String,
    },
    /// A key or table that is there twice.
    #[error("expected every key once, found {key} again")]
    DuplicateKey {
        /// The key as written.
        key: String,
    },
    /// A number that 64 bits do not hold.
    #[error("expected a number that fits in 64 bits, found {number}")]
    NumberTooLarge {
        /// The number as written.
        number: String,
    },
    /// A key that nothing is known by.
    #[error("expected a known key, found {key}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The keys there are.
        known: Vec<String>,
    },
    /// A key that has to be there.
    #[error("expected {expected}, found nothing")]
    Missing {
        /// What is to be there.
        expected: String,
        /// What to write.
        help: Option<String>,
    },
    /// A word that is none of a closed list.
    #[error("expected one of {}, found {}", quoted(known), shown(word))]
    UnknownWord {
        /// The word.
        word: String,
        /// The words there are.
        known: Vec<String>,
    },
    /// A name that nothing has.
    #[error("expected {expected}, found {}", shown(name))]
    UnknownName {
        /// What it would be the name of.
        expected: &'static str,
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A key that what was chosen elsewhere has no use for.
    #[error("expected a key that {choice} uses, found {key}")]
    Unused {
        /// What was chosen, as `mode "fast-file"`.
        choice: String,
        /// The key.
        key: String,
        /// What the key is for.
        needs: String,
    },
    /// A value that cannot be read; the words are those of whoever read it.
    #[error("{message}")]
    Unreadable {
        /// "expected …, found …".
        message: String,
    },
    /// A value of the wrong type, size or combination.
    #[error("expected {expected}, found {found}")]
    Mismatch {
        /// What is wanted.
        expected: String,
        /// What is there.
        found: String,
        /// What to write instead.
        help: Option<String>,
    },
}

impl Problem {
    /// A value that is not what is wanted.
    pub(crate) fn mismatch(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Mismatch { expected: expected.into(), found: found.into(), help: None }
    }

    /// The same with advice.
    pub(crate) fn advised(
        expected: impl Into<String>,
        found: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self::Mismatch { expected: expected.into(), found: found.into(), help: Some(help.into()) }
    }

    /// What to write instead, where that can be said.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Empty => Some("`ingestsim init` writes a scenario to start from".to_owned()),
            Self::UnknownKey { key, known } => Some(suggestion(key, known, "the keys are", str::to_owned)),
            Self::UnknownWord { word, known } => {
                nearest(word, known).map(|near| format!("did you mean {}?", shown(near)))
            }
            Self::UnknownName { name, known, .. } => Some(suggestion(name, known, "there is", shown)),
            Self::Unused { key, needs, .. } => Some(format!("{key} is for {needs}")),
            Self::Missing { help, .. } | Self::Mismatch { help, .. } => help.clone(),
            _ => None,
        }
    }
}

/// At most this many names are listed where none is near.
const LISTED_MAX: usize = 24;

/// The nearest of `known`, or the list of them.
fn suggestion(word: &str, known: &[String], list: &str, show: impl Fn(&str) -> String) -> String {
    if let Some(near) = nearest(word, known) {
        return format!("did you mean {}?", show(near));
    }
    if known.is_empty() {
        return format!("{list} none");
    }
    let names = known.iter().take(LISTED_MAX).map(|name| show(name)).collect::<Vec<_>>().join(", ");
    let more = if known.len() > LISTED_MAX { ", …" } else { "" };
    format!("{list} {names}{more}")
}

/// Words in quotes, with commas.
fn quoted(words: &[String]) -> String {
    words.iter().map(|word| shown(word)).collect::<Vec<_>>().join(", ")
}

/// At most this many characters of a text are shown in a message.
const SHOWN_MAX: usize = 60;

/// A text in quotes, its end left out if it is long.
pub(crate) fn shown(text: &str) -> String {
    if text.chars().count() <= SHOWN_MAX {
        return format!("{text:?}");
    }
    let start = text.chars().take(SHOWN_MAX).collect::<String>();
    format!("{start:?}…")
}

impl ScenarioError {
    fn path_prefix(&self) -> String {
        if self.path.is_empty() { String::new() } else { format!("{}: ", self.path) }
    }

    /// The message with the line of the file, the place marked, and a suggestion where there is one.
    ///
    /// With `colour` for a terminal that shows it.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let title = self.to_string();
        let mut group = Group::with_title(Level::ERROR.no_name().primary_title(title));
        if let Place::Text { line, text, mark, .. } = &self.place {
            let annotation = AnnotationKind::Primary.span(mark.clone());
            group = group.element(Snippet::source(text).line_start(*line).annotation(annotation));
        }
        if let Some(help) = self.problem.help() {
            group = group.element(Level::HELP.message(help));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let rendered = renderer.render(&[group]);
        // The renderer pads the empty lines of its margin.
        rendered.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

impl ScenarioErrors {
    /// All messages, each with its line and suggestion, an empty line between them.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        self.0.iter().map(|error| error.render(colour)).collect::<Vec<_>>().join("\n")
    }
}

impl From<ScenarioError> for ScenarioErrors {
    fn from(error: ScenarioError) -> Self {
        Self(vec![error])
    }
}
