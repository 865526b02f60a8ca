//! Instructions a sample, counted by valgrind: the one figure that a busy machine does not disturb.
//!
//! Two runs of workload W on S8 that differ only in their number of samples, so that all that happens once (start,
//! reading the scenario, tables, the report) cancels out of the difference. The count is that of one compiler; another
//! version may give another.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{S8, workload};

/// Samples of the two runs: 16 steps and 48 steps of S8.
const FEW: u64 = 32_768;
const MANY: u64 = 98_304;

/// The argument that makes a program run the workload and nothing else.
const RUN: &str = "--run-workload-of-samples";

/// If this process was started to be counted, does what is counted and returns true.
///
/// A program that calls [`per_sample`] must call this before all else.
#[must_use]
pub fn is_counted() -> bool {
    let mut arguments = env::args().skip(1);
    let samples = match (arguments.next(), arguments.next()) {
        (Some(run), Some(samples)) if run == RUN => samples.parse().ok(),
        _ => None,
    };
    samples.is_some_and(|samples| workload::run(&S8.plan(samples)) > 0.0)
}

/// Instructions a sample of this program.
///
/// # Errors
///
/// If there is no valgrind, or it fails.
pub fn per_sample() -> Result<f64> {
    let program = env::current_exe().context("a program knows where it is")?;
    let few = count(&program, FEW)?;
    let many = count(&program, MANY)?;
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

fn count(program: &Path, samples: u64) -> Result<u64> {
    valgrind()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([RUN, &samples.to_string()])
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
