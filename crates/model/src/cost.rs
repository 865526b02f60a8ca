//! The bill: what a run's usage costs, item by item.
//!
//! Every item is quantity × price; parts are sums of items, the total is the sum of the parts. A month has 730 hours.

use crate::{outcome::CostRow, tier::RequestKind};

/// Hours of a month, as AWS counts them.
pub const HOURS_PER_MONTH: f64 = 730.0;

/// The parts of the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Billed seconds × instances × hourly price.
    Compute,
    /// Capacity of every tier.
    Storage,
    /// Paid-for or metered throughput.
    Throughput,
    /// Requests.
    Requests,
    /// Volumes of the instances.
    Volume,
    /// Data transfer.
    Transfer,
}

impl Part {
    /// Every part, in the order of the output.
    pub const ALL: [Self; 6] =
        [Self::Compute, Self::Storage, Self::Throughput, Self::Requests, Self::Volume, Self::Transfer];

    /// The name in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Storage => "storage",
            Self::Throughput => "throughput",
            Self::Requests => "requests",
            Self::Volume => "volume",
            Self::Transfer => "transfer",
        }
    }
}

/// What a quantity is taken from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Meter {
    /// `per_instance` × the billed hours of the job's instances.
    InstanceHours,
    /// So many units for as long as the job has storage, in months.
    UnitMonths(f64),
    /// So many units for the billed hours of the instances, in months.
    InstanceUnitMonths(f64),
    /// So many units for a stated number of months, whatever the job does.
    FixedMonths {
        /// The units.
        units: f64,
        /// The months.
        months: f64,
    },
    /// Requests of one kind, in units of so many.
    Requests {
        /// The kind.
        kind: RequestKind,
        /// Requests to one unit of the price.
        per: f64,
    },
    /// Files opened that no cache of the servers had, in units of so many.
    ServerMisses(f64),
    /// Bytes read from the tier, in units of so many bytes.
    ReadBytes(f64),
    /// A quantity that is known beforehand.
    Fixed(f64),
}

/// One line of the bill.
#[derive(Debug, Clone)]
pub struct Item {
    /// The part it belongs to.
    pub part: Part,
    /// What is paid for.
    pub name: String,
    /// The unit of the quantity.
    pub unit: String,
    /// The price of one unit in dollars.
    pub price_usd: f64,
    /// Where the price comes from.
    pub source: String,
    /// How the quantity comes about.
    pub meter: Meter,
}

/// All lines of the bill.
#[derive(Debug, Clone, Default)]
pub struct Bill {
    /// The lines.
    pub items: Vec<Item>,
    /// Instances of one trial.
    pub instances: f64,
    /// Requests of each trial before its loop: a copy, a listing, a metadata import.
    pub requests_before_loop: Vec<(RequestKind, u64)>,
}

/// What a run used.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// Billed time of all trials, in hours.
    pub billed_hours: f64,
    /// From submission, or the creation of storage, to the job's end, in hours.
    pub storage_hours: f64,
    /// Requests by kind, as many as [`RequestKind::ALL`].
    pub requests: [u64; RequestKind::ALL.len()],
    /// Bytes read from the tier.
    pub read_bytes: u64,
    /// Files opened that no cache of the servers had.
    pub disk_opens: u64,
}

impl Bill {
    /// The lines with their quantities and costs; those of quantity 0 are left out.
    #[must_use]
    pub fn rows(&self, usage: &Usage) -> Vec<CostRow> {
        let rows = self.items.iter().map(|item| self.row(item, usage));
        rows.filter(|row| row.quantity > 0.0).collect()
    }

    fn row(&self, item: &Item, usage: &Usage) -> CostRow {
        let quantity = match item.meter {
            Meter::InstanceHours => usage.billed_hours * self.instances,
            Meter::UnitMonths(units) => units * usage.storage_hours / HOURS_PER_MONTH,
            Meter::InstanceUnitMonths(units) => units * usage.billed_hours * self.instances / HOURS_PER_MONTH,
            Meter::FixedMonths { units, months } => units * months,
            Meter::Requests { kind, per } => usage.requests[kind as usize] as f64 / per,
            Meter::ServerMisses(per) => usage.disk_opens as f64 / per,
            Meter::ReadBytes(per) => usage.read_bytes as f64 / per,
            Meter::Fixed(quantity) => quantity,
        };
        CostRow {
            part: item.part.name(),
            item: item.name.clone(),
            quantity,
            unit: item.unit.clone(),
            price_usd: item.price_usd,
            cost_usd: quantity * item.price_usd,
            source: item.source.clone(),
        }
    }
}

/// The cost of one part.
#[must_use]
pub fn part_total(rows: &[CostRow], part: Part) -> f64 {
    rows.iter().filter(|row| row.part == part.name()).fold(0.0, |sum, row| sum + row.cost_usd)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(part: Part, price_usd: f64, meter: Meter) -> Item {
        Item { part, name: "x".into(), unit: "u".into(), price_usd, source: "test".into(), meter }
    }

    /// Two instances for 3 h at 4 $/h: 24 $; 1,200 GiB for 73 h, a tenth of a month, at 0.14 $: 16.80 $; 2.5 million GETs
    /// at 0.0004 $ a thousand: 1 $.
    #[test]
    fn a_bill_by_hand() {
        let bill = Bill {
            items: vec![
                item(Part::Compute, 4.0, Meter::InstanceHours),
                item(Part::Storage, 0.14, Meter::UnitMonths(1200.0)),
                item(Part::Requests, 0.0004, Meter::Requests { kind: RequestKind::Get, per: 1000.0 }),
                item(Part::Transfer, 1.0, Meter::ReadBytes(1e9)),
            ],
            instances: 2.0,
            requests_before_loop: Vec::new(),
        };
        let mut usage = Usage { billed_hours: 3.0, storage_hours: 73.0, ..Usage::default() };
        usage.requests[RequestKind::Get as usize] = 2_500_000;
        let rows = bill.rows(&usage);
        assert_eq!(rows.len(), 3, "no bytes were read, so nothing is transferred");
        assert!((part_total(&rows, Part::Compute) - 24.0).abs() < 1e-9);
        assert!((part_total(&rows, Part::Storage) - 16.8).abs() < 1e-9);
        assert!((part_total(&rows, Part::Requests) - 1.0).abs() < 1e-9);
    }
}
