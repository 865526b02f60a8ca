//! Distributions of latencies and sizes: their parameters, exact moments and quantiles.

use super::normal;
use thiserror::Error;

/// The standard normal value below which 99 % lie.
const Z_99: f64 = 2.326_347_874_040_841;

/// A distribution of values that are not negative, in whatever unit the caller thinks in.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always this value.
    Fixed(f64),
    /// Normal, cut at 0: the bell curve with `mean` and `sd`, of which only what is positive is kept and scaled up.
    ///
    /// So [`mean`](Self::mean) lies a little above the parameter: by 3e-5 of `sd` at `mean = 4 sd`, by 6 % of `sd` at
    /// `mean = 2 sd`.
    Normal {
        /// The centre of the uncut curve.
        mean: f64,
        /// The standard deviation of the uncut curve.
        sd: f64,
    },
    /// `exp(mu + sigma · z)` with z standard normal.
    LogNormal {
        /// The logarithm of the median.
        mu: f64,
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
    /// Memoryless.
    Exponential {
        /// The mean.
        mean: f64,
    },
    /// Every value from `low` to `high` alike.
    Uniform {
        /// The smallest value.
        low: f64,
        /// The largest value.
        high: f64,
    },
    /// A table of values and their weights, in any order; values between two entries do not occur.
    Empirical(Vec<(f64, f64)>),
    /// Mostly `body`, but `tail` with `probability`.
    Tailed {
        /// What is usual.
        body: Box<Self>,
        /// What is rare.
        tail: Box<Self>,
        /// How often the tail is drawn, 0 to 1.
        probability: f64,
    },
}

/// Why a distribution cannot be drawn from.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum DistributionError {
    /// A parameter is negative, infinite or not a number.
    #[error("expected a finite {what} of at least 0, found {value}")]
    Negative {
        /// The parameter.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// The parameters of a lognormal are not finite: its mean or median was not above 0.
    #[error("expected a lognormal with a mean and a median above 0")]
    NotLogNormal,
    /// The ends of a uniform distribution are the wrong way round.
    #[error("expected the lower end {low} to be at most the upper end {high}")]
    Reversed {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// No value of a table can occur.
    #[error("expected a table whose weights add up to more than 0")]
    Weightless,
    /// The probability of a tail is none.
    #[error("expected a probability from 0 to 1 for the tail, found {0}")]
    Probability(f64),
}

/// Where in a distribution: the probability below a point and the one above it, each to full relative accuracy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    pub(super) below: f64,
    pub(super) above: f64,
}

impl Distribution {
    /// The lognormal with this mean and standard deviation: `sigma² = ln(1 + (sd/mean)²)`, `mu = ln(mean) − sigma²/2`.
    #[must_use]
    pub fn lognormal_with_sd(mean: f64, sd: f64) -> Self {
        Self::lognormal_with_cv(mean, sd / mean)
    }

    /// The lognormal with this mean and coefficient of variation (standard deviation over mean).
    #[must_use]
    pub fn lognormal_with_cv(mean: f64, cv: f64) -> Self {
        Self::lognormal_with_sigma(mean, libm::log1p(cv * cv).sqrt())
    }

    /// The lognormal with this mean and standard deviation of the logarithm: `mu = ln(mean) − sigma²/2`.
    #[must_use]
    pub fn lognormal_with_sigma(mean: f64, sigma: f64) -> Self {
        Self::LogNormal { mu: libm::log(mean) - 0.5 * sigma * sigma, sigma }
    }

    /// The lognormal of which half lies below `median` and 99 % below `p99`: `sigma = ln(p99/median) / 2.326…`.
    #[must_use]
    pub fn lognormal_with_p99(median: f64, p99: f64) -> Self {
        Self::LogNormal { mu: libm::log(median), sigma: libm::log(p99 / median) / Z_99 }
    }

