//! `ingestsim recommend`: which storage set-up a job should have.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use ingestsim_report::{
    chart::ChartError,
    files,
    folder::{Folder, NewFile},
    html::{self, sources},
    json, recommend,
};
use ingestsim_scenario::Scenario;
use ingestsim_sweep::{
    Study,
    decide::{
        explain::ExplainError,
        recommend::{
            Budget, Limits, Means, Question, RecommendError, Recommendation, recommend as recommended,
        },
    },
};
use ingestsim_units::{Share, Span};

use crate::{
    about::about,
    exit::ExitStatus,
    fail_if::{FailIf, FailIfOptions},
    failure::Failure,
    input::Input,
    options::{Format, OutputOptions, REPLICATIONS, SayOptions, ScenarioOptions, ThreadOptions},
    progress::Bar,
    results::{UNWRITTEN, write},
    setting, terminal,
};

/// The version that results are marked with.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What `recommend` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The scenario, which may leave its `[storage]` out; - reads it from standard input
    file: PathBuf,
    /// Leaves out what costs more than so many dollars, such as 12.50
    #[arg(long, value_name = "USD", value_parser = dollars, allow_negative_numbers = true)]
    max_cost: Option<f64>,
    /// Leaves out what keeps the GPUs busy for less of the loop, such as 0.9 or '90 %'; also what "busy" means (0.9)
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    min_utilisation: Option<f64>,
    /// Leaves out what is done later than this after submission, such as '2 h'
    #[arg(long, value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    deadline: Option<f64>,
    /// Jobs a month that share the storage that is there between them; without it, it is billed while the job runs
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    jobs_per_month: Option<u32>,
    /// Runs of each set-up that may still win, each with other luck; without it as many as the ranking needs
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(REPLICATIONS))]
    replications: Option<u64>,
    /// Ends with status 3 if a figure of summary.csv is as stated for the set-up that costs least, of those that keep to
    /// the limits, such as 'cost_total_usd > 20', or if none does; may be repeated
    #[arg(long, value_name = "EXPR")]
    fail_if: Vec<FailIf>,
    #[command(flatten)]
    scenario: ScenarioOptions,
    #[command(flatten)]
    run: ThreadOptions,
    #[command(flatten)]
    output: OutputOptions,
}

/// Ranks every set-up, leaves a folder, and says what was found.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let input = Input::load_job(&arguments.file, &arguments.scenario)?;
    let scenario = input.scenario();
    let folder = Folder::open(arguments.output.out.join(format!("{}-recommend", scenario.name)));
    let folder = folder.context("nothing was run")?;
    let answer = answer(&input, arguments)?;
    let study = study(&input, &answer)?;
    // Whoever has waited for the figures sees them, even if the folder cannot be written.
    let files = written(&study, &answer, &input, (&folder, arguments.output.format));
    answered(&study, &answer, arguments.output.say)?;
    let judged = judged(&answer, arguments);
    let files = files?;
    if !arguments.output.say.quiet {
        terminal::say(&format!("{files} files written to {}/", folder.path().display()));
    }
    Ok(judged)
}

/// Judges the set-up that the answer begins with.
fn judged(answer: &Recommendation, arguments: &Arguments) -> ExitStatus {
    let conditions = FailIfOptions { fail_if: arguments.fail_if.clone() };
    match answer.rankings.first().and_then(|by_cost| by_cost.order.first()) {
        Some(&first) => conditions.judge(std::slice::from_ref(&answer.entrants[first].result)),
        None => conditions.judge_nothing("no set-up keeps to the limits"),
    }
}

fn answer(input: &Input, arguments: &Arguments) -> Result<Recommendation, Failure> {
    let limits = Limits {
        max_cost: arguments.max_cost,
        min_utilisation: arguments.min_utilisation,
        deadline_s: arguments.deadline,
    };
    let (jobs_per_month, replications) = (arguments.jobs_per_month, arguments.replications);
    let budget = Budget::default();
    let samples = budget.heats.iter().map(|heat| heat.samples).sum();
    let bar = Bar::new(samples, !arguments.output.say.quiet);
    let means = Means { catalog: &input.catalog, budget, threads: arguments.run.threads(), progress: &bar };
    let question = Question { limits, jobs_per_month, replications };
    recommended(input.scenario(), question, means).map_err(|error| match error {
        RecommendError::Build(error) | RecommendError::Explain(ExplainError::Build(error)) => {
            input.loaded.refused(error.path(), error.message()).into()
        }
        error => Failure::Failed(anyhow::Error::new(error).context("nothing was written")),
    })
}

