//! The end of a run: its figures, checked against the laws.

use ingestsim_units::{SimTime, Span};

use super::World;
use crate::{
    cache::Cache,
    cause::Cause,
    checkpoint::{CheckpointPlan, Target},
    cost::{self, Part, Usage},
    failures::{INTERRUPTIONS_MAX, Loss},
    laws::{self, BrokenLaw},
    network::{Link, Role},
    outcome::{LatencyRow, Outcome, StallRow, Summary, TierRow, TimelineRow},
    tier::RequestKind,
};

/// What is said of a job that is not over when no later time can be told.
const UNENDING: &str = "the job, some time or rate of which is too extreme";

/// Sums of floating-point shares agree to this much.
const FLOAT_TOLERANCE: f64 = 1e-9;

impl World<'_> {
    /// What the run has come to.
    pub(super) fn result(mut self, replication: u64) -> Result<Outcome, BrokenLaw> {
        let (ended, trials) = (self.tally.trials.len() as f64, f64::from(self.plan.training.trials));
        laws::equal("every trial ends within 584 years", UNENDING, ended, trials, 0.0)?;
        self.check_perseverance()?;
        let usage = self.usage();
        let costs = self.plan.bill.rows(&usage);
        let summary = self.summary(&costs);
        self.check_laws(&summary, &costs)?;
        Ok(Outcome {
            storage: self.plan.storage.clone(),
            replication,
            stalls: self.stall_rows(),
            timeline: self.timeline_rows(),
            latency: self.latency_rows(),
            tiers: self.tier_rows(&usage),
            costs,
            summary,
            notes: self.notes(),
            fidelity: self.fidelity(),
            fidelity_error: self
                .approximation
                .as_ref()
                .map_or_else(|| self.thinning_error(), |one| Some(one.error)),
            fidelity_check: None,
            events: self.history.events(),
            history: self.history.digest(),
            epochs: std::mem::take(&mut self.tally.epochs),
            trials: std::mem::take(&mut self.tally.trials),
        })
    }

    /// A trial that was given up on has no figures.
    fn check_perseverance(&self) -> Result<(), BrokenLaw> {
        let most = self.tally.losses.iter().map(|(_, loss)| loss.interruptions).max().unwrap_or_default();
        let law = "a trial gets through before its 10,000th interruption";
        laws::at_most(law, "job.failures", most.into(), f64::from(INTERRUPTIONS_MAX - 1), 0.0)
    }

    fn fidelity(&self) -> String {
        if let Some(approximation) = &self.approximation {
            return approximation.what.clone();
        }
        let Some(thin) = &self.thin else { return "exact".to_owned() };
        let steps = self.plan.training.steps_per_epoch;
        let simulated = thin.whole.simulated(steps);
        format!("fast: {simulated} of {steps} steps an epoch, {} epochs copied", thin.copied)
    }

    fn usage(&self) -> Usage {
        let mut requests = [0; RequestKind::ALL.len()];
        for &(kind, each) in &self.plan.path.requests {
            requests[kind as usize] += each * self.tally.sums.opens;
        }
        for &(kind, each) in &self.plan.path.lookups {
            requests[kind as usize] += each * (self.tally.sums.opens + self.tally.sums.cached_opens);
        }
        for &(kind, count) in &self.plan.bill.requests_before_loop {
            requests[kind as usize] += count * u64::from(self.plan.training.trials);
        }
        let provisioning = &self.plan.phases.provisioning;
        requests[RequestKind::List as usize] += provisioning.lists;
        requests[RequestKind::Get as usize] += provisioning.gets;
        if let Some(checkpoint) = &self.plan.checkpoint {
            requests[RequestKind::Put as usize] += checkpoint.puts() * self.tally.checkpoints;
        }
        requests[RequestKind::Get as usize] += self.tally.sums.restored;
        let again = self.read_again();
        for count in &mut requests {
            *count = (*count as f64 * again).round() as u64;
        }
        Usage {
            billed_hours: self.tally.billed_ns as f64 / 3.6e12,
            storage_hours: self.tally.ended.since(SimTime::ZERO).as_hours_f64(),
            requests,
            read_bytes: (self.tally.sums.bytes as f64 * again).round() as u64,
            disk_opens: self.tally.sums.disk_opens,
        }
    }

    /// How often everything is read on average: once, and again as far as interrupted work is done again.
    fn read_again(&self) -> f64 {
        let sum =
            |part: fn(&(Span, Loss)) -> Span| self.tally.losses.iter().map(part).sum::<Span>().as_secs_f64();
        1.0 + sum(|(_, loss)| loss.redone) / sum(|(work, _)| *work)
    }

    fn summary(&self, costs: &[crate::outcome::CostRow]) -> Summary {
        let tally = &self.tally;
        let first = self.plan.phases.times(self.luck.phases, 0, true);
        let batch = tally.first_trial.expect("a run that has ended had a first epoch");
        let before_loop = first.before_loop().as_secs_f64();
        let loop_s = tally.loop_ns as f64 / 1e9 / f64::from(self.plan.training.trials);
        let compute_s = tally.sums.compute_ns as f64 / 1e9;
        let ranks = f64::from(self.plan.ranks());
        let billed_s = tally.billed_ns as f64 / 1e9;
        let loops_s = tally.loop_ns as f64 / 1e9;
        let cost = |part| cost::part_total(costs, part);
        let cost_total_usd = Part::ALL.into_iter().fold(0.0, |sum, part| sum + cost(part));
        let gpu_loop_s = tally.gpu.loop_ns as f64 / 1e9;
        let stall_s: f64 = tally.stalls.iter().map(crate::stall::Stalls::total_s).sum();
        let au: Vec<f64> = tally.epochs.iter().filter_map(|epoch| epoch.accelerator_utilisation).collect();
        Summary {
            time_to_first_batch_s: before_loop + batch.first_batch_wait_s,
            startup_billed_s: before_loop - first.unbilled().as_secs_f64() + batch.first_batch_wait_s,
            data_startup_s: (first.provisioning + first.downloading + first.walk).as_secs_f64()
                + batch.first_batch_wait_s,
            first_batch_wait_s: batch.first_batch_wait_s,
            first_batch_mean_s: batch.first_batch_mean_s,
            loop_s,
            training_s: first.training_stage_before_loop().as_secs_f64() + loop_s,
            billed_s,
            total_s: tally.ended.as_secs_f64(),
            gpu_utilisation: compute_s / gpu_loop_s,
            gpu_utilisation_billed: compute_s / (ranks * billed_s),
            accelerator_utilisation: (!au.is_empty()).then(|| au.iter().sum::<f64>() / au.len() as f64),
            samples_per_s: tally.sums.samples as f64 / loops_s,
            bytes_per_s: tally.sums.loaded_bytes as f64 / loops_s,
            stall_s,
            cost_total_usd,
            cost_compute_usd: cost(Part::Compute),
            cost_storage_usd: cost(Part::Storage),
            cost_throughput_usd: cost(Part::Throughput),
            cost_requests_usd: cost(Part::Requests),
            cost_volume_usd: cost(Part::Volume),
            cost_transfer_usd: cost(Part::Transfer),
            cost_per_epoch_usd: cost_total_usd / tally.epochs.len() as f64,
            cost_per_million_samples_usd: cost_total_usd / (tally.sums.samples as f64 / 1e6),
            cost_stalled_usd: cost(Part::Compute) * stall_s / (ranks * billed_s),
            provisioning_s: first.provisioning.as_secs_f64(),
            starting_s: first.starting.as_secs_f64(),
            downloading_s: first.downloading.as_secs_f64(),
            image_pull_s: first.image_pull.as_secs_f64(),
            framework_start_s: first.framework_start.as_secs_f64(),
            walk_s: first.walk.as_secs_f64(),
            uploading_s: first.uploading.as_secs_f64(),
            read_errors: tally.sums.read_errors as f64,
        }
    }

    fn stall_rows(&self) -> Vec<StallRow> {
        let rows = |(epoch, stalls): (usize, &crate::stall::Stalls)| {
            let epoch = epoch as u32 + 1;
            let row = move |(cause, own_s, through_barrier_s): (Cause, f64, f64)| StallRow {
                epoch,
                cause: cause.name(),
                own_s,
                through_barrier_s,
            };
            stalls.rows().map(row).collect::<Vec<_>>()
        };
        self.tally.stalls.iter().enumerate().flat_map(rows).collect()
    }

    /// The bins; the last one counts as long as the loop lasted in it.
    fn timeline_rows(&self) -> Vec<TimelineRow> {
        let ranks = self.ranks.len() as f64;
        let end_s = self.tally.loops_until.as_secs_f64();
        let row = |(t_s, length, bin, credits): (f64, f64, &crate::timeline::Bin, Option<u64>)| {
            let covered = length.min(end_s - t_s).max(f64::MIN_POSITIVE);
            TimelineRow {
                t_s,
                gpu_utilisation: bin.compute_ns as f64 / 1e9 / (ranks * covered),
                bytes_per_s: bin.bytes as f64 / covered,
                samples_per_s: bin.samples as f64 / covered,
                queue_depth: if bin.looks == 0 { 0.0 } else { bin.queued as f64 / bin.looks as f64 },
                credits_bytes: credits.map(|bytes| bytes as f64),
            }
        };
        let bins = self.tally.timeline.bins().filter(|&(t_s, ..)| t_s < end_s);
        bins.map(row).collect()
    }

    fn latency_rows(&self) -> Vec<LatencyRow> {
        let tier = self.plan.path.kind;
        [("read", &self.tally.read_latency), ("batch wait", &self.tally.batch_wait)]
            .into_iter()
            .filter(|(_, histogram)| histogram.count() > 0)
            .map(|(what, histogram)| {
                let ms = |p| histogram.quantile(p).unwrap_or(0) as f64 / 1e6;
                LatencyRow {
                    tier: tier.to_owned(),
                    what,
                    p50_ms: ms(0.5),
                    p95_ms: ms(0.95),
                    p99_ms: ms(0.99),
                }
            })
            .collect()
    }

    fn tier_rows(&self, usage: &Usage) -> Vec<TierRow> {
        let tier = self.plan.path.kind.to_owned();
        let requests =
            RequestKind::ALL.into_iter().filter(|&kind| usage.requests[kind as usize] > 0).map(|kind| {
                let carries_bytes = self.plan.path.requests.first().is_some_and(|&(first, _)| first == kind);
                TierRow {
                    tier: tier.clone(),
                    request_kind: kind.name().to_owned(),
                    requests: usage.requests[kind as usize],
                    read_bytes: if carries_bytes { self.tally.sums.bytes } else { 0 },
                    ..TierRow::default()
                }
            });
        let caches = [
            ("page cache", &self.page_caches[..]),
            ("sample cache", &self.sample_caches[..]),
            ("client cache", &self.client_caches[..]),
        ];
        let (memory, ssd) = (self.server_ram.as_slice(), self.server_ssd.as_slice());
        let caches = caches
            .into_iter()
            .chain([("server memory", memory), ("server SSD cache", ssd)])
            .filter(|(_, caches)| !caches.is_empty());
        // Where steps are left out, so are the lookups in them.
        let counted = self.thin.is_none() && self.approximation.is_none();
        let caches = caches.map(|(cache, caches)| TierRow {
            tier: tier.clone(),
            cache: cache.to_owned(),
            hits: counted.then(|| caches.iter().map(Cache::hits).sum()),
            misses: counted.then(|| caches.iter().map(Cache::misses).sum()),
            ..TierRow::default()
        });
        requests.chain(caches).collect()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = self.plan.notes.clone();
        for (name, caches) in [
            ("page cache", &self.page_caches),
            ("sample cache", &self.sample_caches),
            ("client cache", &self.client_caches),
        ] {
            notes.extend(caches.first().map(|cache| format!("The {name}: {}.", cache.describe())));
        }
        let (mut interruptions, mut replacements) = (0, 0);
        for (_, loss) in &self.tally.losses {
            interruptions += loss.interruptions;
            replacements += loss.replacements;
        }
        if interruptions + replacements > 0 {
            notes.push(format!(
                "Interruptions ended {interruptions} attempts; servers were replaced {replacements} times."
            ));
        }
        if let Some(limit) = self.request_limit.as_ref().filter(|limit| limit.rejected > 0) {
            notes.push(format!(
                "S3 rejected {} requests; its prefixes ended in {} partitions.",
                limit.rejected,
                limit.partitions()
            ));
        }
        if let Some(restores) = self.restores.as_ref().filter(|restores| restores.restored > 0) {
            let queued = restores.queued_s();
            notes.push(format!(
                "Lazy load restored {} files from S3; readers spent {queued:.0} s in the queue for a restore.",
                self.tally.sums.restored
            ));
        }
        notes
    }

    fn check_laws(&mut self, summary: &Summary, costs: &[crate::outcome::CostRow]) -> Result<(), BrokenLaw> {
        let tier = format!("tier {}", self.plan.path.kind);
        let (asked, delivered) = (self.tally.bytes_asked as f64, self.tally.bytes_delivered as f64);
        laws::equal("bytes asked = bytes delivered", &tier, asked, delivered, 0.0)?;
        let epochs: f64 = self.tally.epochs.iter().map(|epoch| epoch.samples_per_s * epoch.seconds).sum();
        laws::equal(
            "samples consumed = samples in the epochs",
            "loop",
            self.tally.sums.samples as f64,
            epochs,
            FLOAT_TOLERANCE,
        )?;
        let (sums, gpu) = (&self.tally.sums, &self.tally.gpu);
        let used = (sums.compute_ns + sums.overhead_ns + gpu.first_step_ns + gpu.checkpoint_ns) as f64 / 1e9;
        let law = "compute + step overhead + first step + checkpoint + stalls = ranks × loop";
        laws::equal(law, "loop", used + summary.stall_s, gpu.loop_ns as f64 / 1e9, FLOAT_TOLERANCE)?;
        let items: f64 = costs.iter().map(|row| row.cost_usd).sum();
        laws::equal("cost items = total", "bill", items, summary.cost_total_usd, FLOAT_TOLERANCE)?;
        self.gates.iter().flatten().try_for_each(|gate| gate.check(self.now))?;
        self.check_links()
    }

    /// Bytes asked = delivered and work conserved on every link; no link above its rate.
    fn check_links(&mut self) -> Result<(), BrokenLaw> {
        let now = self.now;
        let mut delivered_by_tier = 0.0;
        for (index, (role, link)) in self.network.links().enumerate() {
            let place = format!("link {index} ({role:?})");
            let (audit, loads) = match link {
                Link::Shared(shared) => (shared.audit(now), vec![shared.load(now)]),
                Link::Tree(tree) => (tree.audit(now), vec![tree.root_load(now)]),
                Link::Mesh(mesh) => (mesh.audit(now), Vec::new()),
            };
            let law = "bytes asked = bytes delivered";
            laws::equal(law, &place, audit.asked.as_f64(), audit.delivered.as_f64(), 0.0)?;
            for load in loads {
                laws::at_most("no link above its rate", &place, load.excess as f64, 0.0, 0.0)?;
            }
            if role == Role::Read {
                delivered_by_tier += audit.delivered.as_f64();
            }
        }
        let tier = self.tally.bytes_delivered as f64;
        let same_tier = |plan: &CheckpointPlan| matches!(plan.to, Target::SameTier);
        let written =
            if self.plan.checkpoint.as_ref().is_some_and(same_tier) { self.tally.bytes_written } else { 0 };
        let moved = tier + written as f64;
        laws::equal("bytes moved by the links = read and written", "tier", delivered_by_tier, moved, 0.0)
    }
}
