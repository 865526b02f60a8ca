//! What readers spend their time on, as the stations of a closed network: one sample's demands of each, on average.
//!
//! Rates are samples a nanosecond, sizes bytes, times nanoseconds.

use ingestsim_des::draw::{Luck, QuantileTable};
use ingestsim_units::Rate;

use super::product_form::{Rates, delay, joined, side_by_side, spread, station};
use crate::{
    cause::Cause,
    plan::{LoaderKind, Plan},
    tier::{Counts, Fabric, GateRule, GateSpec, Source},
};

/// Points at which a distribution is looked at for its moments.
const POINTS: u64 = 4_096;

/// What a second thread on each core adds at most to what the cores do.
const HYPERTHREAD_BONUS: f64 = 0.2;

/// Mean and variance.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moments {
    pub(crate) mean: f64,
    pub(crate) variance: f64,
}

impl Moments {
    fn of(table: &QuantileTable) -> Self {
        let mean = table.mean();
        let squares = walk(table).map(|value| (value - mean).powi(2)).sum::<f64>();
        Self { mean, variance: squares / POINTS as f64 }
    }
}

/// A table's values from one end to the other.
fn walk(table: &QuantileTable) -> impl Iterator<Item = f64> + '_ {
    let step = u64::MAX / POINTS;
    (0..POINTS).map(move |point| table.sample(Luck::from_bits(point * step + step / 2)) as f64)
}

/// The mean of the largest of `draws` draws.
pub(crate) fn mean_of_largest(table: &QuantileTable, draws: u32) -> f64 {
    let below = |point: u64| (point as f64 / POINTS as f64).powi(draws.cast_signed());
    walk(table).zip(0..).map(|(value, point)| value * (below(point + 1) - below(point))).sum()
}

/// The value of a table that one of `draws` draws is expected to be above.
pub(crate) fn largest_of(table: &QuantileTable, draws: f64) -> f64 {
    let below = (1.0 - 1.0 / draws.max(1.0)).min(1.0 - 1e-15);
    table.sample(Luck::from_bits((below * 2_f64.powi(64)) as u64)) as f64
}

/// Where reads find their files at one time, and what the services give then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mix {
    /// Shares of hits, each of what the caches before it have missed.
    pub(crate) sample_cache: f64,
    pub(crate) page_cache: f64,
    pub(crate) client_cache: f64,
    pub(crate) server_ram: f64,
    pub(crate) server_ssd: f64,
    /// Share of the files opened that are still in S3.
    pub(crate) in_s3: f64,
    /// Whether client, server and disk have credit to burst.
    pub(crate) bursts: [bool; 3],
}

/// What one sample asks for on average.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Demands {
    /// Files opened at the tier, and bytes read from it.
    pub(crate) opens: f64,
    pub(crate) bytes: f64,
    /// Of the opens, those that no cache of the servers has.
    pub(crate) disk_opens: f64,
    pub(crate) disk_bytes: f64,
    /// Files restored from S3.
    pub(crate) restores: f64,
}

/// The readers of a job at one mix: how much they get through, and what holds them up.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub(crate) mix: Mix,
    pub(crate) demands: Demands,
    /// Samples a nanosecond by the number of readers at work.
    pub(crate) passing: Rates,
    /// Relative standard deviation of the time a reader spends on one sample, all at work.
    pub(crate) cv: f64,
    /// What that time goes to, in shares.
    pub(crate) spent: Vec<(Cause, f64)>,
    /// How near the two lowest limits of all readers together are to each other and to what passes; 1 where they tie.
    pub(crate) tie: f64,
}

/// A station, what it is charged to, and what it gives with all readers in it.
struct Station {
    cause: Cause,
    rates: Rates,
    /// The least time a sample spends there.
    alone: f64,
}

/// A plan's readers and moments: what does not change along the run.
#[derive(Debug, Clone)]
pub(crate) struct Traffic<'p> {
    plan: &'p Plan,
    /// Readers of all ranks and lanes.
    readers: usize,
    nodes: u32,
    pub(crate) size: Moments,
    latency: Moments,
    cached_latency: f64,
    /// Operations of a sample at each gate.
    operations: Vec<f64>,
}

