//! The rungs of the fidelity ladder: the long job, and the errors of what is not exact.
//!
//! Errors are those against an exact run of the same plan and luck.

use std::cell::LazyCell;

use ingestsim_benches::{H64, S8, S64, U8, clock, tiers};
use ingestsim_model::{Fidelity, Outcome, Plan};

use crate::row::Row;

/// What is compared with exact, and whether something is promised of it; a rung is one line.
const RUNGS: &[(&str, Fidelity, bool)] = &[("fast", Fidelity::Fast, true), ("bound", Fidelity::Bound, false)];

/// 10 TB in files of 110 kB.
const FILES: u64 = 90_909_091;
const EPOCHS: u64 = 90;

/// The long job's page cache: what the nodes' memory is of its 10 TB.
const CACHE: &str = r#"job.node.page-cache={ size = "7.5 %", policy = "random-replacement" }"#;

/// The same of nodes whose memory holds a third of the set each.
const THIRD: &str = r#"job.node.page-cache={ size = "33.3 %", policy = "random-replacement" }"#;

/// Lazy FSx for Lustre file systems of 12 TiB, which hold the 10 TB: one as it is had for a while, whose metadata server
/// binds, and one paid for to feed the GPUs. Their credits last 30 min at full burst.
const LAZY: [(&str, &str); 2] = [
    ("lazy SCRATCH_2", "deployment = 'scratch-2'"),
    ("lazy PERSISTENT_2-1000", "deployment = 'persistent-2-1000', metadata-iops = 48000"),
];
const BURST_S: f64 = 1_800.0;

/// CPU seconds of a run, and what it reports.
fn timed(plan: &Plan, fidelity: Fidelity) -> (f64, Outcome) {
    let (seconds, outcome) = clock::cpu(clock::Of::Thread, || plan.simulate_at(0, fidelity));
    (seconds, outcome.expect("a run keeps the laws"))
}

pub(crate) fn rows(long: bool) -> Vec<Row> {
    let mut rows = vec![
        default_time("no cache", &[]),
        default_time("page caches", &[CACHE, "job.order=shuffled"]),
        default_time("a third in each page cache", &[THIRD, "job.order=shuffled"]),
        default_error("no cache", 100, EPOCHS, &[]),
        default_error("page caches", 300, EPOCHS, &[CACHE, "job.order=shuffled"]),
        default_error("a third in each page cache", 100, EPOCHS, &[THIRD, "job.order=shuffled"]),
    ];
    rows.extend(LAZY.iter().flat_map(|lazy| lazily(long, lazy)));
    rows.extend([in_full(long), two_exact_epochs(long)]);
    rows.extend(errors_of_rungs());
    rows
}

/// The long job with a part of its files.
fn job(part: u64, epochs: u64, sets: &[&str]) -> Plan {
    let epochs = format!("job.epochs={epochs}");
    let sets: Vec<&str> = sets.iter().copied().chain([epochs.as_str()]).collect();
    S64.plan_with(FILES / part, &sets)
}

/// The long job, or a part of its files, on a lazy file system.
///
/// A part meets what the whole does: the rates of a file system of the same size, and of what is used up, the memory of its
/// servers and their credits, the same part.
fn lazy_job(part: u64, deployment: &str) -> Plan {
    let burst = BURST_S / part as f64;
    let profile = format!(
        "storage.w={{ fsx-lustre = {{ {deployment}, capacity = '12 TiB', load = 'lazy', burst-duration = '{burst} s' }} }}"
    );
    let mut plan = job(part, EPOCHS, &[&profile, "job.order=shuffled"]);
    plan.path.server_ram.as_mut().expect("the servers have memory").capacity /= part;
    plan
}

/// On the second file system an exact run is as long, and tells less: only with `long`.
fn lazily(long: bool, &(what, deployment): &(&str, &str)) -> [Row; 2] {
    let time = time_of(what, &lazy_job(1, deployment));
    if long || what == LAZY[0].0 {
        return [
            time,
            error_of(what, &format!("1/100 of the files, {EPOCHS} epochs"), &lazy_job(100, deployment)),
        ];
    }
    let name = format!("… its error, 1/100 of the files, {EPOCHS} epochs, {what}");
    [time, Row::unjudged(name, "≤ 0.5 %", "", "takes minutes: --long")]
}

fn default_time(what: &str, sets: &[&str]) -> Row {
    time_of(what, &job(1, EPOCHS, sets))
}

fn time_of(what: &str, plan: &Plan) -> Row {
    let (seconds, outcome) = timed(plan, Fidelity::Auto);
    let name = format!("10 TB × 90 epochs on 64 GPUs by default, {what}");
    let told = format!("{seconds:.2} s, {} events", outcome.events);
    Row::judged(name, "≤ 3 s", told, seconds <= 3.0)
}

fn default_error(what: &str, part: u64, epochs: u64, sets: &[&str]) -> Row {
    error_of(what, &format!("1/{part} of the files, {epochs} epochs"), &job(part, epochs, sets))
}

