//! From a scene to SVG text or PNG bytes, through one drawing function.
//!
//! plotters places everything on whole pixels. The picture is therefore painted ten times as large for SVG, whose view
//! box scales it back, and four times as large for PNG, which is then averaged down to twice the logical size. Letters
//! in a PNG are inked from the bundled face directly: plotters' own text drops the room on the left of a letter.

use std::fmt;

use plotters::{
    backend::{BitMapBackend, DrawingBackend, SVGBackend},
    style::{
        Color, FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    ChartError, font,
    palette::Colour,
    pixels,
    scene::{Anchor, Point, Scene, Shape, Text, at},
};

/// Pixels of a PNG per logical pixel.
const PNG_SCALE: u32 = 2;
/// Units of the SVG's view box per logical pixel.
const SVG_SCALE: u32 = 10;

/// plotters divides a font's size by this on its way into an SVG. The sizes in use come back without a tail of digits.
const SVG_SIZE_PER_EM: f64 = 1.24;
/// How far plotters moves text that hangs from its top down in an SVG, in ems.
const SVG_DROP: f64 = 0.76;

/// How one back end is painted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pen {
    Svg,
    Png,
}

/// The picture as an SVG document with its text as text.
pub(super) fn svg(scene: &Scene) -> Result<String, ChartError> {
    let (width, height) = (scene.width as u32, scene.height as u32);
    let mut body = String::new();
    let mut backend = SVGBackend::with_string(&mut body, (SVG_SCALE * width, SVG_SCALE * height));
    paint(scene, &mut backend, Pen::Svg).map_err(|message| ChartError::Paint { format: "SVG", message })?;
    drop(backend);
    let shapes = body.split_once('\n').map_or("", |(_, shapes)| shapes);
    Ok(format!(
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" role=\"img\" \
         stroke-linejoin=\"round\" xmlns=\"http://www.w3.org/2000/svg\">\n\
         <title>{}</title>\n{shapes}",
        SVG_SCALE * width,
        SVG_SCALE * height,
        escaped(&scene.name),
    ))
}

/// The picture as a PNG of twice its logical size.
pub(super) fn png(scene: &Scene) -> Result<Vec<u8>, ChartError> {
    let failed = |message: String| ChartError::Paint { format: "PNG", message };
    let size = (PNG_SCALE * scene.width as u32, PNG_SCALE * scene.height as u32);
    let painted = (pixels::OVERSAMPLING * size.0, pixels::OVERSAMPLING * size.1);
    let mut canvas = vec![0; 3 * painted.0 as usize * painted.1 as usize];
    let mut backend = BitMapBackend::with_buffer(&mut canvas, painted);
    paint(scene, &mut backend, Pen::Png).map_err(failed)?;
    drop(backend);
    pixels::encode(&pixels::halved(&canvas, size.0 as usize), size).map_err(|e| failed(e.to_string()))
}

/// Paints a scene on any back end of plotters.
fn paint<B: DrawingBackend>(scene: &Scene, backend: &mut B, pen: Pen) -> Result<(), String> {
    for shape in &scene.shapes {
        match shape {
            Shape::Block { rect, fill } => {
                let corners =
                    [(rect.left, rect.top), (rect.right, rect.bottom)].map(|(x, y)| pen.pixel(at(x, y)));
                told(backend.draw_rect(corners[0], corners[1], &opaque(*fill), true))?;
            }
            Shape::Area { corners, fill, opacity } => {
                let colour = RGBAColor(fill.0, fill.1, fill.2, *opacity);
                told(backend.fill_polygon(pen.pixels(corners), &colour))?;
            }
            Shape::Line { points, colour, width } => pen.line(backend, points, *colour, *width)?,
            Shape::Disc { centre, radius, fill } => {
                told(backend.draw_circle(pen.pixel(*centre), pen.length(*radius), &opaque(*fill), true))?;
            }
            Shape::Text(text) => pen.text(backend, text)?,
        }
    }
    told(backend.present())
}

