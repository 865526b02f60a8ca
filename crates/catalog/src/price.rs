//! Prices: what a unit of something costs, by id.

use std::fmt;

use indexmap::IndexMap;
use ingestsim_units::Usd;
use serde::Deserialize;

use crate::{CatalogError, Figure};

/// What a price counts. A month is 730 hours; a GB of a GB-month is 2^30 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum PriceUnit {
    /// 2^30 bytes kept for a month.
    #[serde(rename = "GB-month")]
    GbMonth,
    /// Bytes that pass.
    #[serde(rename = "GB")]
    Gb,
    /// Requests.
    #[serde(rename = "1000 requests")]
    ThousandRequests,
    /// An operation per second, provisioned for a month.
    #[serde(rename = "IOPS-month")]
    IopsMonth,
    /// 2^20 bytes per second, provisioned for a month.
    #[serde(rename = "MiB/s-month")]
    MibpsMonth,
    /// 10^6 bytes per second, provisioned for a month.
    #[serde(rename = "MB/s-month")]
    MbpsMonth,
    /// An hour of an instance.
    #[serde(rename = "hour")]
    Hour,
}

impl fmt::Display for PriceUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::GbMonth => "GB-month",
            Self::Gb => "GB",
            Self::ThousandRequests => "1000 requests",
            Self::IopsMonth => "IOPS-month",
            Self::MibpsMonth => "MiB/s-month",
            Self::MbpsMonth => "MB/s-month",
            Self::Hour => "hour",
        })
    }
}

/// What a unit of something costs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Price {
    /// Dollars for one unit.
    #[serde(rename = "value")]
    pub usd: Usd,
    /// The unit.
    #[serde(rename = "per")]
    pub unit: PriceUnit,
    /// What is paid for.
    pub what: String,
    /// The page, repository or paper it was read from.
    pub source: String,
    /// When that source was written, or when the copy that was read was made.
    pub date: String,
    /// Whether the source does not state it: it was computed or remembered.
    #[serde(default)]
    pub inference: bool,
    /// What else a reader should know.
    #[serde(default)]
    pub note: Option<String>,
}

impl Price {
    pub(crate) fn new(figure: &Figure<Usd>, unit: PriceUnit, what: String) -> Self {
        let Figure { value, source, date, inference, note } = figure.clone();
        Self { usd: value, unit, what, source, date, inference, note }
    }

    /// What `quantity` units cost.
    #[must_use]
    pub fn of(&self, quantity: f64) -> Usd {
        self.usd * quantity
    }
}

/// All prices by id, in the order of the files.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(transparent)]
pub struct Prices(IndexMap<String, Price>);

impl Prices {
    /// The price `id`, such as `s3.price_get`.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn get(&self, id: &str) -> Result<&Price, CatalogError> {
        let ids = self.0.keys().map(String::as_str);
        self.0.get(id).ok_or_else(|| CatalogError::unknown("a price id", id, ids))
    }

    /// All prices with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Price)> {
        self.0.iter().map(|(id, price)| (id.as_str(), price))
    }

    /// These prices, with those of `overrides` in their place, in dollars per unit of the price.
    ///
    /// # Errors
    ///
    /// If an id is unknown, or its price not a number of 0 or more.
    pub fn with_overrides(&self, overrides: &IndexMap<String, f64>) -> Result<Self, CatalogError> {
        let mut prices = self.clone();
        for (id, &dollars) in overrides {
            let known = self.get(id)?.clone();
            if !(dollars.is_finite() && dollars >= 0.0) {
                return Err(CatalogError::Price { id: id.clone(), found: dollars.to_string() });
            }
            let (source, date) = ("the scenario's [prices]".to_owned(), "not stated".to_owned());
            let price = Price { usd: Usd::new(dollars), source, date, inference: false, note: None, ..known };
            prices.0.insert(id.clone(), price);
        }
        Ok(prices)
    }

    pub(crate) fn extend(&mut self, prices: impl Iterator<Item = (String, Price)>) {
        self.0.extend(prices);
    }
}
