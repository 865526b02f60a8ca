//! Checkpoints: how long they take, what the background gains, how often to write them, and what their loss costs.

use ingestsim_sweep::reproduce::{
    checkpoints::{Background, Blocking, Every, FELT, Interval, lost},
    failures::Check,
    loss::{Length, Loss, is_about_a_week},
};

use super::{
    Figures, Footer, Words,
    figures::Value,
    frame, service,
    tuning::checked,
    words::{bytes, called, count, list, money, odds, percent, rate, time, times, turned},
};
use crate::chart::{Axis, Curves, Datum, Key, Quantity, Series, Service};

/// The size that the sentences are about.
const SIZE: f64 = 100e9;

fn at_size(found: &Blocking) -> Vec<(&str, f64)> {
    let stopped =
        |sizes: &[(f64, f64)]| sizes.iter().find(|(size, _)| *size == SIZE).map(|(_, seconds)| *seconds);
    let mut times: Vec<(&str, f64)> = found
        .targets
        .iter()
        .filter_map(|target| Some((called(target.name), stopped(&target.sizes)?)))
        .collect();
    times.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    times
}

pub(super) fn blocking(found: &Blocking, footer: &Footer) -> Words {
    let times_at = at_size(found);
    let of = |target: &str| {
        let found = times_at.iter().find(|(name, _)| *name == called(target));
        found.map_or(0.0, |(_, seconds)| *seconds)
    };
    let (bucket_s, systems) = (of("s3"), ["efs", "scratch-2", "p2-1000"]);
    let slower: Vec<String> = systems
        .iter()
        .filter(|target| of(target) > bucket_s)
        .map(|target| called(target).to_owned())
        .collect();
    let title = format!(
        "A checkpoint of 100 GB stops eight GPUs for {} on EFS, {} in S3, {} on Scratch",
        time(of("efs")),
        time(bucket_s),
        time(of("scratch-2"))
    );
    let each: Vec<String> =
        times_at.iter().map(|(name, seconds)| format!("{} to {name}", time(*seconds))).collect();
    let computed = vec![
        format!("A blocking checkpoint of 100 GB takes {}.", list(&each)),
        format!(
            "One node writes at {} to EFS, which gives a client 1,500 MiB/s, and at {} to S3, ten parts at a time as boto3 does \
             unless told otherwise. FSx for Lustre of 4.8 TiB takes up {} on Persistent 2-1000, 5 Gb/s for each of its two \
             servers, and {} on Scratch, whose disks write at half of what they read at.",
            rate(SIZE / of("efs")),
            rate(SIZE / bucket_s),
            rate(SIZE / of("p2-1000")),
            rate(SIZE / of("scratch-2"))
        ),
        match slower.as_slice() {
            [] => "Every file system is faster than S3.".to_owned(),
            slower => format!("Slower than S3: {}.", list(slower)),
        },
    ];
    Words {
        guide: "A question to check oneself with: for how long does training stand still while a checkpoint is written? The usual \
                answer: not for long on a file system, longer in S3.",
        computed,
        agrees: slower.is_empty(),
        assumption: "One ml.p4d.24xlarge writes and waits, and the file system has two servers. A larger one has more of them, \
                     several nodes share the write, and more parts at a time make S3 faster."
            .to_owned(),
        figures: time_figures(found),
        chart: Box::new(Curves {
            frame: frame(&title, "one ml.p4d.24xlarge; every checkpoint blocks; the mean of three", footer),
            x: Axis::new("size of a checkpoint", Quantity::Bytes).log(),
            y: Axis::new("time that GPUs stand still", Quantity::Seconds).log(),
            series: found
                .targets
                .iter()
                .map(|target| Series {
                    key: Key::new(called(target.name), service(target.kind, target.name)),
                    data: target.sizes.iter().map(|(size, seconds)| Datum::new(*size, *seconds)).collect(),
                })
                .collect(),
            references: Vec::new(),
        }),
        title,
    }
}

