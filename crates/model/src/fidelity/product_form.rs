//! Closed queueing networks of product form: how many samples a second so many readers get through.
//!
//! Every reader is a customer that goes round: it waits for its first byte (a delay, where nobody queues), shares a link
//! (a station that serves k customers at `rate(k)` together), is decoded on shared cores. Such a network is insensitive to
//! the distributions of what the customers need: means alone decide. Two stations between which n customers go round
//! hold k and n − k of them with P(k) ∝ Π over j ≤ k of b(n − j + 1) / a(j), and pass Σ P(k) · a(k) of them a unit of time. By Norton's
//! theorem the two together are to any third station one whose rate is that throughput, so a network of any number of
//! stations is folded pair by pair, exactly.
//!
//! Sources: F. Baskett, K. M. Chandy, R. R. Muntz, F. G. Palacios, J. ACM 22 (1975); K. M. Chandy, U. Herzog, L. Woo, IBM
//! J. Res. Dev. 19 (1975).

/// What a station passes with 0, 1, 2, … customers in it; never falls as customers are added.
pub type Rates = Vec<f64>;

/// Terms of the distribution that are smaller than this share of the largest are left out.
const NEGLIGIBLE: f64 = 1e-14;

/// A station of rate `rate(k)`, for up to `customers` of them.
#[must_use]
pub fn station(customers: usize, rate: impl Fn(f64) -> f64) -> Rates {
    (0..=customers).map(|k| if k == 0 { 0.0 } else { rate(k as f64) }).collect()
}

/// A delay of `mean` on average: k customers leave it at k / mean.
#[must_use]
pub fn delay(customers: usize, mean: f64) -> Rates {
    station(customers, |k| k / mean)
}

/// What passes two stations between which up to as many customers go round as the tables have room for.
///
/// # Panics
///
/// If the tables are of different lengths.
#[must_use]
pub fn joined(a: &[f64], b: &[f64]) -> Rates {
    assert_eq!(a.len(), b.len(), "both stations may hold all customers");
    let mut rates = Vec::with_capacity(a.len());
    rates.push(0.0);
    let mut mode = 0;
    for n in 1..a.len() {
        // P(k) rises while b(n − k + 1) is above a(k), and so does the mode with n.
        while mode < n && b[n - mode] >= a[mode + 1] {
            mode += 1;
        }
        rates.push(passing(a, b, n, mode));
    }
    rates
}

/// Σ P(k) · a(k) over the distribution of `n` customers, summed from its mode outwards.
fn passing(a: &[f64], b: &[f64], n: usize, mode: usize) -> f64 {
    let (mut sum, mut passed) = (1.0, a[mode]);
    let mut term = 1.0;
    for k in mode + 1..=n {
        term *= b[n - k + 1] / a[k];
        sum += term;
        passed += term * a[k];
        if term < NEGLIGIBLE * sum {
            break;
        }
    }
    term = 1.0;
    for k in (0..mode).rev() {
        term *= a[k + 1] / b[n - k];
        sum += term;
        passed += term * a[k];
        if term < NEGLIGIBLE * sum {
            break;
        }
    }
    passed / sum
}

/// `parts` equal stations, each of which every customer visits as often as the others: servers that files are spread over.
///
/// `rate` is that of one of them in customers of the whole, so `parts` times its own.
#[must_use]
pub fn spread(rates: &[f64], parts: u32) -> Rates {
    let mut whole: Option<Rates> = None;
    let mut power = rates.to_vec();
    let mut left = parts;
    loop {
        if left % 2 == 1 {
            whole = Some(whole.map_or_else(|| power.clone(), |whole| joined(&whole, &power)));
        }
        left /= 2;
        if left == 0 {
            return whole.unwrap_or_default();
        }
        power = joined(&power, &power);
    }
}

/// `parts` equal networks of which each customer belongs to one, for up to `customers` spread evenly: between whole
/// numbers of customers a part is taken to be straight.
#[must_use]
pub fn side_by_side(part: &[f64], parts: u32, customers: usize) -> Rates {
    let parts = f64::from(parts);
    let last = part.len() - 1;
    station(customers, |k| {
        let each = (k / parts).min(last as f64);
        let below = (each as usize).min(last.saturating_sub(1));
        parts * (part[below] + (part[below + 1] - part[below]) * (each - below as f64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found} is not {expected}");
    }

    /// Two customers, 1 of delay, one at a time at 1: G(1) = 1 + 1, G(2) = ½ + 1 + 1, X(2) = 2 / 2.5; X(1) = 1 / 2.
    #[test]
    fn delay_and_single_server_by_hand() {
        let x = joined(&delay(2, 1.0), &station(2, |_| 1.0));
        assert_close(x[1], 0.5);
        assert_close(x[2], 0.8);
    }

    /// Where nobody queues, 50 customers that need 3 + 1 pass at 50 / 4.
    #[test]
    fn two_delays_are_one() {
        assert_close(joined(&delay(50, 3.0), &delay(50, 1.0))[50], 12.5);
    }

    /// Mean-value analysis of one delay and two single servers: R_i(n) = D_i (1 + Q_i(n − 1)), X(n) = n / (Z + Σ R_i).
    fn mean_values(customers: usize, think: f64, demands: [f64; 2]) -> Vec<f64> {
        let mut queues = [0.0; 2];
        let mut passing = vec![0.0];
        for n in 1..=customers {
            let residence = [0, 1].map(|i| demands[i] * (1.0 + queues[i]));
            let x = n as f64 / (think + residence[0] + residence[1]);
            queues = residence.map(|r| x * r);
            passing.push(x);
        }
        passing
    }

    #[test]
    fn three_stations_are_those_of_mean_value_analysis() {
        for (think, demands) in [(10.0, [1.0, 0.7]), (3.0, [0.2, 0.21]), (0.5, [2.0, 0.1])] {
            let servers = joined(&station(200, |_| 1.0 / demands[0]), &station(200, |_| 1.0 / demands[1]));
            let x = joined(&delay(200, think), &servers);
            let expected = mean_values(200, think, demands);
            (1..=200).for_each(|n| {
                assert!((x[n] / expected[n] - 1.0).abs() < 1e-10, "{n}: {} is not {}", x[n], expected[n]);
            });
        }
    }

    /// S equal single servers that are visited evenly pass S·μ·n / (n + S − 1) with n customers.
    #[test]
    fn balanced_servers_have_their_closed_form() {
        for parts in [1, 2, 3, 5, 12] {
            let x = spread(&station(40, |_| f64::from(parts) * 2.0), parts);
            for (n, &found) in x.iter().enumerate().skip(1) {
                assert_close(found, f64::from(parts) * 2.0 * n as f64 / (n as f64 + f64::from(parts) - 1.0));
            }
        }
    }

    /// Four nodes of three customers each are four times one node of three.
    #[test]
    fn nodes_side_by_side_add_up() {
        let node = joined(&delay(3, 1.0), &station(3, |_| 1.0));
        let all = side_by_side(&node, 4, 12);
        assert_close(all[12], 4.0 * node[3]);
        assert_close(all[8], 4.0 * node[2]);
        assert_close(all[6], 4.0 * (node[1] + node[2]) / 2.0);
    }
}
