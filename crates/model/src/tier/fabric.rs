//! The way from a storage service to the nodes: connection, node, client–server pair, server, disk.
//!
//! A transfer passes the cap of its connection, the network interface of its node, the pair of its node and the server
//! that holds the file, that server's network and, when the server does not have the file in memory, its disks. Rates
//! are max-min fair over all of them. Where every server is alike to all and nothing bursts, the caps form a tree and
//! the cheaper link carries it.

use ingestsim_des::resource::{
    fair_mesh::{Burst, Constraint, FairMesh, Group, Limit},
    fair_tree::{FairTree, TreeCaps, TreeCauses},
};
use ingestsim_units::{Bytes, Rate};

use crate::network::{BOUND_BY_CONNECTION, BOUND_BY_FILE_SYSTEM, BOUND_BY_NIC, BOUND_BY_PAIR, Link};

/// A rate that binds nothing.
pub(crate) const UNBOUNDED: Rate = Rate::per_second(1 << 50);

/// A capacity with burst credits: the burst rate while there is credit, then the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cap {
    /// The rate that is always there.
    pub baseline: Rate,
    /// The rate while credit lasts, and the credit.
    pub burst: Option<Credit>,
}

/// Burst credit in metered bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Credit {
    /// The rate while credit lasts.
    pub rate: Rate,
    /// What a full bucket holds.
    pub depth: Bytes,
    /// What the bucket holds at the start.
    pub level: Bytes,
    /// Metered thousandths of a byte per byte transferred.
    pub meter_per_thousand: u32,
}

impl Cap {
    /// A capacity without bursts.
    #[must_use]
    pub const fn fixed(rate: Rate) -> Self {
        Self { baseline: rate, burst: None }
    }

    /// The same for one of `parts` equal parts.
    #[must_use]
    pub fn divided(&self, parts: u64) -> Self {
        let rate = |rate: Rate| Rate::per_second(rate.bytes_per_second() / parts);
        let bytes = |bytes: Bytes| Bytes::new(bytes.get() / parts);
        let burst = self.burst.map(|credit| Credit {
            rate: rate(credit.rate),
            depth: bytes(credit.depth),
            level: bytes(credit.level),
            ..credit
        });
        Self { baseline: rate(self.baseline), burst }
    }

    /// The same, but never above `rate`.
    #[must_use]
    pub fn limited(&self, rate: Rate) -> Self {
        let burst = self.burst.map(|credit| Credit { rate: credit.rate.min(rate), ..credit });
        let baseline = self.baseline.min(rate);
        Self { baseline, burst: burst.filter(|credit| credit.rate > baseline) }
    }

    /// The highest rate it can have.
    #[must_use]
    pub fn peak(&self) -> Rate {
        self.burst.map_or(self.baseline, |credit| credit.rate.max(self.baseline))
    }
}

/// Clients × servers and their caps.
#[derive(Debug, Clone, PartialEq)]
pub struct Fabric {
    /// Nodes that read.
    pub clients: u32,
    /// Servers that files are spread over.
    pub servers: u32,
    /// What one transfer gets at most.
    pub connection: Option<Rate>,
    /// What one node gets at most.
    pub client: Option<Cap>,
    /// What one node gets from one server.
    pub pair: Option<Rate>,
    /// What one server gives.
    pub server: Option<Cap>,
    /// What one server reads from its disks; nothing where the server's rate says it all.
    pub disk: Option<Cap>,
    /// What one server takes up, where checkpoints are written to it beside the reads.
    pub write: Option<Rate>,
}

impl Fabric {
    /// The lane of a transfer.
    #[must_use]
    pub fn lane(&self, client: u32, server: u32, from_disk: bool) -> u32 {
        if self.is_tree() {
            return client;
        }
        let from_disk = u32::from(from_disk && self.disk.is_some());
        (client * self.servers + server) * self.kinds() + from_disk
    }

    /// The lane of a write.
    #[must_use]
    pub fn write_lane(&self, client: u32, server: u32) -> u32 {
        (client * self.servers + server) * self.kinds() + self.kinds() - 1
    }

    /// The link with all its caps.
    #[must_use]
    pub(crate) fn link(&self) -> Link {
        if self.is_tree() { Link::Tree(self.tree()) } else { Link::Mesh(self.mesh()) }
    }

    /// Whether transfers that differ only in server or source are served alike.
    fn is_tree(&self) -> bool {
        let bursts = |cap: &Option<Cap>| cap.is_some_and(|cap| cap.burst.is_some());
        self.servers == 1
            && self.pair.is_none()
            && self.disk.is_none()
            && self.write.is_none()
            && !bursts(&self.client)
            && !bursts(&self.server)
    }

    /// Kinds of transfers between one client and one server: from memory, from disk where that differs, and writes.
    const fn kinds(&self) -> u32 {
        1 + self.disk.is_some() as u32 + self.write.is_some() as u32
    }

    fn tree(&self) -> FairTree {
        let caps = TreeCaps {
            connection: self.connection,
            client: self.client.map_or(UNBOUNDED, |cap| cap.baseline),
            root: self.server.map(|cap| cap.baseline),
        };
        let causes =
            TreeCauses { connection: BOUND_BY_CONNECTION, client: BOUND_BY_NIC, root: BOUND_BY_FILE_SYSTEM };
        FairTree::new(self.clients, caps).with_causes(causes)
    }

    fn mesh(&self) -> FairMesh {
        let mut constraints = Vec::new();
        let mut add = |cap: Cap, cause: u8| {
            constraints.push(constraint(cap, cause));
            constraints.len() as u32 - 1
        };
        let clients: Vec<_> =
            (0..self.clients).map(|_| self.client.map(|cap| add(cap, BOUND_BY_NIC))).collect();
        let servers: Vec<_> =
            (0..self.servers).map(|_| self.server.map(|cap| add(cap, BOUND_BY_FILE_SYSTEM))).collect();
        let disks: Vec<_> =
            (0..self.servers).map(|_| self.disk.map(|cap| add(cap, BOUND_BY_FILE_SYSTEM))).collect();
        let writes: Vec<_> = (0..self.servers)
            .map(|_| self.write.map(|rate| add(Cap::fixed(rate), BOUND_BY_FILE_SYSTEM)))
            .collect();
        let mut groups = Vec::new();
        for client in &clients {
            for ((server, disk), write) in servers.iter().zip(&disks).zip(&writes) {
                let pair = self.pair.map(|rate| add(Cap::fixed(rate), BOUND_BY_PAIR));
                let memory: Vec<u32> = [*client, pair, *server].into_iter().flatten().collect();
                groups.push(self.group(memory.clone()));
                if let Some(disk) = disk {
                    groups.push(self.group([memory, vec![*disk]].concat()));
                }
                // The node's interface is full duplex: what it sends does not slow what it receives.
                if let Some(write) = write {
                    groups.push(
                        self.group([pair, *server, *disk, Some(*write)].into_iter().flatten().collect()),
                    );
                }
            }
        }
        FairMesh::new(&constraints, &groups)
    }

    fn group(&self, path: Vec<u32>) -> Group {
        Group { path, cap: self.connection.map(|rate| (rate, BOUND_BY_CONNECTION)) }
    }
}

fn constraint(cap: Cap, cause: u8) -> Constraint {
    let limit = cap.burst.map_or(Limit::Steady(cap.baseline), |credit| {
        Limit::Credit(Burst {
            baseline: cap.baseline,
            burst: credit.rate,
            depth: credit.depth,
            level: credit.level,
            meter_num: credit.meter_per_thousand,
            meter_den: 1_000,
        })
    });
    Constraint { limit, cause }
}
