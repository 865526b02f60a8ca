//! The charts of a run: which there are, what each is made of, and the finding that is its title.

use ingestsim_model::outcome::TimelineRow;
use ingestsim_sweep::{ProfileResult, Study};

use crate::{
    chart::{Axis, Bar, Bars, Chart, ChartError, Frame, Key, Quantity, Row, Segment, Service, Timeline},
    facts, findings,
    folder::NewFile,
};

/// The folder that charts lie in.
pub const FOLDER: &str = "charts";

/// What hatching means in the chart of stalls.
const THROUGH_BARRIER: &str = "waiting at the barrier for another rank";

/// The charts of a run as files, each as PNG and SVG. `footer` says where the figures come from.
///
/// # Errors
///
/// If a chart cannot be drawn.
pub fn files(study: &Study, footer: &str) -> Result<Vec<NewFile>, ChartError> {
    let charts: [(&str, Box<dyn Chart>); 5] = [
        ("time-to-first-batch", Box::new(first_batch(study, footer))),
        ("gpu-utilisation", Box::new(utilisation(study, footer))),
        ("cost-by-part", Box::new(costs(study, footer))),
        ("timeline", Box::new(timeline(study, footer))),
        ("stall-attribution", Box::new(stalls(study, footer))),
    ];
    let mut files = Vec::with_capacity(2 * charts.len());
    for (name, chart) in charts {
        files.push(NewFile::new(format!("{FOLDER}/{name}.png"), chart.png()?));
        files.push(NewFile::new(format!("{FOLDER}/{name}.svg"), chart.svg()?));
    }
    Ok(files)
}

/// What the time to the first batch is made of, profile by profile.
#[must_use]
pub fn first_batch(study: &Study, footer: &str) -> Bars {
    Bars {
        frame: frame(study, findings::first_batch(study), footer),
        label: "time to first batch".into(),
        quantity: Quantity::Seconds,
        ..parts(study, |profile| facts::means(profile, facts::PHASES).to_vec())
    }
}

/// The share of the loop that the GPUs compute, profile by profile.
#[must_use]
pub fn utilisation(study: &Study, footer: &str) -> Bars {
    Bars {
        frame: frame(study, findings::utilisation(study), footer),
        label: "GPU utilisation over the loop".into(),
        quantity: Quantity::Share,
        ..parts(study, |profile| vec![("computing", profile.summary.mean("gpu_utilisation"))])
    }
}

/// What the job costs, part by part.
#[must_use]
pub fn costs(study: &Study, footer: &str) -> Bars {
    Bars {
        frame: frame(study, findings::cost(study), footer),
        label: "cost of the job".into(),
        quantity: Quantity::Dollars,
        ..parts(study, |profile| facts::means(profile, facts::COST_PARTS).to_vec())
    }
}

/// What stalled GPUs wait for: by cause, plain through their own data and hatched through the barrier.
#[must_use]
pub fn stalls(study: &Study, footer: &str) -> Bars {
    let mut segments: Vec<Segment> = Vec::new();
    for stall in study.profiles.iter().flat_map(facts::stalls) {
        let name = stall.cause;
        if !segments.iter().any(|segment| segment.name == name) {
            segments.extend([false, true].map(|hatched| Segment { name: name.into(), hatched }));
        }
    }
    let bar = |profile: &ProfileResult| {
        let stalls = facts::stalls(profile);
        let gpu_s = profile.gpu_s();
        let part = |segment: &Segment| {
            let stall = stalls.iter().find(|stall| stall.cause == segment.name)?;
            Some(if segment.hatched { stall.through_barrier_s } else { stall.own_s } / gpu_s)
        };
        // A profile without stalls has a bar of no length, not none.
        let none = (stalls.is_empty()).then_some(0.0);
        let parts = segments.iter().map(|segment| part(segment).or(none)).collect();
        Bar { name: profile.storage.clone(), parts }
    };
    Bars {
        frame: frame(study, findings::stalls(study), footer),
        label: "share of the loop that GPUs stall".into(),
        quantity: Quantity::Share,
        bars: study.profiles.iter().map(bar).collect(),
        segments,
        hatching: Some(THROUGH_BARRIER.into()),
    }
}

/// GPU utilisation and throughput from submission to the end of the loop, in the first replication.
#[must_use]
pub fn timeline(study: &Study, footer: &str) -> Timeline {
    Timeline {
        frame: frame(study, findings::utilisation(study), footer),
        clock: "time since submission".into(),
        profiles: study.profiles.iter().map(key).collect(),
        rows: vec![
            row(study, "GPU utilisation", Quantity::Share, |bin| Some(bin.gpu_utilisation)),
            row(study, "throughput", Quantity::BytesPerSecond, |bin| Some(bin.bytes_per_s)),
        ],
    }
}

/// How many samples lie ready, over the same time.
pub(crate) fn queue_depth(study: &Study) -> Row {
    row(study, "samples read and waiting", Quantity::Count, |bin| Some(bin.queue_depth))
}

