//! The document behind a scenario: TOML as a tree in which every key and value knows where it was written.

use std::ops::Range;

use indexmap::IndexMap;
use toml::de::{DeTable, DeValue};

use crate::error::{Problem, shown};

/// Where a key or value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// These bytes of the scenario file.
    Text(Range<usize>),
    /// The command-line flag of this number.
    Flag(usize),
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// A TOML value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    String(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    /// A date or time as written; no key of a scenario takes one.
    Date(String),
    Array(Vec<Node>),
    Table(Table),
}

/// A table in its written order.
pub(crate) type Table = IndexMap<String, Entry>;

/// What stands behind a key, and where the key was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: Origin,
    pub(crate) node: Node,
}

/// What is wrong with a text that is no document, and where.
pub(crate) type Unreadable = (Range<usize>, Problem);

/// Reads a whole document.
pub(crate) fn parse(text: &str) -> Result<Node, Unreadable> {
    let document = DeTable::parse(text).map_err(|error| syntax(text, &error))?;
    let mut numbers = Numbers::default();
    let table = numbers.table(document.get_ref(), &Origin::Text);
    numbers.done(Node { value: Value::Table(table), origin: Origin::Text(0..0) })
}

/// Reads one value, as it may stand behind a key; nothing if it is no TOML.
pub(crate) fn parse_value(text: &str, origin: &Origin) -> Option<Node> {
    let parsed = DeValue::parse(text).ok()?;
    let mut numbers = Numbers::default();
    let node = numbers.node(parsed.get_ref(), origin.clone(), &|_| origin.clone());
    numbers.done(node).ok()
}

/// The message of a TOML error in the words that all messages share.
fn syntax(text: &str, error: &toml::de::Error) -> Unreadable {
    let end = text.len();
    let span = error.span().unwrap_or(end..end);
    let span = span.start.min(end)..span.end.min(end);
    if error.message() == "duplicate key" {
        let key = text.get(span.clone()).unwrap_or_default().to_owned();
        return (span, Problem::DuplicateKey { key });
    }
    let message = error.message().replace('\n', "; ");
    (span, Problem::Syntax { message })
}

/// Converts numbers, and remembers the first that does not fit.
#[derive(Default)]
struct Numbers {
    unfit: Option<Unreadable>,
}

/// How a span of the parsed text becomes an origin.
type Locate<'a> = &'a dyn Fn(Range<usize>) -> Origin;

impl Numbers {
    fn done(self, node: Node) -> Result<Node, Unreadable> {
        self.unfit.map_or(Ok(node), Err)
    }

    fn table(&mut self, table: &DeTable<'_>, locate: Locate<'_>) -> Table {
        let entries = table.iter().map(|(key, value)| {
            let node = self.node(value.get_ref(), locate(value.span()), locate);
            (key.get_ref().to_string(), Entry { key: locate(key.span()), node })
        });
        entries.collect()
    }

    fn node(&mut self, value: &DeValue<'_>, origin: Origin, locate: Locate<'_>) -> Node {
        let value = match value {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Integer(number) => {
                let read = i64::from_str_radix(number.as_str(), number.radix());
                Value::Integer(read.unwrap_or_else(|_| self.refuse(number.to_string(), &origin)))
            }
            DeValue::Float(number) => {
                // A float too large for 64 bits reads as infinity, which is a number of its own in TOML.
                let read = number.as_str().parse::<f64>();
                let written_finite = number.as_str().contains(|c: char| c.is_ascii_digit());
                match read {
                    Ok(float) if float.is_finite() || !written_finite => Value::Float(float),
                    _ => Value::Float(self.refuse(number.to_string(), &origin)),
                }
            }
            DeValue::Boolean(flag) => Value::Bool(*flag),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Array(list) => {
                let nodes = list.iter().map(|item| self.node(item.get_ref(), locate(item.span()), locate));
                Value::Array(nodes.collect())
            }
            DeValue::Table(table) => Value::Table(self.table(table, locate)),
        };
        Node { value, origin }
    }

    fn refuse<T: Default>(&mut self, number: String, origin: &Origin) -> T {
        let span = match origin {
            Origin::Text(span) => span.clone(),
            Origin::Flag(_) => 0..0,
        };
        self.unfit.get_or_insert((span, Problem::NumberTooLarge { number }));
        T::default()
    }
}

impl Node {
    /// The table, if it is one.
    pub(crate) const fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The node behind `key`, if this is a table that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.as_table()?.get(key).map(|entry| &entry.node)
    }

    /// The value in the words of a message: `"text"`, `90`, `a table`.
    pub(crate) fn found(&self) -> String {
        match &self.value {
            Value::String(text) => shown(text),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Date(date) => format!("the date {date}"),
            Value::Array(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        }
    }

    /// The value without its places.
    pub(crate) fn to_toml(&self) -> toml::Value {
        match &self.value {
            Value::String(text) | Value::Date(text) => toml::Value::String(text.clone()),
            Value::Integer(number) => toml::Value::Integer(*number),
            Value::Float(number) => toml::Value::Float(*number),
            Value::Bool(flag) => toml::Value::Boolean(*flag),
            Value::Array(list) => toml::Value::Array(list.iter().map(Self::to_toml).collect()),
            Value::Table(table) => {
                let pairs = table.iter().map(|(key, entry)| (key.clone(), entry.node.to_toml()));
                toml::Value::Table(pairs.collect())
            }
        }
    }

    /// The document of a value that was written at `origin`.
    pub(crate) fn from_toml(value: &toml::Value, origin: &Origin) -> Self {
        let value = match value {
            toml::Value::String(text) => Value::String(text.clone()),
            toml::Value::Integer(number) => Value::Integer(*number),
            toml::Value::Float(number) => Value::Float(*number),
            toml::Value::Boolean(flag) => Value::Bool(*flag),
            toml::Value::Datetime(date) => Value::Date(date.to_string()),
            toml::Value::Array(list) => {
                Value::Array(list.iter().map(|item| Self::from_toml(item, origin)).collect())
            }
            toml::Value::Table(table) => {
                let entry = |value| Entry { key: origin.clone(), node: Self::from_toml(value, origin) };
                Value::Table(table.iter().map(|(key, value)| (key.clone(), entry(value))).collect())
            }
        };
        Self { value, origin: origin.clone() }
    }
}
