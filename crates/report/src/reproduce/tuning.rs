//! Example 2: a tuning job of two hours.

use ingestsim_sweep::reproduce::{
    failures::Check,
    tuning::{self, Tuning, Type},
};

use super::{
    Figures, Footer, Words,
    example_1::segments,
    figures::Value,
    frame,
    words::{called, cents, count, list, money, odds, percent, rate, time, times},
};
use crate::chart::{Bar, Bars, Quantity};

/// Scratch, and the Persistent types it is compared with.
struct Rivals<'a> {
    scratch: &'a Type,
    /// The Persistent type with the smallest bill.
    next: &'a Type,
    /// The cheapest one whose disks are as fast.
    equal: &'a Type,
}

impl<'a> Rivals<'a> {
    fn of(found: &'a Tuning) -> Self {
        let scratch = tuning::of(&found.types, tuning::SCRATCH);
        let persistent = || found.types.iter().filter(|one| !one.ran.storage.starts_with("scratch"));
        let as_fast = persistent().filter(|one| one.disk_rate >= scratch.disk_rate * 0.999);
        Self { scratch, next: least(persistent(), bill), equal: least(as_fast, storage) }
    }

    /// How much more the next type costs than Scratch with its losses, as a share of that.
    fn dearer(&self, found: &Tuning) -> f64 {
        bill(self.next) / (bill(self.scratch) + expected_usd(found)) - 1.0
    }
}

fn bill(one: &Type) -> f64 {
    one.ran.summary().cost_total_usd
}

fn storage(one: &Type) -> f64 {
    one.ran.summary().cost_storage_usd
}

/// What losses cost on average.
fn expected_usd(found: &Tuning) -> f64 {
    found.loss_probability * found.loss_usd
}

fn least<'a>(types: impl Iterator<Item = &'a Type>, figure: impl Fn(&Type) -> f64) -> &'a Type {
    let least = types.min_by(|one, other| figure(one).total_cmp(&figure(other)));
    least.expect("the example has types of each kind")
}

pub(super) fn words(found: &Tuning, footer: &Footer) -> Words {
    let rivals = Rivals::of(found);
    let dearer = rivals.dearer(found);
    let title = if dearer > 0.0 {
        format!(
            "Two hours of tuning cost least on Scratch: {} less than the next type, {} less storage cost at equal throughput",
            percent(dearer / (1.0 + dearer)),
            percent(1.0 - storage(rivals.scratch) / storage(rivals.equal))
        )
    } else {
        format!("Two hours of tuning cost least on {}, not on Scratch", called(&rivals.next.ran.storage))
    };
    Words {
        guide: "For a tuning job of two hours, Scratch is the right deployment: it costs less than Persistent, and nothing \
                has to outlast the job.",
        computed: vec![
            bills(found, &rivals),
            equal(&rivals),
            slow(found, rivals.scratch),
            loss(found),
            checked(&found.check, ""),
        ],
        agrees: dearer > 0.0,
        assumption: format!(
            "List prices of us-east-1, the smallest size of each type, one file system for four trials, loaded from S3 before \
             they start. \"Cheaper\" says much only at equal throughput: a gigabyte and month costs {} on Scratch and {} on \
             {}, and in all that one costs {} more.",
            gigabyte(rivals.scratch),
            gigabyte(rivals.next),
            called(&rivals.next.ran.storage),
            percent(dearer)
        ),
        figures: types(found),
        chart: Box::new(chart(found, &title, footer)),
        title,
    }
}

fn chart(found: &Tuning, title: &str, footer: &Footer) -> Bars {
    Bars {
        frame: frame(
            title,
            "four trials of 25 min on one ml.g5.2xlarge, 235 GB read at 160 MB/s; 1.2 TiB, created and loaded for the job",
            footer,
        ),
        label: "bill of the job".into(),
        quantity: Quantity::Dollars,
        segments: segments(&["GPU time", "storage", "requests"]),
        bars: found.types.iter().map(type_bar).collect(),
        hatching: None,
    }
}

