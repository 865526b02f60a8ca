//! The node: what the catalog says of the instance, replaced where the scenario says otherwise.

use ingestsim_catalog::{Catalog, Instance};
use ingestsim_scenario::{Scenario, schema::node::Node};
use ingestsim_units::{Bytes, Frequency, Rate, Span};

use super::{BuildError, service};
use crate::tier::{Cap, Credit};

/// Cores per vCPU where the scenario states vCPUs but no cores: two hyperthreads share one.
const VCPUS_PER_CORE: u32 = 2;

/// A node as the model sees it.
#[derive(Debug, Clone)]
pub(crate) struct NodeFacts {
    pub(crate) gpus: u32,
    pub(crate) cores: u32,
    pub(crate) hyperthreads: bool,
    /// Memory that is left for the page cache.
    pub(crate) page_cache: Bytes,
    /// The network interface, in each direction.
    pub(crate) nic: Option<Cap>,
    /// What S3 gives one such node at most, where that was measured.
    pub(crate) s3_ceiling: Option<Rate>,
    /// The link to EBS volumes.
    pub(crate) ebs: Option<Cap>,
    pub(crate) nvme: Option<NvmeFacts>,
    /// Dollars an hour, and where that comes from.
    pub(crate) price: Option<(f64, String)>,
    pub(crate) instance: String,
    pub(crate) notes: Vec<String>,
}

/// The instance store.
#[derive(Debug, Clone)]
pub(crate) struct NvmeFacts {
    pub(crate) size: Bytes,
    pub(crate) rate: Rate,
    pub(crate) write_rate: Rate,
    pub(crate) iops: Option<Frequency>,
    pub(crate) latency: Span,
}

/// The node of a scenario.
pub(crate) fn facts(scenario: &Scenario, catalog: &Catalog) -> Result<NodeFacts, BuildError> {
    let written = &scenario.job.node;
    let name = scenario.job.instance.as_deref();
    let listed = name
        .map(|name| {
            catalog.instance(name).map_err(|error| BuildError::new("job.instance", error.to_string()))
        })
        .transpose()?;
    let gpus = written.gpus.or_else(|| listed.map(|instance| instance.gpus.value)).ok_or_else(|| {
        BuildError::new("job", "expected an `instance` or the `gpus` of `[job.node]`, found neither")
    })?;
    if gpus == 0 {
        let message =
            format!("expected an instance with a GPU, found {} with none", name.unwrap_or("a node"));
        return Err(BuildError::new(
            if written.gpus.is_some() { "job.node.gpus" } else { "job.instance" },
            message,
        ));
    }
    let (cores, hyperthreads) = cores(written, listed);
    let memory = written.memory.or_else(|| listed.map(|instance| instance.memory.value)).unwrap_or_default();
    Ok(NodeFacts {
        gpus,
        cores,
        hyperthreads,
        page_cache: memory.saturating_sub(written.reserved_memory),
        nic: nic(written, listed),
        s3_ceiling: listed.and_then(|instance| instance.nic.s3_ceiling.as_ref()).map(|figure| figure.value),
        ebs: ebs(written, listed),
        nvme: nvme(written, listed, catalog),
        price: price(scenario, catalog)?,
        instance: name.unwrap_or("node").to_owned(),
        notes: Vec::new(),
    })
}

/// Physical cores, and whether each runs two threads. A node of which nothing is known decodes without contention.
fn cores(written: &Node, listed: Option<&Instance>) -> (u32, bool) {
    if let Some(cores) = written.cores {
        let vcpus = written.cpus.or_else(|| listed.map(|instance| instance.vcpus.value));
        return (cores, vcpus.is_some_and(|vcpus| vcpus > cores));
    }
    if let Some(vcpus) = written.cpus {
        return ((vcpus / VCPUS_PER_CORE).max(1), vcpus >= VCPUS_PER_CORE);
    }
    listed.map_or((u32::MAX, false), |instance| {
        (instance.cores.value, instance.vcpus.value > instance.cores.value)
    })
}

