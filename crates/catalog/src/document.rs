//! The catalog's TOML: what is left out is filled in, and one file is laid over another.
//!
//! A key stands for a figure, either bare (`vcpus = 8`) or as a table with a `value` and perhaps an origin of its own
//! (`memory = { value = "61 GiB", source = "EC2-PG" }`). `source`, `date` and `inference` beside figures, or above
//! them, hold for all that do not state their own. A `source` is a key of `[sources]`, several of them, or free text
//! with a `date` beside it. In the *full* form every figure is a table that holds all of this, so that laying a file
//! over another cannot leave a new value with an old source.

use toml::{Table, Value};

use crate::CatalogError;

/// The keys that say where figures come from.
const ORIGIN_KEYS: [&str; 3] = ["source", "date", "inference"];

/// Where figures come from, unless they say otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) source: String,
    pub(crate) date: String,
    pub(crate) inference: bool,
}

/// Every figure of `table` with its origin; `origin` for those that state none and stand below none.
pub(crate) fn full(table: &Table, sources: &Table, origin: &Origin) -> Result<Table, CatalogError> {
    Filler { sources, path: Vec::new() }.fill(table, origin)
}

/// Lays `over` on `base`, both in full form.
pub(crate) fn lay(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => {
                if is_figure(&above) {
                    // A note explains the value that it stands beside.
                    below.remove("note");
                    below.extend(above);
                } else {
                    lay(below, above);
                }
            }
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Whether `table` is a figure, and not a group of figures.
pub(crate) fn is_figure(table: &Table) -> bool {
    table.contains_key("value")
}

/// Keys joined by dots, those that TOML would quote in quotes.
pub(crate) fn dotted<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let quoted = keys.map(|key| if key.chars().all(bare) { key.to_owned() } else { format!("{key:?}") });
    quoted.collect::<Vec<_>>().join(".")
}

struct Filler<'a> {
    sources: &'a Table,
    path: Vec<String>,
}

impl Filler<'_> {
    fn fill(&mut self, table: &Table, inherited: &Origin) -> Result<Table, CatalogError> {
        let origin = self.origin(table, inherited)?;
        let mut filled = Table::new();
        for (key, value) in table.iter().filter(|(key, _)| !ORIGIN_KEYS.contains(&key.as_str())) {
            self.path.push(key.clone());
            let value = match value {
                Value::Table(inner) if is_figure(inner) => {
                    let origin = self.origin(inner, &origin)?;
                    figure(inner.clone(), &origin)
                }
                Value::Table(inner) => self.fill(inner, &origin)?,
                bare => figure(Table::from_iter([("value".to_owned(), bare.clone())]), &origin),
            };
            filled.insert(key.clone(), Value::Table(value));
            self.path.pop();
        }
        Ok(filled)
    }

    /// The origin that `table` states, or the inherited one.
    fn origin(&self, table: &Table, inherited: &Origin) -> Result<Origin, CatalogError> {
        let mut origin = inherited.clone();
        let date = table.get("date").map(|date| self.text(date, "date")).transpose()?;
        if let Some(source) = table.get("source") {
            (origin.source, origin.date) = self.source(source, date.as_deref())?;
            origin.inference = false;
        } else if let Some(date) = date {
            origin.date = date;
        }
        if let Some(inference) = table.get("inference") {
            origin.inference =
                inference.as_bool().ok_or_else(|| self.unexpected("true or false", inference))?;
        }
        Ok(origin)
    }

    /// The citation and date of a `source`: a key, a list of keys, or free text.
    fn source(&self, source: &Value, date: Option<&str>) -> Result<(String, String), CatalogError> {
        let Value::Array(keys) = source else {
            return self.one_source(&self.text(source, "source")?, date);
        };
        let cited = keys.iter().map(|key| self.one_source(&self.text(key, "source")?, date));
        let cited = cited.collect::<Result<Vec<_>, _>>()?;
        let mut dates = cited.iter().map(|(_, date)| date.as_str()).collect::<Vec<_>>();
        dates.dedup();
        let dates = dates.join(", ");
        Ok((cited.into_iter().map(|(citation, _)| citation).collect::<Vec<_>>().join("; "), dates))
    }

    fn one_source(&self, key: &str, date: Option<&str>) -> Result<(String, String), CatalogError> {
        let known = self.sources.get(key).and_then(Value::as_table);
        let entry = |name| known.and_then(|source| source.get(name)).and_then(Value::as_str);
        let citation = entry("citation").unwrap_or(key);
        let date = date.or(entry("date")).ok_or_else(|| {
            self.error(format!("expected a key of [sources], or a text with a date beside it, found {key:?}"))
        })?;
        Ok((citation.to_owned(), date.to_owned()))
    }

    fn text(&self, value: &Value, what: &str) -> Result<String, CatalogError> {
        let text = value.as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| self.unexpected(&format!("a text for `{what}`"), value))
    }

    fn unexpected(&self, expected: &str, found: &Value) -> CatalogError {
        self.error(format!("expected {expected}, found {found}"))
    }

    fn error(&self, message: String) -> CatalogError {
        CatalogError::Invalid { place: None, path: dotted(self.path.iter().map(String::as_str)), message }
    }
}

