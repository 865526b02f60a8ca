//! `--fail-if` on other figures than those of `summary.csv`: how large the errors of a validation are, and whether items of
//! the study guide agree.

use std::str::FromStr;

use ingestsim_report::{human::counted, reproduce::Verdict};
use ingestsim_sweep::validate::Validated;

use super::{FailIf, judged, nothing};
use crate::exit::ExitStatus;

/// The figures of `check` in the document of `validate`.
const VALIDATION: [&str; 2] = ["median_abs_error", "p90_abs_error"];

/// The figure of an item: 1 where the guide agrees, else 0.
const REPRODUCTION: [&str; 1] = ["agrees"];

/// A condition on the errors of the check figures.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OfValidation(FailIf);

/// A condition on each item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OfReproduction(FailIf);

impl OfValidation {
    /// Judges the errors of the check figures.
    pub(crate) fn judge(conditions: &[Self], validated: &Validated) -> ExitStatus {
        let accuracy = validated.accuracy(|_| true);
        let figures = [accuracy.median_abs_error, accuracy.p90_abs_error];
        let conditions: Vec<FailIf> = conditions.iter().map(|one| one.0.clone()).collect();
        if accuracy.cases == 0 {
            return nothing(&conditions, "no check figure was predicted");
        }
        judged(&conditions, |condition| {
            let at = VALIDATION.iter().position(|name| *name == condition.figure);
            let value = at.and_then(|at| figures[at]);
            condition.violations(std::iter::once((counted(accuracy.cases as u64, "check figure"), value)))
        })
    }
}

impl OfReproduction {
    /// Judges each item.
    pub(crate) fn judge(conditions: &[Self], verdicts: &[Verdict]) -> ExitStatus {
        let conditions: Vec<FailIf> = conditions.iter().map(|one| one.0.clone()).collect();
        judged(&conditions, |condition| {
            let agrees =
                |verdict: &Verdict| (verdict.item.id().to_owned(), Some(f64::from(u8::from(verdict.agrees))));
            condition.violations(verdicts.iter().map(agrees))
        })
    }
}

impl FromStr for OfValidation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        FailIf::parsed(text, &VALIDATION, ("the check figures", "p90_abs_error > 0.1")).map(Self)
    }
}

impl FromStr for OfReproduction {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        FailIf::parsed(text, &REPRODUCTION, ("an item", "agrees < 1")).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_its_own_figures() {
        assert!("p90_abs_error > 0.1".parse::<OfValidation>().is_ok());
        let refused = "gpu_utilisation < 0.9".parse::<OfValidation>().unwrap_err();
        let expected = "expected a figure of the check figures, found \"gpu_utilisation\"; median_abs_error, p90_abs_error";
        assert_eq!(refused, expected);
        assert!("agrees < 1".parse::<OfReproduction>().is_ok());
        let refused = "agree < 1".parse::<OfReproduction>().unwrap_err();
        assert_eq!(refused, "expected a figure of an item, found \"agree\"; did you mean agrees?");
        let refused = "agrees".parse::<OfReproduction>().unwrap_err();
        assert_eq!(refused, "expected a condition such as 'agrees < 1', found \"agrees\"");
    }
}
