//! The points of a sweep: which scenarios a grid stands for, in order, each made when it is asked for.
//!
//! Axes are nested in their written order, the zip first, the last one varying fastest. A key below `storage.X` varies
//! on X alone: on the other profiles its axis has one value, which is none. The number of points before any point is
//! counted, not walked, so the millionth is found as fast as the first.

use std::sync::Arc;

use crate::{
    doc::{Node, Origin, Value},
    error::ScenarioErrors,
    load::{self, Loaded},
    path::Path,
    quantity::{Cell, Kind},
    source::Places,
};

/// The points of a sweep. Without a `[sweep]` there is one for each candidate profile.
#[derive(Debug, Clone)]
pub struct Points {
    pub(crate) document: Node,
    pub(crate) places: Arc<Places>,
    /// The profiles in the order in which the sweep names them.
    pub(crate) storage: Vec<String>,
    pub(crate) axes: Vec<GridAxis>,
    pub(crate) columns: Vec<Column>,
}

/// An axis of the grid.
#[derive(Debug, Clone)]
pub(crate) enum GridAxis {
    /// The profiles.
    Storage,
    /// Keys that vary together.
    Keys(KeysAxis),
}

/// Keys that vary together: one for a key of the grid, all of the zip.
#[derive(Debug, Clone)]
pub(crate) struct KeysAxis {
    pub(crate) keys: Vec<SweptKey>,
    pub(crate) length: u64,
    /// On which profiles it varies, by their number.
    pub(crate) on: Vec<bool>,
}

/// A key and its values.
#[derive(Debug, Clone)]
pub(crate) struct SweptKey {
    pub(crate) path: Path,
    /// Where the key stands in the sweep.
    pub(crate) origin: Origin,
    pub(crate) values: Vec<Node>,
    /// On which profiles it has a value, by their number.
    pub(crate) on: Vec<bool>,
}

/// A swept key as a column of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The key.
    pub path: Path,
    /// The path with the base unit as a suffix, such as `dataset.file-size_bytes`.
    pub name: String,
    pub(crate) kind: Option<Kind>,
}

/// A point of the grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Its number in grid order, from 0.
    pub index: u64,
    /// The profile.
    pub storage: String,
    /// The swept values, a cell for each column.
    pub cells: Vec<Cell>,
    /// The index of its value on each axis, or none where the axis does not vary.
    chosen: Vec<usize>,
    storage_index: usize,
}

impl Column {
    /// The column of a key with these values.
    pub(crate) fn of(path: &Path, values: &[Node]) -> Self {
        let mut kinds = values.iter().map(|value| Kind::of(&value.value).map(|(kind, _)| kind));
        let first = kinds.next().flatten();
        let kind = if kinds.all(|kind| kind == first) { first } else { None };
        let suffix = kind.map_or("", Kind::suffix);
        Self { path: path.clone(), name: format!("{path}{suffix}"), kind }
    }
}

impl KeysAxis {
    /// How many values the axis has on a profile.
    fn length_on(&self, storage: usize) -> u64 {
        if self.on[storage] { self.length } else { 1 }
    }
}

impl Points {
    /// How many points there are, or the most that 64 bits count.
    #[must_use]
    pub fn len(&self) -> u64 {
        let all = (0..self.storage.len()).map(|storage| self.below(0, storage));
        all.fold(0, u64::saturating_add)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The swept keys as columns of results, the zip's first.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The profiles that are swept over.
    #[must_use]
    pub fn storage(&self) -> &[String] {
        &self.storage
    }

    /// All points in grid order.
    pub fn iter(&self) -> impl Iterator<Item = Point> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// The point at `index` in grid order.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<Point> {
        let mut rest = index;
        let mut alive = vec![true; self.storage.len()];
        let mut chosen = Vec::with_capacity(self.axes.len());
        for (depth, axis) in self.axes.iter().enumerate() {
            let value = match axis {
                GridAxis::Storage => {
                    let storage = self.take_storage(depth, &alive, &mut rest)?;
                    alive = (0..self.storage.len()).map(|other| other == storage).collect();
                    storage
                }
                GridAxis::Keys(keys) => {
                    let value = self.take_value(depth, keys, &alive, &mut rest)?;
                    if value > 0 {
                        alive.iter_mut().zip(&keys.on).for_each(|(alive, on)| *alive &= on);
                    }
                    value
                }
            };
            chosen.push(value);
        }
        let storage_index = alive.iter().position(|alive| *alive)?;
        let cells = self.cells(&chosen, storage_index);
        Some(Point { index, storage: self.storage[storage_index].clone(), cells, chosen, storage_index })
    }

