//! Which axis goes where: along the bottom, into panels, into lines, or held fixed.

use super::table::{Swept, SweptPoint};

/// Lines that a reader can still tell apart.
pub(super) const LINES_MAX: usize = 10;
/// Lines from which panels are better than more lines.
const LINES_MANY: usize = 6;
/// Panels that fit on a slide.
const PANELS_MAX: usize = 12;
/// From so many values on both axes colours say more than lines.
const HEAT_MIN: usize = 3;

/// Where each axis of a sweep goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The numeric axis along the bottom; none if nothing numeric was swept.
    pub x: Option<usize>,
    /// The axis with a panel per value; of two a panel for each pair.
    pub panels: Vec<usize>,
    /// The upright axis of a heat map.
    pub heat: Option<usize>,
    /// The axes with a line per value, besides the profiles.
    pub lines: Vec<usize>,
    /// The axes that are shown at their first value alone.
    pub held: Vec<usize>,
}

impl Layout {
    /// The layout for the axes of a sweep: the numeric axis of most values along the bottom, the next in panels.
    #[must_use]
    pub fn of(swept: &Swept) -> Self {
        let axes = 0..swept.axes.len();
        let (mut numeric, lines): (Vec<usize>, Vec<usize>) =
            axes.partition(|&axis| swept.axes[axis].is_numeric());
        numeric.sort_by_key(|&axis| std::cmp::Reverse(swept.axes[axis].values.len()));
        let mut numeric = numeric.into_iter();
        let x = numeric.next();
        let second = numeric.next();
        let mut layout = Self { x, panels: Vec::new(), heat: None, lines, held: Vec::new() };
        let several = layout.lines_of(swept).len() > 1;
        let size = |axis: Option<usize>| axis.map_or(0, |axis| swept.axes[axis].values.len());
        match (second, numeric.next()) {
            (None, _) => layout.split_lines(swept),
            (Some(_), None) if !several && size(x).min(size(second)) >= HEAT_MIN => layout.heat = second,
            (Some(second), None) if !several && size(Some(second)) <= LINES_MANY => layout.lines.push(second),
            (Some(second), third) => {
                layout.panels.push(second);
                let pairs = size(Some(second)) * size(third);
                match third {
                    Some(third) if several && pairs <= PANELS_MAX => layout.panels.push(third),
                    Some(third) if !several && size(Some(third)) <= LINES_MANY => layout.lines.push(third),
                    third => layout.held.extend(third),
                }
            }
        }
        layout.held.extend(numeric);
        layout
    }

    /// Gives an axis that makes too many lines a panel per value instead.
    fn split_lines(&mut self, swept: &Swept) {
        let fits = |axis: &usize| swept.axes[*axis].values.len() <= PANELS_MAX;
        if self.x.is_some() && self.lines_of(swept).len() > LINES_MANY {
            let at = self.lines.iter().position(fits);
            self.panels.extend(at.map(|at| self.lines.remove(at)));
        }
    }

    /// The lines of the points that are shown, in order of appearance.
    pub(super) fn lines_of(&self, swept: &Swept) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for point in swept.points.iter().filter(|point| self.shows(point)) {
            let line = self.line(point);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }

    /// The line that a point is on.
    pub(super) fn line(&self, point: &SweptPoint) -> Line {
        Line { profile: point.profile, at: self.lines.iter().map(|&axis| point.at[axis]).collect() }
    }

    /// Whether a point has the first value of every axis that is held fixed.
    pub(super) fn shows(&self, point: &SweptPoint) -> bool {
        self.held.iter().all(|&axis| point.at[axis].is_none_or(|value| value == 0))
    }

    /// The values that have a panel: all, or of one axis as many as there is room for, from the first to the last.
    pub(super) fn panel_values(&self, swept: &Swept) -> Vec<Vec<usize>> {
        let count = |axis: usize| swept.axes[axis].values.len();
        match self.panels[..] {
            [] => Vec::new(),
            [axis] if count(axis) <= PANELS_MAX => (0..count(axis)).map(|value| vec![value]).collect(),
            [axis] => {
                (0..PANELS_MAX).map(|panel| vec![panel * (count(axis) - 1) / (PANELS_MAX - 1)]).collect()
            }
            [first, second, ..] => {
                let pairs = |a: usize| (0..count(second)).map(move |b| vec![a, b]);
                (0..count(first)).flat_map(pairs).collect()
            }
        }
    }
}

