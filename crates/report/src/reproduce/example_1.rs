//! Example 1: 500 GB of images.

use ingestsim_sweep::reproduce::example_1::{Example1, Start};

use super::{
    Figures, Footer, Words,
    figures::Value,
    frame,
    words::{bytes, called, count, percent, rate, time},
};
use crate::chart::{Bar, Bars, Quantity, Segment};

/// What the guide says the copy takes, and how close to it the first profile has to come.
const GUIDE_COPY_S: f64 = 15.0 * 60.0;
const CLOSE: f64 = 0.05;
/// What "seconds" are taken to be.
const SECONDS_S: f64 = 60.0;

/// The parts of a data start-up.
const PARTS: [&str; 4] = ["creating the file system", "metadata import", "copy or mount", "first batch"];

pub(super) fn words(found: &Example1, footer: &Footer) -> Words {
    let start_s = |storage: &str| found.of(storage).start.summary().data_startup_s;
    let (resident, lazy, created) = (found.of("fsx-resident"), found.of("fsx-lazy"), found.of("fsx-created"));
    let (copy_s, resident_s) = (start_s("file-guide"), start_s("fsx-resident"));
    let title = format!(
        "Data start-up drops from {} to {} where FSx for Lustre has the data; lazy load pays for it with an epoch of {}",
        time(copy_s),
        time(resident_s),
        time(lazy.first_epoch_s)
    );
    let implied = rate(found.bytes / GUIDE_COPY_S);
    let computed = vec![
        copies(found, &implied),
        format!(
            "FSx for Lustre that holds the data: {} of data start-up, and {} of GPU time used from the first epoch on.",
            time(resident_s),
            percent(resident.part.outcome.epochs[0].gpu_utilisation)
        ),
        format!(
            "Lazy load starts after {} too, but its first epoch over all {} images takes {}, the second {}: every image \
             comes from S3 while a reader waits, and the GPUs compute for {} of that time.",
            time(start_s("fsx-lazy")),
            count(found.files as f64),
            time(lazy.first_epoch_s),
            time(lazy.second_epoch_s),
            percent(lazy.part.outcome.epochs[0].gpu_utilisation)
        ),
        format!(
            "Made for the job, the file system takes {} to create and another {} to import the names of all files, {} a \
             second as seen in 2018; both come before the start.",
            time(created.creation_s),
            time(created.import_s),
            count(found.files as f64 / created.import_s)
        ),
        "Start-ups are those of the whole data set; epochs are ten times those of a tenth of it, with the page cache cut \
         in proportion."
            .to_owned(),
    ];
    Words {
        guide: "A training job on 500 GB of images in S3 needs 15 minutes to start, since it copies them to its volume each \
                time. With FSx for Lustre linked to the bucket, it starts within seconds.",
        computed,
        agrees: resident_s < SECONDS_S && (copy_s / GUIDE_COPY_S - 1.0).abs() < CLOSE,
        assumption: format!(
            "The file system is there and holds the data before the job starts, and the 15 minutes are those of a downloader \
             and a volume that take {implied}. Lazy load gives the quick start but not the quick first epoch; a file system \
             made for the job gives neither."
        ),
        figures: starts(found),
        chart: Box::new(Bars {
            frame: frame(
                &title,
                "4.5 million images of 110 kB, 500 GB; one ml.g5.12xlarge, 4 GPUs; starting the instance and the framework left out",
                footer,
            ),
            label: "data start-up".into(),
            quantity: Quantity::Seconds,
            segments: segments(&PARTS),
            bars: found.profiles.iter().map(bar).collect(),
            hatching: None,
        }),
        title,
    }
}

/// What the guide's figures imply, and what becomes of the copy elsewhere.
fn copies(found: &Example1, implied: &str) -> String {
    let of = |storage: &str| found.of(storage).start.summary();
    let measured = of("file-measured");
    format!(
        "{} in 15 min are {implied}. A downloader set to that takes {} onto NVMe, and {} onto a gp2 volume, which writes at \
         most 250 MiB/s. The one downloader that was measured copies {} of these files a second: {}.",
        bytes(found.bytes),
        time(of("file-guide").data_startup_s),
        time(of("file-gp2").data_startup_s),
        count(found.files as f64 / measured.downloading_s),
        time(measured.data_startup_s)
    )
}

fn bar(profile: &Start) -> Bar {
    let summary = profile.start.summary();
    let parts = [profile.creation_s, profile.import_s, summary.downloading_s, summary.first_batch_wait_s];
    Bar { name: called(&profile.start.storage).to_owned(), parts: parts.map(Some).to_vec() }
}

fn starts(found: &Example1) -> Figures {
    let seconds = Some(Quantity::Seconds);
    let mut figures = Figures::new([
        ("storage", "storage", None),
        ("data_startup_s", "data start-up", seconds),
        ("creation_s", "creation", seconds),
        ("import_s", "import", seconds),
        ("downloading_s", "copy or mount", seconds),
        ("first_batch_wait_s", "first batch", seconds),
        ("first_epoch_s", "epoch 1", seconds),
        ("second_epoch_s", "epoch 2", seconds),
        ("gpu_utilisation_epoch_1", "GPUs in epoch 1", Some(Quantity::Share)),
    ]);
    for profile in &found.profiles {
        let summary = profile.start.summary();
        figures.push([
            Value::profile(&profile.start.storage),
            summary.data_startup_s.into(),
            profile.creation_s.into(),
            profile.import_s.into(),
            summary.downloading_s.into(),
            summary.first_batch_wait_s.into(),
            profile.first_epoch_s.into(),
            profile.second_epoch_s.into(),
            profile.part.outcome.epochs[0].gpu_utilisation.into(),
        ]);
    }
    figures
}

pub(super) fn segments(names: &[&str]) -> Vec<Segment> {
    names.iter().map(|&name| Segment { name: name.to_owned(), hatched: false }).collect()
}
