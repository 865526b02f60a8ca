//! The lines of the bill that do not depend on the tier, joined with those that do.

use super::BuildError;
use crate::{
    cost::{Bill, Item, Meter, Part},
    tier::{Site, TierPlan},
};

/// The bill of a job on a tier.
pub(crate) fn assemble(site: &Site<'_>, tier: &mut TierPlan) -> Result<Bill, BuildError> {
    let mut items = Vec::new();
    if let Some((price_usd, source)) = &site.node.price {
        items.push(Item {
            part: Part::Compute,
            name: site.node.instance.clone(),
            unit: "instance-hour".to_owned(),
            price_usd: *price_usd,
            source: source.clone(),
            meter: Meter::InstanceHours,
        });
    }
    items.append(&mut tier.items);
    Ok(Bill {
        items,
        instances: f64::from(site.instances),
        requests_before_loop: std::mem::take(&mut tier.requests_before_loop),
    })
}
