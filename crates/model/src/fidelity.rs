//! How closely a run is simulated: every sample, or a part of the steps that stands for all.
//!
//! The fast rung simulates the head of each epoch in full, then every `factor`-th step, each of which counts `factor`
//! times: reads keep their rates and queues, and positions in the epoch are stretched, so that a cache is hit as often as
//! it would be. Epochs whose caches, restores and credits are as in the one before are not simulated again: from the
//! second epoch on, the caches are steady. The residents of caches are not tracked; hits come from their closed forms.
//!
//! What it cannot do exactly it estimates: the spread of the kept steps, by batch means, and what the loader's buffer gave
//! or took while steps were left out. A run whose estimate is above [`ERROR_MAX`], or whose credits change within what is
//! left out, is simulated in full instead, and says so.

use crate::plan::{LoaderKind, Plan};

/// The rungs of the ladder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fidelity {
    /// Every sample of every epoch.
    #[default]
    Exact,
    /// A part of the steps, and no epoch twice.
    Fast,
    /// Exact where that is quick, else fast.
    Auto,
}

/// The relative error of the loop's length up to which the fast rung stands by its answer.
pub const ERROR_MAX: f64 = 0.005;

/// Samples up to which `auto` simulates every one of them: a few seconds.
const AUTO_EXACT_SAMPLES: u64 = 20_000_000;

/// Samples of one epoch that the fast rung simulates after its head, and steps at least.
const KEPT_SAMPLES: u64 = 1_500_000;
const KEPT_STEPS_MIN: u64 = 100;

/// Steps of the head at least, and in batches that the loader may have in flight.
const HEAD_STEPS_MIN: u64 = 40;
const HEAD_BUFFERS: u64 = 4;

/// Which steps of an epoch are simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thinning {
    /// Steps at the start, all of which are simulated.
    pub head: u64,
    /// Of the others, one in so many is.
    pub factor: u64,
}

impl Thinning {
    /// Every step.
    pub const NONE: Self = Self { head: 0, factor: 1 };

    /// How an epoch of `steps` steps is thinned: the head, then `kept` steps that stand for the rest.
    #[must_use]
    pub fn of(steps: u64, head: u64, kept: u64) -> Self {
        let factor = steps.saturating_sub(head) / kept.max(1);
        if factor < 2 {
            return Self::NONE;
        }
        // What does not divide evenly joins the head, so that the steps add up.
        let rest = (steps - head) / factor * factor;
        Self { head: steps - rest, factor }
    }

    /// Steps that are simulated of `steps`.
    #[must_use]
    pub const fn simulated(&self, steps: u64) -> u64 {
        if self.factor == 1 { steps } else { self.head + (steps - self.head) / self.factor }
    }

    /// The step of the whole epoch that simulated step `step` is.
    #[must_use]
    pub const fn stretched(&self, step: u64) -> u64 {
        if self.factor == 1 || step <= self.head {
            step
        } else {
            self.head + (step - self.head) * self.factor
        }
    }
}

impl Plan {
    /// The plan as it is simulated at a fidelity: exact, or with caches whose residents are not tracked.
    #[must_use]
    pub(crate) fn thinned(&self) -> Option<Self> {
        let training = &self.training;
        let whole_batches = training.samples_per_rank.is_multiple_of(training.batch);
        let one_lane = training.concurrent_trials.min(training.trials) == 1;
        let plain = self.streaming.is_none() && self.checkpoint.is_none() && training.duration.is_none();
        if !(whole_batches && one_lane && plain) {
            return None;
        }
        let mut plan = self.clone();
        let (host, path) = (&mut plan.host, &mut plan.path);
        let caches = [
            host.page_cache.as_mut().map(|page| &mut page.cache),
            plan.loader.sample_cache.as_mut().map(|sample| &mut sample.cache),
            path.client_cache.as_mut().map(|client| &mut client.cache),
            path.server_ram.as_mut(),
            path.server_ssd.as_mut(),
            path.restore.as_mut().and_then(|restore| restore.held.as_mut()),
        ];
        caches.into_iter().flatten().for_each(|cache| cache.tracked = false);
        Some(plan)
    }

    /// How a whole epoch of this plan is thinned by the fast rung.
    pub(crate) fn thinning(&self) -> Thinning {
        let in_flight = match self.loader.kind {
            LoaderKind::PyTorch(spec) => spec.workers * spec.prefetch_factor,
            LoaderKind::TfData { spec, .. } => spec.prefetch,
        };
        let per_step = self.training.batch * u64::from(self.ranks());
        let head = HEAD_STEPS_MIN.max(in_flight * HEAD_BUFFERS);
        let kept = KEPT_STEPS_MIN.max(KEPT_SAMPLES / per_step);
        Thinning::of(self.training.steps_per_epoch, head, kept)
    }

    /// Whether `auto` simulates this plan sample by sample.
    pub(crate) fn is_small(&self) -> bool {
        self.training.duration.is_some() || self.estimated_samples() <= AUTO_EXACT_SAMPLES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 5,548 steps, head 40, about 100 kept: factor 55, 5,500 steps stand behind 100, the head takes the other 48.
    #[test]
    fn the_steps_of_a_thinned_epoch_add_up() {
        let thinning = Thinning::of(5_548, 40, 100);
        assert_eq!(thinning, Thinning { head: 5_548 - 5_500 + 0, factor: 55 });
        assert_eq!(thinning.simulated(5_548), 148);
        assert_eq!(thinning.stretched(148), 5_548);
        assert_eq!(thinning.stretched(48), 48);
    }

    #[test]
    fn a_short_epoch_is_simulated_whole() {
        assert_eq!(Thinning::of(200, 40, 100), Thinning::NONE);
        assert_eq!(Thinning::NONE.simulated(200), 200);
        assert_eq!(Thinning::NONE.stretched(77), 77);
    }
}
