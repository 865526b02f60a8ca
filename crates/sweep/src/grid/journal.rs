//! The journal that a sweep appends to: a line a run, in the order in which they end.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{Row, SweepError};

/// How much computing a loss of power may cost.
const SYNC_EVERY: Duration = Duration::from_secs(5);
/// The end of a journal is searched for its last whole line in pieces of this size.
const TAIL_PIECE: u64 = 4096;

/// A journal that is open for writing, and locked for as long.
///
/// Each row is one `write`, so a killed process loses at most the row under way, whose torn line is dropped when the
/// journal is opened again. The system is made to put rows on the drive every five seconds and at the end: a machine
/// that loses power loses no more than that.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Mutex<Writing>,
}

#[derive(Debug)]
struct Writing {
    file: File,
    synced: Instant,
}

impl Journal {
    /// Opens the journal `name` in a folder, which is made if it is not there; a torn last line goes.
    ///
    /// # Errors
    ///
    /// If another process writes to it, if it is of another version, or if it cannot be written.
    pub fn open(folder: &Path, name: &str) -> Result<Self, SweepError> {
        let path = folder.join(name);
        let missing: Vec<&Path> = path.ancestors().take_while(|path| !path.exists()).collect();
        fs::create_dir_all(folder).map_err(SweepError::write(folder))?;
        let opened = Self::begin(path.clone());
        let is_ours = |error: &SweepError| !matches!(error, SweepError::Locked { .. });
        if opened.as_ref().is_err_and(is_ours) {
            // On a full disk a folder may be made, and a journal in it, but no line be written.
            for made in missing {
                let _ = if made == path { fs::remove_file(made) } else { fs::remove_dir(made) };
            }
        }
        opened
    }

    fn begin(path: PathBuf) -> Result<Self, SweepError> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let mut file = file.map_err(SweepError::write(&path))?;
        lock(&file, &path)?;
        let length = whole_lines(&mut file).map_err(SweepError::read(&path))?;
        file.set_len(length).map_err(SweepError::write(&path))?;
        if length == 0 {
            file.write_all(&Row::header()).map_err(SweepError::write(&path))?;
        }
        file.sync_data().map_err(SweepError::write(&path))?;
        Ok(Self { path, file: Mutex::new(Writing { file, synced: Instant::now() }) })
    }

    /// Appends a row with one `write`.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn append(&self, row: &Row) -> Result<(), SweepError> {
        let line = row.to_line();
        let mut writing = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = writing.file.write_all(&line);
        written.map_err(SweepError::write(&self.path))?;
        if writing.synced.elapsed() >= SYNC_EVERY {
            writing.file.sync_data().map_err(SweepError::write(&self.path))?;
            writing.synced = Instant::now();
        }
        Ok(())
    }

    /// Makes the system put everything on the drive.
    ///
    /// # Errors
    ///
    /// If it does not.
    pub fn sync(&self) -> Result<(), SweepError> {
        let writing = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        writing.file.sync_data().map_err(SweepError::write(&self.path))
    }
}

/// Takes the advisory lock, which goes with the process however it ends.
///
/// A file system without locks (some cluster mounts) is written to all the same: refusing it would shut out just the
/// machines that sharding is for.
fn lock(file: &File, path: &Path) -> Result<(), SweepError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(SweepError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) if source.kind() == ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(source)) => Err(SweepError::write(path)(source)),
    }
}

/// The length of a file up to the end of its last whole line.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    let mut end = file.seek(SeekFrom::End(0))?;
    let mut piece = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(TAIL_PIECE);
        file.seek(SeekFrom::Start(start))?;
        piece.clear();
        file.take(end - start).read_to_end(&mut piece)?;
        if let Some(at) = piece.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}
