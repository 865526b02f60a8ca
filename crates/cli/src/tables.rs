//! The tables of a results folder in the other format.

use std::{io, path::Path};

use ingestsim_report::folder::NewFile;

use crate::options::Format;

/// Adds the Parquet tables to the files of a folder, if they are wanted.
#[cfg_attr(not(feature = "parquet"), expect(clippy::ptr_arg, reason = "the feature adds files"))]
pub(crate) fn add(format: Format, files: &mut Vec<NewFile>) -> io::Result<()> {
    match format {
        Format::Csv => Ok(()),
        #[cfg(feature = "parquet")]
        Format::Parquet => ingestsim_report::parquet_table::add(files),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => {
            unreachable!("without the feature the format is refused, and {} files have none", files.len())
        }
    }
}

/// Puts the Parquet table beside a CSV table of a folder, if it is wanted, and else removes an older one.
pub(crate) fn beside(format: Format, csv: &Path) -> io::Result<()> {
    match format {
        Format::Csv => match std::fs::remove_file(csv.with_extension("parquet")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
        #[cfg(feature = "parquet")]
        Format::Parquet => ingestsim_report::parquet_table::beside(csv),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => {
            unreachable!("without the feature the format is refused, and {} has none", csv.display())
        }
    }
}
