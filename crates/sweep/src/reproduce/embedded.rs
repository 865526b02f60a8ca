//! The scenarios of all items, as they stand in `scenarios/study-guide/`.

use ingestsim_scenario::Source;

macro_rules! scenarios {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../scenarios/study-guide/", $name, ".toml")))),*]
    };
}

const SCENARIOS: &[(&str, &str)] = scenarios![
    "example-1",
    "example-2",
    "overnight",
    "embeddings",
    "rule-s3",
    "rule-fsx",
    "rule-efs",
    "frontier",
    "lazy-or-one-time",
    "small-files",
    "idle",
    "checkpoint-time",
    "checkpoint-background",
    "checkpoint-interval",
    "checkpoint-loss",
];

/// The text of a scenario by its file's name without the ending.
pub(super) fn scenario(name: &str) -> Option<&'static str> {
    SCENARIOS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The same as a file for messages.
///
/// # Panics
///
/// If there is no such scenario.
pub(super) fn source(name: &str) -> Source {
    let text = scenario(name).expect("every item's scenario is embedded");
    Source::new(format!("scenarios/study-guide/{name}.toml"), text)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;
    use crate::reproduce::Item;

    #[test]
    fn every_scenario_of_the_folder_is_an_item() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/study-guide");
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let scenarios = paths.filter(|path| path.extension().is_some_and(|end| end == "toml"));
        let there: BTreeSet<String> =
            scenarios.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        let items: BTreeSet<String> = Item::ALL.iter().map(|item| item.id().to_owned()).collect();
        let embedded: BTreeSet<String> = SCENARIOS.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(there, items);
        assert_eq!(embedded, items);
    }

    #[test]
    fn every_scenario_opens_with_its_story_and_has_the_name_of_its_file() {
        for (name, text) in SCENARIOS {
            let story = text.lines().take_while(|line| line.starts_with('#')).count();
            assert!(story >= 5, "{name} has {story} lines of comment at its beginning");
            assert!(text.contains(&format!("\nname = \"study-guide-{name}\"\n")), "{name}");
        }
    }
}
