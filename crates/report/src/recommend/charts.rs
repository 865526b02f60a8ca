//! The charts: cost against time with the front, and what the bill and the start-up of the best are made of.

use ingestsim_sweep::{
    Study,
    decide::recommend::{Family, Recommendation},
};

use super::mean;
use crate::{
    chart::{Axis, Better, Candidate, Chart, ChartError, Crowd, Crowded, Frame, Key, Pareto, Quantity},
    folder::NewFile,
    human,
    run_charts::{self, FOLDER, service},
};

/// Bars of a chart; more are a wall.
const BARS_MAX: usize = 12;

/// The charts as files, each as PNG and SVG. `footer` says where the figures come from.
///
/// # Errors
///
/// If a chart cannot be drawn.
pub fn files(
    study: &Study,
    recommendation: &Recommendation,
    footer: &str,
) -> Result<Vec<NewFile>, ChartError> {
    if study.profiles.is_empty() {
        return Ok(Vec::new());
    }
    let best = best(study, recommendation);
    let charts: [(&str, Box<dyn Chart>); 4] = [
        ("cost-against-time", Box::new(pareto(study, recommendation, footer))),
        ("cost-by-part", Box::new(run_charts::costs(&best, footer))),
        ("time-to-first-batch", Box::new(run_charts::first_batch(&best, footer))),
        ("gpu-utilisation", Box::new(run_charts::utilisation(&best, footer))),
    ];
    let mut files = Vec::with_capacity(2 * charts.len());
    for (name, chart) in charts {
        files.push(NewFile::new(format!("{FOLDER}/{name}.png"), chart.png()?));
        files.push(NewFile::new(format!("{FOLDER}/{name}.svg"), chart.svg()?));
    }
    Ok(files)
}

/// The study of the best of each way alone, the cheapest first.
pub(crate) fn best(study: &Study, recommendation: &Recommendation) -> Study {
    let ranking = &recommendation.rankings[0];
    let families = ranking.families(&recommendation.entrants).into_iter().take(BARS_MAX);
    let profiles = families.map(|(index, _)| recommendation.entrants[index].result.clone());
    Study { profiles: profiles.collect(), ..study.clone() }
}

/// Every candidate by time and cost. The front and the best of each way by cost have names.
pub(crate) fn pareto(study: &Study, recommendation: &Recommendation, footer: &str) -> Crowded {
    let entrants = &recommendation.entrants;
    let place = |index: usize| (mean(&entrants[index], "total_s"), mean(&entrants[index], "cost_total_usd"));
    let mut named = recommendation.front.clone();
    for (index, _) in recommendation.rankings[0].families(entrants) {
        if !named.contains(&index) {
            named.push(index);
        }
    }
    let candidates = named.iter().map(|&index| {
        let (x, y) = place(index);
        let name = entrants[index].candidate.name.clone();
        Candidate { name, service: service(entrants[index].result.kind), x, y }
    });
    let pareto = Pareto {
        frame: Frame::new(
            title(recommendation),
            format!(
                "{}; {} of {} set-ups on the front",
                study.setting,
                recommendation.front.len(),
                entrants.len()
            ),
            footer,
        ),
        x: Axis::new("submission until the job is done", Quantity::Seconds).tight().log(),
        x_better: Better::Lower,
        y: Axis::new("cost of the job", Quantity::Dollars).tight().log(),
        y_better: Better::Lower,
        candidates: candidates.collect(),
    };
    let mut crowds: Vec<Crowd> = Vec::new();
    for (index, entrant) in entrants.iter().enumerate() {
        let key = Key::new(service_name(entrant.result.kind), service(entrant.result.kind));
        let at = match crowds.iter().position(|crowd| crowd.key == key) {
            Some(at) => at,
            None => {
                crowds.push(Crowd { key, points: Vec::new(), candidates: Vec::new() });
                crowds.len() - 1
            }
        };
        match named.iter().position(|other| *other == index) {
            Some(at_named) => crowds[at].candidates.push(at_named),
            // What breaks a limit may beat the front.
            None if entrant.broken.is_empty() => crowds[at].points.push(place(index)),
            None => {}
        }
    }
    Crowded { pareto, crowds }
}

/// What a reader calls a kind of storage.
fn service_name(kind: &str) -> &str {
    match kind {
        "s3" => "S3",
        "efs" => "EFS",
        "fsx-lustre" => "FSx for Lustre",
        other => other,
    }
}

fn title(recommendation: &Recommendation) -> String {
    let entrants = &recommendation.entrants;
    let said = |index: usize| {
        let entrant = &entrants[index];
        let own = matches!(entrant.candidate.family, Family::Own(_));
        let name = if own { &entrant.candidate.name } else { entrant.candidate.family.title() };
        let (cost, time) = (mean(entrant, "cost_total_usd"), mean(entrant, "total_s"));
        format!("{} and {} ({name})", human::money(cost), human::time(time))
    };
    match recommendation.front.as_slice() {
        [] => "No set-up keeps to the limits".to_owned(),
        [only] => format!("One set-up is both cheapest and fastest: {}", said(*only)),
        [first, .., last] => format!("From {} to {}", said(*first), said(*last)),
    }
}
