//! What a user sets over the scenarios of items: each value wherever a scenario has a place for it.
//!
//! An item is about its profiles and about the keys that it sweeps, so these stay; everything else may be another job's.

use ingestsim_scenario::{Loaded, Path, Scenario, ScenarioErrors, Set};
use thiserror::Error;

use super::{Item, embedded};

/// Why values cannot be set over items.
#[derive(Debug, Error)]
pub enum OverrideError {
    /// It is no `PATH=VALUE`, or the only item that is asked for has no such key.
    #[error(transparent)]
    Scenario(#[from] ScenarioErrors),
    /// No item takes the value.
    #[error("{flag}: expected a key that one of the items takes; {item} does not: {why}")]
    Nowhere {
        /// The flag as it was written.
        flag: String,
        /// The first item.
        item: &'static str,
        /// Why that one does not.
        why: String,
    },
}

/// Why an item does not take a value.
enum Refusal {
    /// Its scenario has no such key.
    Scenario(ScenarioErrors),
    /// It is what the item is about.
    Subject(String),
}

impl Item {
    /// Of the values those that each of the items takes, in the order of the items.
    ///
    /// # Errors
    ///
    /// If a value is taken by none of them.
    pub fn overridden(items: &[Self], sets: &[Set]) -> Result<Vec<Vec<Set>>, OverrideError> {
        let mut taken = Vec::with_capacity(items.len());
        let mut refusals: Vec<Vec<Option<Refusal>>> = Vec::with_capacity(items.len());
        for item in items {
            let (sets, refused) = item.takes(sets)?;
            taken.push(sets);
            refusals.push(refused);
        }
        for (index, set) in sets.iter().enumerate() {
            let of_all: Option<Vec<Refusal>> =
                refusals.iter_mut().map(|of_item| of_item[index].take()).collect();
            if let Some(first) = of_all.and_then(|all| all.into_iter().next()) {
                return Err(nowhere(items, set, first));
            }
        }
        Ok(taken)
    }

    /// The values that its scenario has a place for, and for each of them all why not, where it has none.
    fn takes(self, sets: &[Set]) -> Result<(Vec<Set>, Vec<Option<Refusal>>), OverrideError> {
        let load = |sets: &[Set]| Scenario::load(embedded::source(self.id()), sets);
        let written = load(&[])?;
        let mut last = written.clone();
        let mut taken: Vec<Set> = Vec::new();
        let mut refusals = Vec::with_capacity(sets.len());
        // Values that only make sense together stand in any order.
        let fits_together = load(sets).is_ok();
        for set in sets {
            let Some(path) = set.key() else {
                load(std::slice::from_ref(set))?;
                continue;
            };
            let with: Vec<Set> = taken.iter().chain([set]).cloned().collect();
            let refusal = match (swept(&written, &path), load(&with)) {
                (Some(column), _) => Some(Refusal::Subject(format!("it varies {column} itself"))),
                (None, Ok(loaded)) if !same_subject(&written, &loaded) => {
                    Some(Refusal::Subject("its profiles and its sweep are what it is about".to_owned()))
                }
                (None, Ok(loaded)) => {
                    last = loaded;
                    None
                }
                // What is wrong with the value of a key that is there, the item's own run says.
                (None, Err(_)) if fits_together || last.has(&path) => None,
                (None, Err(errors)) => Some(Refusal::Scenario(errors)),
            };
            if refusal.is_none() {
                taken = with;
            }
            refusals.push(refusal);
        }
        Ok((taken, refusals))
    }
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

fn nowhere(items: &[Item], set: &Set, first: Refusal) -> OverrideError {
    let item = items.first().map_or("", |item| item.id());
    let why = match first {
        Refusal::Scenario(errors) if items.len() == 1 => return errors.into(),
        Refusal::Scenario(errors) => errors.0.first().map_or_else(String::new, |error| {
            let help = error.problem.help().map_or_else(String::new, |help| format!("; {help}"));
            format!("{}{help}", error.problem)
        }),
        Refusal::Subject(why) => why,
    };
    OverrideError::Nowhere { flag: set.text().to_owned(), item, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(sets: &[&str]) -> Vec<Set> {
        sets.iter().map(|set| Set::parse(set)).collect()
    }

    /// How many values each item takes.
    fn taken(items: &[Item], values: &[&str]) -> Result<Vec<usize>, String> {
        let taken = Item::overridden(items, &sets(values)).map_err(|error| error.to_string())?;
        Ok(taken.iter().map(Vec::len).collect())
    }

    #[test]
    fn a_value_is_set_where_a_scenario_has_a_place_for_it() {
        let both = [Item::Example1, Item::Overnight];
        let scratch = "storage.scratch.fsx-lustre.restore-concurrency=10";
        assert_eq!(taken(&both, &["job.batch-size=32", scratch]), Ok(vec![1, 2]));
    }

    #[test]
    fn a_value_that_no_item_takes_is_an_error() {
        let error = taken(&Item::ALL, &["job.batch-sise=32"]).unwrap_err();
        let expected = "--set job.batch-sise=32: expected a key that one of the items takes; example-1 does not: expected a \
                        known key, found batch-sise; did you mean batch-size?";
        assert_eq!(error, expected);
        let error = taken(&[Item::Idle], &["job.batch-sise=32"]).unwrap_err();
        assert!(
            error.starts_with("--set job.batch-sise=32: job.batch-sise: expected a known key"),
            "{error}"
        );
        let error = taken(&[Item::Idle, Item::Example1], &["epochs"]).unwrap_err();
        assert!(error.starts_with("--set epochs: expected PATH=VALUE"), "{error}");
    }

    #[test]
    fn what_an_item_is_about_stays() {
        let refused = |item: Item, set: &str| taken(&[item], &[set]).unwrap_err();
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
        assert!(taken(&[Item::RuleFsx], &[volume]).is_err());
        let mode = "storage.fast-file.s3.mode=\"file\"";
        assert_eq!(taken(&[Item::RuleFsx], &[volume, mode]), Ok(vec![2]));
    }
}