fn error_of(what: &str, extent: &str, plan: &Plan) -> Row {
    let (quick, got) = timed(plan, Fidelity::Auto);
    let (slow, exact) = timed(plan, Fidelity::Exact);
    let error = got.summary.loop_s / exact.summary.loop_s - 1.0;
    let name = format!("… its error, {extent}, {what}");
    let told = format!("{:+.3} % ({quick:.2} s against {slow:.0} s)", 100.0 * error);
    Row::judged(name, "≤ 0.5 %", told, error.abs() <= 0.005)
}

fn in_full(long: bool) -> Row {
    if long {
        return default_error("no cache", 1, 2, &[]);
    }
    Row::unjudged("… its error, all files, 2 epochs", "≤ 0.5 %", "", "takes minutes: --long")
}

/// A cold and a cached epoch, without residents: in full, or a tenth of the files ten times.
fn two_exact_epochs(long: bool) -> Row {
    let part = if long { 1 } else { 10 };
    let mut plan = job(part, 2, &[CACHE, "job.order=shuffled"]);
    let page = plan.host.page_cache.as_mut().expect("the nodes have a page cache");
    page.cache.tracked = false;
    let (seconds, _) = timed(&plan, Fidelity::Exact);
    let all = seconds * part as f64;
    let how =
        if long { "in full".to_owned() } else { format!("a {part}th of the files took {seconds:.1} s") };
    Row::judged(
        "10 TB, cold epoch and cached epoch, exact",
        "≤ 30 s",
        format!("{all:.0} s ({how})"),
        all <= 30.0,
    )
}

/// One case of a rung's errors: of epoch time, of utilisation, of the first batch.
#[derive(Debug, Clone, Copy)]
struct Error {
    case: &'static str,
    of: [f64; 3],
    gain: f64,
}

impl Error {
    fn new(case: &'static str, (quick, got): &(f64, Outcome), (slow, exact): &(f64, Outcome)) -> Self {
        let (a, b) = (&got.summary, &exact.summary);
        let of = [
            a.loop_s / b.loop_s - 1.0,
            a.gpu_utilisation - b.gpu_utilisation,
            a.first_batch_wait_s / b.first_batch_wait_s - 1.0,
        ];
        Self { case, of, gain: slow / quick }
    }
}

/// What a rung came to: its errors where its gate was passed, and the cases where it was not.
#[derive(Debug, Default)]
struct Tried {
    errors: Vec<Error>,
    refused: Vec<&'static str>,
}

fn cases() -> Vec<(&'static str, Plan)> {
    let batches = ["loader={ pytorch = { workers = 8, prefetch-factor = 2 } }"];
    vec![
        ("S8", S8.plan(2_000 * S8.step())),
        ("U8", U8.plan(2_000 * U8.step())),
        ("S64", S64.plan(1_000 * S64.step())),
        ("H64", H64.plan(700 * H64.step())),
        ("batch a worker", S8.plan_with(2_000 * S8.step(), &batches)),
        ("lustre, cached", tiers::plan("lustre", 2_048_000, 4_000)),
        ("s3, cached", tiers::plan("direct", 2_048_000, 4_000)),
    ]
}

fn errors_of_rungs() -> Vec<Row> {
    let mut tried: Vec<Tried> = RUNGS.iter().map(|_| Tried::default()).collect();
    for (case, plan) in cases() {
        let exact = LazyCell::new(|| timed(&plan, Fidelity::Exact));
        for ((_, fidelity, _), tried) in RUNGS.iter().zip(&mut tried) {
            let run = timed(&plan, *fidelity);
            if run.1.fidelity == "exact" {
                tried.refused.push(case);
            } else {
                tried.errors.push(Error::new(case, &run, &exact));
            }
        }
    }
    RUNGS
        .iter()
        .zip(&tried)
        .flat_map(|(&(name, _, promised), tried)| rows_of(name, promised, tried))
        .collect()
}

fn rows_of(rung: &str, promised: bool, Tried { errors, refused }: &Tried) -> Vec<Row> {
    let limits =
        [("epoch time", 0.01, "≤ 1 %"), ("utilisation", 0.005, "≤ 0.5 pp"), ("first batch", 0.03, "≤ 3 %")];
    let refusals =
        if refused.is_empty() { String::new() } else { format!("; exact: {}", refused.join(", ")) };
    let gains = || errors.iter().map(|error| error.gain);
    let row = |(index, (what, limit, target)): (usize, (&str, f64, &str))| {
        let name = format!("{rung}, error of {what}, gate passed");
        let Some(worst) = errors.iter().max_by(|a, b| a.of[index].abs().total_cmp(&b.of[index].abs())) else {
            return Row::unjudged(name, target, "", format!("no case passed the gate{refusals}"));
        };
        let told = format!(
            "{:+.2} % on {} (of {} cases, gain {:.0}–{:.0}×{refusals})",
            100.0 * worst.of[index],
            worst.case,
            errors.len(),
            gains().fold(f64::INFINITY, f64::min),
            gains().fold(0.0, f64::max),
        );
        if promised {
            Row::judged(name, target, told, worst.of[index].abs() <= limit)
        } else {
            Row::unjudged(name, "", told, "nothing is promised of it")
        }
    };
    limits.into_iter().enumerate().map(row).collect()
}
