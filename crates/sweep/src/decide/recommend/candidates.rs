//! Every way of feeding a job that the catalog knows, and the user's own profiles among them.
//!
//! What cannot be had is not dropped in silence: each is refused with its reason. Of FSx for Lustre the least capacity that
//! holds the set is a candidate; larger ones come later, where throughput binds (`Candidate::larger`).

mod efs;
mod fsx;
mod s3;

use ingestsim_catalog::Catalog;
use ingestsim_model::build;
use ingestsim_scenario::{
    Scenario,
    schema::storage::{BillStorage, Profile, Retention},
};
use ingestsim_units::{Bytes, Span};

/// A way of feeding a job; its members differ in size or in what they are bought with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// A profile of the user's.
    Own(String),
    /// S3, every object copied before training.
    FileMode,
    /// S3, streamed as files are opened.
    FastFile,
    /// S3, streamed in order.
    Pipe,
    /// S3 through a client library.
    Direct,
    /// S3 Express One Zone through a client library.
    Express,
    /// EFS, paid by what is read.
    EfsElastic,
    /// EFS, with the throughput of what is stored.
    EfsBursting,
    /// EFS, with throughput that is paid for.
    EfsProvisioned,
    /// FSx for Lustre, there before the job with the data on it.
    FsxResident,
    /// FSx for Lustre, there before the job, the data coming from S3.
    FsxLinked,
    /// FSx for Lustre, created within the job.
    FsxCreated,
}

impl Family {
    /// What a reader calls it.
    #[must_use]
    pub fn title(&self) -> &str {
        match self {
            Self::Own(name) => name,
            Self::FileMode => "S3, File mode",
            Self::FastFile => "S3, FastFile",
            Self::Pipe => "S3, Pipe",
            Self::Direct => "S3, direct",
            Self::Express => "S3 Express, direct",
            Self::EfsElastic => "EFS, elastic",
            Self::EfsBursting => "EFS, bursting",
            Self::EfsProvisioned => "EFS, provisioned",
            Self::FsxResident => "FSx, data there",
            Self::FsxLinked => "FSx, loaded",
            Self::FsxCreated => "FSx, created",
        }
    }
}

/// A set-up that can be simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The profile's name.
    pub name: String,
    /// The way of feeding the job that it is one of.
    pub family: Family,
    /// The profile.
    pub profile: Profile,
}

/// A set-up that cannot be had for this job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The profile's name.
    pub name: String,
    /// Why not.
    pub why: String,
}

/// What a set-up is looked for: the job, and how storage is billed that outlives it.
pub(super) struct Site<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) catalog: &'a Catalog,
    pub(super) kept: BillStorage,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) candidates: Vec<Candidate>,
    pub(super) refused: Vec<Refused>,
}

impl Site<'_> {
    /// The bytes of all files.
    pub(super) fn bytes(&self) -> Bytes {
        let dataset = &self.scenario.dataset;
        Bytes::from_f64_rounded(dataset.file_size.mean_f64() * dataset.file_count() as f64)
    }

    /// The jobs of a month that share what is kept between them, where they do.
    pub(super) fn jobs_per_month(&self) -> Option<f64> {
        match self.kept {
            BillStorage::Retention(shared) => {
                Some(f64::from(shared.jobs) * 730.0 / shared.retention.as_hours_f64())
            }
            BillStorage::Job | BillStorage::None => None,
        }
    }

    /// What all GPUs take if nothing holds them up, in bytes a second.
    pub(super) fn demand(&self) -> f64 {
        let job = &self.scenario.job;
        let listed = job.instance.as_deref().and_then(|name| self.catalog.instance(name).ok());
        let gpus = job.node.gpus.or_else(|| listed.map(|instance| instance.gpus.value)).unwrap_or(1);
        let sample =
            self.scenario.dataset.file_size.mean_f64() / self.scenario.dataset.samples_per_file as f64;
        let step_s = (job.step_time.mean_f64() + job.step_overhead.as_nanos() as f64) / 1e9;
        let ranks = f64::from(gpus) * f64::from(job.instances) * f64::from(job.concurrent_trials);
        ranks * job.batch_size as f64 * sample / step_s.max(1e-6)
    }
}

