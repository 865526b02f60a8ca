//! What a user sets over several scenarios: each value wherever one has a place for it.
//!
//! An item is about its profiles and about the keys that it sweeps, so these stay; everything else may be another job's.

use ingestsim_scenario::{Loaded, Path, Scenario, ScenarioErrors, Set};
use thiserror::Error;

use super::{Item, embedded};

/// Why values cannot be set over items.
#[derive(Debug, Error)]
pub enum OverrideError {
    /// It is no `PATH=VALUE`, or the only scenario that is asked for has no such key.
    #[error(transparent)]
    Scenario(#[from] ScenarioErrors),
    /// No scenario takes the value.
    #[error("{flag}: expected a key that one of the scenarios takes; {name} does not: {why}")]
    Nowhere {
        /// The flag as it was written.
        flag: String,
        /// The first scenario.
        name: String,
        /// Why that one does not.
        why: String,
    },
}

/// Why a scenario does not take a value.
pub(crate) enum Refusal {
    /// It has no such key.
    Scenario(ScenarioErrors),
    /// The key is what the scenario is about.
    Subject(String),
}

/// The values that a scenario has a place for, and for each of them all why not, where it has none.
pub(crate) struct Fitting {
    pub(crate) taken: Vec<Set>,
    refusals: Vec<Option<Refusal>>,
}

impl Item {
    /// Of the values those that each of the items takes, in the order of the items.
    ///
    /// # Errors
    ///
    /// If a value is taken by none of them.
    pub fn overridden(items: &[Self], sets: &[Set]) -> Result<Vec<Vec<Set>>, OverrideError> {
        let fitting = items.iter().map(|item| Ok((item.id(), item.takes(sets)?)));
        taken(fitting.collect::<Result<Vec<_>, OverrideError>>()?, sets)
    }

    fn takes(self, sets: &[Set]) -> Result<Fitting, ScenarioErrors> {
        let load = |sets: &[Set]| Scenario::load(embedded::source(self.id()), sets);
        let written = load(&[])?;
        Fitting::of(sets, &load, &|path, loaded| match (swept(&written, path), loaded) {
            (Some(column), _) => Some(format!("it varies {column} itself")),
            (None, Some(loaded)) if !same_subject(&written, loaded) => {
                Some("its profiles and its sweep are what it is about".to_owned())
            }
            _ => None,
        })
    }
}

/// Reads a scenario with values set over it.
type Load<'a> = &'a dyn Fn(&[Set]) -> Result<Loaded, ScenarioErrors>;

/// Why a key, and what a scenario becomes by it, is what the scenario is about; nothing if it is not.
type Subject<'a> = &'a dyn Fn(&Path, Option<&Loaded>) -> Option<String>;

/// The search for the values that fit a scenario.
struct Trial<'a> {
    sets: &'a [Set],
    paths: Vec<Path>,
    load: Load<'a>,
    subject: Subject<'a>,
    refusals: Vec<Option<Refusal>>,
}

impl Fitting {
    /// Tries the values on a scenario: all together and, if they do not fit so, one after the other.
    pub(crate) fn of(sets: &[Set], load: Load<'_>, subject: Subject<'_>) -> Result<Self, ScenarioErrors> {
        if sets.is_empty() {
            return Ok(Self { taken: Vec::new(), refusals: Vec::new() });
        }
        let paths = keys(sets, load)?;
        let refusals = paths.iter().map(|path| subject(path, None).map(Refusal::Subject)).collect();
        let mut trial = Trial { sets, paths, load, subject, refusals };
        if !trial.fit_together() {
            trial.fit_one_by_one()?;
        }
        Ok(Self { taken: trial.at(&trial.unrefused()), refusals: trial.refusals })
    }
}

