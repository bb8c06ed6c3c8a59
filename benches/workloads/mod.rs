//! The workloads that csp is measured with: one function each, which takes its parameters, runs on the
//! current runtime, and panics if the result is wrong.
//!
//! The same for every bench: criterion runs them with small parameters, `figures` with the full ones,
//! and the comparison with other libraries beside the others' versions.

#![allow(dead_code, reason = "each bench uses some of them")]

pub(crate) mod alts;
pub(crate) mod blocks;
pub(crate) mod channels;
pub(crate) mod connectors;
pub(crate) mod eventual;
pub(crate) mod parked;
pub(crate) mod timers;

/// The sum of the numbers below `n`.
const fn sum_below(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// The numbers from 0 to `n`, dealt out to `players`: the part of player `at`.
fn share(n: u64, players: u64, at: u64) -> std::ops::Range<u64> {
    n * at / players..n * (at + 1) / players
}
