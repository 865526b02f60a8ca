//! The order of candidates: by what they cost, by when the job is done, and by cost among those that keep GPUs busy.

use ingestsim_scenario::schema::storage::Profile;

use super::{accuracy::Accuracy, candidates::Candidate};
use crate::{Figures, ProfileResult, decide::compare::Differences};

/// GPU utilisation that counts as busy where the user asks for none.
const TARGET: f64 = 0.9;

/// A candidate and what it came to.
#[derive(Debug, Clone)]
pub struct Entrant {
    /// The set-up.
    pub candidate: Candidate,
    /// Its runs, in the last heat that it was in.
    pub result: ProfileResult,
    /// That heat, from 0.
    pub heat: usize,
    /// The limits that it breaks.
    pub broken: Vec<Limit>,
}

/// What candidates are ranked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Objective {
    /// The bill of the job.
    Cost,
    /// Submission until the job is done.
    Time,
    /// The bill, among those that reach the utilisation wanted.
    CostAtTarget,
}

/// What the user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    /// Dollars that the job may cost.
    pub max_cost: Option<f64>,
    /// GPU utilisation of the loop that it has to reach.
    pub min_utilisation: Option<f64>,
    /// Seconds after submission by which it has to be done.
    pub deadline_s: Option<f64>,
}

/// A limit that excludes a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// It costs too much.
    MaxCost,
    /// Its GPUs wait too long.
    MinUtilisation,
    /// It is done too late.
    Deadline,
}

/// The candidates that break no limit, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// What they are ranked by.
    pub objective: Objective,
    /// Indexes of entrants.
    pub order: Vec<usize>,
    /// Whether each ties with the first: it is within the intervals, or within the error of such predictions.
    pub tied: Vec<bool>,
}

impl Objective {
    /// Every one, in the order of the output.
    pub const ALL: [Self; 3] = [Self::Cost, Self::Time, Self::CostAtTarget];

    /// The figure that is the smaller the better.
    #[must_use]
    pub const fn column(self) -> &'static str {
        match self {
            Self::Cost | Self::CostAtTarget => "cost_total_usd",
            Self::Time => "total_s",
        }
    }

    /// What a candidate has of it; none where it misses the utilisation wanted.
    #[must_use]
    pub fn of(self, summary: &Figures, target: f64) -> Option<f64> {
        let counts = self != Self::CostAtTarget || summary.mean("gpu_utilisation") >= target;
        counts.then(|| summary.mean(self.column()))
    }
}

impl Limits {
    /// The utilisation that counts as busy.
    #[must_use]
    pub fn target(&self) -> f64 {
        self.min_utilisation.unwrap_or(TARGET)
    }

    /// The limits that a candidate breaks.
    #[must_use]
    pub fn broken(&self, summary: &Figures) -> Vec<Limit> {
        let above = |limit: Option<f64>, figure| limit.is_some_and(|limit| summary.mean(figure) > limit);
        let below = |limit: Option<f64>, figure| limit.is_some_and(|limit| summary.mean(figure) < limit);
        let broken = [
            (Limit::MaxCost, above(self.max_cost, "cost_total_usd")),
            (Limit::MinUtilisation, below(self.min_utilisation, "gpu_utilisation")),
            (Limit::Deadline, above(self.deadline_s, "total_s")),
        ];
        broken.into_iter().filter_map(|(limit, broken)| broken.then_some(limit)).collect()
    }
}

impl Ranking {
    /// The entrants that break no limit by `objective`; of equals the one that was found first.
    #[must_use]
    pub fn of(entrants: &[Entrant], objective: Objective, target: f64) -> Self {
        let figure = |index: &usize| objective.of(&entrants[*index].result.summary, target);
        let mut order: Vec<usize> = (0..entrants.len())
            .filter(|&index| entrants[index].broken.is_empty() && figure(&index).is_some())
            .collect();
        order.sort_by(|one, other| {
            figure(one).unwrap_or(f64::NAN).total_cmp(&figure(other).unwrap_or(f64::NAN))
        });
        let tied = order.iter().map(|&index| tie(&entrants[order[0]], &entrants[index], objective.column()));
        Self { objective, tied: tied.collect(), order }
    }

    /// The first of each family, in their order: indexes of entrants, and whether they tie with the first.
    #[must_use]
    pub fn families(&self, entrants: &[Entrant]) -> Vec<(usize, bool)> {
        let mut firsts: Vec<(usize, bool)> = Vec::new();
        for (&index, &tied) in self.order.iter().zip(&self.tied) {
            let family = &entrants[index].candidate.family;
            if firsts.iter().all(|(known, _)| entrants[*known].candidate.family != *family) {
                firsts.push((index, tied));
            }
        }
        firsts
    }
}

/// Whether two cannot be told apart by a figure.
#[must_use]
pub fn tie(one: &Entrant, other: &Entrant, column: &str) -> bool {
    let [first, second] = [one, other].map(|entrant| entrant.result.summary.mean(column));
    let difference = (first - second).abs();
    difference <= interval(&one.result, &other.result, column).max(error(one, other) * first.max(second))
}

/// What predictions for both may be off by, as a share.
fn error(one: &Entrant, other: &Entrant) -> f64 {
    let of = |profile: &Profile| Accuracy::of(profile).error;
    of(&one.candidate.profile).max(of(&other.candidate.profile))
}

/// The half width of the interval of a difference: of the pairs where both have as many replications.
pub(super) fn interval(one: &ProfileResult, other: &ProfileResult, column: &str) -> f64 {
    if one.outcomes.len() == other.outcomes.len() {
        return Differences::between(one, other).of(column).ci95.unwrap_or(0.0);
    }
    let half =
        |result: &ProfileResult| result.summary.get(column).and_then(|estimate| estimate.ci95).unwrap_or(0.0);
    half(one).hypot(half(other))
}

