//! The grid of a scenario's `[sweep]`.

use std::sync::{Mutex, PoisonError};

use ingestsim_catalog::Catalog;
use ingestsim_model::{Fidelity, Plan, fidelity::FidelityCheck};
use ingestsim_scenario::{Loaded, Point, Points, Scenario, ScenarioErrors};
use sha2::{Digest, Sha256};

use super::{Grid, Key, Label, Measured};

/// The points of a scenario, simulated with a catalog.
#[derive(Debug)]
pub struct ScenarioGrid {
    scenario: String,
    points: Points,
    catalog: Catalog,
    fidelity: Fidelity,
    /// What a key depends on besides the scenario.
    mark: String,
    /// What came of holding runs against exact ones, where that is wanted.
    checked: Option<Mutex<Checked>>,
}

/// How far runs are off against every sample simulated, each over its first part: the largest of all runs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Checked {
    /// Runs that were held against exact ones.
    pub runs: u64,
    /// Runs of which every sample was simulated, so there was nothing to check.
    pub exact: u64,
    /// Runs that are not exact while their first part alone is only simulated exactly, so nothing was held against it.
    pub unchecked: u64,
    /// Relative difference of the loop's length.
    pub loop_error: f64,
    /// Difference of the GPU utilisation.
    pub gpu_utilisation_error: f64,
    /// Relative difference of the wait for the first batch.
    pub first_batch_error: f64,
}

impl ScenarioGrid {
    /// The grid of these points.
    ///
    /// Everything that changes a result is in the key: `version` stands for the program and its built-in catalog, and
    /// `own_catalog` is the text of the catalog file that the user lays over it, if there is one.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        points: Points,
        fidelity: Fidelity,
        (catalog, own_catalog): (Catalog, Option<&str>),
        version: &str,
    ) -> Self {
        let own = own_catalog.map(|text| Key::of(text).to_string()).unwrap_or_default();
        let mark = format!("version {version}\ncatalog {own}\nfidelity {fidelity:?}\n");
        Self { scenario: scenario.name.clone(), points, catalog, fidelity, mark, checked: None }
    }

    /// The same grid, each of whose runs is held against an exact one. Results and keys are not touched by it.
    #[must_use]
    pub fn checking(self, wanted: bool) -> Self {
        Self { checked: wanted.then(Mutex::default), ..self }
    }

    /// What came of the checks so far; nothing if none are wanted.
    #[must_use]
    pub fn checked(&self) -> Option<Checked> {
        self.checked.as_ref().map(|checked| *checked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The points.
    #[must_use]
    pub const fn points(&self) -> &Points {
        &self.points
    }
}

impl Grid for ScenarioGrid {
    /// The scenario of the point, and the profile it is on.
    type Loaded = (Loaded, String);
    type Plan = Plan;

    fn scenario(&self) -> &str {
        &self.scenario
    }

    fn columns(&self) -> Vec<String> {
        self.points.columns().iter().map(|column| column.name.clone()).collect()
    }

    fn points(&self) -> u64 {
        self.points.len()
    }

    fn label(&self, point: u64) -> Label {
        let point = self.points.get(point).expect("a runner asks for points that there are");
        Label { storage: point.storage, cells: point.cells.iter().map(ToString::to_string).collect() }
    }

    fn load(&self, point: u64) -> Result<(Key, Self::Loaded), String> {
        let point = self.points.get(point).expect("a runner asks for points that there are");
        let loaded = self.points.load(&point).map_err(|errors| told(&errors))?;
        let scenario = &loaded.scenario;
        let Point { storage, .. } = point;
        let seed = scenario.seed;
        let key = format!("{}storage {storage}\nseed {seed}\n{}", self.mark, scenario.to_toml());
        Ok((Key::of(&key), (loaded, storage)))
    }

    fn build(&self, (loaded, storage): Self::Loaded) -> Result<Plan, String> {
        loaded.check_catalog(&self.catalog).map_err(|errors| told(&errors))?;
        let plan = ingestsim_model::build(&loaded.scenario, &self.catalog, &storage);
        let plan = plan.map_err(|error| error.to_string())?;
        Ok(Plan { fidelity: self.fidelity, check_fidelity: self.checked.is_some(), ..plan })
    }

    fn simulate(&self, plan: &Plan, replication: u32) -> Result<Measured, String> {
        let outcome = plan.simulate(replication.into()).map_err(|broken| broken.to_string())?;
        if let Some(checked) = &self.checked {
            checked
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .add(&outcome.fidelity, outcome.fidelity_check);
        }
        Ok(Measured {
            figures: outcome.summary.values(),
            fidelity: outcome.fidelity,
            fidelity_error: outcome.fidelity_error,
            events: outcome.events,
            history: outcome.history,
        })
    }
}

impl Checked {
    fn add(&mut self, fidelity: &str, check: Option<FidelityCheck>) {
        match check {
            Some(check) => self.add_errors(check),
            None if fidelity == "exact" => self.exact += 1,
            None => self.unchecked += 1,
        }
    }

    fn add_errors(&mut self, check: FidelityCheck) {
        self.runs += 1;
        for (largest, error) in [
            (&mut self.loop_error, check.loop_error),
            (&mut self.gpu_utilisation_error, check.gpu_utilisation_error),
            (&mut self.first_batch_error, check.first_batch_error),
        ] {
            // What is no number is larger than all numbers, so that it shows.
            if error.is_nan() || error.abs() > *largest {
                *largest = error.abs();
            }
        }
    }
}

/// Mistakes in a line: the first, without the line of the scenario that it points at.
fn told(errors: &ScenarioErrors) -> String {
    errors.to_string().lines().next().unwrap_or_default().to_owned()
}

impl Key {
    /// The first 64 bits of the SHA-256 of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let hash = Sha256::digest(text.as_bytes());
        Self(hash.iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(loop_error: f64) -> FidelityCheck {
        FidelityCheck { samples: 1, loop_error, gpu_utilisation_error: 0.0, first_batch_error: 0.0 }
    }

    #[test]
    fn a_run_without_a_check_is_exact_only_if_it_says_so() {
        let mut checked = Checked::default();
        checked.add("exact", None);
        checked.add("draws", None);
        checked.add("draws", Some(check(-0.25)));
        checked.add("draws", Some(check(0.125)));
        let expected = Checked { runs: 2, exact: 1, unchecked: 1, loop_error: 0.25, ..Checked::default() };
        assert_eq!(checked, expected);
    }

    #[test]
    fn an_error_that_is_no_number_stays() {
        let mut checked = Checked::default();
        for error in [0.5, f64::NAN, 0.25] {
            checked.add("draws", Some(check(error)));
        }
        assert!(checked.loop_error.is_nan(), "{checked:?}");
    }
}
