//! Where the figures of a scenario come from: the rows of the catalog that it can have drawn on.

use ingestsim_catalog::{Catalog, Row, Section};
use ingestsim_scenario::{
    Scenario,
    schema::{s3::Class, storage::Profile},
};
use maud::{Markup, html};

use super::table;

/// The catalog's rows about the scenario's instance, its service and its kinds of storage, prices apart: those stand
/// with their sources in the bill.
#[must_use]
pub fn of(scenario: &Scenario, catalog: &Catalog) -> Vec<Row> {
    let text = scenario.to_toml();
    let instance = scenario.job.instance.as_deref().unwrap_or_default();
    let instance = instance.strip_prefix("ml.").unwrap_or(instance);
    let instances = catalog.rows(Section::Instances).into_iter().filter(|row| row.id == instance);
    let storage = catalog.rows(Section::Storage).into_iter();
    instances.chain(storage.filter(|row| concerns(&row.id, scenario, &text))).collect()
}

/// Whether a row of the catalog's storage concerns the scenario, of which `text` is the resolved form.
fn concerns(id: &str, scenario: &Scenario, text: &str) -> bool {
    let (group, variant) = id.split_once('.').unwrap_or((id, ""));
    let profiles = || scenario.storage.values();
    let kind = |kind: &str| profiles().any(|profile| profile.kind() == kind);
    let says = |word: &str| text.contains(&format!("\"{word}\""));
    let class = |express: bool| {
        profiles().any(
            |profile| matches!(profile, Profile::S3(s3) if (s3.class == Class::ExpressOneZone) == express),
        )
    };
    match group {
        "s3-standard" => class(false) || kind("fsx-lustre"),
        "s3-express" => class(true),
        "s3-client" => kind("s3"),
        "fast-file" => kind("s3") && says("fast-file"),
        "downloader" => kind("s3") && says("file"),
        "efs" => {
            kind("efs") && (variant.is_empty() || says(variant) || text.contains(&format!("{variant} = ")))
        }
        "fsx-lustre" => {
            let deployment = variant.split('.').nth(1).unwrap_or_default();
            kind("fsx-lustre") && (variant.is_empty() || says(deployment))
        }
        "ebs" => {
            text.contains(".volume.") && (variant.is_empty() || text.contains(&format!(".volume.{variant}")))
        }
        "nvme" => says("nvme"),
        "services" => says(variant),
        _ => false,
    }
}

/// The rows as a table.
pub(super) fn markup(rows: &[Row]) -> Markup {
    let header = ["of", "figure", "value", "source", "date", "remark"].map(str::to_owned);
    let cells = |row: &Row| {
        let inferred = if row.inference { "inferred" } else { "" };
        let remark = [inferred, row.note.as_str()].into_iter().filter(|part| !part.is_empty());
        let remark = remark.collect::<Vec<_>>().join(": ");
        vec![
            row.id.clone(),
            row.quantity.clone(),
            row.value.clone(),
            row.source.clone(),
            row.date.clone(),
            remark,
        ]
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    html! {
        details {
            summary { "Figures of the catalog that this scenario can draw on, with their sources (" (rows.len()) ")" }
            p.hint { "Where the scenario states a figure itself, the scenario's holds." }
            div.sources { (table::table("Figures of the catalog", &header, &[true; 6], &rows)) }
        }
    }
}