/// The entrants that break no limit and that no other beats on both cost and time, the cheapest first.
#[must_use]
pub fn front(entrants: &[Entrant]) -> Vec<usize> {
    let place = |index: usize| {
        let summary = &entrants[index].result.summary;
        (summary.mean("cost_total_usd"), summary.mean("total_s"))
    };
    let mut order: Vec<usize> =
        (0..entrants.len()).filter(|&index| entrants[index].broken.is_empty()).collect();
    order.sort_by(|&one, &other| {
        let (one, other) = (place(one), place(other));
        one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1))
    });
    let mut soonest = f64::INFINITY;
    order.retain(|&index| {
        let sooner = place(index).1 < soonest;
        soonest = soonest.min(place(index).1);
        sooner
    });
    order
}

#[cfg(test)]
pub(super) mod tests {
    use ingestsim_model::outcome::Summary;

    use super::*;
    use crate::{
        decide::{recommend::candidates::Family, testing},
        fixture,
    };

    /// An entrant on a kind of the small scenario's profiles, with a cost, a time and a utilisation in each replication.
    pub(in super::super) fn entrant(name: &str, on: &str, runs: &[(f64, f64, f64)]) -> Entrant {
        let profile = testing::scenario("").storage[on].clone();
        let mut result = fixture::profile(name, &vec![1.0; runs.len()]);
        for (outcome, &(cost_total_usd, total_s, gpu_utilisation)) in result.outcomes.iter_mut().zip(runs) {
            outcome.summary = Summary { cost_total_usd, total_s, gpu_utilisation, ..Summary::default() };
        }
        result.summary = Figures::of(&result.outcomes.iter().map(|one| &one.summary).collect::<Vec<_>>());
        let candidate = Candidate { name: name.to_owned(), family: Family::Own(name.to_owned()), profile };
        Entrant { candidate, result, heat: 0, broken: Vec::new() }
    }

    fn entrants() -> Vec<Entrant> {
        vec![
            entrant("cheap", "lustre", &[(10.0, 500.0, 0.5)]),
            entrant("fast", "lustre", &[(20.0, 100.0, 0.95)]),
            entrant("both", "copy", &[(12.0, 200.0, 0.92)]),
            entrant("neither", "copy", &[(21.0, 600.0, 0.4)]),
        ]
    }

    #[test]
    fn each_objective_has_its_order() {
        let entrants = entrants();
        let order = |objective| Ranking::of(&entrants, objective, 0.9).order;
        assert_eq!(order(Objective::Cost), [0, 2, 1, 3]);
        assert_eq!(order(Objective::Time), [1, 2, 0, 3]);
        assert_eq!(order(Objective::CostAtTarget), [2, 1]);
    }

    #[test]
    fn the_front_is_what_nothing_beats_on_both() {
        assert_eq!(front(&entrants()), [0, 2, 1]);
    }

    #[test]
    fn a_limit_excludes_and_is_named() {
        let limits = Limits { max_cost: Some(20.0), min_utilisation: Some(0.9), deadline_s: Some(500.0) };
        let mut entrants = entrants();
        for entrant in &mut entrants {
            entrant.broken = limits.broken(&entrant.result.summary);
        }
        let broken: Vec<&[Limit]> = entrants.iter().map(|one| one.broken.as_slice()).collect();
        use Limit::{Deadline, MaxCost, MinUtilisation};
        assert_eq!(broken, [&[MinUtilisation][..], &[], &[], &[MaxCost, MinUtilisation, Deadline]]);
        assert_eq!(Ranking::of(&entrants, Objective::Cost, limits.target()).order, [2, 1]);
        assert_eq!(front(&entrants), [2, 1]);
    }

    /// FSx was predicted to within 5.7 %: $10.00 and $10.50 are 4.8 % of the larger apart, $10.00 and $10.70 6.5 %.
    #[test]
    fn what_is_within_the_validated_error_ties() {
        let [first, near, far] = [10.0, 10.5, 10.7].map(|cost| entrant("x", "lustre", &[(cost, 1.0, 1.0)]));
        assert!(tie(&first, &near, "cost_total_usd"));
        assert!(!tie(&first, &far, "cost_total_usd"));
        // EFS was never checked: it has the largest error, 9.7 %.
        assert!(tie(&first, &entrant("x", "shared", &[(10.7, 1.0, 1.0)]), "cost_total_usd"));
    }

    /// Differences of 1, 9 and 2: 4 ± 10.8, which is more than 5.7 % of anything here.
    #[test]
    fn what_is_within_the_interval_ties() {
        let runs = |costs: [f64; 3]| costs.map(|cost| (cost, 1.0, 1.0));
        let one = entrant("x", "lustre", &runs([10.0, 10.0, 10.0]));
        let other = entrant("x", "lustre", &runs([11.0, 19.0, 12.0]));
        assert!(tie(&one, &other, "cost_total_usd"));
        let steady = entrant("x", "lustre", &runs([14.0, 14.1, 13.9]));
        assert!(!tie(&one, &steady, "cost_total_usd"));
    }

    #[test]
    fn a_family_is_told_by_its_best() {
        let mut entrants = entrants();
        entrants[1].candidate.family = entrants[0].candidate.family.clone();
        let ranking = Ranking::of(&entrants, Objective::Cost, 0.9);
        let families: Vec<usize> = ranking.families(&entrants).into_iter().map(|(index, _)| index).collect();
        assert_eq!(families, [0, 2, 3]);
    }
}
