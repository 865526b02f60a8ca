//! One block of the answer: a title, columns, a row a profile.

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, Width, presets::NOTHING,
};
use ingestsim_sweep::{ProfileResult, Study};

use super::{Look, WIDTH};

/// A blank on either side of a text, and one between columns.
const PADDING: usize = 3;

/// Where there is not room for all, a profile's name keeps as much as this on one line.
const NAME_KEPT: usize = 28;

/// A table whose first column names the profile and whose others are figures.
#[derive(Debug)]
pub(super) struct Grid {
    title: &'static str,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    /// An empty table. A line end in a column's name breaks it.
    pub(super) fn new<S: Into<String>>(title: &'static str, columns: impl IntoIterator<Item = S>) -> Self {
        let columns = columns.into_iter().map(Into::into);
        Self {
            title,
            header: std::iter::once("storage".to_owned()).chain(columns).collect(),
            rows: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, storage: &str, cells: impl IntoIterator<Item = String>) {
        self.rows.push(std::iter::once(storage.to_owned()).chain(cells).collect());
    }

    /// The same with more columns at its end, for the profiles in the order of their rows.
    pub(super) fn extended<const N: usize>(
        mut self,
        study: &Study,
        columns: [&str; N],
        cells: impl Fn(&ProfileResult) -> [String; N],
    ) -> Self {
        self.header.extend(columns.map(str::to_owned));
        for (row, profile) in self.rows.iter_mut().zip(&study.profiles) {
            row.extend(cells(profile));
        }
        self
    }

    /// The same without a column.
    pub(super) fn without(mut self, column: &str) -> Self {
        if let Some(index) = self.header.iter().position(|name| name == column) {
            self.header.remove(index);
            for row in &mut self.rows {
                row.remove(index);
            }
        }
        self
    }

    /// Whether the block fits without breaking any text.
    pub(super) fn fits(&self) -> bool {
        let width = |column: usize| {
            let texts = std::iter::once(&self.header).chain(&self.rows).filter_map(|row| row.get(column));
            let lines = texts.flat_map(|text| text.lines());
            lines.map(|line| line.chars().count()).max().unwrap_or_default() + PADDING
        };
        (0..self.header.len()).map(width).sum::<usize>() <= WIDTH
    }

    /// The block as text, its lines no wider than the answer.
    pub(super) fn print(&self, look: Look) -> String {
        let mut table = Table::new();
        table.load_style(NOTHING.header_separator(LineStyle::none().fill('─').junction('─')));
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH as u16);
        table.set_header(aligned(&self.header));
        table.add_rows(self.rows.iter().map(|row| aligned(row)));
        let names = self.rows.iter().map(|row| row[0].chars().count()).max().unwrap_or_default();
        let kept = Width::Fixed((names.min(NAME_KEPT) + 2) as u16);
        if let Some(column) = table.column_mut(0) {
            column.set_constraint(ColumnConstraint::LowerBoundary(kept));
        }
        let lines = table.lines().map(|line| format!("{}\n", line.trim_end()));
        format!("{}\n{}", look.title(self.title), lines.collect::<String>())
    }
}

/// Names to the left, figures to the right.
fn aligned(texts: &[String]) -> Vec<Cell> {
    let side = |index| if index == 0 { CellAlignment::Left } else { CellAlignment::Right };
    texts.iter().enumerate().map(|(index, text)| Cell::new(text).set_alignment(side(index))).collect()
}
