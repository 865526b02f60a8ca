//! One block of an answer: a title, columns, a row a profile.

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, Width, presets::NOTHING,
};
use ingestsim_sweep::{ProfileResult, Study};

use super::{Look, WIDTH};

/// A blank on either side of a text, and one between columns.
const PADDING: usize = 3;

/// Where there is not room for all, a profile's name keeps as much as this on one line.
const NAME_KEPT: usize = 28;

/// A table whose first column names the profile, or another subject, and whose others are figures.
#[derive(Debug)]
pub(crate) struct Grid {
    title: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Columns of words, which stand to the left like the first.
    words: Vec<String>,
}

impl Grid {
    /// An empty table. A line end in a column's name breaks it.
    pub(crate) fn new<S: Into<String>>(
        title: impl Into<String>,
        columns: impl IntoIterator<Item = S>,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into);
        Self {
            title: title.into(),
            header: std::iter::once("storage".to_owned()).chain(columns).collect(),
            rows: Vec::new(),
            words: Vec::new(),
        }
    }

    /// The same with columns of words and not of figures.
    pub(crate) fn with_words(mut self, columns: &[&str]) -> Self {
        self.words = columns.iter().map(|&column| column.to_owned()).collect();
        self
    }

    /// What the table shows.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// The names of the columns; a line end breaks them.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// The rows, a text a column; an interval stands on a line of its own.
    pub(crate) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// Whether a column holds names or words, and not figures.
    pub(crate) fn is_words(&self, index: usize) -> bool {
        index == 0 || self.words.contains(&self.header[index])
    }

    /// Whether it has no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The same about something else than profiles.
    pub(crate) fn of(mut self, what: &str) -> Self {
        what.clone_into(&mut self.header[0]);
        self
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, storage: &str, cells: impl IntoIterator<Item = String>) {
        self.rows.push(std::iter::once(storage.to_owned()).chain(cells).collect());
    }

    /// The same with more columns at its end, for the profiles in the order of their rows.
    pub(crate) fn extended<const N: usize>(
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
    pub(crate) fn without(mut self, column: &str) -> Self {
        if let Some(index) = self.header.iter().position(|name| name == column) {
            self.header.remove(index);
            for row in &mut self.rows {
                row.remove(index);
            }
        }
        self
    }

    /// Whether the block fits without breaking any text.
    pub(crate) fn fits(&self) -> bool {
        let width = |column: usize| {
            let texts = std::iter::once(&self.header).chain(&self.rows).filter_map(|row| row.get(column));
            let lines = texts.flat_map(|text| text.lines());
            lines.map(|line| line.chars().count()).max().unwrap_or_default() + PADDING
        };
        (0..self.header.len()).map(width).sum::<usize>() <= WIDTH
    }

    /// The block as text, its lines no wider than the answer.
    pub(crate) fn print(&self, look: Look) -> String {
        let mut table = Table::new();
        table.load_style(NOTHING.header_separator(LineStyle::none().fill('─').junction('─')));
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH as u16);
        table.set_header(self.aligned(&self.header));
        table.add_rows(self.rows.iter().map(|row| self.aligned(row)));
        let names = self.rows.iter().map(|row| row[0].chars().count()).max().unwrap_or_default();
        let kept = if self.fits() { names } else { names.min(NAME_KEPT) };
        let kept = Width::Fixed((kept + 2) as u16);
        if let Some(column) = table.column_mut(0) {
            column.set_constraint(ColumnConstraint::LowerBoundary(kept));
        }
        let lines = table.lines().map(|line| format!("{}\n", line.trim_end()));
        format!("{}\n{}", look.title(&self.title), lines.collect::<String>())
    }

    /// Names and words to the left, figures to the right.
    fn aligned(&self, texts: &[String]) -> Vec<Cell> {
        let side = |index| if self.is_words(index) { CellAlignment::Left } else { CellAlignment::Right };
        texts.iter().enumerate().map(|(index, text)| Cell::new(text).set_alignment(side(index))).collect()
    }
}
