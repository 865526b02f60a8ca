//! A part of a sweep, for one task of an array job.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// Every `of`th point, from the `number`th on, counted from 1.
///
/// Neighbours on a grid cost about the same, so dealing the points out in turn gives each shard its share of the dear
/// ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: u64,
    of: u64,
}

/// Where the schedulers tell a task its index.
///
/// Slurm, Kubernetes (indexed jobs), AWS Batch, PBS, LSF, Grid Engine.
const INDEXES: [&str; 6] = [
    "SLURM_ARRAY_TASK_ID",
    "JOB_COMPLETION_INDEX",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "PBS_ARRAY_INDEX",
    "LSB_JOBINDEX",
    "SGE_TASK_ID",
];

/// Why there is no such shard.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShardError {
    /// The text is none.
    #[error("expected a shard such as 3/64 or auto/64, found {0:?}")]
    Text(String),
    /// There are not so many.
    #[error("expected a shard from 1 to {of}, found {number}")]
    Number {
        /// The shard that was asked for.
        number: u64,
        /// How many there are.
        of: u64,
    },
    /// No scheduler has said which.
    #[error("expected the index of an array job in one of {}, found none", INDEXES.join(", "))]
    NoIndex,
    /// The scheduler's index is none.
    #[error("expected an index from 0 to {of} in {variable}, found {found:?}")]
    Index {
        /// Where it stands.
        variable: &'static str,
        /// What stands there.
        found: String,
        /// How many shards there are.
        of: u64,
    },
}

