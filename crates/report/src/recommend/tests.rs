//! The answer about a small made-up field, and about one that nothing is left of.

use ingestsim_model::{Outcome, outcome::Summary};
use ingestsim_scenario::{Scenario, Source, schema::storage::BillStorage};
use ingestsim_sweep::{
    Figures, Study,
    decide::{
        explain::Explained,
        recommend::{
            Assumption, Bottleneck, Candidate, Confirmed, Entrant, Family, Knob, Limit, Limits, Objective,
            Place, Question, Ranking, Reach, Recommendation, Refused, Turn, front,
        },
    },
};

use super::*;
use crate::{
    fixture,
    table::{self, Look},
};

const PROFILES: &str = "name = \"x\"\n[dataset]\nfiles = 1000\nfile-size = \"1 MB\"\n[job]\n\
    instance = \"ml.p3.2xlarge\"\nbatch-size = 8\nstep-time = \"1 s\"\n[loader.pytorch]\n[storage.s3.s3]\n\
    mode = \"file\"\n[storage.lustre.fsx-lustre]\ndeployment = \"scratch-2\"\ncapacity = \"1.2 TiB\"\n";

/// A candidate with a bill, a time and a utilisation.
fn entrant(name: &str, family: Family, (cost, time, busy): (f64, f64, f64)) -> Entrant {
    let scenario = Scenario::load(Source::new("x.toml", PROFILES), &[]).unwrap().scenario;
    let kind = if name.starts_with("fsx") { "lustre" } else { "s3" };
    let mut result = fixture::profile(kind, &[100.0]);
    result.storage = name.to_owned();
    for outcome in &mut result.outcomes {
        let Outcome { summary, .. } = outcome;
        (summary.cost_total_usd, summary.total_s, summary.gpu_utilisation) = (cost, time, busy);
        summary.cost_compute_usd = cost;
    }
    let summaries: Vec<&Summary> = result.outcomes.iter().map(|one| &one.summary).collect();
    result.summary = Figures::of(&summaries);
    let candidate = Candidate { name: name.to_owned(), family, profile: scenario.storage[kind].clone() };
    Entrant { candidate, result, heat: 2, broken: Vec::new() }
}

/// A first and a last that were run in full.
fn confirmed() -> Vec<Confirmed> {
    let first = Confirmed {
        entrant: 0,
        is_last: false,
        cost_usd: 10.002,
        total_s: 899.9,
        cost_off: 0.0002,
        time_off: -0.000_11,
    };
    let last = Confirmed {
        entrant: 3,
        is_last: true,
        cost_usd: 10.3,
        total_s: 1_001.0,
        cost_off: 0.0,
        time_off: 0.001,
    };
    vec![first, last]
}

fn recommendation(limits: Limits) -> Recommendation {
    let mut entrants = vec![
        entrant("s3-file-nvme", Family::FileMode, (10.0, 900.0, 0.8)),
        entrant("fsx-s2-1.2-tib", Family::FsxResident, (12.0, 600.0, 0.95)),
        entrant("fsx-s2-2.4-tib", Family::FsxResident, (14.0, 590.0, 0.96)),
        entrant("s3-fast-file", Family::FastFile, (10.3, 1_000.0, 0.7)),
    ];
    for entrant in &mut entrants {
        entrant.broken = limits.broken(&entrant.result.summary);
    }
    let rankings: Vec<Ranking> =
        Objective::ALL.map(|objective| Ranking::of(&entrants, objective, limits.target())).to_vec();
    let explained = Explained {
        base: entrants[0].result.clone(),
        phases: Vec::new(),
        epochs: Vec::new(),
        resources: Vec::new(),
        settings: Vec::new(),
        cut_to: None,
    };
    let place = |entrant: usize, objectives: &[Objective]| Place {
        entrant,
        objectives: objectives.to_vec(),
        bottleneck: (entrant == 0).then(|| Bottleneck {
            what: "downloading".to_owned(),
            share: 0.25,
            hangs_on: Some("the downloader's rate"),
        }),
        explained: explained.clone(),
        assumptions: vec![Assumption {
            id: "downloader".to_owned(),
            quantity: "rate".to_owned(),
            value: "169.8 MB/s".to_owned(),
            note: String::new(),
            half: 0.2,
            double: -0.1,
            overturns: true,
        }],
    };
    let turn =
        Turn { before: 2.0, after: 3.0, from: 0, to: 1, at_before: (10.0, 11.0), at_after: (12.0, 11.5) };
    let reach = |knob, turns| Reach {
        knob,
        objective: Objective::Cost,
        now: Some(1.0),
        range: (1.0, 100.0),
        first: 0,
        turns,
    };
    let places = if entrants.iter().all(|one| one.broken.is_empty()) {
        vec![place(0, &[Objective::Cost]), place(2, &[Objective::Time])]
    } else {
        Vec::new()
    };
    Recommendation {
        question: Question { limits, ..Question::default() },
        kept: BillStorage::Job,
        front: front(&entrants),
        shown: (0..entrants.len()).filter(|index| entrants[*index].broken.is_empty()).collect(),
        refused: vec![
            Refused { name: "s3-pipe".to_owned(), why: "expected an order, found none".to_owned() };
            2
        ],
        reaches: vec![reach(Knob::Epochs, vec![turn]), reach(Knob::JobsPerMonth, Vec::new())],
        places,
        confirmed: confirmed(),
        rankings,
        entrants,
    }
}

