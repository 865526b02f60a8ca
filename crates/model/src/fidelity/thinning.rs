//! Thinned epochs: the head and the tail of an epoch in full, and between them every n-th step, which counts n times.
//!
//! Reads keep their rates and queues, and positions in the epoch are stretched, so that a cache is hit as often as it would
//! be. Epochs whose caches, restores and credits are as in the one before are not simulated again: from the second epoch on,
//! the caches are steady. The residents of caches are not tracked; hits come from their closed forms.
//!
//! Ranks in lock step fill their buffers slowly, as one waits for another. What the buffers took in while steps were kept
//! is known, and what the kept steps stand for is corrected by it. What remains is estimated: the spread of the kept
//! steps, by batch means, and a share of that correction.

use ingestsim_units::Bytes;

use super::{Fidelity, traffic::Moments};
use crate::{
    cache::CacheSpec,
    order::Sampling,
    plan::{LoaderKind, Plan},
    tier::{GateRule, Source},
};

/// Samples of one epoch that the fast rung simulates after its head, and steps at least.
const KEPT_SAMPLES: u64 = 1_500_000;
const KEPT_STEPS_MIN: u64 = 250;

/// Kept steps of a sketch at least.
const SKETCH_STEPS_MIN: u64 = 30;

/// Steps of head and tail at least, and in batches that the loader may have in flight.
const END_STEPS_MIN: u64 = 20;
const END_BUFFERS: u64 = 3;

/// Standard deviations by which the bytes of many units may be off their mean.
const LUCK: f64 = 3.0;

/// Which steps of an epoch are simulated: all of the head and the tail, and every so-manieth between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thinning {
    /// Steps at the start, while buffers fill.
    pub head: u64,
    /// Steps between that are simulated.
    pub kept: u64,
    /// Each of which stands for so many.
    pub factor: u64,
}

impl Thinning {
    /// Every step.
    pub const NONE: Self = Self { head: 0, kept: 0, factor: 1 };

    /// How an epoch of `steps` steps is thinned, with a head and a tail of `ends` steps at least and about `kept` steps
    /// between them.
    #[must_use]
    pub fn of(steps: u64, ends: u64, kept: u64) -> Self {
        let between = steps.saturating_sub(2 * ends);
        let factor = between / kept.max(1);
        if factor < 2 {
            return Self::NONE;
        }
        let kept = between / factor;
        // What does not divide evenly joins the head, so that the steps add up.
        Self { head: steps - ends - kept * factor, kept, factor }
    }

    /// Steps that are simulated of `steps`.
    #[must_use]
    pub const fn simulated(&self, steps: u64) -> u64 {
        steps - self.kept * (self.factor - 1)
    }

    /// The step of the whole epoch that simulated step `step` is.
    #[must_use]
    pub const fn stretched(&self, step: u64) -> u64 {
        if step <= self.head {
            step
        } else if step <= self.head + self.kept {
            self.head + (step - self.head) * self.factor
        } else {
            step + self.kept * (self.factor - 1)
        }
    }
}

impl Plan {
    /// Whether steps of it can be left out: where samples are read whole, in whole batches, by one trial at a time, and
    /// no checkpoint or duration says how long it goes on. A volume whose credit a copy has spent is simulated in full.
    #[must_use]
    pub fn can_be_thinned(&self) -> bool {
        let training = &self.training;
        let whole_batches = training.samples_per_rank.is_multiple_of(training.batch);
        let one_lane = training.concurrent_trials.min(training.trials) == 1;
        let plain = self.streaming.is_none() && self.checkpoint.is_none() && training.duration.is_none();
        let bursts = matches!(self.path.source, Source::Volume { rate, .. } if rate.burst.is_some());
        whole_batches && one_lane && plain && !bursts
    }

    /// The plan as it is simulated at a fidelity: exact, or with caches whose residents are not tracked.
    #[must_use]
    pub(crate) fn thinned(&self) -> Option<Self> {
        if !self.can_be_thinned() {
            return None;
        }
        Some(self.with_untracked_caches())
    }

    /// The same plan, with caches that take their hits from closed forms. Where each node reads a part of its own, that is
    /// all that its caches are ever asked for.
    #[must_use]
    pub(crate) fn with_untracked_caches(&self) -> Self {
        let mut plan = self.clone();
        let nodes = u64::from(plan.host.nodes);
        let own_part = plan.order.sampling == Sampling::NodeLocal;
        for cache in plan.node_caches_mut().into_iter().flatten() {
            cache.tracked = false;
            cache.entries = if own_part { cache.entries.div_ceil(nodes) } else { cache.entries };
        }
        let shuffled = self.order.shuffled;
        let untrack = |cache: &mut CacheSpec| (cache.tracked, cache.shuffled) = (false, shuffled);
        plan.server_caches_mut().into_iter().flatten().for_each(untrack);
        let restore = plan.path.restore.as_mut();
        restore.and_then(|restore| restore.held.as_mut()).into_iter().for_each(untrack);
        plan
    }

    /// The caches of each node: of pages, of samples, of the client.
    fn node_caches_mut(&mut self) -> [Option<&mut CacheSpec>; 3] {
        [
            self.host.page_cache.as_mut().map(|page| &mut page.cache),
            self.loader.sample_cache.as_mut().map(|sample| &mut sample.cache),
            self.path.client_cache.as_mut().map(|client| &mut client.cache),
        ]
    }

    /// The caches that all nodes share: the servers' memory and their SSDs.
    fn server_caches_mut(&mut self) -> [Option<&mut CacheSpec>; 2] {
        [self.path.server_ram.as_mut(), self.path.server_ssd.as_mut()]
    }

