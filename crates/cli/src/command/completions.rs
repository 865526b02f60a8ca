//! `ingestsim completions`: a script that teaches a shell the commands and options.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{Cli, exit::ExitStatus, failure::Failure, terminal};

/// What `completions` is given.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(arguments: Arguments) -> Result<ExitStatus, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "ingestsim", &mut script);
    terminal::answer(&String::from_utf8_lossy(&script))?;
    Ok(ExitStatus::Done)
}
