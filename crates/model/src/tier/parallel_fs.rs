//! A parallel file system with the user's own figures: rates of a connection, a client and the whole, metadata
//! operations a second.

use ingestsim_scenario::schema::storage::OwnStorage;
use ingestsim_units::{Bytes, Frequency, Span};

use super::{
    Cap, Counts, Fabric, GateRule, GateSpec, ReadPath, RequestKind, Site, Source, TierPlan, local_disk,
};
use crate::{build::BuildError, cause::Cause};

/// What one operation moves at most: the usual size of a bulk request.
const OPERATION: Bytes = Bytes::new(1 << 20);

/// Entries a second of a walk, where the scenario states none: `lfs find` on one client.
const WALK_RATE: Frequency = Frequency::per_second(5_900);

/// The plan of a parallel file system.
pub(crate) fn plan(written: &OwnStorage, site: &Site<'_>) -> Result<TierPlan, BuildError> {
    plan_of("parallel-fs", written, site)
}

/// The plan of a file system on servers of the user's own.
pub(super) fn plan_of(
    kind: &'static str,
    written: &OwnStorage,
    site: &Site<'_>,
) -> Result<TierPlan, BuildError> {
    let opens = written.metadata_rate.map(|rate| gate(Cause::Metadata, rate, Counts::Opens));
    let iops = written.iops.map(Frequency::per_second);
    let operations = iops.map(|rate| gate(Cause::FileSystemRate, rate, Counts::Pieces(OPERATION)));
    let client = match (site.node.nic, written.client_rate) {
        (Some(nic), Some(rate)) => Some(nic.limited(rate)),
        (nic, rate) => nic.or(rate.map(Cap::fixed)),
    };
    let path = ReadPath {
        kind,
        gates: opens.into_iter().chain(operations).collect(),
        latency: local_disk::latency(written, site, kind)?,
        cached_latency: None,
        source: Source::Fabric(Fabric {
            clients: site.clients,
            servers: 1,
            connection: written.connection_rate,
            client,
            pair: None,
            server: written.rate.map(Cap::fixed),
            disk: None,
            ssd_cache: None,
            write: None,
            client_write: None,
        }),
        server_ram: None,
        server_ssd: None,
        miss_latency: Span::ZERO,
        restore: None,
        request_limit: None,
        client_cache: None,
        page_cached: true,
        requests: vec![(RequestKind::Open, 1)],
        lookups: Vec::new(),
    };
    let mount = site.catalog.service(site.service).mount.value;
    Ok(local_disk::own_plan(path, mount, WALK_RATE, written, site))
}

const fn gate(cause: Cause, rate: Frequency, counts: Counts) -> GateSpec {
    GateSpec { cause, per_node: false, rule: GateRule::Servers(rate), counts }
}
