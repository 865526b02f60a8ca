//! Stacked bars: what a total is made of, profile by profile.

use super::{
    Chart,
    axis::{Axis, Ruler, Values},
    font,
    frame::{Frame, LABEL, SMALL, TICK, empty},
    legend::{self, Entry, Sample, hatch},
    page::Drawing,
    palette::{self, AXIS, GRID, INK, QUIET, WHITE},
    plot::TICK_ROW,
    quantity::Quantity,
    scene::{Anchor, Face, Rect, Scene, Stroke, at},
};

/// Level bars cut into named segments, the total at the end of each.
///
/// The axis is linear and starts at zero. Where one bar or a few dwarf most others, a second panel shows the same bars
/// again up to the length of the small ones, with the long ones broken off.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// The words around the chart.
    pub frame: Frame,
    /// What a bar's length is: "time to first batch".
    pub label: String,
    /// Decides units and labels.
    pub quantity: Quantity,
    /// What bars are made of, from the axis outwards.
    pub segments: Vec<Segment>,
    /// The bars from top to bottom.
    pub bars: Vec<Bar>,
    /// What hatching means: "waiting for the slowest rank".
    pub hatching: Option<String>,
}

/// A part of every bar. Segments of one name share a colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The phase, the cost, the cause.
    pub name: String,
    /// Whether it is drawn hatched.
    pub hatched: bool,
}

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it stands for.
    pub name: String,
    /// A length for each segment. Nothing, not a number and negative lengths are missing.
    pub parts: Vec<Option<f64>>,
}

const NAME: Face = Face { size: 14.5, ..LABEL };
const TOTAL: Face = Face { size: 14.0, bold: true, ..LABEL };
const INSIDE: Face = Face { size: 12.25, colour: INK, ..SMALL };
/// The height of a bar and its gap. The picture grows for many bars and shrinks for few.
const PITCH_LEAST: f64 = 24.0;
const PITCH_MOST: f64 = 84.0;
/// Room below the bars for ticks and the axis' name.
const BELOW: f64 = TICK_ROW + 22.0;
/// Bars beyond this number are left out, and counted.
const BARS_MAX: usize = 60;
/// A bar is dwarfed if the longest is more than so many times as long.
const DWARFED: f64 = 15.0;

impl Bar {
    fn part(&self, segment: usize) -> f64 {
        self.parts
            .get(segment)
            .copied()
            .flatten()
            .filter(|part| part.is_finite() && *part > 0.0)
            .unwrap_or(0.0)
    }

    fn is_missing(&self) -> bool {
        !self.parts.iter().flatten().any(|part| part.is_finite() && *part >= 0.0)
    }
}

/// A stretch of the picture with an axis of its own, in which all bars are drawn.
struct Panel {
    ruler: Ruler,
    title: Option<String>,
    /// Where bars are broken off.
    limit: f64,
    totals: bool,
}

/// The rows that the bars stand in.
struct Rows {
    top: f64,
    pitch: f64,
    count: usize,
}

impl Rows {
    fn middle(&self, index: usize) -> f64 {
        self.top + (index as f64 + 0.5) * self.pitch
    }

    fn bottom(&self) -> f64 {
        self.top + self.count as f64 * self.pitch
    }
}