/// All candidates: the user's first, as written, then the catalog's that are none of those.
pub(super) fn all(site: &Site<'_>) -> Found {
    let mut found = Found::default();
    for name in site.scenario.candidates() {
        let profile = site.scenario.storage[name].clone();
        let family = Family::Own(name.to_owned());
        found.candidates.push(Candidate { name: name.to_owned(), family, profile });
    }
    let own: Vec<Profile> = found.candidates.iter().map(|one| one.profile.clone()).collect();
    let mut listed = Found::default();
    s3::add(site, &mut listed);
    efs::add(site, &mut listed);
    fsx::add(site, &mut listed);
    listed.candidates.retain(|one| !own.contains(&one.profile));
    for candidate in &mut listed.candidates {
        while site.scenario.storage.contains_key(&candidate.name) {
            candidate.name.insert_str(0, "catalog-");
        }
    }
    found.refused.append(&mut listed.refused);
    for candidate in listed.candidates {
        found.take(candidate, site);
    }
    found
}

impl Found {
    fn offer(&mut self, name: impl Into<String>, family: Family, profile: Profile) {
        self.candidates.push(Candidate { name: name.into(), family, profile });
    }

    fn refuse(&mut self, name: impl Into<String>, why: impl Into<String>) {
        self.refused.push(Refused { name: name.into(), why: why.into() });
    }

    /// Takes a candidate, or refuses it with what the model has against it.
    fn take(&mut self, candidate: Candidate, site: &Site<'_>) {
        match build(&candidate.scenario(site.scenario), site.catalog, &candidate.name) {
            Ok(_) => self.candidates.push(candidate),
            Err(error) => self.refuse(candidate.name, error.message()),
        }
    }
}

impl Candidate {
    /// The scenario with this profile alone, besides the one that checkpoints go to.
    pub(super) fn scenario(&self, scenario: &Scenario) -> Scenario {
        let mut one = scenario.on(&self.name);
        one.storage.insert(self.name.clone(), self.profile.clone());
        one
    }

    /// Whether its storage is there between jobs, and not only during one.
    #[must_use]
    pub const fn outlives_job(&self) -> bool {
        match &self.profile {
            Profile::FsxLustre(fsx) => fsx.existing,
            _ => true,
        }
    }

    /// The same with what is kept between jobs billed so.
    pub(super) fn billed(&self, kept: BillStorage) -> Self {
        let mut one = self.clone();
        if self.outlives_job() {
            bill(&mut one.profile, kept);
        }
        one
    }

    /// The same with the next larger capacity of at least twice as much, if it is one of the catalog's that has a capacity.
    pub(super) fn larger(&self, catalog: &Catalog) -> Option<Self> {
        if matches!(self.family, Family::Own(_)) {
            return None;
        }
        fsx::larger(self, catalog)
    }
}

pub(super) use efs::jobs_on_credit;

/// What a month of storage comes to for each of so many jobs.
#[must_use]
pub fn monthly(jobs: u32) -> BillStorage {
    const MONTH: Span = Span::from_secs(730 * 3_600);
    BillStorage::Retention(Retention { retention: MONTH, jobs })
}

