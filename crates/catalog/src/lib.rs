//! What the world offers: instances, storage presets and prices, each with its source.