fn study(recommendation: &Recommendation) -> Study {
    let profiles = recommendation.shown.iter().map(|&index| recommendation.entrants[index].result.clone());
    Study { profiles: profiles.collect(), ..fixture::study() }
}

fn csv(sheet: &[crate::folder::NewFile], name: &str) -> String {
    let file = sheet.iter().find(|file| file.path.ends_with(name)).unwrap();
    String::from_utf8(file.content.clone()).unwrap()
}

/// $10.30 is 3 % above $10.00: FastFile's predictions are off by more than that. FSx costs a fifth more.
#[test]
fn ties_are_told_and_all_three_are_first_in_something() {
    let answers = answers(&recommendation(Limits::default()));
    let expected = "Cheapest is s3-file-nvme: $10.00, done after 15 min, GPUs busy for 80 % of the loop. It ties with \
                    s3-fast-file.";
    assert_eq!(answers[0], expected);
    assert!(answers[1].starts_with("Fastest is fsx-s2-2.4-tib: $14.00, "), "{}", answers[1]);
    assert!(answers[2].starts_with("Cheapest with GPUs busy for 90 % of the loop or more is fsx-s2-1.2-tib"));
}

#[test]
fn a_place_is_explained_and_its_assumption_named() {
    let recommendation = recommendation(Limits::default());
    let because = because(&recommendation, &recommendation.places[0]);
    assert_eq!(
        because[0],
        "Storage holds it up most by downloading, 25 % of the job; it hangs on the downloader's rate."
    );
    assert_eq!(
        because[1],
        "The assumption it hangs on most is the rate of downloader, 169.8 MB/s: half of it changes the cost by +20 %, \
         twice by −10 %, and loses it the place."
    );
    assert!(because[2].contains("4 published runs"), "{}", because[2]);
    assert_eq!(because[3], "Confirmed by a full exact run: cost +0.02 %, time −0.01 %.");
}

/// A job that is too long for it tells how to do it.
#[test]
fn first_and_last_are_held_against_full_runs() {
    let mut recommendation = recommendation(Limits::default());
    let expected = "Full exact runs, against what is said above: s3-file-nvme (first): cost +0.02 %, time −0.01 %; \
                    s3-fast-file (last): cost 0.00 %, time +0.10 %.";
    assert!(how(&recommendation).contains(&expected.to_owned()), "{:?}", how(&recommendation));
    let rows = csv(&sheets(&study(&recommendation), &recommendation), CANDIDATES);
    let exact = |row: &str| row.rsplit(',').take(2).map(str::to_owned).collect::<Vec<_>>();
    let exact: Vec<Vec<String>> = rows.lines().map(exact).collect();
    assert_eq!(exact[0], ["exact_total_s", "exact_cost_total_usd"]);
    assert_eq!([&exact[1][..], &exact[2][..]], [["899.9", "10.002"], ["", ""]]);
    recommendation.confirmed.clear();
    assert!(how(&recommendation).iter().any(|line| line.contains("--fidelity exact --storage NAME")));
}

