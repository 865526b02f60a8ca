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
    /// How many items were asked for.
    asked: usize,
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
    /// One without an item, for as many as were `asked` for.
    pub(super) fn new(folder: &'a Folder, format: Format, asked: usize) -> Self {
        Self {
            folder,
            format,
            asked,
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

    /// Enters an item that came to nothing. What an earlier run left of it goes.
    pub(super) fn fail(&mut self, item: Item, failure: Failure) {
        self.failed.push(Failed { item, error: failure.line() });
        self.failures.push(failure);
        // Closing tries again, and says why if it cannot.
        let _ = self.keep(Vec::new());
    }

    /// Writes what stands for all items, and whatever is not in the folder yet; returns how many files there are.
    pub(super) fn close(&mut self) -> Result<usize, Failure> {
        let of_all = self.keep(reproduce::files_of_all(&self.verdicts))?;
        Ok(self.written + of_all)
    }

    /// Writes the waiting files of items, the page and other files of all items; returns how many are of all items.
    fn keep(&mut self, mut of_all: Vec<NewFile>) -> Result<usize, Failure> {
        if self.verdicts.is_empty() {
            return self.clear();
        }
        let items = (self.reproduced.as_slice(), self.verdicts.as_slice());
        let page = html::reproduce::report(items, &self.failed, self.asked, &self.about);
        of_all.push(page.map_err(|error| anyhow::Error::new(error).context(UNWRITTEN))?);
        let count = of_all.len();
        let files = self.waiting.iter().cloned().chain(of_all).collect();
        let outdated = self.outdated();
        let outdated: Vec<&str> = outdated.iter().map(String::as_str).collect();
        self.written += write(self.folder, files, self.format, &outdated)? - count;
        self.waiting.clear();
        Ok(count)
    }

    /// Takes out of the folder what contradicts that no item has come to anything; without one there is no page.
    fn clear(&self) -> Result<usize, Failure> {
        if self.folder.path().exists() {
            let outdated = self.outdated();
            let outdated = outdated.iter().map(String::as_str).chain(["report.html"]);
            write(self.folder, Vec::new(), self.format, &outdated.collect::<Vec<_>>())?;
        }
        Ok(0)
    }

    /// What an earlier run left and this one contradicts: the files of items that failed, and those of all items, where
    /// all are computed anew or one of them has no files any more.
    fn outdated(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.failed.iter().flat_map(|failed| reproduce::file_names(failed.item)).collect();
        if self.asked == Item::ALL.len() || !self.failed.is_empty() {
            names.extend(reproduce::OF_ALL.map(str::to_owned));
        }
        names
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
