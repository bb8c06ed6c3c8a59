//! Streams that go by the clock, and streams of several sources. All of it on virtual time: each test says
//! exactly when something happens, and none waits.
//!
//! Numbers such as `EV-151` name the behaviours of Lamina and Manifold that a test checks.
#![allow(
    clippy::needless_pass_by_value,
    clippy::similar_names,
    reason = "a test reads best from top to bottom; tx and rx are the field's names"
)]

mod batch;
mod ends;
mod every;
mod group_by;
mod hold;
mod interval;
mod latest;
mod merge;
mod panics;
mod quiet;
mod regressions;
mod stress;
mod throttle;
mod util;
mod zip;
