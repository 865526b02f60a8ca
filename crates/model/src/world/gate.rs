//! Gates: where a read waits to be admitted.

use ingestsim_des::resource::{lanes::DeterministicLanes, token_bucket::TokenBucket};
use ingestsim_units::SimTime;

use crate::{
    cause::Cause,
    laws::{self, BrokenLaw},
    tier::{Counts, GateRule, GateSpec},
};

/// One gate, or one node's share of a gate that each node has.
#[derive(Debug)]
pub(super) struct Gate {
    spec: GateSpec,
    rule: Rule,
    /// When the last read arrived. One that skipped an earlier gate does not overtake those that waited there.
    last: SimTime,
}

#[derive(Debug)]
enum Rule {
    /// One operation after the other, each in a constant time.
    Servers(DeterministicLanes),
    /// Tokens for operations.
    Bucket(TokenBucket),
}

impl Gate {
    pub(super) fn new(spec: &GateSpec) -> Self {
        let rule = match (spec.rule, spec.counts) {
            (GateRule::Servers(rate), Counts::Opens) => Rule::Servers(DeterministicLanes::new(1, rate)),
            // A read of several pieces takes as many tokens at once, one piece none that it would have to wait for.
            (GateRule::Servers(rate), Counts::Pieces(_)) => Rule::Bucket(TokenBucket::requests(rate, 1)),
            (GateRule::Bucket { rate, depth }, _) => Rule::Bucket(TokenBucket::requests(rate, depth)),
        };
        Self { spec: spec.clone(), rule, last: SimTime::ZERO }
    }

    /// When a read of `size` bytes that arrives at `at` is admitted.
    pub(super) fn admit(&mut self, at: SimTime, size: u64) -> SimTime {
        self.last = self.last.max(at);
        match &mut self.rule {
            Rule::Servers(servers) => servers.admit(self.last),
            Rule::Bucket(bucket) => bucket.take_or_wait(self.last, self.spec.operations(size)),
        }
    }

    /// Whether each piece of a read counts, and not only the open.
    pub(super) fn counts_pieces(&self) -> bool {
        self.spec.counts != Counts::Opens
    }

    pub(super) const fn cause(&self) -> Cause {
        self.spec.cause
    }

    /// At the end of a run, when all it has admitted has passed: Little's law, and no more than its rate allows.
    pub(super) fn check(&self, now: SimTime) -> Result<(), BrokenLaw> {
        let place = format!("gate {}", self.spec.cause.name());
        match &self.rule {
            Rule::Servers(servers) => {
                let audit = servers.audit(now);
                let law = "Little's law: queue over time = sum of waits";
                laws::equal(law, &place, audit.queue_integral_ns as f64, audit.wait_sum_ns as f64, 1e-9)?;
                let law = "utilisation law: busy time = services × service time";
                let served = audit.departures as f64 * 1e9 / self.spec.rule.rate().as_f64();
                laws::equal(law, &place, audit.busy_ns as f64, served, 1e-6)
            }
            Rule::Bucket(bucket) => {
                let granted = bucket.audit().granted_amount as f64;
                let most = self.spec.rule.depth() as f64 + self.spec.rule.rate().as_f64() * now.as_secs_f64();
                laws::at_most("tokens granted ≤ depth + rate × time", &place, granted, most, 1e-9)
            }
        }
    }
}
