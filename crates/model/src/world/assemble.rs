//! Puts a world together: every entity of a plan in its place.

use ingestsim_des::{
    agenda::Agenda,
    draw::Draws,
    history::History,
    resource::{
        fair_tree::{FairTree, TreeCaps},
        shared::Shared,
    },
};
use ingestsim_units::{Share, SimTime};

use super::{
    Lucks, Ways, World, accounts::Accounts, gate::Gate, pace::Pace, rank::Rank, reader::Reader,
    stream::ShardStream, tally::Tally, training::Lane,
};
use crate::{
    cache::{Cache, CacheSpec},
    checkpoint::{CheckpointPlan, Target},
    dataset::Sizes,
    loader::{Loader, PyTorch, TfData},
    network::{BOUND_BY_VOLUME, Link, LinkId, Network, Numbers, Place, Role},
    order::EpochOrder,
    plan::{LoaderKind, Plan},
    tier::{Source, fabric::volume_link, lazy_restore::Restores, request_limit::RequestLimit},
};

/// What a second thread on each core adds at most to what the cores do.
const HYPERTHREAD_BONUS: f64 = 0.2;

/// Cores that a shared server can have; no node has as many.
const SHARED_CORES_MAX: u32 = 65_535;

impl<'p> World<'p> {
    /// The world at the moment of submission.
    pub(super) fn new(plan: &'p Plan, replication: u64) -> Self {
        let draws = Draws::new(plan.seed, replication);
        let luck = Lucks::new(&draws);
        let lanes = plan.training.concurrent_trials.min(plan.training.trials);
        let Links {
            links,
            cpu: cpu_links,
            restore: restore_link,
            client_cache: client_cache_links,
            write: write_link,
        } = links(plan, lanes);
        let (readers, ranks) = (readers(plan, lanes), ranks(plan, lanes));
        let slots = readers.len() + ranks.len() + lanes as usize;
        let network = Network::new(links).with_room();
        let server_cache = |spec: Option<&CacheSpec>, use_: u64| {
            spec.map(|spec| Cache::new(spec, luck.cache.at(0, use_).bits()))
        };
        let mut world = Self {
            plan,
            now: SimTime::ZERO,
            agenda: Agenda::with_slots(slots),
            history: History::new(),
            accounts: Accounts::new(readers.len(), network.clock_width()),
            network,
            cpu_links,
            restore_link,
            write_link,
            client_cache_links,
            ways: Ways::of(&plan.path.source),
            streams: vec![ShardStream::default(); readers.len() - readers_of(plan, lanes)],
            turns: vec![0; if plan.streaming.is_some() { readers_of(plan, lanes) } else { 0 }],
            readers,
            ranks,
            lanes: Vec::new(),
            gates: gates(plan, lanes),
            chance_decides: plan.path.restore.is_some(),
            caches_reads: plan.host.page_cache.is_some()
                || plan.loader.sample_cache.is_some()
                || plan.path.client_cache.is_some(),
            keeps_reads: false,
            client_caches: Vec::new(),
            page_caches: Vec::new(),
            sample_caches: Vec::new(),
            server_ram: server_cache(plan.path.server_ram.as_ref(), 4),
            server_ssd: server_cache(plan.path.server_ssd.as_ref(), 5),
            credits: match &plan.path.source {
                Source::Fabric(fabric) => fabric.credits(),
                Source::Volume { .. } => Vec::new(),
            },
            restores: plan.path.restore.as_ref().map(|spec| {
                let (files, luck) = (plan.dataset.files(), luck.cache.at(0, 6).bits());
                Restores::new(spec, files, readers_of(plan, lanes), luck)
            }),
            request_limit: plan.path.request_limit.as_ref().map(RequestLimit::new),
            sizes: Sizes::new(&plan.dataset, plan.order.units, &draws),
            luck,
            trials_submitted: lanes,
            pace: Pace::EXACT,
            thin: None,
            approximation: None,
            tally: Tally::new(),
        };
        world.add_nodes(plan.host.nodes * lanes);
        world.add_lanes(lanes);
        world
    }

    /// Nothing is under way any more: what goes on is not simulated sample by sample.
    pub(super) fn forget_traffic(&mut self) {
        let lanes = self.lanes.len() as u32;
        self.agenda = Agenda::with_slots(self.readers.len() + self.ranks.len() + lanes as usize);
        self.network = Network::new(links(self.plan, lanes).links);
        self.gates = gates(self.plan, lanes);
    }

