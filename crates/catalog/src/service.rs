//! The services that run a job, and the phases they add around it.

use ingestsim_units::Span;
use serde::Deserialize;

use crate::Figure;

/// Who runs the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// A SageMaker training job.
    SageMaker,
    /// Instances of one's own on EC2.
    Ec2,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 2] = [Self::SageMaker, Self::Ec2];
}

/// The phases of a job that do not depend on its data.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ServicePhases {
    /// From submission until the instances run, on average.
    pub starting: Figure<Span>,
    /// The shortest start that was measured.
    pub starting_min: Option<Figure<Span>>,
    /// The longest start that was measured.
    pub starting_max: Option<Figure<Span>>,
    /// Whether the start is billed.
    pub starting_billed: Figure<bool>,
    /// Start of an instance that was kept warm, where there is such a thing.
    pub warm_start: Option<Figure<Span>>,
    /// How long an instance is kept warm at most without a raised quota; it is billed meanwhile.
    pub warm_keep: Option<Figure<Span>>,
    /// Pulling the container image.
    pub image_pull: Figure<Span>,
    /// Start of the framework, up to the program's first line.
    pub framework_start: Figure<Span>,
    /// Mounting a file system.
    pub mount: Figure<Span>,
    /// Uploading the model and ending the job.
    pub uploading: Figure<Span>,
}
