//! The charts of sweeps: which there are for which axes, and that their texts keep apart.

use std::{fmt::Write, fs};

use ingestsim_report::{
    chart::Chart,
    sweep_charts::{self, Layout, Swept, SweptError, Words},
};
use ingestsim_scenario::{Points, Scenario, Source};

use crate::{svg, texts::faults};

const BASE: &str = r#"
name = "made-up"
[dataset]
samples = 10_000
file-size = "110 kB"
[job]
instance = "ml.p3.2xlarge"
batch-size = 64
step-time = "194 ms"
[loader.pytorch]
[storage.download.s3]
mode = "file"
[storage.stream.s3]
mode = "fast-file"
[storage.lustre.fsx-lustre]
deployment = "scratch-2"
capacity = "1.2 TiB"
existing = true
"#;

const FIGURES: [&str; 6] = [
    "time_to_first_batch_s",
    "gpu_utilisation",
    "cost_total_usd",
    "cost_per_epoch_usd",
    "loop_s",
    "bytes_per_s",
];

/// A sweep with made-up results: point n takes a loop of 100 + n s and costs $1 + n/10.
struct Sweep {
    scenario: Scenario,
    points: Points,
    folder: tempfile::TempDir,
}

impl Sweep {
    /// The sweep of a grid; a point for which `fails` is true has no result.
    fn new(grid: &str, fails: impl Fn(u64) -> bool) -> Self {
        let text = format!("{BASE}[sweep]\nreplications = 2\n{grid}\n");
        let loaded = Scenario::load(Source::new("made-up.toml", text), &[]).unwrap();
        let points = loaded.points().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut table = String::from("scenario,storage,replications");
        FIGURES.iter().for_each(|name| write!(table, ",{name},{name}_ci95").unwrap());
        points.columns().iter().for_each(|column| write!(table, ",{}", column.name).unwrap());
        for point in points.iter() {
            let n = point.index as f64;
            let runs = if fails(point.index) { 0 } else { 2 };
            write!(table, "\nmade-up,{},{runs}", point.storage).unwrap();
            let figures =
                [300.0 + n * n, 1.0 / (1.0 + 0.1 * n), 1.0 + 0.1 * n, 1.0 + 0.1 * n, 100.0 + n, 1e8 + n];
            for figure in figures {
                if runs == 0 {
                    write!(table, ",,").unwrap();
                } else {
                    write!(table, ",{figure},{}", 0.02 * figure).unwrap();
                }
            }
            point.cells.iter().for_each(|cell| write!(table, ",{cell}").unwrap());
        }
        fs::write(folder.path().join("summary.csv"), table).unwrap();
        Self { scenario: loaded.scenario, points, folder }
    }

    fn swept(&self) -> Result<Swept, SweptError> {
        Swept::read(&self.folder.path().join("summary.csv"), &self.scenario, &self.points)
    }

    fn charts(&self) -> Vec<(&'static str, Box<dyn Chart>)> {
        let words = Words { held_fixed: "10,000 samples".to_owned(), footer: "made up".to_owned() };
        sweep_charts::charts(&self.swept().unwrap(), &words)
    }
}

fn never(_: u64) -> bool {
    false
}

const WORKERS: &str = "\"loader.pytorch.workers\" = [1, 2, 4, 8, 16, 32]";
const SIZES: &str = "\"dataset.file-size\" = [\"10 kB\", \"100 kB\", \"1 MB\", \"10 MB\"]";
const BATCHES: &str = "\"job.batch-size\" = [16, 32, 64]";
const ORDERS: &str = "\"job.order\" = [\"sequential\", \"shuffled\"]";

/// Every layout there is, small and large.
#[test]
fn texts_of_sweeps_keep_apart() {
    let grids = [
        vec![],
        vec![ORDERS],
        vec![WORKERS],
        vec![WORKERS, ORDERS],
        vec![WORKERS, SIZES],
        vec!["storage = [\"stream\"]", WORKERS, SIZES],
        vec!["storage = [\"stream\"]", WORKERS, SIZES, BATCHES],
        vec![WORKERS, SIZES, BATCHES, ORDERS],
        vec!["\"storage.lustre.fsx-lustre.capacity\" = [\"1.2 TiB\", \"2.4 TiB\", \"9.6 TiB\"]", SIZES],
        vec!["\"dataset.samples-per-file\" = { log = [1, 10000], points = 200 }"],
        vec!["storage = [\"stream\"]"],
        vec!["\"job.step-time\" = { log = [\"1 ms\", \"100 d\"], points = 9 }"],
        vec!["\"job.node.price\" = { log = [0.0001, 1000000.0], points = 9 }"],
        vec![WORKERS, BATCHES, "\"job.epochs\" = [1, 2, 3]"],
        vec!["\"job.instance\" = [\"ml.p3.2xlarge\", \"ml.g5.12xlarge\"]", WORKERS],
    ];
    for grid in grids {
        let grid = format!("[sweep.grid]\n{}", grid.join("\n"));
        let charts = Sweep::new(&grid, |point| point % 7 == 5).charts();
        assert_eq!(charts.len(), 5, "{grid}");
        for (name, chart) in charts {
            let picture = svg::read(&chart.svg().unwrap());
            assert_eq!(faults(&picture), Vec::<String>::new(), "{name} of {grid}");
            assert!(picture.texts.len() > 8, "{name} of {grid} is empty");
        }
    }
}

/// The title of each chart, its lines joined.
fn titles(grid: &str) -> Vec<String> {
    let title = |chart: &dyn Chart| {
        let picture = svg::read(&chart.svg().unwrap());
        let head = picture.texts.iter().map(|text| text.bottom - text.top).fold(0.0, f64::max) - 0.5;
        let lines = picture.texts.iter().filter(|text| text.bottom - text.top > head);
        lines.map(|line| line.text.replace('\u{a0}', " ")).collect::<Vec<_>>().join(" ")
    };
    let charts = Sweep::new(&format!("[sweep.grid]\n{grid}"), never).charts();
    charts.iter().map(|(_, chart)| title(chart.as_ref())).collect()
}

