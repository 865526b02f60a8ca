//! `sweep`, `merge` and `plot`: what they leave, and what survives which end.

use std::{
    fs::{self, File},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Ended, SCENARIO, Workplace};

/// 3 profiles · 2 sizes · 2 counts of workers, twice each; two of the points have a key of their own.
const SWEEP: &str = r#"
[sweep]
replications = 2

[sweep.grid]
"dataset.file-size" = ["50 kB", "500 kB"]
"loader.pytorch.workers" = [1, 4]
"#;

/// What a sweep leaves, charts apart.
const FILES: [&str; 6] =
    ["journal.csv", "points.csv", "provenance.json", "report.html", "scenario.toml", "summary.csv"];

const CHARTS: [&str; 5] =
    ["cost-against-epoch-time", "cost", "efficiency-frontier", "gpu-utilisation", "time-to-first-batch"];

const FOLDER: &str = "results/small-sweep";

fn workplace() -> Workplace {
    workplace_with(SWEEP)
}

fn workplace_with(sweep: &str) -> Workplace {
    let workplace = Workplace::new();
    workplace.put("swept.toml", format!("{SCENARIO}{sweep}"));
    workplace
}

impl Workplace {
    /// Both tables of a sweep.
    fn tables(&self, folder: &str) -> [String; 2] {
        ["points.csv", "summary.csv"].map(|name| self.text(format!("{folder}/{name}")))
    }

    /// Rows of all journals, headers apart.
    fn rows(&self, folder: &str) -> usize {
        let journals =
            self.files(folder).into_iter().filter(|(path, _)| path.to_string_lossy().starts_with("journal"));
        let lines = |bytes: Vec<u8>| bytes.iter().filter(|byte| **byte == b'\n').count();
        journals.map(|(_, bytes)| lines(bytes).saturating_sub(1)).sum()
    }
}

#[test]
fn a_sweep_leaves_its_tables_and_charts_and_runs_nothing_twice() {
    let workplace = workplace();
    let ended = workplace.run("sweep swept.toml");
    assert_eq!(ended.err, format!("15 files written to {FOLDER}/\n"));
    let answer = ended.answer();
    assert!(
        answer.starts_with("small: a job that takes no time to simulate\n12 points, 24 runs\n"),
        "{answer}"
    );
    assert!(answer.contains("\nBusiest GPUs\n"), "{answer}");
    let charts = CHARTS.iter().flat_map(|name| ["png", "svg"].map(|end| format!("charts/{name}.{end}")));
    let expected: Vec<String> = charts.chain(FILES.map(str::to_owned)).collect();
    let files = workplace.files(FOLDER);
    assert_eq!(files.iter().map(|(path, _)| path.display().to_string()).collect::<Vec<_>>(), expected);
    let again = workplace.run("sweep swept.toml");
    assert!(again.err.starts_with("24 runs kept from before, 0 runs simulated\n"), "{}", again.err);
    assert_eq!(again.answer(), answer);
    assert_eq!(workplace.rows(FOLDER), 24);
}

#[test]
fn summary_has_the_columns_of_a_run_and_then_the_swept_ones() {
    let workplace = workplace();
    workplace.run("run small.toml --quiet --storage lustre").answer();
    workplace.run("sweep swept.toml --quiet --replications 1").answer();
    let run = workplace.text("results/small/summary.csv");
    let [points, summary] = workplace.tables(FOLDER);
    let header = |text: &str| text.lines().next().unwrap().to_owned();
    let swept = "dataset.file-size_bytes,loader.pytorch.workers";
    assert_eq!(header(&summary), format!("{},{swept}", header(&run)));
    assert_eq!(header(&points), format!("point,replication,key,status,error,{swept},{}", header(&run)));
    assert_eq!((points.lines().count(), summary.lines().count()), (13, 13));
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let workplace = workplace();
    workplace.run("sweep swept.toml --threads 1 --quiet").answer();
    workplace.run("sweep swept.toml --threads 2 --quiet --out again").answer();
    let timed = [Path::new("journal.csv"), Path::new("provenance.json")];
    let files = workplace.files(FOLDER).into_iter().zip(workplace.files("again/small-sweep"));
    for ((path, content), (path_again, content_again)) in files {
        assert_eq!(path, path_again);
        assert!(timed.contains(&path.as_path()) || content == content_again, "{} differs", path.display());
    }
    let history = |out: &str| {
        let text = workplace.text(format!("{out}/small-sweep/provenance.json"));
        serde_json::from_str::<Value>(&text).unwrap()["history"].clone()
    };
    assert_eq!(history("results"), history("again"));
}

