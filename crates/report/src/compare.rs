//! What `compare` answers: the sides, what each has more or less of than one of them, and a closing sentence.

use std::cmp::Ordering;

use ingestsim_sweep::{
    Estimate, ProfileResult,
    decide::compare::{Comparison, Differences, direction},
};
use serde_json::{Value, json};

use crate::{
    human,
    sheet::{Cell, Sheet, run},
    table::{self, Look, block, grid::Grid},
};

/// The file that holds every difference, beside the tables of a run.
pub const DIFFERENCES: &str = "differences.csv";

/// A share of a mean below which an interval is rounding.
const ROUNDING: f64 = 1e-6;

/// The figures that differences are shown of: what a column is called, and the figure.
const SHOWN: [(&str, &str); 6] = [
    ("first\nbatch", "time_to_first_batch_s"),
    ("data\nstart-up", "data_startup_s"),
    ("loop", "loop_s"),
    ("whole\njob", "total_s"),
    ("GPU\nutilisation", "gpu_utilisation"),
    ("cost", "cost_total_usd"),
];

/// The whole answer.
#[must_use]
pub fn text(comparison: &Comparison, look: Look) -> String {
    let study = &comparison.study;
    let closing: String =
        table::wrapped(&sentence(comparison), "  ").into_iter().map(|line| line + "\n").collect();
    let blocks = [
        table::head(study, look),
        block::headline(study).print(look),
        differences(comparison).print(look),
        table::notes(study, look),
        closing,
    ];
    blocks.into_iter().filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What every other side has more (+) or less (−) than the baseline.
pub(crate) fn differences(comparison: &Comparison) -> Grid {
    let title = format!(
        "Difference from {}, taken replication by replication on the same random numbers",
        comparison.baseline().storage
    );
    let mut grid = Grid::new(title, SHOWN.map(|(column, _)| column));
    for (index, side) in comparison.study.profiles.iter().enumerate() {
        if index != comparison.against {
            let of = |figure| signed(comparison.differences[index].of(figure), printer(figure));
            grid.push(&side.storage, SHOWN.map(|(_, figure)| of(figure)));
        }
    }
    grid
}

/// How a figure is printed.
fn printer(figure: &str) -> fn(f64) -> String {
    match figure {
        "cost_total_usd" => human::money,
        "gpu_utilisation" => points,
        _ => human::time_aligned,
    }
}

/// A difference of two shares.
fn points(share: f64) -> String {
    format!("{:.1} pp", share * 100.0)
}

/// The half width of an interval that is worth its digits.
fn noise(difference: Estimate) -> Option<f64> {
    let mean = difference.mean?.abs();
    difference.ci95.filter(|half_width| *half_width > ROUNDING * mean && *half_width > 0.0)
}

/// A difference with its sign, and below it the half width of its interval.
fn signed(difference: Estimate, print: fn(f64) -> String) -> String {
    let Some(mean) = difference.mean else { return "–".to_owned() };
    let sign = match mean.partial_cmp(&0.0) {
        Some(Ordering::Less) => "−",
        Some(Ordering::Greater) => "+",
        _ => "",
    };
    let value = format!("{sign}{}", print(mean.abs()));
    noise(difference).map_or_else(|| value.clone(), |noise| format!("{value}\n± {}", print(noise)))
}

/// The closing sentence.
///
/// Of two sides it says what the other gains or loses against the baseline. Of more it compares the side that reaches
/// its first batch first with the cheapest of the others.
#[must_use]
pub fn sentence(comparison: &Comparison) -> String {
    let sides = &comparison.study.profiles;
    let by = |figure: &'static str| {
        move |&one: &usize, &other: &usize| {
            sides[one].summary.mean(figure).total_cmp(&sides[other].summary.mean(figure))
        }
    };
    let cheapest_of_all = (0..sides.len()).min_by(by("cost_total_usd")).unwrap_or_default();
    let (subject, object) = if sides.len() == 2 {
        (1 - comparison.against, comparison.against)
    } else {
        let first = (0..sides.len()).min_by(by("time_to_first_batch_s")).unwrap_or_default();
        let others = (0..sides.len()).filter(|&side| side != first);
        (first, others.min_by(by("cost_total_usd")).unwrap_or_default())
    };
    let what = clauses(&comparison.between(subject, object));
    let (subject, object) = (name(sides, subject), name(sides, object));
    if sides.len() == 2 {
        return format!("{subject} {what} than {object}.");
    }
    let cheapest = name(sides, cheapest_of_all);
    let which =
        if cheapest == object { "the cheapest".to_owned() } else { format!("{object}, the next in cost") };
    let object = if cheapest == object { format!("{object}, {which}") } else { which };
    format!("Of the {} {subject} is the first to its first batch: it {what} than {object}.", sides.len())
}

