//! The behaviour of what is built from channels, as users meet it.
//!
//! Numbers such as `CA-045` name the behaviours of core.async that a test checks.
#![allow(
    clippy::many_single_char_names,
    clippy::needless_pass_by_value,
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "a test reads best from top to bottom; tx and rx are the field's names"
)]

mod broadcast;
mod flow;
mod mix;
mod mix_ends;
mod mult;
mod mult_ends;
mod mult_stress;
mod ops;
mod ops_apply;
mod ops_chan;
mod ops_ends;
mod ops_many;
mod ops_reduce;
mod ops_stress;
mod pipeline;
mod pipeline_flight;
mod pipeline_panic;
mod pipeline_stop;
mod pipeline_stress;
mod pipeline_util;
mod promise;
mod promise_cancel;
mod promise_chain;
mod promise_chan;
mod promise_failures;
mod promise_links;
mod promise_loops;
mod promise_many;
mod promise_programs;
mod promise_shared;
mod promise_states;
mod promise_stress;
mod promise_time;
mod promise_unhandled;
mod promise_waits;
mod publication;
mod publication_ends;
#[path = "../util/mod.rs"]
mod util;
