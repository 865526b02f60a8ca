//! `ingestsim compare`: profiles or files side by side, on the same random numbers.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use ingestsim_model::Plan;
use ingestsim_report::{
    compare, files,
    folder::{Folder, NewFile},
    html::{self, About},
    json, run_charts,
};
use ingestsim_sweep::{Candidate, Simulate, Study, decide::compare::Comparison, replicate};

use crate::{
    about::about,
    exit::ExitStatus,
    fail_if::FailIfOptions,
    failure::Failure,
    input::Input,
    options::{CheckOptions, Format, OutputOptions, RunOptions, SayOptions, ScenarioOptions},
    progress::Bar,
    results::{self, Failed, UNWRITTEN, write},
    setting, terminal,
};

/// The version that results are marked with.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Five leave four degrees of freedom: an interval of 2.8 standard errors, where three need 4.3.
const REPLICATIONS: u64 = 5;

/// What `compare` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The scenarios; of one its profiles are compared, of several each of theirs
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Compares this profile only; may be repeated
    #[arg(long, value_name = "NAME")]
    storage: Vec<String>,
    /// The side that the others are held against; without it the first
    #[arg(long, value_name = "NAME")]
    against: Option<String>,
    /// Runs of each profile, each with other luck
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = REPLICATIONS, value_parser = clap::value_parser!(u64).range(crate::options::REPLICATIONS))]
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

/// Runs every side, leaves a folder, and says what sets them apart.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let inputs = loaded(arguments)?;
    let mut candidates = candidates(&inputs, &arguments.storage)?;
    for candidate in &mut candidates {
        candidate.plan.fidelity = arguments.run.fidelity.into();
        candidate.plan.check_fidelity = arguments.check.check_fidelity;
    }
    let against = baseline(&candidates, arguments.against.as_deref())?;
    let name = format!("{}-compare", inputs[0].scenario().name);
    let folder = Folder::open(arguments.output.out.join(name)).context("nothing was run")?;
    let (study, failed) = simulated(&inputs, &candidates, arguments)?;
    let against = compared(&study, &candidates[against].storage).map_err(|why| {
        let document = serde_json::json!({ "schema_version": 1, "scenario": study.scenario });
        failed.nothing_written(document, Some(&why), arguments.output.say)
    })?;
    let comparison = Comparison::new(study, against);
    // Whoever has waited for the figures sees them, even if the folder cannot be written.
    let files = written((&comparison, &failed), &inputs, (&folder, arguments.output.format));
    answered(&comparison, &failed, arguments.output.say)?;
    failed.tell();
    let judged = arguments.fail_if.judge(&comparison.study.profiles);
    let files = files?;
    if !arguments.output.say.quiet {
        terminal::say(&format!("{files} files written to {}/", folder.path().display()));
    }
    Ok(failed.status(judged))
}

/// The scenarios. All draw with the seed of the first: with other luck their differences would be noise.
fn loaded(arguments: &Arguments) -> Result<Vec<Input>, Failure> {
    let mut options = arguments.scenario.clone();
    let mut inputs = Vec::with_capacity(arguments.files.len());
    for file in &arguments.files {
        let input = Input::load(file, &options)?;
        options.seed = Some(input.scenario().seed);
        inputs.push(input);
    }
    Ok(inputs)
}

/// Every side under a name of its own: the profile's, behind that of its scenario where there are several.
fn candidates(inputs: &[Input], chosen: &[String]) -> Result<Vec<Candidate<Plan>>, Failure> {
    let mut sides = Vec::new();
    for input in inputs {
        // A profile that is asked for has to be in one of the scenarios, not in all of them.
        let known: Vec<&str> = input.scenario().candidates().collect();
        let here: Vec<String> =
            chosen.iter().filter(|name| known.contains(&name.as_str())).cloned().collect();
        let elsewhere = inputs.len() > 1 && here.is_empty() && !chosen.is_empty();
        if elsewhere {
            continue;
        }
        let asked = if inputs.len() > 1 { &here } else { chosen };
        for mut side in input.candidates(asked)? {
            if inputs.len() > 1 {
                side.storage = format!("{}/{}", scenario_name(input, inputs), side.storage);
            }
            sides.push(side);
        }
    }
    if sides.len() < 2 {
        let found = sides.first().map_or_else(|| "none".to_owned(), |side| format!("only {}", side.storage));
        return Err(Failure::input(format!("compare: expected two profiles or more, found {found}")));
    }
    Ok(sides)
}

