//! The blocks of the answer, each a question that a reader asks.

use ingestsim_sweep::{Estimate, Study};

use super::grid::Grid;
use crate::{facts, human};

/// Of more epochs than this only some have a column.
const EPOCHS_MAX: u32 = 12;

/// A share of the loop below which a cause of stalls has no column of its own.
const CAUSE_LEAST: f64 = 0.0005;

/// What stands where there is nothing.
const NOTHING: &str = "–";

/// How long, how busy, how dear, in as many columns as there is room for.
pub(crate) fn headline(study: &Study) -> Grid {
    // What the other blocks imply goes first.
    ["billed", "loop"]
        .into_iter()
        .fold(headline_whole(study), |grid, column| if grid.fits() { grid } else { grid.without(column) })
}

/// How long, how busy, how dear.
pub(crate) fn headline_whole(study: &Study) -> Grid {
    let several_epochs = study.profiles.iter().any(|profile| facts::last_epoch(profile) > 1);
    let mut columns = vec!["first\nbatch", "data\nstart-up", "epoch 1"];
    columns.extend(several_epochs.then_some("last\nepoch"));
    columns.extend(["GPU\nutilisation", "loop", "billed", "cost"]);
    let mut grid = Grid::new("Result", columns);
    for profile in &study.profiles {
        let figure = |name| profile.summary.get(name).expect("a figure is asked for by one of its names");
        let time = |name| estimated(figure(name), human::time_aligned);
        let epoch = |number| estimated(facts::epoch(profile, number, |row| row.seconds), human::time_aligned);
        let mut cells = vec![time("time_to_first_batch_s"), time("data_startup_s"), epoch(1)];
        cells.extend(several_epochs.then(|| epoch(facts::last_epoch(profile))));
        cells.push(estimated(figure("gpu_utilisation"), human::percent_aligned));
        cells.extend([time("loop_s"), time("billed_s")]);
        cells.push(estimated(figure("cost_total_usd"), human::money));
        grid.push(&profile.storage, cells);
    }
    grid
}

/// What the time until the first batch is made of.
pub(crate) fn phases(study: &Study) -> Grid {
    breakdown(
        "Time to first batch, phase by phase",
        study,
        facts::PHASES,
        ("first\nbatch", "time_to_first_batch_s"),
        human::time_aligned,
    )
}

/// How busy the GPUs are, epoch by epoch: in the first two and the last where not all fit.
pub(crate) fn utilisation(study: &Study) -> Grid {
    let last = study.profiles.iter().map(facts::last_epoch).max().unwrap_or_default();
    let every: Vec<u32> = (1..=last.min(EPOCHS_MAX)).collect();
    let grid = utilisation_in(study, &every);
    if last <= EPOCHS_MAX && grid.fits() { grid } else { utilisation_in(study, &[1, 2, last]) }
}

/// The same, in the epochs asked for.
pub(crate) fn utilisation_in(study: &Study, epochs: &[u32]) -> Grid {
    let columns = epochs.iter().map(|epoch| format!("epoch {epoch}"));
    let mut grid = Grid::new("GPU utilisation, epoch by epoch", columns);
    for profile in &study.profiles {
        let cells = epochs.iter().map(|&epoch| {
            estimated(facts::epoch(profile, epoch, |row| row.gpu_utilisation), human::percent_aligned)
        });
        grid.push(&profile.storage, cells);
    }
    grid
}

/// What the GPUs do and wait for in the loop: shares of it, and GPU time below. Causes without room for a column are one.
pub(crate) fn stalls(study: &Study) -> Grid {
    let causes = causes(study);
    let named = causes.iter().take_while(|(_, share)| *share >= CAUSE_LEAST).count();
    let causes: Vec<&str> = causes.into_iter().map(|(cause, _)| cause).collect();
    let mut fewer = (1..=named).rev().map(|named| stalls_by(study, causes.split_at(named)));
    fewer.find(Grid::fits).unwrap_or_else(|| stalls_by(study, causes.split_at(named.min(1))))
}

/// The same with a column for every cause.
pub(crate) fn stalls_whole(study: &Study) -> Grid {
    let causes: Vec<&str> = causes(study).into_iter().map(|(cause, _)| cause).collect();
    stalls_by(study, causes.split_at(causes.len()))
}

