//! What an answer hangs on: each figure of the catalog that no source states, halved and doubled, one at a time.
//!
//! The place and the best of the other ways are both simulated with the changed catalog, on the same luck, so it shows not
//! only how much a figure moves but whether it costs the place.

use ingestsim_catalog::{Catalog, Row, Section};
use ingestsim_model::outcome::Summary;
use ingestsim_scenario::schema::{
    fsx::Load,
    s3::{Class, Mode, Volume},
    storage::Profile,
};

use super::{
    RecommendError,
    measured::{Look, Measured},
    race::Track,
    rank::{Entrant, Objective},
};
use crate::{Candidate as Runnable, Figures, ProfileResult, replicate};

/// What a rival that ties is to get ahead by, as a share.
const FURTHER: f64 = 0.005;

/// An assumption, and what it moves.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumption {
    /// Where the catalog has it: `fsx-lustre`.
    pub id: String,
    /// What it is: `burst duration`.
    pub quantity: String,
    /// Its value with its unit.
    pub value: String,
    /// How the catalog came by it.
    pub note: String,
    /// How the figure that the place is ranked by changes if it is half, as a share.
    pub half: f64,
    /// The same if it is double.
    pub double: f64,
    /// Whether either way the best of the other ways would take the place.
    pub overturns: bool,
}

impl Assumption {
    /// The larger of its effects.
    #[must_use]
    pub fn effect(&self) -> f64 {
        self.half.abs().max(self.double.abs())
    }
}

/// The assumptions that `place`'s figure hangs on, the one that moves it most first. `rival` is the best of the others.
pub(super) fn assumptions(
    track: &Track<'_>,
    (place, rival): (&Entrant, Option<&Entrant>),
    objective: Objective,
) -> Result<Vec<Assumption>, RecommendError> {
    let rows = doubtful(track, &place.candidate.profile);
    let sides: Vec<&Entrant> = std::iter::once(place).chain(rival).collect();
    let mut catalogs = vec![track.catalog.clone()];
    let mut tried = Vec::new();
    for (section, row) in rows {
        let changed = |factor: f64| track.catalog.merged_with(&overlay(section, &row, factor)?).ok();
        if let (Some(half), Some(double)) = (changed(0.5), changed(2.0)) {
            catalogs.extend([half, double]);
            tried.push(row);
        }
    }
    let figures = figures(track, &sides, (&catalogs, &tried), objective)?;
    let base = figures[0][0];
    let assumption = |(row, pair): (Row, &[Vec<f64>])| {
        let [half, double] = [0, 1].map(|way: usize| pair[way][0] / base - 1.0);
        let overturns = pair.iter().any(|changed| loses(&figures[0], changed));
        Assumption {
            id: row.id,
            quantity: row.quantity,
            value: row.value,
            note: row.note,
            half,
            double,
            overturns,
        }
    };
    let mut found: Vec<Assumption> = tried.into_iter().zip(figures[1..].chunks(2)).map(assumption).collect();
    found.sort_by(|one, other| other.effect().total_cmp(&one.effect()));
    Ok(found)
}

/// Whether a place is lost to its rival when both come to `changed` and not to `base`, place before rival.
///
/// Two that tie may stand in either order already: then it is lost where the rival gets further ahead by [`FURTHER`].
fn loses(base: &[f64], changed: &[f64]) -> bool {
    let behind = |sides: &[f64]| sides.get(1).map_or(0.0, |rival| sides[0] / rival);
    let (before, after) = (behind(base), behind(changed));
    after > if before > 1.0 { before * (1.0 + FURTHER) } else { 1.0 }
}

