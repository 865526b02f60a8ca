//! Loading: from a file's bytes and the command line to a checked scenario.

use std::sync::Arc;

use crate::{
    Scenario,
    check::{self, Checker},
    de,
    doc::{self, Node, Origin, Value},
    error::{Problem, ScenarioErrors},
    path::{NoTable, Path},
    shape,
    source::{Places, Set, Source},
    table,
};

/// A scenario that has passed every check which needs no catalog, with the places of its keys.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The scenario, every default filled in.
    pub scenario: Scenario,
    pub(crate) document: Node,
    pub(crate) places: Arc<Places>,
}

impl Scenario {
    /// Reads a scenario, sets the values of the command line over it, and checks it.
    ///
    /// # Errors
    ///
    /// If the text is no scenario or the scenario makes no sense: every mistake of the first step that finds one.
    pub fn load(source: Source, sets: &[Set]) -> Result<Loaded, ScenarioErrors> {
        let (document, places) = set_over(source, sets)?;
        let scenario = build(&document, &places)?;
        let loaded = Loaded { scenario, document, places: Arc::new(places) };
        check::sweep::check(&loaded)?;
        Ok(loaded)
    }

    /// Reads a scenario for what it says of the data set and the job: it may have no candidate profile, nor any
    /// `[storage]` at all. Its sweep is left out.
    ///
    /// # Errors
    ///
    /// As [`Scenario::load`].
    pub fn load_job(source: Source, sets: &[Set]) -> Result<Loaded, ScenarioErrors> {
        let (mut document, places) = set_over(source, sets)?;
        if let Value::Table(table) = &mut document.value {
            table.shift_remove("sweep");
            let origin = document.origin.clone();
            let empty = || Node { value: Value::Table(doc::Table::new()), origin: origin.clone() };
            table
                .entry("storage".to_owned())
                .or_insert_with(|| doc::Entry { key: origin.clone(), node: empty() });
        }
        let scenario = typed(&document, &places)?;
        let mut checker = Checker::new(&document, &places);
        check::job_alone(&scenario, &mut checker);
        checker.done()?;
        Ok(Loaded { scenario, document, places: Arc::new(places) })
    }
}

/// The document of a source with the values of the command line over it.
fn set_over(source: Source, sets: &[Set]) -> Result<(Node, Places), ScenarioErrors> {
    let folder = source.folder().map(std::path::Path::to_path_buf);
    let places = Places::new(source, sets)?;
    let mut document = document(&places)?;
    for (flag, set) in sets.iter().enumerate() {
        apply(&mut document, set, flag).map_err(|mistake| mistake.at(&places))?;
    }
    table::read_all(&mut document, folder.as_deref()).map_err(|mistake| mistake.at(&places))?;
    Ok((document, places))
}

impl Loaded {
    /// A mistake at the key `path` that shows only with figures from elsewhere, with its place.
    ///
    /// `message` says what was expected and what was found. A key that was not written has the place of the nearest
    /// table above it.
    #[must_use]
    pub fn refused(&self, path: &str, message: impl Into<String>) -> ScenarioErrors {
        let path = path.parse::<Path>().unwrap_or_default();
        let origin = path.origin(&self.document);
        Mistake::new(path, &origin, Problem::Unreadable { message: message.into() }).at(&self.places)
    }
}

impl Loaded {
    /// Whether there is a value at a path, be it written or a default.
    ///
    /// # Panics
    ///
    /// Never: a scenario has only values that TOML can write.
    #[must_use]
    pub fn has(&self, path: &Path) -> bool {
        let table = toml::Table::try_from(&self.scenario);
        let table = table.expect("a scenario has only values that TOML can write");
        let document = Node::from_toml(&toml::Value::Table(table), &Origin::Text(0..0));
        path.get(&document).is_some()
    }

