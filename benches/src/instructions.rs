//! Instructions a sample, counted by valgrind: the one figure that a busy machine does not disturb.
//!
//! Two runs of a case that differ only in their number of samples, so that all that happens once (start, reading the
//! scenario, tables, the report) cancels out of the difference. The count is that of one compiler; another version may
//! give another.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use ingestsim_model::Plan;

use crate::{H64, S8, S64, tiers, workload};

/// Samples of the two runs: 2 and 6 steps of W on 64 GPUs, 16 and 48 on 8, 32 and 96 of the tiers.
const FEW: u64 = 32_768;
const MANY: u64 = 98_304;

/// What is counted: workload W on its sizes, and real services with caches.
pub const CASES: [&str; 6] = ["w-s8", "w-s64", "w-h64", "s3", "efs", "fsx-lustre"];

/// The argument that makes a program run the workload and nothing else.
const RUN: &str = "--run-case";

/// If this process was started to be counted, does what is counted and returns true.
///
/// A program that calls [`per_sample`] must call this before all else.
#[must_use]
pub fn is_counted() -> bool {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [run, case, samples] = &arguments[..] else { return false };
    let samples = samples.parse().ok().filter(|_| run == RUN);
    samples.is_some_and(|samples| workload::run(&plan(case, samples)) > 0.0)
}

/// A case of so many samples; a tier reads half as many files in two epochs, the second with a warm cache.
fn plan(case: &str, samples: u64) -> Plan {
    let tier = |profile| tiers::plan(profile, samples / 2, samples / tiers::STEP);
    match case {
        "w-s8" => S8.plan(samples),
        "w-s64" => S64.plan(samples),
        "w-h64" => H64.plan(samples),
        "s3" => tier("direct"),
        "efs" => tier("shared"),
        _ => tier("lustre"),
    }
}

/// Instructions a sample that this program takes for one of the [`CASES`].
///
/// # Errors
///
/// If there is no valgrind, or it fails.
pub fn per_sample(case: &str) -> Result<f64> {
    let program = env::current_exe().context("a program knows where it is")?;
    let few = count(&program, case, FEW)?;
    let many = count(&program, case, MANY)?;
    Ok((many - few) as f64 / (MANY - FEW) as f64)
}

/// The version of valgrind, or why there is none.
///
/// # Errors
///
/// If it cannot be started.
pub fn valgrind() -> Result<String> {
    let output = Command::new("valgrind").arg("--version").output().context("valgrind is not installed")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn count(program: &Path, case: &str, samples: u64) -> Result<u64> {
    valgrind()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([RUN, case, &samples.to_string()])
        .stdin(Stdio::null())
        .output()
        .context("valgrind cannot be started")?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("valgrind failed: {told}");
    }
    collected(&told).with_context(|| format!("valgrind told no count: {told}"))
}

/// The count in what callgrind says: `==7== Collected : 123456`.
fn collected(told: &str) -> Option<u64> {
    told.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_what_callgrind_says() {
        let told = "==7== Events    : Ir\n==7== Collected : 123456\n==7== \n";
        assert_eq!(collected(told), Some(123_456));
        assert_eq!(collected("==7== Killed\n"), None);
    }
}
