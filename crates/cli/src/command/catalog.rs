//! `ingestsim catalog`: every figure the program believes, where it is from, and of what date.

use clap::{Args, ValueEnum};
use ingestsim_catalog::{Catalog, Row, Section};
use serde_json::{Map, Value, json};

use crate::{
    exit::ExitStatus,
    failure::Failure,
    input,
    options::{CatalogOptions, SayOptions},
    terminal,
};

/// What `catalog` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The part to list; without it all of them
    #[arg(value_enum)]
    part: Option<Part>,
    #[command(flatten)]
    catalog: CatalogOptions,
    #[command(flatten)]
    say: SayOptions,
}

/// A part of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Instance types: GPUs, cores, memory, network, drives
    Instances,
    /// Storage services and the phases of a job
    Storage,
    /// What a unit of each costs
    Prices,
}

impl Part {
    const ALL: [Self; 3] = [Self::Instances, Self::Storage, Self::Prices];

    const fn section(self) -> Section {
        match self {
            Self::Instances => Section::Instances,
            Self::Storage => Section::Storage,
            Self::Prices => Section::Prices,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Instances => "instances",
            Self::Storage => "storage",
            Self::Prices => "prices",
        }
    }
}

/// Lists the catalog.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let catalog = input::catalog(&arguments.catalog)?;
    let parts = arguments.part.map_or_else(|| Part::ALL.to_vec(), |part| vec![part]);
    if arguments.say.json {
        let sections = parts.iter().map(|part| (part.name().to_owned(), json(&catalog, *part)));
        terminal::answer(&format!("{:#}\n", Value::Object(sections.collect::<Map<_, _>>())))?;
    } else if !arguments.say.quiet {
        let sections: Vec<String> = parts.iter().map(|part| text(&catalog, *part)).collect();
        terminal::answer(&sections.join("\n"))?;
    }
    Ok(ExitStatus::Done)
}

fn json(catalog: &Catalog, part: Part) -> Value {
    let row = |row: Row| {
        json!({
            "id": row.id,
            "quantity": row.quantity,
            "value": row.value,
            "source": row.source,
            "date": row.date,
            "inference": row.inference,
            "note": row.note,
        })
    };
    catalog.rows(part.section()).into_iter().map(row).collect()
}

fn text(catalog: &Catalog, part: Part) -> String {
    let rows = catalog.rows(part.section());
    let lines = rows.iter().map(|row| {
        [
            row.id.as_str(),
            &row.quantity,
            &row.value,
            &row.date,
            if row.inference { "inferred" } else { "" },
            &row.source,
        ]
    });
    let header = [part.name(), "figure", "value", "date", "", "source"];
    aligned(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}

/// Columns as wide as their widest text, two spaces apart; the last is as long as it is.
fn aligned<const N: usize>(lines: &[[&str; N]]) -> String {
    let width =
        |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(width);
    let printed = |line: &[&str; N]| {
        let cells = line.iter().zip(widths).map(|(text, width)| format!("{text:width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    lines.iter().map(printed).collect()
}
