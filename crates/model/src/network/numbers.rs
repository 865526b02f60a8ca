//! The numbers that a link knows its transfers by.

/// How a link numbers the readers, fetchers and writers that have transfers on it.
///
/// A link keeps room up to the largest number it has seen. One of a node's own counts that node's from 0, else all nodes
/// together would take room in proportion to the square of their number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Numbers {
    /// As the world does; the link has room for `count` of them from the beginning.
    World {
        /// How many readers and fetchers there are.
        count: u32,
    },
    /// From 0, in the order of these runs.
    Own {
        /// Whose transfers it carries, first those with the lowest numbers.
        runs: [Run; 3],
        /// How many there are.
        count: u32,
    },
}

/// A run of the world's numbers, and the number that its first one has on the link.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    first: u32,
    on_link: u32,
}

/// A run without anybody.
const NOBODY: Run = Run { first: u32::MAX, on_link: u32::MAX };

impl Numbers {
    /// `count` in one run that begins at `first`.
    pub(crate) const fn from(first: u32, count: u32) -> Self {
        Self::Own { runs: [Run { first, on_link: 0 }, NOBODY, NOBODY], count }
    }

    /// Those of one node: `readers` of each node come first, then `fetchers` of each node, then one writer a node.
    pub(crate) const fn of_node(node: u32, nodes: u32, readers: u32, fetchers: u32) -> Self {
        let both = readers + fetchers;
        let runs = [
            Run { first: node * readers, on_link: 0 },
            Run { first: nodes * readers + node * fetchers, on_link: readers },
            Run { first: nodes * both + node, on_link: both },
        ];
        Self::Own { runs, count: both + 1 }
    }

    /// How many the link has room for from the beginning.
    pub(crate) const fn count(&self) -> u32 {
        match self {
            Self::World { count } | Self::Own { count, .. } => *count,
        }
    }

    /// The number on the link.
    #[inline]
    pub(crate) const fn on_link(&self, number: u32) -> u32 {
        let Self::Own { runs: [a, b, c], .. } = self else { return number };
        let run = if number < b.first {
            a
        } else if number < c.first {
            b
        } else {
            c
        };
        number - run.first + run.on_link
    }

    /// The number in the world.
    #[inline]
    pub(crate) const fn in_world(&self, on_link: u32) -> u32 {
        let Self::Own { runs: [a, b, c], .. } = self else { return on_link };
        let run = if on_link < b.on_link {
            a
        } else if on_link < c.on_link {
            b
        } else {
            c
        };
        on_link - run.on_link + run.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three nodes of four readers with two fetchers each: readers 0 to 11, fetchers 12 to 35, writers 36 to 38. Each node
    /// counts its own from 0 to 12, and back.
    #[test]
    fn a_node_counts_its_own_from_zero() {
        let mut seen = Vec::new();
        for node in 0..3 {
            let numbers = Numbers::of_node(node, 3, 4, 8);
            assert_eq!(numbers.count(), 13);
            let world: Vec<u32> = (0..13).map(|on_link| numbers.in_world(on_link)).collect();
            assert!((0..13).zip(&world).all(|(on_link, &number)| numbers.on_link(number) == on_link));
            seen.extend(world);
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..39).collect::<Vec<u32>>());
    }

    #[test]
    fn without_fetchers_a_writer_follows_the_readers() {
        let numbers = Numbers::of_node(1, 2, 4, 0);
        assert_eq!([4, 7, 9].map(|number| numbers.on_link(number)), [0, 3, 4]);
        assert_eq!([0, 3, 4].map(|number| numbers.in_world(number)), [4, 7, 9]);
    }

    #[test]
    fn writers_alone_count_from_zero() {
        let numbers = Numbers::from(10, 5);
        assert_eq!([10, 14].map(|number| numbers.on_link(number)), [0, 4]);
        assert_eq!([0, 4].map(|number| numbers.in_world(number)), [10, 14]);
    }
}
