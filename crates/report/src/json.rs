//! The JSON documents: what `run --json` prints, and `provenance.json`.

use ingestsim_sweep::{ProfileResult, Study};
use serde_json::{Value, json};

use crate::sheet::run;

/// Counted up when a key changes its name or meaning; new keys leave it alone.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// The document of `run --json`: the sheets of each profile, the columns' names as keys.
#[must_use]
pub fn run(study: &Study) -> Value {
    let runs: Vec<Value> = study.profiles.iter().map(profile).collect();
    json!({ "schema_version": SCHEMA_VERSION, "scenario": study.scenario, "runs": runs })
}

fn profile(profile: &ProfileResult) -> Value {
    let mut document = json!({
        "storage": profile.storage,
        "summary": run::summary(profile).to_json()[0],
        "epochs": run::epochs(profile).to_json(),
        "stalls": run::stalls(profile).to_json(),
        "tiers": run::tiers(profile).to_json(),
        "latency": run::latency(profile).to_json(),
        "costs": run::costs(profile).to_json(),
        "notes": profile.first().notes,
        "events": profile.events,
        "wall_s": profile.wall_s,
    });
    if let Some(check) = profile.first().fidelity_check {
        document["fidelity_check"] = json!(check);
    }
    if profile.first().trials.len() > 1 {
        document["trials"] = run::trials(profile).to_json();
    }
    document
}

/// What is needed to get the same results again, and what tells whether one did.
#[must_use]
pub fn provenance(study: &Study, version: &str) -> Value {
    let runs = study.profiles.iter().flat_map(|profile| {
        profile.outcomes.iter().map(|outcome| {
            json!({
                "storage": profile.storage,
                "replication": outcome.replication,
                "events": outcome.events,
                // As text: a JSON reader may keep no more than 53 bits of a number.
                "history": format!("{:016x}", outcome.history),
            })
        })
    });
    let notes =
        |profile: &ProfileResult| json!({ "storage": profile.storage, "notes": profile.first().notes });
    json!({
        "version": version,
        "scenario": study.scenario,
        "scenario_digest": study.digest,
        "seed": study.seed,
        "replications": study.replications,
        "wall_s": study.profiles.iter().map(|profile| profile.wall_s).sum::<f64>(),
        "events": study.profiles.iter().map(|profile| profile.events).sum::<u64>(),
        "runs": runs.collect::<Vec<_>>(),
        "notes": study.profiles.iter().map(notes).collect::<Vec<_>>(),
    })
}

/// A document as text, indented, with a line end.
#[must_use]
pub fn text(document: &Value) -> String {
    format!("{document:#}\n")
}

#[cfg(test)]
mod tests {
    use crate::fixture;

    use super::*;

    #[test]
    fn a_run_has_the_columns_as_keys_and_null_for_no_value() {
        let document = run(&fixture::study());
        assert_eq!(document["schema_version"], 1);
        assert_eq!(document["runs"][0]["storage"], "download");
        assert_eq!(document["runs"][0]["summary"]["loop_s"], 100.0);
        assert_eq!(document["runs"][0]["summary"]["loop_s_ci95"], Value::Null);
        assert_eq!(document["runs"][1]["epochs"][0]["epoch"], 1);
        assert!(document["runs"][0].get("trials").is_none());
    }

    #[test]
    fn provenance_names_every_run() {
        let document = provenance(&fixture::study(), "1.2.3");
        assert_eq!(document["version"], "1.2.3");
        assert_eq!(document["runs"][1]["storage"], "lustre");
        assert_eq!(document["runs"][1]["history"], "00000000000000ff");
        assert_eq!(document["events"], 2_000);
    }
}
