//! The storage selection rules.

use ingestsim_sweep::reproduce::{Ran, Turning, ran, rules::Rule};

use super::{
    Figures, Footer, Words, frame, service,
    words::{bytes, called, counted, list, money, percent, time, turned},
};
use crate::chart::{Axis, Chart, Curves, Datum, Key, Quantity, Series};

pub(super) fn s3(found: &Rule, footer: &Footer) -> Words {
    let stops = turned(found.turn, "at every size from 100 kB on", "at no size up to 100 MB", |turn| {
        format!("for objects of {} or more", bytes(turn.after))
    });
    let set = found.second.map(|turning| {
        turned(turning, "sets of 1 GB or more", "no set of up to 40 GB", |turn| {
            format!("sets of {} or more", bytes(turn.after))
        })
    });
    let picked = ran::cheapest(&found.asked);
    let title = format!("Read once, large objects are cheapest straight from S3: FastFile wins {stops}");
    let title = if picked.storage == found.recommended {
        title
    } else {
        format!(
            "Read once, large objects are cheapest with {}, not streamed from S3",
            called(&picked.storage)
        )
    };
    let smallest = &found.along[0];
    let computed = vec![
        bills(&found.asked),
        format!(
            "The rule holds {stops}. At {} the cheapest is {}: FastFile keeps the GPUs busy for {} of the loop, as each of 24 \
             readers waits some 50 ms for each object.",
            bytes(smallest.0),
            called(&ran::cheapest(&smallest.1).storage),
            percent(ran::of(&smallest.1, found.recommended).summary().gpu_utilisation)
        ),
        format!(
            "It holds for {}; a smaller set is copied while the container image is still being pulled, and File mode costs \
             nothing then.",
            set.unwrap_or_default()
        ),
    ];
    Words {
        guide: "Large objects that are read in sequence, once: leave them in S3 and stream them.",
        computed,
        agrees: picked.storage == found.recommended,
        assumption: "One pass over the data, four GPUs that take 400 MB/s, and the bill of the job decides. EFS holds the data \
                     already and is charged for reading it; FSx for Lustre is made for the job and loads lazily."
            .to_owned(),
        figures: along(found, ("file_bytes", "object", Quantity::Bytes)),
        chart: curves(
            found,
            &title,
            "40 GB read once by one ml.g5.12xlarge, 24 readers, 400 MB/s if nothing holds them up",
            footer,
            Axis::new("size of an object", Quantity::Bytes).log(),
        ),
        title,
    }
}

pub(super) fn fsx(found: &Rule, footer: &Footer) -> Words {
    let from = turned(found.turn, "from the first epoch on", "for no number of epochs up to 8", |turn| {
        format!("from {} on", counted(turn.after, "epoch"))
    });
    let (picked, soonest) = (ran::cheapest(&found.asked), ran::soonest(&found.asked));
    let title = format!("Small files over repeated epochs: FSx for Lustre has the smallest bill {from}");
    let once = &found.along[0].1;
    let computed = vec![
        bills(&found.asked),
        format!(
            "FSx for Lustre is the cheapest {from}; for one epoch it is {}.",
            called(&ran::cheapest(once).storage)
        ),
        format!(
            "The job ends soonest with {}, after {} against {} with FSx for Lustre, which is first created and loaded for {}.",
            called(&soonest.storage),
            time(soonest.summary().total_s),
            time(ran::of(&found.asked, "fsx").summary().total_s),
            time(ran::of(&found.asked, "fsx").summary().provisioning_s)
        ),
    ];
    Words {
        guide: "Many small files, read over and over at a high rate: use FSx for Lustre, linked to S3.",
        computed,
        agrees: picked.storage == found.recommended,
        assumption: format!(
            "The bill of the job decides, and the data is loaded before GPUs are paid for. Whoever cannot wait for the load, and \
             has the data on EFS, is served sooner by {} and pays {} instead of {}.",
            called(&soonest.storage),
            money(soonest.summary().cost_total_usd),
            money(picked.summary().cost_total_usd)
        ),
        figures: along(found, ("epochs", "epochs", Quantity::Count)),
        chart: curves(
            found,
            &title,
            "100,000 images of 110 kB; four ml.g5.12xlarge, 96 readers, 700 MB/s if nothing holds them up; page cache off",
            footer,
            Axis::new("epochs", Quantity::Count),
        ),
        title,
    }
}

