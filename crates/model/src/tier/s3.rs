//! Amazon S3: File, FastFile, Pipe and direct reads.
//!
//! A GET takes a first-byte latency and then its connection's rate, within the node's interface. File mode copies every
//! object to the node's volume first: `fixed + objects × per-object + bytes / rate`, the rate bounded by the interface
//! and by what the volume writes. FastFile lists the objects, then opens each as a stream in every epoch. Direct is a
//! client library's GET for each sample. Pipe streams the objects in order, each opened ahead of its turn.

use ingestsim_catalog::S3Class;
use ingestsim_des::draw::{Distribution, QuantileTable};
use ingestsim_scenario::schema::s3::{Class, Mode, Replication, S3};
use ingestsim_units::{Bytes, Rate, Span};

use super::{
    Cap, ClientCacheSpec, Fabric, Hazard, ReadPath, RequestKind, RequestLimitSpec, Site, Source, TierPlan,
    cache_of_units,
    volume::{self, VolumePlan},
};
use crate::{
    build::{BuildError, span_table, spread_nanos, table_of},
    checkpoint::WriteSpec,
    cost::{Item, Meter, Part},
    job::Provisioning,
};

/// The plan of an S3 profile.
pub(crate) fn plan(written: &S3, site: &Site<'_>) -> Result<TierPlan, BuildError> {
    let mut plan = match written.mode {
        Mode::File => file(written, site)?,
        Mode::FastFile => fast_file(written, site)?,
        Mode::Direct => direct(written, site)?,
        Mode::Pipe => pipe(written, site)?,
    };
    plan.items.extend(request_items(written.class, site)?);
    plan.items.extend(site.data_in_s3(price(written.class, "store"))?);
    if let Some(rate) = written.walk_rate {
        plan.walk = rate.time_for(site.dataset.files());
    }
    Ok(plan)
}

const fn price(class: Class, what: &str) -> &'static str {
    match (class, what.as_bytes()) {
        (Class::Standard, b"store") => "s3.price_store",
        (Class::Standard, b"get") => "s3.price_get",
        (Class::Standard, _) => "s3.price_put",
        (Class::ExpressOneZone, b"store") => "s3x.price_store",
        (Class::ExpressOneZone, b"get") => "s3x.price_get",
        (Class::ExpressOneZone, _) => "s3x.price_put",
    }
}

fn listed<'a>(class: Class, site: &'a Site<'_>) -> &'a S3Class {
    match class {
        Class::Standard => &site.catalog.storage().s3_standard,
        Class::ExpressOneZone => &site.catalog.storage().s3_express,
    }
}

fn request_items(class: Class, site: &Site<'_>) -> Result<Vec<Item>, BuildError> {
    let line = |kind: RequestKind, what| -> Result<Item, BuildError> {
        let mut item =
            site.item(Part::Requests, price(class, what), Meter::Requests { kind, per: 1_000.0 })?;
        item.name = format!("S3 {} requests", kind.name());
        Ok(item)
    };
    let mut items = vec![
        line(RequestKind::Get, "get")?,
        line(RequestKind::Head, "get")?,
        line(RequestKind::List, "put")?,
        line(RequestKind::Put, "put")?,
    ];
    if class == Class::ExpressOneZone {
        items.push(site.item(Part::Throughput, "s3x.price_down", Meter::ReadBytes(1e9))?);
    }
    Ok(items)
}

/// First byte of a GET: a lognormal body, and a rare slow tail between two bounds.
fn first_byte(written: &S3, listed: &S3Class, added: Span) -> Distribution {
    let body = written.first_byte_latency.as_ref().map_or_else(
        || {
            let nanos = |span: Span| span.as_nanos() as f64;
            Distribution::lognormal_with_p99(
                nanos(listed.first_byte_median.value),
                nanos(listed.first_byte_p99.value),
            )
        },
        spread_nanos,
    );
    let probability = listed.tail_share.value.fraction();
    if written.first_byte_latency.is_some() || probability == 0.0 {
        return shifted(body, added);
    }
    let tail = Distribution::Uniform {
        low: listed.tail_low.value.as_nanos() as f64,
        high: listed.tail_high.value.as_nanos() as f64,
    };
    shifted(Distribution::Tailed { body: Box::new(body), tail: Box::new(tail), probability }, added)
}

