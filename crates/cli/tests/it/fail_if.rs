//! `--fail-if` of every command that has one, and what it says where one has none.

use super::{Ended, Workplace};

/// A command whose last argument is a condition.
fn judged(workplace: &Workplace, command: &str, condition: &str) -> Ended {
    let mut command = workplace.command(command);
    Ended::of(&command.args(["--quiet", "--fail-if", condition]).output().unwrap())
}

#[test]
fn a_comparison_and_an_explanation_judge_each_profile() {
    let workplace = Workplace::new();
    for command in ["compare small.toml --replications 2", "explain small.toml"] {
        let ended = judged(&workplace, command, "total_s > 0");
        assert_eq!(ended.status, Some(3), "{command}");
        let said = ended.err.lines().filter(|line| line.starts_with("--fail-if 'total_s > 0' is true for "));
        assert_eq!(said.count(), 3, "{}", ended.err);
        assert_eq!(judged(&workplace, command, "total_s < 0").status, Some(0), "{command}");
    }
    assert!(workplace.path().join("results/small-compare/summary.csv").exists());
    assert!(workplace.path().join("results/small-explain/summary.csv").exists());
}

/// Six points of 2,048 samples each: of two of them the GPUs take a step of 5 s and are busy; and the tables are there.
#[test]
fn a_sweep_and_a_merge_judge_each_point_and_name_it() {
    let workplace = Workplace::new();
    let grid = "[sweep.grid]\n\"job.step-time\" = [\"10 ms\", \"5 s\"]\n";
    workplace.put("swept.toml", format!("{}{grid}", workplace.text("small.toml")));
    let ended = judged(&workplace, "sweep swept.toml", "gpu_utilisation < 0.5");
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    let lines: Vec<&str> = ended.err.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ended.err);
    for (line, storage) in lines.iter().zip(["copy", "stream", "lustre"]) {
        let said = format!(
            "--fail-if 'gpu_utilisation < 0.5' is true for {storage} job.step-time_s=0.01: gpu_utilisation is 0."
        );
        assert!(line.starts_with(&said), "{line}");
    }
    assert!(workplace.path().join("results/small-sweep/summary.csv").exists());
    let merge = "merge results/small-sweep";
    assert_eq!(judged(&workplace, merge, "gpu_utilisation < 0.5").status, Some(3));
    assert_eq!(judged(&workplace, merge, "gpu_utilisation < 0").status, Some(0));
    let ended = judged(&workplace, "sweep swept.toml --shard 1/2", "gpu_utilisation < 0.5");
    assert_eq!(ended.status, Some(2));
    let said = "error: --fail-if: expected a whole sweep, found a part of one; `ingestsim merge`, which joins the parts, takes \
                --fail-if\n";
    assert_eq!(ended.err, said);
}

/// The first step is a warm-up that accelerator utilisation leaves out, so a job of one step has none.
#[test]
fn a_guard_without_a_figure_does_not_let_pass() {
    let workplace = Workplace::new();
    let one = workplace.text("small.toml").replace("epochs = 2", "steps = 1");
    let grid = "[sweep.grid]\n\"job.step-time\" = [\"10 ms\"]\n";
    workplace.put("swept.toml", format!("{one}{grid}"));
    workplace.put("one.toml", one);
    let condition = "accelerator_utilisation < 0.99";
    let blind = "reports no accelerator_utilisation\n";
    let ended = judged(&workplace, "run one.toml --storage lustre", condition);
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    assert_eq!(ended.err, format!("--fail-if '{condition}' has nothing to judge: lustre {blind}"));
    let ended = judged(&workplace, "sweep swept.toml", condition);
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    let said = format!("--fail-if '{condition}' has nothing to judge: lustre job.step-time_s=0.01 {blind}");
    assert!(ended.err.ends_with(&said), "{}", ended.err);
    let ended = judged(&workplace, "validate svogor/pool-1 --replications 1", "p90_abs_error > 0");
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    let said = "--fail-if 'p90_abs_error > 0' has nothing to judge: no check figure was predicted\n";
    assert_eq!(ended.err, said);
}

/// A sweep with failed points is incomplete, whatever its condition says of the others.
#[test]
fn what_is_incomplete_stays_so() {
    let workplace = Workplace::new();
    let grid = "[sweep.grid]\n\"job.batch-size\" = [64, 1_000_000]\n";
    workplace.put("swept.toml", format!("{}{grid}", workplace.text("small.toml")));
    let ended = judged(&workplace, "sweep swept.toml", "total_s > 0");
    assert_eq!(ended.status, Some(4), "{}", ended.err);
    assert!(
        ended.err.contains("\n--fail-if 'total_s > 0' is true for copy job.batch-size=64: "),
        "{}",
        ended.err
    );
    assert!(!ended.err.contains("nothing to judge"), "failed points were told: {}", ended.err);
}

#[test]
fn a_recommendation_judges_what_costs_least() {
    let workplace = Workplace::new();
    let ended = judged(&workplace, "recommend small.toml --replications 1", "cost_total_usd > 0");
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
    let ended =
        judged(&workplace, "recommend small.toml --replications 1 --deadline 1ms", "cost_total_usd < 0");
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    let said = "--fail-if 'cost_total_usd < 0' has nothing to judge: no set-up keeps to the limits\n";
    assert_eq!(ended.err, said);
}

#[test]
fn a_validation_judges_its_errors() {
    let workplace = Workplace::new();
    let ended = judged(&workplace, "validate svogor --replications 1", "p90_abs_error >= 0");
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    let said = "--fail-if 'p90_abs_error >= 0' is true for 4 check figures: p90_abs_error is 0.0";
    assert!(ended.err.starts_with(said), "{}", ended.err);
    assert_eq!(judged(&workplace, "validate svogor --replications 1", "p90_abs_error > 0.5").status, Some(0));
}

#[test]
fn a_reproduction_judges_each_item() {
    let workplace = Workplace::new();
    let ended = judged(&workplace, "reproduce checkpoint-time idle", "agrees < 1");
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    assert_eq!(ended.err, "--fail-if 'agrees < 1' is true for checkpoint-time: agrees is 0\n");
    assert_eq!(judged(&workplace, "reproduce idle", "agrees < 1").status, Some(0));
}

/// The reason instead of a list of what there is.
#[test]
fn an_option_that_a_command_cannot_have_is_refused_with_the_reason() {
    let workplace = Workplace::new();
    for (command, refused) in [
        ("recommend small.toml --fidelity fast", "recommend takes no --fidelity: it looks at each set-up "),
        ("merge results --seed=3", "merge takes no --seed: the runs are done, and "),
        ("reproduce --replications 3", "reproduce takes no --replications: every item "),
        ("check small.toml --threads 2", "check takes no --threads: it simulates nothing: "),
        ("recommend small.toml --shard 1/2", "recommend takes no --shard: only `ingestsim sweep` "),
        ("run small.toml --against copy", "run takes no --against: only `ingestsim compare` "),
        ("compare small.toml --max-cost=3", "compare takes no --max-cost: only `ingestsim recommend` "),
        ("catalog prices --fail-if a<b", "catalog takes no --fail-if: it simulates nothing: "),
    ] {
        let ended = workplace.run(command);
        assert_eq!(ended.status, Some(2), "{command}");
        assert!(ended.err.starts_with(&format!("error: {refused}")), "{command}: {}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "{command}: {}", ended.err);
    }
    assert!(workplace.run("run small.toml --fast").err.contains("unexpected argument '--fast' found"));
}
