//! Timeouts, sleeps and intervals, all on the runtime's ticks.

mod clock;
mod ticks;
mod timeout;

pub(crate) use ticks::Ticks;
pub use timeout::{Interval, Timeout, deadline, interval, ms, now, secs, sleep, timeout, within};
