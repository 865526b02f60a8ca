//! Lanes: servers side by side, first come first served.
