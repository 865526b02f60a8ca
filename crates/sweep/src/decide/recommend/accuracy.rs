//! How well predictions for a kind of storage have come out, so that what differs by less is called a tie.
//!
//! Of every validated run one figure counts: its billed time, else the length of its loop, else its samples a second. The
//! error of a kind is the 90th percentile of the absolute errors of those that nothing was fitted on, rounded up to a
//! tenth of a percent. A kind without such a figure has the largest error of all: nothing says that it is better.
//!
//! Source: `results/validation/validation.csv`, which `ingestsim validate` makes; a test derives the table from it.

use ingestsim_scenario::schema::{
    s3::{Class, Mode},
    storage::Profile,
};

/// Kind and mode, the error, and how many figures it is taken from.
const VALIDATED: [(&str, f64, usize); 6] = [
    ("s3 file", 0.049, 4),
    ("s3 fast-file", 0.097, 3),
    ("s3 direct", 0.041, 4),
    ("fsx-lustre", 0.057, 3),
    ("local-disk", 0.029, 4),
    ("parallel-fs", 0.005, 2),
];

/// How far predictions for a kind of storage may be from what is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    /// As a share of time or cost.
    pub error: f64,
    /// Figures that it is taken from; none where nothing was published to check this kind by.
    pub figures: usize,
}

impl Accuracy {
    /// That of a profile's kind.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        let kind = kind(profile);
        let known = VALIDATED.iter().find(|(known, ..)| Some(*known) == kind.as_deref());
        let worst = VALIDATED.iter().map(|(_, error, _)| *error).fold(0.0, f64::max);
        known.map_or(Self { error: worst, figures: 0 }, |(_, error, figures)| Self {
            error: *error,
            figures: *figures,
        })
    }
}

/// Kind and mode as the table has them.
fn kind(profile: &Profile) -> Option<String> {
    match profile {
        // Nothing of Express One Zone was published that could be predicted.
        Profile::S3(s3) if s3.class == Class::ExpressOneZone && s3.mode != Mode::File => None,
        Profile::S3(s3) => Some(format!("s3 {}", s3.mode.name())),
        other => Some(other.kind().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use ingestsim_scenario::{Scenario, Source};

    use super::*;

    /// The figures of a run by which it is judged, the first that it has.
    const JUDGED_BY: [&str; 5] = ["billed_s", "loop_s", "samples_per_s", "epoch_1_s", "epoch_2_s"];

    fn root() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn profile_of(scenario: &str, storage: &str) -> Profile {
        let text = fs::read_to_string(root().join(format!("scenarios/validation/{scenario}.toml"))).unwrap();
        Scenario::load(Source::new(scenario, text), &[]).unwrap().scenario.storage[storage].clone()
    }

    /// The table as the results of validation give it.
    fn derived() -> BTreeMap<String, (f64, usize)> {
        let mut rows = csv::Reader::from_path(root().join("results/validation/validation.csv")).unwrap();
        let header = rows.headers().unwrap().clone();
        let column = |name: &str| header.iter().position(|column| column == name).unwrap();
        let [scenario, storage, set, metric, used, error] =
            ["scenario", "storage", "set", "metric", "use", "error"].map(column);
        // By run: the rank of the best figure, and its error.
        let mut runs: BTreeMap<[String; 3], (usize, f64)> = BTreeMap::new();
        for row in rows.records().map(Result::unwrap).filter(|row| &row[used] == "check") {
            let Some(rank) = JUDGED_BY.iter().position(|figure| *figure == &row[metric]) else { continue };
            let run = [scenario, storage, set].map(|column| row[column].to_owned());
            let error: f64 = row[error].parse().unwrap();
            let best = runs.entry(run).or_insert((rank, error));
            if rank < best.0 {
                *best = (rank, error);
            }
        }
        let mut kinds: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for ([scenario, storage, _], (_, error)) in runs {
            let kind = kind(&profile_of(&scenario, &storage)).unwrap();
            kinds.entry(kind).or_default().push(error.abs());
        }
        let p90 = |mut errors: Vec<f64>| {
            errors.sort_by(f64::total_cmp);
            let rank = (0.9 * errors.len() as f64).ceil() as usize;
            ((errors[rank.max(1) - 1] * 1_000.0).ceil() / 1_000.0, errors.len())
        };
        kinds.into_iter().map(|(kind, errors)| (kind, p90(errors))).collect()
    }

    #[test]
    fn the_table_is_what_validation_came_to() {
        let table: BTreeMap<String, (f64, usize)> =
            VALIDATED.iter().map(|&(kind, error, figures)| (kind.to_owned(), (error, figures))).collect();
        assert_eq!(table, derived());
    }

    /// No measurement of EFS is a check, so it has the error of FastFile, the largest.
    #[test]
    fn what_was_never_checked_has_the_largest_error() {
        let scenario = crate::decide::testing::scenario("");
        assert_eq!(Accuracy::of(&scenario.storage["shared"]), Accuracy { error: 0.097, figures: 0 });
        assert_eq!(Accuracy::of(&scenario.storage["lustre"]).figures, 3);
    }
}
