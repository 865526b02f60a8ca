//! Checks of `[sweep]`, and the grid that comes of it.

use std::sync::Arc;

use super::Checker;
use crate::{
    Scenario,
    doc::{Node, Origin, Value},
    error::{Problem, ScenarioErrors, shown},
    load::{self, Loaded},
    path::Path,
    quantity::Kind,
    schema::sweep::{Axis, REPLICATIONS_MAX, Range, Scale},
    sweep::{Column, GridAxis, KeysAxis, Points, SweptKey, between},
};

/// The most values that a range may have: they are kept, unlike the points of the grid.
const RANGE_POINTS_MAX: u32 = 100_000;

impl Loaded {
    /// The points of the scenario's sweep; without one a point for each candidate.
    ///
    /// # Errors
    ///
    /// If the sweep names a key or a profile that is not there, or lists that do not go together.
    pub fn points(&self) -> Result<Points, ScenarioErrors> {
        let mut checker = Checker::new(&self.document, &self.places);
        let storage = storage(&self.scenario, &mut checker);
        let axes = axes(&self.scenario, &storage, &mut checker);
        checker.done()?;
        let keys = axes.iter().filter_map(|axis| match axis {
            GridAxis::Storage => None,
            GridAxis::Keys(keys) => Some(&keys.keys),
        });
        let columns = keys.flatten().map(|key| Column::of(&key.path, &key.values)).collect();
        let mut document = self.document.clone();
        if let Value::Table(table) = &mut document.value {
            table.shift_remove("sweep");
        }
        Ok(Points { document, places: Arc::clone(&self.places), storage, axes, columns })
    }
}

/// Checks the sweep: its figures, the first point of every profile, and the type of every value.
pub(crate) fn check(loaded: &Loaded) -> Result<(), ScenarioErrors> {
    let Some(sweep) = &loaded.scenario.sweep else {
        return Ok(());
    };
    let mut checker = Checker::new(&loaded.document, &loaded.places);
    let path = Path::of(["sweep"]);
    let counts = [("replications", sweep.replications), ("max-replications", sweep.max_replications)];
    for (key, count) in counts {
        let count = count.unwrap_or(1);
        let path = path.key(key);
        checker.expect_some(count, path.clone());
        checker.expect(
            count <= REPLICATIONS_MAX,
            path,
            &format!("at most {REPLICATIONS_MAX} runs of a point"),
        );
    }
    if sweep.precision.is_none() {
        checker.refuse_unused(&path, &["max-replications"], "a sweep without precision", "precision");
    }
    if let (Some(least), Some(most)) = (sweep.replications, sweep.max_replications) {
        checker.expect(
            most >= least,
            path.key("max-replications"),
            &format!("at least the {least} replications"),
        );
    }
    let narrow = sweep.precision.is_none_or(|share| share.fraction() > 0.0);
    checker.expect(narrow, path.key("precision"), "a share above 0 %");
    checker.done()?;
    let points = loaded.points()?;
    for point in points.firsts() {
        points.load(&point)?;
    }
    points.axes.iter().try_for_each(|axis| check_values(axis, &points))
}

/// Every value has the type that its key wants; whether it goes with the others, only its points can tell.
fn check_values(axis: &GridAxis, points: &Points) -> Result<(), ScenarioErrors> {
    let GridAxis::Keys(axis) = axis else {
        return Ok(());
    };
    for key in &axis.keys {
        for node in &key.values {
            let mut document = points.document.clone();
            let put = load::put(&mut document, &key.path, node.clone(), &key.origin);
            put.map_err(|problem| points.places.error(key.path.clone(), &key.origin, problem))?;
            load::typed(&document, &points.places)?;
            // The values of a range are alike, and there may be many.
            if key.values.len() > RANGE_CHECKED_MAX {
                break;
            }
        }
    }
    Ok(())
}

/// Longer axes than this are ranges, of which one value is checked.
const RANGE_CHECKED_MAX: usize = 1000;

/// The profiles that are swept over.
fn storage(scenario: &Scenario, checker: &mut Checker<'_>) -> Vec<String> {
    let candidates = scenario.candidates().map(str::to_owned).collect::<Vec<_>>();
    let path = Path::of(["sweep", "grid", "storage"]);
    let Some(axis) = scenario.sweep.as_ref().and_then(|sweep| sweep.grid.get("storage")) else {
        return candidates;
    };
    let Axis::List(values) = axis else {
        checker.refuse(path, Problem::mismatch("a list of names of profiles", "a range"));
        return candidates;
    };
    let mut names: Vec<String> = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let path = path.index(index);
        match value {
            toml::Value::String(name) if names.contains(name) => {
                let expected = "every profile once";
                checker.refuse(path, Problem::mismatch(expected, format!("{} again", shown(name))));
            }
            toml::Value::String(name) if candidates.contains(name) => names.push(name.clone()),
            toml::Value::String(name) => {
                let (name, known) = (name.clone(), candidates.clone());
                let expected = "the name of a candidate profile";
                checker.refuse(path, Problem::UnknownName { expected, name, known });
            }
            _ => checker.expect(false, path, "the name of a profile"),
        }
    }
    if values.is_empty() {
        checker.refuse(path, Problem::mismatch("at least one name of a profile", "an empty list"));
    }
    names
}

