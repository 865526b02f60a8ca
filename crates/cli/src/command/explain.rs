//! `ingestsim explain`: what holds a profile up, and what would help it.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use ingestsim_report::{
    explain, files,
    folder::{Folder, NewFile},
    html, json, run_charts,
};
use ingestsim_sweep::{
    Study,
    decide::explain::{Explained, How, SAMPLES, explain as explained_profiles},
};

use crate::{
    about::about,
    exit::ExitStatus,
    fail_if::FailIfOptions,
    failure::Failure,
    input::Input,
    options::{Fidelity, Format, OutputOptions, REPLICATIONS, SayOptions, ScenarioOptions, ThreadOptions},
    progress::Bar,
    results::{UNWRITTEN, write},
    setting, terminal,
};

/// The version that results are marked with.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What `explain` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The scenario; - reads it from standard input
    file: PathBuf,
    /// Explains this profile only; may be repeated
    #[arg(long, value_name = "NAME")]
    storage: Vec<String>,
    /// Runs of each profile and of each thing that is tried, each with other luck; gains are their means, phases and epochs
    /// those of the first
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 1, value_parser = clap::value_parser!(u64).range(REPLICATIONS))]
    replications: u64,
    /// How closely to simulate: auto leaves out steps of what is long; any other holds for every run
    #[arg(long, value_enum, default_value = "auto")]
    fidelity: Fidelity,
    #[command(flatten)]
    fail_if: FailIfOptions,
    #[command(flatten)]
    scenario: ScenarioOptions,
    #[command(flatten)]
    run: ThreadOptions,
    #[command(flatten)]
    output: OutputOptions,
}

/// Explains every profile, leaves a folder, and says what was found.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let input = Input::load(&arguments.file, &arguments.scenario)?;
    let candidates = input.candidates(&arguments.storage)?;
    let scenario = input.scenario();
    let folder = Folder::open(arguments.output.out.join(format!("{}-explain", scenario.name)));
    let folder = folder.context("nothing was run")?;
    let names: Vec<&str> = candidates.iter().map(|candidate| candidate.storage.as_str()).collect();
    let replications = arguments.replications;
    let bar = Bar::new(SAMPLES.saturating_mul(replications), !arguments.output.say.quiet);
    let fidelity = arguments.fidelity.into();
    let how = How { fidelity, replications, ..How::within(SAMPLES, arguments.run.threads()) };
    let explained = explained_profiles(scenario, &input.catalog, &names, how, &bar);
    let explained = explained.context("nothing was written")?;
    drop(bar);
    let study = Study {
        scenario: scenario.name.clone(),
        description: scenario.description.clone(),
        setting: setting::line(scenario, &candidates, replications),
        digest: scenario.digest(),
        seed: scenario.seed,
        replications,
        profiles: explained.iter().map(|one| one.base.clone()).collect(),
    };
    // Whoever has waited for the figures sees them, even if the folder cannot be written.
    let files = written(&study, &explained, &input, (&folder, arguments.output.format));
    answered(&study, &explained, arguments.output.say)?;
    let judged = arguments.fail_if.judge(&study.profiles);
    let files = files?;
    if !arguments.output.say.quiet {
        terminal::say(&format!("{files} files written to {}/", folder.path().display()));
    }
    Ok(judged)
}

/// Writes the folder and returns how many files that were.
fn written(
    study: &Study,
    explained: &[Explained],
    input: &Input,
    (folder, format): (&Folder, Format),
) -> Result<usize, Failure> {
    let mut files: Vec<NewFile> = files::run(study, &[], &input.scenario().to_toml(), VERSION);
    files.push(NewFile::new(explain::WHAT_IFS, explain::what_ifs(study, explained).to_csv()));
    files.push(NewFile::new(explain::BOUNDS, explain::bounds(study, explained).to_csv()));
    let footer = setting::footer(input.scenario(), &input.catalog, VERSION);
    files.extend(run_charts::files(study, &footer).context(UNWRITTEN)?);
    files.push(html::decide::explanation(study, explained, &about([input])).context(UNWRITTEN)?);
    write(folder, files, format, &files::TABLES)
}

/// Prints the answer.
fn answered(study: &Study, explained: &[Explained], say: SayOptions) -> anyhow::Result<()> {
    match say {
        SayOptions { json: true, .. } => terminal::answer(&json::text(&explain::json(study, explained))),
        SayOptions { quiet: true, .. } => Ok(()),
        _ => terminal::answer(&explain::text(study, explained, terminal::look())),
    }
}
