//! Checkpoints: what is written, when, where to, and whether training waits.

use ingestsim_units::{Bytes, Rate, Span};

/// The checkpoints of a job.
#[derive(Debug, Clone)]
pub struct CheckpointPlan {
    /// When the next one is due.
    pub every: Every,
    /// What all nodes write together.
    pub size: Bytes,
    /// Whether training waits until it is written; else it goes on, and waits only if the one before is still under way.
    pub blocking: bool,
    /// Where it goes.
    pub to: Target,
}

/// How often a checkpoint is written.
#[derive(Debug, Clone, Copy)]
pub enum Every {
    /// After so many steps.
    Steps(u64),
    /// At the first end of a step after so long.
    Time(Span),
}

/// Where checkpoints go.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// The tier that is read: writes compete with the reads on its links.
    SameTier,
    /// Another one, or a volume beside the reads.
    Other(WriteSpec),
}

/// What a tier takes up.
#[derive(Debug, Clone, Copy)]
pub struct WriteSpec {
    /// From one node.
    pub node: Rate,
    /// From all nodes together; nothing where nodes do not share it.
    pub total: Option<Rate>,
    /// Bytes of one billed PUT, where there are any.
    pub part: Option<Bytes>,
}

impl CheckpointPlan {
    /// PUT requests of one checkpoint.
    #[must_use]
    pub fn puts(&self) -> u64 {
        match self.to {
            Target::Other(WriteSpec { part: Some(part), .. }) => self.size.div_ceil(part),
            _ => 0,
        }
    }
}
