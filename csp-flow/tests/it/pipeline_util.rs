//! What the tests of pipelines share, beside `ops_util`.

use std::{fmt::Debug, time::Instant};

use csp::{Go, Receiver, ops::Stopped};

use crate::util::blocks::{LIMIT, value};

/// How a pipeline stopped early; it has to, soon.
#[track_caller]
pub(crate) fn stopped<In, Out>(done: Go<Result<(), Stopped<In, Out>>>) -> Stopped<In, Out> {
    value(done).expect_err("it stopped early")
}

/// The next value; it has to come soon.
#[track_caller]
pub(crate) fn next<T: Debug>(rx: &Receiver<T>) -> Option<T> {
    rx.take_blocking_for(LIMIT)
        .unwrap_or_else(|_| panic!("hung: {rx:?}"))
}

/// Waits until `seen` says so; it has to, soon.
#[track_caller]
pub(crate) fn wait_until(seen: impl Fn() -> bool) {
    let start = Instant::now();
    while !seen() {
        assert!(start.elapsed() < LIMIT, "hung");
        std::thread::yield_now();
    }
}
