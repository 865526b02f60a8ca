//! Shares of a whole.

/// A share of a whole: 1 is all of it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Share(f64);

impl Share {
    /// The share `fraction`, 1 being the whole.
    #[must_use]
    pub const fn new(fraction: f64) -> Self {
        Self(fraction)
    }

    /// The fraction, 1 being the whole.
    #[must_use]
    pub const fn fraction(self) -> f64 {
        self.0
    }
}