    fn add_nodes(&mut self, nodes: u32) {
        let caches = |spec: Option<&CacheSpec>, use_: u64| -> Vec<Cache> {
            let make = |node: u32| {
                spec.map(|spec| Cache::new(spec, self.luck.cache.at(u64::from(node), use_).bits()))
            };
            (0..nodes).filter_map(make).collect()
        };
        let pages = caches(self.plan.host.page_cache.as_ref().map(|plan| &plan.cache), 1);
        let samples = caches(self.plan.loader.sample_cache.as_ref().map(|plan| &plan.cache), 2);
        let clients = caches(self.plan.path.client_cache.as_ref().map(|plan| &plan.cache), 3);
        self.keeps_reads = [&pages, &samples, &clients].into_iter().flatten().any(Cache::is_tracked);
        (self.page_caches, self.sample_caches, self.client_caches) = (pages, samples, clients);
        for node in 0..nodes {
            self.fill_page_cache(node);
        }
        let untracked = self.caches().any(|cache| !cache.is_tracked());
        self.chance_decides |= untracked;
    }

    fn add_lanes(&mut self, lanes: u32) {
        for lane in 0..lanes {
            let phases = self.plan.phases.times(self.luck.phases, lane, true);
            let order = EpochOrder::new(&self.plan.order, 0);
            self.lanes.push(Lane::new(lane, SimTime::ZERO, phases, order));
        }
    }

    fn caches(&self) -> impl Iterator<Item = &Cache> {
        let of_nodes = [&self.page_caches, &self.sample_caches, &self.client_caches];
        of_nodes.into_iter().flatten().chain(&self.server_ram).chain(&self.server_ssd)
    }

    /// A new trial runs on a node: its caches are as on a new instance.
    pub(super) fn renew_node(&mut self, node: u32) {
        for caches in [&mut self.page_caches, &mut self.sample_caches, &mut self.client_caches] {
            if let Some(cache) = caches.get_mut(node as usize) {
                cache.clear();
            }
        }
        self.fill_page_cache(node);
    }

    /// Caches whose residents are not tracked need to know where the epoch stands and how much of it passes them.
    pub(super) fn begin_cache_epoch(&mut self, lane: u32) {
        let (nodes, gpus) = (self.plan.host.nodes, u64::from(self.plan.host.gpus));
        for node in 0..nodes {
            let ranks = u64::from(node) * gpus..(u64::from(node) + 1) * gpus;
            let reads = ranks.map(|rank| self.plan.order.units_of(rank)).sum();
            for caches in [&mut self.page_caches, &mut self.sample_caches, &mut self.client_caches] {
                if let Some(cache) = caches.get_mut((lane * nodes + node) as usize) {
                    cache.begin_epoch(reads);
                }
            }
        }
        let reads = self.plan.order.units_per_epoch;
        for cache in [&mut self.server_ram, &mut self.server_ssd].into_iter().flatten() {
            cache.begin_epoch(reads);
        }
        if let Some(restores) = &mut self.restores {
            restores.begin_epoch(reads);
        }
    }

    /// A copy of the data set to the node's volume has passed through its page cache.
    fn fill_page_cache(&mut self, node: u32) {
        let filled = self.plan.host.page_cache.as_ref().is_some_and(|plan| plan.filled_by_copy);
        if let (true, Some(cache)) = (filled, self.page_caches.get_mut(node as usize)) {
            cache.fill_sequential(self.plan.order.units, |unit| self.sizes.unit(unit));
        }
    }
}

impl Ways {
    fn of(source: &Source) -> Self {
        match source {
            Source::Volume { .. } => Self::Volumes,
            Source::Fabric(fabric) => fabric.lanes().map_or(Self::Nodes, Self::Lanes),
        }
    }
}

impl Lucks {
    fn new(draws: &Draws) -> Self {
        Self {
            latency: draws.of("tier/latency"),
            backoff: draws.of("tier/backoff"),
            restore: draws.of("tier/restore-latency"),
            step_time: draws.of("trainer/step-time"),
            order: draws.of("order"),
            server: draws.of("tier/server"),
            phases: draws.of("job/phases"),
            failures: draws.of("job/failures"),
            cache: draws.of("cache"),
        }
    }
}

fn readers_of(plan: &Plan, lanes: u32) -> usize {
    (lanes * plan.ranks()) as usize * plan.loader.kind.readers() as usize
}

/// Fetchers of one reader.
fn fetchers_each(plan: &Plan) -> usize {
    plan.streaming.map_or(0, |streaming| streaming.open_shards as usize)
}

fn readers(plan: &Plan, lanes: u32) -> Vec<Reader> {
    let per_rank = plan.loader.kind.readers() as usize;
    let reader = |index: usize| Reader::new((index / per_rank) as u32);
    let all = readers_of(plan, lanes);
    let each = fetchers_each(plan);
    let fetchers = (0..all * each).map(|stream| reader(stream / each));
    (0..all).map(reader).chain(fetchers).collect()
}

