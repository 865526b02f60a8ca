//! Predictions against measurements over several powers of ten.

use super::{
    Chart,
    axis::{Axis, Values},
    font,
    frame::{Frame, LABEL, empty, left_out},
    labels::Placer,
    legend::{self, Entry, Sample},
    marker::{Marker, Shape},
    palette::{self, AXIS, Colour, Look, QUIET},
    plot::{Plot, Shown, TICK_ROW},
    quantity::Quantity,
    scene::{Anchor, Dash, Face, Rect, Scene, Stroke},
};

/// Cases on two logarithmic axes of one range, with the diagonal and the band of ten per cent around it.
///
/// Cases used to calibrate are hollow, those that check are filled; each source has its colour and shape. The check
/// cases furthest outside the band are named.
#[derive(Clone, Debug, PartialEq)]
pub struct ScatterLog {
    /// The words around the chart.
    pub frame: Frame,
    /// What was measured: "duration of the training loop".
    pub label: String,
    /// Decides units and labels.
    pub quantity: Quantity,
    /// The points.
    pub cases: Vec<Case>,
}

/// One measurement and its prediction.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What the label says if the prediction is far off.
    pub name: String,
    /// Who measured. Decides colour and shape.
    pub source: String,
    /// What was measured.
    pub measured: f64,
    /// What the model says.
    pub predicted: f64,
    /// What the case is for.
    pub used: Use,
}

/// What a measurement is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A parameter was fitted to it: it says nothing about the model's predictions.
    Calibrate,
    /// The model had not seen it.
    Check,
}

const NAME: Face = Face { size: 13.0, ..LABEL };
const NAMED_MAX: usize = 6;
const RADIUS: f64 = 6.0;
const TOLERANCE: f64 = 0.10;
const BAND: Colour = Colour(0xE3, 0xEE, 0xE6);

impl Case {
    fn is_shown(&self) -> bool {
        self.is_known() && self.measured > 0.0 && self.predicted > 0.0
    }

    fn is_known(&self) -> bool {
        self.measured.is_finite() && self.predicted.is_finite()
    }

    /// How far the prediction is off, as a ratio of at least one.
    fn ratio(&self) -> f64 {
        (self.predicted / self.measured).max(self.measured / self.predicted)
    }

    fn is_outside(&self) -> bool {
        (self.predicted / self.measured - 1.0).abs() > TOLERANCE
    }
}

impl Chart for ScatterLog {
    fn scene(&self) -> Scene {
        let cases: Vec<&Case> = self.cases.iter().filter(|case| case.is_shown()).collect();
        let lost = self.cases.iter().filter(|case| case.is_known() && !case.is_shown()).count();
        let notes: Vec<String> = left_out(lost).into_iter().collect();
        if cases.is_empty() {
            return empty(&self.frame, &notes);
        }
        let (mut scene, room) = self.frame.start(&notes, 0.0);
        let x = Axis::new(format!("measured {}", self.label), self.quantity).log();
        let y = Axis::new(format!("predicted {}", self.label), self.quantity).log();
        let both = Values::of(cases.iter().flat_map(|case| [case.measured, case.predicted]));
        let entries = self.entries(&cases);
        let column = legend::column_width(&entries);
        let inner = Rect { right: room.right - column - 30.0, ..room };
        let shown = |axis| Shown { axis, values: both.clone() };
        let mut plot = Plot::lay(&inner, &shown(&x), &shown(&y), inner.right + 22.0, false);
        // One range for both axes, so that the diagonal runs from corner to corner.
        (plot.x.low, plot.x.high) = (plot.y.low, plot.y.high);
        plot.x.retake_log_ticks(self.quantity, (room.left, inner.right + 22.0));
        self.draw_band(&mut scene, &plot);
        plot.draw(&mut scene, &x, &y, room.left);
        self.draw_cases(&mut scene, &plot, &cases);
        let beside = Rect::new(room.right - column, plot.rect.top, room.right, room.bottom - TICK_ROW);
        legend::draw_column(&mut scene, &beside, &entries);
        scene
    }
}

