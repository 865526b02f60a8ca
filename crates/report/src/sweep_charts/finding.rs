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

/// What is within a thousandth of each other differs by chance alone, or not at all.
const EQUAL: f64 = 1e-3;

/// Letters that two lines of a title have room for.
const TITLE_LETTERS: usize = 118;

/// The best of each profile, best first; of one profile the best and the worst; or that nothing makes a difference.
/// Only the points that are `shown` count.
pub(super) fn of(swept: &Swept, metric: &Metric, shown: impl Fn(&SweptPoint) -> bool) -> String {
    let points: Vec<&SweptPoint> = swept.points.iter().filter(|point| shown(point)).collect();
    let finding = Finding { swept, metric, points };
    let best = best_of_profiles(swept, metric, shown);
    match best.as_slice() {
        [_, ..] if finding.points.len() > 1 && finding.spread().is_some() => finding.same(),
        [] => format!("No point has a {}", metric.label),
        [one] if finding.points.len() > 1 => finding.ends(one),
        best => finding.ranked(best),
    }
}

/// The points that a sentence is about.
struct Finding<'s> {
    swept: &'s Swept,
    metric: &'s Metric,
    points: Vec<&'s SweptPoint>,
}

impl Finding<'_> {
    /// That nothing makes a difference.
    fn same(&self) -> String {
        let (least, most) = self.spread().unwrap_or_default();
        let (least, most) = (shown(self.metric, least), shown(self.metric, most));
        let range = if least == most { least } else { format!("{least} to {most}") };
        format!("Nothing that was swept matters to the {}: {range}", self.metric.label)
    }

    /// The best and the worst of one profile.
    fn ends(&self, best: &SweptPoint) -> String {
        let rest = self.points.iter().filter(|point| point.mean(self.metric.figure).is_finite());
        let worst = rest.max_by(|a, b| loss(self.metric, a).total_cmp(&loss(self.metric, b)));
        let worst = worst.copied().unwrap_or(best);
        format!("{}; at worst {}{}", self.led(best), value(self.metric, worst), self.with(worst))
    }

    /// The best of each profile, of as many as the title has room for.
    fn ranked(&self, best: &[&SweptPoint]) -> String {
        let named = |most: usize| {
            // Where there is no room for all, the last says how far they lie apart.
            let few = best.len().min(most);
            let (first, end) = if few < best.len() && few > 1 {
                (&best[..few - 1], &best[best.len() - 1..])
            } else {
                (&best[..few], &[][..])
            };
            let other = |point: &&SweptPoint| {
                format!("{} {}{}", name(self.swept, point), value(self.metric, point), self.with(point))
            };
            let others = first[1..].iter().chain(end).map(other);
            std::iter::once(self.led(first[0])).chain(others).collect::<Vec<_>>().join(", ")
        };
        let fits = |title: &String| title.chars().count() <= TITLE_LETTERS;
        let titles = (1..=NAMED_MAX).rev().map(named);
        titles.clone().find(fits).unwrap_or_else(|| named(1))
    }

    /// The sentence's beginning, about the best point.
    fn led(&self, point: &SweptPoint) -> String {
        let (name, value, with) = (name(self.swept, point), value(self.metric, point), self.with(point));
        let is_choice = !self.swept.axes.is_empty() && self.points.len() > 1;
        let lead = if is_choice { "At best " } else { "" };
        match self.metric.figure {
            Figure::Utilisation => format!("{lead}{name} keeps the GPUs busy for {value} of the loop{with}"),
            Figure::FirstBatch => format!("{lead}{name} holds its first batch after {value}{with}"),
            _ => format!("{lead}{name} costs {value}{with}"),
        }
    }

    /// At which values, in brackets; nothing where all points of the profile are as good.
    fn with(&self, point: &SweptPoint) -> String {
        let mean = point.mean(self.metric.figure);
        let others = self.points.iter().filter(|other| other.profile == point.profile);
        let differs = |other: &&SweptPoint| {
            let other = other.mean(self.metric.figure);
            other.is_finite() && (other - mean).abs() > EQUAL * mean.abs()
        };
        if !others.copied().any(|other| differs(&other)) {
            return String::new();
        }
        // No line end takes a value apart.
        let values = self.swept.values_said(point);
        let values: Vec<String> = values.iter().map(|value| value.replace(' ', "\u{a0}")).collect();
        if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) }
    }

    /// The least and the most of the figure, if that is about the same.
    fn spread(&self) -> Option<(f64, f64)> {
        let means = self.points.iter().map(|point| point.mean(self.metric.figure));
        let means = means.filter(|mean| mean.is_finite());
        let least = means.clone().reduce(f64::min)?;
        let most = means.reduce(f64::max)?;
        (most - least <= SAME * most.abs()).then_some((least, most))
    }
}

/// The best point of each profile, the best of them first.
pub(super) fn best_of_profiles<'a>(
    swept: &'a Swept,
    metric: &Metric,
    shown: impl Fn(&SweptPoint) -> bool,
) -> Vec<&'a SweptPoint> {
    let best = |profile: usize| {
        let known = swept.points.iter().filter(|point| shown(point) && point.mean(metric.figure).is_finite());
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

fn name<'a>(swept: &'a Swept, point: &SweptPoint) -> &'a str {
    &swept.profiles[point.profile].name
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
