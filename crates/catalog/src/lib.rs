//! What the world offers: instances, storage presets and prices, each with its source.
//!
//! The figures stand in `data/*.toml`, in the same format as a user's own catalog file, which is laid over them. Every
//! one is a [`Figure`]: a typed value, where it comes from, of what date, and whether it was inferred rather than
//! stated.
//!
//! ```
//! use ingestsim_catalog::{Catalog, Service};
//!
//! let catalog = Catalog::builtin();
//! let instance = catalog.instance("ml.p3.2xlarge")?;
//! assert_eq!(instance.cores.value, 4);
//! let price = catalog.instance_price("ml.p3.2xlarge", Service::SageMaker)?;
//! assert_eq!(price.usd.dollars(), 3.825);
//! # Ok::<(), ingestsim_catalog::CatalogError>(())
//! ```
//!
//! A file laid over the built-in catalog names what it changes or adds, nothing else:
//!
//! ```toml
//! [sources]
//! OURS = { citation = "fio on our own nodes", date = "2026-03-01" }
//!
//! [instances."p3.2xlarge"]
//! nic.baseline = { value = "4 Gb/s", source = "OURS" }
//!
//! [prices]
//! "s3.price_get" = "0.0003 USD"
//! ```

mod catalog;
mod check;
mod document;
mod error;
mod figure;
mod instance;
mod price;
mod row;
mod service;
mod storage;

pub use catalog::Catalog;
pub use error::{CatalogError, Place};
pub use figure::Figure;
pub use instance::{Instance, Link, Nic, Nvme};
pub use price::{Price, PriceUnit, Prices};
pub use row::{Row, Section};
pub use service::{Service, ServicePhases};
pub use storage::{
    Capacity, Deployment, Downloader, Ebs, Efs, EfsLimits, FastFile, FsxLustre, Gp2, Gp3, Io2, LustreSystem,
    MetadataStep, NvmeStore, S3Class, S3Client, SsdCache, Storage,
};