    /// The scenario as TOML with every default but those that hang on other keys, which the points of a sweep may set.
    ///
    /// It reads back as a sweep over the same points, whose scenarios have the same digests.
    ///
    /// # Panics
    ///
    /// Never: what has been loaded reads again.
    #[must_use]
    pub fn to_toml_of_sweep(&self) -> String {
        let scenario = de::read::<Scenario>(&self.document);
        scenario.expect("a document that was loaded is a scenario").to_toml()
    }
}

/// A mistake before it has a place in words.
#[derive(Debug)]
pub(crate) struct Mistake(Box<(Path, Origin, Problem)>);

impl Mistake {
    pub(crate) fn new(path: Path, origin: &Origin, problem: Problem) -> Self {
        Self(Box::new((path, origin.clone(), problem)))
    }

    /// The mistake with its place in words.
    pub(crate) fn at(self, places: &Places) -> ScenarioErrors {
        let (path, origin, problem) = *self.0;
        places.error(path, &origin, problem).into()
    }
}

/// The document of a file's text.
fn document(places: &Places) -> Result<Node, ScenarioErrors> {
    let at = |span, problem| Mistake::new(Path::default(), &Origin::Text(span), problem).at(places);
    let document = doc::parse(places.text()).map_err(|(span, problem)| at(span, problem))?;
    match document.as_table() {
        Some(table) if !table.is_empty() => Ok(document),
        _ => Err(at(0..0, Problem::Empty)),
    }
}

/// The scenario of a document, unchecked but for its types.
pub(crate) fn typed(document: &Node, places: &Places) -> Result<Scenario, ScenarioErrors> {
    shape::check(document).map_err(|mistake| mistake.at(places))?;
    let scenario = de::read::<Scenario>(document);
    let mut scenario = scenario.map_err(|refusal| refusal.in_document(document).at(places))?;
    scenario.fill_defaults();
    Ok(scenario)
}

/// The checked scenario of a document.
pub(crate) fn build(document: &Node, places: &Places) -> Result<Scenario, ScenarioErrors> {
    let scenario = typed(document, places)?;
    let mut checker = Checker::new(document, places);
    check::all(&scenario, &mut checker);
    checker.done().map(|()| scenario)
}

/// Sets one value of the command line.
fn apply(document: &mut Node, set: &Set, flag: usize) -> Result<(), Mistake> {
    let origin = Origin::Flag(flag);
    let mistake = |path: Path, problem: Problem| Mistake::new(path, &origin, problem);
    let Some(value) = set.value() else {
        let problem = Problem::mismatch("PATH=VALUE", crate::error::shown(set.path()));
        return Err(mistake(Path::default(), problem));
    };
    let path = set.path().parse::<Path>();
    let path =
        path.map_err(|error| mistake(Path::default(), Problem::Unreadable { message: error.to_string() }))?;
    put(document, &path, value_of(value, &origin), &origin).map_err(|problem| mistake(path, problem))
}

/// What a value on the command line is: TOML, else the text itself.
fn value_of(text: &str, origin: &Origin) -> Node {
    let node = doc::parse_value(text, origin);
    // No key takes a date, so what reads as one is meant as text.
    let node = node.filter(|node| !matches!(node.value, Value::Date(_)));
    node.unwrap_or_else(|| Node { value: Value::String(text.to_owned()), origin: origin.clone() })
}

/// Puts a value where a path points, as far as a path may reach: it neither makes a profile nor a table of a text.
pub(crate) fn put(document: &mut Node, path: &Path, node: Node, key: &Origin) -> Result<(), Problem> {
    if let (Some("storage"), Some(name)) = (path.key_at(0), path.key_at(1)) {
        let profiles = document.get("storage").and_then(Node::as_table);
        let known = profiles.map(|table| table.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        if path.len() > 2 && !known.iter().any(|known| known == name) {
            let expected = "the name of a profile";
            return Err(Problem::UnknownName { expected, name: name.to_owned(), known });
        }
    }
    path.set(document, node, key).map_err(|NoTable { at, found }| {
        Problem::advised(
            "a table to set a key of",
            format!("{found} at {at}"),
            format!("set the whole value of {at}"),
        )
    })
}
