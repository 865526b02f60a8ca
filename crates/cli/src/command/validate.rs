//! `ingestsim validate`: published measurements beside what the simulator predicts for them.

use anyhow::Context;
use clap::Args;
use ingestsim_report::{
    folder::Folder,
    json,
    table::Look,
    validation::{self, files},
};
use ingestsim_scenario::Set;
use ingestsim_sweep::{
    reproduce::OverrideError,
    validate::{Failed, Validated, Validation, ValidationError},
};

use crate::{
    exit::ExitStatus,
    fail_if::OfValidation,
    failure::Failure,
    input,
    options::{CatalogOptions, Fidelity, Format, OutputOptions, ThreadOptions, seed},
    progress::Bar,
    results::{UNWRITTEN, write},
    terminal,
};

/// The version that results are marked with.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the results folder is called.
const FOLDER: &str = "validation";

/// The charts that older results may have left.
const CHARTS: [&str; 8] = [
    "charts/times.png",
    "charts/times.svg",
    "charts/sample-rates.png",
    "charts/sample-rates.svg",
    "charts/byte-rates.png",
    "charts/byte-rates.svg",
    "charts/shares.png",
    "charts/shares.svg",
];

/// What `validate` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only the figures whose ids begin so, such as mlperf or sagemaker/jpg-1x; then no results folder is written, and
    /// --out and --format are refused
    #[arg(default_value = "", conflicts_with_all = ["out", "format"])]
    prefix: String,
    /// Runs of each case, each with other luck
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 3, value_parser = clap::value_parser!(u64).range(crate::options::REPLICATIONS))]
    replications: u64,
    /// Sets one key of every case's scenario that has it; may be repeated. Then no results folder is written either
    #[arg(long = "set", value_name = "PATH=VALUE", conflicts_with_all = ["out", "format"])]
    sets: Vec<String>,
    /// The seed of all random draws, instead of the scenarios'. Then no results folder is written either
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed, conflicts_with_all = ["out", "format"])]
    seed: Option<u64>,
    #[command(flatten)]
    catalog: CatalogOptions,
    #[command(flatten)]
    run: ThreadOptions,
    /// How closely to simulate
    #[arg(long, value_enum, default_value = "exact")]
    fidelity: Fidelity,
    /// Ends with status 3 if median_abs_error or p90_abs_error of the check figures is as stated, such as
    /// 'p90_abs_error > 0.1'; may be repeated
    #[arg(long, value_name = "EXPR")]
    fail_if: Vec<OfValidation>,
    #[command(flatten)]
    output: OutputOptions,
}

/// Simulates every case, leaves the folder, and says how large the errors are. Their size does not change the status unless a
/// `--fail-if` says so; a case that fails does, and the others are predicted all the same.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let catalog = input::catalog(&arguments.catalog)?;
    let over = input::sets(&arguments.sets, arguments.seed);
    let validation = Validation::new(&arguments.prefix, &catalog, &over).map_err(refused)?;
    let whole = arguments.prefix.is_empty() && over.is_empty();
    let folder = whole.then(|| Folder::open(arguments.output.out.join(FOLDER))).transpose();
    let folder = folder.context("nothing was run")?;
    let validated = simulated(validation.at(arguments.fidelity.into()), arguments)?;
    let files = folder.as_ref().map(|folder| written(&validated, folder, arguments.output.format));
    // Whoever has waited for the figures sees them, even if the folder cannot be written.
    answered(&validated, &over, arguments)?;
    for failed in &validated.failed {
        terminal::say(&format!("error: {} failed: {}", ids(failed), failed.error));
    }
    let judged = OfValidation::judge(&arguments.fail_if, &validated);
    files.transpose()?;
    if let (Some(folder), false) = (&folder, arguments.output.say.quiet) {
        terminal::say(&format!("results written to {}/", folder.path().display()));
    }
    Ok(if validated.failed.is_empty() { judged } else { ExitStatus::Failed })
}

fn ids(failed: &Failed) -> String {
    failed.figures.iter().map(|figure| figure.id.as_str()).collect::<Vec<_>>().join(", ")
}

fn simulated(validation: Validation, arguments: &Arguments) -> Result<Validated, Failure> {
    let replications = arguments.replications;
    let bar = Bar::new(validation.samples(replications), !arguments.output.say.quiet);
    let threads = arguments.run.threads();
    validation.run(replications, threads, &bar).map_err(refused)
}

/// Whose fault it is: what was asked for and what the catalog says is input, a run that fails is not.
fn refused(error: ValidationError) -> Failure {
    match error {
        ValidationError::Scenario(errors) | ValidationError::Override(OverrideError::Scenario(errors)) => {
            errors.into()
        }
        ValidationError::NoFigure { .. } | ValidationError::Plan { .. } | ValidationError::Override(_) => {
            Failure::Input(error.into())
        }
        ValidationError::Threads(_) => Failure::Failed(error.into()),
    }
}

fn written(validated: &Validated, folder: &Folder, format: Format) -> Result<(), Failure> {
    let files = files(validated, VERSION).context(UNWRITTEN)?;
    write(folder, files, format, &CHARTS).map(drop)
}

fn answered(validated: &Validated, over: &[Set], arguments: &Arguments) -> anyhow::Result<()> {
    let say = arguments.output.say;
    let flags: Vec<&str> = over.iter().map(Set::text).collect();
    if say.json {
        let mut document = validation::document(validated);
        if !flags.is_empty() {
            document["overridden"] = flags.into();
        }
        return terminal::answer(&json::text(&document));
    }
    if say.quiet {
        return Ok(());
    }
    let look = if terminal::colour_on_stdout() { Look::Styled } else { Look::Plain };
    let mut text = validation::text(validated, look);
    if !flags.is_empty() {
        text.push_str(&format!(
            "\nOverridden: {}. These are not the cases that were measured.\n",
            flags.join(" ")
        ));
    }
    terminal::answer(&text)
}
