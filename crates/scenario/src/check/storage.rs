//! Checks of `[storage.NAME.KIND]`.

use super::{Checker, spread};
use crate::{
    error::Problem,
    path::Path,
    schema::{
        fsx::{Deployment, FsxLustre, Load, SsdCache},
        s3::{Mode, Replication, S3, Volume},
        storage::{BillStorage, Efs, OwnStorage, Performance, Profile, Throughput, Zones},
    },
};

pub(super) fn check(name: &str, profile: &Profile, checker: &mut Checker<'_>) {
    let path = Path::of(["storage", name, profile.kind()]);
    if let BillStorage::Retention(retention) = profile.bill_storage() {
        checker.expect_some(retention.jobs, path.key("bill-storage").key("jobs"));
    }
    match profile {
        Profile::S3(s3) => check_s3(s3, &path, checker),
        Profile::Efs(efs) => check_efs(efs, &path, checker),
        Profile::FsxLustre(fsx) => check_fsx(fsx, &path, checker),
        Profile::LocalDisk(own) | Profile::Nfs(own) | Profile::ParallelFs(own) => {
            check_own(own, &path, checker);
        }
    }
}

fn check_s3(s3: &S3, path: &Path, checker: &mut Checker<'_>) {
    let choice = format!("mode \"{}\"", s3.mode.name());
    if s3.mode != Mode::File {
        checker.refuse_unused(path, &["downloader", "volume"], &choice, "mode \"file\"");
    }
    if !matches!(s3.mode, Mode::FastFile | Mode::Pipe) {
        checker.refuse_unused(path, &["stream-rate"], &choice, "modes \"fast-file\" and \"pipe\"");
    }
    if !matches!(s3.mode, Mode::FastFile | Mode::Direct) {
        checker.refuse_unused(path, &["client-cache"], &choice, "modes \"fast-file\" and \"direct\"");
    }
    if s3.mode == Mode::Direct && s3.replication == Replication::ShardedByKey {
        let others = "modes \"file\", \"fast-file\" and \"pipe\"";
        checker.refuse_unused(path, &["replication"], &choice, others);
    }
    checker.expect_some(s3.prefixes, path.key("prefixes"));
    if let Some(latency) = &s3.first_byte_latency {
        spread::check(latency, &path.key("first-byte-latency"), checker);
    }
    if let Some(downloader) = &s3.downloader {
        let concurrency = path.key("downloader").key("concurrency");
        checker.expect_some(downloader.concurrency.unwrap_or(1), concurrency);
    }
    let volume = match &s3.volume {
        Some(Volume::Gp2(volume)) => Some(("gp2", volume)),
        Some(Volume::Gp3(volume)) => Some(("gp3", volume)),
        Some(Volume::Io2(volume)) => Some(("io2", volume)),
        Some(Volume::Nvme) | None => None,
    };
    if let Some((kind, volume)) = volume {
        let path = path.key("volume").key(kind);
        checker.expect(!volume.size.is_zero(), path.key("size"), "a size above zero");
        checker.expect_some(volume.iops.unwrap_or(1), path.key("iops"));
    }
}

fn check_efs(efs: &Efs, path: &Path, checker: &mut Checker<'_>) {
    if efs.throughput == Throughput::Elastic {
        let others = "throughput \"bursting\" and { provisioned = … }";
        checker.refuse_unused(path, &["read-metering"], "throughput \"elastic\"", others);
    }
    if let Some(metering) = efs.read_metering {
        let fits = metering > 0.0 && metering <= 1.0;
        checker.expect(fits, path.key("read-metering"), "a number above 0 and at most 1");
    }
    if efs.performance == Performance::MaxIo {
        let general = "\"general\", the only one that ";
        let elastic = efs.throughput == Throughput::Elastic;
        let fits = !elastic && efs.zones == Zones::Regional;
        let with = if elastic { "elastic throughput has" } else { "One Zone has" };
        checker.expect(fits, path.key("performance"), &format!("{general}{with}"));
    }
}

fn check_fsx(fsx: &FsxLustre, path: &Path, checker: &mut Checker<'_>) {
    let deployment = fsx.deployment;
    let choice = format!("deployment \"{}\"", deployment.name());
    if !deployment.is_persistent_2() {
        checker.refuse_unused(path, &["metadata-iops"], &choice, "\"persistent-2-…\"");
    }
    checker.expect_some(fsx.metadata_iops.unwrap_or(1), path.key("metadata-iops"));
    check_fsx_size(fsx, &choice, path, checker);
    let load = fsx.load();
    if load == Load::Resident {
        let restores =
            ["restore-latency", "restore-rate", "restore-concurrency", "restore-total", "import-rate"];
        checker.refuse_unused(path, &restores, "load \"resident\"", "loads \"lazy\" and \"one-time\"");
        let advice = "a file system that is created is empty: load it \"lazy\" or \"one-time\"";
        if !fsx.existing {
            let found = "\"resident\" with existing = false";
            let problem = Problem::advised("\"lazy\" or \"one-time\"", found, advice);
            checker.refuse(path.key("load"), problem);
        }
    } else if fsx.existing {
        checker.refuse_unused(path, &["import-rate"], "existing = true", "existing = false");
    }
    if deployment == Deployment::IntelligentTiering && load != Load::Resident {
        let expected = "\"resident\", as this deployment cannot be linked to S3";
        checker.expect(false, path.key("load"), expected);
    }
    checker.expect_some(fsx.restore_concurrency.unwrap_or(1), path.key("restore-concurrency"));
    if let Some(latency) = &fsx.restore_latency {
        spread::check(latency, &path.key("restore-latency"), checker);
    }
}

/// Capacity and SSD cache: Intelligent-Tiering has a cache of a size and no capacity, the others a capacity.
fn check_fsx_size(fsx: &FsxLustre, choice: &str, path: &Path, checker: &mut Checker<'_>) {
    if fsx.deployment == Deployment::IntelligentTiering {
        checker.refuse_unused(path, &["capacity"], choice, "the other deployments");
        let fits = !matches!(fsx.ssd_cache, Some(SsdCache::Provided(_)));
        checker.expect(fits, path.key("ssd-cache"), "a size such as \"20000 GiB\"");
        return;
    }
    if fsx.capacity.is_none() {
        let help = Some("capacity = \"1.2 TiB\"".to_owned());
        let expected = "the storage capacity".to_owned();
        checker.refuse(path.key("capacity"), Problem::Missing { expected, help });
    }
    if fsx.deployment.is_hdd() {
        let fits = !matches!(fsx.ssd_cache, Some(SsdCache::Size(_)));
        checker.expect(fits, path.key("ssd-cache"), "true or false: on HDD its size is 20 % of the capacity");
    } else {
        let needs = "\"persistent-1-hdd-…\" and \"intelligent-tiering\"";
        checker.refuse_unused(path, &["ssd-cache"], choice, needs);
    }
}

fn check_own(own: &OwnStorage, path: &Path, checker: &mut Checker<'_>) {
    checker.expect_some(own.iops.unwrap_or(1), path.key("iops"));
    checker.expect_price(own.price.unwrap_or(0.0), path.key("price"));
    for (key, latency) in [("latency", &own.latency), ("open-latency", &own.open_latency)] {
        if let Some(latency) = latency {
            spread::check(latency, &path.key(key), checker);
        }
    }
}
