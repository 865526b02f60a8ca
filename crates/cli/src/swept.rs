//! A sweep as `sweep`, `merge` and `plot` see it: its grid, its folder, and what is written when all its points are there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use ingestsim_model::Fidelity;
use ingestsim_report::{
    folder::{Folder, NewFile},
    html::{self, sweep::Told},
    human::{count, counted},
    json,
    sweep_charts::{self, Swept, SweptError, Words},
};
use ingestsim_scenario::{Points, Scenario};
use ingestsim_sweep::grid::{FailedPoint, Joined, Kept, Rule, ScenarioGrid, Shard, SweepError, join};
use serde_json::{Map, Value};

use crate::{
    about::about,
    exit::ExitStatus,
    fail_if::FailIfOptions,
    failure::Failure,
    input::Input,
    interrupt,
    options::{CatalogOptions, Format, RunOptions, SayOptions},
    progress::Bar,
    setting, tables, terminal,
};

/// The version that results are marked with.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The files of a sweep that tell what came of it.
const RESULTS: [&str; 6] =
    ["points.csv", "summary.csv", "points.parquet", "summary.parquet", "provenance.json", "report.html"];

/// Columns whose values are names, even where they look like numbers.
const NAMES: [&str; 3] = ["scenario", "storage", "fidelity"];

/// Runs of neighbouring shards that are named where points are missing.
const RUNS_TOLD: usize = 12;

/// Rows of the summary that are printed at a time.
const ROWS_PRINTED: usize = 1000;

/// A sweep that can be run.
#[derive(Debug)]
pub(crate) struct Sweep {
    pub(crate) input: Input,
    pub(crate) grid: ScenarioGrid,
    pub(crate) rule: Rule,
    pub(crate) threads: usize,
    pub(crate) fail_if: FailIfOptions,
}

/// A sweep whose journals were joined.
pub(crate) struct Finished {
    joined: Joined,
    /// How many files it left. The tables may be there, and the charts not.
    files: Result<usize, Failure>,
}

impl Sweep {
    /// The sweep of a scenario. The first point of every profile is built, so that most mistakes show now.
    pub(crate) fn new(
        input: Input,
        catalog: &CatalogOptions,
        run: &RunOptions,
        fail_if: &FailIfOptions,
    ) -> Result<Self, Failure> {
        let points = input.loaded.points()?;
        if points.len() == u64::MAX {
            return Err(input.loaded.refused("sweep", "expected fewer than 2^64 points, found more").into());
        }
        for first in points.firsts() {
            let loaded = points.load(&first)?;
            loaded.check_catalog(&input.catalog)?;
            let plan = ingestsim_model::build(&loaded.scenario, &input.catalog, &first.storage);
            plan.map_err(|error| Failure::input(format!("{}: {error}", input.name)))?;
        }
        let own = catalog.catalog.as_ref().map(fs::read_to_string).transpose();
        let own = own.context("cannot read the catalog a second time")?;
        let fidelity = Fidelity::from(run.fidelity);
        let catalog = (input.catalog.clone(), own.as_deref());
        let grid = ScenarioGrid::new(input.scenario(), points, fidelity, catalog, VERSION);
        let rule = Rule::of(input.scenario().sweep.as_ref());
        let threads = usize::from(run.threads.unwrap_or(0));
        Ok(Self { grid, rule, threads, input, fail_if: fail_if.clone() })
    }

    /// The folder's scenario is this one from now on. Results of another one go, as they would belong to no scenario;
    /// the journals stay.
    pub(crate) fn settle(&self, path: &Path) -> Result<(), Failure> {
        let scenario = self.input.loaded.to_toml_of_sweep();
        if fs::read_to_string(path.join("scenario.toml")).is_ok_and(|before| before == scenario) {
            return Ok(());
        }
        let folder = Folder::open(path).context("nothing was run")?;
        folder.write(&[NewFile::new("scenario.toml", scenario)], &RESULTS).context("nothing was run")?;
        Ok(())
    }