impl Chart for Bars {
    fn drawing(&self) -> Option<Drawing<'_>> {
        Some(Drawing::Bars(self))
    }

    fn scene(&self) -> Scene {
        let bars = &self.bars[..self.bars.len().min(BARS_MAX)];
        let beyond = self.bars.len() - bars.len();
        let notes: Vec<String> =
            (beyond > 0).then(|| format!("{beyond} more bars are not shown.")).into_iter().collect();
        if bars.iter().all(Bar::is_missing) {
            return empty(&self.frame, &notes);
        }
        let limit = self.zoom_limit(bars);
        let around = BELOW + if limit.is_some() { 30.0 } else { 6.0 };
        let count = bars.len() as f64;
        let wanted = |height: f64| (height - around).clamp(PITCH_LEAST * count, PITCH_MOST * count) + around;
        let (mut scene, room) = legend::start_with_strip(&self.frame, &notes, &self.entries(), wanted);
        let pitch = (room.height() - around) / count;
        let rows = Rows { top: room.top + around - BELOW, pitch, count: bars.len() };
        let left = self.draw_names(&mut scene, bars, &room, &rows);
        for panel in self.panels(bars, left, room.right, limit) {
            self.draw_panel(&mut scene, bars, &panel, &rows);
        }
        let label = font::cut(&self.label, LABEL.size, false, room.right - left);
        let base = at((left + room.right) / 2.0, rows.bottom() + TICK_ROW + 17.0);
        scene.text(&label, base, Anchor::Middle, LABEL);
        scene
    }
}

impl Bars {
    fn total(&self, bar: &Bar) -> f64 {
        (0..self.segments.len()).map(|segment| bar.part(segment)).sum()
    }

    /// The fill of a segment: that of the first segment with its name.
    fn fill(&self, segment: usize) -> palette::Colour {
        let mut names: Vec<&str> = Vec::new();
        for segment in &self.segments[..=segment] {
            if !names.contains(&segment.name.as_str()) {
                names.push(&segment.name);
            }
        }
        let name = &self.segments[segment].name;
        palette::segment(names.iter().position(|other| other == name).unwrap_or(0))
    }

    /// A legend of the segments that occur, each name once, and of the hatching. Where bars have one part alone, the axis
    /// says what that is.
    fn entries(&self) -> Vec<Entry> {
        if self.segments.len() == 1 && self.hatching.is_none() {
            return Vec::new();
        }
        let occurs = |segment: &usize| self.bars.iter().any(|bar| bar.part(*segment) > 0.0);
        let mut entries: Vec<Entry> = Vec::new();
        for segment in (0..self.segments.len()).filter(occurs) {
            let name = &self.segments[segment].name;
            if !entries.iter().any(|entry| &entry.name == name) {
                let sample = Sample::Fill { colour: self.fill(segment), hatched: false };
                entries.push(Entry::new(sample, name));
            }
        }
        let hatched = (0..self.segments.len()).filter(occurs).any(|segment| self.segments[segment].hatched);
        if let Some(meaning) = self.hatching.as_ref().filter(|_| hatched) {
            entries.push(Entry::new(Sample::Fill { colour: GRID, hatched: true }, meaning));
        }
        entries
    }

    /// The length at which a second panel breaks bars off: that of the longest bar among those which the longest of
    /// all dwarfs, provided they are the half of all bars or more.
    fn zoom_limit(&self, bars: &[Bar]) -> Option<f64> {
        let totals: Vec<f64> = bars.iter().map(|bar| self.total(bar)).filter(|&total| total > 0.0).collect();
        let longest = totals.iter().copied().fold(0.0, f64::max);
        let small: Vec<f64> = totals.iter().copied().filter(|total| total * DWARFED < longest).collect();
        (!small.is_empty() && 2 * small.len() >= totals.len())
            .then(|| small.iter().copied().fold(0.0, f64::max))
    }

    /// Draws the bars' names right-aligned in a column of their own, and returns where the bars may begin.
    fn draw_names(&self, scene: &mut Scene, bars: &[Bar], room: &Rect, rows: &Rows) -> f64 {
        let most = 0.26 * room.width();
        let lines_each = if rows.pitch >= 2.0 * NAME.leading() + 2.0 { 2 } else { 1 };
        let wrapped: Vec<Vec<String>> =
            bars.iter().map(|bar| font::wrap(&bar.name, NAME.size, false, most, lines_each)).collect();
        let width = wrapped.iter().flatten().map(|line| NAME.width(line)).fold(0.0, f64::max);
        for (index, lines) in wrapped.iter().enumerate() {
            let first = rows.middle(index) - (lines.len() as f64 - 1.0) * NAME.leading() / 2.0;
            for (line, text) in lines.iter().enumerate() {
                let centre = at(room.left + width, first + line as f64 * NAME.leading());
                scene.text_centred(text, centre, Anchor::End, NAME);
            }
        }
        room.left + width + 12.0
    }

