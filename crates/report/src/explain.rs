//! What `explain` answers: what binds a profile, what twice of each resource would give, and advice in plain words.

mod documents;

use ingestsim_sweep::{
    Estimate, Study,
    decide::explain::{EpochBound, Explained, Gain, PhaseBound, WhatIf},
};

pub use self::documents::{bounds, json, what_ifs};
use crate::{
    facts, human,
    table::{self, Look, grid::Grid},
};

/// The file with a row for each thing that was tried.
pub const WHAT_IFS: &str = "what-ifs.csv";
/// The file with what binds each phase and epoch.
pub const BOUNDS: &str = "bounds.csv";

/// Gains below this share of the job's time or cost are within the error of a sketch.
const WORTH: f64 = 0.01;
/// A change that shortens the first epoch by this share is worth telling even where the job hardly notices.
const WORTH_OF_EPOCH: f64 = 0.05;
/// So many pieces of advice are given at most.
const ADVICE_MAX: usize = 4;
/// What stands where there is nothing.
const NOTHING: &str = "–";

/// The whole answer: the study of the profiles as they are, and what was found about each.
#[must_use]
pub fn text(study: &Study, explained: &[Explained], look: Look) -> String {
    let mut blocks = vec![table::head(study, look)];
    for profile in explained {
        blocks.push(paragraph(&format!("{}: {}", profile.base.storage, finding(profile)), look));
        blocks.push(phases(profile).print(look));
        blocks.push(epochs(profile).print(look));
        blocks.extend(
            [settings(profile), resources(profile)]
                .map(|grid| if grid.is_empty() { String::new() } else { grid.print(look) }),
        );
        blocks.push(without_effect(profile));
        blocks.push(bullets(&format!("What to do with {}", profile.base.storage), &advice(profile), look));
    }
    blocks.push(lines(&how(explained)));
    blocks.into_iter().filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n")
}

fn lines(text: &str) -> String {
    table::wrapped(text, "  ").into_iter().map(|line| line + "\n").collect()
}

fn paragraph(text: &str, look: Look) -> String {
    let wrapped = table::wrapped(text, "  ");
    wrapped.iter().map(|line| look.title(line) + "\n").collect()
}

fn bullets(title: &str, items: &[String], look: Look) -> String {
    let items: String = items.iter().map(|item| lines(&format!("- {item}"))).collect();
    format!("{}\n{items}", look.title(title))
}

/// In a sentence: how busy the GPUs are, and what they wait for.
#[must_use]
pub fn finding(explained: &Explained) -> String {
    let base = &explained.base;
    let busy = base.summary.mean("gpu_utilisation");
    let stalls = facts::stalls(base);
    let all: f64 = stalls.iter().map(facts::Stall::seconds).sum();
    let computing = format!("the GPUs compute for {} of the loop", human::percent(busy));
    match stalls.first().filter(|_| all / base.gpu_s() >= 0.02) {
        None => format!("{computing}, so they are what limits it."),
        Some(first) => format!(
            "{computing} and wait for {} of it, {} of that through {}.",
            human::percent(all / base.gpu_s()),
            human::percent(first.seconds() / all),
            first.cause
        ),
    }
}

/// What binds each phase before the loop.
pub(crate) fn phases(explained: &Explained) -> Grid {
    let columns = ["time", "hangs on", "twice as much saves"];
    let mut grid = Grid::new("Until the first batch", columns).of("phase").with_words(&["hangs on"]);
    for PhaseBound { phase, seconds, by, share } in &explained.phases {
        let saves = share.map_or(NOTHING.to_owned(), human::percent_aligned);
        grid.push(phase, [human::time_aligned(*seconds), (*by).to_owned(), saves]);
    }
    grid
}

/// What binds each epoch; of epochs that are alike the first stands for all.
pub(crate) fn epochs(explained: &Explained) -> Grid {
    let columns = ["length", "GPU\nutilisation", "waits mostly for", "hangs on", "twice as much saves"];
    let words = ["waits mostly for", "hangs on"];
    let mut grid = Grid::new("Epochs", columns).of("epoch").with_words(&words);
    for (from, to, row) in grouped(&explained.epochs) {
        let epochs = if from == to { from.to_string() } else { format!("{from} to {to}") };
        let (name, saves) = row.resource.map_or_else(
            || (if row.cause.is_some() { NOTHING } else { "the GPUs" }, NOTHING.to_owned()),
            |(name, share)| (name, human::percent_aligned(share)),
        );
        grid.push(
            &epochs,
            [
                human::time_aligned(row.seconds),
                human::percent_aligned(row.gpu_utilisation),
                row.cause.unwrap_or("nothing").to_owned(),
                name.to_owned(),
                saves,
            ],
        );
    }
    grid
}

