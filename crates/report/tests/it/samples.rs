//! One realistic example of every chart.

use ingestsim_report::chart::{
    Axis, Bar, Bars, Better, Candidate, Case, Chart, Curves, Datum, Frame, Heatmap, Key, Keys, Multiples,
    Panel, Pareto, Quantity, Reference, Row, ScatterLog, Segment, Series, Service, Timeline, Use,
};

const FOOTER: &str = "caltech-small-files · seed 1 · ingestsim 0.1.0 · prices of 2025-11-01";

/// All samples with their file names.
pub(crate) fn all() -> Vec<(&'static str, Box<dyn Chart>)> {
    vec![
        ("curves", Box::new(curves())),
        ("bars", Box::new(bars())),
        ("bars-dwarfed", Box::new(bars_dwarfed())),
        ("bars-hatched", Box::new(bars_hatched())),
        ("timeline", Box::new(timeline())),
        ("pareto", Box::new(pareto())),
        ("pareto-crowded", Box::new(pareto_crowded())),
        ("heatmap", Box::new(heatmap())),
        ("multiples", Box::new(multiples())),
        ("scatter-log", Box::new(scatter_log())),
    ]
}

fn saturating(key: Key, most: f64, half: f64) -> Series {
    let xs = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
    let datum = |x: f64| {
        let y = most * x / (x + half);
        Datum::with_band(x, y, (y - 0.03 - 0.04 * y * (1.0 - y), (y + 0.03 + 0.04 * y * (1.0 - y)).min(1.0)))
    };
    Series { key, data: xs.map(datum).to_vec() }
}

pub(crate) fn curves() -> Curves {
    Curves {
        frame: Frame::new(
            "Sixteen parallel reads are enough for FSx; S3 needs sixty-four to keep the GPUs busy",
            "1.5 million JPEGs of 37.5 kB, one ml.p3.2xlarge, batch 64, second epoch; band: 95 % interval of 5 runs",
            FOOTER,
        ),
        x: Axis::new("parallel reads per GPU", Quantity::Count),
        y: Axis::new("GPU utilisation", Quantity::Share),
        series: vec![
            saturating(Key::new("FSx for Lustre, resident", Service::Fsx), 0.985, 1.1),
            saturating(Key::new("S3 Fast File", Service::S3), 0.93, 9.0),
            saturating(Key::new("S3 direct reads by the loader", Service::S3), 0.9, 16.0),
            saturating(Key::new("S3 Express One Zone", Service::S3Express), 0.97, 3.5),
            saturating(Key::new("EFS elastic", Service::Efs), 0.8, 6.0),
        ],
        references: vec![Reference { label: "target 90 %".to_owned(), value: 0.9 }],
    }
}

fn segments(names: &[&str]) -> Vec<Segment> {
    names.iter().map(|&name| Segment { name: name.to_owned(), hatched: false }).collect()
}

fn bar(name: &str, parts: &[f64]) -> Bar {
    Bar { name: name.to_owned(), parts: parts.iter().map(|&part| Some(part)).collect() }
}

pub(crate) fn bars() -> Bars {
    Bars {
        frame: Frame::new(
            "Downloading first costs 14 minutes before the first batch; streaming starts within three",
            "ml.p3.2xlarge, 57 GB in 1.5 million files, SageMaker, one job, image in the cache",
            FOOTER,
        ),
        label: "time to first batch".to_owned(),
        quantity: Quantity::Seconds,
        segments: segments(&[
            "starting",
            "image pull",
            "mounting",
            "downloading",
            "listing files",
            "first batch",
        ]),
        bars: vec![
            bar("S3 File mode", &[75.0, 60.0, 0.0, 700.0, 12.0, 0.8]),
            bar("S3 Fast File", &[75.0, 60.0, 8.0, 0.0, 25.0, 3.1]),
            bar("S3 Express One Zone, direct", &[75.0, 60.0, 0.0, 0.0, 14.0, 1.0]),
            bar("FSx for Lustre, lazy loading from S3", &[75.0, 60.0, 21.0, 0.0, 40.0, 9.0]),
            bar("EFS elastic", &[75.0, 60.0, 4.0, 0.0, 180.0, 2.0]),
        ],
        hatching: None,
    }
}

