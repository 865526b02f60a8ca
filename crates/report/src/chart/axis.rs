//! Axes: from what a caller says of one to its range, its ticks and the place of a value.

use super::{
    frame::TICK,
    quantity::{Quantity, Unit},
    ticks::{log_marks, log_range, multiples, step_at_least},
};

/// What an axis shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// What is measured, without the unit: "GPU utilisation".
    pub label: String,
    /// Decides units, ticks and labels.
    pub quantity: Quantity,
    /// Linear, logarithmic, or as the values ask for.
    pub spacing: Spacing,
    /// Whether a linear axis shows zero, so that heights can be compared.
    pub from_zero: bool,
}

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Logarithmic where all values are positive and span two decades or more, or a sweep multiplies its values; linear
    /// for shares.
    Auto,
    /// Equal distances are equal differences.
    Linear,
    /// Equal distances are equal ratios. Values at or below zero are left out, and the chart says how many.
    Log,
}

impl Axis {
    /// An axis that chooses its spacing and, if linear, starts at zero.
    pub fn new(label: impl Into<String>, quantity: Quantity) -> Axis {
        Axis { label: label.into(), quantity, spacing: Spacing::Auto, from_zero: true }
    }

    /// The same axis, logarithmic.
    pub fn log(self) -> Axis {
        Axis { spacing: Spacing::Log, ..self }
    }

    /// The same axis, linear.
    pub fn linear(self) -> Axis {
        Axis { spacing: Spacing::Linear, ..self }
    }

    /// The same axis, free to begin above zero.
    pub fn tight(self) -> Axis {
        Axis { from_zero: false, ..self }
    }
}

/// The values that an axis must show.
#[derive(Clone, Debug, Default)]
pub(super) struct Values(Vec<f64>);

impl Values {
    /// The finite values among those given.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Values {
        Values(values.into_iter().filter(|value| value.is_finite()).collect())
    }

    fn positive(&self) -> Values {
        Values(self.0.iter().copied().filter(|&value| value > 0.0).collect())
    }

    /// The least and the greatest.
    pub(super) fn range(&self) -> Option<(f64, f64)> {
        let low = self.0.iter().copied().reduce(f64::min)?;
        let high = self.0.iter().copied().reduce(f64::max)?;
        Some((low, high))
    }

    /// The different values in order, if they are few enough to be a sweep's.
    fn swept(&self) -> Option<Vec<f64>> {
        let mut values = self.0.clone();
        values.sort_by(f64::total_cmp);
        values.dedup();
        (2..=12).contains(&values.len()).then_some(values)
    }

    /// Whether a sweep multiplies from value to value rather than adding.
    fn is_geometric(&self) -> bool {
        self.swept().is_some_and(|values| {
            values.len() >= 4 && values[0] > 0.0 && values.windows(2).all(|pair| pair[1] >= 1.5 * pair[0])
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an axis over these values is logarithmic.
    pub(super) fn is_log(&self, axis: &Axis) -> bool {
        match axis.spacing {
            Spacing::Linear => false,
            Spacing::Log => self.positive().range().is_some(),
            Spacing::Auto if axis.quantity == Quantity::Share => false,
            Spacing::Auto => {
                self.range().is_some_and(|(low, high)| low > 0.0 && high >= 100.0 * low)
                    || self.is_geometric()
            }
        }
    }
}

/// A labelled place on an axis.
#[derive(Clone, Debug)]
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) label: String,
}

/// A range of values laid along a stretch of pixels.
#[derive(Clone, Debug)]
pub(super) struct Ruler {
    pub(super) log: bool,
    pub(super) low: f64,
    pub(super) high: f64,
    /// The pixel of `low` and the pixel of `high`.
    pub(super) pixels: (f64, f64),
    pub(super) ticks: Vec<Tick>,
    /// The unit that all ticks have; none where each has its own.
    pub(super) unit: Option<Unit>,
}

impl Ruler {
    /// An upright axis from `bottom` up to `top`, its range widened to end on ticks.
    pub(super) fn up(axis: &Axis, values: &Values, bottom: f64, top: f64) -> Ruler {
        let mut ruler = Ruler::bare(axis, values, (bottom, top));
        let room = (bottom - top).abs();
        if ruler.log {
            (ruler.low, ruler.high) = log_range(axis.quantity, ruler.low, ruler.high);
            ruler.take_first_that_fits(axis.quantity, |a, b| (a - b).abs() >= 26.0);
        } else {
            let step = ruler.upright_step(axis.quantity, room);
            (ruler.low, ruler.high) = widened(ruler.low, ruler.high, step);
            ruler.put_multiples(axis.quantity, step);
        }
        ruler
    }

