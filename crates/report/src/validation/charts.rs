//! Predicted against measured, a chart a unit.

use ingestsim_sweep::validate::{Accuracy, Unit, Use, Validated, Verdict};

use crate::{
    chart::{self, Case, Chart, ChartError, Frame, Quantity, ScatterLog},
    folder::NewFile,
    human::{counted, percent},
    run_charts::FOLDER,
};

/// A unit with fewer figures has no chart: the table shows them as well.
const LEAST_FIGURES: usize = 3;

/// The units, the names of their charts, and what their figures are.
const CHARTS: [(Unit, &str, &str, Quantity); 4] = [
    (Unit::Seconds, "times", "time", Quantity::Seconds),
    (Unit::SamplesPerSecond, "sample-rates", "samples a second", Quantity::PerSecond),
    (Unit::MebibytesPerSecond, "byte-rates", "throughput", Quantity::BinaryBytesPerSecond),
    (Unit::Share, "shares", "share", Quantity::Share),
];

/// The charts as files, each as PNG and SVG.
pub(super) fn files(validated: &Validated, version: &str) -> Result<Vec<NewFile>, ChartError> {
    let mut files = Vec::new();
    for (unit, name, label, quantity) in CHARTS {
        let of_unit = |verdict: &&Verdict| verdict.figure.unit == unit;
        let verdicts: Vec<&Verdict> = validated.verdicts.iter().filter(of_unit).collect();
        if verdicts.len() < LEAST_FIGURES {
            continue;
        }
        let chart = ScatterLog {
            frame: frame(validated, unit, version),
            label: label.to_owned(),
            quantity,
            cases: verdicts.into_iter().map(case).collect(),
        };
        files.push(NewFile::new(format!("{FOLDER}/{name}.png"), chart.png()?));
        files.push(NewFile::new(format!("{FOLDER}/{name}.svg"), chart.svg()?));
    }
    Ok(files)
}

fn case(verdict: &Verdict) -> Case {
    let (figure, base) = (&verdict.figure, verdict.figure.unit.in_base());
    Case {
        name: format!("{} {}", figure.case(), figure.metric),
        source: figure.source.clone(),
        measured: figure.measured * base,
        predicted: verdict.predicted * base,
        used: match figure.used {
            Use::Calibrate => chart::Use::Calibrate,
            Use::Check => chart::Use::Check,
        },
    }
}

fn frame(validated: &Validated, unit: Unit, version: &str) -> Frame {
    let accuracy = validated.accuracy(|verdict| verdict.figure.unit == unit);
    let replications = counted(validated.replications, "replication");
    Frame::new(
        title(&accuracy, unit),
        "Published measurements; constants were fitted on the hollow ones only",
        format!("validation · {replications} · ingestsim {version}"),
    )
}

/// The finding: how far the predictions are off.
fn title(accuracy: &Accuracy, unit: Unit) -> String {
    let (Some(median), Some(p90)) = (accuracy.median_abs_error, accuracy.p90_abs_error) else {
        return "Constants were fitted on all of these figures".to_owned();
    };
    let (things, sign) = match unit {
        Unit::Seconds => ("times", "%"),
        Unit::SamplesPerSecond => ("sample rates", "%"),
        Unit::MebibytesPerSecond => ("byte rates", "%"),
        Unit::Share => ("shares", "points"),
    };
    let off = |error: f64| percent(error).replace('%', sign);
    format!(
        "Half of {} predicted {things} are within {}, nine in ten within {}",
        accuracy.cases,
        off(median),
        off(p90)
    )
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn a_unit_with_enough_figures_has_a_chart_in_both_formats() {
        let mut validated = fixture::validated();
        assert!(files(&validated, "1.2.3").unwrap().is_empty());
        let more = validated.verdicts[0].clone();
        validated.verdicts.push(more);
        let files = files(&validated, "1.2.3").unwrap();
        let names: Vec<String> = files.iter().map(|file| file.path.display().to_string()).collect();
        assert_eq!(names, ["charts/times.png", "charts/times.svg"]);
    }

    #[test]
    fn the_title_is_the_finding() {
        let accuracy = Accuracy { cases: 40, median_abs_error: Some(0.011), p90_abs_error: Some(0.08) };
        assert_eq!(
            title(&accuracy, Unit::Seconds),
            "Half of 40 predicted times are within 1.1 %, nine in ten within 8 %"
        );
        assert_eq!(
            title(&accuracy, Unit::Share),
            "Half of 40 predicted shares are within 1.1 points, nine in ten within 8 points"
        );
    }
}
