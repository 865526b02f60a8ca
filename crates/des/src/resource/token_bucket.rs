//! Token buckets: limits with a rate and a depth.
