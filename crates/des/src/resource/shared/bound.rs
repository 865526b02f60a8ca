//! What held transfers back, and for how long.

use ingestsim_units::Span;

/// A reason a transfer was not faster: a small number the caller gives to each limit, below [`CAUSES`].
pub type Cause = u8;

/// How many causes a clock can tell apart.
pub const CAUSES: usize = 8;

/// Nanoseconds by cause: a clock that runs while something is under way, always under exactly one cause.
///
/// A transfer's own split is the clock at its end [`since`](Self::since) the clock at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bound([u64; CAUSES]);

impl Bound {
    /// Time under `cause`.
    #[must_use]
    pub fn of(&self, cause: Cause) -> Span {
        Span::from_nanos(self.0[usize::from(cause)])
    }

    /// What was added after `earlier`, a reading of the same clock.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self(std::array::from_fn(|cause| self.0[cause] - earlier.0[cause]))
    }

    /// Time under any cause.
    #[must_use]
    pub fn total(&self) -> Span {
        Span::from_nanos(self.0.iter().sum())
    }

    /// Nanoseconds by cause.
    #[must_use]
    pub fn as_nanos(&self) -> [u64; CAUSES] {
        self.0
    }

    pub(crate) fn add(&mut self, cause: Cause, ns: u64) {
        self.0[usize::from(cause)] += ns;
    }
}

/// `cause`, if a clock can hold it.
///
/// # Panics
///
/// If it is [`CAUSES`] or more.
pub(crate) fn checked(cause: Cause) -> Cause {
    assert!(usize::from(cause) < CAUSES, "a cause is below 8");
    cause
}
