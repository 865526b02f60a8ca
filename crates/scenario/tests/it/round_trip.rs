//! The resolved copy of a scenario reads back as the same scenario, and its digest changes with any value.

use std::{fs, path::Path};

use ingestsim_catalog::Catalog;
use ingestsim_scenario::{Scenario, Source};
use proptest::prelude::*;

use crate::{BASE, load};

/// The scenarios of the repository, by their path.
fn scenario_files(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    let entries = fs::read_dir(folder).expect("the folder of scenarios can be read");
    let mut entries = entries.filter_map(|entry| Some(entry.ok()?.path())).collect::<Vec<_>>();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            scenario_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
}

#[test]
fn every_scenario_of_the_repository_reads_back_as_itself() {
    let mut files = Vec::new();
    scenario_files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios")), &mut files);
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let loaded = Scenario::load(Source::read(&file).unwrap(), &[]);
        let loaded = loaded.unwrap_or_else(|errors| panic!("{errors}"));
        loaded.check_catalog(&Catalog::builtin()).unwrap_or_else(|errors| panic!("{errors}"));
        let resolved = loaded.scenario.to_toml();
        let again = Scenario::load(Source::new("scenario.toml", resolved.clone()), &[]);
        let again = again.unwrap_or_else(|errors| panic!("{}: {errors}", file.display()));
        assert_eq!(again.scenario, loaded.scenario, "{}", file.display());
        assert_eq!(again.scenario.to_toml(), resolved);
        assert_eq!(again.scenario.digest(), loaded.scenario.digest());
    }
}

#[test]
fn a_digest_is_sixteen_digits_that_every_value_changes() {
    let digest = |sets: &[&str]| load(BASE, sets).unwrap().scenario.digest();
    let base = digest(&[]);
    assert_eq!(base.len(), 16);
    assert!(base.chars().all(|c| c.is_ascii_hexdigit()));
    assert_eq!(digest(&["job.epochs=1", "job.sampling=distributed"]), base, "a default is no other value");
    for set in ["seed=2", "job.step-time=195 ms", "storage.stream.s3.prefixes=2", "loader.pytorch.workers=5"]
    {
        assert_ne!(digest(&[set]), base, "{set}");
    }
}

/// Any quantity that is set comes back from the resolved copy to the last byte and nanosecond.
fn quantity() -> impl Strategy<Value = (&'static str, String)> {
    let bytes = (1_u64..1 << 50).prop_map(|n| format!("{n} B"));
    let time = (0_u64..1 << 54).prop_map(|n| format!("{n} ns"));
    let rate = (1_u64..1 << 50).prop_map(|n| format!("{n} B/s"));
    let number = (0.0_f64..1e6).prop_map(|n| format!("{n:?}"));
    let share = (0.0_f64..100.0).prop_map(|n| format!("{n:?} %").replace("e-", "0"));
    prop_oneof![
        bytes.prop_map(|text| ("dataset.read-size", text)),
        time.clone().prop_map(|text| ("job.step-time", text)),
        (time.clone(), number.clone()).prop_map(|(mean, sigma)| {
            let mean = mean.replace("0 ns", "1 ns");
            ("job.step-time", format!("{{ lognormal = {{ mean = \"{mean}\", sigma = {sigma} }} }}"))
        }),
        (time.clone(), time).prop_map(|(mean, sd)| (
            "job.step-time",
            format!("{{ normal = {{ mean = \"{mean}\", sd = \"{sd}\" }} }}")
        )),
        rate.prop_map(|text| ("storage.stream.s3.connection-rate", text)),
        number.prop_map(|text| ("job.failures.spot-per-hour", text)),
        share.prop_map(|text| ("job.node.page-cache.size", text)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_quantity_reads_back_as_itself((path, value) in quantity()) {
        let scenario = load(BASE, &[&format!("{path}={value}")]).unwrap().scenario;
        let again = load(&scenario.to_toml(), &[]).unwrap().scenario;
        prop_assert_eq!(again, scenario);
    }
}
