//! The pages of made-up studies.