/// Runs of epochs whose length differs by less than a hundredth and that hang on the same.
fn grouped(epochs: &[EpochBound]) -> Vec<(u32, u32, &EpochBound)> {
    let mut groups: Vec<(u32, u32, &EpochBound)> = Vec::new();
    for row in epochs {
        let alike = |first: &EpochBound| {
            let name = |row: &EpochBound| row.resource.map(|(name, _)| name);
            (row.seconds / first.seconds - 1.0).abs() < WORTH
                && row.cause == first.cause
                && name(row) == name(first)
        };
        match groups.last_mut() {
            Some((_, to, first)) if alike(first) => *to = row.epoch,
            _ => groups.push((row.epoch, row.epoch, row)),
        }
    }
    groups
}

/// What can be set otherwise, and what that gives.
pub(crate) fn settings(explained: &Explained) -> Grid {
    let columns = ["first\nbatch", "first\nepoch", "whole\njob", "cost", "then waits for"];
    let grid = Grid::new("What you can change, one at a time", columns).of("change");
    let mut grid = grid.with_words(&["then waits for"]);
    for what_if in explained.settings.iter().filter(|what_if| counts(explained, what_if)) {
        let [batch, epoch, job] = times(what_if);
        let cost = change(what_if.gain.cost_usd, human::money);
        grid.push(&what_if.what, [batch, epoch, job, cost, then(what_if)]);
    }
    grid
}

/// What twice of each resource gives.
pub(crate) fn resources(explained: &Explained) -> Grid {
    let columns = ["first\nbatch", "first\nepoch", "whole\njob", "then waits for"];
    let grid = Grid::new("What binds: twice as much of each resource, one at a time", columns);
    let mut grid = grid.of("resource").with_words(&["then waits for"]);
    for what_if in explained.resources.iter().filter(|what_if| counts(explained, what_if)) {
        let [batch, epoch, job] = times(what_if);
        grid.push(&what_if.what, [batch, epoch, job, then(what_if)]);
    }
    grid
}

fn times(what_if: &WhatIf) -> [String; 3] {
    let Gain { first_batch_s, first_epoch_s, total_s, .. } = what_if.gain;
    [first_batch_s, first_epoch_s, total_s].map(|gain| change(gain, human::time_aligned))
}

fn then(what_if: &WhatIf) -> String {
    what_if.then.unwrap_or("nothing").to_owned()
}

/// A gain as the change it is: what is saved has a minus.
fn change(gain: f64, print: fn(f64) -> String) -> String {
    match gain {
        gain if gain.abs() < 1e-6 => NOTHING.to_owned(),
        gain if gain > 0.0 => format!("−{}", print(gain)),
        gain => format!("+{}", print(-gain)),
    }
}

/// What gains are shares of: like them, means over the replications.
struct Whole {
    first_batch_s: f64,
    /// Without an epoch endless, so that nothing is a share of it.
    first_epoch_s: f64,
    total_s: f64,
    cost_usd: f64,
}

impl Whole {
    fn of(explained: &Explained) -> Self {
        let base = &explained.base;
        let epochs = base.outcomes.iter().filter_map(|outcome| outcome.epochs.first());
        let epochs = Estimate::of(epochs.map(|row| Some(row.seconds)));
        Self {
            first_batch_s: base.summary.mean("time_to_first_batch_s"),
            first_epoch_s: epochs.mean.unwrap_or(f64::INFINITY),
            total_s: base.summary.mean("total_s"),
            cost_usd: base.summary.mean("cost_total_usd"),
        }
    }
}

/// Whether a what-if changes the job's time, its first epoch or its cost by enough to tell.
pub(crate) fn counts(explained: &Explained, what_if: &WhatIf) -> bool {
    let (gain, whole) = (what_if.gain, Whole::of(explained));
    let worth = |gain: f64, of: f64| gain.abs() >= WORTH * of;
    let costs = what_if.advice.is_some() && worth(gain.cost_usd, whole.cost_usd);
    worth(gain.total_s, whole.total_s) || worth(gain.first_epoch_s, whole.first_epoch_s) || costs
}

