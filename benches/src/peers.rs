//! Workload W in other simulators: whether they are there, what they answer, and what it costs them.
//!
//! Each peer is a program of its own in `benches/peers/`, which prints the simulated length of the epoch and the CPU time
//! of its simulation alone. A peer that is not installed is a reason, not an error. `.ci/peers` installs them all.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use ingestsim_des::stats::{Tally, student_t_quantile};
use ingestsim_model::Plan;
use serde::Deserialize;

use crate::{Workload, clock};

/// Another simulator, and the way in which W is written in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// A process for each worker; shares are computed anew over all transfers at every change.
    SimPy,
    /// The same with a link that keeps one virtual clock and a heap.
    SimPyVirtualTime,
    /// An actor for each worker, a flow for each file, semaphores between.
    SimGrid,
    /// The same as fast as was found: counters in place of semaphores, and full updates.
    SimGridTuned,
}

/// What a simulator says of one run of W.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Answer {
    /// The simulated length of the epoch.
    pub epoch_s: f64,
    /// The CPU time of the simulation.
    pub cpu_s: f64,
}

/// A peer that can be run.
#[derive(Debug, Clone)]
pub struct Program {
    peer: Peer,
    file: PathBuf,
}

impl Peer {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SimPy => "SimPy",
            Self::SimPyVirtualTime => "SimPy, virtual-time link",
            Self::SimGrid => "SimGrid flows",
            Self::SimGridTuned => "SimGrid flows, tuned",
        }
    }

    /// Makes it ready to run: finds its interpreter, or compiles it.
    ///
    /// # Errors
    ///
    /// If it is not installed.
    pub fn program(self) -> Result<Program> {
        let file = match self {
            Self::SimPy | Self::SimPyVirtualTime => python(Some("simpy"))?,
            Self::SimGrid | Self::SimGridTuned => simgrid()?,
        };
        Ok(Program { peer: self, file })
    }
}

impl Program {
    /// Runs W with so many samples.
    ///
    /// # Errors
    ///
    /// If it fails, or prints something else than an answer.
    pub fn run(&self, w: Workload, samples: u64, seed: u64) -> Result<Answer> {
        let mut command = Command::new(&self.file);
        let [gpus, nic, rate, samples, seed] =
            [w.gpus(), w.nic, w.rate, samples, seed].map(|number| number.to_string());
        let link = match self.peer {
            Peer::SimPy => "progressive",
            Peer::SimPyVirtualTime => "virtual-time",
            Peer::SimGrid | Peer::SimGridTuned => {
                command.args([gpus, nic, rate, samples, seed]);
                command.args((self.peer == Peer::SimGridTuned).then_some("tuned"));
                return told(&mut command);
            }
        };
        command.arg(source("w_simpy.py")).args(["--link", link]);
        command.args(["--gpus", &gpus, "--nic", &nic, "--rate", &rate]);
        told(command.args(["--samples", &samples, "--seed", &seed]))
    }
}

/// Our own answer to the same question.
///
/// # Errors
///
/// If the run breaks a law.
pub fn ours(plan: &Plan, replication: u64) -> Result<Answer> {
    let (cpu_s, outcome) = clock::cpu(clock::Of::Thread, || plan.simulate(replication));
    Ok(Answer { epoch_s: outcome?.summary.loop_s, cpu_s })
}

/// Answers of two simulators to one question, taken in turn.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    ours: Vec<Answer>,
    theirs: Vec<Answer>,
}

impl Comparison {
    /// Runs both on W with so many samples: the peer `rounds` times, ours more often, as one run says less about noise.
    ///
    /// # Errors
    ///
    /// If the peer fails, or a run breaks a law.
    pub fn of(program: &Program, w: Workload, samples: u64, rounds: u64) -> Result<Self> {
        /// Our runs for each of the peer's.
        const OURS: u64 = 5;
        let plan = w.plan(samples);
        let mut comparison = Self::default();
        for round in 0..rounds {
            for replication in OURS * round..OURS * (round + 1) {
                comparison.ours.push(ours(&plan, replication)?);
            }
            comparison.theirs.push(program.run(w, samples, 1 + round)?);
        }
        Ok(comparison)
    }

