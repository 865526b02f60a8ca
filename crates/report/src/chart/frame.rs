//! What stands around every chart: the finding, what was held fixed, notes, and where the figures come from.

use super::{
    font,
    palette::{INK, QUIET},
    scene::{Anchor, Face, Rect, Scene, at},
};

pub(super) const TITLE: Face = Face { size: 23.25, bold: true, colour: INK };
pub(super) const SUBTITLE: Face = Face { size: 16.0, bold: false, colour: QUIET };
pub(super) const LABEL: Face = Face { size: 15.0, bold: false, colour: INK };
pub(super) const TICK: Face = Face { size: 14.0, bold: false, colour: QUIET };
pub(super) const SMALL: Face = Face { size: 12.5, bold: false, colour: QUIET };

/// Room between the picture's edge and anything in it.
pub(super) const MARGIN: f64 = 32.0;

/// The smallest picture that still has room for a chart.
const LEAST: (u32, u32) = (640, 360);

/// The words around a chart, and its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The finding, as a sentence.
    pub title: String,
    /// What was held fixed, and what points and bands are.
    pub held_fixed: String,
    /// Where the figures come from: "caltech · seed 1 · ingestsim 0.1.0 · prices of 2025-11-01".
    pub footer: String,
    /// Width in logical pixels; a PNG has twice as many. At least 640.
    pub width: u32,
    /// Height in logical pixels; charts with many rows grow beyond it. At least 360.
    pub height: u32,
}

impl Frame {
    /// A frame of 1200 by 675 logical pixels, the shape of a slide.
    pub fn new(title: impl Into<String>, held_fixed: impl Into<String>, footer: impl Into<String>) -> Frame {
        Frame {
            title: title.into(),
            held_fixed: held_fixed.into(),
            footer: footer.into(),
            width: 1200,
            height: 675,
        }
    }

    /// Starts a picture with these words and `notes` in it, and returns the room that is left.
    ///
    /// The picture is taller than asked by so many logical pixels, or lower if they are negative.
    pub(super) fn start(&self, notes: &[String], taller: f64) -> (Scene, Rect) {
        let width = f64::from(self.width.max(LEAST.0));
        let height = (f64::from(self.height.max(LEAST.1)) + taller.round()).max(f64::from(LEAST.1));
        let mut scene = Scene::new(&self.title, width, height);
        let room = width - 2.0 * MARGIN;
        let mut top = 20.0;
        for (text, face, lines) in [(&self.title, TITLE, 2), (&self.held_fixed, SUBTITLE, 3)] {
            for line in font::wrap_evenly(text, face.size, face.bold, room, lines) {
                top += face.leading();
                scene.text(&line, at(MARGIN, top - 0.3 * face.size), Anchor::Start, face);
            }
            top += 5.0;
        }
        let mut bottom = height - 14.0;
        for text in [notes.join(" "), self.footer.clone()].iter().rev() {
            for line in font::wrap(text, SMALL.size, SMALL.bold, room, 2).iter().rev() {
                scene.text(line, at(MARGIN, bottom - 0.25 * SMALL.size), Anchor::Start, SMALL);
                bottom -= SMALL.leading();
            }
        }
        (scene, Rect::new(MARGIN, top + 10.0, width - MARGIN, bottom - 8.0))
    }
}

/// A sentence about points that a log axis cannot show, if there are any.
pub(super) fn left_out(points: usize) -> Option<String> {
    match points {
        0 => None,
        1 => Some("One point at or below zero is left out (logarithmic axis).".to_owned()),
        n => Some(format!("{n} points at or below zero are left out (logarithmic axis).")),
    }
}

/// A picture of nothing but its words, which says so.
pub(super) fn empty(frame: &Frame, notes: &[String]) -> Scene {
    let (mut scene, room) = frame.start(notes, 0.0);
    scene.text_centred("no data to show", room.centre(), Anchor::Middle, LABEL.colour(QUIET));
    scene
}