fn bill(profile: &mut Profile, kept: BillStorage) {
    match profile {
        Profile::S3(s3) => s3.bill_storage = kept,
        Profile::Efs(efs) => efs.bill_storage = kept,
        Profile::FsxLustre(fsx) => fsx.bill_storage = kept,
        Profile::LocalDisk(own) | Profile::Nfs(own) | Profile::ParallelFs(own) => own.bill_storage = kept,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ingestsim_scenario::{Source, schema::job::Order};

    use super::*;
    use crate::decide::testing;

    fn found(sets: &str) -> (Scenario, Found) {
        let scenario = testing::scenario(sets);
        let found = all(&Site { scenario: &scenario, catalog: &Catalog::builtin(), kept: BillStorage::Job });
        (scenario, found)
    }

    fn families(found: &Found) -> BTreeSet<&str> {
        found.candidates.iter().map(|one| one.family.title()).collect()
    }

    /// The names of the catalog's candidates stand in the scenario that a recommendation leaves behind: it has to read.
    #[test]
    fn every_candidate_is_a_profile_that_a_user_may_write() {
        let (mut scenario, found) = found("");
        for candidate in &found.candidates {
            scenario.storage.insert(candidate.name.clone(), candidate.profile.clone());
        }
        let loaded = Scenario::load(Source::new("all.toml", scenario.to_toml()), &[]).unwrap();
        loaded.check_catalog(&Catalog::builtin()).unwrap();
        assert_eq!(loaded.scenario.storage.len(), found.candidates.len());
        assert!(found.candidates.len() > 60, "{}", found.candidates.len());
    }

    #[test]
    fn the_users_profiles_come_first_and_the_catalog_has_every_family() {
        let (_, found) = found("job.order = \"sequential\"");
        let own: Vec<&str> = found.candidates[..4].iter().map(|one| one.name.as_str()).collect();
        assert_eq!(own, ["copy", "stream", "shared", "lustre"]);
        let families = families(&found);
        for family in [
            "S3, File mode",
            "S3, Pipe",
            "S3, direct",
            "S3 Express, direct",
            "EFS, elastic",
            "EFS, provisioned",
            "FSx, data there",
            "FSx, loaded",
            "FSx, created",
        ] {
            assert!(families.contains(family), "{family} of {families:?}");
        }
    }

    #[test]
    fn pipe_needs_an_order_that_streams() {
        let (scenario, found) = found("");
        assert_eq!(scenario.job.order, Order::Shuffled);
        assert!(!families(&found).contains("S3, Pipe"));
        let pipe = found.refused.iter().find(|one| one.name == "s3-pipe").unwrap();
        assert!(pipe.why.contains("no random access"), "{}", pipe.why);
    }

    #[test]
    fn input_modes_are_sagemakers() {
        let (_, found) = found("job.service = \"ec2\"");
        let families = families(&found);
        assert!(!families.contains("S3, FastFile") && families.contains("S3, direct"), "{families:?}");
        assert!(found.refused.iter().any(|one| one.why.contains("SageMaker")), "{:?}", found.refused);
    }

    /// 20 TB fit neither the 3.8 TB of NVMe nor any gp2 volume, and of SCRATCH_2 19,200 GiB (20.6 TB) are the least.
    #[test]
    fn what_does_not_hold_the_set_is_refused_and_the_least_capacity_holds_it() {
        let (_, found) = found(
            "dataset = { total-size = \"20 TB\", file-size = \"1 GB\" }\nstorage.copy = { s3 = { mode = \"direct\" } }",
        );
        assert!(!families(&found).contains("S3, File mode"));
        let why = |name: &str| &found.refused.iter().find(|one| one.name == name).unwrap().why;
        assert!(why("s3-file-nvme").contains("holds the 20 TB"), "{}", why("s3-file-nvme"));
        assert!(why("s3-file-gp2").contains("16 TiB"), "{}", why("s3-file-gp2"));
        assert!(
            found.candidates.iter().any(|one| one.name == "fsx-scratch-2-19.2-tib"),
            "{:?}",
            found.candidates.iter().map(|one| &one.name).collect::<Vec<_>>()
        );
    }

    #[test]
    fn what_a_job_creates_is_billed_for_the_job_alone() {
        let (_, found) = found("");
        let billed = |family: Family| {
            let one = found.candidates.iter().find(|one| one.family == family).unwrap();
            one.billed(monthly(30)).profile.bill_storage()
        };
        assert_eq!(billed(Family::FsxCreated), BillStorage::Job);
        assert_eq!(billed(Family::FsxResident), monthly(30));
        assert_eq!(billed(Family::EfsElastic), monthly(30));
    }

    /// 4,096 files of 100 kB earn the least there is, 1 MiB/s: 2.76 TB a month. Two epochs of 410 MB are metered at a third,
    /// 273 MB: some 10,100 jobs.
    #[test]
    fn a_bursting_file_system_earns_its_credit() {
        let scenario = testing::scenario("");
        let catalog = Catalog::builtin();
        let jobs = jobs_on_credit(&scenario, &catalog, &scenario.storage["shared"]).unwrap();
        assert!((jobs - 10_092.0).abs() < 50.0, "{jobs}");
        let site = |jobs| Site { scenario: &scenario, catalog: &catalog, kept: monthly(jobs) };
        let bursting = |jobs| all(&site(jobs)).candidates.iter().any(|one| one.family == Family::EfsBursting);
        assert!(bursting(10_000) && !bursting(11_000));
    }

    #[test]
    fn a_larger_file_system_has_at_least_twice_the_capacity() {
        let (_, found) = found("");
        let least = found.candidates.iter().find(|one| one.name == "fsx-scratch-2-1.2-tib").unwrap();
        let larger = least.larger(&Catalog::builtin()).unwrap();
        assert_eq!(larger.name, "fsx-scratch-2-2.4-tib");
        assert_eq!(larger.larger(&Catalog::builtin()).unwrap().name, "fsx-scratch-2-4.8-tib");
    }
}
