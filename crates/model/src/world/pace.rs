//! The pace of a thinned run: how simulated time and counts stand for those of the whole job.

use ingestsim_units::{SimTime, Span};

use super::World;
use crate::{
    fidelity::{ERROR_MAX, Thinning},
    outcome::EpochRow,
    tier::{GateRule, GateSpec},
    timeline::Bin,
};

/// Batches of kept steps whose means tell how far the mean of all is off.
const ERROR_BATCHES: u64 = 20;

/// How far the correction for what buffers took in may itself be off.
const CORRECTION_ERROR: f64 = 0.2;

/// What hits that come from closed forms may move the loop.
const CLOSED_FORM_ERROR: f64 = 0.001;

/// How the simulated clock runs against the job's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// What a simulated nanosecond, step or byte counts for.
    pub(super) factor: u64,
    since: SimTime,
    since_real: SimTime,
}

impl Pace {
    /// The two clocks are the same.
    pub(super) const EXACT: Self = Self { factor: 1, since: SimTime::ZERO, since_real: SimTime::ZERO };

    /// The job's time at a simulated one.
    pub(super) fn real(&self, at: SimTime) -> SimTime {
        self.since_real + at.since(self.since) * self.factor
    }

    fn change(&mut self, now: SimTime, factor: u64) {
        *self = Self { factor, since: now, since_real: self.real(now) };
    }

    fn take_back(&mut self, now: SimTime, span: Span) {
        let real = self.real(now).as_nanos() - span.as_nanos();
        *self = Self { factor: self.factor, since: now, since_real: SimTime::from_nanos(real) };
    }

    fn skip(&mut self, now: SimTime, span: Span) {
        *self = Self { factor: self.factor, since: now, since_real: self.real(now) + span };
    }
}

/// What a thinned run knows of its own error.
#[derive(Debug, Clone)]
pub(super) struct Thin {
    /// How a whole epoch is thinned.
    pub(super) whole: Thinning,
    /// Ends of batches of kept steps in the epoch under way, and what was queued at its first kept step.
    marks: Vec<SimTime>,
    queued_at_head: u64,
    credit_at_head: u64,
    credit_at_epoch: u64,
    /// The length of the epoch before.
    last_epoch_s: f64,
    /// Squared standard error of the epoch under way, in seconds.
    epoch_variance_s2: f64,
    /// Squared standard errors of the epochs so far, in seconds, and bounds of what the buffer gave or took.
    variance_s2: f64,
    bias_s: f64,
    /// Epochs that were copied and not simulated.
    pub(super) copied: u64,
    /// Why the run is to be simulated in full.
    pub(super) refused: Option<String>,
}

/// Sums of a run up to a point, each of which an epoch that is copied adds once more.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// Files opened at the tier, and those that its servers had on disk only.
    pub(super) opens: u64,
    pub(super) disk_opens: u64,
    /// Files opened that a client's cache held.
    pub(super) cached_opens: u64,
    /// Bytes delivered by the tier.
    pub(super) bytes: u64,
    /// Bytes of the samples that loaders have got, from wherever.
    pub(super) loaded_bytes: u64,
    /// Files restored from S3.
    pub(super) restored: u64,
    /// Samples consumed by all ranks.
    pub(super) samples: u64,
    /// Samples whose read failed for good and was tried again.
    pub(super) read_errors: u64,
    pub(super) compute_ns: u128,
    pub(super) overhead_ns: u128,
}

impl Sums {
    /// Adds what has come since `before` another `times`.
    pub(super) fn repeat(&mut self, before: &Self, times: u64) {
        let add = |sum: &mut u64, before: u64| *sum += (*sum - before) * times;
        add(&mut self.opens, before.opens);
        add(&mut self.disk_opens, before.disk_opens);
        add(&mut self.cached_opens, before.cached_opens);
        add(&mut self.bytes, before.bytes);
        add(&mut self.loaded_bytes, before.loaded_bytes);
        add(&mut self.restored, before.restored);
        add(&mut self.samples, before.samples);
        add(&mut self.read_errors, before.read_errors);
        self.compute_ns += (self.compute_ns - before.compute_ns) * u128::from(times);
        self.overhead_ns += (self.overhead_ns - before.overhead_ns) * u128::from(times);
    }
}

