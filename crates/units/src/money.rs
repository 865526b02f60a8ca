//! Money.

/// An amount of US dollars.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Usd(f64);

impl Usd {
    /// `dollars` US dollars.
    #[must_use]
    pub const fn new(dollars: f64) -> Self {
        Self(dollars)
    }

    /// The number of dollars.
    #[must_use]
    pub const fn dollars(self) -> f64 {
        self.0
    }
}
