//! The laws that every run is checked against, in every build.
//!
//! A run that breaks one is not reported: something in the model is wrong.

use thiserror::Error;

/// A law that a run has broken: which, where, and both sides of it.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("the run breaks the law \"{law}\" at {place}: {left} on one side, {right} on the other")]
pub struct BrokenLaw {
    /// The law.
    pub law: &'static str,
    /// Where it was checked.
    pub place: String,
    /// What should equal `right`, or not exceed it.
    pub left: f64,
    /// What it was compared with.
    pub right: f64,
}

/// Checks that two figures are equal within `tolerance` of the larger.
///
/// # Errors
///
/// If they are not.
pub fn equal(law: &'static str, place: &str, left: f64, right: f64, tolerance: f64) -> Result<(), BrokenLaw> {
    let off = (left - right).abs();
    if off <= tolerance * left.abs().max(right.abs()) {
        return Ok(());
    }
    Err(BrokenLaw { law, place: place.to_owned(), left, right })
}

/// Checks that a figure does not exceed another by more than `tolerance` of it.
///
/// # Errors
///
/// If it does.
pub fn at_most(
    law: &'static str,
    place: &str,
    left: f64,
    right: f64,
    tolerance: f64,
) -> Result<(), BrokenLaw> {
    if left <= right * (1.0 + tolerance) {
        return Ok(());
    }
    Err(BrokenLaw { law, place: place.to_owned(), left, right })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_law_names_itself_its_place_and_both_figures() {
        let broken = equal("bytes asked = bytes delivered", "tier s3", 10.0, 12.0, 1e-9).unwrap_err();
        assert_eq!(
            broken.to_string(),
            "the run breaks the law \"bytes asked = bytes delivered\" at tier s3: 10 on one side, 12 on the other"
        );
        assert!(equal("x", "y", 1.0, 1.0 + 1e-12, 1e-9).is_ok());
        assert!(at_most("x", "y", 1.1, 1.0, 0.01).is_err());
    }
}
