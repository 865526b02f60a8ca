//! The built-in catalog holds what it should, and a user's file is laid over it.

mod instances;
mod merging;
mod storage;
