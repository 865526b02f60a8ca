//! Sharing, prices and what is left behind.

use ingestsim_sweep::reproduce::{
    Ran,
    embeddings::Embeddings,
    frontier::{Condition, Frontier, Offer},
    idle::{self, Idle},
    ran,
};

use super::{
    Figures, Footer, Words,
    figures::Value,
    frame, service,
    words::{bytes, called, count, list, money, percent, rate, time, times},
};
use crate::chart::{Axis, Better, Candidate, Curves, Datum, Key, Pareto, Quantity, Series, Service};

/// GPUs that are busy for this share of the loop are served.
const SERVED: f64 = 0.95;

pub(super) fn embeddings(found: &Embeddings, footer: &Footer) -> Words {
    let asked = found.asked();
    let of = |storage: &str| ran::of(asked, storage).summary();
    let (elastic, bursting, copy) = (of("efs-elastic"), of("efs-bursting"), of("file"));
    let cheapest = ran::cheapest(asked);
    let agrees = elastic.gpu_utilisation >= SERVED;
    let title = format!(
        "EFS {} ten nodes at once, with Elastic throughput: GPUs are {} busy, with Bursting {}",
        if agrees { "serves" } else { "does not serve" },
        percent(elastic.gpu_utilisation),
        percent(bursting.gpu_utilisation)
    );
    let computed = vec![
        format!(
            "EFS with Elastic throughput keeps the GPUs of ten nodes {} busy, at {} for all of them. With Bursting they are \
             {} busy, at {}: its rate is that of the whole file system.",
            percent(elastic.gpu_utilisation),
            rate(elastic.bytes_per_s),
            percent(bursting.gpu_utilisation),
            rate(bursting.bytes_per_s)
        ),
        format!(
            "A copy on each node takes {}, most of it while the container image is pulled anyway: the first batch comes {} \
             after submission, with EFS Elastic {}. Then the copy is as fast.",
            time(copy.downloading_s),
            time(copy.time_to_first_batch_s),
            time(elastic.time_to_first_batch_s)
        ),
        format!(
            "The bill is {} with EFS Elastic, {} of it for ten reads of 20 GB, {} with copies and {} with {}, the cheapest.",
            money(elastic.cost_total_usd),
            money(elastic.cost_throughput_usd),
            money(copy.cost_total_usd),
            money(cheapest.summary().cost_total_usd),
            called(&cheapest.storage)
        ),
        served(found),
    ];
    Words {
        guide: "Ten training nodes share embeddings on EFS: all mount one file system, none needs a copy of its own.",
        computed,
        agrees,
        assumption: format!(
            "Elastic throughput, which is billed by the gigabyte read: {} the bill of a copy on each node. Embeddings of 20 GB, \
             each node reads all of them once at 200 MB/s. What EFS spares is the copying, and room for the copies.",
            times(elastic.cost_total_usd / copy.cost_total_usd)
        ),
        figures: by_nodes(found),
        chart: Box::new(Curves {
            frame: frame(
                &title,
                "each ml.g5.2xlarge reads 20 GB once, at 200 MB/s if it can; FSx: Scratch of 1.2 TiB; copying left out; EFS Elastic lies under File mode",
                footer,
            ),
            x: Axis::new("nodes", Quantity::Count).log(),
            y: Axis::new("GPU utilisation", Quantity::Share),
            series: asked.iter().map(|ran| nodes_series(found, ran)).collect(),
            references: Vec::new(),
        }),
        title,
    }
}

/// With how many nodes each service still keeps the GPUs busy.
fn served(found: &Embeddings) -> String {
    let up_to = |storage: &str| match found.nodes_served(storage, SERVED) {
        Some(nodes) => count(f64::from(nodes)),
        None => "none".to_owned(),
    };
    let most = found.by_nodes.iter().map(|(nodes, _)| *nodes).max().unwrap_or_default();
    format!(
        "GPUs stay at least {} busy with up to {} nodes on Elastic, {} on Bursting, {} on FastFile and {} on the smallest FSx \
         for Lustre, of the up to {most} that were simulated.",
        percent(SERVED),
        up_to("efs-elastic"),
        up_to("efs-bursting"),
        up_to("fast-file"),
        up_to("fsx")
    )
}

