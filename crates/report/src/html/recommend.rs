//! The page of `recommend`: the answer, its rankings, what each first place hangs on and what would change it, in front of
//! the pages' common part about the best of each way.

use ingestsim_sweep::{
    Study,
    decide::recommend::{Place, Recommendation},
};
use maud::{Markup, html};

use super::{About, Page, figure, run, table};
use crate::{
    chart::ChartError,
    folder::NewFile,
    recommend::{self, best, first_places, how, pareto, ranked},
};

/// The page. `study` holds the set-ups that are shown.
///
/// # Errors
///
/// If a chart cannot be drawn.
pub fn report(study: &Study, recommendation: &Recommendation, about: &About) -> Result<NewFile, ChartError> {
    let mut page = Page::new("recommend", &study.scenario, &study.description)
        .set(&study.setting)
        .finding(recommend::answers(recommendation))
        .foot(&about.footer);
    let rankings = recommendation.rankings.iter().filter_map(|ranking| ranked(recommendation, ranking));
    page.section("Rankings", html! { @for ranking in rankings { (table::grid(&ranking)) } });
    if !study.profiles.is_empty() {
        let chart = figure::chart(&mut page, &pareto(study, recommendation, &about.footer))?;
        page.section("Cost against time", chart);
    }
    for place in &recommendation.places {
        page.section(&first_places(recommendation, place), hangs_on(recommendation, place));
    }
    page.section("What would change the answer", list(&recommend::changes(recommendation)));
    page.section("How this was found", list(&how(recommendation)));
    if !study.profiles.is_empty() {
        run::body(&mut page, &best(study, recommendation), about)?;
    }
    Ok(page.into_file())
}

fn hangs_on(recommendation: &Recommendation, place: &Place) -> Markup {
    list(&recommend::because(recommendation, place))
}

fn list(sentences: &[String]) -> Markup {
    html! { ul.notes { @for sentence in sentences { li { (sentence) } } } }
}
