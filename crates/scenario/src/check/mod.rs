//! Checks of what the types cannot say: counts above zero, one of several keys, keys that a choice has no use for.

pub(crate) mod catalog;
mod dataset;
mod job;
mod spread;
mod storage;
pub(crate) mod sweep;

use ingestsim_units::{Frequency, Rate};

use crate::{
    Scenario,
    doc::{Node, Origin, Value},
    error::{Problem, ScenarioErrors, shown},
    path::Path,
    schema::storage::Role,
    source::Places,
};

/// What nothing costs, whatever its unit.
const PRICE_MAX: f64 = 1e9;

/// Gathers the mistakes of one scenario, each with its place.
pub(crate) struct Checker<'d> {
    document: &'d Node,
    places: &'d Places,
    errors: Vec<crate::ScenarioError>,
}

impl<'d> Checker<'d> {
    pub(crate) const fn new(document: &'d Node, places: &'d Places) -> Self {
        Self { document, places, errors: Vec::new() }
    }

    /// A mistake in the value at `path`, or in the table that lacks it.
    pub(crate) fn refuse(&mut self, path: Path, problem: Problem) {
        let origin = path.origin(self.document);
        self.refuse_at(path, &origin, problem);
    }

    /// A mistake in that there is a key at `path`.
    pub(crate) fn refuse_key(&mut self, path: Path, problem: Problem) {
        let origin = path.key_origin(self.document);
        self.refuse_at(path, &origin, problem);
    }

    pub(crate) fn refuse_at(&mut self, path: Path, origin: &Origin, problem: Problem) {
        self.errors.push(self.places.error(path, origin, problem));
    }

    /// Whether the key at `path` was written.
    pub(crate) fn has(&self, path: &Path) -> bool {
        path.get(self.document).is_some()
    }

    /// The value at `path` in the words of a message.
    pub(crate) fn found(&self, path: &Path) -> String {
        path.get(self.document).map_or_else(|| "nothing".to_owned(), Node::found)
    }

    /// Refuses the value at `path` unless `fits`.
    pub(crate) fn expect(&mut self, fits: bool, path: Path, expected: &str) {
        if !fits {
            let found = self.found(&path);
            self.refuse(path, Problem::mismatch(expected, found));
        }
    }

    /// Refuses a count of zero.
    pub(crate) fn expect_some(&mut self, count: impl Into<u64>, path: Path) {
        self.expect(count.into() > 0, path, "a whole number of at least 1");
    }

    /// Refuses a number that is negative or none.
    pub(crate) fn expect_amount(&mut self, number: f64, path: Path) {
        self.expect(number.is_finite() && number >= 0.0, path, "a number of at least 0");
    }

    /// Refuses a price that is negative, or so high that it is a slip and a bill of it no number.
    pub(crate) fn expect_price(&mut self, usd: f64, path: Path) {
        let expected =
            if usd > PRICE_MAX { "a price of at most $1,000,000,000" } else { "a number of at least 0" };
        self.expect((0.0..=PRICE_MAX).contains(&usd), path, expected);
    }

    /// Refuses the keys of `table` among `keys` that were written, as `choice` does not use them; they are for `needs`.
    pub(crate) fn refuse_unused(&mut self, table: &Path, keys: &[&str], choice: &str, needs: &str) {
        for key in keys {
            let path = table.key(key);
            if self.has(&path) {
                let problem = Problem::Unused {
                    choice: choice.to_owned(),
                    key: (*key).to_owned(),
                    needs: needs.to_owned(),
                };
                self.refuse_key(path, problem);
            }
        }
    }

    /// Exactly one of `keys` has to be in `table`; with `may_lack` none is right too.
    pub(crate) fn expect_one_of(&mut self, table: &Path, keys: &[&str], may_lack: bool) {
        let there = keys.iter().filter(|key| self.has(&table.key(key))).copied().collect::<Vec<_>>();
        let at_most = if may_lack { "at most" } else { "exactly" };
        let expected = format!("{at_most} one of {}", keys.join(", "));
        match there[..] {
            [] if !may_lack => self.refuse(table.clone(), Problem::mismatch(expected, "none")),
            [_, second, ..] => {
                self.refuse_key(table.key(second), Problem::mismatch(expected, there.join(" and ")));
            }
            _ => {}
        }
    }

