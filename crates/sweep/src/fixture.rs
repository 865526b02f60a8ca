//! Made-up results with round figures, for tests.

use ingestsim_model::{Outcome, outcome::Summary};

use crate::{Figures, ProfileResult, Study, decide::compare::Comparison};

/// A profile with a replication for each length of the loop, and nothing else of note.
pub(crate) fn profile(storage: &str, loops_s: &[f64]) -> ProfileResult {
    let summaries: Vec<Summary> =
        loops_s.iter().map(|&loop_s| Summary { loop_s, ..Summary::default() }).collect();
    let outcome = |(summary, replication): (&Summary, u64)| Outcome {
        storage: storage.to_owned(),
        replication,
        summary: summary.clone(),
        epochs: Vec::new(),
        stalls: Vec::new(),
        costs: Vec::new(),
        timeline: Vec::new(),
        latency: Vec::new(),
        tiers: Vec::new(),
        trials: Vec::new(),
        notes: Vec::new(),
        fidelity: "exact".to_owned(),
        fidelity_error: None,
        fidelity_check: None,
        events: 1,
        history: 0,
    };
    ProfileResult {
        storage: storage.to_owned(),
        kind: "s3",
        ranks: 1,
        summary: Figures::of(&summaries.iter().collect::<Vec<_>>()),
        wall_s: 0.0,
        events: 1,
        outcomes: summaries.iter().zip(0..).map(outcome).collect(),
    }
}

/// Sides named `0`, `1`, … with these loops, held against the first.
pub(crate) fn comparison(sides: &[&[f64]]) -> Comparison {
    let profiles = sides.iter().enumerate().map(|(index, loops)| profile(&index.to_string(), loops));
    let study = Study {
        scenario: "made-up".to_owned(),
        description: String::new(),
        setting: String::new(),
        digest: String::new(),
        seed: 1,
        replications: sides[0].len() as u64,
        profiles: profiles.collect(),
    };
    Comparison::new(study, 0)
}