/// What was tried and changes nothing.
fn without_effect(explained: &Explained) -> String {
    idle_said(explained).map(|text| lines(&text)).unwrap_or_default()
}

/// What was tried and changes nothing, in a sentence.
pub(crate) fn idle_said(explained: &Explained) -> Option<String> {
    let all = explained.settings.iter().chain(&explained.resources);
    let idle: Vec<&str> =
        all.filter(|what_if| !counts(explained, what_if)).map(|what_if| what_if.what.as_str()).collect();
    (!idle.is_empty()).then(|| format!("Less than 1 % either way: {}.", idle.join(", ")))
}

/// What to do, best first: what shortens the job or makes it cheaper.
#[must_use]
pub fn advice(explained: &Explained) -> Vec<String> {
    let whole = Whole::of(explained);
    let worth = |what_if: &&WhatIf| {
        let gain = what_if.gain;
        let in_all = gain.total_s >= WORTH * whole.total_s || gain.cost_usd >= WORTH * whole.cost_usd;
        // In a short job the service's own phases are most of the time, and of the cost.
        in_all || gain.total_s > 0.0 && gain.first_epoch_s >= WORTH_OF_EPOCH * whole.first_epoch_s
    };
    let mut good: Vec<&WhatIf> = explained.settings.iter().filter(worth).collect();
    let share = |what_if: &WhatIf| {
        what_if.gain.total_s / whole.total_s + what_if.gain.cost_usd / whole.cost_usd.max(f64::MIN_POSITIVE)
    };
    good.sort_by(|one, other| share(other).total_cmp(&share(one)));
    let sentences: Vec<String> =
        good.into_iter().take(ADVICE_MAX).filter_map(|what_if| sentence(explained, what_if)).collect();
    if sentences.is_empty() {
        return vec![idle(explained)];
    }
    sentences
}

/// What to say where no setting helps.
fn idle(explained: &Explained) -> String {
    let helps =
        explained.resources.iter().find(|what_if| counts(explained, what_if) && what_if.gain.total_s > 0.0);
    let nothing = "No setting of this profile gains 1 % or more";
    match helps {
        Some(what_if) => format!("{nothing}; it would take {}.", what_if.what),
        None => format!("{nothing}: leave it as it is."),
    }
}

/// `Use 8 more workers per GPU: the first epoch is 31 % shorter, the job 1.2 h shorter and $4.10 cheaper.`
fn sentence(explained: &Explained, what_if: &WhatIf) -> Option<String> {
    let (gain, whole) = (what_if.gain, Whole::of(explained));
    let (longer, shorter) = ("longer", "shorter");
    let mut parts = Vec::new();
    if gain.first_batch_s.abs() >= WORTH * whole.first_batch_s {
        let which = if gain.first_batch_s > 0.0 { "earlier" } else { "later" };
        parts.push(format!("the first batch comes {} {which}", human::time(gain.first_batch_s.abs())));
    }
    if gain.first_epoch_s.abs() >= WORTH * whole.first_epoch_s {
        let which = if gain.first_epoch_s > 0.0 { shorter } else { longer };
        let share = whole_percent(gain.first_epoch_s.abs() / whole.first_epoch_s);
        parts.push(format!("the first epoch is {share} {which}"));
    }
    let which = if gain.total_s > 0.0 { shorter } else { longer };
    let job = format!("the job {} {which}", human::time(gain.total_s.abs()));
    parts.push(if parts.is_empty() { job.replacen("the job", "the job is", 1) } else { job });
    if gain.cost_usd.abs() >= WORTH * whole.cost_usd {
        let which = if gain.cost_usd > 0.0 { "cheaper" } else { "dearer" };
        parts.push(format!("{} {which}", human::money(gain.cost_usd.abs())));
    }
    let last = parts.pop()?;
    let listed = if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) };
    Some(format!("{}: {listed}.", what_if.advice.as_deref()?))
}

