//! Where stall time goes: what each worker spent its time on, and what each epoch's stalls are charged to.
//!
//! A worker's time is a chain of segments without gaps, each with a cause. When a GPU starts to wait, accounts of its
//! readers are opened; when its batch is complete, that of the reader that brought the last sample tells what the wait
//! was made of. Segments are counted in ticks of 2^12 ns by the difference of their rounded ends, so a chain of any
//! number of segments adds up to its length.

use ingestsim_units::SimTime;

use crate::cause::Cause;

/// A tick is 2^12 ns: 32 bits of them last 4.9 h, longer than a wait for one batch.
const TICK_BITS: u32 = 12;

/// Time by cause in ticks, as a running sum or as a difference of two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent([u32; Cause::TRACKED]);

impl Spent {
    /// Charges the segment from `from` to `to` to one cause.
    #[inline]
    pub fn charge(&mut self, cause: Cause, from: SimTime, to: SimTime) {
        let slot = &mut self.0[cause as usize];
        *slot = slot.wrapping_add(ticks(from, to));
    }

    /// Charges a transfer from `from` to `to` by the nanoseconds it was bound by each of `causes`.
    ///
    /// What rounding leaves goes to the cause that bound it longest.
    #[inline]
    pub fn charge_split(&mut self, causes: &[Cause], bound: &[u64], from: SimTime, to: SimTime) {
        let mut left = ticks(from, to);
        let mut longest = (causes[0], 0);
        for (&cause, &ns) in causes.iter().zip(bound) {
            let part = ((ns >> TICK_BITS) as u32).min(left);
            left -= part;
            self.0[cause as usize] = self.0[cause as usize].wrapping_add(part);
            if ns > longest.1 {
                longest = (cause, ns);
            }
        }
        let slot = &mut self.0[longest.0 as usize];
        *slot = slot.wrapping_add(left);
    }

    /// Adds another account to this one.
    pub fn add(&mut self, other: &Self) {
        for (slot, more) in self.0.iter_mut().zip(other.0) {
            *slot = slot.wrapping_add(more);
        }
    }

    /// The shares of the causes in the whole; everything is latency where nothing was counted.
    #[must_use]
    pub fn shares(&self) -> [f64; Cause::TRACKED] {
        let total: f64 = self.0.iter().map(|&ticks| f64::from(ticks)).sum();
        let mut shares = [0.0; Cause::TRACKED];
        if total == 0.0 {
            shares[Cause::Latency as usize] = 1.0;
            return shares;
        }
        for (share, &ticks) in shares.iter_mut().zip(&self.0) {
            *share = f64::from(ticks) / total;
        }
        shares
    }
}

#[inline]
fn ticks(from: SimTime, to: SimTime) -> u32 {
    ((to.as_nanos() >> TICK_BITS) - (from.as_nanos() >> TICK_BITS)) as u32
}

/// The stalls of one epoch in GPU-nanoseconds by cause.
#[derive(Debug, Clone, Default)]
pub struct Stalls {
    own: [f64; Cause::COUNT],
    through_barrier: [f64; Cause::COUNT],
}

/// What one rank's wait for its batch was made of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wait {
    /// Its length in nanoseconds.
    pub ns: u64,
    /// How much of it order alone held the batch back.
    pub in_order_ns: u64,
    /// The causes of the rest, from the chain of the reader that came last.
    pub spent: Spent,
}

impl Wait {
    /// Its causes, adding up to its length.
    fn by_cause(&self) -> [f64; Cause::COUNT] {
        let mut parts = [0.0; Cause::COUNT];
        let rest = (self.ns - self.in_order_ns) as f64;
        for (part, share) in parts.iter_mut().zip(self.spent.shares()) {
            *part = share * rest;
        }
        parts[Cause::InOrder as usize] = self.in_order_ns as f64;
        parts
    }
}

impl Stalls {
    /// What has come since they were `earlier`.
    pub fn since(&self, earlier: &Self) -> Self {
        let mut since = self.clone();
        let sums = since.own.iter_mut().chain(&mut since.through_barrier);
        sums.zip(earlier.own.iter().chain(&earlier.through_barrier)).for_each(|(sum, before)| *sum -= before);
        since
    }

    /// Adds others to these.
    pub fn add(&mut self, others: &Self) {
        let sums = self.own.iter_mut().chain(&mut self.through_barrier);
        sums.zip(others.own.iter().chain(&others.through_barrier)).for_each(|(sum, more)| *sum += more);
    }

