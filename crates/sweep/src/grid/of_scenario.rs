//! The grid of a scenario's `[sweep]`.

use ingestsim_catalog::Catalog;
use ingestsim_model::{Fidelity, Plan};
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
        Self { scenario: scenario.name.clone(), points, catalog, fidelity, mark }
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
        ingestsim_model::build(&loaded.scenario, &self.catalog, &storage).map_err(|error| error.to_string())
    }

    fn simulate(&self, plan: &Plan, replication: u32) -> Result<Measured, String> {
        let outcome = plan.simulate_at(replication.into(), self.fidelity);
        let outcome = outcome.map_err(|broken| broken.to_string())?;
        Ok(Measured {
            figures: outcome.summary.values(),
            fidelity: outcome.fidelity,
            fidelity_error: outcome.fidelity_error,
            events: outcome.events,
            history: outcome.history,
        })
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
