//! What a run might run into: every resource of a plan, twice as much of it.
//!
//! Not settings: half a service's latency cannot be bought. The resource whose doubling shortens a phase or an epoch most
//! is the one that binds it.

use ingestsim_catalog::Catalog;
use ingestsim_model::{
    Plan,
    cause::Cause,
    tier::{Cap, Credit, GateRule, GateSpec, Source},
};
use ingestsim_scenario::{
    Scenario,
    schema::{
        fsx::Load,
        s3::{Downloader, Mode},
        storage::Profile,
    },
};
use ingestsim_units::{Frequency, Rate};

/// A resource and the plan that has twice as much of it.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// The resource: `the network interface of the node`.
    pub(crate) name: &'static str,
    /// What is other: `twice the node's network`.
    pub(crate) what: &'static str,
    /// The plan with it.
    pub(crate) plan: Plan,
}

/// A way to have twice as much of something; false where the plan has none of it.
type Double = fn(&mut Plan) -> bool;

/// The resources of a read: what stall time is charged to it, its name, what is other, and how.
const OF_READS: [(Cause, &str, &str, Double); 12] = [
    (Cause::Latency, "the latency of a request", "half the latency of a request", latency),
    (Cause::ConnectionCap, "the rate of a connection", "twice the rate of a connection", connection),
    (Cause::Nic, "the network of the node", "twice the network of the node", nic),
    (Cause::ServerPair, "the rate of client and server", "twice the rate of client and server", pair),
    (Cause::FileSystemRate, "the file system's throughput", "twice the file system's throughput", servers),
    (
        Cause::FileSystemRate,
        "the file system's operations",
        "twice the file system's operations",
        file_operations,
    ),
    (Cause::Volume, "the volume's throughput", "twice the volume's throughput", volume),
    (Cause::Volume, "the volume's operations", "twice the volume's operations", volume_operations),
    (Cause::Metadata, "metadata operations", "twice the metadata operations", metadata),
    (Cause::RequestLimit, "the request rate of S3", "twice the request rate of S3", request_limit),
    (Cause::Restore, "restores from S3", "restores twice as fast, twice as many", restores),
    (Cause::Decode, "the CPU cores", "twice the CPU cores", cores),
];

/// The resources of reads that GPUs wait for, doubled one at a time; latencies are halved.
pub(crate) fn resources(plan: &Plan, waits: &dyn Fn(Cause) -> bool) -> Vec<Resource> {
    let doubled = |&(_, name, what, double): &(Cause, &'static str, &'static str, Double)| {
        let mut plan = plan.clone();
        double(&mut plan).then_some(Resource { name, what, plan })
    };
    let of_reads = OF_READS.iter().filter(|(cause, ..)| waits(*cause)).filter_map(doubled);
    let reads = [Cause::Latency, Cause::Nic, Cause::FileSystemRate, Cause::Volume, Cause::Metadata];
    let cached = reads.into_iter().any(waits).then(|| page_cache(plan)).flatten();
    of_reads.chain(cached).collect()
}

fn twice(rate: Rate) -> Rate {
    rate.saturating_mul(2)
}

fn double_cap(cap: &mut Option<Cap>) -> bool {
    cap.as_mut().map(twice_cap).is_some()
}

fn twice_cap(cap: &mut Cap) {
    cap.baseline = twice(cap.baseline);
    // A bucket of the same depth would run dry in half the time at twice the burst.
    let double = |credit: Credit| Credit {
        rate: twice(credit.rate),
        depth: credit.depth.checked_mul(2).unwrap_or(credit.depth),
        level: credit.level.checked_mul(2).unwrap_or(credit.level),
        ..credit
    };
    cap.burst = cap.burst.map(double);
}

fn double_rate(rate: &mut Option<Rate>) -> bool {
    *rate = rate.map(twice);
    rate.is_some()
}

fn latency(plan: &mut Plan) -> bool {
    let path = &mut plan.path;
    path.latency = path.latency.as_ref().map(|table| table.scaled(0.5));
    path.cached_latency = path.cached_latency.as_ref().map(|table| table.scaled(0.5));
    path.latency.is_some()
}

fn connection(plan: &mut Plan) -> bool {
    match &mut plan.path.source {
        Source::Fabric(fabric) => double_rate(&mut fabric.connection),
        Source::Volume { connection, .. } => double_rate(connection),
    }
}