fn time_figures(found: &Blocking) -> Figures {
    let mut figures = Figures::new([
        ("target", "written to", None),
        ("checkpoint_bytes", "size", Some(Quantity::Bytes)),
        ("stopped_s", "GPUs stopped", Some(Quantity::Seconds)),
        ("bytes_per_s", "rate", Some(Quantity::BytesPerSecond)),
    ]);
    for target in &found.targets {
        for (size, seconds) in &target.sizes {
            figures.push([
                Value::profile(target.name),
                (*size).into(),
                (*seconds).into(),
                (size / seconds).into(),
            ]);
        }
    }
    figures
}

pub(super) fn background(found: &Background, footer: &Footer) -> Words {
    let at = found.sizes.iter().find(|(size, ..)| *size == 50e9).or(found.sizes.first());
    let (size, blocking, behind) = at.expect("checkpoints of some size were simulated");
    let title = format!(
        "Checkpoints of {} cost {} of the loop if they block, {} in the background",
        bytes(*size),
        percent(lost(blocking, &found.none)),
        percent(lost(behind, &found.none).max(0.0))
    );
    let felt = turned(
        found.felt,
        "At every size they take more than a hundredth of it.",
        "Up to 500 GB they take less than a hundredth of it.",
        |turn| format!("From {} on they take more than {} of it too.", bytes(turn.after), percent(FELT)),
    );
    let (largest, largest_blocking, largest_behind) = &found.sizes[found.sizes.len() - 1];
    let computed = vec![
        format!(
            "Every five minutes a checkpoint of {}: a loop of {} becomes {} if it blocks and {} in the background.",
            bytes(*size),
            time(found.none.summary().loop_s),
            time(blocking.summary().loop_s),
            time(behind.summary().loop_s)
        ),
        format!("In the background, writes go beside reads of 640 MB/s on the same disks. {felt}"),
        format!(
            "At {}, written blocking takes {} of the loop and in the background {}: a checkpoint that is not done when the next \
             is due holds training up after all.",
            bytes(*largest),
            percent(lost(largest_blocking, &found.none)),
            percent(lost(largest_behind, &found.none))
        ),
    ];
    Words {
        guide: "A question to check oneself with: does it pay to write checkpoints in the background? The usual answer: \
                yes, GPUs go on computing meanwhile.",
        computed,
        agrees: lost(behind, &found.none) < lost(blocking, &found.none),
        assumption: "The file system has throughput to spare beside the reads, and the checkpoint is copied out of GPU memory in \
                     no time."
            .to_owned(),
        figures: background_figures(found),
        chart: Box::new(Curves {
            frame: frame(
                &title,
                "one ml.p4d.24xlarge, reads of 640 MB/s, a checkpoint every 5 min; PERSISTENT_2 at 250 MB/s per TiB, 4.8 TiB",
                footer,
            ),
            x: Axis::new("size of a checkpoint", Quantity::Bytes).log(),
            y: Axis::new("share of the loop lost", Quantity::Share),
            series: [true, false]
                .into_iter()
                .map(|blocks| Series {
                    key: Key::new(if blocks { "blocking" } else { "in the background" }, Service::Fsx),
                    data: found
                        .sizes
                        .iter()
                        .map(|(size, blocking, behind)| {
                            let ran = if blocks { blocking } else { behind };
                            Datum::new(*size, lost(ran, &found.none).max(0.0))
                        })
                        .collect(),
                })
                .collect(),
            references: Vec::new(),
        }),
        title,
    }
}

fn background_figures(found: &Background) -> Figures {
    let (seconds, share) = (Some(Quantity::Seconds), Some(Quantity::Share));
    let mut figures = Figures::new([
        ("checkpoint_bytes", "size", Some(Quantity::Bytes)),
        ("blocking_loop_s", "blocking: loop", seconds),
        ("blocking_lost", "lost", share),
        ("background_loop_s", "background: loop", seconds),
        ("background_lost", "lost", share),
    ]);
    for (size, blocking, behind) in &found.sizes {
        figures.push([
            (*size).into(),
            blocking.summary().loop_s.into(),
            lost(blocking, &found.none).into(),
            behind.summary().loop_s.into(),
            lost(behind, &found.none).into(),
        ]);
    }
    figures
}

/// A best interval counts as Young's if it is within this factor of it.
const NEAR_YOUNG: f64 = 1.6;

