//! The terminal's answer.

use ingestsim_scenario::schema::storage::BillStorage;
use ingestsim_sweep::{
    Study,
    decide::recommend::{Limit, Objective, Place, Ranking, Recommendation},
};

use super::{flag, mean, words};
use crate::{
    human,
    table::{self, Look, grid::Grid},
};

/// Rows of a ranking; the tables of the folder have all.
const ROWS: usize = 8;

/// The whole answer. `study` holds the candidates that are shown.
#[must_use]
pub fn text(study: &Study, recommendation: &Recommendation, look: Look) -> String {
    let mut blocks = vec![table::head(study, look)];
    blocks.push(words::answers(recommendation).iter().map(|sentence| lines(sentence)).collect());
    blocks.extend(recommendation.rankings.iter().map(|ranking| self::ranking(recommendation, ranking, look)));
    blocks.push(front(recommendation));
    for place in &recommendation.places {
        let title = first_places(recommendation, place);
        blocks.push(bullets(&title, &words::because(recommendation, place), look));
    }
    blocks.push(bullets("What would change the answer", &words::changes(recommendation), look));
    blocks.push(bullets("How", &how(recommendation), look));
    blocks.into_iter().filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n")
}

fn lines(text: &str) -> String {
    table::wrapped(text, "  ").into_iter().map(|line| line + "\n").collect()
}

fn bullets(title: &str, items: &[String], look: Look) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: String = items.iter().map(|item| lines(&format!("- {item}"))).collect();
    format!("{}\n{items}", look.title(title))
}

/// What a set-up is first in.
pub(crate) fn first_places(recommendation: &Recommendation, place: &Place) -> String {
    let name = &recommendation.entrants[place.entrant].candidate.name;
    let firsts: Vec<&str> = place.objectives.iter().map(|objective| super::title(*objective)).collect();
    format!("{name}, first by {}", firsts.join(" and "))
}

fn ranking(recommendation: &Recommendation, ranking: &Ranking, look: Look) -> String {
    match ranked(recommendation, ranking) {
        None => String::new(),
        Some(grid) if grid.is_empty() => format!("{}\n No set-up is.\n", look.title(grid.title())),
        Some(grid) => grid.print(look),
    }
}

/// A ranking, the best of each way; nothing where it would be the first once more, as the sentences have said.
pub(crate) fn ranked(recommendation: &Recommendation, ranking: &Ranking) -> Option<Grid> {
    let target = human::percent(recommendation.question.limits.target());
    let title = match ranking.objective {
        Objective::Cost => "By cost, the best of each way".to_owned(),
        Objective::Time => "By time, the best of each way".to_owned(),
        Objective::CostAtTarget => format!("By cost, of those with GPUs busy for {target} of the loop"),
    };
    let families = ranking.families(&recommendation.entrants);
    let by_cost = recommendation.rankings[0].order.first();
    if ranking.objective == Objective::CostAtTarget && ranking.order.first() == by_cost {
        return None;
    }
    let columns = ["cost", "whole\njob", "GPU\nutilisation", "first\nbatch", "way", ""];
    let mut grid = Grid::new(title, columns).with_words(&["way", ""]);
    let last = families.len().saturating_sub(1);
    let shown = families.iter().enumerate().filter(|(place, _)| *place < ROWS || *place == last);
    for (place, &(index, tied)) in shown {
        let entrant = &recommendation.entrants[index];
        let mark = match (place, tied) {
            (0, _) => "first",
            (_, true) => "ties",
            (place, false) if place == last => "last",
            _ => "",
        };
        grid.push(
            &entrant.candidate.name,
            [
                human::money_aligned(mean(entrant, "cost_total_usd")),
                human::time_aligned(mean(entrant, "total_s")),
                human::percent_aligned(mean(entrant, "gpu_utilisation")),
                human::time_aligned(mean(entrant, "time_to_first_batch_s")),
                entrant.candidate.family.title().to_owned(),
                mark.to_owned(),
            ],
        );
    }
    Some(grid)
}

/// Who is on the front.
fn front(recommendation: &Recommendation) -> String {
    let names: Vec<&str> = recommendation
        .front
        .iter()
        .map(|&index| recommendation.entrants[index].candidate.name.as_str())
        .collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => lines(&format!("Nothing beats {only} on cost or time: it is the whole Pareto front.")),
        names => lines(&format!("Pareto front, from cheapest to fastest: {}.", names.join(", "))),
    }
}

/// What was looked at and how closely, what is excluded, and how storage is billed.
pub(crate) fn how(recommendation: &Recommendation) -> Vec<String> {
    let entrants = &recommendation.entrants;
    let in_heat = |heat: usize| entrants.iter().filter(|entrant| entrant.heat >= heat).count();
    let closest = entrants.iter().max_by_key(|entrant| (entrant.heat, entrant.result.outcomes.len()));
    let replications = closest.map_or(1, |entrant| entrant.result.outcomes.len());
    let mut lines = vec![format!(
        "{} set-ups were looked at, {} of them more closely and {} of these most closely, {} each.",
        entrants.len(),
        in_heat(1),
        in_heat(2),
        human::counted(replications as u64, "replication")
    )];
    if !recommendation.places.is_empty() {
        lines.push(words::in_full(recommendation));
    }
    lines.extend(excluded(recommendation));
    lines.extend(refused(recommendation));
    lines.push(match recommendation.kept {
        BillStorage::Job => "Storage that is there between jobs is billed while the job runs, as if others paid for the \
                             rest: by jobs a month, above, it bears its share; --jobs-per-month N counts it so throughout."
            .to_owned(),
        BillStorage::None => "Storage that is there between jobs is paid for by others, as the scenario says.".to_owned(),
        BillStorage::Retention(kept) => format!(
            "Each of {} in {} bears its share of storage that is there between jobs.",
            human::counted(kept.jobs.into(), "job"),
            kept.retention.human()
        ),
    });
    lines
}

/// How many set-ups each limit excludes.
fn excluded(recommendation: &Recommendation) -> Option<String> {
    let by = |limit: Limit| recommendation.entrants.iter().filter(|one| one.broken.contains(&limit)).count();
    let all = recommendation.entrants.iter().filter(|one| !one.broken.is_empty()).count();
    let limits = [Limit::MaxCost, Limit::MinUtilisation, Limit::Deadline];
    let parts: Vec<String> = limits
        .into_iter()
        .filter(|limit| by(*limit) > 0)
        .map(|limit| format!("{} break {}", by(limit), flag(limit)))
        .collect();
    (all > 0).then(|| format!("{all} of them are left out of the rankings: {}.", parts.join(", ")))
}

/// Why set-ups cannot be had, and how many.
fn refused(recommendation: &Recommendation) -> Option<String> {
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for refused in &recommendation.refused {
        match reasons.iter_mut().find(|(why, _)| *why == refused.why) {
            Some((_, count)) => *count += 1,
            None => reasons.push((&refused.why, 1)),
        }
    }
    let parts: Vec<String> = reasons.iter().map(|(why, count)| format!("{count}: {why}")).collect();
    (!parts.is_empty()).then(|| {
        format!("{} cannot be had for this job. {}.", recommendation.refused.len(), parts.join(". "))
    })
}
