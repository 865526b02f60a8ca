//! Which points a grid stands for.

use ingestsim_scenario::{Cell, Point, Points, schema::storage::Profile};

use crate::{edited, extended, load};

fn points(tail: &str) -> Points {
    let loaded = load(&extended(tail), &[]).unwrap_or_else(|errors| panic!("{errors}"));
    loaded.points().unwrap_or_else(|errors| panic!("{errors}"))
}

/// A point as a line of a table.
fn line(point: &Point) -> String {
    let cells = point.cells.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    format!("{} {}:{cells}", point.index, point.storage)
}

fn lines(points: &Points) -> Vec<String> {
    points.iter().map(|point| line(&point)).collect()
}

#[test]
fn without_a_sweep_there_is_a_point_for_each_candidate() {
    assert_eq!(lines(&points("[storage.ckpt.efs]\nrole = \"checkpoint-only\"")), ["0 stream:", "1 lustre:"]);
}

#[test]
fn the_last_axis_varies_fastest() {
    let tail =
        "[sweep.grid]\n\"job.batch-size\" = [32, 64]\nstorage = [\"lustre\", \"stream\"]\nseed = [1, 2]";
    assert_eq!(
        lines(&points(tail)),
        [
            "0 lustre:32,1",
            "1 lustre:32,2",
            "2 stream:32,1",
            "3 stream:32,2",
            "4 lustre:64,1",
            "5 lustre:64,2",
            "6 stream:64,1",
            "7 stream:64,2"
        ]
    );
}

#[test]
fn a_zip_is_one_axis() {
    let tail = "[sweep.zip]\n\"dataset.samples-per-file\" = [1, 10]\n\"dataset.file-size\" = [\"11 kB\", \"110 kB\"]";
    let points = points(tail);
    assert_eq!(
        lines(&points),
        ["0 stream:1,11000", "1 stream:10,110000", "2 lustre:1,11000", "3 lustre:10,110000"]
    );
    let names = points.columns().iter().map(|column| column.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["dataset.samples-per-file", "dataset.file-size_bytes"]);
}

#[test]
fn a_key_of_a_profile_varies_on_it_alone() {
    let tail = "[sweep.grid]\n\"storage.stream.s3.prefixes\" = [1, 2, 3]\n\"job.batch-size\" = [32, 64]\nstorage = [\"stream\", \"lustre\"]";
    assert_eq!(
        lines(&points(tail)),
        [
            "0 stream:1,32",
            "1 lustre:,32",
            "2 stream:1,64",
            "3 lustre:,64",
            "4 stream:2,32",
            "5 stream:2,64",
            "6 stream:3,32",
            "7 stream:3,64"
        ]
    );
}

#[test]
fn the_key_of_a_profile_that_takes_all_checkpoints_varies_everywhere() {
    let tail = "[storage.ckpt.efs]\nrole = \"checkpoint-only\"\n[job.checkpoint]\nevery = \"1 h\"\nsize = \"1 GB\"\nto = \"ckpt\"\n[sweep.grid]\n\"storage.ckpt.efs.zones\" = [\"one\", \"regional\"]";
    assert_eq!(
        lines(&points(tail)),
        ["0 stream:one", "1 stream:regional", "2 lustre:one", "3 lustre:regional"]
    );
}

#[test]
fn a_point_holds_its_values_and_its_profile_alone() {
    let tail = "[sweep.grid]\n\"storage.stream.s3.prefixes\" = [1, 2]\n\"job.batch-size\" = [32, 64]";
    let points = points(tail);
    let point = points.iter().find(|point| line(point).ends_with("stream:2,64")).unwrap();
    let scenario = points.load(&point).unwrap().scenario;
    assert_eq!(scenario.storage.keys().collect::<Vec<_>>(), ["stream"]);
    assert_eq!(scenario.job.batch_size, 64);
    assert!(matches!(&scenario.storage["stream"], Profile::S3(s3) if s3.prefixes == 2));
    assert_eq!(scenario.sweep, None);
}

