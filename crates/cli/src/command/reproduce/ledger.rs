//! The items that are done so far: each is in the folder as soon as it is computed, so that whatever stops the program
//! later takes nothing away.

use ingestsim_report::{
    folder::{Folder, NewFile},
    html::{self, About},
    reproduce::{self, Failed, Verdict},
};
use ingestsim_scenario::Scenario;
use ingestsim_sweep::reproduce::{Item, Reproduced};

use super::VERSION;
use crate::{
    exit::ExitStatus,
    failure::Failure,
    interrupt,
    options::Format,
    results::{UNWRITTEN, write},
};

/// An item that was computed.
pub(super) struct Done {
    pub(super) reproduced: Reproduced,
    pub(super) verdict: Verdict,
    /// Its own files.
    pub(super) files: Vec<NewFile>,
    pub(super) scenario: Scenario,
    /// Where its figures come from.
    pub(super) footer: String,
}

/// What the items have come to.
pub(super) struct Ledger<'a> {
    folder: &'a Folder,
    format: Format,
    reproduced: Vec<Reproduced>,
    verdicts: Vec<Verdict>,
    about: About,
    failed: Vec<Failed>,
    failures: Vec<Failure>,
    /// Files of items that are not in the folder yet.
    waiting: Vec<NewFile>,
    /// How many files of items are in the folder.
    written: usize,
}

impl<'a> Ledger<'a> {
    /// One without an item.
    pub(super) fn new(folder: &'a Folder, format: Format) -> Self {
        Self {
            folder,
            format,
            reproduced: Vec::new(),
            verdicts: Vec::new(),
            about: About { version: VERSION.to_owned(), ..About::default() },
            failed: Vec::new(),
            failures: Vec::new(),
            waiting: Vec::new(),
            written: 0,
        }
    }

    /// Enters an item and puts it into the folder, with a page of all so far. Where that fails, as on a disk that is full
    /// for a while, the next item tries again.
    pub(super) fn enter(&mut self, done: Done) {
        let Done { reproduced, verdict, files, scenario, footer } = done;
        if self.about.footer.is_empty() {
            self.about.footer = footer;
        }
        self.about.scenarios.push((format!("{}.toml", verdict.item.id()), scenario.to_toml()));
        self.reproduced.push(reproduced);
        self.verdicts.push(verdict);
        self.waiting.extend(files);
        if self.keep(Vec::new()).is_ok() {
            let folder = self.folder.path().display();
            interrupt::say_at_end(format!("interrupted: the items that were finished are in {folder}/"));
        }
    }

    /// Enters an item that came to nothing.
    pub(super) fn fail(&mut self, item: Item, failure: Failure) {
        self.failed.push(Failed { item, error: failure.line() });
        self.failures.push(failure);
    }

    /// Writes what stands for all items, and whatever is not in the folder yet; returns how many files there are.
    pub(super) fn close(&mut self) -> Result<usize, Failure> {
        if self.verdicts.is_empty() {
            return Ok(0);
        }
        let of_all = self.keep(reproduce::files_of_all(&self.verdicts))?;
        Ok(self.written + of_all)
    }

    /// Writes the waiting files of items, the page and other files of all items; returns how many are of all items.
    fn keep(&mut self, mut of_all: Vec<NewFile>) -> Result<usize, Failure> {
        let items = (self.reproduced.as_slice(), self.verdicts.as_slice());
        let page = html::reproduce::report(items, &self.failed, &self.about);
        of_all.push(page.map_err(|error| anyhow::Error::new(error).context(UNWRITTEN))?);
        let count = of_all.len();
        let files = self.waiting.iter().cloned().chain(of_all).collect();
        self.written += write(self.folder, files, self.format, &[])? - count;
        self.waiting.clear();
        Ok(count)
    }

    pub(super) fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    pub(super) fn failed(&self) -> &[Failed] {
        &self.failed
    }

    /// What failed, each item with its error.
    pub(super) fn failures(&self) -> impl Iterator<Item = String> {
        let pairs = self.failed.iter().zip(&self.failures);
        pairs.map(|(failed, failure)| failure.text_of(&format!("{} failed", failed.item.id())))
    }

    /// Failed if an item has, wrong input if that was what was wrong with every one that failed; none if none failed.
    pub(super) fn status(&self) -> Option<ExitStatus> {
        let is_input = |failure: &Failure| failure.status() == ExitStatus::Input;
        match self.failures.as_slice() {
            [] => None,
            all if all.iter().all(is_input) => Some(ExitStatus::Input),
            _ => Some(ExitStatus::Failed),
        }
    }
}