pub(crate) fn bars_dwarfed() -> Bars {
    Bars {
        frame: Frame::new(
            "Creating a file system for one job costs more than everything else together",
            "57 GB, one epoch, job of 40 minutes, storage billed for the job alone",
            FOOTER,
        ),
        label: "cost of the job".to_owned(),
        quantity: Quantity::Dollars,
        segments: segments(&["GPUs", "storage", "requests", "transfer"]),
        bars: vec![
            bar("S3 File mode", &[2.9, 0.04, 0.62, 0.0]),
            bar("S3 Fast File", &[2.4, 0.03, 0.61, 0.0]),
            bar("FSx for Lustre, created for this job and kept for thirty days", &[2.2, 504.0, 0.6, 0.0]),
            bar("EFS elastic", &[3.3, 0.02, 1.72, 0.05]),
            Bar { name: "NFS server".to_owned(), parts: vec![None; 4] },
        ],
        hatching: None,
    }
}

pub(crate) fn bars_hatched() -> Bars {
    let causes = ["first byte latency", "request rate limit", "decoding", "connection rate", "epoch start"];
    let segments = causes
        .iter()
        .flat_map(|&cause| [false, true].map(|hatched| Segment { name: cause.to_owned(), hatched }))
        .collect();
    Bars {
        frame: Frame::new(
            "Two thirds of the stall on S3 is waiting for other ranks' first bytes",
            "16 nodes of 8 GPUs, 10 epochs; a rank's own stall, and what the barrier adds to it",
            FOOTER,
        ),
        label: "stall over all GPUs".to_owned(),
        quantity: Quantity::GpuHours,
        segments,
        bars: vec![
            bar("S3 direct", &[12.0, 31.0, 4.0, 6.0, 1.5, 0.2, 6.0, 2.0, 0.4, 0.1]),
            bar("S3 Express", &[3.0, 5.5, 2.0, 1.0, 1.5, 0.2, 5.0, 1.0, 0.4, 0.1]),
            bar("FSx for Lustre", &[1.0, 0.7, 0.0, 0.0, 1.5, 0.2, 3.0, 0.3, 0.4, 0.1]),
            bar("Local NVMe", &[0.1, 0.0, 0.0, 0.0, 1.5, 0.2, 0.0, 0.0, 0.2, 0.1]),
        ],
        hatching: Some("waiting at the barrier for slower ranks".to_owned()),
    }
}

/// A wave with noise that repeats exactly.
fn wave(steps: u32, level: f64, swing: f64, phase: f64) -> Vec<(f64, Option<f64>)> {
    (0..steps)
        .map(|i| {
            let t = 3.0 * f64::from(i);
            let noise = (f64::from(i) * 12.9898 + phase).sin() * 43_758.545;
            let value =
                level + swing * (t / 170.0 + phase).sin() + 0.15 * swing * (noise - noise.floor() - 0.5);
            (t, Some(value.max(0.0)))
        })
        .collect()
}

pub(crate) fn timeline() -> Timeline {
    let rows = [
        ("GPU utilisation", Quantity::Share, 0.8, 0.15),
        ("read throughput", Quantity::BytesPerSecond, 320e6, 90e6),
        ("requests waiting", Quantity::Count, 38.0, 22.0),
        ("burst credits left", Quantity::Bytes, 1.4e12, 0.6e12),
    ];
    let row = |(name, quantity, level, swing): (&str, Quantity, f64, f64)| Row {
        axis: Axis::new(name, quantity),
        holds: true,
        lines: (0..3)
            .map(|n| wave(900, level * (1.0 - 0.22 * f64::from(n)), swing * 0.6, f64::from(n)))
            .collect(),
    };
    Timeline {
        frame: Frame::new(
            "EFS runs out of credits after half an hour and never recovers",
            "one node of 8 GPUs, 900 windows of 3 s, first epoch",
            FOOTER,
        ),
        clock: "time since the job was started".to_owned(),
        profiles: vec![
            Key::new("FSx for Lustre", Service::Fsx),
            Key::new("S3 Fast File", Service::S3),
            Key::new("EFS bursting", Service::Efs),
        ],
        rows: rows.map(row).to_vec(),
    }
}

fn candidate(name: &str, service: Service, hours: f64, cost: f64) -> Candidate {
    Candidate { name: name.to_owned(), service, x: 3600.0 * hours, y: cost }
}

pub(crate) fn pareto() -> Pareto {
    Pareto {
        frame: Frame::new(
            "S3 Express is the cheapest way below two hours; FSx buys twenty minutes for $9",
            "ResNet-50, 10 epochs, 4 nodes, prices on demand; each candidate at its best tuning",
            FOOTER,
        ),
        x: Axis::new("time of the job", Quantity::Seconds).tight(),
        x_better: Better::Lower,
        y: Axis::new("cost of the job", Quantity::Dollars).tight(),
        y_better: Better::Lower,
        candidates: vec![
            candidate("S3 File mode", Service::S3, 2.9, 61.0),
            candidate("S3 Fast File", Service::S3, 2.3, 52.0),
            candidate("S3 direct, 64 reads", Service::S3, 2.05, 49.5),
            candidate("S3 Express One Zone", Service::S3Express, 1.8, 50.5),
            candidate("EFS elastic", Service::Efs, 2.1, 71.0),
            candidate("EFS provisioned 1 GiB/s", Service::Efs, 1.9, 66.0),
            candidate("FSx scratch 2", Service::Fsx, 1.62, 55.0),
            candidate("FSx persistent 1000", Service::Fsx, 1.5, 59.0),
            candidate("local NVMe cache", Service::LocalDisk, 1.66, 54.0),
        ],
    }
}