/// An outcome with the back end's own error, whose type differs from one to the next, told in words.
fn told<T, E: fmt::Display>(outcome: Result<T, E>) -> Result<T, String> {
    outcome.map_err(|error| error.to_string())
}

fn opaque(colour: Colour) -> RGBAColor {
    RGBAColor(colour.0, colour.1, colour.2, 1.0)
}

impl Pen {
    /// Painted pixels per logical pixel.
    fn scale(self) -> f64 {
        match self {
            Pen::Svg => f64::from(SVG_SCALE),
            Pen::Png => f64::from(PNG_SCALE * pixels::OVERSAMPLING),
        }
    }

    fn pixel(self, point: Point) -> (i32, i32) {
        ((point.x * self.scale()).round() as i32, (point.y * self.scale()).round() as i32)
    }

    /// The points in pixels, without those that fall on the one before.
    fn pixels(self, points: &[Point]) -> Vec<(i32, i32)> {
        let mut pixels: Vec<_> = points.iter().map(|&point| self.pixel(point)).collect();
        pixels.dedup();
        pixels
    }

    fn length(self, length: f64) -> u32 {
        (length * self.scale()).round().max(1.0) as u32
    }

    /// A polyline. plotters turns a thick one into an outline that breaks at sharp corners, so in a PNG each piece is
    /// drawn by itself and a disc put on each corner.
    fn line<B: DrawingBackend>(
        self,
        backend: &mut B,
        points: &[Point],
        colour: Colour,
        width: f64,
    ) -> Result<(), String> {
        let style = ShapeStyle { color: opaque(colour), filled: true, stroke_width: self.length(width) };
        let pixels = self.pixels(points);
        if self == Pen::Svg {
            return told(backend.draw_path(pixels, &style));
        }
        for pair in pixels.windows(2) {
            told(backend.draw_line(pair[0], pair[1], &style))?;
        }
        if style.stroke_width > 4 {
            for &joint in pixels.iter().skip(1).take(pixels.len().saturating_sub(2)) {
                told(backend.draw_circle(joint, style.stroke_width / 2, &style.color, true))?;
            }
        }
        Ok(())
    }

    /// A line of text on its baseline.
    fn text<B: DrawingBackend>(self, backend: &mut B, text: &Text) -> Result<(), String> {
        match self {
            Pen::Svg => self.text_as_text(backend, text),
            Pen::Png => self.text_as_ink(backend, text),
        }
    }

    fn text_as_text<B: DrawingBackend>(self, backend: &mut B, text: &Text) -> Result<(), String> {
        let em = text.face.size * self.scale();
        let weight = if text.face.bold { FontStyle::Bold } else { FontStyle::Normal };
        let h_pos = match text.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let style = FontDesc::new(FontFamily::Name(font::FAMILY), em * SVG_SIZE_PER_EM, weight)
            .color(&opaque(text.face.colour))
            .pos(Pos::new(h_pos, VPos::Top));
        let (x, y) = self.pixel(text.base);
        told(backend.draw_text(&text.text, &style, (x, y - (em * SVG_DROP).round() as i32)))
    }

    fn text_as_ink<B: DrawingBackend>(self, backend: &mut B, text: &Text) -> Result<(), String> {
        let lead = match text.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => 0.5,
            Anchor::End => 1.0,
        };
        let left = text.base.x - lead * text.face.width(&text.text);
        let start = (left * self.scale(), (text.base.y * self.scale()).round());
        let colour = opaque(text.face.colour);
        let mut outcome = Ok(());
        font::ink(&text.text, start, text.face.size * self.scale(), text.face.bold, |x, y, share| {
            if outcome.is_ok() {
                outcome = told(backend.draw_pixel((x, y), colour.mix(share).to_backend_color()));
            }
        });
        outcome
    }
}

/// Text as XML's character data.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_of_an_svg_is_escaped() {
        let svg = svg(&Scene::new("a < b & c", 20.0, 10.0)).unwrap();
        assert!(svg.contains("<title>a &lt; b &amp; c</title>"));
        assert!(svg.starts_with("<svg width=\"20\" height=\"10\" viewBox=\"0 0 200 100\""));
    }
}