pub(super) fn efs(found: &Rule, footer: &Footer) -> Words {
    let until = |turning: Turning| {
        turned(turning, "at no size from 20 GB on", "up to 1 TB and more", |turn| {
            format!("up to {}", bytes(turn.before))
        })
    };
    let systems: Vec<Ran> = found.asked.iter().filter(|ran| ran.kind != "s3").cloned().collect();
    let (picked, overall) = (ran::cheapest(&systems), ran::cheapest(&found.asked));
    let title = format!(
        "Of the file systems, EFS is cheapest for a shared set {}; for reading alone {} is",
        until(found.turn),
        called(&overall.storage)
    );
    let title = if picked.kind == "efs" && overall.kind == "efs" {
        format!("EFS is cheapest for a shared set {}", until(found.turn))
    } else if picked.kind == "efs" {
        title
    } else {
        format!("A shared set of this size is cheapest on {}, not on EFS", called(&picked.storage))
    };
    let elastic = found.second.map(until).unwrap_or_default();
    let computed = vec![
        bills(&found.asked),
        format!(
            "EFS in its cheaper mode costs less than FSx for Lustre {}, with Elastic throughput {elastic}: FSx bills 1,200 GiB \
             whatever lies on it, EFS twice as much per gigabyte, and Elastic every gigabyte read.",
            until(found.turn)
        ),
        format!(
            "Of all profiles {} has the smallest bill, {}.{}",
            called(&overall.storage),
            money(overall.summary().cost_total_usd),
            if overall.kind == "s3" {
                " But it hands a job files to read, and no file system to share."
            } else {
                ""
            }
        ),
    ];
    Words {
        guide: "Data of moderate size and rate that several services share as files: put it on EFS.",
        computed,
        agrees: picked.kind == "efs",
        assumption: "What is wanted is a file system that several services mount and write to; if reading is all, S3 FastFile is \
                     cheaper still. Thirty jobs a month share the storage, each reads the set once at 40 MB/s."
            .to_owned(),
        figures: along(found, ("dataset_bytes", "data set", Quantity::Bytes)),
        chart: curves(
            found,
            &title,
            "one ml.g5.2xlarge, 40 MB/s, one pass a job; the month's storage shared by thirty jobs; FSx PERSISTENT_2 at 125 MB/s per TiB",
            footer,
            Axis::new("size of the data set", Quantity::Bytes).log(),
        ),
        title,
    }
}

/// The bills of all profiles, smallest first.
fn bills(runs: &[Ran]) -> String {
    let mut runs: Vec<&Ran> = runs.iter().collect();
    runs.sort_by(|one, other| one.summary().cost_total_usd.total_cmp(&other.summary().cost_total_usd));
    let bill = |ran: &&Ran| {
        let summary = ran.summary();
        let busy = percent(summary.gpu_utilisation);
        format!(
            "{} {} (GPUs {busy} busy, {})",
            called(&ran.storage),
            money(summary.cost_total_usd),
            time(summary.total_s)
        )
    };
    format!("The job's bill: {}.", list(&runs.iter().map(bill).collect::<Vec<_>>()))
}

fn along(found: &Rule, (name, heading, quantity): (&str, &str, Quantity)) -> Figures {
    let mut figures = Figures::new([(name, heading, Some(quantity))]);
    let first = &found.along[0].1;
    for ran in first {
        let column = ran.storage.replace('-', "_");
        figures = figures.and(
            format!("{column}_cost_usd"),
            format!("{}: bill", called(&ran.storage)),
            Quantity::Dollars,
        );
        figures = figures.and(format!("{column}_gpu_utilisation"), "GPUs".to_owned(), Quantity::Share);
    }
    for (value, runs) in &found.along {
        let both = |ran: &Ran| [ran.summary().cost_total_usd, ran.summary().gpu_utilisation];
        figures.push(std::iter::once((*value).into()).chain(runs.iter().flat_map(both).map(Into::into)));
    }
    figures
}

fn curves(found: &Rule, title: &str, held_fixed: &str, footer: &Footer, x: Axis) -> Box<dyn Chart> {
    let series = |index: usize, ran: &Ran| Series {
        key: Key::new(called(&ran.storage), service(ran.kind, &ran.storage)),
        data: found
            .along
            .iter()
            .map(|(value, runs)| Datum::new(*value, runs[index].summary().cost_total_usd))
            .collect(),
    };
    Box::new(Curves {
        frame: frame(title, held_fixed, footer),
        x,
        y: Axis::new("bill of the job", Quantity::Dollars).log(),
        series: found.along[0].1.iter().enumerate().map(|(index, ran)| series(index, ran)).collect(),
        references: Vec::new(),
    })
}
