//! The way from a storage service to the nodes: connection, node, client–server pair, server, disk.
//!
//! A transfer passes the cap of its connection, the network interface of its node, the pair of its node and the server
//! that holds the file, that server's network and, when the server does not have the file in memory, its disks. Rates
//! are max-min fair over all of them. Where every server is alike to all and nothing bursts, the caps form a tree and
//! the cheaper link carries it.

use ingestsim_des::resource::{
    fair_mesh::{Burst, Constraint, FairMesh, Group, Limit},
    fair_tree::{FairTree, TreeCaps, TreeCauses},
    shared::Shared,
};
use ingestsim_units::{Bytes, Rate};

use crate::network::{
    BOUND_BY_CONNECTION, BOUND_BY_FILE_SYSTEM, BOUND_BY_NIC, BOUND_BY_PAIR, BOUND_BY_VOLUME, Link,
};

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

/// Burst credit in metered bytes; the rates of a capacity with credit are metered too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Credit {
    /// The rate while credit lasts.
    pub rate: Rate,
    /// What a full bucket holds.
    pub depth: Bytes,
    /// What the bucket holds at the start.
    pub level: Bytes,
    /// What a byte transferred is metered as, in parts of [`Credit::WHOLE`].
    pub meter: u32,
}

impl Credit {
    /// A byte that is metered in full. Thirds of it are whole.
    pub const WHOLE: u32 = 60_000;
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

    /// How long it takes to pass `bytes` bytes one after another from a bucket at its level: at the burst until the credit
    /// is spent, level / (burst − baseline) seconds, then at the baseline.
    #[must_use]
    pub fn seconds_for(&self, bytes: f64) -> f64 {
        let baseline = self.baseline.as_f64();
        let Some(credit) = self.burst else { return bytes / baseline };
        let (burst, weight) = (credit.rate.as_f64(), f64::from(credit.meter) / f64::from(Credit::WHOLE));
        let bursting_s = credit.level.as_f64() / (burst - baseline);
        let metered = bytes * weight;
        if metered <= burst * bursting_s {
            metered / burst
        } else {
            bursting_s + (metered - burst * bursting_s) / baseline
        }
    }

    /// The highest rate it can have.
    #[must_use]
    pub fn peak(&self) -> Rate {
        self.burst.map_or(self.baseline, |credit| credit.rate.max(self.baseline))
    }
}

/// Where a server has the bytes of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In its memory.
    Memory,
    /// In its SSD read cache.
    SsdCache,
    /// On its disks.
    Disk,
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
    /// What one server reads from its SSD read cache, where it has one.
    pub ssd_cache: Option<Rate>,
    /// What one server takes up, where checkpoints are written to it beside the reads.
    pub write: Option<Rate>,
    /// What one node sends then.
    pub client_write: Option<Rate>,
}

/// The link of a volume that its node alone reads.
pub(crate) fn volume_link(rate: Cap, connection: Option<Rate>) -> Link {
    if rate.burst.is_none() {
        let link = Shared::link(rate.baseline, connection);
        return Link::Shared(link.with_causes(BOUND_BY_CONNECTION, BOUND_BY_VOLUME));
    }
    let group = Group { path: vec![0], cap: connection.map(|rate| (rate, BOUND_BY_CONNECTION)) };
    Link::Mesh(FairMesh::new(&[constraint(rate, BOUND_BY_VOLUME)], &[group]))
}

/// Lanes by client, server, and where the server has the bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lanes {
    pub(crate) servers: u32,
    kinds: u32,
    /// What a kind of origin adds to the first lane of a pair.
    disk: u32,
    ssd_cache: u32,
}

impl Lanes {
    /// The lane of a transfer.
    #[inline]
    pub(crate) const fn of(&self, client: u32, server: u32, origin: Origin) -> u32 {
        let kind = match origin {
            Origin::Disk => self.disk,
            Origin::SsdCache => self.ssd_cache,
            Origin::Memory => 0,
        };
        (client * self.servers + server) * self.kinds + kind
    }
}

impl Fabric {
    /// The lanes of transfers, where a client has several: else its own number is its lane.
    pub(crate) fn lanes(&self) -> Option<Lanes> {
        let disk = u32::from(self.disk.is_some());
        let ssd_cache = disk + u32::from(self.ssd_cache.is_some());
        (!self.is_tree()).then_some(Lanes { servers: self.servers, kinds: self.kinds(), disk, ssd_cache })
    }

    /// The lane of a write.
    #[must_use]
    pub fn write_lane(&self, client: u32, server: u32) -> u32 {
        (client * self.servers + server) * self.kinds() + self.kinds() - 1
    }

    /// The link with all its caps.
    #[must_use]
    pub(crate) fn link(&self) -> Link {
        match (self.is_tree(), self.lone_cap()) {
            (true, Some((rate, cause))) => {
                let shared = Shared::link(rate, self.connection);
                Link::Shared(shared.with_causes(BOUND_BY_CONNECTION, cause))
            }
            (true, None) => Link::Tree(Box::new(self.tree())),
            (false, _) => Link::Mesh(self.mesh()),
        }
    }

