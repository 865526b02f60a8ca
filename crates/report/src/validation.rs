//! What validation came to: an answer for a terminal, a JSON document, and the files of its folder.

mod charts;
mod table;

use ingestsim_sweep::validate::{Accuracy, Failed, Figure, Validated, Verdict};
use serde_json::{Value, json};

use crate::{
    chart::ChartError,
    folder::NewFile,
    json,
    sheet::{Cell, Sheet},
};

pub use self::table::text;

/// The document of `validate --json`. Figures that failed stand under a key of their own, which is there with them.
#[must_use]
pub fn document(validated: &Validated) -> Value {
    let Accuracy { cases, median_abs_error, p90_abs_error } = validated.accuracy(|_| true);
    let mut document = json!({
        "cases": validated.verdicts.iter().map(case).collect::<Vec<_>>(),
        "check": { "cases": cases, "median_abs_error": median_abs_error, "p90_abs_error": p90_abs_error },
    });
    add_failed(&mut document, validated);
    document
}

/// Adds what came to no prediction, where there is any.
fn add_failed(document: &mut Value, validated: &Validated) {
    let of = |failed: &Failed| {
        let one = |figure: &Figure| json!({ "id": figure.id, "error": failed.error });
        failed.figures.iter().map(one).collect::<Vec<_>>()
    };
    let failed: Vec<Value> = validated.failed.iter().flat_map(of).collect();
    if !failed.is_empty() {
        document["failed"] = failed.into();
    }
}

fn case(verdict: &Verdict) -> Value {
    let figure = &verdict.figure;
    json!({
        "id": figure.id,
        "source": figure.source,
        "metric": figure.metric.name(),
        "use": figure.used.name(),
        "measured": figure.measured,
        "predicted": verdict.predicted,
        "error": verdict.error(),
        "unit": figure.unit.sign(),
    })
}

/// The files of the folder: the table, the charts, and what is needed to get the same again.
///
/// # Errors
///
/// If a chart cannot be drawn.
pub fn files(validated: &Validated, version: &str) -> Result<Vec<NewFile>, ChartError> {
    let mut files = vec![
        NewFile::new("validation.csv", sheet(validated).to_csv()),
        NewFile::new("provenance.json", json::text(&provenance(validated, version))),
    ];
    files.extend(charts::files(validated, version)?);
    Ok(files)
}

const COLUMNS: [&str; 17] = [
    "id",
    "source",
    "system",
    "scenario",
    "storage",
    "set",
    "metric",
    "use",
    "measured",
    "predicted",
    "predicted_ci95",
    "error",
    "unit",
    "lowest_asked",
    "highest_asked",
    "within",
    "note",
];

/// A row a figure; of those that failed, at the end, what is known without a prediction.
fn sheet(validated: &Validated) -> Sheet {
    let mut sheet = Sheet::new(COLUMNS);
    for verdict in &validated.verdicts {
        sheet.push(row(&verdict.figure, Some(verdict)));
    }
    for figure in validated.failed.iter().flat_map(|failed| &failed.figures) {
        sheet.push(row(figure, None));
    }
    sheet
}

fn row(figure: &Figure, verdict: Option<&Verdict>) -> Vec<Cell> {
    let Figure { id, source, system, scenario, storage, sets, metric, used, measured, unit, asked, note } =
        figure;
    let within = verdict.and_then(Verdict::is_within).map(|within| if within { "yes" } else { "no" });
    vec![
        Cell::text(id),
        Cell::text(source),
        Cell::text(system),
        Cell::text(scenario),
        Cell::text(storage),
        Cell::text(sets.join("; ")),
        Cell::text(metric.name()),
        Cell::text(used.name()),
        (*measured).into(),
        verdict.map(|verdict| verdict.predicted).into(),
        verdict.and_then(|verdict| verdict.ci95).into(),
        verdict.map(Verdict::error).into(),
        Cell::text(unit.sign()),
        asked.map(|(lowest, _)| lowest).into(),
        asked.map(|(_, highest)| highest).into(),
        within.map_or(Cell::Empty, Cell::text),
        Cell::text(note),
    ]
}

fn provenance(validated: &Validated, version: &str) -> Value {
    let runs = validated.runs.iter().map(|run| {
        // As text: a JSON reader may keep no more than 53 bits of a number.
        let history = |(_, history): &(u64, u64)| format!("{history:016x}");
        json!({
            "run": run.name,
            "scenario_digest": run.digest,
            "events": run.histories.iter().map(|(events, _)| events).collect::<Vec<_>>(),
            "histories": run.histories.iter().map(history).collect::<Vec<_>>(),
        })
    });
    let mut provenance = json!({
        "version": version,
        "replications": validated.replications,
        "wall_s": validated.wall_s,
        "runs": runs.collect::<Vec<_>>(),
    });
    add_failed(&mut provenance, validated);
    provenance
}

