//! `ingestsim run`: one scenario, every candidate profile.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use ingestsim_model::Plan;
use ingestsim_report::{
    files,
    folder::{Folder, NewFile},
    html::{self, About},
    json, run_charts,
    table::{self, Look},
};
use ingestsim_sweep::{Candidate, Simulate, Study, replicate};

use crate::{
    about::about,
    exit::ExitStatus,
    fail_if::FailIfOptions,
    failure::Failure,
    input::Input,
    options::{CheckOptions, Format, OutputOptions, REPLICATIONS, RunOptions, SayOptions, ScenarioOptions},
    progress::Bar,
    results::{self, Failed, UNWRITTEN, write},
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
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 1, value_parser = clap::value_parser!(u64).range(REPLICATIONS))]
    replications: u64,
    #[command(flatten)]
    fail_if: FailIfOptions,
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
    let (study, failed) = simulated(&input, &candidates, arguments)?;
    if study.profiles.is_empty() {
        return Err(failed.nothing_written(json::run(&study), None, arguments.output.say));
    }
    // Whoever has waited for the figures sees them, even if the folder cannot be written.
    let files = written((&study, &failed), &input, &folder, arguments.output.format);
    answered(&study, &failed, arguments.output.say)?;
    failed.tell();
    let judged = arguments.fail_if.judge(&study.profiles);
    let files = files?;
    if !arguments.output.say.quiet {
        terminal::say(&format!("{files} files written to {}", shown(folder.path())));
    }
    Ok(failed.status(judged))
}

/// All runs. A profile that fails takes no other with it.
fn simulated(
    input: &Input,
    candidates: &[Candidate<Plan>],
    arguments: &Arguments,
) -> Result<(Study, Failed), Failure> {
    let replications = arguments.replications;
    let samples = candidates.iter().map(|candidate| candidate.plan.samples().saturating_mul(replications));
    let bar = Bar::new(samples.fold(0, u64::saturating_add), !arguments.output.say.quiet);
    let threads = usize::from(arguments.run.threads.unwrap_or(0));
    let runs = replicate(candidates, replications, threads, &bar).context("nothing was run")?;
    drop(bar);
    let (profiles, failed) = results::profiles(candidates, runs);
    let scenario = input.scenario();
    let study = Study {
        scenario: scenario.name.clone(),
        description: scenario.description.clone(),
        setting: setting::line(scenario, candidates, replications),
        digest: scenario.digest(),
        seed: scenario.seed,
        replications,
        profiles,
    };
    Ok((study, failed))
}

/// Writes the folder and returns how many files that were.
fn written(
    (study, failed): (&Study, &Failed),
    input: &Input,
    folder: &Folder,
    format: Format,
) -> Result<usize, Failure> {
    let mut files: Vec<NewFile> = files::run(study, failed.profiles(), &input.scenario().to_toml(), VERSION);
    let footer = setting::footer(input.scenario(), &input.catalog, VERSION);
    files.extend(run_charts::files(study, &footer).context(UNWRITTEN)?);
    let about = About { failed: failed.profiles().to_vec(), ..about([input]) };
    files.push(html::run::report(study, &about).context(UNWRITTEN)?);
    let outdated = files::TABLES.into_iter().chain(files::TABLES_BESIDE).collect::<Vec<_>>();
    write(folder, files, format, &outdated)
}

/// Prints the answer.
fn answered(study: &Study, failed: &Failed, say: SayOptions) -> anyhow::Result<()> {
    match say {
        SayOptions { json: true, .. } => {
            let mut document = json::run(study);
            failed.add_to(&mut document);
            terminal::answer(&json::text(&document))
        }
        SayOptions { quiet: true, .. } => Ok(()),
        _ => {
            let look = if terminal::colour_on_stdout() { Look::Styled } else { Look::Plain };
            terminal::answer(&table::run(study, look))
        }
    }
}

/// A folder for a message: with the sign that it is one.
fn shown(folder: &Path) -> String {
    format!("{}/", folder.display())
}
