//! Small multiples: the same curves under several conditions, on common axes.

use super::{
    Chart,
    axis::{Axis, Ruler},
    font,
    frame::{Frame, LABEL, empty, left_out},
    legend::{self, Entry, Sample},
    lines::{self, Series},
    page::Drawing,
    palette::{self, Key, Look},
    plot::{Plot, Shown, TICK_ROW},
    scene::{Anchor, Face, Rect, Scene, at},
};

/// A grid of small plots that share both axes, so that heights can be compared across them.
#[derive(Clone, Debug, PartialEq)]
pub struct Multiples {
    /// The words around the chart.
    pub frame: Frame,
    /// The key that was varied within a panel.
    pub x: Axis,
    /// What came out.
    pub y: Axis,
    /// The plots, row by row.
    pub panels: Vec<Panel>,
}

/// One of the small plots.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The condition: "1 node", "37.5 kB a file".
    pub title: String,
    /// Its lines. Those of one name look the same in every panel.
    pub series: Vec<Series>,
}

const PANEL_TITLE: Face = Face { size: 14.5, bold: true, ..LABEL };
const PANEL_TITLE_ROW: f64 = 26.0;
const GAP: f64 = 36.0;
const ROW_GAP: f64 = 14.0;
/// The least height of a row of panels; more rows than fit make the picture taller.
const ROW_LEAST: f64 = 150.0;
/// Room for the names of both axes and the ticks below the grid.
const NAMES: f64 = 76.0;

impl Chart for Multiples {
    fn drawing(&self) -> Option<Drawing<'_>> {
        Some(Drawing::Multiples(self))
    }

    fn scene(&self) -> Scene {
        let all: Vec<&Series> = self.panels.iter().flat_map(|panel| &panel.series).collect();
        let (x, y) = lines::shown((&self.x, &self.y), &all, &[]);
        let notes: Vec<String> = left_out(lines::count_left_out((&x, &y), &all)).into_iter().collect();
        let columns = columns(self.panels.len());
        let rows = self.panels.len().div_ceil(columns);
        if lines::is_empty(&all) {
            return empty(&self.frame, &notes);
        }
        let keys = self.keys();
        let looks = palette::looks(keys.iter().map(|key| key.service));
        let entries: Vec<Entry> =
            keys.iter().zip(&looks).map(|(key, &look)| Entry::new(Sample::Line(look), &key.name)).collect();
        let wanted = |height: f64| height.max(rows as f64 * ROW_LEAST + NAMES);
        let (mut scene, room) = legend::start_with_strip(&self.frame, &notes, &entries, wanted);
        let grid = self.draw_names(&mut scene, &Rect { top: room.top + 4.0, ..room });
        let plots = lay_panels(&grid, (&x, &y), self.panels.len(), columns);
        for (index, (panel, plot)) in self.panels.iter().zip(&plots).enumerate() {
            let is_left = index % columns == 0;
            let is_lowest = index + columns >= self.panels.len();
            draw_panel(&mut scene, plot, panel, is_left, is_lowest);
            let index_of = |series: &Series| keys.iter().position(|key| key.name == series.key.name);
            let look = |series| index_of(series).map(|index| (series, looks[index]));
            let series: Vec<(&Series, Look)> = panel.series.iter().filter_map(look).collect();
            lines::draw(&mut scene, plot, &series, 4.0);
        }
        scene
    }
}

impl Multiples {
    /// The keys of all panels, each name once.
    fn keys(&self) -> Vec<&Key> {
        let mut keys: Vec<&Key> = Vec::new();
        for series in self.panels.iter().flat_map(|panel| &panel.series) {
            if !keys.iter().any(|key| key.name == series.key.name) {
                keys.push(&series.key);
            }
        }
        keys
    }

    /// Names both axes at the edges of the room, and returns what is left inside.
    fn draw_names(&self, scene: &mut Scene, room: &Rect) -> Rect {
        let name = font::cut(&self.y.label, LABEL.size, false, room.width());
        scene.text(&name, at(room.left, room.top + 14.0), Anchor::Start, LABEL);
        let name = font::cut(&self.x.label, LABEL.size, false, room.width());
        scene.text(&name, at(room.centre().x, room.bottom - 5.0), Anchor::Middle, LABEL);
        Rect { top: room.top + 28.0, bottom: room.bottom - 22.0, ..*room }
    }
}

/// How many panels stand side by side: rows of up to four, as even as they come.
fn columns(panels: usize) -> usize {
    match panels {
        0 | 1 => 1,
        2 | 4 => 2,
        3 | 5 | 6 | 9 => 3,
        _ => 4,
    }
}

/// Plots of one size in a grid; labels of the upright axis stand left of the first column only.
fn lay_panels(room: &Rect, (x, y): (&Shown, &Shown), panels: usize, columns: usize) -> Vec<Plot> {
    let rows = panels.div_ceil(columns);
    let row = (room.height() - TICK_ROW + ROW_GAP) / rows as f64;
    let upright = |top: f64| Ruler::up(y.axis, &y.values, top + row - ROW_GAP, top + PANEL_TITLE_ROW);
    let left = room.left + upright(room.top).label_width() + 9.0;
    let width = (room.right - 14.0 - left - GAP * (columns - 1) as f64) / columns as f64;
    (0..panels)
        .map(|index| {
            let left = left + (index % columns) as f64 * (width + GAP);
            let top = room.top + (index / columns) as f64 * row;
            let rect = Rect::new(left, top + PANEL_TITLE_ROW, left + width, top + row - ROW_GAP);
            let limits = (rect.left - 14.0, rect.right + 14.0);
            let x = Ruler::across(x.axis, &x.values, (rect.left, rect.right), limits, true);
            Plot { rect, x, y: upright(top) }
        })
        .collect()
}

fn draw_panel(scene: &mut Scene, plot: &Plot, panel: &Panel, is_left: bool, is_lowest: bool) {
    plot.draw_grid(scene);
    if is_left {
        plot.draw_y_labels(scene);
    }
    if is_lowest {
        plot.draw_x_labels(scene);
    }
    let title = font::cut(&panel.title, PANEL_TITLE.size, true, plot.rect.width());
    scene.text(&title, at(plot.rect.left, plot.rect.top - 9.0), Anchor::Start, PANEL_TITLE);
}