/// Killed in ten places, some of them before the first row and in the middle of one.
#[cfg(unix)]
#[test]
fn a_sweep_that_is_killed_goes_on_to_the_same_tables() {
    let grid = "[sweep]\nreplications = 3\n[sweep.grid]\nseed = [1, 2, 3, 4, 5]\n\"loader.pytorch.workers\" = [1, 2, 4]\n";
    let workplace = workplace_with(grid);
    let start = Instant::now();
    workplace.run("sweep swept.toml --quiet --out whole").answer();
    let whole = start.elapsed();
    let mut state = 1_u32;
    let mut cut = 0;
    for _ in 0..10 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut child = workplace.command("sweep swept.toml --quiet").spawn().unwrap();
        thread::sleep(whole / 8 + whole.mul_f64(0.15 * f64::from(state) / f64::from(u32::MAX)));
        // Killed without a chance to tidy up, unless it was faster.
        child.kill().unwrap();
        cut += usize::from(child.wait().unwrap().code().is_none());
        assert!(workplace.rows(FOLDER) <= 135);
    }
    assert!(cut >= 1, "no sweep was killed on its way");
    workplace.run("sweep swept.toml --quiet").answer();
    assert_eq!(workplace.tables(FOLDER), workplace.tables("whole/small-sweep"));
    assert_eq!(workplace.rows(FOLDER), 135, "every run is kept once");
}

#[cfg(unix)]
#[test]
fn an_interrupted_sweep_is_130_and_keeps_what_it_has() {
    let workplace = workplace_with("[sweep.grid]\nseed = { linear = [1, 100000], points = 100000 }\n");
    let mut command = workplace.command("sweep swept.toml");
    let child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !workplace.path().join(FOLDER).exists() || workplace.rows(FOLDER) < 3 {
        assert!(Instant::now() < deadline, "no row after a minute");
        thread::sleep(Duration::from_millis(20));
    }
    let kill = format!("kill -INT {}", child.id());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let ended = Ended::of(&child.wait_with_output().unwrap());
    assert_eq!(ended.status, Some(130), "{}", ended.err);
    let message = format!(
        "interrupted: the runs that ended are kept in {FOLDER}/, and the same command goes on from there\n"
    );
    assert_eq!(ended.err, message);
    assert!(workplace.rows(FOLDER) >= 3);
    assert!(!workplace.path().join(FOLDER).join("summary.csv").exists());
}

#[test]
fn shards_in_any_order_merge_to_the_same_tables() {
    let workplace = workplace();
    workplace.run("sweep swept.toml --quiet --out whole").answer();
    let shard = |number: u32| workplace.run(&format!("sweep swept.toml --shard {number}/4"));
    let told = shard(3);
    let merge = format!("when all shards are there: ingestsim merge {FOLDER}\n");
    assert_eq!(told.err, format!("shard 3/4: 3 points in {FOLDER}/journal.3-of-4.csv\n{merge}"));
    assert_eq!((told.status, told.out.as_str()), (Some(0), ""));
    shard(1).answer();

    let early = workplace.run(&format!("merge {FOLDER}"));
    assert_eq!(early.status, Some(4));
    assert!(
        early.err.starts_with("6 points of 12 missing:\n  1: copy dataset.file-size_bytes=50000"),
        "{}",
        early.err
    );
    assert!(early.err.ends_with("they are those of --shard 2/4, 4/4\n"), "{}", early.err);
    assert!(!workplace.path().join(FOLDER).join("summary.csv").exists());

    shard(4).answer();
    shard(2).answer();
    workplace.run(&format!("merge {FOLDER} --quiet")).answer();
    assert_eq!(workplace.tables(FOLDER), workplace.tables("whole/small-sweep"));
    assert!(!workplace.path().join(FOLDER).join("journal.csv").exists());
}

