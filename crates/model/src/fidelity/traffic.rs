//! What readers spend their time on, as the stations of a closed network: one sample's demands of each, on average.
//!
//! Rates are samples a nanosecond, sizes bytes, times nanoseconds.

use ingestsim_des::draw::{Luck, QuantileTable};

use super::{
    product_form::{Rates, delay, joined, side_by_side},
    stations::{Service, Station},
};
use crate::{
    cause::Cause,
    plan::{LoaderKind, Plan},
    tier::{Counts, GateRule, GateSpec, Source},
};

/// Points at which a distribution is looked at for its moments.
const POINTS: u64 = 4_096;

/// What may burst on credit: each node's interface and volume, each server and its disks, the operations of a volume.
pub(crate) const CLIENT: usize = 0;
pub(crate) const SERVER: usize = 1;
pub(crate) const DISK: usize = 2;
pub(crate) const VOLUME: usize = 3;
pub(crate) const OPERATIONS: usize = 4;
pub(crate) const BURSTING: usize = 5;

/// Mean and variance.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moments {
    pub(crate) mean: f64,
    pub(crate) variance: f64,
}

impl Moments {
    pub(super) fn of(table: &QuantileTable) -> Self {
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
    /// Whether there is credit to burst, by what bursts.
    pub(crate) bursts: [bool; BURSTING],
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
    /// Bytes from the SSD read cache of the servers, where it has a rate of its own.
    pub(crate) ssd_bytes: f64,
    /// Files restored from S3.
    pub(crate) restores: f64,
    /// Operations that are taken out of a credit.
    pub(crate) operations: f64,
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
    /// What no number of readers gets past.
    pub(crate) limit: f64,
    /// How near the two lowest limits of all readers together are to each other and to what passes; 1 where they tie.
    pub(crate) tie: f64,
    /// Whether most of the queueing is for one's turn, so that readers do not arrive together again where they have been.
    pub(crate) takes_turns: bool,
}

/// A plan's readers and moments: what does not change along the run.
#[derive(Debug, Clone)]
pub(crate) struct Traffic<'p> {
    pub(super) plan: &'p Plan,
    /// Readers of all ranks and lanes.
    pub(super) readers: usize,
    pub(super) nodes: u32,
    pub(crate) size: Moments,
    latency: Moments,
    restore_latency: Moments,
    cached_latency: f64,
    /// Operations of a sample at each gate.
    pub(super) operations: Vec<f64>,
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
            restore_latency: plan
                .path
                .restore
                .as_ref()
                .map(|spec| Moments::of(&spec.latency))
                .unwrap_or_default(),
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
    pub(super) fn opens(&self) -> f64 {
        match self.plan.streaming {
            Some(_) => 1.0 / self.plan.dataset.samples_per_file as f64,
            None => 1.0,
        }
    }

    fn demands(&self, mix: &Mix) -> Demands {
        let (past_sample, past_page) = (1.0 - mix.sample_cache, 1.0 - mix.page_cache);
        let at_tier = past_sample * past_page * (1.0 - mix.client_cache);
        let past_ram = (1.0 - mix.server_ram) * (1.0 - mix.in_s3);
        let on_disk = past_ram * (1.0 - mix.server_ssd);
        let (opens, bytes) = (at_tier * self.opens(), at_tier * self.size.mean);
        Demands {
            opens,
            bytes,
            disk_opens: opens * on_disk,
            disk_bytes: bytes * on_disk,
            ssd_bytes: bytes * past_ram * mix.server_ssd,
            restores: opens * mix.in_s3,
            operations: self.operations_on_credit().map_or(0.0, |operations| at_tier * operations),
        }
    }

    /// Operations of a sample at the gate that has a credit of them.
    fn operations_on_credit(&self) -> Option<f64> {
        let mut gates = self.plan.path.gates.iter().zip(&self.operations);
        gates
            .find(|(gate, _)| matches!(gate.rule, GateRule::Bucket { .. }))
            .map(|(_, &operations)| operations)
    }

    /// CPU time of one sample.
    fn decode(&self, mix: &Mix) -> f64 {
        let loader = &self.plan.loader;
        let by_size = loader.decode_rate.map_or(0.0, |rate| self.size.mean / rate.as_f64() * 1e9);
        let skipped = loader.sample_cache.as_ref().is_some_and(|cache| cache.holds_decoded);
        let whole = loader.decode_per_sample.as_nanos() as f64 + by_size;
        whole * if skipped { 1.0 - mix.sample_cache } else { 1.0 }
    }

