//! What `explain` leaves for programs: a row for each thing that was tried and for each bound, and one document of both.

use ingestsim_sweep::{
    Study,
    decide::explain::{Explained, Gain},
};
use serde_json::{Value, json};

use super::{advice, finding, how};
use crate::sheet::{Cell, Sheet};

/// A row for each thing that was tried. Gains are positive.
#[must_use]
pub fn what_ifs(study: &Study, explained: &[Explained]) -> Sheet {
    let mut sheet = Sheet::new([
        "scenario",
        "storage",
        "kind",
        "change",
        "first_batch_gain_s",
        "first_epoch_gain_s",
        "total_gain_s",
        "cost_gain_usd",
        "gpu_utilisation",
        "then",
    ]);
    for profile in explained {
        for what_if in profile.settings.iter().chain(&profile.resources) {
            let Gain { first_batch_s, first_epoch_s, total_s, cost_usd } = what_if.gain;
            let setting = what_if.advice.is_some();
            sheet.push(vec![
                Cell::text(&study.scenario),
                Cell::text(&profile.base.storage),
                Cell::text(if setting { "setting" } else { "resource" }),
                Cell::text(&what_if.what),
                first_batch_s.into(),
                first_epoch_s.into(),
                total_s.into(),
                if setting { cost_usd.into() } else { Cell::Empty },
                what_if.gpu_utilisation.into(),
                what_if.then.map_or(Cell::Empty, Cell::text),
            ]);
        }
    }
    sheet
}

/// A row for each phase and epoch: what it hangs on.
#[must_use]
pub fn bounds(study: &Study, explained: &[Explained]) -> Sheet {
    let mut sheet =
        Sheet::new(["scenario", "storage", "part", "seconds", "cause", "resource", "saved_by_double"]);
    for profile in explained {
        let mut push =
            |part: String, seconds: f64, cause: Option<&str>, by: Option<&str>, share: Option<f64>| {
                sheet.push(vec![
                    Cell::text(&study.scenario),
                    Cell::text(&profile.base.storage),
                    Cell::text(part),
                    seconds.into(),
                    cause.map_or(Cell::Empty, Cell::text),
                    by.map_or(Cell::Empty, Cell::text),
                    share.into(),
                ]);
            };
        for phase in &profile.phases {
            push(phase.phase.to_owned(), phase.seconds, None, Some(phase.by), phase.share);
        }
        for row in &profile.epochs {
            let (by, share) = row.resource.unzip();
            push(format!("epoch {}", row.epoch), row.seconds, row.cause, by, share);
        }
    }
    sheet
}

/// The document of `explain --json`.
#[must_use]
pub fn json(study: &Study, explained: &[Explained]) -> Value {
    let rows = |sheet: &Value, storage: &str| {
        let all = sheet.as_array().into_iter().flatten();
        all.filter(|row| row["storage"] == storage).cloned().collect::<Vec<_>>()
    };
    let (what_ifs, bounds) = (what_ifs(study, explained).to_json(), bounds(study, explained).to_json());
    let profile = |one: &Explained| {
        let storage = one.base.storage.as_str();
        json!({
            "storage": storage,
            "finding": finding(one),
            "summary": crate::sheet::run::summary(&one.base).to_json()[0],
            "stalls": crate::sheet::run::stalls(&one.base).to_json(),
            "bounds": rows(&bounds, storage),
            "what_ifs": rows(&what_ifs, storage),
            "advice": advice(one),
            "cut_to_steps": one.cut_to,
        })
    };
    json!({
        "schema_version": crate::json::SCHEMA_VERSION,
        "scenario": study.scenario,
        "profiles": explained.iter().map(profile).collect::<Vec<_>>(),
        "how": how(explained),
        "wall_s": study.profiles.iter().map(|one| one.wall_s).sum::<f64>(),
    })
}