pub(crate) fn pareto_crowded() -> Pareto {
    let services = [Service::S3, Service::Efs, Service::Fsx, Service::S3Express];
    let candidates = (0..22)
        .map(|i| {
            let n = f64::from(i);
            let name = format!("candidate {i} with workers={} and prefetch={}", 2 + i % 7, 1 + i % 5);
            candidate(
                &name,
                services[i as usize % 4],
                1.5 + 0.02 * n * (1.0 + (n * 1.7).sin()),
                50.0 + (n * 2.3).cos(),
            )
        })
        .collect();
    Pareto { candidates, ..pareto() }
}

pub(crate) fn heatmap() -> Heatmap {
    let sizes = ["37.5 kB", "150 kB", "600 kB", "2.4 MB", "9.6 MB", "38.4 MB", "112.5 MB"];
    let workers = ["2", "4", "8", "16", "32", "64"];
    let cell = |row: usize, column: usize| {
        let share = 1.0 / (1.0 + 14.0 / (2.0_f64.powi(row as i32) * (1.0 + column as f64)));
        (row + column != 11).then_some(share)
    };
    let cells =
        (0..workers.len()).map(|row| (0..sizes.len()).map(|column| cell(row, column)).collect()).collect();
    let keys = |label: &str, values: &[&str]| Keys {
        label: label.to_owned(),
        values: values.iter().map(|&value| value.to_owned()).collect(),
    };
    Heatmap {
        frame: Frame::new(
            "Larger files do what more workers do: either takes the GPUs above 90 %",
            "S3 Fast File, 57 GB whatever the file size, one node of 8 GPUs, batch 64",
            FOOTER,
        ),
        x: keys("size of a file", &sizes),
        y: keys("loader workers per GPU", &workers),
        value: Axis::new("GPU utilisation", Quantity::Share).linear(),
        cells,
    }
}

pub(crate) fn multiples() -> Multiples {
    let panel = |nodes: u32| {
        let slower = f64::from(nodes);
        Panel {
            title: if nodes == 1 { "1 node".to_owned() } else { format!("{nodes} nodes") },
            series: vec![
                saturating(Key::new("FSx for Lustre", Service::Fsx), 0.985, 1.1 * slower),
                saturating(Key::new("S3 Fast File", Service::S3), 0.93, 9.0),
                saturating(Key::new("EFS elastic", Service::Efs), 0.8, 6.0 * slower),
            ],
        }
    };
    Multiples {
        frame: Frame::new(
            "Only S3 keeps its pace as nodes are added",
            "1.5 million JPEGs of 37.5 kB, batch 64 per GPU, second epoch; band: 95 % interval of 5 runs",
            FOOTER,
        ),
        x: Axis::new("parallel reads per GPU", Quantity::Count),
        y: Axis::new("GPU utilisation", Quantity::Share),
        panels: [1, 2, 4, 8, 16, 32].map(panel).to_vec(),
    }
}

pub(crate) fn scatter_log() -> ScatterLog {
    let sources = ["AWS blog, SageMaker input modes", "MLPerf Storage 1.0", "Hoard (2018)", "study guide"];
    let cases = (0..36)
        .map(|i| {
            let n = f64::from(i);
            let measured = 20.0 * 1.25_f64.powf(n);
            let error = 0.09 * (n * 1.3).sin() + if i % 11 == 7 { 0.25 } else { 0.0 };
            Case {
                name: format!("case {i}"),
                source: sources[i as usize % 4].to_owned(),
                measured,
                predicted: measured * (1.0 + error),
                used: if i % 3 == 0 { Use::Calibrate } else { Use::Check },
            }
        })
        .collect();
    ScatterLog {
        frame: Frame::new(
            "The model's median error on figures it has not seen is 6 %",
            "published durations of training loops; nothing was fitted to the filled points",
            "validation · seed 1 · ingestsim 0.1.0",
        ),
        label: "duration of the training loop".to_owned(),
        quantity: Quantity::Seconds,
        cases,
    }
}