fn ranks(plan: &Plan, lanes: u32) -> Vec<Rank> {
    let readers = plan.loader.kind.readers() as u32;
    let loader = || match plan.loader.kind {
        LoaderKind::PyTorch(spec) => Loader::PyTorch(PyTorch::new(spec)),
        LoaderKind::TfData { spec, .. } => Loader::TfData(TfData::new(spec)),
    };
    let rank = |rank: u32| {
        let (lane, local) = (rank / plan.ranks(), u64::from(rank % plan.ranks()));
        let first = rank * readers;
        Rank::new(
            lane,
            rank / plan.host.gpus,
            local,
            plan.order.units_of(local),
            first..first + readers,
            loader(),
        )
    };
    (0..lanes * plan.ranks()).map(rank).collect()
}

fn gates(plan: &Plan, lanes: u32) -> Vec<Vec<Gate>> {
    let sets = if plan.path.gates.iter().any(|gate| gate.per_node) { plan.host.nodes * lanes } else { 1 };
    (0..sets).map(|_| plan.path.gates.iter().map(Gate::new).collect()).collect()
}

/// The links of a run, and where those for one purpose begin.
#[derive(Default)]
struct Links {
    links: Vec<Place>,
    cpu: Option<LinkId>,
    restore: Option<LinkId>,
    client_cache: Option<LinkId>,
    write: Option<LinkId>,
}

/// The tier's links first, then the nodes' cores where decoding is shared, the link to S3, the clients' caches.
fn links(plan: &Plan, lanes: u32) -> Links {
    let nodes = plan.host.nodes * lanes;
    let readers = readers_of(plan, lanes) as u32;
    let fetchers = readers * fetchers_each(plan) as u32;
    let own = |node: u32| Numbers::of_node(node, nodes, readers / nodes, fetchers / nodes);
    let all = |_: u32| Numbers::World { count: readers + fetchers };
    let with_writers = |_: u32| Numbers::World { count: readers + fetchers + nodes * write_servers(plan) };
    let mut links = Links::default();
    match &plan.path.source {
        Source::Volume { rate, connection, .. } => {
            links.add(Role::Read, nodes, own, || volume_link(*rate, *connection));
        }
        Source::Fabric(fabric) => {
            links.add(Role::Read, 1, with_writers, || fabric.link());
        }
    }
    if shares_cores(plan) {
        let bonus = Share::new(if plan.host.hyperthreads { HYPERTHREAD_BONUS } else { 0.0 });
        let cores = || Link::Shared(Shared::cores(plan.host.cores.min(SHARED_CORES_MAX), bonus));
        links.cpu = Some(links.add(Role::Cpu, nodes, own, cores));
    }
    if let Some(restore) = &plan.path.restore {
        let link = || Link::Shared(Shared::link(restore.total, Some(restore.rate)));
        links.restore = Some(links.add(Role::Restore, 1, all, link));
    }
    if let Some(cache) = &plan.path.client_cache {
        let nvme = || Shared::link(cache.rate, None).with_causes(BOUND_BY_VOLUME, BOUND_BY_VOLUME);
        links.client_cache = Some(links.add(Role::ClientCache, nodes, own, || Link::Shared(nvme())));
    }
    if let Some(CheckpointPlan { to: Target::Other(write), .. }) = plan.checkpoint {
        let caps = TreeCaps { connection: None, client: write.node, root: write.total };
        let writers = |_: u32| Numbers::from(readers + fetchers, nodes);
        links.write =
            Some(links.add(Role::Write, 1, writers, || Link::Tree(Box::new(FairTree::new(nodes, caps)))));
    }
    links
}

/// Servers of the tier that each node writes its checkpoints to.
fn write_servers(plan: &Plan) -> u32 {
    match (&plan.checkpoint, &plan.path.source) {
        (Some(CheckpointPlan { to: Target::SameTier, .. }), Source::Fabric(fabric)) => fabric.servers,
        _ => 0,
    }
}

/// Whether a node has more readers than cores, so that decoding them has to share.
fn shares_cores(plan: &Plan) -> bool {
    let decodes = !plan.loader.decode_per_sample.is_zero() || plan.loader.decode_rate.is_some();
    decodes && plan.loader.kind.readers() * u64::from(plan.host.gpus) > u64::from(plan.host.cores)
}

impl Links {
    /// Adds `count` links alike; who has transfers on each depends on its number among them.
    fn add(
        &mut self,
        role: Role,
        count: u32,
        numbers: impl Fn(u32) -> Numbers,
        link: impl Fn() -> Link,
    ) -> LinkId {
        let first = LinkId(self.links.len() as u32);
        self.links.extend((0..count).map(|index| Place { role, link: link(), numbers: numbers(index) }));
        first
    }
}