fn nodes_series(found: &Embeddings, of: &Ran) -> Series {
    let datum = |(nodes, runs): &(u32, Vec<Ran>)| {
        Datum::new(f64::from(*nodes), ran::of(runs, &of.storage).summary().gpu_utilisation)
    };
    let data = found.by_nodes.iter().map(datum).collect();
    Series { key: Key::new(called(&of.storage), service(of.kind, &of.storage)), data }
}

fn by_nodes(found: &Embeddings) -> Figures {
    let mut figures = Figures::new([
        ("storage", "storage", None),
        ("nodes", "nodes", Some(Quantity::Count)),
        ("data_startup_s", "data start-up", Some(Quantity::Seconds)),
        ("gpu_utilisation", "GPUs busy", Some(Quantity::Share)),
        ("loop_s", "loop", Some(Quantity::Seconds)),
        ("cost_total_usd", "bill", Some(Quantity::Dollars)),
    ]);
    for ran in found.asked() {
        for (nodes, runs) in &found.by_nodes {
            let summary = ran::of(runs, &ran.storage).summary();
            figures.push([
                Value::profile(&ran.storage),
                f64::from(*nodes).into(),
                summary.data_startup_s.into(),
                summary.gpu_utilisation.into(),
                summary.loop_s.into(),
                summary.cost_total_usd.into(),
            ]);
        }
    }
    figures
}

pub(super) fn frontier(found: &Frontier, footer: &Footer) -> Words {
    let shown = shown(found);
    let on_front = |kind: &str| shown.front().iter().any(|offer| offer.kind == kind);
    let agrees = on_front("efs") && on_front("fsx-lustre");
    let front = list(&names(&shown.front()));
    let title = format!(
        "{} on the frontier of price and throughput: with many readers, a dearer gigabyte need not be a faster one",
        if shown.front().len() == 1 { format!("{front} is alone") } else { format!("{front} are alone") }
    );
    let title = if agrees { format!("The frontier of price and throughput holds {front}") } else { title };
    let mut computed: Vec<String> = found.conditions.iter().map(condition).collect();
    computed.extend(prices(shown));
    computed.extend(grown(shown));
    let left = shown.offers.iter().filter(|offer| offer.storage != "s3-express").cloned().collect();
    let without = Condition { offers: left, ..shown.clone() };
    computed.push(format!(
        "Without Express One Zone, which is the youngest of them, {} on the frontier for images and 96 readers.",
        are(&names(&without.front()))
    ));
    Words {
        guide: "Storage services lie on an efficiency frontier: who wants more throughput pays more per gigabyte, from S3 over \
                EFS to FSx for Lustre.",
        computed,
        agrees,
        assumption: "Throughput is what 16 or 96 readers on four nodes get from a set of 1 TB, with FSx for Lustre no larger than \
                     the set asks for and its burst credit spent. Few readers wait for latency, which is what S3 is slow in; many \
                     hide it. What EFS charges for reads is not in a gigabyte's price."
            .to_owned(),
        figures: offers(found),
        chart: Box::new(Pareto {
            frame: frame(
                &title,
                "images of 110 kB from a set of 1 TB; 96 readers on four ml.g5.12xlarge; FSx for Lustre of 1.2 TiB without burst credit",
                footer,
            ),
            x: Axis::new("throughput of all readers", Quantity::BytesPerSecond).log(),
            x_better: Better::Higher,
            y: Axis::new("price of a gigabyte and month", Quantity::Dollars).log(),
            y_better: Better::Lower,
            candidates: shown.offers.iter().map(candidate).collect(),
        }),
        title,
    }
}

/// The condition that is drawn: small files and many readers.
fn shown(found: &Frontier) -> &Condition {
    let smallest = |one: &&Condition, other: &&Condition| {
        one.file_bytes.total_cmp(&other.file_bytes).then(other.readers.cmp(&one.readers))
    };
    found.conditions.iter().min_by(smallest).expect("the frontier was computed under some condition")
}

