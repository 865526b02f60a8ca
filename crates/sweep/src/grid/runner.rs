//! The runner: points and replications on all cores, each result in the journal as soon as it is there.
//!
//! Threads take what is next from one queue: a replication of a point that is open, or else the next point in grid
//! order. So there are never more open points than threads, whatever the size of the grid, a few points of many
//! replications keep all threads busy as well as many points of one do, and what is done at any moment is about the
//! first part of the grid.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use ingestsim_model::outcome::Summary;

use super::{
    FailedPoint, Grid, Journal, Kept, Key, Label, Measured, Row, Rule, Shard, SweepError, caught, pool,
    row::one_line,
};

/// How many failures are told one by one.
pub(super) const TOLD: usize = 10;

/// What to run, and on how many threads.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// How many replications a point gets.
    pub rule: Rule,
    /// Which points.
    pub shard: Shard,
    /// Threads; 0 for one a core.
    pub threads: usize,
}

/// Who wants to know how far a sweep is. Called from any thread.
pub trait Watch: Sync {
    /// So many runs are to be done, above what was said before.
    fn planned(&self, runs: u64);
    /// So many of them need not be run, since they are kept.
    fn kept(&self, runs: u64);
    /// So many of them have ended, well or badly.
    fn ended(&self, runs: u64);
}

/// Nobody wants to know.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn planned(&self, _runs: u64) {}
    fn kept(&self, _runs: u64) {}
    fn ended(&self, _runs: u64) {}
}

/// What a sweep came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Points that have all their runs, failed ones included.
    pub points: u64,
    /// Runs that were simulated.
    pub ran: u64,
    /// Runs that were kept.
    pub kept: u64,
    /// Points with a failure.
    pub failed: u64,
    /// The first of them that were met.
    pub failures: Vec<FailedPoint>,
    /// The most points that were open at a time.
    pub open_max: usize,
}

/// Runs what is not kept of the points of a shard.
///
/// A run that fails or panics, and a point that cannot be built, is a row of its own; the others are not touched by
/// it. Failures that are kept are tried again.
///
/// # Errors
///
/// If the journal cannot be written or the kept rows not read; what is in the journal by then stays.
pub fn run<G: Grid>(
    grid: &G,
    order: Order,
    journal: &Journal,
    kept: Kept,
    watch: &dyn Watch,
) -> Result<Tally, SweepError> {
    let points = order.shard.count(grid.points());
    watch.planned(points.saturating_mul(order.rule.least().into()));
    let runner = Runner {
        grid,
        order,
        points,
        columns: grid.columns(),
        journal,
        kept: Mutex::new(kept),
        kept_runs: AtomicU64::new(0),
        watch,
        state: Mutex::new(State::default()),
        changed: Condvar::new(),
    };
    pool(order.threads)?.broadcast(|_| runner.work());
    let state = runner.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = state.error {
        return Err(error);
    }
    journal.sync()?;
    Ok(Tally { kept: runner.kept_runs.into_inner(), ..state.tally })
}

struct Runner<'a, G: Grid> {
    grid: &'a G,
    order: Order,
    /// How many points the shard has.
    points: u64,
    columns: Vec<String>,
    journal: &'a Journal,
    kept: Mutex<Kept>,
    kept_runs: AtomicU64,
    watch: &'a dyn Watch,
    state: Mutex<State<G::Plan>>,
    changed: Condvar,
}

/// What all threads share.
struct State<P> {
    /// The next point of the shard.
    next: u64,
    /// Points that a thread is about to open.
    opening: usize,
    open: Vec<Open<P>>,
    tally: Tally,
    /// Why everybody is to stop.
    error: Option<SweepError>,
}

impl<P> Default for State<P> {
    fn default() -> Self {
        Self { next: 0, opening: 0, open: Vec::new(), tally: Tally::default(), error: None }
    }
}

/// A point some of whose replications are still to be run.
struct Open<P> {
    about: Arc<About<P>>,
    runs: Vec<Replication>,
}

/// What does not change while a point is open.
struct About<P> {
    point: u64,
    label: Label,
    key: Key,
    plan: P,
}

enum Replication {
    Waiting,
    UnderWay,
    Done(Result<Box<Measured>, String>),
}

enum Task<P> {
    Open(u64),
    Run(Arc<About<P>>, u32),
}

