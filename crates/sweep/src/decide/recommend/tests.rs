//! The race against a full simulation of everyone, and break-evens against runs on either side of them.

use ingestsim_catalog::Catalog;
use ingestsim_scenario::Scenario;

use super::*;
use crate::{Silent, decide::testing};

/// Sketches of a few hundred samples: far from exact, so that there is something to get wrong.
const SMALL: Budget = Budget {
    heats: [
        Heat { samples: 60_000, replications: 1 },
        Heat { samples: 120_000, replications: 2 },
        Heat { samples: 400_000, replications: 2 },
    ],
    samples_min: 600,
    samples_max: u64::MAX,
    replications_max: 4,
    search: 2_500,
    confirmed: 1_000_000,
};

/// Everything in full, everybody in every heat's first.
const FULL: Budget = Budget { samples_min: u64::MAX, ..SMALL };

fn raced(scenario: &Scenario, budget: Budget, limits: Limits) -> Vec<Entrant> {
    let catalog = Catalog::builtin();
    let kept = kept(scenario);
    let site = candidates::Site { scenario, catalog: &catalog, kept };
    let track = race::Track {
        scenario,
        catalog: &catalog,
        kept,
        limits,
        budget,
        replications: None,
        threads: 2,
        progress: &Silent,
    };
    race::race(&track, candidates::all(&site).candidates, &mut Vec::new()).unwrap()
}

fn figure(entrant: &Entrant, objective: Objective) -> f64 {
    entrant.result.summary.mean(objective.column())
}

/// The first of every ranking of a race is the first of a full simulation of all, or costs (takes) no more than a
/// thousandth more than it there.
fn assert_keeps_the_winner(sets: &str) {
    let scenario = testing::scenario(sets);
    let (fast, full) =
        (raced(&scenario, SMALL, Limits::default()), raced(&scenario, FULL, Limits::default()));
    assert!(full.iter().all(|entrant| entrant.result.first().fidelity == "exact"));
    for objective in Objective::ALL {
        let ranked = |entrants: &[Entrant]| Ranking::of(entrants, objective, 0.9).order.first().copied();
        let Some(best) = ranked(&full) else {
            assert_eq!(ranked(&fast), None, "{sets}: {objective:?}");
            continue;
        };
        let picked =
            &fast[ranked(&fast).expect("who reaches the target in full does so in a race")].candidate.name;
        let picked =
            full.iter().find(|one| one.candidate.name == *picked).expect("both races have the same entrants");
        let (least, found) = (figure(&full[best], objective), figure(picked, objective));
        let names = (&full[best].candidate.name, &picked.candidate.name);
        assert!(found <= 1.001 * least, "{sets}: {objective:?}: {names:?} {least} {found}");
    }
}

#[test]
fn the_race_keeps_the_winner_of_small_files_in_random_order() {
    assert_keeps_the_winner("dataset.files = 8_192");
}

#[test]
fn the_race_keeps_the_winner_of_one_pass_in_order() {
    assert_keeps_the_winner(
        "dataset.files = 2_048\ndataset.file-size = \"10 MB\"\njob.epochs = 1\njob.order = \"sequential\"\n\
         job.batch-size = 2\njob.step-time = \"200 ms\"\nloader.pytorch.decode.per-sample = \"0 s\"",
    );
}

#[test]
fn the_race_keeps_the_winner_of_many_epochs_on_two_nodes() {
    assert_keeps_the_winner(
        "dataset.files = 4_096\njob.epochs = 4\njob.instances = 2\njob.node.page-cache = \"off\"\n\
         loader.pytorch.workers = 6",
    );
}

#[test]
fn the_race_keeps_the_winner_where_storage_is_shared_for_a_month() {
    assert_keeps_the_winner("storage.shared.efs.bill-storage = { retention = \"730 h\", jobs = 30 }");
}

fn answer(sets: &str, question: Question, threads: usize) -> Recommendation {
    let scenario = testing::scenario(sets);
    let catalog = Catalog::builtin();
    let means = Means { catalog: &catalog, budget: SMALL, threads, progress: &Silent };
    recommend(&scenario, question, means).unwrap()
}

/// Places of a job of which a part was simulated come out in full within a hundredth of what is said of them. A job that
/// has more samples than are run in full is not confirmed, and says nothing false.
#[test]
fn first_and_last_are_within_a_hundredth_of_full_runs() {
    let catalog = Catalog::builtin();
    let scenario = testing::scenario(
        "dataset.files = 65_536\njob.epochs = 4\nstorage.lustre.fsx-lustre.load = \"lazy\"",
    );
    let answered = |budget: Budget| {
        let means = Means { catalog: &catalog, budget, threads: 2, progress: &Silent };
        recommend(&scenario, Question::default(), means).unwrap()
    };
    let answer = answered(Budget::default());
    let families = |ranking: usize| answer.rankings[ranking].families(&answer.entrants);
    for ranking in [0, 1] {
        let families = families(ranking);
        for (place, is_last) in [(families[0].0, false), (families[families.len() - 1].0, true)] {
            let confirmed =
                answer.confirmed.iter().find(|one| one.entrant == place).expect("it was run in full");
            assert_eq!(confirmed.is_last, is_last);
            let said = &answer.entrants[place];
            assert_ne!(said.result.first().fidelity, "exact");
            assert!(
                confirmed.cost_off.abs() < 0.01 && confirmed.time_off.abs() < 0.01,
                "{} {} {confirmed:?}",
                said.candidate.name,
                said.result.first().fidelity
            );
        }
    }
    assert!(answered(Budget { confirmed: 262_143, ..Budget::default() }).confirmed.is_empty());
}