/// What a gigabyte costs, and from how many reads on EFS costs more than the dearest type of FSx for Lustre.
fn prices(condition: &Condition) -> Option<String> {
    let lustre = || condition.offers.iter().filter(|offer| offer.kind == "fsx-lustre");
    let price = |offer: &&Offer| offer.usd_per_gb_month;
    let by_price = |one: &&Offer, other: &&Offer| price(one).total_cmp(&price(other));
    let (least, most) = (lustre().min_by(by_price)?, lustre().max_by(by_price)?);
    let (bucket, efs) = (offer(condition, "s3")?, offer(condition, "efs")?);
    let above = lustre().filter(|offer| price(offer) < efs.usd_per_gb_month).count();
    let reads = efs.usd_per_gb_read.map(|read| {
        let times = (most.usd_per_gb_month - efs.usd_per_gb_month) / read;
        format!(
            " It also bills ${read:.2} for a gigabyte read: read {} times a month, a gigabyte costs as much there as on {}.",
            count(times.max(0.0)),
            called(&most.storage)
        )
    });
    Some(format!(
        "A gigabyte and month costs {} on S3, {} to {} on FSx for Lustre, and {} on EFS, which is more than on {above} of {} types of \
         FSx for Lustre.{}",
        money(bucket.usd_per_gb_month),
        money(least.usd_per_gb_month),
        money(most.usd_per_gb_month),
        money(efs.usd_per_gb_month),
        lustre().count(),
        reads.unwrap_or_default()
    ))
}

/// How much larger than the set a file system would have to be to keep up with EFS, if it is slower.
fn grown(condition: &Condition) -> Option<String> {
    let efs = offer(condition, "efs")?;
    let scratch = offer(condition, "scratch-2")?;
    let larger = efs.bytes_per_s / scratch.bytes_per_s;
    (larger > 1.0).then(|| {
        format!(
            "FSx for Lustre grows: Scratch 2 of {} the size would match EFS here, if throughput grows in proportion, and each \
             gigabyte of the set would cost {} a month.",
            times(larger),
            money(larger * scratch.usd_per_gb_month)
        )
    })
}

fn offer<'a>(condition: &'a Condition, storage: &str) -> Option<&'a Offer> {
    condition.offers.iter().find(|offer| offer.storage == storage)
}

fn names(offers: &[&Offer]) -> Vec<String> {
    offers.iter().map(|offer| called(&offer.storage).to_owned()).collect()
}

/// "S3 is", "S3 and EFS are".
fn are(names: &[String]) -> String {
    format!("{} {}", list(names), if names.len() == 1 { "is" } else { "are" })
}

fn candidate(offer: &Offer) -> Candidate {
    Candidate {
        name: called(&offer.storage).to_owned(),
        service: service(offer.kind, &offer.storage),
        x: offer.bytes_per_s,
        y: offer.usd_per_gb_month,
    }
}

/// Who is on the front under a condition, and how fast the three services are.
fn condition(condition: &Condition) -> String {
    let speed = |storage: &str| offer(condition, storage).map_or(0.0, |offer| offer.bytes_per_s);
    let fsx = condition.offers.iter().filter(|offer| offer.kind == "fsx-lustre");
    let fastest = fsx.max_by(|one, other| one.bytes_per_s.total_cmp(&other.bytes_per_s));
    let fastest = fastest.map(|offer| format!("{} from {}", rate(offer.bytes_per_s), called(&offer.storage)));
    format!(
        "Files of {} and {} readers: {} on the frontier. The readers get {} from S3, {} from EFS, and at most {}.",
        bytes(condition.file_bytes),
        count(16.0 * f64::from(condition.readers)),
        are(&names(&condition.front())),
        rate(speed("s3")),
        rate(speed("efs")),
        fastest.unwrap_or_default()
    )
}

fn offers(found: &Frontier) -> Figures {
    let mut figures = Figures::new([
        ("file_bytes", "file", Some(Quantity::Bytes)),
        ("readers", "readers", Some(Quantity::Count)),
        ("storage", "storage", None),
        ("usd_per_gb_month", "GB-month", Some(Quantity::Dollars)),
        ("bytes_per_s", "throughput", Some(Quantity::BytesPerSecond)),
        ("on_front", "frontier", None),
    ]);
    for condition in &found.conditions {
        let front = names(&condition.front());
        for offer in &condition.offers {
            let on_front = if front.iter().any(|name| name == called(&offer.storage)) { "yes" } else { "no" };
            figures.push([
                condition.file_bytes.into(),
                (16.0 * f64::from(condition.readers)).into(),
                Value::profile(&offer.storage),
                offer.usd_per_gb_month.into(),
                offer.bytes_per_s.into(),
                on_front.into(),
            ]);
        }
    }
    figures
}

