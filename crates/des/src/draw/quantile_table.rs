//! Quantile tables: any distribution drawn in a nanosecond.

mod recent;

use super::{Distribution, DistributionError, Luck, distribution, distribution::Position, high_product};
use ingestsim_units::{Bytes, Span};

const CELL_BITS: u32 = 10;
const CELLS: usize = 1 << CELL_BITS;
/// How many values of a draw fall into one cell.
const CELL_WIDTH: u128 = 1 << (64 - CELL_BITS);
/// How many values a draw has.
const DRAWS: f64 = (1_u128 << 64) as f64;
/// Values are kept in 256ths of a unit.
const FRACTION_BITS: u32 = 8;
const ONE: f64 = (1 << FRACTION_BITS) as f64;
const HALF: u64 = 1 << (FRACTION_BITS - 1);
/// Marks a cell that is not one straight line.
const REFINED: u64 = 1 << 63;
/// Values are at most 2^54 units, which as nanoseconds are 208 days.
const VALUE_MAX: f64 = (1_u64 << 54) as f64;
/// A whole cell counts as straight if it is off by less than this share of the value in its middle.
const CELL_ERROR: f64 = 1.0 / 2048.0;
/// A piece of a cell counts as straight if it is off by less than this share of the value in its middle.
const PIECE_ERROR: f64 = 1.0 / 8192.0;
/// The same for a piece with a probability of less than 2^-30.
const RARE_ERROR: f64 = 1.0 / 512.0;
const RARE: u128 = 1 << 34;
/// Values below this share of the mean need not be more exact than it.
const SMALL: f64 = 1.0 / 16.0;
/// Either may be off by this many units, as values are rounded to whole ones.
const ABSOLUTE_ERROR: f64 = 1.0 / 64.0;
/// A piece with probability 2^-54 is not divided any further.
const PIECE_WIDTH_MIN: u128 = 1 << 10;

/// A distribution laid out so that a draw costs one load and one product.
///
/// The range of a draw is cut into 1,024 cells of equal probability, and the value runs straight from one end of a
/// cell to the other. Where a straight line would be off by more than 1/2048 of the value (in the outermost cells, and
/// where the distribution jumps) a cell is cut into pieces, halved until each is right to 1/8192; so the 99.99th
/// percentile and far beyond are right as well, to 1/512 even where one draw in 10^8 falls. Values are rounded to whole
/// units: nanoseconds, or bytes.
///
/// A table of values (`Empirical`) is drawn exactly, value by value. The body and the tail of a `Tailed` distribution
/// lie one behind the other, not merged in order: a draw's upper end stands for the tail.
///
/// The mean differs from the distribution's by less than 1e-4 of it, as long as values of less than 2^-54
/// probability do not matter for it (lognormal: sigma up to 4). Built with `libm` and IEEE arithmetic only, so the
/// bits are the same on any machine.
#[derive(Debug, Clone)]
pub struct QuantileTable {
    /// The values between cells; bit 63 marks cells found in `pieces`.
    knots: Box<[u64; CELLS + 1]>,
    pieces: Vec<Piece>,
    /// Cell `i` has the pieces from `first_piece[i]` to before `first_piece[i + 1]`.
    first_piece: Vec<u32>,
    mean: f64,
}

/// A straight run within a cell.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: u64,
    low: u64,
    /// Growth in 256ths of a unit from one draw to the next larger one.
    slope: f64,
}

impl QuantileTable {
    /// The table of `distribution`, whose unit becomes the unit of the draws.
    ///
    /// # Errors
    ///
    /// If the distribution's parameters make no sense, see [`Distribution::check`].
    pub fn new(distribution: &Distribution) -> Result<Self, DistributionError> {
        distribution.check()?;
        Ok(recent::table_of(distribution, || Self::of(distribution)))
    }

    /// The table of a distribution whose parameters make sense.
    fn of(distribution: &Distribution) -> Self {
        let mut segments = Vec::new();
        lay_out(distribution, 0, 1 << 64, &mut segments);
        Builder::new(segments, SMALL * distribution.mean()).build()
    }

