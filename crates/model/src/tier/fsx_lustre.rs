//! Amazon FSx for Lustre: servers with network, disks and memory, linked to S3.
//!
//! Opening a file is a metadata operation and some round trips. Its bytes then come from the one server that holds it
//! (a file imported from S3 below 1 GiB lies on one target): from the server's memory, bounded by its network, or from
//! its disks, bounded by both. Network and disks burst on credit; between one client and one server flow 5 Gb/s. How a
//! file gets onto the file system from S3 is the subject of [`lazy_restore`](super::lazy_restore).
//!
//! The depth of the credit buckets is not published: `burst-duration` says for how long a full one lasts at full burst.

use ingestsim_catalog::{Capacity, Deployment, LustreSystem};
use ingestsim_des::draw::Distribution;
use ingestsim_scenario::schema::{
    cache::Policy,
    fsx::{FsxLustre, Load, SsdCache},
};
use ingestsim_units::{Bytes, Frequency, Rate, Span};

use super::{
    Cap, Counts, Credit, Fabric, GateRule, GateSpec, Hazard, ReadPath, RequestKind, RestoreSpec, Site,
    Source, TierPlan,
};
use crate::{
    build::{BuildError, cache_spec, span_table, table_of},
    cache::CacheSpec,
    cause::Cause,
    checkpoint::WriteSpec,
    cost::{Item, Meter, Part},
    job::Provisioning,
};

/// AWS counts 1,000 GiB to a TiB of this service.
const AWS_TIB_GIB: f64 = 1_000.0;

/// The plan of an FSx for Lustre profile.
pub(crate) fn plan(written: &FsxLustre, site: &Site<'_>) -> Result<TierPlan, BuildError> {
    let listed = &site.catalog.storage().fsx;
    let deployment = listed.deployment(written.deployment.name());
    let deployment = deployment.map_err(|error| site.error("fsx-lustre", "deployment", error.to_string()))?;
    let capacity = capacity(written, deployment, site)?;
    let system = deployment.at(capacity);
    let load = written.load();
    let ssd = ssd_cache(written, deployment, &system, site)?;
    let restore = (load != Load::Resident).then(|| restore(written, capacity, site));
    let mut notes = Vec::new();
    let provisioning = provisioning(written, load, restore.as_ref(), site, &mut notes);
    Ok(TierPlan {
        path: ReadPath {
            kind: "fsx-lustre",
            gates: metadata(written, deployment, capacity, site).into_iter().collect(),
            latency: Some(table_of(
                &open(listed.open_latency.value + deployment.disk_latency.value),
                "open-latency",
            )?),
            cached_latency: None,
            source: Source::Fabric(fabric(written, &system, ssd.as_ref(), site)),
            server_ram: Some(server_cache(system.ram, site)),
            server_ssd: ssd.as_ref().map(|ssd| server_cache(ssd.size, site)),
            miss_latency: deployment.miss_latency.as_ref().map_or(Span::ZERO, |figure| figure.value),
            restore: restore.filter(|_| load == Load::Lazy),
            request_limit: None,
            client_cache: None,
            page_cached: true,
            requests: vec![(RequestKind::Open, 1)],
            lookups: Vec::new(),
        },
        provisioning,
        downloading: site.catalog.service(site.service).mount.value,
        download_hides_image_pull: false,
        fills_page_cache: false,
        walk: written.walk_rate.unwrap_or(listed.walk_rate.value).time_for(site.dataset.files()),
        hazard: hazard(deployment, &system, site),
        write: WriteSpec {
            node: site.node.nic.map_or(listed.client_rate.value, |nic| nic.baseline),
            total: Some(system.disk_write_burst),
            part: None,
        },
        items: items(written, deployment, capacity, site)?,
        requests_before_loop: Vec::new(),
        notes,
    })
}

/// An open's round trips vary little: a lognormal of a tenth of its mean.
fn open(mean: Span) -> Distribution {
    const CV: f64 = 0.1;
    Distribution::lognormal_with_cv(mean.as_nanos() as f64, CV)
}

fn capacity(written: &FsxLustre, deployment: &Deployment, site: &Site<'_>) -> Result<Capacity, BuildError> {
    let tiered = written.deployment.name() == "intelligent-tiering";
    let stated = match (tiered, written.ssd_cache) {
        (true, Some(SsdCache::Size(size))) => Some(size),
        (true, _) => Some(deployment.capacity_step.value),
        (false, _) => written.capacity,
    };
    let stated = stated.ok_or_else(|| {
        site.error("fsx-lustre", "capacity", "expected a storage capacity, such as \"1.2 TiB\", found none")
    })?;
    let capacity = deployment.capacity(stated).ok_or_else(|| {
        let (below, above) = deployment.nearest_capacities(stated);
        let below = below.map_or(String::new(), |below| format!("{} or ", below.bytes()));
        let message = format!(
            "expected a capacity of {}, such as {below}{}, found {stated}",
            written.deployment.name(),
            above.bytes()
        );
        site.error("fsx-lustre", "capacity", message)
    })?;
    let may_outgrow = tiered || written.load() == Load::Lazy;
    if !may_outgrow && site.dataset.bytes_mean() > capacity.bytes().as_f64() {
        let held = Bytes::from_f64_rounded(site.dataset.bytes_mean());
        let message =
            format!("expected a capacity that holds the data set of {}, found {stated}", held.human());
        return Err(site.error("fsx-lustre", "capacity", message));
    }
    Ok(capacity)
}

