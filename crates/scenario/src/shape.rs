//! Mistakes in the shape of a scenario, found on the document so that they can be told in its own words: a table left
//! out, no loader or two, a profile without a name, without a kind or with two.

use crate::{
    doc::{Entry, Node, Origin, Table},
    error::Problem,
    load::Mistake,
    nearest::nearest,
    path::Path,
};

/// The keys of a scenario.
const KEYS: [&str; 9] =
    ["name", "description", "seed", "dataset", "job", "loader", "storage", "sweep", "prices"];

/// The loaders.
const LOADERS: [&str; 2] = ["pytorch", "tf-data"];

/// The kinds of spread.
const SPREADS: [&str; 3] = ["normal", "lognormal", "table"];

/// The kinds of storage.
pub(crate) const KINDS: [&str; 6] = ["s3", "efs", "fsx-lustre", "local-disk", "nfs", "parallel-fs"];

/// The keys that every kind of storage has.
const EVERY_KIND: [&str; 3] = ["walk-rate", "role", "bill-storage"];

/// The tables that no scenario is without, and what is to be there.
const TABLES: [(&str, &str); 4] = [
    ("dataset", "the table [dataset]"),
    ("job", "the table [job]"),
    ("loader", "a loader, [loader.pytorch] or [loader.tf-data]"),
    ("storage", "at least one profile, [storage.NAME.KIND]"),
];

/// Checks that the tables are there, and the loader and the profiles.
pub(crate) fn check(document: &Node) -> Result<(), Mistake> {
    TABLES.iter().try_for_each(|(table, expected)| check_table(table, expected, document))?;
    check_quotes(&Path::of(["sweep", "grid"]), "the path of a swept key in quotes", document)?;
    check_quotes(&Path::of(["sweep", "zip"]), "the path of a swept key in quotes", document)?;
    check_quotes(&Path::of(["prices"]), "the id of a price in quotes", document)?;
    check_spreads(document, &Path::default())?;
    if let Some(loader) = document.get("loader") {
        check_loader(loader)?;
    }
    let Some(storage) = document.get("storage").and_then(Node::as_table) else {
        return Ok(());
    };
    storage.iter().try_for_each(|(name, entry)| check_profile(name, entry))
}

/// A table has to be there; one that is spelt wrong is told as such.
fn check_table(table: &str, expected: &str, document: &Node) -> Result<(), Mistake> {
    if document.get(table).is_some() {
        return Ok(());
    }
    let misspelt =
        document.as_table().into_iter().flatten().find(|(key, _)| nearest(key, &[table]).is_some());
    let Some((key, entry)) = misspelt.filter(|(key, _)| !KEYS.contains(&key.as_str())) else {
        let problem = Problem::Missing { expected: expected.to_owned(), help: None };
        return Err(Mistake::new(Path::of([table]), &document.origin, problem));
    };
    let known = KEYS.iter().map(|&key| key.to_owned()).collect();
    let problem = Problem::UnknownKey { key: key.clone(), known };
    Err(Mistake::new(Path::of([key]), &entry.key, problem))
}

/// A key with dots that has no quotes around it would be a table in a table.
fn check_quotes(path: &Path, expected: &str, document: &Node) -> Result<(), Mistake> {
    let keys = path.get(document).and_then(Node::as_table).into_iter().flatten();
    for (key, entry) in keys {
        let mut keys = Path::of([key]);
        let mut node = &entry.node;
        while let Some((below, entry)) = only_entry(node).filter(|(key, _)| !RANGE.contains(&key.as_str())) {
            keys = keys.key(below);
            node = &entry.node;
        }
        if keys.len() > 1 {
            let help = format!("write {:?} = …", keys.to_string());
            let problem = Problem::advised(expected, key, help);
            return Err(Mistake::new(path.key(key), &entry.key, problem));
        }
    }
    Ok(())
}

/// The keys of a range of values, which is a table too.
const RANGE: [&str; 3] = ["log", "linear", "points"];

/// The entry of a table that has one.
fn only_entry(node: &Node) -> Option<(&String, &Entry)> {
    node.as_table().filter(|table| table.len() == 1)?.first()
}

/// A spread has one kind.
fn check_spreads(node: &Node, path: &Path) -> Result<(), Mistake> {
    let Some(table) = node.as_table() else {
        return Ok(());
    };
    // Profiles have the user's names, which may be these words.
    let is_named = path.len() == 1 && path.key_at(0) == Some("storage");
    let mut spreads = table.iter().filter(|(key, _)| SPREADS.contains(&key.as_str()) && !is_named);
    if let (Some((first, _)), Some((second, entry))) = (spreads.next(), spreads.next()) {
        let expected = format!("exactly one of {}", SPREADS.join(", "));
        let problem = both(&expected, &format!("{first} and {second}"), table, path);
        return Err(Mistake::new(path.clone(), written_last(table, entry), problem));
    }
    table.iter().try_for_each(|(key, entry)| check_spreads(&entry.node, &path.key(key)))
}

