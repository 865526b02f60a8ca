//! The commands, one file each.

mod catalog;
mod check;
mod compare;
mod completions;
mod explain;
mod init;
mod merge;
mod plot;
mod recommend;
mod reproduce;
mod run;
mod sweep;
mod validate;

use clap::Subcommand;

use crate::{exit::ExitStatus, failure::Failure};

/// What the program is asked to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Simulates a scenario: prints what it came to, and writes a results folder
    Run(run::Arguments),
    /// Runs every point of the scenario's [sweep], and goes on where it was cut off
    Sweep(sweep::Arguments),
    /// Joins the parts of a sharded sweep, and says what is missing
    Merge(merge::Arguments),
    /// Holds the simulator against published measurements: measured, predicted, error
    Validate(validate::Arguments),
    /// Draws the charts of a results folder again
    Plot(plot::Arguments),
    /// Computes the examples of a study guide: what it says, what comes out, and under which assumption
    Reproduce(reproduce::Arguments),
    /// Sets profiles or scenarios side by side on the same random numbers, with their differences
    Compare(compare::Arguments),
    /// Finds what holds each profile up, and what more of each resource or another setting would give
    Explain(explain::Arguments),
    /// Ranks every storage set-up of the catalog for the job: cheapest, fastest, and what would change that
    Recommend(recommend::Arguments),
    /// Checks a scenario without running it, and prints it with every default filled in
    Check(check::Arguments),
    /// Lists what the catalog holds, each figure with its source and date
    Catalog(catalog::Arguments),
    /// Writes a commented scenario to start from
    Init(init::Arguments),
    /// Prints a completion script for a shell
    #[command(hide = true)]
    Completions(completions::Arguments),
}

impl Command {
    /// Does it.
    pub(crate) fn run(&self) -> Result<ExitStatus, Failure> {
        match self {
            Self::Run(arguments) => run::run(arguments),
            Self::Sweep(arguments) => sweep::run(arguments),
            Self::Merge(arguments) => merge::run(arguments),
            Self::Plot(arguments) => plot::run(arguments),
            Self::Reproduce(arguments) => reproduce::run(arguments),
            Self::Validate(arguments) => validate::run(arguments),
            Self::Compare(arguments) => compare::run(arguments),
            Self::Explain(arguments) => explain::run(arguments),
            Self::Recommend(arguments) => recommend::run(arguments),
            Self::Check(arguments) => check::run(arguments),
            Self::Catalog(arguments) => catalog::run(arguments),
            Self::Init(arguments) => init::run(arguments),
            Self::Completions(arguments) => completions::run(*arguments),
        }
    }
}