impl Trial<'_> {
    fn unrefused(&self) -> Vec<usize> {
        (0..self.sets.len()).filter(|&at| self.refusals[at].is_none()).collect()
    }

    /// The values at these places, in their written order.
    fn at(&self, places: &[usize]) -> Vec<Set> {
        places.iter().map(|&at| self.sets[at].clone()).collect()
    }

    fn is_subject(&self, at: usize, loaded: &Loaded) -> Option<Refusal> {
        (self.subject)(&self.paths[at], Some(loaded)).map(Refusal::Subject)
    }

    /// Whether all values fit that are not refused by their keys alone.
    fn fit_together(&self) -> bool {
        let open = self.unrefused();
        let loaded = (self.load)(&self.at(&open));
        loaded.is_ok_and(|loaded| open.iter().all(|&at| self.is_subject(at, &loaded).is_none()))
    }

    /// Adds one value after the other to those that fit, and tries those again that do not load until no more do: so
    /// which fit hangs on their order only where some exclude each other.
    fn fit_one_by_one(&mut self) -> Result<(), ScenarioErrors> {
        let mut last = (self.load)(&[])?;
        let (mut fit, mut open) = (Vec::new(), self.unrefused());
        loop {
            let tried = open.len();
            open.retain(|&at| self.puts_off(at, &mut fit, &mut last));
            if open.len() == tried {
                break;
            }
        }
        // What is wrong with the value of a key that is there, is said where it is run.
        for at in open.into_iter().filter(|&at| last.has(&self.paths[at])) {
            self.refusals[at] = None;
        }
        Ok(())
    }

    /// Tries a value beside those that fit, and adds it if it does; says whether to try it again when there are more.
    fn puts_off(&mut self, at: usize, fit: &mut Vec<usize>, last: &mut Loaded) -> bool {
        let mut with = fit.clone();
        with.push(at);
        // The later of two values of one key wins.
        with.sort_unstable();
        match (self.load)(&self.at(&with)) {
            Ok(loaded) => {
                self.refusals[at] = self.is_subject(at, &loaded);
                if self.refusals[at].is_none() {
                    (*fit, *last) = (with, loaded);
                }
                false
            }
            Err(errors) => {
                self.refusals[at] = Some(Refusal::Scenario(errors));
                true
            }
        }
    }
}

/// The keys of the values.
fn keys(sets: &[Set], load: Load<'_>) -> Result<Vec<Path>, ScenarioErrors> {
    let key = |set: &Set| match set.key() {
        Some(path) => Ok(path),
        None => load(std::slice::from_ref(set)).map(|_| Path::default()),
    };
    sets.iter().map(key).collect()
}

/// What each of the scenarios takes, unless there is a value that none of them does.
pub(crate) fn taken(mut fitting: Vec<(&str, Fitting)>, sets: &[Set]) -> Result<Vec<Vec<Set>>, OverrideError> {
    for (index, set) in sets.iter().enumerate() {
        let of_all = fitting.iter_mut().map(|(_, one)| one.refusals[index].take());
        if let Some(refusals) = of_all.collect::<Option<Vec<Refusal>>>() {
            return Err(nowhere(fitting[0].0, refusals, set));
        }
    }
    Ok(fitting.into_iter().map(|(_, one)| one.taken).collect())
}

fn nowhere(name: &str, refusals: Vec<Refusal>, set: &Set) -> OverrideError {
    let is_only = refusals.len() == 1;
    let why = match refusals.into_iter().next() {
        Some(Refusal::Scenario(errors)) if is_only => return errors.into(),
        Some(Refusal::Scenario(errors)) => errors.0.first().map_or_else(String::new, |error| {
            let help = error.problem.help().map_or_else(String::new, |help| format!("; {help}"));
            format!("{}{help}", error.problem)
        }),
        Some(Refusal::Subject(why)) => why,
        None => String::new(),
    };
    OverrideError::Nowhere { flag: set.text().to_owned(), name: name.to_owned(), why }
}

/// The swept key that a path leads to, into or above.
fn swept(written: &Loaded, path: &Path) -> Option<String> {
    let points = written.points().ok()?;
    let meets = |column: &&Path| column.starts_with(path) || path.starts_with(column);
    let mut columns = points.columns().iter().map(|column| &column.path);
    columns.find(meets).map(ToString::to_string)
}