fn nic(plan: &mut Plan) -> bool {
    let Source::Fabric(fabric) = &mut plan.path.source else { return false };
    double_cap(&mut fabric.client)
}

fn pair(plan: &mut Plan) -> bool {
    let Source::Fabric(fabric) = &mut plan.path.source else { return false };
    double_rate(&mut fabric.pair)
}

fn servers(plan: &mut Plan) -> bool {
    let Source::Fabric(fabric) = &mut plan.path.source else { return false };
    let disk = double_cap(&mut fabric.disk);
    let cache = double_rate(&mut fabric.ssd_cache);
    double_cap(&mut fabric.server) || disk || cache
}

fn volume(plan: &mut Plan) -> bool {
    let Source::Volume { rate, .. } = &mut plan.path.source else { return false };
    twice_cap(rate);
    true
}

fn metadata(plan: &mut Plan) -> bool {
    gates(plan, Cause::Metadata)
}

fn volume_operations(plan: &mut Plan) -> bool {
    gates(plan, Cause::Volume)
}

fn file_operations(plan: &mut Plan) -> bool {
    gates(plan, Cause::FileSystemRate)
}

fn gates(plan: &mut Plan, cause: Cause) -> bool {
    let double = |rate: Frequency| rate.saturating_mul(2);
    let mut any = false;
    for gate in plan.path.gates.iter_mut().filter(|gate: &&mut GateSpec| gate.cause == cause) {
        any = true;
        gate.rule = match gate.rule {
            GateRule::Servers(rate) => GateRule::Servers(double(rate)),
            GateRule::Bucket { rate, depth } => GateRule::Bucket { rate: double(rate), depth: 2 * depth },
        };
    }
    any
}

fn request_limit(plan: &mut Plan) -> bool {
    let Some(limit) = &mut plan.path.request_limit else { return false };
    limit.rate = limit.rate.saturating_mul(2);
    true
}

fn restores(plan: &mut Plan) -> bool {
    let Some(restore) = &mut plan.path.restore else { return false };
    restore.concurrency *= 2;
    restore.latency = restore.latency.scaled(0.5);
    (restore.rate, restore.total) = (twice(restore.rate), twice(restore.total));
    true
}

fn cores(plan: &mut Plan) -> bool {
    let decodes = !plan.loader.decode_per_sample.is_zero() || plan.loader.decode_rate.is_some();
    plan.host.cores = plan.host.cores.saturating_mul(2);
    decodes && plan.host.cores < u32::MAX
}

/// A resource of the phases before the loop, and the scenario that has twice as much of it.
#[derive(Debug, Clone)]
pub(crate) struct BeforeLoop {
    /// The resource.
    pub(crate) name: &'static str,
    /// What is other.
    pub(crate) what: &'static str,
    /// The scenario with it.
    pub(crate) scenario: Scenario,
}

/// Every resource that a copy, a listing, a metadata import or a one-time load needs, doubled one at a time.
///
/// These phases are laid out when a plan is built, so it is the scenario that changes.
pub(crate) fn before_loop(scenario: &Scenario, catalog: &Catalog, storage: &str) -> Vec<BeforeLoop> {
    let mut found = Vec::new();
    let mut add = |name, what, edit: &dyn Fn(&mut Profile)| {
        let mut scenario = scenario.clone();
        edit(&mut scenario.storage[storage]);
        found.push(BeforeLoop { name, what, scenario });
    };
    match &scenario.storage[storage] {
        Profile::S3(s3) if s3.mode == Mode::File => {
            let preset = &catalog.storage().downloader;
            let own = s3.downloader.clone().unwrap_or_default();
            let each = own.per_object.unwrap_or(preset.per_object.value).mul_f64_rounded(0.5);
            let rate = own.rate.unwrap_or(preset.rate.value).saturating_mul(2);
            add("the downloader's time per object", "half the downloader's time per object", &|profile| {
                copier(profile, |copier| copier.per_object = Some(each));
            });
            add("the downloader's rate", "twice the downloader's rate", &|profile| {
                copier(profile, |copier| copier.rate = Some(rate));
            });
        }
        Profile::S3(s3) if s3.mode == Mode::FastFile => {
            let page = s3.list_page.unwrap_or(catalog.storage().fast_file.list_page_time.value);
            add("the listing of the objects", "a listing twice as fast", &|profile| {
                if let Profile::S3(s3) = profile {
                    s3.list_page = Some(page.mul_f64_rounded(0.5));
                }
            });
        }
        Profile::FsxLustre(fsx) if fsx.load() != Load::Resident => {
            let listed = &catalog.storage().fsx;
            if !fsx.existing {
                let rate = fsx.import_rate.unwrap_or(listed.import_rate.value).saturating_mul(2);
                add("the import of metadata", "a metadata import twice as fast", &|profile| {
                    if let Profile::FsxLustre(fsx) = profile {
                        fsx.import_rate = Some(rate);
                    }
                });
            }
            if fsx.load() == Load::OneTime {
                let at_a_time = 2 * fsx.restore_concurrency.unwrap_or(listed.restore_concurrency.value);
                let total = fsx.restore_total.unwrap_or(listed.restore_total.value).saturating_mul(2);
                add("restores at a time", "twice as many restores at a time", &|profile| {
                    if let Profile::FsxLustre(fsx) = profile {
                        fsx.restore_concurrency = Some(at_a_time);
                    }
                });
                add("the rate of all restores", "twice the rate of all restores", &|profile| {
                    if let Profile::FsxLustre(fsx) = profile {
                        fsx.restore_total = Some(total);
                    }
                });
            }
        }
        _ => {}
    }
    found
}

