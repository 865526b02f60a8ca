//! What a user may write: the scenario file, its checks and its errors.

pub mod schema;

pub use schema::Scenario;
