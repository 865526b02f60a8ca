//! The books of a run whose samples are not simulated one by one: what is read, from where, and how much credit is left.

use super::World;
use crate::{
    fidelity::traffic::{BURSTING, CLIENT, DISK, Demands, Flow, Mix, OPERATIONS, SERVER, Traffic, VOLUME},
    order::Sampling,
    plan::Plan,
    tier::{Cap, Credit, GateRule, Source},
};

/// Parts of an epoch within which the shares of hits are taken to be the same; fewer where an epoch has few steps.
const SECTIONS_MAX: u64 = 32;
const STEPS_PER_SECTION: u64 = 2;

/// Units up to which each size is looked at, where they are read in several epochs or in one.
const UNITS_LOOKED_AT: u64 = 2_000_000;
const UNITS_LOOKED_AT_ONCE: u64 = 20_000;

/// How far shares of hits may be apart that count as the same.
const SAME: f64 = 1e-6;

/// What p (1 − p) of hits counts: from 15 % of hits on chance decides as much as it can.
const EITHER: f64 = 8.0;

/// Burst credit of all parts of one kind together, in metered bytes or in operations.
#[derive(Debug, Clone, Copy)]
struct Level {
    left: f64,
    depth: f64,
    baseline: f64,
    meter: f64,
}

/// What an epoch has come to so far.
#[derive(Debug, Clone, Copy, Default)]
struct Amounts {
    opens: f64,
    disk_opens: f64,
    bytes: f64,
    loaded_bytes: f64,
    restored: f64,
}

/// The books.
#[derive(Debug)]
pub(super) struct Book<'p> {
    pub(super) traffic: Traffic<'p>,
    flows: Vec<Flow>,
    levels: [Option<Level>; BURSTING],
    /// The same when the epoch began.
    levels_at_epoch: [Option<Level>; BURSTING],
    mixes: Vec<Mix>,
    /// Whether caches and restores find this epoch as the one before.
    pub(super) steady: bool,
    /// Epochs begun in all trials, the one under way with them.
    epochs: u32,
    epoch: Amounts,
}

impl<'p> Book<'p> {
    pub(super) fn new(mut traffic: Traffic<'p>, world: &World<'_>) -> Self {
        if let Some(mean) = drawn_mean(world) {
            traffic.size.mean = mean;
        }
        Self {
            traffic,
            flows: Vec::new(),
            levels: levels(world.plan),
            levels_at_epoch: [None; BURSTING],
            mixes: Vec::new(),
            steady: false,
            epochs: 0,
            epoch: Amounts::default(),
        }
    }

    /// An epoch of so many steps begins on a lane.
    pub(super) fn begin_epoch(&mut self, world: &World<'_>, lane: u32, steps: u64) {
        self.epochs += 1;
        let sections = (steps / STEPS_PER_SECTION).clamp(1, SECTIONS_MAX);
        let mixes: Vec<Mix> = (0..sections)
            .map(|section| self.mix(world, lane, (section as f64 + 0.5) / sections as f64))
            .collect();
        // Another trial's last epoch is none of this one's.
        self.steady = world.lanes[lane as usize].epoch > 0
            && mixes.len() == self.mixes.len()
            && mixes.iter().zip(&self.mixes).all(|(one, other)| is_near(one, other));
        self.mixes = mixes;
        self.levels_at_epoch = self.levels;
        self.epoch = Amounts::default();
    }

    /// Where reads find their files at the share `at` of an epoch.
    fn mix(&self, world: &World<'_>, lane: u32, at: f64) -> Mix {
        let node = (lane * world.plan.host.nodes) as usize;
        let of_node =
            |caches: &[crate::cache::Cache]| caches.get(node).map_or(0.0, |cache| cache.chance_at(at));
        let of_server =
            |cache: &Option<crate::cache::Cache>| cache.as_ref().map_or(0.0, |cache| cache.chance_at(at));
        Mix {
            sample_cache: of_node(&world.sample_caches),
            page_cache: of_node(&world.page_caches),
            client_cache: of_node(&world.client_caches),
            server_ram: of_server(&world.server_ram),
            server_ssd: of_server(&world.server_ssd),
            in_s3: self.in_s3(world, at),
            bursts: [true; BURSTING],
        }
    }

