//! Validation on a terminal: a block a source, then how large the errors are.

use ingestsim_sweep::validate::{Accuracy, Unit, Use, Validated, Verdict};

use crate::{human::percent, table::Look};

const HEADER: [&str; 7] = ["case", "figure", "measured", "predicted", "error", "use", "asked"];
/// Columns of figures: their texts end in line.
const RIGHT: [bool; 7] = [false, false, true, true, true, false, false];

/// The answer of `validate`.
#[must_use]
pub fn text(validated: &Validated, look: Look) -> String {
    let mut text = String::new();
    for source in sources(validated) {
        let verdicts = validated.verdicts.iter().filter(|one| one.figure.source == source);
        let rows: Vec<[String; 7]> =
            std::iter::once(HEADER.map(str::to_owned)).chain(verdicts.map(row)).collect();
        let accuracy = validated.accuracy(|one| one.figure.source == source);
        text += &format!("{}\n{}{}\n", look.title(source), aligned(&rows), line(&accuracy));
    }
    if !validated.verdicts.is_empty() {
        text += &total(validated, look);
    }
    text + &failed(validated)
}

/// How many figures have no prediction. Why not, is said as an error.
fn failed(validated: &Validated) -> String {
    let count: usize = validated.failed.iter().map(|failed| failed.figures.len()).sum();
    match count {
        0 => String::new(),
        1 => "\n1 figure has no prediction\n".to_owned(),
        _ => format!("\n{count} figures have no prediction\n"),
    }
}

/// The sources in the order of the table.
fn sources(validated: &Validated) -> Vec<&str> {
    let mut sources: Vec<&str> = Vec::new();
    for verdict in &validated.verdicts {
        if !sources.contains(&verdict.figure.source.as_str()) {
            sources.push(&verdict.figure.source);
        }
    }
    sources
}

fn row(verdict: &Verdict) -> [String; 7] {
    let figure = &verdict.figure;
    let asked = match verdict.is_within() {
        None => "",
        Some(true) => "within",
        Some(false) => "outside",
    };
    [
        figure.case().to_owned(),
        figure.metric.name().to_owned(),
        value(figure.measured, figure.unit),
        value(verdict.predicted, figure.unit),
        error(verdict),
        figure.used.name().to_owned(),
        asked.to_owned(),
    ]
}

/// A figure with its unit: `9245.1 s`, `96.2 %`.
fn value(value: f64, unit: Unit) -> String {
    let places = match value.abs() {
        large if large >= 1000.0 => 0,
        large if large >= 100.0 => 1,
        middle if middle >= 1.0 => 2,
        _ => 3,
    };
    match unit {
        Unit::Share => format!("{:.1} %", 100.0 * value),
        _ => format!("{value:.places$} {}", unit.sign()),
    }
}

/// An error with its sign: `-1.2 %`, and for shares `+0.5 points`.
fn error(verdict: &Verdict) -> String {
    let sign = if verdict.figure.unit == Unit::Share { "points" } else { "%" };
    format!("{:+.1} {sign}", 100.0 * verdict.error())
}

/// What the check figures of a source come to; nothing where there are none.
fn line(accuracy: &Accuracy) -> String {
    let Accuracy { cases, median_abs_error: Some(median), p90_abs_error: Some(p90) } = *accuracy else {
        return String::new();
    };
    if cases == 1 {
        return format!("1 check figure: absolute error {}\n", percent(median));
    }
    format!(
        "{cases} check figures: absolute error {} in the median, {} at the 90th percentile\n",
        percent(median),
        percent(p90)
    )
}

fn total(validated: &Validated, look: Look) -> String {
    let accuracy = validated.accuracy(|_| true);
    let title = look.title("All sources");
    if accuracy.cases == 0 {
        return format!("{title}\nno check figure: a constant was fitted on each of these\n");
    }
    let asked = validated.verdicts.iter().filter(|one| one.figure.used == Use::Check);
    let asked: Vec<_> = asked.filter_map(|one| Some((one, one.is_within()?))).collect();
    let outside: Vec<_> = asked.iter().filter(|(_, within)| !within).map(|(one, _)| one).collect();
    let mut text = format!("{title}\n{}", line(&accuracy));
    text += &format!(
        "{} of {} that were asked for lie within what was asked\n",
        asked.len() - outside.len(),
        asked.len()
    );
    for verdict in outside {
        let note = Some(&verdict.figure.note).filter(|note| !note.is_empty());
        let note = note.map(|note| format!(": {note}")).unwrap_or_default();
        text += &format!("- {} {}{note}\n", verdict.figure.id, error(verdict));
    }
    text
}

/// Columns as wide as their widest text, two spaces apart.
fn aligned(rows: &[[String; 7]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 7] = std::array::from_fn(width);
    let printed = |row: &[String; 7]| {
        let cells = row.iter().zip(widths).zip(RIGHT).map(|((text, width), right)| {
            if right { format!("{text:>width$}") } else { format!("{text:width$}") }
        });
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(printed).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn each_source_has_a_block_and_the_errors_end_it() {
        let text = text(&fixture::validated(), Look::Plain);
        let expected = "\
Somebody
case  figure  measured  predicted    error  use        asked
fast  loop_s   100.0 s    104.0 s   +4.0 %  check      outside
slow  loop_s   100.0 s    90.00 s  -10.0 %  calibrate
1 check figure: absolute error 4 %

Another
case   figure  measured  predicted        error  use    asked
cache  loop_s    50.0 %     48.0 %  -2.0 points  check  outside
1 check figure: absolute error 2 %

All sources
2 check figures: absolute error 2 % in the median, 4 % at the 90th percentile
0 of 2 that were asked for lie within what was asked
- one/fast/loop_s +4.0 %: a reason
- two/cache/loop_s -2.0 points: a reason
";
        assert_eq!(text, expected);
    }

    #[test]
    fn figures_have_about_four_digits() {
        assert_eq!(value(9245.1, Unit::Seconds), "9245 s");
        assert_eq!(value(181.85, Unit::Seconds), "181.8 s");
        assert_eq!(value(17.8, Unit::SamplesPerSecond), "17.80 samples/s");
        assert_eq!(value(0.055, Unit::Seconds), "0.055 s");
        assert_eq!(value(0.9624, Unit::Share), "96.2 %");
    }
}