#[test]
fn a_task_of_an_array_job_finds_its_shard() {
    let workplace = workplace();
    let mut command = workplace.command("sweep swept.toml --shard auto/3 --quiet");
    let ended = Ended::of(&command.env("SLURM_ARRAY_TASK_ID", "2").output().unwrap());
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(workplace.path().join(FOLDER).join("journal.2-of-3.csv").exists());
    let ended = workplace.run("sweep swept.toml --shard 4/3");
    assert_eq!(ended.status, Some(2));
    assert!(ended.err.contains("expected a shard from 1 to 3, found 4"), "{}", ended.err);
}

/// A batch of 2,048 on two GPUs is more than the 2,048 samples of an epoch can fill.
#[test]
fn points_that_fail_are_4_and_the_others_are_there() {
    let grid = "[sweep.grid]\nstorage = [\"lustre\"]\n\"job.batch-size\" = [64, 2048]\n";
    let workplace = workplace_with(grid);
    let ended = workplace.run("sweep swept.toml --quiet");
    assert_eq!(ended.status, Some(4));
    let begin = "point 1 (lustre job.batch-size=2048) failed: swept.toml:";
    assert!(ended.err.starts_with(begin) && ended.err.lines().count() == 1, "{}", ended.err);
    let [points, summary] = workplace.tables(FOLDER);
    assert!(points.lines().nth(2).unwrap().starts_with("1,,,failed,"), "{points}");
    assert!(summary.lines().nth(1).unwrap().starts_with("small,lustre,1,"), "{summary}");
    assert!(summary.lines().nth(2).unwrap().starts_with("small,lustre,0,,"), "{summary}");
    assert_eq!(workplace.run("sweep swept.toml --quiet --shard 2/2 --out part").status, Some(4));
    assert_eq!(workplace.run("sweep swept.toml --quiet --shard 1/2 --out part").status, Some(0));
}

#[test]
fn a_journal_that_is_being_written_is_left_alone() {
    let workplace = workplace();
    fs::create_dir_all(workplace.path().join(FOLDER)).unwrap();
    let journal = File::create(workplace.path().join(FOLDER).join("journal.csv")).unwrap();
    journal.lock().unwrap();
    let ended = workplace.run("sweep swept.toml");
    assert_eq!(ended.status, Some(1));
    let message =
        format!("error: nothing was run: {FOLDER}/journal.csv is being written by another process\n");
    assert_eq!(ended.err, message);
}

/// A grid that changed leaves no table of the old one, whatever happens next.
#[test]
fn another_grid_takes_the_place_of_the_old_tables() {
    let workplace = workplace();
    workplace.run("sweep swept.toml --quiet").answer();
    let before = workplace.text(format!("{FOLDER}/scenario.toml"));
    let grid = "sweep.grid.\"loader.pytorch.workers\"=[1,4,8]";
    let mut command = workplace.command("sweep swept.toml --shard 1/2 --quiet --set");
    assert!(command.arg(grid).status().unwrap().success());
    assert_ne!(workplace.text(format!("{FOLDER}/scenario.toml")), before);
    assert!(!workplace.path().join(FOLDER).join("summary.csv").exists());
    let mut command = workplace.command("sweep swept.toml --set");
    let ended = Ended::of(&command.arg(grid).output().unwrap());
    assert_eq!(workplace.rows(FOLDER), 36, "{}", ended.err);
}

