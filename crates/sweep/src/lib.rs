//! Many runs: replications, the grid and its journal.
