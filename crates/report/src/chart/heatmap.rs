//! One figure over two swept keys, as colours.

use super::{
    Chart,
    axis::{Axis, Ruler, Values},
    font,
    frame::{Frame, LABEL, TICK, empty, left_out},
    page::Drawing,
    palette::{AXIS, GRID, INK, QUIET, WHITE, heat},
    quantity::Quantity,
    scene::{Anchor, Face, Rect, Scene, Stroke, at},
};

/// A grid of cells coloured by viridis, with their values written in where there is room.
#[derive(Clone, Debug, PartialEq)]
pub struct Heatmap {
    /// The words around the chart.
    pub frame: Frame,
    /// The key that was varied from left to right.
    pub x: Keys,
    /// The key that was varied from bottom to top.
    pub y: Keys,
    /// What came out.
    pub value: Axis,
    /// A row of cells for each value of `y`, from the bottom up. Nothing and not a number are missing.
    pub cells: Vec<Vec<Option<f64>>>,
}

/// A swept key and its values, as they are to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// What was varied.
    pub label: String,
    /// Its values with their units.
    pub values: Vec<String>,
}

const VALUE: Face = Face { size: 14.5, ..LABEL };
/// The least that the ends of a linear colour scale are apart, as a share of the larger one.
const APART: f64 = 0.1;
/// Widths of the colour scale and of the room around it.
const SCALE: f64 = 20.0;
const SCALE_ROOM: f64 = 34.0;

impl Chart for Heatmap {
    fn drawing(&self) -> Option<Drawing<'_>> {
        Some(Drawing::Heatmap(self))
    }

    fn scene(&self) -> Scene {
        let values = Values::of(self.cells.iter().flatten().flatten().copied());
        let log = values.is_log(&self.value);
        let lost = self.cells.iter().flatten().flatten().filter(|value| log && **value <= 0.0).count();
        let notes: Vec<String> = left_out(lost).into_iter().collect();
        if values.is_empty() || self.x.values.is_empty() || self.y.values.is_empty() {
            return empty(&self.frame, &notes);
        }
        let (mut scene, room) = self.frame.start(&notes, 0.0);
        let top = room.top + 26.0;
        let bottom = room.bottom - 2.0 * TICK.leading() - 32.0;
        let values = if log {
            values
        } else {
            Values::of(values.range().map(|ends| self.apart(ends)).into_iter().flatten())
        };
        let scale = Ruler::up(&Axis { from_zero: false, ..self.value.clone() }, &values, bottom, top);
        let right = room.right - scale.label_width() - 9.0 - SCALE - SCALE_ROOM;
        let left = self.draw_y_keys(&mut scene, &room, (top, bottom));
        let grid = Rect::new(left, top, right, bottom);
        self.draw_cells(&mut scene, &grid, &scale);
        self.draw_x_keys(&mut scene, &grid);
        self.draw_scale(&mut scene, &scale, right + SCALE_ROOM, room.right);
        scene
    }
}

impl Heatmap {
    /// The ends of a linear colour scale over values between these: so far apart that what hardly differs looks alike.
    pub(crate) fn apart(&self, (low, high): (f64, f64)) -> [f64; 2] {
        let least = APART * low.abs().max(high.abs());
        let more = (least - (high - low)).max(0.0) / 2.0;
        let (low, high) = (low - more, high + more);
        // No share is above one.
        let beyond = if self.value.quantity == Quantity::Share { (high - 1.0).clamp(0.0, more) } else { 0.0 };
        [low - beyond, high - beyond]
    }

    /// Draws the upright key's name and values, and returns where the cells begin.
    fn draw_y_keys(&self, scene: &mut Scene, room: &Rect, (top, bottom): (f64, f64)) -> f64 {
        let name = font::cut(&self.y.label, LABEL.size, false, 0.6 * room.width());
        scene.text(&name, at(room.left, top - 12.0), Anchor::Start, LABEL);
        let most = 0.24 * room.width();
        let labels: Vec<String> =
            self.y.values.iter().map(|value| font::cut(value, TICK.size, false, most)).collect();
        let width = labels.iter().map(|label| TICK.width(label)).fold(0.0, f64::max);
        let height = (bottom - top) / labels.len() as f64;
        let every = (TICK.leading() / height).ceil().max(1.0) as usize;
        for (index, label) in labels.iter().enumerate().step_by(every) {
            let centre = at(room.left + width, bottom - (index as f64 + 0.5) * height);
            scene.text_centred(label, centre, Anchor::End, TICK);
        }
        room.left + width + 9.0
    }

    fn draw_cells(&self, scene: &mut Scene, grid: &Rect, scale: &Ruler) {
        let (columns, rows) = (self.x.values.len(), self.y.values.len());
        let (width, height) = (grid.width() / columns as f64, grid.height() / rows as f64);
        let gap = if width.min(height) > 12.0 { 1.0 } else { 0.0 };
        for row in 0..rows {
            for column in 0..columns {
                let left = grid.left + column as f64 * width;
                let bottom = grid.bottom - row as f64 * height;
                let cell = Rect::new(left, bottom - height, left + width, bottom).grown(-gap);
                let value = self.cells.get(row).and_then(|cells| cells.get(column).copied().flatten());
                self.draw_cell(scene, &cell, value.filter(|&value| scale.shows(value)), scale);
            }
        }
    }

