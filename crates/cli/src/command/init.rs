//! `ingestsim init`: a commented scenario to start from.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::PathBuf,
};

use anyhow::anyhow;
use clap::Args;

use crate::{exit::ExitStatus, failure::Failure, interrupt, terminal};

/// What is written: a scenario that runs as it stands.
const TEMPLATE: &str = include_str!("init.toml");

/// The numbers that only the user has, and a command that yields each.
const NUMBERS: &str = "\
Five numbers make it yours; each has its line in the file, marked with its number:
  1. dataset.files         how many objects      aws s3 ls s3://BUCKET/PREFIX --recursive --summarize | tail -2
  2. dataset.file-size     total size / objects  (the same command prints the total size)
  3. job.step-time         one step on one GPU   python -m timeit -n 100 -s 'SETUP; b = next(iter(loader))' 'step(b); sync()'
  4. loader decode         CPU time a sample     python -m timeit -s 'SETUP' 'dataset[0]', which repeats one file from memory
  5. loader workers        readers per GPU       grep -rn -E 'num_workers|num_parallel' your program

  SETUP imports your program; step(b) trains on the batch b, already on the GPU, and sync() is torch.cuda.synchronize().
";

/// What `init` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The file to write
    #[arg(default_value = "scenario.toml")]
    file: PathBuf,
    /// Only errors
    #[arg(long, short)]
    quiet: bool,
}

/// Writes the file unless there is one already, and says what to put in.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let file = arguments.file.display();
    let _whole = interrupt::hold();
    let created = OpenOptions::new().write(true).create_new(true).open(&arguments.file);
    let mut created = created.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::input(format!("{file} is there already, and init overwrites nothing"))
        }
        _ => Failure::Failed(anyhow!(error).context(format!("cannot write {file}"))),
    })?;
    if let Err(error) = created.write_all(TEMPLATE.as_bytes()) {
        // Half a scenario is none.
        let _ = fs::remove_file(&arguments.file);
        return Err(anyhow!(error).context(format!("cannot write {file}")).into());
    }
    if !arguments.quiet {
        terminal::answer(&format!(
            "{file} is written, and runs as it stands: ingestsim run {file}\n\n{NUMBERS}"
        ))?;
    }
    Ok(ExitStatus::Done)
}
