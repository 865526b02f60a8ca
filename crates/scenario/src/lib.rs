//! What a user may write: the scenario file, its checks and its errors.

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