    /// The table of `factor` times what this one gives, such as half a latency; the same luck draws the same place in it.
    ///
    /// Rounded to 256ths of a unit, like the table itself.
    ///
    /// # Panics
    ///
    /// If `factor` is negative or not finite, or a value leaves the range of the table.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        assert!(factor >= 0.0 && factor.is_finite(), "a table is scaled by a number of 0 or more");
        let scale = |value: u64| {
            let scaled = (value & !REFINED) as f64 * factor;
            assert!(scaled <= VALUE_MAX * ONE, "a scaled value is in the range of the table");
            scaled.round() as u64 | value & REFINED
        };
        let mut table = self.clone();
        table.knots.iter_mut().for_each(|knot| *knot = scale(*knot));
        for piece in &mut table.pieces {
            (piece.low, piece.slope) = (scale(piece.low), piece.slope * factor);
        }
        table.mean *= factor;
        table
    }

    /// The value that belongs to `luck`.
    #[inline]
    #[must_use]
    pub fn sample(&self, luck: Luck) -> u64 {
        let bits = luck.bits();
        let cell = (bits >> (64 - CELL_BITS)) as usize;
        let low = self.knots[cell];
        if low & REFINED != 0 {
            return self.sample_refined(cell, bits);
        }
        let rise = (self.knots[cell + 1] & !REFINED) - low;
        (low + high_product(rise, bits << CELL_BITS)) >> FRACTION_BITS
    }

    /// The value that belongs to `luck`, of a distribution in nanoseconds.
    #[inline]
    #[must_use]
    pub fn span(&self, luck: Luck) -> Span {
        Span::from_nanos(self.sample(luck))
    }

    /// The value that belongs to `luck`, of a distribution in bytes.
    #[inline]
    #[must_use]
    pub fn bytes(&self, luck: Luck) -> Bytes {
        Bytes::new(self.sample(luck))
    }

    /// The mean of what the table gives, before rounding to whole units.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The mean if values below `floor` are raised to it: mean + E[(floor − value)⁺].
    ///
    /// By the midpoint rule over 2^14 draws of equal probability, so within about 1e-4 of `floor`.
    #[must_use]
    pub fn mean_at_least(&self, floor: f64) -> f64 {
        const POINT_BITS: u32 = 14;
        let below = |point: u64| {
            let value = self.sample(Luck::from_bits((2 * point + 1) << (63 - POINT_BITS)));
            (floor - value as f64).max(0.0)
        };
        self.mean + (0..1 << POINT_BITS).map(below).sum::<f64>() / f64::from(1 << POINT_BITS)
    }

    #[cold]
    fn sample_refined(&self, cell: usize, bits: u64) -> u64 {
        let pieces = &self.pieces[self.first_piece[cell] as usize..self.first_piece[cell + 1] as usize];
        let piece = pieces[pieces.partition_point(|piece| piece.start <= bits) - 1];
        (piece.low + ((bits - piece.start) as f64 * piece.slope) as u64) >> FRACTION_BITS
    }
}

/// A part of the range of draws that belongs to one formula or one value.
struct Segment<'a> {
    from: u128,
    to: u128,
    formula: Formula<'a>,
}

enum Formula<'a> {
    Constant(f64),
    Smooth(&'a Distribution),
}

/// Divides the draws `from..to` among the formulas of `distribution`.
fn lay_out<'a>(distribution: &'a Distribution, from: u128, to: u128, segments: &mut Vec<Segment<'a>>) {
    let part = |share: f64| from + (share * (to - from) as f64) as u128;
    match distribution {
        Distribution::Empirical(table) => {
            let table = distribution::in_order(table);
            let total: f64 = table.iter().map(|&(_, weight)| weight).sum();
            let mut sum = 0.0;
            let mut start = from;
            for (index, &(value, weight)) in table.iter().enumerate() {
                sum += weight;
                let end = if index + 1 == table.len() { to } else { part(sum / total).min(to) };
                push_segment(segments, start, end, Formula::Constant(value));
                start = end;
            }
        }
        Distribution::Tailed { body, tail, probability } => {
            let split = part(1.0 - probability);
            lay_out(body, from, split, segments);
            lay_out(tail, split, to, segments);
        }
        _ if distribution.sd() > 0.0 => push_segment(segments, from, to, Formula::Smooth(distribution)),
        _ => push_segment(segments, from, to, Formula::Constant(distribution.mean())),
    }
}

