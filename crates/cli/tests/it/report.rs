//! The reports that the commands leave: whole, and harmless whatever a scenario says.

use super::Workplace;

/// A scenario whose description and profiles try to become elements and scripts.
const HOSTILE: &str = include_str!("../../../../.ci/hostile.toml");

/// The report of a command on the hostile scenario.
fn report(command: &str, folder: &str) -> String {
    let workplace = Workplace::new();
    workplace.put("hostile.toml", HOSTILE);
    workplace.run(&format!("{command} hostile.toml --quiet")).answer();
    workplace.text(format!("results/{folder}/report.html"))
}

/// The page has its data and one script, and what the scenario says stands in it as text.
fn assert_harmless(page: &str) {
    assert_eq!(page.matches("<script").count(), 2);
    assert!(!page.contains("<img"), "a text became an element");
    assert!(page.contains("&lt;img src=x onerror=hostile=1&gt;"), "a profile is named");
    let data = page.split("type=\"application/json\">").nth(1).unwrap().split("</script>").next().unwrap();
    assert!(!data.contains(['<', '>', '&', '\u{2028}']), "a text leaves its script");
}

#[test]
fn what_a_scenario_says_stays_text_in_every_report() {
    for (command, folder) in [
        ("run", "hostile"),
        ("sweep", "hostile-sweep"),
        ("compare", "hostile-compare"),
        ("explain", "hostile-explain"),
    ] {
        assert_harmless(&report(command, folder));
    }
}

/// Neither the day nor the time that it took: only what gives the same results again.
#[test]
fn a_report_tells_its_scenario_and_its_digest() {
    let workplace = Workplace::new();
    workplace.run("run small.toml --quiet --seed 77").answer();
    let page = workplace.text("results/small/report.html");
    let provenance: serde_json::Value =
        serde_json::from_str(&workplace.text("results/small/provenance.json")).unwrap();
    for told in [provenance["scenario_digest"].as_str().unwrap(), "<dd>77</dd>", "prefetch-factor = 2"] {
        assert!(page.contains(told), "{told}");
    }
    for told in provenance["runs"].as_array().unwrap() {
        assert!(page.contains(told["history"].as_str().unwrap()), "{told}");
    }
    assert!(!page.contains("wall_s"));
}

/// A comparison's own table cannot be read back in full, so its report stays as it is.
#[test]
fn plot_leaves_the_report_of_a_comparison_alone() {
    let workplace = Workplace::new();
    workplace.run("compare small.toml --quiet --replications 2").answer();
    let report = "results/small-compare/report.html";
    let before = workplace.text(report);
    assert!(before.contains("Difference from copy"));
    workplace.run("plot results/small-compare --quiet").answer();
    assert_eq!(workplace.text(report), before);
}

#[test]
fn the_study_guide_has_a_page_with_every_item_asked_for() {
    let workplace = Workplace::new();
    workplace.run("reproduce idle checkpoint-time --quiet").answer();
    let page = workplace.text("results/study-guide/report.html");
    for told in
        ["<h2 id=\"section-2-heading\">idle</h2>", "<h2 id=\"section-3-heading\">checkpoint-time</h2>"]
    {
        assert!(page.contains(told), "{told}");
    }
}

/// Of the profiles that a recommendation shows there are too many for a timeline, also when it is drawn again.
#[test]
fn plot_draws_those_charts_of_a_recommendation_that_there_are() {
    let workplace = Workplace::new();
    workplace.run("recommend small.toml --replications 1 --quiet").answer();
    let names = || -> Vec<_> {
        workplace.files("results/small-recommend/charts").into_iter().map(|(path, _)| path).collect()
    };
    let before = names();
    workplace.run("plot results/small-recommend --quiet").answer();
    assert_eq!(names(), before);
}

#[test]
fn plot_says_who_draws_what_it_cannot() {
    let workplace = Workplace::new();
    workplace.run("reproduce idle --quiet").answer();
    let ended = workplace.run("plot results/study-guide");
    assert_eq!(ended.status, Some(2));
    let expected = "error: results/study-guide is what ingestsim reproduce leaves, and only that draws its charts again\n";
    assert_eq!(ended.err, expected);
}
