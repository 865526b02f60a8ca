//! S3's request limit: what is above it is rejected with 503, and the client tries again later.
//!
//! Each partitioned prefix has a token bucket of requests; objects are spread over the prefixes. A rejected request costs
//! its round trip, then the client waits `U(0, 1) × min(base × 2^(n − 1), cap)` before attempt n + 1; after the last
//! attempt the read fails, the loader tries the sample again, and it counts as a read error. A prefix that has been
//! rejecting for the split time is split in two, and so on as long as it goes on.
//!
//! Sources: 5,500 GET/s per partitioned prefix and gradual scaling (S3's performance pages), attempts and backoff from
//! botocore's standard mode, 30 min for a split (15 to 60 reported). How many requests an idle prefix takes at once is
//! not published: a second's worth, an assumption.

use ingestsim_des::{draw::Luck, resource::token_bucket::TokenBucket};
use ingestsim_units::{Frequency, SimTime, Span};

/// The limit of a bucket's prefixes, and what the client does about rejections.
#[derive(Debug, Clone, Copy)]
pub struct RequestLimitSpec {
    /// Requests a second of one prefix before any split.
    pub rate: Frequency,
    /// Prefixes that the objects are spread over.
    pub prefixes: u32,
    /// How long a prefix has to reject before it is split; nothing where capacity is there from the start.
    pub split_time: Option<Span>,
    /// Attempts in all.
    pub attempts: u32,
    /// The longest first wait.
    pub backoff_base: Span,
    /// The longest wait.
    pub backoff_cap: Span,
}

/// What S3 says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is served.
    Served,
    /// 503: try again.
    SlowDown,
}

/// The prefixes of a bucket in a run.
#[derive(Debug)]
pub struct RequestLimit {
    spec: RequestLimitSpec,
    prefixes: Vec<Prefix>,
    /// Requests rejected so far.
    pub rejected: u64,
}

#[derive(Debug)]
struct Prefix {
    bucket: TokenBucket,
    partitions: u64,
    /// Since when it has been rejecting, if it still does, and when it last did.
    rejecting_since: Option<SimTime>,
    rejected_last: SimTime,
}

/// A prefix that has not rejected for so long is no longer hot.
const COOL: Span = Span::from_secs(60);

impl RequestLimit {
    /// Idle prefixes.
    #[must_use]
    pub fn new(spec: &RequestLimitSpec) -> Self {
        let prefix = || Prefix {
            bucket: bucket(spec.rate),
            partitions: 1,
            rejecting_since: None,
            rejected_last: SimTime::ZERO,
        };
        Self { spec: *spec, prefixes: (0..spec.prefixes).map(|_| prefix()).collect(), rejected: 0 }
    }

    /// A request for an object reaches its prefix.
    pub fn ask(&mut self, now: SimTime, object: u64) -> Answer {
        let index = (object % u64::from(self.spec.prefixes)) as usize;
        let prefix = &mut self.prefixes[index];
        if prefix.bucket.take_or_reject(now, 1).is_ok() {
            return Answer::Served;
        }
        self.rejected += 1;
        let cooled = now.since(prefix.rejected_last) > COOL;
        prefix.rejected_last = now;
        let since = *prefix.rejecting_since.get_or_insert(now);
        if cooled {
            prefix.rejecting_since = Some(now);
        } else if self.spec.split_time.is_some_and(|split| now.since(since) >= split) {
            prefix.partitions *= 2;
            prefix.bucket = bucket(self.spec.rate.saturating_mul(prefix.partitions));
            prefix.rejecting_since = Some(now);
        }
        Answer::SlowDown
    }

    /// How long the client waits after `attempts` failed attempts; `None` when it gives up.
    #[must_use]
    pub fn backoff(&self, attempts: u32, luck: Luck) -> Option<Span> {
        if attempts >= self.spec.attempts {
            return None;
        }
        let base = self.spec.backoff_base.as_nanos() << (attempts - 1).min(20);
        Some(Span::from_nanos(base.min(self.spec.backoff_cap.as_nanos())).mul_f64_rounded(luck.unit()))
    }

    /// Partitions that the prefixes have been split into.
    #[must_use]
    pub fn partitions(&self) -> u64 {
        self.prefixes.iter().map(|prefix| prefix.partitions).sum()
    }
}

fn bucket(rate: Frequency) -> TokenBucket {
    let second = (rate.as_f64().ceil() as u64).max(1);
    TokenBucket::requests(rate, second)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: RequestLimitSpec = RequestLimitSpec {
        rate: Frequency::per_second(100),
        prefixes: 2,
        split_time: Some(Span::from_secs(1_800)),
        attempts: 3,
        backoff_base: Span::from_secs(1),
        backoff_cap: Span::from_secs(20),
    };

    fn at(ms: u64) -> SimTime {
        SimTime::from_nanos(ms * 1_000_000)
    }

    /// A thousand requests a second on one prefix for ten seconds: a second's worth at once, then 100 a second.
    #[test]
    fn a_prefix_serves_its_rate_and_rejects_the_rest() {
        let mut limit = RequestLimit::new(&SPEC);
        let served = (0..10_000).filter(|&ms| limit.ask(at(ms), 0) == Answer::Served).count();
        assert!((1_095..=1_100).contains(&served), "{served}");
        assert_eq!(limit.rejected + served as u64, 10_000);
        assert_eq!(limit.ask(at(10_000), 1), Answer::Served, "the other prefix is idle");
    }

    /// Twice the rate for an hour: after half an hour the prefix is split and serves all of it.
    #[test]
    fn a_hot_prefix_is_split_in_the_end() {
        let mut limit = RequestLimit::new(&SPEC);
        let mut served = [0; 4];
        for tick in 0..3_600 * 200 {
            let answer = limit.ask(SimTime::from_nanos(tick * 5_000_000), 0);
            served[(tick / (900 * 200)) as usize] += u64::from(answer == Answer::Served);
        }
        assert!(served[0] < 900 * 101 + 100, "{served:?}");
        assert_eq!(served[3], 900 * 200);
        assert_eq!(limit.partitions(), 3);
    }

    /// Waits of at most 1 s and 2 s, half of that on average; the third failure is the last.
    #[test]
    fn backoff_doubles_and_gives_up() {
        let limit = RequestLimit::new(&SPEC);
        let wait = |attempts, bits| limit.backoff(attempts, Luck::from_bits(bits));
        let mean = |attempts| {
            let sum: f64 =
                (0..1_000_u64).filter_map(|i| wait(attempts, i << 54 | i)).map(Span::as_secs_f64).sum();
            sum / 1_000.0
        };
        assert!((mean(1) - 0.5).abs() < 0.02, "{}", mean(1));
        assert!((mean(2) - 1.0).abs() < 0.04, "{}", mean(2));
        assert_eq!(wait(3, 5), None);
    }
}