impl<'p> Traffic<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let lanes = plan.training.concurrent_trials.min(plan.training.trials);
        let table = |table: &Option<QuantileTable>| table.as_ref().map(Moments::of).unwrap_or_default();
        let records = plan.dataset.samples_per_file as f64;
        let whole = Moments::of(&plan.dataset.sizes);
        let size = Moments {
            mean: plan.dataset.sample_bytes_mean(),
            variance: whole.variance / (records * records),
        };
        Self {
            readers: lanes as usize * plan.ranks() as usize * plan.loader.kind.readers() as usize,
            nodes: lanes * plan.host.nodes,
            size,
            latency: table(&plan.path.latency),
            cached_latency: plan.path.cached_latency.as_ref().map_or(0.0, QuantileTable::mean),
            operations: plan.path.gates.iter().map(|gate| operations(gate, plan, size.mean)).collect(),
            plan,
        }
    }

    /// Readers of all ranks that run at a time.
    pub(crate) const fn readers(&self) -> usize {
        self.readers
    }

    /// Opens of one sample: a shard that is streamed is opened once for all its records.
    fn opens(&self) -> f64 {
        match self.plan.streaming {
            Some(_) => 1.0 / self.plan.dataset.samples_per_file as f64,
            None => 1.0,
        }
    }

    fn demands(&self, mix: &Mix) -> Demands {
        let (past_sample, past_page) = (1.0 - mix.sample_cache, 1.0 - mix.page_cache);
        let at_tier = past_sample * past_page * (1.0 - mix.client_cache);
        let on_disk = (1.0 - mix.server_ram) * (1.0 - mix.server_ssd) * (1.0 - mix.in_s3);
        let (opens, bytes) = (at_tier * self.opens(), at_tier * self.size.mean);
        Demands {
            opens,
            bytes,
            disk_opens: opens * on_disk,
            disk_bytes: bytes * on_disk,
            restores: opens * mix.in_s3,
        }
    }

    /// CPU time of one sample.
    fn decode(&self, mix: &Mix) -> f64 {
        let loader = &self.plan.loader;
        let by_size = loader.decode_rate.map_or(0.0, |rate| self.size.mean / rate.as_f64() * 1e9);
        let skipped = loader.sample_cache.as_ref().is_some_and(|cache| cache.holds_decoded);
        let whole = loader.decode_per_sample.as_nanos() as f64 + by_size;
        whole * if skipped { 1.0 - mix.sample_cache } else { 1.0 }
    }

    fn shares_cores(&self) -> bool {
        self.plan.loader.kind.readers() * u64::from(self.plan.host.gpus) > u64::from(self.plan.host.cores)
    }

    /// All of it at one mix.
    pub(crate) fn flow(&self, mix: Mix) -> Flow {
        let demands = self.demands(&mix);
        let decode = self.decode(&mix);
        let latency = self.waiting(&mix, &demands);
        let alone = if self.shares_cores() { latency } else { latency + decode };
        let shared = self.shared_stations(&mix, &demands);
        let by_node = self.node_stations(&mix, &demands, decode);
        let mut passing = self.node_network(alone, &by_node);
        for one in &shared {
            passing = joined(&passing, &one.rates);
        }
        if let Some(ceiling) = self.ceiling(&demands) {
            passing.iter_mut().for_each(|rate| *rate = rate.min(ceiling));
        }
        let cycle = self.readers as f64 / passing[self.readers].max(f64::MIN_POSITIVE);
        let all: Vec<&Station> = by_node.iter().chain(&shared).collect();
        Flow {
            cv: self.variation(&mix, &demands, cycle, decode).sqrt() / cycle,
            spent: spent(&all, latency, if self.shares_cores() { 0.0 } else { decode }, cycle),
            tie: self.tie(&all, passing[self.readers]),
            mix,
            demands,
            passing,
        }
    }

    /// What a sample waits for without queueing for it.
    fn waiting(&self, mix: &Mix, demands: &Demands) -> f64 {
        demands.opens * self.latency.mean
            + demands.disk_opens * self.plan.path.miss_latency.as_nanos() as f64
            + self.waiting_for_hits(mix)
    }

    /// The part of it that samples wait which a cache of the node or of its client holds.
    fn waiting_for_hits(&self, mix: &Mix) -> f64 {
        let past_sample = 1.0 - mix.sample_cache;
        let client = self.plan.path.client_cache.as_ref().map_or(0.0, |cache| cache.latency.mean());
        past_sample * mix.page_cache * self.cached_latency
            + past_sample * (1.0 - mix.page_cache) * mix.client_cache * client * self.opens()
    }

    /// Variance of the time of one sample: of its latency, of its size as far as the time goes with it, and of hits.
    fn variation(&self, mix: &Mix, demands: &Demands, cycle: f64, decode: f64) -> f64 {
        let misses = (demands.opens / self.opens()).max(1e-12);
        // What hits wait is no transfer of the few that miss, nor is what rounding leaves where none does.
        let elsewhere = demands.opens * self.latency.mean + self.waiting_for_hits(mix) + decode;
        let link = (cycle - elsewhere).max(0.0) / misses;
        let by_size = self.size.variance / (self.size.mean * self.size.mean);
        let opened = self.opens();
        let missed = opened * self.latency.mean + link;
        let of_missed = opened * self.latency.variance + link * link * by_size;
        misses * of_missed + misses * (1.0 - misses) * missed * missed
    }

    /// Stations of one node, as its own readers see them.
    fn node_stations(&self, mix: &Mix, demands: &Demands, decode: f64) -> Vec<Station> {
        let plan = self.plan;
        let readers = self.readers / self.nodes as usize;
        let mut stations = Vec::new();
        if decode > 0.0 && self.shares_cores() {
            let cores = f64::from(plan.host.cores);
            let bonus = if plan.host.hyperthreads { HYPERTHREAD_BONUS } else { 0.0 };
            let rate = |k: f64| (k.min(cores) + ((k - cores).clamp(0.0, cores)) * bonus) / decode;
            stations.push(Station { cause: Cause::Decode, rates: station(readers, rate), alone: decode });
        }
        if let (Source::Volume { rate, connection, .. }, true) = (&plan.path.source, demands.bytes > 0.0) {
            // Without its credit: a bound is not to be kinder than what lasts.
            let (whole, each) =
                (per_ns(rate.baseline.as_f64()), connection.map(|rate| per_ns(rate.as_f64())));
            let rate = |k: f64| each.map_or(whole, |each| (each * k).min(whole)) / demands.bytes;
            let alone = 1.0 / rate(1.0);
            stations.push(Station { cause: Cause::Volume, rates: station(readers, rate), alone });
        }
        if let (Some(cache), true) = (&plan.path.client_cache, mix.client_cache > 0.0) {
            let hits = (1.0 - mix.sample_cache) * (1.0 - mix.page_cache) * mix.client_cache;
            let demand = hits * self.size.mean / per_ns(cache.rate.as_f64());
            let rates = station(readers, |_| 1.0 / demand);
            stations.push(Station { cause: Cause::Volume, rates, alone: demand });
        }
        if let (Source::Fabric(fabric), true) = (&plan.path.source, demands.bytes > 0.0) {
            stations.extend(self.nic_station(fabric, mix, demands, readers));
        }
        stations.extend(self.gate_stations(true, readers, demands));
        stations
    }

    fn gate_stations(&self, per_node: bool, readers: usize, demands: &Demands) -> Vec<Station> {
        let gates = self.plan.path.gates.iter().zip(&self.operations);
        let gates = gates.filter(|(gate, _)| gate.per_node == per_node && demands.opens > 0.0);
        let gates = gates.filter_map(|(gate, operations)| match gate.rule {
            GateRule::Servers(rate) => {
                let demand = demands.opens / self.opens() * operations / per_ns(rate.as_f64());
                let rates = station(readers, |_| 1.0 / demand);
                Some(Station { cause: gate.cause, rates, alone: demand })
            }
            GateRule::Bucket { .. } => None,
        });
        gates.collect()
    }

    /// Delay and stations of every node, all readers spread over them.
    fn node_network(&self, delay_ns: f64, stations: &[Station]) -> Rates {
        let readers = self.readers / self.nodes as usize;
        let mut all = stations.iter();
        let first = if delay_ns > 0.0 {
            delay(readers, delay_ns)
        } else {
            all.next().map_or_else(|| delay(readers, 1.0), |first| first.rates.clone())
        };
        let node = all.fold(first, |node, one| joined(&node, &one.rates));
        if self.nodes == 1 { node } else { side_by_side(&node, self.nodes, self.readers) }
    }

    /// Stations that all nodes share.
    fn shared_stations(&self, mix: &Mix, demands: &Demands) -> Vec<Station> {
        let mut stations = self.gate_stations(false, self.readers, demands);
        if let (Source::Fabric(fabric), true) = (&self.plan.path.source, demands.bytes > 0.0) {
            stations.extend(self.fabric_stations(fabric, mix, demands));
        }
        if let (Some(restore), true) = (&self.plan.path.restore, demands.restores > 0.0) {
            let file = self.size.mean * self.plan.dataset.samples_per_file as f64;
            let each = restore.latency.mean() + file / per_ns(restore.rate.as_f64());
            let (whole, at_a_time) = (per_ns(restore.total.as_f64()) / file, f64::from(restore.concurrency));
            let rate = |k: f64| (k.min(at_a_time) / each).min(whole) / demands.restores;
            let alone = 1.0 / rate(1.0);
            stations.push(Station { cause: Cause::Restore, rates: station(self.readers, rate), alone });
        }
        stations
    }

    /// The way from the service: servers and disks, where they bind before the nodes' interfaces do.
    fn fabric_stations(&self, fabric: &Fabric, mix: &Mix, demands: &Demands) -> Vec<Station> {
        let limits = self.limits(fabric, mix);
        if limits.bound_by_nodes(demands) {
            return Vec::new();
        }
        let link = |bytes: f64, whole: f64| {
            let parts = f64::from(fabric.servers);
            let of_one = |k: f64| (k * limits.each * parts).min(whole) / bytes;
            let rates = spread(&station(self.readers, of_one), fabric.servers);
            Station { cause: Cause::FileSystemRate, rates, alone: bytes / limits.each.min(whole) }
        };
        let from_disk = demands.disk_bytes;
        if from_disk <= 0.0 || limits.disks >= limits.servers {
            return vec![link(demands.bytes, limits.servers)];
        }
        let mut links = vec![link(from_disk, limits.disks)];
        let from_memory = demands.bytes - from_disk;
        if from_memory > 1e-9 * demands.bytes {
            links.push(link(from_memory, limits.servers.min(limits.nics)));
        }
        links
    }

    /// The interface of one node, where nothing behind it binds.
    fn nic_station(&self, fabric: &Fabric, mix: &Mix, demands: &Demands, readers: usize) -> Option<Station> {
        let limits = self.limits(fabric, mix);
        if !limits.bound_by_nodes(demands) || limits.each.is_infinite() {
            return None;
        }
        let nic = limits.nics / f64::from(self.nodes);
        let rates = station(readers, |k| (k * limits.each).min(nic) / demands.bytes);
        Some(Station { cause: Cause::Nic, rates, alone: demands.bytes / limits.each })
    }

    fn limits(&self, fabric: &Fabric, mix: &Mix) -> Limits {
        let caps = rates_now(fabric, mix);
        let one = |rate: Option<Rate>| rate.map_or(f64::INFINITY, |rate| per_ns(rate.as_f64()));
        let nic = caps[0].unwrap_or(f64::INFINITY);
        let of_servers = |cap: Option<f64>| cap.map_or(f64::INFINITY, |cap| cap * f64::from(fabric.servers));
        Limits {
            each: one(fabric.connection).min(one(fabric.pair)).min(nic),
            nics: nic * f64::from(self.nodes),
            servers: of_servers(caps[1]),
            disks: of_servers(caps[2]),
        }
    }

    /// What no number of readers gets past: requests that S3 rejects above its limit, buckets of operations.
    fn ceiling(&self, demands: &Demands) -> Option<f64> {
        let requests = self.plan.path.request_limit.as_ref().map(|limit| {
            limit.rate.as_f64() * f64::from(limit.prefixes) / 1e9 / demands.opens.max(f64::MIN_POSITIVE)
        });
        let buckets = self.plan.path.gates.iter().zip(&self.operations).filter_map(|(gate, operations)| {
            let GateRule::Bucket { rate, .. } = gate.rule else { return None };
            let sets = if gate.per_node { f64::from(self.nodes) } else { 1.0 };
            let asked = demands.opens / self.opens() * operations;
            Some(rate.as_f64() * sets / 1e9 / asked.max(f64::MIN_POSITIVE))
        });
        buckets.chain(requests).reduce(f64::min)
    }

    /// What a reader spends on the bytes of one sample from the tier, queueing for them included.
    pub(crate) fn transfer_ns(&self, flow: &Flow) -> f64 {
        let cycle = self.readers as f64 / flow.passing[self.readers].max(f64::MIN_POSITIVE);
        let waiting = self.waiting(&flow.mix, &flow.demands);
        let misses = (flow.demands.opens / self.opens()).max(1e-12);
        (cycle - waiting - self.decode(&flow.mix)).max(0.0) / misses
    }

    /// How near what passes is to a ceiling that this network does not hold as a station.
    pub(crate) fn nearness_to_ceiling(&self, flow: &Flow) -> f64 {
        self.ceiling(&flow.demands).map_or(0.0, |ceiling| flow.passing[self.readers] / ceiling)
    }

    /// The lesser over the greater of the two lowest limits where the lowest is felt, else 0.
    fn tie(&self, stations: &[&Station], passing: f64) -> f64 {
        let mut limits: Vec<f64> = stations
            .iter()
            .map(|one| {
                let parts = if one.rates.len() - 1 == self.readers { 1.0 } else { f64::from(self.nodes) };
                one.rates.last().copied().unwrap_or(f64::INFINITY) * parts
            })
            .chain(self.unused_limits())
            .collect();
        limits.sort_by(f64::total_cmp);
        match limits[..] {
            [first, second, ..] if passing > 0.7 * first => first / second,
            _ => 0.0,
        }
    }

    /// Limits that stand in the shadow of another on the same way: of node interfaces and servers.
    fn unused_limits(&self) -> Option<f64> {
        let Source::Fabric(fabric) = &self.plan.path.source else { return None };
        let (nic, server) = (fabric.client?.peak(), fabric.server?.peak());
        let (nics, servers) =
            (nic.as_f64() * f64::from(self.nodes), server.as_f64() * f64::from(fabric.servers));
        Some(nics.max(servers) / 1e9 / self.size.mean)
    }
}

