//! The histogram against `hdrhistogram`.

use ingestsim_des::{
    draw::{Distribution, Draws, QuantileTable},
    stats::Histogram,
};

/// A million latencies: percentiles within 1 % of those of a histogram with three significant digits, which are
/// themselves within 0.1 % and stand for the upper end of a bucket.
#[test]
fn percentiles_are_those_of_hdrhistogram() {
    let latency = Distribution::lognormal_with_sigma(12e6, 0.9);
    let table = QuantileTable::new(&latency).expect("a lognormal makes sense");
    let stream = Draws::new(31, 0).of("histogram");
    let mut ours = Histogram::new();
    let mut theirs = hdrhistogram::Histogram::<u64>::new(3).expect("three digits are allowed");
    for i in 0..1_000_000 {
        let value = table.sample(stream.at(i, 0));
        ours.record(value);
        theirs.record(value).expect("the histogram grows as needed");
    }
    for p in [0.0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0] {
        let (found, expected) = (ours.quantile(p).expect("values"), theirs.value_at_quantile(p));
        assert!((found as f64 / expected as f64 - 1.0).abs() < 0.01, "{p}: {found} {expected}");
    }
    assert_eq!(ours.count(), theirs.len());
    assert!((ours.mean().expect("values") / theirs.mean() - 1.0).abs() < 1e-3);
}
