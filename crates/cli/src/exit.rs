//! What the program's exit status says.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ExitStatus {
    /// It did what was asked.
    Done = 0,
    /// It failed, and not through the input.
    Failed = 1,
    /// What it was given is wrong.
    Input = 2,
    /// A `--fail-if` came true, or had nothing to judge.
    FailIf = 3,
    /// Points of a sweep failed or are missing.
    Incomplete = 4,
    /// The user interrupted it.
    Interrupted = 130,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}