    /// A level axis from `left` to `right`, whose labels stay within `limits`.
    ///
    /// With `swept`, the ticks are the values themselves where they are few and their labels fit.
    pub(super) fn across(
        axis: &Axis,
        values: &Values,
        ends: (f64, f64),
        limits: (f64, f64),
        swept: bool,
    ) -> Ruler {
        let mut ruler = Ruler::bare(axis, values, ends);
        ruler.widen();
        let own = if swept { values.swept() } else { None };
        if let Some(own) = own.filter(|own| !ruler.log || own[0] > 0.0) {
            ruler.ticks =
                own.iter().map(|&value| Tick { value, label: axis.quantity.exact(value) }).collect();
            if ruler.labels_fit() {
                ruler.drop_beyond(limits);
                return ruler;
            }
        }
        if ruler.log {
            ruler.take_first_that_fits_across(axis.quantity);
        } else {
            let mut step = step_at_least(axis.quantity, (ruler.high - ruler.low) / 10.0);
            for _ in 0..12 {
                step = ruler.whole(axis.quantity, step);
                ruler.put_multiples(axis.quantity, step);
                if ruler.labels_fit() {
                    break;
                }
                step = step_at_least(axis.quantity, 1.01 * step);
            }
        }
        ruler.drop_beyond(limits);
        ruler
    }

    /// The range that the values ask for, without ticks.
    fn bare(axis: &Axis, values: &Values, pixels: (f64, f64)) -> Ruler {
        let log = values.is_log(axis);
        let range = if log { values.positive().range() } else { values.range() };
        let (mut low, mut high) = range.unwrap_or((0.0, 1.0));
        if !log {
            if axis.from_zero || (low > 0.0 && low < 0.25 * high) {
                (low, high) = (low.min(0.0), high.max(0.0));
            }
            if low == high {
                let half = if low == 0.0 { 1.0 } else { 0.5 * low.abs() };
                low = if low == 0.0 { 0.0 } else { low - half };
                high += half;
            }
        }
        Ruler { log, low, high, pixels, ticks: Vec::new(), unit: None }
    }

    /// Leaves a little room beyond the values, but none below a zero.
    fn widen(&mut self) {
        if self.log {
            let ratio = (self.high / self.low).powf(0.025).max(1.04);
            (self.low, self.high) = (self.low / ratio, self.high * ratio);
        } else {
            let room = 0.025 * (self.high - self.low);
            self.low = if self.low == 0.0 { 0.0 } else { self.low - room };
            self.high = if self.high == 0.0 { 0.0 } else { self.high + room };
        }
    }

    /// A step that is no part of a thing where whole things are counted.
    fn whole(&self, quantity: Quantity, step: f64) -> f64 {
        if quantity == Quantity::Count && self.high - self.low > 2.0 { step.max(1.0) } else { step }
    }

    /// The step whose ticks are about seventy pixels apart and whose multiples enclose the range closely, rather with
    /// a tick between the ends than without.
    fn upright_step(&self, quantity: Quantity, room: f64) -> f64 {
        let mut steps = Vec::new();
        let mut least = (self.high - self.low) / (room / 24.0).max(2.0);
        for _ in 0..10 {
            steps.push(self.whole(quantity, step_at_least(quantity, least)));
            least = 1.01 * steps[steps.len() - 1];
        }
        let cost = |step: f64| {
            let (low, high) = widened(self.low, self.high, step);
            let waste = 1.0 - (self.high - self.low) / (high - low);
            let alone = if high - low < 1.5 * step { 0.3 } else { 0.0 };
            0.6 * waste + 0.4 * (room * step / (high - low) / 70.0).ln().abs() + alone
        };
        steps.into_iter().min_by(|&a, &b| cost(a).total_cmp(&cost(b))).unwrap_or(1.0)
    }

    fn put_multiples(&mut self, quantity: Quantity, step: f64) {
        let values = multiples(step, self.low, self.high);
        let labels = quantity.in_step(&values, step);
        self.unit = Some(quantity.unit_of_ticks(&values, step));
        self.ticks = values.into_iter().zip(labels).map(|(value, label)| Tick { value, label }).collect();
    }

    fn take_first_that_fits(&mut self, quantity: Quantity, far: impl Fn(f64, f64) -> bool) {
        for set in log_marks(quantity, self.low, self.high) {
            self.put_marks(quantity, &set);
            let places: Vec<f64> = self.ticks.iter().map(|tick| self.place(tick.value)).collect();
            if places.windows(2).all(|pair| far(pair[0], pair[1])) {
                return;
            }
        }
    }

    fn take_first_that_fits_across(&mut self, quantity: Quantity) {
        for set in log_marks(quantity, self.low, self.high) {
            self.put_marks(quantity, &set);
            if self.labels_fit() {
                return;
            }
        }
    }

