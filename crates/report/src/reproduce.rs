//! The study guide's items put into words: what the guide says, what is computed, whether the two agree, and under which
//! assumption; with a table and a chart each.
//!
//! Every sentence about a figure is made from the figure, so it changes with the model.

mod checkpoints;
mod example_1;
mod failed;
mod figures;
mod files;
mod loads;
mod overridden;
mod rules;
mod sharing;
mod tuning;
mod words;

use ingestsim_sweep::reproduce::{Found, Item, Reproduced};
use serde_json::{Value, json};

pub use self::{
    failed::{Failed, count as failed_count},
    figures::Figures,
    files::{OF_ALL, file_names, files, files_of_all},
    overridden::{Overridden, count as overridden_count},
};
use crate::{
    chart::{Chart, Frame, Service},
    run_charts,
};

/// What an item comes to, in words.
pub struct Verdict {
    /// Which item.
    pub item: Item,
    /// The finding in one sentence, which is the chart's title.
    pub title: String,
    /// What the guide says, in our own words.
    pub guide: String,
    /// What comes out, a sentence or two each.
    pub computed: Vec<String>,
    /// Whether the guide's statement holds under the assumption.
    pub agrees: bool,
    /// What has to be so for that.
    pub assumption: String,
    /// What is not as the item is written.
    pub overridden: Overridden,
    /// The figures of the chart.
    pub figures: Figures,
    /// The chart.
    pub chart: Box<dyn Chart>,
}

/// An item's words, before it is known which item it is.
struct Words {
    title: String,
    guide: &'static str,
    computed: Vec<String>,
    agrees: bool,
    assumption: String,
    figures: Figures,
    chart: Box<dyn Chart>,
}

impl Verdict {
    /// The words for an item. `footer` says under its chart where the figures come from.
    #[must_use]
    pub fn of(reproduced: &Reproduced, footer: &str) -> Self {
        let item = reproduced.item;
        let overridden = Overridden::of(reproduced);
        let footer = &Footer { text: footer, overridden: &overridden };
        let words = match &reproduced.found {
            Found::Example1(found) => example_1::words(found, footer),
            Found::Example2(found) => tuning::words(found, footer),
            Found::Overnight(found) => loads::overnight(found, footer),
            Found::Embeddings(found) => sharing::embeddings(found, footer),
            Found::RuleS3(found) => rules::s3(found, footer),
            Found::RuleFsx(found) => rules::fsx(found, footer),
            Found::RuleEfs(found) => rules::efs(found, footer),
            Found::Frontier(found) => sharing::frontier(found, footer),
            Found::LazyOrOneTime(found) => loads::lazy_or_one_time(found, footer),
            Found::SmallFiles(found) => loads::small_files(found, footer),
            Found::Idle(found) => sharing::idle(found, footer),
            Found::CheckpointTime(found) => checkpoints::blocking(found, footer),
            Found::CheckpointBackground(found) => checkpoints::background(found, footer),
            Found::CheckpointInterval(found) => checkpoints::interval(found, footer),
            Found::CheckpointLoss(found) => checkpoints::loss(found, footer),
        };
        let Words { title, guide, computed, agrees, assumption, figures, chart } = words;
        Self {
            item,
            title,
            guide: guide.to_owned(),
            computed,
            agrees,
            assumption,
            overridden,
            figures,
            chart,
        }
    }

    /// The answer for a terminal, which is also the transcript that is kept.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}: {}\n\n", self.item.id(), self.title);
        text.push_str(&words::paragraph("The guide", &self.guide));
        for (index, sentence) in self.computed.iter().enumerate() {
            text.push_str(&words::paragraph(if index == 0 { "Computed" } else { "" }, sentence));
        }
        text.push_str(&words::paragraph("Agrees", &self.overridden.verdict(self.agrees)));
        text.push_str(&words::paragraph("Assumption", &self.assumption));
        if let Some(note) = self.overridden.note() {
            text.push_str(&words::paragraph("Overridden", &note));
        }
        text.push('\n');
        text.push_str(&self.figures.to_text());
        text
    }

    fn json(&self) -> Value {
        let mut item = json!({
            "id": self.item.id(),
            "title": self.title,
            "guide": self.guide,
            "computed": self.computed.join(" "),
            "agrees": self.agrees,
            "assumption": self.assumption,
            "figures": self.figures.sheet().to_json(),
        });
        self.overridden.add_to(&mut item);
        item
    }
}

/// The document of `reproduce --json`. Items that failed stand under a key of their own, which is there with them.
#[must_use]
pub fn json(verdicts: &[Verdict], failed: &[Failed]) -> Value {
    let items = verdicts.iter().map(Verdict::json).collect::<Vec<_>>();
    let mut document = json!({ "schema_version": 1, "items": items });
    if !failed.is_empty() {
        document["failed"] = failed.iter().map(Failed::json).collect();
    }
    document
}

/// A line for each item: whether the guide agrees, or why the item came to nothing.
#[must_use]
pub fn summary(verdicts: &[Verdict], failed: &[Failed]) -> String {
    let agreed = verdicts.iter().filter(|verdict| verdict.agrees).count();
    let line = |verdict: &Verdict| {
        let sign = if verdict.agrees { "agrees" } else { "differs" };
        words::entry(verdict.item.id(), sign, &verdict.title)
    };
    let lines: String = verdicts.iter().map(line).chain(failed.iter().map(Failed::line)).collect();
    let overridden = overridden_count(verdicts).map_or_else(String::new, |count| format!("; {count}"));
    let lost = failed_count(failed).map_or_else(String::new, |count| format!("; {count}"));
    let items = verdicts.len();
    format!(
        "{agreed} of {items} items agree with the guide, each under its assumption{overridden}{lost}\n{lines}"
    )
}

/// What stands under the chart of an item, and what has to be said beside what was held fixed.
struct Footer<'a> {
    text: &'a str,
    overridden: &'a Overridden,
}

fn frame(title: &str, held_fixed: &str, footer: &Footer<'_>) -> Frame {
    let flags = footer.overridden.flags().map_or_else(String::new, |flags| format!("; overridden: {flags}"));
    Frame::new(title, format!("{held_fixed}{flags}"), footer.text)
}

/// The colour of a profile: that of the service it is on.
fn service(kind: &str, storage: &str) -> Service {
    match kind {
        "s3" if storage.contains("express") => Service::S3Express,
        _ => run_charts::service(kind),
    }
}

#[cfg(test)]
mod tests;