    /// The peer's CPU time over ours, each the least of its runs.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        least(&self.theirs) / least(&self.ours)
    }

    /// The peer's CPU time, and ours.
    #[must_use]
    pub fn cpu_s(&self) -> [f64; 2] {
        [least(&self.theirs), least(&self.ours)]
    }

    /// The peer's mean epoch time, and ours.
    #[must_use]
    pub fn epoch_s(&self) -> [f64; 2] {
        [mean(&self.theirs), mean(&self.ours)]
    }

    /// The standard deviation of one of our epochs: the noise by which two right answers differ.
    #[must_use]
    pub fn noise_s(&self) -> f64 {
        tally(&self.ours).sd().unwrap_or(0.0)
    }

    /// How far the means may lie apart by chance: 99.9 % of the time they lie nearer, if both simulate the same.
    ///
    /// Student's t with the spread of our runs, which a peer's few runs share: t · s · √(1/n + 1/m).
    #[must_use]
    pub fn allowed_s(&self) -> f64 {
        let (ours, theirs) = (self.ours.len() as f64, self.theirs.len() as f64);
        let t = student_t_quantile(0.9995, ours - 1.0);
        t * self.noise_s() * (1.0 / ours + 1.0 / theirs).sqrt()
    }

    /// Whether both answer alike within noise.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let [theirs, ours] = self.epoch_s();
        (theirs - ours).abs() <= self.allowed_s()
    }
}

fn least(answers: &[Answer]) -> f64 {
    answers.iter().map(|answer| answer.cpu_s).fold(f64::INFINITY, f64::min)
}

fn mean(answers: &[Answer]) -> f64 {
    tally(answers).mean().unwrap_or(f64::NAN)
}

fn tally(answers: &[Answer]) -> Tally {
    answers.iter().map(|answer| answer.epoch_s).collect()
}

/// A Python that has a package, if one is asked for: that of `.ci/peers`, else the system's.
///
/// # Errors
///
/// If neither is there, or has the package.
pub fn python(package: Option<&str>) -> Result<PathBuf> {
    let import = package.map(|package| format!("import {package}")).unwrap_or_default();
    let own = built("python/bin/python");
    let has_it = |file: &PathBuf| {
        let tried = Command::new(file).args(["-c", &import]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let found = [own, PathBuf::from("python3")].into_iter().find(has_it);
    found.with_context(|| format!("Python with {} is not installed", package.unwrap_or("nothing more")))
}

/// The path of a peer's source.
#[must_use]
pub fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}

/// What a peer's program prints.
///
/// # Errors
///
/// If it fails, or prints something else.
pub fn told<T: for<'a> Deserialize<'a>>(command: &mut Command) -> Result<T> {
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).with_context(|| format!("{command:?} printed no answer"))
}

/// The path of what is made of a peer.
fn built(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers").join(name)
}

/// Compiles SimGrid's W, unless that has been done since its source was changed.
fn simgrid() -> Result<PathBuf> {
    let (source, program) = (source("w_simgrid.cpp"), built("w_simgrid"));
    let changed = |file: &Path| fs::metadata(file).and_then(|data| data.modified());
    if changed(&program).ok().zip(changed(&source).ok()).is_some_and(|(made, written)| made > written) {
        return Ok(program);
    }
    fs::create_dir_all(built("")).context("the folder of the peers cannot be made")?;
    let output = Command::new("c++").arg("-O2").arg(&source).args(["-lsimgrid", "-o"]).arg(&program).output();
    let output = output.context("no C++ compiler is installed")?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        if told.contains("simgrid/s4u.hpp") {
            bail!("libsimgrid-dev is not installed");
        }
        bail!("SimGrid's workload does not compile: {told}");
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(epochs: &[f64]) -> Vec<Answer> {
        epochs.iter().map(|&epoch_s| Answer { epoch_s, cpu_s: epoch_s / 100.0 }).collect()
    }

    /// Ours are 9, 10 and 11 s: s = 1, t(0.9995, 2) = 31.6, so one run of a peer may be 31.6 · √(1 + 1/3) = 36.5 s off.
    #[test]
    fn agreement_allows_for_the_noise_of_both() {
        let ours = answers(&[9.0, 10.0, 11.0]);
        let compared = |theirs: f64| Comparison { ours: ours.clone(), theirs: answers(&[theirs]) };
        assert!((compared(20.0).allowed_s() - 36.49).abs() < 0.01);
        assert!(compared(46.0).agrees());
        assert!(!compared(47.0).agrees());
    }

    /// The least of ours is 0.09 s of CPU, of theirs 0.2 s.
    #[test]
    fn the_ratio_is_of_the_least() {
        let comparison = Comparison { ours: answers(&[9.0, 10.0]), theirs: answers(&[20.0, 30.0]) };
        assert!((comparison.ratio() - 0.2 / 0.09).abs() < 1e-9);
    }
}
