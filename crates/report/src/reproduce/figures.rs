//! The table of an item: one set of figures, as text for a reader and as CSV for a program.

use comfy_table::{Cell as TextCell, CellAlignment, ContentArrangement, LineStyle, Table, presets::NOTHING};

use super::words::called;
use crate::{
    chart::Quantity,
    sheet::{Cell, Sheet},
};

/// Named columns of one quantity each, the first of them names.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
struct Column {
    /// In CSV, with the unit as a suffix.
    name: String,
    /// Above the column of a text.
    heading: String,
    /// None for names.
    quantity: Option<Quantity>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Name(String),
    /// The profile of this name: as it is written in CSV, as it is called in a text.
    Profile(String),
    Number(f64),
    Nothing,
}

impl From<&str> for Value {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Value {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl Value {
    /// The profile of this name.
    pub(super) fn profile(storage: &str) -> Self {
        Self::Profile(storage.to_owned())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<Option<f64>> for Value {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Nothing, Self::Number)
    }
}

impl Figures {
    /// A table without rows, of columns with a name for CSV, a heading and a quantity.
    pub(super) fn new<const N: usize>(columns: [(&str, &str, Option<Quantity>); N]) -> Self {
        let column = |(name, heading, quantity): (&str, &str, Option<Quantity>)| Column {
            name: name.to_owned(),
            heading: heading.to_owned(),
            quantity,
        };
        Self { columns: columns.map(column).to_vec(), rows: Vec::new() }
    }

    /// The same with one more column.
    pub(super) fn and(mut self, name: String, heading: String, quantity: Quantity) -> Self {
        self.columns.push(Column { name, heading, quantity: Some(quantity) });
        self
    }

    /// Adds a row.
    ///
    /// # Panics
    ///
    /// If it has not one value a column.
    pub(super) fn push(&mut self, row: impl IntoIterator<Item = Value>) {
        let row: Vec<Value> = row.into_iter().collect();
        assert_eq!(row.len(), self.columns.len(), "a row has a value for each column");
        self.rows.push(row);
    }

    /// The figures in base units.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(self.columns.iter().map(|column| column.name.clone()));
        for row in &self.rows {
            let cell = |value: &Value| match value {
                Value::Name(name) | Value::Profile(name) => Cell::text(name.clone()),
                Value::Number(number) => Cell::Number(*number),
                Value::Nothing => Cell::Empty,
            };
            sheet.push(row.iter().map(cell).collect());
        }
        sheet
    }

    /// The headings of the columns.
    pub(crate) fn headings(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.heading.clone()).collect()
    }

    /// Which columns hold names.
    pub(crate) fn names(&self) -> Vec<bool> {
        self.columns.iter().map(|column| column.quantity.is_none()).collect()
    }

    /// The rows for a reader, to three digits.
    pub(crate) fn texts(&self) -> Vec<Vec<String>> {
        let row = |row: &Vec<Value>| {
            row.iter().zip(&self.columns).map(|(value, column)| text(value, column.quantity)).collect()
        };
        self.rows.iter().map(row).collect()
    }

    /// The figures for a reader, to three digits.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut table = Table::new();
        table.load_style(NOTHING.header_separator(LineStyle::none().fill('─').junction('─')));
        table.set_content_arrangement(ContentArrangement::Disabled);
        let cell = |index: usize, text: String| {
            let side = if self.columns[index].quantity.is_none() {
                CellAlignment::Left
            } else {
                CellAlignment::Right
            };
            TextCell::new(text).set_alignment(side)
        };
        table
            .set_header(self.headings().into_iter().enumerate().map(|(index, heading)| cell(index, heading)));
        for row in self.texts() {
            table.add_row(row.into_iter().enumerate().map(|(index, text)| cell(index, text)));
        }
        table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

fn text(value: &Value, quantity: Option<Quantity>) -> String {
    match value {
        Value::Name(name) => name.clone(),
        Value::Profile(storage) => called(storage).to_owned(),
        Value::Number(number) if number.is_finite() => quantity.unwrap_or(Quantity::Count).value(*number),
        Value::Number(_) | Value::Nothing => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Figures {
        let mut figures = Figures::new([
            ("storage", "storage", None),
            ("total_s", "total", Some(Quantity::Seconds)),
            ("cost_usd", "cost", Some(Quantity::Dollars)),
        ]);
        figures.push([Value::profile("fsx"), 5_400.0.into(), 2.5.into()]);
        figures.push([Value::profile("fast-file"), Value::Nothing, 0.25.into()]);
        figures
    }

    #[test]
    fn csv_has_base_units_and_text_has_readable_ones() {
        let csv = String::from_utf8(figures().sheet().to_csv()).unwrap();
        assert_eq!(csv, "storage,total_s,cost_usd\nfsx,5400,2.5\nfast-file,,0.25\n");
        let text = figures().to_text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[2], " FSx for Lustre   90 min   $2.50");
        assert_eq!(lines[3], " S3 FastFile           –   $0.25");
    }
}
