//! Writes a chart's files so that a reader sees the old ones or the new ones, never half of one.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use super::{ChartError, render, scene::Scene};

/// A file under a temporary name, which is removed unless it is put in place.
struct Draft {
    draft: PathBuf,
    place: PathBuf,
}

impl Draft {
    /// Writes the draft of `path.extension`, in the same folder so that it can be renamed.
    fn write(path: &Path, extension: &str, bytes: &[u8]) -> Result<Draft, ChartError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let draft = Draft {
            draft: path.with_file_name(format!(".{name}.{extension}.{}.partial", process::id())),
            place: path.with_file_name(format!("{name}.{extension}")),
        };
        fs::write(&draft.draft, bytes).map_err(|source| failed(&draft.place, source))?;
        Ok(draft)
    }

    fn put_in_place(&self) -> Result<PathBuf, ChartError> {
        fs::rename(&self.draft, &self.place).map_err(|source| failed(&self.place, source))?;
        Ok(self.place.clone())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename there is nothing to remove, and a draft that cannot be removed does no harm.
        let _ = fs::remove_file(&self.draft);
    }
}

/// Writes `path.png` and `path.svg`, both or neither but for a failure between two renames.
pub(super) fn write_both(scene: &Scene, path: &Path) -> Result<[PathBuf; 2], ChartError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    }
    let png = Draft::write(path, "png", &render::png(scene)?)?;
    let svg = Draft::write(path, "svg", render::svg(scene)?.as_bytes())?;
    Ok([png.put_in_place()?, svg.put_in_place()?])
}

fn failed(path: &Path, source: io::Error) -> ChartError {
    ChartError::Write { path: path.to_owned(), source }
}
