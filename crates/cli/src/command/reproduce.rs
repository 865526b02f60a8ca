//! `ingestsim reproduce`: what the study guide says, and what the simulator computes.

mod ledger;

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context, anyhow};
use clap::Args;
use ingestsim_catalog::Catalog;
use ingestsim_report::{
    folder::Folder,
    json,
    reproduce::{self, Verdict},
};
use ingestsim_scenario::{Scenario, Set, Source};
use ingestsim_sweep::{
    replicate::message_of,
    reproduce::{Item, Means, OverrideError, ReproduceError},
};

use self::ledger::{Done, Ledger};
use crate::{
    exit::ExitStatus,
    fail_if::OfReproduction,
    failure::Failure,
    input,
    options::{CatalogOptions, Fidelity, OutputOptions, ThreadOptions, seed},
    progress::Items,
    results::UNWRITTEN,
    setting, terminal,
};

/// The version that results are marked with.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the results folder is called.
const FOLDER: &str = "study-guide";

/// The same where items are not as they are written.
const FOLDER_OVERRIDDEN: &str = "study-guide-overridden";

/// What `reproduce` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only these items, such as example-1 or overnight; without any all of them
    items: Vec<String>,
    /// Sets one key of every item's scenario that has it, such as prices."s3.get"=0; may be repeated. The results folder
    /// is then study-guide-overridden
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// The seed of all random draws, instead of the scenarios'. The results folder is then study-guide-overridden
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    seed: Option<u64>,
    #[command(flatten)]
    catalog: CatalogOptions,
    #[command(flatten)]
    run: ThreadOptions,
    /// How closely to simulate; with other than exact the results folder is study-guide-overridden
    #[arg(long, value_enum, default_value = "exact")]
    fidelity: Fidelity,
    /// Ends with status 3 if an item agrees with the guide (1) or does not (0), such as 'agrees < 1'; may be
    /// repeated
    #[arg(long, value_name = "EXPR")]
    fail_if: Vec<OfReproduction>,
    #[command(flatten)]
    output: OutputOptions,
}

/// An item, and what is set over its scenario.
struct Asked {
    item: Item,
    over: Vec<Set>,
}

/// Computes the items, leaves the folder, and says what came out. Whether the guide agrees does not change the status
/// unless a `--fail-if` says so; an item that fails does, and the others are computed all the same.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let items = overridden(named(&arguments.items)?, arguments)?;
    let catalog = input::catalog(&arguments.catalog)?;
    for asked in &items {
        asked.item.check(means(asked, &catalog, arguments)).map_err(refused)?;
    }
    let folder =
        Folder::open(arguments.output.out.join(folder_name(arguments))).context("nothing was run")?;
    let mut ledger = Ledger::new(&folder, arguments.output.format, items.len());
    compute(&items, &catalog, arguments, &mut ledger);
    let files = ledger.close();
    // Whoever has waited for the figures sees them, even if the folder cannot be written.
    answered(&ledger, arguments)?;
    for failure in ledger.failures() {
        terminal::say(&failure);
    }
    let judged = OfReproduction::judge(&arguments.fail_if, ledger.verdicts());
    let files = files?;
    if files > 0 && !arguments.output.say.quiet {
        terminal::say(&format!("{files} files written to {}/", folder.path().display()));
    }
    Ok(ledger.status().unwrap_or(judged))
}

/// The items with what the command line sets over each.
fn overridden(items: Vec<Item>, arguments: &Arguments) -> Result<Vec<Asked>, Failure> {
    let sets = input::sets(&arguments.sets, arguments.seed);
    let over = Item::overridden(&items, &sets).map_err(|error| match error {
        OverrideError::Scenario(errors) => errors.into(),
        error @ OverrideError::Nowhere { .. } => Failure::Input(error.into()),
    })?;
    Ok(items.into_iter().zip(over).map(|(item, over)| Asked { item, over }).collect())
}

