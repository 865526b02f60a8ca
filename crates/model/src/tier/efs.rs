//! Amazon EFS: NFS over the network, with limits per client and per file system.
//!
//! Every open costs round trips that nothing caches, so a hit in the page cache still pays them; a read takes at least a
//! millisecond more. Elastic throughput is paid by the gigabyte; Provisioned is what is paid for; Bursting earns credit
//! with what is stored, and meters a byte read at a third.

use ingestsim_catalog::EfsLimits;
use ingestsim_des::draw::Distribution;
use ingestsim_scenario::schema::storage::{Efs, Performance, Throughput, Zones};
use ingestsim_units::{Bytes, Rate, Span};

use super::{
    Cap, Counts, Credit, Fabric, GateRule, GateSpec, Hazard, ReadPath, RequestKind, Site, Source, TierPlan,
};
use crate::{
    build::{BuildError, table_of},
    cause::Cause,
    checkpoint::WriteSpec,
    cost::{Item, Meter, Part},
    job::Provisioning,
};

/// The most that one NFS read request carries; larger files count as several operations.
const READ_REQUEST: Bytes = Bytes::new(1 << 20);

/// What a request counts at least for Elastic's bill, and for what is metered.
const COUNTED_MIN: Bytes = Bytes::new(4 << 10);

/// The plan of an EFS profile.
pub(crate) fn plan(written: &Efs, site: &Site<'_>) -> Result<TierPlan, BuildError> {
    let listed = &site.catalog.storage().efs;
    let stored = written.stored.unwrap_or_else(|| Bytes::from_f64_rounded(site.dataset.bytes_mean()));
    let read = match written.performance {
        Performance::General => listed.read_latency.value,
        Performance::MaxIo => listed.read_latency_max_io.value,
    };
    let open = listed.open_latency.value;
    let operations = match written.performance {
        Performance::General => limits(written, site).read_iops.value,
        Performance::MaxIo => listed.max_io_read_iops.value,
    };
    let elastic = matches!(written.throughput, Throughput::Elastic);
    let client = if elastic { listed.client_rate_elastic.value } else { listed.client_rate.value };
    let gate = GateSpec {
        cause: Cause::FileSystemRate,
        per_node: false,
        rule: GateRule::Servers(operations),
        counts: Counts::Pieces(READ_REQUEST),
    };
    Ok(TierPlan {
        path: ReadPath {
            kind: "efs",
            gates: vec![gate],
            latency: Some(table_of(&round_trips(open + read), "open-latency")?),
            cached_latency: Some(table_of(&round_trips(open), "open-latency")?),
            source: Source::Fabric(Fabric {
                clients: site.clients,
                servers: 1,
                connection: None,
                client: Some(site.node.nic.map_or(Cap::fixed(client), |nic| nic.limited(client))),
                pair: None,
                server: Some(server(written, stored, site)),
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
        },
        provisioning: Provisioning::default(),
        downloading: site.catalog.service(site.service).mount.value,
        download_hides_image_pull: false,
        fills_page_cache: false,
        walk: written.walk_rate.unwrap_or_else(|| walk_rate(open)).time_for(site.dataset.files()),
        hazard: Hazard::default(),
        write: WriteSpec { node: client, total: Some(limits(written, site).write_rate.value), part: None },
        items: items(written, stored, site)?,
        requests_before_loop: Vec::new(),
        notes: Vec::new(),
    })
}

/// A walk asks for every entry in turn, at the round trips of an open.
fn walk_rate(open: Span) -> ingestsim_units::Frequency {
    ingestsim_units::Frequency::from_f64_rounded(1.0 / open.as_secs_f64())
}

/// Round trips vary little: a lognormal of a tenth of its mean.
fn round_trips(mean: Span) -> Distribution {
    const CV: f64 = 0.1;
    Distribution::lognormal_with_cv(mean.as_nanos() as f64, CV)
}

fn limits<'a>(written: &Efs, site: &'a Site<'_>) -> &'a EfsLimits {
    let listed = &site.catalog.storage().efs;
    match (written.zones, written.throughput) {
        (Zones::Regional, Throughput::Elastic) => &listed.elastic,
        (Zones::Regional, Throughput::Provisioned(_)) => &listed.provisioned,
        (Zones::Regional, Throughput::Bursting) => &listed.bursting,
        (Zones::One, Throughput::Bursting) => &listed.one_zone_bursting,
        (Zones::One, _) => &listed.one_zone,
    }
}

/// Bytes that count per byte read, as each request counts at least 4 KiB: E[max(size, 4 KiB)] / E[size] of what is read at
/// a time, a file or a record.
fn counted(site: &Site<'_>) -> f64 {
    let dataset = site.dataset;
    let reads_per_file = site.order.units as f64 / dataset.files() as f64;
    dataset.sizes.mean_at_least(COUNTED_MIN.as_f64() * reads_per_file) / dataset.sizes.mean()
}

/// Metered bytes per byte that counts.
fn metering(written: &Efs, site: &Site<'_>) -> f64 {
    written.read_metering.unwrap_or(site.catalog.storage().efs.read_metering.value)
}

/// What the file system as a whole reads at.
fn server(written: &Efs, stored: Bytes, site: &Site<'_>) -> Cap {
    let listed = &site.catalog.storage().efs;
    let most = limits(written, site).read_rate.value;
    let counted = counted(site);
    let read = |metered: Rate| Rate::from_f64_rounded(metered.as_f64() / (metering(written, site) * counted));
    match written.throughput {
        Throughput::Elastic => Cap::fixed(most),
        Throughput::Provisioned(rate) => {
            Cap::fixed(read(rate.max(listed.bursting_baseline(stored))).min(most))
        }
        Throughput::Bursting => {
            // Rates with a credit are metered ones: what passes is weighed there, and not here too.
            let most = Rate::from_f64_rounded(most.as_f64() * metering(written, site));
            let of_read = |metered: Rate| Rate::from_f64_rounded(metered.as_f64() / counted).min(most);
            let rate = of_read(listed.bursting_peak(stored));
            let depth = Bytes::from_f64_rounded(listed.bursting_bucket(stored).as_f64() / counted);
            let meter = (metering(written, site) * f64::from(Credit::WHOLE)).round() as u32;
            let credit = Credit { rate, depth, level: depth, meter };
            Cap { baseline: of_read(listed.bursting_baseline(stored)), burst: Some(credit) }
        }
    }
}

fn items(written: &Efs, stored: Bytes, site: &Site<'_>) -> Result<Vec<Item>, BuildError> {
    let storage = match written.zones {
        Zones::Regional => "efs.p.std",
        Zones::One => "efs.p.1z",
    };
    let mut items = site.kept(Part::Storage, storage, stored.as_gib())?;
    match written.throughput {
        Throughput::Elastic => {
            let per = (1_u64 << 30) as f64 / counted(site);
            items.push(site.item(Part::Throughput, "efs.p.elr", Meter::ReadBytes(per))?);
        }
        Throughput::Bursting => {}
        Throughput::Provisioned(rate) => {
            let earned = site.catalog.storage().efs.bursting_baseline(stored);
            let beyond = rate.saturating_sub(earned).as_f64() / f64::from(1 << 20);
            items.extend(site.kept(Part::Throughput, "efs.p.prov", beyond)?);
        }
    }
    Ok(items)
}