fn check_loader(loader: &Node) -> Result<(), Mistake> {
    let expected = "exactly one of [loader.pytorch] and [loader.tf-data]";
    let path = Path::of(["loader"]);
    let Some(table) = loader.as_table() else {
        return Err(Mistake::new(path, &loader.origin, Problem::mismatch(expected, loader.found())));
    };
    let chosen = table.iter().filter(|(key, _)| LOADERS.contains(&key.as_str())).collect::<Vec<_>>();
    match chosen[..] {
        [] => {
            let keys = table.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let found = if keys.is_empty() { "neither".to_owned() } else { format!("[loader] with {keys}") };
            let near = nearest(&keys, &LOADERS).map(|near| format!("did you mean [loader.{near}]?"));
            let problem = Problem::Mismatch { expected: expected.to_owned(), found, help: near };
            Err(Mistake::new(path, &loader.origin, problem))
        }
        [(first, _), (_, second)] => {
            let keys = [first.as_str(), other(first, LOADERS)];
            Err(Mistake::new(
                path,
                written_last(table, second),
                both(expected, &keys.join(" and "), table, &Path::of(["loader"])),
            ))
        }
        _ => Ok(()),
    }
}

/// The one of two that is not `one`.
fn other(one: &str, two: [&'static str; 2]) -> &'static str {
    if one == two[0] { two[1] } else { two[0] }
}

fn check_profile(name: &str, entry: &Entry) -> Result<(), Mistake> {
    let path = Path::of(["storage", name]);
    let Some(table) = entry.node.as_table() else {
        let expected = format!("a table [{path}.KIND]");
        return Err(Mistake::new(
            path,
            &entry.node.origin.clone(),
            Problem::mismatch(expected, entry.node.found()),
        ));
    };
    let kinds = table.iter().filter(|(key, _)| KINDS.contains(&key.as_str())).collect::<Vec<_>>();
    let expected = format!("exactly one kind of storage, one of {}", KINDS.join(", "));
    match kinds[..] {
        [] if KINDS.contains(&name) => {
            let expected = format!("[storage.NAME.{name}] with a name of your own for NAME");
            Err(Mistake::new(
                path.clone(),
                &entry.node.origin.clone(),
                Problem::mismatch(expected, format!("[{path}]")),
            ))
        }
        [] => {
            let first = table.iter().next();
            let origin = first.map_or(&entry.node.origin, |(_, entry)| &entry.key);
            let found = first.map_or("none", |(key, _)| key.as_str());
            let near = nearest(found, &KINDS).map(|near| format!("did you mean [{path}.{near}]?"));
            let problem = Problem::Mismatch { expected, found: found.to_owned(), help: near };
            Err(Mistake::new(path, origin, problem))
        }
        [(kind, _)] => check_keys_beside(kind, &path, table),
        [_, (_, second), ..] => {
            let found = kinds.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>().join(" and ");
            let problem = both(&expected, &found, table, &path);
            Err(Mistake::new(path, written_last(table, second), problem))
        }
    }
}

/// A key beside the kind belongs below it.
fn check_keys_beside(kind: &str, path: &Path, table: &Table) -> Result<(), Mistake> {
    let Some((key, entry)) = table.iter().find(|(key, _)| key.as_str() != kind) else {
        return Ok(());
    };
    let expected = format!("nothing beside the kind {kind}");
    let help = if EVERY_KIND.contains(&key.as_str()) {
        Some(format!("write {key} in [{path}.{kind}]"))
    } else {
        None
    };
    let problem = Problem::Mismatch { expected, found: key.clone(), help };
    Err(Mistake::new(path.key(key), &entry.key, problem))
}

/// Whether a path has led here from the command line or from a sweep, which makes the tables on its way.
fn by_path(entry: &Entry) -> bool {
    matches!(entry.key, Origin::Flag(_)) || entry.key == entry.node.origin
}

/// Where the choice was made that is one too many: where a path made it, if one did.
fn written_last<'d>(table: &'d Table, second: &'d Entry) -> &'d Origin {
    let made = table.values().find(|entry| by_path(entry));
    &made.unwrap_or(second).key
}

/// Two choices where one is wanted.
fn both(expected: &str, found: &str, table: &Table, path: &Path) -> Problem {
    let made = table.values().any(by_path);
    let help = made.then(|| format!("to change the choice set the whole value of {path}"));
    Problem::Mismatch { expected: expected.to_owned(), found: found.to_owned(), help }
}