/// `table` with its origin written out.
fn figure(mut table: Table, origin: &Origin) -> Table {
    table.insert("source".into(), origin.source.clone().into());
    table.insert("date".into(), origin.date.clone().into());
    table.insert("inference".into(), origin.inference.into());
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown_origin() -> Origin {
        Origin { source: "nowhere".into(), date: "never".into(), inference: false }
    }

    fn filled(text: &str) -> Result<Table, CatalogError> {
        let table: Table = text.parse().unwrap();
        let sources: Table =
            "A = { citation = 'page a', date = '2024' }\nB = { citation = 'page b', date = '2025' }"
                .parse()
                .unwrap();
        full(&table, &sources, &unknown_origin())
    }

    #[test]
    fn a_bare_figure_takes_the_origin_above_it() {
        let table = filled("[x]\nsource = 'A'\ninference = true\n[x.y]\nsize = '1 GB'").unwrap();
        let expected: Table =
            "value = '1 GB'\nsource = 'page a'\ndate = '2024'\ninference = true".parse().unwrap();
        assert_eq!(table["x"]["y"]["size"], Value::Table(expected));
    }

    #[test]
    fn a_figure_with_its_own_source_is_no_inference_of_the_row() {
        let table =
            filled("[x]\nsource = 'A'\ninference = true\nsize = { value = 1, source = 'B' }").unwrap();
        assert_eq!(table["x"]["size"]["source"].as_str(), Some("page b"));
        assert_eq!(table["x"]["size"]["inference"].as_bool(), Some(false));
    }

    #[test]
    fn several_sources_are_cited_together() {
        let table = filled("size = { value = 1, source = ['A', 'B'] }").unwrap();
        assert_eq!(table["size"]["source"].as_str(), Some("page a; page b"));
        assert_eq!(table["size"]["date"].as_str(), Some("2024, 2025"));
    }

    #[test]
    fn an_unknown_source_needs_a_date() {
        let error = filled("[x]\nsize = { value = 1, source = 'our own' }").unwrap_err().to_string();
        assert_eq!(
            error,
            "x.size: expected a key of [sources], or a text with a date beside it, found \"our own\""
        );
        assert!(filled("[x]\nsize = { value = 1, source = 'our own', date = '2026' }").is_ok());
    }

    #[test]
    fn a_value_laid_over_another_brings_its_own_origin() {
        let mut base =
            filled("[x]\nsize = { value = 1, per = 'GB', note = 'as measured', source = 'A' }").unwrap();
        lay(&mut base, filled("[x]\nsize = 2\nmore = 3").unwrap());
        let expected: Table =
            "value = 2\nper = 'GB'\nsource = 'nowhere'\ndate = 'never'\ninference = false".parse().unwrap();
        assert_eq!(base["x"]["size"], Value::Table(expected));
        assert_eq!(base["x"]["more"]["value"].as_integer(), Some(3));
    }
}
