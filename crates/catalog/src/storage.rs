//! Storage presets: the figures of AWS's services, one module a service.

mod ebs;
mod efs;
mod fsx_lustre;
mod s3;

use serde::Deserialize;

pub use ebs::{Ebs, Gp2, Gp3, Io2, NvmeStore};
pub use efs::{Efs, EfsLimits};
pub use fsx_lustre::{Capacity, Deployment, FsxLustre, LustreSystem, MetadataStep, SsdCache};
pub use s3::{Downloader, FastFile, S3Class, S3Client};

/// The figures of every storage service.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Storage {
    /// S3 Standard.
    pub s3_standard: S3Class,
    /// S3 Express One Zone.
    pub s3_express: S3Class,
    /// What clients of S3 do by default.
    pub s3_client: S3Client,
    /// SageMaker's FastFile mode.
    pub fast_file: FastFile,
    /// What copies objects in SageMaker's File mode.
    pub downloader: Downloader,
    /// EFS.
    pub efs: Efs,
    /// FSx for Lustre.
    #[serde(rename = "fsx-lustre")]
    pub fsx: FsxLustre,
    /// EBS volumes.
    pub ebs: Ebs,
    /// What holds for every instance store.
    pub nvme: NvmeStore,
}
