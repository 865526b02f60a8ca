//! `--fail-if`: a condition on a figure of the results, for scripts that guard a target.

mod figures;
mod limit;

use std::{fmt, path::Path, str::FromStr};

use anyhow::Context;
use clap::Args;
use ingestsim_model::outcome::Summary;
use ingestsim_report::human::count;
use ingestsim_scenario::nearest;
use ingestsim_sweep::ProfileResult;

pub(crate) use self::figures::{OfReproduction, OfValidation};
use crate::{exit::ExitStatus, terminal};

/// So many things for which a condition is true are named.
const TOLD: usize = 10;

/// Conditions on the figures of `summary.csv`.
#[derive(Debug, Clone, Args)]
pub(crate) struct FailIfOptions {
    /// Ends with status 3 if a figure of summary.csv is as stated, such as 'gpu_utilisation < 0.9'; may be repeated
    #[arg(long, value_name = "EXPR")]
    pub(crate) fail_if: Vec<FailIf>,
}

/// Such as `gpu_utilisation < 0.9`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FailIf {
    figure: &'static str,
    comparison: Comparison,
    limit: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The signs of the comparisons, of two that begin alike the longer first.
const SIGNS: [(&str, Comparison); 4] = [
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

/// What does not pass a condition: what it is true for, and what has no figure to judge.
#[derive(Debug, Clone, Default)]
struct Violations {
    /// The first of them, with their figures.
    told: Vec<(String, Option<f64>)>,
    more: u64,
}

impl FailIfOptions {
    /// Judges profiles by their means.
    pub(crate) fn judge(&self, profiles: &[ProfileResult]) -> ExitStatus {
        judged(&self.fail_if, |condition| {
            let value = |profile: &ProfileResult| profile.summary.get(condition.figure)?.mean;
            let named = |profile: &ProfileResult| (profile.storage.clone(), value(profile));
            condition.violations(profiles.iter().map(named))
        })
    }

    /// Judges the rows of a sweep's `summary.csv`, each named by its profile and its `swept` values, the last columns.
    /// A point without a good run is no row to judge: the sweep is incomplete.
    pub(crate) fn judge_rows(&self, summary: &Path, swept: usize) -> anyhow::Result<ExitStatus> {
        let unread = || format!("--fail-if: cannot read {}", summary.display());
        if self.fail_if.is_empty() {
            return Ok(ExitStatus::Done);
        }
        let mut reader = csv::Reader::from_path(summary).with_context(unread)?;
        let header = reader.headers().with_context(unread)?.clone();
        let column = |name: &str| header.iter().position(|column| column == name);
        let mut violations = vec![Violations::default(); self.fail_if.len()];
        for record in reader.records() {
            let record = record.with_context(unread)?;
            if column("replications").and_then(|at| record.get(at)) == Some("0") {
                continue;
            }
            for (condition, violations) in self.fail_if.iter().zip(&mut violations) {
                let value = column(condition.figure).and_then(|at| record.get(at)?.parse::<f64>().ok());
                if condition.stops(value) {
                    violations.add(value, || {
                        let storage = column("storage").map_or("", |at| &record[at]);
                        let first = record.len().saturating_sub(swept);
                        let keys = (first..record.len()).filter(|&at| !record[at].is_empty());
                        let keys = keys.map(|at| format!(" {}={}", &header[at], &record[at]));
                        format!("{storage}{}", keys.collect::<String>())
                    });
                }
            }
        }
        let mut violations = violations.into_iter();
        Ok(judged(&self.fail_if, |_| violations.next().unwrap_or_default()))
    }

    /// Where there is nothing to judge.
    pub(crate) fn judge_nothing(&self, why: &str) -> ExitStatus {
        nothing(&self.fail_if, why)
    }
}

/// Says why conditions have nothing to judge: a guard that cannot look does not let pass.
fn nothing(conditions: &[FailIf], why: &str) -> ExitStatus {
    for condition in conditions {
        terminal::say(&format!("--fail-if '{condition}' has nothing to judge: {why}"));
    }
    if conditions.is_empty() { ExitStatus::Done } else { ExitStatus::FailIf }
}

/// Says for what each condition is true or has nothing to judge, and tells whether any is or has.
fn judged(conditions: &[FailIf], mut violations: impl FnMut(&FailIf) -> Violations) -> ExitStatus {
    let mut status = ExitStatus::Done;
    for condition in conditions {
        let Violations { told, more } = violations(condition);
        for (name, value) in &told {
            terminal::say(&condition.sentence(name, *value));
        }
        if more > 0 {
            terminal::say(&format!("--fail-if '{condition}' stops at {} more", count(more)));
        }
        if !told.is_empty() {
            status = ExitStatus::FailIf;
        }
    }
    status
}

impl Violations {
    fn add(&mut self, value: Option<f64>, name: impl FnOnce() -> String) {
        if self.told.len() < TOLD {
            self.told.push((name(), value));
        } else {
            self.more += 1;
        }
    }
}

impl FailIf {
    /// Those of named figures that do not pass it.
    fn violations(&self, figures: impl Iterator<Item = (String, Option<f64>)>) -> Violations {
        let mut violations = Violations::default();
        for (name, value) in figures.filter(|(_, value)| self.stops(*value)) {
            violations.add(value, || name);
        }
        violations
    }

    /// Whether it is true for a figure, or there is none: a guard that cannot look does not let pass.
    fn stops(&self, value: Option<f64>) -> bool {
        value.is_none_or(|value| self.comparison.holds(value, self.limit))
    }

    fn sentence(&self, name: &str, value: Option<f64>) -> String {
        let figure = self.figure;
        match value {
            Some(value) => format!("--fail-if '{self}' is true for {name}: {figure} is {value}"),
            None => format!("--fail-if '{self}' has nothing to judge: {name} reports no {figure}"),
        }
    }

    /// A condition on one of the figures `names`, which are those of `table`.
    fn parsed(text: &str, names: &[&'static str], (table, example): (&str, &str)) -> Result<Self, String> {
        let expected = || format!("expected a condition such as '{example}', found {text:?}");
        let sign = SIGNS.iter().find_map(|(sign, comparison)| {
            let (figure, limit) = text.split_once(sign)?;
            Some((figure.trim(), *comparison, limit.trim()))
        });
        let (figure, comparison, limit) = sign.ok_or_else(expected)?;
        let named = names.iter().find(|name| **name == figure);
        let figure = named.ok_or_else(|| unknown(figure, names, table))?;
        let limit = limit::limit(figure, limit)?;
        Ok(Self { figure, comparison, limit })
    }
}

impl Comparison {
    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Less => value < limit,
            Self::LessOrEqual => value <= limit,
            Self::Greater => value > limit,
            Self::GreaterOrEqual => value >= limit,
        }
    }

    fn sign(self) -> &'static str {
        SIGNS.iter().find(|(_, comparison)| *comparison == self).map_or("", |(sign, _)| sign)
    }
}

