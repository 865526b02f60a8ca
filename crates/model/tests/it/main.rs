//! The model through its front door: scenarios as a user writes them, figures as pencil and paper give them.

mod attribution;
mod bill;
mod bounds;
mod chance;
mod checkpoints;
mod closed_network;
mod compute;
mod credits;
mod extremes;
mod failures;
mod fidelity;
mod ladder;
mod laws;
mod limits;
mod loaders;
mod lock_step;
mod node_caches;
mod order;
mod phases;
mod reads;
mod restores;
mod scene;
mod server_caches;
mod shards;
mod trials;
