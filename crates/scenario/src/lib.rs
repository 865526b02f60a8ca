//! What a user may write: the scenario file, its checks and its errors.
//!
//! A [`Source`] and the [`Set`]s of the command line become a [`Loaded`] scenario by [`Scenario::load`], in these steps,
//! of which the first that finds a mistake tells it:
//!
//! 1. the text is read as a document that remembers where each key and value was written;
//! 2. the values of the command line are put over it, and tables of counts are read from beside the file;
//! 3. the document becomes the types of [`schema`], by a deserialiser that keeps path, place and kind of a mistake;
//! 4. the values are checked against each other;
//! 5. the sweep's keys and values are tried out.
//!
//! [`Scenario::load_job`] is the same for a scenario that leaves its storage out.
//!
//! [`Loaded::check_catalog`] checks the names of instances, prices and capacities, and [`Loaded::points`] gives the points
//! of the sweep: each is built from the document as if its values had been written there, so a mistake in a swept value is
//! told at its place in the sweep.
//!
//! ```
//! use ingestsim_scenario::{Scenario, Set, Source};
//!
//! let text = r#"
//! name = "doc"
//! [dataset]
//! files = 1000
//! file-size = "110 kB"
//! [job]
//! instance = "ml.p3.2xlarge"
//! batch-size = 64
//! step-time = "194 ms"
//! [loader.pytorch]
//! [storage.stream.s3]
//! mode = "fast-file"
//! "#;
//! let loaded = Scenario::load(Source::new("doc.toml", text), &[Set::parse("job.batch-size=32")])?;
//! assert_eq!(loaded.scenario.job.batch_size, 32);
//!
//! let errors = Scenario::load(Source::new("doc.toml", text), &[Set::parse("job.batch-size=0")]).unwrap_err();
//! assert_eq!(
//!     errors.to_string(),
//!     "--set job.batch-size=0: job.batch-size: expected a whole number of at least 1, found 0"
//! );
//! # Ok::<(), ingestsim_scenario::ScenarioErrors>(())
//! ```

mod check;
mod de;
mod doc;
mod error;
mod load;
mod nearest;
mod path;
mod quantity;
mod resolve;
pub mod schema;
mod shape;
mod source;
mod sweep;
mod table;

pub use error::{Place, Problem, ScenarioError, ScenarioErrors};
pub use load::Loaded;
pub use nearest::nearest;
pub use path::{Path, PathError};
pub use quantity::Cell;
pub use schema::Scenario;
pub use source::{Set, Source};
pub use sweep::{Column, Point, Points};
