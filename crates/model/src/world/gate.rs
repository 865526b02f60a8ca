//! Gates: where a read waits to be admitted.

use super::pending::{ServerRate, TokenBucket};
use ingestsim_units::SimTime;

use crate::{
    cause::Cause,
    tier::{GateRule, GateSpec},
};

/// One gate, or one node's share of a gate that each node has.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) spec: GateSpec,
    rule: Rule,
}

#[derive(Debug)]
enum Rule {
    Servers(ServerRate),
    Bucket(TokenBucket),
}

impl Gate {
    pub(super) fn new(spec: &GateSpec) -> Self {
        let rule = match spec.rule {
            GateRule::Servers(rate) => Rule::Servers(ServerRate::new(rate)),
            GateRule::Bucket { rate, depth } => Rule::Bucket(TokenBucket::operations(rate, depth)),
        };
        Self { spec: spec.clone(), rule }
    }

    /// When a read of `size` bytes that arrives at `at` is admitted.
    pub(super) fn admit(&mut self, at: SimTime, size: u64) -> SimTime {
        let operations = self.spec.operations(size);
        match &mut self.rule {
            Rule::Servers(servers) => servers.admit_many(at, operations),
            Rule::Bucket(bucket) => bucket.take_or_wait(at, operations),
        }
    }

    /// Whether each piece of a read counts, and not only the open.
    pub(super) fn counts_pieces(&self) -> bool {
        self.spec.counts != crate::tier::Counts::Opens
    }

    pub(super) const fn cause(&self) -> Cause {
        self.spec.cause
    }
}
