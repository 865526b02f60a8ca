//! `--fail-if`: a condition on a figure of the results, for scripts that guard a target.

use std::{fmt, str::FromStr};

use ingestsim_model::outcome::Summary;
use ingestsim_scenario::nearest;
use ingestsim_sweep::{ProfileResult, Study};

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

impl FailIf {
    /// A sentence for each profile for which it is true.
    pub(crate) fn violations(&self, study: &Study) -> Vec<String> {
        let value = |profile: &ProfileResult| profile.summary.get(self.figure)?.mean;
        let values = study.profiles.iter().filter_map(|profile| Some((profile, value(profile)?)));
        let violating = values.filter(|(_, value)| self.comparison.holds(*value, self.limit));
        violating.map(|(profile, value)| self.sentence(&profile.storage, value)).collect()
    }

    fn sentence(&self, storage: &str, value: f64) -> String {
        format!("--fail-if '{self}' is true for {storage}: {} is {value}", self.figure)
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
        let expected = || format!("expected a condition such as 'gpu_utilisation < 0.9', found {text:?}");
        let sign = SIGNS.iter().find_map(|(sign, comparison)| {
            let (figure, limit) = text.split_once(sign)?;
            Some((figure.trim(), *comparison, limit.trim()))
        });
        let (figure, comparison, limit) = sign.ok_or_else(expected)?;
        let limit: f64 = limit.parse().map_err(|_| expected())?;
        if limit.is_nan() {
            return Err(expected());
        }
        let named = Summary::NAMES.into_iter().find(|name| *name == figure);
        let figure = named.ok_or_else(|| unknown(figure))?;
        Ok(Self { figure, comparison, limit })
    }
}

fn unknown(figure: &str) -> String {
    let near = nearest(figure, &Summary::NAMES);
    let help = near.map_or_else(|| Summary::NAMES.join(", "), |near| format!("did you mean {near}?"));
    format!("expected a figure of summary.csv, found {figure:?}; {help}")
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
    }

    #[test]
    fn what_is_no_condition_is_refused_in_words() {
        let refused = |text: &str| text.parse::<FailIf>().unwrap_err();
        let example = "expected a condition such as 'gpu_utilisation < 0.9', found";
        assert_eq!(refused("loop_s"), format!("{example} \"loop_s\""));
        assert_eq!(refused("loop_s < soon"), format!("{example} \"loop_s < soon\""));
        assert_eq!(refused("loop_s < nan"), format!("{example} \"loop_s < nan\""));
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