/// The scenario with every set-up that is shown among its profiles: it can be run as it is.
fn shown(input: &Input, answer: &Recommendation) -> Scenario {
    let mut scenario = input.scenario().clone();
    for &index in &answer.shown {
        let candidate = &answer.entrants[index].candidate;
        scenario.storage.insert(candidate.name.clone(), candidate.profile.clone());
    }
    scenario
}

/// The set-ups that are shown, as a study.
fn study(input: &Input, answer: &Recommendation) -> Result<Study, Failure> {
    let scenario = input.scenario();
    let profiles: Vec<_> = answer.shown.iter().map(|&index| answer.entrants[index].result.clone()).collect();
    let replications = profiles.iter().map(|one| one.outcomes.len() as u64).max().unwrap_or(1);
    let ranks = answer.entrants.first().map_or(0, |one| one.result.ranks);
    Ok(Study {
        scenario: scenario.name.clone(),
        description: scenario.description.clone(),
        setting: setting::line_of(scenario, ranks, replications),
        digest: shown(input, answer).digest(),
        seed: scenario.seed,
        replications,
        profiles,
    })
}

/// Writes the folder and returns how many files that were.
fn written(
    study: &Study,
    answer: &Recommendation,
    input: &Input,
    (folder, format): (&Folder, Format),
) -> Result<usize, Failure> {
    let mut files: Vec<NewFile> = files::run(study, &[], &shown(input, answer).to_toml(), VERSION);
    files.extend(recommend::sheets(study, answer));
    let footer = setting::footer(input.scenario(), &input.catalog, VERSION);
    files.extend(recommend::charts(study, answer, &footer).context(UNWRITTEN)?);
    files.push(page(study, answer, input).context(UNWRITTEN)?);
    write(folder, files, format, &files::TABLES)
}

/// The report: its scenario is the one with the set-ups that are shown.
fn page(study: &Study, answer: &Recommendation, input: &Input) -> Result<NewFile, ChartError> {
    let shown = shown(input, answer);
    let mut about = about([input]);
    about.scenarios = vec![(format!("{}.toml", shown.name), shown.to_toml())];
    about.sources = sources::of(&shown, &input.catalog);
    html::recommend::report(study, answer, &about)
}

/// Prints the answer.
fn answered(study: &Study, answer: &Recommendation, say: SayOptions) -> anyhow::Result<()> {
    match say {
        SayOptions { json: true, .. } => terminal::answer(&json::text(&recommend::json(study, answer))),
        SayOptions { quiet: true, .. } => Ok(()),
        _ => terminal::answer(&recommend::text(study, answer, terminal::look())),
    }
}

/// A number of dollars above zero, with or without its sign.
fn dollars(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_start_matches('$').trim_end_matches("USD").trim();
    let dollars = number.parse::<f64>().ok().filter(|dollars| dollars.is_finite() && *dollars > 0.0);
    dollars.ok_or_else(|| format!("expected dollars above zero, such as 12.50, found {text:?}"))
}

/// A share above nothing and at most all.
fn share(text: &str) -> Result<f64, String> {
    let share = text.trim().parse::<f64>().ok();
    let share = share.or_else(|| text.parse::<Share>().ok().map(Share::fraction));
    let within = share.filter(|share| *share > 0.0 && *share <= 1.0);
    within.ok_or_else(|| {
        format!("expected a share above 0 and at most 1, such as 0.9 or \"90 %\", found {text:?}")
    })
}

/// Seconds of a time above zero.
fn time(text: &str) -> Result<f64, String> {
    let span = text.parse::<Span>().map_err(|error| error.to_string())?;
    if span.is_zero() {
        return Err(format!("expected a time above zero, such as \"2 h\", found {text:?}"));
    }
    Ok(span.as_secs_f64())
}
