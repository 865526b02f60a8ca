//! The program as a user meets it: what it prints, what it leaves, and how it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its scene up has failed")]

mod answers;
mod decide;
mod exit_status;
mod fail_if;
mod golden;
mod report;
mod reproduce;
mod start;
mod sweep;
mod tidy;
mod validate;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// A small job on three profiles: 2,048 files on two GPUs, 2 epochs of 16 steps each.
const SCENARIO: &str = r#"
name = "small"
description = "a job that takes no time to simulate"

[dataset]
files = 2_048
file-size = { lognormal = { mean = "110 kB", cv = 0.6 } }

[job]
instance = "ml.g5.12xlarge"
node = { gpus = 2 }
epochs = 2
batch-size = 64
step-time = "50 ms"

[loader.pytorch]
workers = 4
decode = { per-sample = "2 ms" }

[storage.copy.s3]
mode = "file"

[storage.stream.s3]
mode = "fast-file"

[storage.lustre.fsx-lustre]
deployment = "scratch-2"
capacity = "1.2 TiB"
load = "resident"
existing = true
"#;

/// A folder of its own with `small.toml` in it; the program runs there.
struct Workplace(tempfile::TempDir);

impl Workplace {
    fn new() -> Self {
        let workplace = Self(tempfile::tempdir().unwrap());
        workplace.put("small.toml", SCENARIO);
        workplace
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), content).unwrap();
    }

    fn text(&self, name: impl AsRef<Path>) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The program, ready to run with these arguments, which hold no spaces.
    fn command(&self, arguments: &str) -> Command {
        let mut command = program();
        command.current_dir(self.path()).args(arguments.split_whitespace());
        command
    }

    fn run(&self, arguments: &str) -> Ended {
        Ended::of(&self.command(arguments).output().unwrap())
    }

    /// All files below a folder, by their paths within it, and what they hold.
    fn files(&self, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let root = self.path().join(folder);
        let mut folders = vec![root.clone()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push((path.strip_prefix(&root).unwrap().to_owned(), fs::read(&path).unwrap()));
                }
            }
        }
        files.sort();
        files
    }
}

/// The program itself.
fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ingestsim"));
    program.stdin(Stdio::null());
    program
}

/// How a run of the program ended.
#[derive(Debug)]
struct Ended {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    fn of(output: &Output) -> Self {
        Self {
            status: output.status.code(),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// What it printed, if it ended well.
    fn answer(self) -> String {
        assert_eq!(self.status, Some(0), "{}", self.err);
        self.out
    }
}