/// Enough files for a copy of them to take minutes.
const MANY: &str = "dataset.files = 32_768";

/// What a candidate costs (takes) with so many epochs, or with so many jobs a month, in full.
fn in_full(entrant: &Entrant, knob: Knob, value: f64, objective: Objective) -> f64 {
    let mut scenario = testing::scenario(MANY);
    let mut candidate = entrant.candidate.clone();
    let mut kept = BillStorage::Job;
    match knob {
        Knob::Epochs => scenario.job.epochs = Some(value as u64),
        Knob::JobsPerMonth => {
            kept = monthly(value as u32);
            candidate = candidate.billed(kept);
        }
        Knob::FileSize => {
            scenario =
                crate::decide::repack::repacked(&scenario, value / 100e3).expect("it was searched there");
        }
    }
    use crate::Simulate;
    let catalog = Catalog::builtin();
    let measured =
        measured::Measured::new(&candidate, (&scenario, &catalog), kept, measured::Look::Full).unwrap();
    let summary = measured.simulate(0).unwrap().summary;
    let figures = crate::Figures::of(&[&summary]);
    figures.mean(objective.column())
}

/// Every turn that is called confirmed flips the order of the two in full simulations on either side, too.
#[test]
fn the_order_flips_at_a_break_even() {
    let answer = answer(MANY, Question::default(), 2);
    let mut confirmed = Vec::new();
    for reach in &answer.reaches {
        for turn in reach.turns.iter().filter(|turn| turn.is_confirmed()) {
            let both = |value: f64| {
                [turn.from, turn.to]
                    .map(|index| in_full(&answer.entrants[index], reach.knob, value, reach.objective))
            };
            let ([from_before, to_before], [from_after, to_after]) = (both(turn.before), both(turn.after));
            assert!(
                from_before <= to_before * 1.0001,
                "{:?} {turn:?}: {from_before} {to_before}",
                reach.knob
            );
            assert!(to_after <= from_after * 1.0001, "{:?} {turn:?}: {from_after} {to_after}", reach.knob);
            confirmed.push(reach.knob);
        }
    }
    assert!(confirmed.contains(&Knob::JobsPerMonth), "{:?}", answer.reaches);
}

#[test]
fn an_answer_is_the_same_on_any_number_of_threads() {
    let [one, many] = [1, 4].map(|threads| answer("", Question::default(), threads));
    assert_eq!((&one.rankings, &one.front, &one.reaches), (&many.rankings, &many.front, &many.reaches));
    let assumptions = |answer: &Recommendation| -> Vec<Vec<Assumption>> {
        answer.places.iter().map(|place| place.assumptions.clone()).collect()
    };
    assert_eq!(assumptions(&one), assumptions(&many));
}

/// A month of 1,200 GiB of SSD at $0.14 is $168: alone no job wants it, and three hundred share it at $0.56 each.
#[test]
fn few_jobs_a_month_do_not_keep_a_file_system() {
    let few = answer("", Question { jobs_per_month: Some(1), ..Question::default() }, 2);
    let first = &few.entrants[few.rankings[0].order[0]];
    assert!(
        !matches!(first.candidate.family, Family::FsxResident | Family::FsxLinked),
        "{}",
        first.candidate.name
    );
    let mut dearest = few.entrants.iter().filter(|one| one.candidate.family == Family::FsxResident);
    assert!(dearest.all(|one| figure(one, Objective::Cost) > 10.0));
}

#[test]
fn a_job_without_an_end_of_its_own_is_refused() {
    let mut scenario = testing::scenario("");
    (scenario.job.epochs, scenario.job.duration) = (None, Some(ingestsim_units::Span::from_secs(600)));
    let catalog = Catalog::builtin();
    let means = Means { catalog: &catalog, budget: SMALL, threads: 1, progress: &Silent };
    let error = recommend(&scenario, Question::default(), means).unwrap_err().to_string();
    assert!(error.starts_with("job.duration: expected `epochs` or `steps`"), "{error}");
}

#[test]
fn limits_leave_out_of_every_ranking() {
    let limits = Limits { max_cost: Some(1e-6), ..Limits::default() };
    let none = answer("", Question { limits, ..Question::default() }, 2);
    assert!(none.rankings.iter().all(|ranking| ranking.order.is_empty()) && none.places.is_empty());
    assert!(none.entrants.iter().all(|entrant| entrant.broken == [Limit::MaxCost]));
}
