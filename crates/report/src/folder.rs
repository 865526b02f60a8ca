//! A results folder, whose files appear whole or not at all.
//!
//! Every file is written under a temporary name beside its place. Only when all are there does each take its name, so
//! a full disk, a crash or an interruption leaves the results of the last run as they were.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use thiserror::Error;

/// What went wrong with a results folder.
#[derive(Debug, Error)]
pub enum FolderError {
    /// The folder is not there and cannot be made.
    #[error("cannot create the results folder {path}", path = path.display())]
    Create {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {path}, and the results folder is as it was", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A written file cannot take its name, or an outdated one cannot go.
    #[error("cannot replace {path}", path = path.display())]
    Replace {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A file of a results folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its path within the folder.
    pub path: PathBuf,
    /// What it holds.
    pub content: Vec<u8>,
}

impl NewFile {
    /// A file with this content.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), content: content.into() }
    }
}

/// A results folder that can be written to.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Tries whether the folder can be made and written to, and leaves nothing behind: before a long run, not after it.
    ///
    /// # Errors
    ///
    /// If it cannot be made, or no file can be written in it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FolderError> {
        let folder = Self { path: path.into() };
        let _made = Made::of(&folder.path);
        folder.make()?;
        folder.pending(&NewFile::new("probe", ""))?;
        Ok(folder)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn make(&self) -> Result<(), FolderError> {
        let failed = |source| FolderError::Create { path: self.path.clone(), source };
        fs::create_dir_all(&self.path).map_err(failed)
    }

    /// Replaces the folder's contents: `files` appear, and of the names in `outdated` those that are not among them go.
    /// So does the Parquet table beside a CSV table that comes without one.
    ///
    /// # Errors
    ///
    /// If a file cannot be written; then the folder is as it was.
    pub fn write(&self, files: &[NewFile], outdated: &[&str]) -> Result<(), FolderError> {
        let folders = files.iter().filter_map(|file| file.path.parent());
        let made: Vec<Made> = folders.map(|folder| Made::of(&self.path.join(folder))).collect();
        self.make()?;
        let pending = files.iter().map(|file| self.pending(file)).collect::<Result<Vec<_>, _>>()?;
        made.into_iter().for_each(Made::keep);
        for file in pending {
            file.publish()?;
        }
        let tables = files.iter().filter(|file| file.path.extension().is_some_and(|end| end == "csv"));
        let beside = tables.map(|file| file.path.with_extension("parquet"));
        let outdated: Vec<PathBuf> = outdated.iter().map(PathBuf::from).chain(beside).collect();
        for name in outdated.iter().filter(|name| !files.iter().any(|file| file.path == **name)) {
            let path = self.path.join(name);
            match fs::remove_file(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(FolderError::Replace { path, source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The file under its temporary name.
    fn pending(&self, file: &NewFile) -> Result<Pending, FolderError> {
        let path = self.path.join(&file.path);
        let parent = path.parent().expect("a file of a folder lies in a folder");
        let failed = |source| FolderError::Write { path: path.clone(), source };
        fs::create_dir_all(parent).map_err(failed)?;
        let pending = Pending { temporary: temporary(&path), path: path.clone() };
        let mut written = File::create(&pending.temporary).map_err(failed)?;
        written.write_all(&file.content).map_err(failed)?;
        // Some file systems report a full disk only here.
        written.sync_all().map_err(failed)?;
        Ok(pending)
    }
}

/// Folders that are about to be made. Dropped, those of them that are empty go again, unless they are kept.
#[derive(Debug)]
struct Made(Vec<PathBuf>);

impl Made {
    /// Those on the way to a folder, and itself, that are not there yet.
    fn of(folder: &Path) -> Self {
        Self(folder.ancestors().take_while(|path| !path.exists()).map(Path::to_owned).collect())
    }

    /// They stay.
    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for path in &self.0 {
            // Another process may have put something there meanwhile, and what was never made is not there.
            let _ = fs::remove_dir(path);
        }
    }
}

/// A written file that does not have its name yet. Dropped without one, it goes.
#[derive(Debug)]
struct Pending {
    temporary: PathBuf,
    path: PathBuf,
}

impl Pending {
    fn publish(self) -> Result<(), FolderError> {
        fs::rename(&self.temporary, &self.path)
            .map_err(|source| FolderError::Replace { path: self.path.clone(), source })
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.temporary);
    }
}

/// A hidden name beside `path` that no other process uses.
fn temporary(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().expect("a file has a name"));
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn files_replace_those_before_and_outdated_ones_go() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path().join("results/run")).unwrap();
        let before = [
            NewFile::new("a.csv", "1"),
            NewFile::new("a.parquet", "1"),
            NewFile::new("trials.csv", "2"),
            NewFile::new("own.txt", "3"),
        ];
        folder.write(&before, &[]).unwrap();
        let after = [NewFile::new("a.csv", "4"), NewFile::new("charts/b.svg", "5")];
        folder.write(&after, &["a.csv", "trials.csv", "never-there.csv"]).unwrap();
        assert_eq!(names(folder.path()), ["a.csv", "charts", "own.txt"]);
        assert_eq!(fs::read(folder.path().join("a.csv")).unwrap(), b"4");
    }

    /// A folder in the place of a file's temporary name stops that file; the one before it does not appear either.
    #[test]
    fn a_failure_leaves_the_folder_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        folder.write(&[NewFile::new("a.csv", "old")], &[]).unwrap();
        fs::create_dir(temporary(&root.path().join("b.csv"))).unwrap();
        let files = [NewFile::new("a.csv", "new"), NewFile::new("b.csv", "new")];
        let error = folder.write(&files, &["a.csv"]).unwrap_err();
        assert!(error.to_string().contains("the results folder is as it was"), "{error}");
        assert_eq!(fs::read(root.path().join("a.csv")).unwrap(), b"old");
        fs::remove_dir(temporary(&root.path().join("b.csv"))).unwrap();
        assert_eq!(names(root.path()), ["a.csv"]);
    }

    /// A name that is too long stops the second file, after folders for both were made.
    #[test]
    fn a_failure_leaves_no_folder_that_it_made() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path().join("results/run")).unwrap();
        let files = [NewFile::new("charts/a.svg", "1"), NewFile::new("x".repeat(300), "2")];
        folder.write(&files, &[]).unwrap_err();
        assert!(names(root.path()).is_empty());
        fs::create_dir(root.path().join("results")).unwrap();
        folder.write(&files, &[]).unwrap_err();
        assert_eq!(names(root.path()), ["results"]);
    }

    #[test]
    fn trying_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        Folder::open(root.path().join("results/run")).unwrap();
        assert!(names(root.path()).is_empty());
    }

    #[test]
    fn a_file_in_the_way_is_an_error_that_names_it() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("results"), "in the way").unwrap();
        let error = Folder::open(root.path().join("results/run")).unwrap_err();
        assert!(matches!(error, FolderError::Create { .. }), "{error}");
    }
}
