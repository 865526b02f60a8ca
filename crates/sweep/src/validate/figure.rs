//! A measured figure: a row of the table.

use std::fmt;

use ingestsim_model::{Outcome, outcome::Summary};
use serde::{Deserialize, Deserializer, de};

/// What somebody measured and published.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Source, case and metric: `sagemaker/jpg-50x/fsx/loop_s`.
    pub id: String,
    /// Who measured.
    pub source: String,
    /// What was measured.
    pub system: String,
    /// The scenario, by its file's name without the ending.
    pub scenario: String,
    /// The profile in it.
    pub storage: String,
    /// Values set over it, as on the command line.
    pub sets: Vec<String>,
    /// What the run reports that corresponds to it.
    pub metric: Metric,
    /// Whether a constant was fitted on it.
    pub used: Use,
    /// The figure itself.
    pub measured: f64,
    /// Its unit.
    pub unit: Unit,
    /// Between which figures the prediction is asked to lie.
    pub asked: Option<(f64, f64)>,
    /// What a reader should know of it, if anything.
    pub note: String,
}

/// What a figure is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// A constant of the system was fitted on it.
    Calibrate,
    /// Nothing was fitted on it: it has to come out by itself.
    Check,
}

impl Use {
    /// The word in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calibrate => "calibrate",
            Self::Check => "check",
        }
    }
}

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Unit {
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// A share of one.
    #[serde(rename = "1")]
    Share,
    /// Samples a second.
    #[serde(rename = "samples/s")]
    SamplesPerSecond,
    /// 2^20 bytes a second.
    #[serde(rename = "MiB/s")]
    MebibytesPerSecond,
}

impl Unit {
    /// The sign in tables.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Share => "1",
            Self::SamplesPerSecond => "samples/s",
            Self::MebibytesPerSecond => "MiB/s",
        }
    }

    /// How many base units (seconds, one, samples a second, bytes a second) it is.
    #[must_use]
    pub const fn in_base(self) -> f64 {
        match self {
            Self::MebibytesPerSecond => (1 << 20) as f64,
            Self::Seconds | Self::Share | Self::SamplesPerSecond => 1.0,
        }
    }
}

/// What a run reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// A column of `summary.csv`.
    Summary(&'static str),
    /// The length of the first epoch.
    FirstEpoch,
    /// The length of the second epoch.
    SecondEpoch,
    /// The share of lookups in the page cache that miss, from the second epoch on. The first epoch finds it empty.
    WarmMissShare,
}

impl Metric {
    fn of(name: &str) -> Option<Self> {
        let own = [Self::FirstEpoch, Self::SecondEpoch, Self::WarmMissShare];
        let summary = Summary::NAMES.into_iter().map(Self::Summary);
        own.into_iter().chain(summary).find(|metric| metric.name() == name)
    }

    /// Its name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Summary(name) => name,
            Self::FirstEpoch => "epoch_1_s",
            Self::SecondEpoch => "epoch_2_s",
            Self::WarmMissShare => "warm_miss_share",
        }
    }

    /// Its value in base units, where the run has it.
    fn value(self, outcome: &Outcome) -> Option<f64> {
        match self {
            Self::Summary(name) => {
                let index = Summary::NAMES.iter().position(|known| *known == name)?;
                outcome.summary.values()[index]
            }
            Self::FirstEpoch => Some(outcome.epochs.first()?.seconds),
            Self::SecondEpoch => Some(outcome.epochs.get(1)?.seconds),
            Self::WarmMissShare => warm_miss_share(outcome),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::of(&name).ok_or_else(|| de::Error::custom(format!("expected a metric, found {name:?}")))
    }
}

/// With L lookups in each of E epochs and M misses in all, L of them in the first: (M − L) / (L · (E − 1)).
fn warm_miss_share(outcome: &Outcome) -> Option<f64> {
    let row = outcome.tiers.iter().find(|row| row.cache == "page cache")?;
    let (hits, misses) = (row.hits? as f64, row.misses? as f64);
    let epochs = outcome.epochs.len() as f64;
    let lookups = (hits + misses) / epochs;
    (epochs > 1.0).then(|| (misses - lookups) / (lookups * (epochs - 1.0)))
}

