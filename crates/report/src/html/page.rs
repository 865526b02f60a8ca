//! The page around everything: one file that needs no other, with a rule that forbids it to ask for any.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::data;
use crate::{chart::page, folder::NewFile};

/// The file's name.
pub const FILE: &str = "report.html";

/// The library that draws lines and points (see `vendor/uplot/NOTICE`), then our own, in an order in which each part
/// finds what it builds on.
const SCRIPT: &str = concat!(
    include_str!("../../vendor/uplot/uPlot.iife.min.js"),
    "\n(() => {\n\"use strict\";\n",
    include_str!("page/number.js"),
    include_str!("page/theme.js"),
    include_str!("page/marker.js"),
    include_str!("page/hover.js"),
    include_str!("page/plot.js"),
    include_str!("page/scatter.js"),
    include_str!("page/explore.js"),
    include_str!("page/points.js"),
    include_str!("page/start.js"),
    "})();\n",
);

const STYLE: &str =
    concat!(include_str!("../../vendor/uplot/uPlot.min.css"), include_str!("page/report.css"));

/// A page in the making.
#[derive(Debug, Default)]
pub struct Page {
    command: String,
    name: String,
    title: String,
    setting: String,
    findings: Vec<String>,
    sections: Vec<Section>,
    charts: Vec<Value>,
    footer: String,
}

#[derive(Debug)]
struct Section {
    id: String,
    heading: String,
    body: Markup,
}

impl Page {
    /// A page about the scenario `name` with what it is about as its title, made by a command.
    pub(super) fn new(command: &str, name: &str, title: &str) -> Self {
        let title = if title.is_empty() { name } else { title };
        Self { command: command.into(), name: name.into(), title: title.into(), ..Self::default() }
    }

    /// The same with the line that says what was run.
    pub(super) fn set(mut self, setting: &str) -> Self {
        setting.clone_into(&mut self.setting);
        self
    }

    /// The same with the sentences that say what came of it.
    pub(super) fn finding(mut self, sentences: impl IntoIterator<Item = String>) -> Self {
        self.findings.extend(sentences);
        self
    }

    /// The same with a line at its end that says where its figures come from.
    pub(super) fn foot(mut self, footer: &str) -> Self {
        footer.clone_into(&mut self.footer);
        self
    }

    /// Adds a section.
    pub(super) fn section(&mut self, heading: &str, body: Markup) {
        let id = self.sections.len() + 1;
        self.sections.push(Section { id: format!("section-{id}"), heading: heading.into(), body });
    }

    /// Takes up what a chart is drawn from, and returns the number by which its place on the page names it.
    pub(super) fn keep(&mut self, chart: Value) -> usize {
        self.charts.push(chart);
        self.charts.len() - 1
    }

    /// The page as a file.
    #[must_use]
    pub fn into_file(self) -> NewFile {
        NewFile::new(FILE, self.markup().into_string())
    }

    fn markup(&self) -> Markup {
        let data = json!({ "quantities": page::units(), "charts": self.charts });
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy());
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="generator" content="ingestsim";
                    title { (self.name) " · ingestsim " (self.command) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (self.head())
                    main {
                        @for section in &self.sections {
                            section id=(section.id) aria-labelledby=(format!("{}-heading", section.id)) {
                                h2 id=(format!("{}-heading", section.id)) { (section.heading) }
                                (section.body)
                            }
                        }
                    }
                    footer { p { (self.footer) } }
                    div #tip role="status" aria-live="polite" hidden {}
                    script #data type="application/json" { (PreEscaped(data::embedded(&data))) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }

    fn head(&self) -> Markup {
        html! {
            header {
                p.kicker { "ingestsim " (self.command) @if self.title != self.name { " · " (self.name) } }
                h1 { (self.title) }
                @if !self.setting.is_empty() { p.setting { (self.setting) } }
                @if !self.findings.is_empty() {
                    ul.findings { @for finding in &self.findings { li { (finding) } } }
                }
                noscript { p.warning { "Charts need JavaScript; the tables do not." } }
                nav aria-label="Sections" {
                    ul {
                        @for section in &self.sections {
                            li { a href=(format!("#{}", section.id)) { (section.heading) } }
                        }
                    }
                }
            }
        }
    }
}

/// What the page may do: show its own styles and run its one script, known by its digest. It can load nothing.
fn policy() -> String {
    let digest = BASE64.encode(Sha256::digest(SCRIPT));
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A script with an end tag in it would be cut off there, and with another digest it would not run.
    #[test]
    fn no_part_of_the_page_ends_its_own_element() {
        assert!(!SCRIPT.contains("</script") && !SCRIPT.contains("<!--"));
        assert!(!STYLE.contains("</style"));
    }

    /// Bytes are hashed as they stand in the file: a browser turns CR LF into LF before it does.
    #[test]
    fn the_script_stands_in_the_page_as_it_was_hashed() {
        assert!(!SCRIPT.contains('\r'));
        let file = Page::new("run", "made-up", "").into_file();
        let page = String::from_utf8(file.content).unwrap();
        assert!(page.contains(&format!("<script>{SCRIPT}</script>")));
    }

    #[test]
    fn a_page_asks_for_nothing() {
        let file = Page::new("run", "made-up", "").into_file();
        let page = String::from_utf8(file.content).unwrap();
        for asking in ["src=\"", "href=\"http", "@import", "url("] {
            assert!(!page.contains(asking), "{asking}");
        }
    }
}
