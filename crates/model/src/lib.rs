//! The simulated things: data set, loaders, trainer, tiers, caches, cost and the laws of a run.
