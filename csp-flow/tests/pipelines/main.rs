//! `csp::pipeline`, as users meet it.
//!
//! `EV-030` and its like are behaviours of Lamina that a test checks; `trap_5` and its like are mistakes that
//! others made.
#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    reason = "a test reads best from top to bottom"
)]

mod cancel;
mod control;
mod depth;
mod errors;
mod late;
mod limits;
mod places;
mod regressions;
mod retries;
mod run_macro;
mod stages;
#[path = "../util/mod.rs"]
mod util;
