//! The order of reading: which rank reads which unit of the data set, and when.
//!
//! A unit is a sample, or a whole shard where shards are streamed. An order is a function of (epoch, rank, position)
//! and costs no memory per unit: shuffles are keyed permutations.

use ingestsim_des::draw::Permutation;

/// Who reads which part of the data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampling {
    /// The ranks take disjoint parts, re-drawn each epoch.
    Distributed,
    /// Every rank reads everything.
    EveryRankAll,
    /// Every node reads a fixed part of its own, which its ranks share.
    NodeLocal,
}

/// The reading order of a job, the same in every replication but for the keys of its shuffles.
#[derive(Debug, Clone, Copy)]
pub struct OrderSpec {
    /// Units in the data set.
    pub units: u64,
    /// Units read in one epoch by all ranks together (by each, where every rank reads all).
    pub units_per_epoch: u64,
    /// Whether the units are shuffled anew each epoch.
    pub shuffled: bool,
    /// Who reads what.
    pub sampling: Sampling,
    /// Ranks of the job.
    pub ranks: u64,
    /// Ranks of one node.
    pub ranks_per_node: u64,
}

/// The order of one epoch.
#[derive(Debug, Clone)]
pub struct EpochOrder {
    spec: OrderSpec,
    /// One for all, one a rank or one a node, as the sampling asks; empty when nothing is shuffled.
    shuffles: Vec<Permutation>,
}

impl OrderSpec {
    /// How many units `rank` reads in an epoch.
    #[must_use]
    pub fn units_of(&self, rank: u64) -> u64 {
        match self.sampling {
            Sampling::Distributed => share_of(self.units_per_epoch, self.ranks, rank),
            Sampling::EveryRankAll => self.units_per_epoch,
            Sampling::NodeLocal => {
                let node = rank / self.ranks_per_node;
                let part = share_of(self.units_per_epoch, self.nodes(), node);
                share_of(part, self.ranks_per_node, rank % self.ranks_per_node)
            }
        }
    }

    /// Whether the last unit of the data set may be among those that `rank` reads in an epoch.
    #[must_use]
    pub fn may_read_last(&self, rank: u64) -> bool {
        match self.sampling {
            Sampling::EveryRankAll => true,
            Sampling::Distributed => self.shuffled || rank == (self.units - 1) % self.ranks,
            Sampling::NodeLocal => {
                let (node, local) = (rank / self.ranks_per_node, rank % self.ranks_per_node);
                let (first, length) = self.part_of(node);
                let has_it = length > 0 && first + length == self.units;
                has_it && (self.shuffled || local == (length - 1) % self.ranks_per_node)
            }
        }
    }

    const fn nodes(&self) -> u64 {
        self.ranks / self.ranks_per_node
    }

    /// First unit and number of units that belong to `node`, where each has its own part.
    fn part_of(&self, node: u64) -> (u64, u64) {
        let length = share_of(self.units, self.nodes(), node);
        let (whole, rest) = (self.units / self.nodes(), self.units % self.nodes());
        (node * whole + node.min(rest), length)
    }
}

impl EpochOrder {
    /// The order of an epoch; `key` differs from epoch to epoch, replication to replication and trial to trial.
    #[must_use]
    pub fn new(spec: &OrderSpec, key: u64) -> Self {
        let shuffles = if spec.shuffled { shuffles(spec, key) } else { Vec::new() };
        Self { spec: *spec, shuffles }
    }

    /// The unit that `rank` reads at `position`.
    #[inline(always)]
    #[must_use]
    pub fn unit(&self, rank: u64, position: u64) -> u64 {
        let spec = &self.spec;
        match spec.sampling {
            Sampling::Distributed => self.shuffle(0, position * spec.ranks + rank),
            Sampling::EveryRankAll => self.shuffle(rank, position),
            Sampling::NodeLocal => {
                let (node, local) = (rank / spec.ranks_per_node, rank % spec.ranks_per_node);
                let (first, _) = spec.part_of(node);
                first + self.shuffle(node, position * spec.ranks_per_node + local)
            }
        }
    }

    #[inline(always)]
    fn shuffle(&self, which: u64, position: u64) -> u64 {
        if self.shuffles.is_empty() { position } else { self.shuffles[which as usize].at(position) }
    }
}

fn shuffles(spec: &OrderSpec, key: u64) -> Vec<Permutation> {
    let keyed =
        |n: u64, index: u64| Permutation::new(n, key.wrapping_add(index.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
    match spec.sampling {
        Sampling::Distributed => vec![keyed(spec.units, 0)],
        Sampling::EveryRankAll => (0..spec.ranks).map(|rank| keyed(spec.units, rank)).collect(),
        Sampling::NodeLocal => (0..spec.nodes()).map(|node| keyed(spec.part_of(node).1, node)).collect(),
    }
}

/// The share of holder `index` when `total` things are dealt round to `holders`.
fn share_of(total: u64, holders: u64, index: u64) -> u64 {
    total / holders + u64::from(index < total % holders)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: OrderSpec = OrderSpec {
        units: 103,
        units_per_epoch: 103,
        shuffled: true,
        sampling: Sampling::Distributed,
        ranks: 8,
        ranks_per_node: 4,
    };

    fn units_read(spec: &OrderSpec, key: u64) -> Vec<u64> {
        let order = EpochOrder::new(spec, key);
        let mut units: Vec<u64> = (0..spec.ranks)
            .flat_map(|r| (0..spec.units_of(r)).map(move |p| (r, p)))
            .map(|(r, p)| order.unit(r, p))
            .collect();
        units.sort_unstable();
        units
    }

    /// 103 units over 8 ranks: every unit is read once an epoch, whatever the shuffle.
    #[test]
    fn distributed_ranks_read_each_unit_once() {
        for shuffled in [false, true] {
            let spec = OrderSpec { shuffled, ..SPEC };
            assert_eq!(units_read(&spec, 7), (0..103).collect::<Vec<_>>());
        }
    }

    #[test]
    fn node_local_parts_are_disjoint_and_stay_with_their_node() {
        let spec = OrderSpec { sampling: Sampling::NodeLocal, ..SPEC };
        assert_eq!(units_read(&spec, 7), (0..103).collect::<Vec<_>>());
        let order = EpochOrder::new(&spec, 9);
        let first_node_reads_below = (0..4).all(|r| (0..spec.units_of(r)).all(|p| order.unit(r, p) < 52));
        assert!(first_node_reads_below, "103 units in two parts: 52 and 51");
    }

    #[test]
    fn every_rank_all_reads_the_whole_set_on_each_rank() {
        let spec = OrderSpec { sampling: Sampling::EveryRankAll, ..SPEC };
        assert_eq!(units_read(&spec, 3).len(), 8 * 103);
        assert_eq!(spec.units_of(5), 103);
    }

    #[test]
    fn two_epochs_differ_and_one_epoch_repeats() {
        let read = |key| (0..103).map(|p| EpochOrder::new(&SPEC, key).unit(0, p % 12)).collect::<Vec<_>>();
        assert_eq!(read(1), read(1));
        assert_ne!(read(1), read(2));
    }

    /// A quarter of the set, shuffled: 25 distinct units, another 25 in another epoch.
    #[test]
    fn a_fraction_of_the_set_is_drawn_without_repeats() {
        let spec = OrderSpec { units_per_epoch: 25, ..SPEC };
        let mut units = units_read(&spec, 5);
        assert_eq!(units.len(), 25);
        units.dedup();
        assert_eq!(units.len(), 25);
        assert_ne!(units, units_read(&spec, 6));
    }
}