/// Whether profiles and sweep are as they were written.
fn same_subject(written: &Loaded, loaded: &Loaded) -> bool {
    let profiles = |loaded: &Loaded| -> Vec<(String, &'static str)> {
        let scenario = &loaded.scenario;
        scenario.candidates().map(|name| (name.to_owned(), scenario.storage[name].kind())).collect()
    };
    profiles(written) == profiles(loaded) && written.scenario.sweep == loaded.scenario.sweep
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(sets: &[&str]) -> Vec<Set> {
        sets.iter().map(|set| Set::parse(set)).collect()
    }

    /// How many values each item takes.
    fn counted(items: &[Item], values: &[&str]) -> Result<Vec<usize>, String> {
        let taken = Item::overridden(items, &sets(values)).map_err(|error| error.to_string())?;
        Ok(taken.iter().map(Vec::len).collect())
    }

    #[test]
    fn a_value_is_set_where_a_scenario_has_a_place_for_it() {
        let both = [Item::Example1, Item::Overnight];
        let scratch = "storage.scratch.fsx-lustre.restore-concurrency=10";
        assert_eq!(counted(&both, &["job.batch-size=32", scratch]), Ok(vec![1, 2]));
    }

    #[test]
    fn a_value_that_no_item_takes_is_an_error() {
        let error = counted(&Item::ALL, &["job.batch-sise=32"]).unwrap_err();
        let expected = "--set job.batch-sise=32: expected a key that one of the scenarios takes; example-1 does not: expected a \
                        known key, found batch-sise; did you mean batch-size?";
        assert_eq!(error, expected);
        let error = counted(&[Item::Idle], &["job.batch-sise=32"]).unwrap_err();
        assert!(
            error.starts_with("--set job.batch-sise=32: job.batch-sise: expected a known key"),
            "{error}"
        );
        let error = counted(&[Item::Idle, Item::Example1], &["epochs"]).unwrap_err();
        assert!(error.starts_with("--set epochs: expected PATH=VALUE"), "{error}");
    }

    #[test]
    fn what_an_item_is_about_stays() {
        let refused = |item: Item, set: &str| counted(&[item], &[set]).unwrap_err();
        let error = refused(Item::Overnight, "dataset.file-size=1 MB");
        assert!(error.ends_with("overnight does not: it varies dataset.file-size itself"), "{error}");
        let about = "its profiles and its sweep are what it is about";
        let role = "storage.fast-file.s3.role=\"checkpoint-only\"";
        assert!(refused(Item::RuleFsx, role).ends_with(about), "{}", refused(Item::RuleFsx, role));
        assert!(refused(Item::Example1, "sweep.replications=3").ends_with(about));
    }

    /// A volume is for File mode alone, which is set after it.
    #[test]
    fn values_that_belong_together_stand_in_any_order() {
        let volume = "storage.fast-file.s3.volume.gp3.size=500 GB";
        assert!(counted(&[Item::RuleFsx], &[volume]).is_err());
        let mode = "storage.fast-file.s3.mode=\"file\"";
        assert_eq!(counted(&[Item::RuleFsx], &[volume, mode]), Ok(vec![2]));
    }

    /// The error is that of the value that is wrong, not of another one that no item has by default.
    #[test]
    fn a_wrong_value_does_not_spoil_the_next() {
        let both = [Item::Example1, Item::Idle];
        let (wrong, price) = ("job.batch-size=abc", "prices.\"s3.get\"=0");
        assert_eq!(counted(&both, &[wrong, price]), Ok(vec![2, 2]));
        assert_eq!(counted(&both, &[price, wrong]), Ok(vec![2, 2]));
    }

    #[test]
    fn what_an_item_is_about_stays_in_any_order() {
        let role = "storage.fast-file.s3.role=\"checkpoint-only\"";
        let volume = "storage.fast-file.s3.volume.gp3.size=500 GB";
        let mode = "storage.fast-file.s3.mode=\"file\"";
        for values in [[role, volume, mode], [volume, role, mode], [volume, mode, role]] {
            let error = counted(&[Item::RuleFsx], &values).unwrap_err();
            assert!(error.starts_with(&format!("--set {role}: ")), "{error}");
            assert!(error.ends_with("its profiles and its sweep are what it is about"), "{error}");
        }
    }
}
