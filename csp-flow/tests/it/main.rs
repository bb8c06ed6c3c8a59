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

mod flow;
mod mix;
mod mult;
mod ops;
mod pipeline;
mod promise_chan;
mod publication;
