//! The storage selection rules: which service has the smallest bill under the condition that a rule names, and where it
//! stops having it.

use super::{
    Case, Lab, Ran, ReproduceError,
    lab::Swept,
    ran,
    search::{self, Turning},
};

/// What a rule comes to.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The service that the guide names, by its profile.
    pub recommended: &'static str,
    /// Every profile under the condition that the rule names.
    pub asked: Vec<Ran>,
    /// Every profile along the condition, by its value.
    pub along: Vec<(f64, Vec<Ran>)>,
    /// Where the recommended service begins, or ceases, to have the smallest bill of `rivals`.
    pub turn: Turning,
    /// Whom the search compares it with.
    pub rivals: &'static [&'static str],
    /// A second condition's turn, where the rule has one.
    pub second: Option<Turning>,
}

/// Large objects read once: from which size of an object on, and of a set, FastFile has the smallest bill.
pub(super) fn s3(lab: &mut Lab<'_>) -> Result<Rule, ReproduceError> {
    const RIVALS: &[&str] = &["file", "efs", "fsx"];
    let asked = lab.profiles(&[])?;
    let along = by_value(lab.sweep()?);
    let turn = search::ratio((100e3, 100e6), lab.closeness(), |bytes| {
        cheapest_is(lab, "fast-file", RIVALS, &object_size(bytes))
    })?;
    let second = search::ratio((1e9, 40e9), lab.closeness(), |bytes| {
        cheapest_is(lab, "fast-file", &["file"], &[format!("dataset.total-size={bytes:.0} B")])
    })?;
    Ok(Rule { recommended: "fast-file", asked, along, turn, rivals: RIVALS, second: Some(second) })
}

/// Objects of a size, read at 100 MB/s per GPU in batches of about 16 MB, or of one object.
fn object_size(bytes: f64) -> [String; 3] {
    let batch = (16e6 / bytes).round().max(1.0);
    let step_ms = batch * bytes / 100e6 * 1e3;
    [
        format!("dataset.file-size={bytes:.0} B"),
        format!("job.batch-size={batch:.0}"),
        format!("job.step-time={step_ms:.3} ms"),
    ]
}

/// Small files over repeated epochs: from which epoch on FSx for Lustre has the smallest bill.
pub(super) fn fsx(lab: &mut Lab<'_>) -> Result<Rule, ReproduceError> {
    const RIVALS: &[&str] = &["fast-file", "file", "efs"];
    let along = by_value(lab.sweep()?);
    let asked = along.last().map(|(_, runs)| runs.clone()).unwrap_or_default();
    let turn =
        search::whole((1, 8), |epochs| cheapest_is(lab, "fsx", RIVALS, &[format!("job.epochs={epochs}")]))?;
    Ok(Rule { recommended: "fsx", asked, along, turn, rivals: RIVALS, second: None })
}

/// A small shared set: from which size on FSx for Lustre has a smaller bill than EFS in its cheaper mode.
pub(super) fn efs(lab: &mut Lab<'_>) -> Result<Rule, ReproduceError> {
    const MODES: &[&str] = &["efs-bursting", "efs-elastic"];
    let asked = lab.profiles(&[])?;
    let along = by_value(lab.sweep()?);
    let turn = search::ratio((20e9, 1e12), lab.closeness(), |bytes| {
        cheapest_is(lab, "fsx", MODES, &[format!("dataset.total-size={bytes:.0} B")])
    })?;
    let elastic = search::ratio((20e9, 1e12), lab.closeness(), |bytes| {
        cheapest_is(lab, "fsx", &MODES[1..], &[format!("dataset.total-size={bytes:.0} B")])
    })?;
    Ok(Rule { recommended: "efs-bursting", asked, along, turn, rivals: &["fsx"], second: Some(elastic) })
}

/// Whether a profile has a smaller bill than all its rivals.
fn cheapest_is(
    lab: &mut Lab<'_>,
    storage: &str,
    rivals: &[&str],
    sets: &[String],
) -> Result<bool, ReproduceError> {
    let cases: Vec<Case> =
        [storage].iter().chain(rivals).map(|storage| Case::new(storage, sets.to_vec())).collect();
    let runs = lab.run(&cases)?;
    Ok(ran::cheapest(&runs).storage == storage)
}

/// The runs of a sweep over one key, or over keys that vary together, by the value of the first.
fn by_value(swept: Vec<Swept>) -> Vec<(f64, Vec<Ran>)> {
    let mut values: Vec<(f64, Vec<Ran>)> = Vec::new();
    for Swept { at, ran } in swept {
        match values.iter_mut().find(|(known, _)| *known == at[0]) {
            Some((_, runs)) => runs.push(ran),
            None => values.push((at[0], vec![ran])),
        }
    }
    values.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    values
}