#[test]
fn a_single_point_is_not_the_best_of_any() {
    let titles = titles("storage = [\"stream\"]");
    assert_eq!(titles[0], "stream holds its first batch after 5 min");
    assert_eq!(titles[2], "stream costs $1.00");
}

/// 6 numbers of workers, 3 batch sizes and 5 lengths are 18 panels or 15, and there is room for 12: at its first value the
/// last is held, and the title knows of no point with another.
#[test]
fn a_title_is_about_the_points_that_are_shown() {
    let grid = format!("\"job.epochs\" = [5, 4, 3, 2, 1]\n{WORKERS}\n{BATCHES}");
    let titles = titles(&grid);
    assert!(titles[2].contains("batch size 16"), "{titles:?}");
    assert!(!titles[2].contains("batch size 32") && !titles[2].contains("batch size 64"), "{titles:?}");
}

/// The third of five between 1 ms and 10 s is 100 ms, and the second 1 ms · 10: √√10⁴; of 9 it is 3.16 ms.
#[test]
fn values_of_a_range_have_three_digits() {
    let range = "\"job.step-time\" = { log = [\"1 ms\", \"10 s\"], points = 9 }";
    let swept = Sweep::new(&format!("[sweep.grid]\n{range}"), never).swept().unwrap();
    let texts: Vec<&str> = swept.axes[0].values.iter().map(|value| value.text.as_str()).collect();
    assert_eq!(texts, ["1 ms", "3.16 ms", "10 ms", "31.6 ms", "100 ms", "316 ms", "1 s", "3.16 s", "10 s"]);
}

/// The values of a zip are told by the key that has a unit; the sizes are numbers and stand in their order.
#[test]
fn keys_that_vary_together_are_one_axis() {
    let zip = "[sweep.zip]\n\"dataset.samples-per-file\" = [1, 100, 10]\n\"dataset.file-size\" = [\"110 kB\", \"11 MB\", \"1.1 MB\"]";
    let swept = Sweep::new(zip, never).swept().unwrap();
    assert_eq!(swept.axes.len(), 1);
    assert_eq!(swept.axes[0].label, "file size");
    let texts: Vec<&str> = swept.axes[0].values.iter().map(|value| value.text.as_str()).collect();
    assert_eq!(texts, ["110 kB", "1.1 MB", "11 MB"]);
    assert_eq!(swept.name(&swept.points[1]), "download, 11 MB");
}

#[test]
fn a_key_of_one_profile_has_no_place_on_the_others() {
    let grid = "[sweep.grid]\n\"storage.lustre.fsx-lustre.capacity\" = [\"1.2 TiB\", \"9.6 TiB\"]";
    let swept = Sweep::new(grid, never).swept().unwrap();
    let names: Vec<String> = swept.points.iter().map(|point| swept.name(point)).collect();
    assert_eq!(names, ["download", "stream", "lustre, 1.2 TiB", "lustre, 9.6 TiB"]);
    assert_eq!(swept.axes[0].label, "capacity of lustre");
}

/// A key with one value, and one whose other values all failed, are held fixed.
#[test]
fn an_axis_has_more_than_one_value() {
    let grid =
        format!("[sweep.grid]\n{ORDERS}\n\"job.batch-size\" = [64]\nstorage = [\"stream\"]\n{WORKERS}");
    let swept = Sweep::new(&grid, |point| point >= 6).swept().unwrap();
    assert_eq!(swept.axes.iter().map(|axis| axis.label.as_str()).collect::<Vec<_>>(), ["workers"]);
    assert_eq!((swept.points.len(), swept.count), (6, 12));
    assert_eq!(Layout::of(&swept).x, Some(0));
}

#[test]
fn a_sweep_without_results_has_no_charts() {
    let sweep = Sweep::new(&format!("[sweep.grid]\n{WORKERS}"), |_| true);
    assert!(sweep.charts().is_empty());
    assert!(sweep_charts::answer(&sweep.swept().unwrap()).is_empty());
}

/// Point 0 costs least, takes least and starts first; of each profile the first point does.
#[test]
fn the_answer_names_the_best_points() {
    let sweep = Sweep::new(&format!("[sweep.grid]\n{WORKERS}"), never);
    let answer = sweep_charts::answer(&sweep.swept().unwrap());
    let expected = "\
Earliest first batch
                      first batch  GPU utilisation   cost
  download, 1 worker        5 min          100.0 %  $1.00
  stream, 1 worker        5.6 min           62.5 %  $1.60
  lustre, 1 worker        7.4 min           45.5 %  $2.20

Busiest GPUs
";
    assert!(answer.starts_with(expected), "{answer}");
    let front = answer.lines().skip_while(|line| !line.starts_with("Not beaten")).skip(2).collect::<Vec<_>>();
    assert_eq!(front.len(), 1);
    assert!(front[0].starts_with("  download, 1 worker  1.67 min"), "{front:?}");
}

#[test]
fn a_table_of_another_sweep_is_refused() {
    let sweep = Sweep::new(&format!("[sweep.grid]\n{WORKERS}"), never);
    let other = Sweep::new(&format!("[sweep.grid]\n{SIZES}"), never);
    let summary = sweep.folder.path().join("summary.csv");
    let error = Swept::read(&summary, &other.scenario, &other.points).unwrap_err().to_string();
    assert!(error.ends_with("summary.csv has no column dataset.file-size_bytes"), "{error}");
}
