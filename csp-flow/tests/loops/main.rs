//! The event loop and the locks, as users meet them. All that has to do with time is virtual.
//!
//! Numbers such as `EV-125` name the behaviours of Twisted, Lamina and promesa that a test checks.
#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    reason = "a test reads best from top to bottom"
)]

mod bulkhead;
mod calls;
mod cooperate;
mod ends;
mod events;
mod local;
mod mutex;
mod queue;
mod regressions;
mod semaphore;
mod shutdown;
mod stress;
mod threads;
mod tickers;
mod timers;
mod util;
