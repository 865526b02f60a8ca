//! Break-evens, found by search: the place at which a comparison of simulated figures turns.

/// Where a comparison turns: it does not hold at `before`, it holds at `after`, and the two are neighbours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    /// The last value looked at for which it does not hold.
    pub before: f64,
    /// The first value looked at for which it holds.
    pub after: f64,
}

/// What a search has found between two ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Turning {
    /// It holds at the lower end already.
    Always,
    /// It does not hold at the upper end either.
    Never,
    /// It turns between the two.
    At(Turn),
}

impl Turning {
    /// The place, if there is one.
    #[must_use]
    pub const fn at(self) -> Option<Turn> {
        match self {
            Self::At(turn) => Some(turn),
            Self::Always | Self::Never => None,
        }
    }
}

/// Where between `low` and `high`, both positive, a comparison begins to hold: halves the ratio until the two sides are
/// within a factor of `closeness`.
///
/// What holds at one value is taken to hold at all larger ones.
///
/// # Errors
///
/// The first error of `holds`.
pub(crate) fn ratio<E>(
    (low, high): (f64, f64),
    closeness: f64,
    mut holds: impl FnMut(f64) -> Result<bool, E>,
) -> Result<Turning, E> {
    if holds(low)? {
        return Ok(Turning::Always);
    }
    if !holds(high)? {
        return Ok(Turning::Never);
    }
    let mut turn = Turn { before: low, after: high };
    while turn.after > turn.before * closeness {
        let middle = (turn.before * turn.after).sqrt();
        if holds(middle)? {
            turn.after = middle;
        } else {
            turn.before = middle;
        }
    }
    Ok(Turning::At(turn))
}

/// The first of the whole numbers from `low` to `high` for which a comparison holds.
///
/// What holds at one value is taken to hold at all larger ones.
///
/// # Errors
///
/// The first error of `holds`.
pub(crate) fn whole<E>(
    (low, high): (u64, u64),
    mut holds: impl FnMut(u64) -> Result<bool, E>,
) -> Result<Turning, E> {
    if holds(low)? {
        return Ok(Turning::Always);
    }
    if !holds(high)? {
        return Ok(Turning::Never);
    }
    let (mut before, mut after) = (low, high);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if holds(middle)? {
            after = middle;
        } else {
            before = middle;
        }
    }
    Ok(Turning::At(Turn { before: before as f64, after: after as f64 }))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn at(threshold: f64) -> Turning {
        ratio::<Infallible>((1.0, 1e6), 1.01, |value| Ok(value >= threshold)).unwrap()
    }

    /// x² ≥ 2,000,000 from 1,414.2 on.
    #[test]
    fn the_ratio_closes_around_the_root() {
        let turn = ratio::<Infallible>((1.0, 1e6), 1.01, |x| Ok(x * x >= 2e6)).unwrap().at().unwrap();
        assert!(turn.before < 1_414.2 && 1_414.2 <= turn.after, "{turn:?}");
        assert!(turn.after <= 1.01 * turn.before);
    }

    #[test]
    fn what_does_not_turn_has_no_place() {
        assert_eq!(at(0.5), Turning::Always);
        assert_eq!(at(2e6), Turning::Never);
    }

    #[test]
    fn the_first_whole_number_is_found() {
        for first in 2..=17 {
            let turn = whole::<Infallible>((1, 17), |n| Ok(n >= first)).unwrap().at().unwrap();
            assert_eq!((turn.before, turn.after), (first as f64 - 1.0, first as f64));
        }
    }

    #[test]
    fn an_error_ends_the_search() {
        assert_eq!(ratio((1.0, 2.0), 1.1, |_| Err("no")), Err("no"));
        assert_eq!(whole((1, 2), |n| if n == 1 { Ok(false) } else { Err("no") }), Err("no"));
    }
}
