//! The resolved scenario: every default filled in, as TOML that reads back as the same scenario, and its digest.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::{
    Scenario,
    schema::storage::{Profile, Role},
};

/// Hexadecimal digits of a digest: 64 bits, so that 10^6 points collide with a chance of 3e-8.
const DIGEST_DIGITS: usize = 16;

impl Scenario {
    /// Fills in the defaults that depend on other keys.
    pub(crate) fn fill_defaults(&mut self) {
        let job = &mut self.job;
        if job.epochs.is_none() && job.steps.is_none() && job.duration.is_none() {
            job.epochs = Some(1);
        }
        for profile in self.storage.values_mut() {
            if let Profile::FsxLustre(fsx) = profile {
                fsx.load = Some(fsx.load());
            }
        }
    }

    /// The scenario as TOML with every default of the schema. It reads back as the same scenario.
    ///
    /// # Panics
    ///
    /// If a count is above 2^63 - 1, which TOML cannot write and no scenario that was read holds.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let table = toml::Table::try_from(self).expect("a scenario has only values that TOML can write");
        toml::to_string(&table).expect("a table of TOML values can be written")
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the resolved TOML.
    #[must_use]
    pub fn digest(&self) -> String {
        let hash = Sha256::digest(self.to_toml().as_bytes());
        let digits = hash.iter().fold(String::new(), |mut digits, byte| {
            write!(digits, "{byte:02x}").expect("a string takes all that is written to it");
            digits
        });
        digits[..DIGEST_DIGITS].to_owned()
    }

    /// The JSON Schema of a scenario file.
    #[must_use]
    pub fn schema_json() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }

    /// The names of the profiles that the data may be read from, in their written order.
    pub fn candidates(&self) -> impl Iterator<Item = &str> {
        let candidates = self.storage.iter().filter(|(_, profile)| profile.role() == Role::Candidate);
        candidates.map(|(name, _)| name.as_str())
    }

    /// The same scenario on the profile `storage` alone, without a sweep.
    ///
    /// The profile that checkpoints go to stays; all others go, so that they do not change the digest.
    #[must_use]
    pub fn on(&self, storage: &str) -> Self {
        let mut one = Self { sweep: None, ..self.clone() };
        let checkpoint = self.job.checkpoint.as_ref().and_then(|checkpoint| checkpoint.to.as_deref());
        one.storage.retain(|name, _| name == storage || Some(name.as_str()) == checkpoint);
        one
    }
}