/// A rate with its burst: both are stated, or the burst is that of a full bucket of the stated depth.
fn cap(baseline: Rate, burst: Option<Rate>, bucket: Option<Bytes>) -> Cap {
    let credit = burst.filter(|burst| *burst > baseline).zip(bucket).map(|(rate, depth)| Credit {
        rate,
        depth,
        level: depth,
        meter: Credit::WHOLE,
    });
    Cap {
        baseline: if credit.is_none() { baseline.max(burst.unwrap_or(baseline)) } else { baseline },
        burst: credit,
    }
}

fn nic(written: &Node, listed: Option<&Instance>) -> Option<Cap> {
    let listed = listed.map(|instance| &instance.nic);
    let own = written.nic.as_ref();
    let baseline = own.and_then(|nic| nic.baseline).or_else(|| listed.map(|nic| nic.baseline.value))?;
    let of_catalog = own.is_none_or(|nic| nic.baseline.is_none());
    let burst = listed.filter(|_| of_catalog).and_then(|nic| nic.burst.as_ref()).map(|figure| figure.value);
    let bucket = listed.filter(|_| of_catalog).and_then(|nic| nic.bucket.as_ref()).map(|figure| figure.value);
    Some(cap(baseline, own.and_then(|nic| nic.burst).or(burst), own.and_then(|nic| nic.bucket).or(bucket)))
}

fn ebs(written: &Node, listed: Option<&Instance>) -> Option<Cap> {
    let listed = listed.map(|instance| &instance.ebs);
    let own = written.ebs.as_ref();
    let baseline = own.and_then(|ebs| ebs.baseline).or_else(|| listed.map(|ebs| ebs.baseline.value))?;
    let of_catalog = own.is_none_or(|ebs| ebs.baseline.is_none());
    let burst = listed.filter(|_| of_catalog).and_then(|ebs| ebs.burst.as_ref()).map(|figure| figure.value);
    let bucket = listed.filter(|_| of_catalog).and_then(|ebs| ebs.bucket.as_ref()).map(|figure| figure.value);
    Some(cap(baseline, own.and_then(|ebs| ebs.burst).or(burst), own.and_then(|ebs| ebs.bucket).or(bucket)))
}

fn nvme(written: &Node, listed: Option<&Instance>, catalog: &Catalog) -> Option<NvmeFacts> {
    let listed = listed.and_then(|instance| instance.nvme.as_ref());
    let own = written.nvme.as_ref();
    let rate = own.and_then(|nvme| nvme.rate).or_else(|| listed.map(|nvme| nvme.read_rate.value))?;
    let write_rate =
        own.and_then(|nvme| nvme.write_rate).or_else(|| listed.map(|nvme| nvme.write_rate.value));
    let iops = own.and_then(|nvme| nvme.iops).map(Frequency::per_second);
    Some(NvmeFacts {
        size: own.and_then(|nvme| nvme.size).or_else(|| listed.map(|nvme| nvme.size.value))?,
        rate,
        write_rate: write_rate.unwrap_or(rate),
        iops: iops.or_else(|| listed.map(|nvme| nvme.read_iops.value)),
        latency: own.and_then(|nvme| nvme.latency).unwrap_or(catalog.storage().nvme.latency.value),
    })
}

fn price(scenario: &Scenario, catalog: &Catalog) -> Result<Option<(f64, String)>, BuildError> {
    if let Some(price) = scenario.job.node.price {
        return Ok(Some((price, "scenario".to_owned())));
    }
    let Some(name) = scenario.job.instance.as_deref() else { return Ok(None) };
    let price = catalog.instance_price(name, service(scenario.job.service));
    let price = price.map_err(|error| BuildError::new("job.instance", error.to_string()))?;
    Ok(Some((price.usd.dollars(), format!("{} ({})", price.source, price.date))))
}
