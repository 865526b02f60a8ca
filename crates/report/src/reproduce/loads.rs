//! How data gets from S3 onto FSx for Lustre, and when that is worth it.

use ingestsim_sweep::reproduce::{
    Ran, Turning,
    loads::Loads,
    overnight::{Load, NIGHT_S, Overnight},
    small_files::{self, Crossing, SmallFiles},
};

use super::{
    Figures, Footer, Words, frame, service,
    words::{bytes, called, count, counted, money, percent, rate, time, times, turned},
};
use crate::chart::{Axis, Curves, Datum, Key, Quantity, Reference, Series, Service};

/// From which size of a file on something fits into a night.
fn sizes(turning: Turning) -> String {
    turned(turning, "files of any size", "no file of 1 GB or less", |turn| {
        format!("files of {} or more", bytes(turn.after))
    })
}

pub(super) fn overnight(found: &Overnight, footer: &Footer) -> Words {
    let smallest = found.loads[0];
    let title = format!(
        "10 TB load overnight in {}; as images of {} they take {}",
        sizes(found.night),
        bytes(smallest.file_bytes),
        time(smallest.total_s())
    );
    Words {
        guide: "Load 10 TB from S3 into FSx for Lustre once, overnight, and the morning's training finds it there.",
        computed: computed(found),
        agrees: matches!(found.night, Turning::At(_) | Turning::Always),
        assumption: format!(
            "The data lies in {}: shards, not images. The limits are those of the one system that was measured ({} files at a \
             time, {} each after {}, {} in all; {} names a second in 2018); how they grow with the file system is not \
             published.",
            sizes(found.night),
            found.limits.at_a_time,
            rate(found.limits.file_bytes_per_s),
            time(found.limits.latency_s),
            rate(found.limits.bytes_per_s),
            count(found.limits.names_per_s)
        ),
        figures: loads(found),
        chart: Box::new(Curves {
            frame: frame(
                &title,
                "10 TB in files of one size; SCRATCH_2 of 9.6 TiB, made for the purpose",
                footer,
            ),
            x: Axis::new("size of a file", Quantity::Bytes).log(),
            y: Axis::new("time", Quantity::Seconds).log(),
            series: vec![
                series("creation, import and load", found, Load::total_s),
                series("load alone", found, |load| load.load_s),
                series("import of names alone", found, |load| load.import_s),
            ],
            references: vec![Reference { label: "a night of 12 h".into(), value: NIGHT_S }],
        }),
        title,
    }
}

fn computed(found: &Overnight) -> Vec<String> {
    let (smallest, largest) = (found.loads[0], found.loads[found.loads.len() - 1]);
    let concurrency = turned(
        found.concurrency,
        "These images load in a night onto a file system that has their names, one at a time.",
        "No number of restores at a time brings these images onto a file system in a night, names imported before.",
        |turn| {
            let files = count(turn.after);
            format!(
                "For a night, onto a file system that has the names, {files} would have to be restored at a time."
            )
        },
    );
    vec![
        format!(
            "Creating the file system, importing the names and loading the data fit into 12 hours for {}; the load alone for {}.",
            sizes(found.night),
            sizes(found.night_alone)
        ),
        format!(
            "At {} a file it takes {} in all. Bytes decide there: {} for all restores together are {} for 10 TB.",
            bytes(largest.file_bytes),
            time(largest.total_s()),
            rate(found.limits.bytes_per_s),
            time(found.bytes_bound_s)
        ),
        format!(
            "At {} a file it takes {}: {} to import {} names, and {} to restore them {} at a time. Files decide there, not \
             bytes.",
            bytes(smallest.file_bytes),
            time(smallest.total_s()),
            time(smallest.import_s),
            count(smallest.files as f64),
            time(smallest.load_s),
            found.limits.at_a_time
        ),
        concurrency,
        format!("A run confirms the plan: {} of provisioning.", time(found.ran.summary().provisioning_s)),
    ]
}

fn series(name: &str, found: &Overnight, figure: impl Fn(&Load) -> f64) -> Series {
    let data = found.loads.iter().map(|load| Datum::new(load.file_bytes, figure(load))).collect();
    Series { key: Key::new(name, Service::Fsx), data }
}