/// A scenario's name, or its file where another has the same name.
fn scenario_name(input: &Input, inputs: &[Input]) -> String {
    let name = &input.scenario().name;
    let namesakes = inputs.iter().filter(|other| other.scenario().name == *name).count();
    if namesakes == 1 { name.clone() } else { input.name.clone() }
}

/// The index of the side that the others are held against.
fn baseline(candidates: &[Candidate<Plan>], against: Option<&str>) -> Result<usize, Failure> {
    let Some(name) = against else { return Ok(0) };
    candidates.iter().position(|side| side.storage == name).ok_or_else(|| {
        let names: Vec<&str> = candidates.iter().map(|side| side.storage.as_str()).collect();
        let names = names.join(", ");
        Failure::input(format!(
            "--against {name}: expected one of the sides, found {name:?}; there is {names}"
        ))
    })
}

/// Where the side `against` is among those that came to their end, or why there is no comparison.
fn compared(study: &Study, against: &str) -> Result<usize, String> {
    let at = study.profiles.iter().position(|side| side.storage == against);
    match (at, study.profiles.as_slice()) {
        (_, []) => Err("no side came to its end".to_owned()),
        (None, _) => Err(format!(
            "{against}, which the others are held against, failed; --against names another side to hold them against"
        )),
        (Some(_), [alone]) => Err(format!("there is nothing to hold against {}", alone.storage)),
        (Some(at), _) => Ok(at),
    }
}

/// All runs. A side that fails takes no other with it.
fn simulated(
    inputs: &[Input],
    candidates: &[Candidate<Plan>],
    arguments: &Arguments,
) -> Result<(Study, Failed), Failure> {
    let replications = arguments.replications;
    let samples = candidates.iter().map(|side| side.plan.samples().saturating_mul(replications));
    let bar = Bar::new(samples.fold(0, u64::saturating_add), !arguments.output.say.quiet);
    let threads = usize::from(arguments.run.threads.unwrap_or(0));
    let runs = replicate(candidates, replications, threads, &bar).context("nothing was run")?;
    drop(bar);
    let (profiles, failed) = results::profiles(candidates, runs);
    let names: Vec<&str> = inputs.iter().map(|input| input.scenario().name.as_str()).collect();
    let digests: Vec<String> = inputs.iter().map(|input| input.scenario().digest()).collect();
    let settings: Vec<String> = inputs
        .iter()
        .map(|input| {
            setting::line(input.scenario(), &input.candidates(&[]).unwrap_or_default(), replications)
        })
        .collect();
    let same = settings.iter().all(|setting| *setting == settings[0]);
    let description = &inputs[0].scenario().description;
    let study = Study {
        scenario: names.join(" and "),
        description: if inputs.len() == 1 { description.clone() } else { String::new() },
        setting: if same { settings[0].clone() } else { settings.join(" | ") },
        digest: digests.join("+"),
        seed: inputs[0].scenario().seed,
        replications,
        profiles,
    };
    Ok((study, failed))
}

/// Writes the folder and returns how many files that were.
fn written(
    (comparison, failed): (&Comparison, &Failed),
    inputs: &[Input],
    (folder, format): (&Folder, Format),
) -> Result<usize, Failure> {
    let study = &comparison.study;
    let mut files = files::run(study, failed.profiles(), &inputs[0].scenario().to_toml(), VERSION);
    for (index, input) in inputs.iter().enumerate().skip(1) {
        files.push(NewFile::new(format!("scenario-{}.toml", index + 1), input.scenario().to_toml()));
    }
    files.push(NewFile::new(compare::DIFFERENCES, compare::sheet(comparison).to_csv()));
    let footer = setting::footer(inputs[0].scenario(), &inputs[0].catalog, VERSION);
    files.extend(run_charts::files(study, &footer).context(UNWRITTEN)?);
    let about = About { failed: failed.profiles().to_vec(), ..about(inputs) };
    files.push(html::decide::comparison(comparison, &about).context(UNWRITTEN)?);
    write(folder, files, format, &files::TABLES)
}

/// Prints the answer.
fn answered(comparison: &Comparison, failed: &Failed, say: SayOptions) -> anyhow::Result<()> {
    match say {
        SayOptions { json: true, .. } => {
            let mut document = compare::json(comparison);
            failed.add_to(&mut document);
            terminal::answer(&json::text(&document))
        }
        SayOptions { quiet: true, .. } => Ok(()),
        _ => terminal::answer(&compare::text(comparison, terminal::look())),
    }
}
