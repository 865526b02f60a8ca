//! `ingestsim check`: is a scenario right, and what does it say in full?

use std::path::PathBuf;

use clap::Args;
use ingestsim_scenario::Scenario;
use serde_json::{Value, json};

use crate::{
    exit::ExitStatus,
    failure::Failure,
    input::Input,
    options::{SayOptions, ScenarioOptions},
    setting, terminal,
};

/// What `check` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The scenario; - reads it from standard input
    #[arg(required_unless_present = "schema")]
    file: Option<PathBuf>,
    /// Prints the JSON Schema of scenario files instead
    #[arg(long)]
    schema: bool,
    #[command(flatten)]
    scenario: ScenarioOptions,
    #[command(flatten)]
    say: SayOptions,
}

/// Builds everything that `run` and `sweep` would build, and runs nothing.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Failure> {
    let Some(file) = arguments.file.as_ref().filter(|_| !arguments.schema) else {
        terminal::answer(&format!("{:#}\n", Scenario::schema_json()))?;
        return Ok(ExitStatus::Done);
    };
    let input = Input::load(file, &arguments.scenario)?;
    let checked = Checked::of(&input)?;
    if arguments.say.json {
        terminal::answer(&format!("{:#}\n", checked.json()))?;
    } else if !arguments.say.quiet {
        terminal::answer(&checked.text())?;
    }
    Ok(ExitStatus::Done)
}

/// What a right scenario comes to.
struct Checked<'a> {
    input: &'a Input,
    /// Each candidate and its kind.
    profiles: Vec<(String, &'static str)>,
    setting: String,
    /// Points of its sweep, where it has one.
    points: Option<u64>,
}

impl<'a> Checked<'a> {
    fn of(input: &'a Input) -> Result<Self, Failure> {
        let candidates = input.candidates(&[])?;
        let points = input.loaded.points()?;
        Ok(Self {
            input,
            profiles: candidates.iter().map(|one| (one.storage.clone(), one.kind)).collect(),
            setting: setting::line(input.scenario(), &candidates, 1),
            points: input.scenario().sweep.is_some().then(|| points.len()),
        })
    }

    /// A comment that says so, then the scenario with every default: together a scenario file again.
    fn text(&self) -> String {
        let scenario = self.input.scenario();
        let profiles = self.profiles.iter().map(|(storage, kind)| format!("{storage} ({kind})"));
        let profiles = profiles.collect::<Vec<_>>().join(", ");
        let sweep = self.points.map(|points| format!("# sweep: {points} points\n")).unwrap_or_default();
        format!(
            "# {}: ok, digest {}\n# {}\n# storage: {profiles}\n{sweep}\n{}",
            self.input.name,
            scenario.digest(),
            self.setting,
            scenario.to_toml()
        )
    }

    fn json(&self) -> Value {
        let scenario = self.input.scenario();
        json!({
            "ok": true,
            "scenario": scenario.name,
            "digest": scenario.digest(),
            "storage": self.profiles.iter().map(|(storage, _)| storage).collect::<Vec<_>>(),
            "points": self.points,
        })
    }
}