fn loads(found: &Overnight) -> Figures {
    let seconds = Some(Quantity::Seconds);
    let mut figures = Figures::new([
        ("file_bytes", "file", Some(Quantity::Bytes)),
        ("files", "files", Some(Quantity::Count)),
        ("creation_s", "creation", seconds),
        ("import_s", "import", seconds),
        ("load_s", "load", seconds),
        ("total_s", "in all", seconds),
        ("decided_by", "decided by", None),
    ]);
    for load in &found.loads {
        // A load that takes longer than all bytes would at the common rate is held up by the number of files.
        let by_bytes = load.load_s < 1.01 * found.bytes_bound_s;
        figures.push([
            load.file_bytes.into(),
            (load.files as f64).into(),
            load.creation_s.into(),
            load.import_s.into(),
            load.load_s.into(),
            load.total_s().into(),
            if by_bytes { "bytes" } else { "files" }.into(),
        ]);
    }
    figures
}

pub(super) fn lazy_or_one_time(found: &Loads, footer: &Footer) -> Words {
    let epochs = |turning: Turning| {
        turned(turning, "any part of an epoch", "none of three epochs", |turn| {
            format!("{} of an epoch", percent(turn.after / found.steps_per_epoch as f64))
        })
    };
    let (lazy, one_time) = (found.lazy.summary(), found.one_time.summary());
    let first = |ran: &Ran| ran.epochs_s().next().unwrap_or_default();
    let title = turned(
        found.sooner,
        "A one-time load is done first whatever part of an epoch a job reads",
        "Lazy load is done first, even after three epochs",
        |_| {
            let break_even = epochs(found.sooner);
            format!(
                "A one-time load is done first once a job reads {break_even}; a job that reads less is done first with lazy load"
            )
        },
    );
    let computed = vec![
        format!(
            "Lazy: first batch {} after submission; the first epoch takes {}, as images come from S3 one by one and readers \
             wait. One-time: first batch after {}, the first epoch takes {}.",
            time(lazy.time_to_first_batch_s),
            time(first(&found.lazy)),
            time(one_time.time_to_first_batch_s),
            time(first(&found.one_time))
        ),
        format!(
            "By the clock the one-time load is ahead from {} on, by the bill from {} on: nobody pays for GPUs while it runs.",
            epochs(found.sooner),
            epochs(found.cheaper)
        ),
        format!(
            "Over three epochs: lazy {} and {}, one-time {} and {}: {} the bill.",
            time(lazy.total_s),
            money(lazy.cost_total_usd),
            time(one_time.total_s),
            money(one_time.cost_total_usd),
            times(lazy.cost_total_usd / one_time.cost_total_usd)
        ),
    ];
    Words {
        guide: "Lazy load suits a job that has to begin at once or reads a part of the data; a one-time load suits one that \
                reads everything, repeatedly, and must run at full speed.",
        computed,
        agrees: matches!(found.sooner, Turning::At(turn) if turn.after <= found.steps_per_epoch as f64)
            && lazy.time_to_first_batch_s < one_time.time_to_first_batch_s,
        assumption: "Images of 110 kB and 24 readers: a lazy load has at most one restore a reader under way, the one-time load \
                     80. With 80 readers or more, or large files, the two restore alike and lazy load is ahead for longer."
            .to_owned(),
        figures: lazy_figures(found),
        chart: Box::new(break_even(found, &title, footer)),
        title,
    }
}

fn break_even(found: &Loads, title: &str, footer: &Footer) -> Curves {
    let series = |(index, name): (usize, &str)| Series {
        key: Key::new(name, Service::Fsx),
        data: found.curve.iter().map(|(epochs, totals)| Datum::new(*epochs, totals[index])).collect(),
    };
    Curves {
        frame: frame(
            title,
            "100,000 images of 110 kB, 11 GB; one ml.g5.12xlarge, 24 readers; SCRATCH_2 of 1.2 TiB made for the job",
            footer,
        ),
        x: Axis::new("epochs that the job reads", Quantity::Count).linear(),
        y: Axis::new("submission to end", Quantity::Seconds).linear(),
        series: ["lazy load", "one-time load"].into_iter().enumerate().map(series).collect(),
        references: Vec::new(),
    }
}

fn lazy_figures(found: &Loads) -> Figures {
    let seconds = Some(Quantity::Seconds);
    let mut figures = Figures::new([
        ("epochs", "epochs read", Some(Quantity::Count)),
        ("lazy_total_s", "lazy, in all", seconds),
        ("one_time_total_s", "one-time, in all", seconds),
    ]);
    for (epochs, [lazy, one_time]) in &found.curve {
        figures.push([(*epochs).into(), (*lazy).into(), (*one_time).into()]);
    }
    figures
}