fn name(sides: &[ProfileResult], index: usize) -> String {
    sides[index].storage.clone()
}

/// `reaches the first batch 14.2 min earlier (± 6 s), is done 3 min later and costs $3.10 more`.
fn clauses(differences: &Differences) -> String {
    let batch = differences.of("time_to_first_batch_s");
    let job = differences.of("total_s");
    let cost = differences.of("cost_total_usd");
    format!(
        "reaches the first batch {}, is done {} and costs {}",
        clause(batch, human::time, ("earlier", "later"), "no sooner"),
        clause(job, human::time, ("earlier", "later"), "no sooner"),
        clause(cost, human::money, ("less", "more"), "no less"),
    )
}

/// A difference in words; what its interval leaves open is not called a difference.
fn clause(
    difference: Estimate,
    print: fn(f64) -> String,
    (below, above): (&str, &str),
    neither: &str,
) -> String {
    let size = print(difference.mean.unwrap_or_default().abs());
    let noise = noise(difference).map(|noise| format!(" (± {})", print(noise))).unwrap_or_default();
    match direction(difference) {
        Some(Ordering::Less) => format!("{size} {below}{noise}"),
        Some(_) => format!("{size} {above}{noise}"),
        None => format!("{neither}{noise}"),
    }
}

/// Every difference: a row a side and figure.
#[must_use]
pub fn sheet(comparison: &Comparison) -> Sheet {
    let columns =
        ["scenario", "storage", "against", "replications", "figure", "difference", "difference_ci95"];
    let mut sheet = Sheet::new(columns);
    let study = &comparison.study;
    for (side, differences) in study.profiles.iter().zip(&comparison.differences) {
        for (figure, difference) in differences.iter() {
            sheet.push(vec![
                Cell::text(&study.scenario),
                Cell::text(&side.storage),
                Cell::text(&comparison.baseline().storage),
                study.replications.into(),
                Cell::text(figure),
                difference.mean.into(),
                difference.ci95.into(),
            ]);
        }
    }
    sheet
}

/// The document of `compare --json`.
#[must_use]
pub fn json(comparison: &Comparison) -> Value {
    let study = &comparison.study;
    let side = |(side, differences): (&ProfileResult, &Differences)| {
        let mut pairs = Sheet::new(["figure", "difference", "ci95"]);
        for (figure, difference) in differences.iter() {
            pairs.push(vec![Cell::text(figure), difference.mean.into(), difference.ci95.into()]);
        }
        json!({
            "storage": side.storage,
            "summary": run::summary(side).to_json()[0],
            "differences": pairs.to_json(),
        })
    };
    let sides: Vec<Value> = study.profiles.iter().zip(&comparison.differences).map(side).collect();
    json!({
        "schema_version": crate::json::SCHEMA_VERSION,
        "scenario": study.scenario,
        "against": comparison.baseline().storage,
        "replications": study.replications,
        "sides": sides,
        "sentence": sentence(comparison),
        "wall_s": study.profiles.iter().map(|side| side.wall_s).sum::<f64>(),
    })
}