    /// The same distribution in another unit: every value times `factor`.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        match self {
            Self::Fixed(value) => Self::Fixed(value * factor),
            Self::Normal { mean, sd } => Self::Normal { mean: mean * factor, sd: sd * factor },
            Self::LogNormal { mu, sigma } => Self::LogNormal { mu: mu + libm::log(factor), sigma: *sigma },
            Self::Exponential { mean } => Self::Exponential { mean: mean * factor },
            Self::Uniform { low, high } => Self::Uniform { low: low * factor, high: high * factor },
            Self::Empirical(table) => {
                Self::Empirical(table.iter().map(|&(value, weight)| (value * factor, weight)).collect())
            }
            Self::Tailed { body, tail, probability } => Self::Tailed {
                body: Box::new(body.scaled(factor)),
                tail: Box::new(tail.scaled(factor)),
                probability: *probability,
            },
        }
    }

    /// Whether the parameters make sense; the other methods give nonsense where they do not.
    ///
    /// # Errors
    ///
    /// If a value, mean, deviation or weight is negative or not finite, a uniform distribution's ends are reversed, a
    /// table has no weight, or a tail's probability lies outside 0 to 1.
    pub fn check(&self) -> Result<(), DistributionError> {
        match self {
            Self::Fixed(value) => not_negative("value", *value),
            Self::Normal { mean, sd } => {
                not_negative("mean", *mean).and_then(|()| not_negative("standard deviation", *sd))
            }
            Self::LogNormal { mu, .. } if !mu.is_finite() => Err(DistributionError::NotLogNormal),
            Self::LogNormal { sigma, .. } => not_negative("sigma", *sigma),
            Self::Exponential { mean } => not_negative("mean", *mean),
            Self::Uniform { low, high } if low > high => {
                Err(DistributionError::Reversed { low: *low, high: *high })
            }
            Self::Uniform { low, high } => {
                not_negative("lower end", *low).and_then(|()| not_negative("upper end", *high))
            }
            Self::Empirical(table) => check_table(table),
            Self::Tailed { probability, .. } if !(0.0..=1.0).contains(probability) => {
                Err(DistributionError::Probability(*probability))
            }
            Self::Tailed { body, tail, .. } => body.check().and_then(|()| tail.check()),
        }
    }

    /// The exact mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Fixed(value) => *value,
            Self::Normal { mean, sd } if *sd > 0.0 => mean + sd * cut_hazard(*mean, *sd),
            Self::Normal { mean, .. } | Self::Exponential { mean } => *mean,
            Self::LogNormal { mu, sigma } => libm::exp(mu + 0.5 * sigma * sigma),
            Self::Uniform { low, high } => 0.5 * (low + high),
            Self::Empirical(table) => weighted_mean(table, |value| value),
            Self::Tailed { body, tail, probability } => {
                (1.0 - probability) * body.mean() + probability * tail.mean()
            }
        }
    }

    /// The exact standard deviation.
    #[must_use]
    pub fn sd(&self) -> f64 {
        match self {
            Self::Fixed(_) => 0.0,
            Self::Normal { mean, sd } if *sd > 0.0 => {
                let hazard = cut_hazard(*mean, *sd);
                sd * (1.0 - hazard * (mean / sd + hazard)).sqrt()
            }
            Self::Normal { .. } => 0.0,
            Self::LogNormal { sigma, .. } => self.mean() * libm::expm1(sigma * sigma).sqrt(),
            Self::Exponential { mean } => *mean,
            Self::Uniform { low, high } => (high - low) / 12_f64.sqrt(),
            Self::Empirical(table) => {
                let mean = self.mean();
                weighted_mean(table, |value| (value - mean) * (value - mean)).sqrt()
            }
            Self::Tailed { body, tail, probability } => {
                let (within_body, within_tail) = (body.sd(), tail.sd());
                let apart = tail.mean() - body.mean();
                let within =
                    (1.0 - probability) * within_body * within_body + probability * within_tail * within_tail;
                (within + probability * (1.0 - probability) * apart * apart).sqrt()
            }
        }
    }

    /// The probability of a value of at most `x`.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        match self {
            Self::Fixed(value) => f64::from(x >= *value),
            Self::Empirical(table) => weighted_mean(table, |value| f64::from(value <= x)),
            Self::Tailed { body, tail, probability } => {
                (1.0 - probability) * body.cdf(x) + probability * tail.cdf(x)
            }
            _ if x < 0.0 => 0.0,
            Self::Normal { mean, sd } if *sd > 0.0 => {
                (normal::cdf((x - mean) / sd) - normal::cdf(-mean / sd)) / normal::cdf(mean / sd)
            }
            Self::LogNormal { mu, sigma } if *sigma > 0.0 => normal::cdf((libm::log(x) - mu) / sigma),
            Self::Exponential { mean } if *mean > 0.0 => -libm::expm1(-x / mean),
            Self::Uniform { low, high } if low < high => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Self::Normal { .. }
            | Self::LogNormal { .. }
            | Self::Exponential { .. }
            | Self::Uniform { .. } => f64::from(x >= self.mean()),
        }
    }

    /// The smallest value with at least probability `p` at or below it; `p` is taken into 0 to 1.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let p = p.clamp(0.0, 1.0);
        match self {
            Self::Empirical(table) => table_quantile(table, p),
            Self::Tailed { body, tail, .. } => {
                let (a, b) = (body.quantile(p), tail.quantile(p));
                self.quantile_between(p, a.min(b), a.max(b))
            }
            _ => self.value_at(Position { below: p, above: 1.0 - p }),
        }
    }

    /// The value of a distribution with a formula for its quantiles.
    ///
    /// # Panics
    ///
    /// If it has none: tables and tails are taken apart before.
    pub(super) fn value_at(&self, at: Position) -> f64 {
        match self {
            Self::Fixed(value) => *value,
            Self::Normal { mean, sd } => {
                // Of the uncut curve, the part below 0 comes first.
                let kept = normal::cdf(mean / sd);
                (mean + sd * normal::quantile(1.0 - kept * at.above, kept * at.above)).max(0.0)
            }
            Self::LogNormal { mu, sigma } if *sigma > 0.0 => {
                libm::exp(mu + sigma * normal::quantile(at.below, at.above))
            }
            Self::LogNormal { mu, .. } => libm::exp(*mu),
            Self::Exponential { mean } if at.below < 0.5 => -mean * libm::log1p(-at.below),
            Self::Exponential { mean } => -mean * libm::log(at.above),
            Self::Uniform { low, high } => low * at.above + high * at.below,
            Self::Empirical(_) | Self::Tailed { .. } => panic!("a table or tail has no formula of its own"),
        }
    }

    /// Bisection over the bits of the values, which are in the order of the numbers as none is negative.
    fn quantile_between(&self, p: f64, low: f64, high: f64) -> f64 {
        let (mut low, mut high) = (low.to_bits(), high.to_bits());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.cdf(f64::from_bits(middle)) < p {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        f64::from_bits(low)
    }
}

