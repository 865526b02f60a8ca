//! The stations that readers queue at: on their own node, and on the way from a service that all nodes share.
//!
//! Of the limits on a way that all bytes pass (the nodes' interfaces, the pairs of a node and a server, the servers) only
//! the tightest is a station, as a transfer is held up there and not once more behind it. Bytes from disks or SSDs that are
//! slower than that way are held up at these instead: with d_o bytes of a sample from origin o, R_o what that origin gives
//! in all, and R what the way gives, no more than x = min(R / Σ d, min over o of R_o / d_o) pass. Where R / Σ d is the least
//! all bytes queue for the way alone; else each slow origin is a station of d_o at R_o, and what comes from memory has the
//! rest of the way, R − x · Σ d_o.

use ingestsim_units::Rate;

use super::{
    product_form::{Rates, spread, station},
    traffic::{CLIENT, DISK, Demands, Mix, SERVER, Traffic, VOLUME},
};
use crate::{
    cause::Cause,
    tier::{Cap, Credit, Fabric, GateRule, Source},
};

/// What a second thread on each core adds at most to what the cores do.
const HYPERTHREAD_BONUS: f64 = 0.2;

/// How a station serves those who are in it, and so what the time of one goes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// Cores: all at once.
    Cores,
    /// A link, all at once: the larger a file, the longer.
    Link,
    /// One after the other: everybody waits for those before, whatever its own size.
    InTurn,
    /// Restores: so many at a time, the others in turn.
    Restore,
}

/// A station, what it is charged to, and what it gives with all readers in it.
pub(super) struct Station {
    pub(super) cause: Cause,
    pub(super) service: Service,
    pub(super) rates: Rates,
    /// The least time a sample spends there.
    pub(super) alone: f64,
    /// What all of its kind on all nodes pass at most.
    pub(super) limit: f64,
}

impl Station {
    fn new(cause: Cause, service: Service, (rates, alone): (Rates, f64), parts: u32) -> Self {
        let limit = rates.last().copied().unwrap_or(f64::INFINITY) * f64::from(parts);
        Self { cause, service, rates, alone, limit }
    }
}

