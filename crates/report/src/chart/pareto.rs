//! Candidates by two figures, and the front of those that nothing else beats.

use super::{
    Chart,
    axis::{Axis, Values},
    font,
    frame::{Frame, LABEL, SMALL, empty, left_out},
    labels::{Placed, Placer},
    legend::{self, Entry, Sample},
    page::Drawing,
    palette::{self, AXIS, Colour, INK, Key, Look, QUIET, Service},
    plot::{Plot, Shown},
    scene::{Anchor, Face, Point, Rect, Scene, Stroke, at},
};

/// Points with names and the Pareto front through the best of them: cost against time, or price against throughput.
///
/// Where the names do not fit beside their points, points are numbered and a list stands beside the plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Pareto {
    /// The words around the chart.
    pub frame: Frame,
    /// The figure from left to right.
    pub x: Axis,
    /// Which way `x` is better.
    pub x_better: Better,
    /// The figure from bottom to top.
    pub y: Axis,
    /// Which way `y` is better.
    pub y_better: Better,
    /// The points.
    pub candidates: Vec<Candidate>,
}

/// Which way a figure is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less is better, as with time and cost.
    Lower,
    /// More is better, as with throughput.
    Higher,
}

/// One candidate. It is left out if a figure is not finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What the label says.
    pub name: String,
    /// Decides the colour.
    pub service: Service,
    /// Its figure on the level axis.
    pub x: f64,
    /// Its figure on the upright axis.
    pub y: f64,
}

const NAME: Face = Face { size: 13.5, ..LABEL };
const NAME_MAX: f64 = 290.0;
const LABEL_HEIGHT: f64 = 16.0;
/// Room for number and marker in front of a listed name.
const LIST_LEAD: f64 = 51.0;
const RADIUS: f64 = 6.0;
const RADIUS_FRONT: f64 = 7.5;
const RADIUS_CROWD: f64 = 4.0;
const DOMINATED: Colour = Colour(0xEF, 0xF1, 0xF4);

/// A candidate where it is drawn.
struct Spot<'a> {
    candidate: &'a Candidate,
    look: Look,
    on_front: bool,
}

/// What is drawn into a plot: candidates, and points without names.
type Drawn<'a> = (&'a [Spot<'a>], &'a [(f64, f64, Look)]);

impl Spot<'_> {
    fn radius(&self) -> f64 {
        if self.on_front { RADIUS_FRONT } else { RADIUS }
    }

    fn face(&self) -> Face {
        if self.on_front { NAME.bold() } else { NAME.colour(QUIET) }
    }
}

/// Points without names around the candidates, none of which they beat: by what they belong to.
#[derive(Clone, Debug, PartialEq)]
pub struct Crowd {
    /// What they belong to.
    pub key: Key,
    /// Their figures, on the level and on the upright axis.
    pub points: Vec<(f64, f64)>,
    /// The candidates that belong to it as well, by their numbers, and look like it.
    pub candidates: Vec<usize>,
}

/// A Pareto chart of many points, of which the candidates alone have names.
#[derive(Clone, Debug, PartialEq)]
pub struct Crowded {
    /// The chart of the candidates.
    pub pareto: Pareto,
    /// All others.
    pub crowds: Vec<Crowd>,
}

impl Chart for Pareto {
    fn drawing(&self) -> Option<Drawing<'_>> {
        Some(Drawing::Pareto(self, &[]))
    }

    fn scene(&self) -> Scene {
        self.scene_among(&[])
    }
}

impl Chart for Crowded {
    fn drawing(&self) -> Option<Drawing<'_>> {
        Some(Drawing::Pareto(&self.pareto, &self.crowds))
    }

    fn scene(&self) -> Scene {
        self.pareto.scene_among(&self.crowds)
    }
}

