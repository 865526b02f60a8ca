//! What `reproduce` leaves in its folder.

use ingestsim_sweep::reproduce::{Item, Reproduced, RunRecord};
use serde_json::{Value, json};

use super::Verdict;
use crate::{chart::ChartError, folder::NewFile, json as documents};

/// The folder that charts lie in.
const CHARTS: &str = "charts";

/// The files for an item: its transcript, table and chart, and where its figures come from.
///
/// # Errors
///
/// If its chart cannot be drawn.
pub fn files(reproduced: &Reproduced, verdict: &Verdict, version: &str) -> Result<Vec<NewFile>, ChartError> {
    let id = verdict.item.id();
    let provenance = documents::text(&provenance(reproduced, version));
    Ok(vec![
        NewFile::new(format!("{id}.txt"), transcript(verdict)),
        NewFile::new(format!("{id}.csv"), verdict.figures.sheet().to_csv()),
        NewFile::new(format!("{id}.provenance.json"), provenance),
        NewFile::new(format!("{CHARTS}/{id}.png"), verdict.chart.png()?),
        NewFile::new(format!("{CHARTS}/{id}.svg"), verdict.chart.svg()?),
    ])
}

/// Every file that an item may have left, a Parquet table included.
#[must_use]
pub fn file_names(item: Item) -> Vec<String> {
    let own = ["txt", "csv", "parquet", "provenance.json"].map(|end| format!("{}.{end}", item.id()));
    let charts = ["png", "svg"].map(|end| format!("{CHARTS}/{}.{end}", item.id()));
    own.into_iter().chain(charts).collect()
}

/// The files that stand for all items together.
pub const OF_ALL: [&str; 2] = ["README.md", "items.json"];

/// The page that shows all items together and the document that holds them; nothing unless they are all there.
#[must_use]
pub fn files_of_all(verdicts: &[Verdict]) -> Vec<NewFile> {
    if verdicts.len() < Item::ALL.len() {
        return Vec::new();
    }
    let document = documents::text(&super::json(verdicts, &[]));
    let [readme, items] = OF_ALL;
    vec![NewFile::new(readme, page(verdicts)), NewFile::new(items, document)]
}

/// What the program answers, behind the command that asked for it.
fn transcript(verdict: &Verdict) -> String {
    format!("$ ingestsim reproduce {}{}\n{}", verdict.item.id(), verdict.overridden.typed(), verdict.text())
}

/// Every run: enough to tell whether another machine gets the same.
fn provenance(reproduced: &Reproduced, version: &str) -> Value {
    let run = |run: &RunRecord| {
        json!({
            "name": run.name,
            "scenario_digest": run.digest,
            "replications": run.replications,
            "events": run.events,
            // As text: a JSON reader may keep no more than 53 bits of a number.
            "history": format!("{:016x}", run.history),
        })
    };
    let runs: Vec<Value> = reproduced.runs.iter().map(run).collect();
    let mut record = json!({
        "version": version,
        "item": reproduced.item.id(),
        "scenario_digest": reproduced.digest,
        "seed": reproduced.seed,
        "runs": runs,
    });
    super::Overridden::of(reproduced).add_to(&mut record);
    record
}

/// What the guide wants its reader to be able to do, the items whose findings say it in figures, and others that bear on it.
const AIMS: [(&str, &[Item], &[Item]); 4] = [
    (
        "Weigh S3, EFS and FSx for Lustre against each other",
        &[Item::RuleS3, Item::RuleFsx, Item::RuleEfs],
        &[Item::Example1, Item::Embeddings, Item::SmallFiles],
    ),
    ("Tell a one-time load from lazy load", &[Item::LazyOrOneTime], &[Item::Overnight, Item::Example1]),
    ("Choose between Scratch and Persistent", &[Item::Example2], &[Item::Idle, Item::CheckpointLoss]),
    ("Set cost against performance", &[Item::Frontier], &[Item::SmallFiles, Item::CheckpointTime]),
];

/// All items on one page.
fn page(verdicts: &[Verdict]) -> String {
    let mut page = String::from(
        "# The study guide, computed\n\nMade by `ingestsim reproduce`. Each item is a scenario in `scenarios/study-guide/`; beside its \
         chart lie the transcript, the table and the record of its runs.\n\n",
    );
    if let Some(count) = super::overridden_count(verdicts) {
        page.push_str(&format!("Not all is as it is written: {count}.\n\n"));
    }
    page.push_str("| item | the guide | what came out |\n|---|---|---|\n");
    for verdict in verdicts {
        let (id, agrees) = (verdict.item.id(), if verdict.agrees { "agrees" } else { "**differs**" });
        page.push_str(&format!("| [{id}](#{id}) | {agrees} | {} |\n", verdict.title));
    }
    page.push_str("\nWhat the guide wants its reader to be able to do, as figures:\n\n");
    let link = |item: &Item| format!("[{id}](#{id})", id = item.id());
    for (aim, facts, others) in AIMS {
        let title = |item: &Item| verdicts.iter().find(|verdict| verdict.item == *item).map(|one| &one.title);
        let fact = |item: &Item| title(item).map(|title| format!("{title} ({})", link(item)));
        let facts: Vec<String> = facts.iter().filter_map(fact).collect();
        let others: Vec<String> = others.iter().map(link).collect();
        page.push_str(&format!("- **{aim}.** {}. See also {}.\n", facts.join(". "), others.join(", ")));
    }
    for verdict in verdicts {
        page.push_str(&section(verdict));
    }
    page
}

fn section(verdict: &Verdict) -> String {
    let id = verdict.item.id();
    let computed: String = verdict.computed.iter().map(|sentence| format!("- {sentence}\n")).collect();
    let agrees = verdict.overridden.verdict(verdict.agrees);
    let note =
        verdict.overridden.note().map_or_else(String::new, |note| format!("**Overridden:** {note}\n\n"));
    format!(
        "\n## {id}\n\n![{title}]({CHARTS}/{id}.svg)\n\n**The guide.** {guide}\n\n**Computed.**\n\n{computed}\n**Agrees:** {agrees}. \
         {assumption}\n\n{note}[Transcript]({id}.txt) · [table]({id}.csv) · [runs]({id}.provenance.json)\n",
        title = verdict.title,
        guide = verdict.guide,
        assumption = verdict.assumption,
    )
}
