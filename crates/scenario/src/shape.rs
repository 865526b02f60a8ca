//! Mistakes in the shape of the choices, found on the document so that they can be told in its own words: no loader or
//! two, a profile without a name, without a kind or with two.

use crate::{
    doc::{Entry, Node, Origin, Table},
    error::Problem,
    load::Mistake,
    path::Path,
};

/// The loaders.
const LOADERS: [&str; 2] = ["pytorch", "tf-data"];

/// The kinds of storage.
pub(crate) const KINDS: [&str; 6] = ["s3", "efs", "fsx-lustre", "local-disk", "nfs", "parallel-fs"];

/// The keys that every kind of storage has.
const EVERY_KIND: [&str; 3] = ["walk-rate", "role", "bill-storage"];

/// Checks the loader and the profiles.
pub(crate) fn check(document: &Node) -> Result<(), Mistake> {
    if let Some(loader) = document.get("loader") {
        check_loader(loader)?;
    }
    let Some(storage) = document.get("storage").and_then(Node::as_table) else {
        return Ok(());
    };
    storage.iter().try_for_each(|(name, entry)| check_profile(name, entry))
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
            Err(Mistake::new(path, &loader.origin, Problem::mismatch(expected, found)))
        }
        [(first, _), (_, second)] => {
            let keys = [first.as_str(), other(first, LOADERS)];
            Err(Mistake::new(
                path,
                written_last(table, second),
                both(expected, &keys.join(" and "), table, "loader"),
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
            let near =
                crate::nearest::nearest(found, &KINDS).map(|near| format!("did you mean [{path}.{near}]?"));
            let problem = Problem::Mismatch { expected, found: found.to_owned(), help: near };
            Err(Mistake::new(path, origin, problem))
        }
        [(kind, _)] => check_keys_beside(kind, &path, table),
        [_, (_, second), ..] => {
            let found = kinds.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>().join(" and ");
            let problem = both(&expected, &found, table, &path.to_string());
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

/// Where the choice was made that is one too many: on the command line if one was made there.
fn written_last<'d>(table: &'d Table, second: &'d Entry) -> &'d Origin {
    let flag = table.values().find(|entry| matches!(entry.key, Origin::Flag(_)));
    &flag.unwrap_or(second).key
}

/// Two choices where one is wanted.
fn both(expected: &str, found: &str, table: &Table, path: &str) -> Problem {
    let set = table.values().any(|entry| matches!(entry.key, Origin::Flag(_)));
    let help = set.then(|| format!("to change the choice set the whole value of {path}"));
    Problem::Mismatch { expected: expected.to_owned(), found: found.to_owned(), help }
}
