//! The books of a run whose samples are not simulated one by one: what is read, from where, and how much credit is left.

use super::World;
use crate::{
    fidelity::traffic::{Demands, Flow, Mix, Traffic},
    tier::{Credit, Source},
};

/// Parts of an epoch within which the shares of hits are taken to be the same; fewer where an epoch has few steps.
const SECTIONS_MAX: u64 = 32;
const STEPS_PER_SECTION: u64 = 2;

/// Units up to which each size is looked at, where they are read in several epochs or in one.
const UNITS_LOOKED_AT: u64 = 2_000_000;
const UNITS_LOOKED_AT_ONCE: u64 = 20_000;

/// How far shares of hits may be apart that count as the same.
const SAME: f64 = 1e-6;

/// Burst credit of all parts of one kind together, in metered bytes.
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
    levels: [Option<Level>; 3],
    /// Credit when the epoch began.
    level_at_epoch: f64,
    mixes: Vec<Mix>,
    /// Whether caches and restores find this epoch as the one before.
    pub(super) steady: bool,
    all_restored: bool,
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
            levels: levels(world),
            level_at_epoch: 0.0,
            mixes: Vec::new(),
            steady: false,
            all_restored: false,
            epoch: Amounts::default(),
        }
    }

    /// An epoch of so many steps begins on a lane.
    pub(super) fn begin_epoch(&mut self, world: &World<'_>, lane: u32, steps: u64) {
        let sections = (steps / STEPS_PER_SECTION).clamp(1, SECTIONS_MAX);
        let mixes: Vec<Mix> = (0..sections)
            .map(|section| self.mix(world, lane, (section as f64 + 0.5) / sections as f64))
            .collect();
        self.steady = mixes.len() == self.mixes.len()
            && mixes.iter().zip(&self.mixes).all(|(one, other)| is_near(one, other));
        self.mixes = mixes;
        self.level_at_epoch = self.credit();
        self.epoch = Amounts::default();
    }

    /// Where reads find their files at the share `at` of an epoch.
    fn mix(&self, world: &World<'_>, lane: u32, at: f64) -> Mix {
        let node = (lane * world.plan.host.nodes) as usize;
        let of_node =
            |caches: &[crate::cache::Cache]| caches.get(node).map_or(0.0, |cache| cache.chance_at(at));
        let of_server =
            |cache: &Option<crate::cache::Cache>| cache.as_ref().map_or(0.0, |cache| cache.chance_at(at));
        let in_s3 = match &world.restores {
            Some(restores) if self.all_restored => 1.0 - restores.chance_at(at),
            Some(_) => 1.0,
            None => 0.0,
        };
        Mix {
            sample_cache: of_node(&world.sample_caches),
            page_cache: of_node(&world.page_caches),
            client_cache: of_node(&world.client_caches),
            server_ram: of_server(&world.server_ram),
            server_ssd: of_server(&world.server_ssd),
            in_s3,
            bursts: [true; 3],
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

    /// Whether some reads but not all hit a cache, so that chance decides and a closed form stands for the residents.
    pub(super) fn hits_in_part(&self) -> bool {
        let in_part = |share: f64| share > SAME && share < 1.0 - SAME;
        self.flows.iter().any(|flow| shares(&flow.mix).into_iter().any(in_part))
    }

    pub(super) fn flow(&self, number: usize) -> &Flow {
        &self.flows[number]
    }

    /// So many samples were read within so many nanoseconds.
    pub(super) fn count(&mut self, flow: usize, samples: f64, span_ns: f64) {
        let Demands { opens, bytes, disk_opens, disk_bytes, restores } = self.flows[flow].demands;
        let epoch = &mut self.epoch;
        epoch.opens += opens * samples;
        epoch.disk_opens += disk_opens * samples;
        epoch.bytes += bytes * samples;
        epoch.restored += restores * samples;
        epoch.loaded_bytes += self.traffic.size.mean * samples;
        let used = [bytes, bytes, disk_bytes].map(|bytes| bytes * samples);
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
        self.all_restored = true;
        let whole = |amount: f64| amount.round() as u64;
        let sums = &mut world.tally.sums;
        sums.opens += whole(self.epoch.opens);
        sums.disk_opens += whole(self.epoch.disk_opens);
        sums.bytes += whole(self.epoch.bytes);
        sums.restored += whole(self.epoch.restored);
        sums.loaded_bytes += whole(self.epoch.loaded_bytes);
        world.lanes[lane as usize].bytes += whole(self.epoch.loaded_bytes);
    }

    /// Credit left in all, in metered bytes.
    pub(super) fn credit(&self) -> f64 {
        self.levels.iter().flatten().map(|level| level.left.max(0.0)).sum()
    }

    /// Whether the credit is what it was when the epoch began.
    pub(super) fn credit_is_steady(&self) -> bool {
        (self.credit() - self.level_at_epoch).abs() <= 0.01 * self.credit().max(self.level_at_epoch)
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
    [mix.sample_cache, mix.page_cache, mix.client_cache, mix.server_ram, mix.server_ssd, mix.in_s3]
}

fn levels(world: &World<'_>) -> [Option<Level>; 3] {
    let Source::Fabric(fabric) = &world.plan.path.source else { return [None; 3] };
    let caps =
        [(fabric.client, fabric.clients), (fabric.server, fabric.servers), (fabric.disk, fabric.servers)];
    caps.map(|(cap, count)| {
        let cap = cap?;
        let Credit { depth, level, meter, .. } = cap.burst?;
        let count = f64::from(count);
        Some(Level {
            left: level.as_f64() * count,
            depth: depth.as_f64() * count,
            baseline: cap.baseline.as_f64() / 1e9 * count,
            meter: f64::from(meter) / f64::from(Credit::WHOLE),
        })
    })
}
