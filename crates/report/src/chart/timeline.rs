//! A run over time: several figures below each other on one clock.

use super::{
    Chart,
    axis::{Axis, Ruler, Values},
    font,
    frame::{Frame, LABEL, empty},
    legend::{self, Entry, Sample},
    page::Drawing,
    palette::{self, Key, Look},
    plot::{Plot, TICK_ROW},
    quantity::Quantity,
    scene::{Anchor, Face, Point, Rect, Scene, Stroke, at},
};

/// Rows with a common time axis, in each a line per profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The words around the chart.
    pub frame: Frame,
    /// What the clock shows: "time since the job was started".
    pub clock: String,
    /// The profiles; every row has their lines in this order.
    pub profiles: Vec<Key>,
    /// The figures from top to bottom.
    pub rows: Vec<Row>,
}

/// One figure over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is, and how spread; a share is shown from 0 to 100 %.
    pub axis: Axis,
    /// Whether a value holds until the next (an average over a window, a queue's length) or changes evenly.
    pub holds: bool,
    /// For each profile seconds and values, in order of time. Nothing and not a number are gaps.
    pub lines: Vec<Vec<(f64, Option<f64>)>>,
}

const ROW_NAME: Face = Face { size: 14.5, bold: true, ..LABEL };
const ROW_NAME_ROW: f64 = 31.0;
/// The least height of a row; more rows than fit make the picture taller.
const ROW_LEAST: f64 = 100.0;
/// Room for the ticks and the name of the clock.
const BELOW: f64 = TICK_ROW + 22.0;

impl Chart for Timeline {
    fn drawing(&self) -> Option<Drawing<'_>> {
        Some(Drawing::Timeline(self))
    }

    fn scene(&self) -> Scene {
        let times = Values::of(self.rows.iter().flat_map(Row::known).map(|(time, _)| time));
        if times.is_empty() {
            return empty(&self.frame, &[]);
        }
        let looks = palette::looks(self.profiles.iter().map(|profile| profile.service));
        let entries: Vec<Entry> = self
            .profiles
            .iter()
            .zip(&looks)
            .map(|(profile, &look)| Entry::new(Sample::Bare(look), &profile.name))
            .collect();
        let wanted = |height: f64| height.max(self.rows.len() as f64 * ROW_LEAST + BELOW);
        let (mut scene, room) = legend::start_with_strip(&self.frame, &[], &entries, wanted);
        let body = Rect { top: room.top + 2.0, right: room.right - 16.0, ..room };
        let plots = self.lay_rows(&body, &times);
        for (row, plot) in self.rows.iter().zip(&plots) {
            row.draw(&mut scene, plot, &looks, room.left);
        }
        if let Some(lowest) = plots.last() {
            lowest.draw_x_labels(&mut scene);
            let clock = font::cut(&self.clock, LABEL.size, false, lowest.rect.width());
            let base = at(lowest.rect.centre().x, lowest.rect.bottom + TICK_ROW + 17.0);
            scene.text(&clock, base, Anchor::Middle, LABEL);
        }
        scene
    }
}

impl Timeline {
    fn lay_rows(&self, room: &Rect, times: &Values) -> Vec<Plot> {
        let height = (room.height() - BELOW) / self.rows.len() as f64;
        let rulers: Vec<Ruler> = self
            .rows
            .iter()
            .enumerate()
            .map(|(index, row)| {
                let top = room.top + index as f64 * height;
                Ruler::up(&row.axis, &row.values(), top + height - 4.0, top + ROW_NAME_ROW)
            })
            .collect();
        let left = room.left + rulers.iter().map(Ruler::label_width).fold(0.0, f64::max) + 9.0;
        let clock = Axis::new(self.clock.clone(), Quantity::Seconds).linear();
        let x = Ruler::across(&clock, times, (left, room.right), (room.left, room.right + 40.0), false);
        rulers
            .into_iter()
            .map(|y| Plot { rect: Rect::new(left, y.pixels.1, room.right, y.pixels.0), x: x.clone(), y })
            .collect()
    }
}

impl Row {
    fn known(&self) -> impl Iterator<Item = (f64, f64)> {
        let finite = |&(time, value): &(f64, Option<f64>)| {
            value.filter(|value| value.is_finite() && time.is_finite()).map(|value| (time, value))
        };
        self.lines.iter().flatten().filter_map(finite)
    }

    /// The row's values, and the ends of a share.
    fn values(&self) -> Values {
        let ends = if self.axis.quantity == Quantity::Share { vec![0.0, 1.0] } else { Vec::new() };
        Values::of(self.known().map(|(_, value)| value).chain(ends))
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot, looks: &[Look], left: f64) {
        plot.draw_grid(scene);
        plot.draw_y_labels(scene);
        let name = font::cut(&self.axis.label, ROW_NAME.size, true, plot.rect.right - left);
        scene.text(&name, at(left, plot.rect.top - 14.0), Anchor::Start, ROW_NAME);
        for (line, look) in self.lines.iter().zip(looks) {
            let shown =
                |&(time, value): &(f64, Option<f64>)| value.is_some_and(|value| plot.shows(time, value));
            for run in line.split(|reading| !shown(reading)) {
                let points = self.points(plot, run);
                let stroke = Stroke { colour: look.colour, width: 1.8, dash: look.dash };
                match points[..] {
                    [] => {}
                    [only] => scene.disc(only, 2.4, look.colour),
                    _ => scene.line(&points, stroke),
                }
            }
        }
    }

    /// The corners of the line through some readings.
    fn points(&self, plot: &Plot, run: &[(f64, Option<f64>)]) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::new();
        for &(time, value) in run {
            let Some(value) = value else { continue };
            let point = plot.place(time, value);
            if let Some(last) = points.last().filter(|_| self.holds) {
                points.push(at(point.x, last.y));
            }
            points.push(point);
        }
        points
    }
}
