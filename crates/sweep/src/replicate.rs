//! The runner: every replication of every candidate, side by side on threads, returned in written order.

use std::{
    any::Any,
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use ingestsim_model::{Outcome, Plan};
use rayon::prelude::*;
use thiserror::Error;

/// What can be run again and again, each time with other luck.
pub trait Simulate: Sync {
    /// One run. The same replication gives the same outcome on every machine and thread.
    ///
    /// # Errors
    ///
    /// If the run broke a law of the model, and so cannot be trusted.
    fn simulate(&self, replication: u64) -> Result<Outcome, Box<dyn Error + Send + Sync>>;

    /// About how many samples a run reads: what a progress bar weighs it by.
    fn samples(&self) -> u64;

    /// GPUs of one trial.
    fn ranks(&self) -> u32;
}

impl Simulate for Plan {
    fn simulate(&self, replication: u64) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
        Ok(Self::simulate(self, replication)?)
    }

    fn samples(&self) -> u64 {
        self.estimated_samples()
    }

    fn ranks(&self) -> u32 {
        Self::ranks(self)
    }
}

/// One storage profile, ready to run.
#[derive(Debug, Clone)]
pub struct Candidate<P> {
    /// The profile's name.
    pub storage: String,
    /// The kind of storage it is, as in the path of its keys: `s3`, `fsx-lustre`.
    pub kind: &'static str,
    /// What is run.
    pub plan: P,
}

/// One run that came to its end.
#[derive(Debug, Clone)]
pub struct Run {
    /// What it reports.
    pub outcome: Outcome,
    /// How long it took on the host's clock.
    pub wall: Duration,
}

/// A run that came to no result. The others are not touched by it.
#[derive(Debug, Error)]
pub enum RunError {
    /// The run ended, but its own books do not agree.
    #[error("storage profile {storage}, replication {replication}")]
    BrokenLaw {
        /// The profile's name.
        storage: String,
        /// Which replication, from 0.
        replication: u64,
        /// The law, the place and both figures.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The simulator broke a promise of its own.
    #[error("storage profile {storage}, replication {replication}: the simulator has a fault: {message}")]
    Panicked {
        /// The profile's name.
        storage: String,
        /// Which replication, from 0.
        replication: u64,
        /// The sentence that states the promise.
        message: String,
    },
}

/// The threads could not be started.
#[derive(Debug, Error)]
#[error("cannot start {threads} threads")]
pub struct ThreadError {
    threads: usize,
    source: rayon::ThreadPoolBuildError,
}

/// Who wants to know how far the runs are. Called from any thread.
pub trait Progress: Sync {
    /// A run of about so many samples has ended, well or badly.
    fn finished(&self, samples: u64);

    /// Runs of about so many samples together begin; `what` they are, in a line. Only where it is not known before how
    /// many runs there will be.
    fn begins(&self, _what: &str, _samples: u64) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn finished(&self, _samples: u64) {}
}

/// Runs each candidate `replications` times on `threads` threads (0: one a core), or on those of the pool that it is
/// called from.
///
/// The first index of the result is the candidate, the second the replication. A run that fails or panics is an error
/// in its place.
///
/// # Errors
///
/// If the threads cannot be started.
pub fn replicate<P: Simulate>(
    candidates: &[Candidate<P>],
    replications: u64,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Vec<Vec<Result<Run, RunError>>>, ThreadError> {
    let jobs: Vec<(&Candidate<P>, u64)> = candidates
        .iter()
        .flat_map(|one| (0..replications).map(move |replication| (one, replication)))
        .collect();
    let simulated = |&(candidate, replication): &(&Candidate<P>, u64)| {
        let run = simulated(candidate, replication);
        progress.finished(candidate.plan.samples());
        run
    };
    // Runs are few and long: each is a task of its own, so that no thread holds two while another has none.
    let run_all = || jobs.par_iter().with_max_len(1).map(simulated).collect::<Vec<_>>();
    let runs =
        if rayon::current_thread_index().is_some() { run_all() } else { pool(threads)?.install(run_all) };
    let mut runs = runs.into_iter();
    Ok(candidates.iter().map(|_| runs.by_ref().take(replications as usize).collect()).collect())
}

/// So many threads, 0 for one a core.
pub(crate) fn pool(threads: usize) -> Result<rayon::ThreadPool, ThreadError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|source| ThreadError { threads, source })
}

/// One run, with whatever goes wrong in it as its error.
fn simulated<P: Simulate>(candidate: &Candidate<P>, replication: u64) -> Result<Run, RunError> {
    let storage = || candidate.storage.clone();
    let start = Instant::now();
    // A plan is not changed by its run, so nothing half-done is seen by the next.
    let result = catch_unwind(AssertUnwindSafe(|| candidate.plan.simulate(replication)));
    let result = result.map_err(|payload| {
        let message = message_of(payload.as_ref());
        RunError::Panicked { storage: storage(), replication, message }
    })?;
    let mut outcome =
        result.map_err(|source| RunError::BrokenLaw { storage: storage(), replication, source })?;
    if replication > 0 {
        // Only the first timeline is ever shown, and it is the largest part of an outcome.
        outcome.timeline = Vec::new();
    }
    Ok(Run { outcome, wall: start.elapsed() })
}

