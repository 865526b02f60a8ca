//! The answer in sentences: who is first and by how much, what binds a first place, and what would change it.

use ingestsim_sweep::decide::recommend::{
    Accuracy, Confirmed, Entrant, Knob, Objective, Place, Reach, Recommendation, Turn,
};
use ingestsim_units::Bytes;

use super::mean;
use crate::{explain, human};

/// An assumption that moves a figure by less is not worth telling.
const MOVES: f64 = 0.005;

/// So many that tie with the first are named.
const TIES_NAMED: usize = 3;

/// Who is first in each ranking, at what figures, and who cannot be told apart from it.
#[must_use]
pub fn answers(recommendation: &Recommendation) -> Vec<String> {
    let target = human::percent(recommendation.question.limits.target());
    recommendation
        .rankings
        .iter()
        .map(|ranking| {
            let subject = match ranking.objective {
                Objective::Cost => "Cheapest".to_owned(),
                Objective::Time => "Fastest".to_owned(),
                Objective::CostAtTarget => {
                    format!("Cheapest with GPUs busy for {target} of the loop or more")
                }
            };
            let families = ranking.families(&recommendation.entrants);
            let Some(&(first, _)) = families.first() else {
                return format!("{subject}: no set-up is.");
            };
            let first = &recommendation.entrants[first];
            format!(
                "{subject} is {}: {}.{}",
                first.candidate.name,
                figures(first),
                ties(recommendation, &families)
            )
        })
        .collect()
}

/// `$10.20, done after 1.9 h, GPUs busy for 97 % of the loop`.
fn figures(entrant: &Entrant) -> String {
    format!(
        "{}, done after {}, GPUs busy for {} of the loop",
        human::money(mean(entrant, "cost_total_usd")),
        human::time(mean(entrant, "total_s")),
        human::percent(mean(entrant, "gpu_utilisation"))
    )
}

