#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub use csp_core::{
    Alt, AltSet, Arm, BlockSite, Bound, Buffer, BufferPolicy, Cause, Choose, Closed, Dynamic,
    Elapsed, Event, Failure, Go, IntoIter, Iter, Of1, Of2, Of3, Of4, Of5, Of6, Of7, Of8, Of9, Of10,
    Of11, Of12, Of13, Of14, Of15, Of16, Op, Order, Panicked, ParkArm, ParkSite, Put,
    PutTimeoutError, ReadPort, Receiver, Sender, Take, TooManyPending, TryPutError, TryTakeError,
    WaitClosed, WritePort, alt, alt_blocking, alts, alts_blocking, binding, block_on, chan,
    dropping, dynamic, fixed, park, promise_buffer, put, set_panic_hook, sliding, take, take_any,
};
#[cfg(feature = "futures")]
pub use csp_core::{PutSink, TakeStream};
pub use csp_core::xf;
pub use csp_flow::{AtEnd, flow, ops};
pub use csp_sched::{
    BuildError, Builder, Entered, Interval, Local, Runtime, Scope, ScopedGo, ShutdownError,
    Timeout, allow_blocking, deadline, go, interval, ms, scope, secs, sleep, thread, timeout,
    to_chan, within, workers, yield_now,
};

/// What most programs need: `use csp::prelude::*;`.
pub mod prelude {
    pub use crate::{
        AltSet, Buffer, Closed, Event, Failure, Go, Of2, Of3, Of4, Order, Receiver, Sender,
        Timeout, TryPutError, TryTakeError, allow_blocking, alt, alt_blocking, alts, alts_blocking,
        binding, chan, deadline, dropping, dynamic, fixed, flow, go, interval, ms, park, promise_buffer,
        put, scope, secs, sleep, sliding, take, take_any, thread, timeout, to_chan, yield_now,
    };
}
