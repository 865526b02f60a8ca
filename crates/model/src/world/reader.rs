//! A reader: one read at a time, stage by stage.

use ingestsim_des::resource::shared::Bound;
use ingestsim_units::SimTime;

use crate::{cause::Cause, network::LinkId, tier::Origin};

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

/// One reader, or the fetcher of a reader's shard.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) rank: u32,
    pub(super) node: u32,
    pub(super) stage: Stage,
    /// Whether what it has under way belongs to an epoch that is over.
    pub(super) stale: bool,
    /// What the wait at the gates is charged to.
    pub(super) gate_cause: Cause,
    /// The link that its transfer is on, and the lane of it.
    pub(super) link: LinkId,
    pub(super) lane: u32,
    /// Which of its open shards its last record came from.
    pub(super) turn: u32,
    /// Whether the client's cache on the node holds what it reads.
    pub(super) from_client_cache: bool,
    /// Where the server has what it reads.
    pub(super) origin: Origin,
    /// Attempts at the request under way that have failed.
    pub(super) failed_attempts: u32,
    /// What it reads: a file, or a record of one.
    pub(super) unit: u64,
    /// The file that lies in.
    pub(super) file: u64,
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
    /// What its lane had been bound by when its transfer began.
    pub(super) bound: Bound,
}

impl Reader {
    pub(super) fn new(rank: u32, node: u32) -> Self {
        Self {
            rank,
            node,
            stage: Stage::Idle,
            stale: false,
            gate_cause: Cause::Latency,
            link: LinkId(0),
            lane: 0,
            turn: 0,
            from_client_cache: false,
            origin: Origin::Disk,
            failed_attempts: 0,
            unit: 0,
            file: 0,
            size: 0,
            position: 0,
            began: SimTime::ZERO,
            mark: SimTime::ZERO,
            admitted: SimTime::ZERO,
            bound: Bound::default(),
        }
    }
}