    /// One panel with the totals, or one to scale and one with the long bars broken off.
    fn panels(&self, bars: &[Bar], left: f64, right: f64, limit: Option<f64>) -> Vec<Panel> {
        let longest = bars.iter().map(|bar| self.total(bar)).fold(0.0, f64::max);
        let written = |bar: &Bar| TOTAL.width(&self.quantity.value(self.total(bar)));
        let end = right - bars.iter().map(written).fold(0.0, f64::max) - 14.0;
        let Some(limit) = limit else {
            return vec![Panel {
                ruler: self.ruler(longest, (left, end), right),
                title: None,
                limit: f64::INFINITY,
                totals: true,
            }];
        };
        let middle = left + 0.36 * (end - left);
        let zoomed = self.ruler(limit, (middle + 34.0, end), right);
        vec![
            Panel {
                ruler: self.ruler(longest, (left, middle), middle + 16.0),
                title: Some("all, to scale".to_owned()),
                limit: f64::INFINITY,
                totals: false,
            },
            Panel {
                title: Some(format!("enlarged, up to {}", self.quantity.value(limit))),
                limit: zoomed.high,
                ruler: zoomed,
                totals: true,
            },
        ]
    }

    fn ruler(&self, longest: f64, ends: (f64, f64), limit: f64) -> Ruler {
        let axis = Axis::new(self.label.clone(), self.quantity).linear();
        Ruler::across(&axis, &Values::of([0.0, longest]), ends, (ends.0 - 16.0, limit), false)
    }

    fn draw_panel(&self, scene: &mut Scene, bars: &[Bar], panel: &Panel, rows: &Rows) {
        let (ruler, bottom) = (&panel.ruler, rows.bottom());
        for tick in &ruler.ticks {
            let x = ruler.place(tick.value);
            scene.line(&[at(x, rows.top), at(x, bottom)], Stroke::solid(GRID, 1.0));
            scene.text(&tick.label, at(x, bottom + 21.0), Anchor::Middle, TICK);
        }
        if let Some(title) = &panel.title {
            let title = font::cut(title, SMALL.size, false, ruler.pixels.1 - ruler.pixels.0 + 20.0);
            scene.text(&title, at(ruler.pixels.0, rows.top - 8.0), Anchor::Start, SMALL);
        }
        for (index, bar) in bars.iter().enumerate() {
            let end = self.draw_bar(scene, bar, panel, rows, index);
            if panel.totals {
                let (text, face) = match bar.is_missing() {
                    true => ("no data".to_owned(), TICK),
                    false => (self.quantity.value(self.total(bar)), TOTAL),
                };
                scene.text_centred(&text, at(end + 8.0, rows.middle(index)), Anchor::Start, face);
            }
        }
        let axis = ruler.place(0.0);
        scene.line(&[at(axis, rows.top), at(axis, bottom)], Stroke::solid(AXIS, 1.2));
    }