    /// Chooses the ticks of a level logarithmic axis anew, after its range has changed.
    pub(super) fn retake_log_ticks(&mut self, quantity: Quantity, limits: (f64, f64)) {
        self.take_first_that_fits_across(quantity);
        self.drop_beyond(limits);
    }

    fn put_marks(&mut self, quantity: Quantity, marks: &[f64]) {
        self.ticks = marks.iter().map(|&value| Tick { value, label: quantity.exact(value) }).collect();
    }

    /// Whether no label of a level axis comes close to the next.
    fn labels_fit(&self) -> bool {
        let ends: Vec<(f64, f64)> = self.ticks.iter().map(|tick| self.label_ends(tick)).collect();
        ends.windows(2).all(|pair| pair[0].1 + 14.0 <= pair[1].0)
    }

    fn label_ends(&self, tick: &Tick) -> (f64, f64) {
        let (middle, half) = (self.place(tick.value), TICK.width(&tick.label) / 2.0);
        (middle - half, middle + half)
    }

    fn drop_beyond(&mut self, limits: (f64, f64)) {
        let inside: Vec<bool> = self
            .ticks
            .iter()
            .map(|tick| self.label_ends(tick))
            .map(|ends| ends.0 >= limits.0 && ends.1 <= limits.1)
            .collect();
        let mut inside = inside.iter();
        self.ticks.retain(|_| *inside.next().unwrap_or(&false));
    }

    /// The pixel of a value; one beyond the range stands at its end.
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = if self.log {
            (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.pixels.0 + share.clamp(0.0, 1.0) * (self.pixels.1 - self.pixels.0)
    }

    /// Whether a value can be shown at all.
    pub(super) fn shows(&self, value: f64) -> bool {
        value.is_finite() && (!self.log || value > 0.0)
    }

    /// The width of the widest label.
    pub(super) fn label_width(&self) -> f64 {
        self.ticks.iter().map(|tick| TICK.width(&tick.label)).fold(0.0, f64::max)
    }
}

/// The range from the multiple of a step below `low` to the one above `high`.
fn widened(low: f64, high: f64, step: f64) -> (f64, f64) {
    ((low / step + 1e-6).floor() * step, (high / step - 1e-6).ceil() * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ruler: &Ruler) -> Vec<&str> {
        ruler.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn an_upright_axis_starts_at_zero_and_ends_on_a_tick() {
        let axis = Axis::new("GPU utilisation", Quantity::Share);
        let ruler = Ruler::up(&axis, &Values::of([0.31, 0.97]), 300.0, 0.0);
        assert_eq!(labels(&ruler), ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]);
        assert_eq!((ruler.place(0.0), ruler.place(1.0)), (300.0, 0.0));
    }

    /// 10 to 1000 on a log axis 200 long: 100 stands in the middle.
    #[test]
    fn a_log_axis_spreads_ratios_evenly() {
        let axis = Axis::new("files", Quantity::Count).log();
        let ruler = Ruler::up(&axis, &Values::of([10.0, 1000.0]), 0.0, 200.0);
        assert!((ruler.place(100.0) - 100.0).abs() < 1e-9);
        assert!(!ruler.shows(0.0) && ruler.shows(0.1));
    }

    #[test]
    fn a_sweep_that_doubles_gets_a_log_axis_with_its_own_ticks() {
        let axis = Axis::new("workers", Quantity::Count);
        let values = Values::of([4.0, 8.0, 16.0, 32.0, 64.0]);
        let ruler = Ruler::across(&axis, &values, (0.0, 800.0), (-50.0, 850.0), true);
        assert!(ruler.log);
        assert_eq!(labels(&ruler), ["4", "8", "16", "32", "64"]);
    }

    #[test]
    fn equal_values_stand_inside_their_axis() {
        for value in [0.0, 5.0, -5.0, 1e9] {
            for axis in [Axis::new("x", Quantity::Count), Axis::new("x", Quantity::Seconds).tight()] {
                let ruler = Ruler::up(&axis, &Values::of([value, value]), 100.0, 0.0);
                assert!(ruler.low <= value && value <= ruler.high && ruler.low < ruler.high);
                assert!(ruler.ticks.len() >= 2, "{value}: {:?}", ruler.ticks);
            }
        }
    }

    #[test]
    fn labels_beyond_the_limits_are_left_out() {
        let axis = Axis::new("time", Quantity::Seconds).linear();
        let ruler = Ruler::across(&axis, &Values::of([0.0, 100.0]), (0.0, 600.0), (0.0, 590.0), false);
        assert_eq!(labels(&ruler), ["15 s", "30 s", "45 s", "60 s", "75 s", "90 s"]);
    }
}