/// A grid that grows keeps the digests of its old points.
#[test]
fn the_digest_of_a_point_knows_nothing_of_the_grid() {
    let digests = |tail: &str| {
        let points = points(tail);
        points.iter().map(|point| points.load(&point).unwrap().scenario.digest()).collect::<Vec<_>>()
    };
    let small = digests("[sweep.grid]\n\"job.batch-size\" = [32]");
    let large = digests("[sweep.grid]\nstorage = [\"lustre\", \"stream\"]\n\"job.batch-size\" = [16, 32]");
    assert_eq!(small, [large[3].clone(), large[1].clone()]);
}

/// 1 to 1,000 in four on a logarithmic scale: 1, 10, 100, 1,000; 8 to 10 in five steps of a half, rounded: 8, 9, 10
/// (8.5 and 9.5 round up), each once.
#[test]
fn a_range_is_rounded_to_base_units() {
    let cells = |axis: &str| {
        let points = points(&format!("[sweep.grid]\nstorage = [\"stream\"]\n{axis}"));
        points.iter().map(|point| point.cells[0].clone()).collect::<Vec<_>>()
    };
    let integers = |counts: &[i64]| counts.iter().map(|count| Cell::Integer(*count)).collect::<Vec<_>>();
    assert_eq!(cells("seed = { log = [1, 1000], points = 4 }"), integers(&[1, 10, 100, 1000]));
    assert_eq!(cells("seed = { linear = [8, 10], points = 5 }"), integers(&[8, 9, 10]));
    assert_eq!(
        cells("\"dataset.read-size\" = { log = [\"1 kB\", \"1 MB\"], points = 4 }"),
        integers(&[1000, 10_000, 100_000, 1_000_000])
    );
    assert_eq!(
        cells("\"job.step-time\" = { linear = [\"1 ms\", \"2 ms\"], points = 3 }"),
        [Cell::Number(0.001), Cell::Number(0.0015), Cell::Number(0.002)]
    );
    assert_eq!(cells("seed = { linear = [5, 9], points = 1 }"), integers(&[5]));
}

#[test]
fn a_column_says_its_base_unit() {
    let tail = "[sweep.grid]
\"dataset.file-size\" = [\"1 kB\", \"1 MiB\"]
\"job.step-time\" = [\"1 ms\", \"1 s\"]
\"storage.stream.s3.connection-rate\" = [\"90 MB/s\"]
\"storage.stream.s3.request-rate\" = [\"5500 /s\"]
\"job.node.page-cache.size\" = [\"65 %\"]
\"loader.pytorch.persistent-workers\" = [true]
\"job.order\" = [\"sequential\", { shuffle-buffer = 10 }]";
    let points = points(tail);
    let names = points.columns().iter().map(|column| column.name.as_str()).collect::<Vec<_>>();
    assert_eq!(
        names,
        [
            "dataset.file-size_bytes",
            "job.step-time_s",
            "storage.stream.s3.connection-rate_bytes_per_s",
            "storage.stream.s3.request-rate_per_s",
            "job.node.page-cache.size",
            "loader.pytorch.persistent-workers",
            "job.order"
        ]
    );
    let last_on_stream = points.iter().take_while(|point| point.storage == "stream").last().unwrap();
    assert_eq!(line(&last_on_stream), "7 stream:1048576,1,90000000,5500,0.65,true,{ shuffle-buffer = 10 }");
}

/// 10^6 points a profile, found by counting and not by walking.
#[test]
fn the_millionth_point_is_found_at_once() {
    let axis = "{ linear = [1, 1000], points = 1000 }";
    let points = points(&format!("[sweep.grid]\nseed = {axis}\n\"job.batch-size\" = {axis}"));
    assert_eq!(points.len(), 2_000_000);
    assert_eq!(line(&points.get(999_999).unwrap()), "999999 stream:1000,1000");
    assert_eq!(line(&points.get(1_000_000).unwrap()), "1000000 lustre:1,1");
    assert_eq!(points.get(2_000_000), None);
}

