//! `ingestsim sweep`: every point of a grid, kept run by run.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use ingestsim_report::human::counted;
use ingestsim_scenario::Set;
use ingestsim_sweep::grid::{Checked, Journal, Kept, Order, Shard, Tally, run as run_grid};

use crate::{
    exit::ExitStatus,
    fail_if::FailIfOptions,
    failure::Failure,
    input::Input,
    interrupt,
    options::{CheckOptions, OutputOptions, RunOptions, SayOptions, ScenarioOptions},
    progress::Bar,
    swept::{self, Sweep},
    terminal,
};

/// What `sweep` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The scenario with the `[sweep]`; - reads it from standard input
    file: PathBuf,
    /// Runs of each point, each with other luck, instead of the scenario's; with a precision the least
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    replications: Option<u32>,
    /// Runs one part alone, such as 3/64; auto/64 takes its number from an array job (Slurm, Kubernetes, AWS Batch and
    /// others). `ingestsim merge` joins the parts
    #[arg(long, value_name = "K/N", default_value = "1/1", hide_default_value = true)]
    shard: Shard,
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

/// Runs what is missing, and joins everything if it is the whole sweep.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let Arguments { shard, output, fail_if, .. } = arguments;
    if !shard.is_whole() && !fail_if.fail_if.is_empty() {
        let why = "expected a whole sweep, found a part of one; `ingestsim merge`, which joins the parts, takes --fail-if";
        return Err(Failure::input(format!("--fail-if: {why}")));
    }
    let mut options = arguments.scenario.clone();
    // The resolved scenario is to tell how many runs each point has, so they are set like any other key.
    let set = |runs| Set::flag(format!("--replications {runs}"), "sweep.replications", format!("{runs}"));
    options.flags.extend(arguments.replications.map(set));
    let input = Input::load(&arguments.file, &options)?;
    let sweep = Sweep::new(input, &options.catalog, &arguments.run, fail_if)?;
    let sweep = Sweep { grid: sweep.grid.checking(arguments.check.check_fidelity), ..sweep };
    let folder = swept::folder(&output.out, sweep.input.scenario());
    let journal = Journal::open(&folder, &shard.journal()).context("nothing was run")?;
    sweep.settle(&folder)?;
    let kept = Kept::in_folder(&folder).context("nothing was run")?;
    if !output.say.quiet {
        let folder = folder.display();
        interrupt::say_at_end(format!(
            "interrupted: the runs that ended are kept in {folder}/, and the same command goes on from there"
        ));
    }
    let tally = ran(&sweep, *shard, &journal, kept, output.say)?;
    if !shard.is_whole() {
        return told(&sweep, *shard, &folder, &tally, output.say);
    }
    let kept = Kept::in_folder(&folder).map_err(swept::failed)?;
    let finished = sweep.finish(&folder, kept, (output.format, output.say))?;
    sweep.answer(&folder, finished, output.say)
}

fn ran(
    sweep: &Sweep,
    shard: Shard,
    journal: &Journal,
    kept: Kept,
    say: SayOptions,
) -> Result<Tally, Failure> {
    let bar = Bar::over(0, "runs", !say.quiet);
    let order = Order { rule: sweep.rule, shard, threads: sweep.threads };
    let tally = run_grid(&sweep.grid, order, journal, kept, &bar);
    drop(bar);
    let kept_all = "the runs that ended are kept, and the same command goes on from there";
    let tally = tally.context(kept_all)?;
    if !say.quiet && tally.kept > 0 {
        let (kept, ran) = (counted(tally.kept, "run"), counted(tally.ran, "run"));
        terminal::say(&format!("{kept} kept from before, {ran} simulated"));
    }
    if let (false, Some(checked)) = (say.quiet, sweep.grid.checked()) {
        terminal::say(&checked_sentence(&checked, tally.kept));
    }
    Ok(tally)
}

/// How far off the runs are that were held against exact ones, and which runs were not.
fn checked_sentence(checked: &Checked, kept: u64) -> String {
    let mut parts = vec![if checked.runs == 0 {
        "fidelity check: no run was held against an exact one".to_owned()
    } else {
        format!(
            "fidelity check of {}, each over its first part: the loop is off by at most {:.2} %, GPU utilisation by \
             {:.2} points, the wait for the first batch by {:.2} %",
            counted(checked.runs, "run"),
            checked.loop_error * 100.0,
            checked.gpu_utilisation_error * 100.0,
            checked.first_batch_error * 100.0
        )
    }];
    for (runs, why) in [
        (checked.exact, "simulated every sample anyway"),
        (checked.unchecked, "not checked: the first part alone is only simulated exactly"),
        (kept, "not checked: kept from before"),
    ] {
        if runs > 0 {
            parts.push(format!("{} {why}", counted(runs, "run")));
        }
    }
    parts.join("; ")
}

/// Says what a shard came to. What it all comes to, a merge tells.
fn told(
    sweep: &Sweep,
    shard: Shard,
    folder: &Path,
    tally: &Tally,
    say: SayOptions,
) -> Result<ExitStatus, Failure> {
    swept::tell_failures(tally.failed, &tally.failures, say);
    if say.json {
        let document = serde_json::json!({
            "schema_version": 1,
            "scenario": sweep.input.scenario().name,
            "shard": shard.to_string(),
            "points": tally.points,
            "failed": tally.failed,
            "ran": tally.ran,
            "kept": tally.kept,
        });
        terminal::answer(&ingestsim_report::json::text(&document))?;
    } else if !say.quiet {
        let folder = folder.display();
        let points = counted(tally.points, "point");
        terminal::say(&format!("shard {shard}: {points} in {folder}/{}", shard.journal()));
        terminal::say(&format!("when all shards are there: ingestsim merge {folder}"));
    }
    Ok(if tally.failed > 0 { ExitStatus::Incomplete } else { ExitStatus::Done })
}
