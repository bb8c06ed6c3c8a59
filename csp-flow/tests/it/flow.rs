//! Flows: core.async.flow, whose own suite tests `futurize` alone (CA-178 to CA-181) and, on a branch,
//! CA-182.

#![allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "a step's function gets its message by reference"
)]

mod build;
mod control;
mod draw;
mod ends;
mod faults;
mod inject;
mod lifts;
mod ping;
mod stress;
mod util;
mod wires;
mod workloads;
