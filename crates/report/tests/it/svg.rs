//! Reads back what a chart's SVG holds: its size, its texts with the boxes they cover, its points.

use std::fmt;

use ab_glyph::{Font, FontRef};

/// A text and the box it covers, in logical pixels.
#[derive(Clone, Debug)]
pub(crate) struct TextBox {
    pub(crate) text: String,
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl fmt::Display for TextBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TextBox { text, left, top, right, bottom } = self;
        write!(f, "\"{text}\" at {left:.1}–{right:.1}, {top:.1}–{bottom:.1}")
    }
}

impl TextBox {
    /// Whether two boxes cover a common area more than a hair wide.
    pub(crate) fn overlaps(&self, other: &TextBox) -> bool {
        let hair = 0.5;
        self.left + hair < other.right
            && other.left + hair < self.right
            && self.top + hair < other.bottom
            && other.top + hair < self.bottom
    }
}

/// What a test looks at.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) texts: Vec<TextBox>,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Units of the view box per logical pixel.
const SCALE: f64 = 10.0;

pub(crate) fn read(svg: &str) -> Picture {
    let root = element(svg, "<svg ");
    Picture {
        width: number(root, "width"),
        height: number(root, "height"),
        texts: svg.split("<text ").skip(1).map(text_box).collect(),
        points: svg.split(" points=\"").skip(1).flat_map(points).collect(),
    }
}

/// The attributes of the first element that begins so.
fn element<'a>(svg: &'a str, begin: &str) -> &'a str {
    let rest = &svg[svg.find(begin).unwrap()..];
    &rest[..rest.find('>').unwrap()]
}

fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let rest = element.split_once(&format!("{name}=\""))?.1;
    Some(rest.split_once('"')?.0)
}

fn number(element: &str, name: &str) -> f64 {
    attribute(element, name)
        .and_then(|value| value.parse().ok())
        .unwrap_or_else(|| panic!("{name} in {element}"))
}

/// A text's box: from three quarters of an em above its baseline, which covers capitals and digits, to a quarter below.
fn text_box(rest: &str) -> TextBox {
    let (attributes, content) = rest.split_once('>').unwrap();
    let text = unescaped(content.split_once("</text>").unwrap().0.trim());
    let em = number(attributes, "font-size") / SCALE;
    assert_eq!(attribute(attributes, "dy"), Some("0.76em"), "{text}");
    assert_eq!(attribute(attributes, "transform"), None, "{text} stands level");
    let base = number(attributes, " y") / SCALE + 0.76 * em;
    let width = width(&text, em, attribute(attributes, "font-weight") == Some("bold"));
    let x = number(&format!(" {attributes}"), " x") / SCALE;
    let left = match attribute(attributes, "text-anchor") {
        Some("start") => x,
        Some("middle") => x - width / 2.0,
        Some("end") => x - width,
        other => panic!("anchor {other:?}"),
    };
    TextBox { text, left, top: base - 0.75 * em, right: left + width, bottom: base + 0.25 * em }
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&amp;", "&")
}

/// The sum of the advances of a text's letters; kerning only ever makes it narrower.
fn width(text: &str, em: f64, bold: bool) -> f64 {
    let bytes: &[u8] = if bold {
        include_bytes!("../../fonts/DejaVuSans-Bold-latin.ttf")
    } else {
        include_bytes!("../../fonts/DejaVuSans-latin.ttf")
    };
    let face = FontRef::try_from_slice(bytes).unwrap();
    let advances: f32 = text.chars().map(|c| face.h_advance_unscaled(face.glyph_id(c))).sum();
    f64::from(advances / face.units_per_em().unwrap()) * em
}

fn points(rest: &str) -> Vec<(f64, f64)> {
    let list = rest.split_once('"').unwrap().0;
    let pair = |pair: &str| {
        let (x, y) = pair.split_once(',').unwrap();
        (x.parse::<f64>().unwrap() / SCALE, y.parse::<f64>().unwrap() / SCALE)
    };
    list.split_whitespace().map(pair).collect()
}
