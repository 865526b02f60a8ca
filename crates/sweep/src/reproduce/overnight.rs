//! 10 TB loaded from S3 into FSx for Lustre at once: how long that takes, by the size of a file.
//!
//! Nothing of it depends on chance, so it is known before the job runs; one run confirms it.

use ingestsim_catalog::Catalog;

use super::{
    Case, Lab, Ran, ReproduceError,
    search::{self, Turning},
};

/// What a night is taken to be.
pub const NIGHT_S: f64 = 12.0 * 3_600.0;

/// The sizes between which a night's limit is searched for.
const SIZES: (f64, f64) = (110e3, 1e9);

/// How long the load takes.
#[derive(Debug, Clone)]
pub struct Overnight {
    /// By size of a file, growing.
    pub loads: Vec<Load>,
    /// From which size of a file on creation, import and load fit into a night.
    pub night: Turning,
    /// The same for the load alone, into a file system that has the names already.
    pub night_alone: Turning,
    /// How many files at a time would have to be restored for the smallest ones to fit, into a file system that has the
    /// names already.
    pub concurrency: Turning,
    /// What the load of all bytes takes at the rate of all restores together.
    pub bytes_bound_s: f64,
    /// What holds a load up.
    pub limits: Limits,
    /// The run of the scenario as it is written.
    pub ran: Ran,
}

/// What holds a load up, as the catalog has it.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Names imported a second.
    pub names_per_s: f64,
    /// Files restored at a time.
    pub at_a_time: u32,
    /// What the restore of a file takes beside its bytes.
    pub latency_s: f64,
    /// Bytes a second of one file.
    pub file_bytes_per_s: f64,
    /// Bytes a second of all files together.
    pub bytes_per_s: f64,
}

/// One size of a file.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// The size of a file in bytes.
    pub file_bytes: f64,
    /// How many files there are.
    pub files: u64,
    /// Creating the file system.
    pub creation_s: f64,
    /// Taking over the names of all files.
    pub import_s: f64,
    /// Restoring all of them.
    pub load_s: f64,
}

impl Load {
    /// All three.
    #[must_use]
    pub fn total_s(&self) -> f64 {
        self.creation_s + self.import_s + self.load_s
    }
}

pub(super) fn compute(lab: &mut Lab<'_>) -> Result<Overnight, ReproduceError> {
    let swept = lab.load(&[])?.points()?;
    let sizes: Vec<String> = swept.iter().map(|point| point.cells[0].to_string()).collect();
    let mut loads = Vec::with_capacity(sizes.len());
    for bytes in sizes {
        loads.push(load(lab, &[format!("dataset.file-size={bytes} B")])?);
    }
    let sized = |bytes: f64| format!("dataset.file-size={bytes:.0} B");
    let night =
        search::ratio(SIZES, 1.01, |bytes| load(lab, &[sized(bytes)]).map(|load| load.total_s() <= NIGHT_S))?;
    let night_alone =
        search::ratio(SIZES, 1.01, |bytes| load(lab, &[sized(bytes)]).map(|load| load.load_s <= NIGHT_S))?;
    let concurrency = search::whole((1, 100_000), |files| {
        let set = format!("storage.scratch.fsx-lustre.restore-concurrency={files}");
        load(lab, &[set]).map(|load| load.load_s <= NIGHT_S)
    })?;
    let limits = Limits::of(lab.catalog());
    let ran = lab.run_one(&Case::new("scratch", [""; 0]))?;
    let bytes = loads.first().map_or(0.0, |load| load.file_bytes * load.files as f64);
    Ok(Overnight {
        loads,
        night,
        night_alone,
        concurrency,
        bytes_bound_s: bytes / limits.bytes_per_s,
        limits,
        ran,
    })
}

impl Limits {
    fn of(catalog: &Catalog) -> Self {
        let fsx = &catalog.storage().fsx;
        Self {
            names_per_s: fsx.import_rate.value.as_f64(),
            at_a_time: fsx.restore_concurrency.value,
            latency_s: fsx.restore_latency.value.as_secs_f64(),
            file_bytes_per_s: fsx.restore_rate.value.as_f64(),
            bytes_per_s: fsx.restore_total.value.as_f64(),
        }
    }
}

fn load(lab: &Lab<'_>, sets: &[String]) -> Result<Load, ReproduceError> {
    let plan = lab.plan(&Case::new("scratch", sets.to_vec()))?;
    let provisioning = plan.phases.provisioning;
    Ok(Load {
        file_bytes: plan.dataset.size_mean,
        files: plan.dataset.files(),
        creation_s: provisioning.creation.as_secs_f64(),
        import_s: provisioning.metadata_import.as_secs_f64(),
        load_s: provisioning.one_time_load.as_secs_f64(),
    })
}
