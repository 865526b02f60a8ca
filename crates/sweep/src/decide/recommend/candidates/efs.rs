//! EFS: elastic, bursting with the set stored, and provisioned at rates around what the job asks for.

use ingestsim_scenario::schema::storage::{Efs, Performance, Profile, Role, Throughput, Zones};
use ingestsim_units::Rate;

use super::{Family, Found, Site};

/// What is provisioned, as shares of what the GPUs take.
const SHARES: [f64; 3] = [0.5, 1.0, 2.0];

const MIB: f64 = 1_048_576.0;

/// Offers every throughput mode in both kinds of zones.
pub(super) fn add(site: &Site<'_>, found: &mut Found) {
    for (suffix, zones) in [("", Zones::Regional), ("-one-zone", Zones::One)] {
        let mut offer = |name: String, family, throughput| {
            let efs = Efs {
                throughput,
                stored: None,
                zones,
                performance: Performance::General,
                read_metering: None,
                walk_rate: None,
                role: Role::Candidate,
                bill_storage: site.kept,
            };
            found.offer(format!("efs-{name}{suffix}"), family, Profile::Efs(efs));
        };
        offer("elastic".to_owned(), Family::EfsElastic, Throughput::Elastic);
        offer("bursting".to_owned(), Family::EfsBursting, Throughput::Bursting);
        for rate in provisioned(site) {
            let name = format!("provisioned-{}-mib", rate.bytes_per_second() >> 20);
            offer(name, Family::EfsProvisioned, Throughput::Provisioned(rate));
        }
    }
}

/// Rates that are worth paying for: metered, so that a third of what is read counts, in whole MiB a second.
fn provisioned(site: &Site<'_>) -> Vec<Rate> {
    let efs = &site.catalog.storage().efs;
    let metering = efs.read_metering.value;
    let most = efs.provisioned.read_rate.value.as_f64() * metering / MIB;
    let mut rates: Vec<u64> = SHARES
        .into_iter()
        .map(|share| (share * site.demand() * metering / MIB).ceil().clamp(1.0, most.max(1.0)) as u64)
        .collect();
    rates.dedup();
    rates.into_iter().map(|mib| Rate::per_second(mib << 20)).collect()
}
