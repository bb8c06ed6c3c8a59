//! The strategies on a toy world, where all that can happen is known.

#![allow(
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "small numbers; figures are read with --no-capture"
)]

mod classics;
mod code;
mod dfs;
pub(in crate::sim) mod programs;
mod seeds;
pub(in crate::sim) mod toy;
