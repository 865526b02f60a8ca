//! The table of measurements and its scenarios, as they stand in `scenarios/validation/`.

macro_rules! scenarios {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../scenarios/validation/", $name, ".toml")))),*]
    };
}

/// The table: a row a figure.
pub(super) const MEASURED: &str = include_str!("../../../../scenarios/validation/measured.csv");

const SCENARIOS: &[(&str, &str)] = scenarios![
    "lazy-bulk",
    "lazy-file",
    "mlperf-ddn-lustre",
    "mlperf-micron-9400",
    "mlperf-micron-9550-resnet50",
    "mlperf-micron-9550-unet3d",
    "mlperf-yanrong",
    "one-thread",
    "page-cache",
    "partial-cache",
    "s3-primitives",
    "sagemaker-jpg",
    "sagemaker-tfr",
    "svogor-pool",
];

/// The text of a scenario by its file's name without the ending.
pub(super) fn scenario(name: &str) -> Option<&'static str> {
    SCENARIOS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_scenario_of_the_folder_is_embedded_and_used() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/validation");
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let scenarios = paths.filter(|path| path.extension().is_some_and(|end| end == "toml"));
        let stem = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
        let there: BTreeSet<String> = scenarios.map(|path| stem(&path)).collect();
        let embedded: BTreeSet<String> = SCENARIOS.iter().map(|(name, _)| (*name).to_owned()).collect();
        let used: BTreeSet<String> =
            super::super::figure::parsed(MEASURED).into_iter().map(|figure| figure.scenario).collect();
        assert_eq!(there, embedded);
        assert_eq!(used, embedded);
    }

    #[test]
    fn every_scenario_opens_with_its_story() {
        for (name, text) in SCENARIOS {
            let story = text.lines().take_while(|line| line.starts_with('#')).count();
            assert!(story >= 5, "{name} has {story} lines of comment at its beginning");
        }
    }
}
