//! Where an axis has its ticks: round steps in the quantity's own units.

use super::quantity::Quantity;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;

/// Steps of a linear time axis from one second to a day.
const TIME_STEPS: [f64; 19] = [
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    MINUTE,
    2.0 * MINUTE,
    5.0 * MINUTE,
    10.0 * MINUTE,
    15.0 * MINUTE,
    30.0 * MINUTE,
    HOUR,
    2.0 * HOUR,
    3.0 * HOUR,
    6.0 * HOUR,
    12.0 * HOUR,
    DAY,
    2.0 * DAY,
];

/// The marks of a logarithmic time axis from one second to a day, close together.
const TIME_MARKS: [f64; 17] = [
    1.0,
    2.0,
    5.0,
    10.0,
    20.0,
    30.0,
    MINUTE,
    2.0 * MINUTE,
    5.0 * MINUTE,
    10.0 * MINUTE,
    20.0 * MINUTE,
    30.0 * MINUTE,
    HOUR,
    2.0 * HOUR,
    5.0 * HOUR,
    10.0 * HOUR,
    DAY,
];

/// The same, two or three a unit.
const TIME_MARKS_MIDDLE: [f64; 9] =
    [1.0, 5.0, 20.0, MINUTE, 5.0 * MINUTE, 20.0 * MINUTE, HOUR, 5.0 * HOUR, DAY];

/// The same, one or two a unit.
const TIME_MARKS_SPARSE: [f64; 7] = [1.0, 10.0, MINUTE, 10.0 * MINUTE, HOUR, 5.0 * HOUR, DAY];

/// The smallest round step of a linear axis that is at least `least`.
pub(super) fn step_at_least(quantity: Quantity, least: f64) -> f64 {
    let least = least * (1.0 - 1e-9);
    match quantity {
        Quantity::Seconds if least > 0.5 => TIME_STEPS
            .into_iter()
            .find(|&step| step >= least)
            .unwrap_or_else(|| DAY * one_two_five(least / DAY)),
        _ if quantity.is_binary() && least > 0.5 => 2_f64.powi(least.log2().ceil() as i32),
        Quantity::Share => one_two_five(100.0 * least) / 100.0,
        _ => one_two_five(least),
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is at least `least`.
fn one_two_five(least: f64) -> f64 {
    let power = least.log10().floor() as i32;
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power_of_ten(power))
        .find(|&step| step >= least)
        .unwrap_or(10.0 * power_of_ten(power))
}

/// A power of ten that is exact where a literal would be.
fn power_of_ten(power: i32) -> f64 {
    if power < 0 { 1.0 / 10_f64.powi(-power) } else { 10_f64.powi(power) }
}

/// The multiples of a step from `low` to `high`, both included.
pub(super) fn multiples(step: f64, low: f64, high: f64) -> Vec<f64> {
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last.min(first + 200)).map(|n| n as f64 * step).collect()
}

/// Marks of a logarithmic axis from `low` to `high`: sets from close to sparse, of which the first that fits is taken.
pub(super) fn log_marks(quantity: Quantity, low: f64, high: f64) -> Vec<Vec<f64>> {
    let within = |marks: Vec<f64>| -> Vec<f64> {
        marks.into_iter().filter(|m| (low * (1.0 - 1e-9)..=high * (1.0 + 1e-9)).contains(m)).collect()
    };
    let mut sets: Vec<Vec<f64>> = match quantity {
        Quantity::Seconds => vec![
            within(time_marks(&[1.0, 2.0, 5.0], &TIME_MARKS, low, high)),
            within(time_marks(&[1.0, 5.0], &TIME_MARKS_MIDDLE, low, high)),
            within(time_marks(&[1.0], &TIME_MARKS_SPARSE, low, high)),
        ],
        _ if quantity.is_binary() => {
            [1, 2, 5].into_iter().map(|stride| within(powers_of_two(stride, low, high))).collect()
        }
        _ => vec![within(decades(&[1.0, 2.0, 5.0], low, high)), within(decades(&[1.0], low, high))],
    };
    if high < 10.0 * low {
        // Over less than a decade, marks by powers of ten are two or three: steps say more.
        let steps = [8.0, 4.0].map(|parts| step_at_least(quantity, (high - low) / parts));
        sets.splice(0..0, steps.map(|step| multiples(step, low, high)));
    }
    let sparse = sets.last().cloned().unwrap_or_default();
    sets.extend((2..=12).map(|stride| sparse.iter().step_by(stride).copied().collect()));
    sets
}

