//! Token buckets: limits with a rate and a depth.

mod fluid;

use ingestsim_units::{Bytes, Frequency, Rate, SimTime};

pub use fluid::FluidBucket;

/// A bucket that fills at a rate up to its depth, and from which each request takes its amount.
///
/// Tokens are bytes, or operations. A request finds its tokens there, or it waits for them in order of arrival
/// ([`take_or_wait`](Self::take_or_wait)), or it is sent away ([`take_or_reject`](Self::take_or_reject), as object
/// stores do). The depth matters as much as the rate: a bucket deeper than an object lets credit saved while idle carry
/// whole objects at once.
///
/// Waiting is a level below zero (the debt of those who wait), so it takes one addition and one division and no queue;
/// this is the generic cell rate algorithm of ITU-T I.371 with the level in place of the theoretical arrival time. An
/// amount larger than the depth is granted too: once at the head of the queue, it saves up beyond the depth.
///
/// The level is kept in tokens times the nanoseconds of the rate's unit, exactly: per nanosecond it grows by a whole
/// number.
///
/// ```
/// use ingestsim_des::resource::token_bucket::TokenBucket;
/// use ingestsim_units::{Frequency, SimTime};
///
/// let mut requests = TokenBucket::requests(Frequency::per_second(1_000), 1);
/// assert_eq!(requests.take_or_wait(SimTime::ZERO, 1), SimTime::ZERO);
/// assert_eq!(requests.take_or_wait(SimTime::ZERO, 1), SimTime::from_nanos(1_000_000));
/// ```
#[derive(Debug, Clone)]
pub struct TokenBucket {
    /// Units of level gained each nanosecond.
    gain: u64,
    /// Units of level in a token.
    token: u64,
    depth: i128,
    level: i128,
    as_of: SimTime,
    granted: u64,
    granted_amount: u128,
    delayed: u64,
    delay_ns: u128,
    rejected: u64,
}

/// What a bucket has done so far.
///
/// Whatever is asked for, `granted_amount ≤ depth + rate · time of the last grant`, as long as no single amount is
/// larger than the depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenAudit {
    /// Requests that got their tokens, at once or later.
    pub granted: u64,
    /// Tokens they got.
    pub granted_amount: u128,
    /// Those of them that had to wait.
    pub delayed: u64,
    /// How long they waited, together.
    pub delay_ns: u128,
    /// Requests that were sent away.
    pub rejected: u64,
}

impl TokenBucket {
    /// A full bucket of bytes.
    #[must_use]
    pub fn bytes(rate: Rate, depth: Bytes) -> Self {
        Self::full(rate.bytes_per_second(), 1_000_000_000, depth.get())
    }

    /// A full bucket of operations.
    #[must_use]
    pub fn requests(rate: Frequency, depth: u64) -> Self {
        Self::full(rate.milli_hertz(), 1_000_000_000_000, depth)
    }

    fn full(gain: u64, token: u64, depth: u64) -> Self {
        let depth = i128::from(depth) * i128::from(token);
        Self {
            gain,
            token,
            depth,
            level: depth,
            as_of: SimTime::ZERO,
            granted: 0,
            granted_amount: 0,
            delayed: 0,
            delay_ns: 0,
            rejected: 0,
        }
    }

    /// The same bucket holding `amount` at the start, or its depth if that is less.
    #[must_use]
    pub fn with_level(mut self, amount: u64) -> Self {
        self.level = self.units(amount).min(self.depth);
        self
    }

    /// Takes `amount` in order of arrival; says when it is there, which is `now` or later.
    ///
    /// [`SimTime::NEVER`] if the rate is 0 and what is left does not do.
    ///
    /// # Panics
    ///
    /// In debug builds, if `now` is before an earlier request.
    #[inline]
    pub fn take_or_wait(&mut self, now: SimTime, amount: u64) -> SimTime {
        self.fill(now);
        self.level -= self.units(amount);
        self.granted += 1;
        self.granted_amount += u128::from(amount);
        if self.level >= 0 {
            return now;
        }
        let at = self.time_of_gain(self.level.unsigned_abs());
        self.delayed += 1;
        self.delay_ns += u128::from(at.since(now).as_nanos());
        at
    }

