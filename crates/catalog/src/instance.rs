//! Instances: accelerators, cores, memory, links and drives.

use ingestsim_units::{Bytes, Frequency, Rate, Usd};
use serde::Deserialize;

use crate::{Figure, Price, PriceUnit, Service};

/// A machine that can be rented.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Instance {
    /// The number of accelerators.
    pub gpus: Figure<u32>,
    /// Their model, with its memory in GB where there are several.
    pub gpu: Figure<String>,
    /// Hardware threads.
    pub vcpus: Figure<u32>,
    /// Physical cores: half the vCPUs on x86, all of them on Graviton.
    pub cores: Figure<u32>,
    /// Main memory.
    pub memory: Figure<Bytes>,
    /// The network card.
    pub nic: Nic,
    /// The link to EBS volumes.
    pub ebs: Link,
    /// The instance store, all drives striped.
    pub nvme: Option<Nvme>,
    /// Dollars an hour on EC2, on demand.
    ec2_price_per_hour: Option<Figure<Usd>>,
    /// Dollars an hour on SageMaker.
    sagemaker_price_per_hour: Option<Figure<Usd>>,
}

/// A network card.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Nic {
    /// The rate that lasts, in each direction.
    pub baseline: Figure<Rate>,
    /// The rate while credit lasts.
    pub burst: Option<Figure<Rate>>,
    /// The credit of a full bucket: what may pass above the baseline.
    pub bucket: Option<Figure<Bytes>>,
    /// The highest download rate from S3 that was measured, where it was.
    pub s3_ceiling: Option<Figure<Rate>>,
}

/// A link with a baseline and perhaps a burst.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Link {
    /// The rate that lasts.
    pub baseline: Figure<Rate>,
    /// The rate while credit lasts.
    pub burst: Option<Figure<Rate>>,
    /// The credit of a full bucket: what may pass above the baseline.
    pub bucket: Option<Figure<Bytes>>,
}

/// An instance store: all its drives, striped.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Nvme {
    /// The capacity of all drives.
    pub size: Figure<Bytes>,
    /// The number of drives.
    pub drives: Figure<u32>,
    /// Sequential reading. AWS documents operations only; this is inferred from related drives.
    pub read_rate: Figure<Rate>,
    /// Sequential writing, inferred in the same way.
    pub write_rate: Figure<Rate>,
    /// Random reads of 4 KiB.
    pub read_iops: Figure<Frequency>,
    /// Random writes of 4 KiB.
    pub write_iops: Figure<Frequency>,
}

impl Instance {
    /// The id of the hourly price of the instance `name` on `service`, such as `ec2.p3_2xlarge.price_sm`.
    #[must_use]
    pub fn price_id(name: &str, service: Service) -> String {
        let suffix = match service {
            Service::SageMaker => "sm",
            Service::Ec2 => "ec2",
        };
        format!("ec2.{}.price_{suffix}", name.replace('.', "_"))
    }

    /// The key of the hourly price on `service` in the instance's table.
    pub(crate) const fn price_key(service: Service) -> &'static str {
        match service {
            Service::SageMaker => "sagemaker-price-per-hour",
            Service::Ec2 => "ec2-price-per-hour",
        }
    }

    /// The hourly prices of this instance, whose name is `name`, with their ids.
    pub(crate) fn prices<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (String, Price)> + 'a {
        let services = [
            (Service::Ec2, &self.ec2_price_per_hour, format!("EC2 {name}, on demand")),
            (Service::SageMaker, &self.sagemaker_price_per_hour, format!("SageMaker ml.{name}")),
        ];
        services.into_iter().filter_map(move |(service, price, what)| {
            let price = Price::new(price.as_ref()?, PriceUnit::Hour, what);
            Some((Self::price_id(name, service), price))
        })
    }
}