    /// The first point of each profile, in the order of the profiles.
    pub fn firsts(&self) -> impl Iterator<Item = Point> + '_ {
        (0..self.storage.len()).filter_map(|storage| {
            let first = |axis: &GridAxis| if matches!(axis, GridAxis::Storage) { storage } else { 0 };
            let chosen = self.axes.iter().map(first).collect::<Vec<_>>();
            self.get(self.index_of(&chosen, storage))
        })
    }

    /// The scenario of a point, with its values set and on its profile alone.
    ///
    /// # Errors
    ///
    /// If the values do not go together; the place is that of the value in the sweep.
    pub fn load(&self, point: &Point) -> Result<Loaded, ScenarioErrors> {
        let document = self.document_of(point)?;
        let scenario = load::build(&document, &self.places)?.on(&point.storage);
        Ok(Loaded { scenario, document, places: Arc::clone(&self.places) })
    }

    /// The document of a point.
    pub(crate) fn document_of(&self, point: &Point) -> Result<Node, ScenarioErrors> {
        let mut document = self.document.clone();
        for (key, value) in self.swept(&point.chosen) {
            if let (true, Some(node)) = (key.on[point.storage_index], key.values.get(value)) {
                let put = load::put(&mut document, &key.path, node.clone(), &key.origin);
                put.map_err(|problem| self.places.error(key.path.clone(), &key.origin, problem))?;
            }
        }
        Ok(document)
    }

    /// The keys with the index of their value.
    fn swept<'p>(&'p self, chosen: &'p [usize]) -> impl Iterator<Item = (&'p SweptKey, usize)> {
        self.axes.iter().zip(chosen).flat_map(|(axis, value)| match axis {
            GridAxis::Storage => [].iter().zip(std::iter::repeat(*value)),
            GridAxis::Keys(axis) => axis.keys.iter().zip(std::iter::repeat(*value)),
        })
    }

    fn cells(&self, chosen: &[usize], storage: usize) -> Vec<Cell> {
        let cell = |((key, value), column): ((&SweptKey, usize), &Column)| match key.values.get(value) {
            Some(node) if key.on[storage] => Cell::of(&node.value, column.kind),
            _ => Cell::Empty,
        };
        self.swept(chosen).zip(&self.columns).map(cell).collect()
    }

    /// How many points of a profile differ in the axes from `depth` on.
    fn below(&self, depth: usize, storage: usize) -> u64 {
        let lengths = self.axes[depth..].iter().map(|axis| match axis {
            GridAxis::Storage => 1,
            GridAxis::Keys(keys) => keys.length_on(storage),
        });
        lengths.fold(1, u64::saturating_mul)
    }

    /// How many points the profiles that are `alive` have from `depth` on.
    fn below_all(&self, depth: usize, alive: &[bool]) -> u64 {
        let alive = alive.iter().enumerate().filter(|(_, alive)| **alive);
        alive.map(|(storage, _)| self.below(depth, storage)).fold(0, u64::saturating_add)
    }

    /// The profile that the point `rest` of those below `depth` is on; `rest` becomes its number among that profile's.
    fn take_storage(&self, depth: usize, alive: &[bool], rest: &mut u64) -> Option<usize> {
        for (storage, _) in alive.iter().enumerate().filter(|(_, alive)| **alive) {
            let points = self.below(depth + 1, storage);
            if *rest < points {
                return Some(storage);
            }
            *rest -= points;
        }
        None
    }

    /// The value of an axis that the point `rest` of those below `depth` has; `rest` becomes its number among those.
    fn take_value(&self, depth: usize, axis: &KeysAxis, alive: &[bool], rest: &mut u64) -> Option<usize> {
        let with_first = self.below_all(depth + 1, alive);
        if *rest < with_first {
            return Some(0);
        }
        // Every further value is for the profiles that the axis varies on.
        let varying = alive.iter().zip(&axis.on).map(|(alive, on)| *alive && *on).collect::<Vec<_>>();
        let with_other = self.below_all(depth + 1, &varying);
        let beyond = *rest - with_first;
        let value = beyond.checked_div(with_other)? + 1;
        *rest = beyond % with_other;
        (value < axis.length).then_some(value as usize)
    }

    /// The index of the point with these values on the axes.
    fn index_of(&self, chosen: &[usize], storage: usize) -> u64 {
        let mut alive = vec![true; self.storage.len()];
        let mut index = 0_u64;
        for (depth, (axis, value)) in self.axes.iter().zip(chosen).enumerate() {
            match axis {
                GridAxis::Storage => {
                    let before = (0..storage).filter(|other| alive[*other]);
                    let points = before.map(|other| self.below(depth + 1, other));
                    index = index.saturating_add(points.fold(0, u64::saturating_add));
                    alive = (0..self.storage.len()).map(|other| other == storage).collect();
                }
                GridAxis::Keys(keys) if *value > 0 => {
                    index = index.saturating_add(self.below_all(depth + 1, &alive));
                    alive.iter_mut().zip(&keys.on).for_each(|(alive, on)| *alive &= on);
                    let others = self.below_all(depth + 1, &alive);
                    index = index.saturating_add((*value as u64 - 1).saturating_mul(others));
                }
                GridAxis::Keys(_) => {}
            }
        }
        index
    }
}

/// The values between two on a scale, ends included, rounded to base units; those that round to the same stand once.
pub(crate) fn between(kind: Kind, from: f64, to: f64, log: bool, points: u32) -> Vec<Value> {
    let last = f64::from(points.saturating_sub(1));
    let mut values = Vec::new();
    for step in 0..points {
        let share = if last > 0.0 { f64::from(step) / last } else { 0.0 };
        let base = if step == 0 {
            from
        } else if step + 1 == points {
            to
        } else if log {
            from * (to / from).powf(share)
        } else {
            from + (to - from) * share
        };
        let value = kind.write(base);
        if values.last() != Some(&value) {
            values.push(value);
        }
    }
    values
}