#[test]
fn json_has_a_row_a_point() {
    let answer = workplace().run("sweep swept.toml --json --replications 1").answer();
    let document: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["scenario"], "small");
    let points = document["points"].as_array().unwrap();
    assert_eq!(points.len(), 12);
    assert_eq!(points[0]["storage"], "copy");
    assert_eq!(points[0]["loader.pytorch.workers"], 1);
    assert_eq!(points[0]["loop_s_ci95"], Value::Null);
    assert!(points[11]["gpu_utilisation"].as_f64().unwrap() > 0.0);
}

#[test]
fn plot_draws_the_charts_and_the_report_of_a_sweep_again() {
    let workplace = workplace();
    workplace.run("sweep swept.toml --quiet").answer();
    let before = workplace.files(FOLDER);
    fs::remove_dir_all(workplace.path().join(FOLDER).join("charts")).unwrap();
    fs::remove_file(workplace.path().join(FOLDER).join("report.html")).unwrap();
    let ended = workplace.run(&format!("plot {FOLDER}"));
    assert_eq!(ended.err, format!("11 files written to {FOLDER}/\n"));
    assert!(workplace.files(FOLDER) == before, "a chart differs");
}

#[test]
fn plot_draws_the_charts_and_the_report_of_a_run_again() {
    let workplace = Workplace::new();
    workplace.run("run small.toml --quiet --replications 2 --storage stream --storage lustre").answer();
    let before = workplace.files("results/small");
    fs::remove_dir_all(workplace.path().join("results/small/charts")).unwrap();
    fs::remove_file(workplace.path().join("results/small/report.html")).unwrap();
    workplace.run("plot results/small").answer();
    let after = workplace.files("results/small");
    for ((path, content), (path_after, content_after)) in before.iter().zip(&after) {
        assert_eq!(path, path_after);
        assert!(content == content_after, "{} differs", path.display());
    }
    assert_eq!(before.len(), after.len());
}

#[test]
fn folders_without_results_are_2() {
    let workplace = workplace();
    assert_eq!(workplace.run("plot nowhere").status, Some(2));
    assert_eq!(workplace.run("merge nowhere").status, Some(2));
    workplace.run("check swept.toml").answer();
    fs::create_dir(workplace.path().join("empty")).unwrap();
    fs::copy(workplace.path().join("swept.toml"), workplace.path().join("empty/scenario.toml")).unwrap();
    let ended = workplace.run("merge empty");
    assert_eq!((ended.status, ended.err.as_str()), (Some(2), "error: empty holds no journal of a sweep\n"));
    let ended = workplace.run("plot empty");
    let message = "error: empty has neither the tables of a run nor those of a sweep\n";
    assert_eq!((ended.status, ended.err.as_str()), (Some(2), message));
}

/// Closed forms are held against every sample; that touches neither results nor keys.
#[test]
fn a_sweep_tells_how_far_its_runs_are_off_and_stays_as_it_is() {
    let workplace = workplace();
    workplace.run("sweep swept.toml --fidelity bound --quiet").answer();
    let ended = workplace.run("sweep swept.toml --fidelity bound --check-fidelity --out checked");
    assert!(ended.err.starts_with("fidelity check of 24 runs, each over its first part: "), "{}", ended.err);
    assert_eq!(ended.status, Some(0));
    assert_eq!(workplace.tables(FOLDER), workplace.tables("checked/small-sweep"));
}

#[test]
fn a_sweep_that_has_nothing_to_check_says_so() {
    let workplace = workplace();
    let exact = workplace.run("sweep swept.toml --fidelity exact --check-fidelity");
    let said =
        "fidelity check: no run was held against an exact one; 24 runs simulated every sample anyway\n";
    assert!(exact.err.contains(said), "{}", exact.err);
    let kept = workplace.run("sweep swept.toml --fidelity exact --check-fidelity");
    let said =
        "fidelity check: no run was held against an exact one; 24 runs not checked: kept from before\n";
    assert!(kept.err.contains(said), "{}", kept.err);
}

