//! What no lint can say of the sources, the scenarios and the results.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// No source file has more lines than this.
const FILE_LINES_MAX: usize = 500;
/// No function has more lines than this, from its name to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;
/// Crates in which what is iterated has an order.
const ORDERED: [&str; 2] = ["des", "model"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files below a folder, in order; without those that are built.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if !entry.is_dir() {
                files.push(entry);
            } else if !entry.ends_with("target") {
                folders.push(entry);
            }
        }
    }
    files.sort();
    files
}

/// Every source file of the workspace with its text.
fn sources() -> Vec<(String, String)> {
    let root = root();
    let folders = ["crates", "benches"].map(|folder| root.join(folder));
    let paths = folders.iter().filter(|folder| folder.exists()).flat_map(|folder| files(folder));
    let sources = paths.filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let read = |path: PathBuf| (named(&path), fs::read_to_string(&path).unwrap());
    let sources: Vec<_> = sources.map(read).collect();
    assert!(sources.len() > 100, "the sources are found");
    sources
}

/// A path from the root of the repository.
fn named(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

#[track_caller]
fn none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

#[test]
fn every_source_file_says_what_it_is() {
    let silent = sources().into_iter().filter(|(_, text)| !text.starts_with("//! "));
    none(&silent.map(|(name, _)| format!("{name} does not open with //!")).collect::<Vec<_>>());
}

#[test]
fn no_source_file_is_too_long() {
    let lengths = sources().into_iter().map(|(name, text)| (name, text.lines().count()));
    let long = lengths.filter(|(_, lines)| *lines > FILE_LINES_MAX);
    none(&long.map(|(name, lines)| format!("{name} has {lines} lines")).collect::<Vec<_>>());
}

#[test]
fn no_function_is_too_long() {
    let long = |(name, text): (String, String)| {
        let long = functions(&text).into_iter().filter(|(_, lines)| *lines > FUNCTION_LINES_MAX);
        long.map(|(line, lines)| format!("{name}:{line}: a function of {lines} lines")).collect::<Vec<_>>()
    };
    none(&sources().into_iter().flat_map(long).collect::<Vec<_>>());
}

/// The functions of a formatted source: the line of each, from 1, and how many lines it has.
///
/// A function ends with a brace as far to the right as its first line begins; one on a single line ends there.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut functions = Vec::new();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
        let indent = line.len() - line.trim_start().len();
        let ends = |later: &&str| {
            let depth = later.len() - later.trim_start().len();
            depth == indent && later.trim_end().ends_with(['}', ';'])
        };
        let length = lines[index..].iter().position(ends).map_or(lines.len() - index, |at| at + 1);
        functions.push((index + 1, length));
    }
    functions
}

/// Whether a function begins on this line, whatever stands before `fn`.
fn begins_function(line: &str) -> bool {
    let before = line.split_once("fn ").map(|(before, _)| before.trim());
    let is_qualifier = |word: &str| {
        matches!(word, "const" | "async" | "unsafe" | "extern" | "\"C\"" | "in") || word.starts_with("pub")
    };
    before.is_some_and(|before| before.split_whitespace().all(is_qualifier))
}

/// The iteration order of a hash map is that of a random number.
#[test]
fn nothing_hashes_where_order_counts() {
    let ordered = ORDERED.map(|name| format!("crates/{name}/src/"));
    let hashed = sources().into_iter().filter(|(name, text)| {
        ordered.iter().any(|folder| name.starts_with(folder))
            && ["HashMap", "HashSet"].iter().any(|word| text.contains(word))
    });
    none(&hashed.map(|(name, _)| format!("{name} has a hash map or set")).collect::<Vec<_>>());
}

/// Those of `validation/` are held against measurements instead.
#[test]
fn every_scenario_has_its_golden_answer_and_every_answer_its_scenario() {
    let root = root();
    let mut scenarios = BTreeSet::new();
    let mut answers = BTreeSet::new();
    for path in
        files(&root.join("scenarios")).into_iter().filter(|path| !named(path).contains("/validation/"))
    {
        match path.extension().and_then(|end| end.to_str()) {
            Some("toml") => scenarios.insert(named(&path.with_extension(""))),
            Some("txt") => answers.insert(named(&path.with_extension(""))),
            _ => false,
        };
    }
    let alone = scenarios.symmetric_difference(&answers);
    none(&alone.map(|name| format!("{name} has no .txt beside its .toml, or no .toml")).collect::<Vec<_>>());
    assert!(scenarios.len() > 10, "the scenarios are found");
}

/// A table in `results/` has beside it, or in a folder around it, the record of what it was made from: `provenance.json`,
/// or its own name with that ending.
#[test]
fn every_result_says_where_it_comes_from() {
    let results = root().join("results");
    let tables = files(&results).into_iter().filter(|path| path.extension().is_some_and(|end| end == "csv"));
    let of_unknown_origin = |table: &PathBuf| {
        let own = table.with_extension("provenance.json");
        let around = table.ancestors().skip(1).take_while(|folder| folder.starts_with(&results));
        let shared = around.map(|folder| folder.join("provenance.json"));
        !std::iter::once(own).chain(shared).any(|record| record.exists())
    };
    none(
        &tables
            .filter(of_unknown_origin)
            .map(|path| format!("{} has no provenance", named(&path)))
            .collect::<Vec<_>>(),
    );
}

/// A function of four lines that holds one of one line, and a declaration of two.
#[test]
fn functions_are_measured_from_name_to_brace() {
    let text = "pub(crate) const fn one(\n    value: u8,\n) -> u8 {\n    fn two() {}\n}\n\nfn three()\n-> u8;\n\n// fn four\n";
    assert_eq!(functions(text), [(1, 5), (4, 1), (7, 2)]);
    assert!(!begins_function("let call: fn (u8) = one;"));
}