impl Shard {
    /// The whole sweep as its only part.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Which of them it is, from 1.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.number
    }

    /// Reads `3/64`, or `auto/64` with the array's index from `environment`.
    ///
    /// # Errors
    ///
    /// If it is neither, or the index is not there or beyond the number of shards.
    pub fn parse(text: &str, environment: impl Fn(&str) -> Option<String>) -> Result<Self, ShardError> {
        let none = || ShardError::Text(text.to_owned());
        let (number, of) = text.split_once('/').ok_or_else(none)?;
        let of: u64 = of.trim().parse().ok().filter(|of| *of > 0).ok_or_else(none)?;
        if number.trim() == "auto" {
            return Self::of_array(of, environment);
        }
        let number: u64 = number.trim().parse().map_err(|_| none())?;
        if number == 0 || number > of {
            return Err(ShardError::Number { number, of });
        }
        Ok(Self { number, of })
    }

    /// The shard of a task of an array job.
    ///
    /// Arrays count from 0 or from 1, and a task cannot always tell. Index 0 and index `of` are the same shard, the
    /// last, so that both 0 to of − 1 and 1 to of are all shards, each once, and an index means the same shard when a
    /// few tasks are submitted again.
    fn of_array(of: u64, environment: impl Fn(&str) -> Option<String>) -> Result<Self, ShardError> {
        let set = INDEXES.iter().find_map(|&variable| {
            // Grid Engine says "undefined" outside of an array.
            let value = environment(variable).filter(|value| value != "undefined")?;
            Some((variable, value))
        });
        let (variable, found) = set.ok_or(ShardError::NoIndex)?;
        let index = found.trim().parse::<u64>().ok().filter(|index| *index <= of);
        let index = index.ok_or(ShardError::Index { variable, found, of })?;
        Ok(Self { number: if index == 0 { of } else { index }, of })
    }

    /// Whether it is the whole sweep.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.of == 1
    }

    /// How many of so many points it has.
    #[must_use]
    pub const fn count(&self, points: u64) -> u64 {
        points.saturating_sub(self.number - 1).div_ceil(self.of)
    }

    /// The number in grid order of its point `nth`, both from 0.
    #[must_use]
    pub const fn point(&self, nth: u64) -> u64 {
        self.number - 1 + nth * self.of
    }

    /// The shard of `of` that has a point.
    #[must_use]
    pub const fn having(point: u64, of: u64) -> Self {
        Self { number: point % of + 1, of }
    }

    /// The name of its journal.
    #[must_use]
    pub fn journal(&self) -> String {
        if self.is_whole() {
            "journal.csv".to_owned()
        } else {
            format!("journal.{}-of-{}.csv", self.number, self.of)
        }
    }

    /// The shard whose journal has this name, if it is a journal's.
    #[must_use]
    pub fn of_journal(name: &str) -> Option<Self> {
        if name == "journal.csv" {
            return Some(Self::WHOLE);
        }
        let (number, of) = name.strip_prefix("journal.")?.strip_suffix(".csv")?.split_once("-of-")?;
        let (number, of) = (number.parse().ok()?, of.parse().ok()?);
        (number > 0 && number <= of).then_some(Self { number, of })
    }

    /// How many shards there are.
    #[must_use]
    pub const fn of(&self) -> u64 {
        self.of
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        Self::parse(text, |variable| std::env::var(variable).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Shard, ShardError> {
        Shard::parse(text, |_| None)
    }

    fn auto(variable: &str, index: &str) -> Result<Shard, ShardError> {
        Shard::parse("auto/4", |name| (name == variable).then(|| index.to_owned()))
    }

    /// 10 points on 4 shards: 3, 3, 2, 2, and each point once.
    #[test]
    fn points_are_dealt_out_in_turn() {
        let shards = (1..=4).map(|number| parse(&format!("{number}/4")).unwrap());
        let dealt = shards.map(|shard| (0..shard.count(10)).map(|nth| shard.point(nth)).collect::<Vec<_>>());
        assert_eq!(dealt.collect::<Vec<_>>(), [vec![0, 4, 8], vec![1, 5, 9], vec![2, 6], vec![3, 7]]);
        assert_eq!(parse("4/4").unwrap().count(3), 0);
        assert_eq!([1, 3].map(|number| parse(&format!("{number}/4")).unwrap().count(u64::MAX)), [1 << 62; 2]);
        assert_eq!(parse("4/4").unwrap().count(u64::MAX), (1 << 62) - 1);
        assert_eq!(Shard::having(9, 4), parse("2/4").unwrap());
    }

    #[test]
    fn what_is_no_shard_is_refused_in_words() {
        let error = |text| parse(text).unwrap_err().to_string();
        assert_eq!(error("3"), "expected a shard such as 3/64 or auto/64, found \"3\"");
        assert_eq!(error("1/0"), "expected a shard such as 3/64 or auto/64, found \"1/0\"");
        assert_eq!(error("5/4"), "expected a shard from 1 to 4, found 5");
        assert_eq!(error("0/4"), "expected a shard from 1 to 4, found 0");
        assert!(
            error("auto/4").starts_with("expected the index of an array job in one of SLURM_ARRAY_TASK_ID")
        );
    }

    #[test]
    fn arrays_from_zero_and_from_one_have_every_shard_once() {
        let numbers = |indexes: [&str; 4]| {
            let mut numbers = indexes.map(|index| auto("JOB_COMPLETION_INDEX", index).unwrap().number);
            numbers.sort_unstable();
            numbers
        };
        assert_eq!(numbers(["0", "1", "2", "3"]), [1, 2, 3, 4]);
        assert_eq!(numbers(["1", "2", "3", "4"]), [1, 2, 3, 4]);
        let error = auto("SLURM_ARRAY_TASK_ID", "5").unwrap_err().to_string();
        assert_eq!(error, "expected an index from 0 to 4 in SLURM_ARRAY_TASK_ID, found \"5\"");
        assert_eq!(auto("SGE_TASK_ID", "undefined"), Err(ShardError::NoIndex));
    }

    #[test]
    fn a_journal_names_its_shard() {
        for text in ["1/1", "3/64"] {
            let shard = parse(text).unwrap();
            assert_eq!(Shard::of_journal(&shard.journal()), Some(shard));
        }
        for name in ["journal.5-of-4.csv", "journal.csv.bak", "points.csv", "journal.a-of-b.csv"] {
            assert_eq!(Shard::of_journal(name), None);
        }
    }
}
