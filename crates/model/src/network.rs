//! The links of a run, and which of them is due next.
//!
//! Links stand outside the agenda. Each knows when its next transfer ends; a winner tree over those times gives the
//! link that is due first, the lower number at equal times.

mod numbers;

use ingestsim_des::resource::{fair_mesh::FairMesh, fair_tree::FairTree, shared::Shared};
use ingestsim_units::{Bytes, SimTime};

use crate::cause::Cause;
pub(crate) use numbers::Numbers;

/// A link of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LinkId(pub(crate) u32);

/// What a link carries, and so what the end of a transfer on it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Reads of the tier.
    Read,
    /// Reads of the client's cache on a node.
    ClientCache,
    /// Decoding on a node's cores.
    Cpu,
    /// Restores from S3 into a file system.
    Restore,
    /// Writes of checkpoints.
    Write,
}

/// A link: one of the fair links of the core.
#[derive(Debug)]
pub(crate) enum Link {
    /// One server shared by all transfers on it.
    Shared(Shared),
    /// Connection, node and file system.
    Tree(Box<FairTree>),
    /// Clients × servers.
    Mesh(FairMesh),
}

/// A link, what it is for, and who has transfers on it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) role: Role,
    pub(crate) link: Link,
    pub(crate) numbers: Numbers,
}

impl Place {
    fn make_room(&mut self) {
        let count = self.numbers.count();
        match &mut self.link {
            Link::Shared(shared) => shared.reserve(count),
            Link::Tree(tree) => tree.reserve(count),
            Link::Mesh(mesh) => mesh.reserve(count),
        }
    }
}

/// How many numbers a link's clock has at most.
pub(crate) const CLOCK_MAX: usize = 6;

/// Causes by the number that links know them under.
pub(crate) const LINK_CAUSES: [Cause; CLOCK_MAX] = [
    Cause::ConnectionCap,
    Cause::Nic,
    Cause::ServerPair,
    Cause::FileSystemRate,
    Cause::Volume,
    Cause::Restore,
];

/// The number of the connection's cap in [`LINK_CAUSES`].
pub(crate) const BOUND_BY_CONNECTION: u8 = 0;
/// The number of the node's interface.
pub(crate) const BOUND_BY_NIC: u8 = 1;
/// The number of the client–server pair.
pub(crate) const BOUND_BY_PAIR: u8 = 2;
/// The number of the file system.
pub(crate) const BOUND_BY_FILE_SYSTEM: u8 = 3;
/// The number of the volume.
pub(crate) const BOUND_BY_VOLUME: u8 = 4;

/// The causes that a link's clock tells apart, in the order of its numbers.
#[derive(Debug, Clone, Copy)]
struct Causes {
    causes: [Cause; CLOCK_MAX],
    count: usize,
}

impl Causes {
    fn of(link: &Link) -> Self {
        let listed = |numbers: &[u8]| {
            let mut causes = LINK_CAUSES;
            for (cause, &number) in causes.iter_mut().zip(numbers) {
                *cause = LINK_CAUSES[usize::from(number)];
            }
            Self { causes, count: numbers.len() }
        };
        match link {
            Link::Shared(shared) => listed(&shared.causes()),
            Link::Tree(tree) => {
                let causes = tree.causes();
                listed(&[causes.connection, causes.client, causes.root])
            }
            Link::Mesh(_) => Self { causes: LINK_CAUSES, count: CLOCK_MAX },
        }
    }
}

/// All links of a run.
#[derive(Debug)]
pub(crate) struct Network {
    places: Vec<Place>,
    /// What the numbers of a link's clock stand for.
    causes: Vec<Causes>,
    due: WinnerTree,
}

impl Network {
    /// The links in their order.
    #[must_use]
    pub(crate) fn new(places: Vec<Place>) -> Self {
        let due = WinnerTree::new(places.len());
        let causes = places.iter().map(|place| Causes::of(&place.link)).collect();
        Self { places, causes, due }
    }

    /// Makes room on each link for the transfers that it is known to have.
    #[must_use]
    pub(crate) fn with_room(mut self) -> Self {
        self.places.iter_mut().for_each(Place::make_room);
        self
    }

    /// When the next transfer ends on any link, and which link that is.
    #[inline]
    #[must_use]
    pub(crate) fn next(&self) -> (SimTime, LinkId) {
        let (at, index) = self.due.first();
        (SimTime::from_nanos(at), LinkId(index))
    }

    /// What the link carries.
    #[inline]
    #[must_use]
    pub(crate) fn role(&self, link: LinkId) -> Role {
        self.places[link.0 as usize].role
    }

    /// Starts a transfer for `id` on a lane (a node of a tree, a group of a mesh) of a link.
    #[inline]
    pub(crate) fn start(&mut self, link: LinkId, now: SimTime, lane: u32, id: u32, size: u64) {
        let place = &mut self.places[link.0 as usize];
        let (id, size) = (place.numbers.on_link(id), Bytes::new(size));
        let next = match &mut place.link {
            Link::Shared(shared) => {
                shared.start(now, id, size);
                shared.next_end()
            }
            Link::Tree(tree) => {
                tree.start(now, lane, id, size);
                tree.next_end()
            }
            Link::Mesh(mesh) => {
                mesh.start(now, lane, id, size);
                mesh.next_end()
            }
        };
        self.due.set(link.0, next.as_nanos());
    }

