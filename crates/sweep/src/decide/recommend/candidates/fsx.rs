//! FSx for Lustre: every deployment type, each way for the data to get there, the least capacity that holds it.

use ingestsim_catalog::Catalog;
use ingestsim_scenario::schema::{
    fsx::{Deployment, FsxLustre, Load, SsdCache},
    storage::{BillStorage, Profile, Role},
};
use ingestsim_units::Bytes;

use super::{Candidate, Family, Found, Site};

const DEPLOYMENTS: [Deployment; 12] = [
    Deployment::Scratch1,
    Deployment::Scratch2,
    Deployment::Persistent1Ssd50,
    Deployment::Persistent1Ssd100,
    Deployment::Persistent1Ssd200,
    Deployment::Persistent1Hdd12,
    Deployment::Persistent1Hdd40,
    Deployment::Persistent2At125,
    Deployment::Persistent2At250,
    Deployment::Persistent2At500,
    Deployment::Persistent2At1000,
    Deployment::IntelligentTiering,
];

/// How the data gets there: what it is called, whether the file system is there before the job, and the load.
const WAYS: [(&str, Family, bool, Load); 5] = [
    ("", Family::FsxResident, true, Load::Resident),
    ("-lazy", Family::FsxLinked, true, Load::Lazy),
    ("-one-time", Family::FsxLinked, true, Load::OneTime),
    ("-created-lazy", Family::FsxCreated, false, Load::Lazy),
    ("-created-one-time", Family::FsxCreated, false, Load::OneTime),
];

/// Offers every deployment type in each way.
pub(super) fn add(site: &Site<'_>, found: &mut Found) {
    for deployment in DEPLOYMENTS {
        // A catalog may know fewer types than the schema.
        let Ok(listed) = site.catalog.storage().fsx.deployment(deployment.name()) else { continue };
        let tiered = deployment == Deployment::IntelligentTiering;
        let capacity = (!tiered).then(|| listed.nearest_capacities(site.bytes()).1.bytes());
        let linked = !tiered && listed.s3_link.value;
        for (way, family, existing, load) in WAYS {
            let bill_storage = if existing { site.kept } else { BillStorage::Job };
            let fsx = FsxLustre { existing, load: Some(load), bill_storage, ..blank(deployment, capacity) };
            if load != Load::Resident && !linked {
                found.refuse(
                    name(&fsx, way),
                    "expected a deployment that can be linked to S3, found one that cannot",
                );
                continue;
            }
            for ssd_cache in caches(deployment) {
                let fsx = FsxLustre { ssd_cache, ..fsx.clone() };
                found.offer(name(&fsx, way), family.clone(), Profile::FsxLustre(fsx));
            }
        }
    }
}

/// Hard disks are sold with and without a cache before them.
fn caches(deployment: Deployment) -> Vec<Option<SsdCache>> {
    if deployment.is_hdd() { vec![None, Some(SsdCache::Provided(true))] } else { vec![None] }
}

/// `fsx-p2-125-1.2-tib-created-lazy`: with AWS's TiB of 1,000 GiB, as it is sold.
fn name(fsx: &FsxLustre, way: &str) -> String {
    let capacity = fsx.capacity.map(|capacity| format!("-{}-tib", capacity.as_gib() / 1_000.0));
    let cached = if fsx.ssd_cache == Some(SsdCache::Provided(true)) { "-cached" } else { "" };
    // "p2-125" for "persistent-2-125": the names are long enough.
    let deployment = fsx.deployment.name().replace("persistent-", "p");
    format!("fsx-{deployment}{}{cached}{way}", capacity.unwrap_or_default())
}

/// The way that a profile's name ends in.
fn way(fsx: &FsxLustre) -> &'static str {
    let same = |(_, _, existing, load): &&(&str, Family, bool, Load)| {
        *existing == fsx.existing && *load == fsx.load()
    };
    WAYS.iter().find(same).map_or("", |(way, ..)| way)
}

/// The same file system with the next capacity of at least twice as much.
pub(super) fn larger(candidate: &Candidate, catalog: &Catalog) -> Option<Candidate> {
    let Profile::FsxLustre(fsx) = &candidate.profile else { return None };
    let listed = catalog.storage().fsx.deployment(fsx.deployment.name()).ok()?;
    let double = Bytes::new(fsx.capacity?.get().checked_mul(2)?);
    let capacity = listed.nearest_capacities(double).1.bytes();
    let fsx = FsxLustre { capacity: Some(capacity), ..fsx.clone() };
    let family = candidate.family.clone();
    Some(Candidate { name: name(&fsx, way(&fsx)), family, profile: Profile::FsxLustre(fsx) })
}

const fn blank(deployment: Deployment, capacity: Option<Bytes>) -> FsxLustre {
    FsxLustre {
        deployment,
        capacity,
        ssd_cache: None,
        load: None,
        existing: true,
        metadata_iops: None,
        burst_duration: None,
        restore_latency: None,
        restore_rate: None,
        restore_concurrency: None,
        restore_total: None,
        import_rate: None,
        walk_rate: None,
        role: Role::Candidate,
        bill_storage: BillStorage::Job,
    }
}
