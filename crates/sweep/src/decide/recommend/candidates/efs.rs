//! EFS: elastic, bursting with the set stored, and provisioned at rates around what the job asks for.

use ingestsim_catalog::Catalog;
use ingestsim_scenario::{
    Scenario,
    schema::{
        job::Length,
        storage::{Efs, Performance, Profile, Role, Throughput, Zones},
    },
};
use ingestsim_units::{Bytes, Rate};

use super::{Family, Found, Refused, Site};

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
            let name = format!("{}-mib", rate.bytes_per_second() >> 20);
            offer(name, Family::EfsProvisioned, Throughput::Provisioned(rate));
        }
    }
    let Some(jobs) = site.jobs_per_month() else { return };
    found.candidates.retain(|candidate| {
        let most = jobs_on_credit(site.scenario, site.catalog, &candidate.profile);
        let lasts = most.is_none_or(|most| jobs <= most);
        if !lasts {
            let why =
                "expected no more jobs a month than the credit of bursting throughput lasts for, found more";
            found.refused.push(Refused { name: candidate.name.clone(), why: why.to_owned() });
        }
        lasts
    });
}

/// Jobs a month for which bursting throughput earns the credit, all data being read from it; none for other storage.
pub(in super::super) fn jobs_on_credit(
    scenario: &Scenario,
    catalog: &Catalog,
    profile: &Profile,
) -> Option<f64> {
    const MONTH_S: f64 = 730.0 * 3_600.0;
    let Profile::Efs(efs) = profile else { return None };
    let Length::Epochs(epochs) = scenario.job.length() else { return None };
    let listed = &catalog.storage().efs;
    let dataset = &scenario.dataset;
    let bytes = dataset.file_size.mean_f64() * dataset.file_count() as f64;
    let stored = efs.stored.unwrap_or(Bytes::from_f64_rounded(bytes));
    let metering = efs.read_metering.unwrap_or(listed.read_metering.value);
    let metered =
        bytes * dataset.fraction_per_epoch * epochs as f64 * f64::from(scenario.job.trials) * metering;
    let bursts = efs.throughput == Throughput::Bursting;
    bursts.then(|| listed.bursting_baseline(stored).as_f64() * MONTH_S / metered)
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
