//! Checks against the catalog: instance types, capacities, price ids, and what follows from the number of GPUs.

use ingestsim_catalog::Catalog;

use super::{Checker, job::batch_fits};
use crate::{
    error::{Problem, ScenarioErrors},
    load::Loaded,
    path::Path,
    schema::{
        fsx::{FsxLustre, Load},
        s3::{S3, Volume},
        storage::Profile,
    },
};

/// What SageMaker puts before the name of an instance type.
const SAGEMAKER_PREFIX: &str = "ml.";

impl Loaded {
    /// Checks the scenario against what the catalog holds.
    ///
    /// # Errors
    ///
    /// If an instance type or a price id is unknown, a capacity is not sold, a disk is wanted that the instance lacks, or a
    /// batch is larger than the data set.
    pub fn check_catalog(&self, catalog: &Catalog) -> Result<(), ScenarioErrors> {
        let mut checker = Checker::new(&self.document, &self.places);
        self.check_instance(catalog, &mut checker);
        for (name, profile) in &self.scenario.storage {
            let path = Path::of(["storage", name, profile.kind()]);
            match profile {
                Profile::FsxLustre(fsx) => check_fsx(fsx, &path, catalog, &mut checker),
                Profile::S3(s3) => self.check_nvme(s3, &path, catalog, &mut checker),
                _ => {}
            }
        }
        let known = catalog.prices().iter().map(|(id, _)| id.to_owned()).collect::<Vec<_>>();
        for id in self.scenario.prices.keys().filter(|id| !known.contains(id)) {
            let (name, known) = (id.clone(), known.clone());
            let problem = Problem::UnknownName { expected: "a price id of the catalog", name, known };
            checker.refuse_key(Path::of(["prices", id]), problem);
        }
        checker.done()
    }

    fn check_instance(&self, catalog: &Catalog, checker: &mut Checker<'_>) {
        let job = &self.scenario.job;
        let Some(name) = &job.instance else {
            return;
        };
        let Ok(instance) = catalog.instance(name) else {
            // Suggested as it was meant: SageMaker's names have a prefix.
            let prefix = if name.starts_with(SAGEMAKER_PREFIX) { SAGEMAKER_PREFIX } else { "" };
            let known = catalog.instance_names().map(|known| format!("{prefix}{known}")).collect();
            let problem = Problem::UnknownName {
                expected: "an instance type of the catalog",
                name: name.clone(),
                known,
            };
            return checker.refuse(Path::of(["job", "instance"]), problem);
        };
        if job.node.gpus.is_none() {
            batch_fits(&self.scenario, u64::from(job.instances) * u64::from(instance.gpus.value), checker);
        }
    }

    /// A volume or cache on NVMe needs an instance that has it.
    fn check_nvme(&self, s3: &S3, path: &Path, catalog: &Catalog, checker: &mut Checker<'_>) {
        let node = &self.scenario.job.node;
        let instance = self.scenario.job.instance.as_deref();
        let listed = instance.and_then(|name| catalog.instance(name).ok());
        if node.nvme.is_some() || listed.is_some_and(|instance| instance.nvme.is_some()) {
            return;
        }
        let name = instance.filter(|_| listed.is_some()).unwrap_or("a node of your own");
        let found = format!("{name} without any");
        let expected = "an instance with NVMe";
        if s3.volume == Some(Volume::Nvme) {
            checker.refuse(path.key("volume"), Problem::mismatch(expected, found.clone()));
        }
        if s3.client_cache.is_some() {
            checker.refuse(path.key("client-cache"), Problem::mismatch(expected, found));
        }
    }
}

fn check_fsx(fsx: &FsxLustre, path: &Path, catalog: &Catalog, checker: &mut Checker<'_>) {
    let name = fsx.deployment.name();
    let Ok(deployment) = catalog.storage().fsx.deployment(name) else {
        return;
    };
    if fsx.load() != Load::Resident && !deployment.s3_link.value {
        let expected = "\"resident\", as this deployment cannot be linked to S3";
        checker.expect(false, path.key("load"), expected);
    }
    let Some(capacity) = fsx.capacity.filter(|capacity| !deployment.is_valid_capacity(*capacity)) else {
        return;
    };
    let (smaller, larger) = deployment.nearest_capacities(capacity);
    let larger = larger.bytes();
    let nearest = smaller.map_or_else(
        || format!("the nearest is \"{larger}\""),
        |smaller| format!("the nearest are \"{}\" and \"{larger}\"", smaller.bytes()),
    );
    let expected = format!("a capacity that \"{name}\" is sold in");
    let found = checker.found(&path.key("capacity"));
    let problem = Problem::advised(expected, found, nearest);
    checker.refuse(path.key("capacity"), problem);
}