fn metadata(
    written: &FsxLustre,
    deployment: &Deployment,
    capacity: Capacity,
    site: &Site<'_>,
) -> Option<GateSpec> {
    let iops = written.metadata_iops.map(Frequency::per_second);
    let rate = site.catalog.storage().fsx.metadata_rate(deployment, capacity, iops)?;
    Some(GateSpec {
        cause: Cause::Metadata,
        per_node: false,
        rule: GateRule::Servers(rate),
        counts: Counts::Opens,
    })
}

fn fabric(written: &FsxLustre, system: &LustreSystem, ssd: Option<&SsdPlan>, site: &Site<'_>) -> Fabric {
    let listed = &site.catalog.storage().fsx;
    let burst = written.burst_duration.unwrap_or(listed.burst_duration.value);
    let of_cache = ssd.and_then(|ssd| ssd.network);
    let (baseline, most) = of_cache.unwrap_or((system.network_baseline, system.network_burst));
    let network = credit_cap(baseline.max(system.network_baseline), most.max(system.network_burst), burst);
    let disk = credit_cap(system.disk_baseline, system.disk_burst, burst);
    let client = Cap::fixed(listed.client_rate.value);
    Fabric {
        clients: site.clients,
        servers: system.servers as u32,
        connection: None,
        client: Some(site.node.nic.map_or(client, |nic| nic.limited(listed.client_rate.value))),
        pair: Some(listed.pair_rate.value),
        server: Some(network.divided(system.servers)),
        disk: Some(disk.divided(system.servers)),
        ssd_cache: ssd.map(|ssd| Rate::per_second(ssd.disk.bytes_per_second() / system.servers)),
        write: None,
        client_write: None,
    }
}

/// A full bucket lasts for `duration` at full burst, so it holds what the burst exceeds the baseline by in that time.
fn credit_cap(baseline: Rate, burst: Rate, duration: Span) -> Cap {
    if burst <= baseline {
        return Cap::fixed(baseline);
    }
    let depth = burst.saturating_sub(baseline).bytes_in(duration);
    Cap { baseline, burst: Some(Credit { rate: burst, depth, level: depth, meter: Credit::WHOLE }) }
}

/// Scratch loses its data with a server; the others replace it while clients wait.
fn hazard(deployment: &Deployment, system: &LustreSystem, site: &Site<'_>) -> Hazard {
    let listed = &site.catalog.storage().fsx;
    let per_s = listed.failure_rate(system.servers);
    if !deployment.replicated.value {
        return Hazard { loss_per_s: per_s, ..Hazard::default() };
    }
    Hazard { loss_per_s: 0.0, replacement_per_s: per_s, replacement: listed.server_replacement.value }
}

fn server_cache(size: Bytes, site: &Site<'_>) -> CacheSpec {
    let files = site.dataset.files();
    cache_spec(Policy::Lru, size, files, site.dataset.bytes_mean() / files as f64, true)
}

/// The SSD read cache of a file system.
struct SsdPlan {
    size: Bytes,
    /// What it reads at, and what the network before it carries.
    disk: Rate,
    network: Option<(Rate, Rate)>,
}

/// The SSD read cache: provided with HDD, what Intelligent-Tiering reads through.
fn ssd_cache(
    written: &FsxLustre,
    deployment: &Deployment,
    system: &LustreSystem,
    site: &Site<'_>,
) -> Result<Option<SsdPlan>, BuildError> {
    if written.deployment.name() == "intelligent-tiering" {
        return Ok(Some(SsdPlan { size: system.capacity, disk: system.disk_baseline, network: None }));
    }
    if written.ssd_cache != Some(SsdCache::Provided(true)) {
        return Ok(None);
    }
    let Some(listed) = &deployment.ssd_cache else {
        let message = format!("expected none with {}, found true", written.deployment.name());
        return Err(site.error("fsx-lustre", "ssd-cache", message));
    };
    let size = Bytes::from_f64_rounded(system.capacity.as_f64() * listed.share.value.fraction());
    let tib = size.as_gib() / AWS_TIB_GIB;
    let rate = |per_tib: Rate| Rate::from_f64_rounded(per_tib.as_f64() * tib);
    Ok(Some(SsdPlan {
        size,
        disk: rate(listed.disk_baseline_per_tib.value),
        network: Some((
            rate(listed.network_baseline_per_tib.value),
            rate(listed.network_burst_per_tib.value),
        )),
    }))
}

