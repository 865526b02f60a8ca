//! The efficiency frontier: what a gigabyte costs, and the throughput one gets for it.

use super::{Lab, Ran, ReproduceError, lab::Swept};

/// Services by price and throughput, under several conditions.
#[derive(Debug, Clone)]
pub struct Frontier {
    /// The conditions: images and shards, few readers and many.
    pub conditions: Vec<Condition>,
}

/// How the set is read.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The size of a file in bytes.
    pub file_bytes: f64,
    /// Readers per GPU.
    pub readers: u32,
    /// What each service offers.
    pub offers: Vec<Offer>,
}

/// One service.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The profile's name.
    pub storage: String,
    /// The kind of storage it is.
    pub kind: &'static str,
    /// Dollars for a gigabyte and month.
    pub usd_per_gb_month: f64,
    /// Dollars for each gigabyte read; none where reads are in the other price, or are billed by the request.
    pub usd_per_gb_read: Option<f64>,
    /// What all readers together get, in bytes a second.
    pub bytes_per_s: f64,
}

pub(super) fn compute(lab: &mut Lab<'_>) -> Result<Frontier, ReproduceError> {
    let mut conditions: Vec<Condition> = Vec::new();
    for Swept { at, ran } in lab.sweep()? {
        let (file_bytes, readers) = (at[0], at[2] as u32);
        let offer = Offer::of(&ran, file_bytes);
        let same = |known: &&mut Condition| known.file_bytes == file_bytes && known.readers == readers;
        match conditions.iter_mut().find(same) {
            Some(condition) => condition.offers.push(offer),
            None => conditions.push(Condition { file_bytes, readers, offers: vec![offer] }),
        }
    }
    Ok(Frontier { conditions })
}

impl Offer {
    fn of(ran: &Ran, file_bytes: f64) -> Self {
        Self {
            storage: ran.storage.clone(),
            kind: ran.kind,
            usd_per_gb_month: ran.usd_per_gb_month().unwrap_or_default(),
            usd_per_gb_read: ran.usd_per_gb_read(),
            bytes_per_s: ran.summary().samples_per_s * file_bytes,
        }
    }

    /// Whether the other one is no dearer and no slower, and better in one of the two.
    #[must_use]
    pub fn is_beaten_by(&self, other: &Self) -> bool {
        let (price, other_price) = (self.usd_per_gb_month, other.usd_per_gb_month);
        let (rate, other_rate) = (self.bytes_per_s, other.bytes_per_s);
        other_price <= price && other_rate >= rate && (other_price < price || other_rate > rate)
    }
}

impl Condition {
    /// The offers that no other one beats, from the cheapest to the dearest.
    #[must_use]
    pub fn front(&self) -> Vec<&Offer> {
        let beaten = |offer: &Offer| self.offers.iter().any(|other| offer.is_beaten_by(other));
        let mut front: Vec<&Offer> = self.offers.iter().filter(|offer| !beaten(offer)).collect();
        front.sort_by(|one, other| one.usd_per_gb_month.total_cmp(&other.usd_per_gb_month));
        front
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(storage: &str, usd_per_gb_month: f64, bytes_per_s: f64) -> Offer {
        Offer { storage: storage.into(), kind: "", usd_per_gb_month, usd_per_gb_read: None, bytes_per_s }
    }

    /// (0.3, 5) costs more than (0.1, 8) and gives less; (0.02, 3) is the cheapest.
    #[test]
    fn the_front_is_what_nothing_beats() {
        let offers = vec![offer("dear", 0.3, 5.0), offer("fast", 0.1, 8.0), offer("cheap", 0.02, 3.0)];
        let condition = Condition { file_bytes: 1.0, readers: 1, offers };
        let front: Vec<_> = condition.front().iter().map(|offer| offer.storage.as_str()).collect();
        assert_eq!(front, ["cheap", "fast"]);
    }
}
