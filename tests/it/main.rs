//! The behaviour of csp as its users meet it: go blocks, the scheduler, time, other runtimes.
//!
//! Numbers such as `GO-041` and `CA-195` name the behaviours of Go and core.async that a test checks.
#![allow(
    clippy::async_yields_async,
    reason = "the handle of a block, or a future that moves, is a value like any other"
)]
#![allow(
    clippy::items_after_statements,
    clippy::many_single_char_names,
    clippy::needless_continue,
    clippy::needless_pass_by_value,
    clippy::similar_names,
    clippy::too_many_lines,
    clippy::type_complexity,
    reason = "a test reads best from top to bottom; tx and rx are the field's names"
)]

mod util;

mod alt_forms;
mod alt_sets;
mod alt_streaks;
mod alts;
mod alts_stress;
mod blocking;
mod cancel;
mod channel_programs;
mod channels;
mod dataflow;
mod dispatch;
mod dynamic;
mod eventual;
mod fairness;
mod go_blocks;
mod go_control_flow;
mod go_language;
mod guide;
mod interop;
mod interop_futures;
mod intervals;
mod local;
mod panics;
mod power_series;
mod regressions;
mod runtime;
mod sched;
mod scope;
mod shutdown;
mod time;
mod to_promise_chan;
mod virtual_time;

mod workload;