    /// The share of files opened that are in S3 then: not restored yet, or released again where not all fit.
    fn in_s3(&self, world: &World<'_>, at: f64) -> f64 {
        let (Some(restores), Some(spec)) = (&world.restores, &world.plan.path.restore) else { return 0.0 };
        match spec.held {
            None => still_in_s3(world.plan, self.epochs - 1, at),
            Some(_) if self.epochs > 1 => 1.0 - restores.chance_at(at),
            Some(_) => 1.0,
        }
    }

    /// The number of the flow at a step of the epoch, with the credit that is left; `true` if it has not been before.
    pub(super) fn flow_at(&mut self, step: u64, steps: u64) -> (usize, bool) {
        let section = (step * self.mixes.len() as u64 / steps.max(1)) as usize;
        let mut mix = self.mixes[section.min(self.mixes.len() - 1)];
        mix.bursts = std::array::from_fn(|which| self.levels[which].is_none_or(|level| level.left > 0.0));
        let known = self.flows.iter().position(|flow| is_near(&flow.mix, &mix));
        if let Some(known) = known {
            return (known, false);
        }
        self.flows.push(self.traffic.flow(mix));
        (self.flows.len() - 1, true)
    }

    /// How much chance decides whether a cache hits, from 0 where all reads or none hit to 1 where many do either: a closed
    /// form then stands for the residents.
    pub(super) fn hits_in_part(&self) -> f64 {
        let by_chance = |share: f64| (EITHER * share * (1.0 - share)).min(1.0);
        let cached = |flow: &Flow| caches(&flow.mix).into_iter().map(by_chance).fold(0.0, f64::max);
        self.flows.iter().map(cached).fold(0.0, f64::max)
    }

    /// All flows there have been.
    pub(super) fn flows(&self) -> &[Flow] {
        &self.flows
    }

    pub(super) fn flow(&self, number: usize) -> &Flow {
        &self.flows[number]
    }

    /// So many samples were read within so many nanoseconds.
    pub(super) fn count(&mut self, flow: usize, samples: f64, span_ns: f64) {
        let Demands { opens, bytes, disk_opens, disk_bytes, restores, operations, .. } =
            self.flows[flow].demands;
        let epoch = &mut self.epoch;
        epoch.opens += opens * samples;
        epoch.disk_opens += disk_opens * samples;
        epoch.bytes += bytes * samples;
        epoch.restored += restores * samples;
        epoch.loaded_bytes += self.traffic.size.mean * samples;
        let used = [bytes, bytes, disk_bytes, bytes, operations].map(|amount| amount * samples);
        for (level, used) in self.levels.iter_mut().zip(used) {
            if let Some(level) = level {
                let change = level.baseline * span_ns - used * level.meter;
                // What a step took beyond its credit is owed: else every step that happened to take less than the baseline
                // would let the next one burst for nothing.
                level.left = (level.left + change).clamp(-level.depth, level.depth);
            }
        }
    }

    /// The epoch is over: its amounts are added to the sums of the run.
    pub(super) fn end_epoch(&mut self, world: &mut World<'_>, lane: u32) {
        let whole = |amount: f64| amount.round() as u64;
        let sums = &mut world.tally.sums;
        sums.opens += whole(self.epoch.opens);
        sums.disk_opens += whole(self.epoch.disk_opens);
        sums.bytes += whole(self.epoch.bytes);
        sums.restored += whole(self.epoch.restored);
        sums.loaded_bytes += whole(self.epoch.loaded_bytes);
        world.lanes[lane as usize].bytes += whole(self.epoch.loaded_bytes);
    }

    /// A copy has spent so many bytes of the credit of a trial's volumes.
    pub(super) fn spend(&mut self, bytes: f64) {
        if let Some(level) = &mut self.levels[VOLUME] {
            level.left = (level.left - bytes).max(0.0);
        }
    }

    /// Credit of the service left in all, in metered bytes.
    pub(super) fn credit(&self) -> f64 {
        self.levels[..VOLUME].iter().flatten().map(|level| level.left.max(0.0)).sum()
    }

    /// Whether another `epochs` like the one that has ended find the credit as this one did: there is some until they are
    /// over, or it is spent and stays so.
    pub(super) fn credit_is_steady(&self, epochs: u64) -> bool {
        let both = self.levels.iter().flatten().zip(self.levels_at_epoch.iter().flatten());
        both.into_iter().all(|(now, before)| {
            let change = now.left - before.left;
            let lasts = now.left > 0.0 && before.left > 0.0 && now.left + change * epochs as f64 > 0.0;
            lasts || now.left.max(before.left) <= 0.0 || change == 0.0
        })
    }

