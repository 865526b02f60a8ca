//! `ingestsim run`: one scenario, every candidate profile.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use ingestsim_model::Plan;
use ingestsim_report::{
    files,
    folder::{Folder, NewFile},
    html, json, run_charts,
    table::{self, Look},
};
use ingestsim_sweep::{Candidate, ProfileResult, Simulate, Study, replicate};

use crate::{
    about::about,
    exit::ExitStatus,
    fail_if::FailIf,
    failure::Failure,
    input::Input,
    options::{CheckOptions, Format, OutputOptions, REPLICATIONS, RunOptions, SayOptions, ScenarioOptions},
    progress::Bar,
    results::{UNWRITTEN, write},
    setting, terminal,
};

/// The version that results are marked with.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What `run` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The scenario; - reads it from standard input
    file: PathBuf,
    /// Runs this profile only; may be repeated
    #[arg(long, value_name = "NAME")]
    storage: Vec<String>,
    /// Runs of each profile, each with other luck
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(REPLICATIONS))]
    replications: u64,
    /// Ends with status 3 if a figure of summary.csv is as stated, such as 'gpu_utilisation < 0.9'; may be repeated
    #[arg(long, value_name = "EXPR")]
    fail_if: Vec<FailIf>,
    #[command(flatten)]
    scenario: ScenarioOptions,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    check: CheckOptions,
    #[command(flatten)]
    output: OutputOptions,
}

/// Runs the scenario, leaves its folder, and says what it came to.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let input = Input::load(&arguments.file, &arguments.scenario)?;
    let mut candidates = input.candidates(&arguments.storage)?;
    for candidate in &mut candidates {
        candidate.plan.fidelity = arguments.run.fidelity.into();
        candidate.plan.check_fidelity = arguments.check.check_fidelity;
    }
    let folder =
        Folder::open(arguments.output.out.join(&input.scenario().name)).context("nothing was run")?;
    let study = simulated(&input, &candidates, arguments)?;
    // Whoever has waited for the figures sees them, even if the folder cannot be written.
    let files = written(&study, &input, &folder, arguments.output.format);
    answered(&study, arguments.output.say)?;
    let files = files?;
    if !arguments.output.say.quiet {
        terminal::say(&format!("{files} files written to {}", shown(folder.path())));
    }
    Ok(judged(&study, &arguments.fail_if))
}

/// All runs.
fn simulated(input: &Input, candidates: &[Candidate<Plan>], arguments: &Arguments) -> Result<Study, Failure> {
    let replications = arguments.replications;
    let samples = candidates.iter().map(|candidate| candidate.plan.samples().saturating_mul(replications));
    let bar = Bar::new(samples.fold(0, u64::saturating_add), !arguments.output.say.quiet);
    let threads = usize::from(arguments.run.threads.unwrap_or(0));
    let runs = replicate(candidates, replications, threads, &bar).context("nothing was run")?;
    drop(bar);
    let profiles = candidates.iter().zip(runs).map(|(candidate, runs)| ProfileResult::of(candidate, runs));
    let profiles = profiles.collect::<Result<Vec<_>, _>>().context("nothing was written")?;
    let scenario = input.scenario();
    Ok(Study {
        scenario: scenario.name.clone(),
        description: scenario.description.clone(),
        setting: setting::line(scenario, candidates, replications),
        digest: scenario.digest(),
        seed: scenario.seed,
        replications,
        profiles,
    })
}

/// Writes the folder and returns how many files that were.
fn written(study: &Study, input: &Input, folder: &Folder, format: Format) -> Result<usize, Failure> {
    let mut files: Vec<NewFile> = files::run(study, &input.scenario().to_toml(), VERSION);
    let footer = setting::footer(input.scenario(), &input.catalog, VERSION);
    files.extend(run_charts::files(study, &footer).context(UNWRITTEN)?);
    files.push(html::run::report(study, &about([input])).context(UNWRITTEN)?);
    let outdated = files::TABLES.into_iter().chain(files::TABLES_BESIDE).collect::<Vec<_>>();
    write(folder, files, format, &outdated)
}

/// Prints the answer.
fn answered(study: &Study, say: SayOptions) -> anyhow::Result<()> {
    match say {
        SayOptions { json: true, .. } => terminal::answer(&json::text(&json::run(study))),
        SayOptions { quiet: true, .. } => Ok(()),
        _ => {
            let look = if terminal::colour_on_stdout() { Look::Styled } else { Look::Plain };
            terminal::answer(&table::run(study, look))
        }
    }
}

/// Whether a condition of `--fail-if` came true; says which.
fn judged(study: &Study, conditions: &[FailIf]) -> ExitStatus {
    let violations: Vec<String> =
        conditions.iter().flat_map(|condition| condition.violations(study)).collect();
    for violation in &violations {
        terminal::say(violation);
    }
    if violations.is_empty() { ExitStatus::Done } else { ExitStatus::FailIf }
}

/// A folder for a message: with the sign that it is one.
fn shown(folder: &Path) -> String {
    format!("{}/", folder.display())
}
