//! One figure against one swept key, a line per series.

use super::{
    Chart,
    axis::Axis,
    frame::{Frame, LABEL, empty, left_out},
    labels::Placer,
    legend::{self, Entry, Sample},
    lines::{self, Series},
    page::Drawing,
    palette::{self, Look, QUIET, WHITE},
    plot::{Plot, TICK_ROW},
    scene::{Anchor, Dash, Face, Rect, Scene, Stroke, at},
};

/// Curves against a common axis, with intervals and reference lines.
///
/// The legend stands beside the plot, in the order in which the lines end.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// The words around the chart.
    pub frame: Frame,
    /// The key that was varied. Few values become the ticks.
    pub x: Axis,
    /// What came out.
    pub y: Axis,
    /// The lines.
    pub series: Vec<Series>,
    /// Level lines to compare with.
    pub references: Vec<Reference>,
}

/// A level line with a name, such as a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// What it is.
    pub label: String,
    /// Where it is, in the unit of the upright axis.
    pub value: f64,
}

impl Chart for Curves {
    fn drawing(&self) -> Option<Drawing<'_>> {
        Some(Drawing::Curves(self))
    }

    fn scene(&self) -> Scene {
        let series: Vec<&Series> = self.series.iter().collect();
        let levels: Vec<f64> = self.references.iter().map(|reference| reference.value).collect();
        let (x, y) = lines::shown((&self.x, &self.y), &series, &levels);
        let notes: Vec<String> = left_out(lines::count_left_out((&x, &y), &series)).into_iter().collect();
        if lines::is_empty(&series) {
            return empty(&self.frame, &notes);
        }
        let (mut scene, room) = self.frame.start(&notes, 0.0);
        let looks = palette::looks(self.series.iter().map(|series| series.key.service));
        let with_looks: Vec<(&Series, Look)> = series.iter().copied().zip(looks).collect();
        let entries: Vec<Entry> = in_order_of_ends(&with_looks)
            .map(|(s, look)| Entry::new(Sample::Line(look), &s.key.name))
            .collect();
        let column = legend::column_width(&entries);
        let gap = if column > 0.0 { 28.0 } else { 12.0 };
        let inner = Rect { right: room.right - column - gap, ..room };
        let plot = Plot::lay(&inner, &x, &y, inner.right + gap - 6.0, true);
        plot.draw(&mut scene, &self.x, &self.y, room.left);
        self.draw_levels(&mut scene, &plot);
        lines::draw(&mut scene, &plot, &with_looks, 5.5);
        self.name_levels(&mut scene, &plot);
        let beside = Rect::new(room.right - column, plot.rect.top, room.right, room.bottom - TICK_ROW);
        legend::draw_column(&mut scene, &beside, &entries);
        scene
    }
}

/// The series from the one that ends highest to the one that ends lowest.
fn in_order_of_ends<'a>(series: &[(&'a Series, Look)]) -> impl Iterator<Item = (&'a Series, Look)> {
    let end = |series: &Series| {
        let known = series.data.iter().filter(|datum| datum.y.is_some_and(f64::is_finite));
        known.max_by(|a, b| a.x.total_cmp(&b.x)).and_then(|datum| datum.y).unwrap_or(f64::NEG_INFINITY)
    };
    let mut ordered = series.to_vec();
    ordered.sort_by(|(a, _), (b, _)| end(b).total_cmp(&end(a)));
    ordered.into_iter()
}

const LEVEL: Face = Face { size: 13.5, ..LABEL };

impl Curves {
    fn draw_levels(&self, scene: &mut Scene, plot: &Plot) {
        for reference in self.references.iter().filter(|reference| plot.y.shows(reference.value)) {
            let y = plot.y.place(reference.value);
            let ends = [at(plot.rect.left, y), at(plot.rect.right, y)];
            scene.line(&ends, Stroke { colour: QUIET, width: 1.6, dash: Dash::Long });
        }
    }

    /// Writes the names of reference lines onto them where no data is in the way, if there is such a place.
    fn name_levels(&self, scene: &mut Scene, plot: &Plot) {
        let mut data = Placer::new(plot.rect);
        for line in self.series.iter().flat_map(|series| lines::polylines(plot, series)) {
            line.iter().for_each(|&point| data.block(Rect::around(point, 13.0, 13.0)));
            line.windows(2).for_each(|pair| data.block_line(pair[0], pair[1]));
        }
        let mut names: Vec<Rect> = Vec::new();
        for reference in self.references.iter().filter(|reference| plot.y.shows(reference.value)) {
            let width = LEVEL.width(&reference.label);
            let places = places_on_line(plot, plot.y.place(reference.value), width);
            let open: Vec<Rect> =
                places.into_iter().filter(|place| !names.iter().any(|name| name.overlaps(place))).collect();
            let Some(&place) = open.iter().find(|place| data.is_free(place)).or(open.first()) else {
                continue;
            };
            scene.area(corners(&place), WHITE, 0.8);
            let base = at(place.left + 4.0, place.bottom - 4.5);
            scene.text(&reference.label, base, Anchor::Start, LEVEL.colour(QUIET));
            names.push(place);
        }
    }
}

/// Boxes for a name just above and just below a level line, from right to left.
fn places_on_line(plot: &Plot, y: f64, width: f64) -> Vec<Rect> {
    let (width, height) = (width + 8.0, 18.0);
    let free = plot.rect.width() - width - 12.0;
    let lefts = [1.0, 0.0, 0.5, 0.75, 0.25].map(|share| plot.rect.left + 6.0 + share * free);
    let tops = [y - height - 2.0, y + 3.0];
    lefts
        .iter()
        .flat_map(|&left| tops.map(|top| Rect::new(left, top, left + width, top + height)))
        .filter(|place| plot.rect.holds(place))
        .collect()
}

fn corners(rect: &Rect) -> Vec<crate::chart::scene::Point> {
    vec![
        at(rect.left, rect.top),
        at(rect.right, rect.top),
        at(rect.right, rect.bottom),
        at(rect.left, rect.bottom),
    ]
}