const DAY_S: f64 = 86_400.0;

pub(super) fn idle(found: &Idle, footer: &Footer) -> Words {
    let (capacity, smallest) = &found.capacities[0];
    let per_day = idle::usd_per_day(smallest);
    let (_, job) = &smallest[0];
    let (_, month) = &smallest[smallest.len() - 1];
    let job_usd = job.summary().cost_total_usd;
    let gpu = money(job.summary().cost_compute_usd);
    let title = if per_day <= 0.0 {
        "A forgotten Scratch file system costs nothing".to_owned()
    } else {
        format!(
            "A forgotten Scratch file system of {} costs {} a day: in 30 days {} the bill of its job",
            capacity_name(*capacity),
            money(per_day),
            times(30.0 * per_day / job_usd)
        )
    };
    let each = |(capacity, runs): &(f64, Vec<(f64, Ran)>)| {
        format!("{} a day at {}", money(idle::usd_per_day(runs)), capacity_name(*capacity))
    };
    let each: Vec<String> = found.capacities.iter().map(each).collect();
    let computed = vec![
        format!(
            "Left behind it costs {}, in proportion to what is provisioned, whether it is read or not. After {} that is as much \
             as the job at {}.",
            list(&each),
            time(job_usd / per_day * DAY_S),
            capacity_name(*capacity)
        ),
        format!(
            "The job of {} costs {}, {} of it for storage. With the file system left for 30 days the bill is {}, {} as much.",
            time(job.summary().total_s),
            money(job_usd),
            money(job.summary().cost_storage_usd),
            money(month.summary().cost_total_usd),
            times(month.summary().cost_total_usd / job_usd)
        ),
    ];
    Words {
        guide: "A Scratch file system goes on costing money after the job: delete it when the job is done.",
        computed,
        agrees: per_day > 0.0,
        assumption: "List price of us-east-1, billed by the second for what is provisioned. The data in S3 stays either way and \
                     is not counted."
            .to_owned(),
        figures: idle_figures(found),
        chart: Box::new(Curves {
            frame: frame(
                &title,
                &format!("a job of two hours on one ml.g5.2xlarge, {gpu} of GPU time; SCRATCH_2, billed from its creation"),
                footer,
            ),
            x: Axis::new("left behind for", Quantity::Seconds).linear(),
            y: Axis::new("bill of the job", Quantity::Dollars).linear(),
            series: found.capacities.iter().map(|(capacity, runs)| idle_series(*capacity, runs)).collect(),
            references: Vec::new(),
        }),
        title,
    }
}

/// A capacity as a scenario names it.
fn capacity_name(capacity: f64) -> String {
    let tebibytes = format!("{:.1}", capacity / (1_u64 << 40) as f64);
    format!("{} TiB", tebibytes.strip_suffix(".0").unwrap_or(&tebibytes))
}

fn idle_series(capacity: f64, runs: &[(f64, Ran)]) -> Series {
    let data = runs.iter().map(|(idle_s, ran)| Datum::new(*idle_s, ran.summary().cost_total_usd)).collect();
    Series { key: Key::new(capacity_name(capacity), Service::Fsx), data }
}

fn idle_figures(found: &Idle) -> Figures {
    let mut figures = Figures::new([
        ("capacity", "capacity", None),
        ("idle_days", "days idle", Some(Quantity::Count)),
        ("cost_storage_usd", "storage", Some(Quantity::Dollars)),
        ("cost_total_usd", "bill", Some(Quantity::Dollars)),
    ]);
    for (capacity, runs) in &found.capacities {
        for (idle_s, ran) in runs {
            figures.push([
                capacity_name(*capacity).into(),
                (idle_s / DAY_S).round().into(),
                ran.summary().cost_storage_usd.into(),
                ran.summary().cost_total_usd.into(),
            ]);
        }
    }
    figures
}
