//! S3: the input modes of SageMaker, and client libraries.

use ingestsim_scenario::schema::{
    job::Service,
    s3::{Class, EbsVolume, Mode, Replication, S3, Volume},
    storage::{Profile, Role},
};
use ingestsim_units::{Bytes, Rate};

use super::{Family, Found, Site};

/// Room beside the data set, as SageMaker's own volume has it.
const SPARE: Bytes = Bytes::from_gib(30);

/// The largest gp2 and gp3 volume (Amazon EBS User Guide, general purpose volumes).
const VOLUME_MAX: Bytes = Bytes::from_gib(16 << 10);

/// A gp3 volume with the most throughput, which 4,000 operations a second carry (Amazon EBS User Guide).
const GP3_FAST: (Rate, u64) = (Rate::per_second(1_000 << 20), 4_000);

/// Offers every way to S3.
pub(super) fn add(site: &Site<'_>, found: &mut Found) {
    file(site, found);
    let input_modes =
        [("s3-fast-file", Family::FastFile, Mode::FastFile), ("s3-pipe", Family::Pipe, Mode::Pipe)];
    for (name, family, mode) in input_modes {
        if site.scenario.job.service == Service::Ec2 {
            found.refuse(name, "expected a SageMaker job, whose input mode it is, found a program on EC2");
        } else {
            found.offer(name, family, Profile::S3(s3(site, mode)));
        }
    }
    let direct = s3(site, Mode::Direct);
    found.offer("s3-direct", Family::Direct, Profile::S3(direct.clone()));
    let express = S3 { class: Class::ExpressOneZone, ..direct };
    found.offer("s3-express-direct", Family::Express, Profile::S3(express));
}

/// Copies to each volume that there is.
fn file(site: &Site<'_>, found: &mut Found) {
    let mut offer = |name: &str, volume: Option<Volume>| {
        let profile = Profile::S3(S3 { volume, ..s3(site, Mode::File) });
        found.offer(name, Family::FileMode, profile);
    };
    offer("s3-file-nvme", Some(Volume::Nvme));
    let size = site.bytes().checked_add(SPARE).unwrap_or(site.bytes());
    // Volumes are sold by the GiB.
    let size = Bytes::from_gib(size.div_ceil(Bytes::from_gib(1)));
    if size > VOLUME_MAX {
        let why = format!("expected a set that a volume of 16 TiB holds, found {}", site.bytes().human());
        found.refuse("s3-file-gp2", why.clone());
        found.refuse("s3-file-gp3", why);
        return;
    }
    offer("s3-file-gp2", Some(Volume::Gp2(EbsVolume { size, rate: None, iops: None })));
    let (rate, iops) = GP3_FAST;
    offer("s3-file-gp3", Some(Volume::Gp3(EbsVolume { size, rate: Some(rate), iops: Some(iops) })));
}

fn s3(site: &Site<'_>, mode: Mode) -> S3 {
    S3 {
        mode,
        class: Class::Standard,
        replication: Replication::Full,
        prefixes: 1,
        request_rate: None,
        first_byte_latency: None,
        connection_rate: None,
        list_page: None,
        stream_rate: None,
        downloader: None,
        client_cache: None,
        volume: None,
        walk_rate: None,
        role: Role::Candidate,
        bill_storage: site.kept,
    }
}
