//! How csp's go blocks talk: the cell of a task and its wake-up, channels, alts.
//!
//! This crate has no threads, no clock and no executor of its own. Use the facade, `csp`; what is here
//! for executors ([`Home`], [`Task`], [`Executor`], [`context`]) is described at its place.

mod alts;
mod buffer;
mod chan;
mod contention;
pub mod context;
mod dynamic;
mod error;
pub mod inspect;
mod linger;
mod macros;
#[cfg(all(test, csp_loom))]
mod models;
mod outsider;
mod park;
mod port;
mod site;
pub(crate) mod sync;
mod task;
mod waiter;
pub mod xf;

pub use alts::{
    Alt, AltSet, Arm, Choose, Event, Of1, Of2, Of3, Of4, Of5, Of6, Of7, Of8, Of9, Of10, Of11, Of12,
    Of13, Of14, Of15, Of16, Order, ParkArm, park, take_any,
};
pub use buffer::{Buffer, BufferPolicy, dropping, fixed, promise_buffer, sliding};
pub use chan::{
    Cause, IntoIter, Iter, NonePut, Put, PutAllOrNone, Puts, Receiver, Sender, Take, WaitClosed,
    chan, chan_with, put_all_or_none,
};
#[cfg(feature = "futures")]
pub use chan::{PutSink, TakeStream};
pub use dynamic::{Bound, Dynamic};
pub use error::{
    Closed, Elapsed, Failure, Panicked, PutTimeoutError, TooManyPending, TryPutError, TryTakeError,
};
pub use park::block_on;
pub use port::{ReadPort, WritePort};
pub use site::{BlockSite, Op, ParkSite};
pub use task::{Executor, Go, Home, NewTask, Task, set_panic_hook};

/// What the macros' expansions name. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    #[cfg(not(any(csp_loom, csp_shuttle)))]
    pub use crate::__local as local;
    pub use crate::contention::take_waited;
    #[cfg(csp_loom)]
    pub use crate::sync::explore;
    #[cfg(any(csp_loom, csp_shuttle))]
    pub use crate::sync::local;
    #[cfg(csp_shuttle)]
    pub use crate::sync::shuttled;
    pub use crate::{
        alts::{
            Of1, Of2, Of3, Of4, Of5, Of6, Of7, Of8, Of9, Of10, Of11, Of12, Of13, Of14, Of15, Of16,
            Order, alt, alt_for, alts_set, block_on_choice, park_at, parked, when,
        },
        park::block_on,
        port::{given_back, put_at, put_back, take_at},
        site::{BlockSite, FromCaller, FromMacro, GoSite, Op, Origin, ParkSite},
    };
    pub use csp_macros::{alt_impl, alts_impl};
}