/// A fixed time before what is drawn: in proportion to the mean, so that the whole keeps one shape.
fn shifted(distribution: Distribution, added: Span) -> Distribution {
    if added.is_zero() {
        return distribution;
    }
    let mean = distribution.mean();
    distribution.scaled((mean + added.as_nanos() as f64) / mean)
}

/// The node's interface towards S3.
fn client(site: &Site<'_>) -> Option<Cap> {
    match (site.node.nic, site.node.s3_ceiling) {
        (Some(nic), Some(ceiling)) => Some(nic.limited(ceiling)),
        (nic, ceiling) => nic.or(ceiling.map(Cap::fixed)),
    }
}

fn streaming_path(
    written: &S3,
    latency: Option<QuantileTable>,
    connection: Rate,
    site: &Site<'_>,
) -> ReadPath {
    ReadPath {
        kind: "s3",
        gates: Vec::new(),
        latency,
        cached_latency: None,
        source: Source::Fabric(Fabric {
            clients: site.clients,
            servers: 1,
            connection: Some(connection),
            client: client(site),
            pair: None,
            server: None,
            disk: None,
            ssd_cache: None,
            write: None,
            client_write: None,
        }),
        server_ram: None,
        server_ssd: None,
        miss_latency: Span::ZERO,
        restore: None,
        request_limit: Some(request_limit(written, site)),
        client_cache: None,
        page_cached: false,
        requests: vec![(RequestKind::Get, 1)],
        lookups: Vec::new(),
    }
}

/// A multipart upload: parts of 8 MiB, ten at a time, as boto3 does unless told otherwise.
fn upload(written: &S3, site: &Site<'_>) -> WriteSpec {
    const PARTS_AT_A_TIME: u64 = 10;
    const PART: Bytes = Bytes::new(8 << 20);
    let rate = listed(written.class, site).put_connection_rate.value.saturating_mul(PARTS_AT_A_TIME);
    let node = client(site).map_or(rate, |cap| cap.baseline.min(rate));
    WriteSpec { node, total: None, part: Some(PART) }
}

fn request_limit(written: &S3, site: &Site<'_>) -> RequestLimitSpec {
    let listed = listed(written.class, site);
    let client = &site.catalog.storage().s3_client;
    RequestLimitSpec {
        rate: written.request_rate.unwrap_or(listed.get_rate.value),
        prefixes: written.prefixes,
        split_time: listed.split_time.as_ref().map(|figure| figure.value),
        attempts: client.attempts.value,
        backoff_base: client.backoff_base.value,
        backoff_cap: client.backoff_cap.value,
    }
}

/// The client's cache on the node's NVMe.
fn client_cache(written: &S3, site: &Site<'_>) -> Result<Option<ClientCacheSpec>, BuildError> {
    let Some(cache) = &written.client_cache else { return Ok(None) };
    let Some(nvme) = &site.node.nvme else {
        let message = format!("expected an instance with NVMe, found {} without", site.node.instance);
        return Err(site.error("s3", "client-cache", message));
    };
    if cache.nvme > nvme.size {
        let message =
            format!("expected at most the node's {} of NVMe, found {}", nvme.size.human(), cache.nvme);
        return Err(site.error("s3", "client-cache.nvme", message));
    }
    Ok(Some(ClientCacheSpec {
        cache: cache_of_units(cache.policy, cache.nvme, site),
        rate: nvme.rate,
        latency: span_table(None, nvme.latency),
    }))
}

fn streaming_plan(path: ReadPath, write: WriteSpec) -> TierPlan {
    TierPlan {
        path,
        provisioning: Provisioning::default(),
        downloading: Span::ZERO,
        download_hides_image_pull: false,
        fills_page_cache: false,
        walk: Span::ZERO,
        hazard: Hazard::default(),
        write,
        items: Vec::new(),
        requests_before_loop: Vec::new(),
        notes: Vec::new(),
    }
}

