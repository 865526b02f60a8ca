//! How the files of a results folder are written.

use anyhow::Context;
use ingestsim_report::folder::{Folder, NewFile};

use crate::{failure::Failure, interrupt, options::Format, tables};

/// What is said where the figures are known and the folder is not there.
pub(crate) const UNWRITTEN: &str = "the results are not in the folder";

/// Writes files into a folder, and Parquet tables beside theirs if they are wanted; returns how many files that were.
///
/// Of what an older program left there, `outdated` goes.
pub(crate) fn write(
    folder: &Folder,
    mut files: Vec<NewFile>,
    format: Format,
    outdated: &[&str],
) -> Result<usize, Failure> {
    tables::add(format, &mut files).context(UNWRITTEN)?;
    let _whole = interrupt::hold();
    folder.write(&files, outdated).context(UNWRITTEN)?;
    Ok(files.len())
}