pub(super) fn interval(found: &Interval, footer: &Footer) -> Words {
    let (best, young_s) = (found.best(), found.young_s());
    let mean = |every: &Every| every.total_s.mean.unwrap_or_default();
    let near = within(found, 1.03);
    let title = format!(
        "A checkpoint every {} ends the day's training soonest; Young's rule says {}",
        time(best.every_s),
        time(young_s)
    );
    let (often, seldom) = (&found.intervals[0], &found.intervals[found.intervals.len() - 1]);
    let off = |every: &Every| (mean(every) / every.expected_s - 1.0).abs();
    let worst = found.intervals.iter().map(off).fold(0.0, f64::max);
    let computed = vec![
        format!(
            "A checkpoint takes {} and interruptions come every {} on average, so Young's interval is {}. In {} runs of each, \
             jobs end soonest with one every {}.{near}",
            time(found.checkpoint_s),
            time(found.between_s),
            time(young_s),
            count(found.replications as f64),
            time(best.every_s)
        ),
        format!(
            "Every {} the job takes {}, every {} {}, every {} {}.",
            time(often.every_s),
            time(mean(often)),
            time(best.every_s),
            time(mean(best)),
            time(seldom.every_s),
            time(mean(seldom))
        ),
        format!("The means are within {} of (e^(λτ) − 1)(1/λ + R) for each interval τ.", percent(worst)),
    ];
    let ratio = best.every_s / young_s;
    Words {
        guide: "A question to check oneself with: how often should a job write a checkpoint? The usual answer, Young's rule: \
                after the root of twice its time times the time between failures.",
        computed,
        agrees: (1.0 / NEAR_YOUNG..=NEAR_YOUNG).contains(&ratio),
        assumption: "Interruptions are memoryless, a checkpoint blocks and takes little of the time between them. Bills are at the \
                     price on demand, though only spot instances are interrupted."
            .to_owned(),
        figures: interval_figures(found),
        chart: Box::new(Curves {
            frame: frame(
                &title,
                "24 h of training on one spot ml.p4d.24xlarge, interrupted every 5 h on average; 100 GB to S3; band: 95 % interval",
                footer,
            ),
            x: Axis::new("training between two checkpoints", Quantity::Seconds).log(),
            y: Axis::new("submission to end", Quantity::Seconds).linear().tight(),
            // What was simulated lies on what theory says, not under it.
            series: vec![theory(found), interval_series(found)],
            references: Vec::new(),
        }),
        title,
    }
}

/// How flat the optimum is: the shortest and the longest interval whose jobs end within a factor of the soonest.
fn within(found: &Interval, factor: f64) -> String {
    let best = found.best().total_s.mean.unwrap_or_default();
    let is_near = |every: &&Every| every.total_s.mean.is_some_and(|mean| mean <= factor * best);
    let near: Vec<&Every> = found.intervals.iter().filter(is_near).collect();
    match near.as_slice() {
        [first, .., last] => format!(
            " From {} to {} they end within {} of that: the optimum is flat.",
            time(first.every_s),
            time(last.every_s),
            percent(factor - 1.0)
        ),
        _ => String::new(),
    }
}

fn interval_series(found: &Interval) -> Series {
    let datum = |every: &Every| {
        let (mean, half) = (every.total_s.mean.unwrap_or_default(), every.total_s.ci95.unwrap_or_default());
        Datum::with_band(every.every_s, mean, (mean - half, mean + half))
    };
    Series { key: Key::new("simulated", Service::S3), data: found.intervals.iter().map(datum).collect() }
}

fn theory(found: &Interval) -> Series {
    let data = found.intervals.iter().map(|every| Datum::new(every.every_s, every.expected_s)).collect();
    Series { key: Key::new("theory", Service::Other), data }
}

fn interval_figures(found: &Interval) -> Figures {
    let seconds = Some(Quantity::Seconds);
    let mut figures = Figures::new([
        ("every_s", "every", seconds),
        ("total_s", "job", seconds),
        ("total_s_ci95", "±", seconds),
        ("expected_s", "theory", seconds),
        ("cost_total_usd", "bill", Some(Quantity::Dollars)),
    ]);
    for every in &found.intervals {
        figures.push([
            every.every_s.into(),
            every.total_s.mean.into(),
            every.total_s.ci95.into(),
            every.expected_s.into(),
            every.cost_usd.into(),
        ]);
    }
    figures
}

