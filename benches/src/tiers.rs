//! Real services with caches: what most sweeps are made of.
//!
//! ImageNet-like files on one node of 8 V100s, shuffled anew each epoch, through PyTorch's loader from S3, EFS or FSx
//! for Lustre, with a page cache that holds half of them and whose residents are tracked.

use ingestsim_model::Plan;
use ingestsim_scenario::Loaded;

use crate::workload::{loaded, plan_of};

/// The profiles.
pub const PROFILES: [&str; 3] = ["direct", "shared", "lustre"];

/// Samples that all GPUs take in a step.
pub const STEP: u64 = 1_024;

/// The scenario with so many files, read for so many steps; each of `sets` is `PATH=VALUE`.
///
/// # Panics
///
/// If the sets do not fit it: a mistake of the caller.
#[must_use]
pub fn scenario(files: u64, steps: u64, sets: &[&str]) -> Loaded {
    let text = format!(
        r#"
        name = "tiers"
        [dataset]
        samples = {files}
        file-size = {{ lognormal = {{ mean = "110 kB", cv = 0.6 }} }}
        [job]
        instance = "ml.p3.16xlarge"
        steps = {steps}
        batch-size = 128
        order = "shuffled"
        step-time = {{ lognormal = {{ mean = "350 ms", cv = 0.02 }} }}
        [job.node]
        page-cache = {{ size = "50 %", policy = "lru" }}
        [loader.pytorch]
        workers = 8
        prefetch-factor = 2
        persistent-workers = true
        decode = {{ per-sample = "0.4 ms", rate = "36 MB/s" }}
        [storage.direct.s3]
        mode = "direct"
        client-cache = {{ nvme = "2 GB", policy = "random-replacement" }}
        [job.node.nvme]
        size = "1 TB"
        rate = "2 GB/s"
        [storage.shared.efs]
        throughput = "elastic"
        [storage.lustre.fsx-lustre]
        deployment = "scratch-2"
        capacity = "2.4 TiB"
        "#
    );
    loaded("tiers.toml", &text, sets)
}

/// The plan of a profile with so many files, read for so many steps.
#[must_use]
pub fn plan(profile: &str, files: u64, steps: u64) -> Plan {
    plan_of(&scenario(files, steps, &[]), profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two epochs over 8,192 files: the second finds about 1 − 1/2 of what it could, by LRU's closed form 1/8 to 1/2.
    #[test]
    fn every_profile_has_a_cache_that_is_hit() {
        for profile in PROFILES {
            let outcome = plan(profile, 8_192, 16).simulate(0).unwrap();
            let hits: u64 = outcome.tiers.iter().filter_map(|row| row.hits).sum();
            assert!(hits > 500, "{profile}: {hits}");
        }
    }
}
