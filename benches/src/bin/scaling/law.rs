//! Laws: cost grows with the size to some power, which is the slope of a line through the logarithms.

use ingestsim_des::stats::student_t_quantile;

use crate::study::{Dimension, Measurement, RUNGS};

/// What grows with size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cost {
    Cpu,
    CpuPerSample,
    Memory,
}

impl Cost {
    const ALL: [Self; 3] = [Self::Cpu, Self::CpuPerSample, Self::Memory];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu_s",
            Self::CpuPerSample => "cpu_per_sample_s",
            Self::Memory => "heap_bytes",
        }
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Cpu => "CPU time",
            Self::CpuPerSample => "CPU time a sample",
            Self::Memory => "memory",
        }
    }

    pub(crate) fn of(self, measurement: &Measurement) -> Option<f64> {
        match self {
            Self::Cpu => Some(measurement.cpu_s),
            Self::CpuPerSample => Some(measurement.per_sample_s()),
            Self::Memory => measurement.heap_bytes.map(|bytes| bytes as f64),
        }
    }
}

/// Cost in proportion to size to the power of `exponent`, from one size to another.
#[derive(Debug, Clone)]
pub(crate) struct Law {
    pub(crate) dimension: Dimension,
    pub(crate) rung: &'static str,
    pub(crate) cost: Cost,
    pub(crate) exponent: f64,
    /// Half the width of its interval at 95 %, by Student's t for the slope of a line.
    pub(crate) half_width: f64,
    pub(crate) points: usize,
    pub(crate) sizes: (u64, u64),
}

/// The laws of all series that are long enough.
pub(crate) fn all(measurements: &[Measurement]) -> Vec<Law> {
    let mut laws = Vec::new();
    for dimension in Dimension::ALL {
        for (rung, _) in RUNGS {
            let of_series = |one: &&Measurement| one.dimension == dimension && one.rung == rung;
            let series: Vec<&Measurement> = measurements.iter().filter(of_series).collect();
            laws.extend(Cost::ALL.into_iter().filter_map(|cost| law(&series, cost)));
        }
    }
    laws
}

/// A run costs something before its first sample. Sizes whose cost is mostly that say nothing of the law: the fit begins
/// where it has grown to so many times that of the smallest run, if it ever does.
const GROWN: f64 = 3.0;

fn law(series: &[&Measurement], cost: Cost) -> Option<Law> {
    let first = series.first()?;
    let start = match (cost, first.dimension) {
        (Cost::Memory, _) => Cost::Memory,
        // A run with more GPUs has about as many samples, so what it costs to start is small throughout.
        (_, Dimension::Gpus) => return fitted(series, cost),
        (Cost::Cpu | Cost::CpuPerSample, _) => Cost::Cpu,
    };
    let least = start.of(first)?;
    let grown =
        series.iter().position(|one| start.of(one).is_some_and(|cost| cost > GROWN * least)).unwrap_or(0);
    fitted(if series.len() - grown < 3 { series } else { &series[grown..] }, cost)
}

fn fitted(series: &[&Measurement], cost: Cost) -> Option<Law> {
    let first = series.first()?;
    let points: Vec<(f64, f64)> =
        series.iter().filter_map(|one| Some(((one.size as f64).ln(), cost.of(one)?.ln()))).collect();
    let (exponent, half_width) = slope(&points)?;
    let sizes = (series.first()?.size, series.last()?.size);
    Some(Law {
        dimension: first.dimension,
        rung: first.rung,
        cost,
        exponent,
        half_width,
        points: points.len(),
        sizes,
    })
}

/// The slope of the least-squares line and half the width of its interval at 95 %: t(n − 2) · s / √Σ(x − x̄)².
fn slope(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n = points.len() as f64;
    if points.len() < 3 {
        return None;
    }
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x_mean, y_mean) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    let slope = points.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum::<f64>() / spread;
    let residual = |(x, y): &(f64, f64)| (y - y_mean - slope * (x - x_mean)).powi(2);
    let variance = points.iter().map(residual).sum::<f64>() / (n - 2.0);
    Some((slope, student_t_quantile(0.975, n - 2.0) * (variance / spread).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::slope;

    /// y = 2x exactly: slope 2, no width.
    #[test]
    fn points_on_a_line_have_its_slope() {
        let (slope, half_width) = slope(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0), (5.0, 11.0)]).unwrap();
        assert!((slope - 2.0).abs() < 1e-12 && half_width < 1e-9);
    }

    /// (0, 0), (1, 2), (2, 1): slope 1/2, residuals −1/2, 1, −1/2, s² = 1.5, Σ(x − x̄)² = 2, t(0.975, 1) = 12.706, so
    /// 12.706 · √0.75 = 11.004.
    #[test]
    fn three_points_off_a_line_have_a_wide_interval() {
        let (slope, half_width) = slope(&[(0.0, 0.0), (1.0, 2.0), (2.0, 1.0)]).unwrap();
        assert!((slope - 0.5).abs() < 1e-12);
        assert!((half_width - 11.004).abs() < 0.001, "{half_width}");
    }

    #[test]
    fn two_points_are_no_law() {
        assert!(slope(&[(0.0, 0.0), (1.0, 1.0)]).is_none());
    }
}
