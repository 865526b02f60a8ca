//! Paths to the keys of a scenario: TOML dotted keys through user names and kinds.

use std::{fmt, str::FromStr};

use crate::doc::{Entry, Node, Origin, Table, Value};

/// A path such as `storage.lustre.fsx-lustre.capacity`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Path(Vec<Segment>);

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Segment {
    /// The value behind a key.
    Key(String),
    /// An item of a list, from zero.
    Index(usize),
}

/// A text that is no dotted key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a path of keys such as dataset.file-size, found {0:?}")]
pub struct PathError(String);

/// Why a value cannot be put where a path points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoTable {
    /// The path as far as it leads: what stands there is no table.
    pub(crate) at: Path,
    /// What stands there, in the words of a message.
    pub(crate) found: String,
}

impl Path {
    /// The path of these keys.
    #[must_use]
    pub fn of<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Self {
        Self(keys.into_iter().map(|key| Segment::Key(key.into())).collect())
    }

    /// The path to `key` below this one.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.then(Segment::Key(key.to_owned()))
    }

    /// The path to an item of the list at this one.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Segment::Index(index))
    }

    /// Whether it leads nowhere.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key at a depth, the first being 0.
    #[must_use]
    pub fn key_at(&self, depth: usize) -> Option<&str> {
        match self.0.get(depth)? {
            Segment::Key(key) => Some(key),
            Segment::Index(_) => None,
        }
    }

    /// How many steps it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// The last key.
    #[must_use]
    pub fn last(&self) -> Option<&str> {
        self.key_at(self.0.len().checked_sub(1)?)
    }

    /// Its first `depth` steps.
    #[must_use]
    pub fn first(&self, depth: usize) -> Self {
        Self(self.0.iter().take(depth).cloned().collect())
    }

    /// Whether it leads to what stands at `other`, or below it.
    #[must_use]
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    pub(crate) fn from_segments(segments: Vec<Segment>) -> Self {
        Self(segments)
    }

    fn then(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// The value it leads to.
    pub(crate) fn get<'n>(&self, root: &'n Node) -> Option<&'n Node> {
        self.0.iter().try_fold(root, step)
    }

    /// Where the value it leads to was written, or the nearest table above it that was written.
    pub(crate) fn origin(&self, root: &Node) -> Origin {
        let mut node = root;
        for segment in &self.0 {
            match step(node, segment) {
                Some(next) => node = next,
                None => break,
            }
        }
        node.origin.clone()
    }

    /// Where its last key was written, or the nearest table above it that was written.
    pub(crate) fn key_origin(&self, root: &Node) -> Origin {
        let above = self.first(self.0.len().saturating_sub(1));
        let entry = || above.get(root)?.as_table()?.get(self.last()?);
        entry().map_or_else(|| self.origin(root), |entry| entry.key.clone())
    }

    /// Puts `node` where the path points, with tables made on the way; `key` is where the path was written.
    pub(crate) fn set(&self, root: &mut Node, node: Node, key: &Origin) -> Result<(), NoTable> {
        let mut table_node = root;
        for (depth, segment) in self.0.iter().enumerate() {
            let no_table = |found: String| NoTable { at: self.first(depth), found };
            let Segment::Key(name) = segment else {
                return Err(no_table(table_node.found()));
            };
            let found = table_node.found();
            let Value::Table(table) = &mut table_node.value else {
                return Err(no_table(found));
            };
            if depth + 1 == self.0.len() {
                table.insert(name.clone(), Entry { key: key.clone(), node });
                return Ok(());
            }
            let made = || Entry {
                key: key.clone(),
                node: Node { value: Value::Table(Table::new()), origin: key.clone() },
            };
            table_node = &mut table.entry(name.clone()).or_insert_with(made).node;
        }
        Ok(())
    }
}

/// The node one step below `node`.
fn step<'n>(node: &'n Node, segment: &Segment) -> Option<&'n Node> {
    match (segment, &node.value) {
        (Segment::Key(key), Value::Table(table)) => table.get(key).map(|entry| &entry.node),
        (Segment::Index(index), Value::Array(list)) => list.get(*index),
        _ => None,
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        // A dotted key is read by the TOML parser itself, as the key of a value; whatever else the text may hold, the value
        // then stands elsewhere.
        let error = || PathError(text.to_owned());
        let value = Origin::Text(text.len() + 3..text.len() + 4);
        let document = crate::doc::parse(&format!("{text} = 0")).map_err(|_| error())?;
        let mut keys = Vec::new();
        let mut node = &document;
        while let Some(table) = node.as_table() {
            let mut entries = table.iter();
            let (Some((key, entry)), None) = (entries.next(), entries.next()) else {
                return Err(error());
            };
            keys.push(key.clone());
            node = &entry.node;
        }
        if node.origin != value || text.contains(['\n', '\r']) {
            return Err(error());
        }
        Ok(Self::of(keys))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    let dot = if depth > 0 { "." } else { "" };
                    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                    if !key.is_empty() && key.chars().all(bare) {
                        write!(f, "{dot}{key}")?;
                    } else {
                        write!(f, "{dot}{}", toml::Value::String(key.clone()))?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_prints() {
        for text in ["seed", "storage.lustre.fsx-lustre.capacity", "prices.\"s3.price_get\"", "a.\"b c\".d"] {
            assert_eq!(text.parse::<Path>().unwrap().to_string(), text);
        }
        assert_eq!("a . 'b.c'".parse::<Path>().unwrap().to_string(), "a.\"b.c\"");
    }

    #[test]
    fn what_is_no_dotted_key_is_refused() {
        let none = ["", ".", "a.", ".a", "a b", "a = 1\nb", "[a]", "a..b", "a\n", "# a", "\"a", "a=1#"];
        let more_than_a_key = ["[a]\nb", "\"a\" = 0 #", "\"a\" = { b = 0 } #", "a = 0 # \"\"\n"];
        for text in none.iter().chain(&more_than_a_key) {
            assert!(text.parse::<Path>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn setting_makes_the_tables_on_the_way() {
        let flag = Origin::Flag(0);
        let mut root = crate::doc::parse("[job]\nsize = \"1 GB\"").unwrap();
        let path = "job.phases.walk".parse::<Path>().unwrap();
        let node = Node { value: Value::Bool(true), origin: flag.clone() };
        assert_eq!(path.set(&mut root, node.clone(), &flag), Ok(()));
        assert_eq!(path.get(&root), Some(&node));
    }

    #[test]
    fn setting_below_a_string_is_refused() {
        let flag = Origin::Flag(0);
        let mut root = crate::doc::parse("[job]\nsize = \"1 GB\"").unwrap();
        let path = "job.size.lognormal.mean".parse::<Path>().unwrap();
        let node = Node { value: Value::Bool(true), origin: flag.clone() };
        let refused = path.set(&mut root, node, &flag).unwrap_err();
        assert_eq!((refused.at.to_string().as_str(), refused.found.as_str()), ("job.size", "\"1 GB\""));
    }
}