impl Traffic<'_> {
    /// Stations of one node, as its own readers see them.
    pub(super) fn node_stations(&self, mix: &Mix, demands: &Demands, decode: f64) -> Vec<Station> {
        let readers = self.readers / self.nodes as usize;
        let mut stations = Vec::new();
        if decode > 0.0 && self.shares_cores() {
            let cores = f64::from(self.plan.host.cores);
            let bonus = if self.plan.host.hyperthreads { HYPERTHREAD_BONUS } else { 0.0 };
            let rate = |k: f64| (k.min(cores) + ((k - cores).clamp(0.0, cores)) * bonus) / decode;
            let rates = (station(readers, rate), decode);
            stations.push(Station::new(Cause::Decode, Service::Cores, rates, self.nodes));
        }
        match &self.plan.path.source {
            _ if demands.bytes <= 0.0 => {}
            Source::Volume { rate, connection, .. } => {
                let (whole, each) = (rate_now(rate, mix.bursts[VOLUME]), connection.map(in_ns));
                let rate = |k: f64| each.map_or(whole, |each| (each * k).min(whole)) / demands.bytes;
                let rates = (station(readers, rate), 1.0 / rate(1.0));
                stations.push(Station::new(Cause::Volume, Service::Link, rates, self.nodes));
            }
            Source::Fabric(fabric) => stations.extend(self.interface(fabric, mix, demands, readers)),
        }
        stations.extend(self.client_cache_station(mix, readers));
        stations.extend(self.gate_stations(true, readers, demands));
        stations
    }

    fn client_cache_station(&self, mix: &Mix, readers: usize) -> Option<Station> {
        let cache = self.plan.path.client_cache.as_ref().filter(|_| mix.client_cache > 0.0)?;
        let hits = (1.0 - mix.sample_cache) * (1.0 - mix.page_cache) * mix.client_cache;
        let demand = hits * self.size.mean / in_ns(cache.rate);
        let rates = (station(readers, |_| 1.0 / demand), demand);
        Some(Station::new(Cause::Volume, Service::Link, rates, self.nodes))
    }

    fn gate_stations(&self, per_node: bool, readers: usize, demands: &Demands) -> Vec<Station> {
        let gates = self.plan.path.gates.iter().zip(&self.operations);
        let gates = gates.filter(|(gate, _)| gate.per_node == per_node && demands.opens > 0.0);
        let parts = if per_node { self.nodes } else { 1 };
        let gates = gates.filter_map(|(gate, operations)| match gate.rule {
            GateRule::Servers(rate) => {
                let demand = demands.opens / self.opens() * operations / per_ns(rate.as_f64());
                let rates = (station(readers, |_| 1.0 / demand), demand);
                Some(Station::new(gate.cause, Service::InTurn, rates, parts))
            }
            GateRule::Bucket { .. } => None,
        });
        gates.collect()
    }

    /// Stations that all nodes share.
    pub(super) fn shared_stations(&self, mix: &Mix, demands: &Demands) -> Vec<Station> {
        let mut stations = self.gate_stations(false, self.readers, demands);
        if let (Source::Fabric(fabric), true) = (&self.plan.path.source, demands.bytes > 0.0) {
            stations.extend(self.fabric_stations(fabric, mix, demands));
        }
        if let (Some(restore), true) = (&self.plan.path.restore, demands.restores > 0.0) {
            let file = self.size.mean * self.plan.dataset.samples_per_file as f64;
            let each = restore.latency.mean() + file / in_ns(restore.rate);
            let (whole, at_a_time) = (in_ns(restore.total) / file, f64::from(restore.concurrency));
            let rate = |k: f64| (k.min(at_a_time) / each).min(whole) / demands.restores;
            let rates = (station(self.readers, rate), 1.0 / rate(1.0));
            stations.push(Station::new(Cause::Restore, Service::Restore, rates, 1));
        }
        stations
    }

    /// The way from the service, where it binds before the nodes' interfaces do.
    fn fabric_stations(&self, fabric: &Fabric, mix: &Mix, demands: &Demands) -> Vec<Station> {
        let limits = self.limits(fabric, mix, demands);
        if limits.bound_by_nodes() {
            return Vec::new();
        }
        let link = |bytes: f64, whole: f64| {
            let parts = f64::from(fabric.servers);
            let of_one = |k: f64| (k * limits.each * parts).min(whole) / bytes;
            let rates =
                (spread(&station(self.readers, of_one), fabric.servers), bytes / limits.each.min(whole));
            Station::new(Cause::FileSystemRate, Service::Link, rates, 1)
        };
        let (way, passing) = (limits.way(), limits.passing());
        if limits.bound_by_way() {
            return vec![link(demands.bytes, way)];
        }
        let slow = || limits.origins.into_iter().filter(|&(bytes, whole)| bytes > 0.0 && whole < way);
        let mut links: Vec<Station> = slow().map(|(bytes, whole)| link(bytes, whole)).collect();
        let from_slow: f64 = slow().map(|(bytes, _)| bytes).sum();
        let from_memory = demands.bytes - from_slow;
        if from_memory > 1e-9 * demands.bytes {
            links.push(link(from_memory, way - passing * from_slow));
        }
        links
    }

    /// The interface of one node, or its pairs with the servers, where nothing behind them binds.
    fn interface(&self, fabric: &Fabric, mix: &Mix, demands: &Demands, readers: usize) -> Option<Station> {
        let limits = self.limits(fabric, mix, demands);
        if !limits.bound_by_nodes() || limits.each.is_infinite() {
            return None;
        }
        let nodes = f64::from(self.nodes);
        let by_pairs = limits.pairs < limits.nics;
        let (cause, parts, whole) = if by_pairs {
            (Cause::ServerPair, fabric.servers, limits.pairs / nodes)
        } else {
            (Cause::Nic, 1, limits.nics / nodes)
        };
        let of_one = |k: f64| (k * limits.each * f64::from(parts)).min(whole) / demands.bytes;
        let rates = (spread(&station(readers, of_one), parts), demands.bytes / limits.each);
        Some(Station::new(cause, Service::Link, rates, self.nodes))
    }

    fn limits(&self, fabric: &Fabric, mix: &Mix, demands: &Demands) -> Limits {
        let one = |rate: Option<Rate>| rate.map_or(f64::INFINITY, in_ns);
        let now = |cap: Option<Cap>, which: usize| {
            cap.map_or(f64::INFINITY, |cap| rate_now(&cap, mix.bursts[which]))
        };
        let nic = now(fabric.client, CLIENT);
        let (nodes, servers) = (f64::from(self.nodes), f64::from(fabric.servers));
        let server = now(fabric.server, SERVER);
        Limits {
            bytes: demands.bytes,
            each: one(fabric.connection).min(one(fabric.pair)).min(nic),
            nics: nic * nodes,
            pairs: one(fabric.pair) * nodes * servers,
            servers: server * servers,
            origins: [
                (demands.disk_bytes, now(fabric.disk, DISK) * servers),
                (demands.ssd_bytes, one(fabric.ssd_cache) * servers),
            ],
        }
    }

    /// What the limits of the way from the service let through, in samples a nanosecond, whether they are a station or not.
    pub(super) fn fabric_limits(&self, mix: &Mix, demands: &Demands) -> Vec<f64> {
        let (Source::Fabric(fabric), true) = (&self.plan.path.source, demands.bytes > 0.0) else {
            return Vec::new();
        };
        let limits = self.limits(fabric, mix, demands);
        let ways = [limits.nics, limits.pairs, limits.servers].map(|whole| whole / demands.bytes);
        let origins = limits.origins.into_iter().filter(|&(bytes, _)| bytes > 0.0);
        ways.into_iter().chain(origins.map(|(bytes, whole)| whole / bytes)).collect()
    }
}