    /// The same plan with so many times the room in its caches; none where it has none.
    pub(crate) fn with_room(&self, times: f64) -> Option<Self> {
        let mut plan = self.clone();
        let mut has_any = false;
        let mut resize = |cache: &mut CacheSpec| {
            has_any = true;
            cache.capacity = (cache.capacity as f64 * times) as u64;
        };
        plan.node_caches_mut().into_iter().flatten().for_each(&mut resize);
        plan.server_caches_mut().into_iter().flatten().for_each(&mut resize);
        has_any.then_some(plan)
    }

    /// By how much the bytes of so many units may be off their mean, as a share of it.
    pub(crate) fn luck(&self, units: u64) -> f64 {
        let size = Moments::of(&self.dataset.sizes);
        LUCK * size.variance.sqrt() / size.mean / (units as f64).sqrt()
    }

    /// Why no closed form says what caches hit, if none does, as the end of a sentence.
    pub(crate) fn without_closed_form(&self) -> Option<&'static str> {
        let (host, order, path) = (&self.host, &self.order, &self.path);
        let [page, sample, client] = [
            host.page_cache.as_ref().map(|page| &page.cache),
            self.loader.sample_cache.as_ref().map(|sample| &sample.cache),
            path.client_cache.as_ref().map(|client| &client.cache),
        ];
        let of_node = || [page, sample, client].into_iter().flatten();
        let of_servers = path.server_ram.is_some() || path.server_ssd.is_some() || path.restore.is_some();
        let readers = if of_servers { self.ranks() } else { host.gpus };
        if order.sampling == Sampling::EveryRankAll
            && readers > 1
            && (of_servers || of_node().next().is_some())
        {
            return Some("of ranks that each read everything one finds in a cache what another has read");
        }
        let filled = host.page_cache.as_ref().is_some_and(|page| page.filled_by_copy);
        if order.shuffled && !filled {
            return None;
        }
        let held = |cache: &CacheSpec, files: u64| {
            cache.capacity as f64 / (files as f64 * cache.entry_bytes_mean) - 1.0
        };
        let undecided = |cache: &CacheSpec| held(cache, cache.entries).abs() <= self.luck(cache.entries);
        let of_all = || of_node().chain(path.server_ram.as_ref()).chain(path.server_ssd.as_ref());
        if !order.shuffled && of_all().any(undecided) {
            return Some(
                "a cache holds about all that is read through it, and chance decides whether it does",
            );
        }
        let copied = page.filter(|_| filled)?;
        let in_part = held(copied, order.units) < self.luck(order.units) && host.nodes > 1;
        let own = !order.shuffled || order.sampling == Sampling::NodeLocal;
        (in_part && own).then_some("what a copy has left in a page cache is not what its node reads first")
    }

    /// How a whole epoch of this plan is thinned at a fidelity.
    pub(crate) fn thinning(&self, fidelity: Fidelity) -> Thinning {
        let in_flight = match self.loader.kind {
            LoaderKind::PyTorch(spec) => spec.workers * spec.prefetch_factor,
            LoaderKind::TfData { spec, .. } => spec.prefetch,
        };
        let per_step = self.training.batch * u64::from(self.ranks());
        let ends = END_STEPS_MIN.max(in_flight * END_BUFFERS);
        let kept = match fidelity {
            Fidelity::Sketch(samples) | Fidelity::Brief(samples) => SKETCH_STEPS_MIN.max(samples / per_step),
            _ => KEPT_STEPS_MIN.max(KEPT_SAMPLES / per_step),
        };
        Thinning::of(self.training.steps_per_epoch, ends, kept)
    }

    /// Credits last for the same part of an epoch when so much less of it is simulated.
    ///
    /// A step that stands for n draws the bytes of one, so what a full bucket holds, and how long a hot prefix of S3
    /// stays whole, shrink by the share of steps that are simulated. Right on average over the epoch; a little kind to
    /// credit that runs out within its head, where every step is simulated.
    pub(crate) fn shrink_credits(&mut self, thinning: Thinning) {
        let steps = self.training.steps_per_epoch;
        let share = thinning.simulated(steps) as f64 / steps as f64;
        let shrunk = |bytes: Bytes| Bytes::from_f64_rounded(bytes.as_f64() * share);
        if let Source::Fabric(fabric) = &mut self.path.source {
            let caps = [&mut fabric.client, &mut fabric.server, &mut fabric.disk];
            for credit in caps.into_iter().flatten().filter_map(|cap| cap.burst.as_mut()) {
                (credit.depth, credit.level) = (shrunk(credit.depth), shrunk(credit.level));
            }
        }
        for gate in &mut self.path.gates {
            if let GateRule::Bucket { depth, .. } = &mut gate.rule {
                *depth = ((*depth as f64 * share) as u64).max(1);
            }
        }
        if let Some(limit) = &mut self.path.request_limit {
            limit.split_time = limit.split_time.map(|span| span.mul_f64_rounded(share));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 5,548 steps with 20 at each end and about 100 between: 100 of them stand for 55 each, the head takes the 8 over.
    #[test]
    fn the_steps_of_a_thinned_epoch_add_up() {
        let thinning = Thinning::of(5_548, 20, 100);
        assert_eq!(thinning, Thinning { head: 28, kept: 100, factor: 55 });
        assert_eq!(thinning.simulated(5_548), 28 + 100 + 20);
        assert_eq!(
            [0, 28, 29, 128, 129, 148].map(|step| thinning.stretched(step)),
            [0, 28, 83, 5_528, 5_529, 5_548]
        );
    }

    #[test]
    fn a_short_epoch_is_simulated_whole() {
        assert_eq!(Thinning::of(200, 40, 100), Thinning::NONE);
        assert_eq!(Thinning::NONE.simulated(200), 200);
        assert_eq!(Thinning::NONE.stretched(77), 77);
    }
}