/// What a killed process has left goes; what another one is writing to, which holds its lock, stays.
#[test]
fn drafts_that_nobody_writes_to_go() {
    let workplace = workplace();
    workplace.run("sweep swept.toml --quiet").answer();
    let left = workplace.path().join(FOLDER).join(".points.csv.1.tmp");
    let held = workplace.path().join(FOLDER).join(".summary.csv.2.tmp");
    fs::write(&left, "point").unwrap();
    let lock = File::create(&held).unwrap();
    lock.lock().unwrap();
    workplace.run(&format!("merge {FOLDER} --quiet")).answer();
    assert_eq!([left.exists(), held.exists()], [false, true]);
}

/// 10^5 times 10^5 times 10^5 times 6 x 10^4 are more than 64 bits count, which no sum may pass over.
#[test]
fn a_grid_that_cannot_be_counted_is_refused() {
    let axis = |path: &str, from: &str, to: &str, points: u32| {
        format!("\"{path}\" = {{ linear = [{from}, {to}], points = {points} }}\n")
    };
    let grid = [
        "[sweep.grid]\n".to_owned(),
        axis("job.batch-size", "1", "100000", 100_000),
        axis("job.epochs", "1", "100000", 100_000),
        axis("seed", "1", "100000", 100_000),
        axis("job.step-overhead", "\"1 ms\"", "\"60 s\"", 60_000),
    ];
    let workplace = workplace_with(&grid.concat());
    let ended = workplace.run("sweep swept.toml");
    assert_eq!(ended.status, Some(2), "{}", ended.err);
    assert!(ended.err.contains(" sweep: expected fewer than 2^64 points, found more\n"), "{}", ended.err);
    assert!(!workplace.path().join("results").exists());
}

/// The number of runs is set like a key, but it is the option that is wrong.
#[test]
fn too_many_replications_are_told_by_their_option() {
    let ended = workplace().run("sweep swept.toml --replications 20000");
    assert_eq!(ended.status, Some(2));
    let said =
        "--replications 20000: sweep.replications: expected at most 10000 runs of a point, found 20000\n";
    assert_eq!(ended.err, said);
}

/// A folder in the place of a chart: tables and answer are there all the same.
#[test]
fn an_answer_is_told_even_if_the_charts_cannot_be_written() {
    let workplace = workplace();
    fs::create_dir_all(workplace.path().join(format!("{FOLDER}/charts/cost.svg/in-the-way"))).unwrap();
    let ended = workplace.run("sweep swept.toml");
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert!(ended.out.contains("\nBusiest GPUs\n"), "{}", ended.out);
    assert!(ended.err.starts_with("error: the charts cannot be written: cannot replace "), "{}", ended.err);
    assert!(!workplace.text(format!("{FOLDER}/summary.csv")).is_empty());
}

/// The page of another scenario does not stay beside this one's scenario.toml while this one is not done.
#[test]
fn the_page_of_another_scenario_goes() {
    let workplace = workplace();
    workplace.run("sweep swept.toml --quiet").answer();
    workplace.run("sweep swept.toml --quiet --set job.epochs=1 --shard 1/2").answer();
    let names: Vec<String> =
        workplace.files(FOLDER).iter().map(|(path, _)| path.display().to_string()).collect();
    for gone in ["points.csv", "summary.csv", "report.html", "provenance.json"] {
        assert!(!names.contains(&gone.to_owned()), "{names:?}");
    }
}

/// What is wrong is that there is nothing to join, whatever else may be wrong with the folder.
#[test]
fn a_folder_without_a_journal_is_told_first() {
    let workplace = Workplace::new();
    workplace.run("run small.toml --quiet --storage lustre").answer();
    let ended = workplace.run("merge results/small");
    assert_eq!(ended.status, Some(2));
    assert_eq!(ended.err, "error: results/small holds no journal of a sweep\n");
}
