//! The study's charts: cost against each dimension, a line a rung, on logarithmic axes.

use ingestsim_report::chart::{Axis, Curves, Datum, Frame, Key, Quantity, Series, Service};

use crate::{
    Found,
    law::Cost,
    study::{Dimension, Measurement, RUNGS},
};

/// What is drawn: each name says the cost and ends in the dimension.
const DRAWN: [(&str, Cost, Dimension); 7] = [
    ("cpu-against-files", Cost::Cpu, Dimension::Files),
    ("memory-against-files", Cost::Memory, Dimension::Files),
    ("cpu-per-sample-against-gpus", Cost::CpuPerSample, Dimension::Gpus),
    ("memory-against-gpus", Cost::Memory, Dimension::Gpus),
    ("cpu-against-epochs", Cost::Cpu, Dimension::Epochs),
    ("memory-against-epochs", Cost::Memory, Dimension::Epochs),
    ("cpu-against-points", Cost::Cpu, Dimension::Points),
];

/// Every chart with the name of its files.
pub(crate) fn all(found: &Found) -> Vec<(&'static str, Curves)> {
    DRAWN.into_iter().map(|(name, cost, dimension)| (name, chart(found, cost, dimension))).collect()
}

fn chart(found: &Found, cost: Cost, dimension: Dimension) -> Curves {
    let quantity = if cost == Cost::Memory { Quantity::Bytes } else { Quantity::Seconds };
    let footer = format!("ingestsim {} · seed 1 · {}", found.machine.version, found.machine);
    let label = match dimension {
        Dimension::Files => "files of the data set",
        Dimension::Gpus => "GPUs",
        Dimension::Epochs => "epochs",
        Dimension::Points => "points of the sweep",
    };
    let series: Vec<Series> = RUNGS
        .into_iter()
        .zip(LOOKS)
        .filter_map(|((rung, _), look)| series(found, cost, (dimension, rung), look))
        .collect();
    Curves {
        frame: Frame::new(
            title(found, cost, dimension),
            format!("Held fixed: {}", dimension.fixed()),
            footer,
        ),
        x: Axis::new(label, Quantity::Count).log(),
        y: Axis::new(cost.words(), quantity).log(),
        series,
        references: Vec::new(),
    }
}

/// A look for each rung; none of them is a service.
const LOOKS: [Service; 3] = [Service::LocalDisk, Service::Other, Service::Other];

fn series(found: &Found, cost: Cost, (dimension, rung): (Dimension, &str), look: Service) -> Option<Series> {
    let of_series = |one: &&Measurement| one.dimension == dimension && one.rung == rung;
    let ours = found.measurements.iter().filter(of_series);
    let data: Vec<Datum> = ours.filter_map(|one| Some(Datum::new(one.size as f64, cost.of(one)?))).collect();
    let law = found.laws.iter().find(|law| (law.dimension, law.rung, law.cost) == (dimension, rung, cost));
    let power = law.map(|law| format!(", power {:.2}", law.exponent)).unwrap_or_default();
    (!data.is_empty()).then(|| Series { key: Key::new(format!("{rung}{power}"), look), data })
}

/// The finding: by how much cost grows over the sizes of each rung.
fn title(found: &Found, cost: Cost, dimension: Dimension) -> String {
    let grown = RUNGS.into_iter().filter_map(|(rung, _)| {
        let of_series = |one: &&Measurement| one.dimension == dimension && one.rung == rung;
        let series: Vec<&Measurement> = found.measurements.iter().filter(of_series).collect();
        let known: Vec<(u64, f64)> =
            series.iter().filter_map(|one| Some((one.size, cost.of(one)?))).collect();
        let (&(from, least), &(to, most)) = (known.first()?, known.last()?);
        let more = |value: f64| Quantity::Factor.value(value);
        (to > from).then(|| {
            let (sizes, costs) = (more(to as f64 / from as f64), more(most / least));
            format!("{costs} for {sizes} the {} ({rung})", dimension.name().replace("gpus", "GPUs"))
        })
    });
    let grown: Vec<String> = grown.collect();
    let words = cost.words();
    let mut letters = words.chars();
    let capital = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{capital}{}: {}", letters.as_str(), grown.join(", "))
}