fn whole_percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// How the figures came about.
pub(crate) fn how(explained: &[Explained]) -> String {
    let runs: usize = explained.iter().map(|one| 1 + one.settings.len() + one.resources.len()).sum();
    let replications = explained.first().map_or(1, |one| one.base.outcomes.len());
    let times = if replications > 1 {
        format!(", {replications} times, and gains are means; phases and epochs are those of the first time")
    } else {
        String::new()
    };
    let mut text = format!("{runs} runs on the same random numbers, each with one thing otherwise{times}.");
    let errors = explained.iter().filter_map(|one| one.base.first().fidelity_error);
    let sketched: Vec<&Explained> =
        explained.iter().filter(|one| one.base.first().fidelity != "exact").collect();
    if let Some(first) = sketched.first() {
        let worst = errors.fold(0.0, f64::max);
        let sketch = format!(
            " Simulated as {}; by their own cautious estimate the length of a loop is right to {}.",
            first.base.first().fidelity,
            human::percent(worst)
        );
        text.push_str(&sketch);
    }
    for (one, steps) in explained.iter().filter_map(|one| one.cut_to.map(|steps| (one, steps))) {
        let cut = format!(
            " {} is explained on its first {}: all its figures are of that shorter job.",
            one.base.storage,
            human::counted(steps, "step")
        );
        text.push_str(&cut);
    }
    text.push_str(" What a doubled resource would cost is not known, so only its time is told.");
    text
}

#[cfg(test)]
mod tests {
    use ingestsim_model::Outcome;

    use super::*;
    use crate::{fixture, sheet::Sheet};