    /// Takes `amount` if it is there.
    ///
    /// # Errors
    ///
    /// When to try again with success, if nobody else takes anything until then; [`SimTime::NEVER`] if the bucket never
    /// holds as much. Nothing is taken.
    #[inline]
    pub fn take_or_reject(&mut self, now: SimTime, amount: u64) -> Result<(), SimTime> {
        self.fill(now);
        let wanted = self.units(amount);
        if wanted <= self.level {
            self.level -= wanted;
            self.granted += 1;
            self.granted_amount += u128::from(amount);
            return Ok(());
        }
        self.rejected += 1;
        if wanted > self.depth {
            return Err(SimTime::NEVER);
        }
        Err(self.time_of_gain((wanted - self.level).unsigned_abs()))
    }

    /// Whole tokens in the bucket at `now`; none while anyone waits.
    #[must_use]
    pub fn level(&self, now: SimTime) -> u64 {
        (self.level_at(now).max(0) / i128::from(self.token)) as u64
    }

    /// The counters.
    #[must_use]
    pub const fn audit(&self) -> TokenAudit {
        TokenAudit {
            granted: self.granted,
            granted_amount: self.granted_amount,
            delayed: self.delayed,
            delay_ns: self.delay_ns,
            rejected: self.rejected,
        }
    }

    fn units(&self, amount: u64) -> i128 {
        i128::from(amount) * i128::from(self.token)
    }

    fn fill(&mut self, now: SimTime) {
        debug_assert!(now >= self.as_of, "requests come in order of time");
        self.level = self.level_at(now);
        self.as_of = now;
    }

    fn level_at(&self, now: SimTime) -> i128 {
        let gained = i128::from(self.gain) * i128::from(now.since(self.as_of).as_nanos());
        (self.level + gained).min(self.depth)
    }

