//! Spreads as written become distributions and draw tables.

use ingestsim_des::draw::{Distribution, QuantileTable};
use ingestsim_scenario::schema::spread::{LogNormal, Spread};
use ingestsim_units::{Bytes, Span};

use super::BuildError;

/// File sizes in bytes.
pub(crate) fn bytes(spread: &Spread<Bytes>) -> Distribution {
    distribution(spread, Bytes::as_f64)
}

/// Times in nanoseconds.
pub(crate) fn nanos(spread: &Spread<Span>) -> Distribution {
    distribution(spread, |span| span.as_nanos() as f64)
}

/// The draw table of a time that the scenario may state, in nanoseconds.
pub(crate) fn span_table(written: Option<&Spread<Span>>, otherwise: Span) -> QuantileTable {
    let distribution = written.map_or_else(|| fixed(otherwise), nanos);
    QuantileTable::new(&distribution).expect("a checked scenario holds distributions that can be drawn from")
}

/// A time that is always the same.
pub(crate) const fn fixed(span: Span) -> Distribution {
    Distribution::Fixed(span.as_nanos() as f64)
}

/// The draw table of a distribution that was written at a key.
pub(crate) fn table_of(distribution: &Distribution, path: &str) -> Result<QuantileTable, BuildError> {
    QuantileTable::new(distribution).map_err(|error| BuildError::new(path, error.to_string()))
}

fn distribution<T: Copy>(spread: &Spread<T>, value: impl Fn(T) -> f64) -> Distribution {
    match spread {
        Spread::Fixed(fixed) => Distribution::Fixed(value(*fixed)),
        Spread::Normal(normal) => Distribution::Normal { mean: value(normal.mean), sd: value(normal.sd) },
        Spread::LogNormal(lognormal) => match *lognormal {
            LogNormal::MeanSd { mean, sd } => Distribution::lognormal_with_sd(value(mean), value(sd)),
            LogNormal::MeanCv { mean, cv } => Distribution::lognormal_with_cv(value(mean), cv),
            LogNormal::MeanSigma { mean, sigma } => Distribution::lognormal_with_sigma(value(mean), sigma),
            LogNormal::MedianP99 { median, p99 } => {
                Distribution::lognormal_with_p99(value(median), value(p99))
            }
        },
        Spread::Table(rows) => {
            Distribution::Empirical(rows.iter().map(|&(at, count)| (value(at), count as f64)).collect())
        }
    }
}
