//! `table = "x.csv"`: the rows of a counted distribution, read from beside the scenario file.

use std::{fs, path};

use crate::{
    doc::{Node, Origin, Value},
    error::{Problem, shown},
    load::Mistake,
    path::Path,
};

/// Replaces every `table = "x.csv"` of the document by the rows of that file.
pub(crate) fn read_all(document: &mut Node, folder: Option<&path::Path>) -> Result<(), Mistake> {
    replace(document, &Path::default(), folder)
}

fn replace(node: &mut Node, path: &Path, folder: Option<&path::Path>) -> Result<(), Mistake> {
    match &mut node.value {
        Value::Table(table) => {
            for (key, entry) in table.iter_mut() {
                let below = path.key(key);
                match &entry.node.value {
                    Value::String(file) if key == "table" => {
                        let rows = read(file, folder, &entry.node.origin);
                        let rows =
                            rows.map_err(|problem| Mistake::new(below, &entry.node.origin, problem))?;
                        entry.node.value = Value::Array(rows);
                    }
                    _ => replace(&mut entry.node, &below, folder)?,
                }
            }
        }
        Value::Array(list) => {
            for (index, item) in list.iter_mut().enumerate() {
                replace(item, &path.index(index), folder)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The rows of a CSV file of value and count.
fn read(file: &str, folder: Option<&path::Path>, origin: &Origin) -> Result<Vec<Node>, Problem> {
    let expected = "a CSV file of value and count";
    let Some(folder) = folder else {
        let found = format!("{} in a scenario that is no file itself", shown(file));
        return Err(Problem::mismatch(expected, found));
    };
    let text = fs::read_to_string(folder.join(file));
    let text = text.map_err(|error| Problem::mismatch(expected, format!("{}: {error}", shown(file))))?;
    rows(&text, file, origin)
}

/// The rows of a CSV text. A first line that does not end in a count is a header; a value without a unit counts bytes, or
/// seconds or milliseconds where the header says so (`_s`, `_ms`).
fn rows(text: &str, file: &str, origin: &Origin) -> Result<Vec<Node>, Problem> {
    let mut unit = "B";
    let mut rows = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() {
            continue;
        }
        match (row(line), index) {
            (Some((value, count)), _) => rows.push(row_node(value, unit, count, origin)),
            (None, 0) => unit = header_unit(line),
            (None, _) => {
                let found = format!("{} in line {} of {file}", shown(line), index + 1);
                return Err(Problem::mismatch("a value and a count, such as 110000,42", found));
            }
        }
    }
    if rows.is_empty() {
        return Err(Problem::mismatch("a CSV file of value and count", format!("no row in {file}")));
    }
    Ok(rows)
}

/// Value and count of a line.
fn row(line: &str) -> Option<(&str, i64)> {
    let (value, count) = line.rsplit_once(',')?;
    let count = count.trim().parse().ok()?;
    Some((value.trim().trim_matches('"'), count))
}

/// The unit that a header gives to values without one.
fn header_unit(header: &str) -> &'static str {
    let name = header.split(',').next().unwrap_or_default().trim().to_lowercase();
    if name.ends_with("_ms") {
        "ms"
    } else if name.ends_with("_s") || name == "seconds" {
        "s"
    } else {
        "B"
    }
}

fn row_node(value: &str, unit: &str, count: i64, origin: &Origin) -> Node {
    let bare = value.ends_with(|c: char| c.is_ascii_digit());
    let value = if bare { format!("{value} {unit}") } else { value.to_owned() };
    let node = |value| Node { value, origin: origin.clone() };
    node(Value::Array(vec![node(Value::String(value)), node(Value::Integer(count))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let rows = rows(text, "x.csv", &Origin::Flag(0)).unwrap();
        rows.iter().map(|row| row.to_toml().to_string()).collect()
    }

    #[test]
    fn a_header_gives_the_unit() {
        assert_eq!(values("size,count\n110000,3\n\n2.5 MB, 1\n"), ["[\"110000 B\", 3]", "[\"2.5 MB\", 1]"]);
        assert_eq!(values("latency_ms,count\n12,3"), ["[\"12 ms\", 3]"]);
        assert_eq!(values("12,3"), ["[\"12 B\", 3]"]);
    }

    #[test]
    fn a_line_that_is_no_row_is_named() {
        let problem = rows("size,count\n1,2\nabc", "x.csv", &Origin::Flag(0)).unwrap_err();
        let expected = "expected a value and a count, such as 110000,42, found \"abc\" in line 3 of x.csv";
        assert_eq!(problem.to_string(), expected);
    }
}
