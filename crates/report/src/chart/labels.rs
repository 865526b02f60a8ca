//! Finds places for labels beside points, so that none covers a point or another label.

use super::scene::{Point, Rect, at};

/// Room between a point and a label right beside it, in logical pixels.
const NEAR: f64 = 4.0;
/// How far to the side of a point a label may stand that a line leads to.
const ASIDE: [f64; 6] = [14.0, 26.0, 42.0, 64.0, 92.0, 128.0];
/// How many label heights above or below its point such a label may stand.
const ROWS: i32 = 9;

/// A label's place, and the line that leads to it.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) rect: Rect,
    pub(super) leader: Option<[Point; 2]>,
}

/// What is taken already.
#[derive(Clone, Debug)]
pub(super) struct Placer {
    room: Rect,
    taken: Vec<Rect>,
    leaders: Vec<[Point; 2]>,
}

impl Placer {
    pub(super) fn new(room: Rect) -> Placer {
        Placer { room, taken: Vec::new(), leaders: Vec::new() }
    }

    /// Keeps labels off a box.
    pub(super) fn block(&mut self, rect: Rect) {
        self.taken.push(rect);
    }

    /// Keeps labels off a line.
    pub(super) fn block_line(&mut self, from: Point, to: Point) {
        self.leaders.push([from, to]);
    }

    /// Whether nothing is in the way of a box.
    pub(super) fn is_free(&self, rect: &Rect) -> bool {
        self.room.holds(rect)
            && !self.taken.iter().any(|taken| taken.overlaps(rect))
            && !self.leaders.iter().any(|&[a, b]| crosses(rect, a, b))
    }

    /// The nearest free place for a label of this size beside a point of this radius.
    pub(super) fn place(&mut self, point: Point, radius: f64, width: f64, height: f64) -> Option<Placed> {
        let found = beside(point, radius, width, height)
            .into_iter()
            .chain(aside(point, radius, width, height))
            .find(|placed| self.is_free(&placed.rect) && self.is_clear(point, placed.leader))?;
        self.taken.push(found.rect.grown(2.0));
        self.leaders.extend(found.leader);
        Some(found)
    }

    /// Whether a leader crosses nothing but the box of its own point.
    fn is_clear(&self, point: Point, leader: Option<[Point; 2]>) -> bool {
        leader.is_none_or(|[a, b]| {
            !self.taken.iter().any(|taken| !contains(taken, point) && crosses(taken, a, b))
        })
    }
}

/// Places that touch the point: right, left, the four corners. Not above or below, where a wide label would shut in
/// the leaders of others.
fn beside(point: Point, radius: f64, width: f64, height: f64) -> Vec<Placed> {
    let (level, corner) = (radius + NEAR + width / 2.0, 0.6 * radius + NEAR + width / 2.0);
    let rise = 0.6 * radius + 2.0 + height / 2.0;
    [(level, 0.0), (-level, 0.0), (corner, -rise), (-corner, -rise), (corner, rise), (-corner, rise)]
        .map(|(dx, dy)| Rect::around(at(point.x + dx, point.y + dy), width, height))
        .map(|rect| Placed { rect, leader: None })
        .to_vec()
}

/// Places to either side that a line leads to, nearest first.
fn aside(point: Point, radius: f64, width: f64, height: f64) -> Vec<Placed> {
    let mut offsets: Vec<(f64, f64)> = ASIDE
        .iter()
        .flat_map(|&dx| (-ROWS..=ROWS).map(move |row| (dx + radius, f64::from(row) * (height + 3.0))))
        .flat_map(|(dx, dy)| [(dx, dy), (-dx, dy)])
        .collect();
    offsets.sort_by(|a, b| a.0.hypot(a.1).total_cmp(&b.0.hypot(b.1)));
    let placed = |(dx, dy): (f64, f64)| {
        let side = at(point.x + dx, point.y + dy);
        let rect = Rect::around(at(side.x + dx.signum() * (width / 2.0 + 3.0), side.y), width, height);
        let share = (radius + 1.0) / dx.hypot(dy);
        let start = at(point.x + share * dx, point.y + share * dy);
        Placed { rect, leader: Some([start, side]) }
    };
    offsets.into_iter().map(placed).collect()
}

/// Whether a point lies in a box.
fn contains(rect: &Rect, point: Point) -> bool {
    rect.left <= point.x && point.x <= rect.right && rect.top <= point.y && point.y <= rect.bottom
}

/// Whether a line from `a` to `b` passes through a box (Liang and Barsky's clipping).
fn crosses(rect: &Rect, a: Point, b: Point) -> bool {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (step, room) in
        [(-dx, a.x - rect.left), (dx, rect.right - a.x), (-dy, a.y - rect.top), (dy, rect.bottom - a.y)]
    {
        if step == 0.0 {
            if room < 0.0 {
                return false;
            }
        } else if step < 0.0 {
            enter = enter.max(room / step);
        } else {
            leave = leave.min(room / step);
        }
    }
    enter < leave
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room() -> Rect {
        Rect::new(0.0, 0.0, 400.0, 300.0)
    }

    #[test]
    fn a_lonely_label_stands_to_the_right_without_a_leader() {
        let placed = Placer::new(room()).place(at(100.0, 100.0), 5.0, 60.0, 14.0).unwrap();
        assert!(placed.leader.is_none());
        assert_eq!((placed.rect.left, placed.rect.centre().y), (109.0, 100.0));
    }

    #[test]
    fn labels_of_points_in_one_place_do_not_overlap() {
        let mut placer = Placer::new(room());
        let rects: Vec<Rect> =
            (0..12).filter_map(|_| placer.place(at(200.0, 150.0), 5.0, 60.0, 14.0)).map(|p| p.rect).collect();
        assert_eq!(rects.len(), 12);
        for (i, a) in rects.iter().enumerate() {
            assert!(room().holds(a) && !rects[..i].iter().any(|b| a.overlaps(b)));
        }
    }

    #[test]
    fn a_label_that_fits_nowhere_is_given_up() {
        assert!(Placer::new(room()).place(at(100.0, 100.0), 5.0, 500.0, 14.0).is_none());
    }

    /// The diagonal of the unit square misses a box in the corner above it and meets one on its way.
    #[test]
    fn a_line_crosses_the_boxes_on_its_way() {
        let (a, b) = (at(0.0, 0.0), at(1.0, 1.0));
        assert!(crosses(&Rect::new(0.4, 0.4, 0.6, 0.6), a, b));
        assert!(!crosses(&Rect::new(0.7, 0.0, 1.0, 0.3), a, b));
    }
}