impl<G: Grid> Runner<'_, G> {
    fn work(&self) {
        while let Some(task) = self.next() {
            let done = match task {
                Task::Open(point) => self.open(point),
                Task::Run(about, replication) => self.simulate(&about, replication),
            };
            if let Err(error) = done {
                self.state().error.get_or_insert(error);
            }
            self.changed.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State<G::Plan>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to do next; nothing when all is done or something is broken.
    fn next(&self) -> Option<Task<G::Plan>> {
        let mut state = self.state();
        loop {
            if state.error.is_some() {
                return None;
            }
            if let Some(task) = state.open.iter_mut().find_map(Open::claim) {
                return Some(task);
            }
            if state.next < self.points {
                let point = self.order.shard.point(state.next);
                state.next += 1;
                state.opening += 1;
                return Some(Task::Open(point));
            }
            if state.opening == 0 && state.open.is_empty() {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Opens a point, unless all of its runs are kept.
    fn open(&self, point: u64) -> Result<(), SweepError> {
        let start = Instant::now();
        let label = self.grid.label(point);
        let unbuilt = |key, error| {
            let row = Row { key, ..self.row(point, &label, None, Err(error), start) };
            self.unbuilt(&row, &label)
        };
        let (key, loaded) = match caught(|| self.grid.load(point)) {
            Ok(loaded) => loaded,
            Err(error) => return unbuilt(None, error),
        };
        let mut runs = Vec::new();
        let enough = self.grow(key, &mut runs)?;
        if enough {
            self.close(point, &label, runs);
            self.state().opening -= 1;
            return Ok(());
        }
        let plan = match caught(|| self.grid.build(loaded)) {
            Ok(plan) => plan,
            Err(error) => return unbuilt(Some(key), error),
        };
        let mut state = self.state();
        state.opening -= 1;
        state.open.push(Open { about: Arc::new(About { point, label, key, plan }), runs });
        state.tally.open_max = state.tally.open_max.max(state.open.len());
        Ok(())
    }

    /// Records a point that has no runs.
    fn unbuilt(&self, row: &Row, label: &Label) -> Result<(), SweepError> {
        self.journal.append(row)?;
        self.watch.ended(self.order.rule.least().into());
        let mut state = self.state();
        state.opening -= 1;
        state.tally.points += 1;
        let error = row.result.as_ref().err().map(String::as_str).unwrap_or_default();
        state.tally.fail(row.point, label.line(&self.columns), error);
        Ok(())
    }

    fn simulate(&self, about: &About<G::Plan>, replication: u32) -> Result<(), SweepError> {
        let start = Instant::now();
        let result = caught(|| self.grid.simulate(&about.plan, replication));
        let row = self.row(about.point, &about.label, Some(replication), result, start);
        let row = Row { key: Some(about.key), ..row };
        self.journal.append(&row)?;
        self.watch.ended(1);
        let mut state = self.state();
        state.tally.ran += 1;
        let at = state.open.iter().position(|open| open.about.point == about.point);
        let at = at.expect("a point stays open while a run of it is under way");
        let runs = &mut state.open[at].runs;
        runs[replication as usize] = Replication::Done(row.result.map(Box::new));
        if self.grow(about.key, runs)? {
            let open = state.open.swap_remove(at);
            drop(state);
            self.close(about.point, &about.label, open.runs);
        }
        Ok(())
    }

    /// The row of a run that has ended just now.
    fn row(
        &self,
        point: u64,
        label: &Label,
        replication: Option<u32>,
        result: Result<Measured, String>,
        start: Instant,
    ) -> Row {
        Row {
            point,
            replication,
            key: None,
            storage: label.storage.clone(),
            swept: label.swept(&self.columns),
            result,
            wall_s: start.elapsed().as_secs_f64(),
        }
    }

    /// Asks for as many replications as the rule wants after those that are done, and takes those that are kept.
    /// Tells whether all are done.
    fn grow(&self, key: Key, runs: &mut Vec<Replication>) -> Result<bool, SweepError> {
        loop {
            let done: Option<Vec<_>> = runs.iter().map(Replication::figures).collect();
            match done {
                Some(figures) if self.order.rule.is_enough(&figures) => return Ok(true),
                // Beyond the least, one at a time: the rule sees each before it asks for the next.
                _ if runs.len() < self.order.rule.least() as usize || done.is_some() => {
                    let replication = runs.len() as u32;
                    if replication >= self.order.rule.least() {
                        self.watch.planned(1);
                    }
                    runs.push(self.replication(key, replication)?);
                }
                _ => return Ok(false),
            }
        }
    }

    /// A replication that is done if it is kept.
    fn replication(&self, key: Key, replication: u32) -> Result<Replication, SweepError> {
        let row = self.kept.lock().unwrap_or_else(PoisonError::into_inner).row(key, Some(replication))?;
        let Some(Ok(measured)) = row.map(|row| row.result) else {
            return Ok(Replication::Waiting);
        };
        self.watch.kept(1);
        self.kept_runs.fetch_add(1, Ordering::Relaxed);
        Ok(Replication::Done(Ok(Box::new(measured))))
    }

    /// Counts a point whose runs are all done.
    fn close(&self, point: u64, label: &Label, runs: Vec<Replication>) {
        let error = runs.into_iter().find_map(|run| match run {
            Replication::Done(Err(error)) => Some(error),
            _ => None,
        });
        let mut state = self.state();
        state.tally.points += 1;
        if let Some(error) = error {
            state.tally.fail(point, label.line(&self.columns), &error);
        }
    }
}

impl<P> Open<P> {
    /// The first replication that nobody runs yet, which somebody does now.
    fn claim(&mut self) -> Option<Task<P>> {
        let at = self.runs.iter().position(|run| matches!(run, Replication::Waiting))?;
        self.runs[at] = Replication::UnderWay;
        Some(Task::Run(Arc::clone(&self.about), at as u32))
    }
}

impl Replication {
    /// The figures of a run that is done, none if it failed; nothing at all if it is not done.
    #[expect(clippy::option_option, reason = "not done and done without figures are not the same")]
    fn figures(&self) -> Option<Option<[Option<f64>; Summary::COUNT]>> {
        match self {
            Self::Done(result) => Some(result.as_ref().ok().map(|measured| measured.figures)),
            Self::Waiting | Self::UnderWay => None,
        }
    }
}

impl Tally {
    fn fail(&mut self, point: u64, label: String, error: &str) {
        self.failed += 1;
        if self.failures.len() < TOLD {
            self.failures.push(FailedPoint { point, label, error: one_line(error) });
        }
    }
}
