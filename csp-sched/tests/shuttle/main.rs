//! Whole programs on the real runtime, under the random schedules of shuttle: workers, deques, hand-off
//! slots, sleep, pool and ticks included. Run with `ci/shuttle.sh`.
//!
//! Every execution ends with a shutdown, and is over only when all threads of its runtime have ended: one that
//! hangs is reported as a deadlock. Every value is counted.

#![cfg(csp_shuttle)]

mod blocking;
mod cancel;
mod channels;
mod hubs;
mod local;
mod promises;
mod put_all;
mod shutdown;
mod time;
mod util;
