//! Rows under named columns, and their two spellings: CSV and JSON.
//!
//! One sheet is the source of both, so a column has the same name and the same value in either.

pub mod run;

use serde_json::{Map, Number, Value};

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A name or a sentence.
    Text(String),
    /// A number of things.
    Count(u64),
    /// A measurement, in the unit that the column's name ends in.
    Number(f64),
    /// There is no value: empty in CSV, null in JSON.
    Empty,
}

/// Rows under named columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// A sheet without rows.
    #[must_use]
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Panics
    ///
    /// If it has not one cell a column.
    pub fn push(&mut self, row: Vec<Cell>) {
        assert_eq!(row.len(), self.columns.len(), "a row has a cell for each column");
        self.rows.push(row);
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The rows, a cell for each column.
    #[must_use]
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// This sheet with the same values in front of every row.
    #[must_use]
    pub fn led_by(self, lead: &[(&str, &str)]) -> Self {
        let names = lead.iter().map(|(name, _)| (*name).to_owned());
        let columns = names.chain(self.columns).collect();
        let values = || lead.iter().map(|(_, value)| Cell::text(*value));
        let rows = self.rows.into_iter().map(|row| values().chain(row).collect()).collect();
        Self { columns, rows }
    }

    /// The rows of all `sheets` under the columns they share.
    ///
    /// # Panics
    ///
    /// If two have different columns.
    #[must_use]
    pub fn stacked(sheets: impl IntoIterator<Item = Self>) -> Self {
        let mut sheets = sheets.into_iter();
        let first = sheets.next().unwrap_or_default();
        sheets.fold(first, |mut all, mut sheet| {
            assert_eq!(all.columns, sheet.columns, "sheets that are stacked have the same columns");
            all.rows.append(&mut sheet.rows);
            all
        })
    }

    /// The sheet as CSV: a line of names, then a line a row, floats in their shortest form that reads back the same.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let in_memory = "a buffer in memory takes every row";
        writer.write_record(&self.columns).expect(in_memory);
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::csv)).expect(in_memory);
        }
        writer.into_inner().expect(in_memory)
    }

    /// The sheet as a JSON list of objects, the columns' names as keys.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let object = |row: &Vec<Cell>| {
            let pairs = self.columns.iter().cloned().zip(row.iter().map(Cell::json));
            Value::Object(pairs.collect::<Map<_, _>>())
        };
        Value::Array(self.rows.iter().map(object).collect())
    }
}

impl Cell {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn csv(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            // Neither spelling has a word for what is not finite.
            Self::Number(number) if number.is_finite() => number.to_string(),
            Self::Number(_) | Self::Empty => String::new(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.clone()),
            Self::Count(count) => Value::Number((*count).into()),
            Self::Number(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
            Self::Empty => Value::Null,
        }
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<u32> for Cell {
    fn from(count: u32) -> Self {
        Self::Count(count.into())
    }
}

impl<C: Into<Self>> From<Option<C>> for Cell {
    fn from(value: Option<C>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let mut sheet = Sheet::new(["name", "reads", "wait_s"]);
        sheet.push(vec![Cell::text("a, b"), 3_u64.into(), 0.1.into()]);
        sheet.push(vec![Cell::text("c"), Cell::Empty, f64::NAN.into()]);
        sheet
    }

    #[test]
    fn csv_quotes_commas_and_leaves_no_value_empty() {
        let csv = String::from_utf8(sheet().to_csv()).unwrap();
        assert_eq!(csv, "name,reads,wait_s\n\"a, b\",3,0.1\nc,,\n");
    }

    #[test]
    fn json_has_the_columns_as_keys_in_their_order() {
        let json = sheet().to_json().to_string();
        let rows = r#"[{"name":"a, b","reads":3,"wait_s":0.1},{"name":"c","reads":null,"wait_s":null}]"#;
        assert_eq!(json, rows);
    }

    /// 0.1 + 0.2 has no shorter spelling, 1e21 no exponent, and both read back the same.
    #[test]
    fn floats_in_csv_read_back_the_same() {
        for number in [0.1 + 0.2, 1e21, 1.0 / 3.0, 5.0, 4e-7] {
            assert_eq!(Cell::Number(number).csv().parse(), Ok(number));
        }
        assert_eq!(Cell::Number(0.1 + 0.2).csv(), "0.30000000000000004");
        assert_eq!(Cell::Number(5.0).csv(), "5");
    }

    #[test]
    fn leading_values_stand_in_front_of_every_row() {
        let led = sheet().led_by(&[("storage", "fsx")]);
        let stacked = Sheet::stacked([led.clone(), led]);
        assert_eq!(stacked.columns()[0], "storage");
        assert_eq!(stacked.rows().len(), 4);
        assert!(stacked.rows().iter().all(|row| row[0] == Cell::text("fsx")));
    }
}
