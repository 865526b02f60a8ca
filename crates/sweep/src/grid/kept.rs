//! What the journals of a folder hold: which runs are done, and their rows.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{
    Key, Row, Shard, SweepError,
    index::{Index, Place},
    row::Lines,
};

/// The runs that the journals of a folder hold, found by what was simulated.
#[derive(Debug)]
pub struct Kept {
    journals: Vec<Source>,
    lines: Lines,
    index: Index,
    /// Good rows, each run counted once.
    good: u64,
    /// Runs of one point that stand in the journals more than once.
    twice: u64,
    /// Runs whose rows contradict each other.
    contradictions: u64,
    /// Lines that are no rows.
    unreadable: u64,
}

/// A journal that is read here and there.
#[derive(Debug)]
struct Source {
    path: PathBuf,
    shard: Shard,
    reader: BufReader<File>,
    position: u64,
}

impl Kept {
    /// Reads every journal in a folder; a torn last line is left out, since its process may still be writing it.
    ///
    /// # Errors
    ///
    /// If one cannot be read or is of another version, or there is no room for the index.
    pub fn in_folder(folder: &Path) -> Result<Self, SweepError> {
        let mut journals = journals(folder).map_err(SweepError::read(folder))?;
        let mut lines = 0;
        for journal in &mut journals {
            lines += journal.lines()?;
        }
        let index = Index::with_room(lines, folder).map_err(SweepError::write(folder))?;
        let mut kept = Self {
            journals,
            lines: Lines::new(),
            index,
            good: 0,
            twice: 0,
            contradictions: 0,
            unreadable: 0,
        };
        for file in 0..kept.journals.len() {
            kept.read(file)?;
        }
        Ok(kept)
    }

    /// Good runs that are kept, whatever scenario they are of.
    #[must_use]
    pub const fn good(&self) -> u64 {
        self.good
    }

    /// Runs of one point that two processes made.
    #[must_use]
    pub const fn twice(&self) -> u64 {
        self.twice
    }

    /// Runs that came to different figures the second time, which no run should.
    #[must_use]
    pub const fn contradictions(&self) -> u64 {
        self.contradictions
    }

    /// Lines that are no rows: what a loss of power leaves.
    #[must_use]
    pub const fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// How many journals there are.
    #[must_use]
    pub fn journals(&self) -> usize {
        self.journals.len()
    }

    /// Into how many shards the sweep was dealt, if all journals agree.
    #[must_use]
    pub fn shards(&self) -> Option<u64> {
        let mut shards = self.journals.iter().map(|journal| journal.shard.of());
        let first = shards.next()?;
        shards.all(|of| of == first).then_some(first)
    }

    /// The row of a run; of several the first good one, else the last.
    ///
    /// # Errors
    ///
    /// If a file cannot be read.
    pub fn row(&mut self, key: Key, replication: Option<u32>) -> Result<Option<Row>, SweepError> {
        let Some(place) =
            self.index.get(key, replication).map_err(|source| SweepError::read(self.folder())(source))?
        else {
            return Ok(None);
        };
        let journal = &mut self.journals[usize::from(place.file)];
        let line = journal.line_at(place.position).map_err(SweepError::read(&journal.path))?;
        let row = self.lines.row(&line);
        Ok(row.filter(|row| row.key == Some(key) && row.replication == replication))
    }

    /// Puts the rows of a journal into the index.
    fn read(&mut self, file: usize) -> Result<(), SweepError> {
        let number = u16::try_from(file).expect("a folder has fewer than 65,536 journals");
        let path = self.journals[file].path.clone();
        let failed = SweepError::read;
        let mut reader = BufReader::new(File::open(&path).map_err(failed(&path))?);
        let mut position = 0;
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line).map_err(failed(&path))? as u64;
            if !line.ends_with(b"\n") {
                return Ok(());
            }
            if position == 0 && line != Row::header() {
                return Err(SweepError::Columns { path });
            }
            match self.lines.row(&line) {
                Some(row) => self.enter(&row, Place { file: number, position })?,
                None if position > 0 => self.unreadable += 1,
                None => {}
            }
            position += length;
        }
    }

    fn enter(&mut self, row: &Row, place: Place) -> Result<(), SweepError> {
        let Some(key) = row.key else {
            return Ok(());
        };
        let before = self.row(key, row.replication)?;
        let good_before = before.as_ref().is_some_and(|before| before.result.is_ok());
        if let (Some(before), Ok(figures), true) = (&before, &row.result, good_before) {
            // Two points of a grid may be the same scenario written in two ways. That is no mistake.
            self.twice += u64::from(before.point == row.point);
            self.contradictions += u64::from(before.result.as_ref() != Ok(figures));
        }
        if good_before {
            return Ok(());
        }
        self.good += u64::from(row.result.is_ok());
        let put = self.index.put(key, row.replication, place);
        put.map_err(|source| SweepError::write(self.folder())(source))
    }

    /// Where the index is.
    fn folder(&self) -> PathBuf {
        let folder = self.journals.first().and_then(|journal| journal.path.parent());
        folder.unwrap_or(Path::new("the index")).to_owned()
    }
}

impl Source {
    fn lines(&mut self) -> Result<u64, SweepError> {
        let count = |reader: &mut BufReader<File>| -> io::Result<u64> {
            let mut lines = 0;
            loop {
                let piece = reader.fill_buf()?;
                if piece.is_empty() {
                    return Ok(lines);
                }
                lines += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
                let length = piece.len();
                reader.consume(length);
            }
        };
        let lines = count(&mut self.reader).map_err(SweepError::read(&self.path))?;
        self.position = self.reader.seek(SeekFrom::Start(0)).map_err(SweepError::read(&self.path))?;
        Ok(lines)
    }

    fn line_at(&mut self, position: u64) -> io::Result<Vec<u8>> {
        // Rows stand in about the order in which they are asked for, so most are in the buffer already.
        self.reader.seek_relative(position.wrapping_sub(self.position) as i64)?;
        let mut line = Vec::with_capacity(512);
        self.position = position + self.reader.read_until(b'\n', &mut line)? as u64;
        Ok(line)
    }
}

/// The journals of a folder in the order of their names; none if there is no folder.
fn journals(folder: &Path) -> io::Result<Vec<Source>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut journals = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let shard = path.file_name().and_then(|name| Shard::of_journal(name.to_str()?));
        if let Some(shard) = shard {
            let reader = BufReader::new(File::open(&path)?);
            journals.push(Source { path, shard, reader, position: 0 });
        }
    }
    journals.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(journals)
}
