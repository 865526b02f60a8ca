//! Standard output and standard error: what goes there, and whether it may be coloured.

use std::{
    env,
    io::{self, ErrorKind, IsTerminal, Write},
};

use anyhow::Context;
use ingestsim_report::table::Look;

/// Prints an answer. A reader that has closed the pipe has read enough.
///
/// # Errors
///
/// If standard output cannot be written to for another reason.
pub(crate) fn answer(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output"),
    }
}

/// Says something on standard error, if anybody listens there.
pub(crate) fn say(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// How an answer on standard output may look.
pub(crate) fn look() -> Look {
    if colour_on_stdout() { Look::Styled } else { Look::Plain }
}

/// Whether what goes to standard output may be styled.
pub(crate) fn colour_on_stdout() -> bool {
    io::stdout().is_terminal() && colour_wanted()
}

/// Whether what goes to standard error may be styled.
pub(crate) fn colour_on_stderr() -> bool {
    io::stderr().is_terminal() && colour_wanted()
}

/// No colour where `NO_COLOR` is set to anything (no-color.org).
fn colour_wanted() -> bool {
    env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
