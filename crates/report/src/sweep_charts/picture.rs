//! A figure against the swept keys, as the layout wants it: curves, panels, a heat map or bars.

use super::{
    Metric, Words, finding,
    layout::{LINES_MAX, Layout, Line},
    table::{Swept, SweptPoint},
};
use crate::chart::{
    Axis, Bar, Bars, Chart, Curves, Datum, Frame, Heatmap, Key, Keys, Multiples, Panel, Quantity, Segment,
    Series,
};

/// Bars that fit on a slide.
const BARS_MAX: usize = 24;

/// The chart of a figure.
pub(super) fn of(swept: &Swept, layout: &Layout, metric: &Metric, words: &Words) -> Box<dyn Chart> {
    let drawing = Drawing { swept, layout, metric, lines: layout.lines_of(swept) };
    let frame = Frame::new(
        finding::of(swept, metric, |point| layout.shows(point)),
        drawing.caption(&words.held_fixed),
        words.footer.clone(),
    );
    match (layout.x, layout.heat, layout.panels.is_empty()) {
        (None, ..) => Box::new(drawing.bars(frame)),
        (Some(x), Some(heat), _) => Box::new(drawing.heatmap(frame, x, heat)),
        (Some(x), None, false) => Box::new(drawing.multiples(frame, x)),
        (Some(x), None, true) => Box::new(drawing.curves(frame, x)),
    }
}

struct Drawing<'a> {
    swept: &'a Swept,
    layout: &'a Layout,
    metric: &'a Metric,
    lines: Vec<Line>,
}

impl Drawing<'_> {
    fn curves(&self, frame: Frame, x: usize) -> Curves {
        Curves {
            frame,
            x: self.axis(x),
            y: self.y(),
            series: self.series(x, |_| true),
            references: Vec::new(),
        }
    }

    fn multiples(&self, frame: Frame, x: usize) -> Multiples {
        let panel = |values: Vec<usize>| {
            let places = || self.layout.panels.iter().zip(&values);
            let said = places().map(|(&axis, &value)| self.swept.axes[axis].said(value));
            Panel {
                title: said.collect::<Vec<_>>().join(", "),
                // What does not vary along the panels stands in each of them.
                series: self.series(x, |point| {
                    places().all(|(&axis, &value)| point.at[axis].is_none_or(|at| at == value))
                }),
            }
        };
        let panels = self.layout.panel_values(self.swept).into_iter().map(panel).collect();
        Multiples { frame, x: self.axis(x), y: self.y(), panels }
    }

    fn heatmap(&self, frame: Frame, x: usize, y: usize) -> Heatmap {
        let keys = |axis: usize| {
            let axis = &self.swept.axes[axis];
            let values = axis.values.iter().map(|value| value.text.clone()).collect();
            Keys { label: axis.label.clone(), values }
        };
        let count = |axis: usize| self.swept.axes[axis].values.len();
        let mut cells = vec![vec![None; count(x)]; count(y)];
        for point in self.shown() {
            if let (Some(column), Some(row)) = (point.at[x], point.at[y]) {
                cells[row][column] = point.figure(self.metric.figure).mean;
            }
        }
        Heatmap { frame, x: keys(x), y: keys(y), value: self.y(), cells }
    }

    fn bars(&self, frame: Frame) -> Bars {
        let bar = |point: &SweptPoint| Bar {
            name: self.swept.name(point),
            parts: vec![point.figure(self.metric.figure).mean],
        };
        Bars {
            frame,
            label: self.metric.label.into(),
            quantity: self.metric.quantity,
            segments: vec![Segment { name: self.metric.label.into(), hatched: false }],
            bars: self.shown().take(BARS_MAX).map(bar).collect(),
            hatching: None,
        }
    }

    fn shown(&self) -> impl Iterator<Item = &SweptPoint> {
        self.swept.points.iter().filter(|point| self.layout.shows(point))
    }

    /// A series per line, of the points among those shown that are `wanted`.
    fn series(&self, x: usize, wanted: impl Fn(&SweptPoint) -> bool) -> Vec<Series> {
        let points: Vec<&SweptPoint> = self.shown().filter(|point| wanted(point)).collect();
        let series = |line: &Line| {
            let on_line = points.iter().filter(|point| self.layout.line(point) == *line);
            let data = on_line.flat_map(|point| self.data(point, x)).collect();
            Series { key: self.key(line), data }
        };
        self.lines.iter().take(LINES_MAX).map(series).collect()
    }

    /// A point's place on the chart; one on whose profile the axis does not vary is everywhere the same.
    fn data(&self, point: &SweptPoint, x: usize) -> Vec<Datum> {
        let values = &self.swept.axes[x].values;
        let at = point.at[x].map_or(0..values.len(), |value| value..value + 1);
        let estimate = point.figure(self.metric.figure);
        let datum = |number: f64| match (estimate.mean, estimate.ci95) {
            (Some(mean), Some(half)) if half > 0.0 => {
                Datum::with_band(number, mean, (mean - half, mean + half))
            }
            (Some(mean), _) => Datum::new(number, mean),
            (None, _) => Datum::missing(number),
        };
        values[at].iter().filter_map(|value| value.number).map(datum).collect()
    }

    fn key(&self, line: &Line) -> Key {
        let profile = &self.swept.profiles[line.profile];
        let axes = self.layout.lines.iter().zip(&line.at);
        let mut parts = vec![profile.name.clone()];
        parts.extend(axes.filter_map(|(&axis, value)| value.map(|value| self.swept.axes[axis].said(value))));
        if self.swept.profiles.len() == 1 && parts.len() > 1 {
            parts.remove(0);
        }
        Key::new(parts.join(", "), profile.service)
    }

    fn axis(&self, axis: usize) -> Axis {
        let axis = &self.swept.axes[axis];
        Axis::new(&axis.label, axis.quantity.unwrap_or(Quantity::Count))
    }

    fn y(&self) -> Axis {
        Axis::new(self.metric.label, self.metric.quantity)
    }

    /// What was held fixed, what points and bands are, and what had no room.
    fn caption(&self, held_fixed: &str) -> String {
        let held = self.layout.held.iter().map(|&axis| self.swept.axes[axis].said(0));
        let mut parts = vec![held_fixed.to_owned()];
        parts.extend(held);
        parts.retain(|part| !part.is_empty());
        let mut sentences = vec![parts.join(", ")];
        sentences.extend(self.runs());
        let panels = self.layout.panels.iter().map(|&axis| self.swept.axes[axis].values.len()).product();
        let panels = if self.layout.panels.is_empty() { 0 } else { panels };
        let room = [
            ("lines", self.lines.len(), LINES_MAX),
            ("panels", panels, self.layout.panel_values(self.swept).len()),
            ("bars", if self.layout.x.is_none() { self.shown().count() } else { 0 }, BARS_MAX),
        ];
        let without = room.iter().filter(|(_, all, room)| all > room);
        sentences.extend(without.map(|(what, all, room)| format!("{room} of {all} {what}")));
        sentences.retain(|sentence| !sentence.is_empty());
        sentences.join("; ")
    }

    /// What a point is the mean of.
    fn runs(&self) -> Option<String> {
        let bands = self.layout.x.is_some() && self.layout.heat.is_none();
        let band = if bands { ", band: 95 % interval" } else { "" };
        match self.swept.replications {
            (_, 0 | 1) => None,
            (least, most) if least == most => Some(format!("mean of {most} runs{band}")),
            (least, most) => Some(format!("mean of {least} to {most} runs{band}")),
        }
    }
}