    /// The one rate that all transfers share alike, and the cause it is known under: that of the whole, where no client
    /// can bind before it, or that of the only client.
    fn lone_cap(&self) -> Option<(Rate, u8)> {
        let [client, whole] = [self.client, self.server].map(|cap| cap.map(|cap| cap.baseline));
        match (client, whole) {
            (None, Some(whole)) => Some((whole, BOUND_BY_FILE_SYSTEM)),
            (Some(client), Some(whole)) if client >= whole => Some((whole, BOUND_BY_FILE_SYSTEM)),
            (Some(client), _) if self.clients == 1 => Some((client, BOUND_BY_NIC)),
            _ => None,
        }
    }

    /// Whether transfers that differ only in server or source are served alike.
    pub(crate) fn is_tree(&self) -> bool {
        let bursts = |cap: &Option<Cap>| cap.is_some_and(|cap| cap.burst.is_some());
        self.servers == 1
            && self.pair.is_none()
            && self.disk.is_none()
            && self.write.is_none()
            && !bursts(&self.client)
            && !bursts(&self.server)
    }

    /// Kinds of transfers between one client and one server: by where the server has the bytes, and writes.
    const fn kinds(&self) -> u32 {
        1 + self.disk.is_some() as u32 + self.ssd_cache.is_some() as u32 + self.write.is_some() as u32
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
        let mut constraints = Constraints::default();
        let clients = constraints.each(self.clients, self.client, BOUND_BY_NIC);
        let servers = constraints.each(self.servers, self.server, BOUND_BY_FILE_SYSTEM);
        let disks = constraints.each(self.servers, self.disk, BOUND_BY_FILE_SYSTEM);
        let ssds = constraints.each(self.servers, self.ssd_cache.map(Cap::fixed), BOUND_BY_FILE_SYSTEM);
        let writes = constraints.each(self.servers, self.write.map(Cap::fixed), BOUND_BY_FILE_SYSTEM);
        let writers = constraints.each(self.clients, self.client_write.map(Cap::fixed), BOUND_BY_NIC);
        let mut groups = Vec::new();
        for (&client, &writer) in clients.iter().zip(&writers) {
            for index in 0..self.servers as usize {
                let (server, disk, ssd, write) = (servers[index], disks[index], ssds[index], writes[index]);
                let pair = self.pair.map(|rate| constraints.add(Cap::fixed(rate), BOUND_BY_PAIR));
                groups.push(self.group([client, pair, server, None, None]));
                groups.extend(disk.map(|_| self.group([client, pair, server, disk, None])));
                groups.extend(ssd.map(|_| self.group([client, pair, server, ssd, None])));
                // The node's interface is full duplex: what it sends does not slow what it receives.
                groups.extend(write.map(|_| self.group([writer, pair, server, disk, write])));
            }
        }
        FairMesh::new(&constraints.0, &groups)
    }

    /// The numbers of the constraints that have credits, of servers and disks: a mesh numbers clients before them.
    #[must_use]
    pub(crate) fn credits(&self) -> Vec<u32> {
        let bursts = |cap: &Option<Cap>| cap.is_some_and(|cap| cap.burst.is_some());
        let mut first = if self.client.is_some() { self.clients } else { 0 };
        let mut numbers = Vec::new();
        for cap in [&self.server, &self.disk] {
            if bursts(cap) {
                numbers.extend(first..first + self.servers);
            }
            first += if cap.is_some() { self.servers } else { 0 };
        }
        numbers
    }

    fn group(&self, path: [Option<u32>; 5]) -> Group {
        let path = path.into_iter().flatten().collect();
        Group { path, cap: self.connection.map(|rate| (rate, BOUND_BY_CONNECTION)) }
    }
}

/// The constraints of a mesh, numbered as they are added.
#[derive(Default)]
struct Constraints(Vec<Constraint>);

impl Constraints {
    fn add(&mut self, cap: Cap, cause: u8) -> u32 {
        self.0.push(constraint(cap, cause));
        self.0.len() as u32 - 1
    }

    /// One for each of `count` places, if there is a cap.
    fn each(&mut self, count: u32, cap: Option<Cap>, cause: u8) -> Vec<Option<u32>> {
        (0..count).map(|_| cap.map(|cap| self.add(cap, cause))).collect()
    }
}

fn constraint(cap: Cap, cause: u8) -> Constraint {
    let limit = cap.burst.map_or(Limit::Steady(cap.baseline), |credit| {
        Limit::Credit(Burst {
            baseline: cap.baseline,
            burst: credit.rate,
            depth: credit.depth,
            level: credit.level,
            meter_num: credit.meter,
            meter_den: Credit::WHOLE,
        })
    });
    Constraint { limit, cause }
}