    /// Joins the journals, and writes everything that a finished sweep leaves if nothing is missing.
    pub(crate) fn finish(
        &self,
        path: &Path,
        mut kept: Kept,
        (format, say): (Format, SayOptions),
    ) -> Result<Finished, Failure> {
        let bar = Bar::over(self.grid.points().len(), "points joined", !say.quiet);
        let progress = |points| ingestsim_sweep::grid::Watch::ended(&bar, points);
        let joined = join(&self.grid, self.rule, &mut kept, path, self.threads, &progress);
        let mut joined = joined.map_err(failed)?;
        drop(bar);
        let Some(tables) = joined.tables.take() else {
            return Ok(Finished { joined, files: Ok(0) });
        };
        let provenance = json::text(&self.provenance(&joined));
        {
            let _whole = interrupt::hold();
            for table in tables.publish().map_err(failed)? {
                tables::beside(format, &table).context("the tables are there, but not as Parquet")?;
            }
            let folder = Folder::open(path).context("the tables are there, the rest is not")?;
            let files = [NewFile::new("provenance.json", provenance)];
            folder.write(&files, &[]).context("the tables are there, the rest is not")?;
        }
        // The scenario, both tables and the provenance.
        let charts = drawn(path, &self.input, self.grid.points(), say);
        let beside = if format == Format::Parquet { 2 } else { 0 };
        Ok(Finished { joined, files: charts.map(|charts| 4 + beside + charts) })
    }

    fn provenance(&self, joined: &Joined) -> Value {
        let scenario = self.input.scenario();
        serde_json::json!({
            "version": VERSION,
            "scenario": scenario.name,
            "scenario_digest": scenario.digest(),
            "seed": scenario.seed,
            "points": joined.points,
            "failed": joined.failed,
            "runs": joined.runs,
            "wall_s": joined.wall_s,
            "events": joined.events,
            "history": format!("{:016x}", joined.history),
        })
    }

    /// Says what failed or is missing, prints the answer, and tells how it all ended.
    pub(crate) fn answer(
        &self,
        path: &Path,
        finished: Finished,
        say: SayOptions,
    ) -> Result<ExitStatus, Failure> {
        let joined = &finished.joined;
        tell_failures(joined.failed, &joined.failures, say);
        tell_missing(joined);
        if joined.missing > 0 {
            return Ok(ExitStatus::Incomplete);
        }
        if say.json {
            self.print_json(path)?;
        } else if !say.quiet {
            terminal::answer(&self.text(path, joined)?)?;
        }
        let files = finished.files?;
        if !say.json && !say.quiet {
            terminal::say(&format!("{files} files written to {}/", path.display()));
        }
        let swept = self.grid.points().columns().len();
        let judged = self.fail_if.judge_rows(&path.join("summary.csv"), swept)?;
        Ok(if joined.failed > 0 { ExitStatus::Incomplete } else { judged })
    }

    fn text(&self, path: &Path, joined: &Joined) -> Result<String, Failure> {
        let scenario = self.input.scenario();
        let colon = if scenario.description.is_empty() { "" } else { ": " };
        let head = format!(
            "{}{colon}{}\n{}, {}\n",
            scenario.name,
            scenario.description,
            counted(joined.points, "point"),
            counted(joined.runs, "run")
        );
        match Swept::read(&path.join("summary.csv"), scenario, self.grid.points()) {
            Ok(swept) => Ok(format!("{head}\n{}", sweep_charts::answer(&swept))),
            Err(SweptError::TooMany) => Ok(head),
            Err(error) => Err(anyhow::Error::new(error).into()),
        }
    }

    /// Prints the summary as one document, some rows at a time.
    fn print_json(&self, path: &Path) -> Result<(), Failure> {
        let summary = path.join("summary.csv");
        let mut reader = csv::Reader::from_path(&summary).context("cannot read the summary")?;
        let header = reader.headers().context("cannot read the summary")?.clone();
        let name = Value::from(self.input.scenario().name.clone());
        let mut text = format!("{{\n\"schema_version\": 1,\n\"scenario\": {name},\n\"points\": [");
        for (index, record) in reader.records().enumerate() {
            let record = record.context("cannot read the summary")?;
            let pairs = header.iter().zip(&record).map(|(name, text)| (name.to_owned(), value(name, text)));
            let row = Value::Object(pairs.collect::<Map<_, _>>());
            text.push_str(if index == 0 { "\n" } else { ",\n" });
            text.push_str(&row.to_string());
            if index % ROWS_PRINTED == ROWS_PRINTED - 1 {
                terminal::answer(&std::mem::take(&mut text))?;
            }
        }
        text.push_str("\n]\n}\n");
        Ok(terminal::answer(&text)?)
    }
}

/// A cell as JSON.
fn value(column: &str, text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    let count = || text.parse::<i64>().ok().map(Value::from);
    let number = || text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from);
    let known = if NAMES.contains(&column) { None } else { count().or_else(number) };
    known.unwrap_or_else(|| Value::from(text))
}