    fn draw_cell(&self, scene: &mut Scene, cell: &Rect, value: Option<f64>, scale: &Ruler) {
        let Some(value) = value else {
            scene.block(*cell, GRID);
            if cell.width() > 16.0 && cell.height() > 18.0 {
                scene.text_centred("–", cell.centre(), Anchor::Middle, VALUE.colour(QUIET));
            }
            return;
        };
        let fill = heat(share(scale, value));
        scene.block(*cell, fill);
        let quantity = self.value.quantity;
        let text = scale.unit.map_or_else(|| quantity.value(value), |unit| quantity.value_in(unit, value));
        if VALUE.width(&text) + 8.0 <= cell.width() && VALUE.leading() <= cell.height() {
            let face = VALUE.colour(if fill.luminance() > 0.21 { INK } else { WHITE });
            scene.text_centred(&text, cell.centre(), Anchor::Middle, face);
        }
    }

    /// Draws the level key's values in up to two lines, as many as fit, and its name.
    fn draw_x_keys(&self, scene: &mut Scene, grid: &Rect) {
        let width = grid.width() / self.x.values.len() as f64;
        let every = (1..=self.x.values.len())
            .find(|&every| {
                let room = every as f64 * width - 8.0;
                room >= 110.0 || self.x.values.iter().all(|value| TICK.width(value) <= room)
            })
            .unwrap_or(self.x.values.len());
        let mut lowest = grid.bottom;
        for (index, value) in self.x.values.iter().enumerate().step_by(every) {
            let x = grid.left + (index as f64 + 0.5) * width;
            let room = (every as f64 * width - 8.0).min(2.0 * (scene.width - 8.0 - x)).min(2.0 * (x - 8.0));
            for (line, text) in font::wrap(value, TICK.size, false, room, 2).iter().enumerate() {
                let base = at(x, grid.bottom + 20.0 + line as f64 * TICK.leading());
                scene.text(text, base, Anchor::Middle, TICK);
                lowest = lowest.max(base.y);
            }
        }
        let name = font::cut(&self.x.label, LABEL.size, false, grid.width());
        let base = at(grid.centre().x, lowest + LABEL.leading() + 4.0);
        scene.text(&name, base, Anchor::Middle, LABEL);
    }

    /// Draws the colours with their values, and what they mean.
    fn draw_scale(&self, scene: &mut Scene, scale: &Ruler, left: f64, right: f64) {
        let (bottom, top) = scale.pixels;
        let steps = 128;
        let height = (bottom - top) / f64::from(steps);
        for step in 0..steps {
            let y = bottom - f64::from(step) * height;
            let fill = heat(f64::from(step) / f64::from(steps - 1));
            scene.block(Rect::new(left, y - height - 0.3, left + SCALE, y), fill);
        }
        for tick in &scale.ticks {
            let y = scale.place(tick.value);
            scene.line(&[at(left + SCALE, y), at(left + SCALE + 5.0, y)], Stroke::solid(AXIS, 1.2));
            scene.text_centred(&tick.label, at(left + SCALE + 9.0, y), Anchor::Start, TICK);
        }
        let name = font::cut(&self.value.label, LABEL.size, false, 0.36 * (right - 32.0));
        scene.text(&name, at(right, top - 12.0), Anchor::End, LABEL);
    }
}

/// Where on the colour scale a value stands, from 0 to 1.
fn share(scale: &Ruler, value: f64) -> f64 {
    (scale.place(value) - scale.pixels.0) / (scale.pixels.1 - scale.pixels.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(quantity: Quantity) -> Heatmap {
        let keys = || Keys { label: String::new(), values: Vec::new() };
        let value = Axis::new("", quantity);
        Heatmap { frame: Frame::new("", "", ""), x: keys(), y: keys(), value, cells: Vec::new() }
    }

    /// 326.4 s and 326.6 s are a tenth of 326.6 s apart on the scale, and lie in its middle.
    #[test]
    fn what_hardly_differs_looks_alike() {
        let [low, high] = of(Quantity::Seconds).apart((326.4, 326.6));
        assert!((high - low - 32.66).abs() < 1e-9 && (low + high - 653.0).abs() < 1e-9, "{low} {high}");
        assert_eq!(of(Quantity::Seconds).apart((100.0, 400.0)), [100.0, 400.0]);
    }

    #[test]
    fn no_share_is_above_one() {
        let [low, high] = of(Quantity::Share).apart((0.99, 1.0));
        assert!((high - 1.0).abs() < 1e-9 && (low - 0.9).abs() < 1e-9, "{low} {high}");
    }
}
