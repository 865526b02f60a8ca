//! Charts from the outside: the files they write, and where their texts stand.

#![expect(clippy::unwrap_used, reason = "a test that meets nothing where something must be has failed")]

mod dice;
mod files;
mod samples;
mod svg;
mod sweep;
mod texts;
