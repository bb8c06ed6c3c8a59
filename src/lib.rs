#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub use csp_core::xf::{self, Transducer};
pub use csp_core::{
    Alt, AltSet, Arm, BlockSite, Bound, Buffer, BufferPolicy, Cause, Choose, Closed, Dynamic,
    Elapsed, Event, Failure, Go, IntoIter, Iter, NonePut, Of1, Of2, Of3, Of4, Of5, Of6, Of7, Of8,
    Of9, Of10, Of11, Of12, Of13, Of14, Of15, Of16, Op, Order, Panicked, ParkArm, ParkSite, Put,
    PutAllOrNone, PutTimeoutError, Puts, ReadPort, Receiver, Sender, Take, TooManyPending,
    TryPutError, TryTakeError, WaitClosed, WritePort, alt, alt_blocking, alts, alts_blocking,
    binding, block_on, chan, chan_with, dropping, dynamic, fixed, park, promise_buffer, put,
    put_all_or_none, set_panic_hook, sliding, take, take_any,
};
#[cfg(feature = "futures")]
pub use csp_core::{PutSink, TakeStream};
pub use csp_flow::{
    Applied, AtEnd, Mix, MixState, Mult, Publication, SoloMode, Stream, broadcast, broadcast_with,
    flow, mix, mix_with, mult, ops, ops::to_chan, promise_chan, publish, put_all, requests, stream,
};
pub use csp_flow::{
    Completer, Error, Outcome, Pipeline, Promise, Resolver, Shared, all, pipeline, promise,
};
pub use csp_flow::{
    Connect, Duplex, EventLoop, Hub, HubOptions, Link, LinkEnd, LinkReason, LoopHandle, Permanent,
    Registry, Severed, SlowConsumer, Topics, closed, connect, drained, duplex_pair, event_loop,
    ground, grounded, hub, hub_with, join, lock, siphon, splice,
};
pub use csp_sched::{
    BuildError, Builder, Entered, Handle, Interval, Job, Local, Runtime, Scope, ScopedGo, Shutdown,
    ShutdownError, TimeHold, Timeout, Workload, allow_blocking, compute, deadline, dispatch,
    futurize, go, inspect, interval, io_thread, ms, now, scope, secs, sim, sleep, thread,
    thread_on, timeout, to_promise_chan, within, workers, yield_now,
};

/// A test whose body is run under many schedules, in [virtual time](sim), and which fails if under one of them it
/// panics, deadlocks, leaks a block, or leaves a failure that nobody looked at.
///
/// ```
/// # mod tests {
/// use csp::prelude::*;
///
/// #[csp::test]
/// async fn the_slow_one_is_not_waited_for() {
///     let (tx, rx) = chan(0);
///     let slow = go!({
///         sleep(secs(3600)).await; // takes no time
///         put!(tx, 1).is_ok()
///     });
///     assert_eq!(csp::within(secs(1), rx.take()).await, Err(csp::Elapsed));
///     drop(rx);
///     assert_eq!(slow.await, Ok(false));
/// }
///
/// #[csp::test(exhaustive, preemptions = 2)]
/// fn all_orders_are_right() {
///     let (tx, rx) = chan(2);
///     for n in [1, 2] {
///         let tx = tx.clone();
///         go!({ put!(tx, n).ok(); });
///     }
///     drop(tx);
///     assert_eq!(rx.into_iter().sum::<u32>(), 3); // the test itself may block
/// }
/// # }
/// ```
///
/// The function may be `async` or not, and give nothing or a `Result`. All that is said in [`sim`] of what is explored
/// holds: go blocks, `thread`s, alts, timeouts and what is built of them take part, and the body is run again and
/// again. A failure comes with its schedule and a string to run it again:
/// `CSP_SIM_REPLAY=… cargo test the_slow_one`.
///
/// | option | |
/// |---|---|
/// | `schedules = N` | so many schedules; without it and `seconds`: 100, or as many as go into two seconds |
/// | `seconds = N` | for so long |
/// | `seed = N` | the first seed, 1 without it |
/// | `pct = D` | [PCT](sim::Sim::pct) of depth D instead of plain dice |
/// | `exhaustive` | [all schedules](sim::Sim::exhaustive) |
/// | `preemptions = N` | only those with at most N [preemptions](sim::Sim::preemptions) |
/// | `steps = N` | how many steps a run may take |
/// | `racing_time` | time may pass [at any moment](sim::Sim::racing_time) |
/// | `allow_leaks`, `allow_panics` | these are no failures |
/// | `workers = N` | no simulation: once, in real time, on a runtime of its own with N workers |
/// | `crate = path` | where this library is, if not at `::csp` |
///
/// Other attributes (`#[ignore]`, `#[should_panic]`, `#[cfg(…)]`) stay as they are.
///
/// From `#[tokio::test]` by its form, from Go's `testing/synctest` by its time, from loom and shuttle by the rest.
#[doc(inline)]
pub use csp_sched::test;

/// What expansions name. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use csp_sched::__private::{TestOptions, run_test};
}

/// What most programs need: `use csp::prelude::*;`.
pub mod prelude {
    pub use crate::{
        AltSet, Buffer, Closed, Event, Failure, Go, Of2, Of3, Of4, Order, Promise, Receiver,
        Sender, Shared, Timeout, Transducer, TryPutError, TryTakeError, allow_blocking, alt,
        alt_blocking, alts, alts_blocking, binding, chan, chan_with, deadline, dropping, dynamic,
        fixed, flow, go, interval, ms, park, promise_buffer, put, scope, secs, sleep, sliding,
        stream, take, take_any, thread, timeout, to_chan, within, xf, yield_now,
    };
}

/// For those who come from elsewhere. Documentation only.
pub mod guide {
    #[doc = include_str!("guide/core_async.md")]
    pub mod core_async {}
    #[doc = include_str!("guide/lamina.md")]
    pub mod lamina {}
    #[doc = include_str!("guide/task.md")]
    pub mod task {}
    #[doc = include_str!("guide/twisted.md")]
    pub mod twisted {}
}
