//! Series of points against an axis: what they are, and how they are drawn into a plot.

use super::{
    axis::{Axis, Values},
    palette::{Key, Look},
    plot::{Plot, Shown},
    quantity::Quantity,
    scene::{Point, Scene, Stroke, at},
};

/// Lines with more points than this have a marker only at some of them.
const MARKERS_MAX: usize = 40;

/// One point of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datum {
    /// The value of the key that was varied.
    pub x: f64,
    /// What came out, or nothing where a run is missing. Not a number counts as missing.
    pub y: Option<f64>,
    /// The lower and the upper end of an interval around `y`.
    pub band: Option<(f64, f64)>,
}

impl Datum {
    /// A point without an interval.
    pub fn new(x: f64, y: f64) -> Datum {
        Datum { x, y: Some(y), band: None }
    }

    /// A point with its interval.
    pub fn with_band(x: f64, y: f64, band: (f64, f64)) -> Datum {
        Datum { x, y: Some(y), band: Some(band) }
    }

    /// A place where nothing is known; the line has a gap there.
    pub fn missing(x: f64) -> Datum {
        Datum { x, y: None, band: None }
    }

    fn known(&self) -> Option<(f64, f64)> {
        self.y.filter(|y| y.is_finite() && self.x.is_finite()).map(|y| (self.x, y))
    }
}

/// A line with its points.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name and service.
    pub key: Key,
    /// Its points; they are joined in the order of `x`.
    pub data: Vec<Datum>,
}

/// The axes of a plot with all values of some series, and of lines across it.
pub(super) fn shown<'a>(
    (x, y): (&'a Axis, &'a Axis),
    series: &[&Series],
    across: &[f64],
) -> (Shown<'a>, Shown<'a>) {
    let data = || series.iter().flat_map(|series| &series.data);
    let xs = data().filter_map(Datum::known).map(|(x, _)| x);
    let ys = data().filter_map(Datum::known).map(|(_, y)| y);
    let bands = data().filter(|datum| datum.known().is_some()).filter_map(|datum| datum.band);
    let y_is_log = Values::of(ys.clone().chain(across.iter().copied())).is_log(y);
    // An interval may reach below zero, or a share's above one, where no point does. Such an end says nothing about the
    // figure: it is drawn at the end of the axis, which stays.
    let below = ys.clone().any(|y| y < 0.0);
    let above = y.quantity != Quantity::Share || ys.clone().any(|y| y > 1.0);
    let makes_sense = |&end: &f64| (below || end >= 0.0) && (above || end <= 1.0) && (!y_is_log || end > 0.0);
    let ends = bands.flat_map(|(low, high)| [low, high]).filter(makes_sense);
    let y_axis = Shown { axis: y, values: Values::of(ys.chain(ends).chain(across.iter().copied())) };
    (Shown { axis: x, values: Values::of(xs) }, y_axis)
}

/// How many points of some series logarithmic axes cannot show.
pub(super) fn count_left_out((x, y): (&Shown, &Shown), series: &[&Series]) -> usize {
    let (x_log, y_log) = (x.values.is_log(x.axis), y.values.is_log(y.axis));
    let known = series.iter().flat_map(|series| &series.data).filter_map(Datum::known);
    known.filter(|&(x, y)| (x_log && x <= 0.0) || (y_log && y <= 0.0)).count()
}

/// Whether there is nothing at all to draw.
pub(super) fn is_empty(series: &[&Series]) -> bool {
    !series.iter().flat_map(|series| &series.data).any(|datum| datum.known().is_some())
}

/// Draws series into a plot: bands at the back, then lines, then markers.
pub(super) fn draw(scene: &mut Scene, plot: &Plot, series: &[(&Series, Look)], radius: f64) {
    let runs: Vec<(Vec<Vec<Datum>>, Look)> =
        series.iter().map(|(series, look)| (runs(plot, series), *look)).collect();
    for (runs, look) in &runs {
        runs.iter().for_each(|run| draw_band(scene, plot, run, look));
    }
    for (runs, look) in &runs {
        for run in runs {
            let stroke = Stroke { colour: look.colour, width: 0.28 * radius + 1.0, dash: look.dash };
            scene.line(&points(plot, run), stroke);
        }
    }
    for (runs, look) in &runs {
        let all: Vec<Point> = runs.iter().flat_map(|run| points(plot, run)).collect();
        let every = all.len().div_ceil(MARKERS_MAX).max(1);
        for point in all.iter().step_by(every) {
            look.marker.draw(scene, *point, radius, look.colour);
        }
    }
}

