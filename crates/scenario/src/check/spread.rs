//! Checks of a distribution's parameters.

use super::Checker;
use crate::{
    error::Problem,
    path::Path,
    schema::spread::{LogNormal, Spread, Spreadable},
};

/// Checks a spread that may be zero.
pub(super) fn check<T: Spreadable>(spread: &Spread<T>, path: &Path, checker: &mut Checker<'_>) {
    check_drawable(spread, path, checker);
    match spread {
        Spread::Fixed(_) | Spread::Normal(_) => {}
        Spread::LogNormal(lognormal) => check_lognormal(lognormal, &path.key("lognormal"), checker),
        Spread::Table(rows) => {
            let count = rows.iter().map(|(_, count)| *count).try_fold(0, u64::checked_add);
            let path = path.key("table");
            match count {
                Some(0) => {
                    checker.refuse(path, Problem::mismatch("a row with a count of at least 1", "none"));
                }
                None => checker.refuse(path, Problem::mismatch("counts whose sum fits in 64 bits", "more")),
                Some(_) => {}
            }
        }
    }
}

/// Refuses what no draw comes to: a table of quantiles ends at 2^54 base units, 208 days or 18 PB.
fn check_drawable<T: Spreadable>(spread: &Spread<T>, path: &Path, checker: &mut Checker<'_>) {
    let largest = match spread {
        Spread::Fixed(value) => value.base(),
        Spread::Normal(normal) => normal.mean.base().max(normal.sd.base()),
        Spread::Table(rows) => rows.iter().map(|(value, _)| value.base()).max().unwrap_or_default(),
        Spread::LogNormal(LogNormal::MeanSd { mean, sd }) => mean.base().max(sd.base()),
        Spread::LogNormal(LogNormal::MeanCv { mean, .. } | LogNormal::MeanSigma { mean, .. }) => mean.base(),
        Spread::LogNormal(LogNormal::MedianP99 { p99, .. }) => p99.base(),
    };
    if largest > DRAWN_MAX {
        let found = checker.found(path);
        checker.refuse(path.clone(), Problem::mismatch(format!("at most {}", T::DRAWN_MAX), found));
    }
}

/// The largest value of a draw, in base units.
const DRAWN_MAX: u64 = 1 << 54;

/// Checks a spread of something that must be more than nothing on average.
pub(super) fn check_positive<T: Spreadable>(spread: &Spread<T>, path: &Path, checker: &mut Checker<'_>) {
    check(spread, path, checker);
    let mean = match spread {
        Spread::Fixed(value) => value.base() == 0,
        Spread::Normal(normal) => normal.mean.base() == 0,
        Spread::Table(rows) => rows.iter().all(|(value, _)| value.base() == 0),
        Spread::LogNormal(_) => false,
    };
    if mean {
        let found = checker.found(path);
        checker.refuse(path.clone(), Problem::mismatch("more than nothing on average", found));
    }
}

fn check_lognormal<T: Spreadable>(lognormal: &LogNormal<T>, path: &Path, checker: &mut Checker<'_>) {
    let above_zero = "more than nothing, since a lognormal value is never zero";
    match lognormal {
        LogNormal::MeanSd { mean, .. } => checker.expect(mean.base() > 0, path.key("mean"), above_zero),
        LogNormal::MeanCv { mean, cv } => {
            checker.expect(mean.base() > 0, path.key("mean"), above_zero);
            checker.expect_amount(*cv, path.key("cv"));
        }
        LogNormal::MeanSigma { mean, sigma } => {
            checker.expect(mean.base() > 0, path.key("mean"), above_zero);
            checker.expect_amount(*sigma, path.key("sigma"));
        }
        LogNormal::MedianP99 { median, p99 } => {
            checker.expect(median.base() > 0, path.key("median"), above_zero);
            let expected = "a 99th percentile that is not below the median";
            checker.expect(p99.base() >= median.base(), path.key("p99"), expected);
        }
    }
}
