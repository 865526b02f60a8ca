//! The progress of items that find out as they go how many runs they need: how many items are done, which runs are under
//! way, and how long those will take.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{HumanDuration, ProgressState, ProgressStyle};
use ingestsim_sweep::Progress;

use super::Bar;

/// At most this many characters of what is under way are shown.
const SHOWN_MAX: usize = 48;

/// How far items are, and what they are at.
#[derive(Debug)]
pub(crate) struct Items {
    bar: Bar,
    runs: Arc<Mutex<Runs>>,
}

/// Runs that were begun together.
#[derive(Debug)]
struct Runs {
    what: String,
    samples: u64,
    finished: u64,
    since: Instant,
}

impl Items {
    /// A bar over so many items that shows itself after a second, if it may and anybody can see it.
    pub(crate) fn new(count: u64, wanted: bool) -> Self {
        let runs = Arc::new(Mutex::new(Runs::default()));
        Self { bar: Bar::styled(count, style(Arc::clone(&runs)), wanted), runs }
    }

    /// An item is done.
    pub(crate) fn done(&self) {
        *self.runs.lock().unwrap_or_else(PoisonError::into_inner) = Runs::default();
        self.bar.bar.inc(1);
    }
}

fn style(runs: Arc<Mutex<Runs>>) -> ProgressStyle {
    let template = "{elapsed} [{wide_bar}] {pos} of {len} items{runs}";
    let style = ProgressStyle::with_template(template);
    let style = style.expect("the template is one of indicatif's").progress_chars("=> ");
    style.with_key("runs", move |_: &ProgressState, text: &mut dyn fmt::Write| {
        let _ = write!(text, "{}", runs.lock().unwrap_or_else(PoisonError::into_inner));
    })
}

impl Progress for Items {
    fn finished(&self, samples: u64) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.finished = runs.finished.saturating_add(samples);
    }

    fn begins(&self, what: &str, samples: u64) {
        let runs = Runs { what: shortened(what), samples, ..Runs::default() };
        *self.runs.lock().unwrap_or_else(PoisonError::into_inner) = runs;
    }
}

impl Default for Runs {
    fn default() -> Self {
        Self { what: String::new(), samples: 0, finished: 0, since: Instant::now() }
    }
}

impl Runs {
    /// How long those take that have not ended, at the pace of those that have; none before one has.
    fn left(&self) -> Option<Duration> {
        let share = self.finished as f64 / self.samples as f64;
        let left_s = self.since.elapsed().as_secs_f64() * (1.0 / share - 1.0);
        (share > 0.0).then(|| Duration::try_from_secs_f64(left_s.max(0.0)).ok()).flatten()
    }
}

impl fmt::Display for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.what.is_empty() {
            return Ok(());
        }
        write!(f, "; {}", self.what)?;
        match self.left() {
            Some(left) => write!(f, ": {} left of these", HumanDuration(left)),
            None => Ok(()),
        }
    }
}

/// The beginning and the end of a text that is too long for its place.
fn shortened(text: &str) -> String {
    let count = text.chars().count();
    if count <= SHOWN_MAX {
        return text.to_owned();
    }
    let half = SHOWN_MAX / 2;
    let start: String = text.chars().take(half).collect();
    let end: String = text.chars().skip(count - half + 1).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A quarter of the samples in 10 s: the other three take 30 s.
    #[test]
    fn the_time_left_follows_from_the_pace() {
        let since = Instant::now().checked_sub(Duration::from_secs(10)).unwrap();
        let runs = Runs { what: "idle scratch-2".into(), samples: 400, finished: 100, since };
        let left = runs.left().unwrap();
        assert!((left.as_secs_f64() - 30.0).abs() < 1.0, "{left:?}");
        assert_eq!(runs.to_string(), "; idle scratch-2: 30 seconds left of these");
        assert_eq!(Runs { finished: 0, ..runs }.to_string(), "; idle scratch-2");
    }

    #[test]
    fn a_long_text_loses_its_middle() {
        let text = shortened(&format!("start{}end", "x".repeat(100)));
        assert_eq!(text.chars().count(), SHOWN_MAX);
        assert!(text.starts_with("startx") && text.ends_with("xend") && text.contains('…'));
    }
}