    /// Another `epochs` like the one that has ended have changed the credit as this one did.
    pub(super) fn repeat_epochs(&mut self, epochs: u64) {
        for (now, before) in self.levels.iter_mut().flatten().zip(self.levels_at_epoch.iter().flatten()) {
            let change = now.left - before.left;
            now.left = (now.left + change * epochs as f64).clamp(-now.depth, now.depth);
        }
    }

    /// Whether any service bursts on credit.
    pub(super) fn has_credit(&self) -> bool {
        self.levels.iter().any(Option::is_some)
    }
}

fn is_near(one: &Mix, other: &Mix) -> bool {
    one.bursts == other.bursts && shares(one).iter().zip(shares(other)).all(|(a, b)| (a - b).abs() <= SAME)
}

/// The mean size of what is read in this replication, where the set is small enough for its luck to matter: a set that is
/// read epoch by epoch has the same luck in each.
fn drawn_mean(world: &World<'_>) -> Option<f64> {
    let training = &world.plan.training;
    let units = world.plan.order.units;
    let again = training.steps > training.steps_per_epoch;
    let most = if again { UNITS_LOOKED_AT } else { UNITS_LOOKED_AT_ONCE };
    if units > most || world.plan.streaming.is_some() {
        return None;
    }
    let sum: f64 = (0..units).map(|unit| world.sizes.unit(unit) as f64).sum();
    Some(sum / units as f64)
}

fn shares(mix: &Mix) -> [f64; 6] {
    let [sample, page, client, ram, ssd] = caches(mix);
    [sample, page, client, ram, ssd, mix.in_s3]
}

fn caches(mix: &Mix) -> [f64; 5] {
    [mix.sample_cache, mix.page_cache, mix.client_cache, mix.server_ram, mix.server_ssd]
}

/// The share of a file's reads at the share `at` of an epoch that find it in S3, `epochs` having ended before.
///
/// Epochs that each read the share r of the files anew leave 1 − r of them unread, whatever the others have read: (1 − r)^n
/// after n of them, and the file of any read is one of those with that chance. In one order only the first epoch finds any.
/// Of R ranks that all read everything, each in its own order, the first to come to a file at x are those that no other has
/// come to before: (1 − x)^(R − 1); in one order, one in R.
fn still_in_s3(plan: &Plan, epochs: u32, at: f64) -> f64 {
    let (order, training) = (&plan.order, &plan.training);
    let ranks = f64::from(plan.ranks());
    if epochs > 0 && !order.shuffled {
        return 0.0;
    }
    let everything = order.sampling == Sampling::EveryRankAll;
    // How many take part in one reading of the set, and how many readings an epoch has.
    let (readers, readings) = if everything { (1.0, ranks) } else { (ranks, 1.0) };
    let samples = (training.steps_per_epoch * training.batch) as f64 * readers;
    let read = (samples / plan.dataset.samples as f64).min(1.0);
    let unread = libm::pow(1.0 - read, f64::from(epochs) * readings);
    let first = if order.shuffled { libm::pow(1.0 - at * read, readings - 1.0) } else { 1.0 / readings };
    unread * first
}

fn levels(plan: &Plan) -> [Option<Level>; BURSTING] {
    let level = |cap: Option<Cap>, count: u32| {
        let cap = cap?;
        let Credit { depth, level, meter, .. } = cap.burst?;
        let count = f64::from(count);
        Some(Level {
            left: level.as_f64() * count,
            depth: depth.as_f64() * count,
            baseline: cap.baseline.as_f64() / 1e9 * count,
            meter: f64::from(meter) / f64::from(Credit::WHOLE),
        })
    };
    let mut levels = [None; BURSTING];
    match &plan.path.source {
        Source::Volume { rate, .. } => levels[VOLUME] = level(Some(*rate), plan.host.nodes),
        Source::Fabric(fabric) => {
            levels[CLIENT] = level(fabric.client, fabric.clients);
            levels[SERVER] = level(fabric.server, fabric.servers);
            levels[DISK] = level(fabric.disk, fabric.servers);
        }
    }
    levels[OPERATIONS] = plan.path.gates.iter().find_map(|gate| match gate.rule {
        GateRule::Bucket { rate, depth } => {
            let sets = if gate.per_node { f64::from(plan.host.nodes) } else { 1.0 };
            let depth = depth as f64 * sets;
            Some(Level { left: depth, depth, baseline: rate.as_f64() / 1e9 * sets, meter: 1.0 })
        }
        GateRule::Servers(_) => None,
    });
    levels
}