#[cfg(test)]
pub(crate) mod fixture {
    use ingestsim_sweep::validate::{Metric, RunRecord, Unit, Use, Validated, Verdict};

    use super::Figure;

    /// Measured 100 s, predicted 104 as a check and 90 as a calibrated figure; a share of 0.5 predicted as 0.48.
    pub(crate) fn validated() -> Validated {
        let verdicts = vec![
            verdict("one/fast/loop_s", Use::Check, Unit::Seconds, (100.0, 104.0)),
            verdict("one/slow/loop_s", Use::Calibrate, Unit::Seconds, (100.0, 90.0)),
            verdict("two/cache/loop_s", Use::Check, Unit::Share, (0.5, 0.48)),
        ];
        let runs = vec![RunRecord {
            name: "case.toml --storage near".into(),
            digest: "abc".into(),
            histories: vec![(7, 255)],
        }];
        Validated { verdicts, failed: Vec::new(), runs, replications: 1, wall_s: 1.5 }
    }

    fn verdict(id: &str, used: Use, unit: Unit, (measured, predicted): (f64, f64)) -> Verdict {
        let source = if id.starts_with("one") { "Somebody" } else { "Another" };
        let figure = Figure {
            id: id.into(),
            source: source.into(),
            system: "a node".into(),
            scenario: "case".into(),
            storage: "near".into(),
            sets: vec!["job.epochs=2".into()],
            metric: Metric::Summary("loop_s"),
            used,
            measured,
            unit,
            asked: (used == Use::Check).then_some((0.99 * measured, 1.02 * measured)),
            note: "a reason".into(),
        };
        Verdict { figure, predicted, ci95: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_a_case_a_figure_and_judges_the_checks() {
        let document = document(&fixture::validated());
        assert_eq!(document["cases"].as_array().unwrap().len(), 3);
        let first = &document["cases"][0];
        assert_eq!(
            first.as_object().unwrap().keys().collect::<Vec<_>>(),
            ["id", "source", "metric", "use", "measured", "predicted", "error", "unit"]
        );
        assert!((first["error"].as_f64().unwrap() - 0.04).abs() < 1e-12);
        assert!((document["cases"][2]["error"].as_f64().unwrap() + 0.02).abs() < 1e-12);
        assert_eq!(document["check"]["cases"], 2);
        assert!((document["check"]["median_abs_error"].as_f64().unwrap() - 0.02).abs() < 1e-12);
        assert!((document["check"]["p90_abs_error"].as_f64().unwrap() - 0.04).abs() < 1e-12);
    }

    #[test]
    fn the_sheet_says_what_was_asked_and_whether_it_holds() {
        let csv = String::from_utf8(sheet(&fixture::validated()).to_csv()).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[0], COLUMNS.join(","));
        let head = "one/fast/loop_s,Somebody,a node,case,near,job.epochs=2,loop_s,check,100,104,,";
        assert!(lines[1].starts_with(head), "{}", lines[1]);
        assert!(lines[1].ends_with(",s,99,102,no,a reason"), "{}", lines[1]);
        assert!(lines[2].ends_with(",s,,,,a reason"), "{}", lines[2]);
    }

    /// A figure that failed is in the table without a prediction, and named with its error in document and record.
    #[test]
    fn what_failed_is_there_without_a_prediction() {
        let mut validated = fixture::validated();
        assert_eq!(document(&validated).get("failed"), None);
        let figure = validated.verdicts.remove(0).figure;
        validated.failed = vec![Failed { figures: vec![figure], error: "no room".into() }];
        let named = json!([{ "id": "one/fast/loop_s", "error": "no room" }]);
        assert_eq!(document(&validated)["failed"], named);
        assert_eq!(provenance(&validated, "1.2.3")["failed"], named);
        let csv = String::from_utf8(sheet(&validated).to_csv()).unwrap();
        let last = csv.lines().last().unwrap();
        assert!(last.ends_with(",loop_s,check,100,,,,s,99,102,,a reason"), "{last}");
        assert!(text(&validated, crate::table::Look::Plain).ends_with("\n1 figure has no prediction\n"));
    }

    #[test]
    fn the_folder_tells_how_to_get_the_same_again() {
        let provenance = provenance(&fixture::validated(), "1.2.3");
        assert_eq!(provenance["version"], "1.2.3");
        assert_eq!(provenance["runs"][0]["run"], "case.toml --storage near");
        assert_eq!(provenance["runs"][0]["histories"][0], "00000000000000ff");
    }
}
