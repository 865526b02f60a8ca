//! An NFS server with the user's own figures.
//!
//! Like a parallel file system of one server, but a file in the page cache is opened again over the network: close-to-open
//! consistency asks the server each time.

use ingestsim_scenario::schema::storage::OwnStorage;

use super::{Site, TierPlan, parallel_fs};
use crate::build::{BuildError, spread_nanos, table_of};

/// The plan of an NFS server.
pub(crate) fn plan(written: &OwnStorage, site: &Site<'_>) -> Result<TierPlan, BuildError> {
    let mut plan = parallel_fs::plan_of("nfs", written, site)?;
    let open = written.open_latency.as_ref().map(|open| table_of(&spread_nanos(open), "open-latency"));
    plan.path.cached_latency = open.transpose()?;
    Ok(plan)
}
