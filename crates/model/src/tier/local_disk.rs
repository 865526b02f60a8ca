//! A volume of the node with the user's own figures: latency, rate, operations a second.
//!
//! Each node has one and reads its own copy of the data. What the page cache holds is not read again.

use ingestsim_scenario::schema::storage::OwnStorage;
use ingestsim_units::{Bytes, Frequency, Span};

use super::{
    Cap, Counts, GateRule, GateSpec, Hazard, ReadPath, RequestKind, Site, Source, TierPlan, fabric::UNBOUNDED,
};
use crate::{
    build::{BuildError, spread_nanos, table_of},
    cause::Cause,
    checkpoint::WriteSpec,
    cost::{Item, Meter, Part},
    job::Provisioning,
};
use ingestsim_des::draw::{Distribution, QuantileTable};

/// What one operation moves at most; the block layer splits larger reads.
const OPERATION: Bytes = Bytes::new(128 << 10);

/// Entries a second of a walk over a local file system whose directories are in memory. An assumption.
pub(super) const WALK_RATE: Frequency = Frequency::per_second(100_000);

/// The plan of a local disk.
pub(crate) fn plan(written: &OwnStorage, site: &Site<'_>) -> Result<TierPlan, BuildError> {
    let operations = written.iops.map(|iops| GateSpec {
        cause: Cause::Volume,
        per_node: true,
        rule: GateRule::Servers(Frequency::per_second(iops)),
        counts: Counts::Pieces(OPERATION),
    });
    let opens = written.metadata_rate.map(|rate| GateSpec {
        cause: Cause::Metadata,
        per_node: true,
        rule: GateRule::Servers(rate),
        counts: Counts::Opens,
    });
    let rate = written.rate.unwrap_or(UNBOUNDED);
    let path = ReadPath {
        kind: "local-disk",
        gates: opens.into_iter().chain(operations).collect(),
        latency: latency(written, site, "local-disk")?,
        cached_latency: None,
        source: Source::Volume {
            rate: Cap::fixed(rate),
            connection: written.connection_rate.or(written.client_rate),
            copied: Bytes::ZERO,
        },
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
    let mut plan = own_plan(path, Span::ZERO, WALK_RATE, written, site);
    // Each node writes to a volume of its own.
    plan.write = WriteSpec { node: written.write_rate.unwrap_or(rate), total: None, part: None };
    Ok(plan)
}

/// What one read waits for: opening the file and the first byte.
pub(super) fn latency(
    written: &OwnStorage,
    site: &Site<'_>,
    kind: &str,
) -> Result<Option<QuantileTable>, BuildError> {
    let of = |spread: &Option<_>| spread.as_ref().map(spread_nanos);
    let whole = match (of(&written.open_latency), of(&written.latency)) {
        (None, None) => return Ok(None),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(Distribution::Fixed(open)), Some(read)) => shifted(&read, open),
        (Some(open), Some(Distribution::Fixed(read))) => shifted(&open, read),
        (Some(_), Some(_)) => {
            let message = "expected a fixed time beside a spread of `latency`, found a spread too";
            return Err(site.error(kind, "open-latency", message));
        }
    };
    table_of(&whole, "latency").map(Some)
}

/// A fixed time before what is drawn, scaled so that the whole keeps one shape.
fn shifted(distribution: &Distribution, added: f64) -> Distribution {
    let mean = distribution.mean();
    if mean == 0.0 { Distribution::Fixed(added) } else { distribution.scaled((mean + added) / mean) }
}

/// A tier of the user's own: nothing to create or copy, capacity priced by the month if at all.
pub(super) fn own_plan(
    path: ReadPath,
    mount: Span,
    walk_rate: Frequency,
    written: &OwnStorage,
    site: &Site<'_>,
) -> TierPlan {
    let gib = site.dataset.bytes_mean() / (1_u64 << 30) as f64;
    let items = written.price.map(|price_usd| Item {
        part: Part::Storage,
        name: format!("storage of {}", site.profile),
        unit: "GB-month".to_owned(),
        price_usd,
        source: "scenario".to_owned(),
        meter: Meter::UnitMonths(gib),
    });
    TierPlan {
        path,
        provisioning: Provisioning::default(),
        downloading: mount,
        download_hides_image_pull: false,
        fills_page_cache: false,
        walk: written.walk_rate.unwrap_or(walk_rate).time_for(site.dataset.files()),
        hazard: Hazard::default(),
        write: WriteSpec {
            node: written.client_rate.or(written.write_rate).or(written.rate).unwrap_or(UNBOUNDED),
            total: written.write_rate.or(written.rate),
            part: None,
        },
        items: items.into_iter().collect(),
        requests_before_loop: Vec::new(),
        notes: Vec::new(),
    }
}
