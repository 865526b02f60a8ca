//! The tables of the folder, and the document of `--json`.

use ingestsim_sweep::{
    Study,
    decide::recommend::{Objective, Recommendation, Turn},
};
use serde_json::{Value, json};

use super::{flag, knob, mean, title, words};
use crate::{
    folder::NewFile,
    sheet::{Cell, Sheet},
};

/// The file with every candidate, its figures and its place in each ranking.
pub const CANDIDATES: &str = "candidates.csv";
/// The file with what cannot be had for the job, and why.
pub const REFUSED: &str = "refused.csv";
/// The file with every turn of the first place.
pub const TURNS: &str = "turns.csv";
/// The file with what each first place hangs on.
const ASSUMPTIONS: &str = "assumptions.csv";

/// Figures of a candidate, each with its interval.
const FIGURES: [&str; 11] = [
    "cost_total_usd",
    "total_s",
    "gpu_utilisation",
    "time_to_first_batch_s",
    "loop_s",
    "cost_compute_usd",
    "cost_storage_usd",
    "cost_throughput_usd",
    "cost_requests_usd",
    "cost_volume_usd",
    "cost_transfer_usd",
];

/// The tables as files.
#[must_use]
pub fn sheets(study: &Study, recommendation: &Recommendation) -> Vec<NewFile> {
    let lead = [("scenario", study.scenario.as_str())];
    let file = |name: &str, sheet: Sheet| NewFile::new(name, sheet.led_by(&lead).to_csv());
    vec![
        file(CANDIDATES, candidates(recommendation)),
        file(REFUSED, refused(recommendation)),
        file(TURNS, turns(recommendation)),
        file(ASSUMPTIONS, assumptions(recommendation)),
    ]
}

/// A row a candidate: places count from 1, ties say whether it ties with the first.
fn candidates(recommendation: &Recommendation) -> Sheet {
    let places = ["cost", "time", "target"].map(|name| [format!("place_{name}"), format!("ties_{name}")]);
    let figures = FIGURES.map(|figure| [figure.to_owned(), format!("{figure}_ci95")]);
    let columns = ["storage", "way"].map(str::to_owned).into_iter().chain(places.into_iter().flatten());
    let columns = columns.chain(["front", "broken"].map(str::to_owned)).chain(figures.into_iter().flatten());
    let looked =
        ["replications", "heat", "fidelity", "fidelity_error", "exact_cost_total_usd", "exact_total_s"];
    let columns = columns.chain(looked.map(str::to_owned));
    let mut sheet = Sheet::new(columns);
    for (index, entrant) in recommendation.entrants.iter().enumerate() {
        let mut row = vec![Cell::text(&entrant.candidate.name), Cell::text(entrant.candidate.family.title())];
        for ranking in &recommendation.rankings {
            let place = ranking.order.iter().position(|other| *other == index);
            row.push(place.map(|place| place as u64 + 1).into());
            row.push(place.map_or(Cell::Empty, |place| yes(ranking.tied[place])));
        }
        row.push(yes(recommendation.front.contains(&index)));
        let broken: Vec<&str> = entrant.broken.iter().map(|limit| flag(*limit)).collect();
        row.push(if broken.is_empty() { Cell::Empty } else { Cell::text(broken.join(" ")) });
        for figure in FIGURES {
            let estimate = entrant.result.summary.get(figure).unwrap_or_default();
            row.extend([estimate.mean.into(), estimate.ci95.into()]);
        }
        let outcome = entrant.result.first();
        let exact = recommendation.confirmed.iter().find(|one| one.entrant == index);
        row.extend([
            (entrant.result.outcomes.len() as u64).into(),
            (entrant.heat as u64 + 1).into(),
            Cell::text(&outcome.fidelity),
            outcome.fidelity_error.into(),
            exact.map(|one| one.cost_usd).into(),
            exact.map(|one| one.total_s).into(),
        ]);
        sheet.push(row);
    }
    sheet
}

fn yes(yes: bool) -> Cell {
    Cell::text(if yes { "yes" } else { "no" })
}