#[cfg(test)]
mod tests {
    use crate::fixture;

    use super::*;

    /// The fixture's `download` takes 90 s before its loop, `lustre` 12 s; a loop costs a thousandth of its seconds.
    fn comparison(profiles: &[(&str, &[f64])]) -> Comparison {
        let mut study = fixture::study();
        study.profiles = profiles.iter().map(|(name, loops)| fixture::profile(name, loops)).collect();
        study.replications = profiles[0].1.len() as u64;
        Comparison::new(study, 0)
    }

    /// First batches after 102 and 24 s, jobs of 200 and 102 s, costs of $0.10 and $0.08.
    #[test]
    fn two_sides_end_in_one_sentence() {
        let comparison = comparison(&[("download", &[100.0]), ("lustre", &[80.0])]);
        let expected = "lustre reaches the first batch 1.3 min earlier, is done 1.63 min earlier and costs $0.02 less \
                        than download.";
        assert_eq!(sentence(&comparison), expected);
    }

    /// Loops that differ by 20 and 24 s: 22 ± 25.4 s, so no side is cheaper for sure; 78 + 22 s earlier is for sure.
    #[test]
    fn what_the_interval_leaves_open_is_no_difference() {
        let comparison = comparison(&[("download", &[100.0, 102.0]), ("lustre", &[80.0, 78.0])]);
        let sentence = sentence(&comparison);
        assert!(sentence.contains("is done 1.67 min earlier (± 25.4 s)"), "{sentence}");
        assert!(sentence.contains("costs no less (± $0.0254)"), "{sentence}");
    }

    /// First batches after 102, 24 and 24 s, jobs of 200, 172 and 222 s, costs of $0.10, $0.15 and $0.20.
    #[test]
    fn of_many_sides_the_first_meets_the_cheapest() {
        let sides: [(&str, &[f64]); 3] = [("download", &[100.0]), ("lustre", &[150.0]), ("slower", &[200.0])];
        let expected = "Of the 3 lustre is the first to its first batch: it reaches the first batch 1.3 min earlier, is \
                        done 28 s earlier and costs $0.05 more than download, the cheapest.";
        assert_eq!(sentence(&comparison(&sides)), expected);
    }

    #[test]
    fn the_table_leaves_the_baseline_out_and_signs_the_others() {
        let text = text(&comparison(&[("download", &[100.0]), ("lustre", &[80.0])]), Look::Plain);
        let block = text.split("Difference from download").nth(1).unwrap();
        let row = block.lines().find(|line| line.starts_with(" lustre")).unwrap();
        let cells: Vec<&str> = row.split("   ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        assert_eq!(cells, ["lustre", "−1.3 min", "−1.3 min", "−20 s", "−1.63 min", "0.0 pp", "−$0.02"]);
        assert!(!block.lines().any(|line| line.starts_with(" download")), "{block}");
    }

    #[test]
    fn every_figure_has_a_row_for_every_side() {
        let sheet = sheet(&comparison(&[("download", &[100.0]), ("lustre", &[80.0])]));
        let csv = String::from_utf8(sheet.to_csv()).unwrap();
        assert!(csv.contains("\nmade-up,lustre,download,1,loop_s,-20,\n"), "{csv}");
        assert!(csv.contains("\nmade-up,lustre,download,1,accelerator_utilisation,,\n"), "{csv}");
    }

    #[test]
    fn the_document_names_each_difference() {
        let document = json(&comparison(&[("download", &[100.0]), ("lustre", &[80.0])]));
        let differences = document["sides"][1]["differences"].as_array().unwrap();
        let of_loop = differences.iter().find(|row| row["figure"] == "loop_s").unwrap();
        assert_eq!(of_loop["difference"], -20.0);
        assert_eq!(document["against"], "download");
    }
}
