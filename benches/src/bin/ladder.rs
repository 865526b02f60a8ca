//! The rungs of the fidelity ladder on the profiles of a scenario, beside each other:
//! `ladder FILE RUNGS [PATH=VALUE]...`, with rungs such as `exact,fast,bound`.

use std::{error::Error, io::Write, time::Instant};

use ingestsim_catalog::Catalog;
use ingestsim_model::{Fidelity, Outcome, Plan, build};
use ingestsim_scenario::{Scenario, Set, Source};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(rungs)) = (arguments.next(), arguments.next()) else {
        return Err("expected a scenario and rungs, such as exact,fast,bound".into());
    };
    let sets: Vec<Set> = arguments.map(|set| Set::parse(&set)).collect();
    let text = std::fs::read_to_string(&file)?;
    let loaded = Scenario::load(Source::new(&file, text), &sets).map_err(|errors| errors.to_string())?;
    let catalog = Catalog::builtin();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:<12} {:>6} {:>10} {:>12} {:>9} {:>10} {:>9}  {:>8} {:>8} {:>8}",
        "profile", "rung", "wall ms", "loop s", "GPU %", "first s", "stated %", "loop %", "GPU pp", "first %"
    )?;
    for storage in loaded.scenario.candidates() {
        let plan = build(&loaded.scenario, &catalog, storage)?;
        let mut base: Option<Outcome> = None;
        for rung in rungs.split(',') {
            let (outcome, wall_ms) = timed(&plan, rung)?;
            let against = base.get_or_insert_with(|| outcome.clone());
            print(&mut out, (storage, rung, wall_ms), &outcome, against)?;
        }
    }
    Ok(())
}

/// One run at a rung, and how long the quickest of a few took.
fn timed(plan: &Plan, rung: &str) -> Result<(Outcome, f64), Box<dyn Error>> {
    let fidelity = match rung {
        "exact" => Fidelity::Exact,
        "fast" => Fidelity::Fast,
        "auto" => Fidelity::Auto,
        "bound" => Fidelity::Bound,
        other => return Err(format!("expected a rung, found {other:?}").into()),
    };
    let mut least = f64::MAX;
    let began = Instant::now();
    loop {
        let start = Instant::now();
        let outcome = plan.simulate_at(0, fidelity)?;
        least = least.min(start.elapsed().as_secs_f64() * 1e3);
        if began.elapsed().as_secs_f64() > 0.2 {
            return Ok((outcome, least));
        }
    }
}

fn print(
    out: &mut impl Write,
    (storage, rung, wall_ms): (&str, &str, f64),
    outcome: &Outcome,
    base: &Outcome,
) -> Result<(), Box<dyn Error>> {
    let (now, then) = (&outcome.summary, &base.summary);
    let off = |now: f64, then: f64| (now / then - 1.0) * 100.0;
    writeln!(
        out,
        "{storage:<12} {rung:>6} {wall_ms:>10.3} {:>12.3} {:>9.3} {:>10.4} {:>9.2}  {:>8.2} {:>8.2} {:>8.2}",
        now.loop_s,
        now.gpu_utilisation * 100.0,
        now.first_batch_wait_s,
        outcome.fidelity_error.unwrap_or(0.0) * 100.0,
        off(now.loop_s, then.loop_s),
        (now.gpu_utilisation - then.gpu_utilisation) * 100.0,
        off(now.first_batch_wait_s, then.first_batch_wait_s),
    )?;
    let reasons =
        outcome.notes.iter().filter(|note| note.contains("drawn whole") || note.contains("Every sample"));
    for reason in reasons {
        writeln!(out, "    {reason}")?;
    }
    Ok(())
}
