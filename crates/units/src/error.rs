//! What can be wrong with a written quantity.

/// A text that is not the quantity that was wanted.
///
/// Every message reads "expected …, found …", so that a path and a place can stand before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// No number at the start, or a number that cannot be read.
    #[error("expected {expected}, found {found}")]
    NotANumber {
        /// What was wanted, with an example.
        expected: &'static str,
        /// What was written.
        found: String,
    },
    /// A number without a unit.
    #[error("expected {expected}, found {found}")]
    NoUnit {
        /// What was wanted, with an example.
        expected: &'static str,
        /// What was written.
        found: String,
    },
    /// A unit that this quantity does not have.
    #[error("expected {expected}, found {found}; its unit must be one of {units}{near}")]
    UnknownUnit {
        /// What was wanted, with an example.
        expected: &'static str,
        /// What was written.
        found: String,
        /// The units of this quantity, separated by commas.
        units: String,
        /// The unit that was probably meant, as a question; empty where none comes near.
        near: String,
    },
    /// A number of bits where bytes are wanted.
    #[error(
        "expected {expected}, found {found}, which counts bits (b) and not bytes (B); {bits} are {bytes}"
    )]
    Bits {
        /// What was wanted, with an example.
        expected: &'static str,
        /// What was written, quoted.
        found: String,
        /// What was written.
        bits: String,
        /// The same amount in bytes.
        bytes: String,
    },
    /// A number below zero.
    #[error("expected {expected}, found {found}, which is below zero")]
    Negative {
        /// What was wanted, with an example.
        expected: &'static str,
        /// What was written.
        found: String,
    },
    /// More than the quantity can hold.
    #[error("expected {expected}, found {found}, which is more than {most}")]
    TooLarge {
        /// What was wanted, with an example.
        expected: &'static str,
        /// What was written.
        found: String,
        /// The largest value there is.
        most: String,
    },
}