fn copier(profile: &mut Profile, edit: impl FnOnce(&mut Downloader)) {
    if let Profile::S3(s3) = profile {
        edit(s3.downloader.get_or_insert_with(Downloader::default));
    }
}

/// A page cache that holds everything, where the node's does not.
fn page_cache(plan: &Plan) -> Option<Resource> {
    let mut plan = plan.clone();
    let cache = &mut plan.host.page_cache.as_mut()?.cache;
    if cache.holds_all() {
        return None;
    }
    cache.capacity = (cache.entries as f64 * cache.entry_bytes_mean * 2.0) as u64;
    Some(Resource { name: "the page cache of the node", what: "a page cache that holds everything", plan })
}

#[cfg(test)]
mod tests {
    use ingestsim_model::build;

    use super::*;
    use crate::decide::testing;

    fn names(storage: &str) -> Vec<&'static str> {
        let plan = build(&testing::scenario(""), &Catalog::builtin(), storage).unwrap();
        resources(&plan, &|_| true).into_iter().map(|resource| resource.what).collect()
    }

    #[test]
    fn only_what_a_read_needs_is_doubled() {
        let copy = names("copy");
        assert!(copy.contains(&"twice the volume's throughput"), "{copy:?}");
        assert!(!copy.contains(&"twice the network of the node"), "{copy:?}");
        let lustre = names("lustre");
        assert!(lustre.contains(&"twice the metadata operations"), "{lustre:?}");
        assert!(!lustre.contains(&"twice the request rate of S3"), "{lustre:?}");
        assert!(!lustre.contains(&"restores twice as fast, twice as many"), "{lustre:?}");
        assert!(names("stream").contains(&"twice the request rate of S3"));
    }

    #[test]
    fn what_nobody_waits_for_is_not_doubled() {
        let plan = build(&testing::scenario(""), &Catalog::builtin(), "lustre").unwrap();
        let found = resources(&plan, &|cause| cause == Cause::Metadata);
        let names: Vec<&str> = found.iter().map(|resource| resource.name).collect();
        assert_eq!(names, ["metadata operations"], "the page cache holds everything already");
    }

    #[test]
    fn a_double_burst_lasts_as_long() {
        let plan = build(&testing::scenario(""), &Catalog::builtin(), "lustre").unwrap();
        let Source::Fabric(before) = &plan.path.source else { panic!("a file system is over the network") };
        let all = resources(&plan, &|_| true);
        let doubled = all.iter().find(|resource| resource.name == "the file system's throughput").unwrap();
        let Source::Fabric(after) = &doubled.plan.path.source else { panic!("it stays so") };
        let lasts = |cap: Option<Cap>| {
            let cap = cap.unwrap();
            let credit = cap.burst.unwrap();
            credit.depth.as_f64() / credit.rate.saturating_sub(cap.baseline).as_f64()
        };
        assert!((lasts(before.server) - lasts(after.server)).abs() < 1e-6);
        assert_eq!(after.server.unwrap().baseline, before.server.unwrap().baseline.saturating_mul(2));
    }
}