fn push_segment<'a>(segments: &mut Vec<Segment<'a>>, from: u128, to: u128, formula: Formula<'a>) {
    if from < to {
        segments.push(Segment { from, to, formula });
    }
}

impl Segment<'_> {
    /// The value at draw `at`, an end of the segment or a place within.
    ///
    /// The upper end stands for the middle of the last draw, for which no value is infinite.
    fn value(&self, at: u128) -> f64 {
        let width = to_f64(self.to - self.from);
        let value = match self.formula {
            Formula::Constant(value) => value,
            Formula::Smooth(distribution) => distribution.value_at(Position {
                below: to_f64(at - self.from) / width,
                above: to_f64(self.to - at).max(0.5) / width,
            }),
        };
        value.min(VALUE_MAX)
    }
}

/// A straight line between two draws.
#[derive(Clone, Copy)]
struct Line {
    from: u128,
    to: u128,
    low: f64,
    high: f64,
}

impl Line {
    fn rise(&self) -> f64 {
        self.high - self.low
    }
}

struct Builder<'a> {
    segments: Vec<Segment<'a>>,
    knots: Box<[u64; CELLS + 1]>,
    pieces: Vec<Piece>,
    first_piece: Vec<u32>,
    mean: f64,
    small: f64,
}

impl<'a> Builder<'a> {
    fn new(segments: Vec<Segment<'a>>, small: f64) -> Self {
        Self {
            segments,
            small,
            knots: Box::new([0; CELLS + 1]),
            pieces: Vec::new(),
            first_piece: vec![0; CELLS + 1],
            mean: 0.0,
        }
    }

    fn build(mut self) -> QuantileTable {
        let segments = std::mem::take(&mut self.segments);
        let mut current = 0;
        let mut before = None;
        for cell in 0..CELLS {
            let (from, to) = (cell as u128 * CELL_WIDTH, (cell as u128 + 1) * CELL_WIDTH);
            while segments[current].to <= from {
                current += 1;
                before = None;
            }
            self.first_piece[cell] = self.pieces.len() as u32;
            if segments[current].to < to {
                self.refine_across(&segments[current..], from, to);
                self.knots[cell] |= REFINED;
            } else {
                before = Some(self.lay_cell(cell, &segments[current], before));
            }
        }
        self.first_piece[CELLS] = self.pieces.len() as u32;
        let Self { knots, pieces, first_piece, mean, .. } = self;
        QuantileTable { knots, pieces, first_piece, mean }
    }

    /// Fills a cell that lies within one segment, as does the cell `before` it if given.
    fn lay_cell(&mut self, cell: usize, segment: &Segment<'_>, before: Option<Line>) -> Line {
        let (from, to) = (cell as u128 * CELL_WIDTH, (cell as u128 + 1) * CELL_WIDTH);
        let low = before.map_or_else(|| segment.value(from), |before| before.high);
        let line = Line { from, to, low, high: segment.value(to) };
        // A cell before that was straight has left its upper end here. After a jump that is not where this one begins.
        let continues = cell == 0 || self.is_refined(cell - 1) || self.knots[cell] == fixed(low);
        // A curve leaves a straight line by an eighth of what its slope changes from cell to cell; towards a tail that
        // change grows, less than fourfold.
        let bend = before.map_or(f64::INFINITY, |before| 0.5 * (line.rise() - before.rise()).abs());
        let middle = || segment.value(from + CELL_WIDTH / 2);
        if continues
            && (bend <= self.tolerance(CELL_ERROR, low) || self.is_straight(line, middle(), CELL_ERROR))
        {
            self.knots[cell] = fixed(low);
            self.knots[cell + 1] = fixed(line.high);
            self.add_to_mean(line);
        } else {
            self.refine(segment, line, middle());
            self.knots[cell] |= REFINED;
        }
        line
    }

    fn is_refined(&self, cell: usize) -> bool {
        self.knots[cell] & REFINED != 0
    }