/// Client library: a walk is a listing, page after page.
///
/// One with a cache on NVMe is a FUSE client such as Mountpoint: it looks every object up before it opens it, with a HEAD
/// and a LIST at the same time, whether it has the bytes or not. It remembers an answer for a minute, here for no time, as
/// an epoch comes back to an object later than that.
fn direct(written: &S3, site: &Site<'_>) -> Result<TierPlan, BuildError> {
    let listed = listed(written.class, site);
    let lookup = written.client_cache.as_ref().map(|_| lookup(site));
    let before = lookup.as_ref().map_or(Span::ZERO, |lookup| Span::from_nanos(lookup.mean().round() as u64));
    let latency = table_of(&first_byte(written, listed, before), "first-byte-latency")?;
    let connection = written.connection_rate.unwrap_or(listed.connection_rate.value);
    let mut plan =
        streaming_plan(streaming_path(written, Some(latency), connection, site), upload(written, site));
    plan.path.client_cache = client_cache(written, site)?;
    if let (Some(lookup), Some(cache)) = (lookup, &mut plan.path.client_cache) {
        let read = Span::from_nanos(cache.latency.mean().round() as u64);
        cache.latency = table_of(&shifted(lookup, read), "client-cache")?;
        let client = &site.catalog.storage().s3_client;
        plan.path.lookups = vec![
            (RequestKind::Head, u64::from(client.fuse_lookup_heads.value)),
            (RequestKind::List, u64::from(client.fuse_lookup_lists.value)),
        ];
        plan.notes.push("A client with a cache on NVMe looks objects up with a HEAD and a LIST each, as Mountpoint does: they are billed too.".to_owned());
    }
    plan.walk = listed.list_base.value + listed.list_per_key.value * site.dataset.files();
    Ok(plan)
}

/// Looking an object up: a LIST takes no longer than the HEAD beside it.
fn lookup(site: &Site<'_>) -> Distribution {
    let client = &site.catalog.storage().s3_client;
    let nanos = |span: Span| span.as_nanos() as f64;
    Distribution::lognormal_with_p99(nanos(client.head_median.value), nanos(client.head_p99.value))
}

/// Pipe mode hands the objects on in their order: what it has opened ahead of its turn costs the reader no latency.
fn pipe(written: &S3, site: &Site<'_>) -> Result<TierPlan, BuildError> {
    if site.order.shuffled && site.order.units == site.dataset.samples {
        let message =
            "expected an order that streams, as Pipe has no random access, found files in a new random order";
        return Err(site.error("s3", "mode", message));
    }
    let stream_rate = written.stream_rate.unwrap_or(site.catalog.storage().fast_file.stream_rate.value);
    let connection = written.connection_rate.map_or(stream_rate, |rate| rate.min(stream_rate));
    let mut plan = streaming_plan(streaming_path(written, None, connection, site), upload(written, site));
    plan.notes.push(
        "Pipe mode's rate is not published: each reader is a pipe of its own at the stream rate, an assumption."
            .to_owned(),
    );
    Ok(plan)
}

fn fast_file(written: &S3, site: &Site<'_>) -> Result<TierPlan, BuildError> {
    let fast_file = &site.catalog.storage().fast_file;
    let listed = listed(written.class, site);
    let latency = table_of(&first_byte(written, listed, fast_file.open_latency.value), "first-byte-latency")?;
    let stream_rate = written.stream_rate.unwrap_or(fast_file.stream_rate.value);
    let connection = written.connection_rate.map_or(stream_rate, |rate| rate.min(stream_rate));
    let mut plan =
        streaming_plan(streaming_path(written, Some(latency), connection, site), upload(written, site));
    let pages = site.dataset.files().div_ceil(u64::from(fast_file.list_page.value));
    plan.downloading = site.catalog.storage().downloader.fixed.value
        + written.list_page.unwrap_or(fast_file.list_page_time.value) * pages;
    plan.walk = written.list_page.unwrap_or(fast_file.list_page_time.value) * pages;
    plan.path.client_cache = client_cache(written, site)?;
    plan.requests_before_loop = vec![(RequestKind::List, pages)];
    plan.notes.push("FastFile streams every object anew in each epoch; that its reads bypass the page cache, and that its listing answers its lookups, so that GETs alone are billed, are inferences.".to_owned());
    Ok(plan)
}