    pub(crate) fn done(self) -> Result<(), ScenarioErrors> {
        if self.errors.is_empty() { Ok(()) } else { Err(ScenarioErrors(self.errors)) }
    }
}

/// Every check that needs neither the catalog nor the points of the sweep.
pub(crate) fn all(scenario: &Scenario, checker: &mut Checker<'_>) {
    job_alone(scenario, checker);
    has_candidate(scenario, checker);
}

/// The same but for the one that there is a candidate.
pub(crate) fn job_alone(scenario: &Scenario, checker: &mut Checker<'_>) {
    name(scenario, checker);
    rates_above_zero(checker.document, &Path::default(), checker);
    dataset::check(&scenario.dataset, checker);
    job::check(scenario, checker);
    loader(scenario, checker);
    if let Some(empty) = scenario.storage.keys().find(|name| name.trim().is_empty()) {
        let problem = Problem::mismatch("a profile with a name", shown(empty));
        checker.refuse_key(Path::of(["storage", empty]), problem);
    }
    for (name, profile) in &scenario.storage {
        storage::check(name, profile, checker);
    }
    for (id, price) in &scenario.prices {
        checker.expect_price(*price, Path::of(["prices", id]));
    }
}

/// The name becomes a folder, so it must not lead out of the folder of results.
fn name(scenario: &Scenario, checker: &mut Checker<'_>) {
    let name = &scenario.name;
    let plain = !name.is_empty()
        && !name.starts_with('.')
        && name.len() <= NAME_MAX
        && !name.contains(|c: char| c.is_control() || "/\\:*?\"<>|".contains(c));
    checker.expect(
        plain,
        Path::of(["name"]),
        "a plain file name, since results go into a folder of that name",
    );
}

/// File systems end names at 255 bytes, and a command's suffix is added to this one.
const NAME_MAX: usize = 200;

fn has_candidate(scenario: &Scenario, checker: &mut Checker<'_>) {
    let candidates = scenario.storage.values().filter(|profile| profile.role() == Role::Candidate);
    if candidates.count() == 0 {
        let expected = "at least one profile [storage.NAME.KIND] that is a candidate";
        checker.refuse(Path::of(["storage"]), Problem::mismatch(expected, "none"));
    }
}

fn loader(scenario: &Scenario, checker: &mut Checker<'_>) {
    use crate::schema::loader::{Loader, Prefetch};
    let path = Path::of(["loader", scenario.loader.name()]);
    match &scenario.loader {
        Loader::PyTorch(loader) => {
            checker.expect_some(loader.prefetch_factor, path.key("prefetch-factor"));
            checker.expect_some(loader.threads_per_worker, path.key("threads-per-worker"));
        }
        Loader::TfData(loader) => {
            checker.expect_some(loader.parallel_reads, path.key("parallel-reads"));
            if let Prefetch::Batches(batches) = loader.prefetch {
                checker.expect_some(batches, path.key("prefetch"));
            }
        }
    }
    if let Some(cache) = scenario.loader.sample_cache() {
        job::cache_size(cache.size, path.key("sample-cache").key("size"), checker);
    }
}

/// A rate of zero would never end: none is allowed anywhere.
fn rates_above_zero(node: &Node, path: &Path, checker: &mut Checker<'_>) {
    match &node.value {
        Value::String(text) => {
            let rate = text.parse::<Rate>().is_ok_and(Rate::is_zero);
            if rate || text.parse::<Frequency>().is_ok_and(Frequency::is_zero) {
                let problem = Problem::mismatch("a rate above zero", node.found());
                checker.refuse_at(path.clone(), &node.origin, problem);
            }
        }
        Value::Table(table) => {
            // The values of a sweep are checked where they are put.
            for (key, entry) in table.iter().filter(|(key, _)| !path.is_empty() || key.as_str() != "sweep") {
                rates_above_zero(&entry.node, &path.key(key), checker);
            }
        }
        _ => {}
    }
}
