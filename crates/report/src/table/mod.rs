//! What `run` answers on a terminal: first what it came to, then why, block by block.

pub(crate) mod block;
pub(crate) mod grid;

use ingestsim_sweep::Study;

use crate::findings;

/// No line of an answer is wider than this many characters.
pub const WIDTH: usize = 110;

/// Whether the answer goes to a terminal that shows bold titles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Text and nothing else.
    Plain,
    /// With bold titles.
    Styled,
}

impl Look {
    pub(crate) fn title(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Styled => format!("\x1b[1m{text}\x1b[0m"),
        }
    }
}

/// The whole answer.
#[must_use]
pub fn run(study: &Study, look: Look) -> String {
    let blocks = [
        head(study, look),
        block::headline(study).print(look),
        sentences(study),
        block::phases(study).print(look),
        block::utilisation(study).print(look),
        block::stalls(study).print(look),
        block::costs(study).print(look),
        notes(study, look),
    ];
    let blocks: Vec<String> = blocks.into_iter().filter(|block| !block.is_empty()).collect();
    blocks.join("\n")
}

/// Which scenario this is, and in which setting it was run.
pub(crate) fn head(study: &Study, look: Look) -> String {
    let colon = if study.description.is_empty() { "" } else { ": " };
    let title = format!("{}{colon}{}", study.scenario, study.description);
    let title: Vec<String> = wrapped(&title, "").iter().map(|line| look.title(line)).collect();
    let setting = wrapped(&study.setting, "");
    title.into_iter().chain(setting).map(|line| line + "\n").collect()
}

/// The findings, a line each.
fn sentences(study: &Study) -> String {
    findings::all(study)
        .iter()
        .flat_map(|finding| wrapped(&format!("{finding}."), "  "))
        .map(|line| line + "\n")
        .collect()
}

/// What the reader should know of the figures. A note that several profiles share is printed once.
pub(crate) fn notes(study: &Study, look: Look) -> String {
    let notes = notes_said(study);
    if notes.is_empty() {
        return String::new();
    }
    let line = |note: &String| {
        wrapped(&format!("- {note}"), "  ").into_iter().map(|line| line + "\n").collect::<String>()
    };
    let lines: String = notes.iter().map(line).collect();
    format!("{}\n{lines}", look.title("Notes"))
}

/// The notes, each behind the profiles that it is about unless it is about all.
pub(crate) fn notes_said(study: &Study) -> Vec<String> {
    let mut notes: Vec<(&str, Vec<&str>)> = Vec::new();
    for profile in &study.profiles {
        for note in &profile.first().notes {
            match notes.iter_mut().find(|(known, _)| *known == note) {
                Some((_, storages)) => storages.push(&profile.storage),
                None => notes.push((note, vec![&profile.storage])),
            }
        }
    }
    let said = |(note, storages): &(&str, Vec<&str>)| {
        let everywhere = storages.len() == study.profiles.len();
        let whose = if everywhere { String::new() } else { format!("{}: ", storages.join(", ")) };
        format!("{whose}{note}")
    };
    notes.iter().map(said).collect()
}

/// `text` in lines of at most [`WIDTH`] characters, all but the first behind `indent`. Longer words stay whole.
pub(crate) fn wrapped(text: &str, indent: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("{indent}{word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use ingestsim_model::{
        cause::Cause,
        outcome::{EpochRow, StallRow},
    };

    use crate::fixture;

    use super::*;

    #[test]
    fn the_answer_has_every_block_and_no_line_is_too_wide() {
        let mut study = fixture::study();
        for index in 0..20 {
            let name = format!("a-profile-with-a-rather-long-name-{index}");
            study.profiles.push(fixture::profile(&name, &[100.0, 110.0]));
        }
        let answer = run(&study, Look::Plain);
        for title in ["Time to first batch", "GPU utilisation", "Where the GPU time goes", "Cost", "Notes"] {
            assert!(answer.lines().any(|line| line.starts_with(title)), "no block {title}:\n{answer}");
        }
        let too_wide: Vec<_> = answer.lines().filter(|line| line.chars().count() > WIDTH).collect();
        assert!(too_wide.is_empty(), "{too_wide:#?}");
    }

    /// Twenty epochs have no room for a column each: the first two and the last stand for them.
    #[test]
    fn many_epochs_are_told_by_some() {
        let mut study = fixture::study();
        let epochs = &mut study.profiles[0].outcomes[0].epochs;
        for number in 3..=20 {
            epochs.push(EpochRow { epoch: number, ..epochs[0].clone() });
        }
        let answer = run(&study, Look::Plain);
        let line = answer.lines().find(|line| line.contains("epoch 20")).unwrap();
        assert_eq!(line.split_whitespace().collect::<Vec<_>>().join(" "), "storage epoch 1 epoch 2 epoch 20");
    }

    /// No profile's name is broken, however many causes there are: those without room become one.
    #[test]
    fn causes_without_room_become_one_column() {
        let mut study = fixture::study();
        let stalls = &mut study.profiles[0].outcomes[0].stalls;
        for cause in Cause::ALL {
            stalls.push(StallRow { cause: cause.name(), ..stalls[0].clone() });
        }
        let answer = run(&study, Look::Plain);
        let block = answer.split("Where the GPU time goes").nth(1).unwrap();
        assert!(block.lines().any(|line| line.starts_with(" download ")), "{answer}");
        assert!(block.lines().nth(1).unwrap().trim_end().ends_with("other"), "{answer}");
    }

    #[test]
    fn a_shared_note_is_printed_once() {
        let answer = run(&fixture::study(), Look::Plain);
        assert_eq!(answer.matches("measured on another instance").count(), 1);
        assert!(answer.contains("\n- The downloader's"), "{answer}");
    }

    #[test]
    fn only_a_styled_answer_has_escape_codes() {
        assert!(!run(&fixture::study(), Look::Plain).contains('\x1b'));
        assert!(run(&fixture::study(), Look::Styled).contains("\x1b[1mCost\x1b[0m"));
    }

    #[test]
    fn long_sentences_wrap_behind_their_indent() {
        let lines = wrapped(&"word ".repeat(40), "  ");
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].len(), 109);
        assert!(lines[1].starts_with("  word"));
    }
}
