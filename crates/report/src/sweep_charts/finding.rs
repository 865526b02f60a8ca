//! What a reader should see first in a chart of a sweep, as a sentence computed from its points.

use super::{
    Metric,
    table::{Figure, Swept, SweptPoint},
};
use crate::human;

/// Profiles that a sentence has room for.
const NAMED_MAX: usize = 3;

/// Values within this share of each other are not worth telling apart.
const SAME: f64 = 0.1;

/// The best of each profile, best first; of one profile the best and the worst; or that nothing makes a difference.
pub(super) fn of(swept: &Swept, metric: &Metric) -> String {
    let best = best_of_profiles(swept, metric);
    match best.as_slice() {
        [_, ..] if swept.points.len() > 1 && spread(swept, metric).is_some() => {
            let (least, most) = spread(swept, metric).unwrap_or_default();
            let (least, most) = (shown(metric, least), shown(metric, most));
            let range = if least == most { least } else { format!("{least} to {most}") };
            format!("Nothing that was swept matters to the {}: {range}", metric.label)
        }
        [] => format!("No point has a {}", metric.label),
        [one] if swept.points.len() > 1 => {
            let rest = swept.points.iter().filter(|point| point.mean(metric.figure).is_finite());
            let worst = rest.max_by(|a, b| loss(metric, a).total_cmp(&loss(metric, b)));
            let worst = worst.unwrap_or(one);
            format!("{}; at worst {}{}", led(swept, metric, one), value(metric, worst), with(swept, worst))
        }
        [first, others @ ..] => {
            // Where there is no room for all, the last says how far they lie apart.
            let kept = others.len().min(NAMED_MAX - 1);
            let (middle, end) = if others.len() > kept {
                (&others[..kept - 1], &others[others.len() - 1..])
            } else {
                (others, &[][..])
            };
            let other = |point: &&SweptPoint| {
                format!("{} {}{}", name(swept, point), value(metric, point), with(swept, point))
            };
            let all = middle.iter().chain(end).map(other);
            std::iter::once(led(swept, metric, first)).chain(all).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The best point of each profile, the best of them first.
pub(super) fn best_of_profiles<'a>(swept: &'a Swept, metric: &Metric) -> Vec<&'a SweptPoint> {
    let best = |profile: usize| {
        let known = swept.points.iter().filter(|point| point.mean(metric.figure).is_finite());
        let of_profile = known.filter(|point| point.profile == profile);
        of_profile.min_by(|a, b| loss(metric, a).total_cmp(&loss(metric, b)))
    };
    let mut best: Vec<&SweptPoint> = (0..swept.profiles.len()).filter_map(best).collect();
    best.sort_by(|a, b| loss(metric, a).total_cmp(&loss(metric, b)));
    best
}

/// How bad a point is.
fn loss(metric: &Metric, point: &SweptPoint) -> f64 {
    let mean = point.mean(metric.figure);
    if metric.less_is_better { mean } else { -mean }
}

/// The sentence's beginning, about the best point.
fn led(swept: &Swept, metric: &Metric, point: &SweptPoint) -> String {
    let (name, value, with) = (name(swept, point), value(metric, point), with(swept, point));
    match metric.figure {
        Figure::Utilisation => format!("At best {name} keeps the GPUs busy for {value} of the loop{with}"),
        Figure::FirstBatch => format!("At best {name} holds its first batch after {value}{with}"),
        _ => format!("At best {name} costs {value}{with}"),
    }
}

fn name<'a>(swept: &'a Swept, point: &SweptPoint) -> &'a str {
    &swept.profiles[point.profile].name
}

/// The least and the most of a figure, if that is about the same.
fn spread(swept: &Swept, metric: &Metric) -> Option<(f64, f64)> {
    let means = swept.points.iter().map(|point| point.mean(metric.figure)).filter(|mean| mean.is_finite());
    let least = means.clone().reduce(f64::min)?;
    let most = means.reduce(f64::max)?;
    (most - least <= SAME * most.abs()).then_some((least, most))
}

fn value(metric: &Metric, point: &SweptPoint) -> String {
    shown(metric, point.mean(metric.figure))
}

fn shown(metric: &Metric, mean: f64) -> String {
    let text = match metric.figure {
        Figure::Utilisation => human::percent(mean),
        Figure::FirstBatch => human::time(mean),
        _ => human::money(mean),
    };
    text.replace(' ', "\u{a0}")
}

/// At which values, in brackets.
fn with(swept: &Swept, point: &SweptPoint) -> String {
    // No line end takes a value apart.
    let values: Vec<String> =
        swept.values_said(point).iter().map(|value| value.replace(' ', "\u{a0}")).collect();
    if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) }
}
