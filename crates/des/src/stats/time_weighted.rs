//! A level over time: its mean, its largest value, its integral.

use ingestsim_units::SimTime;

/// A level that changes at points in time, such as the length of a queue.
///
/// The integral is exact: level times nanoseconds in 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeWeighted {
    level: u64,
    since: SimTime,
    start: SimTime,
    integral: u128,
    max: u64,
}

impl TimeWeighted {
    /// A level that is `level` from `start` on.
    #[must_use]
    pub const fn new(start: SimTime, level: u64) -> Self {
        Self { level, since: start, start, integral: 0, max: level }
    }

    /// Changes the level to `level` at `now`.
    ///
    /// # Panics
    ///
    /// In debug builds, if `now` is before the last change.
    #[inline]
    pub fn set(&mut self, now: SimTime, level: u64) {
        debug_assert!(now >= self.since, "a level changes in order of time");
        self.integral += self.since_last_change(now);
        self.since = now;
        self.level = level;
        self.max = self.max.max(level);
    }

    /// Raises the level by `by` at `now`.
    #[inline]
    pub fn raise(&mut self, now: SimTime, by: u64) {
        self.set(now, self.level + by);
    }

    /// Lowers the level by `by` at `now`.
    ///
    /// # Panics
    ///
    /// If the level is below `by`.
    #[inline]
    pub fn lower(&mut self, now: SimTime, by: u64) {
        self.set(now, self.level.checked_sub(by).expect("a level is never negative"));
    }

    /// The level after the last change.
    #[must_use]
    pub const fn level(&self) -> u64 {
        self.level
    }

    /// The largest level so far, even if it lasted no time.
    #[must_use]
    pub const fn max(&self) -> u64 {
        self.max
    }

    /// Level times nanoseconds from the start to `now`.
    #[must_use]
    pub fn integral_ns(&self, now: SimTime) -> u128 {
        self.integral + self.since_last_change(now)
    }

    /// The mean level from the start to `now`; none if no time has passed.
    #[must_use]
    pub fn mean(&self, now: SimTime) -> Option<f64> {
        let elapsed = now.since(self.start).as_nanos();
        (elapsed > 0).then(|| self.integral_ns(now) as f64 / elapsed as f64)
    }

    fn since_last_change(&self, now: SimTime) -> u128 {
        u128::from(self.level) * u128::from(now.since(self.since).as_nanos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ns(at: u64) -> SimTime {
        SimTime::from_nanos(at)
    }

    /// 1 for 10 ns, 3 for 20 ns, 2 for 10 ns: 10 + 60 + 20 = 90 over 40 ns.
    #[test]
    fn a_queue_by_hand() {
        let mut queue = TimeWeighted::new(ns(100), 1);
        queue.raise(ns(110), 2);
        queue.lower(ns(130), 1);
        assert_eq!(queue.integral_ns(ns(140)), 90);
        assert_eq!(queue.mean(ns(140)), Some(90.0 / 40.0));
        assert_eq!((queue.level(), queue.max()), (2, 3));
    }

    /// A level of 2^63 over 2^63 ns does not overflow.
    #[test]
    fn the_integral_is_exact() {
        let mut level = TimeWeighted::new(ns(0), 1 << 63);
        level.set(ns(1 << 63), 7);
        assert_eq!(level.integral_ns(ns((1 << 63) + 1)), (1 << 126) + 7);
    }

    #[test]
    fn no_time_has_no_mean() {
        assert_eq!(TimeWeighted::new(ns(5), 9).mean(ns(5)), None);
    }

    #[test]
    #[should_panic(expected = "a level is never negative")]
    fn a_level_cannot_fall_below_nothing() {
        TimeWeighted::new(ns(0), 1).lower(ns(1), 2);
    }
}