/// The items of these names, each once; all of them if there are none.
fn named(names: &[String]) -> Result<Vec<Item>, Failure> {
    if names.is_empty() {
        return Ok(Item::ALL.to_vec());
    }
    let one = |name: &String| {
        Item::of(name).ok_or_else(|| {
            let known: Vec<&str> = Item::ALL.iter().map(|item| item.id()).collect();
            let near = ingestsim_scenario::nearest(name, &known);
            let help = near.map_or_else(
                || format!("there is {}", known.join(", ")),
                |near| format!("did you mean {near}?"),
            );
            Failure::input(format!("expected the name of an item, found {name:?}; {help}"))
        })
    };
    let mut items = Vec::with_capacity(names.len());
    for name in names {
        let item = one(name)?;
        if !items.contains(&item) {
            items.push(item);
        }
    }
    Ok(items)
}

/// Computes one item after the other, and keeps each as soon as it is there.
fn compute(items: &[Asked], catalog: &Catalog, arguments: &Arguments, ledger: &mut Ledger<'_>) {
    let bar = Items::new(items.len() as u64, !arguments.output.say.quiet);
    for asked in items {
        let means = Means { progress: &bar, ..means(asked, catalog, arguments) };
        // Neither item nor catalog is changed, so nothing half-done is seen by the next item.
        let done = catch_unwind(AssertUnwindSafe(|| done(asked, means)));
        let fault = |said: String| Err(Failure::Failed(anyhow!("the simulator has a fault: {said}")));
        match done.unwrap_or_else(|payload| fault(message_of(payload.as_ref()))) {
            Ok(done) => ledger.enter(done),
            Err(failure) => ledger.fail(asked.item, failure),
        }
        bar.done();
    }
}

/// Computes an item, and makes everything that is left of it.
fn done(asked: &Asked, means: Means<'_>) -> Result<Done, Failure> {
    let reproduced = asked.item.reproduce(means).map_err(refused)?;
    let scenario = scenario(asked)?;
    let footer = setting::footer(&scenario, means.catalog, VERSION);
    let verdict = Verdict::of(&reproduced, &footer);
    let files = reproduce::files(&reproduced, &verdict, VERSION).context(UNWRITTEN)?;
    Ok(Done { reproduced, verdict, files, scenario, footer })
}

/// What an item is computed with.
fn means<'a>(asked: &'a Asked, catalog: &'a Catalog, arguments: &Arguments) -> Means<'a> {
    let (threads, fidelity) = (arguments.run.threads(), arguments.fidelity.into());
    Means { threads, fidelity, over: &asked.over, ..Means::of(catalog) }
}

/// The name of the folder: results of the guide's own items are not overwritten with those of others.
fn folder_name(arguments: &Arguments) -> &'static str {
    let as_written =
        arguments.sets.is_empty() && arguments.seed.is_none() && arguments.fidelity == Fidelity::Exact;
    if as_written { FOLDER } else { FOLDER_OVERRIDDEN }
}

/// Whose fault it is: a catalog or a value with which a scenario makes no sense is input, a run that fails is not.
fn refused(error: ReproduceError) -> Failure {
    match error {
        ReproduceError::Scenario(errors) => errors.into(),
        ReproduceError::Plan { .. } | ReproduceError::Unsuited { .. } => Failure::Input(error.into()),
        ReproduceError::Threads(_) | ReproduceError::Run(_) => Failure::Failed(error.into()),
    }
}

/// An item's scenario.
fn scenario(asked: &Asked) -> Result<Scenario, Failure> {
    let Asked { item, over } = asked;
    let source = Source::new(format!("scenarios/study-guide/{}.toml", item.id()), item.scenario());
    Ok(Scenario::load(source, over)?.scenario)
}

/// Prints the answer: every item in full, and where several were asked for, a line for each at the end.
fn answered(ledger: &Ledger<'_>, arguments: &Arguments) -> anyhow::Result<()> {
    let say = arguments.output.say;
    let (verdicts, failed) = (ledger.verdicts(), ledger.failed());
    if say.json {
        return terminal::answer(&json::text(&reproduce::json(verdicts, failed)));
    }
    if say.quiet {
        return Ok(());
    }
    let mut texts: Vec<String> = verdicts.iter().map(Verdict::text).collect();
    if !verdicts.is_empty() && verdicts.len() + failed.len() > 1 {
        texts.push(reproduce::summary(verdicts, failed));
    }
    terminal::answer(&texts.join("\n"))
}