/// Whether the first is alone: other ways that are within the intervals or the error of such predictions.
fn ties(recommendation: &Recommendation, families: &[(usize, bool)]) -> String {
    let tied: Vec<&str> = families[1..]
        .iter()
        .filter(|(_, tied)| *tied)
        .map(|(index, _)| recommendation.entrants[*index].candidate.name.as_str())
        .collect();
    match tied.as_slice() {
        [] => String::new(),
        few if few.len() <= TIES_NAMED => format!(" It ties with {}.", listed(few)),
        many => {
            let named = many[..TIES_NAMED].join(", ");
            match many.len() - TIES_NAMED {
                1 => format!(" It ties with {named} and one other."),
                others => format!(" It ties with {named} and {others} others."),
            }
        }
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What a first place is bound by, what it hangs on, how well its like was predicted, and what would help it.
#[must_use]
pub fn because(recommendation: &Recommendation, place: &Place) -> Vec<String> {
    let entrant = &recommendation.entrants[place.entrant];
    let mut sentences = vec![bottleneck(place), assumption(place), accuracy(entrant)];
    let confirmed = recommendation.confirmed.iter().find(|one| one.entrant == place.entrant);
    sentences.extend(confirmed.map(|one| format!("Confirmed by a full exact run: {}.", off(one))));
    sentences.extend(explain::advice(&place.explained).into_iter().take(1));
    sentences
}

fn bottleneck(place: &Place) -> String {
    let Some(bottleneck) = &place.bottleneck else {
        return "Its GPUs limit it: storage takes less than 2 % of the job.".to_owned();
    };
    let hangs = bottleneck.hangs_on.map(|name| format!("; it hangs on {name}")).unwrap_or_default();
    format!(
        "Storage holds it up most by {}, {} of the job{hangs}.",
        bottleneck.what,
        human::percent(bottleneck.share)
    )
}

fn assumption(place: &Place) -> String {
    let Some(most) = place.assumptions.first().filter(|most| most.effect() >= MOVES) else {
        return "It hangs on no figure that the catalog infers: half or twice of any moves it by less than 0.5 %.".to_owned();
    };
    let figure = match place.objectives[0] {
        Objective::Cost | Objective::CostAtTarget => "cost",
        Objective::Time => "time",
    };
    let of = most.id.rsplit('.').next().unwrap_or(&most.id);
    let lost = if most.overturns { ", and loses it the place" } else { ", and leaves it the place" };
    let moved = |share: f64| {
        let sign = if share < 0.0 { "−" } else { "+" };
        if share.abs() < 0.0005 {
            "nothing".to_owned()
        } else if share.is_finite() {
            format!("{sign}{}", human::percent(share.abs()))
        } else {
            "out of reach".to_owned()
        }
    };
    let (half, double) = (moved(most.half), moved(most.double));
    format!(
        "The assumption it hangs on most is the {} of {of}, {}: half of it changes the {figure} by {half}, twice by \
         {double}{lost}.",
        most.quantity, most.value
    )
}

fn accuracy(entrant: &Entrant) -> String {
    let Accuracy { error, figures } = Accuracy::of(&entrant.candidate.profile);
    let error = human::percent(error);
    match figures {
        0 => format!(
            "Nothing published checks such predictions; they count as off by {error}, as the worst checked kind is."
        ),
        figures => format!(
            "Nine in ten of the {figures} published runs that check such predictions came out within {error}."
        ),
    }
}

/// `cost +0.02 %, time −0.01 %`.
fn off(confirmed: &Confirmed) -> String {
    format!("cost {}, time {}", human::off(confirmed.cost_off), human::off(confirmed.time_off))
}

/// Which of the first and the last were run in full, and what they came to; how to do it where the job is too long.
#[must_use]
pub(crate) fn in_full(recommendation: &Recommendation) -> String {
    let name = |index: usize| recommendation.entrants[index].candidate.name.as_str();
    let part = |one: &Confirmed| {
        let place = if one.is_last { "last" } else { "first" };
        format!("{} ({place}): {}", name(one.entrant), off(one))
    };
    let parts: Vec<String> = recommendation.confirmed.iter().map(part).collect();
    match parts.as_slice() {
        [] => "The job is too long to run first and last places in full beside this: `run --fidelity exact --storage NAME` on \
               the scenario.toml of the folder does."
            .to_owned(),
        parts => format!("Full exact runs, against what is said above: {}.", parts.join("; ")),
    }
}

/// What would change the answer, a sentence for each ranking and knob.
#[must_use]
pub fn changes(recommendation: &Recommendation) -> Vec<String> {
    recommendation.reaches.iter().map(|reach| change(recommendation, reach)).collect()
}

fn change(recommendation: &Recommendation, reach: &Reach) -> String {
    let name = |index: usize| recommendation.entrants[index].candidate.name.as_str();
    let ranked = match reach.objective {
        Objective::Cost => "Cheapest",
        Objective::Time => "Fastest",
        Objective::CostAtTarget => "Cheapest with busy GPUs",
    };
    let along = match reach.knob {
        Knob::Epochs => "by epochs",
        Knob::JobsPerMonth => "by jobs a month that share what is kept",
        Knob::FileSize => "by the size of a file",
    };
    let now = reach.now.map(|now| format!(" (now {})", value(reach.knob, now))).unwrap_or_default();
    let (low, high) = reach.range;
    if reach.turns.is_empty() {
        let (low, high) = (value(reach.knob, low), value(reach.knob, high));
        return format!("{ranked} {along}{now}: {} from {low} to {high}.", name(reach.first));
    }
    let mut text = format!("{ranked} {along}{now}: {} from {}", name(reach.first), value(reach.knob, low));
    for turn in &reach.turns {
        text.push_str(&format!("; {} {}{}", name(turn.to), from(reach.knob, turn), confirmed(turn)));
    }
    format!("{text}; up to {}.", value(reach.knob, high))
}

/// Where a turn lies: between its two sides where they are no neighbouring whole numbers.
fn from(knob: Knob, turn: &Turn) -> String {
    match knob {
        Knob::Epochs | Knob::JobsPerMonth => format!("from {}", value(knob, turn.after)),
        Knob::FileSize => format!("from {} to {} on", value(knob, turn.before), value(knob, turn.after)),
    }
}

/// Whether the order flips at both sides of a turn when they are simulated more closely.
fn confirmed(turn: &Turn) -> &'static str {
    if turn.is_confirmed() { " (confirmed)" } else { " (too close to confirm)" }
}

/// A knob's value with its unit.
pub(super) fn value(knob: Knob, value: f64) -> String {
    match knob {
        Knob::Epochs => human::counted(value as u64, "epoch"),
        Knob::JobsPerMonth => format!("{} a month", human::count(value as u64)),
        Knob::FileSize => Bytes::from_f64_rounded(value).human().to_string(),
    }
}