/// Limits of a fabric in bytes a nanosecond: of one transfer, and of all interfaces, pairs and servers together.
struct Limits {
    bytes: f64,
    each: f64,
    nics: f64,
    pairs: f64,
    servers: f64,
    /// Bytes of a sample from disks and from SSDs, and what these give in all.
    origins: [(f64, f64); 2],
}

impl Limits {
    /// What the way gives that all bytes pass.
    fn way(&self) -> f64 {
        self.nics.min(self.pairs).min(self.servers)
    }

    /// Samples a nanosecond that origins let through.
    fn of_origins(&self) -> f64 {
        let limits = self.origins.into_iter().filter(|&(bytes, _)| bytes > 0.0);
        limits.map(|(bytes, whole)| whole / bytes).fold(f64::INFINITY, f64::min)
    }

    /// Samples a nanosecond that the whole lets through.
    fn passing(&self) -> f64 {
        (self.way() / self.bytes).min(self.of_origins())
    }

    fn bound_by_way(&self) -> bool {
        self.way() / self.bytes <= self.of_origins()
    }

    /// Whether the nodes bind, by interfaces or pairs, before servers and what lies behind them.
    fn bound_by_nodes(&self) -> bool {
        self.bound_by_way() && self.nics.min(self.pairs) <= self.servers
    }
}

fn per_ns(per_second: f64) -> f64 {
    per_second / 1e9
}

fn in_ns(rate: Rate) -> f64 {
    per_ns(rate.as_f64())
}

/// What a capacity lets through while it bursts, or when it has no credit left; its rates are metered ones.
fn rate_now(cap: &Cap, bursts: bool) -> f64 {
    let meter = cap.burst.map_or(1.0, |credit| f64::from(credit.meter) / f64::from(Credit::WHOLE));
    in_ns(if bursts { cap.peak() } else { cap.baseline }) / meter
}
