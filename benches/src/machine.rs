//! Where a figure was measured: without that, it says little.

use std::{fmt, fs, thread};

use serde::Serialize;

/// The machine and the compiler.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// The day, in UTC.
    pub date: String,
    /// Processes that wanted a core over the last minute when the measurement began; more than the cores means that
    /// figures suffer.
    pub load: Option<f64>,
    /// The version of the simulator.
    pub version: &'static str,
}

impl Machine {
    /// This machine, as it is now.
    #[must_use]
    pub fn here() -> Self {
        let of_line = |line: &str| line.split_once(':').map(|(_, name)| name.trim().to_owned());
        let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = processors.lines().find(|line| line.starts_with("model name")).and_then(of_line);
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            processor: processor.unwrap_or_else(|| "an unknown processor".to_owned()),
            cores: thread::available_parallelism().map_or(1, usize::from),
            date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
            load: load.split(' ').next().and_then(|load| load.parse().ok()),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} cores", self.processor, self.cores)?;
        self.load.map_or(Ok(()), |load| write!(f, ", load {load:.1} at the start"))?;
        write!(f, ", {}", self.date)
    }
}
