//! Which files a run leaves in its folder, and what each holds.

use ingestsim_sweep::{ProfileResult, Study};

use crate::{
    failed::FailedProfile,
    folder::NewFile,
    json,
    sheet::{Sheet, run},
};

/// Every table that a run may leave; one that is not left goes, so that none is of another run.
pub const TABLES: [&str; 8] = [
    "summary.csv",
    "epochs.csv",
    "stalls.csv",
    "costs.csv",
    "timeline.csv",
    "latency.csv",
    "tiers.csv",
    "trials.csv",
];

/// The same as Parquet.
pub const TABLES_BESIDE: [&str; 8] = [
    "summary.parquet",
    "epochs.parquet",
    "stalls.parquet",
    "costs.parquet",
    "timeline.parquet",
    "latency.parquet",
    "tiers.parquet",
    "trials.parquet",
];

/// The files of `run`, charts apart; its provenance names the profiles that `failed`. `scenario` is the resolved scenario as TOML, `version` that of the program.
#[must_use]
pub fn run(study: &Study, failed: &[FailedProfile], scenario: &str, version: &str) -> Vec<NewFile> {
    let mut provenance = json::provenance(study, version);
    FailedProfile::add_to(failed, &mut provenance);
    let mut files = vec![
        NewFile::new("scenario.toml", scenario),
        NewFile::new("provenance.json", json::text(&provenance)),
        full(study, "summary.csv", run::summary),
        full(study, "epochs.csv", run::epochs),
        full(study, "stalls.csv", run::stalls),
        full(study, "costs.csv", run::costs),
        brief(study, "timeline.csv", run::timeline),
        brief(study, "latency.csv", run::latency),
        brief(study, "tiers.csv", run::tiers),
    ];
    if study.profiles.iter().any(|profile| profile.first().trials.len() > 1) {
        files.push(full(study, "trials.csv", run::trials));
    }
    files
}

/// A file whose rows begin with scenario and profile.
fn full(study: &Study, name: &str, sheet: fn(&ProfileResult) -> Sheet) -> NewFile {
    let sheets = study.profiles.iter().map(|profile| {
        sheet(profile).led_by(&[("scenario", &study.scenario), ("storage", &profile.storage)])
    });
    NewFile::new(name, Sheet::stacked(sheets).to_csv())
}

/// A file whose rows begin with the profile.
fn brief(study: &Study, name: &str, sheet: fn(&ProfileResult) -> Sheet) -> NewFile {
    let sheets = study.profiles.iter().map(|profile| sheet(profile).led_by(&[("storage", &profile.storage)]));
    NewFile::new(name, Sheet::stacked(sheets).to_csv())
}

#[cfg(test)]
mod tests {
    use ingestsim_model::outcome::TrialRow;

    use crate::fixture;

    use super::*;

    /// The first line of each file.
    fn headers(files: &[NewFile]) -> Vec<String> {
        let tables = files.iter().filter(|file| file.path.extension().is_some_and(|end| end == "csv"));
        let first = |file: &NewFile| {
            let text = String::from_utf8(file.content.clone()).unwrap();
            format!("{}: {}", file.path.display(), text.lines().next().unwrap())
        };
        tables.map(first).collect()
    }

    #[test]
    fn the_columns_are_those_that_are_promised() {
        let headers = headers(&run(&fixture::study(), &[], "", "1.0.0"));
        let [summary, rest @ ..] = headers.as_slice() else { panic!("there are files") };
        let start =
            "summary.csv: scenario,storage,replications,time_to_first_batch_s,time_to_first_batch_s_ci95,";
        assert!(summary.starts_with(start), "{summary}");
        assert!(summary.ends_with(",read_errors,read_errors_ci95,fidelity,fidelity_error"), "{summary}");
        assert_eq!(
            rest,
            [
                "epochs.csv: scenario,storage,replication,trial,epoch,seconds,samples_per_s,bytes_per_s,\
                 gpu_utilisation,accelerator_utilisation,first_batch_s",
                "stalls.csv: scenario,storage,epoch,cause,own_s,through_barrier_s",
                "costs.csv: scenario,storage,part,item,quantity,unit,price_usd,cost_usd,source",
                "timeline.csv: storage,t_s,gpu_utilisation,bytes_per_s,samples_per_s,queue_depth,credits_bytes",
                "latency.csv: storage,tier,what,p50_ms,p95_ms,p99_ms",
                "tiers.csv: storage,tier,cache,request_kind,requests,read_bytes,hits,misses",
            ]
        );
    }

    #[test]
    fn several_trials_have_a_file_of_their_own() {
        let mut study = fixture::study();
        let trial = TrialRow {
            trial: 1,
            submitted_s: 0.0,
            time_to_first_batch_s: 5.0,
            loop_s: 10.0,
            ended_s: 20.0,
            gpu_utilisation: 0.5,
        };
        study.profiles[0].outcomes[0].trials = vec![trial.clone(), trial];
        let headers = headers(&run(&study, &[], "", "1.0.0"));
        assert_eq!(
            headers.last().unwrap(),
            "trials.csv: scenario,storage,replication,trial,submitted_s,time_to_first_batch_s,loop_s,ended_s,\
             gpu_utilisation"
        );
    }
}
