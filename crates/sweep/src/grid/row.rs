//! A row of a journal: one run, good or bad, as a line of CSV.

use ingestsim_model::outcome::Summary;

use super::{Key, Measured};

/// What stands in front of the figures.
const LEAD: [&str; 7] = ["point", "replication", "key", "status", "error", "storage", "swept"];
/// What stands behind them.
const TAIL: [&str; 5] = ["fidelity", "fidelity_error", "events", "history", "wall_s"];

/// The status of a good run.
pub(super) const OK: &str = "ok";
/// The status of a run that came to nothing.
pub(super) const FAILED: &str = "failed";

/// One run.
///
/// The journal has the same columns whatever is swept, so that it stays readable when a grid gains a key: the swept
/// values stand in one column, and what counts is the key.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The point's number in grid order when it was run. A grid that grows gives it another.
    pub point: u64,
    /// Which replication; none if the point could not even be built.
    pub replication: Option<u32>,
    /// What was simulated; none if the point's values do not go together.
    pub key: Option<Key>,
    /// The profile.
    pub storage: String,
    /// The swept values, for a reader.
    pub swept: String,
    /// What came out, or why nothing did.
    pub result: Result<Measured, String>,
    /// Seconds of the host's clock.
    pub wall_s: f64,
}

impl Row {
    /// The journal's columns.
    pub fn columns() -> impl Iterator<Item = &'static str> {
        LEAD.into_iter().chain(Summary::NAMES).chain(TAIL)
    }

    /// The first line of a journal.
    pub(super) fn header() -> Vec<u8> {
        line(Self::columns())
    }

    /// The row as a line with its end.
    pub(super) fn to_line(&self) -> Vec<u8> {
        let (status, error) = match &self.result {
            Ok(_) => (OK, String::new()),
            Err(error) => (FAILED, one_line(error)),
        };
        let lead = [
            self.point.to_string(),
            self.replication.map(|replication| replication.to_string()).unwrap_or_default(),
            self.key.map(|key| key.to_string()).unwrap_or_default(),
            status.to_owned(),
            error,
            self.storage.clone(),
            one_line(&self.swept),
        ];
        let measured = self.result.as_ref().ok();
        let figures = (0..Summary::COUNT).map(|at| number(measured.and_then(|run| run.figures[at])));
        let tail = [
            measured.map(|run| run.fidelity.clone()).unwrap_or_default(),
            number(measured.and_then(|run| run.fidelity_error)),
            measured.map(|run| run.events.to_string()).unwrap_or_default(),
            measured.map(|run| format!("{:016x}", run.history)).unwrap_or_default(),
            number(Some(self.wall_s)),
        ];
        line(lead.into_iter().chain(figures).chain(tail))
    }

    /// The row of a line, if it is one.
    pub(super) fn of_line(line: &[u8]) -> Option<Self> {
        let record = record(line)?;
        let field = |at: usize| record.get(at);
        let [point, replication, key, status, error, storage, swept] = std::array::from_fn(field);
        let after = LEAD.len() + Summary::COUNT;
        let result = match status? {
            OK => Ok(Measured {
                figures: figures(&record)?,
                fidelity: field(after)?.to_owned(),
                fidelity_error: some(field(after + 1)?, |text| text.parse().ok())?,
                events: field(after + 2)?.parse().ok()?,
                history: u64::from_str_radix(field(after + 3)?, 16).ok()?,
            }),
            FAILED => Err(error?.to_owned()),
            _ => return None,
        };
        Some(Self {
            point: point?.parse().ok()?,
            replication: some(replication?, |text| text.parse().ok())?,
            key: some(key?, |text| text.parse().ok())?,
            storage: storage?.to_owned(),
            swept: swept?.to_owned(),
            result,
            wall_s: field(after + 4)?.parse().ok()?,
        })
    }
}

/// The value of a field that may be empty: none of it, its value, or not a value at all.
#[expect(clippy::option_option, reason = "an empty field and a wrong one are not the same")]
fn some<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { parse(text).map(Some) }
}

fn figures(record: &csv::StringRecord) -> Option<[Option<f64>; Summary::COUNT]> {
    let mut figures = [None; Summary::COUNT];
    for (at, figure) in figures.iter_mut().enumerate() {
        *figure = some(record.get(LEAD.len() + at)?, |text| text.parse().ok())?;
    }
    Some(figures)
}

/// The fields of a line; none if it is torn, or no text, or has not a field for each column.
fn record(line: &[u8]) -> Option<csv::StringRecord> {
    let complete = line.strip_suffix(b"\n")?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .buffer_capacity(complete.len().max(1))
        .from_reader(complete);
    let mut record = csv::StringRecord::new();
    let read = reader.read_record(&mut record).ok()?;
    (read && record.len() == Row::columns().count()).then_some(record)
}

/// Fields as a line of CSV.
fn line<F: AsRef<[u8]>>(fields: impl IntoIterator<Item = F>) -> Vec<u8> {
    let in_memory = "a buffer in memory takes every row";
    let mut writer = csv::WriterBuilder::new().buffer_capacity(1024).from_writer(Vec::with_capacity(1024));
    writer.write_record(fields).expect(in_memory);
    writer.into_inner().expect(in_memory)
}

/// A figure in its shortest form that reads back the same; nothing for what is not finite.
pub(super) fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map(|value| value.to_string()).unwrap_or_default()
}

/// A text without line ends: a row is a line, so that a torn one can be told.
pub(super) fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Row {
        let mut figures = [None; Summary::COUNT];
        figures[0] = Some(0.1 + 0.2);
        figures[3] = Some(1e21);
        Row {
            point: 17,
            replication: Some(2),
            key: Some(Key(0xab)),
            storage: "s3, \"mine\"".to_owned(),
            swept: "job.batch-size=64".to_owned(),
            result: Ok(Measured {
                figures,
                fidelity: "fast: 1 of 2 steps, one epoch copied".to_owned(),
                fidelity_error: Some(0.001),
                events: 12,
                history: u64::MAX,
            }),
            wall_s: 0.25,
        }
    }

    #[test]
    fn a_row_reads_back_as_it_was() {
        assert_eq!(Row::of_line(&good().to_line()), Some(good()));
        let bad = Row { replication: None, key: None, result: Err("no room".to_owned()), ..good() };
        assert_eq!(Row::of_line(&bad.to_line()), Some(bad));
    }

    #[test]
    fn an_error_of_many_lines_is_a_row_of_one() {
        let bad = Row { result: Err("a.toml:3:4: wrong\n   |\n 3 | x".to_owned()), ..good() };
        let line = bad.to_line();
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(Row::of_line(&line).unwrap().result, Err("a.toml:3:4: wrong · | · 3 | x".to_owned()));
    }

    /// Cut anywhere, even before its end alone, a line is no row.
    #[test]
    fn a_torn_line_is_no_row() {
        let line = good().to_line();
        assert!((0..line.len()).all(|length| Row::of_line(&line[..length]).is_none()));
        assert_eq!(Row::of_line(&Row::header()), None);
        assert_eq!(Row::of_line(&[0; 600]), None);
    }
}
