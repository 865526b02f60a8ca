//! The catalog as a whole: reading, laying files over it, and asking.

use indexmap::IndexMap;
use serde::Deserialize;
use toml::{
    Table, Value,
    de::{DeTable, DeValue},
};

use crate::{
    CatalogError, Instance, Place, Price, Prices, Row, Section, Service, ServicePhases, Storage, check,
    document::{self, Origin},
    row,
};

/// The built-in figures, one file per subject.
const DATA: [&str; 8] = [
    include_str!("../data/sources.toml"),
    include_str!("../data/instances.toml"),
    include_str!("../data/s3.toml"),
    include_str!("../data/efs.toml"),
    include_str!("../data/fsx-lustre.toml"),
    include_str!("../data/ebs.toml"),
    include_str!("../data/services.toml"),
    include_str!("../data/prices.toml"),
];

/// The prefix that SageMaker puts before an instance's name.
const SAGEMAKER_PREFIX: &str = "ml.";

/// What the world offers, each figure with its source.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalog {
    contents: Contents,
    prices: Prices,
    /// The same in full TOML form, to lay further files over and to list.
    document: Table,
    sources: Table,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Contents {
    instances: IndexMap<String, Instance>,
    storage: Storage,
    services: IndexMap<Service, ServicePhases>,
    prices: Prices,
}

impl Catalog {
    /// The built-in catalog.
    ///
    /// # Panics
    ///
    /// If the built-in files are not a catalog, which a test excludes.
    #[must_use]
    pub fn builtin() -> Self {
        let unknown = Origin { source: String::new(), date: String::new(), inference: false };
        let tables = DATA.map(|text| text.parse::<Table>().expect("a built-in file is TOML"));
        let mut whole = Table::new();
        for table in tables {
            document::lay(&mut whole, table);
        }
        let sources = take_sources(&mut whole);
        let whole = document::full(&whole, &sources, &unknown).expect("the built-in sources are known");
        Self::read(whole, sources).expect("the built-in files are a catalog")
    }

    /// This catalog with the TOML file `text` laid over it: what it names is changed or added.
    ///
    /// # Errors
    ///
    /// If `text` is not TOML, names an unknown key or source, leaves out what a new entry needs, or gives a figure that
    /// cannot be, such as a rate of zero.
    pub fn merged_with(&self, text: &str) -> Result<Self, CatalogError> {
        let mut over = text.parse::<Table>().map_err(|error| syntax(text, &error))?;
        let mut sources = self.sources.clone();
        sources.extend(take_sources(&mut over));
        let origin =
            Origin { source: "the user's catalog file".into(), date: "not stated".into(), inference: false };
        let mut over = document::full(&over, &sources, &origin).map_err(|error| placed(error, text))?;
        for name in self.instance_names() {
            move_instance_prices(&mut over, name);
        }
        let mut whole = self.document.clone();
        document::lay(&mut whole, over);
        Self::read(whole, sources).map_err(|error| placed(error, text))
    }

    /// This catalog with prices replaced by those of `overrides`, in dollars per unit of the price.
    ///
    /// # Errors
    ///
    /// If a price is unknown, or not a number of 0 or more.
    pub fn with_prices(&self, overrides: &IndexMap<String, f64>) -> Result<Self, CatalogError> {
        Ok(Self { prices: self.prices.with_overrides(overrides)?, ..self.clone() })
    }

    fn read(document: Table, sources: Table) -> Result<Self, CatalogError> {
        let contents: Contents = serde_path_to_error::deserialize(document.clone()).map_err(|error| {
            let path = error.path().iter().map(ToString::to_string).collect::<Vec<_>>();
            let path = document::dotted(path.iter().map(String::as_str).filter(|key| *key != "value"));
            CatalogError::Invalid { place: None, path, message: error.inner().message().to_owned() }
        })?;
        check::check(&document)?;
        let mut prices = contents.prices.clone();
        for (name, instance) in &contents.instances {
            prices.extend(instance.prices(name));
        }
        Ok(Self { contents, prices, document, sources })
    }

    /// The instance `name`, with or without SageMaker's `ml.` before it.
    ///
    /// # Errors
    ///
    /// If there is none of that name.
    pub fn instance(&self, name: &str) -> Result<&Instance, CatalogError> {
        let short = name.strip_prefix(SAGEMAKER_PREFIX).unwrap_or(name);
        let found = self.contents.instances.get(short);
        found.ok_or_else(|| CatalogError::unknown("an instance", short, self.instance_names()))
    }

