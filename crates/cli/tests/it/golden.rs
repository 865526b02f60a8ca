//! Golden answers: each scenario has a transcript beside it, `x.txt` beside `x.toml`.
//!
//! Its first line is the command that printed the rest, `$ ingestsim run scenarios/x.toml --set dataset.files=1000 …`;
//! large scenarios are reduced there. Those of `validation/` are held against measurements instead. With `BLESS=1` in the environment the present answers become the golden ones.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{Ended, program};

/// What a transcript begins with.
const PROMPT: &str = "$ ingestsim ";

#[test]
fn every_scenario_answers_as_it_did() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let scenarios = scenarios(&root);
    assert!(!scenarios.is_empty(), "there are scenarios");
    let failures: Vec<String> = scenarios.iter().filter_map(|scenario| differing(&root, scenario)).collect();
    assert!(failures.is_empty(), "{}\n`just bless` takes the present answers", failures.join("\n"));
}

/// The folder whose scenarios have no transcripts.
const MEASURED: &str = "validation";

/// The scenarios that have a transcript, by their paths from the root of the repository, in order.
fn scenarios(root: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(root.join("scenarios")).unwrap().map(|entry| entry.unwrap().path());
    let entries = folders
        .filter(|path| path.is_dir() && !path.ends_with(MEASURED))
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = entries.map(|entry| entry.unwrap().path());
    let scenarios = files.filter(|path| path.extension().is_some_and(|end| end == "toml"));
    let mut scenarios: Vec<_> = scenarios.map(|path| path.strip_prefix(root).unwrap().to_owned()).collect();
    scenarios.sort();
    scenarios
}

/// What is wrong with a scenario's transcript, if anything is.
fn differing(root: &Path, scenario: &Path) -> Option<String> {
    let transcript = root.join(scenario.with_extension("txt"));
    let golden = fs::read_to_string(&transcript).unwrap_or_default();
    let default = format!("{PROMPT}run {} --fidelity exact", scenario.display());
    let command = golden.lines().next().unwrap_or(&default);
    let Some(arguments) = command.strip_prefix(PROMPT) else {
        return Some(format!("{} does not begin with {PROMPT:?}", transcript.display()));
    };
    if !arguments.split_whitespace().any(|argument| Path::new(argument) == scenario) {
        return Some(format!("{} is about another scenario", transcript.display()));
    }
    let out = tempfile::tempdir().unwrap();
    let mut program = program();
    program.current_dir(root).args(arguments.split_whitespace()).arg("--out").arg(out.path());
    let answer = format!("{command}\n{}", Ended::of(&program.output().unwrap()).answer());
    if env::var_os("BLESS").is_some() {
        fs::write(&transcript, answer).unwrap();
        return None;
    }
    (golden != answer).then(|| format!("{}:{} differs", transcript.display(), difference(&golden, &answer)))
}

/// The first line, from 1, in which two texts differ.
fn difference(one: &str, other: &str) -> usize {
    let same = one.lines().zip(other.lines()).take_while(|(one, other)| one == other);
    same.count() + 1
}