/// What each side comes to under each catalog, the first as it is and two for each of `rows`; infinite where it no longer
/// counts. A side that does not use a figure is as it was.
fn figures(
    track: &Track<'_>,
    sides: &[&Entrant],
    (catalogs, rows): (&[Catalog], &[Row]),
    objective: Objective,
) -> Result<Vec<Vec<f64>>, RecommendError> {
    let mut runnable = Vec::new();
    let mut run_of = Vec::new();
    for (number, catalog) in catalogs.iter().enumerate() {
        let row = number.checked_sub(1).map(|number| &rows[number / 2]);
        for (place, side) in sides.iter().enumerate() {
            if row.is_some_and(|row| !uses(track, &side.candidate.profile, row)) {
                run_of.push(place);
                continue;
            }
            let candidate = &side.candidate;
            let site = (track.scenario, catalog);
            let plan = Measured::new(candidate, site, track.kept, look(track, side))?;
            run_of.push(runnable.len());
            runnable.push(Runnable { storage: candidate.name.clone(), kind: candidate.profile.kind(), plan });
        }
    }
    let runs = replicate(&runnable, 1, track.threads, track.progress)?;
    let figure = |summary: &Summary| {
        objective.of(&Figures::of(&[summary]), track.limits.target()).unwrap_or(f64::INFINITY)
    };
    let results = runnable.iter().zip(runs).map(|(one, runs)| ProfileResult::of(one, runs));
    let ran: Vec<f64> =
        results.map(|result| Ok(figure(&result?.first().summary))).collect::<Result<_, RecommendError>>()?;
    let figures: Vec<f64> = run_of.into_iter().map(|run| ran[run]).collect();
    Ok(figures.chunks(sides.len()).map(<[f64]>::to_vec).collect())
}

/// How a side is looked at: as closely under every catalog, so that what differs is the figure and not the look.
fn look(track: &Track<'_>, side: &Entrant) -> Look {
    let samples = track.budget.search;
    let by_steps = side.result.first().is_by_steps();
    if by_steps { Look::Brief(samples) } else { Look::Sketch(samples) }
}

/// Whether a profile takes a figure from the catalog.
fn uses(track: &Track<'_>, profile: &Profile, row: &Row) -> bool {
    doubtful(track, profile).iter().any(|(_, own)| own.id == row.id && own.quantity == row.quantity)
}