    /// The names of all instances, in the order of the files.
    pub fn instance_names(&self) -> impl Iterator<Item = &str> {
        self.contents.instances.keys().map(String::as_str)
    }

    /// All instances with their names, in the order of the files.
    pub fn instances(&self) -> impl Iterator<Item = (&str, &Instance)> {
        self.contents.instances.iter().map(|(name, instance)| (name.as_str(), instance))
    }

    /// The storage presets.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.contents.storage
    }

    /// The phases of a job on `service`.
    ///
    /// # Panics
    ///
    /// Never: every catalog lies over the built-in one, which has them all.
    #[must_use]
    pub fn service(&self, service: Service) -> &ServicePhases {
        self.contents.services.get(&service).expect("the built-in catalog has every service")
    }

    /// All prices.
    #[must_use]
    pub fn prices(&self) -> &Prices {
        &self.prices
    }

    /// The price `id`, such as `s3.price_get`.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn price(&self, id: &str) -> Result<&Price, CatalogError> {
        self.prices.get(id)
    }

    /// What `service` charges for an hour of the instance `name`.
    ///
    /// # Errors
    ///
    /// If the instance is unknown or has no price there.
    pub fn instance_price(&self, name: &str, service: Service) -> Result<&Price, CatalogError> {
        let short = name.strip_prefix(SAGEMAKER_PREFIX).unwrap_or(name);
        self.instance(short)?;
        self.prices.get(&Instance::price_id(short, service))
    }

    /// The figures of `section` for listing.
    #[must_use]
    pub fn rows(&self, section: Section) -> Vec<Row> {
        match section {
            Section::Instances => row::instances(&self.document),
            Section::Storage => row::storage(&self.document),
            Section::Prices => row::prices(&self.prices),
        }
    }
}

/// Takes `[sources]` out of a file.
fn take_sources(table: &mut Table) -> Table {
    match table.remove("sources") {
        Some(Value::Table(sources)) => sources,
        _ => Table::new(),
    }
}

/// Moves the hourly prices of the instance `name` from where they are listed, `[prices]`, to the instance.
fn move_instance_prices(file: &mut Table, name: &str) {
    for service in Service::ALL {
        let prices = file.get_mut("prices").and_then(Value::as_table_mut);
        let Some(price) = prices.and_then(|prices| prices.remove(&Instance::price_id(name, service))) else {
            continue;
        };
        let instance = Table::from_iter([(Instance::price_key(service).to_owned(), price)]);
        let instances = Table::from_iter([(name.to_owned(), Value::Table(instance))]);
        document::lay(file, Table::from_iter([("instances".to_owned(), Value::Table(instances))]));
    }
}

fn syntax(text: &str, error: &toml::de::Error) -> CatalogError {
    let offset = error.span().map_or(0, |span| span.start);
    CatalogError::Syntax { place: Place::of(text, offset), message: error.message().to_owned() }
}

/// `error` with the place in `text` of the longest part of its path that stands there.
fn placed(error: CatalogError, text: &str) -> CatalogError {
    let CatalogError::Invalid { path, message, .. } = error else { return error };
    let place = offset_of(text, &path).map(|offset| Place::of(text, offset));
    CatalogError::Invalid { place, path, message }
}

/// The byte at which the value of `path`, or of the longest part of it that is there, begins.
fn offset_of(text: &str, path: &str) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut table = root.get_ref();
    let mut offset = None;
    let mut rest = path;
    while let Some((tail, value)) =
        table.iter().find_map(|(key, value)| Some((behind(rest, key.get_ref())?, value)))
    {
        offset = Some(value.span().start);
        match value.get_ref() {
            DeValue::Table(inner) => (table, rest) = (inner, tail),
            _ => break,
        }
    }
    offset
}

/// What follows in `path` if it begins with `key`.
fn behind<'a>(path: &'a str, key: &str) -> Option<&'a str> {
    let tail = path.strip_prefix(&document::dotted(std::iter::once(key)))?;
    if tail.is_empty() { Some(tail) } else { tail.strip_prefix('.') }
}
