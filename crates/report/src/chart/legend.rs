//! Which look means what: a column beside a plot, or a strip above it. Never on top of data.

use super::{
    font,
    frame::{Frame, LABEL},
    palette::{Colour, INK, Look, QUIET, WHITE},
    scene::{Anchor, Dash, Face, Point, Rect, Scene, Stroke, at},
};

const FACE: Face = Face { size: 14.0, ..LABEL };
/// Width of a sample and the gap behind it.
const SAMPLE: f64 = 38.0;
/// The widest a name may run in a column before it wraps.
const COLUMN_MAX: f64 = 215.0;
/// The widest a name may run in a strip before it is cut.
const STRIP_MAX: f64 = 300.0;

/// What is drawn in front of a name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sample {
    /// A line with its marker.
    Line(Look),
    /// A line without a marker.
    Bare(Look),
    /// A marker alone.
    Point(Look),
    /// A reference line.
    Rule(Stroke),
    /// A filled box, hatched or not.
    Fill { colour: Colour, hatched: bool },
    /// Nothing: a remark.
    Word,
}

/// A sample and what it means.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) sample: Sample,
    pub(super) name: String,
}

impl Entry {
    pub(super) fn new(sample: Sample, name: &str) -> Entry {
        Entry { sample, name: name.to_owned() }
    }
}

/// The width that a column of these entries needs, samples included; none for no entries.
pub(super) fn column_width(entries: &[Entry]) -> f64 {
    let widest = entries.iter().map(|entry| FACE.width(&entry.name).min(COLUMN_MAX)).fold(0.0, f64::max);
    if widest > 0.0 { SAMPLE + widest + 1.0 } else { 0.0 }
}

/// Draws the entries below each other from the top of a room; those beyond its bottom are counted in a last line.
pub(super) fn draw_column(scene: &mut Scene, room: &Rect, entries: &[Entry]) {
    let text_room = room.width() - SAMPLE + 0.5;
    let wrapped = |most: usize| -> Vec<Vec<String>> {
        entries.iter().map(|entry| font::wrap(&entry.name, FACE.size, false, text_room, most)).collect()
    };
    let height = |names: &[Vec<String>], gap: f64| -> f64 {
        names.iter().map(|lines| FACE.leading() * lines.len() as f64 + gap).sum()
    };
    let choices = [(3, 5.0), (2, 5.0), (2, 1.0), (1, 1.0)].map(|(most, gap)| (wrapped(most), gap));
    let fitting = choices.iter().find(|(names, gap)| height(names, *gap) <= room.height());
    let (names, gap) = fitting.unwrap_or(&choices[3]);
    let mut top = room.top;
    for (index, (entry, lines)) in entries.iter().zip(names).enumerate() {
        let height = FACE.leading() * lines.len() as f64 + gap;
        let left = entries.len() - index;
        if left > 1 && top + height + FACE.leading() > room.bottom {
            let base = at(room.left + SAMPLE, top + 14.0);
            scene.text(&format!("and {left} more"), base, Anchor::Start, FACE.colour(QUIET));
            return;
        }
        draw_sample(scene, at(room.left, top + 9.0), entry.sample);
        for line in lines {
            let base = at(room.left + SAMPLE, top + 14.0);
            scene.text(line, base, Anchor::Start, FACE);
            top += FACE.leading();
        }
        top += gap;
    }
}

/// Starts a picture with a strip of entries at its top, and returns the room below them.
///
/// `wanted` says how high that room should be where it is so high; the picture grows or shrinks to it.
pub(super) fn start_with_strip(
    frame: &Frame,
    notes: &[String],
    entries: &[Entry],
    wanted: impl Fn(f64) -> f64,
) -> (Scene, Rect) {
    let start = |taller: f64| {
        let (mut scene, room) = frame.start(notes, taller);
        let strip = draw_strip(&mut scene, &room, entries);
        (scene, Rect { top: room.top + strip, ..room })
    };
    let (scene, room) = start(0.0);
    let missing = wanted(room.height()) - room.height();
    if missing.abs() < 1.0 { (scene, room) } else { start(missing) }
}

/// Draws the entries one after another, wrapping at the room's right edge, and returns the height they take.
fn draw_strip(scene: &mut Scene, room: &Rect, entries: &[Entry]) -> f64 {
    let (mut left, mut top) = (room.left, room.top);
    for entry in entries {
        let name = font::cut(&entry.name, FACE.size, false, STRIP_MAX.min(room.width() - SAMPLE));
        let lead = if matches!(entry.sample, Sample::Word) { 0.0 } else { sample_width(entry.sample) + 8.0 };
        let width = lead + FACE.width(&name);
        if left > room.left && left + width > room.right {
            (left, top) = (room.left, top + FACE.leading() + 4.0);
        }
        draw_sample(scene, at(left, top + 9.0), entry.sample);
        scene.text(&name, at(left + lead, top + 14.0), Anchor::Start, FACE);
        left += width + 24.0;
    }
    if entries.is_empty() { 0.0 } else { top + FACE.leading() + 4.0 - room.top }
}

fn sample_width(sample: Sample) -> f64 {
    match sample {
        Sample::Fill { .. } => 18.0,
        Sample::Point(_) => 12.0,
        _ => 30.0,
    }
}

/// Draws a sample whose left end is at `start`.
fn draw_sample(scene: &mut Scene, start: Point, sample: Sample) {
    let width = sample_width(sample);
    let line = [start, at(start.x + width, start.y)];
    let middle = at(start.x + width / 2.0, start.y);
    match sample {
        Sample::Line(look) => {
            scene.line(&line, Stroke { colour: look.colour, width: 2.4, dash: look.dash });
            look.marker.draw(scene, middle, 5.0, look.colour);
        }
        Sample::Bare(look) => {
            scene.line(&line, Stroke { colour: look.colour, width: 2.8, dash: look.dash });
        }
        Sample::Point(look) => look.marker.draw(scene, middle, 5.5, look.colour),
        Sample::Rule(stroke) => scene.line(&line, stroke),
        Sample::Fill { colour, hatched } => {
            let rect = Rect::around(middle, width, 13.0);
            scene.block(rect, colour);
            if hatched {
                hatch(scene, &rect);
            }
        }
        Sample::Word => {}
    }
}

/// Draws slanted lines over a box.
pub(super) fn hatch(scene: &mut Scene, rect: &Rect) {
    let (width, height) = (rect.width(), rect.height());
    let mut offset = 4.0;
    while offset < width + height {
        let (from, to) = ((offset - height).max(0.0), offset.min(width));
        let ends = [from, to].map(|x| at(rect.left + x, rect.top + offset - x));
        scene.line(&ends, Stroke { colour: INK.towards(WHITE, 0.4), width: 1.0, dash: Dash::Solid });
        offset += 7.0;
    }
}