/// The places of all points of a series that a plot can show, as unbroken lines.
pub(super) fn polylines(plot: &Plot, series: &Series) -> Vec<Vec<Point>> {
    runs(plot, series).iter().map(|run| points(plot, run)).collect()
}

/// Cuts a series, in the order of its values, at its gaps.
fn runs(plot: &Plot, series: &Series) -> Vec<Vec<Datum>> {
    let mut data = series.data.clone();
    data.sort_by(|a, b| a.x.total_cmp(&b.x));
    let shown = |datum: &Datum| datum.known().is_some_and(|(x, y)| plot.shows(x, y));
    data.split(|datum| !shown(datum)).filter(|run| !run.is_empty()).map(<[Datum]>::to_vec).collect()
}

fn points(plot: &Plot, run: &[Datum]) -> Vec<Point> {
    run.iter().filter_map(Datum::known).map(|(x, y)| plot.place(x, y)).collect()
}

/// The area between the ends of the intervals; a whisker where a point with an interval stands alone.
fn draw_band(scene: &mut Scene, plot: &Plot, run: &[Datum], look: &Look) {
    let place = |x: f64, end: f64| {
        at(plot.x.place(x), plot.y.place(if plot.y.shows(end) { end } else { plot.y.low }))
    };
    let with_band: Vec<(f64, f64, f64)> = run
        .iter()
        .filter_map(|datum| datum.band.map(|(low, high)| (datum.x, low, high)))
        .filter(|(_, low, high)| !low.is_nan() && !high.is_nan())
        .collect();
    if let [(x, low, high)] = with_band[..] {
        let stroke = Stroke::solid(look.colour, 1.6);
        let (bottom, top) = (place(x, low), place(x, high));
        scene.line(&[bottom, top], stroke);
        for end in [bottom, top] {
            scene.line(&[at(end.x - 5.0, end.y), at(end.x + 5.0, end.y)], stroke);
        }
        return;
    }
    let upper = with_band.iter().map(|&(x, _, high)| place(x, high));
    let lower = with_band.iter().rev().map(|&(x, low, _)| place(x, low));
    let corners: Vec<Point> = upper.chain(lower).collect();
    if corners.len() > 2 {
        scene.area(corners, look.colour, 0.17);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Service;

    fn series(data: Vec<Datum>) -> Series {
        Series { key: Key::new("", Service::Other), data }
    }

    fn plot(y: &Axis, series: &Series) -> Plot {
        let x = Axis::new("", Quantity::Count).linear();
        let (x, y) = shown((&x, y), &[series], &[]);
        Plot::lay(&crate::chart::scene::Rect::new(0.0, 0.0, 400.0, 300.0), &x, &y, 420.0, false)
    }

    #[test]
    fn a_gap_cuts_a_line_in_two() {
        let series = series(vec![Datum::new(3.0, 1.0), Datum::missing(2.0), Datum::new(1.0, 1.0)]);
        let lines = polylines(&plot(&Axis::new("", Quantity::Count), &series), &series);
        assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
        assert!(lines[0][0].x < lines[1][0].x);
    }

    /// The intervals of 2 % and 99 % reach beyond nothing and all; the axis does not.
    #[test]
    fn an_interval_does_not_stretch_a_share() {
        let series =
            series(vec![Datum::with_band(0.0, 0.02, (-0.1, 0.1)), Datum::with_band(1.0, 0.99, (0.9, 1.2))]);
        let plot = plot(&Axis::new("", Quantity::Share), &series);
        assert_eq!((plot.y.low, plot.y.high), (0.0, 1.0));
    }

    #[test]
    fn what_a_log_axis_cannot_show_is_counted() {
        let series = series(vec![Datum::new(1.0, 0.0), Datum::new(2.0, 5.0), Datum::new(3.0, -1.0)]);
        let (x, y) = (Axis::new("", Quantity::Count), Axis::new("", Quantity::Count).log());
        let (x, y) = shown((&x, &y), &[&series], &[]);
        assert_eq!(count_left_out((&x, &y), &[&series]), 2);
    }
}
