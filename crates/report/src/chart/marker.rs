//! The shapes that stand for a series at its points.

use std::f64::consts::TAU;

use super::{
    palette::{Colour, WHITE},
    scene::{Point, Scene, Stroke, at},
};

/// Outline of a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Disc,
    Square,
    Triangle,
    Diamond,
    Inverted,
    Pentagon,
    Plus,
    Cross,
}

const SHAPES: [Shape; 8] = [
    Shape::Disc,
    Shape::Square,
    Shape::Triangle,
    Shape::Diamond,
    Shape::Inverted,
    Shape::Pentagon,
    Shape::Plus,
    Shape::Cross,
];

/// A shape, filled or hollow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) shape: Shape,
    pub(super) hollow: bool,
}

impl Marker {
    /// The nth marker: eight filled shapes, then the same hollow.
    pub(super) fn nth(index: usize) -> Marker {
        Marker { shape: SHAPES[index % SHAPES.len()], hollow: (index / SHAPES.len()) % 2 == 1 }
    }

    pub(super) fn hollow(self) -> Marker {
        Marker { hollow: true, ..self }
    }

    /// Draws the marker with about the area of a disc of this radius and a thin white rim.
    pub(super) fn draw(self, scene: &mut Scene, centre: Point, radius: f64, colour: Colour) {
        if self.shape == Shape::Disc {
            scene.disc(centre, radius + 1.0, WHITE);
            scene.disc(centre, radius, colour);
            if self.hollow {
                scene.disc(centre, radius - 1.8, WHITE);
            }
            return;
        }
        let outline = |radius: f64| -> Vec<Point> {
            self.outline().iter().map(|p| at(centre.x + radius * p.x, centre.y + radius * p.y)).collect()
        };
        let mut rim = outline(radius);
        rim.push(rim[0]);
        scene.line(&rim, Stroke::solid(WHITE, 2.0));
        if self.hollow {
            scene.area(outline(radius), WHITE, 1.0);
            let mut edge = outline(radius - 0.9);
            edge.push(edge[0]);
            scene.line(&edge, Stroke::solid(colour, 1.8));
        } else {
            scene.area(outline(radius), colour, 1.0);
        }
    }

    /// Corners around the origin, for a radius of one.
    fn outline(self) -> Vec<Point> {
        match self.shape {
            Shape::Disc => regular(24, 0.0, 1.0),
            Shape::Square => regular(4, 0.125, 1.25),
            Shape::Diamond => regular(4, 0.0, 1.35),
            Shape::Triangle => regular(3, 0.0, 1.4),
            Shape::Inverted => regular(3, 0.5, 1.4),
            Shape::Pentagon => regular(5, 0.0, 1.2),
            Shape::Plus => plus(0.0),
            Shape::Cross => plus(0.125),
        }
    }
}

/// A regular polygon; the first corner stands `turn` of a full turn clockwise from the top.
fn regular(corners: u32, turn: f64, radius: f64) -> Vec<Point> {
    (0..corners).map(|i| polar(f64::from(i) / f64::from(corners) + turn, radius)).collect()
}

/// A plus with arms of a third of its size, turned by `turn`.
fn plus(turn: f64) -> Vec<Point> {
    let (long, inner) = (1.28_f64, 0.45_f64);
    let (radius, half) = (long.hypot(inner), inner.atan2(long) / TAU);
    (0..4)
        .flat_map(|arm| {
            let middle = f64::from(arm) / 4.0 + turn;
            let notch = inner * std::f64::consts::SQRT_2;
            [polar(middle - half, radius), polar(middle + half, radius), polar(middle + 0.125, notch)]
        })
        .collect()
}

/// The point at a share of a turn clockwise from the top.
fn polar(turn: f64, radius: f64) -> Point {
    at(radius * (turn * TAU).sin(), -radius * (turn * TAU).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shoelace formula.
    fn surface(corners: &[Point]) -> f64 {
        let next = corners.iter().cycle().skip(1);
        corners.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>().abs() / 2.0
    }

    /// No shape outweighs another: each covers between 0.75 and 1.25 times a disc of the same nominal radius.
    #[test]
    fn shapes_weigh_about_the_same() {
        for shape in SHAPES {
            let marker = Marker { shape, hollow: false };
            let share = surface(&marker.outline()) / std::f64::consts::PI;
            assert!((0.75..1.25).contains(&share), "{shape:?}: {share}");
        }
    }
}