#[test]
fn a_turn_says_from_where_on_and_whether_it_is_confirmed() {
    let mut recommendation = recommendation(Limits::default());
    let expected = "Cheapest by epochs (now 1 epoch): s3-file-nvme from 1 epoch; fsx-s2-1.2-tib from 3 epochs (confirmed); \
                    up to 100 epochs.";
    assert_eq!(changes(&recommendation)[0], expected);
    let nothing = "Cheapest by jobs a month that share what is kept (now 1 a month): s3-file-nvme from 1 a month to 100 a month.";
    assert_eq!(changes(&recommendation)[1], nothing);
    recommendation.reaches[0].turns[0].at_after = (11.0, 11.5);
    assert!(changes(&recommendation)[0].contains("(too close to confirm)"));
}

#[test]
fn the_answer_has_every_block_and_no_line_is_too_wide() {
    let recommendation = recommendation(Limits::default());
    let text = text(&study(&recommendation), &recommendation, Look::Plain);
    for block in [
        "By cost, the best of each way",
        "By time, the best of each way",
        "By cost, of those",
        "Pareto front",
        "What would change",
        "How",
    ] {
        assert!(text.contains(block), "{block}:\n{text}");
    }
    assert!(text.contains("2 cannot be had for this job. 2: expected an order, found none."), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= table::WIDTH), "{text}");
    let row = text.lines().find(|line| line.starts_with(" s3-fast-file")).unwrap();
    assert!(row.trim_end().ends_with("ties"), "{row}");
}

#[test]
fn where_nothing_is_left_it_says_so() {
    let recommendation = recommendation(Limits { max_cost: Some(1.0), ..Limits::default() });
    let study = study(&recommendation);
    let text = text(&study, &recommendation, Look::Plain);
    assert!(text.contains("Cheapest: no set-up is."), "{text}");
    assert!(text.contains("4 of them are left out of the rankings: 4 break --max-cost."), "{text}");
    assert!(charts(&study, &recommendation, "footer").unwrap().is_empty());
    let rows = csv(&sheets(&study, &recommendation), CANDIDATES);
    assert!(rows.lines().skip(1).all(|row| row.contains(",--max-cost,")), "{rows}");
    assert_eq!(recommendation.entrants[0].broken, [Limit::MaxCost]);
}

#[test]
fn the_tables_and_the_document_have_every_candidate() {
    let recommendation = recommendation(Limits::default());
    let study = study(&recommendation);
    let files = sheets(&study, &recommendation);
    let rows = csv(&files, CANDIDATES);
    assert!(rows.contains("\nmade-up,s3-file-nvme,\"S3, File mode\",1,yes,3,no,,,yes,,10,,900,"), "{rows}");
    assert!(
        csv(&files, TURNS).contains("cost,epochs,1,1,100,2,3,s3-file-nvme,fsx-s2-1.2-tib,10,11,12,11.5,yes")
    );
    assert_eq!(csv(&files, REFUSED).lines().count(), 3);
    let document = json(&study, &recommendation);
    assert_eq!(document["candidates"].as_array().unwrap().len(), 4);
    assert_eq!(document["front"], serde_json::json!(["s3-file-nvme", "fsx-s2-1.2-tib", "fsx-s2-2.4-tib"]));
    assert_eq!(document["places"][0]["first_by"][0], "cost");
    assert_eq!(document["limits"]["max_cost_usd"], serde_json::Value::Null);
}

#[test]
fn there_are_four_charts_in_both_formats() {
    let recommendation = recommendation(Limits::default());
    let files = charts(&study(&recommendation), &recommendation, "footer").unwrap();
    assert_eq!(files.len(), 8);
    let names: Vec<String> = files.iter().map(|file| file.path.display().to_string()).collect();
    assert!(names.contains(&"charts/cost-against-time.svg".to_owned()), "{names:?}");
}
