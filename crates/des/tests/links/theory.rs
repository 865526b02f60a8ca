//! Queueing theory: processor sharing is insensitive to the distribution of sizes, and so are the closed forms.

use ingestsim_des::resource::shared::Shared;
use ingestsim_units::{Bytes, Rate, Share, SimTime};

/// Numbers that look random: SplitMix64.
struct Splitmix(u64);

impl Splitmix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in (0, 1].
    fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.uniform().ln()
    }
}

#[derive(Debug, Clone, Copy)]
enum Law {
    Constant,
    Exponential,
    /// One in five has 3.4 times the mean, the others 0.4 of it: squared coefficient of variation 3.88.
    Hyper,
}

const LAWS: [Law; 3] = [Law::Constant, Law::Exponential, Law::Hyper];

impl Law {
    fn draw(self, mean: f64, random: &mut Splitmix) -> f64 {
        match self {
            Self::Constant => mean,
            Self::Exponential => random.exponential(mean),
            Self::Hyper if random.uniform() <= 0.2 => random.exponential(3.4 * mean),
            Self::Hyper => random.exponential(0.4 * mean),
        }
    }
}

/// Mean and half width of the 99.9 % confidence interval from the means of 20 batches, of which the first warms up
/// before: Student's t with 19 degrees of freedom is 3.883.
fn interval(samples: &[f64]) -> (f64, f64) {
    let warm = &samples[samples.len() / 21..];
    let size = warm.len() / 20;
    let means: Vec<f64> =
        warm.chunks_exact(size).map(|batch| batch.iter().sum::<f64>() / size as f64).collect();
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    let variance = means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (means.len() - 1) as f64;
    (mean, 3.883 * (variance / means.len() as f64).sqrt())
}

fn assert_within(samples: &[f64], exact: f64, share: f64, what: &str) {
    let (mean, half) = interval(samples);
    assert!((mean - exact).abs() <= half, "{what}: {mean} ± {half}, theory says {exact}");
    assert!(half < share * exact, "{what}: an interval of ± {half} around {exact} tells little");
}

/// Sojourn times in ns of `jobs` Poisson arrivals, one every `gap` ns, of mean `size`.
fn open_queue(server: &mut Shared, law: Law, gap: f64, size: f64, jobs: u32) -> Vec<f64> {
    let mut random = Splitmix(7);
    let mut sojourns = vec![0.0; jobs as usize];
    let mut arrivals = vec![0; jobs as usize];
    let mut arrived = 0;
    let mut next = 0.0;
    let mut ended = 0;
    while ended < jobs {
        let now = server.next_end();
        if arrived < jobs && (next as u64) < now.as_nanos() {
            server.start(
                SimTime::from_nanos(next as u64),
                arrived,
                Bytes::new(law.draw(size, &mut random) as u64),
            );
            arrivals[arrived as usize] = next as u64;
            arrived += 1;
            next += random.exponential(gap);
        } else if let Some(id) = server.end(now) {
            sojourns[id as usize] = (now.as_nanos() - arrivals[id as usize]) as f64;
            ended += 1;
        }
    }
    let audit = server.audit(server.next_end().min(SimTime::from_nanos(u64::MAX / 2)));
    assert_eq!(audit.asked, audit.delivered);
    assert_eq!(audit.transfer_ns as f64, sojourns.iter().sum::<f64>(), "Little's law, to the nanosecond");
    sojourns
}

/// M/G/1 under processor sharing: sojourn E\[S\] / (1 − ρ) whatever the sizes. 1 ms and ρ = 0.6: 2.5 ms.
#[test]
fn an_open_link_takes_the_time_theory_says() {
    for law in LAWS {
        let mut link = Shared::link(Rate::per_second(1_000_000_000), None);
        let sojourns = open_queue(&mut link, law, 1e6 / 0.6, 1e6, 210_000);
        assert_within(&sojourns, 2.5e6, 0.06, &format!("{law:?}"));
    }
}