impl Pareto {
    fn scene_among(&self, crowds: &[Crowd]) -> Scene {
        let places = self.candidates.iter().map(|c| (c.x, c.y));
        let places = places.chain(crowds.iter().flat_map(|crowd| crowd.points.iter().copied()));
        let places: Vec<(f64, f64)> = places.filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
        let x = Shown { axis: &self.x, values: Values::of(places.iter().map(|&(x, _)| x)) };
        let y = Shown { axis: &self.y, values: Values::of(places.iter().map(|&(_, y)| y)) };
        let (x_log, y_log) = (x.values.is_log(&self.x), y.values.is_log(&self.y));
        let shown =
            |x: f64, y: f64| x.is_finite() && y.is_finite() && (x > 0.0 || !x_log) && (y > 0.0 || !y_log);
        let lost = places.iter().filter(|&&(x, y)| !shown(x, y)).count();
        let notes: Vec<String> = left_out(lost).into_iter().collect();
        let looks = palette::looks(crowds.iter().map(|crowd| crowd.key.service));
        let spots = self.spots(&self.looks(crowds, &looks), |c| shown(c.x, c.y));
        if spots.is_empty() {
            return empty(&self.frame, &notes);
        }
        let groups = crowds.iter().zip(&looks);
        let entries: Vec<Entry> = groups
            .clone()
            .map(|(crowd, look)| Entry::new(Sample::Point(*look), &crowd.key.name))
            .chain(self.entries())
            .collect();
        let dots: Vec<(f64, f64, Look)> = groups
            .flat_map(|(crowd, look)| crowd.points.iter().map(|&(x, y)| (x, y, *look)))
            .filter(|&(x, y, _)| shown(x, y))
            .collect();
        let (mut scene, room) = legend::start_with_strip(&self.frame, &notes, &entries, |height| height);
        let wide = Plot::lay(&Rect { right: room.right - 16.0, ..room }, &x, &y, room.right, false);
        if let Some(labels) = self.place(&wide, (&spots, &dots), |index| cut_name(&spots[index])) {
            self.draw_plot(&mut scene, &wide, &room, (&spots, &dots));
            draw_labels(&mut scene, &spots, &labels);
            return scene;
        }
        let names = spots.iter().map(|spot| spot.face().width(&spot.candidate.name));
        let column = (names.fold(0.0, f64::max) + LIST_LEAD + 2.0).min(0.36 * room.width());
        let inner = Rect { right: room.right - column - 24.0, ..room };
        let plot = Plot::lay(&inner, &x, &y, inner.right + 18.0, false);
        self.draw_plot(&mut scene, &plot, &room, (&spots, &dots));
        let numbers = self.place_what_fits(&plot, (&spots, &dots), |index| (index + 1).to_string());
        draw_labels(&mut scene, &spots, &numbers);
        let list = Rect { left: room.right - column, right: room.right, ..plot.rect };
        let end = draw_list(&mut scene, &list, &spots);
        let hidden: Vec<usize> =
            (0..spots.len()).filter(|spot| numbers.iter().all(|label| label.spot != *spot)).collect();
        draw_hidden(&mut scene, &Rect { top: end, ..list }, &hidden);
        scene
    }

    /// The look of each candidate: its crowd's, or one of its own.
    fn looks(&self, crowds: &[Crowd], looks: &[Look]) -> Vec<Look> {
        let mut own = palette::looks(self.candidates.iter().map(|candidate| candidate.service));
        for (crowd, look) in crowds.iter().zip(looks) {
            for &candidate in &crowd.candidates {
                own[candidate] = *look;
            }
        }
        own
    }