/// Draws the charts of a sweep from its summary, and tells how many files that were.
pub(crate) fn drawn(path: &Path, input: &Input, points: &Points, say: SayOptions) -> Result<usize, Failure> {
    let swept = match Swept::read(&path.join("summary.csv"), input.scenario(), points) {
        Err(error @ SweptError::TooMany) => {
            if !say.quiet {
                terminal::say(&format!("no charts: {error}"));
            }
            return Ok(0);
        }
        swept => swept.map_err(anyhow::Error::new)?,
    };
    let words = words(input, points);
    let mut files =
        sweep_charts::files(&swept, &words).context("the tables are there, the charts are not")?;
    let scenario = input.scenario();
    let told = Told {
        name: scenario.name.clone(),
        description: scenario.description.clone(),
        digest: scenario.digest(),
        seed: scenario.seed,
    };
    files.push(html::sweep::report(&swept, &told, &words, &about([input])));
    let _whole = interrupt::hold();
    let folder = Folder::open(path).context("the charts cannot be written")?;
    folder.write(&files, &[]).context("the charts cannot be written")?;
    Ok(files.len())
}

fn words(input: &Input, points: &Points) -> Words {
    let swept: Vec<_> = points.columns().iter().map(|column| column.path.clone()).collect();
    Words {
        held_fixed: setting::held_fixed(input.scenario(), &swept),
        footer: setting::footer(input.scenario(), &input.catalog, VERSION),
    }
}

/// Says which points failed: some of them, with their reasons.
pub(crate) fn tell_failures(failed: u64, failures: &[FailedPoint], say: SayOptions) {
    for FailedPoint { point, label, error } in failures {
        terminal::say(&format!("point {point} ({label}) failed: {error}"));
    }
    let more = failed.saturating_sub(failures.len() as u64);
    if more > 0 && !say.quiet {
        terminal::say(&format!("and {} failed; points.csv has them all", counted(more, "more point")));
    }
}

fn tell_missing(joined: &Joined) {
    if joined.missing == 0 {
        return;
    }
    let points = counted(joined.missing, "point");
    terminal::say(&format!("{points} of {} missing:", count(joined.points)));
    for point in &joined.missing_first {
        terminal::say(&format!("  {point}"));
    }
    let more = joined.missing - joined.missing_first.len() as u64;
    if more > 0 {
        terminal::say(&format!("  and {} more", count(more)));
    }
    if let Some(shards) = shards(&joined.missing_shards) {
        terminal::say(&format!("they are those of {shards}"));
    }
    if joined.strangers > 0 {
        let runs = counted(joined.strangers, "run");
        terminal::say(&format!(
            "{runs} in the journals are of another version, --catalog or --fidelity, or of values no longer swept"
        ));
    }
}

/// Shards in words, neighbours together: `--shard 3/64, 7/64 to 9/64`.
fn shards(missing: &[Shard]) -> Option<String> {
    let neighbours = |one: &Shard, next: &Shard| next.number() == one.number() + 1;
    let runs: Vec<&[Shard]> = missing.chunk_by(neighbours).collect();
    let run = |run: &&[Shard]| match run {
        [first, .., last] => format!("{first} to {last}"),
        [one] => one.to_string(),
        [] => String::new(),
    };
    let told = runs.iter().take(RUNS_TOLD).map(run).collect::<Vec<_>>().join(", ");
    let more = runs.iter().skip(RUNS_TOLD).map(|run| run.len() as u64).sum::<u64>();
    let more = if more > 0 { format!(" and {}", counted(more, "more shard")) } else { String::new() };
    (!runs.is_empty()).then(|| format!("--shard {told}{more}"))
}

/// The folder of a scenario's sweep.
pub(crate) fn folder(out: &Path, scenario: &Scenario) -> PathBuf {
    out.join(format!("{}-sweep", scenario.name))
}

/// A sweep's error as a command's.
pub(crate) fn failed(error: SweepError) -> Failure {
    Failure::Failed(anyhow::Error::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_shards_are_told_in_runs() {
        let told = |numbers: &[u64]| {
            let missing: Vec<Shard> =
                numbers.iter().map(|number| format!("{number}/64").parse().unwrap()).collect();
            shards(&missing)
        };
        assert_eq!(told(&[3, 7, 8, 9]).unwrap(), "--shard 3/64, 7/64 to 9/64");
        assert_eq!(told(&[]), None);
        let odd: Vec<u64> = (0..32).map(|number| 2 * number + 1).collect();
        assert!(told(&odd).unwrap().ends_with("21/64, 23/64 and 20 more shards"), "{:?}", told(&odd));
    }
}