fn bills(found: &Tuning, rivals: &Rivals<'_>) -> String {
    let scratch = rivals.scratch;
    let ties: Vec<String> = found
        .types
        .iter()
        .filter(|one| one.ran.storage != scratch.ran.storage && (bill(one) - bill(scratch)).abs() < 0.005)
        .map(|one| called(&one.ran.storage).to_owned())
        .collect();
    let like = if ties.is_empty() { String::new() } else { format!(" (as with {})", list(&ties)) };
    format!(
        "The bill with Scratch is {}{like}, {} of it for storage over {}. The cheapest Persistent type, {}, comes to {}.",
        money(bill(scratch)),
        money(storage(scratch)),
        time(scratch.ran.summary().total_s),
        called(&rivals.next.ran.storage),
        money(bill(rivals.next))
    )
}

fn equal(rivals: &Rivals<'_>) -> String {
    format!(
        "At equal throughput (at least {} from the disks) the cheapest Persistent storage, {}, costs {} against {}: {} as much.",
        rate(rivals.scratch.disk_rate),
        called(&rivals.equal.ran.storage),
        money(storage(rivals.equal)),
        money(storage(rivals.scratch)),
        times(storage(rivals.equal) / storage(rivals.scratch))
    )
}

fn loss(found: &Tuning) -> String {
    format!(
        "The Scratch file system is lost within the trials with a probability of {}. A loss in the middle of a trial costs {} \
         and {}, so {} on average. A Persistent one fails as often, but replaces the server: the job waits for minutes and \
         loses nothing.",
        odds(found.loss_probability),
        time(found.loss_s),
        money(found.loss_usd),
        cents(expected_usd(found))
    )
}

/// A simulated mean beside theory.
pub(super) fn checked(check: &Check, with: &str) -> String {
    format!(
        "Simulated with {} times as many failures{with}, {} runs lose {} on average (± {} with 95 % confidence); theory expects {}.",
        count(check.hastened),
        count(check.replications as f64),
        time(check.simulated_s),
        percent(check.ci95_s / check.simulated_s),
        time(check.expected_s)
    )
}

/// What a gigabyte costs a month.
fn gigabyte(one: &Type) -> String {
    format!("${:.3}", one.ran.usd_per_gb_month().unwrap_or_default())
}

/// What becomes of the type with the slowest disks.
fn slow(found: &Tuning, scratch: &Type) -> String {
    let slowest = least(found.types.iter(), |one| one.disk_rate);
    let (slow, fast) = (slowest.ran.summary(), scratch.ran.summary());
    format!(
        "{} asks {} for a gigabyte and month, Scratch {}; its disks give {} once their credit is spent, against {}: a trial \
         takes {} instead of {}, and the bill is {}.",
        called(&slowest.ran.storage),
        gigabyte(slowest),
        gigabyte(scratch),
        rate(slowest.disk_rate),
        rate(scratch.disk_rate),
        time(slow.loop_s),
        time(fast.loop_s),
        money(slow.cost_total_usd)
    )
}

fn type_bar(one: &Type) -> Bar {
    let summary = one.ran.summary();
    let parts = [summary.cost_compute_usd, summary.cost_storage_usd, summary.cost_requests_usd];
    Bar { name: called(&one.ran.storage).to_owned(), parts: parts.map(Some).to_vec() }
}

fn types(found: &Tuning) -> Figures {
    let dollars = Some(Quantity::Dollars);
    let mut figures = Figures::new([
        ("storage", "type", None),
        ("disk_bytes_per_s", "disks", Some(Quantity::BytesPerSecond)),
        ("gpu_utilisation", "GPUs busy", Some(Quantity::Share)),
        ("total_s", "job", Some(Quantity::Seconds)),
        ("cost_compute_usd", "GPU time", dollars),
        ("cost_storage_usd", "storage", dollars),
        ("cost_total_usd", "total", dollars),
    ]);
    for one in &found.types {
        let summary = one.ran.summary();
        figures.push([
            Value::profile(&one.ran.storage),
            one.disk_rate.into(),
            summary.gpu_utilisation.into(),
            summary.total_s.into(),
            summary.cost_compute_usd.into(),
            summary.cost_storage_usd.into(),
            summary.cost_total_usd.into(),
        ]);
    }
    figures
}