/// The slow way: nested loops over all axes, of which the points are kept that do not repeat another.
#[test]
fn counting_agrees_with_walking() {
    let tail = "[sweep.zip]
\"job.batch-size\" = [8, 16]
\"storage.stream.s3.prefixes\" = [1, 2]
[sweep.grid]
\"storage.lustre.fsx-lustre.capacity\" = [\"1.2 TiB\", \"2.4 TiB\", \"4.8 TiB\"]
storage = [\"stream\", \"lustre\"]
\"storage.stream.s3.stream-rate\" = [\"80 MB/s\", \"90 MB/s\"]
seed = [1, 2]";
    let mut expected = Vec::new();
    for (batch, prefixes) in [(8, "1"), (16, "2")] {
        for (capacity_index, capacity) in
            [1_319_413_953_331_u64, 2_638_827_906_662, 5_277_655_813_325].iter().enumerate()
        {
            for storage in ["stream", "lustre"] {
                for (rate_index, rate) in [80_000_000, 90_000_000].iter().enumerate() {
                    for seed in [1, 2] {
                        let line = match (storage, capacity_index, rate_index) {
                            ("stream", 0, _) => format!("stream:{batch},{prefixes},,{rate},{seed}"),
                            ("lustre", _, 0) => format!("lustre:{batch},,{capacity},,{seed}"),
                            _ => continue,
                        };
                        expected.push(format!("{} {line}", expected.len()));
                    }
                }
            }
        }
    }
    let points = points(tail);
    assert_eq!(lines(&points), expected);
    assert_eq!(points.len(), expected.len() as u64);
    let firsts = points.firsts().map(|point| point.index).collect::<Vec<_>>();
    assert_eq!(firsts, [0, 4]);
}

/// A point whose values do not go together fails when it is built, and its neighbours do not.
#[test]
fn an_impossible_corner_fails_alone() {
    let tail = "[sweep.grid]\n\"dataset.samples\" = [100_000, 100]\n\"job.batch-size\" = [64, 6400]\nstorage = [\"stream\"]";
    let points = points(tail);
    let built = points.iter().map(|point| points.load(&point).is_ok()).collect::<Vec<_>>();
    assert_eq!(built, [true, true, true, false]);
    let error = points.load(&points.get(3).unwrap()).unwrap_err();
    assert_eq!(
        error.render(false),
        "base.toml:26:25: job.batch-size: expected a batch that the 100 samples of an epoch fill, found 6400
   |
26 | \"job.batch-size\" = [64, 6400]
   |                         ^^^^
"
    );
}

/// A sweep over the length, the load and the mode: their defaults must not be written, or the points would contradict
/// them.
#[test]
fn the_scenario_of_a_sweep_reads_back_as_the_same_points() {
    let tail = "[sweep.grid]\n\"job.steps\" = [10, 20]\n\"storage.lustre.fsx-lustre.existing\" = [true, false]\n\"storage.stream.s3.mode\" = [\"file\", \"fast-file\"]";
    let digests = |text: &str| {
        let loaded = load(text, &[]).unwrap_or_else(|errors| panic!("{errors}"));
        let points = loaded.points().unwrap();
        let digest = |point: Point| points.load(&point).map(|point| point.scenario.digest());
        (points.iter().map(|point| digest(point).unwrap()).collect::<Vec<_>>(), loaded.to_toml_of_sweep())
    };
    let (written, resolved) = digests(&format!("{}\n{tail}\n", edited("load = \"resident\"", "")));
    let (read_back, again) = digests(&resolved);
    assert_eq!((read_back.len(), read_back, again), (written.len(), written, resolved));
}
