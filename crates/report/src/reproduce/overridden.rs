//! What is not as an item is written, and how that is said: the guide speaks of the job as it is written, so of another
//! one a verdict says less.

use ingestsim_sweep::reproduce::Reproduced;
use serde_json::Value;

use super::Verdict;

/// The flags that an item was computed with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overridden {
    flags: Vec<String>,
    another_job: bool,
}

impl Overridden {
    /// Those of an item that was computed.
    pub(super) fn of(reproduced: &Reproduced) -> Self {
        Self { flags: reproduced.overridden.clone(), another_job: reproduced.another_job }
    }

    /// The flags in one line; none where everything is as it is written.
    #[must_use]
    pub fn flags(&self) -> Option<String> {
        (!self.flags.is_empty()).then(|| self.flags.join(" "))
    }

    /// The same as they are typed behind a command, with a space before.
    pub(super) fn typed(&self) -> String {
        self.flags.iter().map(|flag| format!(" {}", quoted(flag))).collect()
    }

    /// Whether the job is another one than the guide's, and not the same with other luck.
    #[must_use]
    pub const fn is_another_job(&self) -> bool {
        self.another_job
    }

    /// `yes` or `no`, and of what.
    #[must_use]
    pub fn verdict(&self, agrees: bool) -> String {
        let word = if agrees { "yes" } else { "no" };
        let of = if self.is_another_job() { ", of another job than the guide's" } else { "" };
        format!("{word}{of}")
    }

    /// The sentence that an answer carries; none where everything is as it is written.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let what = if self.is_another_job() {
            "The item's job is another one: where a sentence tells of its size or of the storage's limits, those are of the \
             job as it is written, and so is what the guide says. What the item varies itself it goes on varying."
        } else {
            "Otherwise the item is as it is written."
        };
        self.flags().map(|flags| format!("{flags}. {what}"))
    }

    /// Adds the flags to the document of an item, where there are any.
    pub(super) fn add_to(&self, item: &mut Value) {
        if !self.flags.is_empty() {
            item["overridden"] = Value::from(self.flags.clone());
        }
    }
}

/// How many of the items are overridden, in words; none where none is.
pub fn count(verdicts: &[Verdict]) -> Option<String> {
    let overridden = verdicts.iter().filter(|verdict| verdict.overridden.flags().is_some()).count();
    match overridden {
        0 => None,
        all if all == verdicts.len() => Some("all are overridden".to_owned()),
        some => Some(format!("{some} of them overridden")),
    }
}

/// A flag and its value as a shell takes them: the value in quotes where it needs them.
fn quoted(flag: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.,:=/%+".contains(c);
    match flag.split_once(' ') {
        Some((name, value)) if !value.chars().all(plain) => {
            format!("{name} '{}'", value.replace('\'', "'\\''"))
        }
        _ => flag.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overridden(flags: &[&str], another_job: bool) -> Overridden {
        Overridden { flags: flags.iter().map(|flag| (*flag).to_owned()).collect(), another_job }
    }

    #[test]
    fn another_seed_is_no_other_job() {
        let seed = overridden(&["--seed 5"], false);
        assert_eq!(seed.verdict(true), "yes");
        assert_eq!(seed.note().unwrap(), "--seed 5. Otherwise the item is as it is written.");
        let set = overridden(&["--set job.epochs=3", "--seed 5"], true);
        assert_eq!(set.verdict(false), "no, of another job than the guide's");
        assert!(
            set.note().unwrap().starts_with("--set job.epochs=3 --seed 5. The item's job is another one")
        );
        assert_eq!(Overridden::default().note(), None);
    }

    #[test]
    fn flags_can_be_typed_again() {
        let flags =
            overridden(&["--set job.epochs=3", "--set dataset.file-size=1 MB", "--set name=\"it's\""], true);
        let typed = r#" --set job.epochs=3 --set 'dataset.file-size=1 MB' --set 'name="it'\''s"'"#;
        assert_eq!(flags.typed(), typed);
    }
}
