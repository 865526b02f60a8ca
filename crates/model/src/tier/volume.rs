//! Volumes of a node: EBS gp2, gp3 and io2, and the NVMe instance store.
//!
//! A read waits for an operation of the volume, then its latency, then crosses the volume at its rate, shared fairly
//! with the other reads of the node. gp2 earns operations by its size and bursts on credit.

use ingestsim_des::draw::QuantileTable;
use ingestsim_scenario::schema::s3::{EbsVolume, Volume};
use ingestsim_units::{Bytes, Frequency, Rate, Span};

use super::{Cap, Counts, GateRule, GateSpec, Site};
use crate::{
    build::{BuildError, span_table},
    cause::Cause,
    cost::{Item, Meter, Part},
};

/// What one operation of an instance store moves at most; the block layer splits larger reads.
const NVME_OPERATION: Bytes = Bytes::new(128 << 10);

/// What SageMaker attaches beyond the data set where the scenario states no size: room for the program and its output.
const GP2_SPARE: Bytes = Bytes::from_gib(30);

/// A volume as its node sees it.
pub(crate) struct VolumePlan {
    pub(crate) name: String,
    pub(crate) size: Bytes,
    pub(crate) rate: Cap,
    pub(crate) write_rate: Cap,
    pub(crate) gates: Vec<GateSpec>,
    pub(crate) latency: QuantileTable,
    pub(crate) items: Vec<Item>,
    pub(crate) notes: Vec<String>,
}

/// The volume that a profile states, or the one that the service attaches.
pub(crate) fn plan(written: Option<&Volume>, site: &Site<'_>, held: f64) -> Result<VolumePlan, BuildError> {
    match written {
        Some(Volume::Gp2(ebs)) => gp2(ebs, site),
        Some(Volume::Gp3(ebs)) => gp3(ebs, site),
        Some(Volume::Io2(ebs)) => io2(ebs, site),
        Some(Volume::Nvme) => nvme(site),
        None if site.node.nvme.is_some() => nvme(site),
        None => {
            let size =
                Bytes::from_gib((held / (1_u64 << 30) as f64).ceil() as u64 + GP2_SPARE.get() / (1 << 30));
            let mut plan = gp2(&EbsVolume { size, rate: None, iops: None }, site)?;
            plan.notes.push(format!("The volume is the gp2 that the service attaches, of {}.", size.human()));
            Ok(plan)
        }
    }
}

fn nvme(site: &Site<'_>) -> Result<VolumePlan, BuildError> {
    let Some(nvme) = &site.node.nvme else {
        let message =
            format!("expected an instance with an instance store, found {} without", site.node.instance);
        return Err(site.error("s3", "volume", message));
    };
    Ok(VolumePlan {
        name: "NVMe instance store".to_owned(),
        size: nvme.size,
        rate: Cap::fixed(nvme.rate),
        write_rate: Cap::fixed(nvme.write_rate),
        gates: nvme
            .iops
            .map(|iops| operations(GateRule::Servers(iops), NVME_OPERATION))
            .into_iter()
            .collect(),
        latency: span_table(None, nvme.latency),
        items: Vec::new(),
        notes: Vec::new(),
    })
}

fn gp2(written: &EbsVolume, site: &Site<'_>) -> Result<VolumePlan, BuildError> {
    let listed = &site.catalog.storage().ebs;
    let (peak, baseline) = (listed.gp2.peak_iops(written.size), listed.gp2.baseline_iops(written.size));
    let mut gates = vec![operations(
        GateRule::Servers(written.iops.map_or(peak, Frequency::per_second)),
        listed.operation_size.value,
    )];
    if written.iops.is_none() && baseline < peak {
        let bucket = GateRule::Bucket { rate: baseline, depth: listed.gp2.credits.value };
        gates.push(operations(bucket, listed.operation_size.value));
    }
    let rate = written.rate.unwrap_or_else(|| listed.gp2.peak_rate(written.size));
    let price = match site.service {
        ingestsim_catalog::Service::SageMaker => "sm.price_gp2",
        ingestsim_catalog::Service::Ec2 => "ebs.gp2.price",
    };
    let items = vec![site.item(Part::Volume, price, Meter::InstanceUnitMonths(written.size.as_gib()))?];
    Ok(ebs("gp2", written, rate, gates, listed.gp2.latency.value, items, site))
}

fn gp3(written: &EbsVolume, site: &Site<'_>) -> Result<VolumePlan, BuildError> {
    let listed = &site.catalog.storage().ebs;
    let iops = written.iops.map_or(listed.gp3.iops.value, Frequency::per_second);
    let rate = written.rate.unwrap_or(listed.gp3.rate.value);
    let beyond_iops = (iops.as_f64() - listed.gp3.iops.value.as_f64()).max(0.0);
    let beyond_mib = (rate.as_f64() - listed.gp3.rate.value.as_f64()).max(0.0) / f64::from(1 << 20);
    let items = vec![
        site.item(Part::Volume, "ebs.gp3.p1", Meter::InstanceUnitMonths(written.size.as_gib()))?,
        site.item(Part::Volume, "ebs.gp3.p2", Meter::InstanceUnitMonths(beyond_iops))?,
        site.item(Part::Volume, "ebs.gp3.p3", Meter::InstanceUnitMonths(beyond_mib))?,
    ];
    let gates = vec![operations(GateRule::Servers(iops), listed.operation_size.value)];
    Ok(ebs("gp3", written, rate, gates, listed.gp3.latency.value, items, site))
}

fn io2(written: &EbsVolume, site: &Site<'_>) -> Result<VolumePlan, BuildError> {
    let listed = &site.catalog.storage().ebs;
    let iops = written.iops.map(Frequency::per_second).ok_or_else(|| {
        site.error("s3", "volume.io2.iops", "expected the provisioned operations per second, found none")
    })?;
    let by_iops = Rate::from_f64_rounded(iops.as_f64() * listed.io2.rate_per_iops.value.as_f64());
    let rate = written.rate.unwrap_or_else(|| by_iops.min(listed.io2.rate_max.value));
    let items = vec![
        site.item(Part::Volume, "ebs.io2.p1", Meter::InstanceUnitMonths(written.size.as_gib()))?,
        site.item(Part::Volume, "ebs.io2.p2", Meter::InstanceUnitMonths(iops.as_f64()))?,
    ];
    let gates = vec![operations(GateRule::Servers(iops), listed.operation_size.value)];
    Ok(ebs("io2", written, rate, gates, listed.io2.latency.value, items, site))
}

fn ebs(
    kind: &str,
    written: &EbsVolume,
    rate: Rate,
    gates: Vec<GateSpec>,
    latency: Span,
    items: Vec<Item>,
    site: &Site<'_>,
) -> VolumePlan {
    // The link of a small instance bursts, for reads and writes together.
    let rate = site.node.ebs.map_or(Cap::fixed(rate), |link| link.limited(rate));
    VolumePlan {
        name: format!("{kind} volume of {}", written.size.human()),
        size: written.size,
        rate,
        write_rate: rate,
        gates,
        latency: span_table(None, latency),
        items,
        notes: Vec::new(),
    }
}

fn operations(rule: GateRule, piece: Bytes) -> GateSpec {
    GateSpec { cause: Cause::Volume, per_node: true, rule, counts: Counts::Pieces(piece) }
}
