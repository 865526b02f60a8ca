//! Checkpoints as written become a plan.

use ingestsim_scenario::Scenario;
use ingestsim_units::Rate;

use super::{BuildError, tier};
use crate::{
    checkpoint::{CheckpointPlan, Every, Target},
    tier::{Site, Source, TierPlan},
};

/// The checkpoints of a job, if it writes any; the tier that is read makes room for them where they go to it.
pub(crate) fn plan(
    scenario: &Scenario,
    site: &Site<'_>,
    read: &mut TierPlan,
) -> Result<Option<CheckpointPlan>, BuildError> {
    let Some(written) = &scenario.job.checkpoint else { return Ok(None) };
    let every = written.every_steps.map(Every::Steps).or(written.every.map(Every::Time));
    let every = every.ok_or_else(|| {
        BuildError::new("job.checkpoint", "expected one of `every-steps` and `every`, found neither")
    })?;
    let to = match written.to.as_deref() {
        Some(name) if name != site.profile => other(scenario, site, name)?,
        _ => same(read, site),
    };
    Ok(Some(CheckpointPlan { every, size: written.size, blocking: written.blocking, to }))
}

fn other(scenario: &Scenario, site: &Site<'_>, name: &str) -> Result<Target, BuildError> {
    let profile = scenario.storage.get(name).ok_or_else(|| {
        let message = format!("expected the name of a profile, found \"{name}\"");
        BuildError::new("job.checkpoint.to", message)
    })?;
    let mut to = tier(profile, &Site { profile: name, ..*site })?;
    if let Source::Fabric(_) = to.path.source {
        to.write.node = sent(to.write.node, site);
    }
    Ok(Target::Other(to.write))
}

/// A node sends no more than its interface takes.
fn sent(rate: Rate, site: &Site<'_>) -> Rate {
    site.node.nic.map_or(rate, |nic| nic.baseline.min(rate))
}

/// Writes to the tier that is read pass its fabric, or its node's volume; S3 takes them beside the reads, as does a volume
/// that writes at another rate.
fn same(read: &mut TierPlan, site: &Site<'_>) -> Target {
    match &mut read.path.source {
        _ if read.write.part.is_some() => Target::Other(read.write),
        Source::Volume { rate, .. } if read.write.node != rate.baseline => Target::Other(read.write),
        Source::Volume { .. } => Target::SameTier,
        Source::Fabric(fabric) => {
            let servers = u64::from(fabric.servers);
            let rate = read.write.total.unwrap_or(crate::tier::fabric::UNBOUNDED);
            fabric.write = Some(Rate::per_second(rate.bytes_per_second() / servers));
            fabric.client_write = Some(sent(read.write.node, site));
            Target::SameTier
        }
    }
}
