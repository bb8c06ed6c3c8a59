//! A channel that keeps its first value for everyone.
