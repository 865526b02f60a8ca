//! Why a command could not do what was asked, and whose fault that is.

use ingestsim_scenario::ScenarioErrors;

use crate::{exit::ExitStatus, terminal};

/// An error on its way to the user.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Mistakes in a scenario, which know their places and print themselves.
    Scenario(ScenarioErrors),
    /// Something else is wrong with what was given.
    Input(anyhow::Error),
    /// It failed.
    Failed(anyhow::Error),
}

impl Failure {
    /// What is wrong with the input, in a sentence.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::Input(anyhow::Error::msg(message.into()))
    }

    pub(crate) const fn status(&self) -> ExitStatus {
        match self {
            Self::Scenario(_) | Self::Input(_) => ExitStatus::Input,
            Self::Failed(_) => ExitStatus::Failed,
        }
    }

    /// The same for one of several things that were asked for, which `what` names.
    pub(crate) fn text_of(&self, what: &str) -> String {
        let text = self.text();
        format!("error: {what}: {}", text.strip_prefix("error: ").unwrap_or(&text))
    }

    /// The message in one line.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Scenario(errors) => errors.to_string().lines().next().unwrap_or_default().to_owned(),
            Self::Input(error) | Self::Failed(error) => format!("{error:#}"),
        }
    }

    /// The message for standard error. A chain of causes stands on one line.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Scenario(errors) => errors.render(terminal::colour_on_stderr()).trim_end().to_owned(),
            Self::Input(error) | Self::Failed(error) => format!("error: {error:#}"),
        }
    }
}

impl From<ScenarioErrors> for Failure {
    fn from(errors: ScenarioErrors) -> Self {
        Self::Scenario(errors)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}
