//! The `ingestsim` program: what is asked for, who does it, and how it ends.

mod about;
mod command;
mod exit;
mod fail_if;
mod failure;
mod input;
mod interrupt;
mod options;
mod progress;
mod refusal;
mod results;
mod setting;
mod swept;
mod tables;
mod terminal;

use std::{env, panic, process::ExitCode};

use clap::Parser;

use crate::{command::Command, exit::ExitStatus};

/// Simulates how storage services feed a GPU training job: time to first batch, GPU utilisation, stalls and cost.
#[derive(Debug, Parser)]
#[command(name = "ingestsim", version, max_term_width = 110)]
#[command(
    after_help = "Exit status: 0 done, 1 it failed, 2 the input is wrong, 3 a --fail-if came true or had nothing to judge, \
                  4 points of a sweep failed or are missing, 130 interrupted."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    interrupt::handle();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(help_or_error) => {
            if let Some(refused) = refusal::of(&help_or_error, env::args_os()) {
                terminal::say(&refused.text());
                return refused.status().into();
            }
            // Where it goes may be closed already; the exit status still tells.
            let _ = help_or_error.print();
            return ExitCode::from(u8::try_from(help_or_error.exit_code()).unwrap_or(1));
        }
    };
    // The default hook has printed what a panic said; it is a failure of ours, and its status is no other.
    let done = panic::catch_unwind(|| cli.command.run()).unwrap_or(Ok(ExitStatus::Failed));
    let status = done.unwrap_or_else(|failure| {
        terminal::say(&failure.text());
        failure.status()
    });
    status.into()
}
