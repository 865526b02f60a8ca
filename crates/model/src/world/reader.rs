//! A reader: one read at a time, stage by stage.

use ingestsim_units::SimTime;

use crate::{cause::Cause, tier::Origin};

/// What a reader is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing: its loader has no position for it, or has not started.
    Idle,
    /// Waits at the gates and for the first byte.
    Admission,
    /// Opens a file that the page cache holds.
    CachedOpen,
    /// S3 has rejected its request: it waits before it tries again.
    Backoff,
    /// Waits until a file is restored from S3: in the queue, for the latency, for the bytes.
    Restore,
    /// Its bytes cross the network or come from the volume.
    Transfer,
    /// Its sample is decoded.
    Decode,
    /// Waits for its shard's next chunk.
    Starved,
}

/// One reader, or the fetcher of a reader's shard: a cache line of state.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(super) struct Reader {
    /// What it reads: a file, or a record of one.
    pub(super) unit: u64,
    /// Bytes of the read.
    pub(super) size: u64,
    /// The sample's position in its rank's epoch.
    pub(super) position: u64,
    /// When the read began.
    pub(super) began: SimTime,
    /// Until when its time is accounted for.
    pub(super) mark: SimTime,
    /// When the gates let it through.
    pub(super) admitted: SimTime,
    pub(super) rank: u32,
    /// The lane of its link that its transfer is on.
    pub(super) lane: u32,
    /// Attempts at the request under way that have failed.
    pub(super) failed_attempts: u16,
    pub(super) stage: Stage,
    /// What the wait at the gates is charged to.
    pub(super) gate_cause: Cause,
    /// Where the server has what it reads.
    pub(super) origin: Origin,
    /// Whether what it has under way belongs to an epoch that is over.
    pub(super) stale: bool,
    /// Whether the client's cache on the node holds what it reads.
    pub(super) from_client_cache: bool,
}

impl Reader {
    pub(super) const fn new(rank: u32) -> Self {
        Self {
            unit: 0,
            size: 0,
            position: 0,
            began: SimTime::ZERO,
            mark: SimTime::ZERO,
            admitted: SimTime::ZERO,
            rank,
            lane: 0,
            failed_attempts: 0,
            stage: Stage::Idle,
            gate_cause: Cause::Latency,
            origin: Origin::Disk,
            stale: false,
            from_client_cache: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_one_cache_line() {
        assert_eq!(size_of::<Reader>(), 64);
    }
}
