//! Charts to decide by: what one gets for the money, and what nothing beats.

use super::{
    Words,
    table::{Figure, Swept, SweptPoint, SweptProfile},
};
use crate::{
    chart::{Axis, Better, Candidate, Crowd, Crowded, Frame, Key, Pareto, Quantity},
    human,
};

/// Points that may all have names; of more, those on the front.
const NAMED_MAX: usize = 16;
/// Points on the front that have names; so many do not fit, but are listed.
const FRONT_MAX: usize = 200;
/// Points without names that are drawn; of more, one in so many.
const CROWD_MAX: usize = 2000;

/// What a point takes and costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trade {
    /// Seconds of an epoch, start-up apart, mean over the epochs.
    pub(crate) epoch_s: f64,
    /// Dollars of the job.
    pub(crate) cost: f64,
    /// Epochs of the job.
    pub(crate) epochs: f64,
    /// Bytes a second in the loop.
    pub(crate) throughput: f64,
    /// Dollars a gigabyte that the loop read.
    pub(crate) cost_per_gb: f64,
}

impl Trade {
    /// What a point takes and costs; nothing if it costs nothing, for then the number of its epochs is not known.
    ///
    /// Epochs = cost of the job / cost per epoch; an epoch = loop / epochs; a gigabyte costs cost / (throughput × loop).
    pub(crate) fn of(point: &SweptPoint) -> Option<Self> {
        let mean = |figure| point.mean(figure);
        let cost = mean(Figure::Cost);
        let epochs = cost / mean(Figure::CostPerEpoch);
        let throughput = mean(Figure::Throughput);
        let gigabytes = throughput * mean(Figure::Loop) / 1e9;
        let trade = Self {
            epoch_s: mean(Figure::Loop) / epochs,
            cost,
            epochs,
            throughput,
            cost_per_gb: cost / gigabytes,
        };
        let known = [trade.epoch_s, trade.cost_per_gb, throughput].iter().all(|value| value.is_finite());
        (known && epochs > 0.0).then_some(trade)
    }
}

/// The points that can be compared, with what they take and cost.
pub(crate) fn all(swept: &Swept) -> Vec<(&SweptPoint, Trade)> {
    swept.points.iter().filter_map(|point| Some((point, Trade::of(point)?))).collect()
}