/// The marks next below `low` and next above `high` in the closest set: a range that ends on round numbers.
pub(super) fn log_range(quantity: Quantity, low: f64, high: f64) -> (f64, f64) {
    let marks = log_marks(quantity, low / 20.0, high * 20.0).swap_remove(0);
    let below = marks.iter().copied().rfind(|&m| m <= low * (1.0 + 1e-9));
    let above = marks.iter().copied().find(|&m| m >= high * (1.0 - 1e-9));
    match (below.unwrap_or(low), above.unwrap_or(high)) {
        (below, above) if above > below * 1.5 => (below, above),
        (below, _) => (below / 2.0, below * 2.0),
    }
}

fn time_marks(below_second: &[f64], marks: &[f64], low: f64, high: f64) -> Vec<f64> {
    let days = decades(below_second, 1.0, high / DAY).into_iter().filter(|&d| d > 1.0).map(|d| DAY * d);
    let mut all: Vec<f64> = decades(below_second, low, 0.9).into_iter().filter(|&mark| mark < 0.9).collect();
    all.extend(marks);
    all.extend(days);
    all
}

fn decades(mantissas: &[f64], low: f64, high: f64) -> Vec<f64> {
    if low > high {
        return Vec::new();
    }
    let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
    powers.flat_map(|power| mantissas.iter().map(move |m| m * power_of_ten(power))).collect()
}

/// Powers of two whose exponent is a multiple of `stride`.
fn powers_of_two(stride: i32, low: f64, high: f64) -> Vec<f64> {
    let first = (low.log2() / f64::from(stride)).floor() as i32;
    let last = (high.log2() / f64::from(stride)).ceil() as i32;
    (first..=last).map(|n| 2_f64.powi(n * stride)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_in_the_quantity() {
        assert_eq!(step_at_least(Quantity::Count, 30.0), 50.0);
        assert_eq!(step_at_least(Quantity::Seconds, 400.0), 600.0);
        assert_eq!(step_at_least(Quantity::Seconds, 3.0 * DAY), 5.0 * DAY);
        assert_eq!(step_at_least(Quantity::Seconds, 0.003), 0.005);
        assert_eq!(step_at_least(Quantity::BinaryBytes, 300_000.0), 524_288.0);
        assert_eq!(step_at_least(Quantity::Share, 0.15), 0.2);
    }

    #[test]
    fn multiples_include_both_ends() {
        assert_eq!(multiples(5.0, -5.0, 10.0), [-5.0, 0.0, 5.0, 10.0]);
        assert_eq!(multiples(0.1, 0.05, 0.3).len(), 3);
    }

    #[test]
    fn log_marks_are_one_two_five_then_decades() {
        let sets = log_marks(Quantity::Bytes, 1.0, 100.0);
        assert_eq!(sets[0], [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
        assert_eq!(sets[1], [1.0, 10.0, 100.0]);
    }

    #[test]
    fn log_marks_of_time_follow_the_clock() {
        let sets = log_marks(Quantity::Seconds, 1.0, 2.0 * DAY);
        assert!(sets[0].contains(&(30.0 * MINUTE)) && sets[0].contains(&(2.0 * DAY)));
        assert_eq!(log_marks(Quantity::Seconds, 0.1, 6.0)[0], [0.1, 0.2, 0.5, 1.0, 2.0, 5.0]);
        assert_eq!(sets[2], [1.0, 10.0, MINUTE, 10.0 * MINUTE, HOUR, 5.0 * HOUR, DAY]);
    }

    #[test]
    fn log_marks_within_a_decade_go_in_steps() {
        assert_eq!(log_marks(Quantity::Count, 20.0, 50.0)[0], [20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0]);
    }

    #[test]
    fn log_ranges_end_on_marks() {
        assert_eq!(log_range(Quantity::Count, 3.0, 70.0), (2.0, 100.0));
        assert_eq!(log_range(Quantity::Count, 10.0, 10.0), (5.0, 20.0));
        assert_eq!(log_range(Quantity::BinaryBytes, 3000.0, 3000.0), (2048.0, 4096.0));
    }

    /// No span and no quantity leaves an axis without a set of at most fifteen marks.
    #[test]
    fn wide_spans_are_thinned_out() {
        for quantity in [Quantity::Seconds, Quantity::Bytes, Quantity::BinaryBytes, Quantity::Share] {
            let sets = log_marks(quantity, 1e-6, 1e12);
            assert!(sets.iter().any(|set| (2..=15).contains(&set.len())), "{quantity:?}");
        }
    }
}
