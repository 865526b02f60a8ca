//! `ingestsim merge`: the parts of a sharded sweep as one.

use std::path::PathBuf;

use clap::Args;
use ingestsim_report::human::counted;
use ingestsim_sweep::grid::Kept;

use crate::{
    exit::ExitStatus,
    fail_if::FailIfOptions,
    failure::Failure,
    input::Input,
    options::{CatalogOptions, Format, RunOptions, SayOptions, ScenarioOptions},
    swept::{self, Sweep},
    terminal,
};

/// What `merge` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder of the sweep, with scenario.toml and the shards' journals
    dir: PathBuf,
    #[command(flatten)]
    catalog: CatalogOptions,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    fail_if: FailIfOptions,
    /// The format of the tables: csv, or parquet for both side by side
    #[arg(long, default_value = "csv")]
    format: Format,
    #[command(flatten)]
    say: SayOptions,
}

/// Joins all journals of the folder. Catalog and fidelity have to be those that the shards were run with.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let Arguments { dir, catalog, run, fail_if, format, say } = arguments;
    let options =
        ScenarioOptions { sets: Vec::new(), seed: None, catalog: catalog.clone(), flags: Vec::new() };
    let no_journal = || Failure::input(format!("{} holds no journal of a sweep", dir.display()));
    // Of a folder that is none, the missing scenario tells; of one without journals, whatever is in it does not matter.
    let kept = dir.is_dir().then(|| Kept::in_folder(dir)).transpose().map_err(swept::failed)?;
    if kept.as_ref().is_some_and(|kept| kept.journals() == 0) {
        return Err(no_journal());
    }
    let input = Input::load(&dir.join("scenario.toml"), &options)?;
    let sweep = Sweep::new(input, catalog, run, fail_if)?;
    let kept = kept.ok_or_else(no_journal)?;
    tell(&kept, *say);
    let finished = sweep.finish(dir, kept, (*format, *say))?;
    sweep.answer(dir, finished, *say)
}

/// Says what the journals hold that they should not.
fn tell(kept: &Kept, say: SayOptions) {
    if kept.contradictions() > 0 {
        let runs = counted(kept.contradictions(), "run");
        terminal::say(&format!("{runs} came to other figures the second time; the first count"));
    } else if kept.twice() > 0 && !say.quiet {
        terminal::say(&twice(kept.twice()));
    }
    if kept.unreadable() > 0 && !say.quiet {
        terminal::say(&format!("{} of the journals cannot be read", counted(kept.unreadable(), "line")));
    }
}

fn twice(runs: u64) -> String {
    let stand = if runs == 1 { "stands" } else { "stand" };
    format!("{} {stand} in the journals twice, with the same figures", counted(runs, "run"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_stands_and_several_stand() {
        assert_eq!(twice(1), "1 run stands in the journals twice, with the same figures");
        assert_eq!(twice(2), "2 runs stand in the journals twice, with the same figures");
    }
}
