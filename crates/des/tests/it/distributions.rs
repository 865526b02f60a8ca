//! Quantile tables against the formulas of their distributions, and against `rand_distr`.
//!
//! Every comparison is one of Kolmogorov and Smirnov: the largest distance between two cumulative distributions, times
//! the root of the number of draws, exceeds 1.95 by chance with probability 0.1 %. The seeds are fixed.

use ingestsim_des::draw::{Distribution, Draws, QuantileTable};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64;

const KOLMOGOROV_999: f64 = 1.95;
const PEER_DRAWS: u64 = 50_000;

fn table(distribution: &Distribution) -> QuantileTable {
    QuantileTable::new(distribution).expect("the distributions of these tests make sense")
}

/// `n` draws of the table, in order of size.
fn sorted_draws(distribution: &Distribution, n: u64) -> Vec<f64> {
    let table = table(distribution);
    let stream = Draws::new(2024, 0).of("distributions");
    let mut draws: Vec<f64> = (0..n).map(|i| table.sample(stream.at(i, 0)) as f64).collect();
    draws.sort_by(f64::total_cmp);
    draws
}

/// The distance between the draws and the distribution, which has no jumps but is rounded to whole numbers.
fn distance_to_formula(draws: &[f64], distribution: &Distribution) -> f64 {
    let n = draws.len() as f64;
    let distances = draws.iter().enumerate().map(|(rank, &draw)| {
        let (below, above) = (distribution.cdf(draw - 0.5), distribution.cdf(draw + 0.5));
        (rank as f64 / n - above).max(below - (rank as f64 + 1.0) / n)
    });
    distances.fold(0.0, f64::max)
}

/// The distance between two samples of equal size.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let (mut i, mut j, mut apart) = (0, 0, 0_usize);
    while i < a.len() && j < b.len() {
        if a[i] <= b[j] {
            i += 1;
        } else {
            j += 1;
        }
        apart = apart.max(i.abs_diff(j));
    }
    apart as f64 / a.len() as f64
}

fn smooth_distributions() -> Vec<Distribution> {
    vec![
        Distribution::lognormal_with_sigma(10e6, 0.5),
        Distribution::lognormal_with_cv(110e6, 3.0),
        Distribution::Normal { mean: 10e6, sd: 2e6 },
        Distribution::Normal { mean: 10e6, sd: 12e6 },
        Distribution::Exponential { mean: 10e6 },
        Distribution::Uniform { low: 3e6, high: 9e6 },
        Distribution::Tailed {
            body: Box::new(Distribution::lognormal_with_sigma(10e6, 0.4)),
            tail: Box::new(Distribution::Exponential { mean: 500e6 }),
            probability: 0.01,
        },
    ]
}

#[test]
fn draws_follow_the_formula() {
    for distribution in smooth_distributions() {
        let draws = sorted_draws(&distribution, 100_000);
        let distance = distance_to_formula(&draws, &distribution) * 100_000_f64.sqrt();
        assert!(distance < KOLMOGOROV_999, "{distribution:?}: {distance}");
    }
}

/// Among the largest 1 % only, so that a wrong tail cannot hide behind a right body.
#[test]
fn the_largest_draws_follow_the_formula() {
    for distribution in smooth_distributions() {
        let draws = sorted_draws(&distribution, 1_000_000);
        let edge = distribution.quantile(0.99);
        let tail: Vec<f64> = draws.into_iter().filter(|&draw| draw > edge).collect();
        let n = tail.len() as f64;
        let distances = tail.iter().enumerate().map(|(rank, &draw)| {
            let expected = (distribution.cdf(draw) - 0.99) / 0.01;
            ((rank as f64 + 0.5) / n - expected).abs()
        });
        let distance = distances.fold(0.0, f64::max) * n.sqrt();
        assert!(distance < KOLMOGOROV_999, "{distribution:?}: {distance}");
    }
}

#[test]
fn draws_are_like_those_of_rand_distr() {
    let mut rng = Pcg64::seed_from_u64(77);
    let normal = rand_distr::Normal::new(10e6, 12e6).unwrap();
    let lognormal = rand_distr::LogNormal::new(16.0, 0.8).unwrap();
    let exponential = rand_distr::Exp::new(1e-7).unwrap();
    let pairs = [
        (Distribution::Normal { mean: 10e6, sd: 12e6 }, positive(normal, &mut rng)),
        (Distribution::LogNormal { mu: 16.0, sigma: 0.8 }, positive(lognormal, &mut rng)),
        (Distribution::Exponential { mean: 1e7 }, positive(exponential, &mut rng)),
    ];
    for (distribution, mut theirs) in pairs {
        theirs.sort_by(f64::total_cmp);
        let ours = sorted_draws(&distribution, PEER_DRAWS);
        let distance = distance(&ours, &theirs) * (PEER_DRAWS as f64 / 2.0).sqrt();
        assert!(distance < KOLMOGOROV_999, "{distribution:?}: {distance}");
    }
}

/// Values of `rand_distr`, drawn again until they are positive: that is how a normal is cut at 0.
fn positive(distribution: impl rand_distr::Distribution<f64>, rng: &mut Pcg64) -> Vec<f64> {
    distribution.sample_iter(rng).filter(|&value| value > 0.0).take(PEER_DRAWS as usize).collect()
}

/// The mean of a million draws lies within 3.29 standard errors of the exact mean.
#[test]
fn the_mean_of_many_draws_is_the_mean() {
    for distribution in smooth_distributions() {
        let draws = sorted_draws(&distribution, 1_000_000);
        let mean = draws.iter().sum::<f64>() / 1e6;
        let z = (mean - distribution.mean()) / distribution.sd() * 1e3;
        assert!(z.abs() < 3.29, "{distribution:?}: {z}");
    }
}

fn distributions() -> impl Strategy<Value = Distribution> {
    let mean = 100.0..1e9_f64;
    prop_oneof![
        mean.clone().prop_map(Distribution::Fixed),
        (mean.clone(), 0.0..2.0_f64).prop_map(|(mean, cv)| Distribution::Normal { mean, sd: cv * mean }),
        (mean.clone(), 0.0..2.5_f64).prop_map(|(mean, s)| Distribution::lognormal_with_sigma(mean, s)),
        mean.clone().prop_map(|mean| Distribution::Exponential { mean }),
        (mean.clone(), mean).prop_map(|(low, width)| Distribution::Uniform { low, high: low + width }),
        prop::collection::vec((100.0..1e9_f64, 0.01..1.0_f64), 1..2_000).prop_map(Distribution::Empirical),
    ]
}

fn tailed_distributions() -> impl Strategy<Value = Distribution> {
    (distributions(), distributions(), 0.0..1.0_f64).prop_map(|(body, tail, probability)| {
        Distribution::Tailed { body: Box::new(body), tail: Box::new(tail), probability: probability.powi(4) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_mean_of_the_table_is_exact_to_one_in_ten_thousand(
        distribution in prop_oneof![distributions(), tailed_distributions()]
    ) {
        let (found, exact) = (table(&distribution).mean(), distribution.mean());
        prop_assert!((found / exact - 1.0).abs() < 1e-4, "{} {}", found, exact);
    }

    #[test]
    fn quantiles_undo_probabilities(distribution in tailed_distributions(), p in 0.0..1.0_f64) {
        let value = distribution.quantile(p);
        prop_assert!(distribution.cdf(value * (1.0 + 1e-9)) >= p - 1e-9);
        prop_assert!(distribution.cdf(value * (1.0 - 1e-9)) <= p + 1e-9);
    }
}
