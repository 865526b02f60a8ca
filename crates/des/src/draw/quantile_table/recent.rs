//! Tables that a thread has made lately: a sweep asks for the same ones at every point.

use std::{cell::RefCell, collections::VecDeque};

use super::QuantileTable;
use crate::draw::Distribution;

/// How many are kept; a plan has fewer.
const KEPT: usize = 16;

thread_local! {
    static RECENT: RefCell<VecDeque<(Distribution, QuantileTable)>> = const { RefCell::new(VecDeque::new()) };
}

/// The table of `distribution`, which `make` makes if this thread has not done so lately.
///
/// A table is a function of its distribution, so nobody can tell the difference; making one takes about 100 µs. Tables of
/// values are not kept: they are made faster than formulas, and may be large.
pub(super) fn table_of(distribution: &Distribution, make: impl FnOnce() -> QuantileTable) -> QuantileTable {
    if !is_formula(distribution) {
        return make();
    }
    RECENT.with_borrow_mut(|recent| {
        let known = recent.iter().position(|(known, _)| known == distribution);
        let entry =
            known.and_then(|index| recent.remove(index)).unwrap_or_else(|| (distribution.clone(), make()));
        recent.truncate(KEPT - 1);
        let table = entry.1.clone();
        recent.push_front(entry);
        table
    })
}

fn is_formula(distribution: &Distribution) -> bool {
    match distribution {
        Distribution::Empirical(_) => false,
        Distribution::Tailed { body, tail, .. } => is_formula(body) && is_formula(tail),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Luck;

    /// More distributions than are kept, asked for in turns: each gives what it gives when made anew.
    #[test]
    fn a_kept_table_is_that_of_its_distribution() {
        let distribution = |index: usize| Distribution::lognormal_with_sigma(1e6 + index as f64, 0.5);
        for index in (0..2 * KEPT).chain([0, 2 * KEPT - 1, 3, 3]) {
            let table = QuantileTable::new(&distribution(index)).unwrap();
            let anew = QuantileTable::of(&distribution(index));
            for luck in (0..64).map(|part| Luck::from_bits(part << 58 | 1 << 57)) {
                assert_eq!(table.sample(luck), anew.sample(luck));
            }
        }
        assert_eq!(RECENT.with_borrow(VecDeque::len), KEPT);
    }
}
