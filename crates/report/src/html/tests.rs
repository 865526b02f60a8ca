//! The pages of made-up studies: what a user wrote stays text, two pages are alike, and none is too large.

use ingestsim_model::outcome::{EpochRow, TimelineRow};
use ingestsim_sweep::{Study, decide::compare::Comparison};

use super::{About, decide, run, sweep};
use crate::{
    chart::{Quantity, Service},
    failed::FailedProfile,
    fixture,
    folder::NewFile,
    sweep_charts::{Swept, SweptAxis, SweptPoint, SweptProfile, Value, Words},
};

/// What ends an element, begins one, runs a script, or is a line end to JavaScript alone.
const HOSTILE: &str =
    "</script><script>hostile=1</script><img src=x onerror=\"hostile=1\">'\u{2028}\u{2029}&amp;";

fn text(file: NewFile) -> String {
    String::from_utf8(file.content).unwrap()
}

/// A study in which everything that a user may write is hostile.
fn hostile() -> Study {
    let mut study = fixture::study();
    study.scenario = HOSTILE.into();
    study.description = HOSTILE.into();
    study.setting = HOSTILE.into();
    for profile in &mut study.profiles {
        profile.storage.push_str(HOSTILE);
        profile.outcomes[0].notes = vec![HOSTILE.into()];
        profile.outcomes[0].costs[0].item = HOSTILE.into();
    }
    study
}

fn about() -> About {
    About {
        version: "1.0.0".into(),
        footer: HOSTILE.into(),
        scenarios: vec![(HOSTILE.into(), format!("description = \"{HOSTILE}\""))],
        sources: Vec::new(),
        failed: vec![FailedProfile { storage: HOSTILE.into(), error: HOSTILE.into() }],
    }
}

/// The page holds one script and its data, no element of the user's, and no line end that only JavaScript sees in them.
fn assert_inert(page: &str) {
    assert_eq!(page.matches("<script").count(), 2, "its data and its script");
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("<img"), "a text became an element");
    let data = page.split("type=\"application/json\">").nth(1).unwrap().split("</script>").next().unwrap();
    assert!(!data.contains(['<', '>', '&', '\u{2028}', '\u{2029}']));
    serde_json::from_str::<serde_json::Value>(data).unwrap();
    assert!(page.contains("&lt;img src=x"), "the text is told as text");
}

#[test]
fn what_a_user_wrote_stays_text_in_a_run() {
    assert_inert(&text(run::report(&hostile(), &about()).unwrap()));
}

#[test]
fn what_a_user_wrote_stays_text_in_a_comparison() {
    assert_inert(&text(decide::comparison(&Comparison::new(hostile(), 0), &about()).unwrap()));
}

#[test]
fn what_a_user_wrote_stays_text_in_a_sweep() {
    let mut swept = grid(2, 3, 2);
    swept.profiles[0].name = HOSTILE.into();
    swept.axes[0].label = HOSTILE.into();
    swept.axes[0].quantity = None;
    swept.axes[0].values[0].text = HOSTILE.into();
    let told = sweep::Told { name: HOSTILE.into(), description: HOSTILE.into(), ..sweep::Told::default() };
    assert_inert(&text(sweep::report(&swept, &told, &Words::default(), &about())));
}

/// The host's clock differs from run to run; the page does not know it.
#[test]
fn two_runs_give_the_same_page() {
    let page = |wall_s: f64| {
        let mut study = fixture::study();
        study.profiles.iter_mut().for_each(|profile| profile.wall_s = wall_s);
        run::report(&study, &about()).unwrap()
    };
    assert_eq!(page(0.25), page(77.125));
}

/// The page tells the figures of the terminal, the notes and where to get the same again.
#[test]
fn a_run_tells_its_figures_its_notes_and_its_provenance() {
    let page = text(run::report(&fixture::study(), &About::default()).unwrap());
    for told in [
        "lustre reaches the first batch 1.3 min before download.",
        "measured on another instance",
        "d1ge57",
        "00000000000000ff",
        "ml.p3.2xlarge",
        "made up",
    ] {
        assert!(page.contains(told), "{told}");
    }
}

/// Ten profiles with a thousand bins and two hundred epochs each are less than a megabyte.
#[test]
fn a_large_run_is_a_small_page() {
    let mut study = fixture::study();
    study.profiles = (0..10).map(|index| fixture::profile(&format!("profile-{index}"), &[100.0])).collect();
    for profile in &mut study.profiles {
        let outcome = &mut profile.outcomes[0];
        let (bin, epoch) = (outcome.timeline[0].clone(), outcome.epochs[0].clone());
        let wavy = |at: u32| 0.5 + 0.4 * (f64::from(at) * 0.37).sin();
        outcome.timeline = (0..1000_u32)
            .map(|at| TimelineRow {
                t_s: 1.7 * f64::from(at),
                gpu_utilisation: wavy(at),
                bytes_per_s: 1e9 * wavy(at + 1),
                queue_depth: 300.0 * wavy(at + 2),
                credits_bytes: Some(1e12 * wavy(at + 3)),
                ..bin.clone()
            })
            .collect();
        outcome.epochs = (1..=200).map(|number| EpochRow { epoch: number, ..epoch.clone() }).collect();
    }
    let size = text(run::report(&study, &about()).unwrap()).len();
    assert!(size < 1_000_000, "{size} bytes");
}

/// A sweep over numbers on two axes and words on a third, for some profiles.
fn grid(profiles: usize, values: usize, words: usize) -> Swept {
    let value = |at: usize| Value { text: format!("{at}.5 kB"), number: Some(1.5 * (at + 1) as f64) };
    let numeric = |label: &str| SweptAxis {
        label: label.into(),
        quantity: Some(Quantity::Bytes),
        values: (0..values).map(value).collect(),
    };
    let word = |at: usize| Value { text: format!("word-{at}"), number: None };
    let worded = SweptAxis { label: "order".into(), quantity: None, values: (0..words).map(word).collect() };
    let mut points = Vec::new();
    for profile in 0..profiles {
        for at in 0..values * values * words {
            let wavy = |of: usize| 100.0 + 99.0 * ((at * 7 + of * 3 + profile) as f64 * 0.61).sin();
            let place = [at % values, at / values % values, at / values / values].map(Some).to_vec();
            points.push(SweptPoint::fixed(profile, place, [0, 1, 2, 3, 4, 5].map(wavy)));
        }
    }
    Swept {
        axes: vec![numeric("file size"), numeric("read size"), worded],
        profiles: (0..profiles)
            .map(|index| SweptProfile { name: format!("profile-{index}"), service: Service::S3 })
            .collect(),
        count: points.len(),
        points,
        replications: (3, 3),
    }
}

/// 4 profiles, 25 x 25 numbers, 4 words: 10,000 points, each of which can be told.
#[test]
fn a_sweep_of_ten_thousand_points_is_less_than_five_megabytes() {
    let swept = grid(4, 25, 4);
    assert_eq!(swept.points.len(), 10_000);
    let page = text(sweep::report(&swept, &sweep::Told::default(), &Words::default(), &About::default()));
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    let data = page.split("type=\"application/json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["charts"][0]["figures"][2]["mean"].as_array().unwrap().len(), 10_000);
}