/// What a panic said.
#[must_use]
pub fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use ingestsim_model::outcome::{Summary, TimelineRow};

    use super::*;

    type Misbehaviour = fn() -> Result<Outcome, Box<dyn Error + Send + Sync>>;

    /// A plan whose outcome tells its number, and which misbehaves in its third replication if it is told to.
    struct Fake {
        number: u64,
        misbehaves: Option<Misbehaviour>,
    }

    impl Simulate for Fake {
        fn simulate(&self, replication: u64) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
            match self.misbehaves {
                Some(misbehave) if replication == 2 => misbehave(),
                _ => Ok(outcome(self.number, replication)),
            }
        }

        fn samples(&self) -> u64 {
            100 + self.number
        }

        fn ranks(&self) -> u32 {
            1
        }
    }

    fn outcome(number: u64, replication: u64) -> Outcome {
        let bin = TimelineRow {
            t_s: 0.0,
            gpu_utilisation: 1.0,
            bytes_per_s: 0.0,
            samples_per_s: 0.0,
            queue_depth: 0.0,
            credits_bytes: None,
        };
        Outcome {
            storage: number.to_string(),
            replication,
            summary: Summary::default(),
            epochs: Vec::new(),
            stalls: Vec::new(),
            costs: Vec::new(),
            timeline: vec![bin],
            latency: Vec::new(),
            tiers: Vec::new(),
            trials: Vec::new(),
            notes: Vec::new(),
            fidelity: "exact".to_owned(),
            fidelity_error: None,
            fidelity_check: None,
            events: 10 * number + replication,
            history: 0,
        }
    }

    fn candidates(misbehaves: Option<Misbehaviour>) -> [Candidate<Fake>; 3] {
        [0, 1, 2].map(|number| {
            let misbehaves = misbehaves.filter(|_| number == 1);
            Candidate { storage: format!("profile-{number}"), kind: "s3", plan: Fake { number, misbehaves } }
        })
    }

    /// The events of each run, which tell profile and replication; nothing where it failed.
    fn events(runs: &[Vec<Result<Run, RunError>>]) -> Vec<Vec<Option<u64>>> {
        let of_run = |run: &Result<Run, RunError>| run.as_ref().ok().map(|run| run.outcome.events);
        runs.iter().map(|runs| runs.iter().map(of_run).collect()).collect()
    }

    #[test]
    fn runs_stand_in_written_order_on_any_number_of_threads() {
        let one = replicate(&candidates(None), 4, 1, &Silent).unwrap();
        let row = |number: u64| (0..4).map(|replication| Some(10 * number + replication)).collect::<Vec<_>>();
        assert_eq!(events(&one), [row(0), row(1), row(2)]);
        for threads in [2, 8] {
            assert_eq!(events(&replicate(&candidates(None), 4, threads, &Silent).unwrap()), events(&one));
        }
    }

    #[test]
    fn a_panic_is_an_error_in_its_place() {
        let misbehaving = candidates(Some(|| panic!("a lane is released once")));
        let runs = replicate(&misbehaving, 4, 2, &Silent).unwrap();
        assert_eq!(events(&runs)[1], [Some(10), Some(11), None, Some(13)]);
        assert_eq!(events(&runs)[2].len(), 4);
        let error = runs[1][2].as_ref().unwrap_err().to_string();
        assert_eq!(
            error,
            "storage profile profile-1, replication 2: the simulator has a fault: a lane is released once"
        );
    }

    #[test]
    fn a_broken_law_is_the_source_of_its_error() {
        let runs = replicate(&candidates(Some(|| Err("5 = 6".into()))), 3, 2, &Silent).unwrap();
        let error = runs[1][2].as_ref().unwrap_err();
        assert_eq!(error.to_string(), "storage profile profile-1, replication 2");
        assert_eq!(error.source().unwrap().to_string(), "5 = 6");
    }

    #[test]
    fn only_the_first_replication_keeps_its_timeline() {
        let runs = replicate(&candidates(None), 2, 2, &Silent).unwrap();
        let bins = |run: &Result<Run, RunError>| run.as_ref().unwrap().outcome.timeline.len();
        assert_eq!(runs[0].iter().map(bins).collect::<Vec<_>>(), [1, 0]);
    }

    /// Three profiles of 100, 101 and 102 samples, twice each: 606.
    #[test]
    fn progress_hears_of_every_run() {
        struct Sum(AtomicU64);
        impl Progress for Sum {
            fn finished(&self, samples: u64) {
                self.0.fetch_add(samples, Ordering::Relaxed);
            }
        }
        let sum = Sum(AtomicU64::new(0));
        replicate(&candidates(None), 2, 2, &sum).unwrap();
        assert_eq!(sum.0.into_inner(), 606);
    }
}
