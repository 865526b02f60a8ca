//! Failures: what interruptions cost a job in time.
//!
//! Spot instances are interrupted at a rate per instance; a Scratch file system loses a server at the rate that AWS's
//! availability figures imply, and with it the job's data. Either ends the attempt: the job starts again, from its last
//! checkpoint or from the beginning, and after a loss of storage loads its data again. A Persistent file system replaces
//! the server while clients wait, so the job only pauses.
//!
//! Failures are memoryless and strike while the loop runs. A job of W seconds that starts from the beginning each time,
//! at a cost of R seconds, ends after (e^(λW) − 1)(1/λ + R) on average.

use ingestsim_des::draw::Luck;
use ingestsim_units::Span;

/// What may fail, and what it costs.
#[derive(Debug, Clone, Copy, Default)]
pub struct FailurePlan {
    /// Interruptions of any instance of one trial, per second.
    pub spot_per_s: f64,
    /// Losses of storage that end the attempt, per second.
    pub storage_loss_per_s: f64,
    /// Replacements of a server while clients wait, per second.
    pub replacement_per_s: f64,
    /// How long clients wait for one.
    pub replacement: Span,
    /// Creating and loading storage again after a loss.
    pub reload: Span,
    /// Work between checkpoints that survive, if there are any.
    pub checkpoint_every: Option<Span>,
}

/// What failures have cost one trial.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Loss {
    /// Attempts that an interruption has ended.
    pub interruptions: u32,
    /// Of those, losses of storage.
    pub storage_losses: u32,
    /// Work done again.
    pub redone: Span,
    /// Start-ups and reloads after interruptions, and how much of that is billed.
    pub restarting: Span,
    /// The billed part of it.
    pub restarting_billed: Span,
    /// Servers replaced while clients waited, and how long that took.
    pub replacements: u32,
    /// Waiting for them.
    pub paused: Span,
}

/// Interruptions after which a trial is given up on: its rate makes it hopeless.
pub(crate) const INTERRUPTIONS_MAX: u32 = 10_000;

impl FailurePlan {
    /// Draws what happens to a trial whose loop takes `work`; a start takes `start`, of which `start_billed` is billed.
    #[must_use]
    pub fn strike(&self, work: Span, start: Span, start_billed: Span, mut luck: Luck) -> Loss {
        let mut loss = self.replacements(work, luck);
        let rate = self.spot_per_s + self.storage_loss_per_s;
        if rate <= 0.0 {
            return loss;
        }
        let mut left = work;
        while loss.interruptions < INTERRUPTIONS_MAX {
            luck = luck.next();
            let until = Span::from_secs_f64_rounded(-luck.unit().ln() / rate);
            if until >= left {
                break;
            }
            luck = luck.next();
            let storage = luck.unit() * rate < self.storage_loss_per_s;
            let kept = self.kept(until);
            loss.interruptions += 1;
            loss.redone += until - kept;
            left = left - kept;
            loss.restarting += start;
            loss.restarting_billed += start_billed;
            if storage {
                loss.storage_losses += 1;
                loss.restarting += self.reload;
            }
        }
        loss
    }

    /// Work of an attempt that its checkpoints have saved.
    fn kept(&self, done: Span) -> Span {
        self.checkpoint_every.map_or(Span::ZERO, |every| {
            let whole = done.as_nanos() / every.as_nanos().max(1);
            Span::from_nanos(whole * every.as_nanos())
        })
    }

    fn replacements(&self, work: Span, mut luck: Luck) -> Loss {
        let mut loss = Loss::default();
        if self.replacement_per_s <= 0.0 {
            return loss;
        }
        let mut at_s = 0.0;
        loop {
            luck = luck.next().next();
            at_s -= luck.unit().ln() / self.replacement_per_s;
            if at_s >= work.as_secs_f64() {
                return loss;
            }
            loss.replacements += 1;
            loss.paused += self.replacement;
        }
    }
}

#[cfg(test)]
mod tests {
    use ingestsim_des::draw::Draws;

    use super::*;

    fn mean_of(plan: FailurePlan, work: Span, start: Span, value: impl Fn(&Loss) -> f64) -> f64 {
        let luck = Draws::new(7, 0).of("failures");
        let runs = 20_000;
        (0..runs).map(|run| value(&plan.strike(work, start, start, luck.at(run, 0)))).sum::<f64>()
            / runs as f64
    }

    /// λ = 1/h, W = 1 h, R = 600 s: (e − 1)(3,600 + 600) = 7,217 s in all, 3,617 s of them on top of the work. The
    /// standard deviation of one run is below 7,000 s, so the mean of 20,000 is within 3.3 × 50 s at 99.9 %.
    #[test]
    fn restarts_from_the_beginning_meet_the_closed_form() {
        let plan = FailurePlan { spot_per_s: 1.0 / 3_600.0, ..FailurePlan::default() };
        let (work, start) = (Span::from_secs(3_600), Span::from_secs(600));
        let extra = mean_of(plan, work, start, |loss| (loss.redone + loss.restarting).as_secs_f64());
        assert!((extra - 3_617.0).abs() < 165.0, "{extra}");
    }

    /// With a checkpoint every minute, each of λW = 1 interruptions on average loses about half a minute and a restart.
    #[test]
    fn checkpoints_bound_what_is_lost() {
        let every = Some(Span::from_secs(60));
        let plan =
            FailurePlan { spot_per_s: 1.0 / 3_600.0, checkpoint_every: every, ..FailurePlan::default() };
        let (work, start) = (Span::from_secs(3_600), Span::from_secs(600));
        let interruptions = mean_of(plan, work, start, |loss| f64::from(loss.interruptions));
        let redone = mean_of(plan, work, start, |loss| loss.redone.as_secs_f64());
        assert!((interruptions - 1.0).abs() < 0.04, "{interruptions}");
        assert!((redone / interruptions - 30.0).abs() < 1.0, "{redone}");
    }

    /// 0.0029 × 3 losses a week on two servers: over a loop of a week 0.87 % of attempts are interrupted.
    #[test]
    fn scratch_is_lost_as_often_as_its_hazard_says() {
        let week = Span::from_secs(7 * 86_400);
        let plan = FailurePlan { storage_loss_per_s: 0.0029 * 3.0 / 604_800.0, ..FailurePlan::default() };
        let lost = mean_of(plan, week, Span::from_secs(300), |loss| f64::from(loss.storage_losses.min(1)));
        let expected = 1.0 - (-0.0029_f64 * 3.0).exp();
        let tolerance = 3.3 * (expected / 20_000.0).sqrt();
        assert!((lost - expected).abs() < tolerance, "{lost} against {expected}");
    }

    /// Two replacements an hour of 5 min each: 10 min of pause in an hour.
    #[test]
    fn persistent_servers_are_replaced_while_clients_wait() {
        let plan = FailurePlan {
            replacement_per_s: 2.0 / 3_600.0,
            replacement: Span::from_secs(300),
            ..FailurePlan::default()
        };
        let paused = mean_of(plan, Span::from_secs(3_600), Span::ZERO, |loss| loss.paused.as_secs_f64());
        assert!((paused - 600.0).abs() < 3.3 * 300.0 * (2.0_f64 / 20_000.0).sqrt(), "{paused}");
    }
}