/// The points that no other beats on both losses, from the least of the first to the least of the second.
pub(crate) fn front<'a>(
    trades: &[(&'a SweptPoint, Trade)],
    losses: impl Fn(&Trade) -> (f64, f64),
) -> Vec<(&'a SweptPoint, Trade)> {
    let mut sorted = trades.to_vec();
    sorted.sort_by(|(_, a), (_, b)| {
        let ((a_one, a_other), (b_one, b_other)) = (losses(a), losses(b));
        a_one.total_cmp(&b_one).then(a_other.total_cmp(&b_other))
    });
    let mut best: Option<(f64, f64)> = None;
    sorted.retain(|(_, trade)| {
        let loss = losses(trade);
        // Equals do not beat each other.
        let unbeaten = best.is_none_or(|best| loss.1 < best.1 || loss == best);
        if unbeaten {
            best = Some(loss);
        }
        unbeaten
    });
    sorted
}

/// Whether all jobs have as many epochs, so that their costs can be compared.
pub(crate) fn same_length(trades: &[(&SweptPoint, Trade)]) -> bool {
    trades.windows(2).all(|pair| (pair[0].1.epochs / pair[1].1.epochs - 1.0).abs() < 1e-6)
}

/// Cost against epoch time.
pub(crate) fn cost_against_time(swept: &Swept, words: &Words) -> Crowded {
    let trades = all(swept);
    let same_length = same_length(&trades);
    let cost = |trade: &Trade| if same_length { trade.cost } else { trade.cost / trade.epochs };
    let front = front(&trades, |trade| (cost(trade), trade.epoch_s));
    let title = match (front.first(), front.last()) {
        (Some((cheap, least)), Some((fast, most))) if cheap != fast => format!(
            "From {} and {} an epoch ({}) to {} and {} ({})",
            human::money(cost(least)),
            human::time(least.epoch_s),
            unbroken(swept, cheap),
            human::money(cost(most)),
            human::time(most.epoch_s),
            unbroken(swept, fast),
        ),
        (Some((best, trade)), _) => format!(
            "{} is both cheapest and fastest: {} and {} an epoch",
            swept.name(best),
            human::money(cost(trade)),
            human::time(trade.epoch_s)
        ),
        _ => "No point has both a cost and an epoch".to_owned(),
    };
    let place = |trade: &Trade| (trade.epoch_s, cost(trade));
    let pareto = Pareto {
        frame: frame(title, trades.len(), front.len(), words),
        x: Axis::new("time of an epoch", Quantity::Seconds).tight(),
        x_better: Better::Lower,
        y: Axis::new(if same_length { "cost of the job" } else { "cost of an epoch" }, Quantity::Dollars)
            .tight(),
        y_better: Better::Lower,
        candidates: Vec::new(),
    };
    crowded(swept, pareto, &trades, &front, place)
}

/// Cost of a gigabyte against throughput.
pub(crate) fn frontier(swept: &Swept, words: &Words) -> Crowded {
    let trades = all(swept);
    let front = front(&trades, |trade| (trade.cost_per_gb, -trade.throughput));
    let title = match (front.first(), front.last()) {
        (Some((cheap, least)), Some((fast, most))) if cheap != fast => format!(
            "A gigabyte costs {} at {} ({}), and {} at {} ({})",
            Quantity::Dollars.value(least.cost_per_gb),
            human::rate(least.throughput),
            unbroken(swept, cheap),
            Quantity::Dollars.value(most.cost_per_gb),
            human::rate(most.throughput),
            unbroken(swept, fast),
        ),
        (Some((best, trade)), _) => format!(
            "{} reads most and costs least: {} at {} a gigabyte",
            swept.name(best),
            human::rate(trade.throughput),
            Quantity::Dollars.value(trade.cost_per_gb)
        ),
        _ => "No point has both a cost and a throughput".to_owned(),
    };
    let place = |trade: &Trade| (trade.throughput, trade.cost_per_gb);
    let pareto = Pareto {
        frame: frame(title, trades.len(), front.len(), words),
        x: Axis::new("throughput in the loop", Quantity::BytesPerSecond).tight(),
        x_better: Better::Higher,
        y: Axis::new("cost of a gigabyte read", Quantity::DollarsPerGb).tight(),
        y_better: Better::Lower,
        candidates: Vec::new(),
    };
    crowded(swept, pareto, &trades, &front, place)
}

/// The chart with its points: all are named where they are few, else those that nothing beats.
fn crowded(
    swept: &Swept,
    pareto: Pareto,
    trades: &[(&SweptPoint, Trade)],
    front: &[(&SweptPoint, Trade)],
    place: impl Fn(&Trade) -> (f64, f64),
) -> Crowded {
    let named = if trades.len() <= NAMED_MAX { trades } else { &front[..front.len().min(FRONT_MAX)] };
    let candidate = |(point, trade): &(&SweptPoint, Trade)| {
        let (x, y) = place(trade);
        Candidate { name: swept.name(point), service: swept.profiles[point.profile].service, x, y }
    };
    let candidates = named.iter().map(candidate).collect();
    let others: Vec<&(&SweptPoint, Trade)> = trades
        .iter()
        .filter(|(point, _)| !named.iter().any(|(named, _)| std::ptr::eq(*named, *point)))
        .collect();
    let every = others.len().div_ceil(CROWD_MAX).max(1);
    let crowd = |(profile, about): (usize, &SweptProfile)| Crowd {
        key: Key::new(&about.name, about.service),
        points: others
            .iter()
            .step_by(every)
            .filter(|(point, _)| point.profile == profile)
            .map(|(_, trade)| place(trade))
            .collect(),
        candidates: (0..named.len()).filter(|&at| named[at].0.profile == profile).collect(),
    };
    let crowds = swept.profiles.iter().enumerate().map(crowd).collect();
    Crowded { pareto: Pareto { candidates, ..pareto }, crowds }
}

/// The name of a point, whose values no line end takes apart.
fn unbroken(swept: &Swept, point: &SweptPoint) -> String {
    let parts: Vec<String> = swept.name(point).split(", ").map(|part| part.replace(' ', "\u{a0}")).collect();
    parts.join(", ")
}

fn frame(title: String, points: usize, unbeaten: usize, words: &Words) -> Frame {
    let held = if words.held_fixed.is_empty() { String::new() } else { format!("{}; ", words.held_fixed) };
    let held_fixed = format!(
        "{held}{} of {} on the front",
        human::count(unbeaten as u64),
        human::counted(points as u64, "point")
    );
    Frame::new(title, held_fixed, words.footer.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(epoch_s: f64, cost: f64) -> SweptPoint {
        // Two epochs of 10 GB each.
        let loop_s = 2.0 * epoch_s;
        SweptPoint::fixed(0, Vec::new(), [1.0, 0.5, cost, cost / 2.0, loop_s, 20e9 / loop_s])
    }

    /// $4 over two epochs of 100 s that read 20 GB: $0.20 a gigabyte at 100 MB/s.
    #[test]
    fn a_gigabyte_costs_its_share_of_the_job() {
        let trade = Trade::of(&point(100.0, 4.0)).unwrap();
        assert!((trade.epoch_s - 100.0).abs() < 1e-9 && (trade.cost_per_gb - 0.2).abs() < 1e-12, "{trade:?}");
        assert!((trade.throughput - 1e8).abs() < 1e-3);
        assert_eq!(Trade::of(&point(100.0, 0.0)), None);
    }

    /// (120 s, $5) is slower and dearer than (100 s, $4).
    #[test]
    fn the_front_goes_from_the_cheapest_to_the_fastest() {
        let points = [point(50.0, 9.0), point(120.0, 5.0), point(100.0, 4.0), point(80.0, 6.0)];
        let trades: Vec<_> = points.iter().map(|point| (point, Trade::of(point).unwrap())).collect();
        let front = front(&trades, |trade| (trade.cost, trade.epoch_s));
        assert_eq!(front.iter().map(|(_, trade)| trade.cost).collect::<Vec<_>>(), [4.0, 6.0, 9.0]);
    }
}
