//! Embeddings that every node reads in full: from EFS, or from a copy of its own.

use super::{Lab, Ran, ReproduceError, lab::Swept};

/// The number of nodes that the guide speaks of.
pub const NODES: u32 = 10;

/// What sharing comes to.
#[derive(Debug, Clone)]
pub struct Embeddings {
    /// Every profile with each number of nodes, by nodes.
    pub by_nodes: Vec<(u32, Vec<Ran>)>,
}

pub(super) fn compute(lab: &mut Lab<'_>) -> Result<Embeddings, ReproduceError> {
    let mut by_nodes: Vec<(u32, Vec<Ran>)> = Vec::new();
    for Swept { at, ran } in lab.sweep()? {
        let nodes = at[0] as u32;
        match by_nodes.iter_mut().find(|(known, _)| *known == nodes) {
            Some((_, runs)) => runs.push(ran),
            None => by_nodes.push((nodes, vec![ran])),
        }
    }
    Ok(Embeddings { by_nodes })
}

impl Embeddings {
    /// All profiles with the number of nodes that the guide speaks of.
    ///
    /// # Panics
    ///
    /// If the sweep does not have it.
    #[must_use]
    pub fn asked(&self) -> &[Ran] {
        let asked = self.by_nodes.iter().find(|(nodes, _)| *nodes == NODES);
        &asked.expect("the sweep has the number of nodes that the guide speaks of").1
    }

    /// The most nodes, of those simulated, that a profile keeps at least this busy.
    #[must_use]
    pub fn nodes_served(&self, storage: &str, utilisation: f64) -> Option<u32> {
        let busy = |runs: &[Ran]| {
            runs.iter().any(|ran| ran.storage == storage && ran.summary().gpu_utilisation >= utilisation)
        };
        self.by_nodes.iter().take_while(|(_, runs)| busy(runs)).map(|(nodes, _)| *nodes).last()
    }
}