impl Figure {
    /// The prediction of a run, in the figure's unit.
    pub(super) fn predicted(&self, outcome: &Outcome) -> Option<f64> {
        self.metric.value(outcome).map(|value| value / self.unit.in_base())
    }

    /// The source as the id has it: `sagemaker`.
    #[must_use]
    pub fn source_key(&self) -> &str {
        self.id.split('/').next().unwrap_or(&self.id)
    }

    /// The case as the id has it, without source and metric: `jpg-50x/fsx`.
    #[must_use]
    pub fn case(&self) -> &str {
        let case = self.id.split_once('/').map_or("", |(_, case)| case);
        case.rsplit_once('/').map_or("", |(case, _)| case)
    }

    /// What tells its run from others: scenario, profile, and the values set.
    #[must_use]
    pub fn run_name(&self) -> String {
        let sets = self.sets.iter().map(|set| format!(" --set \"{set}\"")).collect::<String>();
        format!("{}.toml --storage {}{sets}", self.scenario, self.storage)
    }
}

/// A row as it is written.
#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    source: String,
    system: String,
    scenario: String,
    storage: String,
    set: String,
    metric: Metric,
    r#use: Use,
    measured: f64,
    unit: Unit,
    lowest: Option<f64>,
    highest: Option<f64>,
    note: String,
}

/// The figures of a table.
///
/// # Panics
///
/// If it is not such a table: it is part of the program.
pub(super) fn parsed(table: &str) -> Vec<Figure> {
    let rows = csv::Reader::from_reader(table.as_bytes()).into_deserialize();
    rows.map(|row| figure(row.expect("the table of measurements is well-formed"))).collect()
}

fn figure(row: Row) -> Figure {
    let sets = row.set.split(';').map(str::trim).filter(|set| !set.is_empty());
    Figure {
        sets: sets.map(str::to_owned).collect(),
        asked: row.lowest.zip(row.highest),
        id: row.id,
        source: row.source,
        system: row.system,
        scenario: row.scenario,
        storage: row.storage,
        metric: row.metric,
        used: row.r#use,
        measured: row.measured,
        unit: row.unit,
        note: row.note,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
id,source,system,scenario,storage,set,metric,use,measured,unit,lowest,highest,note
s3/two/bytes_per_s,Somebody,\"S3, a node\",s3,near,a.b=1; c=2 s,bytes_per_s,check,12.8,MiB/s,11.5,14,why
s3/one/epoch_2_s,Somebody,S3,s3,near,,epoch_2_s,calibrate,3,s,,,
";

    #[test]
    fn a_row_is_read_in_full() {
        let figures = parsed(TABLE);
        let [first, second] = figures.as_slice() else { panic!("there are two rows") };
        assert_eq!(first.sets, ["a.b=1", "c=2 s"]);
        assert_eq!(first.metric, Metric::Summary("bytes_per_s"));
        assert_eq!((first.used, first.unit), (Use::Check, Unit::MebibytesPerSecond));
        assert_eq!(first.asked, Some((11.5, 14.0)));
        assert_eq!((first.source_key(), first.case()), ("s3", "two"));
        assert_eq!(first.run_name(), "s3.toml --storage near --set \"a.b=1\" --set \"c=2 s\"");
        assert_eq!((second.metric, second.asked), (Metric::SecondEpoch, None));
        assert_eq!(second.run_name(), "s3.toml --storage near");
    }

    #[test]
    fn every_metric_is_found_by_its_name() {
        for name in Summary::NAMES.into_iter().chain(["epoch_1_s", "epoch_2_s", "warm_miss_share"]) {
            assert_eq!(Metric::of(name).map(Metric::name), Some(name));
        }
        assert_eq!(Metric::of("loop"), None);
    }
}
