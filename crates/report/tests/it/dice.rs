//! Random charts, as awkward as they come: extreme ranges, equal values, zeros, gaps, long names, many series.

use ingestsim_report::chart::{
    Axis, Bar, Bars, Better, Candidate, Case, Curves, Datum, Frame, Heatmap, Key, Keys, Multiples, Panel,
    Pareto, Quantity, Reference, Row, ScatterLog, Segment, Series, Service, Spacing, Timeline, Use,
};

/// A stream of random numbers (splitmix64) that is the same for a seed on every machine.
pub(crate) struct Dice(u64);

/// What the numbers of one chart are like.
#[derive(Clone, Copy, Debug)]
enum Regime {
    /// From a thousandth to a billion.
    Extreme,
    /// From zero to one.
    Fractions,
    /// One value only.
    Equal(f64),
    /// Whole numbers up to a hundred.
    Counts,
    /// Everything, and negative numbers, gaps, infinities and what is not a number.
    Broken,
}

const QUANTITIES: [Quantity; 14] = [
    Quantity::Seconds,
    Quantity::Bytes,
    Quantity::BinaryBytes,
    Quantity::BytesPerSecond,
    Quantity::BinaryBytesPerSecond,
    Quantity::BitsPerSecond,
    Quantity::Dollars,
    Quantity::DollarsPerGb,
    Quantity::DollarsPerHour,
    Quantity::Share,
    Quantity::Count,
    Quantity::PerSecond,
    Quantity::GpuHours,
    Quantity::Factor,
];
const SERVICES: [Service; 8] = [
    Service::S3,
    Service::S3Express,
    Service::Efs,
    Service::Fsx,
    Service::LocalDisk,
    Service::Nfs,
    Service::ParallelFs,
    Service::Other,
];
const WORDS: [&str; 12] = [
    "S3",
    "FSx for Lustre",
    "a",
    "prefetch=4,",
    "throughput-bound",
    "persistent-2-1000",
    "<&>",
    "µs",
    "Donaudampfschifffahrtsgesellschaftskapitänsmütze",
    "of the whole job",
    "37.5 kB",
    "WWWWWWWW",
];

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `n` − 1.
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Some of 1, 2, 3, …, `most`, small ones more often.
    fn several(&mut self, most: usize) -> usize {
        let most = 1 + self.below(most);
        1 + self.below(most)
    }

    fn words(&mut self, most: usize) -> String {
        let count = self.several(most);
        (0..count).map(|_| self.one_of(&WORDS)).collect::<Vec<_>>().join(" ")
    }

    fn frame(&mut self) -> Frame {
        Frame { ..Frame::new(self.words(24), self.words(30), self.words(16)) }
    }

    fn key(&mut self) -> Key {
        Key::new(self.words(8), self.one_of(&SERVICES))
    }

    fn regime(&mut self) -> Regime {
        let equal = self.one_of(&[0.0, 1.0, 0.001, 37.5, 1e9]);
        self.one_of(&[
            Regime::Extreme,
            Regime::Fractions,
            Regime::Equal(equal),
            Regime::Counts,
            Regime::Broken,
        ])
    }

    fn value(&mut self, regime: Regime) -> f64 {
        let extreme = 10_f64.powf(-3.0 + 12.0 * self.fraction());
        match regime {
            Regime::Extreme => extreme,
            Regime::Fractions => self.fraction(),
            Regime::Equal(value) => value,
            Regime::Counts => self.below(101) as f64,
            Regime::Broken => {
                let fraction = self.fraction();
                self.one_of(&[extreme, -extreme, fraction, 0.0, f64::NAN, f64::INFINITY])
            }
        }
    }

    fn maybe(&mut self, regime: Regime) -> Option<f64> {
        let value = self.value(regime);
        (self.below(8) > 0).then_some(value)
    }

    fn axis(&mut self) -> Axis {
        Axis {
            label: self.words(10),
            quantity: self.one_of(&QUANTITIES),
            spacing: self.one_of(&[Spacing::Auto, Spacing::Linear, Spacing::Log]),
            from_zero: self.below(2) == 0,
        }
    }

    fn series(&mut self, x: Regime, y: Regime) -> Series {
        let points = self.several(40);
        let data = (0..points)
            .map(|_| {
                let (low, high) = (self.value(y), self.value(y));
                let band = (self.below(2) == 0).then_some((low.min(high), low.max(high)));
                Datum { x: self.value(x), y: self.maybe(y), band }
            })
            .collect();
        Series { key: self.key(), data }
    }

    pub(crate) fn curves(&mut self) -> Curves {
        let (x, y) = (self.regime(), self.regime());
        let (count, references) = (self.several(30), self.below(5));
        Curves {
            frame: self.frame(),
            x: self.axis(),
            y: self.axis(),
            series: (0..count).map(|_| self.series(x, y)).collect(),
            references: (0..references)
                .map(|_| Reference { label: self.words(4), value: self.value(y) })
                .collect(),
        }
    }

    pub(crate) fn multiples(&mut self) -> Multiples {
        let (x, y) = (self.regime(), self.regime());
        let (panels, count) = (self.several(14), self.several(6));
        Multiples {
            frame: self.frame(),
            x: self.axis(),
            y: self.axis(),
            panels: (0..panels)
                .map(|_| Panel {
                    title: self.words(6),
                    series: (0..count).map(|_| self.series(x, y)).collect(),
                })
                .collect(),
        }
    }

    pub(crate) fn bars(&mut self) -> Bars {
        let regime = self.regime();
        let (segments, bars) = (self.several(14), self.several(70));
        Bars {
            frame: self.frame(),
            label: self.words(8),
            quantity: self.one_of(&QUANTITIES),
            segments: (0..segments)
                .map(|_| Segment { name: self.words(5), hatched: self.below(3) == 0 })
                .collect(),
            bars: (0..bars)
                .map(|_| Bar {
                    name: self.words(8),
                    parts: (0..segments).map(|_| self.maybe(regime)).collect(),
                })
                .collect(),
            hatching: (self.below(2) == 0).then(|| self.words(9)),
        }
    }

    pub(crate) fn timeline(&mut self) -> Timeline {
        let (rows, profiles, readings) = (self.several(9), self.several(12), self.several(200));
        let clock = self.regime();
        let mut row = || {
            let regime = self.regime();
            let mut line = || {
                let mut line: Vec<(f64, Option<f64>)> =
                    (0..readings).map(|_| (self.value(clock), self.maybe(regime))).collect();
                line.sort_by(|a, b| a.0.total_cmp(&b.0));
                line
            };
            let lines = (0..profiles).map(|_| line()).collect();
            Row { axis: self.axis(), holds: self.below(2) == 0, lines }
        };
        let rows = (0..rows).map(|_| row()).collect();
        Timeline {
            frame: self.frame(),
            clock: self.words(8),
            profiles: (0..profiles).map(|_| self.key()).collect(),
            rows,
        }
    }

    pub(crate) fn pareto(&mut self) -> Pareto {
        let (x, y) = (self.regime(), self.regime());
        let count = self.several(60);
        Pareto {
            frame: self.frame(),
            x: self.axis(),
            x_better: self.one_of(&[Better::Lower, Better::Higher]),
            y: self.axis(),
            y_better: self.one_of(&[Better::Lower, Better::Higher]),
            candidates: (0..count)
                .map(|_| Candidate {
                    name: self.words(6),
                    service: self.one_of(&SERVICES),
                    x: self.value(x),
                    y: self.value(y),
                })
                .collect(),
        }
    }

    pub(crate) fn heatmap(&mut self) -> Heatmap {
        let regime = self.regime();
        let (columns, rows, length) = (self.several(40), self.several(40), self.several(4));
        let mut keys = |count: usize| Keys {
            label: self.words(8),
            values: (0..count).map(|_| self.words(length)).collect(),
        };
        let (x, y) = (keys(columns), keys(rows));
        Heatmap {
            frame: self.frame(),
            x,
            y,
            value: self.axis(),
            cells: (0..rows).map(|_| (0..columns).map(|_| self.maybe(regime)).collect()).collect(),
        }
    }

    pub(crate) fn scatter_log(&mut self) -> ScatterLog {
        let regime = self.regime();
        let (count, sources) = (self.several(80), self.several(14));
        let sources: Vec<String> = (0..sources).map(|_| self.words(8)).collect();
        let close = self.below(2) == 0;
        ScatterLog {
            frame: self.frame(),
            label: self.words(6),
            quantity: self.one_of(&QUANTITIES),
            cases: (0..count)
                .map(|_| {
                    let measured = self.value(regime);
                    let off = 0.7 + 0.6 * self.fraction();
                    Case {
                        name: self.words(5),
                        source: sources[self.below(sources.len())].clone(),
                        measured,
                        predicted: if close { measured * off } else { self.value(regime) },
                        used: self.one_of(&[Use::Calibrate, Use::Check]),
                    }
                })
                .collect(),
        }
    }
}
