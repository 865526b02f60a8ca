//! A CSV table as Parquet: the same columns in the same order, numbers as numbers and no value as null.
//!
//! A table is converted some rows at a time, so that one of a million rows takes no memory.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufReader, BufWriter, Cursor, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::Arc,
};

use ingestsim_model::outcome::Summary;
use parquet::{
    basic::{ConvertedType, Repetition, Type as Physical},
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};

use crate::folder::NewFile;

/// Rows of a row group.
const ROWS: usize = 10_000;

/// Columns of names and sentences.
const TEXTS: [&str; 15] = [
    "scenario",
    "storage",
    "fidelity",
    "key",
    "status",
    "error",
    "cause",
    "part",
    "item",
    "unit",
    "source",
    "tier",
    "what",
    "cache",
    "request_kind",
];

/// Columns of whole numbers.
const COUNTS: [&str; 5] = ["point", "replication", "replications", "trial", "epoch"];

/// Columns of measurements besides those of the summary. A count that is a mean over replications is one too.
const NUMBERS: [&str; 20] = [
    "seconds",
    "first_batch_s",
    "own_s",
    "through_barrier_s",
    "quantity",
    "price_usd",
    "cost_usd",
    "t_s",
    "queue_depth",
    "credits_bytes",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "submitted_s",
    "ended_s",
    "fidelity_error",
    "requests",
    "read_bytes",
    "hits",
    "misses",
];

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Count,
    Number,
    Text,
}

impl Kind {
    /// At least that of a column that every run has, with values or without; any other, such as a swept one, is told by
    /// its values alone.
    fn named(column: &str) -> Option<Self> {
        if TEXTS.contains(&column) {
            return Some(Self::Text);
        }
        if COUNTS.contains(&column) {
            return Some(Self::Count);
        }
        let figure = column.strip_suffix("_ci95").unwrap_or(column);
        (NUMBERS.contains(&figure) || Summary::NAMES.contains(&figure)).then_some(Self::Number)
    }

    /// The narrowest kind that holds this value too.
    fn and(self, text: &str) -> Self {
        match self {
            _ if text.is_empty() => self,
            Self::Count if text.parse::<i64>().is_ok() => Self::Count,
            Self::Count | Self::Number if text.parse::<f64>().is_ok() => Self::Number,
            _ => Self::Text,
        }
    }

    fn field(self, name: &str) -> Result<Type, ParquetError> {
        let (physical, converted) = match self {
            Self::Count => (Physical::INT64, ConvertedType::NONE),
            Self::Number => (Physical::DOUBLE, ConvertedType::NONE),
            Self::Text => (Physical::BYTE_ARRAY, ConvertedType::UTF8),
        };
        let field = Type::primitive_type_builder(name, physical).with_converted_type(converted);
        field.with_repetition(Repetition::OPTIONAL).build()
    }
}

/// Puts a Parquet table beside each CSV table.
///
/// # Errors
///
/// If one cannot be converted.
pub fn add(files: &mut Vec<NewFile>) -> io::Result<()> {
    let mut tables = Vec::new();
    for file in files.iter().filter(|file| file.path.extension().is_some_and(|end| end == "csv")) {
        let mut content = Vec::new();
        convert(&mut Cursor::new(&file.content), &mut content)?;
        tables.push(NewFile::new(file.path.with_extension("parquet"), content));
    }
    files.extend(tables);
    Ok(())
}

/// Puts a Parquet table beside the CSV table at `csv`, whole or not at all.
///
/// # Errors
///
/// If one cannot be read or the other not written.
pub fn beside(csv: &Path) -> io::Result<()> {
    let place = csv.with_extension("parquet");
    let mut draft = OsString::from(".");
    draft.push(place.file_name().unwrap_or_default());
    draft.push(format!(".{}.tmp", std::process::id()));
    let draft = place.with_file_name(draft);
    let written = || -> io::Result<()> {
        let mut out = BufWriter::new(File::create(&draft)?);
        convert(&mut BufReader::new(File::open(csv)?), &mut out)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        fs::rename(&draft, &place)
    };
    written().inspect_err(|_| {
        let _ = fs::remove_file(&draft);
    })
}

/// Reads the table twice: for what its columns hold, and for its rows.
fn convert(csv: &mut (impl Read + Seek), out: &mut (impl Write + Send)) -> io::Result<()> {
    let (names, kinds) = columns(csv)?;
    csv.seek(SeekFrom::Start(0))?;
    let fields = names.iter().zip(&kinds).map(|(name, kind)| kind.field(name).map(Arc::new));
    let fields = fields.collect::<Result<_, _>>().map_err(io::Error::other)?;
    let schema = Type::group_type_builder("table").with_fields(fields).build().map_err(io::Error::other)?;
    let properties = WriterProperties::builder().set_created_by("ingestsim".to_owned()).build();
    let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties));
    let mut writer = writer.map_err(io::Error::other)?;
    let mut rows = csv::Reader::from_reader(csv).into_records();
    loop {
        let some = rows.by_ref().take(ROWS).collect::<Result<Vec<_>, _>>()?;
        if some.is_empty() {
            break;
        }
        let mut group = writer.next_row_group().map_err(io::Error::other)?;
        for (column, kind) in kinds.iter().enumerate() {
            let cells = some.iter().map(|row| row.get(column).unwrap_or_default());
            put(&mut group, *kind, cells).map_err(io::Error::other)?;
        }
        group.close().map_err(io::Error::other)?;
    }
    writer.close().map_err(io::Error::other)?;
    Ok(())
}

