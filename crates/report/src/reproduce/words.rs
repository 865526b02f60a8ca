//! Figures and places in sentences, and sentences in paragraphs.

use ingestsim_sweep::reproduce::{Turn, Turning};

use crate::{chart::Quantity, human};

/// No line of an answer is wider than this many characters.
const WIDTH: usize = 110;

/// The width of the column that says what a paragraph is.
const LABEL: usize = 12;

/// What the profiles of all items are called.
const NAMES: [(&str, &str); 28] = [
    ("file", "S3 File mode"),
    ("file-guide", "File, as the guide"),
    ("file-gp2", "File, on gp2"),
    ("file-measured", "File, as measured"),
    ("fast-file", "S3 FastFile"),
    ("nvme", "the node's NVMe"),
    ("s3", "S3"),
    ("s3-express", "S3 Express One Zone"),
    ("efs", "EFS"),
    ("efs-elastic", "EFS Elastic"),
    ("efs-bursting", "EFS Bursting"),
    ("efs-one-zone", "EFS One Zone"),
    ("fsx", "FSx for Lustre"),
    ("fsx-resident", "FSx, resident"),
    ("fsx-lazy", "FSx, lazy load"),
    ("fsx-one-time", "FSx, one-time load"),
    ("fsx-created", "FSx, made for the job"),
    ("lazy", "lazy load"),
    ("one-time", "one-time load"),
    ("scratch-1", "FSx Scratch 1"),
    ("scratch-2", "FSx Scratch 2"),
    ("p1-50", "FSx Persistent 1-50"),
    ("p1-100", "FSx Persistent 1-100"),
    ("p1-200", "FSx Persistent 1-200"),
    ("p2-125", "FSx Persistent 2-125"),
    ("p2-250", "FSx Persistent 2-250"),
    ("p2-500", "FSx Persistent 2-500"),
    ("p2-1000", "FSx Persistent 2-1000"),
];

pub(super) fn time(seconds: f64) -> String {
    Quantity::Seconds.value(seconds)
}

pub(super) fn money(dollars: f64) -> String {
    Quantity::Dollars.value(dollars)
}

pub(super) fn bytes(bytes: f64) -> String {
    Quantity::Bytes.value(bytes)
}

pub(super) fn rate(bytes_per_s: f64) -> String {
    Quantity::BytesPerSecond.value(bytes_per_s)
}

/// A share with one decimal, or with three digits where it would read as nothing.
pub(super) fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.0005 { Quantity::Share.value(share) } else { human::percent(share) }
}

/// An amount, or that it is less than a cent.
pub(super) fn cents(dollars: f64) -> String {
    if dollars < 0.005 { "less than a cent".to_owned() } else { money(dollars) }
}

/// `1 day`, `2 epochs`.
pub(super) fn counted(number: f64, noun: &str) -> String {
    human::counted(number.round() as u64, noun)
}

/// A profile as it is called on a slide.
pub(super) fn called(storage: &str) -> &str {
    let called = NAMES.iter().find(|(name, _)| *name == storage);
    called.map_or(storage, |(_, called)| called)
}

pub(super) fn count(number: f64) -> String {
    Quantity::Count.value(number.round())
}

/// How many times as much: "2.1 times".
pub(super) fn times(ratio: f64) -> String {
    let text = if ratio < 9.95 { format!("{ratio:.1}") } else { format!("{ratio:.0}") };
    format!("{} times", text.strip_suffix(".0").unwrap_or(&text))
}

/// A small probability: "1 in 14,400".
pub(super) fn odds(probability: f64) -> String {
    let one_in = 1.0 / probability;
    // Three digits are more than such a figure deserves.
    let magnitude = 10_f64.powf((one_in.log10().floor() - 2.0).max(0.0));
    format!("1 in {}", count((one_in / magnitude).round() * magnitude))
}

/// A list as it is read: "a, b and c".
pub(super) fn list(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Where a comparison turns: `always`, `never`, or what `at` makes of the place.
pub(super) fn turned(turning: Turning, always: &str, never: &str, at: impl Fn(Turn) -> String) -> String {
    match turning {
        Turning::Always => always.to_owned(),
        Turning::Never => never.to_owned(),
        Turning::At(turn) => at(turn),
    }
}

/// A paragraph behind its label, in lines of at most [`WIDTH`] characters.
pub(super) fn paragraph(label: &str, text: &str) -> String {
    hanging(&format!("{label:LABEL$}"), text)
}

/// A line of a list: a name, a word, and a sentence.
pub(super) fn entry(name: &str, word: &str, text: &str) -> String {
    hanging(&format!("  {name:22}{word:9}"), text)
}

/// A text behind a lead, all but the first line behind as much blank.
fn hanging(lead: &str, text: &str) -> String {
    let indent = lead.chars().count();
    let mut lines = vec![lead.to_owned()];
    let mut is_new = true;
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        let gap = usize::from(!is_new);
        if !is_new && line.chars().count() + gap + word.chars().count() > WIDTH {
            lines.push(" ".repeat(indent) + word);
            continue;
        }
        line.push_str(&" ".repeat(gap));
        line.push_str(word);
        is_new = false;
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_hang_behind_their_label() {
        let text = paragraph("Guide", &"word ".repeat(30));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("Guide       word word"));
        assert!(lines[1].starts_with("            word"));
        assert!(lines.iter().all(|line| line.len() <= WIDTH));
    }

    /// 6.9e-5 is 1 in 14,493.
    #[test]
    fn odds_have_three_digits() {
        assert_eq!(odds(6.9e-5), "1 in 14,500");
        assert_eq!(odds(0.5), "1 in 2");
    }

    #[test]
    fn ratios_and_lists_read_well() {
        assert_eq!([2.0, 2.14, 31.4].map(times), ["2 times", "2.1 times", "31 times"]);
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!([list(&names), list(&names[..1]), list(&[])], ["a, b and c", "a", "none"]);
    }

    #[test]
    fn a_turn_is_said_or_that_there_is_none() {
        let said = |turning| turned(turning, "always", "never", |turn| format!("from {}", turn.after));
        let turn = Turn { before: 1.0, after: 2.0 };
        let all = [Turning::Always, Turning::Never, Turning::At(turn)].map(said);
        assert_eq!(all, ["always", "never", "from 2"]);
    }
}