fn refused(recommendation: &Recommendation) -> Sheet {
    let mut sheet = Sheet::new(["storage", "why"]);
    for refused in &recommendation.refused {
        sheet.push(vec![Cell::text(&refused.name), Cell::text(&refused.why)]);
    }
    sheet
}

/// A row a turn; a knob that turns nothing has one row with who is first throughout.
fn turns(recommendation: &Recommendation) -> Sheet {
    let mut sheet = Sheet::new([
        "by",
        "knob",
        "now",
        "lowest",
        "highest",
        "before",
        "after",
        "from",
        "to",
        "from_before",
        "to_before",
        "from_after",
        "to_after",
        "confirmed",
    ]);
    let name = |index: usize| Cell::text(&recommendation.entrants[index].candidate.name);
    for reach in &recommendation.reaches {
        let lead = || {
            let (low, high) = reach.range;
            let head = [Cell::text(title(reach.objective)), Cell::text(knob(reach.knob)), reach.now.into()];
            head.into_iter().chain([low.into(), high.into()])
        };
        let row = |turn: &Turn| {
            let figures =
                [turn.at_before.0, turn.at_before.1, turn.at_after.0, turn.at_after.1].map(Cell::from);
            let ends = [turn.before.into(), turn.after.into(), name(turn.from), name(turn.to)];
            lead().chain(ends).chain(figures).chain([yes(turn.is_confirmed())]).collect()
        };
        if reach.turns.is_empty() {
            let nothing = std::iter::repeat_n(Cell::Empty, 6);
            sheet.push(lead().chain([Cell::Empty, Cell::Empty, name(reach.first)]).chain(nothing).collect());
        }
        reach.turns.iter().for_each(|turn| sheet.push(row(turn)));
    }
    sheet
}

fn assumptions(recommendation: &Recommendation) -> Sheet {
    let mut sheet =
        Sheet::new(["storage", "by", "catalog", "figure", "value", "half", "double", "overturns", "note"]);
    for place in &recommendation.places {
        for one in &place.assumptions {
            sheet.push(vec![
                Cell::text(&recommendation.entrants[place.entrant].candidate.name),
                Cell::text(title(place.objectives[0])),
                Cell::text(&one.id),
                Cell::text(&one.quantity),
                Cell::text(&one.value),
                one.half.into(),
                one.double.into(),
                yes(one.overturns),
                Cell::text(&one.note),
            ]);
        }
    }
    sheet
}

/// The document of `recommend --json`.
#[must_use]
pub fn json(study: &Study, recommendation: &Recommendation) -> Value {
    let name = |index: &usize| recommendation.entrants[*index].candidate.name.as_str();
    let places: Vec<Value> = recommendation
        .places
        .iter()
        .map(|place| {
            let entrant = &recommendation.entrants[place.entrant];
            json!({
                "storage": entrant.candidate.name,
                "first_by": place.objectives.iter().map(|one: &Objective| title(*one)).collect::<Vec<_>>(),
                "cost_total_usd": mean(entrant, "cost_total_usd"),
                "total_s": mean(entrant, "total_s"),
                "gpu_utilisation": mean(entrant, "gpu_utilisation"),
                "bottleneck": place.bottleneck.as_ref().map(|one| json!({
                    "what": one.what, "share": one.share, "hangs_on": one.hangs_on,
                })),
                "because": words::because(recommendation, place),
            })
        })
        .collect();
    json!({
        "schema_version": crate::json::SCHEMA_VERSION,
        "scenario": study.scenario,
        "limits": {
            "max_cost_usd": recommendation.question.limits.max_cost,
            "min_utilisation": recommendation.question.limits.min_utilisation,
            "deadline_s": recommendation.question.limits.deadline_s,
        },
        "answers": words::answers(recommendation),
        "places": places,
        "front": recommendation.front.iter().map(name).collect::<Vec<_>>(),
        "candidates": candidates(recommendation).to_json(),
        "turns": turns(recommendation).to_json(),
        "changes": words::changes(recommendation),
        "assumptions": assumptions(recommendation).to_json(),
        "refused": refused(recommendation).to_json(),
        "wall_s": recommendation.entrants.iter().map(|entrant| entrant.result.wall_s).sum::<f64>(),
    })
}
