//! A picture as a list of shapes in logical pixels: what both file formats are painted from.

use super::{
    font,
    palette::{Colour, WHITE},
};

/// A place in the picture, in logical pixels from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Shorthand for [`Point`].
pub(super) fn at(x: f64, y: f64) -> Point {
    Point { x, y }
}

/// An upright box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Rect {
    pub(super) fn new(left: f64, top: f64, right: f64, bottom: f64) -> Rect {
        Rect { left, top, right, bottom }
    }

    /// The box of this size around a point.
    pub(super) fn around(centre: Point, width: f64, height: f64) -> Rect {
        let (w, h) = (width / 2.0, height / 2.0);
        Rect::new(centre.x - w, centre.y - h, centre.x + w, centre.y + h)
    }

    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub(super) fn centre(&self) -> Point {
        at((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0)
    }

    /// The box grown by `by` on every side.
    pub(super) fn grown(&self, by: f64) -> Rect {
        Rect::new(self.left - by, self.top - by, self.right + by, self.bottom + by)
    }

    pub(super) fn overlaps(&self, other: &Rect) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    pub(super) fn holds(&self, other: &Rect) -> bool {
        self.left <= other.left
            && self.top <= other.top
            && self.right >= other.right
            && self.bottom >= other.bottom
    }
}

/// How a line is broken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dash {
    Solid,
    Long,
    Short,
    Mixed,
}

impl Dash {
    /// Lengths of ink and gap in turn, in logical pixels; empty for a solid line.
    pub(super) fn pattern(self) -> &'static [f64] {
        match self {
            Dash::Solid => &[],
            Dash::Long => &[10.0, 5.0],
            Dash::Short => &[4.0, 4.0],
            Dash::Mixed => &[11.0, 4.0, 3.0, 4.0],
        }
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    pub(super) colour: Colour,
    pub(super) width: f64,
    pub(super) dash: Dash,
}

impl Stroke {
    pub(super) fn solid(colour: Colour, width: f64) -> Stroke {
        Stroke { colour, width, dash: Dash::Solid }
    }
}

/// Which end of a text its anchor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Face {
    /// The em in logical pixels.
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) colour: Colour,
}

impl Face {
    pub(super) fn width(&self, text: &str) -> f64 {
        font::width(text, self.size, self.bold)
    }

    /// The distance from one baseline to the next.
    pub(super) fn leading(&self) -> f64 {
        (self.size * 1.3).ceil()
    }

    pub(super) fn bold(self) -> Face {
        Face { bold: true, ..self }
    }

    pub(super) fn colour(self, colour: Colour) -> Face {
        Face { colour, ..self }
    }
}

/// One line of text, hung up at a point of its baseline.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) base: Point,
    pub(super) anchor: Anchor,
    pub(super) face: Face,
}

/// What a picture is made of.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Block { rect: Rect, fill: Colour },
    Area { corners: Vec<Point>, fill: Colour, opacity: f64 },
    Line { points: Vec<Point>, colour: Colour, width: f64 },
    Disc { centre: Point, radius: f64, fill: Colour },
    Text(Text),
}

/// A finished picture, independent of the file format.
#[derive(Clone, Debug)]
pub struct Scene {
    pub(super) name: String,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) shapes: Vec<Shape>,
}

impl Scene {
    /// An empty white picture; `name` is what a screen reader says of it.
    pub(super) fn new(name: &str, width: f64, height: f64) -> Scene {
        let mut scene = Scene { name: name.to_owned(), width, height, shapes: Vec::new() };
        scene.block(Rect::new(0.0, 0.0, width, height), WHITE);
        scene
    }

    pub(super) fn block(&mut self, rect: Rect, fill: Colour) {
        self.shapes.push(Shape::Block { rect, fill });
    }

    pub(super) fn area(&mut self, corners: Vec<Point>, fill: Colour, opacity: f64) {
        self.shapes.push(Shape::Area { corners, fill, opacity });
    }

    pub(super) fn disc(&mut self, centre: Point, radius: f64, fill: Colour) {
        self.shapes.push(Shape::Disc { centre, radius, fill });
    }

    /// A line through the points, broken up as the stroke says.
    pub(super) fn line(&mut self, points: &[Point], stroke: Stroke) {
        for points in dashes(points, stroke.dash.pattern()) {
            self.shapes.push(Shape::Line { points, colour: stroke.colour, width: stroke.width });
        }
    }

    /// A text whose baseline passes through `base`.
    pub(super) fn text(&mut self, text: &str, base: Point, anchor: Anchor, face: Face) {
        if !text.is_empty() {
            self.shapes.push(Shape::Text(Text { text: text.to_owned(), base, anchor, face }));
        }
    }

    /// A text whose small letters stand at the height `centre.y`.
    pub(super) fn text_centred(&mut self, text: &str, centre: Point, anchor: Anchor, face: Face) {
        self.text(text, at(centre.x, centre.y + 0.36 * face.size), anchor, face);
    }
}

/// Cuts a line into the pieces that a dash pattern leaves visible.
fn dashes(points: &[Point], pattern: &[f64]) -> Vec<Vec<Point>> {
    if pattern.is_empty() {
        return vec![points.to_vec()];
    }
    let mut pieces = Vec::new();
    let mut piece: Vec<Point> = points.iter().take(1).copied().collect();
    let (mut turn, mut left) = (0, pattern[0]);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        let mut length = (to.x - from.x).hypot(to.y - from.y);
        while length > left {
            let share = left / length;
            from = at(from.x + share * (to.x - from.x), from.y + share * (to.y - from.y));
            length -= left;
            if turn % 2 == 0 {
                piece.push(from);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![from];
            }
            turn += 1;
            left = pattern[turn % pattern.len()];
        }
        left -= length;
        if turn % 2 == 0 {
            piece.push(to);
        }
    }
    if piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 25 long with 10 ink, 5 gap: ink on 0–10 and 15–25.
    #[test]
    fn dashes_cover_their_share_of_the_line() {
        let pieces = dashes(&[at(0.0, 0.0), at(25.0, 0.0)], Dash::Long.pattern());
        let spans: Vec<_> = pieces.iter().map(|p| (p[0].x, p[p.len() - 1].x)).collect();
        assert_eq!(spans, [(0.0, 10.0), (15.0, 25.0)]);
    }

    /// A dash of 10 goes round a corner after 6 and ends 4 further on.
    #[test]
    fn a_dash_bends_round_a_corner() {
        let pieces = dashes(&[at(0.0, 0.0), at(6.0, 0.0), at(6.0, 5.0)], Dash::Long.pattern());
        assert_eq!(pieces, [vec![at(0.0, 0.0), at(6.0, 0.0), at(6.0, 4.0)]]);
    }

    #[test]
    fn boxes_that_touch_do_not_overlap() {
        let left = Rect::new(0.0, 0.0, 10.0, 10.0);
        assert!(!left.overlaps(&Rect::new(10.0, 0.0, 20.0, 10.0)));
        assert!(left.overlaps(&Rect::new(9.0, 9.0, 20.0, 20.0)));
    }
}