/// The density of the uncut curve at 0 over the probability above it, both of the standard normal.
fn cut_hazard(mean: f64, sd: f64) -> f64 {
    normal::density(mean / sd) / normal::cdf(mean / sd)
}

fn not_negative(what: &'static str, value: f64) -> Result<(), DistributionError> {
    if value >= 0.0 && value.is_finite() { Ok(()) } else { Err(DistributionError::Negative { what, value }) }
}

fn check_table(table: &[(f64, f64)]) -> Result<(), DistributionError> {
    for &(value, weight) in table {
        not_negative("value", value)?;
        not_negative("weight", weight)?;
    }
    let total: f64 = table.iter().map(|&(_, weight)| weight).sum();
    if total > 0.0 && total.is_finite() { Ok(()) } else { Err(DistributionError::Weightless) }
}

fn weighted_mean(table: &[(f64, f64)], of: impl Fn(f64) -> f64) -> f64 {
    let total: f64 = table.iter().map(|&(_, weight)| weight).sum();
    table.iter().map(|&(value, weight)| of(value) * weight).sum::<f64>() / total
}

/// The table in order of value, without what cannot occur.
pub(super) fn in_order(table: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut table: Vec<_> = table.iter().copied().filter(|&(_, weight)| weight > 0.0).collect();
    table.sort_by(|a, b| a.0.total_cmp(&b.0));
    table
}