pub(super) fn loss(found: &Loss, footer: &Footer) -> Words {
    let week = found.lengths.iter().find(|length| is_about_a_week(length.training_s));
    let week = week.expect("a job of a week is among the lengths");
    let usd = |seconds: f64| money(seconds * found.usd_per_s);
    let title = format!(
        "A week on Scratch loses {} on average if checkpoints are lost with it, {} if they lie in S3",
        usd(week.lost_with_it_s),
        usd(week.kept_s)
    );
    let short = &found.lengths[0];
    let computed = vec![
        format!(
            "A file system of 12 TiB is lost within a week with a probability of {} ({}). A loss costs {} to create and load \
             another one and to start, and the work since the beginning, or since the last checkpoint.",
            percent(week.probability),
            odds(week.probability),
            time(found.restart_s)
        ),
        format!(
            "On average a week of training loses {} and {} with its checkpoints on the file system, {} and {} with one in S3 \
             every {}: {} as much.",
            time(week.lost_with_it_s),
            usd(week.lost_with_it_s),
            time(week.kept_s),
            usd(week.kept_s),
            time(found.every_s),
            times(week.lost_with_it_s / week.kept_s)
        ),
        format!(
            "Over {} it is {} against {}: nothing that a checkpoint could save.",
            time(short.training_s),
            usd(short.lost_with_it_s),
            usd(short.kept_s)
        ),
        checked(&found.lost_with_it, " and checkpoints lost with it"),
        checked(&found.kept, " and checkpoints in S3"),
    ];
    let sound = |check: &Check| check.off() < 2.0;
    Words {
        guide: "A question to check oneself with: what is lost with a Scratch server? Scratch keeps one copy of everything, \
                so checkpoints belong elsewhere.",
        computed,
        agrees: week.lost_with_it_s > 2.0 * week.kept_s && sound(&found.lost_with_it) && sound(&found.kept),
        assumption: "The job is long. Servers fail at the rate that AWS's figures for a week imply, 0.29 % per server and week with \
                     one for the file system itself, an inference; the GPUs are there again at once."
            .to_owned(),
        figures: loss_figures(found),
        chart: Box::new(Curves {
            frame: frame(
                &title,
                "one ml.p4d.24xlarge on SCRATCH_2 of 12 TiB, 10 TB loaded again after a loss; a checkpoint every hour",
                footer,
            ),
            x: Axis::new("length of the training", Quantity::Seconds).log(),
            y: Axis::new("mean cost of losses", Quantity::Dollars).log(),
            series: vec![
                loss_series("checkpoints lost with it", Service::Fsx, found, |length| length.lost_with_it_s),
                loss_series("checkpoints in S3", Service::S3, found, |length| length.kept_s),
            ],
            references: Vec::new(),
        }),
        title,
    }
}

fn loss_series(name: &str, service: Service, found: &Loss, seconds: impl Fn(&Length) -> f64) -> Series {
    let datum = |length: &Length| Datum::new(length.training_s, seconds(length) * found.usd_per_s);
    Series { key: Key::new(name, service), data: found.lengths.iter().map(datum).collect() }
}

fn loss_figures(found: &Loss) -> Figures {
    let (seconds, dollars) = (Some(Quantity::Seconds), Some(Quantity::Dollars));
    let mut figures = Figures::new([
        ("training_s", "training", seconds),
        ("loss_probability", "lost with", Some(Quantity::Share)),
        ("lost_with_it_s", "lost with it: time", seconds),
        ("lost_with_it_usd", "bill", dollars),
        ("kept_s", "in S3: time", seconds),
        ("kept_usd", "bill", dollars),
    ]);
    for length in &found.lengths {
        figures.push([
            length.training_s.into(),
            length.probability.into(),
            length.lost_with_it_s.into(),
            (length.lost_with_it_s * found.usd_per_s).into(),
            length.kept_s.into(),
            (length.kept_s * found.usd_per_s).into(),
        ]);
    }
    figures
}