    /// Draws one bar and returns its right end.
    fn draw_bar(&self, scene: &mut Scene, bar: &Bar, panel: &Panel, rows: &Rows, index: usize) -> f64 {
        let (middle, half) = (rows.middle(index), (0.34 * rows.pitch).min(24.0));
        let several = (0..self.segments.len()).filter(|&segment| bar.part(segment) > 0.0).count() > 1;
        let mut from = 0.0;
        for segment in 0..self.segments.len() {
            let part = bar.part(segment);
            let to = (from + part).min(panel.limit);
            let (left, right) = (panel.ruler.place(from), panel.ruler.place(to));
            let rect = Rect::new(left, middle - half, right, middle + half);
            from += part;
            if rect.width() < 0.2 {
                continue;
            }
            scene.block(rect, self.fill(segment));
            if self.segments[segment].hatched {
                hatch(scene, &rect);
            }
            if rect.width() > 3.0 {
                let edge = [at(right, rect.top), at(right, rect.bottom)];
                scene.line(&edge, Stroke::solid(WHITE, 1.0));
            }
            if several && half >= 9.0 {
                self.write_inside(scene, &rect, part, self.segments[segment].hatched);
            }
        }
        let end = panel.ruler.place(from.min(panel.limit));
        if from > panel.limit {
            draw_break(scene, end, middle - half, middle + half);
        }
        end
    }

    /// Writes a segment's length into it if there is room.
    fn write_inside(&self, scene: &mut Scene, rect: &Rect, part: f64, hatched: bool) {
        let text = self.quantity.value(part);
        let width = INSIDE.width(&text);
        if width + 10.0 > rect.width() {
            return;
        }
        if hatched {
            let backing = Rect::around(rect.centre(), width + 6.0, 15.0);
            let corners = [(backing.left, backing.top), (backing.right, backing.top)];
            let below = [(backing.right, backing.bottom), (backing.left, backing.bottom)];
            scene.area(corners.into_iter().chain(below).map(|(x, y)| at(x, y)).collect(), WHITE, 0.85);
        }
        scene.text_centred(&text, rect.centre(), Anchor::Middle, INSIDE);
    }
}

/// Two slanted cuts near the end of a bar that goes on beyond its panel.
fn draw_break(scene: &mut Scene, end: f64, top: f64, bottom: f64) {
    for offset in [10.0, 18.0] {
        let x = end - offset;
        scene.line(&[at(x - 3.0, bottom + 2.0), at(x + 3.0, top - 2.0)], Stroke::solid(WHITE, 3.0));
    }
    scene.line(&[at(end, top), at(end, bottom)], Stroke::solid(QUIET, 1.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(totals: &[f64]) -> Bars {
        let bar = |&total: &f64| Bar { name: String::new(), parts: vec![Some(total)] };
        Bars {
            frame: Frame::new("", "", ""),
            label: String::new(),
            quantity: Quantity::Dollars,
            segments: vec![Segment { name: String::new(), hatched: false }],
            bars: totals.iter().map(bar).collect(),
            hatching: None,
        }
    }

    fn limit(totals: &[f64]) -> Option<f64> {
        let chart = chart(totals);
        chart.zoom_limit(&chart.bars)
    }

    /// 507 is a hundred times 5.09; 3.56 and 5.09 are to be seen, so bars break off beyond 5.09.
    #[test]
    fn a_giant_gets_the_others_a_panel_of_their_own() {
        assert_eq!(limit(&[3.56, 507.0, 5.09]), Some(5.09));
    }

    /// One small bar among large ones, and bars within a factor of fifteen, need no second panel; nor do zeros.
    #[test]
    fn bars_of_one_scale_stay_in_one_panel() {
        assert_eq!(limit(&[1.0, 100.0, 110.0, 120.0]), None);
        assert_eq!(limit(&[10.0, 140.0]), None);
        assert_eq!(limit(&[0.0, 0.0, 7.0]), None);
    }

    #[test]
    fn missing_parts_count_as_nothing() {
        let parts = vec![Some(2.0), None, Some(f64::NAN), Some(-1.0)];
        let segments = vec![Segment { name: String::new(), hatched: false }; 4];
        let chart = Bars { segments, ..chart(&[]) };
        assert_eq!(chart.total(&Bar { name: String::new(), parts }), 2.0);
        assert!(Bar { name: String::new(), parts: vec![None, Some(f64::NAN)] }.is_missing());
    }
}
