//! The rectangle in which values are drawn, with its two axes.

use super::{
    axis::{Axis, Ruler, Values},
    font,
    frame::{LABEL, TICK},
    palette::{AXIS, GRID},
    scene::{Anchor, Point, Rect, Scene, Stroke, at},
};

/// Room for a row of tick labels below a level axis.
pub(super) const TICK_ROW: f64 = 26.0;
/// Room for the name of a level axis below its tick labels.
const LABEL_ROW: f64 = 22.0;
/// Room between an upright axis and its labels.
const GAP: f64 = 9.0;

/// A rectangle with a level and an upright axis.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    pub(super) rect: Rect,
    pub(super) x: Ruler,
    pub(super) y: Ruler,
}

/// An axis with the values it must show.
pub(super) struct Shown<'a> {
    pub(super) axis: &'a Axis,
    pub(super) values: Values,
}

impl Plot {
    /// Lays a plot and the words on its axes into a room; labels of the level axis may stick out to `limit`.
    pub(super) fn lay(room: &Rect, x: &Shown, y: &Shown, limit: f64, swept: bool) -> Plot {
        let name = font::wrap(&y.axis.label, LABEL.size, false, room.width(), 1).len() as f64;
        let top = room.top + name * (LABEL.leading() + 10.0) + 4.0;
        let bottom = room.bottom - TICK_ROW - if x.axis.label.is_empty() { 0.0 } else { LABEL_ROW };
        let y = Ruler::up(y.axis, &y.values, bottom, top);
        let left = room.left + y.label_width() + GAP;
        let x = Ruler::across(x.axis, &x.values, (left, room.right), (room.left, limit), swept);
        Plot { rect: Rect::new(left, top, room.right, bottom), x, y }
    }

    /// The place of a pair of values.
    pub(super) fn place(&self, x: f64, y: f64) -> Point {
        at(self.x.place(x), self.y.place(y))
    }

    /// Whether both axes can show the values.
    pub(super) fn shows(&self, x: f64, y: f64) -> bool {
        self.x.shows(x) && self.y.shows(y)
    }

    /// Draws grid and axes with everything written on them; the upright axis is named above, from `left` on.
    pub(super) fn draw(&self, scene: &mut Scene, x: &Axis, y: &Axis, left: f64) {
        self.draw_grid(scene);
        self.draw_x_labels(scene);
        self.draw_y_labels(scene);
        let name = font::cut(&x.label, LABEL.size, false, scene.width - 40.0);
        let half = LABEL.width(&name) / 2.0;
        let middle = self.rect.centre().x.clamp(half + 8.0, scene.width - half - 8.0);
        scene.text(&name, at(middle, self.rect.bottom + TICK_ROW + 17.0), Anchor::Middle, LABEL);
        let name = font::cut(&y.label, LABEL.size, false, self.rect.right - left);
        scene.text(&name, at(left, self.rect.top - 14.0), Anchor::Start, LABEL);
    }

    /// Lines at the ticks, and the level axis.
    pub(super) fn draw_grid(&self, scene: &mut Scene) {
        let rect = &self.rect;
        for tick in &self.y.ticks {
            let y = self.y.place(tick.value);
            scene.line(&[at(rect.left, y), at(rect.right, y)], Stroke::solid(GRID, 1.0));
        }
        for tick in &self.x.ticks {
            let x = self.x.place(tick.value);
            if self.x.log {
                scene.line(&[at(x, rect.top), at(x, rect.bottom)], Stroke::solid(GRID, 1.0));
            }
            scene.line(&[at(x, rect.bottom), at(x, rect.bottom + 5.0)], Stroke::solid(AXIS, 1.2));
        }
        let corners = [at(rect.left, rect.top), at(rect.left, rect.bottom), at(rect.right, rect.bottom)];
        scene.line(&corners[1..], Stroke::solid(AXIS, 1.2));
        scene.line(&corners[..2], Stroke::solid(GRID, 1.0));
    }

    pub(super) fn draw_x_labels(&self, scene: &mut Scene) {
        for tick in &self.x.ticks {
            let base = at(self.x.place(tick.value), self.rect.bottom + 21.0);
            scene.text(&tick.label, base, Anchor::Middle, TICK);
        }
    }

    pub(super) fn draw_y_labels(&self, scene: &mut Scene) {
        for tick in &self.y.ticks {
            let centre = at(self.rect.left - GAP, self.y.place(tick.value));
            scene.text_centred(&tick.label, centre, Anchor::End, TICK);
        }
    }
}