    pub(super) fn shares_cores(&self) -> bool {
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
        if let Some(ceiling) = self.ceiling(&mix, &demands) {
            passing.iter_mut().for_each(|rate| *rate = rate.min(ceiling));
        }
        let cycle = self.readers as f64 / passing[self.readers].max(f64::MIN_POSITIVE);
        let all: Vec<Station> = by_node.into_iter().chain(shared).collect();
        let delays = [(Cause::Latency, latency), (Cause::Decode, alone - latency)];
        let times = Times::new(&all, alone, cycle);
        let limits = self.limits_of(&mix, &demands, &all);
        let limit = limits.first().copied().unwrap_or(f64::INFINITY);
        Flow {
            cv: self.variation(&demands, &times).sqrt() / cycle,
            takes_turns: times
                .tightest
                .is_some_and(|tightest| matches!(all[tightest].service, Service::InTurn | Service::Restore)),
            spent: times.spent(&all, delays),
            limit,
            tie: tie(&limits, passing[self.readers]),
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

    /// Variance of the time of one sample: of its latencies, of its size as far as the time goes with it, of restores, and
    /// of hits.
    fn variation(&self, demands: &Demands, times: &Times) -> f64 {
        let opened = self.opens();
        let misses = (demands.opens / opened).max(1e-12);
        // What hits wait is no transfer of the few that miss, nor is what rounding leaves where none does.
        let each = |service: Service, of: f64| {
            let within = times.of(service);
            if of > 1e-9 { within / of } else { 0.0 }
        };
        let link = each(Service::Link, misses);
        let by_size = self.size.variance / (self.size.mean * self.size.mean);
        // Who waits for a turn waits for the sizes of others, which even out.
        let turn = each(Service::InTurn, misses);
        let restored = demands.restores / misses;
        let restore = each(Service::Restore, demands.restores);
        let missed = opened * self.latency.mean + link + turn + restored * restore;
        let of_missed = opened * self.latency.variance
            + link * link * by_size
            + restored * self.restore_latency.variance
            + restored * (1.0 - restored).max(0.0) * restore * restore;
        misses * of_missed + misses * (1.0 - misses) * missed * missed
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

    /// What no number of readers gets past: requests that S3 rejects above its limit, buckets of operations.
    fn ceiling(&self, mix: &Mix, demands: &Demands) -> Option<f64> {
        let requests = self.plan.path.request_limit.as_ref().map(|limit| {
            limit.rate.as_f64() * f64::from(limit.prefixes) / 1e9 / demands.opens.max(f64::MIN_POSITIVE)
        });
        let buckets = self.plan.path.gates.iter().zip(&self.operations).filter_map(|(gate, operations)| {
            let GateRule::Bucket { rate, .. } = gate.rule else { return None };
            if mix.bursts[OPERATIONS] {
                return None;
            }
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
        self.ceiling(&flow.mix, &flow.demands).map_or(0.0, |ceiling| flow.passing[self.readers] / ceiling)
    }

    /// The limits of all readers together from the lowest on, those that stand in the shadow of another on the same way too.
    fn limits_of(&self, mix: &Mix, demands: &Demands, stations: &[Station]) -> Vec<f64> {
        let of_fabric = matches!(self.plan.path.source, Source::Fabric(_));
        let on_way = |one: &&Station| of_fabric && one.service == Service::Link && one.cause != Cause::Volume;
        let others = stations.iter().filter(|one| !on_way(one)).map(|one| one.limit);
        let mut limits: Vec<f64> = others.chain(self.fabric_limits(mix, demands)).collect();
        limits.sort_by(f64::total_cmp);
        limits
    }
}

/// The lesser over the greater of the two lowest limits where the lowest is felt, else 0.
fn tie(limits: &[f64], passing: f64) -> f64 {
    match limits {
        [first, second, ..] if passing > 0.7 * first => first / second,
        _ => 0.0,
    }
}

/// What a reader's time of one sample goes to: the least time at each station, and the queueing where there is least room.
struct Times {
    at: Vec<(Service, f64)>,
    tightest: Option<usize>,
}

impl Times {
    fn new(stations: &[Station], delays: f64, cycle: f64) -> Self {
        let mut at: Vec<(Service, f64)> = stations.iter().map(|one| (one.service, one.alone)).collect();
        let known = delays + at.iter().map(|&(_, ns)| ns).sum::<f64>();
        let limits = stations.iter().map(|one| one.limit).enumerate();
        let tightest = limits.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(index, _)| index);
        if let Some(tightest) = tightest {
            at[tightest].1 += (cycle - known).max(0.0);
        }
        Self { at, tightest }
    }

    /// The time at all stations of a kind.
    fn of(&self, service: Service) -> f64 {
        self.at.iter().filter(|(kind, _)| *kind == service).map(|&(_, ns)| ns).sum()
    }

    /// The shares of all causes, those of `delays` before them.
    fn spent(&self, stations: &[Station], delays: [(Cause, f64); 2]) -> Vec<(Cause, f64)> {
        let mut parts = delays.to_vec();
        for (one, &(_, ns)) in stations.iter().zip(&self.at) {
            let carries = matches!(one.cause, Cause::Nic | Cause::FileSystemRate | Cause::ServerPair);
            parts.push((if carries { Cause::ConnectionCap } else { one.cause }, one.alone));
            parts.push((one.cause, ns - one.alone));
        }
        let whole: f64 = parts.iter().map(|&(_, ns)| ns).sum::<f64>().max(f64::MIN_POSITIVE);
        parts.iter().map(|&(cause, ns)| (cause, ns / whole)).collect()
    }
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