impl fmt::Display for FailIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.figure, self.comparison.sign(), self.limit)
    }
}

impl FromStr for FailIf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parsed(text, &Summary::NAMES, ("summary.csv", "gpu_utilisation < 0.9"))
    }
}

fn unknown(figure: &str, names: &[&str], table: &str) -> String {
    let near = nearest(figure, names);
    let help = near.map_or_else(|| names.join(", "), |near| format!("did you mean {near}?"));
    format!("expected a figure of {table}, found {figure:?}; {help}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_with_and_without_spaces() {
        let parsed: FailIf = "gpu_utilisation<0.9".parse().unwrap();
        assert_eq!(parsed.to_string(), "gpu_utilisation < 0.9");
        let parsed: FailIf = " loop_s >= 3600 ".parse().unwrap();
        assert_eq!(parsed.comparison, Comparison::GreaterOrEqual);
        assert_eq!(parsed.limit, 3600.0);
        let parsed: FailIf = "gpu_utilisation < 90 %".parse().unwrap();
        assert_eq!(parsed.to_string(), "gpu_utilisation < 0.9");
    }

    #[test]
    fn what_is_no_condition_is_refused_in_words() {
        let refused = |text: &str| text.parse::<FailIf>().unwrap_err();
        let example = "expected a condition such as 'gpu_utilisation < 0.9', found";
        assert_eq!(refused("loop_s"), format!("{example} \"loop_s\""));
        let bare = "the limit is a bare number in the figure's own unit (_s, _usd), found";
        assert_eq!(refused("loop_s < soon"), format!("{bare} \"soon\""));
        assert_eq!(refused("loop_s < nan"), format!("{bare} \"nan\""));
        let near =
            "expected a figure of summary.csv, found \"gpu_utilization\"; did you mean gpu_utilisation?";
        assert_eq!(refused("gpu_utilization < 1"), near);
    }

    #[test]
    fn each_comparison_has_its_own_edge() {
        let holds = |comparison: Comparison| [0.5, 1.0, 1.5].map(|value| comparison.holds(value, 1.0));
        assert_eq!(holds(Comparison::Less), [true, false, false]);
        assert_eq!(holds(Comparison::LessOrEqual), [true, true, false]);
        assert_eq!(holds(Comparison::Greater), [false, false, true]);
        assert_eq!(holds(Comparison::GreaterOrEqual), [false, true, true]);
    }
}