    /// Pieces for a cell in which several segments meet.
    fn refine_across(&mut self, segments: &[Segment<'_>], from: u128, to: u128) {
        for segment in segments.iter().take_while(|segment| segment.from < to) {
            let (from, to) = (segment.from.max(from), segment.to.min(to));
            let line = Line { from, to, low: segment.value(from), high: segment.value(to) };
            self.refine(segment, line, segment.value(from + (to - from) / 2));
        }
    }

    /// Halves `line` until each part is straight.
    fn refine(&mut self, segment: &Segment<'_>, line: Line, middle: f64) {
        let width = line.to - line.from;
        let error = if width < RARE { RARE_ERROR } else { PIECE_ERROR };
        if self.is_straight(line, middle, error) || width <= PIECE_WIDTH_MIN {
            self.pieces.push(Piece {
                start: line.from as u64,
                low: fixed(line.low),
                slope: line.rise() * ONE / width as f64,
            });
            self.add_to_mean(line);
            return;
        }
        let half = line.from + width / 2;
        for part in [Line { to: half, high: middle, ..line }, Line { from: half, low: middle, ..line }] {
            self.refine(segment, part, segment.value(part.from + (part.to - part.from) / 2));
        }
    }

    fn is_straight(&self, line: Line, middle: f64, error: f64) -> bool {
        (0.5 * (line.low + line.high) - middle).abs() <= self.tolerance(error, middle)
    }

    fn tolerance(&self, error: f64, value: f64) -> f64 {
        (error * value.max(self.small)).max(ABSOLUTE_ERROR)
    }

    fn add_to_mean(&mut self, line: Line) {
        self.mean += to_f64(line.to - line.from) / DRAWS * 0.5 * (line.low + line.high);
    }
}

/// A number of draws; most fit into 64 bits, which are faster to convert.
fn to_f64(draws: u128) -> f64 {
    u64::try_from(draws).map_or(DRAWS, |draws| draws as f64)
}

/// A value in 256ths, half a unit up so that dropping the fraction rounds to nearest.
fn fixed(value: f64) -> u64 {
    (value * ONE).round() as u64 + HALF
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The draw below which a share `p` of all draws lie.
    fn luck(p: f64) -> Luck {
        Luck::from_bits((p * 2_f64.powi(64)) as u64)
    }

    fn table(distribution: &Distribution) -> QuantileTable {
        QuantileTable::new(distribution).unwrap()
    }

    /// From 0 to 1,000,000: half of the draws lie below 500,000, a millionth below 1.
    #[test]
    fn a_uniform_distribution_is_one_straight_line() {
        let table = table(&Distribution::Uniform { low: 0.0, high: 1e6 });
        assert_eq!(table.sample(luck(0.5)), 500_000);
        assert_eq!(table.sample(luck(1.6e-6)), 2);
        assert_eq!(table.sample(Luck::from_bits(0)), 0);
        assert_eq!(table.sample(Luck::from_bits(u64::MAX)), 1_000_000);
        assert!(table.pieces.is_empty());
    }

    /// Even from 0 to 8,192, raised to 4,096: half of the draws gain 2,048 on average, so 4,096 + 1,024. A lognormal of
    /// mean 1,000 and sigma 1 raised to 500: by the put formula of Black and Scholes, 1,000 + 500 Φ(−d₂) − 1,000 Φ(−d₁)
    /// with d₁ = ln 2 + 1/2, d₂ = d₁ − 1.
    #[test]
    fn values_below_a_floor_are_raised_to_it() {
        let even = table(&Distribution::Uniform { low: 0.0, high: 8_192.0 });
        assert!((even.mean_at_least(4_096.0) - 5_120.0).abs() < 1.0);
        assert_eq!(table(&Distribution::Fixed(5_000.0)).mean_at_least(4_096.0), 5_000.0);
        let lognormal = table(&Distribution::lognormal_with_sigma(1_000.0, 1.0));
        let below = |d: f64| 0.5 * libm::erfc(d / std::f64::consts::SQRT_2);
        let d1 = std::f64::consts::LN_2 + 0.5;
        let expected = 1_000.0 + 500.0 * below(d1 - 1.0) - 1_000.0 * below(d1);
        assert!((lognormal.mean_at_least(500.0) - expected).abs() < 1.0, "against {expected}");
    }

    /// A lognormal's cells, its pieces in the tails and its mean: half of each, rounded once more.
    #[test]
    fn half_a_table_draws_half_of_every_value() {
        let whole = table(&Distribution::lognormal_with_p99(14e6, 55e6));
        let half = whole.scaled(0.5);
        for p in [0.0, 1e-7, 0.001, 0.3, 0.5, 0.9, 0.9999, 1.0 - 1e-9] {
            let (one, other) = (whole.sample(luck(p)), half.sample(luck(p)));
            assert!(other.abs_diff(one / 2) <= 1, "{one} and {other} at {p}");
        }
        assert_eq!(half.mean(), whole.mean() / 2.0);
        assert!(!whole.pieces.is_empty());
    }

    /// Weights 1 : 2 : 1 in units of 1/4, and one value without weight that never comes.
    #[test]
    fn a_table_gives_its_values_and_no_others() {
        let table = table(&Distribution::Empirical(vec![(70.0, 2.0), (9.0, 1.0), (8.0, 0.0), (500.0, 1.0)]));
        let at = |p| table.sample(luck(p));
        assert_eq!([at(0.0), at(0.249_999), at(0.25), at(0.749_999), at(0.75)], [9, 9, 70, 70, 500]);
        assert_eq!(table.mean(), (9.0 + 2.0 * 70.0 + 500.0) / 4.0);
    }

    /// A third and two thirds meet within a cell: the 341st of 1,024 ends at 0.33301, the 342nd at 0.33398.
    #[test]
    fn a_jump_within_a_cell_is_kept() {
        let table = table(&Distribution::Empirical(vec![(1e3, 1.0), (1e6, 2.0)]));
        assert_eq!(table.sample(luck(0.333_333_3)), 1_000);
        assert_eq!(table.sample(luck(0.333_333_4)), 1_000_000);
    }

    /// More values than cells: each of 5,000 comes for its share of the draws, probed in the middle of it.
    #[test]
    fn more_values_than_cells_all_come() {
        let values = Distribution::Empirical((0..5_000).map(|i| (f64::from(i * 3), 1.0)).collect());
        let table = table(&values);
        for i in 0..5_000_u32 {
            assert_eq!(table.sample(luck((f64::from(i) + 0.5) / 5_000.0)), u64::from(i * 3));
        }
    }

    /// One draw in 1,000 is 1 s instead of 10 ms: mean 10 + 0.001 · 990 ms.
    #[test]
    fn a_tail_is_as_rare_as_it_says() {
        let tailed = Distribution::Tailed {
            body: Box::new(Distribution::Fixed(10e6)),
            tail: Box::new(Distribution::Fixed(1e9)),
            probability: 1e-3,
        };
        let table = table(&tailed);
        assert_eq!(table.sample(luck(0.998_999)), 10_000_000);
        assert_eq!(table.sample(luck(0.999_001)), 1_000_000_000);
        assert!((table.mean() - 10.99e6).abs() < 1e-3);
    }

    /// Far into both tails the table gives the quantile of the formula, within the error it promises.
    #[test]
    fn tails_are_those_of_the_formula() {
        let lognormal = Distribution::lognormal_with_sigma(10e6, 0.5);
        let exponential = Distribution::Exponential { mean: 10e6 };
        let normal = Distribution::Normal { mean: 110e3, sd: 40e3 };
        for distribution in [lognormal, exponential, normal] {
            let table = table(&distribution);
            let floor = SMALL * distribution.mean();
            for tail in [1e-12, 1e-9, 1e-6, 1e-4, 2e-3, 0.03, 0.4] {
                for p in [tail, 1.0 - tail] {
                    let (found, exact) = (table.sample(luck(p)) as f64, distribution.quantile(p));
                    let share = if tail < 1e-8 { RARE_ERROR } else { CELL_ERROR };
                    let allowed = 1.0 + exact.max(floor) * share;
                    assert!((found - exact).abs() < allowed, "{distribution:?} at {p}: {found} {exact}");
                }
            }
        }
    }

    /// A standard deviation of nothing leaves the mean alone.
    #[test]
    fn no_spread_is_a_fixed_value() {
        for distribution in [
            Distribution::Normal { mean: 5.0, sd: 0.0 },
            Distribution::lognormal_with_cv(5.0, 0.0),
            Distribution::Uniform { low: 5.0, high: 5.0 },
        ] {
            assert_eq!(table(&distribution).sample(luck(0.3)), 5);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let refused = QuantileTable::new(&Distribution::Uniform { low: 2.0, high: 1.0 });
        assert_eq!(refused.unwrap_err(), DistributionError::Reversed { low: 2.0, high: 1.0 });
    }
}