fn file(written: &S3, site: &Site<'_>) -> Result<TierPlan, BuildError> {
    let nodes = match written.replication {
        Replication::Full => 1,
        Replication::ShardedByKey => u64::from(site.instances),
    };
    let objects = site.dataset.files().div_ceil(nodes);
    let bytes = site.dataset.bytes_mean() / nodes as f64;
    let volume = volume::plan(written.volume.as_ref(), site, bytes)?;
    if bytes > volume.size.as_f64() {
        let message = format!(
            "expected a volume that holds the {} copied to each node, found {}",
            Bytes::from_f64_rounded(bytes).human(),
            volume.size.human()
        );
        return Err(site.error("s3", "volume", message));
    }
    let (downloading, bound) = download(written, site, objects, bytes, &volume);
    let mut notes = volume.notes;
    notes.push(format!("File mode copies {objects} objects to the {} at {bound}.", volume.name));
    if written.downloader.is_none() {
        notes.push("The downloader is known on one ml.p3.2xlarge only; on other instances its figures are an assumption.".to_owned());
    }
    let copies = objects * u64::from(site.instances);
    let pages = site.dataset.files().div_ceil(u64::from(listed(written.class, site).list_page.value));
    Ok(TierPlan {
        path: ReadPath {
            kind: "s3",
            gates: volume.gates,
            latency: Some(volume.latency),
            cached_latency: None,
            source: Source::Volume {
                rate: volume.rate,
                connection: None,
                copied: Bytes::from_f64_rounded(bytes),
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
        },
        provisioning: Provisioning::default(),
        downloading,
        download_hides_image_pull: true,
        fills_page_cache: true,
        walk: super::local_disk::WALK_RATE.time_for(site.dataset.files()),
        hazard: Hazard::default(),
        write: WriteSpec { node: volume.write_rate.baseline, total: None, part: None },
        items: volume.items,
        requests_before_loop: vec![
            (RequestKind::Get, copies),
            (RequestKind::List, pages * u64::from(site.instances)),
        ],
        notes,
    })
}

/// How long the copy takes, and what bounds its bytes.
fn download(
    written: &S3,
    site: &Site<'_>,
    objects: u64,
    bytes: f64,
    volume: &VolumePlan,
) -> (Span, &'static str) {
    let preset = &site.catalog.storage().downloader;
    let own = written.downloader.clone().unwrap_or_default();
    let fixed = own.fixed.unwrap_or(preset.fixed.value);
    let per_object = own.per_object.unwrap_or(preset.per_object.value);
    // The preset's rate and cost per object are those of all its copies together; more copies at a time share the
    // cost per object.
    let faster =
        f64::from(own.concurrency.unwrap_or(preset.concurrency.value)) / f64::from(preset.concurrency.value);
    let rate = own.rate.unwrap_or(preset.rate.value);
    let limits = [
        (Some(Cap::fixed(rate)), "the downloader's rate"),
        (client(site), "the rate of the node's interface"),
        (Some(volume.write_rate), "the volume's write rate"),
    ];
    // What a slower limit lets through spends another's credit less quickly; with one that bursts, as is usual, this is exact.
    let takes =
        limits.into_iter().filter_map(|(cap, name)| Some((cap?.limited(rate).seconds_for(bytes), name)));
    let longest = |a: (f64, &'static str), b: (f64, &'static str)| if b.0 > a.0 { b } else { a };
    let (bytes_s, bound) = takes.reduce(longest).expect("the downloader has a rate");
    let objects_s = per_object.as_secs_f64() * objects as f64 / faster;
    (fixed + Span::from_secs_f64_rounded(objects_s + bytes_s), bound)
}
