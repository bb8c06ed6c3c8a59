//! Go blocks, channels and alts for Rust.

pub use csp_core::*;
pub use csp_sched::*;

/// What most programs need.
pub mod prelude {
    pub use csp_core::{
        AltSet, Closed, Event, Failure, Go, Of2, Of3, Of4, Order, Receiver, Sender, TryPutError,
        TryTakeError, alt, alt_blocking, alts, alts_blocking, chan, dropping, fixed, park,
        promise_buffer, put, sliding, take, take_any,
    };
    pub use csp_sched::{
        Timeout, deadline, go, interval, ms, scope, secs, sleep, thread, timeout, yield_now,
    };
}
