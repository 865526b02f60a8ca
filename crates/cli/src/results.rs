//! What comes of runs: the profiles that came to their end, and how the files of a results folder are written.

use anyhow::{Context, anyhow};
use ingestsim_model::Plan;
use ingestsim_report::{
    failed::FailedProfile,
    folder::{Folder, NewFile},
    json,
};
use ingestsim_sweep::{Candidate, ProfileResult, RunError, replicate::Run};
use serde_json::Value;

use crate::{
    exit::ExitStatus,
    failure::Failure,
    interrupt,
    options::{Format, SayOptions},
    tables, terminal,
};

/// What is said where the figures are known and the folder is not there.
pub(crate) const UNWRITTEN: &str = "the results are not in the folder";

/// The profiles that came to nothing, each with its error. The others are told and kept as if they were alone.
#[derive(Debug, Default)]
pub(crate) struct Failed(Vec<FailedProfile>);

/// The results of profiles, and those that have none.
pub(crate) fn profiles(
    candidates: &[Candidate<Plan>],
    runs: Vec<Vec<Result<Run, RunError>>>,
) -> (Vec<ProfileResult>, Failed) {
    let (mut results, mut failed) = (Vec::new(), Failed::default());
    for (candidate, runs) in candidates.iter().zip(runs) {
        match ProfileResult::of(candidate, runs) {
            Ok(result) => results.push(result),
            Err(error) => {
                let (storage, error) = (candidate.storage.clone(), format!("{:#}", anyhow!(error)));
                failed.0.push(FailedProfile { storage, error });
            }
        }
    }
    (results, failed)
}

impl Failed {
    /// The end of a command that has nothing to write for a reason that what failed leaves: each is told, also in the
    /// `document` if that is wanted. Of a profile that was alone the error is reason enough.
    pub(crate) fn nothing_written(&self, mut document: Value, why: Option<&str>, say: SayOptions) -> Failure {
        if say.json {
            self.add_to(&mut document);
            if let Err(error) = terminal::answer(&json::text(&document)) {
                return error.into();
            }
        }
        let why = match (why, self.0.as_slice()) {
            (None, [alone]) => &alone.error,
            (why, _) => {
                self.tell();
                why.unwrap_or("no profile came to its end")
            }
        };
        Failure::Failed(anyhow!("{why}").context("nothing was written"))
    }

    /// Adds them to the document of a command, where there are any.
    pub(crate) fn add_to(&self, document: &mut Value) {
        FailedProfile::add_to(&self.0, document);
    }

    /// What files and pages are to tell of them.
    pub(crate) fn profiles(&self) -> &[FailedProfile] {
        &self.0
    }

    /// Says what failed.
    pub(crate) fn tell(&self) {
        for FailedProfile { error, .. } in &self.0 {
            terminal::say(&format!("error: {error}"));
        }
    }

    /// How the command ends that would end as `judged` without them.
    pub(crate) fn status(&self, judged: ExitStatus) -> ExitStatus {
        if self.0.is_empty() { judged } else { ExitStatus::Failed }
    }
}

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
