//! What the simulator's speed is measured with, and against.
//!
//! - [`workload`]: workload W, the yardstick, in several sizes; [`tiers`]: real services with caches.
//! - [`floor`]: what W needs at least, made of the same building blocks in the same process.
//! - [`clock`]: CPU time, which a busy machine disturbs less than time on the wall.
//! - [`instructions`]: instructions a sample under valgrind, which a busy machine does not disturb at all.
//! - [`peers`]: the same W in other simulators.
//! - [`machine`]: where it was measured.
//!
//! The binaries: `targets` measures everything that is promised, `peers` compares with other simulators, `instructions`
//! is the guard against slowing down, `scaling` is the study of how cost grows. `cargo bench` runs the parts alone.

pub mod clock;
pub mod floor;
pub mod instructions;
pub mod machine;
pub mod peers;
pub mod tiers;
pub mod workload;

pub use workload::{H64, S8, S64, U8, Workload};
