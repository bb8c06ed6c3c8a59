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
    BuildError, Builder, Entered, Handle, Interval, Job, Local, Runtime, Scope, ScopedGo,
    ShutdownError, TimeHold, Timeout, Workload, allow_blocking, compute, deadline, dispatch,
    futurize, go, interval, io_thread, ms, now, scope, secs, sim, sleep, thread, thread_on,
    timeout, to_promise_chan, within, workers, yield_now,
};

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