/// The figures of a profile's kind that no source states, or that are known on one system only.
fn doubtful(track: &Track<'_>, profile: &Profile) -> Vec<(&'static str, Row)> {
    let (groups, nvme) = groups(profile);
    let known_once = |row: &Row| row.id == "downloader" && row.quantity != "concurrency";
    let storage = track.catalog.rows(Section::Storage).into_iter();
    let mut rows: Vec<(&'static str, Row)> = storage
        .filter(|row| groups.contains(&row.id) && (row.inference || known_once(row)))
        .filter(|row| is_used(track, profile, &row.quantity))
        .map(|row| ("storage", row))
        .collect();
    let instance = track.scenario.job.instance.as_deref().map(|name| name.trim_start_matches("ml."));
    if nvme && let Some(instance) = instance {
        let of_drive = |row: &Row| row.id == instance && row.quantity.starts_with("nvme ") && row.inference;
        let all = track.catalog.rows(Section::Instances).into_iter();
        rows.extend(all.filter(of_drive).map(|row| ("instances", row)));
    }
    rows
}

/// Whether a figure can move a job that reads: not those of writes, of restores where the data is there, nor of failures
/// where none are asked for.
fn is_used(track: &Track<'_>, profile: &Profile, quantity: &str) -> bool {
    let begins = |with: &[&str]| with.iter().any(|word| quantity.starts_with(word));
    let restores = matches!(profile, Profile::FsxLustre(fsx) if fsx.load() != Load::Resident);
    let fails = track.scenario.job.failures.storage;
    let idle = begins(&["put ", "write ", "disk write "])
        || begins(&["restore "]) && !restores
        || begins(&["failures ", "server replacement"]) && !fails;
    !idle
}

/// The catalog's tables that a profile takes its figures from, and whether the node's drive is one of them.
fn groups(profile: &Profile) -> (Vec<String>, bool) {
    let of_class = |class: Class| match class {
        Class::Standard => "s3-standard".to_owned(),
        Class::ExpressOneZone => "s3-express".to_owned(),
    };
    match profile {
        Profile::S3(s3) if s3.mode == Mode::File => {
            let (volume, nvme) = match &s3.volume {
                Some(Volume::Gp3(_)) => ("ebs.gp3", false),
                Some(Volume::Io2(_)) => ("ebs.io2", false),
                Some(Volume::Gp2(_)) => ("ebs.gp2", false),
                Some(Volume::Nvme) | None => ("nvme", true),
            };
            (vec!["downloader".to_owned(), volume.to_owned()], nvme)
        }
        Profile::S3(s3) if s3.mode == Mode::Direct => (vec![of_class(s3.class)], s3.client_cache.is_some()),
        Profile::S3(s3) => (vec!["fast-file".to_owned(), of_class(s3.class)], s3.client_cache.is_some()),
        Profile::Efs(_) => (vec!["efs".to_owned()], false),
        Profile::FsxLustre(fsx) => {
            let own = format!("fsx-lustre.deployments.{}", fsx.deployment.name());
            (vec!["fsx-lustre".to_owned(), own], false)
        }
        Profile::LocalDisk(_) | Profile::Nfs(_) | Profile::ParallelFs(_) => (Vec::new(), false),
    }
}

/// A catalog file that has this figure so many times as large; none where it is no number with a unit.
fn overlay(section: &str, row: &Row, factor: f64) -> Option<String> {
    let end = row.value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(row.value.len());
    let (number, unit) = row.value.split_at(end);
    let scaled = number.parse::<f64>().ok()? * factor;
    let value =
        if unit.is_empty() { format!("{:.0}", scaled.max(1.0)) } else { format!("\"{scaled}{unit}\"") };
    let table: Vec<String> = row.id.split('.').map(str::to_owned).collect();
    // The drive's figures are one table deeper; an instance's name has a dot of its own.
    let (table, key) = match (section, row.quantity.strip_prefix("nvme ")) {
        ("instances", Some(quantity)) => (format!("\"{}\".nvme", row.id), quantity),
        _ => (table.join("."), row.quantity.as_str()),
    };
    Some(format!("[{section}.{table}]\n{} = {value}\n", key.replace(' ', "-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// $10 against $11 becomes $12 against $11; one that ties and stands behind by 0.1 % loses with 65 % more, not with 0.2 %.
    /// A place without a rival is never lost; one that no longer counts is.
    #[test]
    fn a_place_is_lost_to_a_rival_that_gets_ahead() {
        assert!(loses(&[10.0, 11.0], &[12.0, 11.0]));
        assert!(!loses(&[10.0, 11.0], &[10.9, 11.0]));
        assert!(loses(&[12.06, 12.05], &[19.9, 12.05]));
        assert!(!loses(&[12.06, 12.05], &[12.08, 12.05]));
        assert!(!loses(&[10.0], &[99.0]));
        assert!(loses(&[10.0, 11.0], &[f64::INFINITY, 11.0]));
        assert!(!loses(&[10.0, 11.0], &[12.0, f64::INFINITY]));
    }

    /// Every figure that is in doubt can be halved and doubled, and then is what it should be.
    #[test]
    fn every_doubtful_figure_can_be_scaled() {
        let catalog = Catalog::builtin();
        let numbers =
            |row: &Row| row.value.starts_with(|c: char| c.is_ascii_digit()) && !row.value.contains(';');
        let doubtful = catalog.rows(Section::Storage).into_iter();
        let mut scaled = 0;
        let listed = |row: &Row| !row.id.starts_with("services.") && numbers(row);
        for row in doubtful.filter(|row| (row.inference || row.id == "downloader") && listed(row)) {
            let text = overlay("storage", &row, 0.5).unwrap();
            // A share of nothing stays nothing, and a catalog may refuse what is too much.
            let Ok(changed) = catalog.merged_with(&text) else {
                panic!("{text} {:?}", catalog.merged_with(&text))
            };
            let same = |other: &&Row| other.id == row.id && other.quantity == row.quantity;
            let rows = changed.rows(Section::Storage);
            let now = rows.iter().find(same).unwrap();
            scaled += usize::from(now.value != row.value);
        }
        assert!(scaled > 30, "{scaled}");
    }

    #[test]
    fn a_drive_is_the_instances() {
        let catalog = Catalog::builtin();
        let rows = catalog.rows(Section::Instances);
        let row =
            rows.iter().find(|row| row.id == "g5.12xlarge" && row.quantity == "nvme read rate").unwrap();
        let changed = catalog.merged_with(&overlay("instances", row, 2.0).unwrap()).unwrap();
        let rate = |catalog: &Catalog| {
            catalog.instance("g5.12xlarge").unwrap().nvme.as_ref().unwrap().read_rate.value.as_f64()
        };
        assert!((rate(&changed) / rate(&catalog) - 2.0).abs() < 1e-6);
    }
}