/// The axes in their order: the zip, then the grid as written; the profiles come first where the grid leaves them out.
fn axes(scenario: &Scenario, storage: &[String], checker: &mut Checker<'_>) -> Vec<GridAxis> {
    let mut axes = Vec::new();
    let Some(sweep) = &scenario.sweep else {
        return vec![GridAxis::Storage];
    };
    if !sweep.grid.contains_key("storage") {
        axes.push(GridAxis::Storage);
    }
    let (zip, grid) = (Path::of(["sweep", "zip"]), Path::of(["sweep", "grid"]));
    let zipped = sweep.zip.iter();
    let zipped = zipped.filter_map(|(key, axis)| swept_key(key, axis, &zip, scenario, storage, checker));
    let zipped = zipped.collect::<Vec<_>>();
    if !zipped.is_empty() {
        equal_lengths(&zipped, &zip, checker);
        axes.push(keys_axis(zipped));
    }
    for (key, axis) in &sweep.grid {
        if key == "storage" {
            axes.push(GridAxis::Storage);
        } else if sweep.zip.contains_key(key) {
            checker.refuse_key(
                grid.key(key),
                Problem::mismatch("every key once", format!("{key} in zip and in grid")),
            );
        } else if let Some(key) = swept_key(key, axis, &grid, scenario, storage, checker) {
            axes.push(keys_axis(vec![key]));
        }
    }
    axes
}

fn keys_axis(keys: Vec<SweptKey>) -> GridAxis {
    let length = keys.iter().map(|key| key.values.len()).min().unwrap_or(0) as u64;
    let profiles = keys.first().map_or(0, |key| key.on.len());
    let on = (0..profiles).map(|storage| keys.iter().any(|key| key.on[storage])).collect();
    GridAxis::Keys(KeysAxis { keys, length, on })
}

fn equal_lengths(keys: &[SweptKey], zip: &Path, checker: &mut Checker<'_>) {
    let Some((first, others)) = keys.split_first() else {
        return;
    };
    for other in others.iter().filter(|other| other.values.len() != first.values.len()) {
        let expected = format!("{} values, as {} has", first.values.len(), first.path);
        let problem = Problem::mismatch(expected, other.values.len().to_string());
        let origin = other.origin.clone();
        checker.refuse_at(zip.key(&other.path.to_string()), &origin, problem);
    }
}

/// A key of the sweep with its values, unless something is wrong with it.
fn swept_key(
    key: &str,
    axis: &Axis,
    table: &Path,
    scenario: &Scenario,
    storage: &[String],
    checker: &mut Checker<'_>,
) -> Option<SweptKey> {
    let at = table.key(key);
    let node = at.get(checker.document)?.clone();
    let origin = at.key_origin(checker.document);
    let path = match key.parse::<Path>() {
        Ok(path) if path.key_at(0) != Some("sweep") && (path.len() > 1 || key != "storage") => path,
        Ok(_) => {
            let expected = "a key outside of [sweep], or storage in [sweep.grid]";
            checker.refuse_key(at, Problem::mismatch(expected, key));
            return None;
        }
        Err(error) => {
            checker.refuse_key(at, Problem::Unreadable { message: error.to_string() });
            return None;
        }
    };
    let values = match axis {
        Axis::List(_) => list(&node),
        Axis::Range(range) => values_between(range, &at, &node.origin, checker),
    };
    if values.is_empty() && matches!(axis, Axis::List(_)) {
        checker.refuse(at, Problem::mismatch("at least one value", "an empty list"));
        return None;
    }
    let on = varies_on(&path, scenario, storage, &origin, checker)?;
    (!values.is_empty()).then_some(SweptKey { path, origin, values, on })
}

fn list(node: &Node) -> Vec<Node> {
    match &node.value {
        Value::Array(list) => list.clone(),
        _ => Vec::new(),
    }
}

/// The profiles on which a key varies: a key below `storage.X` on X alone, unless X takes everyone's checkpoints.
fn varies_on(
    path: &Path,
    scenario: &Scenario,
    storage: &[String],
    origin: &Origin,
    checker: &mut Checker<'_>,
) -> Option<Vec<bool>> {
    let name = path.key_at(1).filter(|_| path.key_at(0) == Some("storage"));
    let checkpoint = scenario.job.checkpoint.as_ref().and_then(|checkpoint| checkpoint.to.as_deref());
    match name {
        Some(name) if storage.iter().any(|profile| profile == name) => {
            Some(storage.iter().map(|profile| profile == name).collect())
        }
        Some(name) if checkpoint != Some(name) => {
            let (name, known) = (name.to_owned(), storage.to_vec());
            let problem =
                Problem::UnknownName { expected: "the name of a profile of the sweep", name, known };
            checker.refuse_at(path.clone(), origin, problem);
            None
        }
        _ => Some(vec![true; storage.len()]),
    }
}

/// The values of a range; none, and a mistake, if it is no range.
fn values_between(range: &Range, path: &Path, origin: &Origin, checker: &mut Checker<'_>) -> Vec<Node> {
    let scale = path.key(range.scale.key());
    if range.points == 0 || range.points > RANGE_POINTS_MAX {
        let expected = format!("a whole number from 1 to {RANGE_POINTS_MAX}");
        checker.expect(false, path.key("points"), &expected);
        return Vec::new();
    }
    let number = |value: &toml::Value| Kind::of(&Node::from_toml(value, origin).value);
    let (from, to) = match (number(&range.from), number(&range.to)) {
        (Some((kind, from)), Some((other, to))) if kind == other && from.is_finite() && to.is_finite() => {
            ((kind, from), to)
        }
        _ => {
            let found = format!("{} and {}", range.from, range.to);
            checker.refuse(scale, Problem::mismatch("two numbers, or two quantities of one kind", found));
            return Vec::new();
        }
    };
    let log = range.scale == Scale::Log;
    if log && (from.1 <= 0.0 || to <= 0.0) {
        let found = format!("{} and {}", range.from, range.to);
        checker.refuse(scale, Problem::mismatch("two ends above zero", found));
        return Vec::new();
    }
    let values = between(from.0, from.1, to, log, range.points).into_iter();
    values.map(|value| Node { value, origin: origin.clone() }).collect()
}