    /// Charges a rank's wait for its own data, as often as it counts.
    pub fn charge_own(&mut self, wait: &Wait, times: u64) {
        for (sum, part) in self.own.iter_mut().zip(wait.by_cause()) {
            *sum += part * times as f64;
        }
    }

    /// Charges the wait of all ranks for a server to be replaced, in GPU-nanoseconds.
    pub fn charge_pause(&mut self, gpu_ns: f64) {
        self.own[Cause::ServerReplacement as usize] += gpu_ns;
    }

    /// Charges waits at a barrier: `data_ns` of them because the last rank waited for its data, `compute_ns` because
    /// its compute took longer.
    pub fn charge_barrier(&mut self, last: &Wait, data_ns: u64, compute_ns: u64) {
        self.through_barrier[Cause::Barrier as usize] += compute_ns as f64;
        if data_ns == 0 {
            return;
        }
        let scale = data_ns as f64 / last.ns as f64;
        for (sum, part) in self.through_barrier.iter_mut().zip(last.by_cause()) {
            *sum += part * scale;
        }
    }

    /// Takes away so many GPU-nanoseconds, in proportion to the causes.
    pub fn shrink(&mut self, gpu_ns: f64) {
        let whole = self.total_s() * 1e9;
        if whole > 0.0 {
            let left = 1.0 - gpu_ns / whole;
            self.own.iter_mut().chain(&mut self.through_barrier).for_each(|sum| *sum *= left);
        }
    }

    /// Own and through-barrier GPU-seconds of every cause that has any.
    pub fn rows(&self) -> impl Iterator<Item = (Cause, f64, f64)> + '_ {
        Cause::ALL
            .into_iter()
            .map(|cause| (cause, self.own[cause as usize] / 1e9, self.through_barrier[cause as usize] / 1e9))
            .filter(|&(_, own, through)| own > 0.0 || through > 0.0)
    }

    /// All of it, in GPU-seconds.
    #[must_use]
    pub fn total_s(&self) -> f64 {
        self.own.iter().chain(&self.through_barrier).sum::<f64>() / 1e9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> SimTime {
        SimTime::from_nanos(ms * 1_000_000)
    }

    /// 100 segments of 1 ms, alternately latency and connection: half each, and no tick is lost to rounding.
    #[test]
    fn segments_add_up_to_the_chain() {
        let mut spent = Spent::default();
        for ms in 0..100 {
            let cause = if ms % 2 == 0 { Cause::Latency } else { Cause::ConnectionCap };
            spent.charge(cause, at(ms), at(ms + 1));
        }
        assert_eq!(spent.0.iter().sum::<u32>(), (100_000_000_u64 >> TICK_BITS) as u32);
        assert!((spent.shares()[Cause::Latency as usize] - 0.5).abs() < 0.01);
    }

    /// Of 10 ms, 6 under the connection's cap and 4 under the node's: shares 0.6 and 0.4 within a tick.
    #[test]
    fn a_transfer_is_split_by_what_bound_it() {
        let mut spent = Spent::default();
        let causes = [Cause::ConnectionCap, Cause::Nic];
        spent.charge_split(&causes, &[6_000_000, 4_000_000], at(5), at(15));
        let shares = spent.shares();
        assert!((shares[Cause::ConnectionCap as usize] - 0.6).abs() < 1e-3);
        assert!((shares[Cause::Nic as usize] - 0.4).abs() < 1e-3);
    }

    /// Two ranks wait 3 ms each at the barrier for one that waited 6 ms for latency, and 1 ms as it computed longer.
    #[test]
    fn barrier_waits_take_the_causes_of_the_last_rank() {
        let mut spent = Spent::default();
        spent.charge(Cause::Latency, at(0), at(6));
        let last = Wait { ns: 6_000_000, in_order_ns: 0, spent };
        let mut stalls = Stalls::default();
        stalls.charge_own(&last, 1);
        stalls.charge_barrier(&last, 6_000_000, 1_000_000);
        let rows: Vec<_> = stalls.rows().collect();
        assert_eq!(rows[0], (Cause::Latency, 0.006, 0.006));
        assert_eq!(rows[1], (Cause::Barrier, 0.0, 0.001));
        assert!((stalls.total_s() - 0.013).abs() < 1e-12);
    }

    #[test]
    fn waiting_in_order_is_charged_apart() {
        let mut stalls = Stalls::default();
        stalls.charge_own(&Wait { ns: 10, in_order_ns: 4, spent: Spent::default() }, 1);
        let rows: Vec<_> = stalls.rows().collect();
        assert_eq!(rows, [(Cause::Latency, 6e-9, 0.0), (Cause::InOrder, 4e-9, 0.0)]);
    }
}