    /// The candidates that are shown, those on the front first, from the best to the worst on the level axis.
    fn spots(&self, looks: &[Look], shown: impl Fn(&Candidate) -> bool) -> Vec<Spot<'_>> {
        let with_looks = self.candidates.iter().zip(looks.iter().copied());
        let with_looks: Vec<(&Candidate, Look)> = with_looks.filter(|(c, _)| shown(c)).collect();
        let candidates: Vec<&Candidate> = with_looks.iter().map(|(candidate, _)| *candidate).collect();
        let mut spots: Vec<Spot> = with_looks
            .into_iter()
            .map(|(candidate, look)| {
                let on_front = !candidates.iter().any(|other| self.beats(other, candidate));
                Spot { candidate, look, on_front }
            })
            .collect();
        let order =
            |spot: &Spot| (loss(self.x_better, spot.candidate.x), loss(self.y_better, spot.candidate.y));
        spots.sort_by(|a, b| {
            let ((ax, ay), (bx, by)) = (order(a), order(b));
            b.on_front.cmp(&a.on_front).then(ax.total_cmp(&bx)).then(ay.total_cmp(&by))
        });
        spots
    }

    /// Whether a candidate is at least as good as another on both axes and better on one.
    fn beats(&self, a: &Candidate, b: &Candidate) -> bool {
        let (ax, ay) = (loss(self.x_better, a.x), loss(self.y_better, a.y));
        let (bx, by) = (loss(self.x_better, b.x), loss(self.y_better, b.y));
        ax <= bx && ay <= by && (ax < bx || ay < by)
    }

    fn entries(&self) -> Vec<Entry> {
        let arrow = match (self.x_better, self.y_better) {
            (Better::Lower, Better::Lower) => "↙ better",
            (Better::Lower, Better::Higher) => "↖ better",
            (Better::Higher, Better::Lower) => "↘ better",
            (Better::Higher, Better::Higher) => "↗ better",
        };
        vec![
            Entry::new(Sample::Rule(FRONT), "Pareto front"),
            Entry::new(Sample::Fill { colour: DOMINATED, hatched: false }, "beaten by the front"),
            Entry::new(Sample::Word, arrow),
        ]
    }

    fn draw_plot(&self, scene: &mut Scene, plot: &Plot, room: &Rect, (spots, dots): Drawn<'_>) {
        let front = self.front(plot, spots);
        let (_, worst_x) = self.worst(plot);
        let mut dominated = front.clone();
        dominated.push(at(worst_x, front[0].y));
        scene.area(dominated, DOMINATED, 1.0);
        plot.draw(scene, &self.x, &self.y, room.left);
        for &(x, y, look) in dots {
            look.marker.draw(scene, plot.place(x, y), RADIUS_CROWD, look.colour);
        }
        scene.line(&front, FRONT);
        for spot in spots.iter().rev() {
            let point = plot.place(spot.candidate.x, spot.candidate.y);
            spot.look.marker.draw(scene, point, spot.radius(), spot.look.colour);
        }
    }

    /// The pixels of the plot's worse edges, upright axis first.
    fn worst(&self, plot: &Plot) -> (f64, f64) {
        let Rect { left, top, right, bottom } = plot.rect;
        (
            if self.y_better == Better::Lower { top } else { bottom },
            if self.x_better == Better::Lower { right } else { left },
        )
    }

    /// The staircase between what is attained and what is not, out to the plot's worse edges.
    fn front(&self, plot: &Plot, spots: &[Spot]) -> Vec<Point> {
        let (worst_y, worst_x) = self.worst(plot);
        let steps: Vec<Point> = spots
            .iter()
            .filter(|spot| spot.on_front)
            .map(|spot| plot.place(spot.candidate.x, spot.candidate.y))
            .collect();
        let mut front = vec![at(steps[0].x, worst_y)];
        for pair in steps.windows(2) {
            front.extend([pair[0], at(pair[1].x, pair[0].y)]);
        }
        let last = steps[steps.len() - 1];
        front.extend([last, at(worst_x, last.y)]);
        front
    }

    /// Places for the labels of all spots, or nothing if one of them finds none.
    fn place(&self, plot: &Plot, drawn: Drawn<'_>, text: impl Fn(usize) -> String) -> Option<Vec<Label>> {
        let labels = self.place_what_fits(plot, drawn, text);
        (labels.len() == drawn.0.len()).then_some(labels)
    }

    fn place_what_fits(
        &self,
        plot: &Plot,
        (spots, dots): Drawn<'_>,
        text: impl Fn(usize) -> String,
    ) -> Vec<Label> {
        let mut placer = Placer::new(plot.rect.grown(-3.0));
        for &(x, y, _) in dots {
            placer.block(Rect::around(plot.place(x, y), 2.0 * RADIUS_CROWD, 2.0 * RADIUS_CROWD));
        }
        let points: Vec<Point> =
            spots.iter().map(|spot| plot.place(spot.candidate.x, spot.candidate.y)).collect();
        for (point, spot) in points.iter().zip(spots) {
            placer.block(Rect::around(*point, 2.3 * spot.radius(), 2.3 * spot.radius()));
        }
        self.front(plot, spots).windows(2).for_each(|pair| placer.block_line(pair[0], pair[1]));
        (0..spots.len())
            .filter_map(|spot| {
                let text = text(spot);
                let width = spots[spot].face().width(&text) + 2.0;
                let placed = placer.place(points[spot], spots[spot].radius(), width, LABEL_HEIGHT)?;
                Some(Label { spot, text, placed })
            })
            .collect()
    }
}

const FRONT: Stroke = Stroke { colour: AXIS, width: 2.2, dash: super::scene::Dash::Solid };

/// How bad a figure is.
fn loss(better: Better, value: f64) -> f64 {
    if better == Better::Lower { value } else { -value }
}

