//! Confidence intervals for a mean, by Student's t.

use super::Tally;

/// A mean and how far from it the true one may lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The mean of the values.
    pub mean: f64,
    /// The true mean lies within `mean ± half_width` with the confidence asked for.
    pub half_width: f64,
}

impl Interval {
    /// The interval of the mean of independent, about normal values, at `confidence` such as 0.95.
    ///
    /// `half_width = t · s / √n`, with t the quantile of Student's distribution with n − 1 degrees of freedom at
    /// (1 + confidence)/2. None with fewer than two values, which say nothing about their spread.
    #[must_use]
    pub fn of(values: &[f64], confidence: f64) -> Option<Self> {
        Self::of_tally(&values.iter().copied().collect(), confidence)
    }

    /// The same from a tally of the values.
    #[must_use]
    pub fn of_tally(tally: &Tally, confidence: f64) -> Option<Self> {
        let (mean, sd) = (tally.mean()?, tally.sd()?);
        let n = tally.count() as f64;
        let t = student_t_quantile(0.5 + 0.5 * confidence, n - 1.0);
        Some(Self { mean, half_width: t * sd / n.sqrt() })
    }

    /// The interval at 95 %.
    #[must_use]
    pub fn of_95(values: &[f64]) -> Option<Self> {
        Self::of(values, 0.95)
    }

    /// Whether `value` lies within.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (value - self.mean).abs() <= self.half_width
    }
}

/// The value below which a share `p` of Student's t distribution with `freedom` degrees of freedom lies.
///
/// Bisection over the tail probability `I(x; ν/2, 1/2) / 2` at `x = ν / (ν + t²)`; accurate to about 1e-12 of the value.
///
/// # Panics
///
/// If `p` is not between 0 and 1, or `freedom` is not positive.
#[must_use]
pub fn student_t_quantile(p: f64, freedom: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "a quantile is asked for within its distribution");
    assert!(freedom > 0.0, "a t distribution has degrees of freedom");
    if p < 0.5 {
        return -student_t_quantile(1.0 - p, freedom);
    }
    let tail = 1.0 - p;
    let (mut low, mut high) = (0.0, 1.0);
    while student_t_tail(high, freedom) > tail {
        (low, high) = (high, 2.0 * high);
    }
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if student_t_tail(middle, freedom) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// The probability of a value above `t ≥ 0`.
fn student_t_tail(t: f64, freedom: f64) -> f64 {
    let total = freedom + t * t;
    0.5 * incomplete_beta(freedom / total, t * t / total, 0.5 * freedom, 0.5)
}

/// The regularised incomplete beta function at `x`, with `y = 1 − x` given so that neither loses digits.
///
/// By its continued fraction where that converges fast, else by the symmetry `I(x; a, b) = 1 − I(y; b, a)`.
fn incomplete_beta(x: f64, y: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || y <= 0.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let front = libm::exp(a * libm::log(x) + b * libm::log(y) - log_beta);
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(y, b, a) / b
    }
}

/// The continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated by Lentz's method.
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TERMS: u32 = 10_000;
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..TERMS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for coefficient in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + coefficient * d);
            c = away_from_zero(1.0 + coefficient / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Distribution, Draws};

    /// Printed tables of Student's t, two-sided 95 % and 99.9 %.
    #[test]
    fn published_percentage_points() {
        let table = [
            (0.975, 1.0, 12.706),
            (0.975, 2.0, 4.303),
            (0.975, 4.0, 2.776),
            (0.975, 9.0, 2.262),
            (0.975, 29.0, 2.045),
            (0.975, 120.0, 1.980),
            (0.9995, 1.0, 636.619),
            (0.9995, 9.0, 4.781),
            (0.9995, 30.0, 3.646),
            (0.95, 5.0, 2.015),
            (0.9, 10.0, 1.372),
        ];
        for (p, freedom, t) in table {
            let found = student_t_quantile(p, freedom);
            assert!((found - t).abs() <= 5.1e-4, "{p} {freedom}: {found}");
        }
    }

    /// One degree of freedom: t = tan(π(p − 1/2)); two: t = (2p − 1) / √(2p(1 − p)).
    #[test]
    fn closed_forms_of_one_and_two_degrees() {
        for p in [0.5, 0.6, 0.8, 0.95, 0.999, 0.999_99] {
            let cauchy = libm::tan(std::f64::consts::PI * (p - 0.5));
            assert!((student_t_quantile(p, 1.0) - cauchy).abs() <= 1e-10 * cauchy.max(1e-3), "{p}");
            let two = (2.0 * p - 1.0) / (2.0 * p * (1.0 - p)).sqrt();
            assert!((student_t_quantile(p, 2.0) - two).abs() <= 1e-10 * two.max(1e-3), "{p}");
        }
    }

    #[test]
    fn many_degrees_of_freedom_are_normal() {
        let t = student_t_quantile(0.975, 1e7);
        assert!((t - 1.959_964).abs() < 1e-5, "{t}");
        assert_eq!(student_t_quantile(0.025, 7.0), -student_t_quantile(0.975, 7.0));
    }

    /// 1, 2, 3: mean 2, s = 1, t = 4.3027 with two degrees of freedom, over √3.
    #[test]
    fn three_values_by_hand() {
        let interval = Interval::of_95(&[1.0, 2.0, 3.0]).unwrap();
        assert_eq!(interval.mean, 2.0);
        assert!((interval.half_width - 4.302_652_73 / 3_f64.sqrt()).abs() < 1e-8);
        assert!(interval.contains(4.4) && !interval.contains(4.5));
    }

    #[test]
    fn one_value_has_no_interval() {
        assert_eq!(Interval::of_95(&[5.0]), None);
    }

    /// Of 4,000 intervals over five normal values each, 95 % hold the true mean: 3,800 with a standard deviation of
    /// √(4,000 · 0.95 · 0.05) = 13.8.
    #[test]
    fn intervals_cover_as_often_as_they_say() {
        let normal = Distribution::Normal { mean: 100.0, sd: 1.0 };
        let stream = Draws::new(6, 0).of("coverage");
        let covered = (0..4_000).filter(|&trial| {
            let values: Vec<f64> = (0..5).map(|i| normal.quantile(stream.at(trial, i).unit())).collect();
            Interval::of_95(&values).unwrap().contains(100.0)
        });
        assert!((covered.count() as f64 - 3_800.0).abs() < 3.29 * 13.8);
    }
}
