//! No text covers another or leaves the picture, whatever the data; and nothing else leaves it either.

use std::path::Path;

use ingestsim_report::chart::Chart;

use crate::{
    dice::Dice,
    samples,
    svg::{self, Picture},
};

/// Random charts of each kind that are looked at.
const CHARTS: u64 = 150;

/// Everything that is wrong with a picture.
pub(crate) fn faults(picture: &Picture) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, text) in picture.texts.iter().enumerate() {
        if text.left < 0.0 || text.top < 0.0 || text.right > picture.width || text.bottom > picture.height {
            faults.push(format!("leaves the picture: {text}"));
        }
        for other in picture.texts[..index].iter().filter(|other| text.overlaps(other)) {
            faults.push(format!("overlap: {text} and {other}"));
        }
    }
    let inside =
        |&(x, y): &(f64, f64)| (0.0..=picture.width).contains(&x) && (0.0..=picture.height).contains(&y);
    let outside = picture.points.iter().filter(|point| !inside(point));
    faults.extend(outside.map(|point| format!("leaves the picture: {point:?}")));
    faults
}

/// Checks random charts of one kind, and draws those with a fault into the folder CHART_GALLERY. CHART_SEED narrows it
/// to one chart, which is drawn in any case.
fn check<C: Chart>(kind: &str, roll: impl Fn(&mut Dice) -> C) {
    let only: Option<u64> = std::env::var("CHART_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds = only.map_or(0..CHARTS, |seed| seed..seed + 1);
    for seed in seeds {
        let chart = roll(&mut Dice::new(seed));
        let faults = faults(&svg::read(&chart.svg().unwrap()));
        if let Some(folder) =
            std::env::var_os("CHART_GALLERY").filter(|_| only.is_some() || !faults.is_empty())
        {
            chart.draw(&Path::new(&folder).join(format!("{kind}-{seed}"))).unwrap();
        }
        assert!(faults.is_empty(), "{kind}, seed {seed}:\n{}", faults.join("\n"));
    }
}

#[test]
fn texts_of_samples_keep_apart() {
    for (name, chart) in samples::all() {
        let picture = svg::read(&chart.svg().unwrap());
        assert_eq!(faults(&picture), Vec::<String>::new(), "{name}");
        assert!(picture.texts.len() > 10 && picture.points.len() > 10, "{name} has something to look at");
    }
}

/// Two texts in one place and one beyond the edge are found, so that the checks below can fail.
#[test]
fn faults_are_found() {
    let text = |x: u32| {
        format!(
            "<text x=\"{x}\" y=\"100\" dy=\"0.76em\" text-anchor=\"start\" font-size=\"140\">\nabc\n</text>"
        )
    };
    let picture =
        svg::read(&format!("<svg width=\"100\" height=\"50\">{}{}{}", text(10), text(150), text(900)));
    let faults = faults(&picture);
    assert_eq!(faults.len(), 2, "{faults:?}");
}

#[test]
fn texts_of_curves_keep_apart() {
    check("curves", Dice::curves);
}

#[test]
fn texts_of_multiples_keep_apart() {
    check("multiples", Dice::multiples);
}

#[test]
fn texts_of_bars_keep_apart() {
    check("bars", Dice::bars);
}

#[test]
fn texts_of_timelines_keep_apart() {
    check("timeline", Dice::timeline);
}

#[test]
fn texts_of_pareto_charts_keep_apart() {
    check("pareto", Dice::pareto);
}

#[test]
fn texts_of_heatmaps_keep_apart() {
    check("heatmap", Dice::heatmap);
}

#[test]
fn texts_of_scatter_charts_keep_apart() {
    check("scatter-log", Dice::scatter_log);
}