    /// When `units` more than now will have come in.
    fn time_of_gain(&self, units: u128) -> SimTime {
        // Most debts fit into 64 bits, in which a division takes a third of the time.
        let wait = match u64::try_from(units) {
            Ok(units) => units.checked_div(self.gain).map(|ns| ns + u64::from(ns * self.gain < units)),
            Err(_) if self.gain == 0 => None,
            Err(_) => u64::try_from(units.div_ceil(u128::from(self.gain))).ok(),
        };
        let at = wait.and_then(|wait| self.as_of.as_nanos().checked_add(wait));
        at.map_or(SimTime::NEVER, SimTime::from_nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ingestsim_units::Span;
    use proptest::prelude::*;

    fn ms(at: u64) -> SimTime {
        SimTime::ZERO + Span::from_millis(at)
    }

    /// 100 MB/s and a depth of 30 MB: three objects of 10 MB pass at once, then one every 100 ms.
    #[test]
    fn a_deep_bucket_carries_whole_objects() {
        let mut bucket = TokenBucket::bytes(Rate::per_second(100_000_000), Bytes::new(30_000_000));
        let granted: Vec<SimTime> = (0..5).map(|_| bucket.take_or_wait(SimTime::ZERO, 10_000_000)).collect();
        assert_eq!(granted, [ms(0), ms(0), ms(0), ms(100), ms(200)]);
        let audit = bucket.audit();
        assert_eq!((audit.granted, audit.delayed, audit.delay_ns), (5, 2, 300_000_000));
    }

    /// Empty at 0, 2 MB after 20 ms; 10 MB asked then are there at 100 ms, and 1 MB asked after them at 110 ms.
    #[test]
    fn who_asks_later_waits_behind() {
        let mut bucket =
            TokenBucket::bytes(Rate::per_second(100_000_000), Bytes::new(30_000_000)).with_level(0);
        assert_eq!(bucket.level(ms(20)), 2_000_000);
        assert_eq!(bucket.take_or_wait(ms(20), 10_000_000), ms(100));
        assert_eq!(bucket.take_or_wait(ms(20), 1_000_000), ms(110));
        assert_eq!((bucket.level(ms(109)), bucket.level(ms(120))), (0, 1_000_000));
    }

    /// Three requests a second, depth 2: the third is told to come back after a third of a second, rounded up.
    #[test]
    fn a_rejected_request_learns_when_to_return() {
        let mut bucket = TokenBucket::requests(Frequency::per_second(3), 2);
        assert_eq!(bucket.take_or_reject(ms(0), 1), Ok(()));
        assert_eq!(bucket.take_or_reject(ms(0), 1), Ok(()));
        let retry = SimTime::from_nanos(333_333_334);
        assert_eq!(bucket.take_or_reject(ms(0), 1), Err(retry));
        assert_eq!(bucket.take_or_reject(SimTime::from_nanos(333_333_333), 1), Err(retry));
        assert_eq!(bucket.take_or_reject(retry, 1), Ok(()));
        assert_eq!((bucket.audit().granted, bucket.audit().rejected), (3, 2));
    }

    #[test]
    fn idle_credit_ends_at_the_depth() {
        let mut bucket = TokenBucket::requests(Frequency::per_second(1_000), 5).with_level(0);
        assert_eq!((bucket.level(ms(3)), bucket.level(ms(5)), bucket.level(ms(500))), (3, 5, 5));
        assert_eq!(bucket.take_or_reject(ms(500), 6), Err(SimTime::NEVER));
        assert_eq!(bucket.take_or_wait(ms(500), 6), ms(501));
    }

    #[test]
    fn without_a_rate_only_the_depth_is_there() {
        let mut bucket = TokenBucket::bytes(Rate::per_second(0), Bytes::new(10));
        assert_eq!(bucket.take_or_wait(ms(1), 10), ms(1));
        assert_eq!(bucket.take_or_wait(ms(1), 1), SimTime::NEVER);
    }

    /// The largest figures of a job: 21 TiB deep, 100 GB/s, for ten years.
    #[test]
    fn large_figures_do_not_overflow() {
        let mut bucket = TokenBucket::bytes(Rate::per_second(100_000_000_000), Bytes::new(21 << 40));
        let ten_years = SimTime::ZERO + Span::from_secs(315_360_000);
        assert_eq!(bucket.level(ten_years), 21 << 40);
        // 42 TiB less the 21 TiB at hand, at 100 bytes a nanosecond.
        let at = bucket.take_or_wait(ten_years, 42 << 40);
        assert_eq!(at.since(ten_years).as_nanos(), (21_u64 << 40).div_ceil(100));
    }

    /// A bucket that steps through every nanosecond, with a queue.
    fn by_small_steps(gain: i128, token: i128, depth: i128, asked: &[(u64, u64)]) -> Vec<u64> {
        let mut granted = Vec::new();
        let (mut level, mut now) = (depth, 0);
        while granted.len() < asked.len() {
            while let Some(&(_, amount)) = asked.get(granted.len()).filter(|&&(at, _)| at <= now) {
                if level < i128::from(amount) * token {
                    break;
                }
                level -= i128::from(amount) * token;
                granted.push(now);
            }
            // What a waiting request has saved is never cut: it takes its tokens within the nanosecond they are there.
            let someone_waits = asked.get(granted.len()).is_some_and(|&(at, _)| at <= now);
            level = if someone_waits { level + gain } else { (level + gain).min(depth) };
            now += 1;
        }
        granted
    }

    proptest! {
        /// Rates of some tokens a microsecond, so that nanoseconds are small steps.
        #[test]
        fn waits_are_those_of_small_steps(
            million_a_second in 1..40_u64,
            depth in 1..20_u64,
            asked in prop::collection::vec((0..900_u64, 0..30_u64), 1..40),
        ) {
            let mut at = 0;
            let asked: Vec<(u64, u64)> = asked.into_iter().map(|(delay, amount)| { at += delay; (at, amount) }).collect();
            let rate = million_a_second * 1_000_000 + 7;
            let mut bucket = TokenBucket::bytes(Rate::per_second(rate), Bytes::new(depth));
            let found: Vec<u64> = asked
                .iter()
                .map(|&(at, amount)| bucket.take_or_wait(SimTime::from_nanos(at), amount).as_nanos())
                .collect();
            let token = 1_000_000_000;
            let expected = by_small_steps(i128::from(rate), token, i128::from(depth) * token, &asked);
            prop_assert_eq!(found, expected);
        }

        /// Never more than the depth and what has come in since.
        #[test]
        fn grants_conform_to_rate_and_depth(
            rate in 1..5_000_u64,
            depth in 1..50_u64,
            asked in prop::collection::vec((0..2_000_000_u64, 1..20_u64), 1..60),
        ) {
            let mut bucket = TokenBucket::requests(Frequency::per_second(rate), depth);
            let mut now = SimTime::ZERO;
            for (delay, amount) in asked {
                now += Span::from_nanos(delay);
                if let Err(retry) = bucket.take_or_reject(now, amount) {
                    prop_assert!(retry > now);
                    prop_assert_eq!(bucket.clone().take_or_reject(retry, amount).is_ok(), retry != SimTime::NEVER);
                }
                let come_in = u128::from(rate) * u128::from(now.as_nanos());
                prop_assert!(bucket.audit().granted_amount * 1_000_000_000 <= u128::from(depth) * 1_000_000_000 + come_in);
            }
        }
    }
}
