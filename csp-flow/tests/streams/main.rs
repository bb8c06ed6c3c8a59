//! Streams: what the operators without time do, and how they end.
//!
//! Numbers such as `EV-037` name the behaviours of the stream libraries that a test checks.
#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    reason = "a test reads best from top to bottom"
)]

mod ends;
mod folds;
mod make;
mod place;
mod programs;
mod regressions;
mod rules;
mod stress;
mod sync;
#[path = "../util/mod.rs"]
mod util;
mod wait;