/// Limits of a fabric in bytes a nanosecond: of one transfer, and of all interfaces, servers and disks together.
struct Limits {
    each: f64,
    nics: f64,
    servers: f64,
    disks: f64,
}

impl Limits {
    /// Whether the nodes' interfaces bind before servers and disks.
    fn bound_by_nodes(&self, demands: &Demands) -> bool {
        let disks = if demands.disk_bytes > 0.0 {
            self.disks * demands.bytes / demands.disk_bytes
        } else {
            f64::INFINITY
        };
        self.nics <= self.servers.min(disks)
    }
}

/// Rates of client, server and disk, by whether they burst.
fn rates_now(fabric: &Fabric, mix: &Mix) -> [Option<f64>; 3] {
    let caps = [fabric.client, fabric.server, fabric.disk];
    std::array::from_fn(|which| {
        caps[which].map(|cap| {
            let meter = cap
                .burst
                .map_or(1.0, |credit| f64::from(credit.meter) / f64::from(crate::tier::Credit::WHOLE));
            let rate = if mix.bursts[which] { cap.peak() } else { cap.baseline };
            per_ns(rate.as_f64()) / meter
        })
    })
}

fn per_ns(per_second: f64) -> f64 {
    per_second / 1e9
}

/// Operations that a sample of the mean size counts for.
fn operations(gate: &GateSpec, plan: &Plan, sample_bytes: f64) -> f64 {
    match (gate.counts, plan.streaming) {
        (Counts::Opens, None) => 1.0,
        (Counts::Opens, Some(_)) => 1.0 / plan.dataset.samples_per_file as f64,
        (Counts::Pieces(_), None) if plan.dataset.samples_per_file == 1 => {
            walk(&plan.dataset.sizes).map(|size| gate.operations(size as u64) as f64).sum::<f64>()
                / POINTS as f64
        }
        (Counts::Pieces(piece), _) => (sample_bytes / piece.as_f64()).max(1.0),
    }
}