/// M/G/4 under processor sharing, each job at most one core: as M/M/4. With a = 4 · 0.8 Erlangs the chance to find
/// all cores busy is C = 0.5964, and the mean number in system a + C · ρ / (1 − ρ) = 3.2 + 2.3857; divided by the
/// arrival rate, 3.2 a millisecond.
#[test]
fn cores_take_the_time_theory_says() {
    let load = 3.2_f64;
    let terms: Vec<f64> = (0..4).map(|k| load.powi(k) / (1..=k).map(f64::from).product::<f64>()).collect();
    let last = load.powi(4) / 24.0 / (1.0 - 0.8);
    let busy = last / (terms.iter().sum::<f64>() + last);
    assert!((busy - 0.5964).abs() < 5e-5);
    let exact = (load + busy * 0.8 / 0.2) / 3.2 * 1e6;
    for law in LAWS {
        let mut cores = Shared::cores(4, Share::new(0.0));
        let sojourns = open_queue(&mut cores, law, 1e6 / 3.2, 1e6, 210_000);
        assert_within(&sojourns, exact, 0.08, &format!("{law:?}"));
    }
}

/// Ends a second of `n` readers that each wait, mean `wait` ns, and then move `size` bytes over the link; one sample
/// for every `n` ends.
fn closed_network(
    link: &mut Shared,
    laws: (Law, Law),
    n: u32,
    wait: f64,
    size: f64,
    rounds: usize,
) -> Vec<f64> {
    let mut random = Splitmix(11);
    // The waits are a sorted list, soonest last: obvious, and short.
    let mut waiting: Vec<(u64, u32)> = (0..n).map(|id| (laws.0.draw(wait, &mut random) as u64, id)).collect();
    waiting.sort_unstable_by(|a, b| b.cmp(a));
    let mut spans = Vec::new();
    let (mut ends, mut since) = (0, 0);
    while spans.len() < rounds {
        let now = link.next_end();
        if let Some(&(due, id)) = waiting.last()
            && due < now.as_nanos()
        {
            waiting.pop();
            link.start(SimTime::from_nanos(due), id, Bytes::new(laws.1.draw(size, &mut random) as u64));
        } else if let Some(id) = link.end(now) {
            let due = now.as_nanos() + laws.0.draw(wait, &mut random) as u64;
            let place = waiting.partition_point(|&entry| entry > (due, id));
            waiting.insert(place, (due, id));
            ends += 1;
            if ends % n == 0 {
                spans.push((now.as_nanos() - since) as f64);
                since = now.as_nanos();
            }
        }
    }
    spans
}

/// The machine repairman: n readers wait z and move s bytes over a link of `min(k · cap, capacity)`. Product form,
/// whatever the two distributions: p(k) ∝ zⁿ⁻ᵏ / (n − k)! · sᵏ / Π rate(1..k), and X = Σ p(k) rate(k) / s.
fn throughput(n: u32, wait: f64, size: f64, rate: impl Fn(u32) -> f64) -> f64 {
    let mut weight = 1.0;
    let (mut sum, mut flow) = (1.0, 0.0);
    for k in 1..=n {
        weight *= f64::from(n - k + 1) / wait * size / rate(k);
        sum += weight;
        flow += weight * rate(k);
    }
    flow / sum / size
}

/// 16 readers, 2 ms of waiting, 100 kB at 0.1 B/ns over a link of 0.6 B/ns: about 5.3 would be under way unhindered.
#[test]
fn a_closed_network_has_the_throughput_theory_says() {
    let exact = throughput(16, 2e6, 1e5, |k| (0.1 * f64::from(k)).min(0.6));
    for laws in
        [(Law::Exponential, Law::Exponential), (Law::Constant, Law::Hyper), (Law::Hyper, Law::Constant)]
    {
        let mut link = Shared::link(Rate::per_second(600_000_000), Some(Rate::per_second(100_000_000)));
        let spans = closed_network(&mut link, laws, 16, 2e6, 1e5, 12_600);
        assert_within(&spans, 16.0 / exact, 0.02, &format!("{laws:?}"));
        let load = link.load(link.next_end());
        assert_eq!(load.excess, 0);
    }
}

/// Far beyond saturation the link is never idle: X = capacity / s.
#[test]
fn a_saturated_network_has_the_throughput_of_its_link() {
    let exact = throughput(64, 1e5, 1e5, |_| 0.5);
    assert!((exact * 1e5 / 0.5 - 1.0).abs() < 1e-9);
    let mut link = Shared::link(Rate::per_second(500_000_000), None);
    let spans = closed_network(&mut link, (Law::Exponential, Law::Exponential), 64, 1e5, 1e5, 2_100);
    assert_within(&spans, 64.0 / exact, 0.02, "saturated");
}