/// A profile and the values of a layout's axes of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) profile: usize,
    pub(super) at: Vec<Option<usize>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chart::{Quantity, Service},
        sweep_charts::{SweptAxis, SweptProfile, axis::Value},
    };

    /// A full grid over so many profiles, with axes of so many values; an axis is numeric if it is said to be.
    fn grid(profiles: usize, axes: &[(usize, bool)]) -> Swept {
        let axis = |&(values, numeric): &(usize, bool)| SweptAxis {
            label: "key".into(),
            quantity: numeric.then_some(Quantity::Count),
            values: (0..values).map(|n| Value { text: n.to_string(), number: Some(n as f64) }).collect(),
        };
        let profile = |n| SweptProfile { name: format!("p{n}"), service: Service::Other };
        let mut places: Vec<Vec<Option<usize>>> = vec![Vec::new()];
        for (values, _) in axes {
            let with = |at: &Vec<Option<usize>>| {
                let at = at.clone();
                (0..*values).map(move |value| at.iter().copied().chain([Some(value)]).collect())
            };
            places = places.iter().flat_map(with).collect();
        }
        let points = (0..profiles)
            .flat_map(|profile| places.iter().map(move |at| SweptPoint::fixed(profile, at.clone(), [1.0; 6])))
            .collect();
        Swept {
            axes: axes.iter().map(axis).collect(),
            profiles: (0..profiles).map(profile).collect(),
            points,
            count: profiles * places.len(),
            replications: (1, 1),
        }
    }

    fn layout(profiles: usize, axes: &[(usize, bool)]) -> Layout {
        Layout::of(&grid(profiles, axes))
    }

    const NONE: Layout =
        Layout { x: None, panels: Vec::new(), heat: None, lines: Vec::new(), held: Vec::new() };

    #[test]
    fn one_number_makes_curves_and_none_makes_bars() {
        assert_eq!(layout(3, &[(5, true)]), Layout { x: Some(0), ..NONE });
        assert_eq!(layout(3, &[(2, false), (5, true)]), Layout { x: Some(1), lines: vec![0], ..NONE });
        assert_eq!(layout(3, &[]), NONE);
        assert_eq!(layout(3, &[(2, false)]), Layout { lines: vec![0], ..NONE });
    }

    #[test]
    fn two_numbers_make_a_heat_map_of_one_profile_and_panels_of_several() {
        assert_eq!(layout(1, &[(4, true), (5, true)]), Layout { x: Some(1), heat: Some(0), ..NONE });
        assert_eq!(layout(1, &[(2, true), (5, true)]), Layout { x: Some(1), lines: vec![0], ..NONE });
        assert_eq!(layout(3, &[(4, true), (5, true)]), Layout { x: Some(1), panels: vec![0], ..NONE });
    }

    #[test]
    fn a_third_number_makes_lines_of_one_profile_and_panels_of_several_or_is_held() {
        let axes = [(3, true), (4, true), (5, true)];
        assert_eq!(layout(1, &axes), Layout { x: Some(2), panels: vec![1], lines: vec![0], ..NONE });
        assert_eq!(layout(2, &axes), Layout { x: Some(2), panels: vec![1, 0], ..NONE });
        let many = [(4, true), (4, true), (5, true)];
        assert_eq!(layout(2, &many), Layout { x: Some(2), panels: vec![0], held: vec![1], ..NONE });
    }

    /// 4 values by 3 are a panel for each pair, those of the second axis side by side.
    #[test]
    fn two_axes_of_panels_make_one_for_each_pair() {
        let swept = grid(2, &[(3, true), (4, true), (5, true)]);
        let values = Layout::of(&swept).panel_values(&swept);
        assert_eq!(
            (values.len(), &values[0], &values[4], &values[11]),
            (12, &vec![0, 0], &vec![1, 1], &vec![3, 2])
        );
    }

    /// 3 profiles · 4 deployments are twelve lines: a panel a deployment.
    #[test]
    fn too_many_lines_become_panels() {
        assert_eq!(layout(3, &[(4, false), (5, true)]), Layout { x: Some(1), panels: vec![0], ..NONE });
    }

    #[test]
    fn of_many_values_twelve_have_a_panel_with_both_ends() {
        let swept = grid(2, &[(40, true), (41, true)]);
        let values = Layout::of(&swept).panel_values(&swept);
        assert_eq!((values.len(), values[0][0], values[11][0]), (12, 0, 39));
    }
}
