//! Where a scenario comes from: a file's text, and values set on the command line.

use std::{fs, io, ops::Range, path};

use crate::{
    doc::Origin,
    error::{Place, Problem, ScenarioError, ScenarioErrors},
    path::Path,
};

/// The bytes of a scenario file, with its name for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: String,
    bytes: Vec<u8>,
    folder: Option<path::PathBuf>,
}

/// A value set on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    flag: String,
    path: String,
    value: Option<String>,
}

impl Source {
    /// A scenario that lies in no folder, so it can name no file beside it.
    pub fn new(name: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: text.into(), folder: None }
    }

    /// The scenario in a file; what it names lies beside it.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn read(file: &path::Path) -> io::Result<Self> {
        let folder = file.parent().map(path::Path::to_path_buf);
        Ok(Self { name: file.display().to_string(), bytes: fs::read(file)?, folder })
    }

    /// The same scenario, with the files that it names in `folder`.
    #[must_use]
    pub fn with_folder(self, folder: impl Into<path::PathBuf>) -> Self {
        Self { folder: Some(folder.into()), ..self }
    }

    pub(crate) fn folder(&self) -> Option<&path::Path> {
        self.folder.as_deref()
    }
}

impl Set {
    /// What `--set PATH=VALUE` was given; a missing `=` is reported when the scenario is loaded.
    #[must_use]
    pub fn parse(assignment: &str) -> Self {
        let flag = format!("--set {assignment}");
        match assignment_sign(assignment) {
            Some(at) => {
                let (path, value) = (assignment[..at].trim(), assignment[at + 1..].trim());
                Self { flag, path: path.to_owned(), value: Some(value.to_owned()) }
            }
            None => Self { flag, path: assignment.to_owned(), value: None },
        }
    }

    /// What another flag sets, such as `--seed 7`; messages name it by `flag`.
    pub fn flag(flag: impl Into<String>, path: impl Into<String>, value: impl Into<String>) -> Self {
        Self { flag: flag.into(), path: path.into(), value: Some(value.into()) }
    }

    /// The flag as messages name it: `--set job.epochs=3`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.flag
    }

    /// The key that it sets; none where it is no `PATH=VALUE`.
    #[must_use]
    pub fn key(&self) -> Option<Path> {
        self.value.as_ref().and_then(|_| self.path.parse().ok())
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }
}

/// Where the first `=` outside quotes stands.
fn assignment_sign(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '=') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

/// At most this many bytes are marked, so that the line can be cut around them.
const MARK_MAX: usize = 80;

/// What a place in the document means to the reader: line and column of the file, or a flag.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    name: String,
    text: String,
    flags: Vec<String>,
}

impl Places {
    /// The places of a source and of values set over it.
    ///
    /// # Errors
    ///
    /// If the source is not UTF-8.
    pub(crate) fn new(source: Source, sets: &[Set]) -> Result<Self, ScenarioErrors> {
        let flags = sets.iter().map(|set| set.flag.clone()).collect();
        match String::from_utf8(source.bytes) {
            Ok(text) => Ok(Self { name: source.name, text, flags }),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let byte = error.as_bytes()[at];
                let mut text = String::from_utf8_lossy(&error.as_bytes()[..at]).into_owned();
                text.push_str(&String::from_utf8_lossy(&error.as_bytes()[at..]));
                let mark = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
                let places = Self { name: source.name, text, flags };
                Err(places.error(Path::default(), &Origin::Text(mark), Problem::NotUtf8 { byte }).into())
            }
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A mistake at `origin`.
    pub(crate) fn error(&self, path: Path, origin: &Origin, problem: Problem) -> ScenarioError {
        ScenarioError { place: self.place(origin), path, problem }
    }

    fn place(&self, origin: &Origin) -> Place {
        match origin {
            Origin::Text(span) => self.place_of(span),
            Origin::Flag(flag) => Place::Flag(self.flags.get(*flag).cloned().unwrap_or_default()),
        }
    }

    fn place_of(&self, span: &Range<usize>) -> Place {
        let start = self.text.floor_char_boundary(span.start.min(self.text.len()));
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |at| start + at);
        let text = self.text[line_start..line_end].trim_end_matches('\r');
        // A value over several lines is marked on its first, and the start of a long one is enough.
        let line_end = (line_start + text.len()).max(start);
        let end = self.text.floor_char_boundary(span.end.clamp(start, line_end).min(start + MARK_MAX));
        let mark_start = (start - line_start).min(text.len());
        Place::Text {
            file: self.name.clone(),
            line: self.text[..start].matches('\n').count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            text: text.to_owned(),
            mark: mark_start..(end - line_start).clamp(mark_start, text.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let places = Places::new(Source::new("x.toml", "é = 1\r\nab = 2\n"), &[]).unwrap();
        let Place::Text { line, column, text, mark, .. } = places.place(&Origin::Text(13..14)) else {
            panic!("a span lies in the text");
        };
        assert_eq!((line, column, text.as_str(), mark), (2, 6, "ab = 2", 5..6));
    }

    #[test]
    fn no_span_is_out_of_the_text() {
        let places = Places::new(Source::new("x.toml", "é\né"), &[]).unwrap();
        for start in 0..9 {
            for end in start..9 {
                let Place::Text { text, mark, .. } = places.place(&Origin::Text(start..end)) else {
                    panic!("a span lies in the text");
                };
                assert!(text.get(mark.clone()).is_some(), "{start}..{end} {mark:?}");
            }
        }
    }

    #[test]
    fn the_sign_of_an_assignment_stands_outside_quotes() {
        let set = Set::parse("prices.\"a=b\" = 'x=y'");
        assert_eq!((set.path(), set.value()), ("prices.\"a=b\"", Some("'x=y'")));
        assert_eq!(Set::parse("seed").value(), None);
    }
}