/// The columns' names, and what they hold.
fn columns(csv: &mut (impl Read + Seek)) -> io::Result<(Vec<String>, Vec<Kind>)> {
    let mut reader = csv::Reader::from_reader(csv);
    let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let mut kinds: Vec<Kind> = names.iter().map(|name| Kind::named(name).unwrap_or(Kind::Count)).collect();
    for record in reader.records() {
        // A value that its column's kind does not hold widens it: it would be lost otherwise.
        for (kind, text) in kinds.iter_mut().zip(&record?) {
            *kind = kind.and(text);
        }
    }
    Ok((names, kinds))
}

/// Writes the cells of a column.
fn put<'c, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    kind: Kind,
    cells: impl Iterator<Item = &'c str>,
) -> Result<(), ParquetError> {
    match kind {
        Kind::Count => put_as::<Int64Type, W>(group, cells, |text| text.parse().ok()),
        Kind::Number => put_as::<DoubleType, W>(group, cells, |text| text.parse().ok()),
        Kind::Text => {
            put_as::<ByteArrayType, W>(group, cells, |text| (!text.is_empty()).then(|| ByteArray::from(text)))
        }
    }
}

fn put_as<'c, T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: impl Iterator<Item = &'c str>,
    read: impl Fn(&str) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let cells: Vec<Option<T::T>> = cells.map(read).collect();
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.into_iter().flatten().collect();
    let mut column = group.next_column()?.expect("a group has all columns of its schema");
    column.typed::<T>().write_batch(&values, Some(&levels), None)?;
    column.close()
}

#[cfg(test)]
mod tests {
    use parquet::{
        file::{reader::FileReader, serialized_reader::SerializedFileReader},
        record::Field,
    };

    use super::*;

    /// The columns' names and the rows of a Parquet file.
    fn read(path: &Path) -> (Vec<String>, Vec<Vec<Field>>) {
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        let schema = reader.metadata().file_metadata().schema().clone();
        let names = schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
        let row = |row: parquet::record::Row| row.get_column_iter().map(|(_, field)| field.clone()).collect();
        (names, reader.get_row_iter(None).unwrap().map(|found| row(found.unwrap())).collect())
    }

    const TABLE: &str = "storage,replications,loop_s,loop_s_ci95,job.batch-size,job.order,dataset.file-size_bytes\n\
                         copy,2,0.30000000000000004,,64,sequential,37500\n\
                         \"a, \"\"b\"\"\",0,,,128,,1.5\n";

    #[test]
    fn a_table_reads_back_with_its_numbers_and_nulls() {
        let folder = tempfile::tempdir().unwrap();
        let csv = folder.path().join("summary.csv");
        fs::write(&csv, TABLE).unwrap();
        beside(&csv).unwrap();
        let (names, rows) = read(&folder.path().join("summary.parquet"));
        assert_eq!(names.join(","), TABLE.lines().next().unwrap());
        let text = |text: &str| Field::Str(text.to_owned());
        let first = [
            text("copy"),
            Field::Long(2),
            Field::Double(0.1 + 0.2),
            Field::Null,
            Field::Long(64),
            text("sequential"),
            Field::Double(37_500.0),
        ];
        let second = [
            text("a, \"b\""),
            Field::Long(0),
            Field::Null,
            Field::Null,
            Field::Long(128),
            Field::Null,
            Field::Double(1.5),
        ];
        assert_eq!(rows, [first, second]);
        assert_eq!(folder.path().read_dir().unwrap().count(), 2, "no draft is left");
    }

    /// Requests are a mean over replications, and so no whole number.
    #[test]
    fn no_value_is_lost_to_the_kind_of_its_column() {
        let mut out = Vec::new();
        convert(&mut Cursor::new("requests,epoch,loop_s\n1.5,1,2\n3,2.5,soon\n"), &mut out).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("t.parquet"), out).unwrap();
        let (_, rows) = read(&folder.path().join("t.parquet"));
        let text = |text: &str| Field::Str(text.to_owned());
        let first = [Field::Double(1.5), Field::Double(1.0), text("2")];
        assert_eq!(rows, [first, [Field::Double(3.0), Field::Double(2.5), text("soon")]]);
    }

    /// 25,000 rows are three row groups, and come back in their order.
    #[test]
    fn a_long_table_keeps_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let csv = folder.path().join("points.csv");
        let rows: String = (0..25_000).map(|row| format!("{row},{}\n", f64::from(row) / 8.0)).collect();
        fs::write(&csv, format!("point,loop_s\n{rows}")).unwrap();
        beside(&csv).unwrap();
        let (_, rows) = read(&folder.path().join("points.parquet"));
        assert_eq!(rows.len(), 25_000);
        let expected = |row: usize| [Field::Long(row as i64), Field::Double(row as f64 / 8.0)];
        assert!(rows.iter().enumerate().all(|(at, row)| *row == expected(at)));
    }

    #[test]
    fn a_table_that_is_not_there_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        beside(&folder.path().join("points.csv")).unwrap_err();
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn every_table_of_a_run_gets_one_beside_it() {
        let study = crate::fixture::study();
        let mut files = crate::files::run(&study, &[], "", "1.0.0");
        let tables =
            files.iter().filter(|file| file.path.extension().is_some_and(|end| end == "csv")).count();
        let before = files.len();
        add(&mut files).unwrap();
        assert_eq!(files.len(), before + tables);
        assert!(files[before..].iter().all(|file| file.content.starts_with(b"PAR1")));
    }
}
