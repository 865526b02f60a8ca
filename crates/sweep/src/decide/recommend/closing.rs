//! Closing in on a turn: where a difference that is smooth but costly to know changes its sign.
//!
//! Each side of the bracket has its difference, and the next look is taken just beyond where a straight line between the
//! two crosses zero, on the side that was not moved last, so that both sides close in. Where that does not halve the
//! bracket, the next look does.

use crate::reproduce::search::{Turn, Turning};

/// What is a value, and which two are neighbours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// Whole numbers, but for the ends of what is searched.
    Whole,
    /// Positive numbers; two within this factor are neighbours.
    Ratio(f64),
}

/// A side of the bracket.
#[derive(Debug, Clone, Copy)]
struct Side {
    value: f64,
    behind: f64,
}

/// Where between `low` and `high` a difference becomes positive. It is taken to do so once; an infinite one counts by its
/// sign.
///
/// # Errors
///
/// The first error of `behind`.
pub(super) fn close<E>(
    (low, high): (f64, f64),
    scale: Scale,
    mut behind: impl FnMut(f64) -> Result<f64, E>,
) -> Result<Turning, E> {
    let mut before = Side { value: low, behind: behind(low)? };
    if before.behind > 0.0 {
        return Ok(Turning::Always);
    }
    let mut after = Side { value: high, behind: behind(high)? };
    if after.behind <= 0.0 {
        return Ok(Turning::Never);
    }
    let (mut moved_before, mut halve) = (false, false);
    let mut width = scale.width(before, after);
    while width > scale.neighbours() {
        let value = scale.between(before, after, moved_before, halve);
        let side = Side { value, behind: behind(value)? };
        moved_before = side.behind <= 0.0;
        *(if moved_before { &mut before } else { &mut after }) = side;
        let left = scale.width(before, after);
        halve = left > width / 2.0;
        width = left;
    }
    Ok(Turning::At(Turn { before: before.value, after: after.value }))
}

impl Scale {
    /// How far two sides are apart, on the scale on which the bracket is halved.
    fn width(self, before: Side, after: Side) -> f64 {
        match self {
            Self::Whole => after.value.ceil() - before.value.floor(),
            Self::Ratio(_) => (after.value / before.value).ln(),
        }
    }

    /// How far neighbours are apart.
    fn neighbours(self) -> f64 {
        match self {
            Self::Whole => 1.0,
            Self::Ratio(closeness) => closeness.ln(),
        }
    }

    /// Where to look next, inside the bracket.
    fn between(self, before: Side, after: Side, moved_before: bool, halve: bool) -> f64 {
        let width = self.width(before, after);
        let share = -before.behind / (after.behind - before.behind);
        let crossing = if halve || !share.is_finite() { 0.5 } else { share };
        // Beyond the crossing as seen from the side that was moved last, by less than half of what neighbours may be apart.
        let beyond = 0.45 * self.neighbours();
        let from_before = width * crossing + if moved_before { beyond } else { -beyond };
        match self {
            Self::Whole => {
                let (first, last) = (before.value.floor() + 1.0, after.value.ceil() - 1.0);
                (before.value + from_before).round().clamp(first, last)
            }
            Self::Ratio(_) => {
                let margin = beyond.min(width / 2.0);
                before.value * from_before.clamp(margin, width - margin).exp()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn turn(ends: (f64, f64), scale: Scale, behind: impl Fn(f64) -> f64) -> (Turning, usize) {
        let mut looks = 0;
        let found = close::<Infallible>(ends, scale, |value| {
            looks += 1;
            Ok(behind(value))
        });
        (found.unwrap(), looks)
    }

    /// 3 dollars a job against 40 and one: even at 20, so dearer from 21 on. A line takes the ends and two or three looks.
    #[test]
    fn a_line_is_crossed_at_once() {
        let (found, looks) = turn((1.0, 1_000.0), Scale::Whole, |jobs| 3.0 * jobs - (40.0 + jobs));
        assert_eq!(found, Turning::At(Turn { before: 20.0, after: 21.0 }));
        assert!(looks <= 5, "{looks}");
    }

    #[test]
    fn every_whole_number_is_found() {
        for first in 2..=60 {
            for bend in [|x: f64| x, |x: f64| x.powi(3), |x: f64| -1.0 / x, |x: f64| x.signum() * 1e9] {
                let even = f64::from(first) - 0.5;
                let behind = |n: f64| if n > even { bend(n - even) } else { -bend(even - n) };
                let sign = |n: f64| behind(n).abs() * (n - even).signum();
                let (found, _) = turn((1.0, 60.0), Scale::Whole, sign);
                let first = f64::from(first);
                assert_eq!(found, Turning::At(Turn { before: first - 1.0, after: first }));
            }
        }
    }

    /// 20 jobs in 30 days are 20.28 a month: an end that is no whole number is one side of a turn next to it.
    #[test]
    fn an_end_need_not_be_whole() {
        for tenth in 1..=420 {
            let even = f64::from(tenth) / 10.0 + 0.01;
            for ends in [(1.0, 20.28), (20.28, 45.0)] {
                if let (Turning::At(found), _) = turn(ends, Scale::Whole, |jobs| jobs - even) {
                    assert!(found.before <= even && even < found.after, "{even}: {found:?}");
                    assert!(found.after - found.before <= 1.0, "{even}: {found:?}");
                    assert!(
                        [found.before, found.after].iter().all(|jobs| jobs.fract() == 0.0 || *jobs == 20.28)
                    );
                } else {
                    assert!(even < ends.0 || even >= ends.1, "{even}");
                }
            }
        }
    }

    /// 1 / x falls below 1 / 5,000 from 5,000 on.
    #[test]
    fn sizes_close_around_the_root_from_both_sides() {
        for root in [1.2, 70.0, 5_000.0, 9e5] {
            let (found, looks) = turn((1.0, 1e6), Scale::Ratio(1.1), |x| 1.0 / root - 1.0 / x);
            let Turning::At(turn) = found else { panic!("{root}: {found:?}") };
            assert!(turn.before <= root && root <= turn.after, "{root}: {turn:?}");
            assert!(turn.after <= 1.1001 * turn.before && looks <= 16, "{root}: {turn:?} {looks}");
        }
    }

    /// Where one of two does not count, a difference is infinite.
    #[test]
    fn infinite_differences_have_a_sign() {
        let endless = |n: f64| if n < 7.0 { f64::NEG_INFINITY } else { f64::INFINITY };
        assert_eq!(
            turn((1.0, 100.0), Scale::Whole, endless).0,
            Turning::At(Turn { before: 6.0, after: 7.0 })
        );
        assert_eq!(turn((8.0, 100.0), Scale::Whole, endless).0, Turning::Always);
        assert_eq!(turn((1.0, 5.0), Scale::Whole, endless).0, Turning::Never);
    }

    #[test]
    fn an_error_ends_it() {
        assert_eq!(close((1.0, 2.0), Scale::Ratio(1.1), |_| Err("no")), Err("no"));
    }
}
