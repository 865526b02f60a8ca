//! Why a GPU waits: the closed list of causes that stall time is charged to.

/// A cause of stall time.
///
/// The causes up to [`Cause::WorkerStart`] can hold up a loader's worker and are tracked per worker; the others hold up
/// all at once, or arise between the loader and the GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Cause {
    /// A request's latency: first byte, open and round trips.
    Latency,
    /// The rate of one connection or stream.
    ConnectionCap,
    /// The network interface of the node.
    Nic,
    /// The flow limit between one client and one server.
    ServerPair,
    /// The throughput of the file system or service as a whole.
    FileSystemRate,
    /// The rate or the operations per second of a volume.
    Volume,
    /// Metadata operations: opens, lookups.
    Metadata,
    /// A request-rate limit and the backoff after a rejection.
    RequestLimit,
    /// The restore of a file from S3 into the file system.
    Restore,
    /// Decoding on the CPU.
    Decode,
    /// Workers that have not started yet.
    WorkerStart,
    /// Clients that wait for a failed server to be replaced.
    ServerReplacement,
    /// Data that is there but behind an earlier batch or sample.
    InOrder,
    /// The loop's own work outside the step: start of the framework within the loop.
    Framework,
    /// A checkpoint that blocks the step.
    Checkpoint,
    /// Compute times that differ between ranks.
    Barrier,
}

impl Cause {
    /// How many causes there are.
    pub const COUNT: usize = 16;
    /// How many of them, the first ones, are tracked per worker.
    pub const TRACKED: usize = 11;
    /// Every cause, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Latency,
        Self::ConnectionCap,
        Self::Nic,
        Self::ServerPair,
        Self::FileSystemRate,
        Self::Volume,
        Self::Metadata,
        Self::RequestLimit,
        Self::Restore,
        Self::Decode,
        Self::WorkerStart,
        Self::ServerReplacement,
        Self::InOrder,
        Self::Framework,
        Self::Checkpoint,
        Self::Barrier,
    ];

    /// The name it has in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latency => "request latency",
            Self::ConnectionCap => "connection cap",
            Self::Nic => "NIC",
            Self::ServerPair => "server pair",
            Self::FileSystemRate => "file-system rate",
            Self::Volume => "volume",
            Self::Metadata => "metadata",
            Self::RequestLimit => "request limit",
            Self::Restore => "restore from S3",
            Self::Decode => "CPU decode",
            Self::WorkerStart => "worker start",
            Self::ServerReplacement => "server replacement",
            Self::InOrder => "in-order wait",
            Self::Framework => "framework",
            Self::Checkpoint => "checkpoint",
            Self::Barrier => "barrier",
        }
    }
}