fn restore(written: &FsxLustre, capacity: Capacity, site: &Site<'_>) -> RestoreSpec {
    let listed = &site.catalog.storage().fsx;
    let outgrown = site.dataset.bytes_mean() > capacity.bytes().as_f64();
    RestoreSpec {
        concurrency: written.restore_concurrency.unwrap_or(listed.restore_concurrency.value),
        latency: span_table(written.restore_latency.as_ref(), listed.restore_latency.value),
        rate: written.restore_rate.unwrap_or(listed.restore_rate.value),
        total: written.restore_total.unwrap_or(listed.restore_total.value),
        held: outgrown.then(|| server_cache(capacity.bytes(), site)),
    }
}

/// Creation, metadata import and one-time load, as far as they fall within the job.
fn provisioning(
    written: &FsxLustre,
    load: Load,
    restore: Option<&RestoreSpec>,
    site: &Site<'_>,
    notes: &mut Vec<String>,
) -> Provisioning {
    let listed = &site.catalog.storage().fsx;
    let mut provisioning = Provisioning::default();
    if !written.existing {
        provisioning.creation = listed.creation.value;
        let rate = written.import_rate.unwrap_or(listed.import_rate.value);
        if load != Load::Resident {
            provisioning.metadata_import = rate.time_for(site.dataset.files());
            provisioning.lists =
                site.dataset.files().div_ceil(u64::from(site.catalog.storage().s3_standard.list_page.value));
        }
        notes.push(format!(
            "Creating the file system takes {} of the provisioning, importing the metadata of {} files at {} the other {}.",
            provisioning.creation.human(),
            site.dataset.files(),
            rate.human(),
            provisioning.metadata_import.human()
        ));
    }
    if let (Load::OneTime, Some(restore)) = (load, restore) {
        let (span, bound) = restore.bulk(site.dataset.files(), site.dataset.bytes_mean());
        provisioning.one_time_load = span;
        provisioning.gets = site.dataset.files();
        notes.push(format!(
            "The one-time load takes {}; {bound} bounds it, which is known on one file system only.",
            span.human()
        ));
    }
    provisioning
}

fn items(
    written: &FsxLustre,
    deployment: &Deployment,
    capacity: Capacity,
    site: &Site<'_>,
) -> Result<Vec<Item>, BuildError> {
    let mut items = match (written.deployment.name(), written.ssd_cache, &deployment.ssd_cache) {
        ("intelligent-tiering", _, _) => tiering_items(deployment.at(capacity), site)?,
        (_, Some(SsdCache::Provided(true)), Some(ssd)) => {
            site.kept(Part::Storage, &ssd.price.value, capacity.bytes().as_gib())?
        }
        _ => site.kept(Part::Storage, &deployment.price.value, capacity.bytes().as_gib())?,
    };
    if let Some(iops) = written.metadata_iops {
        let free = deployment.metadata_iops_at(capacity).map_or(0.0, Frequency::as_f64);
        let beyond = (iops as f64 - free).max(0.0);
        items.extend(site.kept(Part::Throughput, "fsx.p.md", beyond)?);
    }
    if !deployment.s3_link.value {
        return Ok(items);
    }
    items.extend(site.data_in_s3("s3.price_store")?);
    let requests = [
        (RequestKind::Get, "s3.price_get", "S3 GET requests of restores"),
        (RequestKind::List, "s3.price_put", "S3 LIST requests of the import"),
    ];
    for (kind, price, name) in requests {
        let mut item = site.item(Part::Requests, price, Meter::Requests { kind, per: 1_000.0 })?;
        item.name = name.to_owned();
        items.push(item);
    }
    Ok(items)
}

/// Intelligent-Tiering: what is stored, the throughput and the SSD cache of its servers, a request for each miss.
fn tiering_items(system: LustreSystem, site: &Site<'_>) -> Result<Vec<Item>, BuildError> {
    let stored = site.dataset.bytes_mean() / (1_u64 << 30) as f64;
    let mut items = site.kept(Part::Storage, "fsx.p.int_f", stored)?;
    items.extend(site.kept(Part::Throughput, "fsx.p.int_tp", system.disk_baseline.as_f64() / 1e6)?);
    items.extend(site.kept(Part::Storage, "fsx.p.int_c", system.capacity.as_gib())?);
    items.push(site.item(Part::Requests, "fsx.p.int_rr", Meter::ServerMisses(1_000.0))?);
    Ok(items)
}
