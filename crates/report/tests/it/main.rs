//! Charts from the outside: the files they write, and where their texts stand.

mod dice;
mod files;
mod samples;
mod svg;
mod texts;