pub(super) fn small_files(found: &SmallFiles, footer: &Footer) -> Words {
    let of = |storage: &str| found.turns.iter().find(|(name, ..)| name == storage);
    let (_, cheaper, sooner) = of("fsx-one-time").expect("the comparison has a one-time load");
    let title = format!(
        "For 100,000 small files FSx for Lustre is cheaper than FastFile {}, and done sooner {}",
        from(cheaper.turning),
        from(sooner.turning)
    );
    let last = |ran: &Ran| ran.epochs_s().last().unwrap_or_default();
    let mut computed: Vec<String> = found.runs.iter().map(|ran| pace(ran, last(ran))).collect();
    for (storage, cheaper, sooner) in &found.turns {
        computed.push(format!(
            "{} against FastFile: cheaper {}, done sooner {}{}.",
            called(storage),
            from(cheaper.turning),
            from(sooner.turning),
            confirmation(&[*cheaper, *sooner])
        ));
    }
    Words {
        guide: "For many small files that are read in every epoch, choose FSx for Lustre: FastFile asks S3 for each of them \
                again and again.",
        computed,
        agrees: matches!(cheaper.turning, Turning::Always | Turning::At(_)),
        assumption: format!(
            "The job runs for more than one epoch, on a set too large for the nodes' memory, and the load is done before it, not \
             lazily. On the clock the wait for the load pays only {}. A loader that asks S3 itself, without FastFile's lookups, needs about 20 ms an image instead of 50.",
            from(sooner.turning)
        ),
        figures: epochs_figures(found),
        chart: Box::new(Curves {
            frame: frame(
                &title,
                "100,000 images of 110 kB; four ml.g5.12xlarge, 96 readers; PERSISTENT_2 at 250 MB/s per TiB, 4.8 TiB; page cache off",
                footer,
            ),
            x: Axis::new("epochs", Quantity::Count).log(),
            y: Axis::new("bill of the job", Quantity::Dollars).log(),
            series: found.runs.iter().map(epochs_series).collect(),
            references: Vec::new(),
        }),
        title,
    }
}

fn from(turning: Turning) -> String {
    turned(turning, "from the first epoch on", "for no number of epochs up to 60", |turn| {
        format!("from {} on", counted(turn.after, "epoch"))
    })
}

fn pace(ran: &Ran, last_s: f64) -> String {
    format!(
        "{}: first batch after {}, the first epoch takes {}, later ones {}.",
        called(&ran.storage),
        time(ran.summary().time_to_first_batch_s),
        time(ran.epochs_s().next().unwrap_or_default()),
        time(last_s)
    )
}

fn confirmation(crossings: &[Crossing]) -> &'static str {
    let found = crossings.iter().filter(|crossing| matches!(crossing.turning, Turning::At(_)));
    let exact: Vec<bool> = found.map(|crossing| crossing.exact).collect();
    match exact.as_slice() {
        [] => "",
        exact if exact.iter().all(|exact| *exact) => ", by runs of exactly so many epochs and one fewer",
        _ => ", by the lines through the first five epochs",
    }
}

/// Epochs at which the curves have points.
const EPOCHS: [u64; 8] = [1, 2, 3, 5, 10, 20, 30, 60];

fn epochs_series(ran: &Ran) -> Series {
    let data = EPOCHS.iter().map(|&epochs| Datum::new(epochs as f64, small_files::cost_usd(ran, epochs)));
    Series { key: Key::new(called(&ran.storage), service(ran.kind, &ran.storage)), data: data.collect() }
}

fn epochs_figures(found: &SmallFiles) -> Figures {
    let mut figures = Figures::new([("epochs", "epochs", Some(Quantity::Count))]);
    for ran in &found.runs {
        let name = ran.storage.replace('-', "_");
        figures = figures.and(
            format!("{name}_cost_usd"),
            format!("{}: bill", called(&ran.storage)),
            Quantity::Dollars,
        );
        figures = figures.and(format!("{name}_total_s"), "time".to_owned(), Quantity::Seconds);
    }
    for epochs in EPOCHS {
        let both = |ran: &Ran| [small_files::cost_usd(ran, epochs), small_files::total_s(ran, epochs)];
        let cells = found.runs.iter().flat_map(both).map(Into::into);
        figures.push(std::iter::once((epochs as f64).into()).chain(cells));
    }
    figures
}