impl ScatterLog {
    /// The sources in order of their first case.
    fn sources(&self) -> Vec<&str> {
        let mut sources: Vec<&str> = Vec::new();
        for case in &self.cases {
            if !sources.contains(&case.source.as_str()) {
                sources.push(&case.source);
            }
        }
        sources
    }

    fn look(&self, case: &Case) -> Look {
        let index = self.sources().iter().position(|source| *source == case.source).unwrap_or(0);
        let look = palette::source_look(index);
        // Hollow says what a case is for, so sources differ by shape and colour alone.
        let hollow = case.used == Use::Calibrate;
        Look { marker: Marker { hollow, ..look.marker }, ..look }
    }

    fn entries(&self, cases: &[&Case]) -> Vec<Entry> {
        let filled = |look: Look| Look { marker: Marker { hollow: false, ..look.marker }, ..look };
        let mut entries: Vec<Entry> = self
            .sources()
            .iter()
            .enumerate()
            .map(|(index, source)| Entry::new(Sample::Point(filled(palette::source_look(index))), source))
            .collect();
        let grey =
            Look { colour: QUIET, dash: Dash::Solid, marker: Marker { shape: Shape::Disc, hollow: false } };
        let count = |used: Use| cases.iter().filter(|case| case.used == used).count();
        if count(Use::Check) > 0 {
            entries.push(Entry::new(Sample::Point(grey), &format!("filled: check ({})", count(Use::Check))));
        }
        if count(Use::Calibrate) > 0 {
            let hollow = Look { marker: grey.marker.hollow(), ..grey };
            let name = format!("hollow: calibrate ({})", count(Use::Calibrate));
            entries.push(Entry::new(Sample::Point(hollow), &name));
        }
        entries.push(Entry::new(Sample::Fill { colour: BAND, hatched: false }, "within ±10 %"));
        entries.push(Entry::new(Sample::Rule(DIAGONAL), "predicted = measured"));
        entries
    }

    fn draw_band(&self, scene: &mut Scene, plot: &Plot) {
        let (low, high) = (plot.x.low, plot.x.high);
        let (over, under) = (1.0 + TOLERANCE, 1.0 - TOLERANCE);
        let corners = [
            (low, low),
            (low, over * low),
            (high / over, high),
            (high, high),
            (high, under * high),
            (low / under, low),
        ];
        scene.area(corners.map(|(x, y)| plot.place(x, y)).to_vec(), BAND, 1.0);
        scene.line(&[plot.place(low, low), plot.place(high, high)], DIAGONAL);
    }

    /// Draws hollow cases over filled ones, and names the worst.
    fn draw_cases(&self, scene: &mut Scene, plot: &Plot, cases: &[&Case]) {
        let mut placer = Placer::new(plot.rect.grown(-3.0));
        for case in cases {
            placer.block(Rect::around(plot.place(case.measured, case.predicted), 13.0, 13.0));
        }
        for used in [Use::Check, Use::Calibrate] {
            for case in cases.iter().filter(|case| case.used == used) {
                let look = self.look(case);
                look.marker.draw(scene, plot.place(case.measured, case.predicted), RADIUS, look.colour);
            }
        }
        let mut worst: Vec<&&Case> =
            cases.iter().filter(|case| case.used == Use::Check && case.is_outside()).collect();
        worst.sort_by(|a, b| b.ratio().total_cmp(&a.ratio()));
        for case in worst.into_iter().take(NAMED_MAX) {
            let error = Quantity::Share.value(case.predicted / case.measured - 1.0);
            let sign = if case.predicted > case.measured { "+" } else { "" };
            let name = font::cut(&case.name, NAME.size, false, 200.0);
            let text = format!("{name} {sign}{error}");
            let point = plot.place(case.measured, case.predicted);
            let Some(placed) = placer.place(point, RADIUS, NAME.width(&text) + 2.0, 16.0) else { continue };
            if let Some(leader) = placed.leader {
                scene.line(&leader, Stroke::solid(AXIS, 1.0));
            }
            scene.text_centred(&text, placed.rect.centre(), Anchor::Middle, NAME.colour(QUIET));
        }
    }
}

const DIAGONAL: Stroke = Stroke { colour: AXIS, width: 1.4, dash: Dash::Solid };