    /// A profile of 100 s of loop behind 100 s; GPUs of the fixture stall for a fifth of it.
    fn explained(what_ifs: Vec<WhatIf>) -> Explained {
        let (settings, resources) = what_ifs.into_iter().partition(|one| one.advice.is_some());
        let base = fixture::profile("download", &[100.0]);
        let epoch = |epoch, cause: Option<&'static str>| EpochBound {
            epoch,
            seconds: 50.0,
            gpu_utilisation: 0.8,
            stalled: 0.2,
            cause,
            resource: cause.map(|_| ("metadata operations", 0.25)),
        };
        let phase =
            PhaseBound { phase: "downloading", seconds: 90.0, by: "the downloader's rate", share: Some(0.4) };
        let epochs = vec![epoch(1, Some("metadata")), epoch(2, None), epoch(3, None)];
        Explained { base, phases: vec![phase], epochs, settings, resources, cut_to: None }
    }

    fn outcome() -> Outcome {
        fixture::profile("download", &[100.0]).outcomes.remove(0)
    }

    fn setting(gain: Gain) -> WhatIf {
        WhatIf {
            what: "8 more workers per GPU".into(),
            advice: Some("Use 8 more workers per GPU".into()),
            resource: None,
            gpu_utilisation: 0.8,
            outcome: outcome(),
            gain,
            then: Some("NIC"),
        }
    }

    /// 15.5 of 50 s of the first epoch, 31 of 200 s of the job, and a quarter of $0.10.
    #[test]
    fn advice_names_what_is_gained() {
        let gain = Gain { first_batch_s: 0.0, first_epoch_s: 15.5, total_s: 31.0, cost_usd: 0.025 };
        let advice = advice(&explained(vec![setting(gain)]));
        let expected = "Use 8 more workers per GPU: the first epoch is 31 % shorter, the job 31 s shorter and $0.025 cheaper.";
        assert_eq!(advice, [expected]);
    }

    /// Loops of 100 and 300 s are first epochs of 50 and 150 s, 100 s on average, and jobs of 300 s on average: 3.1 s of
    /// the job are 1 % of them, 2.9 s are less, though more than 1 % of the first run's 200 s.
    #[test]
    fn gains_are_shares_of_means_over_the_replications() {
        let first_epoch_s = 31.0;
        let gain = |total_s| Gain { total_s, ..Gain::default() };
        let mut explained = explained(vec![setting(Gain { first_epoch_s, ..gain(31.0) })]);
        explained.base = fixture::profile("download", &[100.0, 300.0]);
        let expected =
            "Use 8 more workers per GPU: the first epoch is 31 % shorter and the job 31 s shorter.";
        assert_eq!(advice(&explained), [expected]);
        assert!(counts(&explained, &setting(gain(3.1))));
        assert!(!counts(&explained, &setting(gain(2.9))));
    }

    #[test]
    fn advice_owns_up_to_what_is_lost() {
        let gain = Gain { first_batch_s: 40.0, first_epoch_s: 0.0, total_s: 40.0, cost_usd: -0.01 };
        let advice = advice(&explained(vec![setting(gain)]));
        let expected = "Use 8 more workers per GPU: the first batch comes 40 s earlier, the job 40 s shorter and \
                        $0.01 dearer.";
        assert_eq!(advice, [expected]);
    }

    #[test]
    fn without_a_gain_it_says_so() {
        let mut resource = setting(Gain { total_s: 20.0, ..Gain::default() });
        (resource.advice, resource.resource) = (None, Some("metadata operations"));
        resource.what = "twice the metadata operations".into();
        let none = setting(Gain { total_s: 0.5, ..Gain::default() });
        let expected =
            "No setting of this profile gains 1 % or more; it would take twice the metadata operations.";
        assert_eq!(advice(&explained(vec![none.clone(), resource])), [expected]);
        let expected = "No setting of this profile gains 1 % or more: leave it as it is.";
        assert_eq!(advice(&explained(vec![none])), [expected]);
    }

    /// Two replications of one profile and one what-if.
    #[test]
    fn the_answer_tells_how_often_it_was_tried() {
        let mut explained = [explained(vec![setting(Gain::default())])];
        let once = "2 runs on the same random numbers, each with one thing otherwise.";
        assert!(how(&explained).starts_with(once), "{}", how(&explained));
        explained[0].base = fixture::profile("download", &[100.0, 110.0]);
        let said = "otherwise, 2 times, and gains are means; phases and epochs are those of the first time.";
        assert!(how(&explained).contains(said), "{}", how(&explained));
    }

    /// All samples may be simulated at a fidelity that could have left some out, so none is said to be missing.
    #[test]
    fn the_answer_names_the_fidelity_and_claims_nothing_of_samples() {
        let mut explained = [explained(vec![setting(Gain::default())])];
        let base = &mut explained[0].base.outcomes[0];
        base.fidelity = "fast: 16 of 16 steps an epoch".to_owned();
        base.fidelity_error = Some(0.0);
        let said = how(&explained);
        assert!(said.contains(" Simulated as fast: 16 of 16 steps an epoch; by their own "), "{said}");
        assert!(!said.contains("Not every sample"), "{said}");
    }

    /// Of 200 GPU-seconds 40 are stalls, half for metadata. Epochs 2 and 3 are alike.
    #[test]
    fn the_answer_tells_what_binds_and_what_helps() {
        let gain = Gain { first_batch_s: 0.0, first_epoch_s: 15.5, total_s: 31.0, cost_usd: 0.025 };
        let explained = [explained(vec![setting(gain)])];
        let mut study = fixture::study();
        study.profiles.truncate(1);
        let text = text(&study, &explained, Look::Plain);
        assert!(
            text.contains(
                "compute for 80 % of the loop and wait for 20 % of it, 50 % of that through metadata"
            )
        );
        let row = |start: &str| {
            text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{text}"))
        };
        assert!(row(" downloading").contains("1.5 min"), "{text}");
        assert!(row(" downloading").contains("the downloader's rate"), "{text}");
        assert!(row(" 2 to 3").contains("the GPUs"), "{text}");
        let cells: Vec<&str> =
            row(" 8 more").split("   ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        assert_eq!(cells, ["8 more workers per GPU", "–", "−15.5 s", "−31 s", "−$0.025", "NIC"]);
        assert!(text.lines().all(|line| line.chars().count() <= table::WIDTH), "{text}");
    }

    #[test]
    fn the_tables_have_a_row_for_everything_tried() {
        let explained = [explained(vec![setting(Gain::default())])];
        let study = fixture::study();
        let csv = |sheet: Sheet| String::from_utf8(sheet.to_csv()).unwrap();
        let what_ifs = csv(what_ifs(&study, &explained));
        assert!(
            what_ifs.contains("made-up,download,setting,8 more workers per GPU,0,0,0,0,0.8,NIC"),
            "{what_ifs}"
        );
        let bounds = csv(bounds(&study, &explained));
        assert!(bounds.contains("made-up,download,epoch 1,50,metadata,metadata operations,0.25"), "{bounds}");
        let document = json(&study, &explained);
        assert_eq!(document["profiles"][0]["what_ifs"][0]["change"], "8 more workers per GPU");
        assert_eq!(document["profiles"][0]["bounds"].as_array().unwrap().len(), 4);
    }
}
