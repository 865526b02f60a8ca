//! The catalog as a list: one line a figure.

use toml::{Table, Value};

use crate::{Prices, document};

/// A part of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// What can be rented.
    Instances,
    /// Storage presets and the phases of the services.
    Storage,
    /// What a unit of each costs.
    Prices,
}

/// A figure as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The instance, preset or price: the keys that lead to it in a catalog file, without the section.
    pub id: String,
    /// What is stated of it.
    pub quantity: String,
    /// The value with its unit.
    pub value: String,
    /// The page, repository or paper it was read from.
    pub source: String,
    /// When that source was written or read.
    pub date: String,
    /// Whether the source does not state it.
    pub inference: bool,
    /// What else a reader should know, or nothing.
    pub note: String,
}

pub(crate) fn instances(document: &Table) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, instance) in groups(document, "instances") {
        collect(instance, &mut vec![name], 1, &mut rows);
    }
    rows
}

pub(crate) fn storage(document: &Table) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, group) in groups(document, "storage") {
        collect(group, &mut vec![name], usize::MAX, &mut rows);
    }
    for (name, group) in groups(document, "services") {
        collect(group, &mut vec!["services", name], usize::MAX, &mut rows);
    }
    rows
}

pub(crate) fn prices(prices: &Prices) -> Vec<Row> {
    let row = |(id, price): (&str, &crate::Price)| Row {
        id: id.to_owned(),
        quantity: price.what.clone(),
        value: format!("{} per {}", price.usd, price.unit),
        source: price.source.clone(),
        date: price.date.clone(),
        inference: price.inference,
        note: price.note.clone().unwrap_or_default(),
    };
    prices.iter().map(row).collect()
}

/// The tables in the table `section`.
fn groups<'a>(document: &'a Table, section: &str) -> impl Iterator<Item = (&'a str, &'a Table)> {
    let section = document.get(section).and_then(Value::as_table);
    let entries = section.into_iter().flat_map(Table::iter);
    entries.filter_map(|(key, value)| Some((key.as_str(), value.as_table()?)))
}

/// Adds the figures below `path`. At most `id_keys` keys make the id, the others the quantity, which has at least one.
fn collect<'a>(table: &'a Table, path: &mut Vec<&'a str>, id_keys: usize, rows: &mut Vec<Row>) {
    for (key, value) in table {
        let Value::Table(value) = value else { continue };
        path.push(key);
        if document::is_figure(value) {
            let (id, quantity) = path.split_at(id_keys.min(path.len() - 1));
            rows.push(row(id.join("."), quantity.join(" ").replace('-', " "), value));
        } else {
            collect(value, path, id_keys, rows);
        }
        path.pop();
    }
}

fn row(id: String, quantity: String, figure: &Table) -> Row {
    let text = |key| figure.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let inference = figure.get("inference").and_then(Value::as_bool).unwrap_or_default();
    let value = figure.get("value").map(spelled).unwrap_or_default();
    Row { id, quantity, value, source: text("source"), date: text("date"), inference, note: text("note") }
}

/// A value as a person would write it: texts bare, lists separated by semicolons, tables by commas.
fn spelled(value: &Value) -> String {
    let joined = |parts: Vec<String>, separator| parts.join(separator);
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => joined(items.iter().map(spelled).collect(), "; "),
        Value::Table(table) => {
            joined(table.iter().map(|(key, value)| format!("{key} {}", spelled(value))).collect(), ", ")
        }
        other => other.to_string(),
    }
}
