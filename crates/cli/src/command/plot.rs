//! `ingestsim plot`: the charts and the report of a results folder again, without simulating.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use ingestsim_report::{
    folder::Folder,
    html::{self, About},
    redraw, run_charts,
};

use crate::{
    about::about,
    exit::ExitStatus,
    failure::Failure,
    input::Input,
    interrupt,
    options::{CatalogOptions, SayOptions, ScenarioOptions},
    setting,
    swept::{self, VERSION},
    terminal,
};

/// Tables that other commands leave beside those of a run. Their reports tell more than can be read back.
const OWN_TABLES: [&str; 3] = ["differences.csv", "what-ifs.csv", CANDIDATES];

/// The table of `recommend`.
const CANDIDATES: &str = "candidates.csv";

/// Commands that run scenarios of their own, and the file by which their folders are known.
const OTHERS: [(&str, &str); 2] = [("validate", "validation.csv"), ("reproduce", "report.html")];

/// What `plot` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The results folder of a run or a sweep
    dir: PathBuf,
    #[command(flatten)]
    catalog: CatalogOptions,
    /// No messages, only errors
    #[arg(long, short)]
    quiet: bool,
}

/// Draws the charts and the report that the folder's tables make.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let Arguments { dir, catalog, quiet } = arguments;
    let scenario = dir.join("scenario.toml");
    let other = OTHERS.iter().find(|(_, file)| dir.join(file).exists() && !scenario.exists());
    if let Some((command, _)) = other {
        let dir = dir.display();
        return Err(Failure::input(format!(
            "{dir} is what ingestsim {command} leaves, and only that draws its charts again"
        )));
    }
    let options =
        ScenarioOptions { sets: Vec::new(), seed: None, catalog: catalog.clone(), flags: Vec::new() };
    let input = Input::load(&scenario, &options)?;
    let files = if dir.join("points.csv").exists() {
        let say = SayOptions { json: false, quiet: *quiet };
        swept::drawn(dir, &input, &input.loaded.points()?, say)?
    } else if dir.join("epochs.csv").exists() {
        of_run(arguments, &input)?
    } else {
        let dir = dir.display();
        return Err(Failure::input(format!("{dir} has neither the tables of a run nor those of a sweep")));
    };
    if !quiet {
        terminal::say(&format!("{files} files written to {}/", dir.display()));
    }
    Ok(ExitStatus::Done)
}

/// Draws the charts and the report of a run, and tells how many files that were.
fn of_run(arguments: &Arguments, input: &Input) -> Result<usize, Failure> {
    let dir = &arguments.dir;
    let storages = redraw::storages(dir).map_err(anyhow::Error::new)?;
    let candidates = input.candidates(&storages)?;
    let mut study = redraw::study(dir, &candidates).map_err(anyhow::Error::new)?;
    let scenario = input.scenario();
    study.scenario.clone_from(&scenario.name);
    study.description.clone_from(&scenario.description);
    study.setting = setting::line(scenario, &candidates, study.replications);
    let footer = setting::footer(scenario, &input.catalog, VERSION);
    let mut files = run_charts::files(&study, &footer).context("the charts cannot be drawn")?;
    if dir.join(CANDIDATES).exists() {
        // Of so many profiles `recommend` leaves only those charts that show them well.
        files.retain(|file| dir.join(&file.path).exists());
    }
    let of_run_alone = !OWN_TABLES.iter().any(|table| dir.join(table).exists());
    if of_run_alone && redraw::can_report(dir) {
        let about = About { failed: redraw::failed(dir), ..about([input]) };
        files.push(html::run::report(&study, &about).context("the report cannot be drawn")?);
    }
    let _whole = interrupt::hold();
    let folder = Folder::open(dir).context("the charts cannot be written")?;
    folder.write(&files, &[]).context("the charts cannot be written")?;
    Ok(files.len())
}