/// A text and where it goes.
struct Label {
    spot: usize,
    text: String,
    placed: Placed,
}

fn cut_name(spot: &Spot) -> String {
    font::cut(&spot.candidate.name, NAME.size, spot.on_front, NAME_MAX)
}

fn draw_labels(scene: &mut Scene, spots: &[Spot], labels: &[Label]) {
    for label in labels {
        if let Some(leader) = label.placed.leader {
            scene.line(&leader, Stroke::solid(AXIS, 1.0));
        }
    }
    for label in labels {
        scene.text_centred(&label.text, label.placed.rect.centre(), Anchor::Middle, spots[label.spot].face());
    }
}

/// Lists the spots by number, those on the front first and in bold, and returns where the list ends.
fn draw_list(scene: &mut Scene, room: &Rect, spots: &[Spot]) -> f64 {
    let rows = (room.height() / NAME.leading()).floor().max(1.0) as usize;
    let listed = if spots.len() > rows { rows - 1 } else { spots.len() };
    for (index, spot) in spots.iter().take(listed).enumerate() {
        let y = room.top + (index as f64 + 0.5) * NAME.leading();
        let name = font::cut(&spot.candidate.name, NAME.size, spot.on_front, room.width() - LIST_LEAD);
        scene.text_centred(&(index + 1).to_string(), at(room.left + 24.0, y), Anchor::End, spot.face());
        spot.look.marker.draw(scene, at(room.left + 38.0, y), 5.0, spot.look.colour);
        scene.text_centred(&name, at(room.left + LIST_LEAD, y), Anchor::Start, spot.face().colour(INK));
    }
    if listed < spots.len() {
        let y = room.top + (listed as f64 + 0.5) * NAME.leading();
        let more = format!("and {} more", spots.len() - listed);
        scene.text_centred(&more, at(room.left + LIST_LEAD, y), Anchor::Start, NAME.colour(QUIET));
    }
    room.top + spots.len().min(rows) as f64 * NAME.leading()
}

/// Says below the list which numbers found no room beside their markers, if the sentence itself finds room.
fn draw_hidden(scene: &mut Scene, room: &Rect, hidden: &[usize]) {
    if hidden.is_empty() {
        return;
    }
    let numbers: Vec<String> = hidden.iter().map(|spot| (spot + 1).to_string()).collect();
    let text = format!("Too close to others for their numbers: {}.", numbers.join(", "));
    let lines = font::wrap(&text, SMALL.size, SMALL.bold, room.width() - 8.0, 4);
    let mut base = room.top + 8.0;
    if base + lines.len() as f64 * SMALL.leading() > room.bottom {
        return;
    }
    for line in lines {
        base += SMALL.leading();
        scene.text(&line, at(room.left + 8.0, base - 0.25 * SMALL.size), Anchor::Start, SMALL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(better: (Better, Better), points: &[(f64, f64)]) -> Pareto {
        let axis = Axis::new("", crate::chart::Quantity::Count);
        let candidates = points
            .iter()
            .map(|&(x, y)| Candidate { name: format!("{x} {y}"), service: Service::Other, x, y })
            .collect();
        let (x_better, y_better) = better;
        Pareto { frame: Frame::new("", "", ""), x: axis.clone(), x_better, y: axis, y_better, candidates }
    }

    fn front(chart: &Pareto) -> Vec<&str> {
        let spots = chart.spots(&chart.looks(&[], &[]), |_| true);
        let names = spots.iter().filter(|spot| spot.on_front);
        names.map(|spot| spot.candidate.name.as_str()).collect()
    }

    /// (3, 3) is beaten by (2, 2), (1, 5) and (4, 1) by nothing, and equals do not beat each other.
    #[test]
    fn the_front_holds_what_nothing_beats() {
        let points = [(4.0, 1.0), (3.0, 3.0), (2.0, 2.0), (1.0, 5.0), (2.0, 2.0)];
        assert_eq!(front(&chart((Better::Lower, Better::Lower), &points)), ["1 5", "2 2", "2 2", "4 1"]);
    }

    /// With more throughput better and less price better, (5, 1) beats (4, 2).
    #[test]
    fn the_front_turns_with_what_is_better() {
        let points = [(4.0, 2.0), (5.0, 1.0), (9.0, 3.0)];
        assert_eq!(front(&chart((Better::Higher, Better::Lower), &points)), ["9 3", "5 1"]);
    }
}