    /// Whether something is due on a link by `now`.
    #[inline]
    pub(crate) fn is_due(&self, link: LinkId, now: SimTime) -> bool {
        self.due.times[link.0 as usize] <= now.as_nanos()
    }

    /// Ends one transfer that is due on a link; `None` if it was credits running out that was due.
    #[inline]
    pub(crate) fn end(&mut self, link: LinkId, now: SimTime) -> Option<u32> {
        let Place { link: carrier, numbers, .. } = &mut self.places[link.0 as usize];
        let (ended, next) = match carrier {
            Link::Shared(shared) => (shared.end(now), shared.next_end()),
            Link::Tree(tree) => (tree.end(now), tree.next_end()),
            Link::Mesh(mesh) => (mesh.end(now), mesh.next_end()),
        };
        self.due.set(link.0, next.as_nanos());
        ended.map(|id| numbers.in_world(id))
    }

    /// How many numbers the clocks of these links have at most.
    pub(crate) fn clock_width(&self) -> usize {
        self.causes.iter().map(|causes| causes.count).max().unwrap_or(0)
    }

    /// What the numbers of a link's clock stand for.
    #[inline]
    pub(crate) fn causes(&self, link: LinkId) -> &[Cause] {
        let causes = &self.causes[link.0 as usize];
        &causes.causes[..causes.count]
    }

    /// How many nanoseconds the clock of a lane has been bound by each of the link's [`causes`](Self::causes) so far.
    #[inline(always)]
    pub(crate) fn read_clock(&mut self, link: LinkId, now: SimTime, lane: u32, into: &mut [u64]) {
        match &mut self.places[link.0 as usize].link {
            Link::Shared(shared) => into[..2].copy_from_slice(&shared.clock(now)),
            Link::Tree(tree) => into[..3].copy_from_slice(&tree.clock(now, lane)),
            Link::Mesh(mesh) => {
                into[..CLOCK_MAX].copy_from_slice(&mesh.bound(now, lane).as_nanos()[..CLOCK_MAX]);
            }
        }
    }

    /// The credit left of a constraint of the tier's mesh, in bytes.
    pub(crate) fn credit(&mut self, constraint: u32, now: SimTime) -> u64 {
        match &mut self.places[0].link {
            Link::Mesh(mesh) => mesh.level(now, constraint).map_or(0, Bytes::get),
            Link::Shared(_) | Link::Tree(_) => 0,
        }
    }

    /// Takes credit of a volume away that something before the loop has spent.
    pub(crate) fn spend(&mut self, link: LinkId, now: SimTime, bytes: Bytes) {
        if let Link::Mesh(mesh) = &mut self.places[link.0 as usize].link {
            mesh.spend(now, 0, bytes);
            self.due.set(link.0, mesh.next_end().as_nanos());
        }
    }

    /// The links with their roles, to be audited.
    pub(crate) fn links(&mut self) -> impl Iterator<Item = (Role, &mut Link)> {
        self.places.iter_mut().map(|place| (place.role, &mut place.link))
    }
}

/// The earliest of a fixed number of times, with a change in logarithmic time.
#[derive(Debug)]
struct WinnerTree {
    /// Times of the leaves, `u64::MAX` for never.
    times: Vec<u64>,
    /// `winners[1]` is the leaf that comes first of all; the children of node i are 2i and 2i + 1.
    winners: Vec<u32>,
    width: usize,
}

impl WinnerTree {
    fn new(leaves: usize) -> Self {
        let width = leaves.next_power_of_two();
        let mut winners = vec![0; 2 * width];
        for leaf in 0..width {
            winners[width + leaf] = leaf as u32;
        }
        let mut tree = Self { times: vec![u64::MAX; width], winners, width };
        (1..width).rev().for_each(|node| tree.play(node));
        tree
    }

    #[inline]
    fn first(&self) -> (u64, u32) {
        let leaf = self.winners[1];
        (self.times[leaf as usize], leaf)
    }

    #[inline]
    fn set(&mut self, leaf: u32, time: u64) {
        if self.times[leaf as usize] != time {
            self.times[leaf as usize] = time;
            self.replay(leaf);
        }
    }

    fn replay(&mut self, leaf: u32) {
        let mut node = (self.width + leaf as usize) / 2;
        while node > 0 {
            self.play(node);
            node /= 2;
        }
    }

    fn play(&mut self, node: usize) {
        let (left, right) = (self.winners[2 * node], self.winners[2 * node + 1]);
        let right_is_first = self.times[right as usize] < self.times[left as usize];
        self.winners[node] = if right_is_first { right } else { left };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against a plain search, for every number of leaves up to 9: the earliest, the lower number at equal times.
    #[test]
    fn the_winner_is_the_earliest_and_the_lowest() {
        let mut state = 1_u64;
        for leaves in 1..10 {
            let mut tree = WinnerTree::new(leaves);
            for _ in 0..200 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                tree.set((state >> 33) as u32 % leaves as u32, (state >> 50) % 7);
                let plain = (0..leaves).min_by_key(|&leaf| tree.times[leaf]).expect("there is a leaf");
                assert_eq!(tree.first(), (tree.times[plain], plain as u32));
            }
        }
    }
}
