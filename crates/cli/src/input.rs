//! From the command line to what can be run: the scenario, the catalog, and a plan a profile.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use anyhow::Context;
use ingestsim_catalog::{Catalog, CatalogError};
use ingestsim_model::Plan;
use ingestsim_scenario::{Loaded, Scenario, ScenarioErrors, Set, Source, nearest};
use ingestsim_sweep::Candidate;

use crate::{
    failure::Failure,
    options::{CatalogOptions, ScenarioOptions},
};

/// What stands for standard input.
const STDIN: &str = "-";

/// A scenario that passed every check, and the catalog it is to be understood by.
#[derive(Debug)]
pub(crate) struct Input {
    /// The scenario's file as messages name it.
    pub(crate) name: String,
    pub(crate) loaded: Loaded,
    pub(crate) catalog: Catalog,
}

/// How a source becomes a scenario.
type Load = fn(Source, &[Set]) -> Result<Loaded, ScenarioErrors>;

impl Input {
    /// Reads the scenario in `file`, or on standard input.
    pub(crate) fn load(file: &Path, options: &ScenarioOptions) -> Result<Self, Failure> {
        Self::load_by(file, options, Scenario::load)
    }

    /// The same for a scenario that may leave its storage out.
    pub(crate) fn load_job(file: &Path, options: &ScenarioOptions) -> Result<Self, Failure> {
        Self::load_by(file, options, Scenario::load_job)
    }

    fn load_by(file: &Path, options: &ScenarioOptions, load: Load) -> Result<Self, Failure> {
        let catalog = catalog(&options.catalog)?;
        let mut sets = sets(&options.sets, options.seed);
        sets.extend(options.flags.iter().cloned());
        let (name, source) = source(file)?;
        let loaded = load(source, &sets)?;
        loaded.check_catalog(&catalog)?;
        Ok(Self { name, loaded, catalog })
    }

    pub(crate) const fn scenario(&self) -> &Scenario {
        &self.loaded.scenario
    }

    /// A plan for each of the `chosen` profiles; for every candidate if none is chosen.
    pub(crate) fn candidates(&self, chosen: &[String]) -> Result<Vec<Candidate<Plan>>, Failure> {
        let known: Vec<&str> = self.scenario().candidates().collect();
        if let Some(name) = chosen.iter().find(|name| !known.contains(&name.as_str())) {
            let help = nearest(name, &known).map_or_else(
                || format!("there is {}", known.join(", ")),
                |near| format!("did you mean {near}?"),
            );
            let expected = "expected the name of a candidate profile";
            return Err(Failure::input(format!("--storage {name}: {expected}, found {name:?}; {help}")));
        }
        let wanted = |storage: &&&str| chosen.is_empty() || chosen.iter().any(|name| name == **storage);
        known.iter().filter(wanted).map(|storage| self.candidate(storage)).collect()
    }

    fn candidate(&self, storage: &str) -> Result<Candidate<Plan>, Failure> {
        let scenario = self.scenario();
        let plan = ingestsim_model::build(scenario, &self.catalog, storage);
        let plan = plan.map_err(|error| self.loaded.refused(error.path(), error.message()))?;
        Ok(Candidate { storage: storage.to_owned(), kind: scenario.storage[storage].kind(), plan })
    }
}

/// What `--set` and `--seed` set.
pub(crate) fn sets(sets: &[String], seed: Option<u64>) -> Vec<Set> {
    let seed = seed.map(|seed| Set::flag(format!("--seed {seed}"), "seed", seed.to_string()));
    sets.iter().map(|set| Set::parse(set)).chain(seed).collect()
}

/// The built-in catalog, with the user's laid over it.
pub(crate) fn catalog(options: &CatalogOptions) -> Result<Catalog, Failure> {
    let builtin = Catalog::builtin();
    let Some(file) = &options.catalog else { return Ok(builtin) };
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()));
    let text = text.map_err(Failure::Input)?;
    builtin.merged_with(&text).map_err(|error| {
        let placed =
            matches!(error, CatalogError::Syntax { .. } | CatalogError::Invalid { place: Some(_), .. });
        let space = if placed { "" } else { " " };
        Failure::input(format!("{}:{space}{error}", file.display()))
    })
}

/// The scenario's bytes, and its name for messages.
fn source(file: &Path) -> Result<(String, Source), Failure> {
    if file == Path::new(STDIN) {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;
        return Ok(("<stdin>".to_owned(), Source::new("<stdin>", bytes).with_folder(".")));
    }
    let source = Source::read(file).with_context(|| format!("cannot read {}", file.display()));
    Ok((file.display().to_string(), source.map_err(Failure::Input)?))
}