fn stalls_by(study: &Study, (named, rest): (&[&str], &[&str])) -> Grid {
    let columns = ["computing", "other\nwork", "stalled"].map(str::to_owned).into_iter();
    let columns = columns.chain(named.iter().map(|cause| cause.replace(' ', "\n").replace('-', "-\n")));
    let columns = columns.chain((!rest.is_empty()).then(|| "other\nstalls".to_owned()));
    let mut grid = Grid::new("Where the GPU time goes, and what stalls wait for", columns);
    for profile in &study.profiles {
        let gpu_s = profile.gpu_s();
        let cell = |seconds: f64| match seconds {
            // Rounding leaves traces of what is nothing.
            seconds if seconds <= 1e-6 * gpu_s => NOTHING.to_owned(),
            _ => format!("{}\n{}", human::percent_aligned(seconds / gpu_s), human::time_aligned(seconds)),
        };
        let stalls = facts::stalls(profile);
        let through = |causes: &[&str]| -> f64 {
            stalls.iter().filter(|stall| causes.contains(&stall.cause)).map(facts::Stall::seconds).sum()
        };
        let computing = profile.summary.mean("gpu_utilisation") * gpu_s;
        let stalled = profile.summary.mean("stall_s");
        let mut cells = vec![cell(computing), cell(gpu_s - computing - stalled), cell(stalled)];
        cells.extend(named.iter().map(|&cause| cell(through(&[cause]))));
        cells.extend((!rest.is_empty()).then(|| cell(through(rest))));
        grid.push(&profile.storage, cells);
    }
    grid
}

/// The causes of stalls in any profile, and the largest share of a loop that each has.
fn causes(study: &Study) -> Vec<(&'static str, f64)> {
    let mut causes: Vec<(&str, f64)> = Vec::new();
    for profile in &study.profiles {
        for stall in facts::stalls(profile) {
            let share = stall.seconds() / profile.gpu_s();
            match causes.iter_mut().find(|(cause, _)| *cause == stall.cause) {
                Some((_, most)) => *most = most.max(share),
                None => causes.push((stall.cause, share)),
            }
        }
    }
    causes.sort_by(|a, b| b.1.total_cmp(&a.1));
    causes
}

/// What the job costs.
pub(crate) fn costs(study: &Study) -> Grid {
    breakdown("Cost", study, facts::COST_PARTS, ("total", "cost_total_usd"), human::money_aligned).extended(
        study,
        ["per epoch", "per million\nsamples", "of stalled\nGPU time"],
        |profile| {
            ["cost_per_epoch_usd", "cost_per_million_samples_usd", "cost_stalled_usd"]
                .map(|figure| human::money_aligned(profile.summary.mean(figure)))
        },
    )
}

/// A figure and its parts. Parts that are nothing in every profile have no column.
fn breakdown<const N: usize>(
    title: &'static str,
    study: &Study,
    parts: [(&'static str, &str); N],
    total: (&str, &str),
    print: fn(f64) -> String,
) -> Grid {
    let used = |figure: &str| study.profiles.iter().any(|profile| profile.summary.mean(figure) != 0.0);
    let parts: Vec<_> = parts.into_iter().filter(|(_, figure)| used(figure)).collect();
    let columns = parts.iter().map(|(label, _)| label.replace(' ', "\n").replace('-', "-\n"));
    let mut grid = Grid::new(title, columns.chain([total.0.to_owned()]));
    for profile in &study.profiles {
        let cell = |figure: &str| match profile.summary.mean(figure) {
            0.0 => NOTHING.to_owned(),
            value => print(value),
        };
        let cells = parts.iter().map(|(_, figure)| cell(figure));
        grid.push(&profile.storage, cells.chain([print(profile.summary.mean(total.1))]));
    }
    grid
}

/// A mean, and below it the half width of its interval where it has one and varies.
fn estimated(estimate: Estimate, print: fn(f64) -> String) -> String {
    let Some(mean) = estimate.mean else { return NOTHING.to_owned() };
    let half_width = estimate.ci95.filter(|half_width| *half_width > 0.0);
    half_width.map_or_else(|| print(mean), |half_width| format!("{}\n± {}", print(mean), print(half_width)))
}