impl Thin {
    pub(super) fn new(whole: Thinning) -> Self {
        Self {
            whole,
            marks: Vec::with_capacity(2 * ERROR_BATCHES as usize),
            queued_at_head: 0,
            credit_at_head: 0,
            credit_at_epoch: 0,
            last_epoch_s: 0.0,
            epoch_variance_s2: 0.0,
            variance_s2: 0.0,
            bias_s: 0.0,
            copied: 0,
            refused: None,
        }
    }
}

impl World<'_> {
    /// The job's time now.
    pub(super) fn real_now(&self) -> SimTime {
        self.pace.real(self.now)
    }

    /// An epoch of so many steps begins: how it is thinned.
    pub(super) fn thin_epoch(&mut self, steps: u64) -> Thinning {
        let credit = self.credit_left();
        let Some(thin) = &mut self.thin else { return Thinning::NONE };
        thin.marks.clear();
        thin.credit_at_epoch = credit;
        if steps == self.plan.training.steps_per_epoch { thin.whole } else { Thinning::NONE }
    }

    /// A step has ended: the head of a thinned epoch is over, a batch of kept steps is, or its tail begins.
    pub(super) fn keep_pace(&mut self, lane: u32, step: u64, thinning: Thinning) {
        let Thinning { head, kept, factor } = thinning;
        if self.thin.is_none() || factor == 1 || step < head || step > head + kept {
            return;
        }
        let (queued, credit) = (self.queued(lane), self.credit_left());
        let now = self.now;
        let Some(thin) = &mut self.thin else { return };
        if step == head {
            (thin.queued_at_head, thin.credit_at_head) = (queued, credit);
            self.pace.change(now, factor);
        }
        let batch = (kept / ERROR_BATCHES).max(1);
        if (step - head).is_multiple_of(batch) {
            thin.marks.push(now);
        }
        if step == head + kept {
            self.pace.change(now, 1);
            self.estimate_error(lane, thinning, queued, credit);
        }
    }

    /// The kept steps of an epoch are over: what they stand for is corrected by what the buffers gave out or took in
    /// meanwhile, and how far it may still be off is estimated.
    fn estimate_error(&mut self, lane: u32, thinning: Thinning, queued: u64, credit: u64) {
        let Some(thin) = &mut self.thin else { return };
        let spans: Vec<f64> =
            thin.marks.windows(2).map(|pair| pair[1].since(pair[0]).as_secs_f64()).collect();
        let count = spans.len() as f64;
        let whole_s: f64 = spans.iter().sum();
        // From successive differences: what changes slowly along the epoch, as the hits of a cache do, is no error.
        let squares: f64 = spans.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
        let variance = squares / 2.0 / (count - 1.0).max(1.0);
        let factor = thinning.factor as f64;
        thin.epoch_variance_s2 = variance * count * factor * factor;
        thin.variance_s2 += thin.epoch_variance_s2;
        let changed =
            credit.abs_diff(thin.credit_at_head) as f64 > 0.01 * credit.max(thin.credit_at_head) as f64;
        if changed && thin.refused.is_none() {
            thin.refused = Some("burst credits change within the steps left out".to_owned());
        }
        let consumed = (thinning.kept * self.plan.training.batch * u64::from(self.plan.ranks())) as f64;
        let gained = queued as f64 - thin.queued_at_head as f64;
        let correction_s = whole_s * (factor - 1.0) * gained / (consumed + gained);
        thin.bias_s += correction_s.abs() * CORRECTION_ERROR;
        self.correct(lane, correction_s);
    }

    /// Takes time out of what the kept steps stand for, as stalls that would not have been: where buffers filled while
    /// steps were kept, more samples were read than used, which could not have gone on as long. Nothing is added where
    /// they emptied: that is left to the error estimate.
    fn correct(&mut self, lane: u32, seconds: f64) {
        let epoch = self.lanes[lane as usize].epoch;
        let ranks = f64::from(self.plan.ranks());
        let stalled_s = self.tally.stalls_of(epoch).total_s() / ranks;
        let correction = Span::from_secs_f64_rounded(seconds.clamp(0.0, stalled_s));
        self.pace.take_back(self.now, correction);
        self.tally.stalls_of(epoch).shrink(correction.as_nanos() as f64 * ranks);
    }

    /// A thinned epoch has ended, and stands for the whole.
    pub(super) fn end_thinned_epoch(&mut self, thinning: Thinning) {
        if thinning.factor == 1 {
            return;
        }
        if let Some(restores) = &mut self.restores {
            restores.restore_all();
        }
    }

    /// Copies the epoch that has ended as often as whole epochs are left, if nothing sets them apart.
    pub(super) fn copy_epoch(&mut self, lane: u32, row: &EpochRow, before: &Sums) {
        let training = &self.plan.training;
        let credit = self.credit_left();
        let state = &self.lanes[lane as usize];
        let whole = state.steps_of_epoch == training.steps_per_epoch;
        let times = (training.steps - state.steps_done) / training.steps_per_epoch;
        let Some(thin) = &mut self.thin else { return };
        // Credit that falls is to last until all copies are over.
        let (now, before_it) = (credit as f64, thin.credit_at_epoch as f64);
        let steady = if now < before_it {
            now > (before_it - now) * times as f64
        } else {
            before_it > 0.0 || now == 0.0
        };
        let last_s = std::mem::replace(&mut thin.last_epoch_s, row.seconds);
        let thinned = state.thinning.factor > 1;
        // How far two whole epochs are apart tells what one of them is worth; kept steps tell it of themselves.
        let known = state.epoch > u64::from(!thinned);
        if !(whole && steady && known && times > 0) {
            return;
        }
        if !thinned {
            thin.epoch_variance_s2 = (row.seconds - last_s).powi(2) / 2.0;
        }
        thin.copied += times;
        // Copies repeat one draw, so their errors add up and do not cancel.
        let counted = f64::from(u8::from(thinned));
        thin.variance_s2 += thin.epoch_variance_s2 * ((times as f64 + counted).powi(2) - counted);
        thin.bias_s *= (times + 1) as f64;
        let sums = self.tally.sums;
        self.tally.sums.repeat(before, times);
        let (from, span) = (self.real_now(), self.real_now().since(state.epoch_began));
        self.pace.skip(self.now, span * times);
        let amounts = Bin {
            compute_ns: ((sums.compute_ns - before.compute_ns) * u128::from(times)) as u64,
            bytes: (sums.loaded_bytes - before.loaded_bytes) * times,
            samples: (sums.samples - before.samples) * times,
            ..Bin::default()
        };
        self.tally.timeline.spread(from, self.pace.real(self.now), &amounts);
        let epoch = state.epoch;
        for copy in 1..=times {
            self.tally.repeat_stalls(epoch, epoch + copy);
            self.tally.epochs.push(EpochRow { epoch: row.epoch + copy as u32, ..row.clone() });
        }
        let state = &mut self.lanes[lane as usize];
        state.steps_done += times * training.steps_per_epoch;
        state.trial_compute_ns += (sums.compute_ns - before.compute_ns) * u128::from(times);
        state.epoch += times;
    }

    /// Samples that are read and wait, over all ranks of a lane.
    fn queued(&self, lane: u32) -> u64 {
        self.ranks_of(lane).map(|rank| self.ranks[rank as usize].loader.queued()).sum()
    }

    fn credit_left(&mut self) -> u64 {
        let credits = &self.credits;
        credits.iter().map(|&constraint| self.network.credit(constraint, self.now)).sum()
    }

    /// The relative half width of a 95 % interval around the loop's length, with what the buffers may have hidden.
    pub(super) fn thinning_error(&self) -> Option<f64> {
        let thin = self.thin.as_ref()?;
        let loop_s = self.tally.loop_ns as f64 / 1e9;
        let caches = [&self.page_caches, &self.sample_caches, &self.client_caches].into_iter().flatten();
        let cached = caches.chain(&self.server_ram).chain(&self.server_ssd).next().is_some();
        let closed_forms = if cached { CLOSED_FORM_ERROR } else { 0.0 };
        Some((1.96 * thin.variance_s2.sqrt() + thin.bias_s) / loop_s + closed_forms)
    }

    /// Why the run has to be simulated in full, if it has.
    pub(super) fn refusal(&self) -> Option<String> {
        let thin = self.thin.as_ref()?;
        let spends = |gate: &GateSpec| matches!(gate.rule, GateRule::Bucket { .. });
        let left_out = thin.copied > 0 || thin.whole.factor > 1;
        let on_credit = left_out && self.plan.path.gates.iter().any(spends);
        let credit = on_credit.then(|| "operations of a volume are spent on credit".to_owned());
        let unknown = self.plan.without_closed_form().map(str::to_owned);
        let refused = thin.refused.clone().or(credit).or(unknown);
        let error = self.thinning_error()?;
        let too_far = (error > ERROR_MAX).then(|| {
            format!("its own error estimate was {:.2} %, above {:.1} %", error * 100.0, ERROR_MAX * 100.0)
        });
        refused.or(too_far)
    }
}
