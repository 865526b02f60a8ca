//! A progress bar on standard error, for runs that take longer than a second, on a terminal.

mod items;

use std::{
    fmt,
    io::{self, IsTerminal},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use ingestsim_sweep::{Progress, grid::Watch};

pub(crate) use self::items::Items;

/// What is over sooner needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the clock on the bar moves.
const TICK: Duration = Duration::from_millis(200);

/// How far the runs are, in samples. The bar goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    /// Dropped to stop the thread that waits to show the bar.
    stop: Option<Sender<()>>,
    waiting: Option<JoinHandle<()>>,
}

impl Bar {
    /// A bar over so many samples that shows itself after a second, if it may and anybody can see it.
    pub(crate) fn new(samples: u64, wanted: bool) -> Self {
        Self::over(samples, "samples", wanted)
    }

    /// A bar over so many things that shows itself after a second, if it may and anybody can see it.
    pub(crate) fn over(count: u64, noun: &str, wanted: bool) -> Self {
        Self::styled(count, style(noun), wanted)
    }

    fn styled(count: u64, style: ProgressStyle, wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::hidden());
        bar.set_style(style);
        if !wanted || !io::stderr().is_terminal() {
            return Self { bar, stop: None, waiting: None };
        }
        let (stop, stopped) = mpsc::channel::<()>();
        let shown = bar.clone();
        let waiting = thread::spawn(move || {
            if stopped.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(TICK);
            }
        });
        Self { bar, stop: Some(stop), waiting: Some(waiting) }
    }
}

fn style(noun: &str) -> ProgressStyle {
    let template = format!("{{elapsed}} [{{wide_bar}}] {{human_pos}} of {{human_len}} {noun}{{pace}}");
    let style = ProgressStyle::with_template(&template);
    let style = style.expect("the template is one of indicatif's").progress_chars("=> ");
    style.with_key("pace", |state: &ProgressState, text: &mut dyn fmt::Write| {
        // Before the first run has ended nothing is known of the pace.
        if state.pos() > 0 {
            let _ = write!(text, ", {}/s, {} left", rate(state.per_sec()), HumanDuration(state.eta()));
        }
    })
}

/// A rate with a decimal where it is small.
fn rate(per_second: f64) -> String {
    if per_second < 100.0 { format!("{per_second:.1}") } else { HumanCount(per_second as u64).to_string() }
}

impl Progress for Bar {
    fn finished(&self, samples: u64) {
        self.bar.inc(samples);
    }
}

/// Over the runs of a sweep. Those that are kept are none of its business: they would make the pace look better than it
/// is.
impl Watch for Bar {
    fn planned(&self, runs: u64) {
        self.bar.inc_length(runs);
    }

    fn kept(&self, runs: u64) {
        self.bar.dec_length(runs);
    }

    fn ended(&self, runs: u64) {
        self.bar.inc(runs);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(waiting) = self.waiting.take() {
            let _ = waiting.join();
        }
        self.bar.finish_and_clear();
    }
}