/// The burst credits that are left, over the same time, where any profile has some.
pub(crate) fn credits(study: &Study) -> Option<Row> {
    let mut row = row(study, "burst credits left", Quantity::BinaryBytes, |bin| bin.credits_bytes);
    // Credits are known where a tier was asked for them; they change evenly between.
    row.lines.iter_mut().for_each(|line| line.retain(|(_, value)| value.is_some()));
    row.lines.iter().any(|line| !line.is_empty()).then_some(row)
}

/// A figure of the first replication over time.
fn row(study: &Study, label: &str, quantity: Quantity, figure: fn(&TimelineRow) -> Option<f64>) -> Row {
    let line = |profile: &ProfileResult| {
        let bins = profile.first().timeline.iter();
        bins.map(|bin| (bin.t_s, figure(bin))).collect()
    };
    Row {
        axis: Axis::new(label, quantity).linear(),
        holds: true,
        lines: study.profiles.iter().map(line).collect(),
    }
}

/// Bars of labelled parts, without those that are nothing everywhere. The words around them are still to be said.
fn parts(study: &Study, of: impl Fn(&ProfileResult) -> Vec<(&'static str, f64)>) -> Bars {
    let all: Vec<_> = study.profiles.iter().map(|profile| (profile, of(profile))).collect();
    let labels = all.first().map(|(_, parts)| parts.iter().map(|(label, _)| *label).collect::<Vec<_>>());
    let used = |index: &usize| all.iter().any(|(_, parts)| parts[*index].1 > 0.0);
    let labels = labels.unwrap_or_default();
    let kept: Vec<usize> = (0..labels.len()).filter(used).collect();
    let segment = |index: &usize| Segment { name: labels[*index].into(), hatched: false };
    let bar = |(profile, parts): &(&ProfileResult, Vec<(&str, f64)>)| Bar {
        name: profile.storage.clone(),
        parts: kept.iter().map(|&index| Some(parts[index].1)).collect(),
    };
    Bars {
        frame: Frame::new("", "", ""),
        label: String::new(),
        quantity: Quantity::Count,
        segments: kept.iter().map(segment).collect(),
        bars: all.iter().map(bar).collect(),
        hatching: None,
    }
}

fn frame(study: &Study, finding: String, footer: &str) -> Frame {
    let intervals = if study.replications > 1 { "; means over the replications" } else { "" };
    Frame::new(finding, format!("{}{intervals}", study.setting), footer)
}

/// The profile's name and the colour of its service.
fn key(profile: &ProfileResult) -> Key {
    Key::new(&profile.storage, service(profile.kind))
}

/// The service that a kind of storage is.
pub(crate) fn service(kind: &str) -> Service {
    match kind {
        "s3" => Service::S3,
        "efs" => Service::Efs,
        "fsx-lustre" => Service::Fsx,
        "local-disk" => Service::LocalDisk,
        "nfs" => Service::Nfs,
        "parallel-fs" => Service::ParallelFs,
        _ => Service::Other,
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture;

    use super::*;

    const FOOTER: &str = "made-up · seed 1";

    /// Starting, downloading and the wait for the first batch; the other phases take no time in either profile.
    #[test]
    fn phases_that_take_no_time_are_left_out() {
        let chart = first_batch(&fixture::study(), FOOTER);
        let names: Vec<&str> = chart.segments.iter().map(|segment| segment.name.as_str()).collect();
        assert_eq!(names, ["starting", "downloading", "first-batch wait"]);
        assert_eq!(chart.bars[1].name, "lustre");
        assert_eq!(chart.bars[1].parts, [Some(10.0), Some(12.0), Some(2.0)]);
        assert_eq!(chart.frame.title, findings::first_batch(&fixture::study()));
    }

    /// Of 200 GPU-seconds 10 wait for metadata, 10 at the barrier for it, and 20 for the NIC.
    #[test]
    fn stalls_are_shares_of_the_loop_by_cause_and_way() {
        let chart = stalls(&fixture::study(), FOOTER);
        let names: Vec<_> = chart.segments.iter().map(|s| (s.name.as_str(), s.hatched)).collect();
        assert_eq!(names, [("metadata", false), ("metadata", true), ("NIC", false), ("NIC", true)]);
        assert_eq!(chart.bars[0].parts, [Some(0.05), Some(0.05), Some(0.1), Some(0.0)]);
    }

    #[test]
    fn a_run_has_five_charts_in_both_formats() {
        let files = files(&fixture::study(), FOOTER).unwrap();
        assert_eq!(files.len(), 10);
        for pair in files.chunks(2) {
            assert!(pair[0].content.starts_with(b"\x89PNG"), "{}", pair[0].path.display());
            assert!(pair[1].content.starts_with(b"<svg"), "{}", pair[1].path.display());
        }
    }
}
