//! A row of a journal: one run, good or bad, as a line of CSV.

use csv_core::ReadRecordResult;
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
            one_line(&self.storage),
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

    fn of_fields(fields: &Fields<'_>) -> Option<Self> {
        let field = |at: usize| fields.get(at);
        let [point, replication, key, status, error, storage, swept] = std::array::from_fn(field);
        let after = LEAD.len() + Summary::COUNT;
        let result = match status? {
            OK => Ok(Measured {
                figures: figures(fields)?,
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

/// How many columns there are.
const COLUMNS: usize = LEAD.len() + Summary::COUNT + TAIL.len();

/// What reads the lines of journals. To make a reader of CSV takes twenty times as long as to read a line, so that one
/// reads them all.
#[derive(Debug)]
pub(super) struct Lines {
    reader: csv_core::Reader,
    /// The fields of the line that was read last, one behind the other, and where each ends.
    text: Vec<u8>,
    ends: [usize; COLUMNS],
}

/// The fields of a line.
struct Fields<'a> {
    text: &'a str,
    ends: &'a [usize; COLUMNS],
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { reader: csv_core::Reader::new(), text: Vec::new(), ends: [0; COLUMNS] }
    }

    /// The row of a line, if it is one.
    pub(super) fn row(&mut self, line: &[u8]) -> Option<Row> {
        Row::of_fields(&self.fields(line)?)
    }

    /// None if the line is torn, or no text, or has not a field for each column.
    fn fields(&mut self, line: &[u8]) -> Option<Fields<'_>> {
        let Self { reader, text, ends } = self;
        reader.reset();
        // Fields are no longer than the line that they stand in.
        text.resize(text.len().max(line.len()), 0);
        let (read, taken, length, fields) = reader.read_record(line, text, ends);
        let is_whole = matches!(read, ReadRecordResult::Record) && taken == line.len() && fields == COLUMNS;
        let text = std::str::from_utf8(&text[..length]).ok().filter(|_| is_whole)?;
        Some(Fields { text, ends })
    }
}

impl Fields<'_> {
    fn get(&self, at: usize) -> Option<&str> {
        let start = if at == 0 { 0 } else { *self.ends.get(at - 1)? };
        self.text.get(start..*self.ends.get(at)?)
    }
}

/// The value of a field that may be empty: none of it, its value, or not a value at all.
#[expect(clippy::option_option, reason = "an empty field and a wrong one are not the same")]
fn some<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { parse(text).map(Some) }
}

fn figures(fields: &Fields<'_>) -> Option<[Option<f64>; Summary::COUNT]> {
    let mut figures = [None; Summary::COUNT];
    for (at, figure) in figures.iter_mut().enumerate() {
        *figure = some(fields.get(LEAD.len() + at)?, |text| text.parse().ok())?;
    }
    Some(figures)
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
        assert_eq!(read(&good().to_line()), Some(good()));
        let bad = Row { replication: None, key: None, result: Err("no room".to_owned()), ..good() };
        assert_eq!(read(&bad.to_line()), Some(bad));
    }

    #[test]
    fn an_error_of_many_lines_is_a_row_of_one() {
        let bad = Row { result: Err("a.toml:3:4: wrong\n   |\n 3 | x".to_owned()), ..good() };
        let line = bad.to_line();
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(read(&line).unwrap().result, Err("a.toml:3:4: wrong · | · 3 | x".to_owned()));
    }

    /// A profile's name is a key of TOML, which may hold a line end.
    #[test]
    fn a_name_of_two_lines_is_a_row_of_one() {
        let line = Row { storage: "a\nb".to_owned(), ..good() }.to_line();
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(read(&line).unwrap().storage, "a · b");
    }

    fn read(line: &[u8]) -> Option<Row> {
        Lines::new().row(line)
    }

    /// What the crate's own reader makes of a line.
    fn by_a_reader_of_its_own(line: &[u8]) -> Option<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line);
        let record = reader.records().next()?.ok()?;
        (record.len() == COLUMNS).then(|| record.iter().map(str::to_owned).collect())
    }

    /// One reader reads line after line as a new one reads each: neither a torn line nor an open quote is seen by the next.
    /// What a new reader takes for the beginning of something longer, is no line of ours.
    #[test]
    fn one_reader_reads_every_line_as_a_new_one_would() {
        let line = good().to_line();
        let mut lines = Lines::new();
        let broken = (0..line.len() - 1).flat_map(|at| b",x\"\r\xff".map(|byte| (at, byte)));
        for (at, byte) in broken {
            let mut broken = line.clone();
            broken[at] = byte;
            let fields = lines.fields(&broken).map(|fields| {
                (0..COLUMNS).map(|at| fields.get(at).unwrap_or_default().to_owned()).collect::<Vec<_>>()
            });
            let expected = by_a_reader_of_its_own(&broken);
            let is_longer = matches!(byte, b'"' | b'\r') && fields.is_none();
            assert!(fields == expected || is_longer, "{}", String::from_utf8_lossy(&broken));
            assert_eq!(lines.row(&line), Some(good()), "after {}", String::from_utf8_lossy(&broken));
        }
    }

    /// Cut anywhere, even before its end alone, a line is no row.
    #[test]
    fn a_torn_line_is_no_row() {
        let line = good().to_line();
        assert!((0..line.len()).all(|length| read(&line[..length]).is_none()));
        assert_eq!(read(&Row::header()), None);
        assert_eq!(read(&[0; 600]), None);
    }
}