/// What a reader's time goes to: its waits, the least time at each station, and the queueing where there is least room.
fn spent(stations: &[&Station], latency: f64, decode: f64, cycle: f64) -> Vec<(Cause, f64)> {
    let mut parts = vec![(Cause::Latency, latency), (Cause::Decode, decode)];
    for one in stations {
        let carries = matches!(one.cause, Cause::Nic | Cause::FileSystemRate);
        let cause = if carries { Cause::ConnectionCap } else { one.cause };
        parts.push((cause, one.alone));
    }
    let known: f64 = parts.iter().map(|&(_, ns)| ns).sum();
    let tightest = stations.iter().min_by(|one, other| {
        let last = |station: &Station| station.rates.last().copied().unwrap_or(f64::INFINITY);
        last(one).total_cmp(&last(other))
    });
    if let Some(tightest) = tightest {
        parts.push((tightest.cause, (cycle - known).max(0.0)));
    }
    let whole: f64 = parts.iter().map(|&(_, ns)| ns).sum::<f64>().max(f64::MIN_POSITIVE);
    parts.iter().map(|&(cause, ns)| (cause, ns / whole)).collect()
}

/// Readers of one crew, and crews of one rank.
pub(crate) const fn crews(kind: &LoaderKind) -> (u32, u32) {
    match kind {
        LoaderKind::PyTorch(spec) => {
            let crews = if spec.workers == 0 { 1 } else { spec.workers };
            (spec.threads_per_worker as u32, crews as u32)
        }
        LoaderKind::TfData { parallel_reads, .. } => (*parallel_reads as u32, 1),
    }
}
