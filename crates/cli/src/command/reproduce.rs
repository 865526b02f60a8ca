//! `ingestsim reproduce`: what the study guide says, and what the simulator computes.

use anyhow::Context;
use clap::Args;
use ingestsim_catalog::Catalog;
use ingestsim_report::{
    folder::Folder,
    html::{self, About},
    json,
    reproduce::{self, Verdict},
};
use ingestsim_scenario::{Loaded, Scenario, Source};
use ingestsim_sweep::{
    Silent,
    grid::Watch,
    reproduce::{Item, Means, ReproduceError, Reproduced, Size},
};

use crate::{
    exit::ExitStatus,
    failure::Failure,
    input, interrupt,
    options::{CatalogOptions, OutputOptions},
    progress::Bar,
    setting, tables, terminal,
};

/// The version that results are marked with.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the results folder is called.
const FOLDER: &str = "study-guide";

/// What `reproduce` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only these items, such as example-1 or overnight; without any all of them
    items: Vec<String>,
    /// Threads to run on; without it one a core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    #[command(flatten)]
    catalog: CatalogOptions,
    #[command(flatten)]
    output: OutputOptions,
}

/// Computes the items, leaves the folder, and says what came out. Whether the guide agrees does not change the status.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let items = asked(&arguments.items)?;
    let catalog = input::catalog(&arguments.catalog)?;
    let folder = Folder::open(arguments.output.out.join(FOLDER)).context("nothing was run")?;
    let reproduced = computed(&items, &catalog, arguments)?;
    let verdicts = verdicts(&reproduced, &catalog)?;
    let mut files = reproduce::files(&reproduced, &verdicts, VERSION).context("the results are lost")?;
    tables::add(arguments.output.format, &mut files).context("the results are lost")?;
    let about = about(&items, &catalog)?;
    files.push(html::reproduce::report(&reproduced, &verdicts, &about).context("the results are lost")?);
    {
        let _whole = interrupt::hold();
        folder.write(&files, &[]).context("the results are lost")?;
    }
    answered(&verdicts, arguments)?;
    if !arguments.output.say.quiet {
        terminal::say(&format!("{} files written to {}/", files.len(), folder.path().display()));
    }
    Ok(ExitStatus::Done)
}

/// The items of these names, each once; all of them if there are none.
fn asked(names: &[String]) -> Result<Vec<Item>, Failure> {
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

fn computed(items: &[Item], catalog: &Catalog, arguments: &Arguments) -> Result<Vec<Reproduced>, Failure> {
    let bar = Bar::over(items.len() as u64, "items", !arguments.output.say.quiet);
    let threads = usize::from(arguments.threads.unwrap_or(0));
    let means = Means { catalog, threads, size: Size::Full, progress: &Silent };
    let one = |item: &Item| {
        let reproduced = item.reproduce(means).map_err(refused);
        bar.ended(1);
        reproduced
    };
    items.iter().map(one).collect()
}

/// Whose fault it is: a catalog with which a scenario makes no sense is input, a run that fails is not.
fn refused(error: ReproduceError) -> Failure {
    match error {
        ReproduceError::Scenario(errors) => errors.into(),
        ReproduceError::Plan { .. } => Failure::Input(error.into()),
        ReproduceError::Threads(_) | ReproduceError::Run(_) => Failure::Failed(error.into()),
    }
}

/// What the report tells of the items besides what came out: their scenarios.
fn about(items: &[Item], catalog: &Catalog) -> Result<About, Failure> {
    let mut about = About { version: VERSION.to_owned(), ..About::default() };
    for item in items {
        let scenario = loaded(*item)?.scenario;
        if about.footer.is_empty() {
            about.footer = setting::footer(&scenario, catalog, VERSION);
        }
        about.scenarios.push((format!("{}.toml", item.id()), scenario.to_toml()));
    }
    Ok(about)
}

fn verdicts(reproduced: &[Reproduced], catalog: &Catalog) -> Result<Vec<Verdict>, Failure> {
    let one = |reproduced: &Reproduced| {
        let loaded = loaded(reproduced.item)?;
        Ok(Verdict::of(reproduced, &setting::footer(&loaded.scenario, catalog, VERSION)))
    };
    reproduced.iter().map(one).collect()
}

/// An item's scenario.
fn loaded(item: Item) -> Result<Loaded, Failure> {
    let source = Source::new(format!("scenarios/study-guide/{}.toml", item.id()), item.scenario());
    Ok(Scenario::load(source, &[])?)
}

/// Prints the answer: every item in full, and where there are several, a line for each at the end.
fn answered(verdicts: &[Verdict], arguments: &Arguments) -> anyhow::Result<()> {
    let say = arguments.output.say;
    if say.json {
        return terminal::answer(&json::text(&reproduce::json(verdicts)));
    }
    if say.quiet {
        return Ok(());
    }
    let mut texts: Vec<String> = verdicts.iter().map(Verdict::text).collect();
    if verdicts.len() > 1 {
        texts.push(reproduce::summary(verdicts));
    }
    terminal::answer(&texts.join("\n"))
}
