//! The course of a run in at most 1,000 equal bins.
//!
//! The length of a run is not known in advance, so bins start at about a millisecond and double whenever the last one
//! is full: a bin is then the sum of two. What falls into a bin is added up while it lasts.

use ingestsim_units::SimTime;

const BINS_MAX: usize = 1_000;
const FIRST_BIN_BITS: u32 = 20;

/// What happened within one bin.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bin {
    /// GPU-nanoseconds of compute.
    pub(crate) compute_ns: u64,
    /// Bytes delivered to loaders.
    pub(crate) bytes: u64,
    /// Samples consumed.
    pub(crate) samples: u64,
    /// Sum of the queue depths seen, and how often it was looked at.
    pub(crate) queued: u64,
    /// How often the queue depth was looked at.
    pub(crate) looks: u64,
}

/// The bins of a run.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    bins: Vec<Bin>,
    bin_bits: u32,
    origin: SimTime,
    credits: Vec<Option<u64>>,
}

impl Timeline {
    /// An empty timeline that begins at `origin`.
    #[must_use]
    pub(crate) fn new(origin: SimTime) -> Self {
        Self {
            bins: Vec::with_capacity(BINS_MAX),
            bin_bits: FIRST_BIN_BITS,
            origin,
            credits: Vec::with_capacity(BINS_MAX),
        }
    }

    /// The bin that `now` falls into.
    #[inline]
    pub(crate) fn bin(&mut self, now: SimTime) -> &mut Bin {
        let index = self.index(now);
        &mut self.bins[index]
    }

    /// Spreads `from..to` of compute over the bins it touches.
    pub(crate) fn compute(&mut self, from: SimTime, to: SimTime) {
        let mut at = from;
        while at < to {
            let index = self.index(at);
            let until = self.end_of(index).min(to);
            let compute_ns = &mut self.bins[index].compute_ns;
            *compute_ns = compute_ns.saturating_add(until.since(at).as_nanos());
            at = until;
        }
    }

    /// Spreads `amounts` evenly over `from..to`: what was not simulated but is known to have been the same on average.
    pub(crate) fn spread(&mut self, from: SimTime, to: SimTime, amounts: &Bin) {
        let whole = to.since(from).as_nanos().max(1);
        let mut at = from;
        while at < to {
            let index = self.index(at);
            let until = self.end_of(index).min(to);
            let here = until.since(at).as_nanos();
            let share = |amount: u64| (u128::from(amount) * u128::from(here) / u128::from(whole)) as u64;
            let bin = &mut self.bins[index];
            bin.compute_ns += share(amounts.compute_ns);
            bin.bytes += share(amounts.bytes);
            bin.samples += share(amounts.samples);
            at = until;
        }
    }

    /// Notes the burst credit left.
    pub(crate) fn credits(&mut self, now: SimTime, bytes: u64) {
        let index = self.index(now);
        self.credits[index] = Some(bytes);
    }

    /// Each bin with its start and length in seconds, and the credit noted in it.
    pub(crate) fn bins(&self) -> impl Iterator<Item = (f64, f64, &Bin, Option<u64>)> + '_ {
        let length = (1_u64 << self.bin_bits) as f64 / 1e9;
        let origin = self.origin.as_secs_f64();
        self.bins
            .iter()
            .zip(&self.credits)
            .enumerate()
            .map(move |(index, (bin, &credits))| (origin + index as f64 * length, length, bin, credits))
    }

    /// When a bin ends; the last one at the end of all times.
    fn end_of(&self, index: usize) -> SimTime {
        let end = u128::from(self.origin.as_nanos()) + ((index as u128 + 1) << self.bin_bits);
        u64::try_from(end).map_or(SimTime::NEVER, SimTime::from_nanos)
    }

    #[inline]
    fn index(&mut self, now: SimTime) -> usize {
        let since = now.since(self.origin).as_nanos();
        let index = (since >> self.bin_bits) as usize;
        if index < self.bins.len() { index } else { self.lengthen(since) }
    }

    /// The bin that lies `since` the origin, beyond the last one so far.
    #[cold]
    fn lengthen(&mut self, since: u64) -> usize {
        while since >> self.bin_bits >= BINS_MAX as u64 {
            self.double();
        }
        let index = (since >> self.bin_bits) as usize;
        if index >= self.bins.len() {
            self.bins.resize(index + 1, Bin::default());
            self.credits.resize(index + 1, None);
        }
        index
    }

    fn double(&mut self) {
        self.bin_bits += 1;
        let halves = self.bins.len();
        for index in 0..halves.div_ceil(2) {
            let (left, right) =
                (self.bins[2 * index], self.bins.get(2 * index + 1).copied().unwrap_or_default());
            self.bins[index] = left.plus(&right);
            let later = self.credits.get(2 * index + 1).copied().flatten();
            self.credits[index] = later.or(self.credits[2 * index]);
        }
        self.bins.truncate(halves.div_ceil(2));
        self.credits.truncate(halves.div_ceil(2));
    }
}

impl Bin {
    const fn plus(&self, other: &Self) -> Self {
        Self {
            compute_ns: self.compute_ns.saturating_add(other.compute_ns),
            bytes: self.bytes + other.bytes,
            samples: self.samples + other.samples,
            queued: self.queued + other.queued,
            looks: self.looks + other.looks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A byte every 10 ms for an hour: nothing is lost when bins double, and no bin is beyond the thousandth.
    #[test]
    fn doubling_keeps_every_byte() {
        let mut timeline = Timeline::new(SimTime::from_nanos(5_000_000_000));
        for tick in 0..360_000_u64 {
            timeline.bin(SimTime::from_nanos(5_000_000_000 + tick * 10_000_000)).bytes += 1;
        }
        let bins: Vec<_> = timeline.bins().collect();
        assert!(bins.len() > 500 && bins.len() <= 1_000, "{} bins", bins.len());
        assert_eq!(bins.iter().map(|bin| bin.2.bytes).sum::<u64>(), 360_000);
        assert!((bins[0].0 - 5.0).abs() < 1e-12);
    }

    /// From 500 years on until no time is left, of which 84 years are.
    #[test]
    fn the_last_bin_ends_with_all_times() {
        let mut timeline = Timeline::new(SimTime::from_nanos(7));
        let from = SimTime::from_nanos(500 * 31_557_600_000_000_000);
        timeline.compute(from, SimTime::NEVER);
        let compute: u64 = timeline.bins().map(|bin| bin.2.compute_ns).sum();
        assert_eq!(compute, SimTime::NEVER.since(from).as_nanos());
    }

    #[test]
    fn compute_is_spread_over_the_bins_it_touches() {
        let mut timeline = Timeline::new(SimTime::ZERO);
        let bin = 1_u64 << FIRST_BIN_BITS;
        timeline.compute(SimTime::from_nanos(bin / 2), SimTime::from_nanos(2 * bin + bin / 4));
        let compute: Vec<u64> = timeline.bins().map(|bin| bin.2.compute_ns).collect();
        assert_eq!(compute, [bin / 2, bin, bin / 4]);
    }
}