fn table_quantile(table: &[(f64, f64)], p: f64) -> f64 {
    let table = in_order(table);
    let total: f64 = table.iter().map(|&(_, weight)| weight).sum();
    let mut sum = 0.0;
    for &(value, weight) in &table {
        sum += weight;
        if sum >= p * total {
            return value;
        }
    }
    table.last().map_or(0.0, |&(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= 1e-12 * expected.abs()
    }

    /// Mean 10, cv 0.5: sigma² = ln 1.25, median 10 / √1.25.
    #[test]
    fn lognormals_keep_what_they_were_made_from() {
        let made = Distribution::lognormal_with_cv(10.0, 0.5);
        assert!(near(made.mean(), 10.0) && near(made.sd(), 5.0));
        assert!(near(made.quantile(0.5), 10.0 / 1.25_f64.sqrt()));
        assert!(near(Distribution::lognormal_with_sd(10.0, 5.0).sd(), 5.0));
        assert!(near(Distribution::lognormal_with_sigma(10.0, 0.7).mean(), 10.0));
        let made = Distribution::lognormal_with_p99(20.0, 90.0);
        assert!(near(made.quantile(0.5), 20.0) && near(made.quantile(0.99), 90.0));
    }

    /// A bell curve centred on 0 and cut there is the half-normal: mean sd·√(2/π), variance sd²·(1 − 2/π).
    #[test]
    fn cut_at_its_centre_a_normal_is_half_normal() {
        let half = Distribution::Normal { mean: 0.0, sd: 3.0 };
        let two_over_pi = 2.0 / std::f64::consts::PI;
        assert!(near(half.mean(), 3.0 * two_over_pi.sqrt()));
        assert!(near(half.sd(), 3.0 * (1.0 - two_over_pi).sqrt()));
        assert!(near(half.cdf(3.0 * 0.674_489_750_196_081_7), 0.5));
    }

    /// 1, 2 and 6 with weights 1 : 2 : 1: mean 11/4, variance (1 + 8 + 36)/4 − 121/16 = 59/16.
    #[test]
    fn a_table_has_weighted_moments() {
        let table = Distribution::Empirical(vec![(6.0, 10.0), (1.0, 10.0), (2.0, 20.0)]);
        assert!(near(table.mean(), 2.75) && near(table.sd(), (59.0_f64 / 16.0).sqrt()));
        assert_eq!([table.quantile(0.25), table.quantile(0.26), table.quantile(1.0)], [1.0, 2.0, 6.0]);
    }

    /// 9 in 10 uniform on 0..10, 1 in 10 uniform on 100..200: mean 4.5 + 15, the median 5/0.9, and 95 % below 150.
    #[test]
    fn a_tailed_distribution_mixes() {
        let tailed = Distribution::Tailed {
            body: Box::new(Distribution::Uniform { low: 0.0, high: 10.0 }),
            tail: Box::new(Distribution::Uniform { low: 100.0, high: 200.0 }),
            probability: 0.1,
        };
        assert!(near(tailed.mean(), 19.5));
        let second_moment = 0.9 * 100.0 / 3.0 + 0.1 * (10_000.0 / 12.0 + 150.0 * 150.0);
        assert!(near(tailed.sd(), (second_moment - 19.5 * 19.5_f64).sqrt()));
        assert!(near(tailed.quantile(0.5), 5.0 / 0.9) && near(tailed.quantile(0.95), 150.0));
        assert!(near(tailed.cdf(50.0), 0.9));
    }

    #[test]
    fn seconds_become_nanoseconds() {
        let seconds = Distribution::lognormal_with_cv(0.010, 0.5);
        let nanoseconds = seconds.scaled(1e9);
        assert!(near(nanoseconds.mean(), 10e6) && near(nanoseconds.sd(), 5e6));
    }

    #[test]
    fn parameters_without_a_meaning_are_named() {
        let message = |distribution: Distribution| distribution.check().unwrap_err().to_string();
        assert_eq!(
            message(Distribution::Exponential { mean: -1.0 }),
            "expected a finite mean of at least 0, found -1"
        );
        assert_eq!(
            message(Distribution::lognormal_with_cv(0.0, 1.0)),
            "expected a lognormal with a mean and a median above 0"
        );
        assert_eq!(
            message(Distribution::Empirical(vec![(5.0, 0.0)])),
            "expected a table whose weights add up to more than 0"
        );
        let nested = Distribution::Tailed {
            body: Box::new(Distribution::Fixed(f64::NAN)),
            tail: Box::new(Distribution::Fixed(1.0)),
            probability: 0.5,
        };
        assert_eq!(message(nested), "expected a finite value of at least 0, found NaN");
    }
}
