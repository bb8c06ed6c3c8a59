//! Channels: three queues (puts, takes, buffer) under one short lock.
//!
//! * [`core`]: lock, queues, handle counts, hints: what does not depend on the values.
//! * [`inner`]: the moves between the three queues, [`stored`] those that involve the buffer, whose values [`data`]
//!   holds. [`close`]: the ends of a channel's life.
//! * [`divided`]: a buffer in two, for threads on two cores.
//! * [`put`], [`take`]: the operations as futures. [`callback`]: as callbacks. [`closed`]: waiting for
//!   the end. [`sender`], [`receiver`]: the handles. [`info`]: what a channel says of itself.
//! * [`number`]: by which each is known. [`put_all`]: puts into several channels at one instant.
//! * [`xform`]: channels whose values go through a transducer. [`unwind`]: what panics of the user's code undo.

mod awake;
mod callback;
mod cells;
mod close;
mod closed;
mod core;
mod data;
mod divided;
mod info;
mod inner;
#[cfg(all(test, csp_loom))]
mod loom;
mod number;
mod put;
mod put_all;
mod receiver;
mod sender;
mod stored;
#[cfg(feature = "futures")]
mod stream;
mod take;
pub(crate) mod trace;
mod unwind;
mod xform;

use std::{panic::Location, ptr::NonNull};

use crate::{buffer::Buffer, inspect};

#[cfg(feature = "futures")]
pub use self::stream::{PutSink, TakeStream};
pub(crate) use self::{
    close::BATCH,
    core::{Core, Side},
    info::Glance,
    inner::Chan,
    put::PutOp,
    take::TakeOp,
    xform::Xform,
};
pub use self::{
    closed::WaitClosed,
    inner::Cause,
    put::Put,
    put_all::{NonePut, PutAllOrNone, Puts, put_all_or_none},
    receiver::{IntoIter, Iter, Receiver},
    sender::Sender,
    take::Take,
    xform::chan_with,
};

/// Makes a channel.
///
/// `buffer` says what happens to values that nobody takes yet: `0` is a rendezvous (a put is done when
/// a taker has the value), `n` is [`fixed(n)`](crate::fixed), and there are
/// [`sliding`](crate::sliding), [`dropping`](crate::dropping),
/// [`promise_buffer`](crate::promise_buffer) and [your own](crate::Buffer::custom). No buffer is
/// unbounded.
///
/// Both ends can be cloned: any number of putters, and of takers, which compete. The channel closes when
/// the last `Sender` or the last `Receiver` is dropped, or by `close` on either end.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(0);
/// go!({ put!(tx, "hello").ok(); });
/// assert_eq!(rx.take_blocking(), Some("hello"));
/// assert_eq!(rx.take_blocking(), None); // the block has ended, and its sender with it
/// ```
///
/// Comes from core.async's `chan` and Go's `make(chan T, n)`.
///
/// # Panics
/// If the capacity is out of range for the values' size.
#[track_caller]
pub fn chan<T>(buffer: impl Into<Buffer<T>>) -> (Sender<T>, Receiver<T>) {
    let chan = Chan::new(buffer.into().0);
    chan.core.made_at(Location::caller());
    let chan = cells::place(chan);
    if inspect::is_enabled() {
        // SAFETY: the channel is new.
        unsafe { note(chan, Location::caller()) };
    }
    // SAFETY: a new channel has one handle of each side.
    let tx = unsafe { Sender::from_raw(chan) };
    // SAFETY: as above.
    let rx = unsafe { Receiver::from_raw(chan) };
    (tx, rx)
}

/// Lets inspection know a channel.
///
/// # Safety
/// The channel is new, and nobody else knows it.
#[cold]
unsafe fn note<T>(chan: NonNull<Chan<T>>, created: &'static Location<'static>) {
    // SAFETY: promised by the caller.
    let core = unsafe { &chan.as_ref().core };
    core.publish(core::NOTED, core::NOTED);
    // SAFETY: it stays there until `Leave` frees it, which ends the trace before.
    unsafe { trace::begin(chan.cast()) };
    // SAFETY: as above; `Leave`, which frees it, has it leave before.
    unsafe { inspect::channels::enter(chan.cast(), info::glance::<T>, created) };
}
